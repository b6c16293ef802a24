"""Service addresses: what this machine's ip prints, and a keepalived that speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.probes.keepalived import Keepalived
from estate.asked import Asked
from estate.asked import Keepalived as AskedKeepalived
from estate.model import Host
from estate.samples import Gap, Reading

from .cases_of import every_prefix, read
from .scripts import run

HOST = Host("h", "s", asked=Asked(keepalived=AskedKeepalived(("10.71.9.9", "2001:db8::9"))))

IP = """#!/bin/sh
cat <<END
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 10.71.1.12/24 brd 10.71.1.255 scope global eth0
2: eth0    inet 10.71.9.9/32 scope global eth0
2: eth0    inet6 2001:db8::91/128 scope global
END
"""
JOURNAL = """#!/bin/sh
echo '(VI_1) Entering BACKUP STATE'
echo '(VI_1) Receive advertisement timeout'
echo '(VI_1) Entering MASTER STATE'
"""


def test_who_holds_what_and_what_it_says(root: Path) -> None:
    commands = {"ip": IP, "pidof": "#!/bin/sh\necho 71\n", "journalctl": JOURNAL}
    told = Keepalived().parse(run(Keepalived().command(HOST), root, commands))
    assert told == (
        Reading("address", "10.71.9.9", text="held", attributes={"interface": "eth0"}),
        Reading("address", "2001:db8::9", text="absent"),
        Reading("keepalived", text="running", attributes={"state": "MASTER"}),
    )


@pytest.mark.parametrize(
    ("case", "held", "runs", "state"),
    [
        ("master", "held", "running", {"state": "MASTER"}),
        ("backup", "absent", "running", {"state": "BACKUP"}),
        ("fault", "absent", "running", {"state": "FAULT"}),
        ("stopped", "absent", "stopped", {}),
    ],
)
def test_a_real_pair(case: str, held: str, runs: str, state: dict[str, str]) -> None:
    """keepalived 2.2.7, a master and a backup on one link, which is then cut; and stopped."""
    address, daemon = read("keepalived", case)
    assert isinstance(address, Reading)
    assert (address.subject, address.text) == ("192.0.2.9", held)
    assert daemon == Reading("keepalived", text=runs, attributes=state)


@pytest.mark.parametrize(
    ("journal", "state"),
    [
        ("(VI_1) Entering MASTER STATE|(VI_2) Entering MASTER STATE", "MASTER"),
        ("(VI_1) Entering MASTER STATE|(VI_2) Entering BACKUP STATE (init)", None),
        ("(VI_1) Entering FAULT STATE|Starting Keepalived v2.2.7|(VI_2) Entering BACKUP STATE", "BACKUP"),
        ("VRRP_Instance(VI_1) Entering MASTER STATE", "MASTER"),
        ("Startup complete", None),
    ],
)  # fmt: skip
def test_instances_that_differ_have_no_common_state(
    root: Path, journal: str, state: str | None
) -> None:
    lines = "\n".join(f"echo '{line}'" for line in journal.split("|"))
    commands = {"ip": IP, "pidof": "#!/bin/sh\n", "journalctl": f"#!/bin/sh\n{lines}\n"}
    told = Keepalived().parse(run(Keepalived().command(HOST), root, commands))
    known = {} if state is None else {"state": state}
    assert told[-1] == Reading("keepalived", text="running", attributes=known)


def test_a_host_without_the_daemon() -> None:
    assert read("keepalived", "no-daemon")[-1] == Reading("keepalived", text="stopped")


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("keepalived", "no-daemon"):
        assert any(isinstance(each, Gap) for each in told)


def test_ip_that_fails_is_quoted(root: Path) -> None:
    commands = {
        "ip": "#!/bin/sh\necho 'Cannot open netlink socket: Permission denied' >&2\nexit 1\n"
    }
    answer = run(Keepalived().command(HOST), root, commands)
    assert Keepalived().parse(answer) == (Gap("Cannot open netlink socket: Permission denied"),)
