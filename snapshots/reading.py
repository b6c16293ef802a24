"""The snapshot as JSON and back: one canonical form, whose hash is what people sign.

Whatever is read may have been written by anybody, and names that hosts gave are in it: every text
is cleaned on the way in, every part is checked against its type, and a document that does not fit
is refused with the place where it does not.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from pydantic import TypeAdapter, ValidationError

from estate.clean import clean
from estate.error import InputError
from estate.wire import WireError, from_json, to_json
from snapshots.snapshot import FORMAT, LARGEST, Snapshot

#: A snapshot of 1,000 hosts and 5,000 events has 3 MB.
LONGEST_BYTES = 64 << 20


class SnapshotError(InputError):
    """A text that is no snapshot, or one that this version can't read."""


def snapshot_bytes(snapshot: Snapshot) -> bytes:
    """The canonical JSON: UTF-8, keys in order, what is at its default left out, one line end.

    A whole number is written without its fraction: a board may hold 10 where another has 10.0, and
    what is signed must not depend on it.
    """
    raw = _cleaned(to_json(snapshot))
    text = json.dumps(raw, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return f"{text}\n".encode()


def sha256(snapshot: Snapshot) -> str:
    """The hash of the canonical JSON, in hexadecimal."""
    return sha256_of(snapshot_bytes(snapshot))


def sha256_of(content: bytes) -> str:
    """The hash of a document as it was received: what is signed. A later version may have put more
    into it than this one reads."""
    return hashlib.sha256(content).hexdigest()


def read_snapshot(text: bytes) -> Snapshot:
    """The snapshot that `snapshot_bytes` made `text` from; raises SnapshotError."""
    if len(text) > LONGEST_BYTES:
        raise SnapshotError(
            f"it has {len(text):,} bytes", f"no snapshot has over {LONGEST_BYTES:,}"
        )
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SnapshotError(
            f"it is no JSON: {error}", "name a file of twinwatch snapshot"
        ) from None
    return snapshot_from(raw)


def snapshot_from(raw: Any) -> Snapshot:
    """The snapshot in a value that was JSON; raises SnapshotError."""
    form = raw.get("format") if isinstance(raw, dict) else None
    if not isinstance(form, int):
        raise SnapshotError("it is no snapshot", "make one: twinwatch snapshot --json")
    if form != FORMAT:
        raise SnapshotError(
            f"it is of format {form}, and this twinwatch reads {FORMAT}",
            "render it with the twinwatch that made it",
        )
    try:
        clean_raw = _cleaned(raw)
        _bounded(clean_raw)
        # Strict over JSON text, for there an array may be a tuple and a word a member of an enum.
        _SNAPSHOT.validate_json(json.dumps(clean_raw), strict=True)
        return from_json(Snapshot, clean_raw)
    except (ValidationError, RecursionError, WireError) as error:
        place = "it"
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False, include_input=False)[0]
            place = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        raise SnapshotError(
            clean(f"it does not fit the format: {place}"), "see twinwatch snapshot schema"
        ) from None


def _cleaned(raw: Any) -> Any:
    """`raw` with every text in it made visible, keys too; `clean` is idempotent."""
    if isinstance(raw, str):
        return clean(raw)
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    if isinstance(raw, dict):
        return {
            clean(key): _cleaned(value)
            for key, value in raw.items()
            if key != _TOLD or _is_plain(value)
        }
    if isinstance(raw, list | tuple):
        return [_cleaned(each) for each in raw]
    return raw


def _bounded(raw: Any) -> None:
    """Raises SnapshotError where a number is larger than any figure is, or none at all."""
    if isinstance(raw, int | float) and not -LARGEST <= raw <= LARGEST:
        raise SnapshotError(
            f"a number in it is beyond ±{LARGEST:,}", "see twinwatch snapshot schema"
        )
    for each in raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ():
        _bounded(each)


def _is_plain(told: Any) -> bool:
    """Whether how texts were said (see `estate.wire`) has names alone in its placeholders.

    Sentences are filled by `str.format`, whose widths and attributes a file must not choose.
    """
    if isinstance(told, str):
        return not _CHOOSY.search(_PLAIN.sub("", told))
    if isinstance(told, dict):
        return all(map(_is_plain, told.values()))
    return isinstance(told, list) and all(map(_is_plain, told))


#: The key beside a row's fields under which `estate.wire` puts how they were said.
_TOLD = "told"
_PLAIN = re.compile(r"\{[a-z_]+(:,)?\}")
_CHOOSY = re.compile(r"[{}]")
_SNAPSHOT: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)
