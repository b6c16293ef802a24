"""The board's values as JSON and back, and how one picture becomes the next.

The form follows from the annotations of `estate.document`: a dataclass is an object that leaves
out fields at their default, a tuple is an array, a time is UTC milliseconds. A number that is not
finite never crosses: it is null where its field stands, absent where it is one of many. Unknown
keys are ignored, so that an older console can read a newer watch. A text that knows how it was said
(`estate.told`) is its English, with its sentence and parts beside the fields, in "told".
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from enum import Enum
from functools import cache
from math import isfinite, nan
from typing import Any, TypeVar, cast

from estate.document import Change, Document, Event
from estate.told import Told, from_plain, to_plain

#: Events that a picture keeps; older ones are asked for.
EVENTS_KEPT = 200

#: Parts of the picture that cross whole when anything in them changes.
_WHOLE = tuple(
    each.name for each in fields(Change) if each.name not in ("seq", "at", "hosts", "events")
)

T = TypeVar("T")
_Step = Callable[[Any], Any]


class WireError(ValueError):
    """What came over the wire is not what it claims to be, or comes out of order."""


# --- from one picture to the next ---------------------------------------------------------------


def apply(document: Document, change: Change) -> Document:
    """The picture after `change`.

    Raises WireError when `change` does not follow `document`: a change was missed, and only a new
    document can help. Hosts never disappear by a change; a reloaded estate is a new document.
    """
    if change.seq != document.seq + 1:
        raise WireError(f"change {change.seq} does not follow document {document.seq}")
    hosts = document.hosts
    if change.hosts:
        hosts = {**hosts, **{row.name: row for row in change.hosts}}
    events = document.events
    if change.events:
        events = (*change.events, *events)[:EVENTS_KEPT]
    return replace(
        document,
        seq=change.seq,
        at=change.at,
        hosts=hosts,
        events=events,
        **{name: part for name in _WHOLE if (part := getattr(change, name)) is not None},
    )


def diff(before: Document, after: Document) -> Change:
    """The change for which `apply(before, change) == after`.

    Both are pictures of the same estate, `after` one step later: its hosts are at least those of
    `before`, and its events are those of `before` with new ones in front. A row that is
    the same object in both is not compared, so a quiet step is cheap.
    """
    known_hosts = before.hosts
    return Change(
        seq=after.seq,
        at=after.at,
        hosts=tuple(
            row
            for name, row in after.hosts.items()
            if (known := known_hosts.get(name)) is not row and known != row
        ),
        events=_newer(before.events, after.events),
        **{
            name: part
            for name in _WHOLE
            if (part := getattr(after, name)) is not (old := getattr(before, name)) and part != old
        },
    )


def _newer(before: tuple[Event, ...], after: tuple[Event, ...]) -> tuple[Event, ...]:
    last = before[0].id if before else -1
    return tuple(event for event in after if event.id > last)


# --- to JSON ------------------------------------------------------------------------------------


def to_json(value: Any) -> dict[str, Any]:
    """A dataclass of `estate.document` or `estate.samples` as a dict that JSON can hold."""
    encode, _ = _codec(cast("Hashable", type(value)))
    encoded = encode(value)
    assert isinstance(encoded, dict)
    return encoded


def from_json(kind: type[T], raw: object) -> T:
    """The value of `kind` that `to_json` made `raw` from; raises WireError if it can't have."""
    try:
        _, decode = _codec(cast("Hashable", kind))
        value = decode(raw)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise WireError(f"this is no {kind.__name__}: {reason}") from error
    assert isinstance(value, kind)
    return value


def document_from_json(raw: object) -> Document:
    """`from_json` for a whole board."""
    return from_json(Document, raw)


def change_from_json(raw: object) -> Change:
    """`from_json` for one step of the stream."""
    return from_json(Change, raw)


# --- the codec of each annotation ---------------------------------------------------------------


def _same(value: Any) -> Any:
    return value


def _finite(value: Any) -> Any:
    return value if not isinstance(value, float) or isfinite(value) else None


def _finite_items(value: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in value.items() if not isinstance(v, float) or isfinite(v)}


def _number(raw: Any) -> float:
    return nan if raw is None else float(raw)


@cache
def _codec(kind: Hashable) -> tuple[_Step, _Step]:
    """How values of the annotation `kind` are written and read."""
    if is_dataclass(kind):
        return _of_dataclass(kind)
    if kind is float:
        return _finite, _number
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _same, kind  # every Enum of the document is a StrEnum: JSON sees its text
    shape = _SHAPES.get(typing.get_origin(kind))
    return shape(typing.get_args(kind)) if shape else (_same, _same)


def _of_union(arguments: tuple[Any, ...]) -> tuple[_Step, _Step]:
    others = [each for each in arguments if each is not types.NoneType]
    if len(others) > 1 or others == [float]:
        return _finite, _same
    encode, decode = _codec(others[0])
    if decode is _same:
        return encode, decode
    return (
        lambda value: None if value is None else encode(value),
        lambda raw: None if raw is None else decode(raw),
    )


def _of_tuple(arguments: tuple[Any, ...]) -> tuple[_Step, _Step]:
    if arguments[-1] is not Ellipsis:  # a record, such as a chart's point
        return list, tuple
    encode, decode = _codec(arguments[0])
    return (
        list if encode is _same else lambda value: [encode(each) for each in value],
        tuple if decode is _same else lambda raw: tuple([decode(each) for each in raw]),
    )


def _of_mapping(arguments: tuple[Any, ...]) -> tuple[_Step, _Step]:
    encode, decode = _codec(arguments[1])
    if encode is _finite:
        return _finite_items, dict
    return (
        lambda value: {key: encode(each) for key, each in value.items()},
        lambda raw: {key: decode(each) for key, each in raw.items()},
    )


_SHAPES: dict[Any, Callable[[tuple[Any, ...]], tuple[_Step, _Step]]] = {
    tuple: _of_tuple,
    Mapping: _of_mapping,
    types.UnionType: _of_union,
    typing.Union: _of_union,
}


def _of_dataclass(kind: Any) -> tuple[_Step, _Step]:
    annotations = typing.get_type_hints(kind)
    parts = [(each, *_codec(annotations[each.name])) for each in fields(kind)]
    writers = [(each.name, _default(each), encode) for each, encode, _ in parts]
    readers = {each.name: decode for each, _, decode in parts}

    def encode(value: Any) -> dict[str, Any]:
        written: dict[str, Any] = {}
        said: dict[str, Any] = {}
        for name, default, step in writers:
            part = getattr(value, name)
            if part is not default and part != default:
                written[name] = step(part)
                if part.__class__ is Told:
                    said[name] = to_plain(part)
        if said:
            written[_TOLD] = said
        return written

    def decode(raw: Any) -> Any:
        values = {name: readers[name](raw[name]) for name in raw if name in readers}
        if _TOLD in raw:
            for name, said in raw[_TOLD].items():
                if isinstance(text := values.get(name), str):
                    values[name] = from_plain(said, text)
        return kind(**values)

    return encode, decode


#: Beside the fields of a row: how those of its texts were said that know it.
_TOLD = "told"


def _default(part: Any) -> Any:
    """What an absent field means; MISSING, which equals nothing, where it must be present."""
    if part.default_factory is not MISSING:
        return part.default_factory()
    return part.default
