"""The board as plain text: words instead of glyphs, no boxes, no columns to lose.

For `--plain`, screen readers and whatever is no terminal. One fact a line, the worst first; a
line makes sense when it is read alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from estate.document import Event, HostRow, Problem, Severity
from estate.ordering import handled
from tui.paint import numbers
from tui.paint.frame import role_word
from tui.paint.hosts import counted
from tui.paint.matching import event_test, host_test, problem_test
from tui.paint.plainservices import services
from tui.paint.problemtable import entries
from tui.paint.pulse import pulse
from tui.paint.states import (
    Standing,
    State,
    folded,
    natural,
    ordered,
    silenced,
    standing,
    state_since,
    taken_over,
)
from tui.paint.view import View


def plain(view: View) -> str:
    """`view.screen` in words: hosts, problems, services, queues, events; else the board."""
    stand = standing(view)
    if view.screen == "hosts":
        lines = [*_watch(view), "", *_hosts(view, stand, everything=True)]
    elif view.screen == "problems":
        lines = [*_watch(view), "", *_problems(view)]
    elif view.screen in ("services", "budget"):
        lines = [*_watch(view), "", *services(view)]
    elif view.screen == "queues":
        lines = [*_watch(view), "", *_queues(view, everything=True)]
    elif view.screen == "events":
        lines = [*_watch(view), "", *_events(view, len(view.document.events))]
    else:
        lines = _board(view, stand)
    return "\n".join(lines) + "\n"


def _board(view: View, stand: Standing) -> list[str]:
    lines = [*_watch(view), *_sites(view), *_means(view, stand), *_runs(view)]
    lines += ["", *_problems(view)]
    faults = _hosts(view, stand, everything=False)
    if len(faults) > 1:
        lines += ["", *faults]
    if asked := services(view):
        lines += ["", *asked]
    if waiting := _queues(view, everything=False):
        lines += ["", *waiting]
    return [*lines, "", *_events(view, 10)]


def _queues(view: View, *, everything: bool) -> list[str]:
    """Loaded where there are queues."""
    if not view.document.queues and not everything:
        return []
    from tui.paint.plainqueues import queues

    return queues(view, everything=everything)


def _watch(view: View) -> Iterator[str]:
    document, watch, say = view.document, view.document.watch, view.words.say
    timezone = document.timezone
    today = numbers.day(view.now, timezone, view.words)
    now = f"{today} {numbers.clock(view.now, timezone)} {numbers.zone_name(view.now, timezone)}"
    yield f"{document.estate}, {now}"
    if not view.link.attached:
        why = f": {say(view.link.why)}" if view.link.why else ""
        gone = say("The watch is unreachable{why}.", why=why)
        yield f"{gone}{say(' Start it: twinwatch watch. What follows is old.')}"
    yield say("Board of {time} ago.", time=numbers.age(view.now - document.at))
    if watch.records:
        yield say("Records are not kept: {why}.", why=watch.records.removesuffix("."))
    if watch.estate_problem:
        why = watch.estate_problem.removesuffix(".")  # a remedy is a sentence of its own
        yield say("The old estate holds; the new file was refused: {why}.", why=why)
    if watch.restored_until is not None:
        until = numbers.moment(watch.restored_until, view.now, timezone, view.words)
        yield say("Values up to {time} come from the records.", time=until)


def _sites(view: View) -> Iterator[str]:
    say = view.words.say
    for site in view.document.sites:
        role = role_word(site.role, site.key, view.words)
        name = f"{site.key} ({role})" if role else site.key
        hosts = say("{up:,} of {total:,} hosts up", up=site.up, total=site.total)
        state = say(site.severity.value)
        yield say("Site {name}: {hosts}, {state}.", name=name, hosts=hosts, state=state)
    if not view.document.hosts:
        yield say("No hosts in this estate yet.")


def _means(view: View, stand: Standing) -> Iterator[str]:
    now = pulse(view, stand)
    if not now.hosts:
        return
    say, cpu, memory = view.words.say, numbers.percent(now.cpu), numbers.percent(now.memory)
    came, went = numbers.rate(now.net_in), numbers.rate(now.net_out)
    size = numbers.size(now.memory_bytes)
    parts = []
    if now.cpu is not None:
        parts.append(say("cpu {percent}% of {count:,} cores", percent=cpu, count=now.cores))
    if now.memory is not None:
        parts.append(say("memory {percent}% of {size}", percent=memory, size=size))
    if now.net_in is not None:
        parts.append(say("network {came} in, {went} out", came=came, went=went))
    if parts:
        yield say("{count:,} hosts measured: {figures}.", count=now.hosts, figures="; ".join(parts))


def _runs(view: View) -> Iterator[str]:
    """Every run that is open: how it is, what it asks, and its clock."""
    if not view.document.runs:
        return
    from tui.paint.runclock import elapsed
    from tui.paint.runwords import is_open, run_word

    say = view.words.say
    for row in filter(is_open, view.document.runs):
        parts = [
            say(
                "Run {id} of {runbook}: {state}",
                id=row.id,
                runbook=row.runbook,
                state=run_word(row, view.words),
            )
        ]
        parts += [part for part in (row.question or row.step, row.trouble) if part]
        gone = elapsed(row, view.now)
        if gone is not None:
            clock = numbers.duration(gone / 1000)
            if row.target_ms is not None:
                target = numbers.duration(row.target_ms / 1000)
                clock = say("{gone} of {target}", gone=clock, target=target)
            parts.append(clock)
        yield "; ".join(parts)


# ── lists ───────────────────────────────────────────────────────────────────────────────────────


def _problems(view: View) -> list[str]:
    say, causes = view.words.say, ordered(view.document.problems)
    if not causes:
        return [say("Problems: none.")]
    matches = problem_test(view)
    lines = [say("Problems: {count:,}", count=len(causes))]
    for entry in entries(view):
        if entry.tree and entry.folded:
            hosts = {host for each in entry.folded for host in each.hosts}
            names = folded(tuple(sorted(hosts, key=natural)))
            many = view.words.say_many("{count:,} host", "{count:,} hosts", len(entry.folded))
            if not entry.alike:
                many = say("{count:,} more", count=len(entry.folded))
            lines.append("  " + say("follows: {what}", what=f"{many}: {names}"))
        elif entry.tree:
            what = f"{entry.problem.where} {entry.problem.what}"
            lines.append("  " + say("follows: {what}", what=what))
        elif matches(entry.problem):
            lines.append(_problem(view, entry.problem))
    return lines


def _problem(view: View, problem: Problem) -> str:
    say = view.words.say
    since = numbers.moment(problem.since, view.now, view.document.timezone, view.words)
    lasted = numbers.duration((view.now - problem.since) / 1000)
    word = "acknowledged" if handled(problem) and problem.owner else problem.severity.value
    word = "silenced" if silenced(problem) else word
    parts = [f"{say(word)}: {problem.where}: {problem.what}"]
    parts += [problem.why] if problem.why else []
    parts.append(say("since {time} ({lasted})", time=since, lasted=lasted))
    parts.append(say("owner {name}", name=problem.owner or say("nobody")))
    parts += [taken_over(problem, view.words)] if problem.handover else []
    if problem.returned is not None:
        back = numbers.moment(problem.returned, view.now, view.document.timezone, view.words)
        gone = say("returned {time}: nobody has it any more", time=back)
        if problem.owner:
            gone = say("returned {time}: nobody has acknowledged it since", time=back)
        parts.append(gone)
    if problem.until is not None:
        until = numbers.moment(problem.until, view.now, view.document.timezone, view.words)
        parts.append(say("until {time}", time=until))
    parts += [problem.reason] if problem.reason else []
    return "; ".join(parts)


def _hosts(view: View, stand: Standing, *, everything: bool) -> list[str]:
    matches = host_test(view)
    wanted = [
        row
        for row in view.document.hosts.values()
        if matches(row) and (everything or stand.faulty(row.name))
    ]
    wanted.sort(key=lambda row: (stand.states[row.name].rank, natural(row.name)))
    say = view.words.say
    title = say("Hosts") if everything else say("Hosts in trouble")
    if not wanted:
        return [say("{title}: none.", title=title)]
    lines = [f"{title}: {counted(tuple(row.name for row in wanted), stand, view.words)}"]
    return [*lines, *(_host(view, row, stand.states[row.name]) for row in wanted)]


def _host(view: View, row: HostRow, state: State) -> str:
    say, age = view.words.say, numbers.age(state_since(row, state, view.now))
    bad = state.word == "live" and row.severity is not Severity.OK
    severity = f"{say(row.severity.value)}, " if bad else ""
    parts = [f"{row.name}: {severity}{say(state.word)} {age}", row.site]
    if state.believed != "none":
        old = f", {say('old values')}" if state.believed == "stale" else ""
        shares = (f"{say(word)} {numbers.percent(row.values.get(word))}%" for word in _SHARES)
        parts.append(", ".join(shares) + old)
    why = row.why or (row.cause.what if row.cause is not None else row.note)
    if row.behind and row.behind not in why:
        parts.append(say("behind {host}", host=row.behind))
    parts += [why] if why else []
    return "; ".join(parts)


_SHARES = ("cpu", "mem", "disk")


def _events(view: View, most: int) -> list[str]:
    matches, say = event_test(view), view.words.say
    shown = [event for event in view.document.events if matches(event)][:most]
    if not shown:
        return [say("Events: none.")]
    return [say("Events, newest first:"), *(_event(view, event) for event in shown)]


def _event(view: View, event: Event) -> str:
    when = numbers.moment(event.at, view.now, view.document.timezone, view.words)
    return f"{when}; {view.words.say(event.severity.value)}; {event.where}: {event.what}"
