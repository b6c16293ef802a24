"""A console that changes its language while it runs, key by key and on a real terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from estate.document import Document
from estate.language import Words
from tui.console.keys.keymap import Keymap
from tui.console.preferences.settings import Settings
from tui.console.requests.console import Save
from tui.console.requests.facts import Advanced
from tui.console.requests.request import Request
from tui.console.session.session import Session, Terminal
from watch.languages import words_in

MakeBoard = Callable[..., Document]

XTERM = Terminal({"TERM": "xterm-256color", "LANG": "C.UTF-8"}, "utf-8", 120, 40)


def opened(document: Document, settings: Settings, terminal: Terminal = XTERM) -> Session:
    session = Session(settings, Keymap(), terminal, languages=words_in)
    session.learn(Advanced(document, None), 10_000)
    return session


def typed(session: Session, text: str) -> tuple[Request, ...]:
    asked: tuple[Request, ...] = ()
    for key in (*text, "enter"):
        asked += session.press("space" if key == " " else key, 10_000)
    return asked


def seen(session: Session) -> str:
    return "\n".join(line.text for line in session.lines())


def test_the_language_changes_at_once_and_is_kept(make_board: MakeBoard) -> None:
    session = opened(make_board(), Settings())
    assert "PROBLEMS" in seen(session)
    assert typed(session, ":language zh-Hant") == (Save("language", "zh-Hant"),)
    assert "   問題  1" in seen(session)
    assert "PROBLEMS" not in seen(session)
    typed(session, ":language en")
    assert "PROBLEMS" in seen(session)


def test_a_filter_takes_states_as_they_are_shown(make_board: MakeBoard) -> None:
    session = opened(make_board(), Settings(language="zh-Hant"))
    typed(session, ":hosts state:在線 cpu>50")
    assert session.attention.filter_error == ""
    assert "1 / 12 項相符" in seen(session)
    typed(session, ":language en")
    assert "no state '在線'" in session.attention.filter_error


def test_an_estate_in_chinese_needs_no_setting(make_board: MakeBoard) -> None:
    board = replace(make_board(), language="zh-HK")
    assert "問題" in seen(opened(board, Settings()))
    assert "PROBLEMS" in seen(opened(board, Settings(language="en")))
    text_console = Terminal({"TERM": "linux", "LANG": "C.UTF-8"}, "utf-8", 120, 40)
    assert "PROBLEMS" in seen(opened(board, Settings(), text_console))


def test_what_the_console_says_and_offers_is_in_that_language(make_board: MakeBoard) -> None:
    session = opened(make_board(), Settings(language="zh-Hant"))
    session.press("q", 10_000)
    assert session.message == "輸入 :q 離開；監察繼續運行"
    typed(session, ":nonsense")
    assert session.message.startswith("沒有名為 'nonsense' 的指令；可用：home, hosts")
    session.press(":", 10_000)
    assert "所有主機；hosts 篩選條件" in seen(session)


def test_a_language_that_cannot_be_read_is_complained_of(
    make_board: MakeBoard, tmp_path: Path
) -> None:
    def broken(tag: str) -> Words:
        return words_in(tag, tmp_path)

    session = Session(Settings(language="zh-Hant"), Keymap(), XTERM, languages=broken)
    session.learn(Advanced(make_board(), None), 10_000)
    typed(session, ":settings")
    assert "NOT USED" in seen(session)
    assert "zh-Hant can't be read: No such file or directory" in seen(session)


def test_on_a_real_terminal_every_rule_ends_at_the_same_column(
    attach: Callable[..., Any], tmp_path: Path
) -> None:
    settings = tmp_path / "config" / "twinwatch" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("language: zh-Hant\n")
    glass = attach(80, 24)

    def headings() -> list[str]:
        return [row.rstrip() for row in glass.display if "──" in row]

    assert glass.read(20.0, lambda: len(headings()) == 4 and "唯讀" in glass.display[-1])
    assert [row.split()[0] for row in headings()] == ["問題", "主機分佈", "主機", "事件"]
    assert {cell_len(row) for row in headings()} == {79}
    first, last = glass.display[0].rstrip(), glass.display[-1].rstrip()
    assert cell_len(first) == cell_len(last) == 79
