"""The patches screen: never surer than what is known."""

from __future__ import annotations

from dataclasses import replace

from tui.paint import keys, paint
from tui.paint.cells import joined

from .estates import shown


def test_groups_that_differ_say_between_whom(boards, standing_estate) -> None:
    drawn = joined(paint(shown("patches", boards, standing_estate, 120, 40)).lines)
    assert "the sites differ" in drawn
    assert "all alike" in drawn


def test_tenants_stand_below_where_their_hosts_are_not_all_the_same(
    boards, standing_estate
) -> None:
    name = next(iter(standing_estate.hosts))
    hosts = {
        key: replace(row, tenants=("SB",) if key == name else ("DOJ", "FHB"))
        for key, row in standing_estate.hosts.items()
    }
    split = replace(standing_estate, hosts=hosts)
    assert keys(shown("patches", boards, split))[-2:] == ("tenants:SB", "tenants:DOJ FHB")
    alike = {key: replace(row, tenants=("SB",)) for key, row in standing_estate.hosts.items()}
    same = replace(standing_estate, hosts=alike)
    assert not any("tenants" in key for key in keys(shown("patches", boards, same)))
