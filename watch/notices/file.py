"""Where the file of targets and rules lies, and that nobody else can read it."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from watch.error import SourceError
from watch.notices.rules import Rules, read_rules
from watch.source import base_directory, without_waiting

SYSTEM_NOTIFY = Path("/etc/twinwatch/notify.yaml")
#: Names the file, wherever it is; empty for none.
VARIABLE = "TWINWATCH_NOTIFY"
#: The watch of a demo (see `tui.commands.stage`) tells nobody of what it plays.
_DEMO = "TWINWATCH_DEMO"


def place(environ: Mapping[str, str]) -> Path | None:
    """The file to be read; None where there is none."""
    if _DEMO in environ:
        return None
    if VARIABLE in environ:
        return Path(environ[VARIABLE]) if environ[VARIABLE] else None
    own = base_directory(environ, "XDG_CONFIG_HOME", ".config") / "twinwatch" / "notify.yaml"
    return next((each for each in (own, SYSTEM_NOTIFY) if each.exists()), None)


def load(path: Path) -> Rules:
    """The rules in `path`, which holds secrets.

    Raises SourceError where others can read it, or could have written it, or where it lies in a
    repository, and RulesError with every problem in it.
    """
    return read_rules(_own_text(path), str(path))


def _own_text(path: Path) -> str:
    refused, where = "the file is refused", str(path)
    try:
        with open(path, "rb", opener=without_waiting) as file:
            seen = os.fstat(file.fileno())
            if not stat.S_ISREG(seen.st_mode):
                raise SourceError(refused, where, "it is no file", "name a file")
            if seen.st_uid not in (0, os.getuid()):
                why = f"it belongs to uid {seen.st_uid}, neither to you nor to root"
                raise SourceError(refused, where, why, f"own a copy of {path}")
            if stat.S_IMODE(seen.st_mode) & 0o077:
                why = "it holds secrets, and others may read it"
                raise SourceError(refused, where, why, f"chmod 600 {shlex.quote(where)}")
            text = file.read().decode("utf-8")
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is no UTF-8"
        raise SourceError("the file can't be read", where, why, "save it as UTF-8") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise SourceError("the file can't be read", where, why, "check the path") from error
    for directory in path.resolve().parents:
        if (directory / ".git").exists():
            why = f"it holds secrets, and {directory} is a repository"
            raise SourceError(refused, where, why, "keep it beside your settings, or in /etc")
    return text
