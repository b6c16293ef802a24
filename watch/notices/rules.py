"""Whom to tell of what: the file of targets and rules, as values.

    targets:
      on-call: {url: "tgram://TOKEN/CHAT"}
      mail: {url: ["mailtos://USER:PASSWORD@mx.example.org?to=ops@example.org"]}
    rules:
      - {to: on-call, severity: critical, hold: 60s, remind: 30m}
      - {to: mail, severity: warning, where: "site:central"}
    handovers: mail

A target's addresses are Apprise's, and secrets: they are never shown, not even where one is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from estate.document import SEVERITIES, Problem, Severity
from estate.error import FileRefused
from estate.fields import PROBLEM_FIELDS, problem_fields
from estate.filter import parse
from estate.grammar.words import NAME, FilterText, duration
from estate.shapes import (
    Choice,
    Either,
    Key,
    ListOf,
    MapOf,
    Reading,
    Record,
    Refers,
    Refused,
    Schema,
    Shape,
    Truth,
    Whole,
)
from estate.strict import Node, read_tree
from estate.strict import Problem as Fault

_DAY_MS = 86_400_000
_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}


class RulesError(FileRefused):
    """A file of rules that was refused."""

    kind = "notify"


@dataclass(frozen=True, slots=True)
class Target:
    """Where notices go: Apprise's addresses, which are secrets."""

    name: str
    urls: tuple[str, ...] = field(repr=False)

    @property
    def listed(self) -> str:
        """The name that the file gives it, also where it is one address of several."""
        return self.name.partition("/")[0]

    def addresses(self) -> tuple[Target, ...]:
        """Each address as a target of its own: NAME, NAME/2, … in the order of the file."""
        return tuple(
            Target(self.name if number == 1 else f"{self.name}/{number}", (url,))
            for number, url in enumerate(self.urls, 1)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of problems as bad as `severity`, or worse, that `where` selects.

    It must have stood for `hold_ms`; `remind_ms` 0 is never. Consequences are told of by their
    cause, unless `consequences`.
    """

    to: tuple[str, ...]
    severity: Severity = Severity.CRITICAL
    where: str = ""
    hold_ms: int = 60_000
    remind_ms: int = 0
    recovered: bool = True
    consequences: bool = False

    def takes(self, problem: Problem, now: int) -> bool:
        """Whether the rule is about `problem`."""
        if problem.parent and not self.consequences:
            return False
        if _RANK[problem.severity] > _RANK[self.severity]:
            return False
        return parse(self.where, PROBLEM_FIELDS).matches(problem_fields(problem, now))


@dataclass(frozen=True, slots=True)
class Flapping:
    """A problem that came up so often within this time is muted till it came less, or stays."""

    rises: int = 4
    within_ms: int = 30 * 60_000


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that the file says."""

    targets: dict[str, Target] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    flapping: Flapping = Flapping()
    handovers: tuple[str, ...] = ()  # targets to which what is handed over is sent

    @property
    def addresses(self) -> dict[str, Target]:
        """Every address by itself: one that refuses must not have the others told again."""
        every = (each for target in self.targets.values() for each in target.addresses())
        return {each.name: each for each in every}

    @property
    def recipients(self) -> tuple[Target, ...]:
        """Every address to which what is handed over is sent."""
        return tuple(
            each
            for name in dict.fromkeys(self.handovers)
            for each in self.targets[name].addresses()
        )


@dataclass(frozen=True, slots=True)
class _Address:
    """A secret: what is wrong with it is said without it."""

    def read(self, node: Node, reading: Reading) -> str:
        text = node.value
        if not isinstance(text, str) or "://" not in text or not text.isprintable():
            what = "this is no address of a target (it is not shown: it may hold a password)"
            raise reading.refuse(node.line, what, "write one of Apprise's: mailtos://…, json://…")
        return text

    def schema(self) -> Schema:
        return {"type": "string", "description": "an address of Apprise"}


_ADDRESS = _Address()


@dataclass(frozen=True, slots=True)
class _OneOrMore:
    """One, or a list of them."""

    shape: Shape[str]

    def read(self, node: Node, reading: Reading) -> tuple[str, ...]:
        if isinstance(node.value, tuple):
            return ListOf(self.shape).read(node, reading)
        return (self.shape.read(node, reading),)

    def schema(self) -> Schema:
        return Either(text=self.shape, list=ListOf(self.shape)).schema()


def _target(key: str, url: tuple[str, ...]) -> Target:
    return Target(key, url)


def _rule(*, severity: str = "critical", **parts: Any) -> Rule:
    return Rule(severity=Severity(severity), **parts)


_TARGETS = MapOf(
    "target", NAME, Record("a target", _target, (Key("url", _OneOrMore(_ADDRESS), required=True),))
)
_SPAN = duration(0, 31 * _DAY_MS)
_RULE: Record[Rule] = Record(
    "a rule", _rule,
    (
        Key("to", _OneOrMore(Refers("target", NAME)), required=True, words="Targets."),
        Key("severity", Choice(("critical", "warning", "unknown")), words="So bad, or worse."),
        Key("where", FilterText(PROBLEM_FIELDS), words="Only these problems."),
        Key("hold", _SPAN, "hold_ms", words="It must have stood for so long: 60s if not said."),
        Key("remind", _SPAN, "remind_ms", words="Told again so often, while nobody has it."),
        Key("recovered", Truth(), words="Whether it is told that it is over: true if not said."),
        Key("consequences", Truth(), words="Whether they are told of beside their cause."),
    ),
)  # fmt: skip
_FLAPPING: Record[Flapping] = Record(
    "flapping", Flapping,
    (Key("rises", Whole(2, 100)), Key("within", duration(60_000, _DAY_MS), "within_ms")),
)  # fmt: skip
RULES: Record[Rules] = Record(
    "the file", Rules,
    (
        Key("targets", _TARGETS, required=True),
        Key("rules", ListOf(_RULE)),
        Key("flapping", _FLAPPING),
        Key("handovers", _OneOrMore(Refers("target", NAME)), words="Who gets each handover."),
    ),
)  # fmt: skip


def read_rules(text: str, source: str) -> Rules:
    """The rules that `text` holds; raises RulesError with every problem at once."""
    tree, faults = read_tree(text)
    if not faults and tree.value is None:
        faults = (Fault(1, "the file is empty", "begin with targets:"),)
    reading = Reading(problems=list(faults))
    rules = None
    if tree.value is not None:
        try:
            rules = RULES.read(tree, reading)
        except Refused:
            pass  # what is wrong was noted
    faults = reading.finish(rules)
    if rules is None or faults:
        raise RulesError(source, faults)
    return rules


def first_taking(rules: Sequence[Rule], target: str, problem: Problem, now: int) -> Rule | None:
    """The first rule that tells `target` of `problem`: those after it have no say."""
    return next((each for each in rules if target in each.to and each.takes(problem, now)), None)
