"""Who is told of what, and when: once, again when it matters, and that it is over."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from estate.attention import Sent
from estate.document import Problem, Severity
from estate.language import ENGLISH
from watch.notices.deciding import Deciding, Notice, Turn
from watch.notices.messages import message
from watch.notices.rules import Flapping, Rule, Rules, Target

T0 = 10_000_000
MIN = 60_000
RULES = Rules(
    {"ops": Target("ops", ("json://127.0.0.1",))},
    (Rule(("ops",), hold_ms=MIN, remind_ms=30 * MIN),),
    Flapping(3, 30 * MIN),
)
DOWN = Problem("a/reach", "a", "lost", "", Severity.CRITICAL, T0, kind="reach", hosts=("a",))


def turns(due: tuple[Notice, ...]) -> list[tuple[Turn, str]]:
    return [(each.turn, each.problem.id) for each in due]


class Played:
    """A `Deciding` whose notices are delivered at once."""

    def __init__(self, rules: Rules = RULES, sent: tuple[Sent, ...] = ()) -> None:
        self.deciding = Deciding(sent)
        self.rules = rules

    def at(self, now: int, *problems: Problem, complete: bool = True) -> list[tuple[Turn, str]]:
        due = self.deciding.look(problems, self.rules, now, complete=complete)
        for each in due:
            self.deciding.delivered(each)
        return turns(due)


def test_it_is_told_once_it_has_stood_for_the_hold_time() -> None:
    played = Played()
    assert played.at(T0 + 1, DOWN) == []
    assert played.at(T0 + MIN - 1, DOWN) == []
    assert played.at(T0 + MIN, DOWN) == [(Turn.RAISED, DOWN.id)]
    assert played.at(T0 + MIN + 1, DOWN) == []


def test_what_was_not_delivered_is_due_again() -> None:
    deciding = Deciding()
    for now in (T0 + MIN, T0 + 2 * MIN, T0 + 9 * MIN):
        assert turns(deciding.look((DOWN,), RULES, now, complete=True)) == [(Turn.RAISED, DOWN.id)]


def test_a_blip_is_nothing() -> None:
    played = Played()
    played.at(T0, DOWN)
    assert played.at(T0 + MIN) == []


def test_that_it_is_over_is_told_to_who_was_told_of_it() -> None:
    played = Played()
    played.at(T0 + MIN, DOWN)
    assert played.at(T0 + 2 * MIN, complete=False) == [], "not seen is not over"
    assert played.at(T0 + 3 * MIN) == [(Turn.RECOVERED, DOWN.id)]
    assert played.at(T0 + 4 * MIN) == []


def test_worse_is_told_at_once_and_better_is_not() -> None:
    played = Played(replace(RULES, rules=(Rule(("ops",), Severity.WARNING, hold_ms=MIN),)))
    warned = replace(DOWN, severity=Severity.WARNING)
    assert played.at(T0 + MIN, warned) == [(Turn.RAISED, DOWN.id)]
    assert played.at(T0 + MIN + 1, DOWN) == [(Turn.WORSE, DOWN.id)]
    assert played.at(T0 + MIN + 2, warned) == []


def test_it_reminds_while_nobody_has_it() -> None:
    played = Played()
    played.at(T0 + MIN, DOWN)
    had = replace(DOWN, owner="op1", until=T0 + 999 * MIN)
    assert played.at(T0 + 31 * MIN, DOWN) == [(Turn.REMINDER, DOWN.id)]
    assert played.at(T0 + 99 * MIN, had) == []
    back = replace(DOWN, returned=T0 + 100 * MIN)
    assert played.at(T0 + 100 * MIN, back) == [(Turn.RETURNED, DOWN.id)]
    assert played.at(T0 + 100 * MIN + 1, back) == []


def test_what_somebody_has_or_is_planned_or_silenced_wakes_nobody() -> None:
    had = replace(DOWN, owner="op1", until=T0 + 999 * MIN)
    assert Played().at(T0 + MIN, had, replace(had, id="b", silence="s-1")) == []
    assert Played().at(T0 + MIN, replace(DOWN, severity=Severity.MAINTENANCE)) == []


def test_a_consequence_is_told_by_its_cause_alone() -> None:
    site = replace(DOWN, id="site/c", where="c", hosts=("a", "b"))
    below = [replace(DOWN, id=f"{name}/reach", parent="site/c") for name in ("a", "b")]
    assert Played().at(T0 + MIN, site, *below) == [(Turn.RAISED, "site/c")]


def test_what_was_told_and_is_a_consequence_now_is_not_over() -> None:
    played = Played()
    played.at(T0 + MIN, DOWN)
    site = replace(DOWN, id="site/c", where="c", hosts=("a", "b"), since=T0 + MIN)
    below = replace(DOWN, parent="site/c")
    assert played.at(T0 + 2 * MIN, site, below) == [(Turn.RAISED, "site/c")]
    assert played.at(T0 + 3 * MIN) == [(Turn.RECOVERED, "a/reach"), (Turn.RECOVERED, "site/c")]


def test_what_many_had_alike_is_not_over_while_one_has_it() -> None:
    played = Played()
    many = replace(DOWN, id="group/c/mta/cpu", kind="cpu", hosts=("a", "b", "c"))
    one = replace(DOWN, id="b/cpu", where="b", kind="cpu", hosts=("b",), since=T0 + 90 * MIN)
    assert played.at(T0 + MIN, many) == [(Turn.RAISED, many.id)]
    assert played.at(T0 + 2 * MIN, one) == []
    assert played.at(T0 + 3 * MIN) == [(Turn.RECOVERED, many.id)]


def test_what_comes_and_goes_is_muted_until_it_holds_still() -> None:
    played, told = Played(), []
    for n in range(10):
        now = T0 + n * 4 * MIN
        told += played.at(now, replace(DOWN, since=now))
        told += played.at(now + 2 * MIN, replace(DOWN, since=now))
        told += played.at(now + 3 * MIN)
    assert told == [
        (Turn.RAISED, DOWN.id), (Turn.RECOVERED, DOWN.id),
        (Turn.RAISED, DOWN.id), (Turn.RECOVERED, DOWN.id),
    ], "from the third time within half an hour on"  # fmt: skip
    last = T0 + 40 * MIN
    stands = replace(DOWN, since=last)
    assert played.at(last, stands) == []
    assert played.at(last + 3 * MIN - 1, stands) == []
    assert played.at(last + 3 * MIN, stands) == [(Turn.RAISED, DOWN.id)], "it holds still: down"
    assert played.at(last + 4 * MIN) == [], "muted: it comes and goes"
    assert played.at(last + 31 * MIN) == [(Turn.RECOVERED, DOWN.id)], "it holds still: gone"


def test_what_falls_for_good_after_a_few_blips_is_told_in_minutes() -> None:
    played, now = Played(replace(RULES, flapping=Flapping())), T0
    for _ in range(4):
        played.at(now, replace(DOWN, since=now))
        played.at(now + 20_000)
        now += 40_000
    stands = replace(DOWN, since=now)
    looks = range(0, 30 * MIN, 2_000)
    assert next(past for past in looks if played.at(now + past, stands)) == 3 * MIN


def test_a_longer_hold_takes_longer_to_be_steady() -> None:
    rules = replace(RULES, rules=(replace(RULES.rules[0], hold_ms=5 * MIN),))
    played = Played(rules)
    for n in range(3):
        played.at(T0 + n * MIN, DOWN)
        played.at(T0 + n * MIN + 1)
    last = T0 + 3 * MIN
    stands = replace(DOWN, since=last)
    assert played.at(last, stands) == []
    assert played.at(last + 15 * MIN - 1, stands) == []
    assert played.at(last + 15 * MIN, stands) == [(Turn.RAISED, DOWN.id)]


def test_a_restart_tells_nobody_twice_and_forgets_nobody() -> None:
    sent = (Sent("ops", DOWN.id, "critical", T0 + MIN, T0 + MIN),)
    played = Played(sent=sent)
    assert played.at(T0 + 2 * MIN, complete=False) == []
    assert played.at(T0 + 3 * MIN, DOWN) == []
    assert played.at(T0 + 4 * MIN) == [(Turn.RECOVERED, DOWN.id)]
    played = Played(sent=sent)
    assert played.at(T0 + 4 * MIN) == [(Turn.RECOVERED, DOWN.id)], "it ended while nobody watched"


def test_a_target_that_is_no_more_is_forgotten() -> None:
    played = Played(sent=(Sent("gone", DOWN.id, "critical", T0, T0),))
    assert played.at(T0 + MIN) == []


@given(st.lists(st.sampled_from(["none", "warn", "crit", "had"]), min_size=1, max_size=60))
def test_nobody_is_told_the_same_twice_in_a_row(states: list[str]) -> None:
    """Without reminders a target hears raised, then worse or returned, then recovered."""
    rules = Rules(RULES.targets, (Rule(("ops",), Severity.WARNING, hold_ms=0),), Flapping(100, MIN))
    played, heard = Played(rules), []
    for n, state in enumerate(states):
        each = replace(DOWN, severity=Severity.WARNING if state == "warn" else Severity.CRITICAL)
        if state == "had":
            each = replace(each, owner="op1", until=1 << 60)
        shown = () if state == "none" else (each,)
        heard += [turn for turn, _ in played.at(T0 + n, *shown)]
    standing = False
    for turn in heard:
        assert standing is (turn is not Turn.RAISED)
        standing = turn is not Turn.RECOVERED


def test_who_owns_it_by_a_handover_is_reminded_by_name() -> None:
    owned = replace(DOWN, owner="chan", handover="h-1")
    played = Played()
    assert played.at(T0 + MIN, owned) == [(Turn.RAISED, DOWN.id)]
    assert played.at(T0 + 31 * MIN, owned) == [(Turn.REMINDER, DOWN.id)]
    reminder = Notice("ops", Turn.REMINDER, owned, T0 + 31 * MIN)
    made = message([reminder], "Test", "UTC", ENGLISH)
    assert made.title == "Test: still, chan has not acknowledged it: CRITICAL: a: lost"
    assert "chan owns it by h-1" in made.body.splitlines()
    assert "nobody" not in made.title + made.body
    back = replace(reminder, turn=Turn.RETURNED)
    assert "back, chan has not acknowledged it" in message([back], "Test", "UTC", ENGLISH).title
    nobodys = message([replace(reminder, problem=DOWN)], "Test", "UTC", ENGLISH)
    assert nobodys.title == "Test: still, nobody has it: CRITICAL: a: lost"
