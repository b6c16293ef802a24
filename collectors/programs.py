"""The programs that run on hosts: shell and awk files that ship beside the code that reads them."""

from __future__ import annotations

import shlex
from functools import cache
from importlib import resources

#: Puts the lines of a program, its arguments, together again with what is third in IFS, which is
#: a line end, and runs it. IFS is as the shell made it: none takes it from its environment.
_TOGETHER = 's=$IFS; IFS=${IFS#??}; set -- "$*"; IFS=$s; eval "$1"'


@cache
def program(path: str) -> str:
    """The text of a program below collectors/, its comment lines and indentation left at home."""
    text = resources.files("collectors").joinpath(path).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("#")) + "\n"


def read_all() -> None:
    """Read every program there is, once for the life of this process: see `watch.loading`."""
    home = resources.files("collectors")
    for folder in ("", "probes/"):
        for each in home.joinpath(folder).iterdir():
            if each.name.endswith((".sh", ".awk")):
                program(f"{folder}{each.name}")


def script(path: str, *arguments: str) -> str:
    """The text of a program, with `arguments` as its $1 and on."""
    return f"set -- {shlex.join(arguments)}\n{program(path)}"


def exec_text(script: str, *arguments: str) -> str:
    """Text for one SSH exec that has /bin/sh run `script`, with `arguments` as its $1 and on.

    Each login shell reads it its own way before sh does. sh, bash, dash, zsh, ksh, busybox, fish,
    csh and tcsh agree on words in single quotes: without a line end (csh knows none in a word), a
    pair of backslashes or one before a quote (fish halves them), and a ! that more than a blank, =
    or ( follows (csh's history). So each line of the script is a word, of a few hundred bytes, and
    what is forbidden the scripts do without: test_programs.py sees to it.
    """
    lines = f"set -- {shlex.join(arguments)}\n{script}".split("\n")
    words = (f"{line} " if line.endswith("!") else line for line in lines if line)
    return "exec /bin/sh -c " + shlex.join((_TOGETHER, "twinwatch", *words))
