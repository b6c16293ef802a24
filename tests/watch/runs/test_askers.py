"""What the watch itself asks: what a server serves, and a service's own probes, for real."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest

from estate.model import Estate, Service, Site
from runbooks.execution import Clocks
from runbooks.ports import Unanswered, Verdict
from runbooks.runbook import Check, Probe, Tls
from watch.runs.askers import ProbeFromHere, TlsFromHere
from watch.runs.rooms import WatchConsole

CLOCKS = Clocks(lambda: time.time_ns() // 1_000_000, time.monotonic)


def test_what_is_served_is_seen_from_here() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{free.getsockname()[1]}"
        step = Check(id="c", say="It serves", timeout_ms=20_000, ask=Tls(at), at_console=True)
        verdict = asyncio.run(WatchConsole({"tls": TlsFromHere()}).ask(step, ""))
    assert not verdict.holds and verdict.said


def test_a_server_that_says_nothing_is_left_when_the_time_is_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        at = f"127.0.0.1:{silent.getsockname()[1]}"
        step = Check(id="c", say="It serves", timeout_ms=1_000, ask=Tls(at), at_console=True)
        verdict = asyncio.run(TlsFromHere().ask(step, ""))
    assert (verdict.holds, verdict.said) in (
        (False, "it gave no answer within 1 s"),
        (False, "there is no openssl here"),
    )


def estate(**probes: str) -> Estate:
    services = {"mail": Service("mail", {"en": "Mail"}, probes=(dict(probes),))} if probes else {}
    return Estate(
        "e", "UTC", "en", 5000, {"c": Site("c", {"en": "C"}, "primary")}, {}, services=services
    )


def probed(known: Estate, name: str = "mail") -> Verdict:
    step = Check(id="c", say="It answers", timeout_ms=20_000, ask=Probe(name), at_console=True)
    return asyncio.run(ProbeFromHere(lambda: known, CLOCKS).ask(step, ""))


def test_a_services_own_probes_are_taken_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        at = f"127.0.0.1:{listener.getsockname()[1]}"
        assert probed(estate(tcp=at)) == Verdict(True, "")
    try:
        verdict = probed(estate(tcp=at))
    except Unanswered as blind:  # without a network none of the canaries answers either
        assert "this machine sees nothing" in blind.cause
    else:
        assert not verdict.holds and verdict.said.startswith(f"tcp {at}: ")


def test_a_service_that_is_not_there_is_no_answer() -> None:
    with pytest.raises(Unanswered, match="the estate has no service mail with probes"):
        probed(estate())
