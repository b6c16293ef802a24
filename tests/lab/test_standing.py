"""Replication, proxies, certificates and packages, as the watch tells them and as they are: what
psql, HAProxy's socket, a TLS client and apt say in the hosts themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from estate.certificates import CertificateRow, mismatched
from estate.document import Severity
from estate.patches import PatchRow
from estate.replication import ReplicationRow
from tests.lab import consoles, eyes
from tests.lab.layout import DB_SERVICE
from tests.lab.rig import Lab
from tests.lab.running import begin
from tests.lab.watching import Watching, watching

HOSTS = ("pri-db1", "rec-db1", "pri-lb1", "rec-lb1", "pri-web1", "rec-web1")
CERTIFICATE = "/etc/ssl/service/current/cert.pem"

ASKED = f"""\
groups:
  db: {{probes: {{postgresql: {{user: postgres}}}}}}
  lb: {{probes: {{haproxy: {{}}, keepalived: {{addresses: [{DB_SERVICE}]}}}}}}
  web:
    probes:
      packages: true
      certificates: [{{name: web, file: {CERTIFICATE}, serves: 443}}]
      logs: [{{name: journal, unit: nginx, lines: 3}}]
thresholds:
  backend_down: {{warn: 0%, critical: 99%, hold: 0s}}
"""
EMPTY = """\
runbook: empty-web
title: Take every web server out, and ask
version: 1
hosts: {balancer: {host: pri-lb1}}
steps:
  - do: Take them out
    hosts: balancer
    id: out
    as: root
    sh: |
      ask() { echo "$*" | socat -t 5 - UNIX-CONNECT:/run/haproxy/admin.sock; }
      for server in $(ask show stat | grep "^web," | cut -d , -f 2 | grep -v END); do
        ask "set server web/$server state maint"
      done
    repeat: safe
    undo: none
  - gate: Go on?
    id: asked
"""


@pytest.fixture
def watch(lab: Lab, tmp_path: Path) -> Iterator[Watching]:
    """A watch over databases, balancers and web hosts that asks them all there is to ask."""
    directory = tmp_path / "console"
    directory.mkdir(mode=0o700)
    places = [lab.places[name] for name in HOSTS]
    console = consoles.write(directory, places, lab.credentials, also=ASKED)
    runbooks = directory / "runbooks"
    runbooks.mkdir(mode=0o700)
    (runbooks / "empty-web.yaml").write_text(EMPTY)
    (runbooks / "empty-web.yaml").chmod(0o600)
    with watching(lab, console, tmp_path / "watch") as watch:
        watch.until(HOSTS, lambda row: row.reach == "live")
        yield watch


def database(watch: Watching, name: str) -> ReplicationRow:
    return next(row for row in watch.board().replication if row.host == name)


def test_lag_is_what_psql_says_at_either_end(lab: Lab, watch: Watching) -> None:
    primary, standby = lab.host("pri-db1"), lab.host("rec-db1")

    def caught_up() -> bool:
        ends = [database(watch, name) for name in ("pri-db1", "rec-db1")]
        return all(end.streams and end.lag_bytes == 0 == end.lag_seconds for end in ends)

    watch.eventually(caught_up, "a standby that has everything")
    sent, received = database(watch, "pri-db1"), database(watch, "rec-db1")
    assert (sent.role, received.role) == ("primary", "standby")
    assert [each.peer for each in sent.streams] == ["rec-db1"]
    assert (received.follows, received.streams[0].state) == ("pri-db1", "streaming")

    # A standby counts seconds from the last commit it replayed: it has to have seen one.
    eyes.table_for_writes(primary)
    _until_replayed(lab)
    eyes.rows(standby, "select pg_wal_replay_pause()")
    try:
        eyes.rows(primary, "insert into written select generate_series(1, 50000)")

        def agrees() -> bool:
            watch.refresh("pri-db1")
            watch.refresh("rec-db1")
            time.sleep(0.5)
            behind = eyes.streaming_from(primary)[lab.places["rec-db1"].address]
            lag = database(watch, "rec-db1").lag_seconds
            told = database(watch, "pri-db1").lag_bytes
            return told == behind > 1_000_000 and lag is not None and lag > 0

        watch.eventually(agrees, "the lag that psql sees")
        assert database(watch, "pri-db1").lag_seconds is None  # nobody knows it there
    finally:
        eyes.rows(standby, "select pg_wal_replay_resume()")


def test_backends_and_addresses_are_what_the_balancers_have(lab: Lab, watch: Watching) -> None:
    balancer = lab.host("pri-lb1")

    def told() -> dict[str, tuple[int, int]]:
        row = next(row for row in watch.board().proxies if row.host == "pri-lb1")
        return {each.name: (each.up, each.drained) for each in row.backends}

    def seen() -> dict[str, tuple[int, int]]:
        states = {proxy: eyes.servers(balancer, proxy).values() for proxy in ("db", "web")}
        return {
            proxy: (sum(s == "UP" for s in found), sum(s in ("MAINT", "DRAIN") for s in found))
            for proxy, found in states.items()
        }

    watch.eventually(lambda: told() == seen(), "the backends that the socket shows")
    before = seen()["web"]
    eyes.balancer(balancer, "set server web/pri-web1 state maint")
    try:
        assert seen()["web"] == (before[0] - 1, before[1] + 1)
        watch.refresh("pri-lb1")
        watch.eventually(lambda: told() == seen(), "the server that was taken out")
    finally:
        eyes.balancer(balancer, "set server web/pri-web1 state ready")
    held = {row.host: (row.held, row.interface) for row in watch.board().addresses}
    assert held == {"pri-lb1": (True, "lo"), "rec-lb1": (True, "lo")}


def test_a_backend_that_a_run_emptied_is_critical_once_the_run_is_over(
    lab: Lab, watch: Watching
) -> None:
    balancer = lab.host("pri-lb1")
    servers = eyes.servers(balancer, "web")

    def found() -> list[Severity]:
        watch.refresh("pri-lb1")
        return [e.severity for e in watch.problems() if e.id == "pri-lb1/backend_down/web"]

    try:
        run = begin(watch, "empty-web", {})
        run.until_asked("asked")
        watch.eventually(lambda: found() == [Severity.MAINTENANCE], "what the run was asked for")
        run.decide("asked", "refuse", "leave it so")
        run.until_ended()
        watch.eventually(lambda: found() == [Severity.CRITICAL], "a backend that was left empty")
    finally:
        for server in servers:
            eyes.balancer(balancer, f"set server web/{server} state ready")
    told = [each for each in watch.events() if "has no server that takes work" in each.what]
    assert [each.severity for each in reversed(told)] == [Severity.MAINTENANCE, Severity.CRITICAL]


def test_a_certificate_that_is_not_the_one_in_the_file_is_found(lab: Lab, watch: Watching) -> None:
    def rows() -> dict[tuple[str, str], CertificateRow]:
        return {(row.host, row.source): row for row in watch.board().certificates}

    def all_known() -> bool:
        return len(rows()) == 4 and all(row.fingerprint for row in rows().values())

    watch.eventually(all_known, "every certificate, in its file and served")
    for host in ("pri-web1", "rec-web1"):
        shown = eyes.served(lab, lab.host(host).address)
        for source in ("file", "served"):
            row = rows()[host, source]
            assert row.serial.upper() == shown.serial
            assert row.names == shown.names
    assert mismatched(tuple(rows().values())) == ()

    stale = lab.host("rec-web1")
    old = stale.read(CERTIFICATE)
    stale.write(CERTIFICATE, lab.host("pri-web1").read(CERTIFICATE))  # and nginx is told nothing
    try:
        watch.refresh("rec-web1")

        def found() -> bool:
            [*pairs] = mismatched(tuple(rows().values()))
            return [served.host for _, served in pairs] == ["rec-web1"]

        watch.eventually(found, "the certificate that is not the one in the file")
    finally:
        stale.write(CERTIFICATE, old)


def test_packages_are_what_apt_says(lab: Lab, watch: Watching) -> None:
    host = lab.host("pri-web1")

    def row() -> PatchRow:
        return next(each for each in watch.board().patches if each.host == "pri-web1")

    host.run("apt-get update -qq")
    waiting = [
        line for line in host.run("apt list --upgradable 2>/dev/null").splitlines() if "/" in line
    ]
    watch.refresh("pri-web1")
    watch.eventually(lambda: row().pending == len(waiting), f"{len(waiting)} packages that wait")
    assert set(row().names) == {line.partition("/")[0] for line in waiting}
    assert row().packages == int(host.run("dpkg-query -W -f '${db:Status-Abbrev}\n' | grep -c ^.i"))
    assert row().system == "apt"


def _until_replayed(lab: Lab) -> None:
    address = lab.places["rec-db1"].address
    deadline = time.monotonic() + 30
    while eyes.streaming_from(lab.host("pri-db1")).get(address) != 0:
        assert time.monotonic() < deadline, "the standby does not catch up"
        time.sleep(0.1)
