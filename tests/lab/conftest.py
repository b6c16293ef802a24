"""One lab for the whole session; each test gets it healed, and heals nothing by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.lab.layout import SITES
from tests.lab.rig import Lab
from tests.lab.tiers import Tier, carried

#: Building the image may come first, and takes a minute or two.
TIMEOUT_SECONDS = 300


def pytest_report_header() -> str:
    return str(carried())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.fixture(scope="session")
def rig() -> Iterator[Lab]:
    """The whole lab, every role serving. Tests use `lab`, which is this one, healed.

    With LAB_DIRECTORY it is one that is up already, such as /run/twinwatch-lab of `make lab`.
    """
    if standing := os.environ.get("LAB_DIRECTORY"):
        yield Lab(Path(standing))
        return
    machine = carried()
    if machine.tier < Tier.HOSTS:
        pytest.skip(str(machine))
    with (
        TemporaryDirectory(prefix="tw-lab-") as directory,
        Lab.up(Path(directory) / "lab", tun=machine.tier >= Tier.CABLES) as lab,
    ):
        lab.wait()
        yield lab


@pytest.fixture
def lab(rig: Lab) -> Iterator[Lab]:
    """The lab with both sites reachable and no host frozen, before and after the test."""
    try:
        yield rig
    finally:
        for site in SITES:
            rig.heal(site)
        for name, init in rig.inits().items():
            if init:
                rig.heal_host(name)
            else:
                rig.host(name).start()


@pytest.fixture
def cables(lab: Lab) -> Lab:
    """The lab, where its cables can be slow and lossy (T2)."""
    machine = carried()
    if machine.tier < Tier.CABLES:
        pytest.skip(str(machine))
    return lab


@pytest.fixture
def reset_after(lab: Lab) -> Iterator[Callable[..., None]]:
    """`reset_after("pri-web1", …)`: these hosts are made anew when the test is over."""
    damaged: list[str] = []
    yield lambda *names: damaged.extend(names)
    for site in SITES:
        lab.heal(site)
    for name in dict.fromkeys(damaged):
        lab.host(name).reset()
