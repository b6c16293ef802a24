"""A real watch over real SSH servers, and runbooks that count on the host what was done."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.endpoints import Endpoints
from bench.report import UnableError
from tests.watch.conftest import alive, started, until
from watch.client import Client
from watch.process import Place
from watch.source import Source

HOSTS = 2

COUNT = """\
runbook: count
title: Count
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: Leave a line on every host
    id: counted
    hosts: all
    sh: |
      echo "$OPS_HOST $OPS_RUN" >>"COUNTERS/counter-$OPS_HOST"
      echo begun; sleep 0.2; echo ended
    done_when: test -s "COUNTERS/counter-$OPS_HOST"
    timeout: 20s
    undo: rm "COUNTERS/counter-$OPS_HOST"
"""

GATED = """\
runbook: gated
title: Ask, then count
version: 1
hosts:
  all: {group: g, at_least: 1}
steps:
  - gate: May it be counted?
    id: asked
    wait: 10m
  - do: Leave a line on every host
    id: counted
    hosts: all
    sh: echo "$OPS_HOST" >>"COUNTERS/counter-$OPS_HOST"
    done_when: test -s "COUNTERS/counter-$OPS_HOST"
    timeout: 20s
    undo: none
"""


@dataclass
class Estate:
    """An estate of real sshds; its runbooks are beside its file."""

    source: Source
    counters: Path

    def runbook(self, text: str) -> None:
        folder = self.source.path.parent / "runbooks"
        folder.mkdir(exist_ok=True)
        name = text.split()[1]
        path = folder / f"{name}.yaml"
        path.write_text(text.replace("COUNTERS", str(self.counters)))
        path.chmod(0o600)

    def count(self, host: str) -> int:
        return self.times("counter", host)

    def times(self, name: str, host: str) -> int:
        """How often a script said so on the host."""
        path = self.counters / f"{name}-{host}"
        return path.read_text().count("\n") if path.exists() else 0


@pytest.fixture
def endpoints() -> Iterator[Endpoints]:
    try:
        with Endpoints(HOSTS) as found:
            yield found
    except UnableError as reason:
        pytest.skip(f"no sshd to run on: {reason}")


@pytest.fixture
def estate(tmp_path: Path, endpoints: Endpoints) -> Estate:
    said = "estate: Test\ntimezone: UTC\nevery: 5s\nsites:\n  c: {name: C, role: primary}\n"
    said += f"ssh: {{known_hosts: [{endpoints.known_hosts}]}}\nhosts:\n"
    for number, address in enumerate(endpoints.hosts):
        said += f"  h{number}: {{site: c, groups: [g], address: {address}, port: {endpoints.port},"
        said += f" user: {endpoints.user}, identity: {endpoints.key}}}\n"
    path = tmp_path / "estate.yaml"
    path.write_text(said)
    path.chmod(0o600)
    counters = tmp_path / "counters"
    counters.mkdir()
    found = Estate(Source(path), counters)
    found.runbook(COUNT)
    found.runbook(GATED)
    return found


@pytest.fixture
def client(place: Place, estate: Estate) -> Client:
    return started(place, estate.source)


def ended(client: Client, run: str, seconds: float = 60.0) -> dict[str, Any]:
    """The run once it has ended."""
    until(lambda: client.get(f"/v1/runs/{run}")["row"].get("ended_at"), seconds)
    found: dict[str, Any] = client.get(f"/v1/runs/{run}")
    return found


def killed(client: Client) -> None:
    """SIGKILL the watch, and wait until it is gone."""
    pid = client.get("/v1/status")["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))
