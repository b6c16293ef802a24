"""Catalogues are read once, only when they are needed, and a broken one leaves English."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from estate.language import ENGLISH
from watch.languages import FOLDER, words_in


def test_english_stands_in_the_code() -> None:
    assert words_in("en") is words_in("fr") is ENGLISH


def test_chinese_in_its_traditional_form() -> None:
    words = words_in("zh-HK")
    assert (words.language, words.unread) == ("zh-Hant", "")
    assert words.say("unreachable") == "無法連線"
    assert words.say("read-only") == "唯讀"
    assert words.say_many("{count:,} host", "{count:,} hosts", 1200) == "1,200 部主機"
    assert words.say_in("of hosts", "up") != words.say("up")
    assert words.say("a text that no catalogue has") == "a text that no catalogue has"
    assert words.say("") == ""


def test_a_catalogue_is_read_once() -> None:
    assert words_in("zh-Hant") is words_in("zh-Hant")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No such file or directory"),
        (b"", "unpack requires"),
        (b"\xde\x12\x04\x95", "unpack requires"),
        (b"not a catalogue, but long enough to be one", "Bad magic number"),
        ((FOLDER / "zh-Hant.mo").read_bytes()[:-5000], "is corrupt"),
        (b"\xde\x12\x04\x95" + b"\xff" * 40, "Bad version number"),
    ],
)
def test_a_broken_catalogue_leaves_english_and_says_why(
    tmp_path: Path, content: bytes | None, why: str
) -> None:
    if content is not None:
        (tmp_path / "zh-Hant.mo").write_bytes(content)
    words = words_in("zh-Hant", tmp_path)
    assert (words.language, words.say("unreachable")) == ("en", "unreachable")
    assert words.unread.startswith(f"{tmp_path}/zh-Hant.mo: zh-Hant can't be read: ")
    assert why in words.unread
    assert words.unread.endswith("; install twinwatch again")


def test_a_first_paint_in_english_loads_no_gettext() -> None:
    code = (
        "import sys; from watch.languages import words_in; words_in('en'); "
        "sys.exit('gettext' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
