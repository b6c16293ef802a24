"""Inputs go where their type fits: a secret to scripts that name it, a site where sites stand."""

from __future__ import annotations

from collections.abc import Iterator

from estate.strict import Problem
from runbooks.reading.lines import Lines
from runbooks.runbook import Check, Copy, Do, InputType, Playbook, Runbook, Step, Tls

_LINES = (InputType.ID, InputType.LINE, InputType.NUMBER, InputType.CHOICE)


def fit(step: Step, runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """The inputs that a step's own fields name."""
    if isinstance(step, Do | Check | Playbook):
        for name in step.secrets:
            asked = runbook.ask.get(name)
            if asked and asked.type is not InputType.SECRET:
                what = f"{name!r} is no secret, but of type {asked.type}"
                todo = f'remove it here: scripts find it as "${asked.variable}"'
                yield Problem(lines.key(step, "secrets"), what, todo)
    if isinstance(step, Copy):
        yield from _taken_as_it_stands(step, runbook, lines)
    for key, text in _fields(step):
        fitting = (InputType.PATH,) if key == "to" else (*_LINES, InputType.HOST, InputType.SITE)
        yield from _fits(runbook, text, fitting, lines.key(step, key))


def _taken_as_it_stands(step: Copy, runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """No input is put into a file's text: it would lie on the hosts as it stands here."""
    for number, line in enumerate(step.text.split("\n")):
        for asked in runbook.ask.values():
            if f"${asked.variable}" in line or f"${{{asked.variable}" in line:
                what = f"${asked.variable} in a file's text, which is taken as it stands"
                todo = f"write the file with do: and printf '%s\\n' \"${asked.variable}\""
                yield Problem(lines.text(step, "text") + number, what, todo)


def selectors_fit(runbook: Runbook, lines: Lines) -> Iterator[Problem]:
    """The inputs that select hosts; and no selector leaves out itself."""
    for selector in runbook.hosts.values():
        line = lines.named("selector", selector.name)
        yield from _fits(runbook, selector.site, (InputType.SITE, InputType.CHOICE), line)
        yield from _fits(runbook, selector.rack, _LINES, line)
        for group in selector.groups:
            yield from _fits(runbook, group, _LINES, line)
        for host in selector.hosts:
            yield from _fits(runbook, host, (InputType.HOST, InputType.CHOICE), line)
        yield from _left_out(runbook, selector.name, line)


def _left_out(runbook: Runbook, name: str, line: int) -> Iterator[Problem]:
    waiting, seen = list(runbook.hosts[name].but), set[str]()
    while waiting:
        each = waiting.pop()
        if each == name:
            yield Problem(line, f"{name!r} leaves out itself", "correct its but")
            return
        if each not in seen and each in runbook.hosts:
            seen.add(each)
            waiting += runbook.hosts[each].but


def _fits(
    runbook: Runbook, text: str, fitting: tuple[InputType, ...], line: int
) -> Iterator[Problem]:
    asked = runbook.ask.get(text[1:]) if text.startswith("$") else None
    if asked and asked.type not in fitting:
        what = f"{text} is of type {asked.type} where {' or '.join(fitting)} belongs"
        yield Problem(line, what, "change its type, or name another input")


def _fields(step: Step) -> Iterator[tuple[str, str]]:
    """The structured fields of a step that may be an input, by key."""
    match step:
        case Check(ask=Tls(endpoint, names, _, serial)):
            yield from (("tls", each) for each in (endpoint, serial, *names))
        case Copy():
            yield "to", step.to
        case Playbook():
            yield from (("extra", each) for each in step.extra.values())
