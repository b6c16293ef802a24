"""Commands of the estate's own: whatever they print."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.probes import PROBES
from estate.samples import Reading

from .queue_answers import case, depths, gaps, host, parsed, unread
from .scripts import run


def test_a_command_prints_a_number_lines_or_json() -> None:
    found = case("command-mixed.txt")
    told = {
        (r.attributes["of"], r.subject): (r.value, {**r.attributes} | {"of": ""})
        for r in found
        if isinstance(r, Reading) and "gap" not in r.attributes
    }
    assert told == {
        ("command/spool", ""): (17, {"of": ""}),
        ("command/jobs", "inbox"): (17, {"of": ""}),
        ("command/jobs", "old mail"): (3, {"of": ""}),
        ("command/api", "in"): (
            4,
            {"of": "", "oldest_seconds": 90, "came": 1200, "left": 1183},
        ),
        ("command/api", "out"): (7, {"of": ""}),
    }
    assert unread(found) == [("odd", "not understood: 'x'")]
    assert gaps(found) == ["command/gone: exit status 127, sh: 1: /opt/count: not found"]


def test_a_command_runs_as_it_is_written(tmp_path: Path) -> None:
    text = """echo "it's $((40 + 2))" | sed "s/it's/jobs/"; echo 'a "b" 3'"""
    answer = run(PROBES["command"].command(host("command", run=text, name="my jobs")), tmp_path, {})
    found = parsed("command", answer.output)
    assert depths(found) == {"jobs": 42, 'a "b"': 3}
    assert all(r.attributes["of"] == "command/my_jobs" for r in found if isinstance(r, Reading))


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        (b"", "command/x: it printed nothing"),
        (b"-5", "not understood: '-5'"),
        (b"NaN", "not understood: 'NaN'"),
        (b"1e400", "not understood: '1e400'"),
        (b"{" * 5000, "not understood: '" + "{" * 119 + "…'"),
        (b'{"a": ' + b"[" * 100_000, None),
    ],
)
def test_what_a_command_should_not_print(printed: bytes, said: str | None) -> None:
    found = parsed("command", b":twinwatch command/x\n" + printed + b"\n:twinwatch 0\n")
    assert depths(found) == {}
    assert len(gaps(found)) == 1
    assert said is None or gaps(found) == [said]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "printed",
    [
        b":twinwatch a/b\n" * 17_000,
        b":twinwatch a/b\n1\n" + b"\t" * 250_000 + b"x\n:twinwatch 0\n",
        b":twinwatch a/b\n1" + b" " * 250_000 + b"1x\n:twinwatch 0\n",
        b":twinwatch a/b\n" + b"a " * 125_000 + b"1x\n:twinwatch 0\n",
        b":twinwatch a/b\nfail" + b"\n" * 250_000 + b"x\n:twinwatch 9\n",
    ],
)
def test_what_a_command_prints_is_read_in_one_pass(printed: bytes) -> None:
    """Patterns that went back and forth took 16 s for 32 kB of tabs, and the watch with them: as
    much as an answer may hold would have taken a quarter of an hour, far beyond the limit above."""
    assert depths(parsed("command", printed)) in ({}, {"": 1.0})


def test_only_whole_answers_of_commands_count() -> None:
    text = b":twinwatch a/b\n:twinwatch c/d\n5\n:twinwatch 0\n:twinwatch e/f\n7\n"
    found = parsed("command", text)
    assert depths(found) == {}
    assert gaps(found) == ["not understood: ':twinwatch c/d'"]


@pytest.mark.parametrize(
    "depth", ["-1", "1e400", "NaN", "true", "null", '"7"', "[" * 50 + "]" * 50]
)
def test_a_queue_of_a_command_without_a_figure_is_not_known(depth: str) -> None:
    printed = f'{{"a": {depth}, "b": 2}}'.encode()
    found = parsed("command", b":twinwatch command/x\n" + printed + b"\n:twinwatch 0\n")
    assert depths(found) == {"b": 2}
    [(name, why)] = unread(found)
    assert (name, why.startswith("not understood: ")) == ("a", True)
