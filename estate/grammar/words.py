"""Words, numbers, labels and filters: what stands at the leaves of an estate file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from estate import filter as filters
from estate.error import InputError
from estate.model import Label
from estate.quantities import ALLOWED, duration_ms
from estate.shapes import Built, Choice, DictOf, Reading, Schema, Shape, Text, declared
from estate.strict import Node

MINUTE_MS = 60_000
HOUR_MS = 3_600_000

WORDS = Text(str, "a line of text")
NAME = Text(str, "letters, digits, . _ and -, a letter or digit first", r"[A-Za-z0-9][\w.-]{0,63}")
HOST_NAME = Text(
    str,
    "a host's name: letters, digits, . _ - and ranges [01:20]",
    r"[A-Za-z0-9\[][\w.:\[\]-]{0,252}",
)
# An address goes to ssh as it is: a leading "-" would be an option there.
ADDRESS = Text(str, "a name or an IP address", r"[A-Za-z0-9\[:][\w.:\[\]%-]{0,252}")
USER = Text(str, "a user name", r"[A-Za-z_][\w.@$-]{0,63}")
MOST_PORTS = 65_535


def with_a_port(text: str) -> str:
    """`host:port` as it is, or a port alone; refused where there can be no such port.

    Who wrote 99999 would else be told, and count, that the service behind it is down.
    """
    digits = text.rpartition(":")[2]
    if not 1 <= int(digits) <= MOST_PORTS:
        raise InputError(f"{digits} is no port", f"write 1 to {MOST_PORTS}")
    return text


def _jumps(text: str) -> str:
    for hop in text.split(","):
        host, _, digits = hop.rpartition(":")
        if host and ":" not in host and digits.isdecimal():  # else a bare IPv6 address
            with_a_port(hop)
    return text


ENDPOINT = Text(with_a_port, "host:port", r"\S+:[0-9]{1,5}")
JUMP = Text(
    _jumps,
    "[user@]host[:port], several from the outside in with commas, or none",
    r"[A-Za-z0-9_][\w.@:-]*(,[A-Za-z0-9_][\w.@:-]*)*",
)
LANGUAGE = Text(str, "a language tag such as en or zh-Hant", r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
PHASE = Choice(("planned", "migrating", "live", "retired"))


def duration(least_ms: int, most_ms: int) -> Text[int]:
    """A duration between two ends, as milliseconds."""

    def parse(text: str) -> int:
        milliseconds = duration_ms(text)
        if not least_ms <= milliseconds <= most_ms:
            least, most = _in_words(least_ms), _in_words(most_ms)
            raise InputError(f"{text!r} is out of range", f"write {least} to {most}")
        return milliseconds

    return Text(parse, ALLOWED["s"], r"([0-9.]+(ms|s|m|h|d))+")


def _in_words(milliseconds: int) -> str:
    for unit, size in (("d", 24 * HOUR_MS), ("h", HOUR_MS), ("m", MINUTE_MS), ("s", 1000)):
        if milliseconds >= size and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def _zone(name: str, _node: Node, reading: Reading) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(name, available_timezones(), 1)
        todo = f"did you mean {near[0]!r}?" if near else "write one such as Asia/Hong_Kong"
        raise InputError(f"no timezone {name!r}", todo) from None
    reading.zone = name
    return name


def _language(tag: str, _node: Node, reading: Reading) -> str:
    reading.language = tag
    return tag


#: The estate's own zone and language, which what is read after them depends on.
ZONE = Built(WORDS, _zone)
ESTATE_LANGUAGE = Built(LANGUAGE, _language)


BY_LANGUAGE = DictOf(LANGUAGE, WORDS, "languages and texts")


@dataclass(frozen=True, slots=True)
class LabelShape:
    """A text in the estate's language, or in several: `{en: E-mail, zh-Hant: 電郵}`."""

    def read(self, node: Node, reading: Reading) -> Label:
        if not isinstance(node.value, Mapping):
            return {reading.language: WORDS.read(node, reading)}
        if not node.value:
            raise reading.refuse(node.line, "an empty label", "write {en: E-mail}")
        return BY_LANGUAGE.read(node, reading)

    def schema(self) -> Schema:
        languages = {**BY_LANGUAGE.schema(), "type": "object", "minProperties": 1}
        return {"anyOf": [WORDS.schema(), languages]}


LABEL = LabelShape()


@dataclass(frozen=True, slots=True)
class FilterText:
    """A filter that can be read, kept as its text."""

    fields: Mapping[str, Any]

    def read(self, node: Node, reading: Reading) -> str:
        text = WORDS.read(node, reading)
        try:
            filters.parse(text, self.fields)
        except filters.FilterError as error:
            what = f"filter, column {error.column}: {error.what}"
            raise reading.refuse(node.line, what, error.todo) from None
        return text

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": filters.MAX_FILTER}


@dataclass(frozen=True, slots=True)
class Declared:
    """Checked by a shape, kept as it was written, for the room that will run it."""

    shape: Shape[object]

    def read(self, node: Node, reading: Reading) -> Mapping[str, object]:
        self.shape.read(node, reading)
        return cast("Mapping[str, object]", declared(node))

    def schema(self) -> Schema:
        return self.shape.schema()
