import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.document import Series
from tui.paint.cells import Span
from tui.paint.charts import Frame, bar, line_chart, nice_top, spark, spark_spans


def test_a_sparkline_starts_at_zero():
    assert spark([0, 50, 100], 100) == "▁▅█"
    assert spark([12.4, 12.6], 100) == "▁▂"
    assert spark([5, 10]) == "▅█"


def test_a_gap_is_a_gap_and_no_zero():
    assert spark([0.0, None, 0.0], 100) == "▁ ▁"
    assert spark([None, None]) == "  "
    assert spark([]) == ""


def test_values_beyond_the_top_or_below_zero_stay_on_the_paper():
    assert spark([-5, 500], 100) == "▁█"


def test_history_is_quiet_and_the_last_cell_speaks():
    assert spark_spans((10, 20, 90), 3, "crit", 100) == (Span("▁▂", "mute"), Span("█", "crit"))


def test_a_short_history_stands_at_the_right():
    assert spark_spans((90,), 4, "dim", 100) == (Span("   ", "mute"), Span("█", "dim"))
    assert spark_spans((1, 2, 3, 99), 2, "dim", 100)[1] == Span("█", "dim")


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0.0, "────"), (0.249, "────"), (0.25, "━───"), (0.99, "━━━─"), (1.0, "━━━━"), (7, "━━━━")],
)
def test_a_bar_is_full_only_when_it_is_full(share, drawn):
    assert "".join(span.text for span in bar(share, 4)) == drawn


def test_a_bar_of_what_is_not_known_is_empty():
    assert bar(None, 4, "crit") == (Span("", "crit"), Span("────", "faint"))


@pytest.mark.parametrize(
    ("peak", "least", "top"),
    [(46, 10, 50), (3, 10, 10), (100, 10, 100), (2.1e6, 0, 2.5e6), (0, 0, 1), (math.inf, 0, 1)],
)
def test_axes_end_at_round_numbers(peak, least, top):
    assert nice_top(peak, least) == top


# ── line charts ─────────────────────────────────────────────────────────────────────────────────


def series(*means, step=1000):
    points = tuple((i * step, m, m, m) for i, m in enumerate(means) if m is not None)
    return Series("cpu", 0, len(means) * step, step, points)


def drawn(chart):
    return ["".join(span.text for span in row) for row in chart]


def frame(columns, rows=1, end=4000, **parts):
    return Frame(columns, rows, 0, end, 100.0, **parts)


def test_a_steady_line():
    assert drawn(line_chart(series(0, 0, 0, 0), frame(2))) == ["⣀⣀"]
    assert drawn(line_chart(series(100, 100, 100, 100), frame(2))) == ["⠉⠉"]


def test_steep_steps_are_joined():
    assert drawn(line_chart(series(0, 100, 100, 100), frame(2))) == ["⡸⠉"]


def test_what_was_not_measured_is_blank_and_not_joined():
    assert drawn(line_chart(series(0, 0, None, None, 0, 0), frame(3, end=6000))) == ["⣀ ⣀"]


def test_a_point_fills_the_time_of_its_step():
    assert drawn(line_chart(series(0, 0), Frame(4, 1, 0, 2000, 100.0))) == ["⣀⣀⣀⣀"]


def test_many_points_become_their_mean():
    assert drawn(line_chart(series(*[0, 80] * 8), Frame(2, 1, 0, 16_000, 100.0))) == ["⠤⠤"]


def test_only_what_came_after_the_incident_is_coloured():
    (row,) = line_chart(series(0, 0, 0, 0), frame(2, since=2000, role="crit"))
    assert row == (Span("⣀", "dim"), Span("⣀", "crit"))


def test_the_incidents_start_and_the_threshold_stand_where_the_line_does_not():
    chart = line_chart(series(0, 0, 0, 0), frame(2, 2, since=2000, thresholds=(90.0, 500.0)))
    assert drawn(chart) == ["╌┆", "⣀⣀"]
    assert chart[0][0].role == "faint"
    assert frame(2, 2, thresholds=(90.0, 500.0)).dashed() == {0: 90.0}


def test_nothing_measured_draws_nothing():
    assert drawn(line_chart(series(None, None), frame(3))) == ["   "]
    assert drawn(line_chart(series(math.nan, 0), Frame(2, 1, 0, 2000, 100.0))) == [" ⣀"]


@given(
    st.lists(st.none() | st.floats(-1e9, 1e9), max_size=50),
    st.integers(1, 40),
    st.integers(1, 5),
    st.integers(-10_000, 90_000),
)
def test_a_chart_is_exactly_its_paper(means, columns, rows, start):
    chart = line_chart(series(*means), Frame(columns, rows, start, start + 7000, 100.0))
    assert [len(row) for row in drawn(chart)] == [columns] * rows


def test_a_step_across_a_gap_is_not_joined():
    points = ((0, 0.0, 0.0, 0.0), (20, 100.0, 100.0, 100.0))
    drawn = line_chart(Series("cpu", 0, 40, 10, points), Frame(2, 4, 0, 40, 100.0))
    assert ["".join(span.text for span in row) for row in drawn] == [" ⠁", "  ", "  ", "⡀ "]


def test_without_a_beginning_the_whole_line_is_quiet():
    series = Series("cpu", 0, 40, 10, ((0, 5.0, 5.0, 5.0), (10, 5.0, 5.0, 5.0)))
    (row,) = line_chart(series, Frame(2, 1, 0, 40, 10.0, None, "crit"))
    assert {span.role for span in row} == {"dim"}
