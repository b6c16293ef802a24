"""What a host is asked besides: by itself, by its groups, and what can not be asked."""

from __future__ import annotations

import pytest

from estate.asked import (
    NOTHING,
    Asked,
    Backup,
    Certificate,
    Haproxy,
    Keepalived,
    Log,
    Postgresql,
    together,
)
from estate.file import EstateError, read_estate

HEAD = "estate: X\nsites: {a: {}}\n"


def asked(text: str) -> Asked:
    return read_estate(f"{HEAD}{text}", "estate.yaml").hosts["h"].asked


def refused(probes: str) -> str:
    with pytest.raises(EstateError) as error:
        asked(f"hosts:\n  h: {{probes: {{{probes}}}}}\n")
    return str(error.value)


def test_all_that_can_be_asked() -> None:
    found = asked("""\
hosts:
  h:
    probes:
      postgresql: {user: postgres, port: 5433}
      haproxy:
      keepalived: {addresses: [10.0.0.9, "2001:DB8:0:0:0:0:0:9"]}
      packages: true
      energy: true
      certificates: [{name: mail, file: /etc/ssl/mail.pem, serves: 993, ask_for: mail.example}]
      backups:
      - {name: mdb, files: "/srv/backup/mdb-*.dump", within: 26h, least: 1M}
      - {name: borg, command: "borg list --last 1"}
      logs: [{name: mail, unit: postfix@-, lines: 5}]
""")
    assert found == Asked(
        postgresql=Postgresql("postgres", 5433),
        haproxy=Haproxy(),
        keepalived=Keepalived(("10.0.0.9", "2001:db8::9")),
        packages=True,
        energy=True,
        certificates=(Certificate("mail", "/etc/ssl/mail.pem", "993", "", "mail.example"),),
        backups=(
            Backup("mdb", "/srv/backup/mdb-*.dump", "", 93_600_000, 1e6),
            Backup("borg", command="borg list --last 1"),
        ),
        logs=(Log("mail", "postfix@-", "", 5),),
    )


def test_groups_add_and_the_host_comes_first() -> None:
    found = asked("""\
groups:
  db: {probes: {postgresql: {user: postgres}, packages: true}}
  web: {probes: {postgresql: {user: other}, logs: [{name: a, unit: x}, {name: b, unit: y}]}}
hosts:
  h: {groups: [db, web], probes: {logs: [{name: a, unit: mine}]}}
""")
    assert found == Asked(
        postgresql=Postgresql("postgres"), packages=True, logs=(Log("a", "mine"), Log("b", "y"))
    )


def test_nothing_is_asked_by_itself() -> None:
    assert asked("hosts: {h: {}}\n") == NOTHING == together()


@pytest.mark.parametrize(
    ("probes", "said"),
    [
        ("posgresql: {}", "no key 'posgresql' in probes — did you mean 'postgresql'?"),
        ("certificates: [{name: m}]", "nobody can look at — add file or serves, or both"),
        ("certificates: [{name: m, file: /a, starttls: imap}]", "not served — add serves: 443"),
        ("certificates: [{name: m, serves: 25, starttls: ftp}]", "write smtp or imap"),
        ("certificates: [{name: m, file: '/a; rm x'}]", "write a path without blanks or quotes"),
        ("backups: [{name: m}]", "comes from one place — write files or command"),
        ("backups: [{name: m, files: '/b/$(id)'}]", "write a path or pattern"),
        ("logs: [{name: m, unit: a, file: /b}]", "comes from one place — write unit or file"),
        ("logs: [{name: m, unit: a, lines: 999}]", "write a whole number from 1 to 200"),
        ("keepalived: {addresses: [10.0.0.300]}", "is no IP address — write one such as 10.0.9.9"),
        ("keepalived: {}", "'addresses' is missing in keepalived"),
        ("energy: yes please", "write true or false"),
    ],
)
def test_what_can_not_be_asked_is_refused_with_its_line(probes: str, said: str) -> None:
    assert said in refused(probes)
    assert refused(probes).startswith("estate.yaml:4: ")
