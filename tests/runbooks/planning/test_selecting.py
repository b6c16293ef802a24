"""Selectors: which hosts, in which order, and every reason why they won't do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.file import read_estate
from runbooks.inputs import Inputs
from runbooks.planning.selecting import select, traits
from runbooks.runbook import Runbook, Selector

ESTATE = read_estate(
    """
estate: x
sites: {a: {role: primary}, b: {role: recovery}, c: }
hosts:
  "web[1:2]": {site: a, groups: [web], pair: "web[3:4]", rack: A1}
  "web[3:4]": {site: b, groups: [web, spare]}
  web5: {site: c, groups: [web], phase: planned}
  db1: {site: a, groups: [db], rack: A2}
  db2: {site: b, groups: [db]}
""",
    "estate.yaml",
)


def hosts(selector: Selector, *others: Selector, **inputs: str) -> tuple[str, ...]:
    return selected(selector, *others, **inputs)[0]


def selected(
    selector: Selector, *others: Selector, **inputs: str
) -> tuple[tuple[str, ...], list[str]]:
    book = Runbook(
        name="x",
        title="x",
        version=1,
        steps=(),
        hosts={each.name: each for each in (selector, *others)},
    )
    chosen, reasons = select(book, ESTATE, Inputs(inputs))
    assert {each.rule for each in reasons} <= {"hosts"}
    return chosen[selector.name], [str(each) for each in reasons]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        (Selector("s", ("web",)), ("web1", "web2", "web3", "web4")),
        (Selector("s", ("db", "spare")), ("web3", "web4", "db1", "db2")),
        (Selector("s", ("web",), "primary"), ("web1", "web2")),
        (Selector("s", ("web",), "b"), ("web3", "web4")),
        (Selector("s", site="recovery"), ("web3", "web4", "db2")),
        (Selector("s", hosts=("db2", "web1")), ("web1", "db2")),
        (Selector("s", rack="A1"), ("web1", "web2")),
        (Selector("s", ("web",), "a", ("web2", "db1"), "A1"), ("web2",)),
        (Selector("s", ("$group",), "$site"), ("db1",)),
        (Selector("s", hosts=("$host",)), ("web3",)),
    ],
)
def test_what_is_selected(selector: Selector, names: tuple[str, ...]) -> None:
    assert selected(selector, group="db", site="a", host="web3") == (names, [])


def test_what_is_left_out() -> None:
    spare = Selector("spare", ("spare",))
    assert hosts(Selector("s", ("web",), but=("spare",)), spare) == ("web1", "web2")


@pytest.mark.parametrize(
    ("selector", "reasons"),
    [
        (Selector("s", ("wbe",)), ["s: no group 'wbe' in the estate — did you mean 'web'?"]),
        (Selector("s", ("web",), "dr"), ["s: no site 'dr' in the estate — sites are a, b, c"]),
        (Selector("s", hosts=("web9",)), ["s: no host 'web9' in the estate — did you mean 'web5'?"]),
        (Selector("s", hosts=("web5",)), ["s: web5 is planned — correct its phase in the estate, or leave it out"]),
        (Selector("s", ("db",), "c"), ["s selects no host — no host of the estate has all of that: correct the runbook or the estate"]),
        (Selector("s", ("db",), exactly=1), ["s selects 2 hosts where 1 belong: db1, db2 — correct the selector, or the groups in the estate"]),
        (Selector("s", ("db",), at_least=3), ["s selects 2 hosts where at least 3 belong: db1, db2 — correct the selector, or the groups in the estate"]),
        (Selector("s", ("web", "db"), at_most=3), ["s selects 6 hosts where at most 3 belong: web1, web2, web3, web4, db1 … — correct the selector, or the groups in the estate"]),
        (Selector("s", ("$group",)), []),
    ],
)  # fmt: skip
def test_reasons(selector: Selector, reasons: list[str]) -> None:
    assert selected(selector)[1] == reasons


def test_a_pair_is_one_whoever_names_it() -> None:
    found = traits(ESTATE, iter(("web1", "web3", "web2", "db2")))
    assert found == {
        "web1": {"site": "a", "rack": "A1", "pair": "web1+web3"},
        "web3": {"site": "b", "pair": "web1+web3"},
        "web2": {"site": "a", "rack": "A1", "pair": "web2+web4"},
        "db2": {"site": "b"},
    }


@given(
    st.builds(
        Selector, st.just("s"),
        groups=st.lists(st.sampled_from(["web", "db", "spare"]), max_size=2).map(tuple),
        site=st.sampled_from(["", "a", "b", "primary", "recovery"]),
        hosts=st.lists(st.sampled_from(["web1", "web5", "db2"]), max_size=2).map(tuple),
        rack=st.sampled_from(["", "A1"]),
    )
)  # fmt: skip
def test_everything_selected_is_all_that_was_asked(selector: Selector) -> None:
    for name in hosts(selector):
        host = ESTATE.hosts[name]
        assert host.collected
        assert not selector.groups or set(selector.groups) & set(host.groups)
        assert not selector.hosts or name in selector.hosts
        assert not selector.rack or host.rack == selector.rack
        assert selector.site in ("", host.site, ESTATE.sites[host.site].role)
