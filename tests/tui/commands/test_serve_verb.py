"""`twinwatch serve`: who gets the page, what it shows in a real browser, and that it only looks."""

from __future__ import annotations

import asyncio
import re
import signal
import socket as sockets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.browser import browser
from tests.tui.commands.conftest import TWINWATCH, Run
from watch.client import Client
from watch.error import WatchError

_SECONDS = 60.0
_ESCAPES = re.compile(rb"\x1b(\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07]*\x07)")


@contextmanager
def _serving(watch: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A real `twinwatch serve`: the address that it said, and its process, which may be killed."""
    process = subprocess.Popen(
        [TWINWATCH, "--socket", watch, "serve", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("open http://127.0.0.1:"), said + (process.stderr or [""]).read()
        yield said.split()[1], process
    finally:
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode in (0, -signal.SIGKILL)


@pytest.fixture
def address(watch_socket: Path) -> Iterator[str]:
    """The address that a real `twinwatch serve` said."""
    with _serving(watch_socket) as (said, process):
        yield said
    assert process.returncode == 0


def test_only_who_has_the_address_gets_the_page(address: str) -> None:
    async def knock() -> None:
        parts = urlsplit(address)
        home = f"http://{parts.netloc}"
        async with aiohttp.ClientSession() as stranger:
            for path in ("/", "/?key=wrong", "/static/js/textual.js", "/ws"):
                async with stranger.get(home + path) as answer:
                    assert answer.status == 403, path
            async with stranger.get(address, headers={"Host": "evil.example"}) as answer:
                assert answer.status == 403
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as guest:
            async with guest.get(address) as answer:
                assert (answer.status, answer.url.query_string) == (200, "")
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
                assert answer.headers["Cache-Control"] == "no-store"
            elsewhere = {"Origin": "http://evil.example"}
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await guest.ws_connect(f"{home}/ws", headers=elsewhere)
            assert refused.value.status == 403

    asyncio.run(knock())


def test_it_shows_the_board_and_changes_nothing(address: str) -> None:
    async def look() -> None:
        home = f"http://{urlsplit(address).netloc}"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as guest:
            async with guest.get(address):
                pass
            async with guest.ws_connect(f"{home}/ws?width=120&height=40") as page:
                await _shows(page, b"mta-c01")
                await page.send_json(["stdin", "R"])
                await _shows(page, b"only looks")

    asyncio.run(look())


def test_what_a_browser_may_not_do_is_not_offered(address: str) -> None:
    async def look() -> None:
        home = f"http://{urlsplit(address).netloc}"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as guest:
            async with guest.get(address):
                pass
            async with guest.ws_connect(f"{home}/ws?width=120&height=40") as page:
                foot = await _shows(page, b"? help")
                assert b"command" in foot
                for word in (b" ack", b" arm", b" silence"):
                    assert word not in foot
                await page.send_json(["stdin", "a"])  # no form is opened by it
                await page.send_json(["stdin", "?"])
                shown = await _shows(page, b"the timeline")
                assert b"have the problem here" not in shown
                assert b"how long" not in shown

    asyncio.run(look())


def test_two_of_them_keep_the_keys_of_both(address: str, watch_socket: Path) -> None:
    with _serving(watch_socket) as (second, _):

        async def look() -> None:
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(cookie_jar=jar) as guest:
                for each in (address, second):
                    async with guest.get(each) as answer:
                        assert answer.status == 200
                for each in (address, second):
                    async with guest.get(f"http://{urlsplit(each).netloc}/") as answer:
                        assert answer.status == 200

        asyncio.run(look())


def test_its_consoles_end_with_a_server_that_is_killed(watch_socket: Path) -> None:
    with _serving(watch_socket) as (address, server):

        async def look() -> None:
            home = f"http://{urlsplit(address).netloc}"
            async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as guest:
                async with guest.get(address):
                    pass
                async with guest.ws_connect(f"{home}/ws?width=80&height=24") as page:
                    await _shows(page, b"mta-c01")
                    assert _consoles(watch_socket)
                    server.kill()
                    async with asyncio.timeout(_SECONDS):
                        while _consoles(watch_socket):
                            await asyncio.sleep(0.05)

        asyncio.run(look())


def _consoles(watch: Path) -> list[str]:
    """Processes that show the watch behind this socket to a browser."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if b"tui.serve" in words and str(watch).encode() in words:
            found.append(process.name)
    return found


def test_the_watch_refuses_what_says_that_it_only_looks(watch_socket: Path) -> None:
    looking = Client(watch_socket, looks_only=True)
    assert looking.get("/v1/status")["estate"] == "Test"
    for client in (looking, looking.patient(1.0)):
        for path in ("/v1/refresh", "/v1/stop", "/v1/plan"):
            with pytest.raises(WatchError) as refused:
                client.post(path)
            assert refused.value.status == 403
            assert "only looks" in str(refused.value)
    Client(watch_socket).post("/v1/refresh")


def test_in_a_real_browser_nothing_is_asked_of_elsewhere(address: str) -> None:
    async def look() -> None:
        home = f"http://{urlsplit(address).netloc}"
        async with browser() as page:
            await page.open(address)
            await page.until("document.body.classList.contains('-first-byte')")
            await page.until("document.querySelector('.xterm canvas, .xterm-rows')")
            assert await page.value("location.href") == f"{home}/"
            elsewhere = [each for each in page.requests if not each.startswith((home, "data:"))]
            # The page of textual-serve names a font of a stranger's; the policy keeps it there.
            assert len(elsewhere) <= len(page.blocked), elsewhere
            assert all("fonts.googleapis.com" in each for each in elsewhere)

    asyncio.run(look())


def test_a_port_that_is_taken_is_named(run: Run, watch_socket: Path) -> None:
    with sockets.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("--socket", watch_socket, "serve", "--port", port)
    assert done.returncode == 2
    assert f"127.0.0.1:{port}: " in done.stderr.replace(" — ", ": ")
    assert "--port 0" in done.stderr


async def _shows(page: aiohttp.ClientWebSocketResponse, text: bytes) -> bytes:
    """Wait until `text` was drawn; all that was until then."""
    drawn = b""
    async with asyncio.timeout(_SECONDS):
        while text not in _ESCAPES.sub(b"", drawn):
            said = await page.receive()
            assert said.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), said
            drawn += said.data if isinstance(said.data, bytes) else said.data.encode()
    return _ESCAPES.sub(b"", drawn)
