"""Consequences under their root cause: a lost gateway is one problem, not ten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.document import HostRow, Severity
from estate.model import Host
from estate.samples import Cause, Reach, Stage
from watch.folding import BAD, Folded, fold

EVERY_MS = 5_000
TIMEOUT = Cause(Stage.CONNECT, "no answer within 10 s", "look at its console")


def lost(host: Host, *, hop: str = "", since: int = 100, seen: int | None = 50) -> HostRow:
    cause = replace(TIMEOUT, stage=Stage.JUMP, hop=hop) if hop else TIMEOUT
    return HostRow(
        host.name,
        host.site,
        reach=Reach.UNREACHABLE,
        cause=cause,
        since=since,
        at=seen,
        values={"load1": 0.4, "mem": 31.9},
    )


def live(host: Host, *, at: int = 100 + 2 * EVERY_MS) -> HostRow:
    return HostRow(host.name, host.site, reach=Reach.LIVE, at=at)


def folded(*rows: HostRow, hosts: list[Host], said: Mapping[str, int] | None = None) -> Folded:
    by_name = {row.name: row for row in rows}
    known = {row.name: row.since for row in rows} | dict(said or {})
    return fold(by_name, {host.name: host for host in hosts}, "UTC", said=known, every_ms=EVERY_MS)


GW, A, B = Host("gw", "c"), Host("a", "c", jump="gw"), Host("b", "c", jump="gw")
REST = Host("rest", "c")
FAR = Host("far", "r")


def test_nothing_wrong_is_nothing_said() -> None:
    assert folded(live(GW), live(A), hosts=[GW, A]).problems == ()


def test_a_lost_host_says_since_when_what_and_how_it_was() -> None:
    (problem,) = folded(lost(A), live(REST), hosts=[A, REST]).problems
    assert (problem.id, problem.where, problem.glyph) == ("a/reach", "a", "lost")
    assert problem.what == "lost: no answer within 10 s"
    assert problem.why == "seen 00:00:00, load 0.4, memory 31%. look at its console"
    assert (problem.severity, problem.since) == (Severity.CRITICAL, 100)


@pytest.mark.parametrize("hop", ["gw", "ops@gw:2222", ""])
def test_hosts_behind_a_lost_gateway_are_its_consequences(hop: str) -> None:
    found = folded(lost(GW), lost(A, hop=hop), lost(B, hop=hop), live(REST), hosts=[GW, A, B, REST])
    roots = [each for each in found.problems if not each.parent]
    assert [root.id for root in roots] == ["gw/reach"]
    assert {each.where: each.parent for each in found.problems if each.parent} == {
        "a": "gw/reach",
        "b": "gw/reach",
    }
    assert found.behind == {"a": "gw", "b": "gw"}
    (a,) = (each for each in found.problems if each.where == "a")
    assert (a.what, a.why) == ("lost: behind gw", "no way to it but through gw")


def test_a_gateway_is_known_by_its_address_too() -> None:
    gw = replace(GW, address="10.0.0.1")
    found = folded(lost(gw), lost(A, hop="10.0.0.1:22"), live(REST), hosts=[gw, A, REST])
    assert found.behind == {"a": "gw"}


def test_an_address_that_several_hosts_share_names_none_of_them() -> None:
    gw, other = replace(GW, address="10.0.0.1"), Host("other", "c", address="10.0.0.1")
    found = folded(
        lost(gw), lost(other), lost(A, hop="10.0.0.1:2201"), live(REST), hosts=[gw, other, A, REST]
    )
    assert found.behind == {"a": "10.0.0.1"}


def test_behind_a_gateway_behind_a_gateway_the_first_one_is_the_cause() -> None:
    outer, inner = Host("outer", "c"), Host("inner", "c", jump="outer")
    leaf = Host("leaf", "c", jump="outer,inner")
    found = folded(
        lost(outer), lost(inner, hop="outer"), lost(leaf, hop="inner"), live(REST),
        hosts=[outer, inner, leaf, REST],
    )  # fmt: skip
    assert found.behind == {"inner": "outer", "leaf": "outer"}


def test_a_jump_host_outside_the_estate_is_a_problem_of_its_own() -> None:
    found = folded(
        lost(A, hop="bastion.example", since=90), lost(B, hop="bastion.example"), live(REST),
        hosts=[A, B, REST],
    )  # fmt: skip
    (root,) = (each for each in found.problems if not each.parent)
    assert (root.id, root.where) == ("jump/bastion.example", "bastion.example")
    assert (root.hosts, root.since) == (("a", "b"), 90)


def test_a_host_that_fails_though_its_gateway_lives_has_itself_to_blame() -> None:
    found = folded(live(GW), lost(A), live(B), hosts=[GW, A, B])
    assert [(each.id, each.parent) for each in found.problems] == [("a/reach", "")]
    assert found.behind == {}


def test_a_gateway_that_is_only_late_explains_no_lost_host() -> None:
    late = HostRow("gw", "c", reach=Reach.LATE, since=100, at=50)
    found = folded(late, lost(A), live(REST), hosts=[GW, A, REST])
    assert [(each.id, each.parent) for each in found.problems] == [
        ("gw/reach", ""),
        ("a/reach", ""),
    ]


def test_a_site_lost_as_a_whole_is_one_problem() -> None:
    a, b = replace(A, jump=""), replace(B, jump="")
    found = folded(lost(a, since=200), lost(b), live(FAR), hosts=[a, b, FAR])
    (root,) = (each for each in found.problems if not each.parent)
    assert (root.id, root.what) == ("site/c", "site lost: none of 2 hosts answers")
    assert (root.hosts, root.since) == (("a", "b"), 50)
    assert found.behind == {"a": "c", "b": "c"}


def test_a_site_whose_one_gateway_explains_it_blames_the_gateway() -> None:
    found = folded(lost(GW), lost(A, hop="gw"), lost(B, hop="gw"), live(FAR), hosts=[GW, A, B, FAR])
    assert [each.id for each in found.problems if not each.parent] == ["gw/reach"]


def test_in_a_lost_site_hosts_behind_its_gateway_fall_under_the_site() -> None:
    found = folded(lost(GW), lost(A, hop="gw"), lost(REST), live(FAR), hosts=[GW, A, REST, FAR])
    assert found.behind == {"gw": "c", "a": "c", "rest": "c"}


def test_a_site_of_one_host_is_that_host() -> None:
    found = folded(lost(FAR), live(A), hosts=[FAR, A])
    assert [each.id for each in found.problems] == ["far/reach"]


def test_one_host_that_answers_at_all_means_the_site_is_not_lost() -> None:
    refused = replace(lost(B), reach=Reach.REFUSED)
    found = folded(lost(A), refused, hosts=[replace(A, jump=""), replace(B, jump="")])
    assert [each.parent for each in found.problems] == ["", ""]


REFUSED = Cause(Stage.CONNECT, "connection refused at 10.0.0.1", "start sshd on the host")
FROZEN = Cause(Stage.BANNER, "accepts us, then says nothing for 10 s")


@pytest.mark.parametrize(
    ("stage", "site_lost"),
    [(Stage.CHANNEL, True), (Stage.TIMEOUT, True), (Stage.BANNER, False), (Stage.KEX, False)],
)
def test_a_login_that_the_cut_caught_is_no_sign_of_life(stage: Stage, site_lost: bool) -> None:
    """It was logged in before the cut, and its time-out came after: the site did not come back."""
    caught = replace(
        lost(A), reach=Reach.FROZEN, cause=Cause(stage, "no session for 10 s", "look at it")
    )
    found = folded(caught, lost(B), lost(REST), live(FAR), hosts=[A, B, REST, FAR])
    assert any(each.id == "site/c" for each in found.problems) is site_lost


def test_a_site_whose_hosts_all_hang_is_not_called_lost() -> None:
    hung = [
        replace(lost(host), reach=Reach.FROZEN, cause=Cause(Stage.TIMEOUT, "no sample", "look"))
        for host in (A, B)
    ]
    found = folded(*hung, live(FAR), hosts=[A, B, FAR])
    assert all(each.id != "site/c" for each in found.problems)


def site(many: int, key: str = "c") -> list[Host]:
    return [Host(f"{key}{n}", key) for n in range(many)]


def roots(*rows: HostRow, hosts: list[Host]) -> list[tuple[str, str, str]]:
    found = folded(*rows, hosts=hosts).problems
    return [(each.id, each.what, each.why) for each in found if not each.parent]


def test_a_refused_connection_is_an_answer_and_no_lost_site() -> None:
    hosts = site(500)
    rows = [replace(lost(host), cause=REFUSED) for host in hosts]
    found = folded(*rows, live(FAR), hosts=[*hosts, FAR])
    (root,) = (each for each in found.problems if not each.parent)
    assert (root.id, root.where, root.glyph) == ("site/c/refusing", "c", "unreachable")
    assert root.what == "500 hosts refuse connections"
    assert root.why == "they answer: sshd is down on them, or the port is wrong"
    assert (root.severity, len(root.hosts)) == (Severity.CRITICAL, 500)
    assert found.problems[0].what == "lost: connection refused at 10.0.0.1"
    assert found.behind == {}  # nothing stands before them


def test_most_of_a_site_that_refuses_is_one_problem_beside_the_others() -> None:
    hosts = site(5)
    through = Cause(Stage.CONNECT, "the jump host cannot reach it: Connection refused")
    rows = [replace(lost(host), cause=through) for host in hosts[:3]]
    said = roots(*rows, lost(hosts[3]), live(hosts[4]), live(FAR), hosts=[*hosts, FAR])
    assert [what for _, what, _ in said] == [
        "lost: no answer within 10 s",
        "3 of 5 hosts refuse connections",
    ]
    said = roots(*rows[:2], *map(live, hosts[2:]), live(FAR), hosts=[*hosts, FAR])
    assert [id_ for id_, _, _ in said] == ["c0/reach", "c1/reach"]


def test_a_jump_host_that_refuses_is_itself_the_cause() -> None:
    gone = replace(lost(GW), cause=REFUSED)
    behind = [replace(lost(each), cause=replace(REFUSED, hop="gw")) for each in (A, B)]
    assert [each[0] for each in roots(gone, *behind, live(FAR), hosts=[GW, A, B, FAR])] == [
        "gw/reach"
    ]


def test_hosts_of_a_site_that_hang_alike_are_one_problem() -> None:
    hosts = site(3)
    rows = [replace(lost(host), reach=Reach.FROZEN, cause=FROZEN) for host in hosts]
    ((id_, what, why),) = roots(*rows, live(FAR), hosts=[*hosts, FAR])
    assert (id_, what) == ("site/c/frozen", "3 hosts take connections and say nothing")
    assert why == "they hang alike: look at what they share, storage or hypervisor"


def test_every_site_at_once_is_this_machine() -> None:
    hosts = [*site(2), *site(2, "r")]
    rows = [lost(host, since=1_000 + 20_000 * n) for n, host in enumerate(hosts)]
    found = folded(*rows, hosts=hosts)
    (root,) = (each for each in found.problems if not each.parent)
    assert (root.id, root.where, root.since) == ("estate/bastion", "bastion", 50)
    assert root.what == "all 2 sites lost: none of 4 hosts answers"
    assert root.why == "everything at once: look at this machine's network first"
    consequence = found.problems[0]
    assert (consequence.what, consequence.why) == ("lost: behind bastion", root.why)


def test_every_session_silent_at_once_is_this_machine_and_not_called_lost_yet() -> None:
    hosts = [*site(3), *site(3, "r")]
    hung = Cause(Stage.TIMEOUT, "connected, and no sample for 8 s")
    rows = [replace(lost(host), reach=Reach.FROZEN, cause=hung) for host in hosts]
    ((id_, what, _),) = roots(*rows, hosts=hosts)
    assert (id_, what) == (
        "estate/bastion",
        "all 2 sites silent: 6 of 6 hosts say no more",
    )


def test_two_gateways_lost_at_once_are_this_machine_too() -> None:
    far, leaf = Host("far-gw", "r"), Host("leaf", "r", jump="far-gw")
    found = folded(
        lost(GW), lost(A, hop="gw"), lost(far), lost(leaf, hop="far-gw"), hosts=[GW, A, far, leaf]
    )
    assert {each.parent for each in found.problems} == {"", "estate/bastion"}


def test_sites_that_are_lost_one_after_the_other_are_two_problems() -> None:
    hosts = [*site(2), *site(2, "r")]
    rows = [lost(host, since=1_000) for host in hosts[:2]]
    rows += [lost(host, since=3_600_000) for host in hosts[2:]]
    assert [each[0] for each in roots(*rows, hosts=hosts)] == ["site/c", "site/r"]


CUT = 1_000_000
WEEK_MS = 604_800_000
KEY = Cause(Stage.HOST_KEY, "host key differs from known_hosts:214", "check, then trust it")


def cut_site() -> tuple[list[Host], dict[str, HostRow], dict[str, int]]:
    """39 hosts, 8 s after the cut: 28 sessions are silent, nine are not yet missed, two were odd."""
    hosts = site(39)
    silent = Cause(Stage.TIMEOUT, "connected, and no sample for 8 s")
    rows = {host.name: live(host, at=CUT - 10 * n) for n, host in enumerate(hosts)}
    for host in hosts[:28]:
        frozen = replace(lost(host, since=CUT + 8_000), reach=Reach.FROZEN, cause=silent)
        rows[host.name] = replace(frozen, at=CUT - 4_000)
    odd = {"c37": Reach.UNTRUSTED, "c38": Reach.REFUSED}
    for name, reach in odd.items():
        rows[name] = HostRow(name, "c", reach=reach, cause=KEY, since=CUT - 5_000_000)
    return hosts, rows, dict.fromkeys(odd, CUT - 20_000)


def test_a_cut_site_is_one_problem_from_the_first_and_keeps_its_name() -> None:
    hosts, rows, said = cut_site()
    found = folded(*rows.values(), live(FAR, at=CUT + 8_000), hosts=[*hosts, FAR], said=said)
    tops = [each for each in found.problems if not each.parent]
    assert [each.id for each in tops] == ["c37/reach", "c38/reach", "site/c"]
    assert tops[-1].what == "site silent: 28 of 39 hosts, no other heard since"
    assert tops[-1].since == CUT - 4_000
    for name in list(rows)[:37]:  # time-outs of all dials
        rows[name] = replace(rows[name], reach=Reach.UNREACHABLE, cause=TIMEOUT, since=CUT + 9_000)
    found = folded(*rows.values(), live(FAR, at=CUT + 20_000), hosts=[*hosts, FAR], said=said)
    tops = [each for each in found.problems if not each.parent]
    assert [each.id for each in tops] == ["c37/reach", "c38/reach", "site/c"]
    assert tops[-1].what == "site lost: 37 of 39 hosts silent, no other heard since"
    assert len(tops[-1].hosts) == 37


@pytest.mark.parametrize("cut", [True, False])
def test_an_odd_host_that_answers_after_the_cut_says_that_the_site_is_there(cut: bool) -> None:
    hosts, rows, said = cut_site()
    if not cut:
        said["c38"] = CUT + 6_000
    found = folded(*rows.values(), live(FAR), hosts=[*hosts, FAR], said=said)
    assert any(each.id == "site/c" for each in found.problems) is cut
    # Either way they are one problem, and none says of a session that it takes connections.
    tops = [each for each in found.problems if not each.parent]
    assert len(tops) == 3
    if not cut:
        assert (tops[-1].id, tops[-1].what) == (
            "site/c/frozen",
            "28 of 39 hosts have fallen silent",
        )


def test_a_live_host_that_is_heard_after_the_others_says_that_the_site_is_there() -> None:
    hosts, rows, said = cut_site()
    rows["c30"] = replace(rows["c30"], at=CUT + 6_000)
    found = folded(*rows.values(), live(FAR), hosts=[*hosts, FAR], said=said)
    assert all(each.id != "site/c" for each in found.problems)


def test_hosts_that_are_dialled_anew_are_not_heard() -> None:
    hosts, rows, said = cut_site()
    for name in list(rows)[20:37]:  # late, and dialled
        rows[name] = replace(rows[name], reach=Reach.CONNECTING, cause=None, at=CUT - 1_000)
    found = folded(*rows.values(), live(FAR), hosts=[*hosts, FAR], said=said)
    assert [each.id for each in found.problems if not each.parent][-1] == "site/c"


def test_both_sites_cut_with_odd_hosts_are_this_machine() -> None:
    """As the demo: all of central, and recovery but for an untrusted and a refused host."""
    hosts = [*site(8), *site(8, "r")]
    rows = [lost(host, since=CUT, seen=CUT - 9_000) for host in hosts[:14]]
    rows += [
        HostRow(host.name, "r", reach=reach, cause=KEY, since=CUT - WEEK_MS)
        for host, reach in zip(hosts[14:], (Reach.UNTRUSTED, Reach.REFUSED), strict=True)
    ]
    said = dict.fromkeys(("r6", "r7"), CUT - 30_000)
    found = folded(*rows, hosts=hosts, said=said)
    tops = [(each.id, each.since) for each in found.problems if not each.parent]
    assert tops[-1] == ("estate/bastion", CUT - 9_000)
    assert found.problems[-1].what == (
        "all 2 sites lost: 14 of 16 hosts silent, no other heard since"
    )
    assert len(tops) == 3


def test_a_watch_that_has_only_begun_takes_no_site_for_lost_that_answers() -> None:
    hosts = site(9)
    rows = [lost(host, since=CUT, seen=None) for host in hosts[:7]]
    rows += [live(host, at=CUT - 3_000) for host in hosts[7:]]
    found = folded(*rows, live(FAR), hosts=[*hosts, FAR])
    assert all(each.id != "site/c" for each in found.problems)


@pytest.mark.parametrize("cause", [TIMEOUT, REFUSED])
def test_a_site_is_lost_since_it_is_and_not_since_its_oldest_odd_host(cause: Cause) -> None:
    hosts = site(6)
    since = [CUT - WEEK_MS, *(CUT + 1_000 * n for n in range(4)), CUT + 900_000]
    rows = [
        replace(lost(host, since=at, seen=None), cause=cause)
        for host, at in zip(hosts, since, strict=True)
    ]
    found = folded(*rows, live(FAR), hosts=[*hosts, FAR])
    (root,) = (each for each in found.problems if not each.parent)
    assert root.since == CUT + 2_000  # when most of them were


def test_a_site_whose_last_host_falls_is_lost_since_then() -> None:
    hosts = site(5)
    rows = [lost(host, since=CUT - WEEK_MS, seen=CUT - WEEK_MS) for host in hosts[:3]]
    rows += [lost(host, since=CUT + 8_000, seen=CUT) for host in hosts[3:]]
    found = folded(*rows, live(FAR), hosts=[*hosts, FAR])
    (root,) = (each for each in found.problems if not each.parent)
    assert (root.id, root.since) == ("site/c", CUT)


def test_untrusted_and_refused_are_not_called_down() -> None:
    key = Cause(Stage.HOST_KEY, "host key differs from known_hosts:214", "check, then trust it")
    untrusted = HostRow("a", "c", reach=Reach.UNTRUSTED, cause=key, since=9)
    (problem,) = folded(untrusted, live(B), hosts=[A, B]).problems
    assert (problem.severity, problem.glyph) == (Severity.CRITICAL, "untrusted")
    assert problem.what == "host key differs from known_hosts:214"
    assert problem.why == "check, then trust it"


def test_a_key_that_changed_is_critical_and_one_that_nobody_knows_is_unknown() -> None:
    # In the words of those who look at keys, so that the two can't drift apart.
    from collectors.ssh import hostkeys

    ((entry,), _) = hostkeys.parse_known_hosts(
        "a ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEyZ7QZ6o1QXJ5kZ0mJkq0m0w8l0Yw4r0n2x4z6A8C0E", "/k"
    )
    changed = hostkeys._changed("a", entry, entry.key[:-1] + b"x").cause
    unknown = hostkeys.KnownHosts(("/k",), ())._unknown("a", entry.key, "").cause
    for cause, severity in ((changed, Severity.CRITICAL), (unknown, Severity.UNKNOWN)):
        row = HostRow("a", "c", reach=Reach.UNTRUSTED, cause=cause, since=9)
        (problem,) = folded(row, live(B), hosts=[A, B]).problems
        assert (problem.severity, problem.glyph) == (severity, "untrusted")


def test_a_ring_of_jump_hosts_ends() -> None:
    a, b = Host("a", "c", jump="b"), Host("b", "c", jump="a")
    found = folded(lost(a, hop="b"), lost(b, hop="a"), live(REST), hosts=[a, b, REST])
    assert {each.where: each.parent for each in found.problems} == {"a": "b/reach", "b": ""}


names = [f"h{n}" for n in range(6)]
hops = st.sampled_from(["", *names, "outside"])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Reach),
            st.sampled_from("cr"),
            hops,
            hops,
            st.sampled_from([None, REFUSED, FROZEN]),
        ),
        min_size=6,
        max_size=6,
    )
)
def test_every_bad_host_is_told_of_exactly_once(
    states: list[tuple[Reach, str, str, str, Cause | None]],
) -> None:
    hosts, rows = {}, {}
    for name, (reach, site, jump, hop, cause) in zip(names, states, strict=True):
        hosts[name] = Host(name, site, jump=jump)
        rows[name] = replace(lost(hosts[name], hop=hop), reach=reach)
        if cause is not None:
            rows[name] = replace(rows[name], cause=cause)
    found = fold(rows, hosts, "UTC", said={}, every_ms=EVERY_MS)
    of_hosts = [each.where for each in found.problems if each.id.endswith("/reach")]
    assert sorted(of_hosts) == [name for name in names if rows[name].reach in BAD]
    ids = {each.id: each for each in found.problems}
    assert len(ids) == len(found.problems)
    for each in found.problems:
        assert not each.parent or not ids[each.parent].parent
        answered = each.parent.endswith(("/refusing", "/frozen"))
        assert not each.id.endswith("/reach") or (each.where in found.behind) is (
            bool(each.parent) and not answered
        )
