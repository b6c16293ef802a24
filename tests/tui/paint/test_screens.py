"""Every screen as a picture in text, and what holds for all of them.

UPDATE_GOLDENS=1 draws the pictures again; look at what changed before you commit it.
"""

import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.document import HostRow, Problem, Severity
from estate.language import ENGLISH
from estate.samples import Cause, Reach, Stage
from tui.console.keys.keymap import Keymap
from tui.console.preferences.settings import Settings
from tui.paint import keys, paint
from tui.paint.cells import BARS, ROLES, joined
from tui.paint.plain import plain
from tui.paint.view import Attention, Link
from watch.languages import words_in

GOLDENS = Path(__file__).parent / "goldens"
SCREENS = ("home", "hosts", "host", "problems", "events", "help", "settings")
BINDINGS = (
    ("go", "enter", "open what the cursor is on", "open"),
    ("go", "q", "back to the view before; leaves on home", "back"),
    ("find", "/", "filter: site:dc2 cpu>80 state!=ok", "filter"),
    ("find", "!", "only what is not well", "faults"),
    ("mark", "space", "mark the row", "mark"),
)
LOST = Link(attached=False, lost_at=1_795_115_232_000 - 42_000, why="connection refused")
PARTS = {
    "host": {"subject": "mta-c03", "trail": ("home", "hosts", "mta-c03")},
    "help": {"trail": ("home", "help"), "bindings": BINDINGS},
    "settings": {"trail": ("home", "settings"), "settings": {"theme": "auto", "ascii": "off"}},
}


def view_of(boards, board, screen, width, height, **parts):
    document = board if not isinstance(board, str) else getattr(boards, board)()
    base = {"trail": ("home",) if screen == "home" else ("home", screen), **PARTS.get(screen, {})}
    if screen == "host":
        base["detail"] = boards.detail()
    return boards.view(document, width, height, screen=screen, **{**base, **parts})


CHINESE = words_in("zh-Hant")


def in_full(screen):
    """The live bindings and settings, so that every word of theirs is on a picture."""
    keymap = Keymap()
    return {
        "keys": keymap.footer(screen),
        "bindings": keymap.help(),
        "settings": Settings().shown(),
        "status": CHINESE.say("read-only"),
    }


CASES = {
    **{
        f"home-{w}x{h}-{board}": (board, "home", w, h, {})
        for w, h in ((80, 24), (120, 40), (200, 50))
        for board in ("calm", "incident")
    },
    "home-80x24-connecting": ("connecting", "home", 80, 24, {}),
    "home-120x40-restored": ("restored", "home", 120, 40, {}),
    "home-80x24-empty": ("empty", "home", 80, 24, {}),
    "home-120x40-watch-lost": ("incident", "home", 120, 40, {"link": LOST}),
    "home-80x24-incident-ascii": ("incident", "home", 80, 24, {"ascii": True}),
    "home-40x12-incident": ("incident", "home", 40, 12, {}),
    "home-20x5-incident": ("incident", "home", 20, 5, {}),
    "hosts-80x24-incident": ("incident", "hosts", 80, 24, {}),
    "hosts-120x40-incident": ("incident", "hosts", 120, 40, {}),
    "hosts-200x50-incident": ("incident", "hosts", 200, 50, {}),
    "hosts-120x40-filtered": (
        "incident",
        "hosts",
        120,
        40,
        {
            "attention": Attention(
                filter="group:mta,mbx,mdb,gw !maint",
                filter_open=True,
                marks=frozenset({"host:mta-c03", "host:mta-c04"}),
                cursor="host:mta-c03",
            )
        },
    ),
    "hosts-120x40-unfolded": (
        "incident",
        "hosts",
        120,
        40,
        {"attention": Attention(unfolded=frozenset({"host:gw-c02"}))},
    ),
    "hosts-80x24-wide-names": ("wide_names", "hosts", 80, 24, {}),
    "host-80x24": ("incident", "host", 80, 24, {}),
    "host-120x40": ("incident", "host", 120, 40, {}),
    "host-200x50": ("incident", "host", 200, 50, {}),
    "problems-80x24": ("incident", "problems", 80, 24, {}),
    "problems-120x40-unfolded": (
        "incident",
        "problems",
        120,
        40,
        {"attention": Attention(unfolded=frozenset({"problem:gw-c02/reach"}))},
    ),
    "events-80x24": ("incident", "events", 80, 24, {}),
    "help-120x40": ("calm", "help", 120, 40, {}),
    "settings-80x24": ("calm", "settings", 80, 24, {}),
    **{
        f"{screen}-{w}x{h}{state}-zh-Hant": (
            board,
            screen,
            w,
            h,
            {"words": CHINESE, **in_full(screen)},
        )
        for w, h in ((80, 24), (120, 40), (200, 50))
        for board, screen, state in (
            *(("calm", "home", "-calm"), ("incident", "home", "-incident")),
            *(("incident", "hosts", "-incident"), ("incident", "host", "")),
            *(("calm", "help", ""), ("calm", "settings", "")),
        )
    },
}


@pytest.mark.parametrize("name", CASES)
def test_a_screen_looks_as_agreed(boards, name):
    board, screen, width, height, parts = CASES[name]
    page = paint(view_of(boards, board, screen, width, height, **parts))
    compare(name, joined(page.lines) + "\n")


@pytest.mark.parametrize("screen", ["home", "hosts"])
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_plain_text_reads_as_agreed(boards, screen, language):
    view = view_of(boards, "incident", screen, 80, 24, words=words_in(language))
    compare(f"plain-{screen}{'' if language == 'en' else f'-{language}'}", plain(view))


def compare(name: str, drawn: str) -> None:
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        GOLDENS.mkdir(exist_ok=True)
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")


# ── calm and incident have the same geometry ────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (200, 50), (100, 30)])
def test_nothing_moves_between_calm_and_incident(boards, width, height, language):
    words = words_in(language)

    def headings(board):
        lines = paint(view_of(boards, board, "home", width, height, words=words)).lines
        titles = map(words.say, ("PROBLEMS", "FLEET", "HOSTS", "EVENTS"))
        starts = [f"   {title} " for title in titles]
        return [
            (start, at)
            for at, line in enumerate(lines)
            for start in starts
            if line.text.startswith(start) and "──" in line.text
        ]

    assert headings("calm") == headings("incident")
    assert len(headings("calm")) == 4


# ── what holds for every screen, at every size, whatever the hosts say ──────────────────────────

#: What hosts and files may call themselves: wide, combining, right to left, and hostile.
NAMES = st.text(
    st.sampled_from("abcdef0123456789-.資料庫é\u0301\u200b\u202e\x1b\n\t\x9b[31m"),
    min_size=1,
    max_size=40,
)
CAUSES = st.none() | st.builds(
    Cause, st.sampled_from(Stage), NAMES, remedy=st.text("words and more ", max_size=200)
)
NOW = 1_795_115_232_000


@st.composite
def documents(draw, boards):
    names = draw(st.lists(NAMES, max_size=12, unique=True))
    sites = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    rows = {}
    for name in names:
        shares = st.none() | st.floats(0, 100)
        values = {metric: draw(shares) for metric in ("cpu", "mem", "disk", "net_in", "net_out")}
        rows[name] = HostRow(
            name=name,
            site=draw(st.sampled_from(sites)),
            groups=tuple(draw(st.lists(NAMES, max_size=2))),
            reach=draw(st.sampled_from(Reach)),
            cause=draw(CAUSES),
            since=NOW - draw(st.integers(-5000, 10**10)),
            at=draw(st.none() | st.integers(NOW - 10**10, NOW + 5000)),
            retry_at=draw(st.none() | st.just(NOW + 3000)),
            severity=draw(st.sampled_from(Severity)),
            why=draw(st.text("why so资, ", max_size=80)),
            behind=draw(st.sampled_from(["", *names, "elsewhere"])),
            values={key: value for key, value in values.items() if value is not None},
            spark={"cpu": draw(st.lists(shares, max_size=14).map(tuple))},
            cores=draw(st.none() | st.integers(0, 512)),
        )
    problems = tuple(
        Problem(
            id=f"{name}/{kind}",
            where=name,
            what=draw(st.text("what: ever 99% > 90%", max_size=90)),
            why="",
            severity=draw(st.sampled_from(Severity)),
            since=NOW - 1000,
            kind=kind,
            hosts=(name,),
            parent=draw(st.sampled_from(["", *(f"{other}/reach" for other in names)])),
            owner=draw(st.sampled_from(["", "kfwong", "somebody-with-a-long-name"])),
            until=draw(st.none() | st.just(NOW + 1)),
            glyph=draw(st.sampled_from(["", "lost", "behind", "a word nobody knows"])),
        )
        for name in names
        for kind in ("reach", "disk")
    )
    board = boards.calm()
    row = replace(board.sites[0], total=len(rows))
    return replace(
        board,
        hosts=rows,
        problems=problems,
        sites=tuple(replace(row, key=site) for site in sites),
        watch=replace(board.watch, records=draw(st.sampled_from(["", "disk full"]))),
    )


@settings(max_examples=150, deadline=None)
@given(data=st.data(), width=st.integers(1, 260), height=st.integers(1, 90))
def test_a_page_always_fits_its_screen(boards, data, width, height):
    document = data.draw(documents(boards))
    screen = data.draw(st.sampled_from(SCREENS))
    attention = Attention(
        cursor=data.draw(
            st.sampled_from(["", "line:7", "gone", *(f"host:{n}" for n in document.hosts)])
        ),
        first=data.draw(st.integers(0, 50)),
        filter=data.draw(st.sampled_from(["", "a", "cpu>50", "site:", "/("])),
        faults_only=data.draw(st.booleans()),
        sort=data.draw(st.sampled_from(["state", "name", "cpu", "net", "age"])),
        descending=data.draw(st.booleans()),
        unfolded=frozenset(
            data.draw(st.lists(st.sampled_from([f"host:{n}" for n in document.hosts] or ["x"])))
        ),
        zoom=data.draw(st.sampled_from(["", "list"])),
    )
    view = view_of(
        boards,
        document,
        screen,
        width,
        height,
        attention=attention,
        ascii=data.draw(st.booleans()),
        words=data.draw(st.sampled_from([ENGLISH, CHINESE])),
        bindings=data.draw(st.sampled_from([BINDINGS, Keymap().help()])),
        subject=next(iter(document.hosts), "nobody"),
    )
    page = paint(view)
    assert len(page.lines) == height
    for line in page.lines:
        assert line.width <= width
        assert line.bar in BARS
        for span in line.spans:
            assert span.role.removesuffix(" b") in ROLES
            assert not any(unicodedata.category(each).startswith("C") for each in span.text)
    found = keys(view)
    assert len(found) == len(set(found))
    shown = [line.key for line in page.lines if line.key]
    assert set(shown) <= set(found)
    if page.cursor is not None:
        assert 0 <= page.cursor < height


@pytest.mark.parametrize("screen", ["home", "hosts", "problems", "events"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 14)])
def test_the_cursor_can_walk_through_every_row(boards, screen, width, height):
    view = view_of(boards, "incident", screen, width, height)
    first = 0
    for key in keys(view):
        page = paint(replace(view, attention=Attention(cursor=key, first=first)))
        assert page.cursor is not None
        assert page.lines[page.cursor].key == key
        assert page.lines[page.cursor].text.startswith("▌")
        first = page.first


@pytest.mark.parametrize("screen", ["host", "help"])
def test_a_page_of_text_scrolls_to_its_end(boards, screen):
    bindings = tuple(("go", f"key{n}", f"does {n}", f"id{n}") for n in range(60))
    view = view_of(boards, "incident", screen, 80, 24, bindings=bindings)
    places = keys(view)
    assert len(places) > 1
    seen = set()
    for key in places:
        seen |= {line.text for line in paint(replace(view, attention=Attention(cursor=key))).lines}
    tall = paint(replace(view, height=200 if screen == "help" else 24))
    body = tall.lines[5:-1] if screen == "help" else tall.lines[3:-1]
    assert {line.text for line in body} - {""} <= seen


def test_an_unknown_screen_is_home(boards):
    view = boards.view(boards.calm(), screen="nowhere")
    assert paint(view).lines == paint(replace(view, screen="home")).lines
