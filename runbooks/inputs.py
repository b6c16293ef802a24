"""What is typed for a run's inputs → values that cannot act, and how scripts are given them.

A value is refused or it arrives as it was typed, byte for byte: nothing is escaped, trimmed or
folded on the way. Scripts find them in the environment, as $OPS_NAME; the assignments are written
here, so that no value is ever part of a script's own text. Secrets stay apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from estate.clean import clean
from estate.error import InputError
from estate.model import Estate
from estate.shapes import suggestion
from runbooks.reasons import Reason
from runbooks.runbook import (
    Check,
    Copy,
    Input,
    InputType,
    Playbook,
    Rolling,
    Runbook,
    Step,
    Tls,
)

MAX_LINE = 1_000  #: characters of a line
MAX_TEXT = 65_536  #: bytes of a text: half of what one variable may hold (execve(2))
MAX_SECRET = 8_192  #: bytes of a secret; several, quoted, must fit into a pipe (pipe(7))
MAX_ALL = 524_288  #: bytes of a run's inputs together: a quarter of what a program is given

#: Names of the engine's own variables, without OPS_.
RESERVED = frozenset({"run", "step", "host", "site", "drill"})

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:#-]{0,63}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9][\w.:-]{0,252}", re.ASCII)
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,15}", re.ASCII)


class InputValueError(InputError):
    """A value that an input can't take."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The values of a run, by name of the input; `secrets` are shown and kept nowhere."""

    values: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def filled(self, text: str) -> str:
        """A structured field's `text`, where it is `$name` with that input's value.

        Where that has none, the text as it is: a plan was refused for it.
        """
        return self.values.get(text[1:], text) if text.startswith("$") else text


def read_inputs(
    runbook: Runbook, given: Mapping[str, str], estate: Estate
) -> tuple[Inputs, tuple[Reason, ...]]:
    """The values for a run, and why they won't do: all reasons at once, none for good values.

    A value that was refused is left out. What the estate does not know, host or site, is refused.
    """
    values: dict[str, str] = {}
    secrets: dict[str, str] = {}
    reasons = [
        _reason(
            f"no input {clean(name, limit=60)!r}",
            suggestion(name, runbook.ask, "inputs")
            if runbook.ask
            else f"leave it out: {runbook.name} asks for nothing",
        )
        for name in given
        if name not in runbook.ask
    ]
    for name, asked in runbook.ask.items():
        value = given.get(name, asked.default)
        if value is None:
            reasons.append(_missing(name, asked))
            continue
        try:
            checked(asked, value)
            _known(asked, value, estate)
        except InputValueError as error:
            reasons.append(_reason(f"{name}: {error.what}", error.todo))
            continue
        (secrets if asked.type is InputType.SECRET else values)[name] = value
    inputs = Inputs(values, secrets)
    return inputs, (*reasons, *_too_much(inputs))


def read_again(
    runbook: Runbook, known: Inputs, missing: Sequence[str], given: Mapping[str, str]
) -> tuple[Reason, ...]:
    """Why secrets that are `given` to a run at work won't do, beside what is `known`; none if they
    will. Only what is `missing` is taken: what a run began with stays, to be found in its output.
    """
    reasons = [
        _reason(f"{clean(name, limit=60)!r} is no secret that is missing", _wanted(missing))
        for name in given
        if name not in missing
    ]
    for name in missing:
        try:
            checked(runbook.ask[name], given.get(name, "given later"))
        except InputValueError as error:
            reasons.append(_reason(f"{name}: {error.what}", error.todo))
    return (*reasons, *_too_much(Inputs(known.values, {**known.secrets, **given})))


def _wanted(missing: Sequence[str]) -> str:
    return f"give {', '.join(missing)}" if missing else "give none: resume it without"


def _too_much(inputs: Inputs) -> Iterator[Reason]:
    every = (*inputs.values.values(), *inputs.secrets.values())
    total = sum(len(each.encode(errors="surrogatepass")) for each in every)
    if total > MAX_ALL:
        todo = f"give {MAX_ALL:,} at most; copy larger files"
        yield _reason(f"inputs of {total:,} bytes together", todo)


def _reason(what: str, todo: str) -> Reason:
    return Reason("input", what, todo)


def _missing(name: str, asked: Input) -> Reason:
    """A secret is never on the command line, where everybody on the machine can read it."""
    secret = asked.type is InputType.SECRET
    todo = f"add --secrets FILE, in it {name}=…" if secret else f"add --set {name}=…"
    return Reason("input", f"{name} is not given: {asked.say}", todo, missing=name)


def checked(asked: Input, value: str) -> str:
    """`value`, as it is, if `asked` can take it; raises InputValueError."""
    try:
        size = len(value.encode())
    except UnicodeEncodeError:  # a byte of the command line that is no UTF-8
        raise InputValueError("bytes that are no UTF-8", "write it in UTF-8") from None
    if "\0" in value:
        raise InputValueError("a NUL", "remove it: no program can be given one")
    most = MAX_SECRET if asked.type is InputType.SECRET else MAX_TEXT
    if size > most:
        raise InputValueError(f"{size:,} bytes", f"write {most:,} at most; copy larger files")
    if not value:
        raise InputValueError("nothing", "write something")
    if problem := _unfit(asked, value):
        shown = "a value" if asked.type is InputType.SECRET else clean(repr(value), limit=60)
        raise InputValueError(f"{shown} does not fit", problem)
    return value


def _unfit(asked: Input, value: str) -> str:  # noqa: PLR0911 - one line a type
    """What `value` should be, "" if it is."""
    match asked.type:
        case InputType.ID:
            return "" if _ID.fullmatch(value) else "write letters, digits and _ . / : # -"
        case InputType.CHOICE:
            return "" if value in asked.of else f"write {' or '.join(asked.of)}"
        case InputType.NUMBER:
            return _unfit_number(asked, value)
        case InputType.HOST | InputType.SITE:
            return "" if _HOST.fullmatch(value) else f"write the name of a {asked.type}"
        case InputType.PATH:
            fits = value.startswith("/") and ".." not in value.split("/") and _is_line(value)
            return "" if fits else "write an absolute path without .."
        case InputType.LINE:
            return "" if _is_line(value) else f"write one line of {MAX_LINE:,} characters at most"
        case InputType.TEXT:
            fits = all(_is_visible(line) for line in value.split("\n"))
            return "" if fits else "remove control and hidden characters"
        case InputType.SECRET:
            return ""


def _unfit_number(asked: Input, value: str) -> str:
    least = "" if asked.least is None else f" from {asked.least}"
    most = "" if asked.most is None else f" to {asked.most}"
    fits = (
        _NUMBER.fullmatch(value) is not None
        and (asked.least is None or int(value) >= asked.least)
        and (asked.most is None or int(value) <= asked.most)
    )
    return "" if fits else f"write a whole number{least}{most}"


def _is_line(value: str) -> bool:
    return len(value) <= MAX_LINE and "\t" not in value and _is_visible(value)


def _is_visible(line: str) -> bool:
    """Whether a person sees all of it: no control, no hidden character, tabs apart."""
    return clean(line, limit=len(line) + 1) == line.replace("\t", " ")


def _known(asked: Input, value: str, estate: Estate) -> None:
    if asked.type is InputType.HOST and value not in estate.hosts:
        near = suggestion(value, estate.hosts, "hosts")
        raise InputValueError(f"no host {clean(value, limit=60)!r} in the estate", near)
    if asked.type is InputType.SITE and value not in estate.sites:
        near = suggestion(value, estate.sites, "sites")
        raise InputValueError(f"no site {clean(value, limit=60)!r} in the estate", near)


# ── in structured fields ──


def with_inputs(runbook: Runbook, values: Mapping[str, str]) -> Runbook:
    """The runbook with `$name` in its steps' structured fields as that input's value.

    Its text, which a run is pinned to, stays as it is.
    """
    inputs = Inputs(values)
    before = tuple(_with_inputs(step, inputs) for step in runbook.before)
    steps = tuple(_with_inputs(step, inputs) for step in runbook.steps)
    return replace(runbook, before=before, steps=steps)


_Kind = TypeVar("_Kind", bound=Step)


def _with_inputs(step: _Kind, inputs: Inputs) -> _Kind:
    parts: dict[str, Any] = {}
    match step:
        case Check(ask=Tls(endpoint, names, _, serial) as asked):
            parts["ask"] = replace(
                asked,
                endpoint=inputs.filled(endpoint),
                names=tuple(map(inputs.filled, names)),
                serial=inputs.filled(serial),
            )
        case Copy():
            parts["to"] = inputs.filled(step.to)
        case Playbook():
            parts["extra"] = {name: inputs.filled(text) for name, text in step.extra.items()}
        case Rolling():
            for within in ("each", "then_always"):
                parts[within] = tuple(_with_inputs(each, inputs) for each in getattr(step, within))
    return replace(step, **parts) if parts else step


# ── how scripts are given them ──


def quoted(value: str) -> str:
    """`value` as one word of a POSIX shell, whatever is in it but NUL."""
    return "'" + value.replace("'", "'\\''") + "'"


def assignments(variables: Mapping[str, str]) -> str:
    """Lines of a POSIX shell that put `variables` into the environment of what follows them."""
    return "".join(f"{name}={quoted(value)}; export {name}\n" for name, value in variables.items())


def environment(
    runbook: Runbook, inputs: Inputs, *, run: str, step: str, host: str, site: str, drill: bool
) -> dict[str, str]:
    """The variables of a step on a host: the run's inputs, and where it is. No secret is there."""
    own = {
        "OPS_RUN": run,
        "OPS_STEP": step,
        "OPS_HOST": host,
        "OPS_SITE": site,
        "OPS_DRILL": "1" if drill else "",
    }
    asked = {runbook.ask[name].variable: value for name, value in inputs.values.items()}
    return {**own, **asked}


def secrets_for(names: Sequence[str], runbook: Runbook, inputs: Inputs) -> dict[str, str]:
    """The secrets that a step names, and no other, by variable; its shell alone is given them."""
    return {runbook.ask[name].variable: inputs.secrets[name] for name in names}
