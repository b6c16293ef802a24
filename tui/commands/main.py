"""`twinwatch`: by itself the console; with words, what they say.

The bare command is what is typed at 3 am. It does not load the parser of options and verbs, which
takes more than half as long as the whole first paint.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping, Sequence
from itertools import takewhile

from tui.commands.contract import exit_contract

#: A shell that completes a command line asks so, and gives no words (click's convention).
_COMPLETE = "_TWINWATCH_COMPLETE"


def run(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Run the command line; returns the exit status, errors being told already."""
    # Read from the words, for an error may come before the parser has read them.
    as_json = "--json" in takewhile(lambda word: word != "--", arguments)
    # Looking for garbage in what is loaded takes a tenth of a short command, and finds none.
    gc.disable()
    with exit_contract(as_json=as_json) as ending:
        if arguments or _COMPLETE in environ:
            from tui.commands.verbs import obey

            ending.status = obey(arguments)
        else:
            from tui.commands.console import open_console
            from tui.commands.target import Target

            ending.status = open_console(Target())
    return ending.status


def main() -> None:
    """The `twinwatch` command."""
    sys.exit(run(sys.argv[1:]))
