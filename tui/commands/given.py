"""What a person gives a run: inputs by --set, secrets from a file or typed, never on the line.

Whoever lists processes sees the command line; so a secret there is refused.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Callable, Sequence
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from estate.plans import InputView
from watch.error import SourceError

Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An input; once for each.")
]
Secrets = Annotated[
    str,
    typer.Option(
        "--secrets", metavar="FILE", show_default=False,
        help="Read secrets there, a NAME=VALUE a line; - is standard input.",
    ),
]  # fmt: skip


def parsed(pairs: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` pairs as a mapping, the values as they stand; raises SourceError."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            todo = "write --set NAME=VALUE"
            raise SourceError("the input is refused", pair, "it has no name or no =", todo)
        if name in values:
            raise SourceError("the input is refused", name, "it is given twice", "keep one")
        values[name] = value
    return values


def secrets_in(file: str) -> dict[str, str]:
    """The secrets in `file`, or on standard input for "-", none for ""; raises SourceError."""
    if not file:
        return {}
    try:
        text = sys.stdin.read() if file == "-" else _kept_to_oneself(Path(file))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SourceError("no secrets can be read", file, why, "check the path") from None
    secrets: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.partition("=")
        if (line and not (name and equals)) or name in secrets:
            # Never the line itself: what is wrong with it may be all but the secret.
            where, (why, todo) = f"{file}:{number}", _refusal(name, equals)
            raise SourceError("no secrets can be read", where, why, todo)
        if line:
            secrets[name] = value
    return secrets


def _refusal(name: str, equals: str) -> tuple[str, str]:
    """Why a line of secrets is refused, and what to do."""
    if name and equals:
        return "a name that stands there twice", "keep one"
    return f"a line without {'a name' if equals else '='}", "write NAME=VALUE"


def _kept_to_oneself(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        mode = os.fstat(file.fileno()).st_mode
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) & 0o077:
            todo = f"chmod 600 {shlex.quote(str(path))}"
            raise SourceError("the secrets are refused", str(path), "others can read them", todo)
        return file.read()


def complete(
    inputs: Sequence[InputView],
    plain: dict[str, str],
    secrets: dict[str, str],
    ask: Callable[[str], str] | None = None,
) -> dict[str, str]:
    """All that is given; on a terminal, secrets that are missing are asked for with `ask`.

    Raises SourceError for a secret among the `plain` ones. What else is wrong the watch tells.
    """
    types = {each.name: each.type for each in inputs}
    for name in plain:
        if types.get(name) == "secret":
            why = "everybody on this machine can read the command line"
            todo = "leave it out: it is asked for; or write it into a file: --secrets FILE"
            raise SourceError("a secret on the command line", name, why, todo)
    given = {**plain, **secrets}
    for each in inputs:
        if ask and each.type == "secret" and each.name not in given:
            given[each.name] = ask(f"{each.say}: ")
    return given


def asking() -> Callable[[str], str] | None:
    """How a secret is asked for: unseen, where a person sits at a terminal."""
    return getpass if sys.stdin.isatty() and sys.stderr.isatty() else None
