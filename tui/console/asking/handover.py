"""What the console asks of its watch about handovers, over the socket."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from tui.console.asking.answers import read
from tui.console.requests import handover as asked
from watch.client import Client
from watch.error import WatchError


def answered(client: Client, request: asked.HandoverRequest) -> asked.HandedOver:
    """What the watch says to `request`. Blocks; raises WatchError."""
    from estate.handover import Handover, Note

    match request:
        case asked.AnswerItems(handover, items, answer, why):
            body: dict[str, Any] = {"answer": answer.value, "items": [*items], "why": why}
            client.post(f"/v1/handovers/{quote(handover, safe='')}/answer", body)
        case asked.ReplyOf(handover, item, text):
            reply = {"items": [item], "text": text}
            client.post(f"/v1/handovers/{quote(handover, safe='')}/reply", reply)
        case asked.SignHandover(handover):
            _sign(client, handover)
    rows = client.get("/v1/handovers", {"limit": 1})[:1]  # an older watch gives all
    notes = [read(Note, row, client) for row in client.get("/v1/notes")]
    last = read(Handover, rows[0], client) if rows else None
    return asked.HandedOver(last, tuple(each for each in notes if each.closed is None))


def _sign(client: Client, handover: str) -> None:
    """Sign the hash of the document as it was read here, not one that the watch names."""
    from snapshots.reading import SnapshotError, read_snapshot, sha256_of

    path = f"/v1/handovers/{quote(handover, safe='')}"
    content = "".join(client.pieces(path, {})).encode()
    try:
        read_snapshot(content)  # nobody signs what can't be shown
    except SnapshotError as error:
        what, do = "the document makes no sense", "use the twinwatch that the watch is of"
        raise WatchError(what, handover, error.what, do) from error
    client.post(f"{path}/sign", {"sha256": sha256_of(content)})
