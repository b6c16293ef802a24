"""The same trouble on many hosts is one problem, and does not come and go with one host."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.document import Problem, Severity
from watch import figurewords
from watch.alike import FEWEST, FEWEST_STANDING, Found, fold_alike, is_fold, members
from watch.judge import Finding

MTA = ("mta",)


def cpu(value: float, limit: float = 55.0, severity: Severity = Severity.WARNING) -> Finding:
    return Finding("cpu", "", severity, 100, value, limit)


def found(
    host: str, finding: Finding, groups: tuple[str, ...] = MTA, site: str = "recovery"
) -> Found:
    return Found(figurewords.problem_of(host, site, finding), finding, groups)


def folded(each: list[Found], standing: tuple[Problem, ...] = (), size: int = 16):
    sizes = Counter({(one.problem.site, g): size for one in each for g in one.groups})
    return fold_alike(each, sizes, {problem.id: problem for problem in standing})


def folds(problems: tuple[Problem, ...]) -> list[Problem]:
    return [each for each in problems if is_fold(each)]


def test_three_are_one_problem_that_says_how_bad_and_on_how_many() -> None:
    found_now = [
        found("m1", replace(cpu(58.4), since=300)),
        found("m2", replace(cpu(64.9), since=200)),
        found("m3", cpu(60, severity=Severity.CRITICAL)),
    ]
    fold, *singles = folded(found_now)
    assert fold == Problem(
        "group/recovery/mta/cpu",
        "mta",
        "cpu 58–64% > 55% on 3 of 16 hosts",
        "work queues up and answers get slow",
        Severity.CRITICAL,
        100,
        kind="cpu",
        hosts=("m1", "m2", "m3"),
        site="recovery",
        glyph="critical",
    )
    assert members(fold) == ("m1/cpu", "m2/cpu", "m3/cpu") == tuple(each.id for each in singles)
    assert {each.parent for each in singles} == {fold.id}


def test_two_are_two_until_they_were_three_and_one_is_one() -> None:
    two = [found("m1", cpu(60)), found("m2", cpu(60))]
    assert folds(folded(two)) == []
    three = folded([*two, found("m3", cpu(60))])
    (fold,) = folds(folded(two, three))
    assert fold.hosts == ("m1", "m2")
    one = folded(two[:1], folded(two, three))
    assert [(each.id, each.parent) for each in one] == [("m1/cpu", "")]


@pytest.mark.parametrize(
    "other",
    [
        found("m3", cpu(60), site="central"),
        found("m3", cpu(60), groups=("mbx",)),
        found("m3", cpu(60), groups=()),
        found("m3", Finding("mem", "", Severity.WARNING, 1, 95, 90)),
        found("m3", Finding("disk", "/var", Severity.WARNING, 1, 95, 90)),
    ],
)
def test_what_is_not_alike_stays_apart(other: Found) -> None:
    assert folds(folded([found("m1", cpu(60)), found("m2", cpu(60)), other])) == []


def test_mounts_are_alike_by_their_name() -> None:
    def disk(mount: str) -> Finding:
        return Finding("disk", mount, Severity.WARNING, 1, 91, 90)

    every = [found(f"m{n}", disk(mount)) for n in range(3) for mount in ("/var", "/srv")]
    assert {each.id for each in folds(folded(every))} == {
        "group/recovery/mta/disk/var",
        "group/recovery/mta/disk/srv",
    }


def test_a_host_of_several_groups_is_counted_where_the_share_is_largest() -> None:
    every = [found(f"m{n}", cpu(60), ("linux", "mta")) for n in range(3)]
    sizes = {("recovery", "linux"): 40, ("recovery", "mta"): 4}
    assert [each.where for each in folds(fold_alike(every, sizes, {}))] == ["mta"]


def test_a_host_stays_in_the_fold_it_was_in() -> None:
    sizes = {("recovery", "linux"): 40, ("recovery", "mta"): 4}
    before = fold_alike([found(f"x{n}", cpu(60), ("linux",)) for n in range(3)], sizes, {})
    every = [found(f"x{n}", cpu(60), ("linux", "mta")) for n in range(3)]
    after = fold_alike(every, sizes, {each.id: each for each in before})
    assert [each.where for each in folds(after)] == ["linux"]


FULL = Finding("disk_full_in_seconds", "/var", Severity.WARNING, 1, 2880, 3600, above=False)
DISK = Finding("disk", "/var", Severity.WARNING, 1, 91, 90, full_in_seconds=1020)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ([cpu(58.2), cpu(58.9), cpu(58)], "cpu 58% > 55% on 3 of 16 hosts"),
        ([cpu(58), cpu(nan), cpu(50)], "cpu 58% > 55% on 3 of 16 hosts"),
        ([cpu(nan), cpu(50), cpu(1)], "cpu was over 55% on 3 of 16 hosts"),
        ([cpu(98, 90), cpu(60, 55)], "cpu 60–98% > 55% on 2 of 16 hosts"),
        ([FULL, replace(FULL, value=1020)], "/var full in 17–48 min on 2 of 16 hosts"),
        ([FULL, replace(FULL, value=48)], "/var full in 48 s–48 min on 2 of 16 hosts"),
        ([replace(FULL, value=inf)] * 2, "/var was filling up on 2 of 16 hosts"),
        (
            [FULL, DISK, replace(DISK, value=96.0, full_in_seconds=None)],
            "/var 91–96% > 90%, first full in 17 min on 3 of 16 hosts",
        ),
        (
            [Finding("unit_failed", "", Severity.WARNING, 1, 1, 0, names=("postfix.service",))] * 3,
            "postfix failed on 3 of 16 hosts",
        ),
    ],
)
def test_its_words(findings: list[Finding], said: str) -> None:
    assert figurewords.alike(findings, 16) == said


# --- as a whole ---------------------------------------------------------------------------------

HOSTS = [f"m{n}" for n in range(7)]
hot_sets = st.lists(st.sets(st.sampled_from(HOSTS)), min_size=1, max_size=12)
memberships = st.lists(
    st.sampled_from([("a",), ("b",), ("a", "b"), ()]), min_size=len(HOSTS), max_size=len(HOSTS)
)


@given(hot_sets, memberships)
def test_every_finding_is_there_once_and_a_fold_has_hysteresis(
    steps: list[set[str]], of: list[tuple[str, ...]]
) -> None:
    groups = dict(zip(HOSTS, of, strict=True))
    sizes = Counter(("recovery", group) for each in of for group in each)
    before: tuple[Problem, ...] = ()
    for hot in steps:
        every = [found(host, cpu(60), groups[host]) for host in sorted(hot)]
        now = fold_alike(every, sizes, {each.id: each for each in before})
        singles = [each for each in now if not is_fold(each)]
        assert [each.where for each in singles] == sorted(hot)
        stood = {each.id for each in folds(before)}
        for fold in folds(now):
            least = FEWEST_STANDING if fold.id in stood else FEWEST
            assert len(fold.hosts) >= least
            assert fold.hosts == tuple(e.where for e in singles if e.parent == fold.id)
            assert all(fold.where in groups[host] for host in fold.hosts)
        assert {each.parent for each in singles} - {""} == {each.id for each in folds(now)}
        for group in ("a", "b"):  # no three hosts of one group are left outside
            alone = [e for e in singles if not e.parent and group in groups[e.where]]
            back = [e for e in alone if any(b.id == e.id and b.parent for b in before)]
            assert len(alone) - len(back) < FEWEST
        before = now
