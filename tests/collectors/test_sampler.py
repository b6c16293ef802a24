"""The reader believes nothing: every split, every wrong line, and the programs themselves."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from math import isnan
from pathlib import Path
from select import select
from socket import AF_UNIX, SOCK_DGRAM, socket, socketpair

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import sampler
from collectors.programs import program
from collectors.sampler import LINE_LIMIT, QUIT, STALE_LOOK_TICKS, TICK, SamplerReader
from estate.metrics import INDEX, METRICS
from estate.samples import FileSystem, Gap, Hello, Sample

from .conftest import LOGIN_SHELLS, PROC, shell, write

HELLO = b"twinwatch|1|mta-c03|6.1.0|mawk\n"


def tick(uptime: float = 1000, user: int = 100, net: int = 5000, sectors: int = 2000) -> bytes:
    return (
        b"t|%.2f|0.50 0.40 0.30 2/345|%d 0 0 800 0 0 0 0 0 0|2|16000 4000 2000 1500"
        b"|1.50 0.00 -|eth0 %d 700 10|sda %d 4000 1500\n" % (uptime, user, net, sectors)
    )


LOOK = b"f|312|/dev/x 1000 400 500 45% /|/dev/y 100 98 0 100% /my files|;|/dev/x 200 50 150 25% /\n"


def value(sample: object, name: str) -> float:
    assert isinstance(sample, Sample)
    return sample.values[INDEX[name]]


def known(facts: list[Hello | Sample | Gap]) -> list[object]:
    """Facts in a form that compares equal to itself: NaN is not."""
    return [
        replace(fact, values=(), interfaces=(), devices=(), filesystems=None) if isinstance(fact, Sample) else fact
        for fact in facts
    ] + [repr(fact) for fact in facts]  # fmt: skip


def test_a_conversation() -> None:
    reader = SamplerReader("mta-c03")
    assert reader.feed(b"\n" + HELLO, 1) == [Hello("mta-c03", 1, "mta-c03", "6.1.0", "mawk")]

    [first] = reader.feed(tick(), 2)
    assert isinstance(first, Sample)
    assert (first.host, first.at, first.uptime_seconds, first.cores) == ("mta-c03", 2, 1000, 2)
    assert len(first.values) == len(METRICS)
    assert value(first, "load5") == 0.4
    assert value(first, "mem") == 75
    assert value(first, "mem_used") == 12000 * 1024
    assert value(first, "swap") == 25
    assert value(first, "running") == 2
    assert value(first, "psi_cpu") == 1.5
    for unknown in ("cpu", "net_in", "disk_busy", "disk", "inodes", "processes", "psi_io"):
        assert isnan(value(first, unknown)), unknown

    [again] = reader.feed(LOOK, 3)  # the first look is not held back until the next tick
    assert isinstance(again, Sample)
    assert again.at == 3
    assert again.filesystems is not None
    root, other = again.filesystems
    assert root == FileSystem("/", 1000 * 1024.0, 400 * 1024.0, 500 * 1024.0, 25.0)
    assert (other.mount, other.used_percent) == ("/my files", 100)
    assert isnan(other.inodes_used)
    assert value(again, "disk") == 100
    assert value(again, "inodes") == 25
    assert value(again, "processes") == 312
    assert value(again, "load5") == 0.4

    [second] = reader.feed(tick(1010, user=300, net=15000, sectors=2020), 10_003)
    assert isinstance(second, Sample)
    assert second.filesystems is None
    assert value(second, "cpu") == 100
    assert value(second, "net_in") == 1000
    assert value(second, "net_errors") == 0
    assert value(second, "disk_read") == 1024
    assert value(second, "disk") == 100  # as last looked
    assert second.interfaces[0].bytes_in == 1000
    assert second.devices[0].read == 1024


def test_a_later_look_goes_out_with_the_next_tick() -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO + tick() + LOOK, 1)
    assert reader.feed(LOOK.replace(b"f|312", b"f|400"), 2) == []
    [sample] = reader.feed(tick(1005), 3)
    assert isinstance(sample, Sample)
    assert sample.filesystems is not None
    assert value(sample, "processes") == 400
    [sample] = reader.feed(tick(1010), 4)
    assert isinstance(sample, Sample)
    assert sample.filesystems is None


def test_a_look_without_inodes_keeps_the_last_ones() -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO + tick() + LOOK, 1)
    reader.feed(b"f|312|/dev/x 1000 900 100 90% /|/dev/n 9 1 8 1% /new\n", 2)
    [sample] = reader.feed(tick(1005), 3)
    assert isinstance(sample, Sample)
    assert sample.filesystems is not None
    root, new = sample.filesystems
    assert (root.used_percent, root.inodes_used) == (90, 25)
    assert isnan(new.inodes_used)
    assert value(sample, "inodes") == 25
    reader.feed(b"f|312|/dev/x 1000 900 100 90% /|;\n", 4)
    assert isnan(value(reader.feed(tick(1010), 5)[0], "inodes"))


def test_a_look_before_the_first_tick_waits_for_it() -> None:
    reader = SamplerReader("h")
    assert reader.feed(HELLO + LOOK, 1) == [reader.hello]
    [sample] = reader.feed(tick(), 2)
    assert isinstance(sample, Sample)
    assert sample.filesystems is not None


def test_df_that_never_answers_is_said_and_its_numbers_become_unknown() -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO + tick() + LOOK, 1)
    for n in range(1, STALE_LOOK_TICKS):
        [sample] = reader.feed(tick(1000 + 5 * n), n)
        assert value(sample, "disk") == 100
    gap, sample = reader.feed(tick(9000), 99)
    assert gap == Gap("df has not answered for 36 ticks; a file system may hang")
    assert isnan(value(sample, "disk"))
    assert isnan(value(sample, "processes"))
    assert len(reader.feed(tick(9005), 100)) == 1


def test_a_clock_that_goes_back_starts_over() -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO + tick(1000) + tick(1005), 1)
    [sample] = reader.feed(tick(3, net=9_000_000), 2)
    assert isnan(value(sample, "net_in"))
    [sample] = reader.feed(tick(13, net=9_000_100), 3)
    assert value(sample, "net_in") == 10


def test_two_ticks_at_once_measure_over_the_longer_time() -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO + tick(1000, net=0), 1)
    assert isnan(value(reader.feed(tick(1000.1, net=9), 1)[0], "net_in"))
    assert value(reader.feed(tick(1010, net=100), 1)[0], "net_in") == 10
    assert value(reader.feed(tick(1010.1, net=101), 1)[0], "net_in") == pytest.approx(10)
    assert value(reader.feed(tick(1020, net=300), 1)[0], "net_in") == 20


def test_every_split_tells_the_same() -> None:
    talk = b"Welcome!\r\n\n" + HELLO + tick() + LOOK + tick(1005) + b"rubbish\x1b[2J\n" + tick(1010)
    whole = known(SamplerReader("h").feed(talk, 7))
    assert len(whole) == 2 * 6
    for cut in range(len(talk) + 1):
        reader = SamplerReader("h")
        assert known(reader.feed(talk[:cut], 7) + reader.feed(talk[cut:], 7)) == whole
    reader = SamplerReader("h")
    bytewise = [fact for byte in talk for fact in reader.feed(bytes([byte]), 7)]
    assert known(bytewise) == whole


def test_what_the_login_shell_says_is_kept_to_name_the_cause() -> None:
    reader = SamplerReader("h")
    assert reader.feed(b"Last login: never\nThis account is currently not available.\n", 1) == []
    assert reader.said == "This account is currently not available."
    assert reader.hello is None
    assert reader.feed(b"t|1.00|\x1b[31m\n", 1) == []
    assert reader.said == r"t|1.00|\x1b[31m"


def test_what_is_missing_is_a_gap() -> None:
    reader = SamplerReader("h")
    said = b"e|no /proc/stat: the sampler needs the /proc of Linux\n"
    assert reader.feed(said, 1) == [Gap("no /proc/stat: the sampler needs the /proc of Linux")]


@pytest.mark.parametrize(
    "line", [b"twinwatch|2|a|b|c\n", b"twinwatch|1|a|b\n", b"twinwatch|1|a|b|c|d\n"]
)
def test_another_protocol_is_a_gap(line: bytes) -> None:
    [gap] = SamplerReader("h").feed(line, 1)
    assert gap == Gap(f"sampler does not speak protocol 1: '{line[:-1].decode()}'")


@pytest.mark.parametrize(
    "line", [b"t|1.00|x\n", b"x\n", HELLO, b"f|1|nonsense\n", b"\xff\xfe\x00\n"]
)
def test_what_does_not_fit_is_quoted_cleaned(line: bytes) -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO, 1)
    [gap] = reader.feed(line, 2)
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("sampler sent what it should not: ")
    assert gap.reason.isprintable()
    [sample] = reader.feed(tick(), 3)
    assert isinstance(sample, Sample)


def test_a_line_without_end_costs_no_memory() -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO, 1)
    facts = [fact for _ in range(100) for fact in reader.feed(b"x" * 65_536, 2)]
    assert facts == [Gap("sampler sent a line of more than 64 kB")]
    assert len(reader._buffer) <= LINE_LIMIT
    [sample] = reader.feed(b"xxx\n" + tick(), 3)
    assert isinstance(sample, Sample)


def test_a_line_that_is_too_long_in_one_piece_is_dropped_alone() -> None:
    reader = SamplerReader("h")
    sample, gap = reader.feed(HELLO + b"y" * (LINE_LIMIT + 1) + b"\n" + tick(), 1)[1:]
    assert isinstance(sample, Sample)
    assert gap == Gap("sampler sent a line of more than 64 kB")


def test_a_flood_is_read_in_part_and_said() -> None:
    reader = SamplerReader("h")
    reader.feed(HELLO, 1)
    facts = reader.feed(b"z\n" * 30_000, 2)
    assert len(facts) == 65
    assert facts[-1] == Gap("sampler sent 30000 lines at once; 64 were read")


pieces = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.sampled_from([HELLO, tick(), tick(1005), LOOK, b"\n", b"t|", b"f|9|;|", b"e|x", b"|;|"]),
        st.builds(lambda line, at, byte: line[:at] + byte + line[at + 1 :],
                  st.sampled_from([HELLO, tick(), LOOK]), st.integers(0, 150), st.binary(max_size=3)),
    )
)  # fmt: skip


@given(pieces)
def test_no_bytes_make_it_raise_or_grow(parts: list[bytes]) -> None:
    reader = SamplerReader("h")
    for part in parts:
        for fact in reader.feed(part, 1):
            match fact:
                case Sample():
                    assert len(fact.values) == len(METRICS)
                    assert not any(abs(each) == float("inf") for each in fact.values)
                case Hello():
                    assert (fact.hostname + fact.kernel + fact.shell).isprintable()
                case Gap():
                    assert fact.reason.isprintable()


# The programs themselves, on a host made of files.

PROGRAMS = [
    ("dash", "mawk"), ("dash", "gawk"), ("dash", "busybox"), ("dash", "no awk"),
    ("bash", "gawk"), ("bash", "no awk"), ("busybox ash", "busybox"), ("busybox ash", "no awk"),
]  # fmt: skip
TICK_LINE = (
    "t|1000.25|0.50 0.40 0.30 2/345|100 5 50 800 20 1 2 3 0 0|2|16000000 4000000 2000000 1500000"
    "|1.50 0.00 12.34|eth0 5000000 700000 10;docker0 100 200 0"
    "|sda 2000 4000 1500;nvme0n1 70 80 90;xvda1 2 4 5"
)


@contextmanager
def running(
    argv: list[str], awk: str, root: Path, stdout: socket | int = subprocess.PIPE
) -> Iterator[subprocess.Popen[str]]:
    if awk != "no awk":
        wanted = Path("/usr/bin", awk)
        if not wanted.exists():
            pytest.skip(f"no {wanted} on this machine")
        if awk != "mawk":
            write(root / "bin" / "mawk", "#!/bin/sh\n", executable=True)  # an awk that is none
        (root / "bin" / "awk").symlink_to(wanted)
    process = subprocess.Popen(
        [*argv, "-c", program("sampler.sh"), "twinwatch", *sampler.arguments(awk != "no awk")],
        stdin=subprocess.PIPE, stdout=stdout, text=True, env={**os.environ, "TWINWATCH_ROOT": str(root)},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def ask(process: subprocess.Popen[str], line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line.decode())
    process.stdin.flush()


def lines(process: subprocess.Popen[str], until: str) -> list[str]:
    """What the sampler says up to and including the first line that begins with `until`."""
    assert process.stdout is not None
    seen: list[str] = []
    while not seen or not seen[-1].startswith(until):
        line = process.stdout.readline()
        assert line, f"ended before {until!r}, after {seen}"
        seen.append(line.rstrip("\n"))
    return seen


@pytest.mark.parametrize(("name", "awk"), PROGRAMS)
def test_all_samplers_say_the_same(name: str, awk: str, root: Path) -> None:
    argv = shell(name)
    with running(argv, awk, root) as process:
        # The look that begins before the first tick, in whichever order the two come out.
        ask(process, TICK)
        seen = lines(process, "t|")
        look = (
            next((line for line in seen if line.startswith("f|")), "") or lines(process, "f|")[-1]
        )
        assert seen[0] == ""
        label = {"busybox": "busybox awk", "no awk": "sh"}.get(awk, awk)
        assert f"twinwatch|1|mta-c03|6.1.0-18-amd64|{label}" in seen
        assert seen[-1] == TICK_LINE
        if name != "busybox ash":  # which runs its own df, whatever PATH says
            mounts = ("/", "/run", "/srv/my files")
            assert look == "|".join(
                ["f", "2", *(f"/dev/x   1000 400 500 45% {mount}" for mount in mounts), ";"]
                + [f"/dev/x   200 50 150 25% {mount}" for mount in mounts]
            )
        ask(process, QUIT)
        assert process.wait(10) == 0


@pytest.mark.parametrize(("name", "awk"), PROGRAMS)
def test_each_line_is_one_write(name: str, awk: str, root: Path) -> None:
    """Or a look's line, which comes from another process, gets in between a line and its end."""
    argv = shell(name)
    ours, theirs = socketpair(AF_UNIX, SOCK_DGRAM)  # keeps one write apart from the next
    with ours, theirs, running(argv, awk, root, stdout=theirs) as process:
        ours.settimeout(20)
        said: list[bytes] = []
        while not {b"t|", b"f|"} <= {line[:2] for line in said}:
            ask(process, TICK)
            said.append(ours.recv(65_536))
    assert said
    assert [line for line in said if not line.endswith(b"\n")] == []
    assert [line for line in said if line.strip().count(b"\n")] == []


@pytest.mark.parametrize(("name", "awk"), PROGRAMS)
def test_end_of_file_ends_it_and_a_df_that_hangs_holds_nothing(
    name: str, awk: str, root: Path
) -> None:
    if name == "busybox ash":
        pytest.skip("busybox ash runs its own df, which does not hang")
    argv = shell(name)
    write(
        root / "bin" / "df",
        '#!/bin/sh\necho $$ >>"$TWINWATCH_ROOT/hung"; exec sleep 600\n',
        executable=True,
    )
    with running(argv, awk, root) as process:
        for _ in range(30):  # over two looks more
            ask(process, TICK)
            assert lines(process, "t|")[-1] == TICK_LINE
        until = time.monotonic() + 20
        while not (root / "hung").exists() and time.monotonic() < until:
            time.sleep(0.01)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0
        assert process.stdout is not None
        assert closed(process.stdout.fileno()), "who waits for df still holds the channel"
        hung = (root / "hung").read_text().split()
        for pid in hung:
            os.kill(int(pid), 9)
        assert len(hung) == 1, "a look began while the last one was out"


@pytest.mark.parametrize(("name", "awk"), PROGRAMS)
def test_a_df_that_says_nothing_is_a_gap(name: str, awk: str, root: Path) -> None:
    if name == "busybox ash":
        pytest.skip("busybox ash runs its own df, which has something to say")
    argv = shell(name)
    write(root / "bin" / "df", "#!/bin/sh\necho df: no such thing >&2\nexit 1\n", executable=True)
    with running(argv, awk, root) as process:
        ask(process, TICK)
        said = lines(process, "e|")
        if not any(line.startswith("t|") for line in said):
            said += lines(process, "t|")
        facts = SamplerReader("h").feed("\n".join([*said, ""]).encode(), 1)
    gaps = [fact for fact in facts if isinstance(fact, Gap)]
    assert gaps == [Gap("df says nothing of / /run /srv/my files")]
    assert sum(isinstance(fact, Sample) for fact in facts) == 1


@pytest.mark.parametrize(("name", "awk"), PROGRAMS)
def test_a_look_that_is_over_leaves_no_zombie(name: str, awk: str, root: Path) -> None:
    argv = shell(name)
    with running(argv, awk, root) as process:
        ask(process, TICK)
        seen = lines(process, "t|")
        if not any(line.startswith("f|") for line in seen):
            lines(process, "f|")
        soon = time.monotonic() + 1  # some shells bury at once, and there is none to be seen
        while not zombies(process.pid) and time.monotonic() < soon:
            time.sleep(0.01)
        until = time.monotonic() + 20
        ask(process, TICK)
        lines(process, "t|")
        while zombies(process.pid) and time.monotonic() < until:
            time.sleep(0.01)
        assert not zombies(process.pid)


def closed(pipe: int) -> bool:
    """Whether everyone who could write to `pipe` lets go of it within 20 s."""
    until = time.monotonic() + 20
    while (left := until - time.monotonic()) > 0:
        if select([pipe], [], [], left)[0] and not os.read(pipe, 65_536):
            return True
    return False


def zombies(parent: int) -> list[int]:
    """Processes below `parent` that are dead and not waited for."""
    found = []
    for task in Path("/proc", str(parent), "task").iterdir():
        for child in (task / "children").read_text().split():
            with suppress(FileNotFoundError):  # it may go while we look
                found += zombies(int(child))
                stat = Path("/proc", child, "stat").read_text()
                found += [int(child)] if stat.rpartition(")")[2].split()[0] == "Z" else []
    return found


@pytest.mark.parametrize(("name", "awk"), PROGRAMS)
def test_a_bare_container_gives_what_it_has(name: str, awk: str, root: Path) -> None:
    argv = shell(name)
    for missing in (
        "diskstats",
        "net/dev",
        "pressure/cpu",
        "pressure/memory",
        "pressure/io",
        "mounts",
    ):
        (root / "proc" / missing).unlink()
    write(root / "proc/meminfo", PROC["meminfo"].replace("MemAvailable:    4000000 kB\n", ""))
    write(root / "proc/stat", "cpu  1 2 3 4\ncpu0 1 2 3 4\n")
    with running(argv, awk, root) as process:
        ask(process, TICK)
        said = lines(process, "t|")
        assert said[-1] == (
            "t|1000.25|0.50 0.40 0.30 2/345|1 2 3 4|1|16000000 3200000 2000000 1500000|- - -|-|-"
        )
        reader = SamplerReader("h")
        facts = reader.feed("\n".join([*said, ""]).encode(), 1)
        sample = facts[-1]
        assert isinstance(sample, Sample)
        for unknown in ("net_in", "disk_read", "disk", "psi_cpu", "psi_io"):
            assert isnan(value(sample, unknown)), unknown


@pytest.mark.parametrize("name", ["dash", "bash", "busybox ash"])
def test_without_proc_it_says_what_is_missing(name: str, root: Path) -> None:
    argv = shell(name)
    (root / "proc" / "uptime").unlink()
    with running(argv, "no awk", root) as process:
        said, _ = process.communicate(timeout=10)
        assert process.returncode == 69
    assert SamplerReader("h").feed(said.encode(), 1) == [
        Gap(f"no {root}/proc/uptime: the sampler needs the /proc of Linux")
    ]


@pytest.mark.parametrize("name", LOGIN_SHELLS)
def test_login_shells_pass_the_command_on(name: str, root: Path) -> None:
    done = subprocess.run(
        [*shell(name), "-c", sampler.command()], input=b"t\nq\n", capture_output=True, timeout=20,
        env={**os.environ, "TWINWATCH_ROOT": str(root), "IFS": "et", "HOME": str(root)}, check=True,
    )  # fmt: skip
    assert done.stderr == b""
    reader = SamplerReader("h")
    facts = reader.feed(done.stdout, 1)
    assert isinstance(facts[0], Hello)
    assert any(isinstance(fact, Sample) for fact in facts)
    assert not any(isinstance(fact, Gap) for fact in facts)


def test_the_command_fits_one_packet_and_small_hosts() -> None:
    assert len(sampler.command()) < 10_000
