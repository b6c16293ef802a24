"""The runbook rolling-patch, run by the real watch while clients go on asking for pages."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import consoles, eyes
from tests.lab.rig import Lab, LabHost
from tests.lab.roles import labapp
from tests.lab.roles.repository import POOL
from tests.lab.running import begin, told
from tests.lab.traffic import traffic
from tests.lab.watching import Watching, watching

WEB = ("pri-web1", "pri-web2", "rec-web1")
HOSTS = (*WEB, "pri-lb1", "rec-lb1")
CHANGE = {"change": "CHG-1"}

#: However busy the machine is: dpkg writes to the disk, and waits for it.
ROLL_SECONDS = 280.0

pytestmark = pytest.mark.timeout(650)


@pytest.fixture
def watch(lab: Lab, reset_after: Callable[..., None], tmp_path: Path) -> Iterator[Watching]:
    """A watch over web hosts and balancers, which are made anew afterwards, as is what is published."""
    directory = tmp_path / "console"
    directory.mkdir(mode=0o700)
    console = consoles.write(directory, [lab.places[name] for name in HOSTS], lab.credentials)
    with watching(lab, console, tmp_path / "watch") as watch:
        watch.until(HOSTS, lambda row: row.reach == "live")
        yield watch
    reset_after(*HOSTS, "rec-infra")


def _versions(lab: Lab) -> dict[str, str]:
    return {name: eyes.package_version(lab.host(name), "labapp") for name in WEB}


def _publish(repository: LabHost, version: str) -> None:
    package = base64.b64encode(labapp.package(version)).decode()
    path = f"{POOL}/{labapp.file_name(version)}"
    repository.run(f"base64 -d >{path} && publish-packages", stdin=package)


def _serving(lab: Lab) -> dict[str, dict[str, str]]:
    return {name: eyes.servers(lab.host(name), "web") for name in ("pri-lb1", "rec-lb1")}


def test_every_host_of_both_sites_is_upgraded_and_restarted_and_no_request_fails(
    lab: Lab, watch: Watching
) -> None:
    boots = {name: lab.host(name).boot_id() for name in WEB}
    assert set(_versions(lab).values()) == {"1.0"}
    with traffic(lab) as seen:
        view = begin(watch, "rolling-patch", CHANGE).succeeds(ROLL_SECONDS)
    print(f"\n{seen.requests} requests during the roll, {len(seen.failures)} failed")
    print(told(view))
    assert seen.failures == []
    assert seen.requests > 100
    assert _versions(lab) == dict.fromkeys(WEB, "2.0")
    assert all(lab.host(name).boot_id() != boots[name] for name in WEB), "2.0 asks for a restart"
    for name in WEB:
        assert lab.host(name).ask("test -e /run/reboot-required").status != 0
    assert all(set(states.values()) == {"UP"} for states in _serving(lab).values())


def test_one_that_fails_stops_the_roll_the_others_serve_and_a_retry_mends_it(
    lab: Lab, watch: Watching
) -> None:
    repository = lab.host("rec-infra")
    _publish(repository, labapp.SICK)
    with traffic(lab) as seen:
        run = begin(watch, "rolling-patch", CHANGE)
        assert run.until_ended(ROLL_SECONDS) == "failed"
        ill = [name for name, version in _versions(lab).items() if version == labapp.SICK]
        assert len(ill) == 1, "only the first host was touched"
        # It was put back as every host is, and the balancers' own checks keep requests from it.
        for states in _serving(lab).values():
            assert states.pop(ill[0]).startswith("DOWN")
            assert set(states.values()) == {"UP"}

        _publish(repository, "4.0")
        run = begin(watch, "rolling-patch", CHANGE, waive=True)
        # What was waived of the plan is asked once more by the run, of the host that is still ill.
        assert ill[0] in run.until_asked("step-1").text
        run.decide("step-1", "waive", "the new package is what mends it")
        run.succeeds(ROLL_SECONDS)
    assert seen.failures == []
    assert _versions(lab) == dict.fromkeys(WEB, "4.0")
    assert all(set(states.values()) == {"UP"} for states in _serving(lab).values())


def test_a_drill_takes_every_host_out_and_back_and_changes_nothing(
    lab: Lab, watch: Watching
) -> None:
    boots = {name: lab.host(name).boot_id() for name in WEB}
    with traffic(lab) as seen:
        run = begin(watch, "rolling-patch", CHANGE, drill=True)
        run.succeeds(ROLL_SECONDS)
    assert seen.failures == []
    assert "Inst labapp [1.0] (2.0" in run.printed("listed")
    assert _versions(lab) == dict.fromkeys(WEB, "1.0")
    assert {name: lab.host(name).boot_id() for name in WEB} == boots
    assert all(set(states.values()) == {"UP"} for states in _serving(lab).values())
