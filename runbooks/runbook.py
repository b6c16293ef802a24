"""A runbook as a value: what is asked, where it acts, and its steps, in the order of the file.

Made from text by `runbooks.reading`, planned by `runbooks.planning`, followed by
`runbooks.progress`; nothing in it is ever mutated. Durations are integer milliseconds, times of
day are minutes after midnight in the estate's timezone, shares are `Fraction`s.

Steps are done from the top to the bottom. A jump leads forward only, and goes on from where it
led to: so every path ends, and the longest can be summed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

#: Until when each of `done_when`, `when` and `undo` must have answered.
ORACLE_MS = 10_000
UNDO_MS = 60_000


# ── what is asked of whoever starts it ──


class InputType(StrEnum):
    """What an input may hold; `runbooks.inputs` checks it."""

    ID = "id"
    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    HOST = "host"
    SITE = "site"
    PATH = "path"
    SECRET = "secret"  # noqa: S105 - the word, not one of them


@dataclass(frozen=True, slots=True)
class Input:
    """One value to be given at the start; scripts find it as $OPS_NAME. `default` None: required.

    A secret never reaches an environment, a file or the record: the shell of a step that names it
    in `OnHosts.secrets` is given it on its input, as a variable that is not exported.
    """

    name: str
    type: InputType
    say: str
    default: str | None = None
    of: tuple[str, ...] = ()  # the choices
    least: int | None = None  # of a number
    most: int | None = None

    @property
    def variable(self) -> str:
        return f"OPS_{self.name.upper()}"


# ── where it acts ──


@dataclass(frozen=True, slots=True)
class Selector:
    """Hosts that have all of this; resolved once, when a run is planned.

    `site` is a site's key or a role (primary, recovery). A word `$name` is the input of that name.
    An empty part selects by nothing. None selected is an error, whatever the counts say.
    """

    name: str
    groups: tuple[str, ...] = ()  # in any of them
    site: str = ""
    hosts: tuple[str, ...] = ()  # one of these
    rack: str = ""
    but: tuple[str, ...] = ()  # and none of these: hosts, or names of other selectors
    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None


# ── when it may be run, and how long it may take ──


@dataclass(frozen=True, slots=True)
class Clock:
    """The recovery time that is promised, from the end of step `starts` to the end of `stops`.

    An empty step is the run's own start or end.
    """

    target_ms: int
    starts: str = ""
    stops: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """When a run may start: on `days` (0 is Monday) between two times of day.

    `ends` before `starts` is on the day after; both are minutes after midnight.
    """

    days: tuple[int, ...]
    starts: int
    ends: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may cost a service: refused where less than `keep` of the month would be left."""

    service: str
    outage_per_host_ms: int
    if_it_fails_ms: int
    keep: Fraction


# ── when it suggests itself ──


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A problem that `when` selects (filter grammar) suggests the runbook, with these inputs.

    A value is text, or what is known of the problem: see `estate.suggestions.KNOWN`.
    """

    when: str
    given: Mapping[str, str] = field(default_factory=dict)


# ── what follows from an outcome ──


class Act(StrEnum):
    """What is done next when a step did not end well."""

    STOP = "stop"
    ASK = "ask"
    CONTINUE = "continue"
    ROLL_BACK = "roll-back"
    JUMP = "jump"
    WAIT = "wait"  # for a host that does not answer: to the step's deadline, then it is unknown


@dataclass(frozen=True, slots=True)
class OnFailure:
    """What follows a failure; `to` is the step that a jump leads to, later in the file."""

    act: Act
    to: str = ""


STOP = OnFailure(Act.STOP)
WAIT = OnFailure(Act.WAIT)


@dataclass(frozen=True, slots=True)
class WhenStep:
    """Only if an earlier step ended so: "ok", "failed" or "unknown". "already done" is ok too."""

    step: str
    outcome: str


@dataclass(frozen=True, slots=True)
class WhenShell:
    """Only on hosts where this test exits 0. It changes nothing."""

    sh: str


class Only(StrEnum):
    """When a step is left out."""

    ALWAYS = "always"  # it never is
    BY_JUMP = "by-jump"  # unless a jump led to it
    REAL = "real"  # in drills
    DRILL = "drill"  # unless it is a drill


@dataclass(frozen=True, slots=True)
class Until:
    """Try again until it holds: `tries` in all, `every_ms` from the end of one to the next.

    Only what is safe to repeat is tried again.
    """

    tries: int
    every_ms: int


# ── the steps ──


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every step has. `say` is its sentence, `line` where it stands in the file.

    `needs` holds if of each alternative one has ended well: (("fenced", "by-hand"), ("asked",)).
    The run goes past an `aside` step once it has begun; it does not end before that has ended.
    """

    id: str
    say: str
    line: int = field(default=0, compare=False)
    needs: tuple[tuple[str, ...], ...] = ()
    when: WhenStep | WhenShell | None = None
    only: Only = Only.ALWAYS
    aside: bool = False
    if_fails: OnFailure = STOP
    takes_ms: int | None = None  # what the author expects

    @property
    def kind(self) -> str:
        """The word in the file: "do", "check" …"""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate(Step):
    """People must agree: `approvals` of them, within `wait_ms`, None for without end.

    Its `if_fails` is what follows a refusal.
    """

    approvals: int = 1
    wait_ms: int | None = None
    if_late: OnFailure = STOP


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHosts(Step):
    """What every step has that is done on hosts: on all of its selectors' hosts at once.

    Within `Rolling` no selector means the host that is rolled. `secrets` names the inputs that a
    step's script may read. `as_user` is who does it, "" whoever logs in; by `sudo -n`.
    """

    hosts: tuple[str, ...] = ()
    as_user: str = ""
    timeout_ms: int
    secrets: tuple[str, ...] = ()
    if_unreachable: OnFailure = WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(OnHosts):
    """Change hosts. `done_when` is the one oracle of whether it is done: before, after, in doubt.

    Without one it is `repeatable`: doing it twice is as doing it once. `undo` takes it back, ""
    when nobody said how; `irreversible` when it was said that nothing does.
    """

    sh: str
    done_when: str = ""
    repeatable: bool = False
    until: Until | None = None  # only if repeatable
    undo: str = ""
    irreversible: bool = False


@dataclass(frozen=True, slots=True)
class Sh:
    """The check holds if this exits 0."""

    text: str


@dataclass(frozen=True, slots=True)
class Tls:
    """What a server serves: "host:port". Empty parts are not checked, the chain always is.

    `days_left` is the least; `serial` is hexadecimal; a word may be an input, `$name`.
    """

    endpoint: str
    names: tuple[str, ...] = ()
    days_left: int = 0
    serial: str = ""
    starttls: str = ""  # "smtp", "imap", "pop3", "ldap" or "xmpp"


@dataclass(frozen=True, slots=True)
class Cert:
    """A certificate's file on the hosts: that it fits its key and chain, its names, its life."""

    file: str
    key: str = ""
    chain: str = ""
    names: tuple[str, ...] = ()
    days_left: int = 0


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe of the estate, by its name, taken now."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(OnHosts):
    """Ask, and change nothing; may always be repeated. `at_console`: the watch itself asks."""

    ask: Sh | Tls | Cert | Probe
    until: Until | None = None
    at_console: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reboot(OnHosts):
    """Restart hosts; done when each is back with another boot id, and `done_when` holds.

    Never done twice: once the boot id has changed it is done.
    """

    sh: str = "systemctl reboot"
    done_when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(OnHosts):
    """Put a file on hosts: beside its place, its sha256 checked, then renamed; never half there.

    Its content is `text`, or the file `source` beside the runbook. With `link` the file goes to
    `to`, a path in a new release directory, and `link` is turned there by one rename.
    """

    to: str
    source: str = ""
    text: str = ""
    mode: int = 0o644
    owner: str = ""  # "user" or "user:group"
    link: str = ""
    undo: str = ""
    irreversible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook(OnHosts):
    """An Ansible playbook, a file beside the runbook, on just these hosts."""

    file: str
    tags: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)  # a value may be an input, `$name`
    done_when: str = ""
    repeatable: bool = False
    undo: str = ""
    irreversible: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """So many hosts, or such a share of them; one of the two."""

    hosts: int = 0
    share: Fraction | None = None

    def of(self, total: int) -> int:
        """How many of `total`; a share is rounded down."""
        return self.hosts if self.share is None else int(self.share * total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling(Step):
    """The steps `each`, host by host, never so many at once that the service is gone.

    First `canary` hosts, one by one; then batches of `batch`, with `soak_ms` after each. Hosts
    alike in one of `never_together` are in no batch together. `keep_healthy` hosts are left alone
    and well. It stops after `stop_after` hosts have failed, and pauses while a problem matches
    one of `pause_when` (filters). `then_always` is done on every host that was begun, however it
    ended.
    """

    hosts: tuple[str, ...]
    each: tuple[Step, ...]
    then_always: tuple[Step, ...] = ()
    canary: int = 0
    batch: Amount = Amount(1)
    soak_ms: int = 0
    never_together: tuple[str, ...] = ()  # "pair", "rack", "site"
    keep_healthy: Amount = Amount()
    stop_after: int = 1
    pause_when: tuple[str, ...] = ()


# ── the whole ──


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """Everything a runbook's file says, checked. `text` is the file, as a run pins it.

    `sensitive` ones are run, and their output seen, by in-house staff only. `drill` says what is
    different in a drill; without it there is none.
    """

    name: str
    title: str
    version: int
    steps: tuple[Step, ...]
    before: tuple[Check, ...] = ()
    hosts: Mapping[str, Selector] = field(default_factory=dict)
    ask: Mapping[str, Input] = field(default_factory=dict)
    clock: Clock | None = None
    locks: tuple[str, ...] = ()
    sensitive: bool = False
    run_by: tuple[str, ...] = ()  # Unix groups
    approve_by: tuple[str, ...] = ()
    window: Window | None = None
    budget: Budget | None = None
    way_back: str = ""
    drill: str = ""
    suggest: tuple[Suggestion, ...] = ()
    source: str = field(default="", compare=False)  # path of the file, for messages
    text: str = field(default="", repr=False, compare=False)

    @property
    def sha256(self) -> str:
        """Of the file's bytes, hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def all_steps(self) -> Iterator[Step]:
        """Every step in the order of the file, those within `rolling` after it."""
        for step in (*self.before, *self.steps):
            yield step
            if isinstance(step, Rolling):
                yield from step.each
                yield from step.then_always
