"""Probes of queues: whom they ask, Exim and sendmail, floods and lies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.probes import PROBES
from collectors.probes.queuelines import MOST_LINES, MOST_QUEUES
from estate.model import Host
from estate.queues import QUEUE_KINDS
from estate.samples import Gap, Reading

from .queue_answers import (
    AWKS,
    NOW,
    case,
    depths,
    destinations,
    gaps,
    host,
    oldest,
    parsed,
    printing,
    with_awk,
)
from .scripts import run


@pytest.mark.parametrize("kind", QUEUE_KINDS)
def test_only_hosts_that_the_estate_names_are_asked(kind: str) -> None:
    parts = {"command": {"run": "echo 1"}, "redis": {"only": ("k",)}}.get(kind, {})
    assert PROBES[kind].command(Host("h", "s", ("g",))) == ""
    assert PROBES[kind].command(host(kind, **parts))


def test_exim() -> None:
    found = case("exim-lab.txt")
    assert depths(found) == {"waiting": 8, "frozen": 2}
    assert destinations(found) == [
        ("waiting", "refused.test", 6, 8),
        ("waiting", "blackhole.test", 2, 8),
    ]
    assert depths(case("exim-empty.txt")) == {"waiting": 0, "frozen": 0}
    assert case("exim-denied.txt") == (Gap("exim: permission denied"),)


@pytest.mark.parametrize("awk", AWKS)
def test_exim_lists_the_oldest_first(tmp_path: Path, awk: str) -> None:
    commands = {
        **with_awk(awk),
        "exim4": f"case $1 in -bpc) echo 8 ;; -bp) {printing('raw-exim-bp.txt')} ;; esac",
    }
    answer = run(PROBES["exim"].command(host("exim")), tmp_path, commands)
    found = parsed("exim", answer.output)
    assert depths(found) == {"waiting": 8, "frozen": 2}
    assert oldest(found) == {"waiting": 0, "frozen": 0}  # `0m`: less than a minute


@pytest.mark.parametrize("awk", AWKS)
def test_exim_of_many_is_listed_in_part(tmp_path: Path, awk: str) -> None:
    listing = "".join(
        f" {age}  1.2K 1rA1Ab-00000{n}-0{n % 10} <a@b.test>\n          u{n}@far.test\n\n"
        for n, age in enumerate(("3d", "26h", "90m"))
    )
    (tmp_path / "listing").write_text(listing)
    commands = {
        **with_awk(awk),
        "exim4": f"case $1 in -bpc) echo 50000 ;; -bp) cat {tmp_path}/listing ;; esac",
    }
    answer = run(PROBES["exim"].command(host("exim")), tmp_path, commands)
    found = parsed("exim", answer.output)
    assert depths(found) == {"waiting": 50_000}  # none of those seen is frozen: unknown, not none
    assert oldest(found) == {"waiting": 259_200}
    assert destinations(found) == [("waiting", "far.test", 3, 3)]


def test_sendmail(tmp_path: Path) -> None:
    queue = tmp_path / "var/spool/mqueue"
    queue.mkdir(parents=True)
    for number, born in enumerate((NOW - 86_400, NOW - 60)):
        (queue / f"qf{number}").write_text(f"V8\nT{born}\nK0\nN1\nSa@b.test\n")
        (queue / f"df{number}").write_text("T1\n")
    answer = run(PROBES["sendmail"].command(host("sendmail")), tmp_path, {"date": f"echo {NOW}"})
    found = parsed("sendmail", answer.output)
    assert (depths(found), oldest(found)) == ({"mqueue": 2}, {"mqueue": 86_400})


@pytest.mark.parametrize("kind", ["postfix", "redis", "rabbitmq"])
def test_a_flood_of_queues_is_bounded(kind: str) -> None:
    lines = b"".join(b"queue\t%d\t-\t-\t-\t-\tq%d\n" % (n, n) for n in range(20_000))
    assert len(parsed(kind, lines)) <= 4 * MOST_QUEUES + 2


def test_queues_that_nobody_can_look_into_are_not_left_out_in_silence() -> None:
    lines = b"".join(b"unknown\t-\tits depth is not known\tq%d\n" % n for n in range(MOST_LINES))
    assert gaps(parsed("rabbitmq", lines)) == []
    more = gaps(parsed("rabbitmq", lines + b"unknown\t-\tits depth is not known\tmore\n"))
    assert more == [f"only the first {MOST_LINES} lines of queues are read"]


def test_names_are_cleaned_and_impossible_depths_refused() -> None:
    found = case("postfix-hostile.txt")
    assert depths(found) == {r"qu\x1b]0;eue": 12}
    assert gaps(found)[0].startswith("not understood: 'queue")


@given(st.binary(max_size=200))
def test_no_bytes_make_the_lines_raise(output: bytes) -> None:
    for each in parsed("postfix", b"queue\t3\t-\t-\t-\t-\ta\n" + output):
        assert isinstance(each, (Reading, Gap))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))  # fmt: skip
def test_no_json_makes_them_raise(value: object) -> None:
    text = json.dumps({"items": [value], "x": value}).encode()
    for kind, output in (
        ("rabbitmq", text),
        ("command", b":twinwatch a\n" + text + b"\n:twinwatch 0\n"),
    ):
        for each in parsed(kind, output):
            assert isinstance(each, (Reading, Gap))
            if isinstance(each, Reading):
                assert each.value >= 0 or "gap" in each.attributes
