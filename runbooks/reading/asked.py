"""What a run asks for at its start, and where it acts: `ask` and `hosts`."""

from __future__ import annotations

from typing import Any

from estate.error import InputError
from estate.grammar.words import NAME, WORDS
from estate.ranges import MAX_HOSTS
from estate.shapes import Choice, Key, ListOf, MapOf, Record, Refers, Text, Whole
from runbooks.inputs import RESERVED, InputValueError, checked
from runbooks.reading.words import HOSTS, INPUT_NAME, SENTENCE, OrInput, several
from runbooks.runbook import Input, InputType, Selector

# ── ask ──


def _input(
    key: str, type: str, say: str, of: tuple[str, ...] = (), **parts: Any  # noqa: A002 - the key
) -> Input:  # fmt: skip
    if key in RESERVED:
        raise InputError(f"$OPS_{key.upper()} is the engine's", "give the input another name")
    kind = InputType(type)
    if (kind is InputType.CHOICE) != bool(of):
        todo = "add of: [this, that]" if kind is InputType.CHOICE else "write type: choice"
        raise InputError(f"an input of type {type} with {len(of)} choices", todo)
    if kind is not InputType.NUMBER and {"least", "most"} & parts.keys():
        raise InputError(f"limits of a number for type {type}", "write type: number")
    if kind is InputType.SECRET and "default" in parts:
        raise InputError("a secret in the file", "remove the default; it is asked for at the start")
    made = Input(key, kind, say, of=of, **parts)
    if made.least is not None and made.most is not None and made.least > made.most:
        raise InputError("least above most", "swap them")
    if made.default is not None:
        try:
            checked(made, made.default)
        except InputValueError as error:
            raise InputError(f"default: {error.what}", error.todo) from None
    return made


#: A default may begin with what a name can't: it is any text at all.
_DEFAULT = Text(str, "one line of text")

INPUT: Record[Input] = Record(
    "an input", _input,
    (
        Key("type", Choice(tuple(InputType)), required=True, words="What it may hold."),
        Key("say", SENTENCE, required=True, words="What is asked for."),
        Key("of", ListOf(WORDS), words="The choices, for type choice."),
        Key("default", _DEFAULT, words="What it is if nothing is said; without one it must be."),
        Key("least", Whole(-(10**15), 10**15), words="The least number."),
        Key("most", Whole(-(10**15), 10**15), words="The greatest number."),
    ),
)  # fmt: skip

ASK = MapOf("input", INPUT_NAME, INPUT)


# ── hosts ──


def _selector(key: str, host: tuple[str, ...] = (), **parts: Any) -> Selector:
    made = Selector(key, hosts=host, **parts)
    if not (made.groups or made.site or made.hosts or made.rack):
        what = f"{key!r} selects by nothing, which would be every host"
        raise InputError(what, "add group, site, host or rack")
    if made.exactly is not None and (made.at_least is not None or made.at_most is not None):
        raise InputError("exactly beside at_least or at_most", "keep exactly")
    if made.at_least is not None and made.at_most is not None and made.at_least > made.at_most:
        raise InputError("at_least above at_most", "swap them")
    return made


_COUNT = Whole(1, MAX_HOSTS)
SELECTOR: Record[Selector] = Record(
    "a selector", _selector,
    (
        Key("group", several(OrInput(NAME)), "groups", words="In this group, or in one of these."),
        Key("site", OrInput(NAME), words="At the site of this key or role: primary, recovery."),
        Key("host", HOSTS, words="These hosts: names or ranges."),
        Key("rack", OrInput(WORDS), words="In this rack."),
        Key("but", several(Refers("selector", NAME)), words="None of these selectors' hosts."),
        Key("exactly", _COUNT, words="How many it must be."),
        Key("at_least", _COUNT, words="How many it must be at least."),
        Key("at_most", _COUNT, words="How many it may be at most."),
    ),
)  # fmt: skip

SELECTORS = MapOf("selector", NAME, SELECTOR)
