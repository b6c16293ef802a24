"""What is sent to hosts is small, parses in every shell, and means what the files say."""

import re
import subprocess
from pathlib import Path

import pytest

import collectors
from collectors import runner, sampler
from collectors.programs import exec_text, program

from .conftest import LOGIN_SHELLS, shell

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


@pytest.mark.parametrize("name", LOGIN_SHELLS)
def test_every_login_shell_hands_a_script_to_sh_as_it_is(name: str) -> None:
    script = "printf '<%s>' \"$@\" '`$HOME` * ~ [a-z] {x,y} #; \\t' =ls %1 ^a\nsleep 0 &\nkill $!\n"
    done = subprocess.run(
        [*shell(name), "-c", exec_text(script, "a b", "", "line\nline", "it's", "$!\n")],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    # What stands before a line end has a blank after its !, which is nothing to sh.
    said = "<a b><><line\nline><it's><$! \n><`$HOME` * ~ [a-z] {x,y} #; \\t><=ls><%1><^a>"
    assert (done.stdout, done.stderr) == (said, "")


@pytest.mark.parametrize("text", [sampler.command(), runner.command()], ids=["sampler", "runner"])
def test_what_login_shells_read_differently_is_not_sent(text: str) -> None:
    assert "\n" not in text
    assert "\\\\" not in text
    assert "\\'" not in text
    assert re.search(r"!(?![ =(])", text) is None
    assert max(map(len, text.split("' '"))) < 1000  # csh of old took no longer words
