"""The API describes itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.watch.room import Room, asked


def test_the_openapi_document_describes_every_path(tmp_path: Path) -> None:
    async def play(room: Room) -> dict[str, Any]:
        return await room.get("/openapi.json")

    document = asked(tmp_path, play)
    assert set(document["paths"]) == {
        *(f"/v1/{name}" for name in ("board", "status", "stream", "hosts", "hosts/{name}")),
        *(f"/v1/{name}" for name in ("problems", "estate", "events", "history", "doctor")),
        *(f"/v1/{name}" for name in ("refresh", "reload", "stop")),
        *(f"/v1/{name}" for name in ("readiness", "readiness/ask")),
        *(f"/v1/records/{name}" for name in ("check", "export", "prune")),
        *(f"/v1/{name}" for name in ("plan", "runs", "runs/{run}", "runs/{run}/output")),
        *("/v1/runs/{run}/{verb}", "/v1/runbooks", "/v1/arm", "/v1/disarm"),
        *(f"/v1/{name}" for name in ("services", "services/{key}/month", "services/{key}/rounds")),
        *("/v1/tenants", "/v1/tenants/all", "/v1/vantage"),
        *("/v1/queues", "/v1/queues/history"),
        *(f"/v1/{name}" for name in ("certificates", "patches", "replication")),
        *(f"/v1/{name}" for name in ("proxies", "addresses", "backups")),
        *("/v1/snapshot", "/v1/notes", "/v1/notes/{name}/close", "/v1/handovers"),
        *(f"/v1/handovers/{{name}}{verb}" for verb in ("", "/answer", "/reply", "/sign")),
        *("/v1/acknowledgements", "/v1/acknowledgements/withdraw", "/v1/suggestions"),
        *("/v1/silences", "/v1/silences/{name}/withdraw", "/v1/notify", "/v1/notify/test"),
        "/v1/moments",
        "/v1/report",
        "/metrics",
    }
    board = document["paths"]["/v1/board"]["get"]
    shape = board["responses"]["200"]["content"]["application/json"]["schema"]
    assert shape == {"$ref": "#/components/schemas/Document"}
    schemas = document["components"]["schemas"]
    assert set(schemas["Refusal"]["properties"]) == {"what", "where", "why", "do"}
    assert "values" in schemas["HostRow"]["properties"]
    text = json.dumps(document)
    for part in text.split('"$ref": "#/components/schemas/')[1:]:
        assert part.split('"')[0] in schemas
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["description"]
