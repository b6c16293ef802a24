"""The file of targets and rules, while it hangs, is refused, or can't be read for a while."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from estate.attention import Kept
from estate.language import ENGLISH
from tests.watch.notices.test_desk import Told, until
from watch.notices import desk as desks
from watch.notices import file, following
from watch.notices.desk import NoticeDesk
from watch.notices.following import RulesFile, Unfollowed

TEXT = """targets:
  hook: {url: "json://127.0.0.1:9/"}
rules:
  - {to: [hook], hold: 60s}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "notify.yaml"
    path.write_text(TEXT)
    path.chmod(0o600)
    return path


class Hanging:
    """Where the file lies; who asks waits while the file server is gone."""

    def __init__(self, path: Path) -> None:
        self.there = threading.Event()
        self.there.set()
        self.threads: set[threading.Thread] = set()
        self._path = path

    def __call__(self) -> Path:
        self.threads.add(threading.current_thread())
        self.there.wait(30)
        return self._path


def test_it_is_read_once_and_again_when_it_is_another(path: Path) -> None:
    async def run() -> None:
        followed = RulesFile(lambda: path)
        rules = await followed.rules()
        assert rules is not None
        assert tuple(rules.targets) == ("hook",)
        assert await followed.rules() is None
        path.write_text(TEXT.replace("hook", "pager"))
        rules = await followed.rules()
        assert rules is not None
        assert tuple(rules.targets) == ("pager",)

    asyncio.run(run())


def test_one_that_is_refused_is_read_again_once_it_is_another(path: Path) -> None:
    path.write_text("targets: 3\n")

    async def run() -> None:
        followed = RulesFile(lambda: path)
        with pytest.raises(Unfollowed, match=r"notify\.yaml:1: "):
            await followed.rules()
        assert await followed.rules() is None
        path.write_text(TEXT)
        assert await followed.rules() is not None

    asyncio.run(run())


def test_one_that_could_not_be_read_is_read_though_it_did_not_change(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, met = file.load, []

    def stumble(where: Path) -> object:
        met.append(where)
        if len(met) == 1:
            raise OSError(errno.ESTALE, "Stale file handle", str(where))
        return load(where)

    monkeypatch.setattr(file, "load", stumble)

    async def run() -> None:
        followed = RulesFile(lambda: path)
        with pytest.raises(Unfollowed) as caught:
            await followed.rules()
        assert str(caught.value) == f"{path} can't be read: Stale file handle; check the path"
        assert await followed.rules() is not None

    asyncio.run(run())


def followed(where: Callable[[], Path], play: Callable[[NoticeDesk], object]) -> Told:
    async def run() -> Told:
        told = Told()
        desk = NoticeDesk(told, told, where=where, words=lambda tag: ENGLISH, now=lambda: told.now)
        desk.open(Kept())
        try:
            await play(desk)  # type: ignore[misc]
        finally:
            await desk.close()
        return told

    return asyncio.run(run())


def test_while_it_hangs_the_loop_is_free_and_the_rules_in_force_stay(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(following, "FILE_SECONDS", 0.1)
    where = Hanging(path)

    async def play(desk: NoticeDesk) -> None:
        await until(desk.rows)
        where.there.clear()
        try:
            await until(lambda: desk.trouble)
            assert desk.trouble.startswith("the file of targets was not read in 0.1 s. It does not")
            assert [row.name for row in desk.rows()] == ["hook"]
        finally:
            where.there.set()
        await until(lambda: not desk.trouble)

    told = followed(where, play)
    assert len(told.said) == 1
    assert threading.main_thread() not in where.threads


def test_a_defect_while_it_is_read_stands_as_trouble_and_is_over_with_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "LOOK_SECONDS", 0.02)
    broken = [True]

    def where() -> Path:
        if broken:
            raise KeyError("HOME")
        return path

    async def play(desk: NoticeDesk) -> None:
        await until(lambda: desk.trouble)
        assert desk.trouble == "a defect of twinwatch, see its log: KeyError"
        broken.clear()
        await until(desk.rows)
        assert desk.trouble == ""

    followed(where, play)
