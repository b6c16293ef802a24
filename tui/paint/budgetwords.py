"""Words and figures of budgets, the same on screens and in tables."""

from __future__ import annotations

from collections.abc import Mapping

from estate.availability import BudgetRow, ServiceRow, SightRow
from estate.language import Words, later
from tui.paint import numbers

#: States of services as they are said, but for "up"; "" is a day that is still to come.
STATES: Mapping[str, str] = {
    "degraded": later("degraded"),
    "down": later("down"),
    "unknown": later("unknown"),
    "": later("to come"),
}
#: Verdicts as they are said.
VERDICTS: Mapping[str, str] = {
    "met": later("met"),
    "open": later("still open"),
    "not provable": later("not provable"),
    "breached": later("breached"),
}
#: What a state is drawn in.
ROLES: Mapping[str, str] = {
    "up": "text",
    "degraded": "warn",
    "down": "crit b",
    "unknown": "unk",
}
VERDICT_ROLES: Mapping[str, str] = {
    "met": "good",
    "open": "text",
    "not provable": "unk",
    "breached": "crit b",
}


def state(word: str, words: Words) -> str:
    """A state in the person's language; a word of a newer watch as it came."""
    if word == "up":
        return words.say_in("of services", "up")
    return words.say(STATES.get(word, word))


def verdict(word: str, words: Words) -> str:
    """A verdict in the person's language."""
    return words.say(VERDICTS.get(word, word))


def name(row: ServiceRow, words: Words) -> str:
    """What the service is called in the person's language."""
    return row.names.get(words.language) or row.name


def left(milliseconds: int) -> str:
    """What is left of a limit, cut to whole seconds, never more than there is; `−0:24` is over."""
    if milliseconds >= 0:
        return numbers.duration(milliseconds / 1000)
    return f"−{numbers.duration(-(milliseconds // 1000))}"


def times(rate: float) -> str:
    """A burn rate: 284×, 4.0×."""
    return f"{rate:.0f}×" if rate >= 10 else f"{rate:.1f}×"


def forecast(budget: BudgetRow, at_end_ms: int | None, words: Words) -> str:
    """What a pace comes to at the month's end, against the limit."""
    if at_end_ms is None:
        return numbers.NONE
    spare = budget.limit_ms - at_end_ms
    if spare < 0:
        return words.say("breached, {over} over", over=numbers.duration(-(spare // 1000)))
    return words.say("met, {spare} to spare", spare=numbers.duration(spare / 1000))


def used_up(budget: BudgetRow, now: int, words: Words) -> str:
    """When the limit is gone if the present state lasts."""
    if budget.used_up_at is None:
        return words.say("no more is lost")
    if budget.used_up_at <= now:
        return words.say("gone")
    return words.say("gone in {time}", time=numbers.duration((budget.used_up_at - now) / 1000))


def worst_forecast(budget: BudgetRow, now: int, words: Words) -> str:
    """The worst of the three: where there is room for one, none is left out that says more."""
    if budget.used_up_at is not None:
        return used_up(budget, now, words)
    paces = (budget.at_month_pace_ms, budget.at_day_pace_ms)
    known = [each for each in paces if each is not None]
    return forecast(budget, max(known, default=None), words)


def failovers(budget: BudgetRow, words: Words) -> str:
    """How many failovers the limit bears yet, in both cases where they differ."""
    if budget.failovers_left is None:
        return numbers.NONE
    best, worst = numbers.count(budget.failovers_left), numbers.count(budget.failovers_at_worst)
    if best == worst:
        return best
    return words.say("{best} at best, {worst} at worst", best=best, worst=worst)


def looked_percent(sight: SightRow, budget: BudgetRow, now: int) -> int:
    """For how much of the month so far a vantage looked, cut to whole percents."""
    over = max(1, min(now, budget.ends) - budget.starts)
    return 100 * min(sight.covered_ms, over) // over
