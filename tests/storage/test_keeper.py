"""The keeper: nothing waits for it, nothing it can't keep is shown as kept."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import storage.recordsthread
import storage.trouble
from estate.document import Event, Severity
from estate.metrics import METRICS
from estate.model import Retention
from estate.samples import Sample
from storage.database import Fault, RecordsError, sqlite3
from storage.keeper import Keeper
from storage.records import Records, Tick
from storage.recordsthread import Restored

T0 = 1_793_145_600_000
NOW = T0 + 60_000


def sample(at: int, value: float = 1.0, host: str = "a") -> Sample:
    return Sample(host, at, (value,) * len(METRICS), 1.0, 1, 1.0)


def event(number: int, where: str = "a") -> Event:
    return Event(number, T0 + number, Severity.OK, where, "happened")


def until(condition: Callable[[], object]) -> None:
    """Wait for `condition`; a minute is for a machine that is busy with other things."""
    for _ in range(6_000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("the keeper did not get there within a minute")


def cpu(keeper: Keeper, start: int, end: int, points: int) -> list[float]:
    return [p.mean for p in asyncio.run(keeper.series("a", "cpu", start, end, points))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


class Steady:
    """A clock that is never set, and moves when the test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def begin(path: Path, steady: Steady) -> Iterator[Callable[..., Keeper]]:
    keepers = []

    def begin(now: int = NOW, **retention: int) -> Keeper:
        keeper = Keeper(path, Retention(**retention), lambda: now, steady)
        keepers.append(keeper)
        return keeper

    yield begin
    for keeper in keepers:
        keeper.close()


def test_what_is_put_is_saved_and_comes_back_after_a_restart(
    begin: Callable[..., Keeper],
) -> None:
    keeper = begin()
    assert keeper.start() == Restored(None, None, 0)
    assert keeper.saved_until is None
    keeper.put([sample(T0)], [event(1)])
    keeper.put([sample(T0 + 10_000, 3.0)])
    keeper.save_board(b'{"seq": 1}')
    until(lambda: keeper.saved_until == T0 + 10_000)
    assert (keeper.status, keeper.dropped, keeper.take_notices()) == ("", 0, ())
    assert cpu(keeper, T0, T0 + 20_000, 2) == [1.0, 3.0]
    assert asyncio.run(keeper.events()) == (event(1),)
    keeper.close()

    restored = begin().start()
    assert restored.board is not None
    assert (restored.board.at, restored.board.document) == (NOW, b'{"seq": 1}')
    assert (restored.saved_until, restored.last_event_id) == (T0 + 10_000, 1)
    assert (restored.events, restored.unread) == ((event(1),), "")


def test_a_disk_that_hangs_holds_the_start_up_for_a_while_and_is_no_empty_one(
    path: Path, begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage.recordsthread, "_START_SECONDS", 0.2)
    os.mkfifo(path)  # nobody writes: whoever opens it waits, as on a file server that is gone
    keeper = begin()
    restored = keeper.start()
    why = f"{path} can't be opened: no answer within 0.2 s; "
    assert restored.unread == why + "bring back the disk or the file server it lies on"
    assert (restored.board, restored.events, restored.last_event_id) == (None, (), NOW // 1000)
    assert keeper.status == f"not saved: {restored.unread}"
    keeper.put([sample(T0)])

    writer = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # it is back
    path.unlink()
    os.write(writer, b"x" * 100)
    until(lambda: keeper.saved_until == T0)
    os.close(writer)
    until(lambda: keeper.status == "")


def test_closing_saves_what_waits(path: Path, begin: Callable[..., Keeper]) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0 + n) for n in range(10_000)], [event(1)])
    keeper.save_board(b"{}")
    keeper.close()
    records = Records.open(path)
    assert len(list(records.samples("a", T0, T0 + 10_000))) == 10_000
    assert records.last_event_id() == 1
    records.close()
    with pytest.raises(RuntimeError, match="the records are closed"):
        asyncio.run(keeper.events())


def test_an_unknown_metric_is_the_asker_s_mistake_and_nobody_else_s(
    begin: Callable[..., Keeper],
) -> None:
    keeper = begin()
    keeper.start()
    with pytest.raises(KeyError, match="temperature"):
        asyncio.run(keeper.series("a", "temperature", T0, NOW, 10))
    assert keeper.status == ""


def later(keeper: Keeper, steady: Steady) -> None:
    """Go on without a fault for long enough that it is over."""
    steady.seconds += 60.0
    keeper.save_board(b"{}")  # wakes it


def test_a_lock_held_by_another_holds_nobody_up_and_loses_nothing(
    path: Path, begin: Callable[..., Keeper], steady: Steady
) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0)], [event(1)])
    until(lambda: keeper.saved_until == T0)

    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for n in range(1, 500):
        keeper.put([sample(T0 + n, float(n))], [event(1 + n)])
    until(lambda: keeper.status)
    assert keeper.status == (f"not saved: {path} is locked by another process; end that process")
    assert keeper.saved_until == T0
    assert cpu(keeper, T0 + 490, T0 + 500, 10) == [float(n) for n in range(490, 500)]
    assert [e.id for e in asyncio.run(keeper.events(limit=2))] == [500, 499]

    other.execute("ROLLBACK")
    other.close()
    until(lambda: keeper.saved_until == T0 + 499)
    assert keeper.status == ""
    assert keeper.take_notices() == (
        f"records are not kept: {path} is locked by another process; end that process",
    )
    later(keeper, steady)
    until(lambda: keeper.take_notices() == ("records are kept again",))
    assert cpu(keeper, T0, T0 + 500, 500)[1:] == [float(n) for n in range(1, 500)]


def test_that_it_is_over_is_told_though_nothing_more_is_put(
    path: Path, begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch, steady: Steady
) -> None:
    monkeypatch.setattr(storage.recordsthread, "LASTING_SECONDS", 0.05)
    keeper = begin()
    path.mkdir()
    keeper.start()
    until(lambda: keeper.status)
    path.rmdir()
    until(lambda: not keeper.status)
    keeper.take_notices()
    steady.seconds += 3_600
    until(lambda: keeper.take_notices() == ("records are kept again",))


def test_a_question_whose_asker_has_left_costs_nothing(begin: Callable[..., Keeper]) -> None:
    keeper = begin()
    keeper.start()
    busy = threading.Event()

    async def ask() -> None:
        first = asyncio.create_task(keeper._thread.answer(lambda: busy.wait(30)))
        left = asyncio.create_task(keeper.events())
        await asyncio.sleep(0)  # both wait
        left.cancel()
        busy.set()
        assert await first
        assert await asyncio.wait_for(keeper.hosts(), 20) == ()

    asyncio.run(ask())


def test_what_memory_can_not_hold_is_counted_and_reported(
    path: Path, begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch, steady: Steady
) -> None:
    monkeypatch.setattr(storage.recordsthread, "_MOST_TICKS", 100)
    keeper = begin()
    path.mkdir()  # no file can be there
    assert keeper.start() == Restored(
        None,
        None,
        NOW // 1000,
        unread=f"{path} can't be opened: Is a directory; check the path and its file system",
    )
    keeper.put([sample(T0 + n, float(n)) for n in range(130)])
    until(lambda: keeper.status)
    assert keeper.dropped == 30
    assert keeper.status == (
        f"not saved: {path} can't be opened: Is a directory;"
        " check the path and its file system; 30 samples and events lost so far"
    )
    assert keeper.saved_until is None
    assert cpu(keeper, T0, T0 + 130, 130) == [float(n) for n in range(30, 130)]

    path.rmdir()
    until(lambda: keeper.saved_until == T0 + 129)
    assert keeper.status == ""
    keeper.take_notices()
    later(keeper, steady)
    again = "records are kept again; 30 samples and events lost"
    until(lambda: keeper.take_notices() == (again,))
    assert cpu(keeper, T0, T0 + 130, 130) == [float(n) for n in range(30, 130)]


def test_a_sample_of_no_possible_time_is_counted_as_lost(begin: Callable[..., Keeper]) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(-1), sample(1 << 62), sample(T0)])
    until(lambda: keeper.saved_until == T0)
    assert keeper.dropped == 2


def aside(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir() if ".corrupt-" in p.name)


def test_what_is_no_database_is_set_aside_and_a_new_file_begun(
    path: Path, begin: Callable[..., Keeper]
) -> None:
    path.write_bytes(b"Dear diary, " * 1000)
    keeper = begin()
    assert keeper.start() == Restored(None, None, 0)
    keeper.put([sample(T0)])
    until(lambda: keeper.saved_until == T0)
    assert aside(path) == ["records.db.corrupt-20261028T000100"]
    assert path.with_name(aside(path)[0]).read_bytes() == b"Dear diary, " * 1000
    assert keeper.status == ""
    assert keeper.take_notices() == (
        "records were corrupt and begin anew; what there was is kept as"
        f" {path}.corrupt-20261028T000100",
    )


def test_what_was_set_aside_is_never_overwritten(path: Path, begin: Callable[..., Keeper]) -> None:
    for text in (b"first", b"second"):
        path.write_bytes(text * 1000)
        keeper = begin()
        keeper.start()
        keeper.close()
        path.unlink()
    kept = [path.with_name(name).read_bytes()[:5] for name in aside(path)]
    assert kept == [b"first", b"secon"]


def test_a_whole_chart_is_none_where_the_file_can_not_be_read(
    path: Path, begin: Callable[..., Keeper]
) -> None:
    def whole(keeper: Keeper) -> list[float] | None:
        found = asyncio.run(keeper.whole_series("a", "cpu", T0, NOW, 1))
        return None if found is None else [each.mean for each in found]

    path.mkdir()
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0, 7.0)])
    assert (whole(keeper), cpu(keeper, T0, NOW, 1)) == (None, [7.0])
    path.rmdir()
    until(lambda: whole(keeper) == [7.0])


def test_a_chart_of_nothing_is_empty(begin: Callable[..., Keeper]) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0)])
    assert cpu(keeper, T0, T0, 10) == []
    assert cpu(keeper, T0, T0 + 1, 0) == []


def test_overwritten_pages_are_found_and_the_file_with_its_log_is_set_aside(
    path: Path, begin: Callable[..., Keeper]
) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0 + n) for n in range(20_000)], [event(n) for n in range(1, 3_000)])
    until(lambda: keeper.saved_until == T0 + 19_999)
    keeper.close()
    pages = bytearray(path.read_bytes())
    for page in range(1, len(pages) // 4096 - 1):
        if page % 2:
            pages[page * 4096 : (page + 1) * 4096] = os.urandom(4096)
    path.write_bytes(pages)
    path.with_name("records.db-wal").write_bytes(b"")

    keeper = begin()
    keeper.start()
    keeper.put([sample(T0 + 30_000)], [event(4_000)])
    until(lambda: aside(path))
    until(lambda: keeper.saved_until == T0 + 30_000)
    kept = path.with_name("records.db.corrupt-20261028T000100")
    assert aside(path)[0] == kept.name
    assert kept.stat().st_size == len(pages)
    assert keeper.status == ""
    assert any("begin anew" in notice for notice in keeper.take_notices())
    assert cpu(keeper, T0, T0 + 40_000, 1) == [1.0]
    assert asyncio.run(keeper.check()) == ()


def test_pages_that_go_bad_while_it_runs_cost_the_file_but_not_what_waits(
    path: Path, begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0 + n * 10, float(n)) for n in range(50_000)])
    until(lambda: keeper.saved_until == T0 + 499_990)
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    with path.open("r+b") as file:  # in place, as a failing disk does
        for page in range(4, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xa5" * 4096)
    asyncio.run(keeper.series("a", "cpu", T0, T0 + 500_000, 10))
    keeper.put([sample(T0 + 600_000)])
    until(lambda: keeper.saved_until == T0 + 600_000)
    assert len(aside(path)) >= 1
    assert keeper.status == ""


def test_a_deleted_file_is_noticed_and_begun_again_with_what_was_not_acknowledged(
    path: Path, begin: Callable[..., Keeper]
) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0)])
    until(lambda: keeper.saved_until == T0)
    path.unlink()
    keeper.put([sample(T0 + 10_000)])
    until(lambda: keeper.saved_until == T0 + 10_000)
    assert path.exists()
    assert keeper.take_notices()[0] == (
        f"records are not kept: {path} was deleted or replaced while in use;"
        " a new file is begun; keep the records' directory for the watch alone"
    )
    assert keeper.status == ""
    keeper.close()
    records = Records.open(path)
    assert [at for at, _ in records.samples("a", T0, T0 + 20_000)] == [T0 + 10_000]
    records.close()


def test_a_disk_that_takes_a_little_now_and_then_is_told_of_once(
    begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch, steady: Steady
) -> None:
    monkeypatch.setattr(storage.trouble, "_FIRST_RETRY_SECONDS", 0.001)
    monkeypatch.setattr(storage.trouble, "_LAST_RETRY_SECONDS", 0.001)
    append, tries = Records.append_ticks, 0

    def every_other(records: Records, ticks: Sequence[Tick]) -> None:
        nonlocal tries
        tries += 1
        if tries % 2:
            raise RecordsError(Fault.FULL, "no space for records.db", "free space")
        append(records, ticks)

    monkeypatch.setattr(Records, "append_ticks", every_other)
    keeper = begin()
    keeper.start()
    for n in range(6):
        keeper.put([sample(T0 + n)])
        until(lambda n=n: keeper.saved_until == T0 + n)
    assert tries >= 12
    assert keeper.take_notices() == ("records are not kept: no space for records.db; free space",)
    monkeypatch.setattr(Records, "append_ticks", append)
    later(keeper, steady)
    until(lambda: keeper.take_notices() == ("records are kept again",))


def test_a_mistake_of_ours_does_not_end_the_thread(
    begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = begin()
    keeper.start()
    append = Records.append_ticks

    def stumble(records: Records, ticks: Sequence[Tick]) -> None:
        monkeypatch.setattr(Records, "append_ticks", append)
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Records, "append_ticks", stumble)
    keeper.put([sample(T0)])
    until(lambda: keeper.saved_until == T0)
    assert keeper.take_notices() == (
        "records are not kept: unexpected ZeroDivisionError: division by zero;"
        " report it, with the watch's log",
    )


def test_events_are_kept_before_the_samples_that_came_with_them(
    path: Path, begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gap that is told by an event must not be hidden by the first samples after it."""

    def stumble(*_: object) -> None:
        raise RecordsError(Fault.FULL, "no space for records.db", "free space")

    monkeypatch.setattr(Records, "append_ticks", stumble)
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0)], [event(1)])
    until(lambda: keeper.status)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT id FROM events").fetchall() == [(1,)]
    other.close()
    assert keeper.saved_until is None


def test_a_file_that_a_question_finds_corrupt_is_set_aside_though_it_opens(
    path: Path, begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0)], [event(1)])
    until(lambda: keeper.saved_until == T0)

    def stumble(*_: object) -> None:
        raise RecordsError(Fault.CORRUPT, "records.db is corrupt", "")

    with monkeypatch.context() as patch:
        patch.setattr(Records, "events", stumble)
        assert asyncio.run(keeper.events()) == ()
    until(lambda: keeper.status == "")
    assert len(list(path.parent.glob("records.db.corrupt-*T*"))) == 1
    assert asyncio.run(keeper.events()) == ()


def test_a_file_that_can_not_be_written_for_another_reason_is_opened_afresh(
    begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0)])
    until(lambda: keeper.saved_until == T0)
    lame = keeper._thread.records

    def limp(records: Records, ticks: Sequence[Tick]) -> None:
        if records is lame:
            raise RecordsError(Fault.BROKEN, "disk I/O error", "check its file system")
        append(records, ticks)

    append = Records.append_ticks
    monkeypatch.setattr(Records, "append_ticks", limp)
    keeper.put([sample(T0 + 1)])
    until(lambda: keeper.saved_until == T0 + 1)
    assert keeper.status == ""


def test_hours_are_compacted_and_pruned_while_it_runs(
    path: Path, begin: Callable[..., Keeper]
) -> None:
    hour = 3_600_000
    keeper = begin(T0 + 9 * hour, hot_ms=hour, chunks_ms=4 * hour, minutes_ms=6 * hour)
    keeper.start()
    keeper.put([sample(T0 + n * 60_000, float(n)) for n in range(9 * 60)])

    def spans(table: str) -> Any:
        with sqlite3.connect(path) as other:
            query = f"SELECT min(key >> 28) - ?, max(key >> 28) - ? FROM {table}"
            row = other.execute(query, (T0 // hour, T0 // hour)).fetchone()
        other.close()
        return row

    until(lambda: spans("chunks") == (5, 7) and spans("minutes") == (3, 7))
    assert cpu(keeper, T0 + 8 * hour, T0 + 9 * hour, 60) == [float(n) for n in range(480, 540)]
    assert asyncio.run(keeper.check()) == ()


def test_all_upkeep_can_be_asked_for(begin: Callable[..., Keeper]) -> None:
    keeper = begin(T0 + 4 * 3_600_000)
    keeper.start()
    keeper.put(
        [sample(T0 + n * 60_000) for n in range(240)],
        [event(1), Event(2, 0, Severity.OK, "a", "old")],
    )
    until(lambda: keeper.saved_until == T0 + 239 * 60_000)
    assert asyncio.run(keeper.tidy()) > 0
    assert asyncio.run(keeper.tidy()) == 0
    assert [e.id for e in asyncio.run(keeper.events())] == [1]
    exported = asyncio.run(keeper.samples("a", T0, T0 + 3_600_000))
    assert [at for at, _ in exported] == [T0 + n * 60_000 for n in range(60)]


def test_a_clock_that_is_set_far_ahead_deletes_nothing_before_its_time(path: Path) -> None:
    day = 86_400_000
    wall, steady = [T0 + 1_000], [0.0]
    keeper = Keeper(path, Retention(), lambda: wall[0], lambda: steady[0])
    keeper.start()
    try:
        keeper.put([sample(T0)], [event(1)])
        until(lambda: keeper.saved_until == T0)
        wall[0] += 1_000 * day
        asyncio.run(keeper.tidy())
        assert [e.id for e in asyncio.run(keeper.events())] == [1]
        assert len(asyncio.run(keeper.samples("a", T0, T0 + 1))) == 1
        wall[0] += day
        steady[0] += day / 1000  # it has stood for a day: it is right
        asyncio.run(keeper.tidy())
        assert asyncio.run(keeper.events()) == ()
        assert asyncio.run(keeper.samples("a", T0, T0 + 1)) == []
    finally:
        keeper.close()


def test_a_clock_that_is_set_while_the_records_are_opened_is_not_believed_either(
    path: Path, begin: Callable[..., Keeper]
) -> None:
    keeper = begin()
    keeper.start()
    keeper.put([sample(T0)], [event(1)])
    keeper.close()
    looked = iter((NOW,))  # the first look at the clock; after it somebody sets it
    far_ahead = NOW + 1_000 * 86_400_000
    later = Keeper(path, Retention(), lambda: next(looked, far_ahead), lambda: 0.0)
    later.start()
    try:
        asyncio.run(later.tidy())
        assert [e.id for e in asyncio.run(later.events())] == [1]
    finally:
        later.close()


def test_upkeep_that_fails_does_not_stop_what_is_new_from_being_kept(
    begin: Callable[..., Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> bool:
        raise RecordsError(Fault.FULL, "no space for records.db", "free space")

    monkeypatch.setattr(Records, "compact", stumble)
    keeper = begin()
    keeper.start()
    for n in range(3):
        keeper.put([sample(T0 + n)])
        until(lambda n=n: keeper.saved_until == T0 + n)
    asyncio.run(keeper.events())  # upkeep comes after a commit: let it have its turn
    assert keeper.status == ""
    assert keeper.take_notices() == (
        "records are kept, but can't be compacted and pruned: no space for records.db; free space",
    )


def test_closing_what_was_never_started_is_no_mistake(begin: Callable[..., Keeper]) -> None:
    begin().close()


SCENARIO = """
    import asyncio, os, resource, sys, time
    from pathlib import Path
    from estate.metrics import METRICS
    from estate.model import Retention
    from estate.samples import Sample
    from storage.keeper import Keeper
    from storage.records import Records

    def until(condition):
        for _ in range(6000):
            if condition():
                return
            time.sleep(0.01)
        sys.exit("the keeper did not get there within a minute: " + keeper.status)

    def samples(first, count):
        return [Sample("a", n, (float(n),) * len(METRICS), 1, 1, 1) for n in range(first, first + count)]

    path = Path(sys.argv[1])
    keeper = Keeper(path, Retention(), lambda: 60_000, lambda: 0.0)
"""

FULL = """
    keeper.start()
    sent = 0
    while not keeper.status:
        keeper.put(samples(sent, 500))
        sent += 500
        time.sleep(0.01)
    refused = keeper.status
    saved = keeper.saved_until
    assert saved is not None and saved < sent - 1, (saved, sent)
    keeper.put(samples(sent, 500))
    sent += 500
    keeper.save_board(b"{}")
    chart = asyncio.run(keeper.series("a", "cpu", 0, sent, sent))
    assert [p.mean for p in chart] == [float(n) for n in range(sent)], "the board lost sight"
    make_room()
    until(lambda: keeper.saved_until == sent - 1)
    assert keeper.status == "", keeper.status
    chart = asyncio.run(keeper.series("a", "cpu", 0, sent, sent))
    assert [p.mean for p in chart] == [float(n) for n in range(sent)]
    assert asyncio.run(keeper.check()) == ()
    assert keeper.dropped == 0
    keeper.close()
    print(refused)
"""


def run(script: str, path: Path) -> str:
    """Run `script` in a process of its own, for what it does to itself; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(path)],
        capture_output=True, text=True, timeout=110, cwd=Path(storage.__file__).parents[1],
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_a_limit_on_the_file_s_size_is_survived(path: Path) -> None:
    limit = """
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    def make_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    """
    assert run(SCENARIO + limit + FULL, path).startswith("not saved: ")


def test_a_full_disk_is_named_survived_and_recovered_from(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system to fill")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.strip()}")
    room = f"""
    def make_room():
        assert os.system("mount -o remount,size=64m {disk}") == 0
    """
    try:
        said = run(SCENARIO + room + FULL, disk / "records.db")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    path = re.escape(str(disk / "records.db"))
    assert re.fullmatch(rf"not saved: no space for {path}; free space on that file system", said)


def test_a_directory_that_is_read_only_is_named_and_recovered_from() -> None:
    read_only = """
    if os.geteuid() == 0:  # permissions do not hold root back
        Records.open(None).close()  # what this imports, a nobody may not be able to read
        os.chown(path.parent, 65534, 65534)
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
    path.parent.chmod(0o555)
    keeper.start()
    keeper.put(samples(0, 10))
    until(lambda: keeper.status)
    print(keeper.status)
    assert keeper.saved_until is None
    assert len(asyncio.run(keeper.series("a", "cpu", 0, 10, 10))) == 10
    path.parent.chmod(0o755)
    until(lambda: keeper.saved_until == 9)
    assert keeper.status == ""
    keeper.close()
    """
    # Not in tmp_path: other runs of pytest take away the right to pass through its parents.
    with tempfile.TemporaryDirectory(prefix="twinwatch-test-") as directory:
        path = Path(directory) / "records.db"
        assert run(SCENARIO + read_only, path) == (
            f"not saved: {path} can't be written: Permission denied;"
            " make the file, its directory and its file system writable for the watch"
        )
