"""What the console asks of its watch about who has which problem, over the socket."""

from __future__ import annotations

from tui.console.requests import attention as asked
from tui.console.requests.handover import AnswerItems, AskHandover, ReplyOf, SignHandover
from watch.client import Client


class AttentionOverSocket:
    """Acknowledgements and silences of the watch behind `client`. `answer` blocks, and raises
    WatchError."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def answer(self, request: asked.AttentionRequest) -> asked.AttentionFact:
        """What the watch says to `request`."""
        post = self._client.post
        match request:
            case asked.Acknowledge(problem, reason, for_ms):
                body = {"problem": problem, "reason": reason, "for_ms": for_ms}
                post("/v1/acknowledgements", body)
            case asked.Unacknowledge(problem):
                post("/v1/acknowledgements/withdraw", {"problem": problem})
            case asked.SilenceThem(where, reason, for_ms):
                post("/v1/silences", {"where": where, "reason": reason, "for_ms": for_ms})
            case asked.Unsilence(silence):
                post(f"/v1/silences/{silence}/withdraw")
            case asked.AskSuggestions(problem):
                rows = self._client.get("/v1/suggestions", {"problem": problem})
                return asked.Suggested(
                    tuple(asked.Suggestion(row["runbook"], row.get("given", {})) for row in rows)
                )
            case AskHandover() | AnswerItems() | ReplyOf() | SignHandover():
                from tui.console.asking.handover import answered

                return answered(self._client, request)
        return asked.TakenDown()
