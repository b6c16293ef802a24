"""A plan as the console is told it: whole, and the same after the wire."""

from __future__ import annotations

import json

from estate.plans import PlanView, ReasonView
from estate.wire import from_json, to_json
from runbooks.planning.plan import plan
from runbooks.planning.questions import found, questions
from runbooks.planning.view import plan_view
from runbooks.progress.requests import Looked
from runbooks.reading.file import read_runbook
from tests.runbooks.planning.test_plan import ESTATE, GIVEN, GOOD, SITUATION


def view(*, asked: bool, **given: str) -> PlanView:
    book = read_runbook((GOOD / "everything.yaml").read_text(), "everything.yaml")
    made = plan(book, {**GIVEN, **given}, ESTATE, SITUATION)
    answers = found(made, {each: Looked(False, "no") for each in questions(made)})
    return plan_view(made, answers if asked else None)


def test_it_crosses_the_wire_as_it_is() -> None:
    for shown in (view(asked=True), view(asked=False)):
        crossed = from_json(PlanView, json.loads(json.dumps(to_json(shown))))
        assert crossed == shown


def test_everything_a_step_is_told_is_in_it() -> None:
    texts = {step.id: step.texts for step in view(asked=True).steps}
    assert texts["opened"] == {
        "when": "declared is ok",
        "sh": 'printf %s "$OPS_PIN" |\n  unlock --stdin -- "$OPS_INCIDENT"',
        "done_when": "test -e /run/open",
        "undo": "lock",
    }
    assert texts["step-4"] == {"to": "$page", "text": "hello\n", "undo": "none"}
    assert texts["step-5"] == {
        "when": "test -d /srv", "to": "/srv/releases/7/page.html", "from": "files/page.html",
        "link": "/srv/current", "undo": "ln -sfn /srv/releases/6 /srv/current",
    }  # fmt: skip
    assert texts["step-10"] == {
        "cert": "file /etc/ssl/a.pem, key /etc/ssl/a.key, chain /etc/ssl/ca.pem, names a.example,"
        " days_left 20"
    }
    assert texts["seen"] == {"probe": "mail-roundtrip"}
    assert texts["step-8"]["file"] == "site.yml"


def test_steps_within_a_rolling_stand_below_it() -> None:
    steps = view(asked=True).steps
    places = {step.id: place for place, step in enumerate(steps)}
    within = steps[places["patched"] + 1 : places["step-13"]]
    assert [(step.id, step.depth) for step in within] == [
        ("step-10", 1), ("drained", 1), ("step-12", 1),
    ]  # fmt: skip


def test_answers_are_among_the_reasons_and_no_secret_is_anywhere() -> None:
    shown = view(asked=True)
    assert shown.reasons == (
        ReasonView(
            "check", "The standby answers: not so on dbr1: no", "mend it, and plan again", True
        ),
    )
    opened = next(step for step in shown.steps if step.id == "opened")
    assert opened.done == {"db1": False, "db2": False, "dbr1": False}
    assert not view(asked=False).asked
    assert "hush" not in json.dumps(to_json(shown))
    assert shown.secrets == ("pin",)
