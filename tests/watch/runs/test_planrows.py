"""The design's failover as a console would be shown it."""

from pathlib import Path

from estate.file import read_estate
from estate.plans import InputView, PlanView
from estate.wire import from_json, to_json
from runbooks.planning.plan import Situation, plan
from runbooks.progress.facts import Task
from runbooks.reading.file import read_runbook
from watch.runs.planrows import planned

BOOK = Path(__file__).parents[2] / "runbooks" / "good" / "mail-failover.yaml"
ESTATE = read_estate(
    """
estate: x
sites: {central: {role: primary}, recovery: {role: recovery}}
hosts:
  mdb-c01: {site: central, groups: [mail-db]}
  mdb-r01: {site: recovery, groups: [mail-db]}
""",
    "estate.yaml",
)


def view(*, drill=False, done=None, **given):
    book = read_runbook(BOOK.read_text(), "mail-failover.yaml")
    made = plan(book, given, ESTATE, Situation(0), drill=drill)
    return planned(made, 1_000, given, done or {})


def test_it_crosses_the_wire_whole():
    made = view(incident="C-1207", done={Task("fenced", "mdb-c01"): None})
    assert from_json(PlanView, to_json(made)) == made


def test_the_site_that_must_be_typed_is_where_the_first_step_without_a_way_back_acts():
    assert view(incident="C-1207").confirm == "recovery"


def test_steps_stand_on_their_hosts_with_what_is_done_already():
    made = view(incident="C-1207", done={Task("fenced", "mdb-c01"): True})
    step = next(each for each in made.steps if each.id == "fenced")
    assert (step.hosts, dict(step.done)) == (("mdb-c01",), {"mdb-c01": True})
    assert not step.irreversible
    assert [each.before for each in made.steps][:3] == [True, True, False]
    assert next(each for each in made.steps if each.id == "promoted").irreversible


def test_it_says_what_is_locked_and_whom_that_keeps_out():
    made = view(incident="C-1207")
    assert made.locks == ("service/mail",)
    assert made.users == ("", "root")


def test_what_is_missing_is_a_reason_and_what_is_asked_is_there():
    made = view()
    assert [each.rule for each in made.reasons][:1] == ["input"]
    assert made.inputs[0] == InputView("incident", "id", "Incident number")
    assert made.given == {}
