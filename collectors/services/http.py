"""http: a GET that is answered below 400, with `expect` in what comes; http:// and https://.

Redirections are not followed: who redirects, serves. h11 reads the answer (RFC 9112).
"""

from __future__ import annotations

from urllib.parse import urlsplit

import h11

from collectors.services.ask import Ask, CannotAsk, ProbeFailed, quoted
from collectors.services.conversation import Conversation, connected

_PORTS = {"http": 80, "https": 443}
#: What is expected may stand at the foot of a long page; more than this is no page but a flood.
MOST_BYTES = 1_048_576


async def http(ask: Ask) -> None:
    host, port, path, tls = _parts(ask.target)
    async with connected(ask, host, port, tls=tls, most_bytes=MOST_BYTES) as talk:
        machine = h11.Connection(h11.CLIENT)
        shown = f"[{host}]" if ":" in host else host
        authority = shown if port in _PORTS.values() else f"{shown}:{port}"
        headers = [("Host", authority), ("User-Agent", "twinwatch"), ("Connection", "close")]
        try:
            asked = machine.send(h11.Request(method="GET", target=path, headers=headers))
            await talk.send((asked or b"") + (machine.send(h11.EndOfMessage()) or b""))
            await _answered(machine, talk, ask.expect)
        except h11.LocalProtocolError as error:
            raise CannotAsk(f"its URL can't be asked: {quoted(str(error))}") from error
        except h11.RemoteProtocolError as error:
            raise ProbeFailed(f"it speaks no HTTP: {quoted(str(error))}") from error


def _parts(url: str) -> tuple[str, int, str, bool]:
    try:
        split = urlsplit(url)
        port = split.port or _PORTS[split.scheme]
    except (ValueError, KeyError) as error:
        raise CannotAsk(f"its URL can't be asked: {quoted(str(error))}") from error
    if not split.hostname:
        raise CannotAsk("its URL can't be asked: it names no host")
    path = split.path or "/"
    return (
        split.hostname,
        port,
        f"{path}?{split.query}" if split.query else path,
        split.scheme == "https",
    )


async def _answered(machine: h11.Connection, talk: Conversation, expect: str) -> None:
    wanted = expect.encode()
    tail = b""
    while True:
        event = machine.next_event()
        if event is h11.NEED_DATA:
            machine.receive_data(await talk.some())
        elif isinstance(event, h11.Response):
            if event.status_code >= 400:
                reason = quoted(bytes(event.reason))
                raise ProbeFailed(f"it answers {event.status_code} {reason}".rstrip())
            if not expect:
                return
        elif isinstance(event, h11.Data):
            tail += bytes(event.data)
            if wanted in tail:
                return
            tail = tail[-len(wanted) :]  # the rest of it may come in the next piece
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            raise ProbeFailed(f"its answer does not hold {expect!r}")
