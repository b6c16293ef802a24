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


def test_what_was_asked_days_ago_is_not_all_alike(boards, standing_estate) -> None:
    old = boards.NOW - 10 * 86_400_000
    rows = tuple(
        replace(row, at=old, gap="", security=0, pending=0, reboot=False, installed="a")
        for row in standing_estate.patches
        if row.every_ms
    )
    stale = replace(standing_estate, patches=rows)
    page = paint(shown("patches", boards, stale, 120, 40))
    groups = [line for line in page.lines if line.key.startswith("group:")]
    assert groups
    for line in groups:
        drawn = joined((line,))
        assert drawn[1] == "?"
        assert "unknown" in drawn
        assert "all alike" not in drawn
        figures = {span.role for span in line.spans if span.text.strip() == "0"}
        assert figures == {"unk"}
    assert "10 d old: not heard of for a while" in joined(page.lines)


def test_a_host_whose_advisories_can_not_be_asked_is_not_known(boards, standing_estate) -> None:
    host, group = standing_estate.patches[0], standing_estate.hosts
    one = replace(host, security=None, reboot=False)
    key = f"group:{group[host.host].groups[0]}"
    page = paint(shown("patches", boards, replace(standing_estate, patches=(one,)), 120, 40))
    line = next(line for line in page.lines if line.key == key)
    assert "1 host unknown" in joined((line,))


def test_hosts_that_are_known_still_differ_where_one_is_not(boards, standing_estate) -> None:
    drawn = joined(paint(shown("patches", boards, standing_estate, 120, 40)).lines)
    assert "1 host unknown" in drawn  # dir-r02, of which no other is said to be alike
    line = next(each for each in drawn.splitlines() if each[3:].startswith("dir "))
    assert "all alike" not in line
