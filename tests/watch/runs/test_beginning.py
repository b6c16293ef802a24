"""What a run needs to be its own before it begins, at a desk without a watch around it."""

from __future__ import annotations

import asyncio
import itertools
import os
import stat
from pathlib import Path

import pytest

from storage.database import Fault, RecordsError
from storage.runs import RunFolder
from tests.watch.runs.alone import estate, until, within
from watch.error import WatchError
from watch.runs import asked
from watch.runs.desk import RunDesk
from watch.runs.lockbook import LockBook
from watch.runs.permission import Person

OWNER = Person("ann", owns=True)
BOOK = """\
runbook: asks
title: Ask, then do
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - gate: Now?
    id: asked
    wait: 10m
  - do: Nothing
    id: done
    hosts: all
    sh: ":"
    done_when: test -e never
    timeout: 20s
    undo: none
"""


def test_a_run_that_comes_upon_anothers_id_is_refused_and_leaves_it_its_locks(
    tmp_path: Path,
) -> None:
    async def play(desk: RunDesk) -> None:
        run = (await desk.start("asks", {}, "ann")).id
        with pytest.raises(WatchError, match="nothing was started"):
            await desk.start("asks", {}, "bob", reason="mine now", take_over=True)
        with pytest.raises(WatchError, match=f"host/h1 is held by {run}"):
            await desk.start("asks", {}, "bob")
        (row,) = desk.rows()
        assert row.id == run

    within(tmp_path, play, BOOK, nonces=itertools.repeat("abcd0123"))


def test_where_the_locks_cant_be_read_a_plan_says_so_and_nothing_begins(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "locks.json"
    path.parent.mkdir()
    path.write_text('{"host/h1": {"epo')

    async def play(desk: RunDesk) -> None:
        made, _ = await desk.plan("asks", {}, drill=False, ask=False)
        assert [each.rule for each in made.reasons] == ["records"]
        for over in (False, True):
            with pytest.raises(WatchError, match=r"locks\.json is damaged"):
                await desk.start("asks", {}, "ann", reason="now", take_over=over)
        assert desk.rows() == ()

    within(tmp_path, play, BOOK, nonces=itertools.repeat("abcd0123"))
    assert path.read_text() == '{"host/h1": {"epo'


def test_a_console_begins_only_on_the_hosts_that_its_person_saw(tmp_path: Path) -> None:
    in_force = [estate(h1="g", h2="other")]

    async def play(desk: RunDesk) -> None:
        shown = await asked.plan(desk, OWNER, {"runbook": "asks", "ask": False})
        seen = {"runbook": "asks", "confirm": "a", "sha256": shown["sha256"]}
        in_force[0] = estate(h1="other", h2="g", h3="g")
        with pytest.raises(WatchError) as refused:
            await asked.start(desk, OWNER, {**seen, "hosts": shown["hosts"]})
        assert (refused.value.why, refused.value.do) == (
            "all are other hosts than were shown: with h2, h3 and without h1",
            "read the plan again",
        )
        with pytest.raises(WatchError, match="in another order: h2, h3"):
            await asked.start(desk, OWNER, {**seen, "hosts": {"all": ["h3", "h2"]}})
        with pytest.raises(WatchError, match="other hosts than were shown: with h2, h3"):
            await asked.start(desk, OWNER, {**seen, "hosts": {}})
        with pytest.raises(WatchError, match="it is no mapping of selectors to lists of names"):
            await asked.start(desk, OWNER, {**seen, "hosts": {"all": "h2"}})
        assert desk.rows() == ()

        again = await asked.plan(desk, OWNER, {"runbook": "asks", "ask": False})
        run = (await asked.start(desk, OWNER, {**seen, "hosts": again["hosts"]}))["id"]
        assert (await desk.view(run)).hosts == {"all": ("h2", "h3")}

    within(tmp_path, play, BOOK, estate=lambda: in_force[0])


def test_what_is_begun_is_what_was_judged_though_the_estate_changes_meanwhile(
    tmp_path: Path,
) -> None:
    """One plan is made at a start: what its person agreed to is compared with that very one."""
    looked: list[int] = []

    def changing() -> object:
        looked.append(1)
        return estate(h1="g") if len(looked) == 1 else estate(h2="g")

    async def play(desk: RunDesk) -> None:
        seen = {"runbook": "asks", "confirm": "", "hosts": {"all": ["h1"]}}
        with pytest.raises(WatchError, match="was typed"):
            await asked.start(desk, OWNER, seen)
        assert desk.rows() == ()

    within(tmp_path, play, BOOK, estate=changing)


def test_a_first_entry_that_is_not_on_the_disk_begins_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(path: Path) -> None:
        raise RecordsError(Fault.BROKEN, f"{path} can't be flushed: Input/output error", "mend it")

    async def play(desk: RunDesk) -> None:
        with monkeypatch.context() as broken:
            broken.setattr("storage.journal.flush_directory", refuses)
            with pytest.raises(WatchError) as refused:
                await desk.start("asks", {}, "ann")
        assert refused.value.what == "nothing was started"
        assert "can't be flushed" in refused.value.why
        assert desk.rows() == () and list((tmp_path / "runs").glob("*.jsonl")) == []
        made, _ = await desk.plan("asks", {}, drill=False, ask=False)
        assert made.reasons == (), "its locks are free again"

    within(tmp_path, play, BOOK)


def test_a_run_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    """Two people at once: the plan knew of no other run, the locks do."""

    async def play(desk: RunDesk) -> None:
        run = (await desk.start("asks", {}, "ann")).id
        made, files = await desk._beginning.planned("asks", {}, drill=False)
        with pytest.raises(WatchError, match=f"host/h1 is held by run {run}"):
            await desk._beginning.begun(made, files, "bob")
        left = [path.name for path in (tmp_path / "runs").glob("*.pin")]
        assert left == [f"{run}.pin"]

    within(tmp_path, play, BOOK)


def test_the_locks_of_a_run_that_never_began_are_free_after_a_restart(tmp_path: Path) -> None:
    """Its watch was killed between the locks and the first entry."""
    taken = LockBook(RunFolder(tmp_path / "runs")).take(["host/h1"], "r-never", over=False)
    assert asyncio.run(taken).reasons == ()

    async def play(desk: RunDesk) -> None:
        assert desk._locks.locks.held() == {}
        assert (await desk.start("asks", {}, "ann")).state != "failed"

    within(tmp_path, play, BOOK)


def test_where_the_first_flush_fails_no_journal_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def refuses(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(5, "Input/output error")
        fsync(descriptor)

    monkeypatch.setattr("storage.journal.os.fsync", refuses)
    with pytest.raises(RecordsError, match="Input/output error"):
        RunFolder(tmp_path).begin("r-1", {"seq": 1})
    assert not (tmp_path / "r-1.jsonl").exists()
    assert RunFolder(tmp_path).ids() == ()


def test_a_run_is_pinned_to_the_files_that_it_was_planned_with(tmp_path: Path) -> None:
    """They may be others, or gone, when the next watch goes on with it."""

    async def play(desk: RunDesk) -> None:
        run = (await desk.start("asks", {}, "ann")).id
        assert RunFolder(tmp_path / "runs").pinned(run) == {"site.yml": b"mine"}

    within(tmp_path, play, BOOK)


COPIES = """\
runbook: copies
title: Copy a file
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - gate: Now?
    id: asked
    wait: 10m
  - copy: Put it there
    id: put
    hosts: all
    from: "FILE"
    to: "TO"
    undo: none
"""


@pytest.mark.parametrize("name", ["_common.conf", ".env", f"{'roles/' * 60}a.conf"])
def test_a_file_may_be_called_what_the_grammar_allows_and_is_there_after_a_restart(
    tmp_path: Path, name: str
) -> None:
    book = COPIES.replace("FILE", name).replace("TO", str(tmp_path / "to"))
    runs: list[str] = []

    async def begin(desk: RunDesk) -> None:
        runs.append((await desk.start("copies", {}, "ann")).id)
        await until(desk, runs[0], lambda row: row.state == "waiting")

    async def go_on(desk: RunDesk) -> None:
        body = {"step": "asked", "decision": "approve"}
        await asked.steer(desk, runs[0], "decide", OWNER, body)
        await until(desk, runs[0], lambda row: row.ended_at is not None)

    within(tmp_path, begin, book, files={name: b"mine"})
    within(tmp_path, go_on, book, files={})
    assert (tmp_path / "to").read_bytes() == b"mine"


def test_each_journal_is_open_once_and_let_go_at_the_end(tmp_path: Path) -> None:
    def held() -> list[str]:
        found = []
        for each in Path("/proc/self/fd").iterdir():
            try:
                found.append(str(each.readlink()))
            except FileNotFoundError:
                continue  # the one that we looked with
        return [each for each in found if each.startswith(str(tmp_path)) and "jsonl" in each]

    async def play(desk: RunDesk) -> None:
        await desk.start("asks", {}, "ann")
        assert len(held()) == 1

    within(tmp_path, play, BOOK)
    assert held() == []


VIEWER = Person("eve", groups=frozenset({"desk"}), in_house=False, operates=False)
CHECKED = BOOK.replace(
    "steps:", "before:\n  - check: It is well\n    hosts: all\n    sh: exit 3\nsteps:"
)


def test_who_only_reads_sees_the_plan_and_no_host_is_asked_for_it(tmp_path: Path) -> None:
    async def play(desk: RunDesk) -> None:
        view = await asked.plan(desk, VIEWER, {"runbook": "asks"})
        assert [each["what"] for each in view["reasons"]] == [
            "only operators and approvers may run asks"
        ]
        assert view["hosts"] == {"all": ["h1"]} and not view["steps"][-1].get("done")
        assert not (tmp_path / "hosts").exists(), "nothing was carried out anywhere"
        with pytest.raises(WatchError, match="only operators and approvers may run asks"):
            await asked.start(desk, VIEWER, {"runbook": "asks"})

        told = await asked.plan(desk, OWNER, {"runbook": "asks"})
        assert [each["rule"] for each in told["reasons"]] == ["check"]
        assert told["steps"][-1]["done"] == {"h1": False}

    within(tmp_path, play, CHECKED)


GUARDED = CHECKED.replace("hosts:\n  all:", "run_by: oncall\napprove_by: duty\nhosts:\n  all:", 1)


@pytest.mark.parametrize(("group", "asks"), [("oncall", True), ("duty", True), ("other", False)])
def test_who_may_run_or_approve_has_its_hosts_asked(tmp_path: Path, group: str, asks: bool) -> None:
    person = Person("bob", groups=frozenset({group}))

    async def play(desk: RunDesk) -> None:
        view = await asked.plan(desk, person, {"runbook": "asks"})
        rules = {each["rule"] for each in view["reasons"]}
        assert ("check" in rules, "role" in rules) == (asks, group != "oncall")

    within(tmp_path, play, GUARDED)
