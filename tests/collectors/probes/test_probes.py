"""Every probe keeps the protocol, and none of them trusts what it reads."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.probes import PROBES, Probe
from collectors.runner import Answer
from estate.asked import (
    Asked,
    Backup,
    Certificate,
    Haproxy,
    Keepalived,
    Log,
    Mysql,
    Postgresql,
)
from estate.model import Host
from estate.samples import Gap, Reading

from ..conftest import shell

CASES = Path(__file__).parent / "cases"
#: A host that is asked all there is to ask.
EVERYTHING = Host(
    "h", "s",
    asked=Asked(
        postgresql=Postgresql(),
        mysql=Mysql(),
        haproxy=Haproxy("/run/none.sock"),
        keepalived=Keepalived(("127.0.0.1", "10.255.9.9")),
        packages=True,
        energy=True,
        certificates=(Certificate("passwd", "/etc/passwd"), Certificate("gone", "/gone.pem")),
        backups=(Backup("etc", "/etc/pass*"), Backup("gone", "/gone/*"), Backup("own", "", "date +%s")),
        configuration=("/etc/passwd", "/gone", "/etc"),
        logs=(Log("passwd", file="/etc/passwd", lines=3), Log("gone", file="/gone")),
    ),
)  # fmt: skip
every_probe = pytest.mark.parametrize("probe", PROBES.values(), ids=list(PROBES))


def answer(output: bytes, status: int = 0, truncated: bool = False) -> Answer:
    return Answer("p", status, output, truncated, 1_000, 1_040)


def texts(each: Reading | Gap) -> list[str]:
    if isinstance(each, Gap):
        return [each.reason]
    return [each.name, each.subject, each.text, *(str(value) for value in each.attributes.values())]


def test_the_table_names_each_probe_by_its_own_name() -> None:
    assert all(name == probe.name for name, probe in PROBES.items())


@every_probe
def test_a_probe_can_end_before_it_is_due_again(probe: Probe) -> None:
    assert 0 < probe.deadline_ms < probe.cadence_ms


@every_probe
def test_a_refusal_is_quoted(probe: Probe) -> None:
    assert probe.parse(answer(b"noise\nsorry: \x1b[1mno\n\n", 69)) == (Gap(r"sorry: \x1b[1mno"),)
    assert probe.parse(answer(b"", 127)) == (Gap("exit status 127, without a word"),)


@every_probe
@given(data=st.data())
def test_no_output_makes_it_raise_or_acts_on_a_terminal(probe: Probe, data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(sorted(CASES.glob(f"{probe.name}-*.txt")))).read_bytes()
    at = data.draw(st.integers(0, len(case)))
    put = data.draw(st.binary(max_size=12))
    end = data.draw(st.integers(at, len(case)))
    for output in (case[:at] + put + case[at:], case[:at] + put + case[end:], put):
        for each in probe.parse(answer(output, truncated=data.draw(st.booleans()))):
            assert all(text.isprintable() for text in texts(each))


@every_probe
def test_an_empty_answer_is_a_gap_not_silence(probe: Probe) -> None:
    if probe.name == "disks":
        assert probe.parse(answer(b"")) == ()  # a host may have no file system of its own
    else:
        assert any(isinstance(each, Gap) for each in probe.parse(answer(b"")))


@every_probe
def test_a_cut_is_said(probe: Probe) -> None:
    """At every place where the limit may strike, what is left does not pass for the whole."""
    case = max(CASES.glob(f"{probe.name}-*.txt"), key=lambda path: path.stat().st_size).read_bytes()
    for end in range(0, len(case) - 8, 7):
        said = probe.parse(answer(case[:end], truncated=True))
        assert any(isinstance(each, Gap) for each in said), case[:end]


@every_probe
@pytest.mark.parametrize("name", ["dash", "bash", "busybox ash"])
def test_runs_on_this_machine(probe: Probe, name: str) -> None:
    """Whatever this machine has, each script ends by itself and its answer is understood."""
    done = subprocess.run(
        [*shell(name), "-c", probe.command(EVERYTHING)], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False,
        env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    readings = probe.parse(answer(done.stdout, done.returncode))
    reasons = [each.reason for each in readings if isinstance(each, Gap)]
    assert not any("not understood" in reason or "syntax" in reason for reason in reasons), reasons
