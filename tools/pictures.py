"""Takes the pictures of handovers in docs/ anew: `make pictures`. Needs Chromium and poppler-utils.

Beside them lies of which pages they were taken; a test compares that with the pages of today.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.played_snapshot import SMALL, played_snapshot
from snapshots.rendering import render
from tests.browser import Page, browser
from watch.languages import words_in

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
TAKEN_OF = PICTURES / "handovers.json"
LANGUAGES = ("en", "zh-Hant")


def pages() -> dict[str, bytes]:
    """The page of the played estate in every language."""
    played = played_snapshot(SMALL)
    return {each: render(played, "html", words_in(each)) for each in LANGUAGES}


def hashes() -> dict[str, str]:
    """The SHA-256 of each page, by its language."""
    return {language: hashlib.sha256(page).hexdigest() for language, page in pages().items()}


async def _take(
    tab: Page, page: Path, name: str, size: tuple[int, int], mode: str = "light"
) -> None:
    """A picture of the upper part of `page`, of `size` pixels across and down."""
    width, height = size
    await tab.ask("Emulation.setDeviceMetricsOverride",
                  width=width, height=height, deviceScaleFactor=1, mobile=False)  # fmt: skip
    features = [{"name": "prefers-color-scheme", "value": mode}]
    await tab.ask("Emulation.setEmulatedMedia", features=features)
    await tab.open(page.as_uri())
    await tab.until("document.readyState === 'complete'")
    (PICTURES / name).write_bytes(await tab.picture())


async def _sheets(tab: Page, page: Path) -> None:
    """The first two sheets of `page` on A4, as sheet-1.png and sheet-2.png beside it."""
    await tab.ask("Emulation.clearDeviceMetricsOverride")
    await tab.open(page.as_uri())
    await tab.until("document.readyState === 'complete'")
    printed = await tab.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    command = ["pdftoppm", "-r", "94", "-l", "2", "-png", "-", str(page.with_name("sheet"))]
    pdf = base64.b64decode(printed["data"])
    subprocess.run(command, input=pdf, check=True, timeout=60)  # noqa: S603 - of our own words


def _beside(directory: Path, name: str, parts: str) -> Path:
    page = directory / name
    style = "body{margin:0;background:#888;display:flex;gap:20px}iframe{border:0;background:#fff}"
    page.write_text(f"<!doctype html><style>{style}</style><body>{parts}", "utf-8")
    return page


async def main() -> None:
    """All four, and of which pages they are."""
    with TemporaryDirectory(prefix="tw-") as made:
        directory = Path(made)
        for language, content in pages().items():
            (directory / f"{language}.html").write_bytes(content)
        english, chinese = (directory / f"{each}.html" for each in LANGUAGES)
        frames = "".join(
            f'<iframe src="{each}.html" width="360" height="1700" scrolling="no"></iframe>'
            for each in LANGUAGES
        )
        async with browser() as tab:
            await tab.ask("Emulation.setScrollbarsHidden", hidden=True)
            await _take(tab, english, "handover-1280.png", (1280, 1500))
            await _take(tab, chinese, "handover-900-dark-zh-Hant.png", (900, 1100), "dark")
            phones = _beside(directory, "phones.html", frames)
            await _take(tab, phones, "handover-360-en-zh-Hant.png", (740, 1700))
            await _sheets(tab, english)
            images = "".join(f'<img src="{each.name}">' for each in sorted(directory.glob("*.png")))
            paper = _beside(directory, "paper.html", images)
            await _take(tab, paper, "handover-a4.png", (1572, 1099))
    TAKEN_OF.write_text(json.dumps(hashes(), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
