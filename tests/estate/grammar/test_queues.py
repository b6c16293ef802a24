"""Queues in the estate file: which hosts are asked, and every way to say it wrong."""

from __future__ import annotations

import pytest

from estate.file import EstateError, read_estate
from estate.queues import DeclaredQueue
from estate.schema import estate_schema

HEAD = """estate: T
sites: {a: {name: A}}
hosts: {m1: {groups: [mta]}, m2: {groups: [mta, mq]}, w1: {groups: [web]}}
services:
  s: {queues: [QUEUE]}
"""


def estate(queue: str):
    return read_estate(HEAD.replace("QUEUE", queue), "estate.yaml")


def test_hosts_of_the_group_are_asked_and_no_others() -> None:
    found = estate("{postfix: mta, warn: 5}, {redis: mq, only: [k1, 'k 2'], port: 6380}")
    mail = DeclaredQueue("postfix", "mta", service="s", warn=5)
    keys = DeclaredQueue("redis", "mq", service="s", only=("k1", "k 2"), port=6380)
    assert found.services["s"].queues == (mail, keys)
    assert {name: host.queues for name, host in found.hosts.items()} == {
        "m1": (mail,),
        "m2": (mail, keys),
        "w1": (),
    }


def test_everything_that_can_be_said_of_one() -> None:
    [found] = (
        estate(
            "{rabbitmq: mq, name: im push, only: [push], api: 'http://127.0.0.1:15672', password_file:"
            " /etc/twinwatch/curl, warn: 1, critical: 2, full: 3, oldest: 90s, oldest_critical: 1h,"
            " hold: 0s}"
        )
        .services["s"]
        .queues
    )
    assert found == DeclaredQueue(
        "rabbitmq", "mq", "im push", "s", ("push",), api="http://127.0.0.1:15672",
        password_file="/etc/twinwatch/curl", warn=1, critical=2, full=3, oldest_ms=90_000,
        oldest_critical_ms=3_600_000, hold_ms=0,
    )  # fmt: skip
    assert (found.label, found.key) == ("im push", "rabbitmq/im_push")


@pytest.mark.parametrize(
    ("queue", "said"),
    [
        ("{warn: 5}", "a queue names no kind — name one of postfix, exim, sendmail, rabbitmq, redis, command"),
        ("{postfix: mta, exim: mta}", "a queue names postfix and exim — name one of postfix, exim, sendmail, rabbitmq, redis, command"),
        ("{redis: mq}", "a redis queue without only — add only: [KEY, …], the lists and streams that are queues"),
        ("{command: mq}", "a command queue without run — add run: the shell text that prints figures"),
        ("{postfix: mta, run: x}", "run of a postfix queue — run is for command"),
        ("{exim: mta, port: 1}", "port of a exim queue — port is for redis"),
        ("{postfix: mta, warn: 9, critical: 3}", "limits of a queue out of order — write warn ≤ critical ≤ full"),
        ("{postfix: mta, critical: 9, full: 3}", "limits of a queue out of order — write warn ≤ critical ≤ full"),
        ("{postfix: mta, oldest: 2h, oldest_critical: 1h}", "limits of a queue out of order — write oldest ≤ oldest_critical"),
        ("{postfix: mta}, {postfix: mta}", "postfix queues 'mta' again, first of service 's' — declare them once, or give these a name"),
        ("{postfix: mtaa}", "no group 'mtaa' — did you mean 'mta'?"),
        ("{redis: mq, only: [k], password_file: pw}", "'pw' does not fit — write an absolute path on the host"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(queue: str, said: str) -> None:
    with pytest.raises(EstateError) as refused:
        estate(queue)
    assert str(refused.value) == f"estate.yaml:5: {said}"


def test_two_services_may_not_call_different_queues_alike() -> None:
    head = HEAD.replace("QUEUE", "{postfix: mta}")
    with pytest.raises(EstateError, match=r":6: postfix queues 'mta' again, first of service 's'"):
        read_estate(head + "  t: {queues: [{postfix: mta}]}\n", "estate.yaml")
    named = head + "  t: {queues: [{postfix: mta, name: second}]}\n"
    assert [q.label for q in read_estate(named, "e").services["t"].queues] == ["second"]


def test_the_schema_knows_them() -> None:
    text = str(estate_schema())
    assert "oldest_critical" in text
    assert "management API" in text
