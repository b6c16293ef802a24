"""A real Chromium, headless, spoken to over its DevTools protocol.

Every request that a page makes, and every line of its console, is kept: what a page must not do is
seen here, not believed. Only for pages of our own: it runs without its sandbox.
"""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import pytest

_SECONDS = 60.0
_NAMES = ("chromium", "chromium-browser", "google-chrome")


class Page:
    """One tab. `requests` are the addresses it asked for, `console` what it said."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._calls = 0
        self.requests: list[str] = []
        self.blocked: list[str] = []
        self.console: list[str] = []

    async def ask(self, method: str, **given: Any) -> Any:
        """The result of one DevTools method."""
        self._calls += 1
        await self._socket.send_json({"id": self._calls, "method": method, "params": given})
        async with asyncio.timeout(_SECONDS):
            while True:
                said = await self._socket.receive_json()
                if said.get("id") == self._calls:
                    assert "error" not in said, said
                    return said["result"]
                self._note(said)

    async def open(self, address: str) -> None:
        """Go to `address`."""
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.ask(f"{domain}.enable")
        await self.ask("Page.navigate", url=address)

    async def until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        async with asyncio.timeout(_SECONDS):
            while not await self.value(f"Boolean({expression})"):
                await asyncio.sleep(0.1)

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression gives."""
        said = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return said["result"].get("value")

    async def press(self, key: str) -> None:
        """A key that prints."""
        await self.ask("Input.dispatchKeyEvent", type="keyDown", text=key, key=key)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def picture(self) -> bytes:
        """What stands on it, as PNG."""
        said = await self.ask("Page.captureScreenshot", format="png")
        return base64.b64decode(said["data"])

    def _note(self, said: dict[str, Any]) -> None:
        given = said.get("params", {})
        match said.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(given["request"]["url"])
            case "Network.loadingFailed" if given.get("blockedReason"):
                self.blocked.append(given["blockedReason"])
            case "Log.entryAdded":
                self.console.append(given["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.console.append(given["exceptionDetails"]["text"])


@asynccontextmanager
async def browser(width: int = 1200, height: int = 800) -> AsyncIterator[Page]:
    """A page in a Chromium of its own; the test is skipped where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here (apt-get install chromium)")
    with TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            found, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--remote-debugging-port=0",
            f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port_in(Path(profile) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.put(f"http://127.0.0.1:{port}/json/new?about:blank") as answer:
                    tab = await answer.json()
                where = tab["webSocketDebuggerUrl"]
                async with session.ws_connect(where, max_msg_size=0) as socket:
                    yield Page(socket)
        finally:
            process.terminate()
            await process.wait()


async def _port_in(file: Path) -> str:
    async with asyncio.timeout(_SECONDS):
        while True:
            if file.exists() and (said := re.match(r"(\d+)\n", file.read_text())):
                return said[1]
            await asyncio.sleep(0.05)
