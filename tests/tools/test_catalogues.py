"""The catalogues say everything the code says, and what is read is what translators wrote."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from string import Formatter

import pytest
from rich.cells import cell_len

pytest.importorskip("babel", reason="Babel, of the development tools, is not installed")

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from estate.language import LANGUAGES as SPOKEN
from tools.catalogues import LANGUAGES, compiled, messages, template, updated, written

CATALOGUES = sorted(LANGUAGES.glob("*.po"))


def catalogue(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale=po.stem.replace("-", "_"))


def entries(po: Path) -> Iterator[Message]:
    return (entry for entry in catalogue(po) if entry.id)


def translations(entry: Message) -> tuple[str, ...]:
    return entry.string if entry.pluralizable else (entry.string,)


def test_there_is_a_catalogue_for_every_language_but_that_of_the_code() -> None:
    assert [po.stem for po in CATALOGUES] == sorted(SPOKEN[1:])


def by_name(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("po", CATALOGUES, ids=by_name)
def test_every_text_of_the_code_is_there_and_no_other(po: Path) -> None:
    said = {(entry.id, entry.context) for entry in template() if entry.id}
    assert {(entry.id, entry.context) for entry in entries(po)} == said, "make words"
    assert not catalogue(po).obsolete
    assert written(updated(po)) == po.read_bytes(), "make words would change the file"


@pytest.mark.parametrize("po", CATALOGUES, ids=by_name)
def test_nothing_is_untranslated_or_guessed(po: Path) -> None:
    lacking = [entry.id for entry in entries(po) if not all(translations(entry))]
    guessed = [entry.id for entry in entries(po) if entry.fuzzy]
    assert (lacking, guessed) == ([], [])


@pytest.mark.parametrize("po", CATALOGUES, ids=by_name)
def test_a_translation_has_the_placeholders_of_its_text(po: Path) -> None:
    def placeholders(text: str) -> set[tuple[str, str | None, str | None]]:
        parts = ((name, how, shown) for _, name, how, shown in Formatter().parse(text))
        return {(name, how, shown) for name, how, shown in parts if name is not None}

    for entry in entries(po):
        text = entry.id[-1] if entry.pluralizable else entry.id
        for translation in translations(entry):
            assert placeholders(translation) == placeholders(text), entry.id


@pytest.mark.parametrize("po", CATALOGUES, ids=by_name)
def test_every_character_has_a_width_that_terminals_agree_on(po: Path) -> None:
    for entry in entries(po):
        for translation in translations(entry):
            assert translation.isprintable(), entry.id
            assert all(cell_len(each) in (1, 2) for each in translation), entry.id


@pytest.mark.parametrize("po", CATALOGUES, ids=by_name)
def test_what_is_read_is_what_translators_wrote(po: Path) -> None:
    def content(mo: bytes) -> dict[object, str]:
        read: dict[object, str] = dict(gettext.GNUTranslations(BytesIO(mo))._catalog)  # type: ignore[attr-defined]
        read.pop("", None)  # the header has the version of Babel
        return read

    wanted = content(compiled(po))
    assert len(wanted) > 300
    assert content(po.with_suffix(".mo").read_bytes()) == wanted, "make words"


def test_texts_are_found_wherever_they_are_said(tmp_path: Path) -> None:
    (tmp_path / "tui" / "paint").mkdir(parents=True)
    (tmp_path / "tui" / "paint" / "some.py").write_text(
        'title = later("PROBLEMS")\n'
        "line = f\"{view.words.say('in an f-string')} {words.say_in('of hosts', 'up')}\"\n"
        'row.put(0, say("of {size}", size=say("inside another")), "dim")\n'
        'words.say_many("{count} host", "{count} hosts", len(hosts))\n'
        'Binding("open", ("enter",), "go", "open this", "open")\n'
        'Binding("up", ("escape",), "go", "one level up", "")\n'
        "say(title); later(name); put('not said')\n"
    )
    found = [(each.line, each.text, each.plural, each.context) for each in messages(tmp_path)]
    assert found == [
        (1, "PROBLEMS", "", ""),
        (2, "in an f-string", "", ""),
        (2, "up", "", "of hosts"),
        (3, "of {size}", "", ""),
        (3, "inside another", "", ""),
        (4, "{count} host", "{count} hosts", ""),
        (5, "open this", "", ""),
        (5, "open", "", ""),
        (6, "one level up", "", ""),
    ]
