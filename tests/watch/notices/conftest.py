"""Real targets on loopback: an HTTP server that takes JSON, and an SMTP server."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

pytest.importorskip("apprise", reason="notices are an extra: pip install 'twinwatch[notify]'")


class Inbox:
    """Takes what is posted; `status` is what it answers, and `held` keeps answers back."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.asked = 0
        self.status = 200
        self.held = threading.Event()
        self.held.set()
        self.arrived = threading.Semaphore(0)
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.asked += 1
                inbox.held.wait(20)
                if inbox.status == 200:
                    inbox.taken.append(json.loads(body))
                try:
                    self.send_response(inbox.status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # whoever sent it has left
                inbox.arrived.release()

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://tellme:s3cretpass@127.0.0.1:{self.server.server_port}/hook/TOKEN1234567"

    def close(self) -> None:
        self.held.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    made = Inbox()
    yield made
    made.close()


class Postbox:
    """An SMTP server that takes every letter."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as talk:
                self._converse(talk)

    def _converse(self, talk: Any) -> None:
        def say(text: str) -> None:
            talk.write(f"{text}\r\n".encode())
            talk.flush()

        say("220 postbox.test ESMTP")
        for raw in talk:
            verb = raw.decode().strip().upper().partition(" ")[0]
            if verb == "DATA":
                say("354 go on")
                lines = []
                for line in talk:
                    if line == b".\r\n":
                        break
                    lines.append(line.decode())
                self.letters.append("".join(lines))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    made = Postbox()
    yield made
    made.close()
