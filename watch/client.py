"""The client's half of the watch's API: JSON over HTTP on a Unix socket, and the stream of changes.

Every command and console imports this file, so it costs little: the standard library, and asyncio
and h11 only once a stream is opened.
"""

from __future__ import annotations

import codecs
import http.client
import json
import os
import socket as sockets
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from watch.clock import now_ms
from watch.error import NoWatch, WatchError
from watch.lock import Lock, log_of

if TYPE_CHECKING:
    import asyncio

__all__ = ["Client", "WatchError", "hung", "no_answer", "stream"]

#: A stream says something at least every few seconds; silence for this long means a hung watch.
SILENCE_SECONDS = 20.0
#: The first document of 1,000 hosts is under 1 MB; what is larger than this is not a board.
LONGEST_EVENT = 64 << 20
#: Where systemd makes RuntimeDirectory= for the account of a service.
SYSTEM_DIRECTORIES = Path("/run")
#: sun_path of Linux holds 108 bytes with its final NUL (unix(7)).
LONGEST_SOCKET_PATH = 107
_START = "start one: twinwatch watch"
#: Asked as of now, whatever moment is meant: the estate's name, language and timezone.
_OF_NOW = frozenset({"/v1/estate"})
#: The header of an answer from a board of the past: of which moment that is, UTC ms.
BOARD_AT = "Twinwatch-Board-At"
#: How http.client says that no HTTP was spoken.
_FOREIGN = (http.client.BadStatusLine, http.client.LineTooLong, http.client.UnknownProtocol)


class Client:
    """Asks the watch that listens on `socket`; one connection for each request.

    One that `looks_only` tells the watch so, which then refuses it every change. One with `at`, UTC
    ms, asks how things stood then, and changes nothing either; `board_at` is of which moment the
    board is that it was answered from last, UTC ms, None where that was of now.
    """

    def __init__(
        self,
        socket: Path | str,
        timeout_seconds: float = 10.0,
        *,
        looks_only: bool = False,
        at: int | None = None,
    ) -> None:
        self.socket = Path(socket)
        self.timeout_seconds = timeout_seconds
        self.at = at
        self.board_at: int | None = None
        self._says = {"Twinwatch-As": "viewer"} if looks_only else {}

    def patient(self, timeout_seconds: float) -> Client:
        """The same client, for a question that takes longer."""
        return Client(self.socket, timeout_seconds, looks_only=bool(self._says), at=self.at)

    def clock(self) -> int:
        """The moment that is asked about, UTC ms: `at`, or now."""
        return now_ms() if self.at is None else self.at

    def get(self, path: str, query: Mapping[str, object] | None = None) -> Any:
        """The JSON at `path` ("/v1/board"), or the text where it is no JSON; raises WatchError."""
        known = {key: value for key, value in (query or {}).items() if value is not None}
        if self.at is not None and path not in _OF_NOW:
            known["at"] = self.at
        return self._ask("GET", f"{quote(path)}?{urlencode(known)}" if known else quote(path))

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """What the watch answers to `body` at `path`; raises WatchError."""
        if self.at is not None:
            what, why = "nothing was changed", "what is past can't be changed"
            raise WatchError(what, path, why, "leave --at out")
        return self._ask("POST", quote(path), json.dumps(body or {}).encode())

    def pieces(self, path: str, query: Mapping[str, object]) -> Iterator[str]:
        """A long text at `path`, in pieces as they come; raises WatchError, also where it ends
        before its end."""
        if self.at is not None:
            query = {**query, "at": self.at}
        trust(self.socket)
        connection = _UnixConnection(self.socket, self.timeout_seconds)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            connection.request("GET", f"{quote(path)}?{urlencode(query, doseq=True)}")
            response = connection.getresponse()
            if response.status >= 400:
                raise _refusal(response.status, response.read(), self.socket)
            while piece := response.read1(1 << 16):
                yield decoder.decode(piece)
        except (OSError, http.client.HTTPException) as error:
            raise no_answer(self.socket, error) from error
        finally:
            connection.close()

    def _ask(self, verb: str, target: str, body: bytes | None = None) -> Any:
        trust(self.socket)
        connection = _UnixConnection(self.socket, self.timeout_seconds)
        headers = dict(self._says)
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(verb, target, body, headers)
            response = connection.getresponse()
            payload = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise no_answer(self.socket, error) from error
        finally:
            connection.close()
        if response.status >= 400:
            raise _refusal(response.status, payload, self.socket)
        board_at = response.getheader(BOARD_AT)
        self.board_at = int(board_at) if board_at else None
        if "json" not in response.getheader("Content-Type", ""):
            return payload.decode("utf-8", "replace")
        try:
            return json.loads(payload)
        except ValueError as error:
            raise _stranger(self.socket, str(error)) from error


class _UnixConnection(http.client.HTTPConnection):
    """A question leaves in one write. What needs no body is answered to the head alone, and a watch
    that was told to stop is gone before a body that follows: EPIPE, where all went well."""

    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("watch", timeout=timeout)
        self._path = path
        self._question = b""

    def send(self, data: bytes) -> None:  # type: ignore[override]
        self._question += data

    def getresponse(self) -> http.client.HTTPResponse:
        self.connect()
        self.sock.sendall(self._question)
        return super().getresponse()

    def connect(self) -> None:
        self.sock = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def trust(socket: Path) -> None:
    """Raise WatchError where somebody else could have put a socket of theirs at `socket`.

    Its directory must be ours or root's, and nobody else may write to it; root may ask the watch
    of any user. What lies in /run itself is the system's: only root gives an account a directory
    there. One that is not there is trusted: nobody answers.
    """
    directory = socket.parent
    try:
        seen = directory.stat()
    except OSError:
        return
    refused = "the socket is refused"
    ours = os.getuid() == 0 or seen.st_uid in (0, os.getuid())
    if not ours and directory.parent != SYSTEM_DIRECTORIES:
        why = f"{directory} belongs to uid {seen.st_uid}, neither to you nor to root"
        raise WatchError(refused, str(socket), why, "name a socket of your own watch")
    if stat.S_IMODE(seen.st_mode) & 0o022:
        why = f"others could have put it there: {directory} is theirs to write"
        raise WatchError(refused, str(socket), why, "keep sockets where only you can write")


async def stream(
    socket: Path | str, *, silence_seconds: float = SILENCE_SECONDS
) -> AsyncIterator[Any]:
    """The board as it lives: a `Document`, then `Change`s that follow it.

    A `Document` may come again at any time (the estate was reloaded, or this reader was slow); it
    replaces the picture. Ends only by WatchError: the watch stopped, refused, or fell silent.
    """
    from estate.wire import WireError, change_from_json, document_from_json

    kinds = {"document": document_from_json, "change": change_from_json}
    async for name, text in _events(Path(socket), "/v1/stream", silence_seconds):
        if name in kinds:
            try:
                yield kinds[name](json.loads(text))
            except (WireError, ValueError) as error:
                raise WatchError(
                    "the watch's stream makes no sense",
                    str(socket),
                    str(error),
                    "restart the watch: it may be of another version",
                ) from error


async def _events(socket: Path, path: str, silence: float) -> AsyncIterator[tuple[str, str]]:
    """Server-sent events at `path` as (event, text); raises WatchError when they end."""
    import asyncio

    trust(socket)
    try:
        reader, writer = await asyncio.open_unix_connection(str(socket))
    except OSError as error:
        raise no_answer(socket, error) from error
    pending = b""
    try:
        async for part in _body(reader, writer, path, socket, silence):
            *whole, pending = (pending + part).split(b"\n\n")
            if len(pending) > LONGEST_EVENT:
                raise WatchError("the watch's stream makes no sense", str(socket), "endless event")
            for event in whole:
                yield _event(event.decode())
    finally:
        writer.close()
    raise WatchError("the watch stopped", str(socket), "it closed the stream", "start it again")


async def _body(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    path: str,
    socket: Path,
    silence: float,
) -> AsyncIterator[bytes]:
    """The body of `GET path` as it arrives."""
    import asyncio

    import h11

    connection = h11.Connection(h11.CLIENT)
    request = h11.Request(method="GET", target=path, headers=[("Host", "watch")])
    writer.write((connection.send(request) or b"") + (connection.send(h11.EndOfMessage()) or b""))
    status, refusal = 0, b""
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(
                    await asyncio.wait_for(reader.read(1 << 16), timeout=silence)
                )
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                if status >= 400:
                    refusal += bytes(event.data)
                else:
                    yield bytes(event.data)
            elif status >= 400:
                raise _refusal(status, refusal, socket)
            else:  # end of the message, or the connection was closed
                return
    except (OSError, TimeoutError, h11.RemoteProtocolError) as error:
        raise no_answer(socket, error) from error


def _event(text: str) -> tuple[str, str]:
    """One server-sent event as (event, text); a comment has neither."""
    name, said = "", []
    for line in text.split("\n"):
        key, _, value = line.partition(": ")
        if key == "event":
            name = value
        elif key == "data":
            said.append(value)
    return name, "\n".join(said)


def no_answer(socket: Path, error: Exception) -> WatchError:
    """No watch answered on `socket`, and why."""
    if len(os.fsencode(socket)) > LONGEST_SOCKET_PATH:
        return WatchError(
            "the socket's path is too long",
            str(socket),
            f"one has {LONGEST_SOCKET_PATH} bytes at most",
            "name a shorter one",
        )
    if isinstance(error, FileNotFoundError | ConnectionRefusedError | NotADirectoryError):
        return _nobody(socket, error)
    if isinstance(error, PermissionError):
        why, do = _not_for_us(socket)
        return WatchError("the watch can't be asked", str(socket), why, do)
    if isinstance(error, TimeoutError | BlockingIOError):  # or more wait already than it may have
        return hung(socket)
    if isinstance(error, _FOREIGN) and not isinstance(error, OSError):
        return _stranger(socket, "what listens there speaks another protocol")
    why = str(error) or type(error).__name__
    return WatchError("the watch went away", str(socket), why, _START)


def _not_for_us(socket: Path) -> tuple[str, str]:
    """Whose the socket is, and how to become one of them."""
    import grp

    try:
        seen = socket.parent.stat()
        group = grp.getgrgid(seen.st_gid).gr_name if seen.st_mode & stat.S_IXGRP else ""
    except (OSError, KeyError):
        group = ""
    if not group:
        return "the socket belongs to another user", "ask as its own user"
    do = f"have yourself added, then log in again: usermod -aG {group} USER"
    return f"it is for members of {group}, and you are not one of them", do


def _nobody(socket: Path, error: OSError) -> WatchError:
    system = socket.parent.parent == SYSTEM_DIRECTORIES
    do = "have it started: systemctl start twinwatch" if system else _START
    if isinstance(error, FileNotFoundError):
        return NoWatch("no watch is running", str(socket), "there is no such socket", do)
    if socket.is_socket():
        return NoWatch("no watch is running", str(socket), "nobody listens there", do)
    return _stranger(socket, "it is no socket")


def _stranger(socket: Path, why: str) -> WatchError:
    """There is something at `socket` that is no watch."""
    do = "name a watch's socket, or none: twinwatch status says which there is"
    return WatchError("no watch answers there", str(socket), why, do)


def hung(socket: Path) -> WatchError:
    """The watch behind `socket` is there and says nothing: which one, and how to get another."""
    lock = Lock(socket.with_suffix(".lock"))
    process = lock.holder() if lock.held() else ""
    if not process:
        again = "end its process, then start it: twinwatch watch"
        return WatchError("the watch does not answer", str(socket), "time is up", again)
    log = log_of(process)
    why = f"process {process} hangs" + (f", its log is {log}" if log else "")
    again = f"kill -9 {process}, then twinwatch watch"
    return WatchError("the watch does not answer", str(socket), why, again)


def _refusal(status: int, payload: bytes, socket: Path) -> WatchError:
    try:
        said = json.loads(payload)
        if not said.get("what"):
            return _stranger(socket, f"what listens there answered {status}, in words of its own")
        parts = [str(said.get(key, "")) for key in ("what", "where", "why", "do")]
    except (ValueError, AttributeError):
        parts = [f"the watch answered {status}", str(socket), "", ""]
    return WatchError(*parts, status=status)
