from pathlib import Path

from collectors.probes.units import Units
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

from .scripts import run

CASES = Path(__file__).parent / "cases"


def parsed(case: str, status: int = 0) -> tuple[Reading | Gap, ...]:
    return Units().parse(Answer("units", status, (CASES / case).read_bytes(), False, 0, 0))


def test_failed_first_then_wanted_then_the_rest() -> None:
    assert parsed("units-debian12.txt") == (
        Reading(
            "unit", "postfix-policy.service", text="failed",
            attributes={"sub": "failed", "result": "exit-code", "since_seconds": 186.0},
        ),
        Reading("unit", "srv-backup.mount", text="failed"),
        Reading(
            "unit", "opendkim.service", text="inactive",
            attributes={"sub": "dead", "result": "success", "since_seconds": 800.0},
        ),
        Reading(
            "unit", "chrony.service", text="active",
            attributes={"sub": "running", "result": "success", "since_seconds": 18300000.0},
        ),
    )  # fmt: skip


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
    assert [each.text for each in readings if isinstance(each, Reading)] == [
        "failed", "inactive", "active",
    ]  # fmt: skip
    assert not any(isinstance(each, Gap) for each in readings)


def test_a_systemctl_that_cannot_reach_its_bus_is_quoted(root: Path) -> None:
    systemctl = "#!/bin/sh\necho 'Failed to connect to bus: Permission denied' >&2\nexit 1\n"
    answer = run(Units().command(Host("h", "s")), root, {"systemctl": systemctl})
    assert Units().parse(answer) == (Gap("Failed to connect to bus: Permission denied"),)
