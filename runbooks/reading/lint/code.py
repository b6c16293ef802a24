"""Where an input would be more than a word: a command, a program's text, an option."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise, takewhile

from estate.clean import clean
from runbooks.reading.commands import Command, Use, Word
from runbooks.runbook import Input, InputType

#: A line of the script (from 0), what is wrong there, and what to do.
Finding = tuple[int, str, str]
Asked = Mapping[str, Input]  # by variable

#: Programs that are given a program's text, and the option it stands behind.
_INTERPRETERS = {
    **dict.fromkeys(("sh", "bash", "dash", "ash", "ksh", "zsh", "su", "psql", "python3"), "c"),
    **dict.fromkeys(("perl", "ruby", "node", "mysql"), "e"),
}
#: Programs whose first operand is a program's text, and their options that take a word.
_FILTERS = {"awk": "vfF", "gawk": "vfF", "mawk": "vfF", "sed": "f"}
#: Programs that make one text of their words and have a shell read it.
_READ_AGAIN = frozenset(["ssh", "trap", "let"])
#: Commands that take every word for what it is.
_NO_OPTIONS = frozenset(
    ["test", "[", "[[", "echo", "printf", ":", "case", "for", "select", "return", "exit", "shift"]
)
#: Commands that run the one behind them, and their options that take a word.
_BEFORE_OTHERS = {
    "sudo": "ugphC", "env": "uC", "nice": "n", "exec": "a", "nohup": "", "command": "",
    "setsid": "", "builtin": "",
}  # fmt: skip
_COMPARES = frozenset(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"])
#: Types without a character that any language could take for its own.
_PLAIN = (InputType.NUMBER, InputType.HOST, InputType.SITE)

_AS_INPUT = "hand it over as an argument or on its input, not in its text"


def misused(command: Command, asked: Asked) -> Iterator[Finding]:
    """Every input of `command` that could act."""
    words = own_words(command.words)
    if not words:
        return
    if words[0].first and words[0].first.name in asked:
        variable = words[0].first.name
        yield words[0].line, f"${variable} as a command", "write the command out"
        return
    name = named(words[0])
    if name == "eval":
        yield words[0].line, "eval", "write the command out; inputs are words, not code"
        return
    for use, program in chain(
        _in_programs(words, command.fed), _in_filters(words), _read_again(words), _computed(words)
    ):
        if use.name in asked and asked[use.name].type not in _PLAIN:
            yield use.line, f"${use.name} within the text of a program for {program}", _AS_INPUT
    if name not in _NO_OPTIONS:
        yield from _as_options(words, asked)


def own_words(words: Sequence[Word]) -> Sequence[Word]:
    """The words from the command's name on: without assignments and commands before it."""
    at = 0
    while at < len(words):
        word = words[at].literal
        if not words[at].uses and word in _BEFORE_OTHERS:
            at = _behind_options(words, at + 1, _BEFORE_OTHERS[word])
        elif "=" in word and word.partition("=")[0].isidentifier():
            at += 1
        else:
            break
    return words[at:]


def named(word: Word) -> str:
    """The name of a command, without its path; "" where nobody can tell."""
    return "" if word.uses else word.literal.rpartition("/")[2]


def _behind_options(words: Sequence[Word], at: int, with_a_word: str) -> int:
    """Where the first word stands that is no option, nor belongs to one."""
    while at < len(words) and words[at].literal.startswith("-"):
        takes = len(words[at].literal) == 2 and words[at].literal[1] in with_a_word
        at += 2 if takes else 1
    return at


def _in_programs(words: Sequence[Word], fed: Sequence[Use]) -> Iterator[tuple[Use, str]]:
    """What stands behind `sh -c`, whichever command runs that, or is fed to a shell."""
    for at, word in enumerate(words):
        option = _INTERPRETERS.get(named(word))
        if option is None:
            continue
        for before, text in pairwise(words[at:]):
            if before.literal.startswith("-") and before.literal.endswith(option):
                yield from ((use, named(word)) for use in text.uses)
        yield from ((use, named(word)) for use in fed)


def _in_filters(words: Sequence[Word]) -> Iterator[tuple[Use, str]]:
    name = named(words[0])
    if name not in _FILTERS:
        return
    at = _behind_options(words, 1, _FILTERS[name])
    by_option = [text for option, text in pairwise(words) if option.literal == "-e"]
    for text in by_option or words[at : at + 1]:
        yield from ((use, name) for use in text.uses)


def _read_again(words: Sequence[Word]) -> Iterator[tuple[Use, str]]:
    name = named(words[0])
    if name in _READ_AGAIN:
        yield from ((use, name) for word in words[1:] for use in word.uses)
    if name == "printf":  # its format
        at = _behind_options(words, 1, "v")
        yield from ((use, name) for word in words[at : at + 1] for use in word.uses)


def _computed(words: Sequence[Word]) -> Iterator[tuple[Use, str]]:
    """bash computes both sides of `[[ a -eq b ]]`, and runs what stands in an index there."""
    if words[0].literal != "[[":
        return
    for at, word in enumerate(words):
        if word.literal in _COMPARES:
            sides = (*words[at - 1 : at], *words[at + 1 : at + 2])
            yield from ((use, "[[") for side in sides for use in side.uses)


def _as_options(words: Sequence[Word], asked: Asked) -> Iterator[Finding]:
    for word in takewhile(lambda word: word.literal != "--" or word.uses, words[1:]):
        taken = asked.get(word.first.name) if word.first else None
        if taken and _may_be_an_option(taken):
            what = f"${taken.variable} could be taken for an option of {clean(words[0].literal)}"
            yield word.line, what, f'write -- before it, or --option="${taken.variable}"'


def _may_be_an_option(asked: Input) -> bool:
    """Whether a value of that type can begin with "-"."""
    if asked.type is InputType.CHOICE:
        return any(each.startswith("-") for each in asked.of)
    if asked.type is InputType.NUMBER:
        return asked.least is None or asked.least < 0
    return asked.type in (InputType.LINE, InputType.TEXT)
