"""The `:` commands: what they mean, how they complete, and what the palette finds.

Reading a command has no effect: it gives a value that says what the person asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui.console.places import SCREENS
from tui.console.prompt import Candidate
from tui.console.settings import CHOICES


@dataclass(frozen=True, slots=True)
class Go:
    """Show a screen. `filter` of None leaves the filter there as it is."""

    screen: str
    subject: str = ""
    filter: str | None = None


@dataclass(frozen=True, slots=True)
class Set:
    """Choose a setting."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Filter the list that is shown."""

    text: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Close this console."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Not a command, and what to do instead, in one line."""

    why: str


Order = Go | Set | Filter | Leave | Unclear

#: The commands as help and completion show them.
COMMANDS: tuple[tuple[str, str], ...] = (
    ("home", "the estate at a glance"),
    ("hosts", "all hosts; hosts FILTER"),
    ("host", "one host; host NAME"),
    ("problems", "what is wrong"),
    ("events", "what happened"),
    ("filter", "filter this list; filter TEXT"),
    ("theme", "auto, dark, light, ansi, mono"),
    ("low", "spare the link: on, off"),
    ("settings", "what you prefer"),
    ("help", "keys and commands"),
    ("q", "leave; the watch goes on"),
)


def read(text: str, hosts: Iterable[str]) -> Order:
    """What `text` asks for, on an estate with these hosts."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    match word:
        case "q" | "quit" | "exit":
            order: Order = Leave()
        case "hosts":
            order = Go("hosts", filter=rest or None)
        case "host":
            order = _host(rest, hosts)
        case "filter":
            order = Filter(rest)
        case "theme":
            order = _choice("theme", word, rest)
        case "low":
            order = _choice("low_bandwidth", word, rest)
        case _ if word in SCREENS:
            order = Go(word)
        case _:
            known = ", ".join(name for name, _ in COMMANDS)
            order = Unclear(f"no command is called {word!r}: {known}")
    return order


def completions(text: str, hosts: Sequence[str]) -> list[Candidate]:
    """The ways to go on from `text`."""
    word, gap, rest = text.partition(" ")
    if not gap:
        return [Candidate(name, note) for name, note in COMMANDS if name.startswith(word)]
    if word == "host":
        return [Candidate(f"host {name}") for name in hosts if name.startswith(rest)]
    if word == "theme":
        return [Candidate(f"theme {name}") for name in CHOICES["theme"] if name.startswith(rest)]
    if word == "low":
        return [Candidate(f"low {each}") for each in ("on", "off") if each.startswith(rest)]
    return []


def findings(text: str, hosts: Sequence[str], most: int = 50) -> list[Candidate]:
    """What the palette offers: everything whose letters hold those of `text`, best first."""
    known = [Candidate(name, note) for name, note in COMMANDS if name not in ("host", "filter")]
    known += [Candidate(f"theme {name}", "theme") for name in CHOICES["theme"]]
    known += [Candidate(f"host {name}", "host") for name in hosts]
    if not text.strip():
        return known[:most]
    scored = [(score, each) for each in known if (score := closeness(text, each.text)) is not None]
    scored.sort(key=lambda pair: (pair[0], len(pair[1].text), pair[1].text))
    return [each for _, each in scored[:most]]


def closeness(letters: str, text: str) -> int | None:
    """How far apart the letters lie in the text, 0 for side by side; None if they are not there.

    A match that starts a word counts as closer than one inside.
    """
    wanted, there = letters.lower().replace(" ", ""), text.lower()
    best: int | None = None
    for start in range(len(there)):
        if not wanted or there[start] != wanted[0]:
            continue
        end = _end(wanted, there, start)
        if end is None:
            break
        inside = 1 if start and there[start - 1].isalnum() else 0
        distance = (end - start - len(wanted)) * 2 + inside
        best = distance if best is None else min(best, distance)
    return best


def _end(wanted: str, there: str, start: int) -> int | None:
    position = start
    for letter in wanted:
        found = there.find(letter, position)
        if found < 0:
            return None
        position = found + 1
    return position


def _host(name: str, hosts: Iterable[str]) -> Order:
    if not name:
        return Unclear("host: which one? host NAME, tab completes it")
    known = list(hosts)
    if name in known:
        return Go("host", name)
    begins = [each for each in known if each.startswith(name)]
    if len(begins) == 1:
        return Go("host", begins[0])
    if begins:
        return Unclear(f"host {name}: {len(begins)} hosts begin so: {', '.join(begins[:4])} …")
    return Unclear(f"host {name}: the estate has no such host; / finds hosts by a part of the name")


def _choice(setting: str, word: str, value: str) -> Order:
    if value in CHOICES[setting]:
        return Set(setting, value)
    return Unclear(f"{word}: choose {', '.join(CHOICES[setting])}")
