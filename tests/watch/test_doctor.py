"""The doctor: every problem of the set-up by name, with a remedy, and silence about what is well."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from estate.document import HostRow
from estate.samples import Cause, Reach, Stage
from watch import doctor
from watch.doctor import Verdict, examine, machine
from watch.lock import Lock
from watch.process import Place, place_in
from watch.source import Source

ESTATE = """\
estate: Test
sites:
  central: {{name: Central, role: primary}}
hosts:
  "mta-c[01:03]": {{site: central, address: "127.0.0.[1:3]", identity: {key}}}
ssh: {{known_hosts: [{known}], config: {config}}}
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1hcsXVk3iW3zLhWKjZmvDhLX3J5oKJFuyhX0gIsJYd"
WELL = {"LANG": "en_GB.UTF-8", "TERM": "xterm-256color"}


class SetUp:
    """Everything a watch needs, all of it well."""

    def __init__(self, root: Path) -> None:
        self.key, self.known, self.config = root / "key", root / "known", root / "config"
        self.place = place_in(root / "place")
        self.place.prepare()
        self.key.write_text("a key")
        self.key.chmod(0o600)
        self.known.write_text(f"127.0.0.* {KEY}\n")
        self.config.write_text("Host *\n  IdentityAgent none\n")
        self.estate = root / "estate.yaml"
        self.estate.write_text(ESTATE.format(key=self.key, known=self.known, config=self.config))
        for path in (self.known, self.config, self.estate):
            path.chmod(0o600)
        self.environ = {**WELL, "XDG_RUNTIME_DIR": str(root), "HOME": str(root)}

    def findings(self, rows: tuple[HostRow, ...] = ()) -> dict[str, list[doctor.Finding]]:
        """What is not well, by check; the machine's own clock, SQLite and user aside."""
        found: dict[str, list[doctor.Finding]] = {}
        for each in examine(Source(self.estate), self.place, self.environ, rows):
            if each.verdict is not Verdict.OK and each.check not in ("clock", "sqlite", "user"):
                assert each.remedy or each.check == "hosts"
                found.setdefault(each.check, []).append(each)
        return found

    def only(self, check: str) -> doctor.Finding:
        found = self.findings()
        assert list(found) == [check]
        assert len(found[check]) == 1
        return found[check][0]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SetUp:
    monkeypatch.setattr(machine, "_logind_kills", lambda: False)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return SetUp(tmp_path)


def test_what_is_well_is_well(setup: SetUp) -> None:
    assert setup.findings() == {}
    said = {each.check: each.what for each in examine(Source(setup.estate), setup.place, WELL)}
    assert said["estate"] == f"{setup.estate}: 3 hosts at 1 site"
    assert said["known_hosts"] == "knows 3 hosts"
    assert said["watch"] == "does not run; twinwatch starts it"


def test_every_problem_of_the_estate_is_named(setup: SetUp) -> None:
    setup.estate.write_text("estate: Test\nsites: 3\n")
    found = setup.findings()["estate"]
    assert len(found) >= 2
    assert found[-1].what.startswith(f"{setup.estate}:2: ")


def test_a_runbook_that_the_estate_names_and_that_is_not_there(setup: SetUp) -> None:
    text = setup.estate.read_text()
    lines = len(text.splitlines())
    setup.estate.write_text(
        f"{text}services:\n  mail:\n    runbooks:\n"
        "      fails: postgresql-failover\n      back: our-own-way-back\n"
    )
    found = setup.only("runbooks")
    assert found.verdict is Verdict.FAIL
    assert found.what == f"{setup.estate}:{lines + 5}: no runbook 'our-own-way-back'"
    assert found.remedy.endswith("or name another: twinwatch runbook list")
    setup.estate.write_text(f"{text}services: {{mail: {{runbooks: {{fails: rolling-patch}}}}}}\n")
    assert setup.findings() == {}
    every = examine(Source(setup.estate), setup.place, setup.environ)
    [said] = [each.what for each in every if each.check == "runbooks"]
    assert said == "1 runbook that the estate names, each there"


def test_an_estate_that_others_could_have_written(setup: SetUp) -> None:
    setup.estate.chmod(0o666)
    found = setup.only("estate")
    assert found.what == f"{setup.estate}: the file is refused: others could have changed it"
    assert found.remedy == f"chmod go-w {setup.estate}"


def test_a_key_that_is_not_there_or_not_private(setup: SetUp) -> None:
    setup.key.chmod(0o644)
    assert "others may read it (mode 0644)" in setup.findings()["keys"][0].what
    setup.key.unlink()
    assert f"{setup.key}: no such file" in [each.what for each in setup.findings()["keys"]]


def test_hosts_that_known_hosts_does_not_know(setup: SetUp) -> None:
    setup.known.write_text(f"127.0.0.1 {KEY}\n@revoked 127.0.0.2 {KEY}\n")
    found = setup.only("known_hosts")
    assert found.what == f"2 hosts not in {setup.known}: mta-c02 mta-c03"


def test_known_keys_that_go_to_dev_null(setup: SetUp) -> None:
    text = setup.estate.read_text().replace(f"known_hosts: [{setup.known}], ", "")
    setup.estate.write_text(text)
    setup.config.write_text("Host *\n  IdentityAgent none\n  UserKnownHostsFile /dev/null\n")
    found = setup.only("known_hosts")
    assert found.what.startswith("3 hosts not in /dev/null, /etc/ssh/ssh_known_hosts")
    assert found.remedy == (
        "take /dev/null out of UserKnownHostsFile, or name ~/.ssh/known_hosts there"
    )


def test_hosts_that_show_another_key_are_named(setup: SetUp) -> None:
    changed = Cause(Stage.HOST_KEY, "host key CHANGED", "Look whose key it is.")
    unknown = Cause(Stage.HOST_KEY, "host key unknown", "Compare it.")
    rows = (
        HostRow("mta-c01", "central", reach=Reach.UNTRUSTED, cause=changed),
        HostRow("mta-c02", "central", reach=Reach.UNTRUSTED, cause=unknown),
        HostRow("mta-c03", "central", reach=Reach.UNTRUSTED, cause=unknown),
        HostRow("mta-c04", "central", reach=Reach.UNREACHABLE, cause=changed),
    )
    assert [(each.verdict, each.what, each.remedy) for each in setup.findings(rows)["host keys"]] == [
        (Verdict.FAIL, "host key CHANGED: mta-c01", "Look whose key it is."),
        (Verdict.FAIL, "host key unknown: mta-c02 mta-c03",
         "twinwatch hosts HOST shows its key and the remedy"),
    ]  # fmt: skip


def test_a_watch_that_hangs(setup: SetUp) -> None:
    lock = Lock(setup.place.lock)
    assert lock.acquire()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(setup.place.socket))
        found = setup.only("watch")
    assert found.what.startswith(f"the watch does not answer: process {os.getpid()} hangs")
    assert f"kill -9 {os.getpid()}" in found.remedy


def test_the_system_s_watch_is_not_ours_to_look_after(setup: SetUp) -> None:
    nowhere = Path("/proc/none/records.db")
    setup.key.unlink()  # nor are this person's keys the ones that it logs in with
    setup.place = replace(setup.place, shared=True, records=nowhere, log=nowhere)
    found = setup.only("watch")
    assert found.what == (
        f"the system's does not run: {setup.place.socket}: there is no such socket"
    )
    assert found.remedy == "have it started: systemctl start twinwatch"
    assert list(setup.findings()) == ["watch"]


def test_no_known_hosts_at_all(setup: SetUp) -> None:
    setup.known.unlink()
    assert setup.only("known_hosts").what == (
        f"none of {setup.known} exists: no host will be trusted"
    )


def test_a_line_that_is_no_key(setup: SetUp) -> None:
    setup.known.write_text(f"127.0.0.* {KEY}\n127.0.0.1 nonsense\n")
    assert setup.only("known_hosts").what.startswith(f"{setup.known}:2: ")


def test_an_agent_that_does_not_answer(setup: SetUp, tmp_path: Path) -> None:
    dead = tmp_path / "agent"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(dead))
    setup.config.write_text(f"Host *\n  IdentityAgent {dead}\n")
    assert str(dead) in setup.only("agent").what


@pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="there is no ssh-agent")
def test_an_agent_without_a_key(setup: SetUp, tmp_path: Path) -> None:
    path = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        while not path.exists():
            assert agent.poll() is None
        setup.config.write_text(f"Host *\n  IdentityAgent {path}\n")
        assert setup.only("agent").what == f"{path} holds no key"
    finally:
        agent.terminate()
        agent.wait()


@pytest.mark.parametrize(
    ("change", "check", "what"),
    [
        ({"LANG": "C"}, "locale", "C is not UTF-8: consoles draw in ASCII"),
        ({"LC_ALL": "de_DE.ISO-8859-1"}, "locale", "de_DE.ISO-8859-1 is not UTF-8"),
        ({"TERM": "dumb"}, "terminal", "TERM is dumb: no console can be drawn here"),
        ({"TERM": ""}, "terminal", "TERM is not set: no console can be drawn here"),
        ({"XDG_RUNTIME_DIR": ""}, "runtime", "XDG_RUNTIME_DIR is not set: sockets are in /"),
        ({"XDG_RUNTIME_DIR": "/none"}, "runtime", "XDG_RUNTIME_DIR is not there: sockets are in /"),
    ],
)
def test_the_environment(setup: SetUp, change: dict[str, str], check: str, what: str) -> None:
    setup.environ.update(change)
    assert setup.only(check).what.startswith(what)


def test_a_full_disk(setup: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    for free, verdict in ((50 << 20, Verdict.FAIL), (500 << 20, Verdict.WARN)):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: usage._replace(free=free))
        assert setup.only("records").verdict is verdict


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_records_that_can_not_be_written(setup: SetUp) -> None:
    setup.place.records.parent.chmod(0o500)
    assert "can't be written to" in setup.only("records").what


def test_records_on_a_file_system_that_is_mounted_read_only(setup: SetUp) -> None:
    where = setup.place.records.parent
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m,mode=700", "twinwatch-test", str(where)]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        found = setup.only("records")
    finally:
        subprocess.run(["umount", str(where)], check=True, timeout=20)
    assert found.what == f"{where} lies on a file system that is mounted read-only"
    assert "remount,rw" in found.remedy


def test_a_directory_that_is_open_to_others(setup: SetUp) -> None:
    setup.place.socket.parent.chmod(0o777)
    assert setup.only("directory").remedy == f"chmod 700 {setup.place.socket.parent}"


def test_a_watch_that_ended_badly(setup: SetUp) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(setup.place.socket))
    assert setup.only("watch").what == f"it ended without clearing up {setup.place.socket}"


def test_too_few_descriptors(setup: SetUp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.resource, "getrlimit", lambda which: (64, 64))
    assert setup.only("descriptors").what == "70 are needed for 3 hosts, and 64 allowed"


def test_an_ssh_config_that_leads_in_a_circle(setup: SetUp) -> None:
    setup.config.write_text("Host mta-c01\n  ProxyJump mta-c01\n")
    assert "mta-c01" in setup.findings()["ssh config"][0].what


def test_what_hosts_made_hard(setup: SetUp) -> None:
    row = HostRow("mta-c01", "central", note="slow login shell: 2.1 s")
    (found,) = setup.findings((row,))["hosts"]
    assert found.what == "mta-c01: slow login shell: 2.1 s"


def test_nothing_is_changed_by_looking(setup: SetUp, tmp_path: Path) -> None:
    elsewhere: Place = place_in(tmp_path / "elsewhere")
    examine(Source(setup.estate), replace(elsewhere), setup.environ)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_the_unit_is_one_that_systemd_accepts_and_calls_well_protected() -> None:
    unit = Path(doctor.__file__).parent.parent / "twinwatch.service"
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-300:]


def test_who_is_told_of_problems(setup: SetUp) -> None:
    pytest.importorskip("apprise", reason="notices are an extra: pip install 'twinwatch[notify]'")
    assert "notices" not in setup.findings()
    file = Path(setup.environ["HOME"]) / "notify.yaml"
    setup.environ["TWINWATCH_NOTIFY"] = str(file)
    file.write_text("targets: {hook: {url: 'nonsense://s3cretpass'}}\nrules: [{to: hok}]\n")
    file.chmod(0o644)
    assert setup.only("notices").remedy == f"chmod 600 {file}"
    file.chmod(0o600)
    found = setup.only("notices")
    assert (found.what, found.remedy) == (f"{file}:2: no target 'hok'", "did you mean 'hook'?")
    file.write_text("targets: {hook: {url: 'nonsense://s3cretpass'}}\n")
    file.chmod(0o600)
    said = [each.what for each in setup.findings()["notices"]]
    assert said == [
        f"{file}: Apprise does not know address 1 of hook",
        f"{file}: no rule tells hook of anything",
    ]
