"""The layout of home: which panels there are on a screen of some height, and their rows.

This is the one place for that arithmetic. A panel has fixed rows for each height, filled or blank,
so that calm and incident have the same geometry; only what the estate declares (services, queues)
changes what there is. Where room is short panels drop from the bottom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui.paint import frame

#: From the top of the page to its bottom, which is also the order in which they matter.
PANELS = ("problems", "fleet", "services", "queues", "readiness", "hosts", "events")
#: Rows below which a panel is not worth its heading.
_LEAST = {"problems": 1, "fleet": 2, "services": 1, "queues": 1, "readiness": 1, "hosts": 2}
#: Problems give up rows to the fleet down to so many.
_LEAST_ABOVE = 2
#: From this height on a page has the panels of the largest picture.
_TALL = 50
#: Under this height the events go first.
_SHORT = 24


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows of each panel that there is, without its heading, from the top.

    On an `airy` page a blank line stands above each panel, and a notice has a row of its own.
    """

    rows: Mapping[str, int]
    airy: bool

    def of(self, panel: str) -> int:
        """The panel's rows; -1 where it is dropped."""
        return self.rows.get(panel, -1)

    @property
    def lines(self) -> int:
        """Lines of the page: band, headline, strip, a notice's row, the panels, the footer."""
        each = 2 if self.airy else 1
        return 4 + self.airy + sum(rows + each for rows in self.rows.values())


def plan(
    height: int, sites: int, *, services: int = 0, queues: int = 0, readiness: int = 0
) -> Plan:
    """The panels on a screen of `height` lines, for so many sites, services and so on."""
    airy = height >= frame.AIRY
    wanted = _wanted(height, sites)
    there = {"services": services, "queues": queues, "readiness": readiness}
    for panel, count in there.items():
        wanted[panel] = min(wanted[panel], count) if count else -1
    if services:
        wanted["hosts"] = -1
    if height < _SHORT:
        wanted["events"] = -1
    rows = {panel: wanted[panel] for panel in PANELS if wanted[panel] >= 0}
    _shrink(rows, airy, height)
    _grow(rows, airy, height, there)
    return Plan({panel: rows[panel] for panel in PANELS if panel in rows}, airy)


def zoomed(height: int) -> Plan:
    """The problems have the page to themselves."""
    airy = height >= frame.AIRY
    return Plan({"problems": max(1, height - (7 if airy else 5))}, airy)


def _wanted(height: int, sites: int) -> dict[str, int]:
    """As in the pictures of 24, 40 and 50 lines; what is between and above them grows slowly."""
    more = max(0, height - _SHORT)
    if height >= _TALL:
        above = height - _TALL
        rows = (9 + above // 4, 8, 9 + above // 4, 5 + above // 8, 2 + above // 8, 6 + above // 8)
    elif height >= frame.AIRY:
        rows = (8, 8, 5, 3, 2, 3)
    else:
        rows = (5 + more // 3, 4, 2, 1, 1, 3 + more // 6)
    problems, most_sites, services, queues, readiness, events = rows
    return {
        "problems": problems,
        "fleet": min(max(2, sites), most_sites),
        "services": services,
        "queues": queues,
        "readiness": readiness,
        "hosts": _LEAST["hosts"],
        "events": events,
    }


def _shrink(rows: dict[str, int], airy: bool, height: int) -> None:
    """Until it fits: panels give up rows, then themselves, from the bottom of the page."""
    for panel in reversed(PANELS):
        over = Plan(rows, airy).lines - height
        if over <= 0:
            return
        if panel not in rows:
            continue
        if panel == "fleet" and rows["problems"] - over >= _LEAST_ABOVE:
            rows["problems"] -= over  # a fleet of which a site is missing says little
            return
        least = _LEAST.get(panel, 1)
        if panel == PANELS[0] or rows[panel] - over >= least:
            rows[panel] = max(least, rows[panel] - over)
        else:
            del rows[panel]


def _grow(rows: dict[str, int], airy: bool, height: int, there: Mapping[str, int]) -> None:
    """Until the page is full: hosts take what nobody needs, else panels with more to show."""
    spare = height - Plan(rows, airy).lines
    heading = 2 if airy else 1
    if "hosts" not in rows and height >= _SHORT and spare >= heading + _LEAST["hosts"]:
        rows["hosts"] = spare - heading
    elif "hosts" in rows:
        if height >= frame.AIRY and "events" in rows and height < _TALL and spare >= 7:
            rows["events"], spare = rows["events"] + 2, spare - 2
        rows["hosts"] += max(0, spare)
    elif spare > 0:
        for panel in ("services", "readiness"):
            more = min(spare, there[panel] - rows[panel]) if panel in rows else 0
            if more > 0:
                rows[panel], spare = rows[panel] + more, spare - more
        rows["problems"] += spare
