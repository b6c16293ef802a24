"""Energy: counters that run over, counters that are closed, and none."""

from __future__ import annotations

from pathlib import Path

from pytest import approx

from collectors.probes.energy import Energy
from estate.asked import Asked
from estate.model import Host
from estate.samples import Gap, Reading

from ..conftest import write
from .cases_of import every_prefix, read
from .scripts import run

SCRIPT = Energy().command(Host("h", "s", asked=Asked(energy=True)))


def test_a_counter_that_has_begun_again_is_no_loss() -> None:
    [found] = read("energy", "two-packages")
    assert isinstance(found, Reading)
    assert found.value == approx(109.2, abs=0.1)


def test_the_script_reads_every_package(root: Path) -> None:
    zones = root / "sys/class/powercap"
    named = {"0": "package-0", "1": "package-1", "0:0": "core", "2": "psys"}
    for number, name in named.items():
        zone = f"intel-rapl:{number}"
        write(zones / zone / "name", f"{name}\n")
        write(zones / zone / "energy_uj", "5000\n")
        write(zones / zone / "max_energy_range_uj", "9000\n")
    write(root / "proc/uptime", "100.00 1.0\n")
    answer = run(SCRIPT, root, {})
    at, *packages = answer.output.splitlines()[:4]
    # What the platform uses holds the packages: counted beside them it would double the watts.
    assert packages == [b"intel-rapl:0 5000 9000", b"intel-rapl:1 5000 9000", at]
    assert Energy().parse(answer) == (Gap("the counters did not move on"),)


def test_none(root: Path) -> None:
    write(root / "proc/uptime", "100.00 1.0\n")
    assert Energy().parse(run(SCRIPT, root, {})) == (Gap("no counters of energy (RAPL)"),)


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("energy", "two-packages"):
        assert any(isinstance(each, Gap) for each in told)
