"""Sections 4 and 5: services that are not up, what nobody saw, and what is left of the promises."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate

from estate.availability import BudgetRow, DayRow, ServiceRow, TenantRow, both_cases, percent
from estate.language import later
from snapshots.page import (
    Block,
    Curve,
    Curves,
    Heading,
    Paragraph,
    Phrase,
    Ribbon,
    RibbonRow,
    Table,
    table,
)
from snapshots.snapshot import Unseen
from snapshots.telling import figures
from snapshots.telling.teller import Teller

#: Services drawn and listed; the others are counted. Those that lost most come first.
_MOST_BUDGETS = 40
_MOST_CURVES = 4
_MOST_TENANTS = 12
_MOST_UNSEEN = 80
_DAY_MS = 86_400_000

#: States of services, and days of a month, as they are said; "" is a day that is still to come.
STATES: Mapping[str, tuple[str, str]] = {
    "down": (later("down"), "crit"),
    "unknown": (later("unknown"), "unk"),
    "degraded": (later("degraded"), "warn"),
    "up": (later("well"), "good"),
    "": (later("to come"), "dim"),
}
_VERDICTS: Mapping[str, tuple[str, str]] = {
    "breached": (later("breached"), "crit"),
    "not provable": (later("not provable"), "unk"),
    "open": (later("still open"), ""),
    "met": (later("met"), "good"),
}
_UNSEEN: Mapping[str, str] = {
    "host": later("host"),
    "service": later("service"),
    "probe": later("probe"),
    "queue": later("queue"),
    "certificate": later("certificate"),
    "replication": later("replication"),
    "backup": later("backup"),
    "file": later("file"),
    "patches": later("patches"),
    "proxy": later("proxy"),
    "address": later("address"),
    "vantage": later("vantage"),
    "watch": later("the watch itself"),
    "records": later("records"),
}


def tell_services(t: Teller) -> tuple[Block, ...]:
    """Services that are not up, then everything that could not be seen: always both."""
    say = t.words.say
    ill = [each for each in t.snapshot.services if each.state != "up"]
    order = list(STATES)
    ill.sort(key=lambda each: (order.index(each.state) if each.state in order else 1, each.key))
    blocks: list[Block] = [Heading(Phrase(say("Services that are not up")))]
    if ill:
        titles = (say("service"), say("state"), say("since"), say("for how long"), say("why"))
        blocks.append(table(titles, [_ill(t, each) for each in ill], right="   > "))
    else:
        blocks.append(t.none())
    blocks.append(Heading(Phrase(say("What could not be seen"))))
    if t.snapshot.unseen:
        blocks.append(_unseen(t))
    else:
        blocks.append(t.none())
    return tuple(blocks)


def _ill(t: Teller, row: ServiceRow) -> tuple[Phrase, ...]:
    word, role = STATES.get(row.state, (row.state, "unk"))
    planned = t.words.say("under planned work") if row.planned else ""
    return (
        Phrase(t.name(row), "strong"),
        Phrase(t.words.say(word), role),
        Phrase(t.time(row.since)),
        Phrase(t.age(row.since)),
        Phrase(" · ".join(filter(None, (row.cause, planned))), "dim"),
    )


def _unseen(t: Teller) -> Table:
    say, unseen = t.words.say, t.snapshot.unseen
    more = len(unseen) - _MOST_UNSEEN
    return table(
        (say("kind"), say("where"), say("since"), say("until"), say("in all"), say("why")),
        [_gap(t, each) for each in unseen[:_MOST_UNSEEN]],
        right="    > ",
        more=say("and {count:,} more", count=more) if more > 0 else "",
    )


def _gap(t: Teller, gap: Unseen) -> tuple[Phrase, ...]:
    return (
        Phrase(t.words.say(_UNSEEN.get(gap.kind, gap.kind)), "unk"),
        Phrase(t.service(gap.where) if gap.kind == "service" else gap.where, "strong"),
        Phrase("" if gap.since is None else t.time(gap.since)),
        Phrase("" if gap.until is None else t.time(gap.until)),
        Phrase("" if gap.lost_ms is None else t.span(gap.lost_ms)),
        Phrase(gap.why, "dim"),
    )


def tell_budgets(t: Teller) -> tuple[Block, ...]:
    """The month of every promise: a ribbon, its figures, its curve; then the tenants."""
    promised = [(each, each.budget) for each in t.snapshot.services if each.budget is not None]
    if not promised:
        return ()
    say, say_many = t.words.say, t.words.say_many
    promised.sort(key=lambda pair: (pair[1].left_worst_ms / max(1, pair[1].limit_ms), pair[0].key))
    shown, quiet = promised[:_MOST_BUDGETS], promised[_MOST_BUDGETS:]
    more = ""
    if quiet:
        lost = max(budget.down_ms + budget.unknown_ms for _, budget in quiet)
        more = say_many("and {count} more service, with {time} at most lost or unseen",
                    "and {count} more services, each with {time} at most lost or unseen",
                    len(quiet), time=t.span(lost))  # fmt: skip
    legend = tuple((state, Phrase(say(word), role)) for state, (word, role) in STATES.items())
    ribbon = Ribbon(
        Phrase(say("{month}, day by day", month=shown[0][1].month)),
        tuple(
            RibbonRow(
                Phrase(t.name(row)),
                tuple(day.worst for day in budget.days),
                Phrase(f"{_of_limit(t, budget)} · {budget.objective}"),
            )
            for row, budget in shown
        ),
        legend,
    )
    titles = (say("service"), say("verdict"), say("used"), say("unseen"),
              say("left"), say("best %"), say("worst %"), say("burn 1 h"), say("failovers"),
              say("at this pace"))  # fmt: skip
    rows = [_budget(t, row, budget) for row, budget in shown]
    return (
        ribbon,
        table(titles, rows, right="  >>>>>>> ", more=more),
        *_curves(t, shown[:_MOST_CURVES]),
        *_tenants(t),
    )


def _of_limit(t: Teller, said: BudgetRow) -> str:
    left, limit = t.span(said.left_best_ms), t.span(said.limit_ms)
    return t.words.say("{left} of {limit} left", left=left, limit=limit)


def _budget(t: Teller, row: ServiceRow, said: BudgetRow) -> tuple[Phrase, ...]:
    word, role = _VERDICTS.get(said.verdict, (said.verdict, "unk"))
    over = said.left_best_ms < 0
    return (
        Phrase(t.name(row), "strong"),
        Phrase(t.words.say(word), role),
        Phrase(t.span(said.down_ms)),
        Phrase(t.span(said.unknown_ms), "unk" if said.unknown_ms else "dim"),
        Phrase(_left(t, said), "crit" if over else ""),
        Phrase(_share(said.best)),
        Phrase(_share(said.worst), "unk" if said.unknown_ms else ""),
        Phrase(figures.times(said.burn.get("1h"))),
        Phrase(_failovers(said), "" if said.failovers_left == said.failovers_at_worst else "unk"),
        Phrase(_pace(t, said), "dim"),
    )


def _left(t: Teller, said: BudgetRow) -> str:
    """The best and, where something was not seen, the worst case."""
    if said.left_best_ms == said.left_worst_ms:
        return t.span(said.left_best_ms)
    return both_cases(t.span(said.left_best_ms), t.span(said.left_worst_ms))


def _failovers(said: BudgetRow) -> str:
    """How many more the limit bears, in both cases; an older watch told the best alone."""
    worst = said.failovers_at_worst
    if said.failovers_left is None:
        return figures.NONE
    return both_cases(
        figures.count(said.failovers_left),
        figures.UNKNOWN if worst is None else figures.count(worst),
    )


def _share(share: str | None) -> str:
    try:
        return percent(share, 4)
    except (
        OverflowError,
        ValueError,
        ZeroDivisionError,
    ):  # a file from elsewhere may hold any text
        return figures.UNKNOWN


def _pace(t: Teller, said: BudgetRow) -> str:
    say = t.words.say
    if said.used_up_at is not None:
        return say("if it stays so, gone at {time}", time=t.time(said.used_up_at))
    if said.at_month_pace_ms is None:
        return figures.NONE
    spare = said.limit_ms - said.at_month_pace_ms
    if spare < 0:
        return say("breached, {time} over", time=t.span(-spare))
    return say("met, {time} to spare", time=t.span(spare))


def _curves(t: Teller, shown: list[tuple[ServiceRow, BudgetRow]]) -> tuple[Block, ...]:
    """What was left at the end of each day, of those that lost something."""
    lossy = [(row, said) for row, said in shown if said.down_ms and said.limit_ms > 0]
    if not lossy:
        return ()
    return (
        Heading(Phrase(t.words.say("Burn-down"))),
        Curves(tuple(_curve(t, row, said) for row, said in lossy)),
    )


def _curve(t: Teller, row: ServiceRow, said: BudgetRow) -> Curve:
    points: list[tuple[int, float | None]] = [(said.starts, float(said.limit_ms))]
    past = [day for day in said.days if day.worst]
    spent = accumulate(day.down_ms for day in past)
    for number, (day, lost) in enumerate(zip(past, spent, strict=True), 1):
        # A day of 23 or 25 hours moves the curve by a hair, no figure.
        left = None if _hardly_seen(day) else float(max(0, said.limit_ms - lost))
        points.append((said.starts + number * _DAY_MS, left))
    if past and _hardly_seen(past[0]):
        points[0] = (said.starts, None)
    days = len(said.days) or 1
    ticks = [day for day in (1, 10, 20, days) if day <= days]
    return Curve(
        Phrase(t.name(row)),
        Phrase(_of_limit(t, said)),
        said.starts,
        max(said.ends, said.starts + 1),
        float(said.limit_ms),
        tuple(points),
        scale=((0.0, Phrase("0")), (float(said.limit_ms), Phrase(t.span(said.limit_ms)))),
        ticks=tuple((said.starts + (day - 1) * _DAY_MS, Phrase(str(day))) for day in ticks),
        role="crit" if said.left_best_ms < 0 else "info",
    )  # fmt: skip


def _hardly_seen(day: DayRow) -> bool:
    """Whether more of a day is unknown than known: no curve is drawn through it."""
    return day.unknown_ms * 2 > _DAY_MS


def _tenants(t: Teller) -> tuple[Block, ...]:
    rows = t.snapshot.tenants
    if not rows:
        return ()
    say = t.words.say
    more = len(rows) - _MOST_TENANTS
    titles = (say("tenant"), say("name"), say("down"), say("unseen"), say("best %"), say("worst %"))
    return (
        Heading(Phrase(say("Tenants, the worst off first"))),
        table(
            titles,
            [_tenant(t, each) for each in rows[:_MOST_TENANTS]],
            right="  >>>>",
            more=say("and {count:,} more", count=more) if more > 0 else "",
        ),
        Paragraph(Phrase(say("A tenant is down while any service that serves it is."), "dim")),
    )


def _tenant(t: Teller, row: TenantRow) -> tuple[Phrase, ...]:
    return (
        Phrase(row.key, "strong"),
        Phrase(t.name(row)),
        Phrase(t.span(row.down_ms)),
        Phrase(t.span(row.unknown_ms), "unk" if row.unknown_ms else "dim"),
        Phrase(_share(row.best)),
        Phrase(_share(row.worst)),
    )
