"""Certificates are rotated by the watch, proved where they are served, and taken back where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import eyes
from tests.lab.rig import Lab
from tests.lab.running import Run, begin
from tests.lab.watching import Watching, watching_hosts

SERVERS = ("pri-web1", "pri-web2", "rec-web1")

AUTHORITY = {"change": "CHG-1", "url": "https://rec-infra:8443/sign"}
ACME = {"change": "CHG-1", "issuer": "acme", "url": "https://rec-infra:14000/dir"}

#: What the authority answers, whatever it is asked; see programs/certificate_signer.py.
WRONG_ANSWER = "/etc/lab-authority/answer.pem"

NO_RELOAD = "/run/systemd/system/nginx.service.d/lab.conf"


@pytest.fixture
def watch(lab: Lab, reset_after: Callable[..., None], tmp_path: Path) -> Iterator[Watching]:
    """A watch over the web hosts, which are made anew afterwards."""
    reset_after(*SERVERS)
    with watching_hosts(lab, SERVERS, tmp_path) as watch:
        yield watch


def test_every_server_gets_a_new_key_and_certificate_from_the_private_authority(
    lab: Lab, watch: Watching
) -> None:
    before, keys = _served(lab), _keys(lab)
    begin(watch, "certificate-rotation", AUTHORITY).succeeds()
    after = _served(lab)
    for name in SERVERS:
        assert after[name].serial != before[name].serial
        assert after[name].names == before[name].names
        assert after[name].issuer == "CN=Lab CA"
    assert not set(_keys(lab).values()) & set(keys.values())


def test_acme_gives_certificates_that_clients_of_its_authority_trust(
    lab: Lab, watch: Watching
) -> None:
    root = lab.host("rec-infra").run("curl -fsk https://localhost:15000/roots/0")
    for name in SERVERS:
        lab.host(name).run("cat >>/etc/ssl/service/authority.pem", stdin=root)
    begin(watch, "certificate-rotation", ACME).succeeds()
    for name, served in _served(lab).items():
        assert "Pebble" in served.issuer
        assert served.names == (f"{name}.lab.test",)


def test_a_certificate_for_another_key_is_never_switched_to(lab: Lab, watch: Watching) -> None:
    before = _served(lab)
    other = lab.host("pri-web2").read("/etc/ssl/service/current/cert.pem")
    infra = lab.host("rec-infra")
    infra.write(WRONG_ANSWER, other)
    try:
        run = begin(watch, "certificate-rotation", AUTHORITY)
        assert run.until_ended() == "rolled-back"
    finally:
        infra.run(f"rm {WRONG_ANSWER}")
    assert _whys(run, "proved") == {"the new certificate is for another key"}
    assert not any(task.attempt for task in run.tasks("turned"))
    assert _served(lab) == before


def test_a_configuration_that_fails_its_test_is_taken_back(lab: Lab, watch: Watching) -> None:
    before = _served(lab)
    lab.host("pri-web2").run(  # it needs a file that no new release has
        "touch /etc/ssl/service/current/more.conf && sed -i 's#^http {#&"
        " include /etc/ssl/service/current/more.conf;#' /etc/nginx/nginx.conf && nginx -t -q"
    )
    run = begin(watch, "certificate-rotation", AUTHORITY)
    assert run.until_ended() == "rolled-back"
    assert "more.conf" in run.printed("served")
    assert _served(lab) == before
    assert _links(lab) == dict.fromkeys(SERVERS, "rel-0")


def test_a_reload_that_succeeds_and_serves_the_old_certificate_at_one_site_is_taken_back_at_both(
    lab: Lab, watch: Watching
) -> None:
    before = _served(lab)
    stale = lab.host("rec-web1")
    stale.write(NO_RELOAD, "[Service]\nExecReload=\nExecReload=/bin/true\n")
    stale.run("systemctl daemon-reload")
    run = begin(watch, "certificate-rotation", AUTHORITY)
    assert run.until_ended() == "rolled-back"
    assert "another certificate is served" in run.printed("served")
    proved = [task for task in run.tasks("noted") if task.undo]
    assert {(task.about or task.host, task.host) for task in proved} == {
        (a, h) for a in SERVERS for h in SERVERS
    }
    assert {task.outcome for task in proved} == {"ok"}
    assert _served(lab) == before
    assert _links(lab) == dict.fromkeys(SERVERS, "rel-0")


def test_a_drill_asks_for_certificates_and_serves_none(lab: Lab, watch: Watching) -> None:
    before = _served(lab)
    run = begin(watch, "certificate-rotation", AUTHORITY, drill=True)
    run.succeeds()
    assert {task.outcome for task in run.tasks("proved")} == {"ok"}
    assert _served(lab) == before


def _served(lab: Lab) -> dict[str, eyes.Served]:
    return {name: eyes.served(lab, lab.host(name).address) for name in SERVERS}


def _keys(lab: Lab) -> dict[str, str]:
    return {name: lab.host(name).read("/etc/ssl/service/current/key.pem") for name in SERVERS}


def _links(lab: Lab) -> dict[str, str]:
    return {name: lab.host(name).run("readlink /etc/ssl/service/current") for name in SERVERS}


def _whys(run: Run, step: str) -> set[str]:
    return {task.why for task in run.tasks(step) if task.outcome == "failed"}
