"""Slow probes over real sessions: hanging, flooding, failing, and taking turns."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.collection import Collection
from collectors.rounds import spread
from collectors.runner import Answer
from estate.model import Estate, Host, Site, Ssh
from estate.samples import Gap, Hello, Observation, Probed, Reach, Reached, Reading, Sample

EVERY_MS = 300


@dataclass(frozen=True)
class Script:
    """A probe that runs `text` and reads nothing into its output."""

    name: str
    text: str
    cadence_ms: int = 400
    deadline_ms: int = 1000

    def command(self, host: Host) -> str:
        return self.text

    def parse(self, answer: Answer) -> tuple[Reading | Gap, ...]:
        if answer.output == b"crash\n":
            raise RuntimeError("a defect of ours")
        text = answer.output.decode("latin-1")[:100]
        return (Reading("output", text=text, value=len(answer.output)),)


def watch(
    sshd, probes, until, seconds: float = 25, *, impatient: bool = False
) -> list[Observation]:
    """Observe one host until `until(seen)`; impatiently: asked to hurry all the while."""
    seen: list[Observation] = []
    estate = Estate(
        "test", "UTC", "en", EVERY_MS,
        {"a": Site("a", {"en": "A"})},
        {"h1": Host("h1", "a")},
        ssh=Ssh(config=str(sshd.ssh_config), connect_timeout_ms=3000),
    )  # fmt: skip

    async def run() -> None:
        collection = Collection(
            estate,
            seen.append,
            clock=lambda: time.time_ns() // 1_000_000,
            probes={each.name: each for each in probes},
        )
        await collection.start()
        try:
            async with asyncio.timeout(seconds):
                while not until(seen):
                    if impatient:
                        collection.refresh()
                    await asyncio.sleep(0.02)
        finally:
            await collection.close()
        assert [t for t in threading.enumerate() if t.name.startswith("paramiko")] == []

    asyncio.run(run())
    return seen


def probed(seen, name: str) -> list[Probed]:
    return [o for o in seen if isinstance(o, Probed) and o.probe == name]


def test_probes_come_at_their_cadence_beside_the_samples(start_sshd) -> None:
    seen = watch(
        start_sshd(),
        [Script("one", "echo 1"), Script("two", "echo 2; echo oops >&2")],
        lambda seen: min(len(probed(seen, "one")), len(probed(seen, "two"))) >= 5,
    )
    assert probed(seen, "one")[0].readings == (Reading("output", text="1\n", value=2),)
    assert probed(seen, "two")[0].readings[0].text == "2\noops\n"
    apart = [b.at - a.at for a, b in pairwise(probed(seen, "one")[1:])]
    assert all(gap >= 150 for gap in apart), apart
    assert {o.reach for o in seen if isinstance(o, Reached)} == {Reach.CONNECTING, Reach.LIVE}


def test_who_asks_again_and_again_gets_every_probe_and_not_the_first_ones_only(start_sshd) -> None:
    names = ("one", "two", "three", "four")
    seen = watch(
        start_sshd(),
        [Script(name, f"echo {name}", cadence_ms=60_000) for name in names],
        lambda seen: all(len(probed(seen, name)) >= 3 for name in names),
        impatient=True,
    )
    counts = [len(probed(seen, name)) for name in names]
    assert max(counts) <= 2 * min(counts)


def test_a_probe_that_hangs_costs_its_own_gap_only(start_sshd) -> None:
    seen = watch(
        start_sshd(),
        [Script("hangs", "sleep 60", cadence_ms=60_000), Script("works", "echo fine")],
        lambda seen: probed(seen, "hangs") and len(probed(seen, "works")) >= 3,
    )
    assert probed(seen, "hangs")[0].readings == (Gap("hangs was ended after 1 s"),)
    samples = [o for o in seen if isinstance(o, Sample)]
    gaps = [b.at - a.at for a, b in pairwise(samples[2:])]
    assert max(gaps) < 3 * EVERY_MS


def test_a_probe_that_floods_is_cut_and_the_next_one_works(start_sshd) -> None:
    seen = watch(
        start_sshd(),
        [
            Script("floods", "head -c 50000000 /dev/zero", cadence_ms=60_000),
            Script("works", "echo fine"),
        ],
        lambda seen: probed(seen, "floods") and len(probed(seen, "works")) >= 3,
    )
    (reading,) = probed(seen, "floods")[0].readings
    assert reading == Gap("floods was ended after 1 s") or reading.value <= 256 * 1024
    assert probed(seen, "works")[-1].readings[0].text == "fine\n"


def test_a_probe_that_imitates_an_answer_fools_nobody(start_sshd) -> None:
    seen = watch(
        start_sshd(),
        [Script("liar", "echo; echo 00000000000000000000000000000000 0; echo end")],
        lambda seen: len(probed(seen, "liar")) >= 2,
    )
    assert probed(seen, "liar")[0].readings[0].text.endswith("0 0\nend\n")


def test_our_own_defect_in_one_probe_is_its_gap(start_sshd) -> None:
    seen = watch(
        start_sshd(),
        [Script("broken", "echo crash"), Script("works", "echo fine")],
        lambda seen: probed(seen, "broken") and len(probed(seen, "works")) >= 3,
    )
    assert probed(seen, "broken")[0].readings == (
        Gap("the console failed in broken: RuntimeError"),
    )


def test_where_one_session_is_allowed_they_take_turns(start_sshd) -> None:
    seen = watch(
        start_sshd(MaxSessions="1"),
        [Script("one", "echo 1", cadence_ms=900), Script("two", "echo 2", cadence_ms=900)],
        lambda seen: (
            min(len(probed(seen, "one")), len(probed(seen, "two"))) >= 3
            and sum(isinstance(o, Sample) for o in seen) >= 15
        ),
    )
    for name, text in (("one", "1\n"), ("two", "2\n")):
        for each in probed(seen, name):
            assert each.readings[0].text == text
    notes = [o.note for o in seen if isinstance(o, Hello)]
    assert notes[0] == ""
    assert notes[-1] == "MaxSessions 1: probes take turns"
    assert {o.reach for o in seen if isinstance(o, Reached)} == {Reach.CONNECTING, Reach.LIVE}


def test_rates_survive_the_turns(start_sshd) -> None:
    seen = watch(
        start_sshd(MaxSessions="1"),
        [Script("one", "echo 1", cadence_ms=600)],
        lambda seen: len(probed(seen, "one")) >= 4,
    )
    samples = [o for o in seen if isinstance(o, Sample)]
    known = [each for each in samples[4:] if each.values[0] == each.values[0]]
    assert len(known) >= len(samples[4:]) - 1  # cpu is known throughout: it is a rate


def test_refresh_probes_now(start_sshd) -> None:
    sshd = start_sshd()
    seen: list[Observation] = []
    estate = Estate(
        "test", "UTC", "en", EVERY_MS,
        {"a": Site("a", {"en": "A"})},
        {"h1": Host("h1", "a")},
        ssh=Ssh(config=str(sshd.ssh_config)),
    )  # fmt: skip

    async def run() -> None:
        probes = {"rare": Script("rare", "echo 1", cadence_ms=3_600_000)}
        collection = Collection(
            estate, seen.append, clock=lambda: time.time_ns() // 1_000_000, probes=probes
        )
        await collection.start()
        async with asyncio.timeout(20):
            for wanted in (1, 2, 3):
                while len(probed(seen, "rare")) < wanted:
                    await asyncio.sleep(0.02)
                collection.refresh("h1")
        await collection.close()

    asyncio.run(run())


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20), st.text(max_size=8))
def test_spread_is_the_same_every_time(hosts: list[str], probe: str) -> None:
    for host in hosts:
        assert 0 <= spread(host, probe) < 1
        assert spread(host, probe) == spread(host, probe)


def test_spread_spreads() -> None:
    tenths = {int(10 * spread(f"host{n}", "disks")) for n in range(200)}
    assert tenths == set(range(10))
