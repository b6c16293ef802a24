"""Which runbook is for a problem: what runbooks say of themselves, and the estate of services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from estate.document import Document, Problem
from estate.model import Estate
from estate.suggestions import SuggestedRunbook, filled, selects
from runbooks.runbook import Runbook
from watch.error import WatchError
from watch.runbookfiles import Shelved


class _Found(NamedTuple):
    rank: tuple[int, int]  # the least is the most particular
    suggested: SuggestedRunbook


def suggested(
    name: str, document: Document, estate: Estate, shelved: Sequence[Shelved], now: int
) -> tuple[SuggestedRunbook, ...]:
    """Runbooks for the problem of id `name`, the most particular first, each once.

    What follows from it suggests too, after it: a site that is lost is left by way of the services
    that are down because of it. Raises WatchError where there is no such problem.
    """
    every = {each.id: each for each in document.problems}
    problem = every.get(name)
    if problem is None:
        why, do = "the board has none of that id", "twinwatch problems --json has ids"
        raise WatchError("no such problem", name, why, do, status=404)
    usable = {each.name: each.runbook for each in shelved if each.runbook and not each.hidden_by}
    below = [each for each in document.problems if each.parent == name]
    found: list[_Found] = []
    for distance, each in enumerate([problem, *below]):
        found += _of_estate(each, estate, usable, min(distance, 1))
        found += _of_runbooks(each, document, usable.values(), min(distance, 1), now)
    first: dict[str, SuggestedRunbook] = {}
    for each_found in sorted(found, key=lambda each: each.rank):
        first.setdefault(each_found.suggested.runbook, each_found.suggested)
    return tuple(first.values())


def _of_estate(
    problem: Problem, estate: Estate, usable: dict[str, Runbook], distance: int
) -> Iterator[_Found]:
    """What the estate names for a service that fails."""
    service = estate.services.get(problem.where) if problem.kind == "service" else None
    name = service.runbooks.get("fails", "") if service is not None else ""
    runbook = usable.get(name)
    if service is None or runbook is None:
        return
    given = {key: value for key, value in service.runbook_inputs.items() if key in runbook.ask}
    yield _Found((distance, -100), SuggestedRunbook(name, runbook.title, given, "estate"))


def _of_runbooks(
    problem: Problem,
    document: Document,
    runbooks: Iterable[Runbook],
    distance: int,
    now: int,
) -> Iterator[_Found]:
    for runbook in runbooks:
        for each in runbook.suggest:
            if terms := selects(each.when, problem, document, now):
                given = filled(each.given, problem, document)
                made = SuggestedRunbook(runbook.name, runbook.title, given)
                yield _Found((distance, -terms), made)
