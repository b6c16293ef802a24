"""Playbooks as steps: the real Ansible over a real sshd, if it is installed."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path

import pytest

from bench.endpoints import Endpoints
from collectors.collection import Collection
from collectors.ssh.failure import Failure
from estate.file import read_estate
from estate.samples import Reach, Stage
from runbooks.ports import Unanswered
from runbooks.runbook import Playbook
from tests.watch.conftest import until
from tests.watch.runs.conftest import Estate
from watch.runs.ansible import Ansible

pytestmark = pytest.mark.sshd

#: Beside the peers of the benchmarks, or wherever it is.
PEERS = Path(__file__).parents[3] / "build" / "peers" / "bin" / "ansible-playbook"
PROGRAM = str(PEERS) if PEERS.exists() else shutil.which("ansible-playbook") or ""

BOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - raw: "echo {{ word }} >'{{ to }}'; %s"
      tags: [write]
    - raw: "echo not this one >'{{ to }}'"
      tags: [other]
"""


def step(**more: object) -> Playbook:
    given: dict[str, object] = {"file": "p.yaml", "tags": ("write",), **more}
    return Playbook(id="p", say="Play", hosts=("all",), timeout_ms=60_000, **given)  # type: ignore[arg-type]


@pytest.fixture
def ansible(estate: Estate) -> Ansible:
    if not PROGRAM:
        pytest.skip("no ansible-playbook here: pip install ansible-core")
    text = estate.source.path.read_text()
    ways = Collection(
        read_estate(text, str(estate.source.path)), lambda each: None, clock=lambda: 0
    )
    return Ansible(ways, PROGRAM)


def files(then: str = ":") -> dict[str, bytes]:
    return {"p.yaml": (BOOK % then).encode()}


def test_a_playbook_is_run_on_just_its_host(ansible: Ansible, tmp_path: Path) -> None:
    to = tmp_path / "written"
    variables = {"word": "it's; $(id)", "to": str(to)}
    said = {"word": "'{{ 1 }}'"}
    status, printed = asyncio.run(ansible.play(step(extra=said), "h0", files(), variables, 60))
    assert status == 0, printed.decode()
    assert b"h0 " in printed and b"h1" not in printed
    assert to.read_text() in ("{{ 1 }}\n", "1\n")


def test_a_failure_is_its_exit_status(ansible: Ansible, tmp_path: Path) -> None:
    variables = {"word": "x", "to": str(tmp_path / "w")}
    status, printed = asyncio.run(ansible.play(step(), "h0", files("exit 3"), variables, 60))
    assert status == 2 and b"non-zero return code" in printed


def test_it_is_ended_when_its_time_is_up_or_nobody_waits_for_it(
    ansible: Ansible, tmp_path: Path
) -> None:
    variables = {"word": "x", "to": str(tmp_path / "w")}

    async def play(seconds: float) -> tuple[int | None, bytes]:
        return await ansible.play(step(), "h0", files("sleep 300"), variables, seconds)

    async def cancelled() -> None:
        playing = asyncio.create_task(play(60))
        while not (tmp_path / "w").exists():
            await asyncio.sleep(0.05)
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing

    asyncio.run(asyncio.wait_for(cancelled(), 60))
    began = time.monotonic()
    assert asyncio.run(play(3))[0] is None
    assert time.monotonic() - began < 60
    until(lambda: not playing_now())


def playing_now() -> list[str]:
    """Processes of ours that still run a playbook."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if b"twinwatch-playbook-" in line and b"[mux]" not in line:
            found.append(line.decode(errors="replace"))
    return found


def test_a_host_without_a_way_is_no_answer(estate: Estate) -> None:
    class Nowhere:
        async def route(self, host: str) -> object:
            raise Failure(Reach.UNREACHABLE, Stage.RESOLVE, "no such name", "look")

    with pytest.raises(Unanswered, match="no such name"):
        asyncio.run(Ansible(Nowhere(), "/bin/true").play(step(), "h0", files(), {}, 5))  # type: ignore[arg-type]


def test_without_ansible_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, endpoints: Endpoints
) -> None:
    monkeypatch.setattr("watch.runs.ansible._found", lambda: "")
    status, printed = asyncio.run(Ansible(None).play(step(), "h0", files(), {}, 5))  # type: ignore[arg-type]
    assert (status, printed) == (
        127,
        b"ansible-playbook is not installed here: pip install ansible-core\n",
    )
