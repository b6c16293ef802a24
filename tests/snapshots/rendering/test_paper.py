"""What comes out of a printer, and what a phone shows first: a real Chromium sets both."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from snapshots.rendering import render
from snapshots.snapshot import Snapshot
from tests.browser import browser
from watch.languages import words_in


def sheets(snapshot_html: bytes, directory: Path) -> tuple[str, ...]:
    """The text of every sheet of A4 that a page is printed on."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext here (apt-get install poppler-utils)")
    page = directory / "page.html"
    page.write_bytes(snapshot_html)

    async def printed() -> bytes:
        async with browser() as tab:
            await tab.open(page.as_uri())
            await tab.until("document.readyState === 'complete'")
            said = await tab.ask("Page.printToPDF", preferCSSPageSize=True)
            return base64.b64decode(said["data"])

    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=asyncio.run(printed()),
                          capture_output=True, timeout=60, check=True)  # fmt: skip
    return tuple(done.stdout.decode().split("\f")[:-1])


@pytest.fixture(scope="module")
def printed(full: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    said = render(full, "html", words_in("en"))
    return sheets(said, tmp_path_factory.mktemp("paper"))


def test_every_sheet_says_of_which_report_it_is_and_which_it_is(
    full: Snapshot, printed: tuple[str, ...]
) -> None:
    assert len(printed) > 3
    for number, sheet in enumerate(printed, 1):
        foot = sheet.rstrip().split("\n")[-1]
        assert foot.startswith(f"{full.estate}: handover · Report {full.id}")
        assert foot.replace(" ", "").endswith(f"{number}/{len(printed)}")


def test_a_chart_stands_on_one_sheet_with_its_title(printed: tuple[str, ...]) -> None:
    for title, last in (
        ("2026-11, day by day", r"well +to come"),
        ("The fleet: 42 hosts", r"live 37"),
        ("Depth over time", r"mail deferred · Central data centre"),
        ("Burn-down", r"Mail delivery 1 6 min 36 s of"),
    ):
        (sheet,) = (each for each in printed if title in each)
        assert re.search(last, sheet), title


def test_what_a_phone_folds_is_printed(printed: tuple[str, ...]) -> None:
    said = "\n".join(printed)
    assert "Patches, group by group" in said and "burn 1" in said
    assert "Show this section" not in said


def test_no_name_ends_the_line_at_the_foot(full: Snapshot, tmp_path: Path) -> None:
    evil = '"; } body { display: none } </style><b>\\'
    said = render(replace(full, estate=evil), "html", words_in("en"))
    style = re.findall(r"<style>(.*?)</style>", said.decode(), re.DOTALL)
    assert len(style) == 1 and "display: none } <" not in style[0]
    told = sheets(said, tmp_path)
    assert all(evil in each.rstrip().split("\n")[-1] for each in told)


def test_a_phone_folds_what_is_looked_up_until_it_is_asked_for(
    full: Snapshot, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(render(full, "html", words_in("en")))
    shown = "document.querySelector('#changes table').checkVisibility()"
    tall = "document.documentElement.scrollHeight"

    async def look() -> None:
        async with browser() as tab:
            await tab.open(page.as_uri())
            await tab.until("document.readyState === 'complete'")
            assert await tab.value(shown)
            await tab.ask("Emulation.setDeviceMetricsOverride",
                          width=390, height=844, deviceScaleFactor=1, mobile=True)  # fmt: skip
            assert not await tab.value(shown)
            assert await tab.value(tall) < 15 * 844
            top = "document.querySelector('#summary').getBoundingClientRect().top"
            assert await tab.value(top) < 844
            await tab.value("document.querySelector('label[for=changes-unfolded]').click()")
            assert await tab.value(shown)
            assert not await tab.value("document.querySelector('#budgets table').checkVisibility()")
            await tab.value("location.hash = '#budgets'")
            assert await tab.value("document.querySelector('#budgets table').checkVisibility()")

    asyncio.run(look())
