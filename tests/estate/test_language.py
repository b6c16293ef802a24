"""Words: English without a catalogue, a catalogue's where there is one, and parts that stay parts."""

from __future__ import annotations

from gettext import NullTranslations

import pytest

from estate.language import ENGLISH, LANGUAGES, Catalogue, Words, english, later, nearest


class Backwards:
    """A catalogue that says everything backwards, placeholders apart."""

    def gettext(self, message: str, /) -> str:
        return {"{n:,} of them": "them of {n:,}", "": "the catalogue's header"}.get(
            message, message
        )

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        return "always {count:,}"

    def pgettext(self, context: str, message: str, /) -> str:
        return f"{message} ({context})"


def test_english_stands_in_the_code() -> None:
    assert ENGLISH.say("{n:,} of them", n=1234) == "1,234 of them"
    assert ENGLISH.say("50% {not a placeholder") == "50% {not a placeholder"
    assert ENGLISH.say_many("{count} host", "{count:,} hosts", 1) == "1 host"
    assert ENGLISH.say_many("{count} host", "{count:,} hosts", 0) == "0 hosts"
    assert ENGLISH.say_many("{count} host", "{count:,} hosts", 1000) == "1,000 hosts"
    assert ENGLISH.say_in("of hosts", "up") == "up"
    assert later("up") == "up"


def test_a_catalogue_has_the_word() -> None:
    words = Words("xx", Backwards())
    assert words.say("{n:,} of them", n=1234) == "them of 1,234"
    assert words.say("not in it") == "not in it"
    assert words.say_many("{count} host", "{count} hosts", 1) == "always 1"
    assert words.say_in("of hosts", "up") == "up (of hosts)"


def test_nothing_is_nothing_in_every_language() -> None:
    """An empty msgid is a catalogue's header, which is no word."""
    assert Words("xx", Backwards()).say("") == ""


def test_parts_are_never_read_as_text() -> None:
    assert ENGLISH.say("{why}", why="{0} {why} %s") == "{0} {why} %s"


def test_gettexts_own_catalogues_are_catalogues() -> None:
    catalogue: Catalogue = NullTranslations()
    assert Words("en", catalogue).say_many("one", "{count}", 2) == "2"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *((each, each) for each in LANGUAGES),
        *(("zh-HK", "zh-Hant"), ("zh_TW", "zh-Hant"), ("zh-hant-hk", "zh-Hant")),
        *(("zh-Hans", "en"), ("zh-Hans-HK", "en"), ("zh-CN", "en"), ("zh", "en")),
        *(("en-HK", "en"), ("fr", "en"), ("", "en")),
    ],
)
def test_the_nearest_language(tag: str, language: str) -> None:
    assert nearest(tag) == language


def test_without_catalogues_everything_is_english() -> None:
    assert english("zh-Hant") is ENGLISH
