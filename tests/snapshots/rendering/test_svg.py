"""Charts where they are drawn: what is more stands higher, what nobody knows is no line, and no
state is told by its colour alone."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree.ElementTree import Element

import pytest

from snapshots.page import Bar, Curve, FleetCell, FleetGroup, Phrase, RibbonRow, TimeLine
from snapshots.rendering import svg


def drawn(made: Element, tag: str, *classes: str) -> list[Element]:
    """The elements of `made` that have all of those classes."""
    return [each for each in made.iter(tag) if set(classes) <= set(each.get("class", "").split())]


def curve(*points: tuple[int, float | None], top: float = 100.0) -> Curve:
    return Curve(Phrase("mail"), Phrase("50 waiting"), 0, 100, top, points,
                 scale=((0.0, Phrase("0")), (top, Phrase("100"))),
                 ticks=((0, Phrase("a")), (50, Phrase("b")), (100, Phrase("c"))))  # fmt: skip


def lines(made: Element) -> list[str]:
    return [each.get("d", "") for each in drawn(made, "path", "line")]


# --- curves -------------------------------------------------------------------------------------


def test_more_stands_higher_and_later_stands_further_right() -> None:
    # The paper is 340 by 150, y from its upper edge: 44 to 328 across, 130 up to 10.
    made = svg.curve(curve((0, 0.0), (50, 50.0), (100, 100.0)))
    assert lines(made) == ["M44.0 130.0L186.0 70.0L328.0 10.0"]
    (area,) = drawn(made, "path", "area")
    assert area.get("d") == "M44.0 130.0L44.0 130.0L186.0 70.0L328.0 10.0L328.0 130.0z"


def test_a_scale_stands_at_the_heights_that_it_names() -> None:
    made = svg.curve(curve((0, 0.0), (100, 100.0)))
    assert [each.get("d") for each in drawn(made, "path", "rule")] == [
        "M44 130.0H328",
        "M44 10.0H328",
    ]
    told = {each.text: (each.get("x"), each.get("text-anchor")) for each in drawn(made, "text")}
    assert told == {
        "0": ("39", "end"), "100": ("39", "end"),
        "a": ("44.0", "start"), "b": ("186.0", "middle"), "c": ("328.0", "end"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "left"), [("1,296", 44), ("21 min 36 s", 74), ("21 分 36 秒", 74)]
)
def test_what_a_scale_says_is_on_the_paper_in_full(said: str, left: int) -> None:
    # Ten units a letter, of which a Latin one takes six: what ran off on the left was "36 s".
    made = svg.curve(replace(curve((0, 0.0), (100, 100.0)), scale=((100.0, Phrase(said)),)))
    assert lines(made) == [f"M{left}.0 130.0L328.0 10.0"]
    (label,) = (each for each in drawn(made, "text") if each.text == said)
    assert (label.get("x"), label.get("text-anchor")) == (str(left - 5), "end")


def test_a_gap_is_bridged_by_no_line() -> None:
    made = svg.curve(curve((0, 10.0), (20, 10.0), (40, None), (60, 10.0), (80, 10.0)))
    assert lines(made) == ["M44.0 118.0L100.8 118.0", "M214.4 118.0L271.2 118.0"]
    assert len(drawn(made, "path", "area")) == 2
    assert lines(svg.curve(curve((0, None), (50, None)))) == []


def test_a_point_by_itself_is_a_dot() -> None:
    assert lines(svg.curve(curve((0, None), (50, 50.0), (100, None)))) == ["M186.0 70.0h.1"]


def test_of_more_points_than_there_are_dots_the_highest_is_kept() -> None:
    points = [(at, 1.0) for at in range(100)] * 10
    points[333] = (33, 90.0)
    (line,) = lines(svg.curve(curve(*points)))
    assert line.count("L") < 300
    assert min(float(each) for each in re.findall(r" ([\d.]+)", line)) == 22.0


def test_a_gap_of_many_points_is_no_line_and_hides_no_peak() -> None:
    points: list[tuple[int, float | None]] = [(n // 10, 1.0) for n in range(1_000)]
    points[400:406] = [(40, None)] * 6  # of 4 points each, as they are drawn: one and a half
    assert len(lines(svg.curve(curve(*points)))) == 2
    points[407] = (40, 90.0)
    one, other = lines(svg.curve(curve(*points)))
    assert " 22.0" in one + other
    points[400:406] = [(40, 1.0)] * 6
    assert len(lines(svg.curve(curve(*points)))) == 1


def test_a_value_beyond_the_paper_stays_on_it() -> None:
    assert lines(svg.curve(curve((-50, -7.0), (500, 1e300)))) == ["M44.0 130.0L328.0 10.0"]


def test_a_curve_says_what_it_is() -> None:
    made = svg.curve(curve((0, 1.0)))
    assert (made.get("role"), [each.text for each in made.iter("title")]) == (
        "img", ["mail: 50 waiting"],
    )  # fmt: skip


# --- ribbons ------------------------------------------------------------------------------------

STATES = ("up", "degraded", "down", "unknown", "")
WORDS = {"up": "well", "degraded": "slow", "down": "away", "unknown": "not known", "": "to come"}


def ribbon(*days: str) -> Element:
    return svg.days(RibbonRow(Phrase("mail"), days), WORDS)


def test_each_day_has_the_colour_of_its_state_in_its_own_place() -> None:
    made = ribbon("up", "down", "up", "unknown", "degraded", "")
    assert {each.get("class"): each.get("d") for each in drawn(made, "path")} == {
        "fill good": "M1 9h8v5h-8zM21 9h8v5h-8z",
        "fill crit": "M11 0h8v14h-8z",
        "fill unk": "M31 0h8v14h-8z",
        "fill warn": "M41 5h8v9h-8z",
        "fill dim": "M51 13h8v1h-8z",
    }
    assert made.get("viewBox") == "0 0 60 14"


def test_the_worse_a_day_the_higher_and_the_unknown_is_as_high_as_the_worst() -> None:
    def height(made: Element) -> int:
        (path,) = drawn(made, "path")
        return int(re.findall(r"v(\d+)", path.get("d", ""))[0])

    heights = [height(ribbon(state)) for state in ("", "up", "degraded", "down")]
    assert heights == sorted(set(heights))
    assert height(ribbon("unknown")) == heights[-1]
    # What a later version says of a day is not known here.
    assert drawn(ribbon("on-fire"), "path", "unk") and height(ribbon("on-fire")) == heights[-1]
    for state in STATES:  # the legend shows each as it is drawn
        assert height(svg.legend(state)) == height(ribbon(state))
        assert drawn(svg.legend(state), "path")[0].get("class") == (
            drawn(ribbon(state), "path")[0].get("class")
        )


def test_who_does_not_see_a_ribbon_hears_its_days_in_their_own_words() -> None:
    made = ribbon("up", "down", "up", "unknown", "degraded", "")
    assert made.get("aria-label") == "mail: 2 away · 4 not known · 5 slow"
    assert ribbon("up", "").get("aria-label") == "mail: –"


# --- time lines ---------------------------------------------------------------------------------


def time_line(target: int | None = None, now: int | None = 600) -> TimeLine:
    bars = (
        Bar(Phrase("fence"), 0, 250, Phrase("4:10 done", "good")),
        Bar(Phrase("move"), 250, None),
    )
    return TimeLine(Phrase("run"), Phrase("r-1"), 0, 1_000, bars, target=target, now=now)


def stretch(made: Element) -> tuple[float, float]:
    (rect,) = drawn(made, "rect")
    return float(rect.get("x", "")), float(rect.get("width", ""))


def test_a_bar_is_as_long_as_it_took_and_one_that_goes_on_ends_now() -> None:
    line = time_line()
    assert stretch(svg.bar(line, 0)) == (0.0, 250.0)
    assert stretch(svg.bar(line, 1)) == (250.0, 350.0)
    assert stretch(svg.bar(time_line(now=None), 1)) == (250.0, 750.0)
    assert [drawn(svg.bar(line, each), "rect")[0].get("class") for each in (0, 1)] == [
        "fill good", "fill info",
    ]  # fmt: skip
    assert svg.bar(line, 0).get("aria-label") == "fence: 4:10 done"


def test_the_target_is_drawn_where_it_is_and_only_where_there_is_one() -> None:
    (mark,) = drawn(svg.bar(time_line(target=800), 0), "path", "target")
    assert mark.get("d") == "M800.0 0V14"
    assert drawn(svg.bar(time_line(), 0), "path", "target") == []


# --- hosts --------------------------------------------------------------------------------------


def test_every_host_is_a_cell_with_its_name_its_state_and_a_mark_of_it() -> None:
    roles = ("good", "warn", "crit", "unk", "info")
    cells = tuple(FleetCell(Phrase(f"h{n}"), Phrase(f"s{n}", role)) for n, role in enumerate(roles))
    made = svg.hosts(FleetGroup(Phrase("central"), Phrase("mta"), cells))
    groups = drawn(made, "g")
    assert [each.findtext("title") for each in groups] == [f"h{n}: s{n}" for n in range(5)]
    assert [drawn(each, "rect")[0].get("class") for each in groups] == [
        f"fill {role}" for role in roles
    ]
    marks = [drawn(each, "path", "mark") for each in groups]
    assert marks[0] == []
    assert len({each[0].get("d") for each in marks[1:]}) == 4
    assert made.findtext("title") == "central, mta"


@pytest.mark.parametrize(
    ("many", "box"), [(1, "0 0 18 18"), (16, "0 0 288 18"), (17, "0 0 288 36")]
)
def test_hosts_stand_in_rows(many: int, box: str) -> None:
    cells = tuple(FleetCell(Phrase(f"h{n}"), Phrase("live", "good")) for n in range(many))
    made = svg.hosts(FleetGroup(Phrase("c"), Phrase("g"), cells))
    assert made.get("viewBox") == box
    assert len({each.get("transform") for each in drawn(made, "g")}) == many
