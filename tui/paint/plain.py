"""The board as plain text: words instead of glyphs, no boxes, no columns to lose.

For `--plain`, screen readers and whatever is no terminal. One fact a line, the worst first; a
line makes sense when it is read alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from estate.document import Event, HostRow, Problem, Severity
from tui.paint import numbers
from tui.paint.frame import role_word
from tui.paint.hosts import counted
from tui.paint.matching import event_test, host_test, problem_test
from tui.paint.problemtable import entries
from tui.paint.pulse import pulse
from tui.paint.states import (
    Standing,
    State,
    folded,
    handled,
    natural,
    ordered,
    standing,
    state_since,
)
from tui.paint.view import View


def plain(view: View) -> str:
    """`view.screen` in words: "hosts", "problems" and "events" are those lists, else the board."""
    stand = standing(view)
    if view.screen == "hosts":
        lines = [*_watch(view), "", *_hosts(view, stand, everything=True)]
    elif view.screen == "problems":
        lines = [*_watch(view), "", *_problems(view)]
    elif view.screen == "events":
        lines = [*_watch(view), "", *_events(view, len(view.document.events))]
    else:
        lines = _board(view, stand)
    return "\n".join(lines) + "\n"


def _board(view: View, stand: Standing) -> list[str]:
    lines = [*_watch(view), *_sites(view), *_means(view, stand), "", *_problems(view)]
    faults = _hosts(view, stand, everything=False)
    if len(faults) > 1:
        lines += ["", *faults]
    return [*lines, "", *_events(view, 10)]


def _watch(view: View) -> Iterator[str]:
    document = view.document
    now = f"{numbers.day(view.now, document.timezone)} {numbers.clock(view.now, document.timezone)}"
    yield f"{document.estate}, {now} {numbers.zone_name(view.now, document.timezone)}"
    if not view.link.attached:
        why = f": {view.link.why}" if view.link.why else ""
        yield f"The watch is unreachable{why}. Start it: twinwatch watch. What follows is old."
    yield f"Board of {numbers.age(view.now - document.at)} ago."
    if document.watch.records:
        yield f"Records are not kept: {document.watch.records}."
    if document.watch.estate_problem:
        yield f"The old estate holds; the new file was refused: {document.watch.estate_problem}."
    if document.watch.restored_until is not None:
        until = numbers.moment(document.watch.restored_until, view.now, document.timezone)
        yield f"Values up to {until} come from the records."


def _sites(view: View) -> Iterator[str]:
    for site in view.document.sites:
        role = role_word(site.role, site.key)
        words = f"{site.key} ({role})" if role else site.key
        yield f"Site {words}: {site.up:,} of {site.total:,} hosts up, {site.severity.value}."
    if not view.document.hosts:
        yield "No hosts in this estate yet."


def _means(view: View, stand: Standing) -> Iterator[str]:
    now = pulse(view, stand)
    if not now.hosts:
        return
    parts = [f"cpu {numbers.percent(now.cpu)}% of {now.cores:,} cores"]
    parts.append(f"memory {numbers.percent(now.memory)}% of {numbers.size(now.memory_bytes)}")
    parts.append(f"network {numbers.rate(now.net_in)} in, {numbers.rate(now.net_out)} out")
    yield f"{now.hosts:,} hosts measured: {'; '.join(parts)}."


# ── lists ───────────────────────────────────────────────────────────────────────────────────────


def _problems(view: View) -> list[str]:
    causes = ordered(view.document.problems)
    if not causes:
        return ["Problems: none."]
    matches = problem_test(view)
    lines = [f"Problems: {len(causes):,}"]
    for entry in entries(view):
        if entry.tree and entry.folded:
            hosts = {host for each in entry.folded for host in each.hosts}
            names = folded(tuple(sorted(hosts, key=natural)))
            many = f"{len(entry.folded):,} hosts" if entry.alike else f"{len(entry.folded):,} more"
            lines.append(f"  follows: {many}: {names}")
        elif entry.tree:
            lines.append(f"  follows: {entry.problem.where} {entry.problem.what}")
        elif matches(entry.problem):
            lines.append(_problem(view, entry.problem))
    return lines


def _problem(view: View, problem: Problem) -> str:
    since = numbers.moment(problem.since, view.now, view.document.timezone)
    lasted = numbers.duration((view.now - problem.since) / 1000)
    word = "acknowledged" if handled(problem) and problem.owner else problem.severity.value
    parts = [f"{word}: {problem.where}: {problem.what}"]
    parts += [problem.why] if problem.why else []
    parts.append(f"since {since} ({lasted})")
    parts.append(f"owner {problem.owner or 'nobody'}")
    return "; ".join(parts)


def _hosts(view: View, stand: Standing, *, everything: bool) -> list[str]:
    matches = host_test(view)
    wanted = [
        row
        for row in view.document.hosts.values()
        if matches(row) and (everything or stand.faulty(row.name))
    ]
    wanted.sort(key=lambda row: (stand.states[row.name].rank, natural(row.name)))
    title = "Hosts" if everything else "Hosts in trouble"
    if not wanted:
        return [f"{title}: none."]
    lines = [f"{title}: {counted(tuple(row.name for row in wanted), stand)}"]
    return [*lines, *(_host(view, row, stand.states[row.name]) for row in wanted)]


def _host(view: View, row: HostRow, state: State) -> str:
    age = numbers.age(state_since(row, state, view.now))
    bad = state.word == "live" and row.severity is not Severity.OK
    words = [f"{row.name}: {row.severity.value + ', ' if bad else ''}{state.word} {age}", row.site]
    if state.believed != "none":
        old = ", old values" if state.believed == "stale" else ""
        shares = (f"{word} {numbers.percent(row.values.get(word))}%" for word in _SHARES)
        words.append(", ".join(shares) + old)
    why = row.why or (row.cause.what if row.cause is not None else row.note)
    if row.behind and row.behind not in why:
        words.append(f"behind {row.behind}")
    words += [why] if why else []
    return "; ".join(words)


_SHARES = ("cpu", "mem", "disk")


def _events(view: View, most: int) -> list[str]:
    matches = event_test(view)
    shown = [event for event in view.document.events if matches(event)][:most]
    if not shown:
        return ["Events: none."]
    return ["Events, newest first:", *(_event(view, event) for event in shown)]


def _event(view: View, event: Event) -> str:
    when = numbers.moment(event.at, view.now, view.document.timezone)
    return f"{when}; {event.severity.value}; {event.where}: {event.what}"
