"""The runbooks that an estate names: whether each is there, and can be run.

The estate's own reader can't tell: which runbooks there are depends on the folders of this machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from estate.error import FileRefused
from estate.file import EstateError
from estate.model import Estate
from estate.strict import Entry, Node, Problem, read_tree
from watch.error import WatchError
from watch.runbookfiles import Shelved, places, shelf
from watch.source import Source, estate_of, text_of


def linted(source: Source, environ: Mapping[str, str]) -> Estate:
    """The estate that `source` says, which names no runbook that can't be run from here.

    Raises SourceError when a file or folder can't be read, and EstateError with every problem.
    """
    text = text_of(source)
    unusable = () if source.ssh else unusable_in(text, places(environ, source.path))
    try:
        made = estate_of(text, source)
    except EstateError as error:
        raise EstateError(error.source, tuple(sorted({*error.problems, *unusable}))) from None
    if unusable:
        raise EstateError(str(source.path), unusable)
    return made


def unusable_in(text: str, where: Sequence[Path]) -> tuple[Problem, ...]:
    """What is wrong with the runbooks that an estate's `text` names, in the order of its lines;
    they are looked for in the places `where`, the first place first."""
    named = tuple(named_in(text))
    if not named:
        return ()
    there: dict[str, Shelved] = {}
    for each in shelf(where):  # of one name the first is the one that is run
        there.setdefault(each.name, each)
    found = (_problem(line, name, there, where) for line, name in named)
    return tuple(sorted({each for each in found if each is not None}))


def named_in(text: str) -> Iterator[tuple[int, str]]:
    """The line and the name of each runbook that an estate's `text` names for a service."""
    tree, _ = read_tree(text)
    services = _entries(tree).get("services")
    for service in _entries(services.node).values() if services else ():
        runbooks = _entries(service.node).get("runbooks")
        for use in _entries(runbooks.node).values() if runbooks else ():
            if isinstance(use.node.value, str):  # what else stands there the estate refuses
                yield use.node.line, use.node.value


def _entries(node: Node) -> Mapping[str, Entry]:
    return node.value if isinstance(node.value, Mapping) else {}


def _problem(
    line: int, name: str, there: Mapping[str, Shelved], where: Sequence[Path]
) -> Problem | None:
    shelved = there.get(name)
    if shelved is None:
        near = get_close_matches(name, there, 1)
        todo = f"put it into {_own(where)}, or name another: twinwatch runbook list"
        return Problem(line, f"no runbook {name!r}", f"did you mean {near[0]!r}?" if near else todo)
    if shelved.problem is None:
        return None
    todo = f"twinwatch runbook lint {shelved.path}"
    return Problem(line, f"runbook {name!r} is refused: {_first(shelved.problem)}", todo)


def _own(where: Sequence[Path]) -> Path:
    """Where a runbook of one's own belongs, of the places that there are."""
    return next((each for each in where if each.is_dir()), where[0])


def _first(problem: FileRefused | WatchError) -> str:
    if isinstance(problem, FileRefused):
        first = problem.problems[0]
        return f"{problem.source}:{first.line}: {first.what}"
    return f"{problem.what}: {problem.why}"
