"""`doctor`: every problem of the set-up, each with its remedy.

Nothing is changed and no host is asked. The findings are values; whoever shows them counts the
failures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from estate.document import HostRow
from watch.doctor.finding import Finding, Verdict
from watch.error import SourceError
from watch.process import Place
from watch.source import Source

__all__ = ["Finding", "Verdict", "examine", "examine_without_estate"]


def examine(
    source: Source, place: Place, environ: Mapping[str, str], rows: Iterable[HostRow] = ()
) -> tuple[Finding, ...]:
    """Look at everything a watch over `source` at `place` needs; `rows` are the board's, if any."""
    from watch.doctor import files, machine, notify, said, ssh

    estate, about_estate = files.estate(source)
    findings: list[Finding] = [
        *_of_machine(environ),
        *about_estate,
        *files.records(place),
        *said.handovers(place),
        *said.runs(place),
        *files.socket(place),
        *notify.rules(environ),
        *notify.targets(place),
    ]
    if estate is not None and not place.shared:  # the system's has keys and runbooks of its own
        findings += files.runbooks(source, environ)
        routes, about_routes = ssh.routes(estate)
        hops = [hop for route in routes for hop in route.hops]
        findings += machine.descriptors(len(routes))
        findings += about_routes
        findings += ssh.agents(hops)
        findings += ssh.keys(hops)
        findings += ssh.known_hosts(hops)
    rows = tuple(rows)
    findings += ssh.untrusted(rows)
    findings += ssh.notes(rows)
    return tuple(findings)


def examine_without_estate(missing: SourceError, environ: Mapping[str, str]) -> tuple[Finding, ...]:
    """Look at what any watch needs; that there is no estate, and why, is one of the findings."""
    from watch.doctor import files, ssh

    hops, about_config = ssh.any_host()
    return (
        *_of_machine(environ),
        files.no_estate(missing),
        *about_config,
        *ssh.agents(hops),
        *ssh.keys(hops),
    )


def _of_machine(environ: Mapping[str, str]) -> tuple[Finding, ...]:
    from watch.doctor import machine

    return (
        *machine.python(),
        *machine.sqlite(),
        *machine.user(),
        *machine.text(environ),
        *machine.runtime(environ),
        *machine.clock(),
    )
