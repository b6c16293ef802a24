"""Hosts are asked through the real agent, in real shells, and nothing is left on them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from estate.file import read_estate
from runbooks.performance import Parts, Performer
from runbooks.planning.asking import AT_ONCE, ask
from runbooks.planning.plan import Situation, plan
from runbooks.progress.facts import Task
from runbooks.progress.requests import Look, Looked
from runbooks.progress.run import RunProgress
from runbooks.reading.file import read_runbook
from runbooks.scripts import Scripts
from storage.runs import RunFolder
from tests.runbooks.local import Calm, Console, FolderOutputs, LocalHosts

ESTATE = read_estate(
    "estate: x\nsites: {a: }\nhosts: {'web[1:3]': {groups: [web]}}\n"
    "services: {front: {name: Front, tier: 1, probes: [{tcp: 'front.example:25'}]}}",
    "estate.yaml",
)
RUNBOOK = read_runbook(
    """
runbook: x
title: x
version: 1
ask:
  words: {type: line, say: Words}
  pin: {type: secret, say: The pin}
hosts: {web: {group: web}}
before:
  - check: It knows who it is
    hosts: web
    sh: |
      echo "I am $OPS_HOST at $OPS_SITE, told $OPS_WORDS"
      test "$OPS_HOST" != web2
    if_fails: ask
  - check: It knows the pin
    hosts: web
    secrets: pin
    sh: test "$OPS_PIN" = hush; echo "$OPS_PIN"; exit 1
  - check: Clients see it
    probe: front
steps:
  - do: Make a file
    id: made
    hosts: web
    sh: touch made
    done_when: test -e "$HOME/made"
  - copy: Put a page there
    id: page
    hosts: web
    to: /nowhere/page
    text: hello
""",
    "x.yaml",
)


def test_what_hosts_say_becomes_reasons_and_what_is_done(tmp_path: Path) -> None:
    hosts = LocalHosts(tmp_path / "hosts", away={"web3"})
    for name in ("web1", "web2"):
        (tmp_path / "hosts" / name).mkdir(parents=True)
    (tmp_path / "hosts" / "web1" / "made").touch()
    outputs = FolderOutputs(RunFolder(tmp_path / "runs"), "plan")
    parts = Parts(hosts, outputs, Console({"step-3": False}), Calm())
    made = plan(RUNBOOK, {"words": "it's $(me)", "pin": "hush"}, ESTATE, Situation(0))
    assert made.reasons == ()
    pinned, secrets = made.pinned("plan", epoch=0), made.inputs.secrets
    scripts = Scripts(RUNBOOK, pinned)
    progress = RunProgress(RUNBOOK, pinned, scripts.payload, secrets)
    performer = Performer("plan", "op", scripts, parts, secrets)
    said = asyncio.run(ask(made, lambda look: performer.perform(look, progress)))
    assert [(str(each), each.waivable) for each in said.reasons] == [
        ("It knows who it is: not so on web2: I am web2 at a, told it's $(me) — mend it, and plan"
         " again", True),
        ("It knows who it is: nobody knows on web3: no route — have it answer, and plan again",
         False),
        ("It knows the pin: not so on web1: [redacted] — mend it, and plan again", False),
        ("It knows the pin: not so on web2: [redacted] — mend it, and plan again", False),
        ("It knows the pin: nobody knows on web3: no route — have it answer, and plan again",
         False),
        ("Clients see it: not so: seen from here — mend it, and plan again", False),
    ]  # fmt: skip
    assert said.done == {
        Task("made", "web1"): True, Task("made", "web2"): False, Task("made", "web3"): None,
        Task("page", "web1"): False, Task("page", "web2"): False, Task("page", "web3"): None,
    }  # fmt: skip
    assert {verb for _, verb in hosts.calls} == {"check"}
    left = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "hosts").rglob("*"))
    assert left == ["hosts/web1", "hosts/web1/made", "hosts/web2"]


def test_no_more_hosts_than_so_many_are_asked_at_once() -> None:
    estate = read_estate(
        "estate: x\nsites: {a: }\nhosts: {'web[1:40]': {groups: [web]}}", "estate.yaml"
    )
    made = plan(RUNBOOK, {"words": "w", "pin": "hush"}, estate, Situation(0))
    now = most = 0

    async def perform(look: Look) -> Looked:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return Looked(True)

    assert asyncio.run(ask(made, perform)).reasons == ()
    assert most == AT_ONCE
