"""The budget and services screens: as agreed, in any size, and never better than what is proven."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from estate.availability import DayRow, ProbeRow, ServiceRow, SightRow
from estate.file import read_estate
from estate.ledger.book import Pages
from estate.ledger.observed import Probed, ServiceRound
from estate.ledger.rounds import Seen
from tui.console.keys.keymap import Keymap
from tui.paint import keys, paint
from tui.paint.budgetwords import left
from tui.paint.cells import BARS, ROLES, joined
from tui.paint.view import Attention
from watch.languages import words_in
from watch.ledger.accounts import Accounts

GOLDENS = Path(__file__).parent / "goldens"
CADENCE = 10_000
ESTATE = """
estate: Central messaging platform
timezone: Asia/Hong_Kong
sites: {central: {name: Central, role: primary}}
hosts: {gw: {site: central}}
tenants:
  sb: {en: Security Bureau, zh-Hant: 保安局}
  lwb: {en: Labour and Welfare Bureau, zh-Hant: 勞工及福利局}
services:
  email:
    name: {en: E-mail, zh-Hant: 電郵}
    tier: 1
    objective: {available: 99.95%, flat_limit: 22m, recover_within: 10m}
    probes: [{smtp: "mx.example:25"}]
  archive:
    name: {en: Mail archive, zh-Hant: 電郵存檔}
    objective: {available: 99.95%}
    probes: [{tcp: "archive.example:445"}]
    tenants: [sb]
  voice: {name: {en: Voice mail, zh-Hant: 留言信箱}}
"""


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text + "+08:00").timestamp()) * 1000


def board(document, now):
    """A board whose services are what the ledger makes of three weeks of rounds."""
    accounts = Accounts(read_estate(ESTATE, "estate.yaml"), lambda _: CADENCE, Pages(), now)
    lost = {
        "email": [(ms("2026-11-13T10:00:00"), 190_000), (now - 512_000, 600_000)],
        "archive": [],
    }
    blind = {"email": [], "archive": [(ms("2026-11-03T04:00:00"), 840_000)]}
    for key, gone in lost.items():
        for at in range(ms("2026-11-01T00:00:00"), now + 1, CADENCE):
            down = any(start <= at < start + length for start, length in gone)
            unseen = any(start <= at < start + length for start, length in blind[key])
            seen = Seen.NOTHING if unseen else Seen.FAIL if down else Seen.OK
            cause = "connection refused" if down else ""
            probed = Probed(f"{key} mx.example:25", seen, 12.4, cause)
            why = "blind: no canary answers (192.0.2.1:22)" if unseen else ""
            accounts.take(ServiceRound(key, "ops-c01", at, at, seen, (probed,), why), {})
    services, tenants, problems, _ = accounts.picture(now)
    return replace(
        document, services=services, tenants=tenants, problems=(*problems, *document.problems)
    )


@pytest.fixture(scope="module")
def budgets(boards):
    return board(boards.calm(), boards.NOW)


def view(boards, document, screen, width, height, **parts):
    known = {
        "trail": ("home", screen),
        "keys": Keymap().footer(screen, without=frozenset({"runs.decide"})),
    }
    return boards.view(document, width, height, screen=screen, **{**known, **parts})


CASES = {
    f"{screen}-{w}x{h}{'' if language == 'en' else '-zh-Hant'}": (screen, w, h, language)
    for screen in ("budget", "services")
    for w, h in ((80, 24), (120, 40))
    for language in ("en", "zh-Hant")
}


@pytest.mark.parametrize("name", CASES)
def test_a_screen_looks_as_agreed(boards, budgets, name):
    screen, width, height, language = CASES[name]
    page = paint(view(boards, budgets, screen, width, height, words=words_in(language)))
    drawn = joined(page.lines) + "\n"
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("width", [120, 200])
def test_every_column_of_the_panel_on_home_has_its_heading(boards, budgets, width, language):
    words = words_in(language)
    lines = paint(boards.view(budgets, width, 50, words=words)).lines
    head = next(line.text for line in lines if words.say("SERVICES") in line.text)
    for label in ("best %", "left", "burn 1 h"):
        assert words.say(label) in head


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_what_was_degraded_and_planned_stands_beside_the_gross_figure(
    boards, budgets, width, height
):
    first, *rest = budgets.services
    plain = joined(paint(view(boards, budgets, "budget", width, height)).lines)
    assert not any(word in plain for word in ("counts as up", "planned work", "net best"))
    seen = {"degraded_ms": 61_000, "maintenance_ms": 190_000, "net_best": "99971/100000"}
    document = replace(
        budgets, services=(replace(first, budget=replace(first.budget, **seen)), *rest)
    )
    page = joined(paint(view(boards, document, "budget", width, height)).lines)
    assert "degraded       1:01, counts as up" in page
    assert "planned work   3:10 down in it, counts" in page
    assert "net best       99.9710%  but for planned work" in page
    assert "failovers left 0" in page  # nothing fell off the end


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_with_two_vantages_it_says_what_each_of_them_saw(boards, budgets, width, height):
    now = boards.NOW
    month = 18 * 86_400_000
    seen = (
        SightRow("central", "x", now - 2_000, "email mx.example:25: connection refused", month),
        SightRow("recovery", "-", now - 400_000, "", month // 2),
        SightRow("cloud", "o", now - 2_000, "", 0),
    )
    first, *rest = budgets.services
    names = tuple(each.vantage for each in seen)
    document = replace(
        budgets, services=(replace(first, sights=seen, vantages=names, state="degraded"), *rest)
    )
    drawn = joined(paint(view(boards, document, "services", width, height)).lines) + "\n"
    path = GOLDENS / f"services-vantages-{width}x{height}.txt"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")
    budget = joined(paint(view(boards, document, "budget", width, height)).lines)
    assert "seen from      central 94%, recovery 47%, cloud 0%" in budget


@pytest.mark.parametrize("screen", ["budget", "services"])
@pytest.mark.parametrize("width", [1, 7, 20, 40, 79, 80, 99, 100, 180, 260])
def test_a_page_always_fits_its_screen(boards, budgets, screen, width):
    odd = ServiceRow(
        "x" * 90,
        "名" * 60,
        state="odd",
        probes=(ProbeRow("p" * 99, False, 1e9, "c" * 99),),
        sights=(SightRow("v" * 99, "odd", None, "c" * 99, 1 << 60), SightRow("名" * 9, "x")),
    )
    crowd = replace(budgets, services=(*budgets.services * 9, odd))
    for document in (budgets, crowd, boards.empty()):
        for height in (1, 3, 5, 9, 14, 24, 40, 70):
            shown = view(boards, document, screen, width, height)
            page = paint(shown)
            assert len(page.lines) == height
            for line in page.lines:
                assert line.width <= width
                assert line.bar in BARS
                assert {span.role.removesuffix(" b") for span in line.spans} <= set(ROLES)
            assert {line.key for line in page.lines if line.key} <= set(keys(shown))


@pytest.mark.parametrize("screen", ["budget", "services"])
def test_the_cursor_can_walk_through_every_row(boards, budgets, screen):
    shown = view(boards, budgets, screen, 80, 24)
    for key in keys(shown):
        page = paint(replace(shown, attention=Attention(cursor=key)))
        assert page.lines[page.cursor].key == key


def test_what_is_left_is_never_more_than_there_is():
    assert [left(ms) for ms in (1_296_000, 999, 0, -1, -24_000)] == [
        "21:36", "0:00", "0:00", "−0:01", "−0:24",
    ]  # fmt: skip


@pytest.mark.parametrize("day", [1, 9, 20, 30])
@pytest.mark.parametrize("width", range(52, 101, 4))
def test_no_figure_is_cut_where_the_month_has_no_room(boards, budgets, width, day):
    """At 60 columns the ribbon left "99.95…" of a share, and nothing of used and left."""
    days = (*(DayRow("up"),) * (day - 1), DayRow("down"), *(DayRow(""),) * (30 - day))
    first = budgets.services[0]
    month = replace(first, budget=replace(first.budget, days=days))
    shown = boards.view(replace(budgets, services=(month,)), width, 15, screen="budget")
    lines = [line.text for line in paint(shown).lines]
    heading = next(text for text in lines if "BUDGETS" in text)
    row = next(text for text in lines if text.startswith("▌"))
    ends = {word: heading.index(word) + len(word) for word in ("left", "best %", "worst %")}
    assert [row[:end].split()[-1] for end in ends.values()] == ["9:54", "99.9575", "99.9575"]
    if "used" in heading:
        assert row[: heading.index("used") + 4].split()[-1] == "11:42"
    assert width < 60 or "used" in heading
    drawn = len(re.findall("[▪✘·]", row[13 : width - 35]))
    assert drawn == (min(30, width - 49) if width >= 56 else 0) or width == 100
    if 0 < drawn < 30:
        last = max(day, drawn)
        assert f"days {last - drawn + 1}–{last}" in "\n".join(lines)
        assert "✘" in row[13 : width - 35]  # today is among them
