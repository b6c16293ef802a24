"""Scripts take inputs as words and as nothing else: never as code, never as options."""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import chain

from estate.clean import clean
from estate.shapes import suggestion
from estate.strict import Problem
from runbooks.inputs import RESERVED
from runbooks.reading.commands import Command, Shell, ShellError, Use
from runbooks.reading.lines import Lines
from runbooks.reading.lint.code import Asked, Finding, misused, named, own_words
from runbooks.reading.shell import scan
from runbooks.runbook import (
    Check,
    Copy,
    Do,
    InputType,
    Playbook,
    Reboot,
    Runbook,
    Sh,
    Step,
    WhenShell,
)

#: Commands of the shell itself: their words are seen by no other process.
_WITHIN_THE_SHELL = frozenset(
    ["printf", "echo", "test", "[", "[[", ":", "case", "for", "read", "set", "local", "return"]
)


def is_sound(step: Step, runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """Everything about the scripts of a step."""
    by_variable = {each.variable: each for each in runbook.ask.values()}
    secrets = {each.variable for each in runbook.ask.values() if each.type is InputType.SECRET}
    for key, text in scripts_of(step):
        first = lines.text(step, key)
        try:
            shell = scan(text)
        except ShellError as error:
            yield Problem(first + error.line, f"{key}: {error.what}", error.todo)
            continue
        for line, what, todo in chain(
            _templates(text, runbook),
            chain.from_iterable(
                _used(use, shell, runbook, by_variable)
                for use in shell.uses
                if not lines.misread("input", runbook.ask, use.name.removeprefix("OPS_").lower())
            ),
            chain.from_iterable(misused(each, by_variable) for each in shell.commands),
            chain.from_iterable(_exposed(each, secrets) for each in shell.commands),
            # What a step was given may be what was refused in it.
            () if lines.spoilt(step) else _unnamed(shell, step, by_variable),
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


def _templates(text: str, runbook: Runbook) -> Iterator[Finding]:
    """`{{ incident }}`, as other tools would have it: here it would stay as it stands."""
    for number, line in enumerate(text.split("\n")):
        for asked in runbook.ask.values():
            if any(f"{{{{{blank}{asked.name}{blank}}}}}" in line for blank in ("", " ")):
                todo = f'there are no templates: write "${asked.variable}"'
                yield number, f"a template of {asked.name!r}", todo


def _used(use: Use, shell: Shell, runbook: Runbook, by_variable: Asked) -> Iterator[Finding]:
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


def _exposed(command: Command, secrets: Set[str]) -> Iterator[Finding]:
    """Secrets that a command would hand to another process where others can see them."""
    words = own_words(command.words)
    if not words or named(words[0]) in _WITHIN_THE_SHELL:
        return
    name = named(words[0])
    for word in command.words:
        found = {use.name for use in word.uses}
        if name == "export":
            found.add(word.literal.partition("=")[0])
        for variable in sorted(found & secrets):
            what = f"${variable}, a secret, in the arguments or the environment of {clean(name)}"
            if name == "export":
                yield word.line, what, "remove it: this shell has it, and nothing else needs it"
            else:
                yield word.line, what, f'write: printf %s "${variable}" | {clean(name)} …'


def _unnamed(shell: Shell, step: Step, by_variable: Asked) -> Iterator[Finding]:
    """Secrets of which the step does not say that it reads them."""
    named = step.secrets if isinstance(step, Do | Check | Playbook) else ()
    for use in shell.uses:
        asked = by_variable.get(use.name)
        if asked and asked.type is InputType.SECRET and asked.name not in named:
            what = f"${use.name} is a secret, and this step is not given it"
            yield use.line, what, f"add secrets: [{asked.name}]"
