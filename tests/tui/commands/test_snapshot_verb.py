"""`twinwatch snapshot`: frozen by a watch, kept in a file, rendered without one."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.played_snapshot import SMALL, played_snapshot
from snapshots.reading import read_snapshot, snapshot_bytes
from snapshots.rendering import FORMS, render
from tests.tui.commands.conftest import TWINWATCH
from tests.watch.room import Room, asked
from watch import later
from watch.handover.opening import opened
from watch.languages import words_in

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "s.json"
    path.write_bytes(snapshot_bytes(played_snapshot(SMALL)))
    return path


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_a_kept_snapshot_is_rendered_without_a_watch(
    run: Run, kept: Path, form: str, language: str
) -> None:
    done = run("snapshot", "render", kept, "--format", form, "--language", language)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.encode() == render(played_snapshot(SMALL), form, words_in(language))


def test_a_file_s_name_says_its_form(run: Run, kept: Path, tmp_path: Path) -> None:
    for form, suffix in FORMS.items():
        output = tmp_path / f"handover{suffix}"
        done = run("snapshot", "render", kept, "--output", output)
        assert (done.returncode, done.stdout) == (0, "")
        assert output.read_bytes() == render(played_snapshot(SMALL), form, words_in("en"))


@pytest.mark.parametrize(("name", "form"), [("x.htm", "html"), ("x.Markdown", "md"), ("x", "text")])
def test_other_habits_are_known(run: Run, kept: Path, tmp_path: Path, name: str, form: str) -> None:
    run("snapshot", "render", kept, "--output", tmp_path / name)
    assert (tmp_path / name).read_bytes() == render(played_snapshot(SMALL), form, words_in("en"))


def test_standard_output_by_its_name_may_be_a_pipe(run: Run, kept: Path) -> None:
    done = run("snapshot", "render", kept, "--output", "/dev/stdout")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.encode() == render(played_snapshot(SMALL), "text", words_in("en"))


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
def test_a_log_that_standard_output_is_appended_to_keeps_what_is_in_it(
    kept: Path, tmp_path: Path, name: str
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    words = [TWINWATCH, "snapshot", "render", str(kept), "--output", name]
    with log.open("ab") as file:
        subprocess.run(words, stdout=file, check=True, timeout=60)
    before, _, after = log.read_bytes().partition(b"\n")
    assert before == b"before"
    assert after == render(played_snapshot(SMALL), "text", words_in("en"))


def test_an_end_that_says_nothing_is_no_plain_text(run: Run, kept: Path, tmp_path: Path) -> None:
    done = run("snapshot", "render", kept, "--output", tmp_path / "x.pdf")
    assert done.returncode == 2
    assert "the name's end says no format — add --format: text, md, html, json" in done.stderr
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--format", "pdf"), "no such format — pdf — write one of text, md, html, json"),
        (("--language", "fr"), "no such language — fr — there is no catalogue of it"),
    ],
)
def test_what_is_no_form_or_language_is_named(
    run: Run, kept: Path, words: tuple[str, ...], said: str
) -> None:
    done = run("snapshot", "render", kept, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_file_that_is_none_or_no_snapshot_is_one_error(run: Run, tmp_path: Path) -> None:
    done = run("snapshot", "render", tmp_path / "none.json", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["what"] == "no snapshot"
    (tmp_path / "bad.json").write_text('{"format": 7}')
    done = run("snapshot", "render", tmp_path / "bad.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the snapshot is refused" in done.stderr
    assert "it is of format 7, and this twinwatch reads 1" in done.stderr


def test_a_place_that_can_t_be_written_is_named(run: Run, kept: Path, tmp_path: Path) -> None:
    done = run("snapshot", "render", kept, "--output", tmp_path / "none" / "x.html")
    assert done.returncode == 1
    assert f"the snapshot can't be written — {tmp_path}/none/x.html" in done.stderr


def test_every_shift_is_asked_of_the_estate_and_of_no_command(run: Run) -> None:
    done = run("snapshot", "--every-shift")
    assert (done.returncode, done.stdout) == (2, "")
    assert "write `handover: {every_shift: true}` in the estate file" in done.stderr


def test_the_schema_is_printed(run: Run) -> None:
    assert json.loads(run("snapshot", "schema").stdout)["title"].endswith("snapshot, format 1")


def test_a_watch_is_asked_and_two_snapshots_are_compared(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later, "LATER_SECONDS", 0.01)

    async def play(room: Room) -> None:
        desk = opened(tmp_path / "records.db", room.watch, room.watch.board, alone=True)
        await desk.open()
        room.watch.handovers.open(desk)

        async def twinwatch(*words: object) -> subprocess.CompletedProcess[str]:
            return await asyncio.to_thread(run, "--socket", room.path, "snapshot", *words)

        first = tmp_path / "first.json"
        done = await twinwatch("--output", first)
        assert (done.returncode, done.stderr) == (0, "")
        assert read_snapshot(first.read_bytes()).estate == room.watch.document.estate
        done = await twinwatch("--before", first, "--json")
        before = read_snapshot(done.stdout.encode()).before
        assert before is not None and before.id == read_snapshot(first.read_bytes()).id
        assert [(each.how, each.where) for each in before.differences] == [("unchanged", "gw")]
        other = tmp_path / "other.json"
        other.write_bytes(snapshot_bytes(played_snapshot(SMALL)))
        done = await twinwatch("--before", other)
        assert (done.returncode, done.stdout) == (2, "")
        assert "the two can't be compared" in done.stderr
        assert "it is of the estate Messaging platform, and the watch is of Test" in done.stderr
        done = await twinwatch("--since", "30m", "--language", "en")
        assert "1. This handover" in done.stdout

    asked(tmp_path, play)
