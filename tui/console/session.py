"""One person at one console: what they look at, what they type, and what they are shown.

Sans-IO: keys, clicks and facts of the watch go in, requests come out, and `view` says what is to
be painted. Nothing here knows Textual, a socket or the clock; `at` is monotonic milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from estate.document import Document, HostDetail, Series, Severity
from estate.language import Words, english, later
from tui.console import commands, moves
from tui.console.facts import Advanced, Fact, WatchLost
from tui.console.handoverrequests import HANDOVER_REQUESTS
from tui.console.held import HeldBoard
from tui.console.hostdesk import HostDesk
from tui.console.keys import Keymap, named
from tui.console.neighbours import neighbour
from tui.console.openings import opened
from tui.console.places import Journey
from tui.console.prompt import Prompt
from tui.console.queuedesk import QueueDesk, hosts_of
from tui.console.requests import (
    AskBoard,
    AskReadiness,
    Chart,
    Copy,
    Export,
    Leave,
    Redraw,
    Refresh,
    Request,
    Revive,
    Ring,
    Save,
    Suspend,
)
from tui.console.settings import CHOICES, Settings
from tui.console.timedesk import OF_NOW, TimeDesk
from tui.console.written import Complaint, in_short
from tui.paint.cells import Line, Page, line
from tui.paint.glyphs import ascii_line
from tui.paint.matching import fields_of, in_english
from tui.paint.numbers import duration
from tui.paint.screens import keys as rows_of
from tui.paint.screens import paint
from tui.paint.theme import THEMES, Theme
from tui.paint.view import Attention, Link, View
from watch.error import WatchError

if TYPE_CHECKING:
    from estate import past
    from tui.console.attentiondesk import AttentionDesk
    from tui.console.attentionrequests import AttentionFact, AttentionRequest, Suggestion
    from tui.console.handoverdesk import HandoverDesk
    from tui.console.retold import Retold
    from tui.console.rundesk import Moment, RunDesk
    from tui.console.runrequests import RunFact, RunRequest

#: What is said to the person stands this long, if no key is pressed sooner: later it is not so.
MESSAGE_MS = 20_000

#: A paste into the line that is being typed is cut here.
LONGEST_PASTE = 500

SPANS = {"span.hour": "1h", "span.day": "24h", "span.week": "7d"}

#: Screens that show more of runs than the board has.
_OF_RUNS = ("runbooks", "plan", "runs", "run")

#: What a binding asks for, whatever is on the screen.
_REQUESTS: dict[str, Request] = {
    "leave": Leave(),
    "suspend": Suspend(),
    "redraw": Redraw(),
    "export": Export(),
}


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the person's terminal is: its environment and the encoding of its text."""

    environ: Mapping[str, str]
    encoding: str = "utf-8"
    width: int = 80
    height: int = 24


class Session:
    """See the module's first lines. Every call that takes a key or a fact returns requests.

    `languages` gives the words of a language that is spoken here, by its tag.
    """

    def __init__(
        self,
        settings: Settings,
        keymap: Keymap,
        terminal: Terminal,
        *,
        complaints: Sequence[Complaint] = (),
        languages: Callable[[str], Words] = english,
    ) -> None:
        self.settings = settings
        self._languages = languages
        self.terminal = terminal
        self.complaints = tuple(map(str, complaints))
        self.message = in_short(complaints)
        self._message_seen = ("", 0)  # what stood there at the last tick, and since when
        self.journey = Journey()
        self.prompt: Prompt | None = None
        self.held = HeldBoard()
        self.link = Link()
        self._keymap = keymap
        self._filter_before = ""
        self._host = HostDesk()
        self._queues = QueueDesk()
        self._page = Page(())
        self._desk: RunDesk | None = None
        self._attending: AttentionDesk | None = None
        self._handing: HandoverDesk | None = None
        self._retold: Retold | None = None
        self._time = TimeDesk()

    # --- facts of the watch -----------------------------------------------------------------

    def learn(self, fact: Fact, at: int) -> tuple[Request, ...]:
        """A step of the board, or its loss."""
        if isinstance(fact, WatchLost):
            lost_at = self.held.clock(at) if self.link.attached else self.link.lost_at
            todo = self.words.say(fact.todo).replace("{key}", self._keymap.key("refresh"))
            self.link = Link(False, lost_at, fact.why, todo)
            self.held.step(at)
            return ()
        back = not self.link.attached
        at_once = back or not self.settings.low
        at_once = at_once or self.held.differs_in_state(fact.change)
        rings = self.settings.bell == "on" and self._alarming(fact)
        self.link = Link()
        self.held.advance(fact.document, at)
        if at_once:
            self.held.step(at)
        if self._desk is not None:
            self._desk.met(fact.document.watch, self.words, back=back)
        wanted = self._runs_wanted(at)
        if self._desk is not None:
            wanted = self._after_desk(wanted, at)
        return (Ring(), *wanted) if rings else wanted

    def tick(self, at: int) -> tuple[Request, ...]:
        """Time went by."""
        seen, since = self._message_seen
        if self.message != seen:
            self._message_seen = (self.message, at)
        elif at - since >= MESSAGE_MS:
            self.message = ""
        if self.held.due(at, self.settings.low):
            self.held.step(at)
        return self._wanted(at)

    def detailed(self, detail: HostDetail) -> None:
        """What was asked by `Detail` came."""
        self._host.learn(detail)

    def charted(self, asked: Chart, series: Series) -> None:
        """What was asked by `Chart` came."""
        self._queues.learn(asked, series)

    def remembered(self, moments: Sequence[past.Moment]) -> None:
        """What was asked by `AskMoments` came."""
        self._time.learn(moments)

    def unremembered(self, why: str) -> None:
        """The watch did not say what it was asked of the past."""
        self._time.refused(why)
        self.message = why

    def travelled(self, asked: AskBoard, board: Document | None, at: int) -> tuple[Request, ...]:
        """What was asked by `AskBoard` came; None where there is none."""
        self.message = self._time.travelled(asked, board, self.words)
        if self.journey.here.screen == "timeline" and not asked.step:
            return self._go(self.journey.go("home"), at)
        return self._wanted(at)

    def heard(
        self, request: AttentionRequest, answer: AttentionFact | WatchError, at: int
    ) -> tuple[Request, ...]:
        """What the watch said to a request about who has which problem, or why it did not."""
        if self._handing is not None and isinstance(request, HANDOVER_REQUESTS):
            self._handing.hear(request, answer, self.words)
            self.message, self._handing.message = self._handing.message, ""
        elif isinstance(answer, WatchError):
            self.message = str(answer)
        elif (runbooks := getattr(answer, "runbooks", None)) is not None:
            return self._suggested(runbooks, at)
        else:
            self.attending.learn(request, self.words)
            self.message, self.attending.message = self.attending.message, ""
        return ()

    def told(
        self, request: RunRequest, answer: RunFact | WatchError, at: int
    ) -> tuple[Request, ...]:
        """What the watch said to a request about runs, or why it did not."""
        before = self.desk.run
        if isinstance(answer, WatchError):
            self.desk.refused(request, str(answer), self._moment(at))
            return self._after_desk((), at)
        asked = self.desk.learn(request, answer, self._moment(at))
        if self.journey.here.screen == "run" and self.desk.run is not before:
            self._look(self.desk.following(self.attention, before))
        return self._after_desk(asked, at)

    def tell(self, message: str) -> None:
        """One line for the person, until the next key, or for `MESSAGE_MS`."""
        self.message = message

    def _hush(self) -> None:
        self.message, self._message_seen = "", ("", 0)

    def _alarming(self, fact: Advanced) -> bool:
        before = self.held.document
        if before is None or fact.change is None:
            return False
        # One that came back from somebody's hands is as loud as a new one.
        known = {(problem.id, problem.returned) for problem in before.problems}
        asked = {run.id for run in before.runs if run.question}
        return any(
            problem.severity is Severity.CRITICAL
            and not (problem.parent or (problem.owner and problem.until is not None))
            and (problem.id, problem.returned) not in known
            for problem in fact.change.problems or ()
        ) or any(run.question and run.id not in asked for run in fact.change.runs or ())

    def _wanted(self, at: int) -> tuple[Request, ...]:
        """What the screen that is shown lacks; what it shows of the past is all there is."""
        timeline = self._time.wanted(self.journey.here, at, self.held.clock(at))
        if self._time.past is not None:
            return timeline
        return (
            *timeline,
            *self._handover_wanted(at),
            *self._detail_wanted(at),
            *self._chart_wanted(at),
            *self._runs_wanted(at),
        )

    def _runs_wanted(self, at: int) -> tuple[Request, ...]:
        if self.journey.here.screen not in _OF_RUNS:
            return ()
        return self.desk.wanted(self._moment(at))

    @property
    def desk(self) -> RunDesk:
        """What is known and asked of runs; loaded with the first of their screens."""
        if self._desk is None:
            from tui.console.rundesk import RunDesk

            self._desk = RunDesk()
        return self._desk

    def _moment(self, at: int) -> Moment:
        from tui.console.rundesk import Moment

        here, newest = self.journey.here, self.held.newest
        return Moment(here, at, self.held.clock(at), newest, self.words)

    def _after_desk(self, asked: tuple[Request, ...], at: int) -> tuple[Request, ...]:
        """What the desk has to say, and where it leads."""
        if self.desk.message:
            self.message, self.desk.message = self.desk.message, ""
        if self.desk.begun:
            begun, self.desk.begun = self.desk.begun, ""
            return (*asked, *self._go(self.journey.go("run", begun), at))
        return asked

    def _detail_wanted(self, at: int) -> tuple[Request, ...]:
        here, now = self.journey.here, self.held.clock(at)
        low, paused = self.settings.low, self.held.paused
        return self._host.wanted(here, at, now, low=low, paused=paused)

    def _handover_wanted(self, at: int) -> tuple[Request, ...]:
        return self.handing.wanted(at) if self.journey.here.screen == "handover" else ()

    def _chart_wanted(self, at: int) -> tuple[Request, ...]:
        here, now = self.journey.here, self.held.clock(at)
        if here.screen != "queues":
            return ()
        low, paused = self.settings.low, self.held.paused
        return self._queues.wanted(here, self._row_here(), at, now, low=low, paused=paused)

    @property
    def attending(self) -> AttentionDesk:
        """What is asked of who has which problem; loaded with the first key for it."""
        if self._attending is None:
            from tui.console.attentiondesk import AttentionDesk

            self._attending = AttentionDesk()
        return self._attending

    @property
    def handing(self) -> HandoverDesk:
        """What one shift hands to the next; loaded with its screen."""
        if self._handing is None:
            from tui.console.handoverdesk import HandoverDesk

            self._handing = HandoverDesk()
        return self._handing

    @property
    def _typing(self) -> AttentionDesk | HandoverDesk | None:
        """The desk whose form is open, but for that of runs, which stands in its screens."""
        desks = (self._attending, self._handing)
        return next((each for each in desks if each is not None and each.form is not None), None)

    # --- what is shown ----------------------------------------------------------------------

    @property
    def theme(self) -> Theme:
        """The theme that this terminal can show and the person chose."""
        return THEMES[self.settings.theme_for(self.terminal.environ)]

    @property
    def words(self) -> Words:
        """The words of the language that the person chose, else of the estate's."""
        document, terminal = self.held.document, self.terminal
        estate = document.language if document is not None else ""
        tag = self.settings.language_for(estate, terminal.environ, terminal.encoding)
        return self._languages(tag)

    @property
    def attention(self) -> Attention:
        """What the person looks at, here."""
        return self.journey.here.attention

    @property
    def draws_ascii(self) -> bool:
        """Whether this terminal gets ASCII alone."""
        return self.settings.ascii_for(self.terminal.environ, self.terminal.encoding)

    def view(self) -> View | None:
        """Everything a painter needs; None before the first board."""
        document = self.held.document
        if document is None:
            return None
        here, words = self.journey.here, self.words
        document = self._in(words, document)
        status = [words.say("low bandwidth")] if self.settings.low else []
        status.append(self._standing())
        view = View(
            document=document,
            now=self.held.now,
            held_at=self.held.held_at,
            heard_at=self.held.heard_at,
            width=self.terminal.width,
            height=self.terminal.height,
            screen=here.screen,
            subject=here.subject,
            trail=here.trail,
            attention=here.attention,
            link=self.link,
            detail=self._host.shown(here),
            queue_series=self._queues.shown(here),
            keys=self._keymap.footer(here.screen, without=self._dead(document)),
            bindings=self._keymap.help(),
            status=" · ".join(status),
            message=self.message,
            words=words,
            ascii=self.draws_ascii,
            settings=self.settings.shown(),
            complaints=(*self.complaints, words.unread) if words.unread else self.complaints,
        )
        if self._desk is not None:
            view = self._desk.dress(view)
        if self._handing is not None:
            view = self._handing.dress(view)
        return self._time.dress(view)

    def _in(self, words: Words, document: Document) -> Document:
        """The board in the person's language."""
        if words.catalogue is None:
            return document
        if self._retold is None or self._retold.words is not words:
            from tui.console.retold import Retold

            self._retold = Retold(words)
        return self._retold.of(document)

    def _standing(self) -> str:
        """What this console may do; that it holds the board still goes before it."""
        say = self.words.say
        if self.held.paused:
            return say("paused")
        left = self._desk.armed_for(self.held.now) if self._desk is not None else 0
        return say("armed {left}", left=duration(left / 1000)) if left else say("read-only")

    def _dead(self, document: Document) -> frozenset[str]:
        """Bindings that lead nowhere from here: the footer does not offer them."""
        here = self.journey.here
        dead = {"help"} if here.screen == "help" else set()
        if self._time.past is None:
            dead |= {"time.older", "time.newer", "time.live"}
        else:
            dead |= OF_NOW
        if not document.hosts:
            dead |= {"open", "list.faults", "list.sort", "marks.toggle", "refresh", "runbooks"}
        if here.screen == "host" and len(document.hosts) < 2:
            dead |= {"host.next"}
        if not document.problems:
            dead |= {"ack"}
        if not any(
            run.question and (here.screen, here.subject) != ("run", run.id) for run in document.runs
        ):
            dead |= {"runs.decide"}
        return frozenset(dead | self._desk.dead(here) if self._desk is not None else dead)

    def lines(self) -> tuple[Line, ...]:
        """The screen, painted; remembers how far its list was scrolled."""
        view = self.view()
        if view is None:
            why = self.words.say(self.link.why or later("Asking the watch for its board."))
            return (Line(), line(f"   {why}"))
        self._page = paint(view)
        self._look(replace(self.attention, first=self._page.first))
        if (typing := self._typing) is not None and typing.form is not None:
            from tui.paint.asked import asked_lines

            asked = typing.form.shown()
            typed = tuple(asked_lines(view, asked, max(3, view.height - 4)))
        elif self.prompt is None or self.prompt.kind == "filter":
            return self._page.lines
        else:
            typed = self.prompt.lines(view.width, view.height, view.words)
        if view.ascii:
            typed = tuple(ascii_line(line) for line in typed)
        return (*self._page.lines[: view.height - len(typed)], *typed)

    # --- keys and mouse ---------------------------------------------------------------------

    def press(self, key: str, at: int) -> tuple[Request, ...]:
        """A key by its name (see `tui.console.keys`)."""
        self._hush()
        if self.prompt is not None:
            return self._press_in(self.prompt, key, at)
        if (typing := self._typing) is not None:
            return typing.press(key, self.words)
        if self._desk is not None and self._desk.form is not None:
            return self._after_desk(self._desk.press(key, self._moment(at)), at)
        return self._do(self._keymap.of(key, self.journey.here.screen), at)

    def paste(self, text: str, at: int) -> None:
        """A paste is text for the line that is being typed, never a row of keys."""
        for character in (text.splitlines() or [""])[0][:LONGEST_PASTE]:
            if self.prompt is not None and character.isprintable():
                self._press_in(self.prompt, character, at)
            elif (typing := self._typing) is not None:
                if character.isprintable():
                    typing.press(character, self.words)
            elif self._desk is not None and self._desk.form is not None and character.isprintable():
                self._desk.press(character, self._moment(at))

    def click(self, key: str, action: tuple[str, ...], twice: bool, at: int) -> tuple[Request, ...]:
        """A click on the row `key`, on a span with `action`."""
        self._hush()
        match action:
            case ("key", pressed):
                return self.press(named(pressed), at)
            case ("screen", screen):
                return self._go(self.journey.go(screen), at)
            case ("open", kind, name):
                return self._open(f"{kind}:{name}", at)
            case ("sort", column):
                turned = column == self.attention.sort and self.attention.descending
                self._look(replace(self.attention, sort=column, descending=not turned))
                return ()
        if key:
            self._look(replace(self.attention, cursor=key))
        return self._open(key, at) if twice else ()

    def wheel(self, rows: int) -> None:
        """The wheel moves the cursor; lists follow it."""
        listed = self._rows()
        there = moves.position(self.attention, listed) + rows
        self._look(moves.to(self.attention, listed, there))

    def _rows(self) -> tuple[str, ...]:
        view = self.view()
        return rows_of(view) if view is not None else ()

    def _look(self, attention: Attention) -> None:
        self.journey = self.journey.looking(attention)

    # --- bindings ---------------------------------------------------------------------------

    def _do(self, binding: str, at: int) -> tuple[Request, ...]:
        if self._time.past is not None and (binding in OF_NOW or not _looks(binding)):
            say, key = self.words.say, self._keymap.key("time.live")
            self.message = say("this is the past: {key} goes back to now", key=key)
        elif binding in _REQUESTS:
            return (_REQUESTS[binding],)
        else:
            return self._do_here(binding, at)
        return ()

    def _do_here(self, binding: str, at: int) -> tuple[Request, ...]:
        if binding in moves.MOVES:
            move = moves.MOVES[binding]
            self._look(move(self.attention, self._rows(), max(1, self.terminal.height - 8)))
            # Another step has another output, another queue another chart.
            return (*self._chart_wanted(at), *self._runs_wanted(at))
        if binding in SPANS:
            self._look(replace(self.attention, span=SPANS[binding]))
            self._host.hurry()
            return (*self._detail_wanted(at), *self._chart_wanted(at))
        if binding.startswith("preset."):
            self._preset(binding.removeprefix("preset."))
        elif binding in _SIMPLE:
            return _SIMPLE[binding](self, at)
        elif binding:
            from tui.console.rundesk import DEEDS

            return self._after_desk(DEEDS[binding](self.desk, self._moment(at)), at)
        return ()

    def _go(self, journey: Journey, at: int) -> tuple[Request, ...]:
        if self._desk is not None and journey.here.screen != self.journey.here.screen:
            self._desk.forget(journey.here.screen)
        self.journey = journey
        if self.settings.low and not self.held.paused:
            self.held.step(at)  # a new screen is drawn whole anyway: let it be of now
        self._host.hurry()
        return self._wanted(at)

    def _open_here(self, at: int) -> tuple[Request, ...]:
        rows = self._rows()
        return self._open(rows[moves.position(self.attention, rows)], at) if rows else ()

    def _open(self, key: str, at: int) -> tuple[Request, ...]:
        kind, _, name = key.partition(":")
        if kind == "fold":
            self._look(moves.MOVES["list.fold"](self.attention, (key,), 1))
            return ()
        if kind == "setting" and name in CHOICES:
            return self._choose(name, getattr(self.settings.following(name), name))
        if kind == "moment":
            return (AskBoard(int(name)),)
        document = self._time.past or self.held.document
        order = opened(key, document) if document is not None else None
        if kind == "refused":
            self.message = self.words.say("it is refused: twinwatch runbook lint {file}", file=name)
            return ()
        if order is None:
            self.message = self.words.say("nothing to open here")
            return ()
        return self._obey(order, at)

    def _queue_hosts(self, at: int) -> tuple[Request, ...]:
        """To the hosts that hold the queue at the cursor."""
        document = self._time.past or self.held.document
        order = hosts_of(self._row_here(), document) if document is not None else None
        return self._obey(order, at) if order is not None else ()

    def _up(self, at: int) -> tuple[Request, ...]:
        """Out of what is open, innermost first."""
        attention = self.attention
        if attention.filter or attention.faults_only or attention.filter_error:
            self._look(replace(attention, filter="", filter_error="", faults_only=False))
            return ()
        if attention.marks:
            self._look(replace(attention, marks=frozenset()))
            return ()
        return self._go(self.journey.up(), at)

    def _back(self, at: int) -> tuple[Request, ...]:
        if self.journey.here.screen == "home" or self.journey.at == 0:
            # One q too many must not close the board in an incident.
            self.message = self.words.say(":q leaves; the watch goes on")
            return ()
        return self._go(self.journey.back(), at)

    def _neighbour(self, step: int, at: int) -> tuple[Request, ...]:
        view = self.view()
        if view is None:
            return ()
        beside = neighbour(view, self.journey, step)
        if isinstance(beside, Journey):
            return self._go(beside, at)
        self.message = beside
        return ()

    def _travel(self, journey: Journey, nowhere: str, at: int) -> tuple[Request, ...]:
        """Through the history; a key that leads nowhere says so."""
        if journey == self.journey:
            self.message = self.words.say(nowhere)
            return ()
        return self._go(journey, at)

    def _pause(self, at: int) -> tuple[Request, ...]:
        if self.held.paused:
            self.held.resume(at)
        else:
            self.held.pause(at)
        return ()

    def _step_in_time(self, step: int, at: int) -> tuple[Request, ...]:
        asked = self._time.step(step, self.held.clock(at))
        if asked is None:
            self.message = self.words.say("this is now: there is nothing after it")
            return ()
        return (asked,)

    def _go_live(self, at: int) -> tuple[Request, ...]:
        if not self._time.go_live():
            self.message = self.words.say("this is now")
        self.held.step(at)
        return self._wanted(at)

    def _decide(self, at: int) -> tuple[Request, ...]:
        """To the run that asks."""
        run = self.desk.asking(self._moment(at))
        if not run:
            self.message = self.words.say("no run asks anything")
            return ()
        return self._go(self.journey.go("run", run), at)

    def _attend(self, deed: str) -> tuple[Request, ...]:
        """Acknowledge or silence what the cursor is on."""
        from tui.console.attentiondesk import problem_at

        desk, problem = self.attending, problem_at(self._row_here(), self.held.document)
        (desk.acknowledge if deed == "ack" else desk.silence)(problem, self.words)
        self.message, desk.message = desk.message, ""
        return ()

    def _hand_over(self, deed: str) -> tuple[Request, ...]:
        """Answer the item at the cursor, or sign."""
        asked = self.handing.act(deed, self._row_here(), self.words)
        self.message, self.handing.message = self.handing.message, ""
        return asked

    def _runbooks(self, at: int) -> tuple[Request, ...]:
        """The runbook that the problem here suggests; the catalogue where it suggests none."""
        key = self._row_here()
        if self.journey.here.screen in ("home", "problems") and "problem:" in key:
            from tui.console.attentiondesk import problem_at
            from tui.console.attentionrequests import AskSuggestions

            problem = problem_at(key, self.held.document)
            if problem is not None:
                return (AskSuggestions(problem.id),)
        return self._go(self.journey.go("runbooks"), at)

    def _suggested(self, runbooks: Sequence[Suggestion], at: int) -> tuple[Request, ...]:
        if not runbooks:
            self.message = self.words.say("no runbook suggests itself here: these are all")
            return self._go(self.journey.go("runbooks"), at)
        first, *others = runbooks
        self.desk.prefill(first.runbook, first.given)
        if others:
            names = ", ".join(each.runbook for each in others)
            self.message = self.words.say("suggested too: {names}", names=names)
        return self._go(self.journey.go("plan", first.runbook), at)

    def _row_here(self) -> str:
        rows = self._rows()
        return rows[moves.position(self.attention, rows)] if rows else ""

    def _refresh(self, at: int) -> tuple[Request, ...]:
        if not self.link.attached:
            return (Revive(),)
        here = self.journey.here
        rows = self._rows()
        row = rows[moves.position(self.attention, rows)] if rows else ""
        host = here.subject if here.screen == "host" else row.removeprefix("host:")
        document = self.held.document
        known = document is not None and host in document.hosts
        self.held.step(at)
        return (Refresh(host if known else None),)

    def _ask_readiness(self, at: int) -> tuple[Request, ...]:
        from tui.paint.readiness import subject

        view = self.view()
        row = subject(view) if view is not None else None
        if row is None:
            return ()
        self.message = self.words.say("asking the hosts of {service}", service=row.key)
        return (AskReadiness(row.key),)

    def _copy(self, at: int) -> tuple[Request, ...]:
        cursor, marks = self._page.cursor, self.attention.marks
        if marks:
            return (Copy("\n".join(sorted(key.partition(":")[2] for key in marks))),)
        if cursor is None:
            return (Copy("\n".join(line.text for line in self._page.lines)),)
        return (Copy(self._page.lines[cursor].text.lstrip("▌> ")),)

    def _preset(self, digit: str) -> None:
        text = self.settings.presets.get(digit, "")
        if text:
            self._filter(text)
        else:
            said = later("no preset {digit}: name a filter in settings.yaml, presets: {digit}")
            self.message = self.words.say(said, digit=digit)

    # --- prompts ----------------------------------------------------------------------------

    def _start(self, kind: str) -> tuple[Request, ...]:
        self.prompt = self._offer(Prompt(kind))
        if kind == "filter":
            self._filter_before = text = self.attention.filter
            self.prompt = Prompt(kind, text, len(text))
            self._look(replace(self.attention, filter_open=True))
        return ()

    def _press_in(self, prompt: Prompt, key: str, at: int) -> tuple[Request, ...]:
        if key in ("escape", "ctrl+c") or (key == "backspace" and not prompt.text):
            self._close(restore=True)
        elif key == "enter":
            self._close(restore=False)
            return self._entered(prompt, at)
        elif prompt.kind == "filter":
            if key not in ("left", "home", "ctrl+a"):  # its cursor stays at the end
                self.prompt = prompt.pressed(key)
                self._filter(self.prompt.text)
        else:
            pressed = prompt.pressed(key)
            self.prompt = self._offer(pressed) if pressed.text != prompt.text else pressed
        return ()

    def _offer(self, prompt: Prompt) -> Prompt:
        document = self.held.document
        hosts = tuple(document.hosts) if document is not None else ()
        if prompt.kind == "command":
            return prompt.offering(commands.completions(prompt.text, hosts))
        if prompt.kind == "palette":
            return prompt.offering(commands.findings(prompt.text, hosts))
        return prompt

    def _close(self, *, restore: bool) -> None:
        if self.prompt is not None and self.prompt.kind == "filter":
            if restore:
                self._filter(self._filter_before)
            self._look(replace(self.attention, filter_open=False))
        self.prompt = None

    def _entered(self, prompt: Prompt, at: int) -> tuple[Request, ...]:
        if prompt.kind == "filter":
            return ()
        text = prompt.choice.text if prompt.choice else prompt.text
        if prompt.kind == "palette" and not prompt.choice:
            said = self.words.say("nothing here is called {text!r}", text=prompt.text)
            self.message = said if prompt.text else ""
            return ()
        document = self.held.document
        hosts = document.hosts if document is not None else ()
        return self._obey(commands.read(text, hosts, self.words), at) if text.strip() else ()

    def _filter(self, text: str) -> None:
        from estate.filter import FilterError, parse  # no first paint has a filter

        error = ""
        try:
            parse(in_english(text, self.words), fields_of(self.journey.here.screen))
        except FilterError as wrong:
            error = str(wrong)
        self._look(replace(self.attention, filter=text, filter_error=error))

    # --- commands ---------------------------------------------------------------------------

    def _obey(self, order: commands.Order, at: int) -> tuple[Request, ...]:
        match order:
            case commands.Leave():
                return (Leave(),)
            case commands.Unclear(why):
                self.message = why
            case commands.Filter(text):
                self._filter(text)
            case commands.Set(name, value):
                return self._choose(name, value)
            case commands.Go(screen, subject, text):
                asked = self._go(self.journey.go(screen, subject), at)
                if text is not None:
                    self._filter(text)
                return asked
        return ()

    def _choose(self, name: str, value: str) -> tuple[Request, ...]:
        self.settings = self.settings.choosing(name, value)
        if name == "language" and self.attention.filter:
            self._filter(self.attention.filter)  # states are typed as they were shown
        if name == "mouse":
            said = later("the mouse is turned on or off when a console starts")
            self.message = self.words.say(said)
        return (Save(name, value),)


#: Bindings that are a method of the session.
_SIMPLE: dict[str, Callable[[Session, int], tuple[Request, ...]]] = {
    "open": Session._open_here,
    "up": Session._up,
    "back": Session._back,
    "pause": Session._pause,
    "refresh": Session._refresh,
    "copy": Session._copy,
    "last": lambda self, at: self._travel(
        self.journey.last(), later("no view before this one"), at
    ),
    "history.back": lambda self, at: self._travel(
        self.journey.back(), later("nothing to go back to: this is the first view"), at
    ),
    "history.forward": lambda self, at: self._travel(
        self.journey.forward(), later("nothing to go forward to: this is the newest view"), at
    ),
    "host.next": lambda self, at: self._neighbour(1, at),
    "host.previous": lambda self, at: self._neighbour(-1, at),
    "filter": lambda self, at: self._start("filter"),
    "command": lambda self, at: self._start("command"),
    "palette": lambda self, at: self._start("palette"),
    "help": lambda self, at: self._go(self.journey.go("help"), at),
    "runbooks": Session._runbooks,
    "ack": lambda self, at: self._attend("ack"),
    "silence": lambda self, at: self._attend("silence"),
    "handover": lambda self, at: self._go(self.journey.go("handover"), at),
    "handover.accept": lambda self, at: self._hand_over("handover.accept"),
    "handover.accept_all": lambda self, at: self._hand_over("handover.accept_all"),
    "handover.question": lambda self, at: self._hand_over("handover.question"),
    "handover.refuse": lambda self, at: self._hand_over("handover.refuse"),
    "handover.sign": lambda self, at: self._hand_over("handover.sign"),
    "budget": lambda self, at: self._go(self.journey.go("budget"), at),
    "readiness": lambda self, at: self._go(self.journey.go("readiness"), at),
    "readiness.ask": Session._ask_readiness,
    "queues": lambda self, at: self._go(self.journey.go("queues"), at),
    "certificates": lambda self, at: self._go(self.journey.go("certificates"), at),
    "patches": lambda self, at: self._go(self.journey.go("patches"), at),
    "queue.hosts": Session._queue_hosts,
    "services": lambda self, at: self._go(self.journey.go("services"), at),
    "runs.decide": Session._decide,
    "time": lambda self, at: self._go(self.journey.go("timeline"), at),
    "time.older": lambda self, at: self._step_in_time(-1, at),
    "time.newer": lambda self, at: self._step_in_time(1, at),
    "time.live": Session._go_live,
}


def _looks(binding: str) -> bool:
    """Whether a binding is one of those that look, not one of runs, which are of now."""
    return (
        binding in _SIMPLE
        or binding in _REQUESTS
        or binding in moves.MOVES
        or binding in SPANS
        or binding.startswith("preset.")
        or not binding
    )
