"""Which services move, where to, and what their runbooks are given for a rehearsal."""

from __future__ import annotations

from dataclasses import replace

from estate.model import Service, Site
from estate.plans import InputView
from watch.readiness.subject import given, moves, taking_over


def test_a_service_moves_if_a_runbook_does_it_or_it_is_promised(scene):
    email = scene.estate.services["email"]
    assert moves(email)
    assert moves(replace(email, runbooks={}))
    assert moves(replace(email, objective=None))
    assert not moves(replace(email, runbooks={"back": "x"}, objective=None))
    assert not moves(replace(email, phase="planned"))


def test_it_moves_to_the_recovery_site_or_where_the_estate_says(scene):
    service, estate = Service("s", {"en": "S"}), scene.estate
    assert taking_over(service, estate) == "recovery"
    assert taking_over(replace(service, runbook_inputs={"to": "central"}), estate) == "central"
    assert taking_over(replace(service, runbook_inputs={"to": "nowhere"}), estate) == "recovery"
    others = {"a": Site("a", {"en": "A"}, "primary"), "b": Site("b", {"en": "B"})}
    assert taking_over(service, replace(estate, sites=others)) == "b"
    assert taking_over(service, replace(estate, sites={"a": others["a"]})) == ""


def test_inputs_are_what_the_estate_says_else_the_obvious_else_left_out(scene):
    inputs = (
        InputView("incident", "id", "Incident"),
        InputView("from", "site", "Left"),
        InputView("to", "site", "Taken"),
        InputView("client", "host", "Client"),
        InputView("user", "id", "User", default="postgres"),
        InputView("pin", "secret", "PIN"),
        InputView("address", "id", "Address"),
    )
    service = Service("s", {"en": "S"}, runbook_inputs={"address": "10.0.0.9", "stray": "x"})
    assert given(inputs, service, scene.estate, "recovery") == {
        "incident": "readiness",
        "from": "central",
        "to": "recovery",
        "address": "10.0.0.9",
    }


def test_involved_are_the_hosts_of_its_groups_and_those_of_the_runbook(scene):
    subject = scene()
    assert subject.involved() == {*scene.estate.hosts}
    assert "lb-r1" not in replace(subject, plan=None).involved()
    assert [host.name for host in subject.planned_hosts()] == [
        "mdb-r1", "mta-r1", "mta-r2", "mta-r3", "mdb-c1", "lb-r1",
    ]  # fmt: skip
