"""What people send to the desk, checked: texts, words of a list, spans."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

from estate.clean import clean
from watch.error import WatchError

Body = Mapping[str, Any]
Word = TypeVar("Word", bound=StrEnum)

#: Characters of a text of a note; texts of a list.
LONGEST = 500
MOST_TEXTS = 500
#: Names that an error lists.
MOST_NAMED = 12
#: What is promised further ahead is planned work.
FARTHEST_MS = 31 * 86_400_000


def text(body: Body, key: str, *, required: bool = False) -> str:
    """A text on one line, cleaned; "" where it is not given. Raises WatchError."""
    value = body.get(key, "")
    if not isinstance(value, str):
        raise _wrong(key, "it is no text")
    said = clean(" ".join(value.split()), limit=LONGEST + 1)
    if len(said) > LONGEST:  # the end of a text is where its point may be: nothing is cut unseen
        raise _wrong(key, f"it has over {LONGEST} characters", f"say it in {LONGEST}, or in two")
    if required and not said:
        raise _wrong(key, "it is missing")
    return said


def texts(body: Body, key: str) -> tuple[str, ...]:
    """A list of texts. Raises WatchError."""
    value = body.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(key, "it is no list of texts")
    if len(value) > MOST_TEXTS:
        raise _wrong(key, f"it has {len(value)} of {MOST_TEXTS} at most")
    return tuple(clean(each, limit=LONGEST) for each in value)


def declared(body: Body, key: str, known: Collection[str]) -> None:
    """That texts of a list are names that the estate has. Raises WatchError."""
    for each in texts(body, key):
        if each not in known:
            near = get_close_matches(each, known, 1)
            names = ", ".join(sorted(known)[:MOST_NAMED])
            of_these = f"write one of {names}" if names else "leave it out: the estate has none"
            do = f"did you mean {near[0]}?" if near else of_these
            raise _wrong(key, f"the estate has no {each}", do)


def one_of(words: type[Word], body: Body, key: str, otherwise: Word | None) -> Word:
    """One of the words of a list; `otherwise` where none is given. Raises WatchError."""
    value = body.get(key) or otherwise
    if value not in list(words):
        raise _wrong(key, f"it is not one of {', '.join(words)}")
    return words(str(value))


def span(body: Body, key: str) -> int | None:
    """A length of time in ms, None where none is given. Raises WatchError."""
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= FARTHEST_MS:
        raise _wrong(key, "it is no span of up to 31 days")
    return value


def _wrong(key: str, why: str, do: str = "") -> WatchError:
    do = do or f"give {key} anew"
    return WatchError("the request is refused", key, why, do, status=400)
