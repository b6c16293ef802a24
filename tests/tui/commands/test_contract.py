"""How a command ends, whatever happens in it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from estate.error import InputError
from estate.file import EstateError, Problem
from tui.commands.contract import OPTIONS, exit_contract
from watch.error import SourceError, WatchError

TWINWATCH = Path(sys.executable).with_name("twinwatch")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (WatchError("no watch", "/s", "none there", "start one"), 1, "twinwatch: no watch — /s — none there — start one\n"),
        (WatchError("no such host", "h", status=404), 2, "twinwatch: no such host — h\n"),
        (WatchError("refused", status=400), 2, "twinwatch: refused\n"),
        (WatchError("not yours", status=403), 1, "twinwatch: not yours\n"),
        (WatchError("the request is refused", "why", "it is missing", "give why anew", status=400), 2,
         "twinwatch: the request is refused — --reason — it is missing — give --reason anew\n"),
        (SourceError("no file", "f"), 2, "twinwatch: no file — f\n"),
        (InputError("wrong", "right it"), 2, "twinwatch: wrong — right it\n"),
        (EstateError("f", (Problem(1, "a", "b"), Problem(2, "c", "d"))), 2, "f:1: a — b\nf:2: c — d\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)  # fmt: skip
def test_each_error_has_its_status_and_its_words(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int, said: str
) -> None:
    with exit_contract() as ending:
        raise error
    assert ending.status == status  # type: ignore[unreachable] # the contract swallows it
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (WatchError("no watch", "/s", "none there", "start one"),
         {"what": "no watch", "where": "/s", "why": "none there", "do": "start one"}),
        (SourceError("no file", "f\x1b[2J"), {"what": "no file", "where": "f\\x1b[2J", "why": "", "do": ""}),
        (InputError("wrong", "right it"), {"what": "wrong", "where": "", "why": "", "do": "right it"}),
        (EstateError("f", (Problem(1, "a", "b"), Problem(2, "c", "d"))),
         {"what": "the estate is refused", "where": "f", "why": "it has 2 problems", "do": "mend its lines",
          "problems": [{"line": 1, "what": "a", "todo": "b"}, {"line": 2, "what": "c", "todo": "d"}]}),
    ],
)  # fmt: skip
def test_an_error_is_json_for_whoever_asked_for_json(
    capsys: pytest.CaptureFixture[str], error: Exception, told: dict[str, object]
) -> None:
    with exit_contract() as plain:
        raise error
    said = capsys.readouterr().err  # type: ignore[unreachable] # the contract swallows it
    with exit_contract(as_json=True) as ending:
        raise error
    written = capsys.readouterr()
    assert json.loads(written.out) == {"error": told}
    assert (written.err, ending.status) == (said, plain.status)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    ("arguments", "status"), [(["hosts", "--where", "x>1"], 2), (["estate", "schema"], 1)]
)
def test_nowhere_to_tell_an_error_leaves_its_status(arguments: list[str], status: int) -> None:
    with Path("/dev/full").open("wb") as full:
        for more in ([], ["--json"] if "hosts" in arguments else []):
            command = [TWINWATCH, *arguments, *more]
            assert (
                subprocess.run(command, stdout=full, stderr=full, check=False).returncode == status
            )


def test_a_defect_of_ours_says_where_and_shows_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWINWATCH_TRACEBACK", raising=False)
    with exit_contract() as ending:
        raise ZeroDivisionError("oh\x1b[2J")
    said = capsys.readouterr().err  # type: ignore[unreachable] # the contract swallows it
    assert ending.status == 1
    assert re.fullmatch(
        r"twinwatch: a defect — tests/tui/commands/test_contract\.py:\d+ — ZeroDivisionError:"
        r" oh\\x1b\[2J — report it; TWINWATCH_TRACEBACK=1 shows more\n",
        said,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "arguments", [["estate", "schema"], ["--help"], ["--version"], ["status"], ["hosts", "--json"]]
)
def test_a_full_disk_behind_the_output_is_no_defect(
    watch_socket: Path, arguments: list[str]
) -> None:
    command = [TWINWATCH, "--socket", watch_socket, *arguments]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.stderr.decode() == (
        "twinwatch: the output can't be written — stdout — No space left on device"
        " — make room there, or write it elsewhere\n"
    )
    assert ended.returncode == 1


@pytest.mark.parametrize("arguments", [["status"], ["estate", "lint", "x.yaml"]])
def test_a_directory_that_is_no_more(tmp_path: Path, arguments: list[str]) -> None:
    gone = 'rmdir "$PWD" && exec "$@"'
    ended = subprocess.run(
        ["/bin/sh", "-c", gone, "sh", TWINWATCH, *arguments],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert ended.stderr.decode() == (
        "twinwatch: no place to start from — this directory — No such file or directory — cd elsewhere\n"
    )
    assert ended.returncode == 2


def test_nobody_reads_the_output(watch_socket: Path) -> None:
    with subprocess.Popen(
        [TWINWATCH, "--socket", watch_socket, "estate", "schema"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as command:  # fmt: skip
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == b""
        assert command.wait(30) == 141


def test_a_field_that_nobody_typed_is_named_by_its_option() -> None:
    """Each option that is named is one that a verb takes."""
    verbs = Path(__file__).parents[3] / "tui" / "commands"
    page = "".join(path.read_text() for path in verbs.glob("*.py"))
    for option in set(OPTIONS.values()) - {"TEXT"}:
        word = option.removeprefix("--")
        assert f'"{option}"' in page or f"    {word}: Annotated[" in page, option
