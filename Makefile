# Grid Inspector · 网格安检. Python 3.11+ and make are all a machine needs; everything else is installed here.

PYTHON ?= python3
GI_PORT ?= 8000
GI_DATA_DIR ?= ./data
SEEDS ?= 1000
export GI_PORT GI_DATA_DIR
VENV := .venv/bin
PREPARE := $(PYTHON) .ci/prepare.py

.DEFAULT_GOAL := help
.PHONY: help run demo test lint build bench audit simulate phones mutants faults screens lock deps clean

help: ## Print this list.
	@$(PYTHON) -c 'import re; [print("  make %-9s %s" % found.groups()) for found in re.finditer(r"^(\w+):.*?## (.*)$$", open("Makefile").read(), re.M)]'

run: deps build ## Install, build, migrate and serve on port $GI_PORT (8000), data in ./data.
	@$(VENV)/python -m app.cli migrate
	@$(VENV)/python -m app.cli setup
	@exec $(VENV)/gunicorn --config deploy/gunicorn.conf.py wsgi:app

demo: export GI_DATA_DIR := ./data-demo
demo: deps build ## The same with a fictional township in ./data-demo: logins and a QR code are printed.
	@$(VENV)/python -m app.cli migrate
	@$(VENV)/python -m app.cli demo
	@exec $(VENV)/gunicorn --config deploy/gunicorn.conf.py wsgi:app

test: ## Install what tests need, then lint, types, pytest, vitest and browser tests, one summary.
	@$(PREPARE) test
	@$(VENV)/python .ci/check.py

lint: ## Lint and types only, no tests.
	@$(PREPARE) test
	@$(VENV)/python .ci/check.py lint

build: ## Build the field app and the desk into pwa/dist (nothing happens when they are fresh).
	@$(PREPARE) build

bench: ## Measure speed and sizes against the targets.
	@$(PREPARE) test
	@$(PREPARE) build
	@$(VENV)/python -m bench

audit: ## Lighthouse on the field app in both languages; fails below the targets. Wants a quiet machine.
	@$(PREPARE) test
	@$(PREPARE) audit
	@$(PREPARE) build
	@$(VENV)/python -m bench.audit

simulate: ## Live through SEEDS (1000) worlds of phones, people and faults; a failure prints its replay.
	@$(PREPARE) test
	@$(VENV)/python -m tests.simulation --seeds $(SEEDS) --station core --jobs 2
	@$(VENV)/python -m tests.simulation --seeds $$(( $(SEEDS) / 20 )) --station http --jobs 2

phones: ## Live through SEEDS (1000) worlds of the phone's real code over real HTTP; SEED=17 replays one.
	@$(PREPARE) test
	@$(PREPARE) node tests/worlds/main.ts $(if $(SEED),--seed $(SEED) --trace,--seeds $(SEEDS))

mutants: ## Put one deliberate bug at a time into a copy of the code; worlds must catch each.
	@$(PREPARE) test
	@$(VENV)/python -m tests.simulation.mutants
	@$(PREPARE) node tests/worlds/mutants.ts

faults: ## Cut lines, kill processes, fill disks: the long form of every fault, and one table.
	@$(PREPARE) test
	@$(PREPARE) build
	@$(VENV)/python -m tests.faults

screens: ## Make the screenshots in docs/screens with Chromium and the demo township.
	@$(PREPARE) test
	@$(PREPARE) build
	@$(VENV)/python docs/screens/make.py

lock: ## Write the lock files anew from requirements.in, tests/requirements.in and both package.json.
	@.ci/lock.sh

deps: ## Install what running needs, from the lock files.
	@$(PREPARE) run

clean: ## Remove what can be made again (never data).
	rm -rf .venv pwa/node_modules bench/lighthouse/node_modules pwa/dist .logs
