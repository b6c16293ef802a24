"""A client of the watch as it was: with its first answer it says of which moment that is.

A board is kept once a minute, later more seldom, and none while nobody watched: who asks about a
moment must see how much older the answer is.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from estate.past import apart_ms
from tui.commands.moment import moment
from tui.commands.show import emit
from tui.commands.speech import words_for
from watch.client import Client
from watch.clock import now_ms


def client_then(client: Client, text: str, *, as_json: bool) -> Client:
    """`client`, asking about the moment that `text` means; raises SourceError where it is none."""
    estate = client.get("/v1/estate")
    at = moment(text, client.clock(), estate["timezone"])
    return _Then(client, at, estate, as_json=as_json)


class _Then(Client):
    """See the module's first lines. JSON has nowhere to say it, so it is said on stderr."""

    def __init__(self, now: Client, at: int, estate: Mapping[str, Any], *, as_json: bool) -> None:
        super().__init__(now.socket, now.timeout_seconds, at=at)
        self._estate = estate
        self._as_json = as_json
        self._said = False

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        answer = super().get(path, query)
        if self.board_at is not None and not self._said:
            self._said = True
            self._say(self.board_at)
        return answer

    def _say(self, board_at: int) -> None:
        from tui.paint.numbers import age, clock, day, zone_name

        asked, zone = self.clock(), self._estate["timezone"]
        words = words_for("" if self._as_json else self._estate.get("language", ""))
        then = (f"{day(board_at, zone, words)} {clock(board_at, zone)}"
                f" {zone_name(board_at, zone)}")  # fmt: skip
        line = words.say(
            "As of {then}: the last board that was kept, {age} before the moment asked about.",
            then=then, age=age(asked - board_at),
        )  # fmt: skip
        if asked - board_at > apart_ms(now_ms() - board_at):
            line += words.say(" None was kept after it: nobody may have watched.")
        if self._as_json:
            print(f"twinwatch: {line}", file=sys.stderr)
        else:
            emit(line)
