"""Patches: what is not known is no zero, and sites are alike only where all is known."""

from __future__ import annotations

from dataclasses import replace

from estate.language import ENGLISH
from estate.patches import PatchRow
from snapshots.page import Table
from snapshots.snapshot import HostState, Snapshot
from snapshots.telling import SECTIONS
from snapshots.telling.teller import Teller


def told(empty: Snapshot, *patches: PatchRow) -> list[list[str]]:
    hosts = tuple(HostState(each.host, each.site, "mta", "live") for each in patches)
    teller = Teller(replace(empty, hosts=hosts, patches=patches), ENGLISH, "")
    (table,) = [each for each in SECTIONS["changes"][1](teller) if isinstance(each, Table)]
    return [[cell.text for cell in row] for row in table.rows]


def patches(empty: Snapshot, host: str, **more: object) -> PatchRow:
    row = PatchRow(host=host, site=host[0], at=empty.made_at - 1_000, every_ms=60_000, pending=3,
                   security=1, reboot=True, installed="a1")  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]


def test_a_group_s_patches_are_counted_by_site(empty: Snapshot) -> None:
    one, two, far = (patches(empty, name) for name in ("c1", "c2", "r1"))
    assert told(empty, one, two, far) == [
        ["mta", "c", "2", "6", "2", "2", "0", "alike"],
        ["mta", "r", "1", "3", "1", "1", "0", "alike"],
    ]
    far = replace(far, installed="b2")
    assert [row[-1] for row in told(empty, one, two, far)] == ["2 kinds over both sites"] * 2


def test_what_nobody_knows_is_counted_as_that(empty: Snapshot) -> None:
    one = patches(empty, "c1")
    mute = patches(empty, "c2", gap="no route to host", pending=99)
    old = patches(empty, "c3", at=empty.made_at - 86_400_000, pending=99)
    assert told(empty, one, mute, old) == [["mta", "c", "3", "3", "1", "1", "2", ""]]
    assert told(empty, mute) == [["mta", "c", "1", "?", "?", "?", "1", ""]]
