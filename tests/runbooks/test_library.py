"""Every runbook that is shipped: read, whole, and its scripts understood by a real shell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import runbooks
from runbooks.reading.file import read_runbook
from runbooks.reading.lint.scripts import scripts_of
from runbooks.runbook import Act, Gate, Rolling, Runbook

LIBRARY = Path(runbooks.__path__[0]) / "library"
FILES = sorted(LIBRARY.glob("*.yaml"))
PAGE = Path(__file__).parents[2] / "docs/library.md"
SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"]]


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def shipped(request: pytest.FixtureRequest) -> Runbook:
    path: Path = request.param
    return read_runbook(path.read_text(), str(path))


def test_there_are_some() -> None:
    assert {path.stem for path in FILES} >= {
        "certificate-rotation",
        "postgresql-failback",
        "postgresql-failover",
        "postgresql-rejoin",
    }


def test_it_has_the_name_of_its_file_a_drill_and_checks_before(shipped: Runbook) -> None:
    assert shipped.name == Path(shipped.source).stem
    assert shipped.drill
    assert shipped.before


def test_its_way_back_is_shipped_too(shipped: Runbook) -> None:
    assert not shipped.way_back or LIBRARY / f"{shipped.way_back}.yaml" in FILES


def test_no_gate_keeps_a_clock_running_for_ever(shipped: Runbook) -> None:
    ids = [step.id for step in shipped.steps]
    if shipped.clock:
        timed = shipped.steps[ids.index(shipped.clock.starts) : ids.index(shipped.clock.stops)]
        assert all(step.wait_ms for step in timed if isinstance(step, Gate))


def test_after_the_promotion_nothing_ends_a_run_but_a_person(shipped: Runbook) -> None:
    ids = [step.id for step in shipped.steps]
    promotions = [place for place, name in enumerate(ids) if name.endswith("promoted")]
    for step in shipped.steps[promotions[0] :] if promotions else ():
        parts = [step, *step.each] if isinstance(step, Rolling) else [step]
        asks = any(each.if_fails.act is Act.ASK or isinstance(each, Gate) for each in parts)
        assert asks, f"{step.id}: two primaries may take writes, and the run ends"


def test_its_page_has_its_title(shipped: Runbook) -> None:
    assert f"| `{shipped.name}` | {shipped.title} |" in PAGE.read_text()


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_its_scripts_are_sound_in_every_shell(shipped: Runbook, shell: list[str]) -> None:
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    for step in shipped.all_steps():
        for key, text in scripts_of(step):
            done = subprocess.run(
                [*shell, "-n"], input=text, capture_output=True, text=True, timeout=10, check=False
            )
            assert not done.returncode, f"{step.id}: {key}: {done.stderr}"


def test_the_page_about_it_names_each_with_its_title(shipped: Runbook) -> None:
    page = (LIBRARY.parents[1] / "docs" / "library.md").read_text()
    assert f"| `{shipped.name}` | {shipped.title} |" in page
