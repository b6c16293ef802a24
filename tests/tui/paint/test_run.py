"""The run screen as it was agreed on, and what holds for it at every size."""

import os
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tui.paint.failover import (
    ENDED,
    NOW,
    PLAN,
    PRINTED,
    RUN,
    RUNBOOKS,
    STEPS,
    TYPING,
    row,
    run,
)
from tui.console.desks.time import OF_THE_PAST
from tui.console.keys.keymap import Keymap
from tui.paint import keys, paint
from tui.paint.cells import BARS, ROLES, joined
from tui.paint.view import Attention
from watch.languages import words_in

GOLDENS = Path(__file__).parent / "goldens"
SIZES = ((80, 24), (120, 40), (200, 50))
TRAILS = {
    "run": ("home", "runs", RUN),
    "runs": ("home", "runs"),
    "plan": ("home", "runbooks", "mail-failover"),
    "runbooks": ("home", "runbooks"),
}


def view(boards, screen, width, height, **parts):
    document = replace(boards.incident(), runs=(row(), *ENDED))
    known = {
        "run": run(),
        "runs": ENDED,
        "plan": PLAN,
        "runbooks": RUNBOOKS,
        "printed": PRINTED,
        "subject": {"run": RUN, "plan": "mail-failover"}.get(screen, ""),
        "trail": TRAILS.get(screen, ("home",)),
        "keys": Keymap().footer(
            screen, without=OF_THE_PAST | ({"runs.decide"} if screen == "run" else set())
        ),
        "status": "armed 7:40",
    }
    return boards.view(document, width, height, screen=screen, **{**known, **parts})


CASES = {
    **{
        f"{screen}-{w}x{h}{'' if language == 'en' else '-zh-Hant'}": (screen, w, h, language, {})
        for screen in ("run", "plan", "runs", "runbooks")
        for w, h in SIZES
        for language in ("en", "zh-Hant")
    },
    "home-80x24-run": ("home", 80, 24, "en", {}),
    "home-120x40-run": ("home", 120, 40, "en", {}),
    "home-120x40-run-zh-Hant": ("home", 120, 40, "zh-Hant", {}),
    "run-80x24-ascii": ("run", 80, 24, "en", {"ascii": True}),
    "plan-80x24-typing": ("plan", 80, 24, "en", {"asked": TYPING}),
    "run-120x40-record": ("run", 120, 40, "en", {"attention": Attention(zoom="record")}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_screen_looks_as_agreed(boards, name):
    screen, width, height, language, parts = CASES[name]
    words = words_in(language)
    page = paint(view(boards, screen, width, height, words=words, **parts))
    drawn = joined(page.lines) + "\n"
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        path.write_text(drawn, encoding="utf-8")
    assert drawn == path.read_text(encoding="utf-8")


def text(page):
    return "\n".join(line.text for line in page.lines)


@pytest.mark.parametrize("screen", ["run", "runs", "plan", "runbooks", "home"])
@pytest.mark.parametrize("typed", [None, TYPING])
@pytest.mark.parametrize("width", [1, 7, 20, 40, 79, 80, 99, 100, 180, 260])
def test_a_page_always_fits_its_screen(boards, screen, typed, width):
    for height in (1, 3, 5, 9, 14, 24, 39, 40, 70):
        shown = view(boards, screen, width, height, asked=typed)
        page = paint(shown)
        assert len(page.lines) == height
        for line in page.lines:
            assert line.width <= width
            assert line.bar in BARS
            assert {span.role.removesuffix(" b") for span in line.spans} <= set(ROLES)
        drawn = [line.key for line in page.lines if line.key]
        assert set(drawn) <= set(keys(shown))


HOSTILE = "資料庫\x1b[31m é\u0301\u202e\u200b\n\t\x9b " * 9


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("screen", ["run", "runs", "plan", "runbooks", "home"])
def test_whatever_a_runbook_or_a_host_says_acts_on_no_terminal(boards, screen, language):
    bad = row(
        title=HOSTILE, question=HOSTILE, step=HOSTILE, trouble=HOSTILE, why=HOSTILE, by=HOSTILE
    )
    question = replace(run().questions[0], text=HOSTILE, signed=(HOSTILE,))
    step = replace(STEPS[3], say=HOSTILE)
    reason = replace(PLAN.reasons[0], what=HOSTILE, todo=HOSTILE)
    typing = replace(
        TYPING, title=HOSTILE, say=HOSTILE, before=HOSTILE, given=((HOSTILE, HOSTILE),)
    )
    hostile = {
        "run": run(row=bad, questions=(question,), steps=(*STEPS, step), inputs={"a": HOSTILE}),
        "plan": replace(PLAN, title=HOSTILE, worst=HOSTILE, reasons=(reason,), endless=(HOSTILE,)),
        "runbooks": (replace(RUNBOOKS[0], title=HOSTILE), replace(RUNBOOKS[2], problem=HOSTILE)),
        "printed": replace(PRINTED, lines=(HOSTILE,)),
        "words": words_in(language),
    }
    for width, height in ((20, 9), (80, 24), (120, 40), (200, 50)):
        for typed in (None, typing):
            shown = view(boards, screen, width, height, asked=typed, **hostile)
            shown = replace(shown, document=replace(shown.document, runs=(bad,)))
            for line in paint(shown).lines:
                assert line.width <= width
                for span in line.spans:
                    assert not any(unicodedata.category(c).startswith("C") for c in span.text)


@pytest.mark.parametrize("screen", ["run", "runs", "plan", "runbooks"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_the_cursor_can_walk_through_every_row(boards, screen, width, height):
    shown, first = view(boards, screen, width, height), 0
    assert keys(shown)
    for key in keys(shown):
        page = paint(replace(shown, attention=Attention(cursor=key, first=first)))
        assert page.lines[page.cursor].key == key
        assert page.lines[page.cursor].text.startswith("▌")
        first = page.first


def test_what_is_heard_no_more_is_not_live(boards):
    shown = view(boards, "run", 120, 40)
    assert ", 47 B" in joined(paint(shown).lines)
    gone = replace(shown, heard_at=shown.now - 60_000)
    said = joined(paint(gone).lines)
    assert "live, 47 B" not in said
    assert "47 B" in said


def test_it_opens_on_the_step_that_asks(boards):
    page = paint(view(boards, "run", 120, 40))
    assert page.lines[page.cursor].key == "step:fenced"


def test_another_host_of_the_step_has_its_own_output(boards):
    page = paint(view(boards, "run", 120, 40, attention=Attention(cursor="step:fenced", pane=1)))
    assert "fenced · mdb-c02 (2/2)" in text(page)
    assert "Asking the watch for it." in text(page)


def test_a_run_that_was_not_told_yet_is_asked_for(boards):
    assert "Asking the watch for this run." in text(paint(view(boards, "run", 80, 24, run=None)))
    other = replace(run(), row=row(id="r-20261119-1901-0000"))
    assert "Asking the watch for this run." in text(paint(view(boards, "run", 80, 24, run=other)))


def test_an_end_is_said_with_its_why_and_the_way_back(boards):
    over = run(
        row=row(state="failed", why="promoted on mdb-r01: timed out", ended_at=NOW - 1000),
        questions=(),
    )
    drawn = text(paint(view(boards, "run", 120, 40, run=over)))
    assert "✘ failed · promoted on mdb-r01: timed out · the way back is mail-failback" in drawn
    assert "Decide by" not in drawn


FAILED = {"state": "failed", "why": "promoted: timed out", "ended_at": NOW - 1000, "question": ""}


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_a_run_that_failed_before_its_clock_stopped_was_not_in_time(boards, width, height):
    over = run(row=row(**FAILED), questions=())
    drawn = text(paint(view(boards, "run", width, height, run=over)))
    assert "not reached" in drawn
    assert "in time" not in drawn
    stopped = replace(over, row=row(**FAILED, clock_stopped_at=NOW - 60_000))
    assert "in time" in text(paint(view(boards, "run", width, height, run=stopped)))


@pytest.mark.parametrize(
    ("ending", "said"), [("now", "is being stopped"), ("step", "ends after this step")]
)
def test_an_abort_is_seen_before_the_run_has_ended(boards, ending, said):
    going = run(row=row(state="running", question="", ending=ending), questions=())
    assert f"▸ {said}" in text(paint(view(boards, "run", 80, 24, run=going)))
    asks = replace(going, row=row(state="needs-decision", ending=ending))
    assert "? needs a decision" in text(paint(view(boards, "run", 80, 24, run=asks)))


def test_what_was_passed_over_is_not_called_done(boards):
    passed = tuple(replace(step, state="skipped") for step in STEPS[2:4])
    over = run(
        row=row(state="aborted", steps_done=2, steps_passed=2, ended_at=NOW, question=""),
        steps=(*STEPS[:2], *passed, *STEPS[4:]),
        questions=(),
    )
    assert "2 of 8 done, 2 passed over" in text(paint(view(boards, "run", 80, 24, run=over)))


def test_a_run_whose_proof_was_waived_is_not_in_time_and_says_so_wherever_it_stands(boards):
    steps = (*STEPS[:-1], replace(STEPS[-1], state="waived"))
    proven = {"state": "succeeded", "steps_done": 7, "question": "", "ended_at": NOW}
    ended = row(**proven, waived=1, unproven=True, clock_stopped_at=NOW - 60_000)
    over = run(row=ended, steps=steps, questions=())
    drawn = text(paint(view(boards, "run", 120, 40, run=over)))
    assert "! succeeded, 1 waived" in drawn and "7 of 8 done, 1 waived" in drawn
    assert "not measured" in drawn and "in time" not in drawn
    listed = replace(ended, id="r-20261120-0200-aaaa")
    assert "succeeded, 1 waived" in _listed(boards, listed)


def test_why_a_run_ended_is_not_behind_what_troubles_it_since(boards):
    said = {"question": "", "why": "promote failed", "trouble": "h1 does not answer"}
    ended = row(id="r-20261120-0200-aaaa", state="failed", ended_at=NOW, **said)
    assert "promote failed; h1 does not answer" in _listed(boards, ended)


def _listed(boards, row):
    return text(paint(view(boards, "runs", 120, 40, runs=(row,))))


def test_what_holds_it_up_and_is_not_the_runbooks_is_said(boards):
    stuck = run(row=row(trouble="the record can't be written: no space left on device"))
    assert "no space left on device" in text(paint(view(boards, "run", 80, 24, run=stuck)))


def test_a_question_about_the_step_under_the_cursor_comes_first(boards):
    other = replace(run().questions[0], step="opened", text="Open again?", choices=("retry",))
    asking = run(questions=(run().questions[0], other))
    page = paint(
        view(boards, "run", 120, 40, run=asking, attention=Attention(cursor="step:opened"))
    )
    assert "Open again?" in text(page)
    assert "1 more question\n" in text(page)


@pytest.mark.parametrize("screen", ["hosts", "problems", "events", "plan", "runbooks"])
@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40)])
def test_a_run_that_asks_is_said_wherever_the_person_is(boards, screen, width, height):
    shown = view(boards, screen, width, height)
    lines = paint(shown).lines
    assert lines[2].text.startswith(" ? mail-failover needs a decision")
    assert not lines[2].key
    calm = replace(shown.document, runs=(row(question="", state="running"),))
    assert "mail-failover running" not in text(paint(replace(shown, document=calm)))


def test_what_comes_after_the_clock_stops_is_no_part_of_its_forecast(boards):
    later = replace(STEPS[3], id="tidied", say="Tidy up", p50_ms=3_600_000, p90_ms=7_200_000)
    drawn = text(paint(view(boards, "run", 120, 40, run=run(steps=(*STEPS, later)))))
    assert "predicted 7:38–8:33" in drawn
    assert "since declared 03:01:52, stops at clients-verified" in drawn


def test_a_run_without_a_clock_has_no_room_for_one(boards):
    timeless = run(row=row(target_ms=None, clock_started_at=None), clock_starts="", clock_stops="")
    drawn = text(paint(view(boards, "run", 120, 40, run=timeless)))
    assert "clock" not in drawn.lower()
    assert "STEPS" in drawn


def test_a_gate_says_who_signed_and_until_when(boards):
    gate = replace(
        run().questions[0],
        step="declared",
        text="Declare the failover?",
        choices=("approve", "refuse"),
        signed=("mchan",),
        until=NOW + 60_000,
    )
    drawn = text(paint(view(boards, "run", 120, 40, run=run(questions=(gate,)))))
    assert "signed by mchan · approvals missing: 1 · it is late at 03:08:12" in drawn
    assert "1 approve" in drawn


def test_many_steps_scroll_and_the_question_stays(boards):
    steps = tuple(replace(STEPS[3], id=f"s{n}", say=f"Step {n}") for n in range(60))
    long = run(steps=(*STEPS[:2], *steps))
    page = paint(
        view(boards, "run", 80, 24, run=long, attention=Attention(cursor="step:s59", first=0))
    )
    assert page.lines[page.cursor].key == "step:s59"
    assert "settle as done" in text(page)


def test_a_plan_says_how_much_of_it_is_not_in_sight(boards):
    """Two steps of which one was in sight looked like a runbook of one step."""
    shown = view(boards, "plan", 80, 24)
    assert paint(shown).lines[-2].text.strip() == "12 more ↓  5 steps among them"
    assert "↓" not in text(paint(replace(shown, height=60)))
    end = paint(replace(shown, attention=Attention(cursor=keys(shown)[-1])))
    assert end.lines[-2].text.strip() == "11 more ↑"


def test_every_line_of_a_plan_is_in_sight_or_counted(boards):
    for height in (9, 14, 24, 30):
        for language in ("en", "zh-Hant"):
            shown, first = view(boards, "plan", 80, height, words=words_in(language)), 0
            for key in keys(shown):
                page = paint(replace(shown, attention=Attention(cursor=key, first=first)))
                drawn = sum(bool(line.key) for line in page.lines)
                counts = [int(each) for each in re.findall(r"\d+", page.lines[-2].text)][:2]
                assert drawn + sum(counts[: _ways(page.lines[-2].text)]) == len(keys(shown))
                first = page.first


def _ways(line):
    """How many of the two arrows it has."""
    return ("↑" in line) + ("↓" in line)
