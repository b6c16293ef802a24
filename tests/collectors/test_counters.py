"""Rates are differences over the host's clock; resets and absences are NaN."""

from dataclasses import replace
from math import isnan

import pytest

from collectors.counters import (
    NAN,
    Counters,
    cpu_shares,
    device_rates,
    highest,
    interface_rates,
    parse_counters,
)

LINE = (
    b"t|1000.25|0.50 0.40 0.30 2/345|100 5 50 800 20 1 2 3 0 0|2|16000 4000 2000 1500"
    b"|1.50 0.00 -|eth0 5000 700 10;docker0 1 2 3|sda 2000 4000 1500"
)


def parsed(line: bytes = LINE) -> Counters:
    counters = parse_counters(line)
    assert counters is not None
    return counters


def test_reads_every_part() -> None:
    counters = parsed()
    assert isnan(counters.pressure[2])
    assert replace(counters, pressure=(0, 0, 0)) == Counters(
        uptime=1000.25,
        loads=(0.5, 0.4, 0.3),
        running=2.0,
        cpu=(100.0, 5.0, 50.0, 800.0, 20.0, 1.0, 2.0, 3.0),
        cores=2,
        memory=(16000 * 1024.0, 4000 * 1024.0, 2000 * 1024.0, 1500 * 1024.0),
        pressure=(0, 0, 0),
        interfaces={b"eth0": (5000, 700, 10), b"docker0": (1, 2, 3)},
        devices={b"sda": (2000, 4000, 1500)},
    )


def test_absent_is_not_empty() -> None:
    counters = parsed(b"t|1.00|0 0 0 1/2|1 2 3 4|1|1 1 0 0|- - -||-")
    assert counters.interfaces == {}
    assert counters.devices is None
    assert counters.cpu == (1, 2, 3, 4, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        LINE[:-1] + b"x",
        LINE + b"|",
        LINE.replace(b"1000.25", b"-1000.25"),
        LINE.replace(b"1000.25", b"nan"),
        LINE.replace(b"1000.25", b"1e308"),
        LINE.replace(b"5000", b"9" * 400),
        LINE.replace(b"5000", b""),
        LINE.replace(b"|2|", b"||"),
        LINE.replace(b"2/345", "\u0662/345".encode()),  # a digit to int(), not to us
        LINE.replace(b"eth0", b"e" * 65),
        LINE.replace(b"eth0", b"e\x1bth"),
        LINE.replace(b"eth0 5000 700 10", b";".join([b"e 1 2 3"] * 600)),
    ],
)
def test_refuses_what_is_not_whole(wrong: bytes) -> None:
    assert wrong != LINE
    assert parse_counters(wrong) is None


def test_no_beginning_of_a_line_passes_for_another_line() -> None:
    """A cut line may only pass where the cut shortens the last counter, which no one can see."""
    for end in range(len(LINE) - len(b"1500")):
        assert parse_counters(LINE[:end]) is None or LINE[:end].endswith(b"|")


def cpu(*states: float) -> Counters:
    return replace(parsed(), cpu=tuple(states))


def test_cpu_shares_add_up() -> None:
    old = cpu(0, 0, 0, 0, 0, 0, 0, 0)
    new = cpu(30, 10, 15, 25, 5, 2, 3, 10)
    assert cpu_shares(old, new) == pytest.approx((70, 40, 20, 5, 10))


@pytest.mark.parametrize(
    "new",
    [
        (90, 0, 60, 900, 30, 2, 3, 3),  # user ran backwards
        (100, 5, 50, 800, 20, 1, 2, 3),  # nothing moved
        (1, 1, 1, 1, 1, 1, 1, 1),
    ],
)
def test_cpu_reset_is_unknown(new: tuple[float, ...]) -> None:
    assert all(isnan(share) for share in cpu_shares(parsed(), cpu(*new)))


def test_iowait_may_step_back_a_little() -> None:
    shares = cpu_shares(parsed(), cpu(150, 5, 50, 850, 15, 1, 2, 3))
    assert shares == pytest.approx((50, 50, 0, 0, 0))
    assert isnan(cpu_shares(cpu(0, 0, 0, 0, 900, 0, 0, 0), cpu(50, 0, 0, 50, 500, 0, 0, 0))[0])


def test_a_counter_that_runs_backwards_is_a_reset_not_a_rate() -> None:
    parts, sums = interface_rates({b"eth0": (5000, 700, 1)}, {b"eth0": (10, 900, 1)}, 10)
    assert isnan(parts[0].bytes_in)
    assert (parts[0].bytes_out, parts[0].errors) == (20, 0)
    assert isnan(sums[0])
    assert sums[1:] == (20, 0)


def test_a_new_interface_waits_for_its_rate_and_a_gone_one_is_gone() -> None:
    old = {b"eth0": (0.0, 0.0, 0.0), b"eth1": (0.0, 0.0, 0.0)}
    new = {b"eth0": (100.0, 200.0, 10.0), b"eth2": (9e9, 9e9, 9e9)}
    parts, sums = interface_rates(old, new, 10)
    assert [part.name for part in parts] == ["eth0", "eth2"]
    assert isnan(parts[1].bytes_in)
    assert sums == (10, 20, 1)


def test_stacked_interfaces_are_not_counted_twice() -> None:
    names = (b"eth0", b"bond0", b"br-12ab", b"eth0.100", b"docker0", b"wg0")
    old = dict.fromkeys(names, (0.0, 0.0, 0.0))
    new = dict.fromkeys(names, (50.0, 60.0, 0.0))
    parts, sums = interface_rates(old, new, 10)
    assert len(parts) == len(names)
    assert sums == (5, 6, 0)
    only = {b"bond0": (0.0, 0.0, 0.0)}
    assert interface_rates(only, {b"bond0": (50.0, 60.0, 0.0)}, 10)[1] == (5, 6, 0)


@pytest.mark.parametrize("rows", [None, {}, {b"eth0": (1.0, 1.0, 1.0)}])
def test_without_a_before_there_is_no_rate(rows: dict[bytes, tuple[float, float, float]]) -> None:
    assert all(isnan(each) for each in interface_rates(None, rows, NAN)[1])
    assert all(isnan(each) for each in device_rates(None, rows, NAN)[1])


def test_devices_sum_and_the_busiest_is_named() -> None:
    old = {b"sda": (0.0, 0.0, 0.0), b"sdb": (0.0, 0.0, 0.0), b"sdc": (0.0, 0.0, 500.0)}
    new = {b"sda": (20.0, 40.0, 1000.0), b"sdb": (2.0, 4.0, 99000.0), b"sdc": (0.0, 0.0, 0.0)}
    parts, sums = device_rates(old, new, 10)
    assert (parts[0].read, parts[0].write, parts[0].busy) == (1024, 2048, 10)
    assert parts[1].busy == 100  # the kernel's own tick rounds up
    assert isnan(parts[2].busy)
    assert sums == (pytest.approx(1126.4), pytest.approx(2252.8), 100)


def test_names_are_cleaned() -> None:
    parts, _ = interface_rates(None, {b"e\xe2\x80\xae0": (1.0, 1.0, 1.0)}, NAN)
    assert parts[0].name == r"e\u202e0"


def test_highest_skips_the_unknown() -> None:
    assert highest([NAN, 2, 3, NAN]) == 3
    assert isnan(highest([NAN]))
    assert isnan(highest([]))
