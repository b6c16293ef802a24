"""Real terminals of HAProxy 2.6."""

from __future__ import annotations

from pathlib import Path

from collectors.probes.haproxy import Haproxy
from collectors.runner import Answer
from estate.samples import Gap, Reading

from .cases_of import CASES, every_prefix, read


def test_backends_and_who_of_them_is_down_or_taken_out() -> None:
    version, *backends = read("haproxy", "lab")
    assert version == Reading("haproxy", text="2.6.12-1+deb12u4")
    said = {e.subject: (e.value, dict(e.attributes)) for e in backends if isinstance(e, Reading)}
    rest = {"sessions": 0.0, "queued": 0.0}
    assert said == {
        "db": (
            0.0,
            {
                "servers": 2.0,
                "drained": 1.0,
                "status": "DOWN",
                "down": "pri-db1",
                "out": "rec-db1",
                **rest,
            },
        ),
        "web": (1.0, {"servers": 2.0, "drained": 0.0, "status": "UP", "down": "pri-web2", **rest}),
        "empty": (0.0, {"servers": 0.0, "drained": 0.0, "status": "UP", **rest}),
    }


def test_states_by_intent_are_not_down() -> None:
    for state in ("MAINT", "MAINT (via web/x)", "DRAIN", "DRAIN (agent)", "NOLB", "NOLB 1/3"):
        table = Path(CASES / "haproxy-lab.txt").read_text().replace(",UP,", f",{state},", 1)
        backends = Haproxy().parse(Answer("p", 0, table.encode(), False, 0, 0))
        [web] = [e for e in backends if isinstance(e, Reading) and e.subject == "web"]
        told = {key: web.attributes[key] for key in ("drained", "down", "out")}
        assert (web.value, told) == (0.0, {"drained": 1.0, "down": "pri-web2", "out": "pri-web1"})


def test_no_socket() -> None:
    [gap] = read("haproxy", "no-socket", 69)
    assert isinstance(gap, Gap)
    assert gap.reason.endswith("none.sock, or none that this user sees")


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("haproxy", "lab"):
        assert any(isinstance(each, Gap) for each in told)


def test_names_in_quotes_and_a_server_on_its_way_down() -> None:
    table = Path(CASES / "haproxy-lab.txt").read_text()
    table = table.replace("web,pri-web1,", 'web,"odd,""one""",').replace(",UP,", ",UP 1/3,", 1)
    backends = Haproxy().parse(Answer("p", 0, table.encode(), False, 0, 0))
    assert [e.value for e in backends if isinstance(e, Reading) and e.subject == "web"] == [1.0]
