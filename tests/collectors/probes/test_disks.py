from pathlib import Path

from collectors.probes.disks import Disks
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

from .scripts import run

CASES = Path(__file__).parent / "cases"


def parsed(case: str, status: int = 0) -> list[tuple[str, ...]]:
    answer = Answer("disks", status, (CASES / case).read_bytes(), False, 0, 0)
    return [plain(each) for each in Disks().parse(answer)]


def plain(each: Reading | Gap) -> tuple[str, ...]:
    """Compares where NaN would not."""
    if isinstance(each, Gap):
        return (each.reason,)
    return (each.name, each.subject, each.text, *(str(value) for value in each.attributes.values()))


def test_mounts_and_verdicts() -> None:
    assert parsed("disks-mixed.txt") == [
        ("mount", "/", "rw", "/dev/sda1", "ext4"),
        ("mount", "/var/spool", "ro", "/dev/mapper/vg-spool", "xfs"),
        ("mount", "/mnt/my stick", "rw", "/dev/sdb1", "vfat"),
        ("smart", "sda", "PASSED"),
        ("smart", "sdb", "FAILED!"),
        ("smart", "nvme0", "OK"),
        ("SMART of sdc: Permission denied",),
    ]


def test_what_is_cut_or_missing_is_said() -> None:
    assert parsed("disks-cut.txt")[1:] == [("not understood: 'mount rw ext4'",)]
    assert parsed("disks-no-proc.txt", 69) == [("no /proc/mounts",)]


def test_the_script_reads_mounts_and_asks_smartctl_of_whole_disks(root: Path) -> None:
    smartctl = """#!/bin/sh
case $4 in
/dev/sda) echo; echo "SMART overall-health self-assessment test result: PASSED"; exit 4 ;;
/dev/nvme0n1) echo "Smartctl open device: /dev/nvme0n1 failed: Permission denied"; exit 2 ;;
esac
"""
    commands = {"smartctl": smartctl, "sudo": '#!/bin/sh\nshift; exec "$@"\n'}
    answer = run(Disks().command(Host("h", "s")), root, commands)
    assert [plain(each) for each in Disks().parse(answer)] == [
        ("mount", "/", "rw", "/dev/sda1", "ext4"),
        ("mount", "/srv/bind", "rw", "/dev/sda1", "ext4"),
        ("mount", "/srv/my files", "rw", "/dev/nvme0n1p1", "xfs"),
        ("smart", "sda", "PASSED"),
        ("SMART of sdb: no answer",),
        ("SMART of nvme0n1: Permission denied",),
    ]
