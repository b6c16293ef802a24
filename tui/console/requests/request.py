"""Whatever a session asks of the world around it; `tui.console.window.app` fulfils it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from tui.console.requests import board, console
    from tui.console.requests.attention import AttentionRequest
    from tui.console.requests.runs import RunRequest

ConsoleRequest: TypeAlias = (
    "console.Leave | console.Suspend | console.Redraw | console.Ring | console.Copy"
    " | console.Export | console.Save"
)
BoardRequest: TypeAlias = (
    "board.Refresh | board.AskReadiness | board.Detail | board.Chart | board.AskMoments"
    " | board.AskBoard | board.AskRunThen | board.Revive"
)
Request: TypeAlias = "ConsoleRequest | BoardRequest | RunRequest | AttentionRequest"
