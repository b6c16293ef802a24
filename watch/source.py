"""Where the estate comes from: a file of its own, or hosts that ssh already knows.

Files are read whole, as their owner wrote them: one that others could have changed is refused,
because it names the machines and users that the watch's keys are offered to.
"""

from __future__ import annotations

import glob
import os
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from watch.error import NoEstate, SourceError

if TYPE_CHECKING:
    from estate.model import Estate

SYSTEM_ESTATE = Path("/etc/twinwatch/estate.yaml")
#: OpenSSH's own limit of nested Includes (readconf.c, READCONF_MAX_DEPTH).
DEEPEST_INCLUDE = 16


@dataclass(frozen=True, slots=True)
class Source:
    """`path` of an estate file, or of an ssh_config (`ssh`)."""

    path: Path
    ssh: bool = False

    def arguments(self) -> list[str]:
        """The source as options of a command line."""
        return ["--ssh-config" if self.ssh else "--estate", str(self.path)]


def find_source(
    estate: str | None, ssh_config: str | None, environ: Mapping[str, str], here: Path
) -> Source:
    """The source that was named, or else the first estate file where one is looked for.

    Raises SourceError when a named file is not there, NoEstate when none is found anywhere.
    """
    for option, named in (("--estate", estate), ("--ssh-config", ssh_config)):
        if named == "":  # a variable of a script that was not set: never another estate instead
            why, do = "its name is empty", f"name a file, or leave {option} out"
            raise SourceError("no such file", f"{option} ''", why, do)
    if estate and ssh_config:
        both = f"--estate {estate} and --ssh-config {ssh_config}"
        raise SourceError("two sources of hosts", both, "one watch has one estate", "drop one")
    if ssh_config:
        return Source(_existing("ssh config", here / _expanded(ssh_config)), ssh=True)
    if named := estate or environ.get("TWINWATCH_ESTATE"):
        return Source(_existing("estate file", here / _expanded(named)))
    places = default_places(environ, here)
    for place in places:
        if place.is_file():
            return Source(place.resolve())
    raise NoEstate(
        "no estate",
        ", ".join(str(place) for place in places),
        "none of these files exists",
        "write one (twinwatch estate import), or try: twinwatch --ssh-config ~/.ssh/config",
    )


def default_places(environ: Mapping[str, str], here: Path) -> tuple[Path, ...]:
    """Where an estate file is looked for when none is named, first match wins."""
    config = base_directory(environ, "XDG_CONFIG_HOME", ".config")
    return (here / "estate.yaml", config / "twinwatch" / "estate.yaml", SYSTEM_ESTATE)


def base_directory(environ: Mapping[str, str], variable: str, at_home: str) -> Path:
    """The directory that `variable` names, else `at_home` under $HOME.

    A relative path is ignored, as the XDG Base Directory Specification asks: it would name another
    directory from wherever a command is given.
    """
    named = Path(environ.get(variable) or "")
    return named if named.is_absolute() else Path(environ.get("HOME") or "/") / at_home


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # ~nobody, or no HOME: what stands there is looked for as it stands
        return Path(path)


def _existing(kind: str, path: Path) -> Path:
    if not path.exists():
        raise SourceError(f"no {kind}", str(path), "there is no such file", "check the path")
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        why = "it is a directory" if stat.S_ISDIR(mode) else "it is a device"
        raise SourceError(f"no {kind}", str(path), why, "name a file that holds text")
    return path.resolve()


def read(source: Source) -> Estate:
    """The estate that `source` says.

    Raises SourceError when the file can't be read or trusted, and estate.file.EstateError, with
    every problem in it, when it is wrong.
    """
    return estate_of(text_of(source), source)


def estate_of(text: str, source: Source) -> Estate:
    """The estate that `text` of `source` says. Raises estate.file.EstateError."""
    from estate.file import read_estate
    from estate.importing import estate_from_ssh_config

    make = estate_from_ssh_config if source.ssh else read_estate
    return make(text, str(source.path))


def text_of(source: Source) -> str:
    """What `source` says, an ssh_config with its Includes resolved.

    Raises SourceError when the file can't be read or trusted.
    """
    text = _trusted_text(source.path)
    return _with_includes(text, source.path, 0) if source.ssh else text


def fingerprint(path: Path) -> tuple[int, int, int]:
    """Changes whenever the file does, or who may read it; (0, 0, 0) while it can't be seen."""
    try:
        seen = path.stat()
    except OSError:
        return (0, 0, 0)
    return (seen.st_ino, seen.st_size, seen.st_ctime_ns)  # a write or a chmod moves ctime


def _trusted_text(path: Path) -> str:
    try:
        return trusted_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        why = f"byte {error.start} is no UTF-8"
        raise SourceError("the file can't be read", str(path), why, "save it as UTF-8") from error


def trusted_bytes(path: Path) -> bytes:
    """What `path` holds, if only its owner (us, or root) can have written it.

    Raises SourceError when it can't be read or trusted.
    """
    try:
        # Checked on the open file: it can't be swapped in between.
        with open(path, "rb", opener=without_waiting) as file:
            seen = os.fstat(file.fileno())
            refused, where = "the file is refused", str(path)
            if stat.S_ISCHR(seen.st_mode) or stat.S_ISBLK(seen.st_mode):
                raise SourceError(refused, where, "it is a device", "name a file that holds text")
            if stat.S_ISFIFO(seen.st_mode):
                if path.resolve().exists():  # a shell's own pipe, as in /dev/stdin, has no name
                    raise SourceError(refused, where, "it is a named pipe", "name a file")
                os.set_blocking(file.fileno(), True)
            if seen.st_uid not in (0, os.getuid()):
                why = f"it belongs to uid {seen.st_uid}, neither to you nor to root"
                raise SourceError(refused, where, why, f"own a copy of {path}")
            if stat.S_IMODE(seen.st_mode) & 0o022:
                why = "others could have changed it"
                raise SourceError(refused, where, why, f"chmod go-w {shlex.quote(where)}")
            return file.read()
    except OSError as error:
        why = error.strerror or str(error)
        raise SourceError("the file can't be read", str(path), why, "check the path") from error


def without_waiting(path: str, flags: int) -> int:
    """An opener that no named pipe without a writer holds up: for files that may be no files."""
    return os.open(path, flags | os.O_NONBLOCK)


def _with_includes(text: str, path: Path, depth: int) -> str:
    """An ssh_config with its Include lines replaced by what they include."""
    if depth > DEEPEST_INCLUDE:
        raise SourceError("the ssh config can't be read", str(path), "Includes nest too deeply")
    lines = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].lower() != "include":
            lines.append(line)
            continue
        for pattern in words[1:]:
            # As ssh does: relative to ~/.ssh, and a pattern that matches nothing is no error.
            wanted = Path.home() / ".ssh" / _expanded(pattern.strip('"'))
            for found in sorted(glob.glob(str(wanted))):  # noqa: PTH207 - absolute pattern
                included = Path(found)
                lines.append(_with_includes(_trusted_text(included), included, depth + 1))
    return "\n".join(lines) + "\n"
