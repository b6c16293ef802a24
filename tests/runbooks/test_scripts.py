"""What is run on a host: hostile inputs in every place, under every shell that hosts have."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from runbooks.progress.facts import Planned, Task
from runbooks.progress.requests import Purpose
from runbooks.runbook import Check, Copy, Do, Input, InputType, Runbook, Sh, Step
from runbooks.scripts import Scripts
from tests.runbooks.test_inputs import SHELLS, TYPES, taken


def scripts(*steps: Step, ask: dict[str, Input] | None = None, **inputs: str) -> Scripts:
    book = Runbook(name="b", title="B", version=1, steps=steps, ask=ask or {}, text="t")
    planned = Planned("r-1", "b", "B", "t", book.sha256, {}, inputs, traits={"h": {"site": "c"}})
    return Scripts(book, planned)


def ran(shell: list[str], folder: Path, script: bytes) -> subprocess.CompletedProcess[bytes]:
    """`script` as the agent runs it: a file, with the step's own file beside it."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    attempt = folder / "attempt"
    attempt.mkdir(exist_ok=True)
    (attempt / "payload").write_bytes(script)
    return subprocess.run(
        [*shell, attempt / "payload"], capture_output=True, timeout=60, check=False,
        cwd=folder, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("kind", [InputType.LINE, InputType.TEXT, InputType.PATH, InputType.CHOICE])
def test_inputs_of_a_payload_and_of_a_question_arrive_verbatim(
    tmp_path: Path, shell: list[str], kind: InputType
) -> None:
    values = {f"v{place}": value for place, value in enumerate(taken(TYPES[kind]))}
    ask = {name: Input(name, kind, "?") for name in values}
    say = "".join(f"printf '%s\\0' \"${each.variable}\"\n" for each in ask.values())
    do = Do(id="d", say="d", sh=say, done_when='test -n "$OPS_V0"', timeout_ms=1)
    check = Check(id="c", say="c", ask=Sh(f'{say}printf %s "$OPS_SITE"'), timeout_ms=1)
    made = scripts(do, check, ask=ask, **values)
    whole = "".join(f"{value}\0" for value in values.values())
    payload = ran(shell, tmp_path, made.payload(Task("d", "h")))
    assert (payload.stdout.decode(), payload.stderr, payload.returncode) == (whole, b"", 0)
    question = ran(shell, tmp_path, made.question(Task("c", "h"), Purpose.CHECK))
    assert question.stdout.decode() == f"{whole}c"
    assert ran(shell, tmp_path, made.question(Task("d", "h"), Purpose.BEFORE)).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["attempt"]


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize(
    "name", ["page", "a b'c", "$(touch owned)", "-rf", "`touch owned`", '"; touch owned; "', "*"]
)
def test_a_file_is_put_where_it_was_said_whatever_it_is_called(
    tmp_path: Path, shell: list[str], name: str
) -> None:
    (tmp_path / "attempt").mkdir()
    (tmp_path / "attempt" / "file").write_bytes(b"hello\n")
    to = tmp_path / "there" / name
    to.parent.mkdir()
    ask = {"page": Input("page", InputType.PATH, "?")}
    copy = Copy(id="c", say="c", to="$page", text="hello\n", mode=0o640, timeout_ms=1)
    made = scripts(copy, ask=ask, page=str(to))
    question = made.question(Task("c", "h"), Purpose.AFTER)
    assert ran(shell, tmp_path, question).returncode != 0
    put = ran(shell, tmp_path, made.payload(Task("c", "h")))
    assert (put.stdout, put.stderr, put.returncode) == (b"", b"", 0)
    assert (to.read_bytes(), to.stat().st_mode & 0o7777) == (b"hello\n", 0o640)
    assert ran(shell, tmp_path, question).returncode == 0
    to.write_bytes(b"other\n")
    assert ran(shell, tmp_path, question).returncode != 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attempt", "there"]
    assert [path.name for path in to.parent.iterdir()] == [name]
