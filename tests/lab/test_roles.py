"""Every role serves, seen with its own client; and the lab's own failover, step by step by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.lab import eyes, faults
from tests.lab.layout import DB_SERVICE, WEB_SERVICE
from tests.lab.rig import Lab, LabError, LabHost
from tests.lab.roles import labapp, postgres, repository

REWIND = (
    "runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_rewind"
    f" -D {postgres.DIRECTORY} --source-server='host=rec-db1 user=postgres' -R 2>&1"
)


# ── what serves ──


def test_rows_stream_from_the_primary_to_the_standby(lab: Lab) -> None:
    primary, standby = lab.host("pri-db1"), lab.host("rec-db1")
    assert eyes.takes_writes(primary)
    assert not eyes.takes_writes(standby)
    eyes.table_for_writes(primary)
    eyes.rows(primary, "insert into written select generate_series(1, 1000)")
    until_caught_up(primary, standby)
    assert eyes.written(standby) == set(range(1, 1001))


def test_the_service_address_leads_to_the_primary(lab: Lab) -> None:
    eyes.table_for_writes(lab.host("pri-db1"))
    with eyes.writing(lab) as writer:
        assert writer.first_after(0.0).server == lab.host("pri-db1").address
    for name in ("pri-lb1", "rec-lb1"):
        assert eyes.servers(lab.host(name), "db") == {"pri-db1": "UP", "rec-db1": "MAINT"}


def test_each_balancer_gives_its_own_sites_web_hosts_first(lab: Lab) -> None:
    answered = {eyes.page(lab, WEB_SERVICE).text for _ in range(10)}
    assert answered == {"labapp 1.0 on pri-web1\n", "labapp 1.0 on pri-web2\n"}
    lab.serve_from("rec")
    try:
        assert eyes.page(lab, WEB_SERVICE).text == "labapp 1.0 on rec-web1\n"
    finally:
        lab.serve_from("pri")


def test_a_drained_web_host_gets_no_request(lab: Lab) -> None:
    balancer = lab.host("pri-lb1")
    eyes.balancer(balancer, "set server web/pri-web1 state drain")
    try:
        assert eyes.servers(balancer, "web")["pri-web1"] == "DRAIN"
        answered = {eyes.page(lab, WEB_SERVICE).text for _ in range(10)}
        assert answered == {"labapp 1.0 on pri-web2\n"}
    finally:
        eyes.balancer(balancer, "set server web/pri-web1 state ready")


def test_a_balancer_keeps_what_it_was_told_over_its_restart_if_it_is_saved(lab: Lab) -> None:
    balancer = lab.host("rec-lb1")
    eyes.balancer(balancer, "set server db/pri-db1 state maint")
    balancer.run(
        "echo show servers state | socat - UNIX-CONNECT:/run/haproxy/admin.sock"
        " >/var/lib/haproxy/server-state && systemctl restart haproxy"
    )
    balancer.wait_until("test -S /run/haproxy/admin.sock")
    try:
        assert eyes.servers(balancer, "db")["pri-db1"] == "MAINT"
    finally:
        eyes.balancer(balancer, "set server db/pri-db1 state ready")
        balancer.run("rm /var/lib/haproxy/server-state")


def test_web_hosts_serve_a_certificate_of_the_private_authority(lab: Lab) -> None:
    for name in ("pri-web1", "pri-web2", "rec-web1"):
        host = lab.host(name)
        shown = eyes.served(lab, host.address)
        assert shown.issuer == "CN=Lab CA"
        assert shown.names == (f"{name}.lab.test", host.address)
        serial = host.run("openssl x509 -noout -serial -in /etc/ssl/service/current/cert.pem")
        assert int(serial.removeprefix("serial="), 16) == int(shown.serial, 16)


def test_hosts_upgrade_from_the_labs_repository_only(
    lab: Lab, reset_after: Callable[..., None]
) -> None:
    host, infra = lab.host("rec-web1"), lab.host("rec-infra")
    reset_after("rec-web1", "rec-infra")
    assert eyes.package_version(host, "labapp") == "1.0"
    host.run("apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install labapp")
    assert eyes.package_version(host, "labapp") == "2.0"
    assert host.read("/run/reboot-required.pkgs") == "labapp\n"
    host.wait_until("curl -fs http://127.0.0.1/ | grep -qx 'labapp 2.0 on rec-web1'")
    sick = labapp.file_name(labapp.SICK)
    infra.run(f"mv {repository.WITHHELD}/{sick} {repository.POOL}/ && publish-packages")
    host.run("apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install labapp")
    host.wait_until("curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/healthz | grep -q 500")


def test_names_are_answered_and_updated_by_whoever_has_the_key(lab: Lab) -> None:
    infra = lab.host("rec-infra")
    assert eyes.resolved(lab, "pri-db1.lab.test", infra.address) == "10.71.1.11"
    assert eyes.resolved(lab, "db.svc.test", infra.address) == DB_SERVICE
    change = "server 127.0.0.1\nupdate add new.svc.test 5 A 10.71.9.1\nsend\n"
    assert infra.ask("nsupdate", stdin=change).status
    infra.run("nsupdate -k /etc/bind/lab.key", stdin=change)
    assert eyes.resolved(lab, "new.svc.test", infra.address) == "10.71.9.1"
    infra.run("nsupdate -k /etc/bind/lab.key", stdin=change.replace("add", "delete"))


REQUEST = (
    "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /run/key"
    " -subj /CN=pri-web1.lab.test -addext subjectAltName=DNS:pri-web1.lab.test 2>/dev/null"
    " >/run/request"
)


def test_both_authorities_sign_a_request(lab: Lab) -> None:
    host = lab.host("pri-web1")
    host.run(REQUEST)
    signed = host.run(
        "curl -fsS --cacert /etc/ssl/service/authority.pem --data-binary @/run/request"
        " https://rec-infra:8443/sign | openssl x509 -noout -issuer"
    )
    assert signed == "issuer=CN = Lab CA"
    signed = host.run(
        "openssl genrsa -out /run/account 2048 2>/dev/null"
        " && SSL_CERT_FILE=/etc/ssl/service/authority.pem acme-tiny --account-key /run/account"
        " --csr /run/request --acme-dir /var/www/acme --directory-url https://rec-infra:14000/dir"
        " 2>/run/acme.log | openssl x509 -noout -issuer || { cat /run/acme.log; false; }"
    )
    assert "Pebble" in signed


def test_the_private_authority_refuses_other_names(lab: Lab) -> None:
    host = lab.host("pri-web1")
    host.run(REQUEST.replace("DNS:pri-web1.lab.test", "DNS:bank.example"))
    said = host.run(
        "curl -sS --cacert /etc/ssl/service/authority.pem --data-binary @/run/request"
        " https://rec-infra:8443/sign"
    )
    assert said == "names must be of lab.test, or addresses, and are ['DNS:bank.example']"


# ── failover by hand: what every failover runbook must know ──


@pytest.fixture
def databases(lab: Lab, reset_after: Callable[..., None]) -> Iterator[tuple[LabHost, LabHost]]:
    """Primary and standby, streaming; made anew afterwards."""
    yield lab.host("pri-db1"), lab.host("rec-db1")
    lab.serve_from("pri")
    reset_after("pri-db1", "rec-db1", "pri-lb1", "rec-lb1")


def test_after_a_site_is_cut_the_other_takes_writes(
    cables: Lab, databases: tuple[LabHost, LabHost]
) -> None:
    lab, (primary, standby) = cables, databases
    eyes.table_for_writes(primary)
    eyes.rows(primary, "insert into written select generate_series(1, 500)")
    until_caught_up(primary, standby)
    lab.cut("pri")
    begun = time.time()
    promote(standby)
    serve_from_recovery(lab)
    with eyes.writing(lab, first=501) as writer:
        first = writer.first_after(begun)
    print(f"\ncut to first write at the service address: {first.at - begun:.1f} s")
    assert first.server == standby.address
    assert eyes.written(standby) >= set(range(1, 501))


def test_pg_rewind_believes_a_new_primary_only_after_its_checkpoint(
    lab: Lab, databases: tuple[LabHost, LabHost]
) -> None:
    """The trap: it says that there is nothing to rewind, succeeds, and split-brain rows stay."""
    primary, standby = databases
    eyes.table_for_writes(primary)
    until_caught_up(primary, standby)
    standby.run("pg_ctlcluster 15 main promote")
    standby.wait_until(postgres.PRIMARY_READY)
    eyes.rows(primary, "insert into written select generate_series(1, 7)")  # nobody fenced it
    primary.run("systemctl stop postgresql@15-main")
    if "no rewind required" not in primary.run(REWIND + " --dry-run"):
        pytest.skip("the new primary had made its checkpoint before pg_rewind asked")
    eyes.value(standby, "checkpoint; select 1")
    said = primary.run(REWIND)
    assert "Done!" in said
    primary.run("systemctl start postgresql@15-main")
    primary.wait_until(postgres.STANDBY_READY)
    assert eyes.written(primary) == set()
    assert eyes.streaming_from(standby).keys() == {primary.address}


def test_a_masked_primary_does_not_come_back_with_its_host(
    lab: Lab, databases: tuple[LabHost, LabHost]
) -> None:
    primary, _ = databases
    primary.run("systemctl mask --now postgresql@15-main")
    faults.reboot(primary)
    lab.wait_for_ssh([primary.name])
    primary.wait_until("systemctl is-system-running --wait; true")
    assert eyes.accepts(lab, primary.address, 5432) == "refused"
    with pytest.raises(LabError, match="is masked"):
        primary.run("systemctl start postgresql@15-main")


def until_caught_up(primary: LabHost, standby: LabHost, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while eyes.streaming_from(primary).get(standby.address) != 0:
        assert time.monotonic() < deadline, eyes.streaming_from(primary)
        time.sleep(0.05)


def promote(standby: LabHost) -> None:
    standby.run("pg_ctlcluster 15 main promote")
    standby.wait_until(postgres.PRIMARY_READY)
    eyes.value(standby, "checkpoint; select 1")


def serve_from_recovery(lab: Lab) -> None:
    eyes.balancer(
        lab.host("rec-lb1"),
        "set server db/pri-db1 state maint", "set server db/rec-db1 state ready",
    )  # fmt: skip
    lab.host("core").run("ip route replace 10.71.9.9/32 via 10.71.252.2")
