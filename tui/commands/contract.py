"""How every command ends: with a status, and at most one clear error on stderr.

0 done · 1 it could not be done (no watch, no answer, a run that failed) · 2 the input is wrong ·
3 nobody knows whether it is ready · 4 a run waits for a person · 130 interrupted ·
141 nobody reads the output any more.
An error reads `twinwatch: what — where — why — what to do`; problems of a file read
`file:line: what — what to do`, one a line, as editors expect.
Whoever asked for JSON gets the error as JSON on stdout too, with the same status.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, TextIO

from estate.clean import clean
from estate.error import FileRefused, InputError
from tui.commands.show import NoReader, emit_json
from watch.error import SourceError, WatchError

FAILED, BAD_INPUT, NEEDS_DECISION, INTERRUPTED, NO_READER = 1, 2, 4, 130, 141

#: What a full disk or a terminal that went away answers to a write. Commands translate the errors
#: of files they write themselves, so it is the output that fails.
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

#: What a field of a request is called on the command line: nobody typed the field.
OPTIONS = {
    "call": "--call",
    "for": "--for",
    "hypothesis": "--hypothesis",
    "items": "--item",
    "kind": "--kind",
    "next_step": "--next",
    "outcome": "--outcome",
    "owner": "--owner",
    "promised_ms": "--promised",
    "reason": "--reason",
    "severity": "--severity",
    "tenants": "--tenants",
    "text": "TEXT",
    "tried": "--tried",
    "why": "--reason",
}

#: Set it to see where a defect of ours came from.
DEBUG = "TWINWATCH_TRACEBACK"


class Told(NamedTuple):
    """An error as it is told: on a line, or in JSON by the names of its parts."""

    what: str
    where: str = ""
    why: str = ""
    do: str = ""

    @property
    def line(self) -> str:
        """What is printed on stderr."""
        return "twinwatch: " + " — ".join(clean(part) for part in self if part)


@dataclass(slots=True)
class Ending:
    """The exit status, once the command is over."""

    status: int = 0


@contextmanager
def exit_contract(*, as_json: bool = False) -> Iterator[Ending]:
    """Run a command within; whatever it raises is told to the person and becomes a status.

    With `as_json` it is printed as `{"error": {what, where, why, do}}` too, for the program that
    asked for JSON.
    """
    _settle_output()
    ending = Ending()
    try:
        yield ending
        sys.stdout.flush()
    except KeyboardInterrupt:
        ending.status = INTERRUPTED
    except (NoReader, BrokenPipeError):
        ending.status = NO_READER
        _drop_output(sys.stdout)
    except Exception as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        ending.status = _status(error)
        if _is_unwritable(error):
            _drop_output(sys.stdout)
        elif as_json:
            _tell_program(error)
        _tell_person(error)


def _tell_program(error: Exception) -> None:
    """The error as JSON on stdout, where it can be written."""
    told: dict[str, object] = {name: clean(part) for name, part in _told(error)._asdict().items()}
    if isinstance(error, FileRefused):
        told["problems"] = [asdict(problem) for problem in error.problems]
    try:
        emit_json({"error": told})
        sys.stdout.flush()
    except (NoReader, OSError):
        _drop_output(sys.stdout)  # its status and the line on stderr are left


def _tell_person(error: Exception) -> None:
    """The error on stderr; where that can't be written either, the status alone tells."""
    lines = (
        [clean(line) for line in str(error).splitlines()]
        if isinstance(error, FileRefused)
        else [_told(error).line]
    )
    try:
        print(*lines, sep="\n", file=sys.stderr, flush=True)
    except OSError:
        _drop_output(sys.stderr)


def _drop_output(output: TextIO) -> None:
    """Python flushes it once more at its end, and would complain there of what is known."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def _settle_output() -> None:
    """Output that takes every character, and goes nowhere where it was closed."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - until we end
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for output in (sys.stdout, sys.stderr):
        if hasattr(output, "reconfigure"):
            output.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8


def _status(error: Exception) -> int:
    if isinstance(error, SourceError | InputError | FileRefused):
        return BAD_INPUT
    refused = isinstance(error, WatchError) and error.status in (400, 404, 422)
    return BAD_INPUT if refused else FAILED


def _told(error: Exception) -> Told:
    if isinstance(error, FileRefused):
        count = len(error.problems)
        many = "a problem" if count == 1 else f"{count} problems"
        what = f"the {error.kind} is refused"
        return Told(what, error.source, f"it has {many}", "mend its lines")
    if isinstance(error, WatchError):
        option = OPTIONS.get(error.where, "") if error.status == 400 else ""
        do = f"give {option} anew" if error.do == f"give {error.where} anew" else error.do
        return Told(error.what, option or error.where, error.why, do if option else error.do)
    if isinstance(error, ValueError):
        what, _, todo = str(error).partition(" — ")  # as `estate.error.InputError` reads
        return Told(what, do=todo)
    if _is_unwritable(error):
        why = getattr(error, "strerror", "")
        todo = "make room there, or write it elsewhere"
        return Told("the output can't be written", "stdout", why, todo)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.relpath(frame.filename, Path(__file__).parents[2])}:{frame.lineno}"
    why = f"{type(error).__name__}: {error}"
    return Told("a defect", where, why, f"report it; {DEBUG}=1 shows more")


def _is_unwritable(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in _UNWRITABLE
