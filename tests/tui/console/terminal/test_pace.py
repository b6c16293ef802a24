"""Flow control against a link that is simulated byte by byte."""

from __future__ import annotations

from tui.console.terminal.pace import ASK_EVERY, FORGOTTEN_SECONDS, SMALLEST_WINDOW, Pace


class Link:
    """A link of so many bytes a second with a round trip, that answers every question."""

    def __init__(self, pace: Pace, bytes_per_second: float, round_trip: float = 0.0) -> None:
        self.pace, self.rate, self.round_trip = pace, bytes_per_second, round_trip
        self.free_at = 0.0
        self.answers: list[float] = []

    def send(self, size: int, now: float) -> float:
        """Returns when the last byte is seen."""
        self.free_at = max(self.free_at, now) + size / self.rate
        if self.pace.sent(size, now):
            self.answers.append(self.free_at + self.round_trip)
        return self.free_at

    def until(self, now: float) -> None:
        while self.answers and self.answers[0] <= now:
            self.pace.answered(self.answers.pop(0))


def test_a_terminal_that_never_answers_is_not_waited_for() -> None:
    pace = Pace()
    for second in range(100):
        assert pace.ready(second)
        pace.sent(10_000, second)
    assert not pace.lost(1_000)


def test_small_frames_are_not_asked_about() -> None:
    pace = Pace()
    assert [pace.sent(100, 0.0) for _ in range(6)] == [False, False, True] * 2


def test_at_4_kilobytes_a_second_a_frame_waits_until_the_link_is_nearly_free() -> None:
    pace = Pace()
    link = Link(pace, 4_000)
    link.until(link.send(400, 0.0))  # the terminal has shown that it answers
    now, latest = 1.0, 0.0
    for _ in range(2_000):
        now += 0.02
        link.until(now)
        if pace.ready(now):
            seen = link.send(450, now)
            latest = max(latest, seen - now)
    assert latest <= 0.5


def test_a_fast_link_with_a_long_round_trip_is_not_held_up() -> None:
    pace = Pace()
    link = Link(pace, 10_000_000, round_trip=0.2)
    now, frames = 0.0, 0
    for step in range(1_000):
        now = step * 0.02
        link.until(now)
        if pace.ready(now):
            link.send(600, now)
            frames += 1
    assert frames > 100, "more than one frame in each round trip"


def test_what_may_be_on_its_way_is_never_less_than_a_key_echo() -> None:
    pace = Pace()
    pace.sent(ASK_EVERY, 0.0)
    pace.answered(30.0)
    assert pace.window == SMALLEST_WINDOW
    pace.sent(SMALLEST_WINDOW, 30.0)
    assert pace.ready(30.0)
    pace.sent(1, 30.0)
    assert not pace.ready(30.0)


def test_an_answer_that_never_comes_makes_the_screen_unknown_once() -> None:
    pace = Pace()
    pace.sent(ASK_EVERY, 0.0)
    pace.answered(0.1)
    pace.sent(5_000, 1.0)
    assert not pace.ready(2.0)
    late = 1.0 + FORGOTTEN_SECONDS + 0.1
    assert pace.lost(late) and pace.ready(late)
    pace.restart()
    assert not pace.lost(late) and not pace.asked and pace.on_the_way == 0
    pace.sent(50_000, late)
    assert pace.ready(late), "whoever stopped answering is not waited for"


def test_the_rate_is_that_of_all_that_was_on_the_way() -> None:
    pace = Pace()
    pace.sent(10_000, 0.0)
    pace.sent(10_000, 1.0)
    pace.answered(1.0)  # the first 10,000 bytes took a second, and the second had to wait for them
    pace.answered(2.0)
    assert pace.window == 4_000, "20,000 bytes a second for 0.2 s"


def test_one_slow_answer_to_a_small_write_is_not_a_slow_link() -> None:
    pace = Pace()
    pace.sent(100_000, 0.0)
    pace.answered(1.0)
    pace.sent(ASK_EVERY, 2.0)
    pace.answered(3.0)
    assert pace.window == 16_000, "a fifth less, not 60 bytes"


def test_an_f3_with_a_modifier_looks_like_an_answer_and_changes_nothing() -> None:
    pace = Pace()
    pace.sent(10, 0.0)
    pace.answered(0.5)
    assert pace.on_the_way == 10 and not pace.asked
