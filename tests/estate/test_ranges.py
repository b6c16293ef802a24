"""Host ranges as Ansible expands them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.ranges import MAX_HOSTS, RangeError, expand


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("mta-01", "mta-01"),
        ("mta-[01:03]", "mta-01 mta-02 mta-03"),
        ("mta-[8:11]", "mta-8 mta-9 mta-10 mta-11"),
        ("mta-[008:011]", "mta-008 mta-009 mta-010 mta-011"),
        ("rack-[a:d]", "rack-a rack-b rack-c rack-d"),
        ("db[0:10:5].example", "db0.example db5.example db10.example"),
        ("x[:2]", "x0 x1 x2"),
        ("x[1:2]-[a:b]", "x1-a x1-b x2-a x2-b"),
        ("[3:3]", "3"),
        ("x[Y:Z]", "xY xZ"),
    ],
)
def test_ranges(pattern: str, names: str) -> None:
    assert expand(pattern) == tuple(names.split())


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("x[1:2", "'x[1:2' has a bracket without its pair — write name[01:20]"),
        ("x1:2]", "'x1:2]' has a bracket without its pair — write name[01:20]"),
        ("x[2:1]", "[2:1] in 'x[2:1]' is empty — put the smaller end first"),
        (
            "x[01:100]",
            "[01:100] in 'x[01:100]' has ends of different width — write [001:100]",
        ),
        (
            "x[1-5]",
            "[1-5] in 'x[1-5]' is no range — write [01:20], [a:f] or [0:10:2] with a step",
        ),
        (
            "x[1:5:0]",
            "[1:5:0] in 'x[1:5:0]' is no range — write [01:20], [a:f] or [0:10:2] with a step",
        ),
        (
            "x[1:99999999999999999999]",
            "[1:99999999999999999999] in 'x[1:99999999999999999999]' is no range"
            " — write [01:20], [a:f] or [0:10:2] with a step",
        ),
        (
            "x[1:99999][1:99999]",
            "'x[1:99999][1:99999]' names 9,999,800,001 hosts — an estate holds 10,000 at most",
        ),
    ],
)
def test_a_bad_range_says_what_to_write(pattern: str, said: str) -> None:
    with pytest.raises(RangeError) as raised:
        expand(pattern)
    assert str(raised.value) == said


def test_the_limit_itself_is_allowed() -> None:
    assert len(expand(f"x[1:{MAX_HOSTS}]")) == MAX_HOSTS
    with pytest.raises(RangeError):
        expand("x[1:3]", limit=2)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 9))
def test_numbers_are_those_of_python_with_both_ends(start: int, span: int, step: int) -> None:
    names = expand(f"h[{start}:{start + span}:{step}]")
    assert names == tuple(f"h{n}" for n in range(start, start + span + 1, step))


@given(st.text(alphabet="x[]:019a-", max_size=20))
def test_any_pattern_is_bounded_and_its_names_hold_no_brackets(pattern: str) -> None:
    try:
        names = expand(pattern)
    except RangeError:
        return
    assert 1 <= len(names) <= MAX_HOSTS
    assert not any("[" in name or "]" in name for name in names)
