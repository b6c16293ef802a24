"""The peers we measure ourselves against, in an environment of their own under build/.

A peer that is not there and can't be installed raises UnableError with the reason: the benchmark
says so in its report and goes on with the others.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.report import UnableError

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "peers"
_INSTALL_SECONDS = 600


def python(*packages: str) -> Path:
    """The Python of the peers' environment, with `packages` ("asyncssh", "glances") installed."""
    interpreter = VENV / "bin" / "python"
    if not interpreter.exists():
        _call([sys.executable, "-m", "venv", str(VENV)], "the peers' environment can't be made")
    missing = [each for each in packages if not (VENV / f".{each}").exists()]
    if missing:
        command = [str(interpreter), "-m", "pip", "install", "--quiet", *missing]
        _call(command, f"pip can't install {', '.join(missing)}")
        for each in missing:
            (VENV / f".{each}").touch()
    return interpreter


def command(name: str, package: str) -> Path:
    """The command `name` that the Python `package` brings ("ansible" of "ansible-core")."""
    found = python(package).parent / name
    if not found.exists():
        raise UnableError(f"{package} brought no command {name}")
    return found


def tool(name: str, debian: str) -> Path:
    """The system's command `name`; where it is missing, as root on Debian, package `debian`."""
    if (found := shutil.which(name)) is None and shutil.which("apt-get") and os.geteuid() == 0:
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", debian]
        _call(["env", "DEBIAN_FRONTEND=noninteractive", *install], f"apt can't install {debian}")
        found = shutil.which(name)
    if found is None:
        raise UnableError(f"no {name} here; on Debian: apt-get install {debian}")
    return Path(found)


def version(package: str) -> str:
    """The installed version of a Python peer."""
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    asked = subprocess.run(
        [str(VENV / "bin" / "python"), "-c", code], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def _call(command: list[str], failing: str) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnableError(f"{failing}: {error}") from error
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise UnableError(f"{failing}: {said[-1] if said else f'status {done.returncode}'}")
