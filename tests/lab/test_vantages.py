"""Two vantages in the lab: one in operations, one at the recovery site, and a service at the primary.

Each is a real watch in its site's network; the one in operations hears the other over an sshd that
stands beside it. Both ask once a second, so one cadence is one second.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from estate.ledger.reading import Computation, read_computation
from tests.lab import eyes
from tests.lab.consoles import Console
from tests.lab.rig import Lab
from tests.lab.watching import Watching, watching
from watch.process import place_in

CADENCE_MS = 1_000
#: How exactly the test itself knows when the cable was cut.
HAND_MS = 150
CUT_SECONDS = 60.0
SHORT_SECONDS = 5.0
#: The host in whose network the second watch, and its sshd, stand.
BASTION, PORT = "rec-web1", 2222
WEB = "pri-web1"

ESTATE = """\
estate: Lab
timezone: Asia/Hong_Kong
sites:
  pri: {{name: Primary, role: primary}}
  rec: {{name: Recovery, role: recovery}}
hosts:
  bastion-r: {{site: rec, address: {bastion}, port: {port}}}
ssh: {{config: {config}}}
canaries: ["10.71.0.1:22"]
{vantages}
services:
  web:
    objective: {{available: 99.95%, flat_limit: 22m, recover_within: 10m}}
    probes: [{{http: "http://{web}/", every: 1s}}]
"""

pytestmark = pytest.mark.timeout(300)


@dataclass
class Pair:
    """The watch in operations, and the one at the recovery site that it hears."""

    here: Watching
    there: Watching

    def row(self, watch: Watching | None = None) -> dict[str, Any]:
        return next(iter((watch or self.here).client.get("/v1/services")), {})

    def sights(self) -> dict[str, str]:
        return {each["vantage"]: each["seen"] for each in self.row().get("sights", ())}

    def heard(self) -> str:
        rows = self.here.client.get("/v1/board").get("vantages", ())
        return next((each["state"] for each in rows if each["name"] == "recovery"), "")

    def month(self) -> Computation:
        month = self.row()["budget"]["month"]
        said = self.here.client.get("/v1/services/web/month", {"month": month})
        return read_computation(json.dumps(said), "the month")

    def until_well(self) -> None:
        """Both see it, and the one hears the other."""
        self.here.eventually(
            lambda: (
                self.row().get("state") == "up"
                and set(self.sights().values()) == {"o"}
                and len(self.sights()) == 2
                and self.heard() == "heard"
            ),
            "both vantages see the service",
        )

    def until_told(self, end: int) -> None:
        """Both have spoken of all that was until `end`."""
        self.here.eventually(
            lambda: min(each["at"] or 0 for each in self.row()["sights"]) > end + 2 * CADENCE_MS,
            "the other vantage has told what it saw",
        )


@contextmanager
def sshd_at(lab: Lab, host: str, directory: Path) -> Iterator[Path]:
    """An SSH server in the network of `host`; the ssh_config that leads to it."""
    server_program = shutil.which("sshd", path="/usr/sbin:/usr/bin") or "sshd"
    directory.mkdir(mode=0o700)
    for name in ("client", "host"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
        subprocess.run(made, check=True, timeout=20)
    address = lab.places[host].address
    key = " ".join((directory / "host.pub").read_text().split()[:2])
    (directory / "known_hosts").write_text(f"[{address}]:{PORT} {key}\n")
    (directory / "authorized_keys").write_text((directory / "client.pub").read_text())
    (directory / "sshd_config").write_text(
        f"ListenAddress {address}:{PORT}\nHostKey {directory}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {directory}/authorized_keys\nStrictModes no\nPrintMotd no\n"
        f"PasswordAuthentication no\nSetEnv HOME={directory}\n"
    )
    config = directory / "ssh_config"
    config.write_text(
        f"Host *\n  User root\n  IdentityFile {directory}/client\n  IdentitiesOnly yes\n"
        f"  IdentityAgent none\n  UserKnownHostsFile {directory}/known_hosts\n"
        "  GlobalKnownHostsFile /dev/null\n"
    )
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    server = subprocess.Popen(
        [*lab.host(host).network(), server_program, "-D", "-e", "-f", str(directory / "sshd_config")],
        stdin=subprocess.DEVNULL, stderr=(directory / "log").open("w"),
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while eyes.accepts(lab, address, PORT) != "open":
            assert server.poll() is None, (directory / "log").read_text()
            assert time.monotonic() < deadline, "the bastion's sshd does not answer"
            time.sleep(0.05)
        yield config
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def watches(rig: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    directory = tmp_path_factory.mktemp("vantages")
    for name in ("here", "there"):
        (directory / name).mkdir(mode=0o700)
    there = directory / "there-watch"
    twinwatch = shlex.join(
        ["env", f"PYTHONPATH={Path(__file__).parents[2]}", sys.executable, "-c",
         "from tui.commands.main import main; main()", "--socket", str(place_in(there).socket)]
    )  # fmt: skip
    named = f"vantages: {{recovery: {{host: bastion-r, command: {json.dumps(twinwatch)}}}}}"
    with sshd_at(rig, BASTION, directory / "sshd") as config:
        consoles = {}
        for name, vantages in (("here", named), ("there", "")):
            consoles[name] = Console(directory / name)
            consoles[name].estate.write_text(
                ESTATE.format(
                    bastion=rig.places[BASTION].address, port=PORT, config=config,
                    vantages=vantages, web=rig.places[WEB].address,
                )
            )  # fmt: skip
            consoles[name].estate.chmod(0o600)
        inside = rig.host(BASTION).network()
        with (
            watching(rig, consoles["there"], there, inside=inside) as second,
            watching(rig, consoles["here"], directory / "here-watch") as first,
        ):
            yield Pair(first, second)


@pytest.fixture
def pair(lab: Lab, watches: Pair) -> Pair:
    """Healed, and both see the service."""
    watches.until_well()
    return watches


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def within(spans: Any, start: int, end: int) -> int:
    """Milliseconds of `spans` in [start, end)."""
    return sum(max(0, min(b, end) - max(a, start)) for a, b in spans)


def during(seconds: float, begin: Callable[[], None], end: Callable[[], None]) -> tuple[int, int]:
    """When something began and ended that lasted so long."""
    begin()
    began = now_ms()
    time.sleep(seconds)
    end()
    return began, now_ms()


def test_a_site_that_is_cut_for_a_minute_counts_within_one_cadence(cables: Lab, pair: Pair) -> None:
    cut, healed = during(CUT_SECONDS, lambda: cables.cut("pri"), lambda: cables.heal("pri"))
    pair.until_well()
    pair.until_told(healed)
    month = pair.month()
    [(down, up)] = [each for each in month.down if each[1] > cut and each[0] < healed]
    assert abs((up - down) - (healed - cut)) <= CADENCE_MS + HAND_MS
    assert abs(down - cut) <= CADENCE_MS + HAND_MS and abs(up - healed) <= CADENCE_MS + HAND_MS
    assert within(month.unknown, cut, healed) == 0
    assert {each["vantage"] for each in pair.row()["sights"]} >= {"recovery"}
    print(f"\na cut of {healed - cut} ms counts {up - down} ms")


def test_a_cut_between_the_sites_alone_is_no_outage(cables: Lab, pair: Pair) -> None:
    cut, healed = during(SHORT_SECONDS, lambda: cables.cut("rec"), lambda: cables.heal("rec"))
    assert pair.row()["state"] in ("up", "degraded")
    pair.until_well()
    pair.until_told(healed)
    month = pair.month()
    assert within(month.down, cut - 5_000, now_ms()) == 0
    assert within(month.unknown, cut, healed) == 0
    # What the other one saw meanwhile is heard afterwards: its failures are on record.
    kept = pair.here.client.get("/v1/services/web/rounds", {"start": cut, "end": healed})
    assert any(each["vantage"] == "recovery" and each["seen"] == "x" for each in kept)


def test_one_blind_vantage_never_makes_a_service_down(lab: Lab, pair: Pair) -> None:
    def other(state: str) -> None:
        lab.ip(f"-n {BASTION} link set eth0 {state}")
        if state == "up":  # the route went with the link
            lab.ip(f"-n {BASTION} route replace default via {lab.places[BASTION].site.gateway}")

    def own(state: str) -> None:
        lab.ip(f"-n ops link set eth0 {state}")
        if state == "up":
            lab.ip("-n ops route replace default via 10.71.0.1")

    for blinded in (other, own):
        began, ended = during(SHORT_SECONDS, partial(blinded, "down"), partial(blinded, "up"))
        pair.until_well()
        pair.until_told(ended)
        month = pair.month()
        assert within(month.down, began - 5_000, now_ms()) == 0
        # The one that could see says so afterwards, whichever of them it was.
        assert within(month.unknown, began, ended) == 0
