"""Postfix: what it printed in the lab, what strangers may write into it, and listings that broke off."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.probes import PROBES
from estate.samples import Gap

from .queue_answers import (
    AWKS,
    CASES,
    case,
    depths,
    destinations,
    gaps,
    host,
    oldest,
    parsed,
    printing,
    unread,
    with_awk,
)
from .scripts import run


def test_postfix_of_5300_messages() -> None:
    for name in ("postfix-root-5300.txt", "postfix-unprivileged-5300.txt"):
        found = case(name)
        assert depths(found) == {"incoming": 0, "active": 0, "deferred": 5300, "hold": 0}
        assert oldest(found) == {"deferred": 175}
        assert destinations(found) == [("deferred", "refused.test", 2000, 2000)]
        assert len((CASES / name).read_bytes()) < 200  # whatever waits, so little is sent


def test_postfix_that_is_stopped_says_so_beside_its_files() -> None:
    found = case("postfix-stopped.txt")
    assert gaps(found) == ["fatal: malformed showq server response"]
    assert depths(found)["deferred"] == 0


@pytest.mark.parametrize("awk", AWKS)
def test_what_a_stranger_wrote_counts_as_nothing_else(tmp_path: Path, awk: str) -> None:
    """One sender of the case calls itself `"recipients": [{"`, one recipient `a "b`."""
    commands = {
        **with_awk(awk),
        "postconf": "case $* in *version*) echo 3.7.11 ;; *) echo /no/spool ;; esac",
        "postqueue": f'[ "$1" = -j ] && {printing("raw-postqueue-j.txt")}',
    }
    answer = run(PROBES["postfix"].command(host("postfix")), tmp_path, commands)
    found = parsed("postfix", answer.output)
    assert depths(found) == {"incoming": 0, "active": 0, "deferred": 4, "hold": 1}
    assert oldest(found) == {"deferred": 18, "hold": 18}
    assert destinations(found) == [
        ("deferred", "refused.test", 4, 4),
        ("hold", "refused.test", 2, 1),
        ("hold", "blackhole.test", 1, 1),
    ]


@pytest.mark.parametrize("awk", AWKS)
def test_postfix_before_json(tmp_path: Path, awk: str) -> None:
    commands = {
        **with_awk(awk),
        "postconf": "case $* in *version*) echo 2.10.1 ;; *) echo /no/spool ;; esac",
        "postqueue": f'[ "$1" = -p ] && {printing("raw-postqueue-p.txt")}',
    }
    answer = run(PROBES["postfix"].command(host("postfix")), tmp_path, commands)
    found = parsed("postfix", answer.output)
    assert depths(found) == {"incoming": 0, "active": 0, "deferred": 4, "hold": 1}
    assert oldest(found) == {}
    assert ("deferred", "refused.test", 4, 4) in destinations(found)


def test_who_may_look_counts_files(tmp_path: Path) -> None:
    spool = tmp_path / "var/spool/postfix"
    for queue, count in (("incoming", 1), ("active", 0), ("deferred", 7), ("hold", 2)):
        for number in range(count):
            file = spool / queue / "0" / f"{number:X}ABC"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("x")
        (spool / queue).mkdir(parents=True, exist_ok=True)
    commands = {
        "postconf": "case $* in *version*) echo 3.7.11 ;; *) echo /var/spool/postfix ;; esac",
        "postqueue": printing("raw-postqueue-j.txt"),
    }
    answer = run(PROBES["postfix"].command(host("postfix")), tmp_path, commands)
    found = parsed("postfix", answer.output)
    assert depths(found) == {"incoming": 1, "active": 0, "deferred": 7, "hold": 2}
    assert ("hold", "refused.test", 2, 1) in destinations(found)


def test_a_mail_system_that_is_down_is_a_gap_and_never_empty(tmp_path: Path) -> None:
    commands = {
        "postconf": "echo /no/spool",
        "postqueue": "echo 'postqueue: fatal: Queue report unavailable - mail system is down'",
    }
    answer = run(PROBES["postfix"].command(host("postfix")), tmp_path, commands)
    assert parsed("postfix", answer.output) == (
        Gap("fatal: Queue report unavailable - mail system is down"),
    )


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize(
    ("postqueue", "why"),
    [
        ("kill -9 $$", "postqueue ended with status 137"),
        ("exit 1", "postqueue ended with status 1"),
        (f"head -n 2 {CASES / 'raw-postqueue-j.txt'}; kill -9 $$",
         "postqueue ended with status 137"),
        (f"head -c 700 {CASES / 'raw-postqueue-j.txt'}; exit 75",
         "postqueue ended with status 75"),
    ],
)  # fmt: skip
def test_a_listing_that_was_not_ended_is_no_empty_queue(
    tmp_path: Path, awk: str, postqueue: str, why: str
) -> None:
    commands = {
        **with_awk(awk),
        "postconf": "case $* in *version*) echo 3.7.11 ;; *) echo /no/spool ;; esac",
        "postqueue": postqueue,
    }
    answer = run(PROBES["postfix"].command(host("postfix")), tmp_path, commands)
    assert parsed("postfix", answer.output) == (Gap(why),)


@pytest.mark.parametrize("awk", AWKS)
def test_a_queue_directory_that_can_not_be_counted_is_not_known(tmp_path: Path, awk: str) -> None:
    spool = tmp_path / "var/spool/postfix"
    for queue in ("incoming", "active", "deferred"):
        (spool / queue).mkdir(parents=True)
    (spool / "deferred" / "A1").write_text("x")
    find = """case "$*" in
      */active*-exec*) ;;
      */active*) echo "$1/one"; exit 137 ;;
      */incoming*-exec*) ;;
      */incoming*) echo "$1/one"; echo "find: '$1/gone': No such file or directory"
        [ "$2" != -type ] || echo "find: '$1/A': Permission denied"; exit 1 ;;
      *) exec /usr/bin/find "$@" ;;
    esac"""
    commands = {
        **with_awk(awk),
        "find": find,
        "postconf": "case $* in *version*) echo 3.7.11 ;; *) echo /var/spool/postfix ;; esac",
        "postqueue": "exit 0",
    }
    answer = run(PROBES["postfix"].command(host("postfix")), tmp_path, commands)
    found = parsed("postfix", answer.output)
    assert (depths(found), gaps(found)) == ({"deferred": 1}, [])
    assert dict(unread(found)) == {
        "incoming": f"find: '{spool}/incoming/A': Permission denied",
        "active": "find was ended, status 137",
        "hold": "there is no such directory",
    }


def test_half_a_line_is_never_a_smaller_number() -> None:
    """Cut anywhere, the last line is whole or not understood."""
    whole = (CASES / "postfix-root-5300.txt").read_bytes()
    true = depths(parsed("postfix", whole))
    for end in range(len(whole)):
        for name, depth in depths(parsed("postfix", whole[:end])).items():
            assert name not in true or depth == true[name]
