"""A demo host as its commands and the real sampler see it."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from collectors.demo.life import PROFILES, Life, Queue
from collectors.demo.root import Root, write_commands
from collectors.probes import PROBES
from collectors.runner import Answer
from collectors.sampler import QUIT, TICK, SamplerReader, command
from estate.metrics import INDEX
from estate.model import Host
from estate.queues import DeclaredQueue
from estate.samples import FileSystem, Gap, Reading, Sample


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Root]:
    write_commands(tmp_path / "bin")
    yield Root(
        tmp_path / "hosts" / "mta-c01", tmp_path / "bin", Life("mta-c01", PROFILES["mta"], 1)
    )


def call(root: Root, *words: str) -> subprocess.CompletedProcess[str]:
    path = f"{root.directory}/bin:{os.defpath}"
    environment = {"PATH": path, "TWINWATCH_ROOT": str(root.directory)}
    return subprocess.run(
        words, env=environment, capture_output=True, text=True, timeout=20, check=False
    )


def is_of(fact: object, uptime: float) -> bool:
    return isinstance(fact, Sample) and abs(fact.uptime_seconds - uptime) < 0.01


def test_who_is_in_the_middle_of_reading_reads_on_in_the_same_text(root: Root) -> None:
    with (root.directory / "proc" / "uptime").open() as file:
        before = (root.directory / "proc" / "uptime").read_text()
        root.life.advance(2.0, 1.0)
        root.write_proc()
        assert file.read() == before
        assert (root.directory / "proc" / "uptime").read_text() != before


def test_the_real_sampler_reads_the_life_that_was_lived(root: Root) -> None:
    sampler = subprocess.Popen(
        ["/bin/sh", "-c", command()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={"PATH": os.defpath, "TWINWATCH_ROOT": str(root.directory)},
    )  # fmt: skip
    assert sampler.stdin is not None
    assert sampler.stdout is not None
    reader, facts = SamplerReader("mta-c01"), []
    cpu = []
    for _ in range(3):
        sampler.stdin.write(TICK)
        sampler.stdin.flush()
        # The first look at file systems repeats the sample before it, whenever it is done.
        while not (answers := [fact for fact in facts if is_of(fact, root.life.uptime)]):
            facts += reader.feed(os.read(sampler.stdout.fileno(), 65_536), 0)
        last = answers[-1]
        root.life.advance(2.0, 1.0)
        root.write_proc()
        cpu.append(root.life.cpu)
    sampler.stdin.write(QUIT)
    sampler.stdin.close()
    assert sampler.wait(timeout=10) == 0
    sampler.stdout.close()
    assert facts[0].hostname == "mta-c01"
    assert last.cores == 8
    assert last.values[INDEX["cpu"]] == pytest.approx(cpu[1], abs=1.0)
    assert last.values[INDEX["net_in"]] == pytest.approx(3.1e6 * root.life.traffic, rel=0.3)
    assert [interface.name for interface in last.interfaces] == ["eth0"]


def test_who_stays_in_proc_moves_on_with_it(root: Root) -> None:
    here = os.open(root.directory / "proc", os.O_RDONLY)
    seen = []
    for _ in range(4):
        number = os.open("uptime", os.O_RDONLY, dir_fd=here)
        seen.append(os.read(number, 100))
        os.close(number)
        root.life.advance(1.0, 0.5)
        root.write_proc()
    os.close(here)
    assert len(set(seen)) == 4


def test_a_reader_never_sees_half_a_file(root: Root) -> None:
    stop, torn = threading.Event(), []
    moments: set[str] = set()
    endings = {"uptime": "\n", "stat": "procs_blocked 0\n", "1/stat": " 0\n"}

    def read() -> None:
        while not stop.is_set():
            for name, ending in endings.items():
                text = (root.directory / "proc" / name).read_text()
                if not text.endswith(ending):
                    torn.append((name, text))
                if name == "uptime":
                    moments.add(text)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        while len(moments) < 20:
            root.life.advance(1.0, 0.5)
            root.write_proc()
    finally:
        stop.set()
        reader.join()
    assert torn == []


def test_df_prints_space_and_inodes_of_the_mounts_asked_for(root: Root) -> None:
    every = call(root, "df", "-P", "-k").stdout.splitlines()
    assert [row.split()[-1] for row in every] == ["on", "/", "/var", "/var/spool"]
    one = call(root, "df", "-P", "-k", "/var").stdout.splitlines()
    assert [row.split()[-1] for row in one] == ["on", "/var"]
    device, blocks, used, free, _, mount = one[1].split()
    assert int(blocks) == int(used) + int(free) == 40_000_000
    inodes = call(root, "df", "-P", "-i", "/var").stdout.splitlines()
    assert inodes[1].split()[:2] == [device, str(40 * 65_536)]
    assert FileSystem(mount, 1, int(used), int(free)).used_percent == pytest.approx(
        root.life.volumes["/var"].percent, abs=0.1
    )


def test_systemctl_tells_what_failed(root: Root) -> None:
    assert call(root, "systemctl", "is-system-running").stdout == "running\n"
    none = call(root, "systemctl", "list-units", "--failed")
    assert (none.stdout, none.returncode) == ("", 0)
    root.life.failed["postfix-policy.service"] = root.life.uptime
    root.write_etc()
    failed = call(root, "systemctl", "list-units", "--failed", "--plain", "--no-legend")
    assert failed.stdout == "postfix-policy.service loaded failed failed postfix-policy.service\n"
    assert call(root, "systemctl", "is-system-running").returncode == 1
    asked = call(root, "systemctl", "is-active", "postfix-policy.service")
    assert (asked.stdout, asked.returncode) == ("failed\n", 1)
    shown = call(root, "systemctl", "show", "-p", "Id,ActiveState", "ssh.service", "rsp*")
    assert (
        shown.stdout
        == "Id=rspamd.service\nActiveState=active\n\nId=ssh.service\nActiveState=active\n"
    )
    enabled = call(root, "systemctl", "list-unit-files", "--state=enabled", "ssh.service")
    assert enabled.stdout == "ssh.service enabled enabled\n"


def test_postqueue_lists_as_many_messages_as_wait(root: Root) -> None:
    root.life.queue = Queue(250)
    root.write_etc()
    lines = call(root, "postqueue", "-j").stdout.splitlines()
    messages = [json.loads(line) for line in lines]
    assert len({message["queue_id"] for message in messages}) == len(messages) == 250
    assert messages[0]["recipients"][0]["delay_reason"].endswith("Connection refused")
    assert call(root, "postqueue", "-p").stdout.splitlines()[-1].endswith("in 250 Requests.")
    root.life.queue = Queue(0)
    root.write_etc()
    assert call(root, "postqueue", "-p").stdout == "Mail queue is empty\n"
    assert call(root, "postqueue").returncode == 64


def test_chronyc_tracks_a_clock_that_is_nearly_right(root: Root) -> None:
    fields = call(root, "chronyc", "-c", "tracking").stdout.strip().split(",")
    assert len(fields) == 14
    assert abs(float(fields[4])) < 0.01
    assert "Leap status     : Normal" in call(root, "chronyc", "tracking").stdout


def test_what_waits_for_mail_is_counted_as_on_a_host_of_postfix(root: Root) -> None:
    host = Host("mta-c01", "central", queues=(DeclaredQueue("postfix", "mta"),))
    done = call(root, "sh", "-c", PROBES["postfix"].command(host))
    answer = Answer("postfix", done.returncode, done.stdout.encode(), False, 0, 0)
    found = {each.subject: each for each in PROBES["postfix"].parse(answer) if is_queue(each)}
    assert set(found) == {"incoming", "active", "deferred", "hold"}
    assert found["hold"].value == 3
    assert found["hold"].attributes["oldest_seconds"] == pytest.approx(3, abs=3)


def is_queue(each: Reading | Gap) -> TypeGuard[Reading]:
    assert isinstance(each, Reading), each
    return each.name == "queue"
