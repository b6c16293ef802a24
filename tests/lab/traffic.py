"""Clients of the web service, in the operations network: one request after the other, each counted."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.lab.layout import WEB_SERVICE
from tests.lab.rig import Lab

REQUEST_SECONDS = 5.0

#: Between two requests of one client.
PAUSE_SECONDS = 0.01


@dataclass
class Traffic:
    """Answers by what was said, and what went wrong, each with its time (Unix)."""

    answers: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[float, str]] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(self.answers.values()) + len(self.failures)

    def ask(self, address: str) -> None:
        """One request on a connection of its own, as most clients of a page make."""
        connection = http.client.HTTPConnection(address, timeout=REQUEST_SECONDS)
        try:
            connection.request("GET", "/")
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace").strip()
            if answer.status == 200:
                self.answers[text] = self.answers.get(text, 0) + 1
            else:
                self.failures.append((time.time(), f"{answer.status} {text}"))
        except (OSError, http.client.HTTPException) as error:
            self.failures.append((time.time(), f"{type(error).__name__}: {error}"))
        finally:
            connection.close()


@contextmanager
def traffic(lab: Lab, address: str = WEB_SERVICE) -> Iterator[Traffic]:
    """Requests until the block ends."""
    seen, ending = Traffic(), threading.Event()

    def go_on() -> None:
        with lab.in_network("ops"):
            while not ending.is_set():
                seen.ask(address)
                ending.wait(PAUSE_SECONDS)

    client = threading.Thread(target=go_on, name="traffic")
    client.start()
    try:
        yield seen
    finally:
        ending.set()
        client.join()
