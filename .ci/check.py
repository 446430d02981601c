"""Run every check of the house in two lanes and close with one summary.

Each stage writes to its own log under .logs; a failed stage's last lines are repeated here.
The very last line counts the tests of pytest and vitest. It must not know what any test is about.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".ci"))

import prepare  # noqa: E402  (found beside this file, not installed)

LOGS = ROOT / ".logs"
BIN = ROOT / ".venv" / "bin"
LANES_MAX = 2
LONG = ("tests/faults", "tests/simulation")  # a stage of their own, so that both lanes end together
TAIL_LINES_MAX = 60
STAGE_SECONDS_MAX = 1_800


@dataclass(frozen=True)
class Stage:
    """One check: what to run, where its test counts are, which stages come before.

    `after`: wait until these are over. `needs`: and do not run unless these passed.
    """

    name: str
    command: list[str]
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    counts: str = ""  # "junit" or "vitest"
    tests_only: bool = False


@dataclass
class Result:
    """What became of one stage."""

    stage: Stage
    seconds: float = 0.0
    ok: bool = False
    passed: int = 0
    failed: int = 0
    note: str = ""


def pytest_stage(name: str, *words: str, **more: tuple[str, ...]) -> Stage:
    """A pytest run with its counts in a JUnit file."""
    report = LOGS / f"{name.replace(' ', '-')}.xml"
    command = [str(BIN / "pytest"), "-q", "--junitxml", str(report), *words]
    return Stage(name, command, counts="junit", tests_only=True, **more)


def node_stage(name: str, package: str, script: str, *words: str, **more: object) -> Stage:
    """A JavaScript tool run by the wheel's Node."""
    tool = ROOT / "pwa" / "node_modules" / package / script
    command = [str(prepare.node_home() / "bin" / "node"), str(tool), *words]
    return Stage(name, command, **more)  # type: ignore[arg-type]


def stages() -> list[Stage]:
    """Every check, the long ones early; two run at a time."""
    vitest_report = LOGS / "vitest.json"
    without = [f"--ignore={folder}" for folder in ("tests/api", *LONG)]
    types = [
        node_stage(f"vue-tsc {config}", "vue-tsc", "bin/vue-tsc.js", "--noEmit", "-p", config)
        for config in ("tsconfig.json", "tsconfig.sw.json", "tsconfig.node.json")
    ]
    return [
        Stage("build", [sys.executable, str(ROOT / ".ci" / "prepare.py"), "build"]),
        Stage("ruff", [str(BIN / "ruff"), "check", "."]),
        Stage("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
        Stage("import-linter", [str(BIN / "lint-imports")]),
        pytest_stage("pytest api", "-m", "not browser", "tests/api", after=("build",)),
        Stage("mypy", [str(BIN / "mypy")]),
        node_stage("eslint", "eslint", "bin/eslint.js", "--max-warnings", "0", "."),
        *types,
        node_stage(
            "vitest",
            "vitest",
            "vitest.mjs",
            "run",
            "--reporter=default",
            "--reporter=json",
            f"--outputFile.json={vitest_report}",
            counts="vitest",
            tests_only=True,
        ),
        pytest_stage("browser tests", "-m", "browser", needs=("build",)),
        pytest_stage("pytest faults", "-m", "not browser", *LONG, after=("build",)),
        pytest_stage("pytest", "-m", "not browser", *without, after=("build",)),
    ]


def environment() -> dict[str, str]:
    """What every stage sees: the wheel's Node first, no colours.

    No compiled Python is written: tests fill disks and kill processes in the middle of writing.
    """
    paths = [str(BIN), prepare.node_environment()["PATH"]]
    return {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "NO_COLOR": "1",
        "CI": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(stage: Stage, before: dict[str, Future[Result]]) -> Result:
    """Run one stage once those before it are over; never raises."""
    result = Result(stage)
    over = {name: future.result().ok for name, future in before.items()}
    if not all(over[name] for name in stage.needs if name in over):
        result.note = "not run: a stage before it failed"
        return result
    log = LOGS / f"{stage.name.replace(' ', '-')}.log"
    folder = ROOT / "pwa" if "node_modules" in "".join(stage.command[1:2]) else ROOT
    say(f"· {stage.name} ...")
    started = time.monotonic()
    with log.open("w") as output:
        try:
            code = subprocess.run(
                stage.command,
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=STAGE_SECONDS_MAX,
            ).returncode
        except subprocess.TimeoutExpired:
            code, result.note = 1, f"stopped after {STAGE_SECONDS_MAX} s"
    result.seconds = time.monotonic() - started
    result.ok = code == 0
    count(result)
    say(f"  {stage.name}: {'ok' if result.ok else 'FAILED'}, {result.seconds:.0f} s")
    return result


def count(result: Result) -> None:
    """Read how many tests a stage ran; a test stage that ran none has failed."""
    if result.stage.counts == "junit":
        report = LOGS / f"{result.stage.name.replace(' ', '-')}.xml"
        suites = ElementTree.parse(report).getroot().iter("testsuite") if report.exists() else []
        for suite in suites:
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            result.failed += bad
            result.passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
    elif result.stage.counts == "vitest":
        report = LOGS / "vitest.json"
        if report.exists():
            numbers = json.loads(report.read_text())
            broken = [file for file in numbers["testResults"] if unreadable(file)]
            result.passed = numbers["numPassedTests"]
            result.failed = numbers["numFailedTests"] + len(broken)
    if result.stage.tests_only and result.passed + result.failed == 0:
        result.ok, result.note = False, result.note or "no test was run"


def unreadable(file: dict[str, Any]) -> bool:
    """A test file that failed before its first test: it counts as one."""
    return file["status"] == "failed" and not file["assertionResults"]


speaking = threading.Lock()


def say(line: str) -> None:
    """One line at a time, whichever lane speaks."""
    with speaking:
        print(line, flush=True)


def run_all(chosen: list[Stage]) -> list[Result]:
    """Two lanes; a stage waits for the stages it names, which stand earlier in the list."""
    futures: dict[str, Future[Result]] = {}
    with ThreadPoolExecutor(LANES_MAX) as lanes:
        for stage in chosen:
            names = (*stage.after, *stage.needs)
            before = {name: futures[name] for name in names if name in futures}
            futures[stage.name] = lanes.submit(run, stage, before)
    return [future.result() for future in futures.values()]


def show_failures(results: list[Result]) -> None:
    """Repeat the end of each failed stage's log."""
    for result in results:
        log = LOGS / f"{result.stage.name.replace(' ', '-')}.log"
        if not result.ok and log.exists():
            tail = log.read_text(errors="replace").splitlines()[-TAIL_LINES_MAX:]
            print(f"\n──── {result.stage.name} ({log.relative_to(ROOT)}) " + "─" * 20)
            print("\n".join(tail))


def show_summary(results: list[Result], seconds: float) -> None:
    """The closing table and, as the very last line, the counts."""
    print(f"\n{'stage':<28}{'seconds':>8}  {'result':<8}{'tests':>14}")
    for result in results:
        tests = f"{result.passed} / {result.passed + result.failed}" if result.stage.counts else ""
        verdict = "ok" if result.ok else "FAILED"
        print(
            f"{result.stage.name:<28}{result.seconds:>8.1f}  {verdict:<8}{tests:>14}  {result.note}"
        )
    print(f"{'together':<28}{seconds:>8.1f}")
    if any(result.stage.counts for result in results):
        passed = sum(result.passed for result in results)
        failed = sum(result.failed for result in results)
        print(f"{passed} passed, {failed} failed", flush=True)


def main(words: list[str]) -> int:
    """check.py [lint]"""
    LOGS.mkdir(exist_ok=True)
    for old in LOGS.glob("*.*"):
        old.unlink()
    lint_only = words == ["lint"]
    if not lint_only and subprocess.run([str(ROOT / ".ci" / "system-packages")]).returncode:
        return 1
    started = time.monotonic()
    chosen = [stage for stage in stages() if not (lint_only and stage.tests_only)]
    results = run_all(chosen)
    show_failures(results)
    show_summary(results, time.monotonic() - started)
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
