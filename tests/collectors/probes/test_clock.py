from math import isnan
from pathlib import Path

import pytest

from collectors.probes.clock import Clock
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

from .scripts import run

CASES = Path(__file__).parent / "cases"
HOST_SAYS = 1_795_171_609_250  # in every case, or the whole second of it


def parsed(case: str, asked_at: int, answered_at: int) -> tuple[Reading | Gap, ...]:
    output = (CASES / case).read_bytes()
    return Clock().parse(Answer("clock", 0, output, False, asked_at, answered_at))


@pytest.mark.parametrize(
    ("asked", "answered", "proven"),
    [
        (HOST_SAYS - 20, HOST_SAYS + 20, 0),  # within the round trip
        (HOST_SAYS - 540, HOST_SAYS - 500, 499),  # the host is ahead
        (HOST_SAYS + 500, HOST_SAYS + 540, -500),  # the host is behind
        (HOST_SAYS - 3000, HOST_SAYS + 10, 0),  # a slow answer proves nothing
    ],
)
def test_the_offset_is_what_the_round_trip_proves(asked: int, answered: int, proven: float) -> None:
    offset = parsed("clock-chrony.txt", asked, answered)[0]
    assert offset == Reading(
        "offset_ms", "", proven, "",
        {"lowest_ms": HOST_SAYS - answered - 1.0, "highest_ms": HOST_SAYS - asked + 0.0},
    )  # fmt: skip


def test_a_date_in_whole_seconds_is_believed_within_its_second() -> None:
    second = HOST_SAYS - 250
    offset = parsed("clock-busybox-ntp.txt", second + 900, second + 940)[0]
    assert isinstance(offset, Reading)
    assert (offset.value, offset.attributes) == (0, {"lowest_ms": -941.0, "highest_ms": 100.0})
    offset = parsed("clock-busybox-ntp.txt", second + 5000, second + 5040)[0]
    assert isinstance(offset, Reading)
    assert offset.value == -4000


@pytest.mark.parametrize(
    ("case", "keeper"),
    [
        ("clock-chrony.txt", Reading("clock_synchronised", "chrony", -0.060135, "yes", {"stratum": 4.0, "source": "10.71.2.17"})),
        ("clock-busybox-ntp.txt", Reading("clock_synchronised", "ntp", -1.5, "yes", {"stratum": 2.0, "source": "192.0.2.7"})),
        ("clock-none.txt", Gap("neither chrony, ntp nor timedatectl answers for the clock")),
    ],
)  # fmt: skip
def test_the_keeper_of_time(case: str, keeper: Reading | Gap) -> None:
    assert parsed(case, HOST_SAYS, HOST_SAYS)[1] == keeper


@pytest.mark.parametrize(
    ("case", "keeper", "attributes"),
    [
        ("clock-ntp-lost.txt", "ntp", {"stratum": 16.0, "source": "INIT"}),
        ("clock-chrony-lost.txt", "chrony", {"stratum": 0.0}),
        ("clock-chrony-alone.txt", "chrony", {"stratum": 10.0}),
    ],
)
def test_who_follows_nobody_is_not_synchronised_and_knows_no_offset(
    case: str, keeper: str, attributes: dict[str, float | str]
) -> None:
    reading = parsed(case, HOST_SAYS, HOST_SAYS)[1]
    assert isinstance(reading, Reading)
    assert (reading.subject, reading.text) == (keeper, "no")
    assert isnan(reading.value)
    assert reading.attributes == attributes


def test_systemd_knows_whether_but_not_how_far() -> None:
    keeper = parsed("clock-timesyncd.txt", HOST_SAYS, HOST_SAYS)[1]
    assert isinstance(keeper, Reading)
    assert (keeper.subject, keeper.text) == ("systemd-timesyncd", "yes")
    assert isnan(keeper.value)


def test_what_is_no_time_is_quoted() -> None:
    assert parsed("clock-broken.txt", 0, 0)[0] == Gap(r"not understood: 'date: invalid\\x1b[31m'")


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ({"chronyc": "exit 1", "ntpq": "echo leap=00, stratum=2,; echo offset=1.5, refid=192.0.2.7"}, "ntp"),
        ({"chronyc": "exit 1", "ntpq": "exit 1", "timedatectl": "echo NTP=no; echo NTPSynchronized=yes"}, "kernel"),
        ({"chronyc": "echo A,b,1,0,-0.5,0,0,0,0,0,0,0,0,Normal"}, "chrony"),
    ],
)  # fmt: skip
def test_the_script_asks_one_keeper_after_the_other(
    root: Path, commands: dict[str, str], said: str
) -> None:
    scripts = {name: f"#!/bin/sh\n{text}\n" for name, text in commands.items()}
    scripts["date"] = "#!/bin/sh\necho 1795171609.250000000\n"
    offset, keeper = Clock().parse(run(Clock().command(Host("h", "s")), root, scripts, HOST_SAYS))
    assert isinstance(offset, Reading)
    assert offset.value == 0
    assert isinstance(keeper, Reading)
    assert keeper.subject == said
