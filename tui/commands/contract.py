"""How every command ends: with a status, and at most one clear error on stderr.

0 done · 1 it could not be done (no watch, no answer) · 2 the input is wrong · 130 interrupted ·
141 nobody reads the output any more. An error reads `twinwatch: what — where — why — what to do`;
problems of an estate file read `file:line: what — what to do`, one a line, as editors expect.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.exceptions import TyperException

from estate.clean import clean
from watch.error import SourceError, WatchError

FAILED, BAD_INPUT, INTERRUPTED, NO_READER = 1, 2, 130, 141

#: What a full disk or a terminal that went away answers to a write. Commands translate the errors
#: of files they write themselves, so it is the output that fails.
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

#: Set it to see where a defect of ours came from.
DEBUG = "TWINWATCH_TRACEBACK"


class NoReader(Exception):  # noqa: N818 - a signal, not a fault
    """Whoever read our output has gone; nothing is to be said about it."""


@dataclass(slots=True)
class Ending:
    """The exit status, once the command is over."""

    status: int = 0


@contextmanager
def exit_contract() -> Iterator[Ending]:
    """Run a command within; whatever it raises is told to the person and becomes a status."""
    _settle_output()
    ending = Ending()
    try:
        yield ending
        sys.stdout.flush()
    except KeyboardInterrupt:
        ending.status = INTERRUPTED
    except (NoReader, BrokenPipeError):
        ending.status = NO_READER
        _drop_output()
    except Exception as error:
        if os.environ.get(DEBUG):
            traceback.print_exc()
        if isinstance(error, OSError) and error.errno in _UNWRITABLE:
            _drop_output()
        ending.status = _status(error)
        for line in _lines(error):
            print(clean(line), file=sys.stderr)


def _drop_output() -> None:
    """Python flushes stdout once more at its end, and would complain there of what is known."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _settle_output() -> None:
    """Output that takes every character, and goes nowhere where it was closed."""
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - until we end
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for output in (sys.stdout, sys.stderr):
        if hasattr(output, "reconfigure"):
            output.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8


def _status(error: Exception) -> int:
    from estate.error import InputError

    if isinstance(error, TyperException):
        return error.exit_code
    if isinstance(error, SourceError | InputError) or _is_estate_error(error):
        return BAD_INPUT
    refused = isinstance(error, WatchError) and error.status in (400, 404)
    return BAD_INPUT if refused else FAILED


def _lines(error: Exception) -> list[str]:
    if _is_estate_error(error):
        return str(error).splitlines()
    if isinstance(error, TyperException):
        said = error.format_message().rstrip(".").replace("Value error, ", "")
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "twinwatch"
        return [f"twinwatch: {said[:1].lower()}{said[1:]} — {path} — see {path} --help"]
    if isinstance(error, WatchError | ValueError):
        return [f"twinwatch: {error}"]
    if isinstance(error, OSError) and error.errno in _UNWRITABLE:
        todo = "make room there, or write it elsewhere"
        return [f"twinwatch: the output can't be written — stdout — {error.strerror} — {todo}"]
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.relpath(frame.filename, Path(__file__).parents[2])}:{frame.lineno}"
    what = f"{type(error).__name__}: {error}"
    return [f"twinwatch: a defect — {where} — {what} — report it; {DEBUG}=1 shows more"]


def _is_estate_error(error: Exception) -> bool:
    """Whether it is an `EstateError`; its module, with PyYAML, is loaded only if it is raised."""
    module = sys.modules.get("estate.file")
    return module is not None and isinstance(error, module.EstateError)
