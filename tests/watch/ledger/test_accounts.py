"""All accounts: rows, problems, tenants, planned work, and what waits to be kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from estate.document import Severity
from estate.file import read_estate
from estate.ledger.book import Batch, Pages
from estate.ledger.observed import Probed, ServiceRound
from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting
from tui.paint.glyphs import CAUSE, glyph
from watch.ledger.account import REOPENED_MS
from watch.ledger.accounts import Accounts

ESTATE = """
estate: E
timezone: Asia/Hong_Kong
sites: {c: {name: C, role: primary}}
tenants: {sb: Security, lwb: Labour}
hosts:
  "mta-[1:2]": {site: c, groups: [mta]}
  gw: {site: c, groups: [gw]}
services:
  mail:
    name: {en: E-mail}
    tier: 1
    objective: {available: 99.95%, flat_limit: 22m, recover_within: 10m}
    needs: [{group: mta, at: active site, k: 2}]
    probes: [{smtp: "mx:25"}]
    tenants: [sb]
  files:
    name: {en: Files}
    objective: {available: 99.95%}
    probes: [{tcp: "files:445"}]
    tenants: all
  voice: {name: {en: Voice}, objective: {available: 99.9%}}
"""
PLANNED = (
    ESTATE
    + "maintenance: [{where: 'group:mta', starts: 2026-11-10 02:00, ends: 2026-11-10 04:00, reason: disks}]\n"
)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text + "+08:00").timestamp()) * 1000


NOON = ms("2026-11-10T12:00:00")
CADENCE = 10_000


def accounts(text: str = ESTATE, now: int = NOON) -> Accounts:
    return Accounts(read_estate(text, "estate.yaml"), lambda _: CADENCE, Pages(), now)


def feed(book: Accounts, marks: str, start: int = NOON, service: str = "mail") -> int:
    for number, mark in enumerate(marks):
        at = start + number * CADENCE
        seen = Seen(mark)
        probed = Probed("smtp mx:25", seen, 2.5, "" if mark == "o" else "connection refused")
        blind = "blind: no canary answers" if mark == "-" else ""
        book.take(ServiceRound(service, "here", at, at, seen, (probed,), blind), {})
    return start + (len(marks) - 1) * CADENCE


def test_what_was_never_seen_says_why() -> None:
    """A probe that can't be carried out, or a vantage that is blind from its first round on."""
    book = accounts()
    now = feed(book, "---")
    mail = book.picture(now)[0][0]
    assert (mail.state, mail.since, mail.cause) == ("unknown", None, "blind: no canary answers")


def test_services_stand_in_the_estates_order_and_what_nobody_asks_is_unknown() -> None:
    book = accounts()
    now = feed(book, "ooo")
    rows, _, problems, _ = book.picture(now)
    assert [(row.key, row.state) for row in rows] == [
        ("mail", "up"),
        ("files", "unknown"),
        ("voice", "unknown"),
    ]
    assert rows[2].cause == "the estate declares no probe for it"
    assert problems == ()
    mail = rows[0]
    assert mail.budget is not None
    assert (mail.budget.limit_ms, mail.budget.down_ms) == (1_296_000, 0)
    assert mail.budget.unknown_ms == NOON - ms("2026-11-01T00:00:00")
    assert mail.budget.best == "1" and mail.budget.verdict == "not provable"
    assert (mail.vantages, mail.milliseconds) == (("here",), 2.5)
    assert [day.worst for day in mail.budget.days[:11]] == ["unknown"] * 10 + [""]


def test_an_outage_is_a_problem_and_its_budget_burns() -> None:
    book = accounts()
    now = feed(book, "o" * 10 + "x" * 60)
    rows, tenants, problems, together = book.picture(now)
    assert rows[0].state == "down" and rows[0].since == NOON + 100_000
    down, burning = problems
    assert (down.id, down.severity, down.what) == ("mail/service", Severity.CRITICAL, "down")
    assert down.why == "smtp mx:25: connection refused"
    assert (burning.id, burning.severity) == ("mail/budget", Severity.CRITICAL)
    assert glyph(burning.glyph, burning.severity) is CAUSE
    assert burning.what.startswith("budget burns ") and burning.since == NOON + 100_000
    budget = rows[0].budget
    assert budget is not None and budget.down_ms == now - NOON - 100_000
    assert budget.used_up_at == now + 1_296_000 - budget.down_ms
    # Ten days of it nobody saw: that another one would fit is the best case, and said as such.
    assert (budget.failovers_left, budget.failovers_left_worst) == (1, 0)
    assert (tenants[0].key, tenants[0].down_ms) == ("sb", budget.down_ms)
    assert (tenants[1].key, tenants[1].down_ms) == ("lwb", 0)
    assert together[0].down_ms == together[0].lost_ms == budget.down_ms


def test_a_budget_that_may_burn_unseen_is_no_second_problem() -> None:
    """With a site cut off every service there is unknown: the budgets of all would hide the cut."""
    book = accounts()
    now = feed(book, "o" * 10 + "-" * 60)
    (row, *_), _, (unknown, burning), _ = book.picture(now)
    assert (row.state, unknown.id) == ("unknown", "mail/service")
    assert (burning.id, burning.parent) == ("mail/budget", "mail/service")
    assert "if the unseen was down" in burning.what
    # It was down, and that is proven; that nobody sees it now is another thing.
    later = feed(book, "x" * 30 + "-" * 6, now + CADENCE)
    *_, (unknown, burning), _ = book.picture(later)
    assert (unknown.what, burning.parent) == ("unknown", "")
    # Served again, the unseen of the last hour is a problem by itself.
    well = accounts()
    last = feed(well, "o" * 10 + "-" * 60 + "oo")
    *_, (burning,), _ = well.picture(last)
    assert (burning.id, burning.parent) == ("mail/budget", "")


def test_all_tenants_together_are_down_while_any_of_them_is() -> None:
    book = accounts()
    now = feed(book, "oxxxooo")
    feed(book, "oooxxxo", service="files")  # sb has both, lwb the files alone
    (sb, lwb), (together,) = (book.picture(now)[at] for at in (1, 3))
    assert (sb.down_ms, lwb.down_ms) == (5 * CADENCE, 3 * CADENCE)
    assert (together.month, together.tenants, together.down_ms) == ("2026-11", 2, 5 * CADENCE)
    assert together.lost_ms == 8 * CADENCE
    whole = now - ms("2026-11-01T00:00:00")
    assert together.best == str(1 - Fraction(5 * CADENCE, whole))
    assert together.worst == str(1 - Fraction(together.unknown_ms + 5 * CADENCE, whole))
    assert together.unknown_ms == sb.unknown_ms == whole - 6 * CADENCE  # before it was first asked
    no_tenants = accounts(
        ESTATE.replace("tenants: {sb: Security, lwb: Labour}\n", "")
        .replace("tenants: [sb]", "")
        .replace("tenants: all", "")
    )
    assert no_tenants.picture(NOON)[3] == ()


def test_a_budget_that_is_gone_says_by_how_much() -> None:
    book = accounts()
    now = feed(book, "oo" + "x" * 140)
    _, _, problems, _ = book.picture(now)
    gone = next(each for each in problems if each.kind == "budget")
    assert gone.what == "budget of 2026-11 is gone"
    assert gone.why.startswith("1:34 over 21:36")


def test_planned_work_was_declared_when_it_was_first_seen() -> None:
    night = ms("2026-11-10T01:00:00")
    book = accounts(PLANNED, now=night)
    (declared,) = book.waiting().maintenance
    assert (declared.service, declared.declared_at) == ("mail", night)
    book.follow(read_estate(PLANNED, "estate.yaml"), NOON)
    assert len(book.waiting().maintenance) == 1
    now = feed(book, "ooxxxx", ms("2026-11-10T03:00:00"))
    rows, _, problems, _ = book.picture(now)
    assert rows[0].planned
    assert problems[0].severity is Severity.MAINTENANCE
    budget = rows[0].budget
    assert budget is not None and budget.down_ms == budget.maintenance_ms > 0
    assert (budget.net_best, budget.net_worst) == ("1", "0")  # before it nobody had asked
    assert budget.best != "1"


def test_work_that_was_declared_too_late_is_counted_and_takes_nothing_off() -> None:
    book = accounts(PLANNED, now=ms("2026-11-10T02:00:01"))
    now = feed(book, "ooxxxx", ms("2026-11-10T03:00:00"))
    (mail, files, _), *_ = book.picture(now)
    assert mail.budget is not None and files.budget is not None
    assert mail.budget.down_ms == mail.budget.maintenance_ms > 0
    assert mail.budget.net_best is None is files.budget.net_best


def test_what_is_kept_waits_no_longer_and_what_grew_meanwhile_does() -> None:
    book = accounts()
    feed(book, "oox")
    batch = book.waiting()
    now = feed(book, "x", NOON + 3 * CADENCE)
    book.kept(batch)
    left = book.waiting()
    assert [each.to for each in left.coverage] == [now]
    assert [each.transition.state for each in left.entries] == ["down"]
    book.kept(left)
    assert book.waiting() == Batch()


def test_a_service_that_the_estate_drops_is_not_asked_about_again() -> None:
    book = accounts()
    feed(book, "oo")
    less = read_estate(ESTATE.replace('probes: [{smtp: "mx:25"}]', ""), "estate.yaml")
    book.follow(less, NOON + 60_000)
    assert feed(book, "o", NOON + 60_000)
    rows, *_ = book.picture(NOON + 60_000)
    assert rows[0].cause == "the estate declares no probe for it"


def two_vantages(*known: Sighting) -> Accounts:
    return Accounts(
        read_estate(ESTATE, "estate.yaml"), lambda _: CADENCE, Pages(sightings=known), NOON,
        vantages=lambda _: ("here", "there"), own="here",
    )  # fmt: skip


def there(first: int, last: int, seq: int, mark: str = "o", every: int = CADENCE) -> Sighting:
    return Sighting("mail", "there", first, last, every, Seen(mark), seq)


def read_all(book: Accounts) -> list[tuple[int, str]]:
    """What is said once all is read: since when, and the state."""
    while book.behind:
        book.go_on()
    said = book.waiting().entries
    gone = [each.transition for each in said if each.withdrawn]
    left = [each.transition for each in said if each.transition not in gone]
    return [(each.at, str(each.state)) for each in left]


def test_of_a_years_line_three_days_are_read() -> None:
    book = two_vantages()
    feed(book, "o")
    year = 365 * 86_400_000 // CADENCE * CADENCE
    book.hear("there", [there(NOON - year, NOON, 7)], NOON)
    assert read_all(book)[-1] == (NOON - REOPENED_MS, "up")
    covered = [each for each in book.waiting().coverage if each.vantage == "there"]
    assert [each.start for each in covered] == [NOON - REOPENED_MS]
    # It goes on by a round, and is the same run on the record.
    feed(book, "o", NOON + CADENCE)
    book.hear("there", [there(NOON - year, NOON + CADENCE, 8)], NOON + CADENCE)
    assert read_all(book)[-1] == (NOON - REOPENED_MS, "up")
    told = [each for each in book.waiting().sightings if each.vantage == "there"]
    assert [(each.at, each.until) for each in told] == [(NOON - year, NOON + CADENCE)]


def test_a_watch_that_was_dead_for_ten_days_is_told_of_the_last_three() -> None:
    """What was down before it died was down until then; of the first seven days nobody knows."""
    book = two_vantages()
    last = feed(book, "oooxxxx")
    book.hear("there", [there(NOON, NOON + 2 * CADENCE, 3)], last)
    book.hear("there", [there(NOON + 3 * CADENCE, last, 7, "x")], last)
    assert read_all(book) == [(NOON, "up"), (NOON + 3 * CADENCE, "down")]
    back = last + 10 * 86_400_000
    book.hear("there", [there(last + CADENCE, back, 90_000)], back)
    feed(book, "o", back)
    assert read_all(book)[2:] == [(last, "unknown"), (back - REOPENED_MS, "up")]


def test_what_one_vantage_saw_failing_is_degraded_and_has_a_figure_of_its_own() -> None:
    book = two_vantages()
    now = feed(book, "ooxxxoo")
    book.hear("there", [there(NOON, now, 7)], now)
    read_all(book)
    (row, *_), *_ = book.picture(now)
    assert row.budget is not None
    assert (row.budget.degraded_ms, row.budget.down_ms) == (3 * CADENCE, 0)


def test_rounds_of_another_cadence_are_no_pairs_of_ours() -> None:
    book = two_vantages()
    feed(book, "o" * 9)
    until = NOON + 9 * CADENCE
    book.hear("there", [there(NOON, until, 9, "x", 3 * CADENCE)], until)
    assert read_all(book) == [(NOON, "up")]
    assert book.askew == {("there", "mail"): 3 * CADENCE}
    book.hear("there", [there(NOON + CADENCE, until, 19, "x")], until)
    assert read_all(book) == [(NOON, "up"), (NOON + CADENCE, "degraded")]
    assert book.askew == {}


def test_rounds_of_later_than_now_are_not_believed() -> None:
    """A vantage whose clock is ahead, or that lies, would settle what nobody has seen yet."""
    book = two_vantages()
    now = feed(book, "ooo")
    book.hear("there", [there(NOON, now + 4 * CADENCE, 9)], now)
    assert not any(each.vantage == "there" for each in book.waiting().sightings)
    book.hear("there", [there(NOON, now + 3 * CADENCE, 10)], now)  # clocks are not that exact
    assert any(each.vantage == "there" for each in book.waiting().sightings)


def own_number(book: Accounts) -> int:
    """The number of the next round of our own."""
    feed(book, "o", NOON + CADENCE)
    return max(each.seq for each in book.waiting().sightings if each.vantage == "here")


def test_our_journal_counts_by_our_own_numbers() -> None:
    """Whatever another vantage says, ours must go on being numbers that it can read."""
    theirs = there(NOON - CADENCE, NOON, NOON + 90_000)
    assert own_number(two_vantages(theirs)) == NOON + 1
    ours = replace(theirs, vantage="here", seq=NOON + 70_000)
    assert own_number(two_vantages(theirs, ours)) == NOON + 70_001  # the clock was set back


def test_a_number_that_no_journal_has_come_to_is_not_heard_from() -> None:
    """An older watch put it on record: it was deaf to the vantage for ever."""
    known = there(NOON - 3 * CADENCE, NOON - 2 * CADENCE, 7)
    book = two_vantages(known, there(NOON - CADENCE, NOON - CADENCE, 1 << 62, "x"))
    assert book.heard_until("there") == 7
    feed(book, "o")
    book.hear("there", [there(NOON - CADENCE, NOON, 9)], NOON)
    assert [each.seq for each in book.waiting().sightings if each.vantage == "there"] == [9]


def test_a_run_that_grew_while_it_was_written_still_waits() -> None:
    """Else the round by which it grew, and its coverage, would never be put down."""
    book = accounts()
    feed(book, "xx")
    written = book.waiting()
    feed(book, "x", NOON + 2 * CADENCE)
    book.kept(written)
    left = book.waiting()
    assert [(each.at, each.until) for each in left.sightings] == [(NOON, NOON + 2 * CADENCE)]
    assert [(each.start, each.to) for each in left.coverage] == [(NOON, NOON + 2 * CADENCE)]
    book.kept(left)
    assert not book.waiting()


def test_a_service_that_is_retired_is_accounted_no_longer() -> None:
    """The prober asks it no more: what another watch goes on to tell of it counts no more either."""
    book = two_vantages()
    last = feed(book, "oo")
    retired = ESTATE.replace("tier: 1", "tier: 1\n    phase: retired")
    book.follow(read_estate(retired, "estate.yaml"), last)
    told = there(last + CADENCE, last + 9 * CADENCE, 7, "x")
    assert book.hear("there", [told], last + 9 * CADENCE) == ()
    assert feed(book, "x", last + CADENCE) and not book.waiting().rounds


def test_a_service_that_comes_back_goes_on_where_it_stopped() -> None:
    book = accounts()
    last = feed(book, "oo" + "x" * 4)
    book.kept(book.waiting())
    book.follow(read_estate(ESTATE.replace('probes: [{smtp: "mx:25"}]', ""), "estate.yaml"), last)
    book.follow(read_estate(ESTATE, "estate.yaml"), last + 600_000)
    back = last + 600_000
    feed(book, "oo", back)
    told = [(each.transition.at, each.transition.state) for each in book.waiting().entries]
    assert told == [(last, "unknown"), (back, "up")]
    rows, *_ = book.picture(back + CADENCE)
    assert rows[0].budget is not None and rows[0].budget.down_ms == 3 * CADENCE
