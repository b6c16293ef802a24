"""Which hosts the demo's platform has, at any size."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.demo.life import PROFILES
from collectors.demo.roster import FEWEST, FIRST, FULL, GATEWAY, MOST, roster, select


def test_twelve_hosts_show_every_group_and_both_sites() -> None:
    platform = roster(12)
    assert sorted(m.name for m in platform) == sorted(FIRST[:12])
    assert {m.group for m in platform} == set(FULL) == set(PROFILES)
    assert [m.name for m in platform if m.behind] == ["mta-c02", "mdb-c01"]


def test_with_sixteen_every_service_has_somewhere_to_move_to() -> None:
    platform = roster(16)
    assert sorted(m.name for m in platform) == sorted(FIRST)
    needed = {"lb", "mta", "mbx", "mdb", "im", "dir"}
    for site in ("central", "recovery"):
        assert {m.group for m in select(platform, f"@{site}")} >= needed


def test_eighty_hosts_are_the_platform_in_full() -> None:
    platform = roster(80)
    for group, (central, recovery) in FULL.items():
        assert len(select(platform, f"{group}@central")) == central, group
        assert len(select(platform, f"{group}@recovery")) == recovery, group
    assert len(select(platform, "@central")) == 42
    assert [m.name for m in platform if m.behind] == [
        *(f"mta-c{number}" for number in range(13, 17)),
        *(f"mbx-c0{number}" for number in range(5, 9)),
        "mdb-c01",
    ]


@given(st.integers(FEWEST, 400))
def test_any_size_is_a_platform(total: int) -> None:
    platform = roster(total)
    names = [m.name for m in platform]
    assert len(names) == len(set(names)) == total
    assert all(re.fullmatch(r"[a-z]+-[cr]\d{2,}", name) for name in names)
    assert {m.behind for m in platform} <= {"", GATEWAY}
    assert GATEWAY in names
    assert set(names) <= {m.name for m in roster(total + 1)}, "a larger platform only adds"


@pytest.mark.parametrize("total", [FEWEST - 1, MOST + 1, -1])
def test_sizes_out_of_range_are_refused(total: int) -> None:
    with pytest.raises(ValueError, match=f"{total} hosts: the demo plays {FEWEST} to {MOST}"):
        roster(total)


def test_selection() -> None:
    platform = roster(12)
    assert [m.name for m in select(platform, "gw-c02")] == ["gw-c02"]
    assert [m.name for m in select(platform, "mta")] == ["mta-c01", "mta-c02", "mta-r01"]
    assert [m.name for m in select(platform, "mta@recovery")] == ["mta-r01"]
    assert select(platform, "mta@nowhere") == select(platform, "nobody") == ()
