"""The command: what is loaded when, what `--help` says, completion."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.commands.verbs import VERBS

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

README = Path(__file__).parents[3] / "README.md"

_LOADED = """
import sys
from tui.commands.main import run
status = run(sys.argv[1:])
print(status, *sorted({name.split(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [("status", "--json"), ("hosts", "--json"), ("problems", "--json"), ("--version",)],
)
def test_a_script_does_not_pay_for_the_console_or_the_watch(
    watch_socket: Path, arguments: tuple[str, ...]
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _LOADED, "--socket", str(watch_socket), *arguments],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    status, *loaded = ended.stderr.split()
    assert status == "0"
    costly = {
        "textual", "paramiko", "fastapi", "uvicorn", "psutil", "sqlite_utils", "rich", "yaml",
        "asyncio", "h11",
    }  # fmt: skip
    assert costly & set(loaded) == set()


def test_the_bare_command_does_not_pay_for_the_parser(tmp_path: Path) -> None:
    bare = {key: value for key, value in os.environ.items() if not key.startswith("TWINWATCH")}
    ended = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, timeout=60,
        cwd=tmp_path, env={**bare, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path),
                           "XDG_RUNTIME_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    complaint, said = ended.stderr.splitlines()
    status, *loaded = said.split()
    assert complaint.startswith("twinwatch: no estate — ") and status == "2"
    assert {"typer", "pydantic", "textual", "asyncio"} & set(loaded) == set()


def test_every_verb_is_there_and_explains_itself(run: Run) -> None:
    for verb in VERBS:
        said = run(verb, "--help")
        assert (said.returncode, said.stderr) == (0, ""), verb
        assert said.stdout.startswith(f"Usage: twinwatch {verb} ")


def test_help_shows_every_verb_on_one_line(run: Run) -> None:
    said = run("--help").stdout.partition("Commands:")[2]
    assert "..." not in said
    for verb, words in VERBS.items():
        assert re.search(rf"^  {verb} +{re.escape(words)}$", said, re.MULTILINE)


def test_the_readme_shows_the_help_as_it_is(run: Run) -> None:
    block = re.search(r"<!-- help -->\n(.*?)<!-- end of help -->", README.read_text(), re.DOTALL)
    assert block, "README.md has no <!-- help --> … <!-- end of help -->"
    shown = "\n".join(line for line in block[1].splitlines() if not line.startswith("```"))
    assert textwrap.dedent(shown).strip() == run("--help").stdout.strip(), (
        "put the output of `twinwatch --help` into README.md, between the marks"
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("twinwatch st", "status"),
        ("twinwatch estate l", "lint"),
        ("twinwatch hosts --w", "--where"),
        ("twinwatch run postgresql-fail", "postgresql-failover"),
    ],
)
def test_a_shell_can_complete(run: Run, typed: str, offered: str) -> None:
    words = typed.split()
    said = run(_TWINWATCH_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=len(words) - 1)
    assert offered in said.stdout.split()


def test_completion_can_be_shown_for_installing(run: Run) -> None:
    # Named, not detected: the shell around this test may be one that has no completion.
    said = run("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "_TWINWATCH_COMPLETE=complete_bash" in said.stdout
