"""Where hosts stand and how they are reached: every wrong way with its line."""

from __future__ import annotations

import pytest

from estate.file import EstateError, read_estate

HEAD = "estate: E\nsites: {c: }\n"


def problems(hosts: str, groups: str = "groups: {}") -> list[str]:
    try:
        read_estate(f"{HEAD}{groups}\nhosts:\n{hosts}", "estate.yaml")
    except EstateError as error:
        return str(error).splitlines()
    return []


def circle(line: int, way: str) -> str:
    return (
        f"estate.yaml:{line}: jumps go round in a circle: {way}"
        " — give one of them another way in, or jump: none"
    )


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        ("  x: {jump: x}", [circle(5, "x → x")]),
        ("  x: {jump: me@x:2222}", [circle(5, "x → x")]),
        ("  w: {jump: y}\n  y: {jump: z}\n  z: {jump: y}", [circle(6, "y → z → y")]),
        ("  x: {jump: 'b,x'}\n  b: ", [circle(5, "x → x")]),
        (
            "  a: {jump: b}\n  b: {jump: a}\n  c: {jump: d}\n  d: {jump: c}",
            [circle(5, "a → b → a"), circle(7, "c → d → c")],
        ),
    ],
)
def test_a_circle_of_jumps_is_refused_once(hosts: str, said: list[str]) -> None:
    assert problems(hosts) == said


def test_a_group_s_jump_leads_in_a_circle_for_the_jump_host_itself() -> None:
    groups = "groups: {gw: {jump: gw1}}"
    assert problems("  gw1: {groups: [gw]}", groups) == [circle(5, "gw1 → gw1")]
    assert problems("  gw1: {groups: [gw], jump: none}\n  gw2: {groups: [gw]}", groups) == []


@pytest.mark.parametrize(
    "hosts",
    [
        "  a: {jump: b}\n  b: {jump: c}\n  c: ",
        "  a: {jump: 'b,c'}\n  b: \n  c: {jump: b}",
        "  a: {jump: bastion.example}\n  b: {jump: 'me@bastion.example:22'}",
    ],
)
def test_a_way_in_that_ends_is_taken(hosts: str) -> None:
    assert problems(hosts) == []
