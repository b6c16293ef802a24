"""The console on a terminal: Textual's events into a session, its lines onto a canvas."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from typing import Any, ClassVar, Protocol, TypeAlias

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.driver import Driver

from estate.document import Change, Document, HostDetail, Series
from estate.past import Moment
from estate.runs import RunView
from tui.console.asking.attachment import Revival, follow
from tui.console.requests import board, console
from tui.console.requests.attention import REQUESTS, AttentionFact, AttentionRequest
from tui.console.requests.facts import Fact
from tui.console.requests.request import Request
from tui.console.requests.runs import RunFact, RunRequest
from tui.console.session.held import TICK_MS
from tui.console.session.session import Session
from tui.console.window.canvas import Canvas
from tui.console.window.display import DiffedApp
from tui.console.window.driver import ConsoleDriver
from watch.error import WatchError
from watch.loading import load

#: All that this process will ever need of ours; see `watch.loading`.
LOADED = ("tui.paint", "tui.console", "estate", "snapshots.reading")

#: What a desk asks of the watch, which answers in its time.
_Asked: TypeAlias = (
    board.AskMoments
    | board.AskBoard
    | board.AskRunThen
    | board.Detail
    | board.Chart
    | RunRequest
    | AttentionRequest
)


class Watch(Protocol):
    """The watch as the console asks it. Its calls block, and raise WatchError."""

    def detail(self, host: str, span: str, now: int) -> HostDetail:
        """What the host screen shows beside the row."""

    def chart(self, queue: str, span: str, now: int) -> Series:
        """How deep a queue was over a span."""

    def moments(self, end: int) -> tuple[Moment, ...]:
        """Of which moments before `end`, UTC ms, boards are kept, newest first."""

    def board(self, at: int, step: int) -> Document | None:
        """The board kept at that moment, or the one before (-1) or after it (1)."""

    def run_then(self, run: str, at: int) -> RunView:
        """Everything about a run as it was at that moment."""

    def refresh(self, host: str | None) -> None:
        """Ask one host, or all, now."""

    def ask_readiness(self, service: str) -> None:
        """Ask the hosts of a service its runbook's checks."""


class Runs(Protocol):
    """The watch's runs. Its calls block, and raise WatchError."""

    def answer(self, request: RunRequest) -> RunFact:
        """What the watch says to `request`."""


class Heeded(Protocol):
    """Who has which problem, at the watch. Its calls block, and raise WatchError."""

    def answer(self, request: AttentionRequest) -> AttentionFact:
        """What the watch says to `request`."""


class Cabinet(Protocol):
    """Where the console keeps files. Its calls raise OSError."""

    def save(self, name: str, value: str) -> None:
        """Keep a setting."""

    def export(self, session: Session) -> str:
        """Write the screen; returns what was written where."""


class TwinwatchApp(DiffedApp, inherit_bindings=False):
    """One console on one watch. `clock` is monotonic milliseconds.

    `start` starts the watch where it has ended, as `twinwatch` does: it blocks, and raises
    WatchError, or what is wrong with the estate. None where it is not this console's to start.
    `driver` None is Textual's choice, by its environment.
    """

    TITLE = "twinwatch"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    CSS = "Screen, Canvas { background: ansi_default; color: ansi_default; }"

    def __init__(
        self,
        session: Session,
        watch: Watch,
        stream: Callable[[], AsyncIterator[Document | Change]],
        cabinet: Cabinet,
        runs: Runs,
        *,
        heeded: Heeded,
        clock: Callable[[], int],
        start: Callable[[], object] | None = None,
        driver: type[Driver] | None = ConsoleDriver,
    ) -> None:
        super().__init__(driver_class=driver, ansi_color=True)
        self.animation_level = "none"
        self._session = session
        self._watch = watch
        self._stream = stream
        self._cabinet = cabinet
        self._runs = runs
        self._heeded = heeded
        self._clock = clock
        self._revival = Revival(start)
        self._canvas = Canvas()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- life -------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """One canvas, and nothing else."""
        yield self._canvas

    def on_load(self) -> None:
        """Before the terminal is taken: who ends us gets it back."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)

    def on_mount(self) -> None:
        """Paint what is known, then listen."""
        self._fit(*self.size)
        self.set_interval(TICK_MS / 1000, self._tick)
        # The stream begins with a whole board, which would be read before this one is painted.
        self.call_after_refresh(self._listen)

    def _listen(self) -> None:
        self._begin(follow(self._stream, self._learn, self._revival))
        self._begin(self._load_the_rest())

    async def _load_the_rest(self) -> None:
        """The screens that nobody opened yet: see `watch.loading`."""
        for name in await load(*LOADED):
            say = self._session.words.say
            told = say(
                "{name} is gone: was twinwatch upgraded? Leave, and start it again", name=name
            )
            self._session.tell(told)

    def on_unmount(self) -> None:
        """Let go of the watch."""
        for task in self._tasks:
            task.cancel()

    # --- what comes in ----------------------------------------------------------------------

    def _learn(self, fact: Fact) -> None:
        self._answer(self._session.learn(fact, self._clock()))

    def _tick(self) -> None:
        self._answer(self._session.tick(self._clock()))

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes go to the session: Textual's own bindings have no say."""
        if isinstance(event, events.Key):
            self._answer(self._session.press(_name_of(event), self._clock()))
        elif isinstance(event, events.Paste):
            self._answer(self._session.paste(event.text, self._clock()))
        else:
            await super().on_event(event)

    def on_canvas_fitted(self, message: Canvas.Fitted) -> None:
        """The same page in another size."""
        self._fit(message.width, message.height)

    def on_canvas_clicked(self, message: Canvas.Clicked) -> None:
        """A row, or a word with an action."""
        at = self._clock()
        self._answer(self._session.click(message.key, message.action, message.twice, at))

    def on_canvas_wheeled(self, message: Canvas.Wheeled) -> None:
        """The wheel."""
        self._session.wheel(message.rows)
        self._answer(())

    # --- what goes out ----------------------------------------------------------------------

    def _fit(self, width: int, height: int) -> None:
        self._session.terminal = replace(self._session.terminal, width=width, height=height)
        self._answer(())

    def _answer(self, wanted: tuple[Request, ...]) -> None:
        """Show what the session says now, and do what it asks for."""
        for request in wanted:
            self._fulfil(request)
        self._canvas.show(self._session.lines(), self._session.theme)

    def _fulfil(self, request: Request) -> None:
        say = self._session.words.say
        match request:
            case console.Leave():
                self.exit()
            case console.Suspend():
                self.action_suspend_process()
            case console.Redraw():
                self.draw_again()
            case console.Ring():
                self.bell()
            case console.Copy(text):
                self.copy_to_clipboard(text)
                self._session.tell(say("copied, if the terminal allows it (OSC 52)"))
            case console.Save(name, value):
                self._save(name, value)
            case console.Export():
                self._export()
            case board.Refresh(host):
                self._begin(self._refresh(host))
            case board.Revive():
                self._revival.ask()
            case board.AskReadiness(service):
                self._begin(self._ask_readiness(service))
            case _:
                self._begin(self._ask(request))

    def _save(self, name: str, value: str) -> None:
        try:
            self._cabinet.save(name, value)
        except OSError as error:
            say = self._session.words.say
            self._session.tell(
                say("{name} holds until you leave: {error}", name=name, error=_why(error))
            )

    def _export(self) -> None:
        say = self._session.words.say
        try:
            self._session.tell(say("written: {files}", files=self._cabinet.export(self._session)))
        except OSError as error:
            self._session.tell(say("not written: {error}", error=_why(error)))

    async def _refresh(self, host: str | None) -> None:
        say = self._session.words.say
        try:
            await asyncio.to_thread(self._watch.refresh, host)
        except WatchError as error:
            self._session.tell(str(error))
        else:
            asked = say("asked {host} now", host=host) if host else say("asked every host now")
            self._session.tell(asked)
        self._answer(())

    async def _ask_readiness(self, service: str) -> None:
        say = self._session.words.say
        try:
            await asyncio.to_thread(self._watch.ask_readiness, service)
        except WatchError as error:
            self._session.tell(str(error))
        else:
            self._session.tell(say("the hosts of {service} have answered", service=service))
        self._answer(())

    async def _ask(self, request: _Asked) -> None:
        answer: object
        try:
            answer = await asyncio.to_thread(self._said_to, request)
        except WatchError as error:
            answer = error
        self._answer(self._session.answered(request, answer, self._clock()))

    def _said_to(self, request: _Asked) -> object:  # noqa: PLR0911 - one a request
        """What the watch says to `request`. Blocks; raises WatchError."""
        match request:
            case board.Detail(host, span, now):
                return self._watch.detail(host, span, now)
            case board.Chart(queue, span, now):
                return self._watch.chart(queue, span, now)
            case board.AskMoments(end):
                return self._watch.moments(end)
            case board.AskBoard(moment, step):
                return self._watch.board(moment, step)
            case board.AskRunThen(run, moment):
                return self._watch.run_then(run, moment)
        if isinstance(request, REQUESTS):
            return self._heeded.answer(request)
        return self._runs.answer(request)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _name_of(event: events.Key) -> str:
    """A key as `tui.console.keys.keymap` names it: what it prints, else its word."""
    character = event.character
    if character and character.isprintable() and character != " ":
        return character
    return event.key


def _why(error: OSError) -> str:
    """Why a file was not written, without the number that Python puts before it."""
    what = error.strerror or str(error)
    return f"{what}: {error.filename}" if error.filename else what
