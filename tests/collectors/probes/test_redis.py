"""Redis: keys of every kind, groups of readers, and what it does not tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.probes import PROBES
from estate.samples import Gap, Reading

from .queue_answers import NOW, case, depths, gaps, host, oldest, parsed, unread
from .scripts import run


def test_names_of_the_estate_are_words_on_the_host() -> None:
    script = PROBES["redis"].command(host("redis", only=("a b; rm -rf $HOME", "it's")))
    assert "look 'a b; rm -rf $HOME' 6379 '' redis/g\n" in script
    assert """look 'it'"'"'s' 6379 '' redis/g\n""" in script


def test_redis() -> None:
    found = case("redis-kinds.txt")
    assert gaps(found) == ["redis/g: plain: string"]
    assert depths(found) == {
        "$(rm -rf)": 1,
        "lonely": 1,
        "due": 2,
        "stream:audit archive": 5,
        "stream:audit second": 5,
    }
    assert oldest(found)["stream:audit archive"] == 170  # of what was given and not acknowledged
    denied = "redis/g: queue:sms: NOAUTH Authentication required."
    assert case("redis-denied.txt") == (Gap(denied, "redis/g"),)
    assert gaps(case("redis-no-server.txt")) == [
        "redis/g: a: Could not connect to Redis at 127.0.0.1:6379: Connection refused"
    ]
    assert gaps(case("redis-no-password.txt")) == [
        "redis/g: cat: /etc/missing: No such file or directory"
    ]


STREAM = """case "$*" in
  *type*) echo stream ;;
  *xlen*) echo {length} ;;
  *"xinfo groups"*) {groups} ;;
  *xrange*) echo 1795193000000-0 ;;
esac"""


@pytest.mark.parametrize(
    ("length", "groups", "waits", "why"),
    [
        ("50000", ":", {"s": 50_000}, []),
        ("50000", "echo 'NOPERM no right to xinfo'", {}, [("s", "NOPERM no right to xinfo")]),
        ("NOPERM", ":", {}, [("s", "NOPERM")]),
        ("", ":", {}, [("s", "no answer")]),
        ("5", "printf 'name\na\npending\n1\n'", {},
         [("s a", "the lag of this group is not known")]),
    ],
)  # fmt: skip
def test_a_stream_whose_readers_are_not_told_is_not_known(
    tmp_path: Path, length: str, groups: str, waits: dict[str, float], why: list[tuple[str, str]]
) -> None:
    commands = {
        "redis-cli": STREAM.format(length=length, groups=groups),
        "date": f"echo {NOW}",
    }
    answer = run(PROBES["redis"].command(host("redis", only=("s",))), tmp_path, commands)
    found = parsed("redis", answer.output)
    assert (depths(found), unread(found)) == (waits, why)


@pytest.mark.parametrize(
    ("client", "why"),
    [
        ("echo NOAUTH Authentication required.", "NOAUTH Authentication required."),
        ('case "$*" in *type*) echo list ;; *) echo LOADING ;; esac', "LOADING"),
        ("exit 1", "no answer"),
    ],
)
def test_a_key_that_redis_does_not_tell_is_not_known(tmp_path: Path, client: str, why: str) -> None:
    commands = {"redis-cli": client}
    answer = run(PROBES["redis"].command(host("redis", only=("a", "b"))), tmp_path, commands)
    found = parsed("redis", answer.output)
    assert unread(found) == [("a", why), ("b", why)]
    assert gaps(found) == [f"redis/g: {why}"] * 2  # groups of readers that it may have, too
    assert {r.attributes["of"] for r in found if isinstance(r, Reading)} == {"redis/g"}
