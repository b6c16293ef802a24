"""The runbook file: its text → a `Runbook`, or everything that is wrong with it.

A pure function of the text. Whoever opens the file checks who may have written it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from estate.error import FileRefused
from estate.shapes import Reading, Refused
from estate.strict import Problem, read_tree
from runbooks.reading.lines import Lines
from runbooks.reading.lint import check
from runbooks.reading.whole import RUNBOOK
from runbooks.runbook import Runbook


class RunbookError(FileRefused):
    """A runbook that was refused."""

    kind = "runbook"


def read_runbook(text: str, source: str) -> Runbook:
    """The runbook that `text` describes; `source` names it in messages.

    Raises `RunbookError` with every problem at once; a runbook with a problem is refused whole.
    """
    tree, problems = read_tree(text)
    if not problems and tree.value is None:
        problems = (Problem(1, "the file is empty", "begin with runbook: and a name"),)
    reading = Reading(problems=list(problems))
    for key, entry in tree.value.items() if isinstance(tree.value, Mapping) else ():
        reading.define("key", key, entry.line)
    runbook = None
    if tree.value is not None:
        try:
            runbook = RUNBOOK.read(tree, reading)
        except Refused:
            pass  # what is wrong was noted
    if runbook is not None:
        reading.problems.extend(check(runbook, Lines(reading)))
    problems = reading.finish(runbook)
    if runbook is None or problems:
        raise RunbookError(source, problems)
    return replace(runbook, source=source, text=text)
