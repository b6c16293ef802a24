"""The queues screen and home's panel: as agreed, in any size, and never surer than what is known."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.document import Series
from estate.queues import Destination, QueuePart, QueueRow
from estate.told import told
from tui.console.keys.keymap import Keymap
from tui.paint import keys, paint
from tui.paint.cells import BARS, ROLES, joined
from tui.paint.plain import plain
from tui.paint.queues import panel_keys, queues_panel
from tui.paint.queuewords import outlook
from tui.paint.view import Attention
from watch.languages import words_in

GOLDENS = Path(__file__).parent / "goldens"
MINUTE = 60_000


def row(name, depth, oldest, came, left, **more) -> QueueRow:
    site = more.pop("site", "central")
    label, _, queue = name.removeprefix("recovery ").rpartition(" ")
    net = None if came is None or left is None else float(came - left)
    ripple = tuple(max(0, (depth or 0) + (n * 7 % 5 - 2) * (depth or 0) // 20) for n in range(30))
    given = {
        "state": "ok",
        "trend": "steady",
        "spark": ripple,
        "hosts": 2,
        "net_per_minute": net,
        **more,
    }
    key = f"postfix/{label}@{site}/{queue}"
    return QueueRow(
        key, name, site, "postfix", label, "email", queue, depth=depth, oldest_seconds=oldest,
        in_per_minute=came, out_per_minute=left, **given,
    )  # fmt: skip


def gone(some: str, why: str) -> str:
    """Why a row is not known, as the watch says it in any language."""
    return told("{some} of {all} hosts not known: {why}", some=some, all="16", why=why)


def storm(now: int) -> tuple[QueueRow, ...]:
    parts = [("mta-c03", 3904), ("mta-c04", 1822), ("mta-c09", 1790)]
    parts += [(f"mta-c{n:02d}", 1028) for n in (1, 2, 5, 6, 7, 8, 10, 11, 12)]
    rise = tuple([212] * 26 + [212 + 1940 * 2 * n for n in range(1, 5)])
    return (
        row("mta active", 240, 2, 1480, 1481),
        row(
            "mta deferred", 16_767, 509, 2110, 170, state="critical", since=now - 509_000,
            trend="rising", full_in_seconds=1028.0, warn=2000, critical=10_000, full=50_000,
            oldest_limit_seconds=900.0, spark=rise, hosts=16, missing=4, at_least=True,
            why=gone("4", told("behind {host}", host="gw-c02")),
            parts=(
                *(QueuePart(host, depth, 500.0, 160.0, now - 4_000) for host, depth in parts),
                *(QueuePart(f"mta-c{n}", why="behind gw-c02") for n in range(13, 17)),
            ),
            destinations=(Destination("mbx-c05", 9120), Destination("mbx-c06", 7410)),
            sampled=True, at=now - 4_000,
        ),
        row("mta incoming", 1904, 72, 2230, 2110, state="warning", trend="rising",
            full_in_seconds=9060.0, warn=1500, full=20_000, since=now - 60_000),
        row("mta hold", 11, 10_920, 0, 0),
        row("recovery mta deferred", 19, 760, None, None, site="recovery", net_per_minute=-1.0,
            trend="falling", empty_in_seconds=1140.0),
        row("recovery mta hold", None, None, None, None, site="recovery", state="unknown", trend="",
            spark=(), why=gone("16", "fatal: Queue report unavailable")),
        row("im fan-out", 64, None, 3310, 3312),
        row("smime issue", 0, None, 1, 1),
        row("mobile push", 5206, 460, 640, 41, state="warning", trend="rising",
            full_in_seconds=9480.0, warn=5000, full=100_000, since=now - 120_000),
        row("archive journal", 312, 4, None, None, trend="", net_per_minute=None),
    )  # fmt: skip


def history(now: int) -> tuple[str, Series]:
    """An hour of mail that is delivered, then nine minutes in which it is not; a gap in between."""
    points = []
    for at in range(now - 60 * MINUTE, now, 15_000):
        if now - 30 * MINUTE <= at < now - 25 * MINUTE:
            continue  # nobody watched
        risen = max(0, at - (now - 509_000)) / MINUTE
        value = 212 + 1950.0 * risen
        points.append((at, value, value, value))
    key = "postfix/mta@central/deferred"
    return key, Series("depth", now - 60 * MINUTE, now, 15_000, tuple(points))


@pytest.fixture(scope="module")
def stormy(boards):
    return replace(boards.incident(), queues=storm(boards.NOW))


def view(boards, document, width, height, **parts):
    given = {
        "screen": "queues",
        "trail": ("home", "queues"),
        "keys": Keymap().footer("queues", without=frozenset({"runs.decide"})),
        "queue_series": history(boards.NOW),
    }
    return boards.view(document, width, height, **{**given, **parts})


CASES = {
    f"queues-{w}x{h}{'' if language == 'en' else '-zh-Hant'}": (w, h, language)
    for w, h in ((80, 24), (120, 40), (200, 50))
    for language in ("en", "zh-Hant")
}


def compared(name: str, drawn: str) -> None:
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_the_screen_looks_as_agreed(boards, stormy, name):
    width, height, language = CASES[name]
    page = paint(view(boards, stormy, width, height, words=words_in(language)))
    compared(name, joined(page.lines) + "\n")


def test_in_ascii(boards, stormy):
    page = paint(view(boards, stormy, 80, 24, ascii=True))
    drawn = joined(page.lines) + "\n"
    assert drawn.isascii()
    compared("queues-80x24-ascii", drawn)


def test_a_narrow_page_has_the_names_that_people_use(boards, stormy):
    drawn = joined(paint(view(boards, stormy, 60, 15)).lines)
    assert "mta deferred ≥16,767" in drawn
    narrow = [line.text.strip() for line in paint(view(boards, stormy, 40, 15)).lines]
    assert any(text.startswith("home › queues") for text in narrow)
    assert "1…" not in drawn


@pytest.mark.parametrize("minutes", [1, 2, 3, 8, 30, 40, 50])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_what_stands_at_the_marks_of_a_chart_is_said_below_them(boards, stormy, width, minutes):
    """Unnamed, the mark of the beginning was taken for now, which stood beside it."""
    since = boards.NOW - minutes * MINUTE
    worst = next(each for each in stormy.queues if each.name == "mta deferred")
    loud = replace(worst, since=since)
    shown = view(boards, replace(stormy, queues=(loud,)), width, 40)
    lines = [line.text for line in paint(shown).lines]
    axis = next(text for text in lines if "1 h 24 h" in text)
    drawn = {text.index("┆") for text in lines if "┆" in text and text != axis}
    columns, length = width - 29, 60 * MINUTE + loud.full_in_seconds * 1000
    now = 17 + int(60 * MINUTE * columns // length)
    assert axis.index("now") == now
    assert axis.rstrip().endswith("03:24")
    assert len(drawn) == 1
    if drawn != {now}:  # of what began in the cell of now, that is said
        assert drawn == {axis.index("┆")}
        said = f"since {_minute(since)}"
        assert f" {said} ┆" in axis or f"┆ {said} " in axis


def _minute(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, ZoneInfo("Asia/Hong_Kong")).strftime("%H:%M")


def test_a_queue_that_drains_is_drawn_to_its_end(boards, stormy):
    drains = row("mta deferred", 8_000, 900, 20, 420, trend="falling", empty_in_seconds=1200.0,
                 warn=2000, critical=10_000, full=50_000, at=boards.NOW)  # fmt: skip
    document = replace(stormy, queues=(drains,))
    key, series = history(boards.NOW)
    down = tuple(
        (at, v, v, v)
        for at, v in ((at, 20_000 - n * 50) for n, (at, *_) in enumerate(series.points))
    )
    page = paint(view(boards, document, 120, 40, queue_series=(key, replace(series, points=down))))
    compared("queues-120x40-drains", joined(page.lines) + "\n")


def test_worst_first_and_steady_ones_as_the_estate_has_them(boards, stormy):
    found = [key.removeprefix("queue:postfix/") for key in keys(view(boards, stormy, 80, 24))]
    assert found[:5] == [
        "mta@central/deferred",
        "mta@central/incoming",
        "mobile@central/push",
        "mta@recovery/hold",
        "mta@central/active",
    ]
    only = keys(view(boards, stormy, 80, 24, attention=Attention(faults_only=True)))
    assert len(only) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("depth>10000", 1),
        ("site:recovery", 2),
        ("state:critical,unknown", 2),
        ("full_in<3h trend:rising", 3),
        ("oldest>1h", 1),
        ("fan", 1),
        ("depth=?", 1),
        ("nothing like it", 0),
        ("half>", 10),  # while it is being typed
    ],
)
def test_a_filter(boards, stormy, text, found):
    looked = Attention(filter=text)
    shown = view(boards, stormy, 120, 40, attention=looked)
    assert len(keys(shown)) == found
    assert ("No queue matches." in joined(paint(shown).lines)) == (not found)
    home = view(boards, stormy, 120, 40, attention=looked, screen="home", trail=("home",))
    assert len(panel_keys(home, 20)) == 10  # there it is of hosts and problems


def test_a_chart_of_another_queue_is_not_shown_as_this_ones(boards, stormy):
    other = view(boards, stormy, 120, 40, queue_series=("other", history(boards.NOW)[1]))
    braille = [c for c in joined(paint(other).lines) if "\u2801" <= c <= "\u28ff"]
    shown = [
        c for c in joined(paint(view(boards, stormy, 120, 40)).lines) if "\u2801" <= c <= "\u28ff"
    ]
    assert len(braille) < len(shown) / 2  # what will be is still told by the row


def test_what_is_not_known_is_never_drawn_as_a_figure(boards, stormy):
    [line] = [
        line.text
        for line in paint(view(boards, stormy, 120, 40)).lines
        if line.text.startswith(" ? recovery mta hold")
    ]
    assert " ? " in line[20:]
    assert not any(c.isdigit() for c in line[20:].replace("16 of 16", ""))


def test_a_sum_without_some_hosts_says_at_least(boards, stormy):
    drawn = joined(paint(view(boards, stormy, 120, 40)).lines)
    assert "≥16,767" in drawn
    assert "4 of 16 hosts not known: behind gw-c02" in drawn


@pytest.mark.parametrize(
    ("seconds", "at_least", "said", "read_out"),
    [
        (0.0, False, "full", "full"),
        (0.0, True, "full", "full"),
        (1380.0, False, "full in 23 min", "full in 23 min"),
        (1380.0, True, "full ≤ 23 min", "full in 23 min at most"),
    ],
)
def test_what_is_full_is_not_full_in_0_s(seconds, at_least, said, read_out):
    row = QueueRow("k", "n", "s", depth=53_565, full=50_000, trend="rising",
                   full_in_seconds=seconds, at_least=at_least)  # fmt: skip
    assert outlook(row, words_in("en")) == said
    assert outlook(row, words_in("en"), read_out=True) == read_out


def test_without_queues_it_says_how_there_would_be_some(boards):
    drawn = joined(paint(view(boards, boards.calm(), 80, 24)).lines)
    assert "No queues yet: the estate names none" in drawn


def test_in_words(boards, stormy):
    """Every line makes sense alone, and nothing that is not known has a figure."""
    told = plain(view(boards, stormy, 80, 24))
    assert "Queues: 10\n" in told
    assert (
        "critical: mta deferred: at least 16,767 wait; oldest 8:29; +1,940 a minute, full in 17 min"
        " at most; 4 of 16 hosts not known: behind gw-c02\n" in told
    )
    assert "\nsmime issue: 0 wait; 0 a minute, empty\n" in told
    hold = "unknown: recovery mta hold: 16 of 16 hosts not known: fatal: Queue report unavailable"
    assert f"\n{hold}\n" in told
    board = plain(view(boards, stormy, 80, 24, screen="home", trail=("home",)))
    assert "Queues in trouble: 4\n" in board
    assert "smime" not in board
    assert "Queues: none." in plain(view(boards, boards.calm(), 80, 24))


# --- home's panel --------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 120, 124])
def test_the_panel_of_home(boards, stormy, width):
    shown = view(boards, stormy, width, 40, screen="home", trail=("home",))
    lines = queues_panel(shown, width, 3, "queue:postfix/mta@central/incoming")
    compared(f"queues-panel-{width}", joined(lines) + "\n")
    assert [line.key for line in lines[1:]] == list(panel_keys(shown, 3))
    assert [line.bar for line in lines] == ["", "", "sel", ""]


# --- whatever there is ---------------------------------------------------------------------------

texts = st.text(max_size=40)
figures = st.none() | st.floats(0, 1e12)
rows = st.builds(
    QueueRow,
    key=texts,
    name=texts,
    site=st.sampled_from(["central", "recovery", ""]),
    queue=texts,
    state=st.sampled_from(["ok", "warning", "critical", "unknown", "odd"]),
    since=st.none() | st.integers(0, 2**41),
    at=st.none() | st.integers(0, 2**41),
    depth=st.none() | st.integers(0, 10**12),
    at_least=st.booleans(),
    oldest_seconds=figures,
    in_per_minute=figures,
    out_per_minute=figures,
    net_per_minute=st.none() | st.floats(-1e9, 1e9),
    trend=st.sampled_from(["", "rising", "falling", "steady"]),
    full_in_seconds=figures,
    empty_in_seconds=figures,
    warn=st.none() | st.integers(0, 10**12),
    critical=st.none() | st.integers(0, 10**12),
    full=st.none() | st.integers(1, 10**12),
    why=texts,
    hosts=st.integers(0, 99),
    missing=st.integers(0, 9),
    parts=st.lists(
        st.builds(QueuePart, host=texts, depth=st.none() | st.integers(0, 10**9)), max_size=3
    ).map(tuple),
    destinations=st.lists(
        st.builds(Destination, name=texts, count=st.integers(0, 10**9)), max_size=3
    ).map(tuple),
    spark=st.lists(st.none() | st.integers(0, 10**9), max_size=40).map(tuple),
)


@settings(max_examples=40)
@given(
    found=st.lists(rows, max_size=8, unique_by=lambda each: each.key),
    width=st.integers(1, 220),
    height=st.integers(1, 60),
    span=st.sampled_from(["1h", "24h", "7d"]),
)
def test_a_page_always_fits_its_screen(boards, stormy, found, width, height, span):
    document = replace(stormy, queues=tuple(found))
    looked = Attention(span=span)
    points = tuple((boards.NOW - n * 600_000, 1.0, n * 99.0, 9e9) for n in range(5, 0, -1))
    series = Series("depth", boards.NOW - 3_600_000, boards.NOW, 60_000, points)
    of = found[0].key if found else "none"
    shown = view(boards, document, width, height, attention=looked, queue_series=(of, series))
    page = paint(shown)
    assert len(page.lines) == height
    for line in page.lines:
        assert line.width <= width
        assert line.bar in BARS
        assert all(span.role.removesuffix(" b") in ROLES for span in line.spans)
    for each in found:
        assert outlook(each, shown.words)
