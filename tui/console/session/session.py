"""One person at one console: what they look at, what they type, and what they are shown.

Sans-IO: keys, clicks, facts and answers of the watch come in, requests go out, and `view` says what
is to be painted. Whatever comes in comes to orders, which are obeyed here, and to requests, which
`tui.console.window` fulfils. Nothing here knows Textual, a socket or the clock; `at` is monotonic
milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from estate.document import Document
from estate.language import Words, english, later
from tui.console.desks.prompt import PromptDesk
from tui.console.journey import orders
from tui.console.journey.orders import Go, Look, Outcome, Say
from tui.console.journey.places import Journey
from tui.console.journey.standpoint import Standpoint
from tui.console.keys import moves
from tui.console.keys.bindings import ALWAYS, OF_THE_SCREEN, SPANS, copied, preset, refreshed
from tui.console.keys.keymap import Keymap, named
from tui.console.keys.openings import opening
from tui.console.keys.ways import WAYS
from tui.console.preferences.settings import Settings
from tui.console.preferences.written import Complaint, in_short
from tui.console.requests.board import AskBoard
from tui.console.requests.console import Ring, Save
from tui.console.requests.facts import Fact, WatchLost
from tui.console.requests.request import Request
from tui.console.session import footer
from tui.console.session.bell import alarms
from tui.console.session.desks import Desks
from tui.console.session.held import HeldBoard
from tui.paint.cells import Line, Page, line
from tui.paint.glyphs import ascii_line
from tui.paint.numbers import duration
from tui.paint.screens import keys as rows_of
from tui.paint.screens import paint
from tui.paint.theme import THEMES, Theme
from tui.paint.view import Attention, Link, View

if TYPE_CHECKING:
    from tui.console.session.retold import Retold

#: What is said to the person stands this long, if no key is pressed sooner: later it is not so.
MESSAGE_MS = 20_000

#: A paste into the line that is being typed is cut here.
LONGEST_PASTE = 500

#: Rows of a screen that are no list: what a page of rows has less than the terminal.
_AROUND_ROWS = 8


@dataclass(frozen=True, slots=True)
class Terminal:
    """What the person's terminal is: its environment and the encoding of its text."""

    environ: Mapping[str, str]
    encoding: str = "utf-8"
    width: int = 80
    height: int = 24


class Session:
    """See the module's first lines. `languages` gives the words of a language that is spoken here,
    by its tag."""

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
        self.terminal = terminal
        self.message = in_short(complaints)
        self.complaints = tuple(map(str, complaints))
        self.journey = Journey()
        self.held = HeldBoard()
        self.link = Link()
        self.desks = Desks()
        self._prompts = PromptDesk()
        self.keymap = keymap
        self._languages = languages
        self._retold: Retold | None = None
        self._page = Page(())
        self._message_seen = ("", 0)  # what stood there at the last tick, and since when

    # --- what comes in ----------------------------------------------------------------------

    def learn(self, fact: Fact, at: int) -> tuple[Request, ...]:
        """A step of the board, or its loss."""
        if isinstance(fact, WatchLost):
            lost_at = self.held.clock(at) if self.link.attached else self.link.lost_at
            todo = self.words.say(fact.todo).replace("{key}", self.keymap.key("refresh"))
            self.link = Link(False, lost_at, fact.why, todo)
            self.held.step(at)
            return ()
        back = not self.link.attached
        at_once = back or not self.settings.low or self.held.differs_in_state(fact.change)
        rings = self.settings.bell == "on" and alarms(self.held.document, fact.change)
        self.link = Link()
        self.held.advance(fact.document, at)
        if at_once:
            self.held.step(at)
        asked = self._obey(self.desks.met(fact.document.watch, self.words, back=back), at)
        return (Ring(), *asked) if rings else asked

    def answered(self, request: Request, answer: object, at: int) -> tuple[Request, ...]:
        """What the watch said to `request`, or the WatchError that says why it did not."""
        return self._obey(self.desks.learn(request, answer, self._standpoint(at)), at)

    def tick(self, at: int) -> tuple[Request, ...]:
        """Time went by."""
        seen, since = self._message_seen
        if self.message != seen:
            self._message_seen = (self.message, at)
        elif at - since >= MESSAGE_MS:
            self._hush()
        if self.held.due(at, self.settings.low):
            self.held.step(at)
        return self._obey((), at)

    def press(self, key: str, at: int) -> tuple[Request, ...]:
        """A key by its name (see `tui.console.keys.keymap`)."""
        self._hush()
        return self._obey(self._pressed(key, at), at)

    def paste(self, text: str, at: int) -> tuple[Request, ...]:
        """A paste is text for the line that is being typed, never a row of keys."""
        asked: list[Request] = []
        for character in (text.splitlines() or [""])[0][:LONGEST_PASTE]:
            if self._prompts.prompt or self.desks.typing:
                asked += self._obey(self._pressed(character, at), at)
        return tuple(asked)

    def click(self, key: str, action: tuple[str, ...], twice: bool, at: int) -> tuple[Request, ...]:
        """A click on the row `key`, on a span with `action`."""
        match action:
            case ("key", pressed):
                return self.press(named(pressed), at)
            case ("screen", screen):
                return self._clicked(Go(screen), at)
            case ("open", kind, name):
                return self._clicked(self._opening(f"{kind}:{name}"), at)
            case ("sort", column):
                turned = column == self.attention.sort and self.attention.descending
                sorted_by = replace(self.attention, sort=column, descending=not turned)
                return self._clicked(Look(sorted_by), at)
        if key:
            self._look(replace(self.attention, cursor=key))
        return self._clicked(self._opening(key) if twice else None, at)

    def wheel(self, rows: int) -> None:
        """The wheel moves the cursor; lists follow it."""
        listed = self._rows()
        there = moves.position(self.attention, listed) + rows
        self._look(moves.to(self.attention, listed, there))

    def tell(self, message: str) -> None:
        """One line for the person, until the next key, or for `MESSAGE_MS`."""
        self.message = message

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
        return replace(self.journey.here.attention, filter_open=self._prompts.filters)

    @property
    def draws_ascii(self) -> bool:
        """Whether this terminal gets ASCII alone."""
        return self.settings.ascii_for(self.terminal.environ, self.terminal.encoding)

    def view(self) -> View | None:
        """Everything a painter needs; None before the first board."""
        document = self.held.document
        if document is None:
            return None
        here, words, held = self.journey.here, self.words, self.held
        document = self._in(words, document)
        dead = footer.dead(here, document, past=self.desks.time.past is not None)
        view = View(
            document=document,
            now=held.now,
            held_at=held.held_at,
            heard_at=held.heard_at,
            width=self.terminal.width,
            height=self.terminal.height,
            screen=here.screen,
            subject=here.subject,
            trail=here.trail,
            attention=self.attention,
            link=self.link,
            keys=self.keymap.footer(here.screen, without=dead | self.desks.dead(here)),
            bindings=self.keymap.help(),
            status=self._status(words),
            message=self.message,
            words=words,
            ascii=self.draws_ascii,
            settings=self.settings.shown(),
            complaints=(*self.complaints, words.unread) if words.unread else self.complaints,
        )
        return self.desks.dress(view)

    def lines(self) -> tuple[Line, ...]:
        """The screen, painted; remembers how far its list was scrolled."""
        view = self.view()
        if view is None:
            why = self.words.say(self.link.why or later("Asking the watch for its board."))
            return (Line(), line(f"   {why}"))
        self._page = paint(view)
        self._look(replace(self.attention, first=self._page.first))
        typed = self._typed(view)
        return (*self._page.lines[: view.height - len(typed)], *typed)

    def _typed(self, view: View) -> tuple[Line, ...]:
        """What is typed over the foot of the page: a form, or a line."""
        prompt, form = self._prompts.prompt, self.desks.form
        if form is not None:
            from tui.paint.asked import asked_lines

            typed = tuple(asked_lines(view, form.shown(), max(3, view.height - 4)))
        elif prompt is None or self._prompts.filters:  # a filter stands in its list
            return ()
        else:
            typed = prompt.lines(view.width, view.height, view.words)
        return tuple(ascii_line(line) for line in typed) if view.ascii else typed

    def _in(self, words: Words, document: Document) -> Document:
        """The board in the person's language."""
        if words.catalogue is None:
            return document
        if self._retold is None or self._retold.words is not words:
            from tui.console.session.retold import Retold

            self._retold = Retold(words)
        return self._retold.of(document)

    def _status(self, words: Words) -> str:
        """What this console may do; that it holds the board still goes before it."""
        say, left = words.say, self.desks.armed_for(self.held.now)
        if self.held.paused:
            may = say("paused")
        else:
            may = say("armed {left}", left=duration(left / 1000)) if left else say("read-only")
        return f"{say('low bandwidth')} · {may}" if self.settings.low else may

    # --- what a key comes to ----------------------------------------------------------------

    def _pressed(self, key: str, at: int) -> tuple[Outcome, ...]:
        if self._prompts.prompt is not None:
            return self._prompts.press(key, self._hosts(), self.words)
        if self.desks.typing:
            return self.desks.press(key, self._standpoint(at))
        return self._bound(self.keymap.of(key, self.journey.here.screen), at)

    def _bound(self, binding: str, at: int) -> tuple[Outcome, ...]:  # noqa: PLR0911 - one a kind
        attention, words = self.attention, self.words
        if refusal := self.desks.time.refusal(binding, words, self._live):
            return refusal
        if binding in ALWAYS:
            return (ALWAYS[binding],)
        if binding in WAYS:
            return (WAYS[binding](self.journey, words),)
        if binding in moves.MOVES:
            page = max(1, self.terminal.height - _AROUND_ROWS)
            return (Look(moves.MOVES[binding](attention, self._rows(), page)),)
        if binding in SPANS:
            return (Look(replace(attention, span=SPANS[binding])),)
        if binding.startswith("preset."):
            return (preset(binding.removeprefix("preset."), self.settings.presets, words),)
        if binding == "copy":
            return (copied(self._page, attention),)
        if binding == "refresh":
            return refreshed(self.view(), self.link)
        if binding in OF_THE_SCREEN:
            view = self.view()
            return OF_THE_SCREEN[binding](view, self.journey) if view is not None else ()
        return self.desks.act(binding, self._standpoint(at)) if binding else ()

    def _opening(self, key: str) -> Outcome | None:
        view = self.view()
        return opening(key, view) if view is not None else None

    def _clicked(self, outcome: Outcome | None, at: int) -> tuple[Request, ...]:
        self._hush()
        if isinstance(outcome, Go | AskBoard):
            self._prompts.close()  # it leads away from the line that is being typed
        return self._obey((outcome,) if outcome is not None else (), at)

    # --- what is done about it --------------------------------------------------------------

    def _obey(  # noqa: PLR0912 - one an order
        self, outcomes: Iterable[Outcome], at: int
    ) -> tuple[Request, ...]:
        """Do what was ordered; what is asked of the world, and what the screen lacks now."""
        asked: list[Request] = []
        for outcome in outcomes:
            match outcome:
                case Say(text):
                    self.message = text
                case Look(attention):
                    self._look(attention)
                case orders.Filter(text):
                    self._filter(text)
                case Go(screen, subject, text):
                    self._go(self.journey.go(screen, subject), at)
                    if text is not None:
                        self._filter(text)
                case orders.Walk(journey):
                    self._go(journey, at)
                case orders.Plan(runbook, given):
                    self.desks.runs.prefill(runbook, given)
                    self._go(self.journey.go("plan", runbook), at)
                case orders.Type(kind):
                    self._prompts.open(kind, self.attention.filter, self._hosts())
                case orders.Hold():
                    (self.held.resume if self.held.paused else self.held.pause)(at)
                case orders.ShowNewest():
                    self.held.step(at)
                case orders.Choose(name, value):
                    asked.append(self._choose(name, value))
                case _:
                    asked.append(outcome)
        return (*asked, *self.desks.wanted(self._standpoint(at)))

    def _go(self, journey: Journey, at: int) -> None:
        for barred in self.desks.time.bar(journey.here.screen, self.words, self._live):
            self.message = barred.text
            return
        self.desks.left(self.journey.here, journey.here)
        self.journey = journey
        if self.settings.low and not self.held.paused:
            self.held.step(at)  # a new screen is drawn whole anyway: let it be of now

    def _look(self, attention: Attention) -> None:
        self.journey = self.journey.looking(attention)

    def _filter(self, text: str) -> None:
        self._look(moves.filtered(self.attention, text, self.journey.here.screen, self.words))

    def _choose(self, name: str, value: str) -> Request:
        self.settings = self.settings.choosing(name, value)
        if name == "language" and self.attention.filter:
            self._filter(self.attention.filter)  # states are typed as they were shown
        if name == "mouse":
            said = later("the mouse is turned on or off when a console starts")
            self.message = self.words.say(said)
        return Save(name, value)

    def _hush(self) -> None:
        self.message, self._message_seen = "", ("", 0)

    @property
    def _live(self) -> str:
        return self.keymap.key("time.live")

    # --- where they are ---------------------------------------------------------------------

    def _standpoint(self, at: int) -> Standpoint:
        held, past = self.held, self.desks.time.past
        return Standpoint(
            place=self.journey.here,
            at=at,
            now=held.clock(at),
            document=past if past is not None else held.document,
            newest=held.newest,
            words=self.words,
            row=lambda: moves.row_at(self.attention, self._rows()),
            low=self.settings.low,
            paused=held.paused,
        )

    def _rows(self) -> tuple[str, ...]:
        view = self.view()
        return rows_of(view) if view is not None else ()

    def _hosts(self) -> tuple[str, ...]:
        document = self.held.document
        return tuple(document.hosts) if document is not None else ()
