"""A demo host's figures hang together, and its counters only grow."""

from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.demo.life import PROFILES, Life, Queue, Strain, demand


def life(group: str = "mta", seed: int = 1) -> Life:
    return Life("host", PROFILES[group], seed)


def counters(host: Life) -> list[int]:
    """Everything in /proc that a kernel would only ever count up."""
    proc = host.proc()
    first_core = [int(word) for word in proc["stat"].splitlines()[1].split()[1:]]
    network = [int(word) for word in proc["net/dev"].splitlines()[3].split()[1:]]
    disk = [int(word) for word in proc["diskstats"].split()[3:]]
    pressure = [int(proc[f"pressure/{kind}"].split()[4][6:]) for kind in ("cpu", "memory", "io")]
    task = [int(word) for word in proc["2/stat"].split()[13:15]]
    return [*first_core, *network, *disk, *pressure, *task]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(PROFILES)),
    st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1)), min_size=1, max_size=20),
    st.builds(Strain, st.floats(0, 95), st.floats(0, 60), st.floats(0.1, 4), st.floats(0.1, 4)),
)
def test_counters_never_run_backwards(
    group: str, steps: list[tuple[float, float]], strain: Strain
) -> None:
    host = life(group)
    host.goal = strain
    before = counters(host)
    for seconds, load in steps:
        host.advance(seconds, load)
        now = counters(host)
        assert all(new >= old for new, old in zip(now, before, strict=True))
        assert 0 <= host.cpu + host.wait <= 100
        assert 0 < host.memory <= 97
        before = now


def test_processor_time_adds_up_to_the_time_that_passed() -> None:
    host = life()
    before = sum(host.ticks.values())
    for _ in range(60):
        host.advance(1.0, 0.7)
    assert abs(sum(host.ticks.values()) - before - 60 * 100 * host.profile.cores) < 1


def test_one_seed_lives_one_life_and_another_seed_another() -> None:
    first, again, other = life(seed=7), life(seed=7), life(seed=8)
    for each in (first, again, other):
        for _ in range(10):
            each.advance(1.0, 0.5)
    assert first.proc() == again.proc() != other.proc()


def test_a_burden_is_felt_within_half_a_minute_and_passes() -> None:
    host = life()
    for _ in range(30):
        host.advance(1.0, 0.3)
    calm = host.cpu
    host.goal = Strain(cpu=50)
    for _ in range(30):
        host.advance(1.0, 0.3)
    assert host.cpu > calm + 35
    host.goal = Strain()
    for _ in range(60):
        host.advance(1.0, 0.3)
    assert host.cpu < calm + 15


def test_a_volume_fills_at_its_pace_and_then_is_full() -> None:
    host = life()
    spool = host.volumes["/var/spool"]
    spool.percent, spool.per_minute = 86.0, 1.2
    for _ in range(60):
        host.advance(1.0, 0.5)
    assert abs(spool.percent - 87.2) < 0.01
    host.advance(3600.0, 0.5)
    assert spool.percent == 100.0
    row = next(row for row in host.etc()["df.space"].splitlines() if row.endswith("/var/spool"))
    assert row.split()[2:5] == ["60000000", "0", "100%"]


def test_deferred_mail_grows_and_is_counted_in_whole_messages() -> None:
    host = life()
    host.queue = Queue(10, 90)
    host.advance(20.0, 0.5)
    assert host.etc()["queue.deferred"] == "40\n"


def test_the_day_has_two_peaks_and_a_quiet_night() -> None:
    by_hour = [demand(hour) for hour in range(24)]
    assert max(by_hour) <= 1.0
    assert by_hour[10] > by_hour[13] < by_hour[15]
    assert 0.3 < by_hour[3] < 0.35
