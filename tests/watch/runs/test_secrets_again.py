"""A secret is given again only where a restart lost it; what a run began with stays hidden."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from estate.runs import RunRow
from runbooks.inputs import MAX_SECRET
from tests.watch.runs.alone import until, within
from watch.error import WatchError
from watch.runs import asked
from watch.runs.desk import RunDesk
from watch.runs.permission import Person

OWNER = Person("ann", owns=True)
FIRST = "hunter2-first"
BOOK = """\
runbook: pin
title: Needs a pin
version: 1
ask:
  pin: {type: secret, say: The pin}
hosts:
  all: {group: g, at_least: 1}
steps:
  - do: Say it twice
    id: say
    hosts: all
    secrets: [pin]
    sh: |
      echo "first $OPS_PIN"
      until test -e "$HOME/go-on"; do sleep 0.1; done
      echo "again $OPS_PIN"
    repeat: safe
    timeout: 20s
  - gate: Now?
    id: asked
    wait: 10m
  - do: Use it
    id: use
    hosts: all
    secrets: [pin]
    sh: |
      echo "pin is <$OPS_PIN>"
      test -n "$OPS_PIN"
    repeat: safe
    timeout: 20s
"""


def printed(tmp_path: Path, run: str) -> list[bytes]:
    out = tmp_path / "runs" / f"{run}.out"
    return [path.read_bytes() for path in sorted(out.iterdir())] if out.exists() else []


def ended(row: RunRow) -> bool:
    return bool(row.ended_at)


async def given(desk: RunDesk, run: str, **secrets: str) -> None:
    await asked.steer(desk, run, "resume", OWNER, {"set": secrets, "reason": "x"})


async def approved(desk: RunDesk, run: str) -> None:
    await until(desk, run, lambda row: row.state == "waiting")
    await asked.steer(desk, run, "decide", OWNER, {"step": "asked", "decision": "approve"})


@pytest.mark.parametrize("value", ["", "hunter2-second", FIRST])
def test_a_secret_at_hand_is_not_replaced(tmp_path: Path, value: str) -> None:
    async def play(desk: RunDesk) -> None:
        run = (await desk.start("pin", {"pin": FIRST}, "ann")).id
        async with asyncio.timeout(20):
            while not any(printed(tmp_path, run)):
                await asyncio.sleep(0.05)
        with pytest.raises(WatchError) as refused:
            await given(desk, run, pin=value)
        assert refused.value.what == "the secrets are refused"
        assert refused.value.why == "'pin' is no secret that is missing"
        (tmp_path / "hosts/h1/go-on").touch()
        await approved(desk, run)
        assert (await until(desk, run, ended)).state == "succeeded"
        said, used = sorted(printed(tmp_path, run))
        assert said == b"first [redacted]\nagain [redacted]\n"
        assert used == b"pin is <[redacted]>\n"

    within(tmp_path, play, BOOK)


def test_what_is_given_again_is_checked_as_at_the_start(tmp_path: Path) -> None:
    runs: list[str] = []

    async def first(desk: RunDesk) -> None:
        run = (await desk.start("pin", {"pin": FIRST}, "ann")).id
        (tmp_path / "hosts/h1").mkdir(parents=True, exist_ok=True)
        (tmp_path / "hosts/h1/go-on").touch()
        await until(desk, run, lambda row: row.state == "waiting")
        runs.append(run)

    async def second(desk: RunDesk) -> None:
        (run,) = runs
        for secrets, why in (
            ({"pin": ""}, "pin: nothing"),
            ({"pin": "a\0b"}, "pin: a NUL"),
            ({"pin": "x" * (MAX_SECRET + 1)}, f"pin: {MAX_SECRET + 1:,} bytes"),
            ({"pni": FIRST}, "'pni' is no secret that is missing"),
        ):
            with pytest.raises(WatchError) as refused:
                await given(desk, run, **secrets)
            assert refused.value.why == why
        await given(desk, run, pin=FIRST)
        await approved(desk, run)
        assert (await until(desk, run, ended)).state == "succeeded"
        assert b"pin is <[redacted]>\n" in printed(tmp_path, run)

    within(tmp_path, first, BOOK)
    within(tmp_path, second, BOOK)
