from math import isnan
from pathlib import Path

from collectors.probes.processes import Processes
from collectors.runner import Answer
from estate.model import Host
from estate.samples import Gap, Reading

from ..conftest import write
from .scripts import run

CASES = Path(__file__).parent / "cases"


def parsed(case: str) -> tuple[Reading | Gap, ...]:
    return Processes().parse(Answer("p", 0, (CASES / case).read_bytes(), False, 0, 0))


def test_groups_with_their_shares() -> None:
    *known, unknown = parsed("processes-mta.txt")
    assert known == [
        Reading("process", "smtpd", 118.0, attributes={"memory": 22.1, "count": 212.0}),
        Reading("process", "qmgr", 71.0, attributes={"memory": 9.04, "count": 1.0}),
        Reading("process", "rspamd: main (x)", 0.0, attributes={"memory": 11.5, "count": 8.0}),
    ]
    assert isinstance(unknown, Reading)
    assert isnan(unknown.value)


def test_a_mail_relay_under_load() -> None:
    readings = parsed("processes-relay.txt")
    shown = {each.subject: each for each in readings if isinstance(each, Reading)}
    assert len(shown) == len(readings) == 14
    assert shown["smtp"] == Reading(
        "process", "smtp", 16.1, attributes={"memory": 0.35, "count": 10.0}
    )
    assert shown["trivial-rewrite"].value == 2.7  # a name of 15 characters, as the kernel keeps it


def test_hostile_names_are_cleaned_and_nonsense_ends_it() -> None:
    _, evil, gap = parsed("processes-hostile.txt")
    assert isinstance(evil, Reading)
    assert evil.subject == r"evil\x1b[2J\xff[/red]"
    assert gap == Gap("not understood: 'nonsense'")


def stat(pid: int, name: str, utime: int, stime: int, pages: int) -> str:
    rest = f"S 1 {pid} {pid} 0 -1 4194560 0 0 0 0 {utime} {stime} 0 0 20 0 1 0 900 99 {pages} 1 1"
    return f"{pid} ({name}) {rest}\n"


def test_the_script_measures_over_one_second(root: Path) -> None:
    """`sleep` is the moment in which this host lives."""
    write(root / "proc/7/stat", stat(7, "qmgr", 100, 100, 50_000))
    write(root / "proc/8/stat", stat(8, "a) R (b", 5, 5, 100))
    write(root / "proc/9/stat", stat(9, "smtpd", 1, 1, 10_000))
    write(root / "after/7", stat(7, "qmgr", 130, 141, 50_000))
    write(root / "after/10", stat(10, "smtpd", 4, 5, 10_000))
    sleep = f"""#!/bin/sh
echo "1001.25 3900.11" >{root}/proc/uptime
cat {root}/after/7 >{root}/proc/7/stat
mkdir {root}/proc/10
cat {root}/after/10 >{root}/proc/10/stat
"""
    getconf = "#!/bin/sh\necho 4096\n"
    answer = run(Processes().command(Host("h", "s")), root, {"sleep": sleep, "getconf": getconf})
    total = 16_000_000 * 1024
    assert Processes().parse(answer)[:3] == (
        Reading("process", "qmgr", 71.0, attributes={"memory": round(50_000 * 409600 / total, 2), "count": 1.0}),
        Reading("process", "smtpd", 9.0, attributes={"memory": round(20_000 * 409600 / total, 2), "count": 2.0}),
        Reading("process", "a) R (b", 0.0, attributes={"memory": 0.0, "count": 1.0}),
    )  # fmt: skip


def test_a_clock_that_stands_still_gives_no_share(root: Path) -> None:
    write(root / "proc/7/stat", stat(7, "qmgr", 100, 100, 50_000))
    answer = run(Processes().command(Host("h", "s")), root, {"sleep": "#!/bin/sh\n"})
    qmgr = next(
        each
        for each in Processes().parse(answer)
        if isinstance(each, Reading) and each.subject == "qmgr"
    )
    assert isnan(qmgr.value)


def test_without_proc_the_reason_is_told(root: Path) -> None:
    answer = run(Processes().command(Host("h", "s")), root / "bin", {})
    [gap] = Processes().parse(answer)
    assert isinstance(gap, Gap)
    assert str(root / "bin" / "proc") in gap.reason
