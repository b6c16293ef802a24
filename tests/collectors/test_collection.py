"""The whole collection against real sshds and servers that misbehave, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest

from collectors.collection import Collection
from collectors.ssh.transport import Transport
from estate.model import Estate, Host, Site, Ssh
from estate.samples import Hello, Observation, Probed, Reach, Reached, Sample, Stage

from .conftest import descendants

EVERY_MS = 300


class Watcher:
    """Everything that was observed, and ways to wait for it."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []
        self.thread: set[int] = set()

    def __call__(self, observation: Observation) -> None:
        self.seen.append(observation)
        self.thread.add(threading.get_ident())

    def of(self, kind: type, host: str) -> list:
        return [o for o in self.seen if isinstance(o, kind) and o.host == host]

    def reach(self, host: str) -> Reach | None:
        found = self.of(Reached, host)
        return found[-1].reach if found else None

    async def until(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            last = {o.host: o for o in self.seen if isinstance(o, Reached)}
            raise AssertionError(list(last.values())) from None

    async def until_reach(self, host: str, *reaches: Reach, seconds: float = 15) -> Reached:
        await self.until(lambda: self.reach(host) in reaches, seconds)
        return self.of(Reached, host)[-1]


def estate(sshd, *hosts: Host | str, every_ms: int = EVERY_MS, timeout_ms: int = 1000) -> Estate:
    listed = [Host(h, "a") if isinstance(h, str) else h for h in hosts]
    return Estate(
        "test", "UTC", "en", every_ms,
        {"a": Site("a", {"en": "A"})},
        {h.name: h for h in listed},
        ssh=Ssh(config=str(sshd.ssh_config), connect_timeout_ms=timeout_ms),
    )  # fmt: skip


def clock() -> int:
    return time.time_ns() // 1_000_000


def descriptors() -> set[str]:
    return {each.name for each in Path("/proc/self/fd").iterdir()}


def collect(of: Estate, use, probes=None, servers_here: bool = False) -> Watcher:
    """Run `use(collection, watcher)` inside a collection; afterwards nothing may be left of it.

    `servers_here`: servers in this very process hold descriptors too, so they are not counted.
    """
    watcher = Watcher()

    async def run() -> None:
        collection = Collection(of, watcher, clock=clock, probes=probes or {})
        began = time.monotonic()
        await collection.start()
        assert time.monotonic() - began < 1
        try:
            async with asyncio.timeout(60):
                await use(collection, watcher)
        finally:
            began = time.monotonic()
            await collection.close()
            assert time.monotonic() - began < 10  # promised: 2; but this machine may be busy
            deadline = time.monotonic() + 10
            while any(isinstance(t, Transport) for t in threading.enumerate()):
                assert time.monotonic() < deadline, "a transport's thread outlived the collection"
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.01)
            assert len(asyncio.all_tasks()) == 1

    before = descriptors()
    asyncio.run(run())
    assert servers_here or descriptors() <= before, "a descriptor was left open"
    assert len(watcher.thread) <= 1, "observed from another thread"
    return watcher


# -- the good way --


def test_hosts_are_sampled_at_the_cadence(start_sshd) -> None:
    async def use(collection, watcher):
        await watcher.until(lambda: all(watcher.of(Sample, f"h{n}") for n in range(6)))
        before = len(watcher.of(Sample, "h0"))
        await asyncio.sleep(EVERY_MS * 10 / 1000)
        assert 9 <= len(watcher.of(Sample, "h0")) - before <= 12

    watcher = collect(estate(start_sshd(), *(f"h{n}" for n in range(6))), use)
    kinds = [type(o) for o in watcher.seen if o.host == "h3"]
    assert kinds[:3] == [Reached, Hello, Reached]
    assert [o.reach for o in watcher.of(Reached, "h3")] == [Reach.CONNECTING, Reach.LIVE]
    sample = watcher.of(Sample, "h3")[-1]
    assert sample.cores == os.cpu_count()
    assert abs(sample.at - clock()) < 60_000


def test_planned_and_retired_hosts_are_left_alone(start_sshd) -> None:
    async def use(collection, watcher):
        await watcher.until_reach("h1", Reach.LIVE)

    hosts = [Host("h1", "a"), Host("h2", "a", phase="planned"), Host("h3", "a", phase="retired")]
    watcher = collect(estate(start_sshd(), *hosts), use)
    assert {o.host for o in watcher.seen} == {"h1"}


def test_keys_renewed_every_few_ticks_go_unnoticed(start_sshd) -> None:
    async def use(collection, watcher):
        await watcher.until(lambda: len(watcher.of(Sample, "h1")) > 150, 30)

    watcher = collect(estate(start_sshd(RekeyLimit="16K"), "h1", every_ms=50), use)
    assert [o.reach for o in watcher.of(Reached, "h1")] == [Reach.CONNECTING, Reach.LIVE]


def test_max_startups_is_not_overrun(start_sshd) -> None:
    sshd = start_sshd(MaxStartups="8:100:8")  # the ninth at once is dropped

    async def use(collection, watcher):
        names = [f"h{n}" for n in range(24)]
        await watcher.until(lambda: all(watcher.reach(n) is Reach.LIVE for n in names))

    watcher = collect(estate(sshd, *(f"h{n}" for n in range(24))), use)
    assert {o.reach for o in watcher.seen if isinstance(o, Reached)} == {
        Reach.CONNECTING,
        Reach.LIVE,
    }


def test_a_host_that_is_dropped_for_max_startups_comes_in_later(start_sshd) -> None:
    sshd = start_sshd(MaxStartups="2:100:2")

    async def use(collection, watcher):
        names = [f"h{n}" for n in range(8)]
        await watcher.until(lambda: all(watcher.reach(n) is Reach.LIVE for n in names), 30)

    collect(estate(sshd, *(f"h{n}" for n in range(8))), use)


# -- hosts that misbehave, all at once, and the others --


def says_nothing(client: socket.socket) -> None:
    time.sleep(60)


def talks_rubbish(client: socket.socket) -> None:
    client.sendall(b"\x1b]52;c;aGk=\x07[bold]\xff\xfe\x00\r\n" * 10)
    client.close()


def floods_greeting(client: socket.socket) -> None:
    while True:
        client.sendall(b"A" * 65536)


SHELLS = {
    # what the login shell does before, or instead of, running our command
    "flood": "yes ABCDEFGHIJKLMNOPQRSTUVWXYZ | head -c 10485760",
    "longline": "head -c 104857600 /dev/zero | tr '\\0' A",
    "binary": "head -c 200000 /dev/urandom",
    "torn": "printf 'hello \\342\\202 \\0 \\033]52;c;aGk=\\007 [red]\\n'; exec sh -c \"$1\"",
    "dies": 'sh -c "$1" | dd bs=1 count=700 2>/dev/null',
    "nologin": "echo This account is currently not available.; exit 1",
    "silent": "exec sleep 60",
}


@pytest.fixture
def shells(start_sshd, tmp_path: Path):
    """An sshd for each strange login shell, through ForceCommand."""

    def start(name: str):
        script = tmp_path / f"{name}.sh"
        body = SHELLS[name].replace('"$1"', '"$SSH_ORIGINAL_COMMAND"')
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)
        return start_sshd(ForceCommand=str(script))

    return start


def at(sshd, name: str, **fields) -> str:
    """ssh_config lines that send `name` to another server."""
    return (
        f"Host {name}\n  Port {sshd.port}\n  IdentityFile {sshd.key}\n"
        f"  UserKnownHostsFile {sshd.known_hosts}\n"
    )


@pytest.fixture
def serve():
    """`serve(talk)`: a TCP server that runs `talk(socket)` for each client; returns its port."""
    sockets: list[socket.socket] = []

    def start(talk: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)

        def converse(client: socket.socket) -> None:
            with contextlib.suppress(OSError):
                talk(client)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    sockets.append(client)
                    threading.Thread(target=converse, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()


def memory_kb(name: str) -> int:
    """What this process has now (VmRSS), or had at most (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0])


def test_no_host_changes_the_cadence_of_the_others(start_sshd, shells, serve) -> None:
    good = start_sshd()
    strange = {name: shells(name) for name in SHELLS}
    changed, refusing = start_sshd(), start_sshd()
    changed.trust(f"{changed.target} {good.host_key}")
    (refusing.folder / "authorized_keys").write_text("")
    closed = socket.create_server(("127.0.0.1", 0))
    closed_port = closed.getsockname()[1]
    closed.close()
    good.configure(
        "".join(at(sshd, name) for name, sshd in strange.items())
        + at(changed, "changed")
        + at(refusing, "refusing")
        + f"Host frozen\n  Port {serve(says_nothing)}\n"
        + f"Host rubbish\n  Port {serve(talks_rubbish)}\n"
        + f"Host endless\n  Port {serve(floods_greeting)}\n"
        + f"Host closed\n  Port {closed_port}\n"
    )
    living = [f"good{n}" for n in range(5)]
    bad = [*SHELLS, "changed", "refusing", "frozen", "rubbish", "endless", "closed"]
    bad.remove("torn")  # its noise is passed over, it lives
    bad.remove("silent")  # still has its half minute to say hello
    ticks: list[int] = []

    async def use(collection, watcher):
        await watcher.until(lambda: all(watcher.of(Sample, name) for name in living))
        before = [len(watcher.of(Sample, name)) for name in living]
        await asyncio.sleep(EVERY_MS * 20 / 1000)
        ticks.extend(
            len(watcher.of(Sample, name)) - n for name, n in zip(living, before, strict=True)
        )
        for name in bad:
            await watcher.until(lambda name=name: bool(_failures(watcher, name)))
        await watcher.until(lambda: bool(watcher.of(Sample, "torn")))

    before = memory_kb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here, not earlier tests'
    watcher = collect(estate(good, *living, *SHELLS, *bad, timeout_ms=600), use, servers_here=True)
    assert all(18 <= count <= 22 for count in ticks), ticks
    assert memory_kb("VmHWM") - before < 40_000
    expected = {
        "flood": (Reach.UNREACHABLE, Stage.SAMPLER, "floods: more than 256 kB where one line"),
        "longline": (Reach.UNREACHABLE, Stage.SAMPLER, "floods: more than 256 kB where one line"),
        "binary": (Reach.UNREACHABLE, Stage.SAMPLER, "the sampler"),
        "dies": (Reach.UNREACHABLE, Stage.SAMPLER, "the sampler ended"),
        "nologin": (Reach.UNREACHABLE, Stage.SAMPLER, "the sampler ended with status 1, saying"),
        "changed": (Reach.UNTRUSTED, Stage.HOST_KEY, "host key differs from known_hosts:1"),
        "refusing": (Reach.REFUSED, Stage.AUTH, "refuses our keys: offers publickey"),
        "frozen": (Reach.FROZEN, Stage.BANNER, "accepts us, then says nothing for 0.6 s"),
        "rubbish": (Reach.UNREACHABLE, Stage.BANNER, "not an SSH server: says “"),
        "endless": (Reach.UNREACHABLE, Stage.BANNER, "not an SSH server: says “"),
        "closed": (Reach.UNREACHABLE, Stage.CONNECT, "connection refused at 127.0.0.1:"),
    }
    for name in bad:
        reach, stage, beginning = expected[name]
        for failure in _failures(watcher, name):
            if name == "dies" and failure.reach in (Reach.LATE, Reach.FROZEN):
                continue  # a pipe may keep the session open though the sampler is gone
            assert (failure.reach, failure.cause.stage) == (reach, stage), failure
            assert failure.cause.what.startswith(beginning), failure
    (nologin, *_) = _failures(watcher, "nologin")
    assert nologin.cause.what == (
        "the sampler ended with status 1, saying “This account is currently not available.”"
    )
    assert nologin.cause.remedy.startswith("The account can't run commands: give it a login shell")
    for observation in watcher.seen:
        assert "\x1b" not in repr(observation).replace("\\x1b", "")
        assert repr(observation).isprintable()


def _failures(watcher: Watcher, name: str) -> list[Reached]:
    return [o for o in watcher.of(Reached, name) if o.cause is not None]


TICK = (
    "t|%d|0.50 0.40 0.30 2/345|100 0 0 800 0 0 0 0 0 0|2|16000 4000 2000 1500|0.00 0.00 -|"
    "eth0 5000 700 10|sda 2000 4000 1500"
)


@pytest.mark.parametrize(("line", "kind"), [(TICK % 100, Sample), ("e|nothing to say", Probed)])
def test_who_talks_unasked_is_heard_at_his_turn_only(start_sshd, tmp_path, line, kind) -> None:
    chatty = tmp_path / "chatty.sh"
    chatty.write_text(
        "#!/bin/sh\necho 'twinwatch|1|h|6.1|sh'\n"
        f"while read -r _; do for n in 1 2 3 4 5 6 7 8 9; do echo '{line}'; done; done\n"
    )
    chatty.chmod(0o755)
    ticks: list[float] = []

    async def use(collection, watcher):
        await watcher.until(lambda: bool(watcher.of(kind, "h1")))
        began = asyncio.get_running_loop().time()
        await watcher.until(lambda: len(watcher.of(kind, "h1")) >= 6)
        ticks.append((asyncio.get_running_loop().time() - began) * 1000 / EVERY_MS)

    collect(estate(start_sshd(ForceCommand=str(chatty)), "h1"), use, servers_here=True)
    assert ticks[0] >= 0.8  # two each: six are there with the third tick, not with the first


@pytest.fixture
def serve_ignores(serve) -> Callable[..., tuple[int, str]]:
    """An SSH server that lets everybody in and then sends packets that say nothing, for ever.

    `serve_ignores(once)`: from when `once` of what may be asked of a server was asked; gives its
    port and host key.
    """
    host_key = paramiko.ECDSAKey.generate()

    class Welcoming(paramiko.ServerInterface):
        def __init__(self) -> None:
            self.asked: set[str] = set()

        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            return paramiko.AUTH_SUCCESSFUL

        def get_allowed_auths(self, username: str) -> str:
            return "publickey"

        def check_channel_request(self, kind: str, chanid: int) -> int:
            return paramiko.OPEN_SUCCEEDED

        def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
            self.asked.add("exec")
            return True

        def check_channel_direct_tcpip_request(self, *where: object) -> int:
            self.asked.add("forward")
            return paramiko.OPEN_SUCCEEDED

    def start(once: str) -> tuple[int, str]:
        def ignores(client: socket.socket) -> None:
            with paramiko.Transport(client) as transport:
                transport.add_server_key(host_key)
                with contextlib.suppress(paramiko.SSHException, EOFError):
                    welcome = Welcoming()
                    transport.start_server(server=welcome)
                    # A flood at once would starve the thread of this server that answers.
                    while transport.is_active() and once not in welcome.asked:
                        time.sleep(0.01)
                    time.sleep(0.3)
                    while transport.is_active():
                        transport.send_ignore(30_000)

        return serve(ignores), f"{host_key.get_name()} {host_key.get_base64()}"

    return start


def test_a_host_that_sends_packets_that_say_nothing_is_left(start_sshd, serve_ignores) -> None:
    sshd = start_sshd()
    port, key = serve_ignores("exec")
    sshd.configure(f"Host flood\n  Port {port}\n")
    sshd.trust(f"[127.0.0.1]:{port} {key}")

    async def use(collection, watcher):
        # The server's threads share this process: a first try may time out before the flood.
        await watcher.until(
            lambda: any(
                each.cause.what == "floods: more than 4096 kB between two ticks"
                for each in _failures(watcher, "flood")
            ),
            seconds=60,
        )

    collect(estate(sshd, "flood"), use, servers_here=True)


def test_a_jump_host_that_sends_packets_that_say_nothing_is_left_and_named(
    start_sshd, serve_ignores
) -> None:
    sshd = start_sshd()
    port, key = serve_ignores("forward")
    sshd.configure(f"Host jump\n  Port {port}\nHost inner*\n  ProxyJump jump\n")
    sshd.trust(f"[127.0.0.1]:{port} {key}", f"{sshd.target} {sshd.host_key}")

    async def use(collection, watcher):
        for name in ("inner1", "inner2"):
            await watcher.until(
                lambda name=name: any(
                    each.cause.what == "jump host jump: floods: more than 4096 kB between two ticks"
                    and each.cause.hop == "jump"
                    for each in _failures(watcher, name)
                ),
                seconds=60,
            )
        assert watcher.reach("h1") is Reach.LIVE

    # The wait for a greeting through it, which never comes, must outlast the flood.
    slow = estate(sshd, "inner1", "inner2", "h1", timeout_ms=20_000)
    collect(slow, use, servers_here=True)


# -- loss and return --


def test_a_host_that_lived_is_called_again_soon(start_sshd, monkeypatch) -> None:
    monkeypatch.setattr("collectors.backoff.FORGIVEN_AFTER_MS", 0)
    sshd = start_sshd()

    async def use(collection, watcher):
        for _ in range(4):  # the fourth would wait for three seconds
            await watcher.until_reach("h1", Reach.LIVE)
            for pid in sshd.sessions():
                os.kill(pid, signal.SIGKILL)
            lost = await watcher.until_reach("h1", Reach.UNREACHABLE)
            assert lost.retry_at - lost.at <= 500

    collect(estate(sshd, "h1"), use)


def test_a_host_that_returns_is_live_again(start_sshd) -> None:
    sshd = start_sshd()

    async def use(collection, watcher):
        await watcher.until_reach("h1", Reach.LIVE)
        for pid in reversed(descendants(sshd.server.pid)):  # the connection before the sampler
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        sshd.server.wait()
        lost = await watcher.until_reach("h1", Reach.UNREACHABLE)
        assert lost.cause.stage is Stage.CHANNEL
        assert lost.cause.what.startswith("connection lost: ")
        assert 0 < lost.retry_at - lost.at <= 500
        await watcher.until(lambda: watcher.of(Reached, "h1")[-1].cause.stage is Stage.CONNECT)
        await asyncio.to_thread(sshd.start)
        back = watcher.of(Reached, "h1")[-1].retry_at
        await watcher.until_reach("h1", Reach.LIVE)
        live = watcher.of(Reached, "h1")[-1].at
        assert live <= max(back, clock()) + 2000

    collect(estate(sshd, "h1"), use)


def test_a_stopped_session_is_late_then_left_for_a_new_one(start_sshd) -> None:
    sshd = start_sshd()

    async def use(collection, watcher):
        await watcher.until_reach("h1", Reach.LIVE)
        for pid in sshd.sessions():
            os.kill(pid, signal.SIGSTOP)
            _stop_children(pid)
        late = await watcher.until_reach("h1", Reach.LATE)
        assert late.cause.what == "no sample for 1 s"
        frozen = await watcher.until_reach("h1", Reach.FROZEN)
        assert frozen.cause.stage is Stage.TIMEOUT
        await watcher.until_reach("h1", Reach.LIVE)  # the listening sshd was not stopped

    collect(estate(sshd, "h1"), use)


def test_a_stopped_sshd_is_frozen_and_comes_back(start_sshd) -> None:
    sshd = start_sshd()

    async def use(collection, watcher):
        await watcher.until_reach("h1", Reach.LIVE)
        family = [sshd.server.pid, *sshd.sessions()]
        for pid in family:
            os.kill(pid, signal.SIGSTOP)
            _stop_children(pid)
        await watcher.until(
            lambda: any(
                o.reach is Reach.FROZEN and o.cause.stage is Stage.BANNER
                for o in watcher.of(Reached, "h1")
            )
        )
        os.kill(sshd.server.pid, signal.SIGCONT)
        collection.refresh("h1")
        await watcher.until_reach("h1", Reach.LIVE)

    collect(estate(sshd, "h1", timeout_ms=400), use)


def _stop_children(pid: int) -> None:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGSTOP)
        _stop_children(int(child))


def test_a_slow_login_shell_is_noted(start_sshd, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("collectors.contact.SLOW_MS", 300)
    slow = tmp_path / "slow.sh"
    slow.write_text('#!/bin/sh\nsleep 0.5\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n')
    slow.chmod(0o755)

    async def use(collection, watcher):
        await watcher.until(lambda: bool(watcher.of(Hello, "h1")))

    watcher = collect(estate(start_sshd(ForceCommand=str(slow)), "h1"), use)
    (hello,) = watcher.of(Hello, "h1")
    assert hello.note.startswith("slow login shell: 0.")
    assert hello.note.endswith(" s")


def test_a_silent_login_shell_is_frozen(shells, monkeypatch) -> None:
    monkeypatch.setattr("collectors.contact.HELLO_SECONDS", 0.5)

    async def use(collection, watcher):
        await watcher.until_reach("h1", Reach.FROZEN)

    watcher = collect(estate(shells("silent"), "h1"), use)
    assert _failures(watcher, "h1")[0].cause.stage is Stage.SAMPLER


# -- refresh and reconfigure --


def test_refresh_retries_at_once(start_sshd) -> None:
    sshd = start_sshd()
    sshd.trust("# nobody")

    async def use(collection, watcher):
        untrusted = await watcher.until_reach("h1", Reach.UNTRUSTED)
        assert untrusted.retry_at - untrusted.at > 20_000
        sshd.trust()
        collection.refresh("h1")
        await watcher.until_reach("h1", Reach.LIVE, seconds=5)
        with pytest.raises(KeyError):
            collection.refresh("nobody")

    collect(estate(sshd, "h1"), use)


def test_a_changed_estate_keeps_what_did_not_change(start_sshd) -> None:
    sshd = start_sshd()

    async def use(collection, watcher):
        await watcher.until(lambda: all(watcher.of(Sample, f"h{n}") for n in (1, 2)))
        collection.reconfigure(estate(sshd, "h2", "h3", every_ms=100))
        await watcher.until(lambda: bool(watcher.of(Sample, "h3")))
        gone = len(watcher.of(Sample, "h1"))
        await asyncio.sleep(0.5)
        assert len(watcher.of(Sample, "h1")) == gone
        assert len(watcher.of(Hello, "h2")) == 1  # it was not connected again
        moved = Host("h2", "a", port=1)
        collection.reconfigure(estate(sshd, moved, "h3"))
        await watcher.until_reach("h2", Reach.UNREACHABLE)
        assert watcher.reach("h3") is Reach.LIVE

    collect(estate(sshd, "h1", "h2"), use)


def test_a_jump_host_that_nobody_is_behind_is_left(start_sshd) -> None:
    jump, inner = start_sshd(), start_sshd()
    jump.configure(at(inner, "inner*") + "  ProxyJump jump\n")

    async def use(collection, watcher):
        await watcher.until(lambda: all(watcher.of(Sample, n) for n in ("inner1", "h1")))
        assert len(jump.sessions()) == 2  # the jump, and h1, which is on the same server
        collection.reconfigure(estate(jump, "h1"))
        await watcher.until(lambda: len(jump.sessions()) == 1)

    collect(estate(jump, "inner1", "inner2", "h1"), use)


def test_hosts_behind_a_lost_jump_host_name_it(start_sshd) -> None:
    jump, inner = start_sshd(), start_sshd()
    jump.configure(at(inner, "inner*") + "  ProxyJump jump\n")

    async def use(collection, watcher):
        await watcher.until(lambda: all(watcher.of(Sample, n) for n in ("inner1", "inner2")))
        jump.stop()
        for name in ("inner1", "inner2"):
            lost = await watcher.until_reach(name, Reach.UNREACHABLE)
            assert lost.cause.hop == "jump"
        await watcher.until(lambda: watcher.of(Reached, "inner1")[-1].cause.stage is Stage.CONNECT)
        assert watcher.of(Reached, "inner1")[-1].cause.what == (
            f"jump host jump: connection refused at 127.0.0.1:{jump.port}"
        )
        await asyncio.to_thread(jump.start)
        await watcher.until(
            lambda: all(watcher.reach(n) is Reach.LIVE for n in ("inner1", "inner2"))
        )

    collect(estate(jump, "inner1", "inner2"), use)


def test_a_broken_ssh_config_is_every_host_s_cause(start_sshd) -> None:
    sshd = start_sshd()
    sshd.configure("Port\n")

    async def use(collection, watcher):
        for name in ("h1", "h2"):
            found = await watcher.until_reach(name, Reach.UNREACHABLE)
            assert found.cause.what == f"{sshd.ssh_config}:1: Port has no value"
            assert found.cause.remedy == "correct the line"

    collect(estate(sshd, "h1", "h2"), use)


def test_a_dead_home_costs_those_who_connect_and_nobody_who_is_connected(
    start_sshd, hung_file, monkeypatch
) -> None:
    monkeypatch.setattr("collectors.collection.SETTINGS_FRESH_SECONDS", 0.0)
    sshd = start_sshd()

    async def use(collection, watcher):
        await watcher.until(lambda: bool(watcher.of(Sample, "h1")))
        sshd.configure(f"Include {hung_file}\n")
        collection.reconfigure(estate(sshd, "h1", "h2", "h3"))
        for name in ("h2", "h3"):
            found = await watcher.until_reach(name, Reach.UNREACHABLE)
            assert found.cause.stage is Stage.RESOLVE
            assert found.cause.what == f"{hung_file} was not read in 1 s"
        before = len(watcher.of(Sample, "h1"))
        await asyncio.sleep(EVERY_MS * 10 / 1000)  # they try again meanwhile
        assert len(watcher.of(Sample, "h1")) - before >= 8
        assert watcher.reach("h1") is Reach.LIVE
        sshd.configure()
        with hung_file.open("w"):
            pass  # the file server is back
        await watcher.until(lambda: all(watcher.of(Sample, name) for name in ("h2", "h3")))

    collect(estate(sshd, "h1"), use)


def test_closing_while_everything_is_still_connecting(start_sshd, serve) -> None:
    sshd = start_sshd()
    sshd.configure(f"Host slow*\n  Port {serve(says_nothing)}\n")

    async def use(collection, watcher):
        await asyncio.sleep(0.02)

    collect(
        estate(sshd, *(f"h{n}" for n in range(20)), *(f"slow{n}" for n in range(20))),
        use,
        servers_here=True,
    )


def test_probes_of_the_sampler_itself(start_sshd, shells) -> None:
    """What the sampler cannot make sense of is a Gap, and at most two of them a tick."""
    sshd = shells("torn")

    async def use(collection, watcher):
        await watcher.until(lambda: len(watcher.of(Sample, "h1")) > 3)

    watcher = collect(estate(sshd, "h1"), use)
    assert len(watcher.of(Probed, "h1")) <= 2 * len(watcher.of(Sample, "h1"))
