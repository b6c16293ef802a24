"""The layout of home: full to the last line, the same in calm and incident, dropped from below."""

import pytest

from tui.paint.homeplan import PANELS, plan, zoomed

EVERYTHING = {"services": 9, "queues": 26, "readiness": 9}
SMALL = {"services": 3, "queues": 4, "readiness": 3}


@pytest.mark.parametrize("there", [{}, SMALL, EVERYTHING, {"queues": 1}, {"services": 1}])
@pytest.mark.parametrize("sites", [0, 1, 2, 5, 30])
@pytest.mark.parametrize("height", [6, 12, 18, 23, 24, 30, 39, 40, 49, 50, 100])
def test_panels_fill_the_screen_exactly(height, sites, there):
    rows = plan(height, sites, **there)
    assert rows.lines == height
    assert min(rows.rows.values()) >= 1
    assert list(rows.rows) == [panel for panel in PANELS if panel in rows.rows]


@pytest.mark.parametrize("there", [{}, SMALL, EVERYTHING])
@pytest.mark.parametrize("height", range(1, 24))
def test_on_short_screens_panels_drop_from_the_bottom(height, there):
    rows = plan(height, 2, **there)
    whole = [panel for panel in plan(24, 2, **there).rows if panel != "events"]
    assert [panel for panel in rows.rows if panel != "hosts"] == [
        panel for panel in whole[: len(rows.rows)] if panel != "hosts"
    ]
    assert rows.of("events") == -1
    assert rows.lines == max(height, 6)


@pytest.mark.parametrize(
    ("height", "there", "rows"),
    [
        (24, {}, (5, 2, -1, -1, -1, 6, 3)),
        (40, {}, (8, 2, -1, -1, -1, 12, 5)),
        (50, {}, (9, 2, -1, -1, -1, 20, 6)),
        (24, EVERYTHING, (5, 2, 2, 1, 1, -1, 3)),
        (40, EVERYTHING, (8, 2, 5, 3, 2, -1, 3)),
        (50, EVERYTHING, (9, 2, 9, 5, 2, -1, 6)),
        (24, SMALL, (5, 2, 2, 1, 1, -1, 3)),
        (40, SMALL, (9, 2, 3, 3, 3, -1, 3)),
        (50, SMALL, (9, 2, 3, 4, 2, 5, 6)),
    ],
)
def test_sizes_of_the_design(height, there, rows):
    """On an estate of few services hosts take what they leave, or problems do."""
    found = plan(height, 2, **there)
    assert tuple(found.of(panel) for panel in PANELS) == rows


@pytest.mark.parametrize("height", [1, 6, 24, 40, 100])
def test_zoomed_the_problems_have_all_rows(height):
    rows = zoomed(height)
    assert list(rows.rows) == ["problems"]
    assert rows.lines == max(height, 6 + rows.airy)
