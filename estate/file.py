"""The estate file: its text → an `Estate`, or everything that is wrong with it.

A pure function of the text. Whoever opens the file checks who may have written it.
"""

from __future__ import annotations

from dataclasses import replace

from estate.error import FileRefused
from estate.grammar.whole import ESTATE
from estate.model import Estate
from estate.shapes import Reading, Refused
from estate.strict import Problem, read_tree

__all__ = ["EstateError", "Problem", "read_estate"]


class EstateError(FileRefused):
    """An estate that was refused."""

    kind = "estate"


def read_estate(text: str, source: str) -> Estate:
    """The estate that `text` describes; `source` names it in messages.

    Raises `EstateError` with every problem at once; an estate with a problem is refused whole.
    """
    tree, problems = read_tree(text)
    if not problems and tree.value is None:
        problems = (Problem(1, "the file is empty", "begin with estate: and a name"),)
    reading = Reading(problems=list(problems))
    estate = None
    if tree.value is not None:
        try:
            estate = ESTATE.read(tree, reading)
        except Refused:
            pass  # what is wrong was noted
    problems = reading.finish(estate)
    if estate is None or problems:
        raise EstateError(source, problems)
    return replace(estate, source=source)
