"""Takes the pictures of the console in docs/ anew: `make pictures`. Needs Chromium.

Each is what a person sees: the demo in a terminal of that size, the keys typed, the screen written
by the console's own export. A demo lives, so no two pictures are alike to the last figure.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.glass import Glass
from tests.browser import Page, browser

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"

#: The demo's servers start, an incident is noticed and judged.
_PATIENCE_SECONDS = 300.0
_SETTLES_SECONDS = 3.0
_BETWEEN_KEYS_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Shot:
    """Type `keys`, wait until `shows` (a pattern) is on the screen, take the picture `name`; where
    it has no name, go on without one."""

    name: str
    shows: str
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A person at a demo in a terminal of `columns` × `rows`: one shot after the other.

    It lives for a while before: charts are of what was measured.
    """

    scenario: str
    columns: int
    rows: int
    lives_seconds: float
    shots: Sequence[Shot]


SITTINGS = (
    Sitting("calm", 120, 40, 900, (
        Shot("home-120x40-calm", "READINESS"),
        Shot("host-120x40", "› mdb-c01", ":host mdb-c01\r"),
        Shot("readiness-120x40", "› readiness", "f"),
    )),
    Sitting("primary-down", 120, 40, 150, (
        Shot("home-120x40-incident", "gw-c02 lost"),
        Shot("hosts-120x40-incident", "home › hosts", ":hosts\r"),
        Shot("budget-120x40-incident", "home › budget", "b"),
        Shot("readiness-120x40-incident", "› readiness", "f"),
        Shot("", "demo-mail-failover", ":runbook demo-mail-failover\r"),
        Shot("", "armed", "W"),
        Shot("", "Why, for the record", "\r"),
        Shot("", "1 approve", "central lost its gateway\rrecovery\r"),
        Shot("", "Why", "1"),
        Shot("", "the clock runs", "the duty manager agreed\r"),
        Shot("run-120x40-incident", r"\n▌  1 "),
        Shot("home-120x40-incident-zh-Hant", "問題", ":home\r:language zh-Hant\r"),
    )),
    Sitting("primary-down", 200, 50, 150, (Shot("home-200x50-incident", "gw-c02 lost"),)),
    Sitting("primary-down", 80, 24, 150, (Shot("home-80x24-incident", "gw-c02 lost"),)),
    Sitting("queue-storm", 120, 40, 300, (Shot("queues-120x40-storm", "› queues", "Q"),)),
)  # fmt: skip


class _Desk:
    """A terminal, and the directory in which its console leaves its files."""

    def __init__(self, sitting: Sitting, directory: Path) -> None:
        command = [str(Path(sys.executable).with_name("twinwatch")), "demo"]
        command += ["--scenario", sitting.scenario]
        environ = {"HOME": str(directory), "XDG_CONFIG_HOME": str(directory / "config")}
        self._directory = directory
        self._glass = Glass(command, sitting.columns, sitting.rows, environ, directory=directory)

    def lives(self, seconds: float) -> None:
        """Look on for so long."""
        self._glass.read(seconds)

    def at(self, shot: Shot) -> Path | None:
        """Type the keys, wait, and write what is seen; nothing where the shot has no name."""
        for key in shot.keys:
            self._glass.press(key)
            self._glass.read(_BETWEEN_KEYS_SECONDS)
        if not self._glass.read(_PATIENCE_SECONDS, lambda: self._sees(shot.shows)):
            raise SystemExit(f"{shot.shows!r} did not come:\n" + "\n".join(self._glass.display))
        self._glass.read(_SETTLES_SECONDS)
        if not shot.name:
            return None
        before = set(self._directory.glob("*.svg"))
        self._glass.press("e")
        self._glass.read(_PATIENCE_SECONDS, lambda: set(self._directory.glob("*.svg")) != before)
        (written,) = set(self._directory.glob("*.svg")) - before
        return written

    def close(self) -> None:
        """Leave as a person does, and wait until the demo has cleared up."""
        self._glass.press("\x03")
        self._glass.read(_PATIENCE_SECONDS)
        self._glass.close()

    def _sees(self, pattern: str) -> bool:
        return re.search(pattern, "\n".join(self._glass.display)) is not None


async def _take(tab: Page, drawing: Path, name: str) -> None:
    """The drawing, as large as it says it is."""
    head = re.search(r'<svg [^>]*width="(\d+)[^"]*" height="(\d+)', drawing.read_text("utf-8"))
    assert head is not None
    await tab.ask("Emulation.setDeviceMetricsOverride",
                  width=int(head[1]), height=int(head[2]),
                  deviceScaleFactor=1, mobile=False)  # fmt: skip
    await tab.open(drawing.as_uri())
    await tab.until("document.readyState === 'complete'")
    (PICTURES / f"{name}.png").write_bytes(await tab.picture())


async def _sit(sitting: Sitting, tab: Page, turn: asyncio.Lock) -> None:
    with TemporaryDirectory(prefix="tw-", ignore_cleanup_errors=True) as made:
        desk = _Desk(sitting, Path(made))
        try:
            await asyncio.to_thread(desk.lives, sitting.lives_seconds)
            for shot in sitting.shots:
                if drawing := await asyncio.to_thread(desk.at, shot):
                    async with turn:
                        await _take(tab, drawing, shot.name)
        finally:
            await asyncio.to_thread(desk.close)


async def main() -> None:
    """All of them at once; or the sittings in which a picture's name has one of the words given."""
    wanted, turn = sys.argv[1:] or [""], asyncio.Lock()
    chosen = [
        sitting for sitting in SITTINGS
        if any(word in shot.name for word in wanted for shot in sitting.shots if shot.name)
    ]  # fmt: skip
    async with browser() as tab:
        await asyncio.gather(*(_sit(each, tab, turn) for each in chosen))


if __name__ == "__main__":
    asyncio.run(main())
