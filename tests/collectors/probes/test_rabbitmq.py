"""RabbitMQ: by its own program and by its management API; raw answers are of 3.10 in the lab."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.probes import PROBES
from collectors.probes.queuelines import MOST_QUEUES
from collectors.runner import Answer
from estate.samples import Gap, Reading

from .queue_answers import (
    AWKS,
    CASES,
    NOW,
    case,
    depths,
    gaps,
    host,
    oldest,
    parsed,
    unread,
    with_awk,
)
from .scripts import run


def test_rabbitmq() -> None:
    assert depths(case("rabbitmq-lab.txt")) == {"orders": 0, "mail.out": 0, "orders.dead": 0}
    output = (CASES / "rabbitmq-denied.txt").read_bytes()
    assert parsed("rabbitmq", output, 1) == (Gap("Only root or rabbitmq should run rabbitmqctl"),)


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


@pytest.mark.parametrize("awk", AWKS)
def test_a_queue_whose_leader_is_away_is_not_known(tmp_path: Path, awk: str) -> None:
    text = r"""case "$*" in
      *list_vhosts*) printf 'name\n/\n' ;;
      *) printf 'head_message_timestamp\tmessages\tconsumers\tname\n\t7\t1\tin\n\t\t\tlost\n' ;;
    esac"""
    commands = {**with_awk(awk), "rabbitmqctl": text}
    answer = run(PROBES["rabbitmq"].command(host("rabbitmq")), tmp_path, commands)
    found = parsed("rabbitmq", answer.output)
    assert depths(found) == {"in": 7}
    assert unread(found) == [("lost", "its depth is not known")]


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize(("deepest", "said"), [
    (0, [Gap("others: empty, only the 200 deepest queues are read", "others")]),
    (250, [Gap("only the 200 deepest queues are read")]),
])  # fmt: skip
def test_more_queues_than_are_read_are_said(
    tmp_path: Path, awk: str, deepest: int, said: list[Gap]
) -> None:
    lines = "".join(f"\t{max(0, deepest - n)}\t1\tq{n}\n" for n in range(230))
    (tmp_path / "listing").write_text(f"\t\t\tlost\n{lines}")
    text = rf"""case "$*" in
      *list_vhosts*) printf '/\n' ;;
      *) cat {tmp_path}/listing ;;
    esac"""
    commands = {**with_awk(awk), "rabbitmqctl": text}
    answer = run(PROBES["rabbitmq"].command(host("rabbitmq")), tmp_path, commands)
    found = parsed("rabbitmq", answer.output)
    assert len(depths(found)) == MOST_QUEUES
    assert [name for name, _ in unread(found)] == ["lost"]
    assert [each for each in found if isinstance(each, Gap)] == said


@pytest.mark.parametrize(("deepest", "counts", "said"), [
    (0, {"filtered_count": 230, "total_count": 230},
     [Gap("others: empty, only the 200 deepest queues are read", "others")]),
    (250, {"filtered_count": 230, "total_count": 230},
     [Gap("only the 200 deepest queues are read")]),
    (250, {"filtered_count": 200, "total_count": 200}, []),
    (250, {"filtered_count": "200", "total_count": None},  # nobody knows: it is not all of them
     [Gap("only the 200 deepest queues are read")]),
])  # fmt: skip
def test_more_queues_than_the_api_tells_are_said(
    deepest: int, counts: dict[str, object], said: list[Gap]
) -> None:
    items = [{"name": f"q{n}", "messages": max(0, deepest - n)} for n in range(200)]
    found = parsed("rabbitmq", json.dumps({"items": items, **counts}).encode())
    assert len(depths(found)) == MOST_QUEUES
    assert [each for each in found if isinstance(each, Gap)] == said


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
    assert unread(found) == [
        ("new", "its depth is not known"),
        ("odd", "its depth is not known"),
    ]
    assert len(gaps(found)) == 1


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
