"""A client of the watch as it was: with its first answer it says of which moment that is.

A board is kept once a minute, later more seldom, and none while nobody watched: who asks about a
moment must see how much older the answer is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from estate.past import apart_ms
from tui.commands.moment import moment
from tui.commands.show import emit
from tui.commands.speech import words_for
from watch.client import Client
from watch.clock import now_ms
from watch.error import SourceError

if TYPE_CHECKING:
    from estate.language import Words


def client_then(client: Client, text: str, *, as_json: bool) -> Client:
    """`client`, asking about the moment that `text` means; raises SourceError where it is none."""
    estate = client.get("/v1/estate")
    at = moment(text, client.clock(), estate["timezone"])
    return _Then(client, at, text, estate, as_json=as_json)


class _Then(Client):
    """See the module's first lines. JSON has nowhere to say it, so it is said on stderr."""

    def __init__(
        self, now: Client, at: int, text: str, estate: Mapping[str, Any], *, as_json: bool
    ) -> None:
        super().__init__(now.socket, now.timeout_seconds, at=at)
        self._text = text
        self._estate = estate
        self._as_json = as_json
        self._said = False

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        answer = super().get(path, query)
        if not self._said and (self.board_at is not None or path.startswith("/v1/runs")):
            self._said = True
            self._say(self._of_a_board(self.board_at) if self.board_at else self._of_journals())
        return answer

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        where, why = f"--at {self._text}", "what is past can't be changed"
        raise SourceError("nothing was changed", where, why, "leave --at out")

    def _of_a_board(self, board_at: int) -> str:
        from tui.paint.numbers import age

        asked, words = self.clock(), self._words()
        line = words.say(
            "As of {then}: the last board that was kept, {age} before the moment asked about.",
            then=self._when(board_at), age=age(asked - board_at),
        )  # fmt: skip
        if asked - board_at > apart_ms(now_ms() - board_at):
            line += words.say(" None was kept after it: nobody may have watched.")
        return line

    def _of_journals(self) -> str:
        return self._words().say(
            "As of {then}, by what the journals of runs said then.", then=self._when(self.clock())
        )

    def _words(self) -> Words:
        return words_for("" if self._as_json else self._estate.get("language", ""))

    def _when(self, at: int) -> str:
        from tui.paint.numbers import clock, day, zone_name

        zone = self._estate["timezone"]
        return f"{day(at, zone, self._words())} {clock(at, zone)} {zone_name(at, zone)}"

    def _say(self, line: str) -> None:
        if self._as_json:
            print(f"twinwatch: {line}", file=sys.stderr)
        else:
            emit(line)
