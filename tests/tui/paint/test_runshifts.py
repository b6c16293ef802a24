from estate.language import ENGLISH
from estate.runs import ShiftRow
from tui.paint.runshifts import shift_words


def test_the_mean_of_all_and_who_moved_most():
    shifts = (
        ShiftRow("a", "cpu", 10.0, 20.0),
        ShiftRow("b", "cpu", 30.0, 96.0),
        ShiftRow("c", "cpu", None, 90.0),  # not measured before: it counts on neither side
        ShiftRow("a", "load1", 0.4, 2.1),
    )
    assert shift_words(shifts, ENGLISH) == (
        "cpu 20% → 58% · load 0.4 → 2.1 · most: cpu of b 30% → 96%"
    )


def test_nothing_known_is_no_word():
    assert shift_words((ShiftRow("a", "cpu", None, 4.0),), ENGLISH) == ""
    assert shift_words((), ENGLISH) == ""
