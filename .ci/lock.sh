#!/bin/sh
# Rewrites the lock files from requirements.in, tests/requirements.in, pwa/package.json and bench/lighthouse/package.json.
# Plain registries only: a machine's own mirrors and wheel folders must not leak into the locks.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
SSL_CERT_FILE="${SSL_CERT_FILE:-${PIP_CERT:-}}"
if [ -n "$SSL_CERT_FILE" ]; then export SSL_CERT_FILE; else unset SSL_CERT_FILE; fi
lock() {
  .venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
    --generate-hashes --no-emit-index-url --no-emit-find-links \
    --custom-compile-command "make lock" "$@"
}
lock requirements.in -o requirements.txt
lock tests/requirements.in -c requirements.txt -o tests/requirements.txt
.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
for folder in pwa bench/lighthouse; do
  .venv/bin/python .ci/prepare.py npm install --prefix "$PWD/$folder" --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved
done
if grep -nE 'https?://|file:|@ ' requirements.txt tests/requirements.txt | grep -v '#'; then
  echo "stopped: a lock file names a host or a path" >&2; exit 1
fi
