"""Readiness and tenants, on screens of their own and on home: as agreed, in any size."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from estate.availability import AllTenantsRow, BudgetRow, DayRow, ServiceRow, TenantRow
from estate.queues import QueueRow
from estate.readiness import Bearing, FindingRow, ReadinessRow, Verdict
from estate.told import told
from tui.console.keys.keymap import Keymap
from tui.paint import keys, paint
from tui.paint.cells import BARS, ROLES, joined
from tui.paint.readywords import waivers
from tui.paint.tenants import mean_of, tenant_minutes
from tui.paint.view import Attention
from watch.languages import words_in

TITLES = ("PROBLEMS", "FLEET", "SERVICES", "QUEUES", "READINESS", "HOSTS", "EVENTS")
GOLDENS = Path(__file__).parent / "goldens"


def finding(now, asked, bearing, said="", source="hosts", todo="", ago=2, **parts):
    at = None if ago is None else now - ago * 1000
    return FindingRow(told(asked), Bearing(bearing), told(said), source, at, told(todo), **parts)


def rows(now):
    """Three services: one that an approver may move, one that is ready, one that nobody knows."""
    email = ReadinessRow(
        "email",
        "E-mail",
        Verdict.NOT_KNOWN,
        {"en": "E-mail", "zh-Hant": "電郵"},
        "mail-failover",
        7,
        "recovery",
        now,
        (
            FindingRow(told("Standby {host}, {limit} s behind at most", host="mdb-r01", limit="10"),
                       Bearing.UNKNOWN,
                       told("{why}. Last {lag} s at {time}", lag="0.4", time="02:58:35",
                            why=told("{host} is lost", host="mdb-c01")),
                       "mdb-r01", now - 512_000,
                       told("an approver says what loss is acceptable"), waivable=True),
            finding(now, "The hosts that are left", "note",
                    "not to be stopped by SSH: mdb-c01 unreachable", todo="have them fenced"),
            finding(now, "mta at recovery, 12 needed", "note", "15 of 16 well: mta-r11 untrusted"),
            finding(now, "A runbook", "passes", "mail-failover v7: nothing stands against it",
                    "plan"),
            finding(now, "The standby runs and answers", "passes", "", "mdb-r01", ago=3600),
            finding(now, "Time, 10:00 promised", "passes", "p50 5:48, p90 9:12", "plan"),
            finding(now, "A drill", "passes", "drill r-20261115-0200-ab12 took 3:41",
                    "runs", ago=4 * 86_400),
        ),
        now - 3_600_000,
        348_000,
        552_000,
        "history",
        600_000,
        now - 5 * 86_400_000,
        221_000,
        "r-20261115-0200-ab12",
    )  # fmt: skip
    archive = replace(
        email,
        key="archive",
        name="Mail archive",
        names={"zh-Hant": "電郵存檔"},
        verdict=Verdict.READY,
        findings=email.findings[3:],
        p50_ms=65_000,
        p90_ms=110_000,
    )
    voice = ReadinessRow(
        "voice",
        "Voice mail",
        Verdict.NOT_READY,
        {"zh-Hant": "留言信箱"},
        to="recovery",
        findings=(
            finding(now, "A runbook", "stops", "the estate names none", "estate",
                    "name one in the estate: services: voice: runbooks: fails:", None),
        ),
    )  # fmt: skip
    return (email, archive, voice)


def month(*, down_ms=0, unknown_ms=0, burn=0.0, used_up_at=None, worst="up"):
    """A month of which twenty days have passed."""
    limit, whole = 1_296_000, 2_592_000_000
    days = tuple(DayRow("up") for _ in range(18))
    return BudgetRow(
        "2026-11", 1_793_462_400_000, 1_796_054_400_000, "99.95%", limit, None, down_ms,
        unknown_ms, 0, 0, f"{whole - down_ms}/{whole}", f"{whole - down_ms - unknown_ms}/{whole}",
        "open", limit - down_ms, limit - down_ms - unknown_ms, {"1h": burn}, used_up_at=used_up_at,
        days=(*days, DayRow("unknown"), DayRow(worst), *(DayRow(""),) * 10),
    )  # fmt: skip


def services(now):
    """One that is down, one that is well, one that nobody asks."""
    gone = month(down_ms=702_000, burn=284.0, used_up_at=now + 594_000, worst="down")
    seen = month(unknown_ms=840_000)
    return (
        ServiceRow("email", "E-mail", {"zh-Hant": "電郵"}, 1, "down", now - 512_000, now - 2_000,
                   "smtp mx.example:25: connection refused", 12.4, ("ops-c01",), budget=gone),
        ServiceRow("archive", "Mail archive", {"zh-Hant": "電郵存檔"}, 2, "up", 0, now - 2_000,
                   milliseconds=3.0, budget=seen),
        ServiceRow("voice", "Voice mail", {"zh-Hant": "留言信箱"},
                   cause="the estate declares no probe for it"),
    )  # fmt: skip


TENANTS = (
    TenantRow("sb", "Security Bureau", {"zh-Hant": "保安局"}, 702_000, 840_000, "3693/3694",
              "1280/1282", ("email", "archive"), ("mta", "mbx", "mdb", "mq")),
    TenantRow("lwb", "Labour and Welfare Bureau", {"zh-Hant": "勞工及福利局"}, 702_000, 0,
              "3693/3694", "3693/3694", ("email",), ("mta", "mbx", "mdb")),
)  # fmt: skip


ALL_TENANTS = AllTenantsRow("2026-11", 1_793_462_400_000, 2, 702_000, 840_000, "3693/3694",
                            "1280/1282", "3693/3694", 1_404_000)  # fmt: skip


@pytest.fixture(scope="module")
def full(boards):
    """The incident with everything that home may show."""
    now = boards.NOW
    queues = tuple(
        QueueRow(f"postfix/mta/{name}", name, "central", "postfix", "mta", queue=name, state=state,
                 at=now, depth=depth, why=why, hosts=16)
        for name, state, depth, why in (
            ("deferred", "critical", 16_767, "over 10,000"), ("incoming", "ok", 64, ""),
            ("active", "ok", 57, ""),
        )
    )  # fmt: skip
    return replace(
        boards.incident(),
        services=services(now),
        tenants=TENANTS,
        all_tenants=(ALL_TENANTS,),
        queues=queues,
        readiness=rows(now),
    )


def view(boards, document, screen, width, height, **parts):
    trail = ("home",) if screen == "home" else ("home", screen)
    known = {"trail": trail, "keys": Keymap().footer(screen, without=frozenset({"runs.decide"}))}
    return boards.view(document, width, height, screen=screen, **{**known, **parts})


CASES = {
    f"{name}-{w}x{h}{'' if language == 'en' else '-zh-Hant'}": (screen, w, h, language)
    for name, screen in (("readiness", "readiness"), ("tenants", "tenants"), ("home-full", "home"))
    for w, h in ((80, 24), (120, 40), (200, 50))
    for language in ("en", "zh-Hant")
}


@pytest.mark.parametrize("name", CASES)
def test_a_screen_looks_as_agreed(boards, full, name):
    screen, width, height, language = CASES[name]
    subject = "email" if screen == "readiness" else ""
    page = paint(view(boards, full, screen, width, height, subject=subject,
                      words=words_in(language)))  # fmt: skip
    drawn = joined(page.lines) + "\n"
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("screen", ["readiness", "tenants", "home"])
@pytest.mark.parametrize("height", [1, 3, 8, 24, 40, 60])
@pytest.mark.parametrize("width", [1, 7, 20, 40, 79, 80, 99, 100, 180, 260])
def test_a_page_always_fits_its_screen(boards, full, screen, width, height):
    long = finding(boards.NOW, "名" * 60, "stops", "x" * 300, "s" * 99, "t" * 300)
    odd = replace(full.readiness[0], name="x" * 90, names={}, findings=(long,) * 30, p50_ms=None)
    document = replace(full, readiness=(odd, *full.readiness))
    page = paint(view(boards, document, screen, width, height))
    assert len(page.lines) == height
    for line in page.lines:
        assert line.width <= width
        assert line.bar in BARS
        assert all(span.role.removesuffix(" b") in ROLES for span in line.spans)


@pytest.mark.parametrize("screen", ["readiness", "tenants", "home"])
@pytest.mark.parametrize("height", [24, 40, 50])
def test_the_cursor_stands_on_every_row(boards, full, screen, height):
    here = view(boards, full, screen, 120, height)
    for key in keys(here):
        page = paint(replace(here, attention=Attention(cursor=key)))
        assert page.cursor is not None, key
        assert page.lines[page.cursor].key == key


def test_the_worst_off_stands_at_the_top_unless_another_was_asked_for(boards, full):
    top = joined(paint(view(boards, full, "readiness", 120, 40)).lines)
    assert "Can Voice mail move to recovery now?  NO" in top
    asked = joined(paint(view(boards, full, "readiness", 120, 40, subject="archive")).lines)
    assert "Can Mail archive move to recovery now?  YES\n" in asked


def test_what_an_approver_may_waive_is_said_and_is_not_ready(boards, full):
    email, archive, voice = full.readiness
    assert (waivers(email), waivers(archive), waivers(voice)) == (1, 0, 0)
    page = joined(paint(view(boards, full, "readiness", 120, 40, subject="email")).lines)
    assert "NOT KNOWN, 1 to waive" in page
    known = replace(email.findings[0], bearing=Bearing.STOPS)
    email = replace(email, verdict=Verdict.NOT_READY, findings=(known,))
    document = replace(full, readiness=(email,))
    page = joined(paint(view(boards, document, "readiness", 120, 40)).lines)
    assert "now?  YES, with 1 waiver" in page
    hard = replace(known, waivable=False)
    document = replace(full, readiness=(replace(email, findings=(known, hard)),))
    assert "now?  NO" in joined(paint(view(boards, document, "readiness", 120, 40)).lines)


def test_nothing_that_moves_and_no_tenants_are_sentences(boards):
    for screen, said in (
        ("readiness", "No service is meant to move: give one a runbook (runbooks: fails:)."),
        ("tenants", "The estate names no tenants that its services serve."),
    ):
        here = view(boards, boards.calm(), screen, 120, 40)
        assert said in joined(paint(here).lines)
        assert keys(here) == ()


def test_the_remedy_of_the_row_at_the_cursor_is_said(boards, full):
    here = view(boards, full, "readiness", 120, 40, subject="email")
    page = joined(paint(here).lines)
    assert "remedy  an approver says what loss is acceptable" in page
    below = replace(here, attention=Attention(cursor="finding:email:1"))
    assert "remedy  have them fenced" in joined(paint(below).lines)


def test_tenants_are_added_up_exactly(full):
    assert mean_of(()) is None
    shares = tuple(
        replace(row, best=best)
        for row, best in zip(full.tenants, ("21589/21600", "1"), strict=True)
    )
    assert mean_of(shares) == "43189/43200"
    assert [tenant_minutes(ms) for ms in (0, 5_999, 6_000, 90_000, 6_000_000_000)] == [
        "0.0", "0.0", "0.1", "1.5", "100,000.0",
    ]  # fmt: skip


def test_on_home_nothing_jumps_between_calm_and_incident(boards, full):
    """The panels' headings stand on the same lines, whatever is wrong."""
    quiet = replace(full, problems=boards.calm().problems, hosts=boards.calm().hosts, events=())
    for size in ((80, 24), (120, 40), (200, 50)):
        places = [
            [at for at, line in enumerate(paint(view(boards, each, "home", *size)).lines)
             if line.text[3:].split(" ")[0] in TITLES]
            for each in (full, quiet)
        ]  # fmt: skip
        assert places[0] == places[1]


def test_findings_that_do_not_fit_are_counted_and_scroll_into_sight(boards, full):
    email = replace(full.readiness[0], findings=full.readiness[0].findings * 5)
    document = replace(full, readiness=(email,))
    here = view(boards, document, "readiness", 80, 24)
    assert "20 more ↓" in joined(paint(here).lines)
    last = paint(replace(here, attention=Attention(cursor=keys(here)[-1])))
    assert "20 more ↑" in joined(last.lines)
    assert last.lines[last.cursor].key == "finding:email:34"


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("width", [30, 40, 50, 60, 70, 80])
def test_a_narrow_page_keeps_its_name_and_cuts_no_figure(boards, width, language):
    """At 60 columns it was called "home › rea…" beside nothing, and 5:48 was "5…"."""
    words = words_in(language)
    timed = tuple(replace(each, p50_ms=348_000) for each in rows(boards.NOW))
    document = replace(boards.incident(), readiness=timed)
    shown = boards.view(document, width, 15, screen="readiness", words=words)
    shown = replace(shown, trail=("home", "readiness"), subject="archive")
    lines = [line.text for line in paint(shown).lines]
    trail = f"{words.say('home')} › {words.say('readiness')}"
    assert any(text.strip().startswith(trail) for text in lines)
    assert not re.search(r"[ :]\d+…", "\n".join(lines[-4:]))
    if language == "en" and width >= 60:
        assert any("waiver" in text and " 5:48 " in text for text in lines)
        assert any("not ready " in text and " 5:48 " in text for text in lines)


@pytest.mark.parametrize(("service", "said"), [("voice", "1 check, "), ("email", "7 checks, ")])
def test_one_check_is_one(boards, service, said):
    document = replace(boards.incident(), readiness=rows(boards.NOW))
    shown = boards.view(document, 80, 24, screen="readiness", subject=service)
    assert said in joined(paint(shown).lines)
