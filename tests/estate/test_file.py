"""The estate file: what it becomes, and everything that can be wrong with it."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.file import EstateError, read_estate
from estate.model import (
    Estate,
    Host,
    Maintenance,
    Need,
    Objective,
    Pool,
    Rehearsal,
    Retention,
    ServerGroup,
    Service,
    Shift,
    Site,
    Ssh,
    Tenant,
    Threshold,
)
from estate.queues import DeclaredQueue
from estate.shapes import MOST_SUGGESTED

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = "estate: X\nsites: {a: {role: primary}, b: {role: recovery}}\n"


def read(text: str) -> Estate:
    return read_estate(text, "estate.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(EstateError) as raised:
        read(text)
    return str(raised.value).splitlines()


# ── what it becomes ──


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_an_estate(path: Path) -> None:
    assert read_estate(path.read_text(), str(path)).source == str(path)


def test_the_readmes_ten_lines_are_an_estate() -> None:
    readme = (EXAMPLES.parent / "README.md").read_text()
    block = re.search(r"<!-- example:.*?```yaml\n(.*?)```", readme, re.DOTALL)
    assert block
    assert len(block[1].splitlines()) <= 10
    assert read(block[1]).groups() == ("mta", "mdb", "gw")


def test_the_messaging_platform_is_as_its_owner_describes_it() -> None:
    estate = read((EXAMPLES / "messaging.yaml").read_text())
    assert len(estate.hosts) == 80
    assert [sum(h.site == site for h in estate.hosts.values()) for site in estate.sites] == [42, 38]
    assert len(estate.tenants) == 22
    assert estate.tenants["sb"].name == {"en": "Security Bureau", "zh-Hant": "保安局"}
    assert estate.services["email"].objective == Objective(
        Fraction(9995, 10000), flat_limit_ms=22 * 60_000, recover_within_ms=600_000
    )
    assert estate.groups() == ("mta", "mbx", "mdb", "im", "lb", "dir", "mq", "gw", "ops")
    behind = [host.name for host in estate.hosts.values() if host.jump == "gw-c02"]
    assert len(behind) == 9


def test_the_hosting_platform_carries_118_of_218_services() -> None:
    estate = read((EXAMPLES / "hosting.yaml").read_text())
    phases = [service.phase for service in estate.services.values()]
    assert [phases.count(each) for each in ("live", "migrating", "planned")] == [118, 20, 80]
    assert len(estate.platforms["hosting"].server_groups) == 22


def test_the_least_an_estate_can_say() -> None:
    estate = read("estate: X\nsites: {a: }\nhosts: {h: }\n")
    assert estate.hosts == {"h": Host("h", "a")}
    assert estate.sites == {"a": Site("a", {"en": "a"})}
    assert (estate.timezone, estate.language, estate.every_ms) == ("UTC", "en", 5_000)


def test_everything_an_estate_can_say() -> None:
    estate = read(
        """
estate: 電郵
timezone: Asia/Hong_Kong
language: zh-Hant
every: 10s
sites:
  a: {name: 中央, role: primary}
  b: {name: {en: B, zh-Hant: 乙}, role: recovery}
groups:
  mta: {user: mail, port: 2222, tags: {owner: mail, kind: relay}}
  new: {phase: planned, user: nobody}
platforms:
  p:
    capacity: 10
    pools: {disk: {size: 100, unit: TB, allotted: {t: 5}}}
    server_groups: {sg: {carries: 10, group: mta, phase: migrating}}
tenants:
  t: {name: T, phase: planned}
  u: {en: U}
hosts:
  "m[1:2]": {site: a, groups: [mta, new], address: "10.0.0.[1:2]", pair: "r[1:2]", rack: A1,
             tags: {owner: me}}
  "r[1:2]": {site: b, groups: [mta], port: 22, jump: "ops@gw:2200,gw2", identity: ~/.ssh/k}
services:
  s:
    name: S
    tier: 1
    platform: p
    server_group: sg
    phase: live
    objective: {available: 99.9%}
    needs: [{group: mta, at: any site, k: 4}, {group: mta, at: a, k: 2}]
    probes: [{smtp: "mx:25", starttls: true, every: 10s, at: a}]
    queues: [{postfix: mta, warn: 1, critical: 2, oldest: 15m}]
    runbooks: {fails: over, back: again}
    tenants: [t]
thresholds:
  cpu: {warn: 50%, critical: 60, hold: 1m}
  disk: [{where: "group:mta", warn: 70}, {where: "site:b", critical: 80, hold: 0s}]
  disk_full_in_seconds: {warn: 8h, critical: 1h}
  swap: off
shifts: {day: 08:00-20:00, night: 20:00 - 08:00}
roles: {operator: ops, viewer: [a, b]}
maintenance: [{where: "group:mta", starts: 2026-11-21 22:00, ends: "2026-11-22T02:00+08:00"}]
retention: {hot: 1h, samples: 14d}
ssh: {config: /etc/ssh.conf, known_hosts: [a, b], connect_at_once: 8, connect_timeout: 5s}
"""
    )
    mail = {"owner": "mail", "kind": "relay"}
    queue = DeclaredQueue("postfix", "mta", service="s", warn=1, critical=2, oldest_ms=900_000)
    assert estate.name == "電郵"
    assert estate.every_ms == 10_000
    assert estate.sites["a"].name == {"zh-Hant": "中央"}
    assert estate.hosts["m2"] == Host(
        "m2", "a", ("mta", "new"), "10.0.0.2", 2222, "mail", pair="r2", rack="A1",
        phase="planned", tags={**mail, "owner": "me"}, queues=(queue,),
    )  # fmt: skip
    assert estate.hosts["r1"] == Host(
        "r1", "b", ("mta",), port=22, user="mail", jump="ops@gw:2200,gw2", identity="~/.ssh/k",
        tags=mail, queues=(queue,),
    )  # fmt: skip
    platform = estate.platforms["p"]
    assert platform.pools == {"disk": Pool("disk", {"en": "disk"}, "TB", 100, {"t": 5})}
    assert platform.server_groups["sg"] == ServerGroup("sg", {"en": "sg"}, 10, "migrating", "mta")
    assert estate.tenants == {
        "t": Tenant("t", {"zh-Hant": "T"}, "planned"),
        "u": Tenant("u", {"en": "U"}),
    }
    assert estate.services == {
        "s": Service(
            "s", {"zh-Hant": "S"}, 1, "p", "live", Objective(Fraction(999, 1000)),
            (Need("mta", "any site", 4), Need("mta", "a", 2)),
            ({"smtp": "mx:25", "starttls": True, "every": "10s", "at": "a"},),
            (queue,),
            {"fails": "over", "back": "again"}, ("t",), "sg",
        )
    }  # fmt: skip
    assert estate.thresholds[:5] == (
        Threshold("disk", 70, None, 60_000, where="group:mta"),
        Threshold("disk", None, 80, 0, where="site:b"),
        Threshold("cpu", 50, 60, 60_000),
        Threshold("swap", None, None, 0),
        Threshold("disk_full_in_seconds", 28_800, 3_600, 120_000, above=False),
    )
    assert estate.shifts == (Shift("day", 480, 1200), Shift("night", 1200, 480))
    assert estate.roles == {"operator": ("ops",), "viewer": ("a", "b")}
    assert estate.maintenance == (Maintenance("group:mta", 1_795_269_600_000, 1_795_284_000_000),)
    assert estate.retention == Retention(hot_ms=3_600_000, chunks_ms=14 * 86_400_000)
    assert estate.ssh == Ssh("/etc/ssh.conf", ("a", "b"), 8, connect_timeout_ms=5_000)


@pytest.mark.parametrize(
    "shifts",
    [
        "{day: 08:00-20:00, night: 20:00-08:00}",
        "{a: 00:00-08:00, b: 08:00-16:00, c: 16:00-24:00}",
        "{day: 09:00-17:00, early: 06:00-09:00}",
        "{all: 08:00-08:00}",
    ],
)
def test_shifts_that_meet_do_not_overlap(shifts: str) -> None:
    assert read(f"{HEAD}hosts:\nshifts: {shifts}\n").shifts


# ── what is wrong with it ──


def test_all_problems_are_found_at_once_in_the_order_of_their_lines() -> None:
    assert problems(
        """estate: X
timezone: Asia/Hongkong
evry: 5s
sites:
  a: {role: primry}
  b:
hosts:
  "m[1:3]": {site: c, groups: [mta], address: "10.0.0.[1:2]"}
  "m[1:2]": {site: a, groups: mta}
  m1: {site: b, user: "-x", port: 99999}
services:
  mail:
    objective: {available: 99.95, flat_limit: 22}
    needs: [{group: mtaa, at: active site, k: 3}, {group: mta, at: d, k: 30}]
    probes: [{smpt: "x:25"}, {smtp: "x:25", imap: "x:4"}]
    tenants: [q]
roles: {admin: [x]}
"""
    ) == [
        "estate.yaml:2: no timezone 'Asia/Hongkong' — did you mean 'Asia/Hong_Kong'?",
        "estate.yaml:3: no key 'evry' in the estate — did you mean 'every'?",
        "estate.yaml:5: 'primry' is none of the choices — did you mean 'primary'?",
        "estate.yaml:8: address '10.0.0.[1:2]' names 2, 'm[1:3]' names 3"
        " — give both the same range",
        "estate.yaml:8: no site 'c' — sites are a, b",
        "estate.yaml:9: text where a list belongs — write [a, b]",
        "estate.yaml:10: '-x' does not fit — write a user name",
        "estate.yaml:10: 99999 is out of range — write a whole number from 1 to 65535",
        "estate.yaml:10: host 'm1' again, first on line 9 — name every host once",
        "estate.yaml:13: '22' does not fit — write a duration such as 30s, 22m, 4h or 7d",
        "estate.yaml:13: '99.95' does not fit — write a percentage such as 99.95%",
        "estate.yaml:14: no group 'mtaa' — did you mean 'mta'?",
        "estate.yaml:14: no site 'd' — sites are a, b",
        "estate.yaml:15: a probe names no kind — name one of smtp, imap, pop3, ldap, xmpp, tcp,"
        " tls, http, dns, ping, postgres, command, mail",
        "estate.yaml:15: a probe names smtp and imap — name one of smtp, imap, pop3, ldap, xmpp,"
        " tcp, tls, http, dns, ping, postgres, command, mail",
        "estate.yaml:15: no key 'smpt' in a probe — did you mean 'smtp'?",
        "estate.yaml:16: no tenant 'q' — there are no tenants yet: define it",
        "estate.yaml:17: no key 'admin' in roles — keys are viewer, contractor, operator,"
        " approver, auditor",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: the file is empty — begin with estate: and a name"),
        ("# nothing", "1: the file is empty — begin with estate: and a name"),
        ("estate", "1: text where the estate belongs — write the estate as key: value"),
        ("- estate: x", "1: a list where the estate belongs — write the estate as key: value"),
        ("estate: x\nsites:\nhosts:", "1: no sites — add one: sites: {main: {name: Main room}}"),
        (HEAD + "hosts: {h: }", "3: host 'h' has no site — add site: a or b"),
        (HEAD + "hosts: {h: {site: }}", "3: nothing here — write letters, digits, . _ and -, a letter or digit first"),
        (HEAD + "hosts: [h]", "3: a list where hosts belong — write key: value"),
        (HEAD + 'hosts: {"-oProxyCommand=x": {site: a}}', "3: '-oProxyCommand=x' does not fit — write a host's name: letters, digits, . _ - and ranges [01:20]"),
        (HEAD + 'hosts: {h: {site: a, address: "-oProxyCommand=x"}}', "3: '-oProxyCommand=x' does not fit — write a name or an IP address"),
        (HEAD + 'hosts: {h: {site: a, jump: "-x"}}', "3: '-x' does not fit — write [user@]host[:port], several from the outside in with commas, or none"),
        (HEAD + 'hosts: {"h[1:99999]": {site: a}}', "3: 'h[1:99999]' names 99,999 hosts — an estate holds 10,000 at most"),
        (HEAD + 'hosts: {"h[1:9000]": {site: a}, "i[1:9000]": {site: a}}', "3: 'i[1:9000]' names 9,000 hosts, 1,000 more fit — an estate holds 10,000 at most"),
        (HEAD + "hosts: {h: {site: a, pair: g}}", "3: no host 'g' — hosts are h"),
        (HEAD + "hosts: {h: {site: a, pair: h}}", "3: 'h' is its own pair — name the other host"),
        (HEAD + "hosts: {h: {site: a, phase: retierd}}", "3: 'retierd' is none of the choices — did you mean 'retired'?"),
        (HEAD + "hosts: {h: {site: a, platform: p}}", "3: no platform 'p' — there are no platforms yet: define it"),
        (HEAD + "hosts:\nevery: 0s", "4: '0s' is out of range — write 1s to 1h"),
        (HEAD + "hosts:\nevery: 5", "4: '5' does not fit — write a duration such as 30s, 22m, 4h or 7d"),
        (HEAD + "hosts:\nevery: [5s]", "4: a list here — write a duration such as 30s, 22m, 4h or 7d"),
        (HEAD + 'hosts:\nestate: y', "4: 'estate' again, first on line 1 — keep one of them"),
        ('estate: "a\\u202eb"\nsites: {a: }\nhosts:', "1: 'a\\\\u202eb' is empty, too long or has hidden characters — write a line of text"),
        (HEAD + "hosts:\nlanguage: English", "4: 'English' does not fit — write a language tag such as en or zh-Hant"),
        (HEAD + "hosts:\nshifts: {day: 8-20}", "4: '8-20' does not fit — write a span of the day such as 20:00-08:00"),
        (HEAD + "hosts:\nshifts: {day: 08:00-25:00}", "4: '25:00' is no time of day — write 00:00 to 24:00"),
        (HEAD + "hosts:\nshifts: {day: 08:00-20:00, late: 16:00-23:00}", "4: shifts 'day' and 'late' overlap — let one begin where the other ends"),
        (HEAD + "hosts:\nshifts: {day: 08:00-20:00, night: 19:59-08:00}", "4: shifts 'day' and 'night' overlap — let one begin where the other ends"),
        (HEAD + "hosts:\nshifts: {night: 22:00-06:00, early: 05:00-06:00}", "4: shifts 'night' and 'early' overlap — let one begin where the other ends"),
        (HEAD + "hosts:\nshifts: {all: 00:00-24:00, day: 08:00-09:00}", "4: shifts 'all' and 'day' overlap — let one begin where the other ends"),
        (HEAD + "hosts:\nthresholds: {disk: {warn: 900%}}", "4: '900%' is more than all of it — write 100% or less"),
        (HEAD + "hosts:\nthresholds: {cpu: {critical: 100.5}}", "4: '100.5' is more than all of it — write 100% or less"),
        (HEAD + "hosts:\nthresholds: {cpuu: off}", "4: no key 'cpuu' in thresholds — did you mean 'cpu'?"),
        (HEAD + "hosts:\nthresholds: {cpu: on}", "4: 'on' is none of the choices — write off"),
        (HEAD + "hosts:\nthresholds: {cpu: {hold: 5m}}", "4: a threshold without a limit — add warn or critical, or write off"),
        (HEAD + "hosts:\nthresholds: {cpu: {warn: 90, critical: 80}}", "4: critical comes before warn — swap them"),
        (HEAD + "hosts:\nthresholds: {disk_full_in_seconds: {warn: 1h, critical: 2h}}", "4: critical comes before warn — swap them"),
        (HEAD + "hosts:\nthresholds: {cpu: {warn: 5s}}", "4: '5s' does not fit — write a percentage such as 80 or 80%"),
        (HEAD + "hosts:\nthresholds: {cpu: {warn: 5, where: 'grp:x'}}", "4: filter, column 1: no field 'grp' — did you mean 'group'? quote it to find it as text"),
        (HEAD + "hosts:\nretention: {hot: 9h, samples: 2h}", "4: a finer tier is kept longer than a coarser one — keep hot ≤ samples ≤ minutes ≤ ten_minutes"),
        (HEAD + "hosts:\nmaintenance: [{where: x, starts: 2026-11-21 22:00, ends: 2026-11-21 21:00}]", "4: maintenance ends before it starts — swap starts and ends"),
        (HEAD + "hosts:\nmaintenance: [{where: x, starts: tomorrow, ends: 2026-11-21 21:00}]", "4: 'tomorrow' is no time — write 2026-11-21 22:00"),
        ("timezone: Europe/London\n" + HEAD + "hosts:\nmaintenance: [{where: x, starts: 2026-10-25 01:30, ends: 2026-10-25 03:00}]", "5: '2026-10-25 01:30' is missing or double in Europe/London — add the offset from UTC: 2026-10-25 01:30+01:00"),
        (HEAD + "hosts: {h: {site: a, groups: [g]}}\nservices: {s: {needs: [{group: g, at: a, k: 2}]}}", "4: needs 2 of group 'g' at a, where there are 1 — lower k to 1 or less, or add hosts"),
        (HEAD + "hosts: {h: {site: a, groups: [g]}, i: {site: b, groups: [g]}}\nservices: {s: {needs: [{group: g, at: active site, k: 2}]}}", "4: needs 2 of group 'g' at active site, where there are 1 — lower k to 1 or less, or add hosts"),
        (HEAD + "hosts:\ngroups: {g: }\nservices: {s: {needs: [{group: g, at: a, k: 1}]}}", "5: 's' is live and group 'g' has no hosts — add hosts, or write phase: planned"),
        (HEAD + "hosts:\nservices: {s: {queues: [{postfix: g}]}}", "4: no group 'g' — there are no groups yet: define it"),
        (HEAD + "hosts:\ngroups: {g: }\nservices: {s: {queues: [{postfix: g, warn: 9, critical: 3}]}}", "5: limits of a queue out of order — write warn ≤ critical ≤ full"),
        (HEAD + "hosts:\nservices: {s: {tenants: some}}", "4: 'some' is none of the choices — write all"),
        (HEAD + "hosts:\nplatforms: {p: {server_groups: {g: {carries: 1}}}, q: }\nservices: {s: {platform: q, server_group: g}}", "5: server group 'g' is not on the platform of 's' — name one of its platform's server_groups"),
    ],
)  # fmt: skip
def test_each_problem_says_what_and_what_to_do(text: str, said: str) -> None:
    assert problems(text) == [f"estate.yaml:{said}"]


def test_a_wrong_entry_of_a_mapping_does_not_hide_the_next_ones() -> None:
    assert problems(
        """estate: X
sites:
  a: {name: {english: A, en: "", zh-Hant: 甲}}
tenants: {sb: }
platforms:
  p:
    pools:
      disk: {size: 5, unit: TB, allotted: {sb: much, sc: -1, sd: 2}}
hosts:
  h: {tags: {-x: y, z: [], w: ""}}
shifts:
  day: 8-20
  night: 20:00-25:00
"""
    ) == [
        "estate.yaml:3: '' is empty, too long or has hidden characters — write a line of text",
        "estate.yaml:3: 'english' does not fit — write a language tag such as en or zh-Hant",
        "estate.yaml:8: -1 is out of range — write a whole number from 0 to 1000000000000000",
        "estate.yaml:8: no tenant 'sc' — tenants are sb",
        "estate.yaml:8: no tenant 'sd' — tenants are sb",
        "estate.yaml:8: text here — write a whole number from 0 to 1000000000000000",
        "estate.yaml:10: '' is empty, too long or has hidden characters — write a line of text",
        "estate.yaml:10: '-x' does not fit — write letters, digits, . _ and -, a letter or digit"
        " first",
        "estate.yaml:10: a list here — write a line of text",
        "estate.yaml:12: '8-20' does not fit — write a span of the day such as 20:00-08:00",
        "estate.yaml:13: '25:00' is no time of day — write 00:00 to 24:00",
    ]


def test_a_thousand_unknown_names_are_all_named_and_few_are_guessed_at() -> None:
    """A wrong letter in one range of 5,000 pairs: guessing at each took a minute of the watch."""
    said = problems(HEAD + 'hosts: {"m-c[0001:1000]": {site: a, pair: "m-r[0001:1000]"}}')
    assert len(said) == 1000
    assert said[0] == "estate.yaml:3: no host 'm-r0001' — did you mean 'm-c0001'?"
    assert said[-1] == "estate.yaml:3: no host 'm-r1000' — define it, or correct the name"
    assert sum("did you mean" in each for each in said) == MOST_SUGGESTED


def test_midnight_is_minute_0_at_either_end_of_a_shift() -> None:
    shifts = read(HEAD + "hosts:\nshifts: {a: 24:00-08:00, b: 16:00-24:00}").shifts
    assert shifts == (Shift("a", 0, 480), Shift("b", 960, 0))


def test_a_host_says_more_than_its_groups_and_the_first_group_more_than_the_second() -> None:
    estate = read(
        """
estate: X
sites: {a: }
groups:
  old: {phase: retired, user: root, tags: {x: "1", y: "1"}}
  new: {phase: planned, user: ops, port: 2222, tags: {y: "2", z: "2"}}
hosts:
  h: {groups: [old, new], phase: live, tags: {x: "0"}}
"""
    )
    assert estate.hosts["h"] == Host(
        "h", "a", ("old", "new"), port=2222, user="root", phase="live",
        tags={"x": "0", "y": "1", "z": "2"},
    )  # fmt: skip


def test_a_refused_host_is_still_known_to_those_who_name_it() -> None:
    said = problems(HEAD + "hosts:\n  h: {site: a, port: x}\n  i: {site: b, pair: h}")
    assert said == ["estate.yaml:4: text here — write a whole number from 1 to 65535"]


@given(st.text(max_size=100))
def test_any_text_is_an_estate_or_an_error_with_lines(text: str) -> None:
    try:
        read(text)
    except EstateError as error:
        assert error.problems
        assert all(1 <= problem.line <= text.count("\n") + 2 for problem in error.problems)


_LINES = (EXAMPLES / "messaging.yaml").read_text().splitlines()


@given(st.sets(st.integers(0, len(_LINES) - 1), max_size=4), st.integers(0, 40))
def test_an_estate_with_lines_lost_or_cut_never_crashes(lost: set[int], cut: int) -> None:
    kept = [line[:cut] if n in lost and cut else line for n, line in enumerate(_LINES)]
    try:
        read("\n".join(kept))
    except EstateError as error:
        assert error.problems


def test_when_hosts_are_asked_by_night_and_what_runbooks_are_given() -> None:
    head = "estate: X\nsites: {a: {name: A}}\nhosts: {h: {site: a}}\n"
    assert read_estate(head, "e").rehearsal == Rehearsal(60, 300, 92 * 86_400_000)
    said = "rehearsal: {nightly: 22:30-02:00, drill_every: 30d}\n"
    said += "services: {s: {runbooks: {fails: move}, runbook_inputs: {to: a, days: 14}}}\n"
    estate = read_estate(head + said, "e")
    assert estate.rehearsal == Rehearsal(1350, 120, 30 * 86_400_000)
    assert estate.services["s"].runbook_inputs == {"to": "a", "days": "14"}
    assert read_estate(head + "rehearsal: {nightly: 00:00-24:00}\n", "e").rehearsal.ends == 0
    assert problems(head + "rehearsal: {nightly: 25:00-26:00, drill_every: 1h}\n") == [
        "estate.yaml:4: '1h' is out of range — write 1d to 3660d",
        "estate.yaml:4: '25:00' is no time of day — write 00:00 to 24:00",
    ]


def test_a_handover_at_each_change_of_shift_needs_shifts() -> None:
    head, key = HEAD + "hosts:\n", "handover: {every_shift: true}\n"
    assert not read(head).every_shift
    assert read(head + "shifts: {day: 08:00-20:00}\n" + key).every_shift
    (said,) = problems(head + key)
    assert "a handover at every shift, and no shifts" in said
