"""What is sent to hosts is small, parses in every shell, and means what the files say."""

import subprocess
from pathlib import Path

import pytest

import collectors
from collectors.programs import program

from .conftest import shell

HOME = Path(collectors.__file__).parent
SHELL_PROGRAMS = sorted(
    str(path.relative_to(HOME))
    for path in HOME.rglob("*.sh")
    if "demo" not in path.relative_to(HOME).parts
)


def test_comments_and_indentation_stay_at_home() -> None:
    text = program("sampler.awk")
    assert "# One line of counters" not in text
    assert "\n\n" not in text
    assert not any(line.startswith((" ", "#")) for line in text.splitlines())
    assert len(text) < (HOME / "sampler.awk").stat().st_size


def test_all_programs_are_found() -> None:
    assert {"sampler.sh", "look.sh", "runner.sh", "job.sh", "probes/units.sh"} <= set(
        SHELL_PROGRAMS
    )


@pytest.mark.parametrize("name", ["dash", "bash", "busybox ash"])
@pytest.mark.parametrize("path", SHELL_PROGRAMS)
def test_every_shell_reads_them(path: str, name: str) -> None:
    checked = subprocess.run(
        [*shell(name), "-n"], input=program(path), text=True, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
