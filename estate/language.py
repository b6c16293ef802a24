"""A language as a value: what the words of the code are in it.

The English sentence is the key, as in GNU gettext: whoever reads the code reads what is said.
Whatever makes sentences is given a `Words` and asks it, so that painters and reports stay pure;
`watch.languages` reads the catalogues. Host output, names and whatever a person has to type (the
filter's words, commands, settings) is the same in every language, and goes in as `parts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from estate.told import Told

#: The languages there are, by their BCP 47 tags; the first is that of the code.
LANGUAGES = ("en", "zh-Hant")

#: Regions that write Chinese in its traditional form, where the tag does not name the script.
_TRADITIONAL = ("HK", "MO", "TW")


class Catalogue(Protocol):
    """The translations of one language; `gettext.GNUTranslations` is one."""

    def gettext(self, message: str, /) -> str:
        """A sentence; `message` itself where it is not in the catalogue."""

    def ngettext(self, one: str, many: str, count: int, /) -> str:
        """A sentence whose form follows from `count`."""

    def pgettext(self, context: str, message: str, /) -> str:
        """A word that means several things, told apart by `context`."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in `language`; without a catalogue, as it stands in the code.

    `parts` fill the {placeholders} of a text, and are never read as a text themselves. `unread`
    says why this is not the language that was asked for, "" where it is.
    """

    language: str = LANGUAGES[0]
    catalogue: Catalogue | None = None
    unread: str = ""

    def say(self, text: str, /, **parts: object) -> str:
        """`text`, an English sentence or word."""
        # An empty msgid is where gettext keeps the catalogue's own header.
        said = self.catalogue.gettext(text) if self.catalogue is not None and text else text
        return said.format(**parts) if parts else said

    def say_many(self, one: str, many: str, count: int, /, **parts: object) -> str:
        """`one` or `many`, as `count` asks; {count} is a placeholder of both."""
        if self.catalogue is not None:
            said = self.catalogue.ngettext(one, many, count)
        else:
            said = one if count == 1 else many
        return said.format(count=count, **parts)

    def say_in(self, context: str, text: str, /, **parts: object) -> str:
        """`text` as it is meant in `context`, where English has one word for two things."""
        said = self.catalogue.pgettext(context, text) if self.catalogue is not None else text
        return said.format(**parts) if parts else said

    def retold(self, text: str, /) -> str:
        """`text` in this language where it knows how it was said; else as it is."""
        if self.catalogue is None or not isinstance(text, Told):
            return text
        parts = {name: self.retold(part) for name, part in text.parts.items()}
        return self.say(text.said, **parts)


ENGLISH = Words()


def english(tag: str) -> Words:
    """English, whatever language is asked for: where no catalogue can be read."""
    return ENGLISH


def later(text: str) -> str:
    """`text` as it is, marked for the catalogue: a table has it, and `say` will say it."""
    return text


def nearest(tag: str) -> str:
    """The one of `LANGUAGES` that serves readers of `tag` ("zh-HK", "zh-Hant-TW", "fr") best."""
    subtags = tag.replace("_", "-").split("-")
    if subtags[0].lower() != "zh":
        return LANGUAGES[0]
    rest = [each.title() if len(each) == 4 else each.upper() for each in subtags[1:]]
    if "Hant" in rest or ("Hans" not in rest and any(each in _TRADITIONAL for each in rest)):
        return "zh-Hant"
    return LANGUAGES[0]
