"""`twinwatch vantage`: a real watch's journal in lines, from any number on, as long as it runs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from estate.ledger.rounds import Seen
from estate.ledger.sightings import Sighting
from estate.ledger.telling import Present, read_line
from tests.watch.conftest import place, started, until  # noqa: F401 - place is a fixture
from tests.watch.ledger.test_killed import Service, row, service, source  # noqa: F401 - fixtures
from watch.client import Client
from watch.process import Place
from watch.source import Source

VERB = [sys.executable, "-c", "from tui.commands.main import main; main()", "--socket"]


@pytest.fixture
def client(place: Place, source: Source) -> Client:  # noqa: F811
    watch = started(place, source)
    until(lambda: row(watch).get("state") == "up")
    return watch


def vantage(client: Client, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [*VERB, str(client.socket), "vantage", *words]
    return subprocess.run(command, capture_output=True, timeout=60, check=False)


def read(said: bytes) -> tuple[list[Sighting], list[Present]]:
    lines = [read_line(each, "there") for each in said.splitlines()]
    return (
        [each for each in lines if isinstance(each, Sighting)],
        [each for each in lines if isinstance(each, Present)],
    )


@pytest.mark.timeout(120)
def test_what_was_seen_is_told_from_a_number_on(
    client: Client,
    service: Service,  # noqa: F811
) -> None:
    service.broken = True
    until(lambda: row(client).get("state") == "down")
    done = vantage(client)
    assert done.returncode == 0, done.stderr
    runs, present = read(done.stdout)
    assert [each.seq for each in runs] == sorted({each.seq for each in runs})
    assert {each.service for each in runs} == {"mail"}
    assert runs[0].seen is Seen.OK and runs[-1].seen is Seen.FAIL and runs[-1].cause
    assert len(present) == 1 and present[0].seq == runs[-1].seq
    assert abs(present[0].now - time.time_ns() // 1_000_000) < 60_000
    later, _ = read(vantage(client, "--since", str(runs[-1].seq)).stdout)
    assert all(each.seq > runs[-1].seq for each in later)
    nothing, _ = read(vantage(client, "--since", str(1 << 60)).stdout)
    assert nothing == []


@pytest.mark.timeout(120)
def test_it_goes_on_as_rounds_are_made_and_ends_with_its_watch(client: Client) -> None:
    command = [*VERB, str(client.socket), "vantage", "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as following:
        try:
            assert following.stdout is not None and following.stderr is not None
            said = [following.stdout.readline() for _ in range(8)]
            runs, present = read(b"".join(said))
            assert len({each.seq for each in runs}) >= 2 and len(present) >= 1
            assert len({each.at for each in runs}) <= len(runs)  # one run that grows
            client.post("/v1/stop")
            rest, complaint = following.communicate(timeout=60)
        finally:
            following.kill()
    assert following.returncode != 0
    assert b"watch" in complaint and read(rest) is not None


def test_without_a_watch_it_says_so(tmp_path: Path) -> None:
    command = [*VERB, str(tmp_path / "none.sock"), "vantage", "--follow"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and done.stdout == ""
    assert "no watch is running" in done.stderr
