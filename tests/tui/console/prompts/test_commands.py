"""What commands mean, and what completes them."""

from __future__ import annotations

import pytest

from tui.console.journey.orders import Choose, Filter, Go, Say
from tui.console.prompts.commands import COMMANDS, closeness, completions, findings, read
from tui.console.requests.console import Leave

HOSTS = ("mta-c01", "mta-c02", "gw-r01")


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("home", Go("home")),
        ("hosts", Go("hosts")),
        ("hosts group:mta cpu>80", Go("hosts", filter="group:mta cpu>80")),
        ("host gw-r01", Go("host", "gw-r01")),
        ("host gw", Go("host", "gw-r01")),
        ("  problems ", Go("problems")),
        ("runbooks", Go("runbooks")),
        ("runbook", Go("runbooks")),
        ("runbook mail-failover", Go("plan", "mail-failover")),
        ("runs", Go("runs")),
        ("filter site:dc2", Filter("site:dc2")),
        ("filter", Filter("")),
        ("theme light", Choose("theme", "light")),
        ("low on", Choose("low_bandwidth", "on")),
        ("language zh-Hant", Choose("language", "zh-Hant")),
        ("language fr", Say("language: choose auto, en, zh-Hant")),
        ("q", Leave()),
        ("quit", Leave()),
        ("host", Say("host: which one? host NAME, tab completes it")),
        ("host mta", Say("host mta: 2 hosts begin so: mta-c01, mta-c02 …")),
        (
            "host nope",
            Say("host nope: the estate has no such host; / finds hosts by a part of the name"),
        ),
        ("theme blue", Say("theme: choose auto, dark, light, ansi, mono")),
        ("low", Say("low: choose off, on")),
    ],
)
def test_what_a_command_means(text: str, order: object) -> None:
    assert read(text, HOSTS) == order


def test_what_is_no_command_is_answered_with_those_there_are() -> None:
    order = read("reboot all", HOSTS)
    assert isinstance(order, Say)
    assert order.text.startswith("no command is called 'reboot': home, hosts, ")


def test_every_listed_command_is_understood() -> None:
    for name, _ in COMMANDS:
        order = read(name, HOSTS)
        assert not isinstance(order, Say) or order.text.startswith(f"{name}:")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("ho", ["home", "hosts", "host"]),
        ("host m", ["host mta-c01", "host mta-c02"]),
        ("theme m", ["theme mono"]),
        ("low o", ["low off", "low on"]),
        ("language z", ["language zh-Hant"]),
        ("events x", []),
        ("zz", []),
    ],
)
def test_completion(text: str, offered: list[str]) -> None:
    assert [each.text for each in completions(text, HOSTS)] == offered


def test_the_palette_puts_what_is_closest_first() -> None:
    assert findings("gwr", HOSTS)[0].text == "host gw-r01"
    assert findings("prob", HOSTS)[0].text == "problems"
    assert findings("xyzzy", HOSTS) == []
    assert len(findings("", [f"h{n}" for n in range(1_000)])) == 50


@pytest.mark.parametrize(
    ("letters", "text", "close"),
    [("ab", "ab", 0), ("ab", "xab", 1), ("ab", "a-b", 2), ("ba", "ab", None), ("A B", "ab", 0)],
)
def test_closeness(letters: str, text: str, close: int | None) -> None:
    assert closeness(letters, text) == close
