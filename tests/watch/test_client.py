"""The client: one clear error for everything that can be wrong at the other end."""

from __future__ import annotations

import asyncio
import grp
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from estate.document import Change, Document, WatchRow
from estate.wire import to_json
from watch.client import Client, no_answer, stream
from watch.error import WatchError


@contextmanager
def server(path: Path, serve: Callable[[socket.socket], None]) -> Iterator[Path]:
    """One connection on a Unix socket, served by `serve`."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    listener.settimeout(10)

    def accept() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            serve(connection)

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield path
    finally:
        thread.join(10)
        listener.close()


def saying(*parts: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        for part in parts:
            connection.sendall(part)

    return serve


def response(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_an_answer_is_its_json(tmp_path: Path) -> None:
    with server(tmp_path / "s", saying(response(b'{"a": [1, "\xe9\x9b\xbb"]}'))) as path:
        assert Client(path).get("/v1/board") == {"a": [1, "電"]}


def test_what_is_no_json_is_text(tmp_path: Path) -> None:
    with server(tmp_path / "s", saying(response(b"# EOF\n", kind="text/plain"))) as path:
        assert Client(path).get("/metrics") == "# EOF\n"


def test_what_is_asked(tmp_path: Path) -> None:
    heard = []

    def serve(connection: socket.socket) -> None:
        heard.append(connection.recv(65536).split(b"\r\n")[0])
        connection.sendall(response(b"null"))

    with server(tmp_path / "s", serve) as path:
        Client(path).get("/v1/hosts/ä b", {"where": "cpu>80 &", "host": None, "limit": 5})
    assert heard == [b"GET /v1/hosts/%C3%A4%20b?where=cpu%3E80+%26&limit=5 HTTP/1.1"]


def test_a_refusal_keeps_its_four_parts(tmp_path: Path) -> None:
    said = {"what": "no such host", "where": "mta", "why": "not named", "do": "ask another"}
    with (
        server(
            tmp_path / "s", saying(response(json.dumps(said).encode(), "404 Not Found"))
        ) as path,
        pytest.raises(WatchError) as caught,
    ):
        Client(path).get("/v1/hosts/mta")
    assert str(caught.value) == "no such host — mta — not named — ask another"
    assert caught.value.status == 404


@pytest.mark.parametrize(
    ("serve", "why"),
    [
        (saying(), "the watch went away"),
        (saying(b"SSH-2.0-OpenSSH\r\n"), "no watch answers there — .* speaks another protocol"),
        (
            saying(response(b'{"message": "x"}', "404 Oh")),
            "no watch answers there — .* answered 404",
        ),
        (saying(response(b"{")), "no watch answers there — "),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), "the watch went away"),
        (saying(response(b"<html>", "500 Oh")), "the watch answered 500"),
    ],
)
def test_nonsense_is_one_error(tmp_path: Path, serve: Callable, why: str) -> None:
    with server(tmp_path / "s", serve) as path, pytest.raises(WatchError, match=why):
        Client(path).get("/v1/board")


def test_no_socket_and_nobody_behind_one(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with pytest.raises(WatchError) as caught:
        Client(path).get("/v1/board")
    assert str(caught.value) == (
        f"no watch is running — {path} — there is no such socket — start one: twinwatch watch"
    )
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.close()
    with pytest.raises(WatchError, match="nobody listens there"):
        Client(path).get("/v1/board")


def test_what_is_no_socket_or_can_be_none(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.touch()
    for path in (file, file / "s"):
        with pytest.raises(WatchError) as caught:
            Client(path).get("/v1/board")
        assert str(caught.value) == (
            f"no watch answers there — {path} — it is no socket — "
            "name a watch's socket, or none: twinwatch status says which there is"
        )
    long = tmp_path / ("x" * 100) / "s"
    with pytest.raises(WatchError) as caught:
        Client(long).get("/v1/board")
    assert str(caught.value) == (
        f"the socket's path is too long — {long} — one has 107 bytes at most — name a shorter one"
    )


def test_a_hung_watch_is_not_waited_for(tmp_path: Path) -> None:
    done = threading.Event()
    with server(tmp_path / "s", lambda connection: done.wait(10) and None) as path:
        with pytest.raises(WatchError, match="the watch does not answer"):
            Client(path, timeout_seconds=0.05).get("/v1/board")
        done.set()


# --- the stream ---------------------------------------------------------------------------------

CALM = Document(1, 1, "Test", "UTC", "en", 5000, WatchRow())
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_a_long_text_comes_in_pieces_and_whole(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    text = "time,host\n電\n" * 40_000
    raw = text.encode()
    parts = [chunk(raw[at : at + 9_999]) for at in range(0, len(raw), 9_999)]
    with server(tmp_path / "s", saying(head, *parts, b"0\r\n\r\n")) as path:
        assert "".join(Client(path).pieces("/v1/records/export", {"start": 0})) == text


def test_a_long_text_that_ends_before_its_end_is_an_error(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    with server(tmp_path / "s", saying(head, chunk(b"time,host\n"))) as path:
        said = []
        with pytest.raises(WatchError, match="the watch went away"):
            for piece in Client(path).pieces("/v1/records/export", {"start": 0}):
                said.append(piece)
        assert said == ["time,host\n"]


def chunk(part: bytes) -> bytes:
    return f"{len(part):x}\r\n".encode() + part + b"\r\n"


def event(name: str, value: Document | Change) -> bytes:
    return f"event: {name}\ndata: {json.dumps(to_json(value))}\n\n".encode()


def followed(path: Path, silence: float = 10.0) -> tuple[list[object], WatchError]:
    """Everything the stream gives, and how it ends."""

    async def follow() -> tuple[list[object], WatchError]:
        seen: list[object] = []
        with pytest.raises(WatchError) as caught:
            async for each in stream(path, silence_seconds=silence):
                seen.append(each)
        return seen, caught.value

    return asyncio.run(follow())


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_documents_and_changes_however_they_are_cut(tmp_path: Path, size: int) -> None:
    told = event("document", CALM) + b": still here\n\n" + event("change", Change(2, 5))
    told += event("mood", CALM) + event("document", CALM)
    parts = [chunk(told[at : at + size]) for at in range(0, len(told), size)]
    with server(tmp_path / "s", saying(HEAD, *parts, b"0\r\n\r\n")) as path:
        seen, end = followed(path)
    assert seen == [CALM, Change(2, 5), CALM]
    assert end.what == "the watch stopped"


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        ((HEAD, chunk(b"event: change\ndata: {\n\n")), "the watch's stream makes no sense"),
        ((HEAD, chunk(b"event: change\ndata: {}\n\n")), "the watch's stream makes no sense"),
        ((HEAD, chunk(b"event: cha")), "the watch went away"),
        ((b"what?\r\n\r\n",), "the watch went away"),
        ((), "the watch went away"),
        ((response(b'{"what": "no", "why": "not yours"}', "403 Forbidden"),), "no"),
    ],
)
def test_a_broken_stream_is_one_error(tmp_path: Path, parts: tuple[bytes, ...], what: str) -> None:
    with server(tmp_path / "s", saying(*parts)) as path:
        seen, end = followed(path)
    assert (seen, end.what) == ([], what)


def test_a_stream_that_falls_silent_is_noticed(tmp_path: Path) -> None:
    done = threading.Event()

    def serve(connection: socket.socket) -> None:
        connection.sendall(HEAD + chunk(event("document", CALM)))
        done.wait(10)

    with server(tmp_path / "s", serve) as path:
        seen, end = followed(path, silence=0.1)
        done.set()
    assert (seen, end.what) == ([CALM], "the watch does not answer")


def test_a_stream_without_a_watch(tmp_path: Path) -> None:
    assert followed(tmp_path / "s")[1].what == "no watch is running"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a directory of another user")
def test_what_the_system_has_made_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "twinwatch"
    there.mkdir(mode=0o710)
    os.chown(there, 65534, 65534)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(WatchError, match="belongs to uid 65534"):
        Client(there / "s").get("/v1/status")
    monkeypatch.setattr("watch.client.SYSTEM_DIRECTORIES", tmp_path)
    with pytest.raises(WatchError, match="no watch is running") as caught:
        Client(there / "s").get("/v1/status")
    assert caught.value.do == "have it started: systemctl start twinwatch"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a directory of another group")
def test_who_is_not_in_the_group_is_told_which_one(tmp_path: Path) -> None:
    tmp_path.chmod(0o710)
    os.chown(tmp_path, 0, 65534)
    error = no_answer(tmp_path / "s", PermissionError())
    group = grp.getgrgid(65534).gr_name
    assert str(error) == (
        f"the watch can't be asked — {tmp_path / 's'} — it is for members of {group}, and you are "
        f"not one of them — have yourself added, then log in again: usermod -aG {group} USER"
    )
    tmp_path.chmod(0o700)
    assert no_answer(tmp_path / "s", PermissionError()).do == "ask as its own user"


def test_a_client_loads_nothing_that_only_the_watch_needs() -> None:
    script = "import sys, watch.client, watch.process; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    for heavy in ("asyncio", "h11", "fastapi", "paramiko", "sqlite3", "yaml", "pydantic", "typer"):
        assert heavy not in loaded


# --- a watch that says nothing, and sockets of others --------------------------------------------


@pytest.mark.parametrize("waiting", [0, 8])
def test_a_watch_that_hangs_is_named_with_its_log_and_the_way_out(
    tmp_path: Path, waiting: int
) -> None:
    path = tmp_path / "w.x.sock"
    script = f"""if True:
        import socket, sys, time
        from pathlib import Path
        from watch.lock import Lock
        assert Lock(Path({str(path.with_suffix(".lock"))!r})).acquire()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind({str(path)!r})
        listener.listen(1)
        print(flush=True)
        time.sleep(600)
    """
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        hung = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=stderr
        )
    crowd = [socket.socket(socket.AF_UNIX) for _ in range(waiting)]
    try:
        assert hung.stdout is not None
        assert hung.stdout.readline() == b"\n"
        for each in crowd:  # more than it takes in: the next one is turned away at once
            each.setblocking(False)
            each.connect_ex(str(path))
        with pytest.raises(WatchError) as caught:
            Client(path, timeout_seconds=0.1).get("/v1/status")
    finally:
        for each in crowd:
            each.close()
        hung.kill()
        hung.communicate()
    assert str(caught.value) == (
        f"the watch does not answer — {path} — process {hung.pid} hangs, its log is {log} — "
        f"kill -9 {hung.pid}, then twinwatch watch"
    )


def test_silence_of_no_known_process_still_has_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "s.lock").write_text("4000000\n")  # it ended, and holds no lock any more
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()
    with pytest.raises(WatchError, match="time is up — end its process"):
        Client(tmp_path / "s", timeout_seconds=0.05).get("/v1/status")
    listener.close()


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_socket_where_others_may_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    directory = tmp_path / "shared"
    directory.mkdir()
    directory.chmod(mode)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(directory / "s"))
    listener.listen()
    said = f"the socket is refused — {directory / 's'} — others could have put it there"

    async def listen() -> None:
        async for _ in stream(directory / "s"):
            pass

    with pytest.raises(WatchError, match=said):
        Client(directory / "s").get("/v1/status")
    with pytest.raises(WatchError, match=said):
        asyncio.run(listen())
    listener.setblocking(False)
    with pytest.raises(BlockingIOError):
        listener.accept()  # it was not even asked
    listener.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a directory of another user")
def test_a_directory_of_another_user_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(WatchError, match="no watch is running"):
        Client(tmp_path / "s").get("/v1/status")  # root may look at anybody's
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(WatchError, match="belongs to uid 65534, neither to you nor to root"):
        Client(tmp_path / "s").get("/v1/status")
    os.chown(tmp_path, 0, 0)
    with pytest.raises(WatchError, match="no watch is running"):
        Client(tmp_path / "s").get("/v1/status")
