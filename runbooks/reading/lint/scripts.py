"""Scripts take inputs as words and as nothing else: never as code, never as options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain, pairwise, takewhile

from estate.clean import clean
from estate.shapes import suggestion
from estate.strict import Problem
from runbooks.inputs import RESERVED
from runbooks.reading.lines import Lines
from runbooks.reading.shell import Command, Shell, ShellError, Use, Word, scan
from runbooks.runbook import (
    Check,
    Copy,
    Do,
    Input,
    InputType,
    Playbook,
    Reboot,
    Runbook,
    Sh,
    Step,
    WhenShell,
)

#: Programs that take a program's text, and the option before it; awk and sed take theirs bare.
_INTERPRETERS = {
    **dict.fromkeys(("sh", "bash", "dash", "ash", "ksh", "zsh", "su", "psql", "python3"), "-c"),
    **dict.fromkeys(("perl", "ruby", "node", "mysql"), "-e"),
    **dict.fromkeys(("awk", "gawk", "mawk", "sed", "ssh"), ""),
}
#: Commands that take every word for what it is, or have no options that could harm.
_NO_OPTIONS = frozenset(
    ["test", "[", "[[", "echo", "printf", ":", "case", "for", "select", "export", "local", "return",
     "exit", "shift", "set", "read"]
)  # fmt: skip
#: Commands of the shell itself: their words are seen by no other process.
_WITHIN_THE_SHELL = frozenset(
    ["printf", "echo", "test", "[", "[[", ":", "case", "for", "read", "set", "local", "return"]
)
#: Commands that run the one behind them; their own options are passed over.
_BEFORE_OTHERS = frozenset(["sudo", "env", "exec", "nohup", "command", "nice", "setsid", "builtin"])


def is_sound(step: Step, runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """Everything about the scripts of a step."""
    by_variable = {each.variable: each for each in runbook.ask.values()}
    secrets = {each.variable for each in runbook.ask.values() if each.type is InputType.SECRET}
    for key, text in scripts_of(step):
        first = lines.text(step, key)
        try:
            shell = scan(text)
        except ShellError as error:
            yield Problem(first + error.line, f"{key}: {error.what}", "close it")
            continue
        for line, what, todo in chain(
            _templates(text, runbook),
            chain.from_iterable(_used(use, shell, runbook, by_variable) for use in shell.uses),
            chain.from_iterable(_commanded(each, by_variable) for each in shell.commands),
            chain.from_iterable(_exposed(each, secrets) for each in shell.commands),
            _unnamed(shell, step, by_variable),
        ):
            yield Problem(first + line, what, todo)


def scripts_of(step: Step) -> Iterator[tuple[str, str]]:
    """The shell texts of a step, by key."""
    if isinstance(step.when, WhenShell):
        yield "when", step.when.sh
    match step:
        case Do() | Reboot():
            yield "sh", step.sh
        case Check(ask=Sh(text)):
            yield "sh", text
    if isinstance(step, Do | Reboot | Playbook) and step.done_when:
        yield "done_when", step.done_when
    if isinstance(step, Do | Copy | Playbook) and step.undo:
        yield "undo", step.undo


Finding = tuple[int, str, str]  # line from 0, what, what to do


def _templates(text: str, runbook: Runbook) -> Iterator[Finding]:
    """`{{ incident }}`, as other tools would have it: here it would stay as it stands."""
    for number, line in enumerate(text.split("\n")):
        for asked in runbook.ask.values():
            if any(f"{{{{{blank}{asked.name}{blank}}}}}" in line for blank in ("", " ")):
                todo = f'there are no templates: write "${asked.variable}"'
                yield number, f"a template of {asked.name!r}", todo


def _used(
    use: Use, shell: Shell, runbook: Runbook, by_variable: Mapping[str, Input]
) -> Iterator[Finding]:
    if use.name in runbook.ask and use.name not in shell.assigned:
        asked = runbook.ask[use.name]
        yield use.line, f"${use.name} in a script", f'write "${asked.variable}"'
    if not use.name.startswith("OPS_") or use.name in shell.assigned:
        return
    name = use.name.removeprefix("OPS_").lower()
    found = by_variable.get(use.name)
    if found is None:
        if name not in RESERVED:
            yield use.line, f"no input for ${use.name}", suggestion(name, runbook.ask, "inputs")
        elif use.where == "word" and not use.quoted:
            yield use.line, f"${use.name} without quotes", f'write "${use.name}"'
    elif use.where == "arithmetic" and found.type is not InputType.NUMBER:
        what = f"${use.name} in arithmetic, where its text may be code"
        yield use.line, what, f"write type: number for {name}"
    elif use.where == "word" and not use.quoted:
        yield use.line, f"${use.name} without quotes", f'write "${use.name}"'


def _commanded(command: Command, by_variable: Mapping[str, Input]) -> Iterator[Finding]:
    words = _own_words(command.words)
    if not words:
        return
    name = words[0].literal.rpartition("/")[2] if not words[0].uses else ""
    if name == "eval":
        yield words[0].line, "eval", "write the command out; inputs are words, not code"
        return
    if name in _INTERPRETERS:
        yield from _as_code(name, words, command.fed, by_variable)
    if name not in _NO_OPTIONS:
        yield from _as_options(words, by_variable)


def _own_words(words: Sequence[Word]) -> Sequence[Word]:
    """The words from the command's name on: without assignments and commands before it."""
    at = 0
    while at < len(words):
        word = words[at].literal
        if not words[at].uses and word in _BEFORE_OTHERS:
            at += 1
            while at < len(words) and words[at].literal.startswith("-"):
                at += 2 if words[at].literal in ("-u", "-g", "-n") and word != "sudo" else 1
                if word == "sudo" and words[at - 1].literal in ("-u", "-g"):
                    at += 1
        elif "=" in word and word.partition("=")[0].isidentifier():
            at += 1
        else:
            break
    return words[at:]


def _as_code(
    name: str, words: Sequence[Word], fed: Sequence[Use], by_variable: Mapping[str, Input]
) -> Iterator[Finding]:
    option = _INTERPRETERS[name]
    after = [
        word
        for before, word in pairwise(words)
        if not option or (before.literal.startswith("-") and before.literal.endswith(option[1:]))
    ]
    for use in (*chain.from_iterable(word.uses for word in after), *fed):
        if use.name in by_variable and not (not option and use in _lone(words)):
            what = f"${use.name} within the text of a program for {name}"
            yield use.line, what, "hand it over as an argument or on its input, not in its text"


def _exposed(command: Command, secrets: Set[str]) -> Iterator[Finding]:
    """Secrets that a command would hand to another process where others can see them."""
    words = _own_words(command.words)
    if not words or words[0].literal in _WITHIN_THE_SHELL:
        return
    name = words[0].literal.rpartition("/")[2]
    for word in command.words:
        found = {use.name for use in word.uses}
        if name == "export":
            found.add(word.literal.partition("=")[0])
        for variable in sorted(found & secrets):
            what = f"${variable}, a secret, in the arguments or the environment of {clean(name)}"
            yield word.line, what, f'write: printf %s "${variable}" | {clean(name)} …'


def _unnamed(shell: Shell, step: Step, by_variable: Mapping[str, Input]) -> Iterator[Finding]:
    """Secrets of which the step does not say that it reads them."""
    named = step.secrets if isinstance(step, Do | Check | Playbook) else ()
    for use in shell.uses:
        asked = by_variable.get(use.name)
        if asked and asked.type is InputType.SECRET and asked.name not in named:
            what = f"${use.name} is a secret, and this step is not given it"
            yield use.line, what, f"add secrets: [{asked.name}]"


def _lone(words: Sequence[Word]) -> list[Use]:
    """Inputs that are a word of their own behind the first: what a program is about."""
    bare = [word for word in words[1:] if not word.literal.startswith("-")]
    return [word.first for word in bare[1:] if word.first and not word.literal]


def _as_options(words: Sequence[Word], by_variable: Mapping[str, Input]) -> Iterator[Finding]:
    for word in takewhile(lambda word: word.literal != "--" or word.uses, words[1:]):
        asked = by_variable.get(word.first.name) if word.first else None
        if asked and _may_be_an_option(asked):
            what = f"${asked.variable} could be taken for an option of {clean(words[0].literal)}"
            yield word.line, what, f'write -- before it, or --option="${asked.variable}"'


def _may_be_an_option(asked: Input) -> bool:
    """Whether a value of that type can begin with "-"."""
    if asked.type is InputType.CHOICE:
        return any(each.startswith("-") for each in asked.of)
    if asked.type is InputType.NUMBER:
        return asked.least is None or asked.least < 0
    return asked.type in (InputType.LINE, InputType.TEXT)
