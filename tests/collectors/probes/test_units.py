from pathlib import Path

from pytest import approx

from collectors.probes.units import Units
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

from .scripts import run

CASES = Path(__file__).parent / "cases"


def parsed(case: str, status: int = 0) -> tuple[Reading | Gap, ...]:
    return Units().parse(Answer("units", status, (CASES / case).read_bytes(), False, 0, 0))


def test_failed_first_then_wanted_then_the_rest() -> None:
    """A mail relay with a daemon that fails, a mount that fails, and chrony enabled but not started."""
    readings = [each for each in parsed("units-debian12.txt") if isinstance(each, Reading)]
    assert readings[:4] == [
        Reading(
            "unit", "postfix-policy.service", text="failed",
            attributes={"sub": "failed", "result": "exit-code", "since_seconds": approx(134.9, abs=0.1)},
        ),
        Reading("unit", "srv-backup.mount", text="failed"),
        Reading(
            "unit", "chrony.service", text="inactive",
            attributes={"sub": "dead", "result": "success", "since_seconds": approx(49.7, abs=0.1)},
        ),
        Reading(
            "unit", "lab-sink.service", text="active",
            attributes={"sub": "running", "result": "success", "since_seconds": approx(131.8, abs=0.1)},
        ),
    ]  # fmt: skip
    # Not what rests with good reason: its condition does not hold, it is masked, or nobody wants it.
    assert {each.text for each in readings[4:]} == {"active"}


BLOCK = """\
uptime 100.00

Id=x.service
LoadState=loaded
ActiveState={state}
UnitFileState=enabled
Type=simple
ConditionResult={held}
ConditionTimestampMonotonic={looked}
WantedBy={by}
StateChangeTimestampMonotonic={changed}

end
"""


def said_of(**words: object) -> tuple[Reading | Gap, ...]:
    known = {
        "state": "inactive",
        "held": "no",
        "looked": 0,
        "by": "multi-user.target",
        "changed": 0,
    }
    return Units().parse(Answer("units", 0, BLOCK.format(**(known | words)).encode(), False, 0, 0))


def test_what_no_boot_has_tried_is_missing_only_where_every_boot_tries_it() -> None:
    assert [each.text for each in said_of() if isinstance(each, Reading)] == ["inactive"]
    assert said_of(by="getty.target") == ()
    assert said_of(looked=5_000_000) == ()
    assert said_of(looked=5_000_000, held="yes") != ()


def test_since_when_is_unknown_where_stamps_and_uptime_are_of_different_clocks() -> None:
    """A container with an uptime of its own: the stamps are those of the machine below."""
    [reading] = said_of(state="active", changed=13_709_993_229)
    assert isinstance(reading, Reading)
    assert "since_seconds" not in reading.attributes
    [reading] = said_of(state="active", changed=101_000_000)  # while we asked
    assert isinstance(reading, Reading)
    assert reading.attributes["since_seconds"] == 0.0


def test_no_systemd_is_one_short_reason() -> None:
    assert parsed("units-no-systemd.txt", 1) == (Gap("no systemd"),)


def test_half_an_answer_is_no_answer() -> None:
    [gap] = parsed("units-cut.txt")
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("not understood: ")


def test_the_script_asks_systemctl(root: Path) -> None:
    """A systemctl that prints what systemd prints; the script frames it for the parser."""
    blocks = (CASES / "units-debian12.txt").read_text().split("\n\n", 1)[1].rpartition("\nend")[0]
    (root / "blocks").write_text(blocks)
    systemctl = f"""#!/bin/sh
case $1 in
list-units) echo "postfix-policy.service loaded failed failed Postfix policy daemon" ;;
show) cat {root}/blocks ;;
esac
"""
    answer = run(Units().command(Host("h", "s")), root, {"systemctl": systemctl})
    readings = Units().parse(answer)
    assert [each.text for each in readings if isinstance(each, Reading)][:3] == [
        "failed", "inactive", "active",
    ]  # fmt: skip
    assert not any(isinstance(each, Gap) for each in readings)


def test_a_systemctl_that_cannot_reach_its_bus_is_quoted(root: Path) -> None:
    systemctl = "#!/bin/sh\necho 'Failed to connect to bus: Permission denied' >&2\nexit 1\n"
    answer = run(Units().command(Host("h", "s")), root, {"systemctl": systemctl})
    assert Units().parse(answer) == (Gap("Failed to connect to bus: Permission denied"),)
