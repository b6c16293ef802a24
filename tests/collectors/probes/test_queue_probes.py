"""Probes of queues: what real servers printed, what strangers may write into it, and broken ends.

Cases are of the lab's hosts (Postfix 3.7, Exim 4.96, RabbitMQ 3.10, Redis 7.0); raw-* is what the
servers' own programs said there.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.probes import PROBES
from collectors.probes.queuelines import MOST_QUEUES
from collectors.runner import Answer
from estate.model import Host
from estate.queues import QUEUE_KINDS, DeclaredQueue
from estate.samples import Gap, Reading

from .scripts import run

CASES = Path(__file__).parent / "cases"
NOW = 1_795_193_600


def host(kind: str, **parts) -> Host:
    return Host("h", "s", ("g",), queues=(DeclaredQueue(kind, "g", **parts),))


def parsed(kind: str, output: bytes, status: int = 0, *, truncated: bool = False):
    at = NOW * 1000
    return PROBES[kind].parse(Answer(kind, status, output, truncated, at, at))


def case(name: str):
    return parsed(name.partition("-")[0], (CASES / name).read_bytes())


def depths(readings) -> dict[str, float]:
    return {r.subject: r.value for r in readings if isinstance(r, Reading) and r.name == "queue"}


def oldest(readings) -> dict[str, float]:
    return {
        r.subject: r.attributes["oldest_seconds"]
        for r in readings
        if isinstance(r, Reading) and "oldest_seconds" in r.attributes
    }


def destinations(readings) -> list[tuple[str, str, float, float]]:
    return [
        (r.subject, r.text, r.value, r.attributes["seen"])
        for r in readings
        if isinstance(r, Reading) and r.name == "destination"
    ]


def gaps(readings) -> list[str]:
    return [r.reason for r in readings if isinstance(r, Gap)]


# --- who is asked --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", QUEUE_KINDS)
def test_only_hosts_that_the_estate_names_are_asked(kind: str) -> None:
    parts = {"command": {"run": "echo 1"}, "redis": {"only": ("k",)}}.get(kind, {})
    assert PROBES[kind].command(Host("h", "s", ("g",))) == ""
    assert PROBES[kind].command(host(kind, **parts))


def test_names_of_the_estate_are_words_on_the_host() -> None:
    script = PROBES["redis"].command(host("redis", only=("a b; rm -rf $HOME", "it's")))
    assert "look 'a b; rm -rf $HOME' 6379 '' redis/g\n" in script
    assert """look 'it'"'"'s' 6379 '' redis/g\n""" in script


# --- what real hosts said ------------------------------------------------------------------------


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


def test_exim() -> None:
    found = case("exim-lab.txt")
    assert depths(found) == {"waiting": 8, "frozen": 2}
    assert destinations(found) == [
        ("waiting", "refused.test", 6, 8),
        ("waiting", "blackhole.test", 2, 8),
    ]
    assert depths(case("exim-empty.txt")) == {"waiting": 0, "frozen": 0}
    assert case("exim-denied.txt") == (Gap("exim: permission denied"),)


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
    assert case("redis-denied.txt") == (Gap("redis/g: queue:sms: NOAUTH Authentication required."),)
    assert gaps(case("redis-no-server.txt")) == [
        "redis/g: a: Could not connect to Redis at 127.0.0.1:6379: Connection refused"
    ]
    assert gaps(case("redis-no-password.txt")) == [
        "redis/g: cat: /etc/missing: No such file or directory"
    ]


def test_rabbitmq() -> None:
    assert depths(case("rabbitmq-lab.txt")) == {"orders": 0, "mail.out": 0, "orders.dead": 0}
    output = (CASES / "rabbitmq-denied.txt").read_bytes()
    assert parsed("rabbitmq", output, 1) == (Gap("Only root or rabbitmq should run rabbitmqctl"),)


# --- the scripts, over what the servers' programs print ------------------------------------------

AWKS = [awk for awk in ("mawk", "gawk", "busybox") if shutil.which(awk)]


def with_awk(awk: str) -> dict[str, str]:
    program = "busybox awk" if awk == "busybox" else awk
    return {"awk": f'exec {program} "$@"', "date": f"echo {NOW}"}


def printing(raw: str) -> str:
    return f"cat {CASES / raw}"


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


def test_rabbitmq_of_several_vhosts(tmp_path: Path) -> None:
    text = """case "$*" in
      *list_vhosts*) printf 'name\\n/\\nmail & more\\n' ;;
      *"-p / "*) printf '\\t7\\t1\\tin\\n1795193000\\t900\\t0\\tout\\nmessages\\tx\\tname\\n' ;;
      *) printf '\\t3\\t0\\tspace in name\\n' ;;
    esac"""
    commands = {"rabbitmqctl": text, "date": f"echo {NOW}"}
    answer = run(PROBES["rabbitmq"].command(host("rabbitmq")), tmp_path, commands)
    found = parsed("rabbitmq", answer.output)
    assert depths(found) == {"out": 900, "in": 7, "mail & more/space in name": 3}
    assert oldest(found) == {"out": 600}


# --- the API of RabbitMQ -------------------------------------------------------------------------


def test_the_api_is_asked_without_a_password_in_sight() -> None:
    asked = host("rabbitmq", api="http://127.0.0.1:15672/", password_file="/etc/tw/curl")
    script = PROBES["rabbitmq"].command(asked)
    assert script.startswith("exec curl -sS -f -m 30 -K /etc/tw/curl 'http://127.0.0.1:15672/api/")


def test_the_api_knows_what_came() -> None:
    items = [
        {
            "name": "fan-out",
            "vhost": "/",
            "messages": 64,
            "message_stats": {"publish": 1_000},
            "head_message_timestamp": NOW - 5,
        },
        {"name": "idle", "vhost": "im", "messages": 0},
        {"name": "new", "vhost": "/"},
        {"name": 5, "messages": 1},
        {"name": "odd", "messages": True},
    ]
    found = parsed("rabbitmq", json.dumps({"items": items}).encode())
    assert depths(found) == {"fan-out": 64, "im/idle": 0}
    first = found[0]
    assert isinstance(first, Reading)
    assert first.attributes == {"oldest_seconds": 5, "came": 1000}
    assert gaps(found)[0] == "new: its depth is not known yet"
    assert len(gaps(found)) == 3


def test_the_api_of_a_real_broker() -> None:
    found = case("rabbitmq-api.txt")
    assert depths(found) == {"orders": 3, "orders.dead": 0, "mail.out": 0}
    assert [r.attributes.get("came") for r in found if isinstance(r, Reading)] == [3, None, None]
    assert oldest(found) == {}  # by a clock that is behind the message's: not known, not negative
    at = 1_795_195_190_400
    later = Answer("rabbitmq", 0, (CASES / "rabbitmq-api.txt").read_bytes(), False, at, at)
    assert oldest(PROBES["rabbitmq"].parse(later)) == {"orders": 37}
    refused = b"curl: (22) The requested URL returned error: 401\n"
    assert parsed("rabbitmq", refused, 22) == (
        Gap("curl: (22) The requested URL returned error: 401"),
    )


def test_an_api_answer_that_was_cut_is_a_gap() -> None:
    assert parsed("rabbitmq", b'{"items": [{"na', truncated=True) == (Gap("cut after 0 kB"),)
    assert gaps(parsed("rabbitmq", b'{"error": "x"}')) == ["""not understood: '{"error": "x"}'"""]


# --- a command of the estate's own ---------------------------------------------------------------


def test_a_command_prints_a_number_lines_or_json() -> None:
    found = case("command-mixed.txt")
    told = {
        (r.attributes["of"], r.subject): (r.value, {**r.attributes} | {"of": ""})
        for r in found
        if isinstance(r, Reading)
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
    assert gaps(found) == [
        "not understood: 'odd: x'",
        "command/gone: exit status 127, sh: 1: /opt/count: not found",
    ]


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
        (b'{"a": -1}', "not understood: 'a: -1'"),
        (b'{"a": 1e400}', "not understood: 'a: inf'"),
        (b'{"a": NaN}', "not understood: 'a: nan'"),
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


# --- floods and lies -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["postfix", "redis", "rabbitmq"])
def test_a_flood_of_queues_is_bounded(kind: str) -> None:
    lines = b"".join(b"queue\t%d\t-\t-\t-\t-\tq%d\n" % (n, n) for n in range(20_000))
    assert len(parsed(kind, lines)) <= 4 * MOST_QUEUES + 2


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
                assert each.value >= 0


def test_half_a_line_is_never_a_smaller_number() -> None:
    """Cut anywhere, the last line is whole or not understood."""
    whole = (CASES / "postfix-root-5300.txt").read_bytes()
    true = depths(parsed("postfix", whole))
    for end in range(len(whole)):
        for name, depth in depths(parsed("postfix", whole[:end])).items():
            assert name not in true or depth == true[name]
