"""Every key of the console: what it is called, what it does, and how a person rebinds it.

A key is named as a terminal sends it: a printable character is itself (":", "G", "?"), others are
words ("enter", "escape", "ctrl+d", "pageup"). Only keys that do something now are in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from estate.language import later
from tui.console.preferences.written import Complaint, Entry, read_mapping


@dataclass(frozen=True, slots=True)
class Binding:
    """One thing that keys can do. `screens` is empty where it works on all of them.

    `footer` is its word in the last row ("" keeps it out of there); `words` is its line in help;
    both in English: they are the catalogue's keys.
    """

    id: str
    keys: tuple[str, ...]
    section: str
    words: str
    footer: str = ""
    screens: tuple[str, ...] = ()

    def works_on(self, screen: str) -> bool:
        """Whether it does anything on this screen."""
        return not self.screens or screen in self.screens


_LISTS = ("home", "hosts", "problems", "events")
_TROUBLE = ("home", "problems")
_HOSTS = ("hosts",)
_HOST = ("host",)
_RUN, _PLAN = ("run",), ("plan",)
_RUNS = ("runbooks", "plan", "runs", "run")
_STANDING = ("replication", "certificates", "patches")
_LEDGER = ("services", "budget", "readiness", "tenants", *_STANDING)
_READY = ("readiness",)
_HANDED = ("handover",)
_QUEUES = ("queues",)
_CHARTS = ("host", "queues")
#: Screens that are made of the board: from each of them to each other.
_BOARD = (*_LISTS, *_LEDGER, *_QUEUES, "host")
_BUT_RUN = (*_BOARD, *_HANDED, "runbooks", "plan", "runs", "help", "settings")
#: Wherever the run that asks is shown: but for the handover, whose d is another.
_DECIDE = (*_BOARD, *_RUNS, *_HANDED, "timeline", "help", "settings")
_TIME = (*_BOARD, "runs", "run", "timeline")
#: What help calls the parts of the table.
SECTIONS = (
    *(later("go"), later("move"), later("find"), later("mark"), later("show")),
    *(later("run"), later("do")),
)

BINDINGS: tuple[Binding, ...] = (
    Binding("runs.decide", ("d",), "run", "go to the run that asks", "decide", _DECIDE),
    Binding("answer.1", ("1",), "run", "the first answer to what is asked", "answer", _RUN),
    *(
        Binding(f"answer.{n}", (str(n),), "run", "another answer, by its number", "", _RUN)
        for n in range(2, 8)
    ),
    Binding("plan.start", ("enter",), "run", "start it: asks for what is missing", "start", _PLAN),
    Binding("plan.drill", ("D",), "run", "the plan of a drill, or for real", "drill", _PLAN),
    Binding("plan.inputs", ("i",), "run", "what it asks for, again", "inputs", _PLAN),
    Binding("plan.unfold", ("tab",), "run", "the text of a step", "text", _PLAN),
    Binding("plan.again", ("R",), "run", "plan it again now", "again", _PLAN),
    Binding("run.host", ("tab",), "run", "the output of the step's next host", "next host", _RUN),
    Binding(
        "run.output", ("l",), "run", "the output alone, the record, everything", "output", _RUN
    ),
    Binding("run.waive", ("w",), "run", "pass over what is asked about", "waive", _RUN),
    Binding("run.pause", ("p",), "run", "start nothing new, or go on", "pause", _RUN),
    Binding("run.abort", ("A",), "run", "abort the run", "abort", _RUN),
    Binding("handover.accept", ("a",), "do", "accept the item here", "accept", _HANDED),
    Binding(
        "handover.accept_all",
        ("A",),
        "do",
        "accept all that nobody questioned or refused",
        "all",
        _HANDED,
    ),
    Binding("handover.question", ("c",), "do", "question the item here", "question", _HANDED),
    Binding("handover.refuse", ("X",), "do", "refuse the item here", "refuse", _HANDED),
    Binding("handover.reply", ("r",), "do", "reply to what was asked of it", "reply", _HANDED),
    Binding("handover.sign", ("s",), "do", "sign: all of it is yours then", "sign", _HANDED),
    Binding(
        "open",
        ("enter",),
        "go",
        "open what the cursor is on",
        "open",
        (*_LISTS, "settings", "runbooks", "runs", "readiness", "handover", "timeline"),
    ),
    Binding("queue.hosts", ("enter",), "go", "the hosts that hold the queue", "by host", _QUEUES),
    Binding("up", ("escape",), "go", "close what is open, else one level up"),
    Binding("back", ("q",), "go", "back to the view before"),
    Binding("last", ("-",), "go", "the last view, and here again"),
    Binding(
        "history.back",
        ("[",),
        "go",
        "back in history",
        "",
        (*_LISTS, *_LEDGER, *_QUEUES, *_RUNS, *_HANDED, "help", "settings"),
    ),
    Binding(
        "history.forward",
        ("]",),
        "go",
        "forward again",
        "",
        (*_LISTS, *_LEDGER, *_QUEUES, *_RUNS, *_HANDED, "help", "settings"),
    ),
    Binding("host.previous", ("[",), "go", "the previous host", "", _HOST),
    Binding("host.next", ("]",), "go", "the next host", "next host", _HOST),
    Binding("command", (":",), "go", "a command: hosts, host NAME, problems, q …", "command"),
    Binding("palette", ("ctrl+p",), "go", "find a screen, a host or a command"),
    Binding("help", ("?",), "go", "this page", "help"),
    Binding("cursor.down", ("j", "down"), "move", "a row down"),
    Binding("cursor.up", ("k", "up"), "move", "a row up"),
    Binding("cursor.top", ("g", "home"), "move", "to the top"),
    Binding("cursor.bottom", ("G", "end"), "move", "to the bottom"),
    Binding("cursor.half_down", ("ctrl+d",), "move", "half a page down"),
    Binding("cursor.half_up", ("ctrl+u",), "move", "half a page up"),
    Binding("cursor.page_down", ("pagedown",), "move", "a page down"),
    Binding("cursor.page_up", ("pageup",), "move", "a page up"),
    Binding(
        "filter", ("/",), "find", "filter: site:dc2 cpu>80 state!=ok", "filter", (*_LISTS, *_QUEUES)
    ),
    Binding("filter.next", ("n",), "find", "the next match", "", (*_LISTS, *_QUEUES)),
    Binding("filter.previous", ("N",), "find", "the match before", "", (*_LISTS, *_QUEUES)),
    Binding("list.faults", ("!",), "find", "only what is not well", "faults", (*_LISTS, *_QUEUES)),
    Binding("list.sort", ("o",), "find", "sort by the next column", "sort", _HOSTS),
    Binding("list.reverse", ("O",), "find", "sort the other way round", "", _HOSTS),
    Binding("list.fold", ("tab",), "find", "fold or unfold consequences", "", _LISTS),
    Binding("marks.toggle", ("space",), "mark", "mark the row", "mark", _HOSTS),
    Binding("marks.between", ("V",), "mark", "mark from the last mark to here", "", _HOSTS),
    Binding("marks.all", ("*",), "mark", "mark all that are listed", "", _HOSTS),
    Binding("marks.none", ("u",), "mark", "take all marks away", "", _HOSTS),
    *(
        Binding(f"preset.{n}", (str(n),), "find", "a saved filter, by its number", "", _HOSTS)
        for n in range(1, 10)
    ),
    Binding("span.hour", ("1",), "show", "charts over 1 hour", "", _CHARTS),
    Binding("span.day", ("2",), "show", "charts over 24 hours", "", _CHARTS),
    Binding("span.week", ("3",), "show", "charts over 7 days", "", _CHARTS),
    Binding("list.zoom", ("z",), "show", "the list alone, or everything", "", _LISTS),
    Binding("pause", ("p",), "show", "hold the board still, or let it go on", "", _BUT_RUN),
    Binding("time", ("t",), "show", "the timeline: the board of another moment", "", _TIME),
    Binding("time.older", (",",), "show", "the board of the moment before", "older", _TIME),
    Binding("time.newer", (".",), "show", "the board of the moment after", "newer", _TIME),
    Binding("time.live", ("L",), "show", "back to now", "now"),
    Binding("redraw", ("ctrl+l",), "show", "draw the screen again"),
    Binding("refresh", ("R",), "do", "ask the host here now", "refresh", (*_LISTS, "host")),
    Binding(
        "runbooks",
        ("r",),
        "go",
        "the runbook for this problem, or all there are",
        "runbooks",
        (*_LISTS, "host", "runs"),
    ),
    Binding("budget", ("b",), "go", "what is left of this month", "", _BOARD),
    Binding("services", ("S",), "go", "how each service is", "", _BOARD),
    Binding("readiness", ("f",), "go", "failover: could each service move now", "", _BOARD),
    Binding(
        "readiness.ask", ("R",), "do", "ask the hosts of the service again", "ask again", _READY
    ),
    Binding("queues", ("Q",), "go", "what waits, and whether it fills", "", _BOARD),
    Binding("handover", ("H",), "go", "what the last shift leaves", "", _BOARD),
    Binding("certificates", ("C",), "go", "certificates, the first to expire first", "", _BOARD),
    Binding("patches", ("P",), "go", "what waits to be installed", "", _BOARD),
    Binding("ack", ("a",), "do", "have the problem here: why, and for how long", "ack", _TROUBLE),
    Binding("silence", ("s",), "do", "silence problems: which, why, how long", "", _TROUBLE),
    Binding("arm", ("W",), "do", "arm writes for 10 minutes, or take that back", "arm", _RUNS),
    Binding("copy", ("y",), "do", "copy the row, or the marked names, to the terminal's clipboard"),
    Binding("export", ("e",), "do", "write this screen to a file (SVG and text)"),
    Binding("leave", ("ctrl+c",), "do", "leave; the watch goes on"),
    Binding("suspend", ("ctrl+z",), "do", "suspend to the shell; fg comes back"),
)

_NAMES = {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn"}


def shown(key: str) -> str:
    """A key as help and the footer write it."""
    return _NAMES.get(key, key.replace("ctrl+", "ctrl-"))


def named(shown_key: str) -> str:
    """The key that `shown` wrote so."""
    names = {short: name for name, short in _NAMES.items()}
    return names.get(shown_key, shown_key.replace("ctrl-", "ctrl+"))


class Keymap:
    """The live bindings: what a key does on a screen, and what the footer and help say of them."""

    def __init__(self, bindings: Iterable[Binding] = BINDINGS) -> None:
        self.bindings = tuple(bindings)

    def of(self, key: str, screen: str) -> str:
        """The id of what `key` does on `screen`, or "". What is bound to few screens wins."""
        found = [b for b in self.bindings if key in b.keys and b.works_on(screen)]
        return min(found, key=lambda b: not b.screens).id if found else ""

    def footer(
        self, screen: str, *, without: frozenset[str] = frozenset()
    ) -> tuple[tuple[str, str], ...]:
        """(key, word) pairs for the last row, most useful first; none of the ids in `without`."""
        return tuple(
            (shown(b.keys[0]), b.footer)
            for b in self.bindings
            if b.footer and b.keys and b.works_on(screen) and b.id not in without
        )

    def key(self, binding: str) -> str:
        """The first key of a binding, as it is shown; "" where it has none."""
        return next((shown(b.keys[0]) for b in self.bindings if b.id == binding and b.keys), "")

    def help(self) -> tuple[tuple[str, str, str, str], ...]:
        """(section, keys, words, id) of every binding that has a key, section by section."""
        return tuple(
            (b.section, " ".join(shown(key) for key in b.keys), b.words, b.id)
            for b in sorted(self.bindings, key=lambda b: SECTIONS.index(b.section))
            if b.keys
        )


def rebound(
    wishes: Mapping[str, tuple[str, ...]], bindings: Iterable[Binding] = BINDINGS
) -> tuple[Binding, ...]:
    """The bindings with other keys for the ids in `wishes`; an empty tuple takes the key away."""
    return tuple(replace(b, keys=wishes[b.id]) if b.id in wishes else b for b in bindings)


def read_keys(path: Path) -> tuple[Keymap, tuple[Complaint, ...]]:
    """The keymap with the wishes in the file at `path` (`id: key` or `id: [key, key]`).

    Nothing in the file is fatal: what cannot be used is left at its default, and complained of.
    """
    entries, complaints = read_mapping(path)
    wishes: dict[str, tuple[str, ...]] = {}
    lines: dict[str, int] = {}
    known = {binding.id for binding in BINDINGS}
    for name, entry in entries.items():
        keys = _keys(entry)
        if name not in known:
            complaints.append(
                Complaint(path, entry.line, f"no binding is called {name!r}", "ids are in help (?)")
            )
        elif keys is None:
            complaints.append(
                Complaint(
                    path, entry.line, f"{name}: not a key or a list of keys", "write 'ctrl+r'"
                )
            )
        else:
            wishes[name], lines[name] = keys, entry.line
    bindings = rebound(wishes)
    for first, second, key in clashes(bindings):
        # The one that the person asked for last is at fault, and falls back to its default.
        at_fault = max((first, second), key=lambda b: lines.get(b.id, 0))
        if at_fault.id not in lines:
            continue
        other = second if at_fault is first else first
        complaints.append(
            Complaint(
                path,
                lines[at_fault.id],
                f"{key!r} is both {at_fault.id} and {other.id}",
                f"{at_fault.id} keeps its default; bind {other.id} to another key",
            )
        )
        wishes.pop(at_fault.id, None)
    return Keymap(rebound(wishes)), tuple(complaints)


def clashes(bindings: Iterable[Binding]) -> list[tuple[Binding, Binding, str]]:
    """Pairs of bindings that want the same key on the same screen, and the key."""
    found = []
    seen = list(bindings)
    for position, first in enumerate(seen):
        for second in seen[position + 1 :]:
            for key in first.keys:
                if key in second.keys and _meet(first, second):
                    found.append((first, second, key))
    return found


def _meet(first: Binding, second: Binding) -> bool:
    if not first.screens or not second.screens:
        return True
    return bool(set(first.screens) & set(second.screens))


def _keys(entry: Entry) -> tuple[str, ...] | None:
    value = entry.value
    if value is None:
        return ()
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return (str(value),)
    if isinstance(value, tuple) and all(isinstance(each, (str, int)) for each in value):
        return tuple(str(each) for each in value)
    return None
