"""The API, asked over a real Unix socket by the real client; collection and records are played."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from estate.document import Change, Document, Event
from estate.model import Retention
from estate.queues import QUEUE_METRICS, QueueFigures
from estate.samples import Cause, Reach, Reached, Sample, Stage
from estate.wire import document_from_json
from tests.watch.test_board import ESTATE, sample
from watch import access, estatefile, following
from watch.access import Door, Peer, refusal
from watch.api.listening import Listening
from watch.client import Client, stream
from watch.clock import now_ms
from watch.core import Watch
from watch.error import WatchError
from watch.hub import MOST_WAITING
from watch.means import Inbox, Means
from watch.process import place_in
from watch.source import Source


class Played:
    """A collection and records that only remember what was asked of them."""

    def __init__(self) -> None:
        self.retention = Retention()
        self.refreshed: list[str | None] = []
        self.samples: list[Sample] = []
        self.kept: list[Event] = []
        self.boards: list[bytes] = []
        self.status = ""
        self.saved_until: int | None = None
        self.dropped = 0
        self.notices: tuple[str, ...] = ()
        self.reconfigured: list[object] = []
        self.queues: list[QueueFigures] = []

    # the collection
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def reconfigure(self, estate: object) -> None:
        self.reconfigured.append(estate)

    def refresh(self, host: str | None) -> None:
        self.refreshed.append(host)

    # the records
    def put(self, samples: Sequence[Sample] = (), events: Sequence[Event] = ()) -> None:
        self.samples += samples
        self.kept += reversed(events)
        self.saved_until = max((each.at for each in self.samples), default=None)

    def put_queues(self, figures: Iterable[QueueFigures]) -> None:
        self.queues += figures

    async def queue_series(self, key: str, metric: str, start: int, end: int, points: int):
        figures = [
            (e.at, e.values[QUEUE_METRICS.index(metric)]) for e in self.queues if e.key == key
        ]
        return [(at, value, value, value) for at, value in figures if start <= at < end]

    def save_board(self, document: bytes) -> None:
        self.boards.append(document)

    def take_notices(self) -> tuple[str, ...]:
        taken, self.notices = self.notices, ()
        return taken

    async def series(self, host: str, metric: str, start: int, end: int, points: int):
        return [(each.at, each.values[0], each.values[0], each.values[0]) for each in self.samples]

    async def events(self, since: int, limit: int, host: str) -> tuple[Event, ...]:
        kept = [each for each in self.kept if each.at >= since and host in ("", each.where)]
        return tuple(reversed(kept))[:limit]


@dataclass
class Remembered:
    board: None = None
    saved_until: int | None = None
    last_event_id: int = 0


class Itself:
    """The machine that the watch runs on."""

    def measure(self) -> dict[str, float]:
        return {"cpu": 1.0}

    def disk(self) -> dict[str, float]:
        return {"disk": 2.0}


class Room:
    """A watch at work in this process, and a client of it."""

    def __init__(self, directory: Path) -> None:
        self.played = Played()
        self.inbox = Inbox()
        self.estate = ESTATE
        place = place_in(directory)
        place.prepare()
        (directory / "estate.yaml").write_text("")
        self.path = place.socket
        means = Means(
            self.inbox,
            self.played,
            self.played,
            read_estate=lambda: self.estate,
            load_bastion=Itself,
            stopping=asyncio.Event(),
            started_at=now_ms(),
        )
        source = Source(directory / "estate.yaml")
        self.watch = Watch(ESTATE, source, place, means, Remembered())
        self.client = Client(self.path)

    async def get(self, path: str, **query: object) -> Any:
        return await asyncio.to_thread(self.client.get, path, query)

    async def post(self, path: str, **body: object) -> Any:
        return await asyncio.to_thread(self.client.post, path, body)

    async def refused(self, path: str, **query: object) -> tuple[int, str]:
        with pytest.raises(WatchError) as caught:
            await self.get(path, **query)
        return caught.value.status, str(caught.value)

    def observed(self, *observations: object) -> None:
        for each in observations:
            self.inbox.put(each)  # type: ignore[arg-type]
        self.watch.board.step()


def asked(directory: Path, play: Callable[[Room], Any]) -> Any:
    """Play `play` in a room whose API listens."""

    async def run() -> Any:
        room = Room(directory / "w")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(room.path))
            listener.listen()
            listener.setblocking(False)
            api = Listening(room.watch, listener)
            await api.start()
            now = now_ms()
            room.observed(
                *(
                    sample(name, now, cpu=10.0 + n, mem=30)
                    for n, name in enumerate(("a", "b", "r"))
                ),
                Reached("gw", now, Reach.UNTRUSTED, Cause(Stage.HOST_KEY, "host key differs")),
            )
            try:
                return await play(room)
            finally:
                room.watch.hub.close()
                await api.close()

    return asyncio.run(run())


def test_the_board_whole_and_in_parts(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        board = document_from_json(await room.get("/v1/board"))
        assert board == room.watch.document
        hosts = await room.get("/v1/hosts", where="cpu>10.5")
        assert [each["name"] for each in hosts] == ["b", "r"]
        problems = await room.get("/v1/problems", where="state:untrusted")
        assert [each["where"] for each in problems] == ["gw"]
        one = await room.get("/v1/hosts/a")
        assert one["row"]["values"]["cpu"] == 10.0
        assert one["detail"]["thresholds"]["cpu"] == [90, 97]
        assert (await room.get("/v1/estate"))["hosts"] == 5

    asked(tmp_path, play)


def test_status_counts(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        status = await room.get("/v1/status")
        assert status["hosts"] == {"total": 4, "untrusted": 1, "live": 3}
        assert status["problems"] == {"total": 1, "critical": 1}
        assert status["pid"] == os.getpid()
        assert status["saved_until"] == room.played.saved_until
        assert status["rss_bytes"] > 1e6

    asked(tmp_path, play)


def test_the_stream_follows_and_starts_over_after_a_reload(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        told: list[Document | Change] = []
        following = stream(room.path)
        told.append(await anext(following))
        room.observed(sample("a", now_ms(), cpu=50))
        told.append(await anext(following))
        room.estate = replace(ESTATE, name="Other", hosts={"a": ESTATE.hosts["a"]})
        assert (await room.post("/v1/reload"))["name"] == "Other"
        told.append(await anext(following))
        await following.aclose()
        first, change, second = told
        assert isinstance(first, Document)
        assert isinstance(change, Change)
        assert isinstance(second, Document)
        assert [row.name for row in change.hosts] == ["a"]
        assert change.seq == first.seq + 1
        assert (second.estate, list(second.hosts)) == ("Other", ["a"])
        assert room.played.reconfigured == [room.estate]

    asked(tmp_path, play)


def test_a_console_that_leaves_is_forgotten(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        following = stream(room.path)
        await anext(following)
        assert room.watch.hub.listeners == 1
        await following.aclose()
        while room.watch.hub.listeners:
            room.observed(sample("a", now_ms(), cpu=50))
            await asyncio.sleep(0.01)

    asked(tmp_path, play)


def test_a_console_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        deaf = socket.socket(socket.AF_UNIX)
        with deaf:
            await asyncio.to_thread(deaf.connect, str(room.path))
            deaf.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: watch\r\n\r\n")
            following = stream(room.path)
            await anext(following)
            seen = 0
            for step in range(400):
                room.observed(*(sample(host, now_ms(), cpu=step % 90) for host in ("a", "b", "r")))
                assert isinstance(await anext(following), Change)
                seen += 1
            assert seen == 400
            assert max(len(each.waiting) for each in room.watch.hub._listeners) <= MOST_WAITING
            await following.aclose()

    asked(tmp_path, play)


def test_events_and_history_come_from_the_records(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        events = await room.get("/v1/events")
        assert [each["where"] for each in events] == ["gw", "watch"]
        assert await room.get("/v1/events", where="severity:ok", limit=1) == [events[1]]
        assert await room.get("/v1/events", host="gw") == [events[0]]
        query = {"host": "a", "metric": "cpu", "start": 0, "end": 60_000, "points": 6}
        series = await room.get("/v1/history", **query)
        assert (series["metric"], series["step"]) == ("cpu", 10_000)
        assert [point[2] for point in series["points"]] == [10.0, 11.0, 12.0]

    asked(tmp_path, play)


def test_refresh_goes_to_the_collection(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        assert await room.post("/v1/refresh", host="a") == {"refreshed": "a"}
        assert await room.post("/v1/refresh") == {"refreshed": "every host"}
        assert room.played.refreshed == ["a", None]
        with pytest.raises(WatchError, match="no such host — zz — the estate does not name it"):
            await room.post("/v1/refresh", host="zz")

    asked(tmp_path, play)


@pytest.mark.parametrize(
    ("path", "query", "status", "said"),
    [
        ("/v1/hosts/aa", {}, 404, "no such host — aa — the estate does not name it — did you mean a?"),
        (
            "/v1/hosts",
            {"where": "cpu>"},
            400,
            "the filter is refused — filter 'cpu>', column 5",
        ),
        ("/v1/nothing", {}, 404, "no such request — GET /v1/nothing — Not Found"),
        (
            "/v1/history",
            {"host": "a", "metric": "mood", "start": 0, "end": 1},
            404,
            "no such metric — mood — there are cpu, ",
        ),
        (
            "/v1/history",
            {"host": "a", "metric": "cpu", "start": 5, "end": 5},
            400,
            "no such span — 5–5 — it ends before it begins — give start < end",
        ),
        ("/v1/history", {"host": "a"}, 400, "the request is refused — query metric — Field required"),
        ("/v1/events", {"limit": "many"}, 400, "the request is refused — query limit — "),
        ("/v1/events", {"limit": 10**9}, 400, "the request is refused — query limit — "),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_four_parts(
    tmp_path: Path, path: str, query: dict[str, object], status: int, said: str
) -> None:
    found = asked(tmp_path, lambda room: room.refused(path, **query))
    assert found[0] == status
    assert found[1].startswith(said)


def test_metrics_are_openmetrics_and_leave_out_what_is_not_live(tmp_path: Path) -> None:
    async def play(room: Room) -> str:
        return await room.get("/metrics")

    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

    text = asked(tmp_path, play)
    families = {family.name: family for family in parse(text)}
    cpu = {each.labels["host"]: each for each in families["twinwatch_host_cpu_percent"].samples}
    assert {host: each.value for host, each in cpu.items()} == {"a": 10.0, "b": 11.0, "r": 12.0}
    assert cpu["a"].labels["site"] == "central"
    assert cpu["a"].timestamp is not None
    reach = [
        (each.labels["host"], each.labels["twinwatch_host_reach"])
        for each in families["twinwatch_host_reach"].samples
        if each.value
    ]
    assert ("gw", "untrusted") in reach
    problems = {s.labels["severity"]: s.value for s in families["twinwatch_problems"].samples}
    assert problems == {"critical": 1, "warning": 0, "unknown": 0}
    assert families["twinwatch_watch_dropped"].samples[0].value == 0


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
        *(f"/v1/handovers/{{name}}{verb}" for verb in ("", "/answer", "/sign")),
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


def test_trouble_with_the_records_is_on_the_board(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        room.played.status = "not saved: the disk is full; make room"
        room.played.notices = ("the disk is full",)
        room.observed()
        board = await room.get("/v1/board")
        assert board["watch"]["records"] == "not saved: the disk is full; make room"
        assert board["events"][0]["what"] == "the disk is full"
        assert (await room.get("/v1/status"))["records_problem"] == room.played.status

    asked(tmp_path, play)


def test_a_refused_estate_leaves_the_old_one_and_says_why_once(tmp_path: Path) -> None:
    async def play(room: Room) -> None:
        def refuse() -> Any:
            raise ValueError("estate.yaml:3: no such site\nestate.yaml:9: no such group")

        room.watch.following.file.read = refuse
        for _ in range(2):
            problem = (await room.post("/v1/reload"))["problem"]
        assert problem == "estate.yaml:3: no such site (and 1 more)"
        room.observed()
        said = [each.what for each in room.watch.document.events]
        assert said.count(f"the changed file is refused: {problem}") == 1
        assert room.played.reconfigured == []

    asked(tmp_path, play)


def test_a_defect_costs_one_step_and_not_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> Watch:
        room = Room(tmp_path / "w")
        absorb = room.watch.board._board.absorb

        def stumble(observations: Any, now: int) -> Any:
            if any(each.host == "a" for each in observations):
                raise ZeroDivisionError("by a")
            return absorb(observations, now)

        monkeypatch.setattr(room.watch.board._board, "absorb", stumble)
        running = asyncio.create_task(room.watch.run())
        room.inbox.put(sample("a", now_ms()))
        while room.inbox._observed:
            await asyncio.sleep(0.01)
        room.inbox.put(sample("b", now_ms()))
        while room.watch.document.hosts["b"].at is None:
            await asyncio.sleep(0.01)
        room.watch.stop("")
        await running
        return room.watch

    watch = asyncio.run(run())
    said = [each.what for each in watch.document.events]
    assert "a defect of twinwatch, see its log: ZeroDivisionError: by a" in said
    assert "by a" in caplog.text


def test_running_saves_and_stops(tmp_path: Path) -> None:
    async def run() -> Played:
        room = Room(tmp_path / "w")
        running = asyncio.create_task(room.watch.run())
        room.inbox.put(sample("a", now_ms(), cpu=1))
        while not room.played.samples:
            await asyncio.sleep(0.01)
        room.watch.stop("kfwong")
        await asyncio.wait_for(running, 5)
        return room.played

    played = asyncio.run(run())
    assert [each.what for each in played.kept] == [
        "started, with no records from before",
        "stopped by kfwong",
    ]
    saved = document_from_json(json.loads(played.boards[-1]))
    assert saved.hosts["a"].values == {"cpu": 1.0}
    assert saved.events[0].what == "stopped by kfwong"


# --- who asks -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "why"),
    [
        (Peer(1, 1000, 1000), ""),
        (Peer(1, 0, 0), ""),
        (Peer(1, 0, 0, login=1001), ""),
        (Peer(1, 4_000_001, 1), "this watch belongs to uid 1000, and you are uid 4000001"),
        (None, "the kernel does not say who asks"),
    ],
)
def test_a_watch_answers_its_own_user_and_root(
    peer: Peer | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "user_name", lambda uid: f"uid {uid}")
    for steers in (False, True):
        assert refusal(peer, Door(1000), {}, steers=steers) == why


ROLES = {
    "viewer": ("desk",),
    "operator": ("ops", "admins"),
    "contractor": ("vendor",),
    "auditor": ("audit",),
}


@pytest.mark.parametrize(
    ("groups", "roles", "looks", "steers"),
    [
        ({"desk"}, ROLES, True, "only members of ops, admins may steer, and you are bob, a viewer"),
        ({"admins", "users"}, ROLES, True, ""),
        (
            {"vendor"},
            ROLES,
            False,
            "only members of ops, admins may steer, and you are bob, a contractor",
        ),
        (
            {"audit", "desk"},
            ROLES,
            True,
            "only members of ops, admins may steer, and you are bob, an auditor and a viewer",
        ),
        ({"oncall"}, ROLES, False, "only members of ops, admins may steer, and you are bob"),
        ({"oncall"}, {}, True, "only tw may steer, and you are bob, a viewer"),
        ({"users"}, {}, False, "only tw may steer, and you are bob"),
    ],
)
def test_a_shared_watch_goes_by_the_roles_of_the_estate(
    groups: set[str],
    roles: dict[str, tuple[str, ...]],
    looks: bool,
    steers: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "user_name", {1000: "tw", 1001: "bob"}.__getitem__)
    monkeypatch.setattr(access, "groups_of", lambda peer: frozenset(groups))
    bob, door = Peer(1, 1001, 1001), Door(1000, "oncall")
    assert (refusal(bob, door, roles, steers=False) == "") is looks
    assert refusal(bob, door, roles, steers=True) == steers
    assert refusal(Peer(1, 1000, 1000), door, roles, steers=True) == ""
    alone = "this watch belongs to tw, and you are bob"
    assert refusal(bob, Door(1000), roles, steers=False) == alone  # roles open no private watch


def test_the_groups_of_a_person_are_those_of_the_database() -> None:
    groups = access.groups_of(Peer(os.getpid(), os.getuid(), os.getgid()))
    said = subprocess.run(["id", "-Gn"], capture_output=True, text=True, check=True).stdout
    assert groups == set(said.split())
    assert access.groups_of(Peer(1, 4_000_001, 4_000_001)) == frozenset()


def test_the_kernel_says_who_asks() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        peer = access.peer_of(there)
    assert (peer.pid, peer.uid, peer.gid) == (os.getpid(), os.getuid(), os.getgid())
    assert peer.name == access.user_name(os.getuid() if peer.login is None else peer.login)


def test_an_estate_on_a_dead_file_server_is_told_of_and_the_watch_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estatefile, "FILE_SECONDS", 0.2)
    come_back = threading.Event()

    async def play(room: Room) -> None:
        def hang() -> Any:
            come_back.wait(30)
            return room.estate

        room.watch.following.file.read = hang
        try:
            asked = asyncio.create_task(room.post("/v1/reload"))
            await asyncio.sleep(0)
            room.observed()  # the loop is free
            problem = (await asked)["problem"]
        finally:
            come_back.set()
        where = room.path.parent / "estate.yaml"
        assert problem.startswith(f"{where} was not read in 0.2 s. It does not answer: ")
        room.observed()
        said = [each.what for each in room.watch.document.events]
        assert f"the file hangs: {problem}" in said

    asked(tmp_path, play)


def test_a_hung_file_is_an_estate_problem_until_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estatefile, "FILE_SECONDS", 0.1)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.02)
    come_back = threading.Event()

    async def play(room: Room) -> None:
        def hang() -> Any:
            come_back.wait(30)
            return room.estate

        async def until(there: bool) -> str:
            async with asyncio.timeout(20):
                while bool(room.watch.board.watch.estate_problem) != there:
                    await asyncio.sleep(0.01)
            return room.watch.board.watch.estate_problem

        room.watch.following.file.read = hang
        following = asyncio.create_task(room.watch.following.follow())
        try:
            where = room.path.parent / "estate.yaml"
            assert (await until(there=True)).startswith(f"{where} was not read in 0.1 s. ")
        finally:
            come_back.set()
        await until(there=False)
        following.cancel()

    asked(tmp_path, play)
