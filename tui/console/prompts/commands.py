"""The `:` commands: what they mean, how they complete, and what the palette finds.

Reading a command has no effect: it gives a value that says what the person asked for, or what to
do instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from estate.language import ENGLISH, Words, later
from tui.console.journey.orders import Choose, Filter, Go, Outcome, Say
from tui.console.journey.places import SCREENS
from tui.console.preferences.settings import CHOICES
from tui.console.prompts.prompt import Candidate
from tui.console.requests.console import Leave

#: The commands as help and completion show them.
COMMANDS: tuple[tuple[str, str], ...] = (
    ("home", later("the estate at a glance")),
    ("hosts", later("all hosts; hosts FILTER")),
    ("host", later("one host; host NAME")),
    ("problems", later("what is wrong")),
    ("events", later("what happened")),
    ("services", later("how each service is")),
    ("budget", later("what is left of this month")),
    ("readiness", later("could each service move now, and why not")),
    ("tenants", later("each tenant's month")),
    ("queues", later("what waits, and whether it fills")),
    ("replication", later("standbys, backends, addresses, backups")),
    ("certificates", later("the first to expire first")),
    ("patches", later("what waits to be installed")),
    ("runbooks", later("what can be run")),
    ("runbook", later("the plan of one; runbook NAME")),
    ("runs", later("what is run, and was")),
    ("handover", later("what the last shift leaves: answer and sign it")),
    ("timeline", later("the board of another moment")),
    ("filter", later("filter this list; filter TEXT")),
    ("theme", "auto, dark, light, ansi, mono"),
    ("language", "auto, en, zh-Hant"),
    ("low", later("spare the link: on, off")),
    ("settings", later("what you prefer")),
    ("help", later("keys and commands")),
    ("q", later("leave; the watch goes on")),
)

#: Commands that choose a setting, and which.
_SETTINGS = {"theme": "theme", "language": "language", "low": "low_bandwidth"}


def read(text: str, hosts: Iterable[str], words: Words = ENGLISH) -> Outcome:
    """What `text` asks for, on an estate with these hosts; what is unclear is said in `words`."""
    word, _, rest = text.strip().partition(" ")
    rest = rest.strip()
    match word:
        case "q" | "quit" | "exit":
            order: Outcome = Leave()
        case "hosts":
            order = Go("hosts", filter=rest or None)
        case "host":
            order = _host(rest, hosts, words)
        case "runbook":
            order = Go("plan", rest) if rest else Go("runbooks")
        case "filter":
            order = Filter(rest)
        case _ if word in _SETTINGS:
            order = _choice(_SETTINGS[word], word, rest, words)
        case _ if word in SCREENS:
            order = Go(word)
        case _:
            known = ", ".join(name for name, _ in COMMANDS)
            order = Say(words.say("no command is called {word!r}: {known}", word=word, known=known))
    return order


def completions(text: str, hosts: Sequence[str]) -> list[Candidate]:
    """The ways to go on from `text`."""
    word, gap, rest = text.partition(" ")
    if not gap:
        return [Candidate(name, note) for name, note in COMMANDS if name.startswith(word)]
    if word == "host":
        return [Candidate(f"host {name}") for name in hosts if name.startswith(rest)]
    if word in _SETTINGS:
        choices = CHOICES[_SETTINGS[word]]
        return [Candidate(f"{word} {each}") for each in choices if each.startswith(rest)]
    return []


def findings(text: str, hosts: Sequence[str], most: int = 50) -> list[Candidate]:
    """What the palette offers: everything whose letters hold those of `text`, best first."""
    known = [Candidate(name, note) for name, note in COMMANDS if name not in ("host", "filter")]
    known += [Candidate(f"theme {name}", later("theme")) for name in CHOICES["theme"]]
    known += [Candidate(f"language {name}", later("language")) for name in CHOICES["language"]]
    known += [Candidate(f"host {name}", later("host")) for name in hosts]
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


def _host(name: str, hosts: Iterable[str], words: Words) -> Outcome:
    if not name:
        return Say(words.say("host: which one? host NAME, tab completes it"))
    known = list(hosts)
    if name in known:
        return Go("host", name)
    begins = [each for each in known if each.startswith(name)]
    if len(begins) == 1:
        return Go("host", begins[0])
    if begins:
        said = words.say("{count:,} hosts begin so", count=len(begins))
        return Say(f"host {name}: {said}: {', '.join(begins[:4])} …")
    said = words.say("the estate has no such host; / finds hosts by a part of the name")
    return Say(f"host {name}: {said}")


def _choice(setting: str, word: str, value: str, words: Words) -> Outcome:
    if value in CHOICES[setting]:
        return Choose(setting, value)
    choices = ", ".join(CHOICES[setting])
    return Say(words.say("{word}: choose {choices}", word=word, choices=choices))
