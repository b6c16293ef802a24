"""The one filter grammar, for the console, `--where`, thresholds, selectors and silences.

    site:dc2 group:mta,mbx cpu>80 state!=ok age>30s tenant:health ~fuzzy !text /regex/ cpu=?

Terms stand beside one another and must all hold. `field:value` (or `=`) matches the whole word,
with `*` and `?` as in a shell, any of several after commas; `!=` none of them; `>`, `>=`, `<`,
`<=` compare numbers, with units (s m h d, k M G, %). A bare word is looked for inside every text
of the row, `~word` finds its letters in that order, `/…/` is a regular expression, `"…"` keeps
blanks and commas together. `!` turns any term round. Case never matters.

What is not known matches no comparison: neither `cpu>80` nor `cpu<=80` nor `cpu!=80` holds for a
host whose cpu nobody measured; `cpu=?` finds it. `!cpu>80` does hold for it: `!` is "not shown".
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Protocol

from estate.error import InputError
from estate.fields import FIELDS, Field
from estate.quantities import QuantityError, quantity

MAX_FILTER = 1_000  #: characters in a filter
MAX_REGEX = 200  #: characters in a regular expression
#: Repeats and choices in a regular expression, and how much of each text it sees. Python's matcher
#: backtracks: with none inside a repeat, three of them cost at most 120⁴/24 steps, some 50 ms.
MAX_BRANCHINGS = 3
MAX_REGEX_TEXT = 120

UNKNOWN = "?"

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip
_FIELD = re.compile(r"([A-Za-z_][\w.-]*)(!=|>=|<=|[:=<>])", re.ASCII)


class FilterError(InputError):
    """A filter that cannot be read, and the `column` (from 1) where it goes wrong."""

    def __init__(self, column: int, what: str, todo: str) -> None:
        super().__init__(what, todo)
        self.column = column

    def __str__(self) -> str:
        return f"column {self.column}: {self.what} — {self.todo}"


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was read. `text` is what was typed; two with the same text are equal."""

    text: str
    terms: tuple[Term, ...]

    def matches(self, fields: Mapping[str, object]) -> bool:
        """Whether every term holds for a row's fields, as `estate.fields` gives them."""
        return all(term.holds(fields) for term in self.terms)


def parse(text: str, fields: Mapping[str, Field] = FIELDS) -> Filter:
    """Read a filter over `fields`; the empty filter matches everything.

    Raises `FilterError` with the column, what is wrong there and what to do.
    """
    if len(text) > MAX_FILTER:
        raise FilterError(MAX_FILTER + 1, f"longer than {MAX_FILTER} characters", "shorten it")
    return Filter(text, tuple(_Scanner(text, fields).terms()))


# ── terms ──


class Term(Protocol):
    """One condition on a row."""

    def holds(self, fields: Mapping[str, object]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Not:
    term: Term

    def holds(self, fields: Mapping[str, object]) -> bool:
        return not self.term.holds(fields)


@dataclass(frozen=True, slots=True)
class Contains:
    """Any of `needles` (casefolded) stands in any text of the row."""

    needles: tuple[str, ...]

    def holds(self, fields: Mapping[str, object]) -> bool:
        for text in _texts(fields):
            folded = text.casefold()
            if any(needle in folded for needle in self.needles):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """The letters stand in that order in one word of the row: `~mc3` finds mta-c03."""

    letters: str

    def holds(self, fields: Mapping[str, object]) -> bool:
        return any(
            self._within(word) for text in _texts(fields) for word in text.casefold().split()
        )

    def _within(self, word: str) -> bool:
        rest = iter(word)
        return all(letter in rest for letter in self.letters)


@dataclass(frozen=True, slots=True)
class Matches:
    """The expression is found in the first `MAX_REGEX_TEXT` characters of any text of the row."""

    regex: re.Pattern[str]

    def holds(self, fields: Mapping[str, object]) -> bool:
        return any(self.regex.search(text[:MAX_REGEX_TEXT]) for text in _texts(fields))


@dataclass(frozen=True, slots=True)
class IsAny:
    """A field is one of `words` (casefolded shell patterns) or `numbers`, or is not known."""

    field: str
    words: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    unknown: bool = False

    def holds(self, fields: Mapping[str, object]) -> bool:
        value = fields.get(self.field)
        if value is None:
            return self.unknown
        if isinstance(value, int | float):
            return value in self.numbers
        folded = [text.casefold() for text in _words(value)]
        return any(fnmatchcase(text, word) for text in folded for word in self.words)


@dataclass(frozen=True, slots=True)
class IsNone:
    """`field!=a,b`: the field is known and is none of them. `field!=?`: it is known."""

    values: IsAny

    def holds(self, fields: Mapping[str, object]) -> bool:
        return fields.get(self.values.field) is not None and not self.values.holds(fields)


@dataclass(frozen=True, slots=True)
class Compares:
    """A number stands in a relation to a limit in the same unit."""

    field: str
    relation: str
    limit: float

    def holds(self, fields: Mapping[str, object]) -> bool:
        value = fields.get(self.field)
        return isinstance(value, int | float) and _COMPARE[self.relation](value, self.limit)


def _texts(fields: Mapping[str, object]) -> Iterator[str]:
    for value in fields.values():
        yield from _words(value)


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


# ── reading ──


class _Scanner:
    """Walks over the text once, from left to right; `at` is the next character."""

    def __init__(self, text: str, fields: Mapping[str, Field]) -> None:
        self.text = text
        self.fields = fields
        self.at = 0

    def terms(self) -> Iterator[Term]:
        while True:
            while self._peek().isspace():
                self.at += 1
            if not self._peek():
                return
            yield self._term()

    def _term(self) -> Term:
        start = self.at
        while self._peek() == "!":
            self.at += 1
        if self.at > start and (self._peek() in ("", "=") or self._peek().isspace()):
            raise self._error(start, "nothing to negate after !", "write !word or !field:value")
        negated = (self.at - start) % 2 == 1
        term = self._positive_term()
        return Not(term) if negated else term

    def _positive_term(self) -> Term:
        start = self.at
        if self._peek() == "~":
            self.at += 1
            letters = "".join(self._values()[0].split())
            if not letters:
                raise self._error(start, "nothing after ~", "write some letters in order: ~mc3")
            return Fuzzy(letters.casefold())
        if self._peek() == "/":
            return Matches(self._regex())
        field = _FIELD.match(self.text, self.at)
        if field:
            self.at = field.end()
            return self._condition(start, field[1], field[2])
        needles = [each.casefold() for each in self._values()]
        return Contains(tuple(needles))

    def _condition(self, start: int, name: str, relation: str) -> Term:
        field = self.fields.get(name.lower())
        if field is None:
            near = get_close_matches(name.lower(), self.fields, 1)
            todo = f"did you mean {near[0]!r}?" if near else f"fields are {self._some_fields()};"
            raise self._error(start, f"no field {name!r}", f"{todo} quote it to find it as text")
        value_at = self.at
        values = self._values()
        if relation in _COMPARE:
            if field.unit == "text":
                raise self._error(start, f"{name} is text and has no order", f"write {name}:word")
            if len(values) > 1:
                raise self._error(
                    value_at, f"{relation} takes one value", f"write {name}{relation}80"
                )
            return Compares(field.name, relation, self._number(value_at, field, values[0]))
        known = [each for each in values if each != UNKNOWN]
        if field.words:
            self._check_words(value_at, field, known)
        is_any = IsAny(
            field.name,
            words=tuple(each.casefold() for each in known) if field.unit == "text" else (),
            numbers=tuple(self._number(value_at, field, each) for each in known)
            if field.unit != "text"
            else (),
            unknown=UNKNOWN in values,
        )
        return IsNone(is_any) if relation == "!=" else is_any

    def _check_words(self, at: int, field: Field, values: list[str]) -> None:
        """Refuse what the field never is: it would find nothing, and look like good news."""
        for value in values:
            wanted = value.casefold()
            if not any(fnmatchcase(word, wanted) for word in field.words):
                near = get_close_matches(wanted, field.words, 1)
                choices = f"write one of {', '.join(field.words)}"
                todo = f"did you mean {near[0]!r}?" if near else choices
                raise self._error(at, f"no {field.name} {value!r}", todo)

    def _number(self, at: int, field: Field, text: str) -> float:
        try:
            return quantity(text, field.unit)
        except QuantityError as error:
            raise self._error(at, f"{field.name}: {error.what}", error.todo) from None

    def _values(self) -> list[str]:
        """One value or several, split at commas; quotes keep blanks and commas."""
        values = [self._value()]
        while self._peek() == ",":
            self.at += 1
            values.append(self._value())
        return values

    def _value(self) -> str:
        start = self.at
        parts: list[str] = []
        while (char := self._peek()) and not char.isspace() and char != ",":
            self.at += 1
            parts.append(self._quoted(start) if char == '"' else char)
        if self.at == start:
            raise self._error(start, "a value is missing", 'write one, or "" for an empty text')
        return "".join(parts)

    def _quoted(self, start: int) -> str:
        """What follows an opening quote, up to the closing one; `\\"` is a quote."""
        parts: list[str] = []
        while char := self._peek():
            self.at += 1
            if char == '"':
                return "".join(parts)
            if char == "\\" and self._peek() in ('"', "\\"):
                char = self._peek()
                self.at += 1
            parts.append(char)
        raise self._error(start, "the quote is not closed", 'end it with "')

    def _regex(self) -> re.Pattern[str]:
        start = self.at
        end = start + 1
        while end < len(self.text) and self.text[end] != "/":
            end += 2 if self.text[end] == "\\" else 1
        after = self.text[end + 1 : end + 2]
        if end >= len(self.text) or (after and not after.isspace()):
            raise self._error(
                start, "a regular expression ends with / and a blank", 'quote a path: "/var/spool"'
            )
        self.at = end + 1
        pattern = self.text[start + 1 : end]
        if reason := _costly(pattern):
            raise self._error(start, reason, "simplify it, or use several terms")
        try:
            with warnings.catch_warnings():  # "[[a]" would be warned of on stderr, over the board
                warnings.simplefilter("error", FutureWarning)
                return re.compile(pattern, re.IGNORECASE)
        except (re.error, FutureWarning, OverflowError, RecursionError) as error:
            what = f"not a regular expression: {error}"
            raise self._error(start, what, "correct it, or quote it") from None

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _some_fields(self) -> str:
        return ", ".join(list(self.fields)[:6]) + " …"

    def _error(self, at: int, what: str, todo: str) -> FilterError:
        return FilterError(at + 1, what, todo)


_REGEX_TOKEN = re.compile(
    r"\\(?P<escape>.)"
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]"
    r"|(?P<open>\((?P<extension>\?:?)?)"
    r"|(?P<close>\))"
    r"|(?P<branch>\|)"
    r"|(?P<repeat>[*+?]|\{\d*,?\d*\})[?+]?"
    r"|.",
    re.DOTALL,
)


def _costly(pattern: str) -> str:
    """Why Python's backtracking matcher could take for ever on `pattern`; "" if it can't."""
    if not 0 < len(pattern) <= MAX_REGEX:
        return f"a regular expression of {len(pattern)} characters; 1 to {MAX_REGEX} are allowed"
    repeats = [0]  # for each open group; what a closed one held counts in the one around it
    choices = [0]
    closed = False  # whether the group that just closed holds any
    for token in _REGEX_TOKEN.finditer(pattern):
        if token["extension"] == "?" or (token["escape"] or "").isdigit():
            return "an extension (?…) or back-reference in a regular expression"
        if token["repeat"] and closed:
            return "a repeat around a repeat or a choice in a regular expression"
        closed = False
        if token["open"]:
            repeats.append(0)
            choices.append(0)
        elif token["close"] and len(repeats) > 1:
            within = repeats.pop() + choices.pop()
            closed = within > 0
            repeats[-1] += within
        elif token["repeat"]:
            repeats[-1] += 1
        elif token["branch"]:
            choices[-1] = 1  # alternatives in one place add up, they don't multiply
    branchings = sum(repeats) + sum(choices)
    if branchings > MAX_BRANCHINGS:
        return f"a regular expression with more than {MAX_BRANCHINGS} repeats and choices"
    return ""
