"""What a runbook may ask of a problem to suggest itself, and what follows from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from estate.document import Document, Problem
from estate.fields import HOST_FIELDS, PROBLEM_FIELDS, Field, problem_fields
from estate.filter import parse

#: A problem as suggestions select it: with the groups of its hosts, and the service it is about.
SUGGESTED_FIELDS: Mapping[str, Field] = {
    **PROBLEM_FIELDS,
    "group": HOST_FIELDS["group"],
    "service": Field("service", "text", "the service that it is about"),
}
#: What may be known of a problem, for inputs.
KNOWN = ("$host", "$site", "$other_site", "$service", "$where")

#: Problems of services.
_OF_SERVICES = ("service", "budget")


@dataclass(frozen=True, slots=True)
class SuggestedRunbook:
    """A runbook that a problem suggests, with the inputs that follow from it; `by` says who does:
    "runbook", or "estate" where its service names it."""

    runbook: str
    title: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    by: str = "runbook"


def selects(when: str, problem: Problem, document: Document, now: int) -> int:
    """How particularly `when` selects `problem`: its terms, 0 where it does not."""
    read = parse(when, SUGGESTED_FIELDS)
    rows = (document.hosts[host] for host in problem.hosts if host in document.hosts)
    fields = {
        **problem_fields(problem, now),
        "group": tuple(dict.fromkeys(group for row in rows for group in row.groups)),
        "service": _service(problem) or None,
    }
    return max(1, len(read.terms)) if read.matches(fields) else 0


def filled(given: Mapping[str, str], problem: Problem, document: Document) -> dict[str, str]:
    """The inputs that follow from `problem`; what is not known of it is left out, to be asked."""
    sites = [site.key for site in document.sites]
    site = problem.site or (problem.where if problem.where in sites else "")
    others = [each for each in sites if each != site]
    known = {
        "$host": problem.hosts[0] if len(problem.hosts) == 1 else "",
        "$site": site,
        "$other_site": others[0] if site and len(others) == 1 else "",
        "$service": _service(problem),
        "$where": problem.where,
    }
    values = {name: known.get(value, value) for name, value in given.items()}
    return {name: value for name, value in values.items() if value}


def _service(problem: Problem) -> str:
    return problem.where if problem.kind in _OF_SERVICES else ""
