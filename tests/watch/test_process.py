"""The watch as a process: found, started, only one, outlives its console, and ends in order."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.watch.conftest import ESTATE, alive, started, until
from watch import process
from watch.client import LONGEST_SOCKET_PATH, Client
from watch.error import NoWatch, WatchError
from watch.lock import Lock
from watch.process import (
    Place,
    answers,
    last_lines,
    place_in,
    place_of,
    running,
    runtime_directory,
)
from watch.source import Source, default_places

REPOSITORY = Path(process.__file__).parent.parent


def status(place: Place) -> dict:
    return Client(place.socket).get("/v1/status")


def events_of(place: Place) -> list[str]:
    return [each["what"] for each in Client(place.socket).get("/v1/events")]


# --- places -------------------------------------------------------------------------------------


def test_each_estate_has_a_place_of_its_own(tmp_path: Path) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_STATE_HOME": "/state"}
    one = place_of(Source(Path("/etc/a/estate.yaml")), environ)
    other = place_of(Source(Path("/etc/b/estate.yaml")), environ)
    assert one == place_of(Source(Path("/etc/a/estate.yaml")), environ)
    assert one.socket != other.socket
    assert one.socket.parent == tmp_path / "twinwatch"
    assert one.records.parent.parent == Path("/state/twinwatch")
    assert one.records.parent != other.records.parent


def test_without_a_runtime_directory_there_is_one_in_tmp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_123)
    assert runtime_directory({}) == Path("/tmp/twinwatch-4000000123")
    missing = {"XDG_RUNTIME_DIR": str(tmp_path / "missing")}
    assert runtime_directory(missing) == Path("/tmp/twinwatch-4000000123")
    assert runtime_directory({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "twinwatch"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_service_finds_the_directory_made_for_it(tmp_path: Path) -> None:
    (tmp_path / "twinwatch").mkdir()
    tmp_path.chmod(0o500)
    assert runtime_directory({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "twinwatch"
    tmp_path.chmod(0o700)


def test_what_a_service_watches_is_not_started_by_anybody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "SYSTEM_RUNTIME", tmp_path / "run")
    source, environ = Source(Path("/etc/a/estate.yaml")), {"XDG_RUNTIME_DIR": str(tmp_path)}
    theirs = Source(process.SYSTEM_ESTATE)
    assert not place_of(source, environ).shared
    assert not place_of(theirs, environ).shared
    (tmp_path / "run").mkdir()
    assert not place_of(theirs, environ).shared, "we are the service"
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_123)
    place = place_of(theirs, environ)
    assert place.shared
    assert place.socket.parent == tmp_path / "run"
    assert not place_of(source, environ).shared
    with pytest.raises(NoWatch) as caught:
        process.ensure(place, theirs)
    assert str(caught.value) == (
        f"the system's watch does not run — {place.socket} — there is no such socket — "
        "have it started: systemctl start twinwatch"
    )
    key = place_of(source, environ).socket.name
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "run" / key))
        assert place_of(source, environ).shared


def test_a_place_is_private(tmp_path: Path) -> None:
    place = place_in(tmp_path / "new")
    place.prepare()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    (tmp_path / "new").chmod(0o777)
    with pytest.raises(WatchError, match="others could put files there"):
        place.prepare()


def test_a_link_to_somebody_elses_directory_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(WatchError, match="it is not a directory of uid"):
        place_in(tmp_path / "link").prepare()


def test_a_socket_path_that_the_kernel_would_cut_is_refused(tmp_path: Path) -> None:
    place = place_in(tmp_path / ("x" * LONGEST_SOCKET_PATH))
    with pytest.raises(WatchError, match="a socket's path has 107 bytes at most"):
        place.prepare()


def test_only_one_holds_the_lock(tmp_path: Path) -> None:
    first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    assert second.held()
    assert second.holder() == str(os.getpid())


def test_the_last_lines_of_a_log(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none", 3) == ""
    (tmp_path / "log").write_text("a\n" * 5000 + "b\nc\n")
    assert last_lines(tmp_path / "log", 3) == "a; b; c"
    assert last_lines(tmp_path / "log", 3, 10_002) == "c"


# --- real processes -----------------------------------------------------------------------------


def test_a_watch_is_started_once_and_found_again(place: Place, estate_file: Path) -> None:
    source = Source(estate_file)
    clients: list[Client] = []
    threads = [
        threading.Thread(target=lambda: clients.append(started(place, source))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    pids = {client.get("/v1/status")["pid"] for client in clients}
    assert len(clients) == 3
    assert len(pids) == 1
    assert started(place, source).get("/v1/status")["pid"] in pids
    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o600
    for path in (place.records, place.log, place.lock):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_outlives_its_console_the_terminal_and_sighup(place: Place, estate_file: Path) -> None:
    script = f"""if True:
        from pathlib import Path
        from watch.process import ensure, place_in
        from watch.source import Source, default_places
        ensure(place_in(Path({str(place.socket.parent)!r})), Source(Path({str(estate_file)!r})))
        import os; os.abort()
    """
    subprocess.run([sys.executable, "-c", script], check=False, stderr=subprocess.DEVNULL)
    pid = status(place)["pid"]
    assert os.getsid(pid) == pid
    os.kill(pid, signal.SIGHUP)
    assert status(place)["pid"] == pid


@pytest.mark.parametrize("end", ["SIGTERM", "SIGINT", "stop"])
def test_it_ends_in_order_within_two_seconds(place: Place, estate_file: Path, end: str) -> None:
    client = started(place, Source(estate_file))
    pid = client.get("/v1/status")["pid"]
    listening = socket.socket(socket.AF_UNIX)
    listening.connect(str(place.socket))
    listening.sendall(b"GET /v1/stream HTTP/1.1\r\nHost: watch\r\n\r\n")
    assert b"200 OK" in listening.recv(4096)
    since = time.monotonic()
    if end == "stop":
        assert client.post("/v1/stop") == {"stopping": pid}
    else:
        os.kill(pid, getattr(signal, end))
    until(lambda: not alive(pid))
    assert time.monotonic() - since < 4  # two, and two more for a busy machine
    assert not place.socket.exists()
    with listening:
        listening.settimeout(5)
        while listening.recv(65536):
            pass  # the stream ended; the socket was closed
    assert "Traceback" not in place.log.read_text()


class SlowSocket(socket.socket):
    """A client's socket whose process waits after each write, until the watch is gone."""

    def sendall(self, data: bytes, *flags: int) -> None:  # type: ignore[override]
        super().sendall(data, *flags)
        until(lambda: not Path(self.getpeername()).exists())


def test_a_watch_that_is_gone_before_a_slow_console_has_asked_has_answered_all_the_same(
    place: Place, estate_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = started(place, Source(estate_file))
    pid = status(place)["pid"]
    monkeypatch.setattr("watch.client.sockets.socket", SlowSocket)
    assert client.post("/v1/stop") == {"stopping": pid}


def test_a_stale_socket_is_replaced(place: Place, estate_file: Path) -> None:
    client = started(place, Source(estate_file))
    pid = client.get("/v1/status")["pid"]
    until(lambda: events_of(place))
    time.sleep(0.5)  # the records are committed within a quarter of a second
    os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(pid))
    assert place.socket.exists()
    assert not answers(place.socket)
    again = started(place, Source(estate_file)).get("/v1/status")
    assert again["pid"] != pid
    until(lambda: any("not watching" in what for what in events_of(place)))
    shown = [each["what"] for each in Client(place.socket).get("/v1/board")["events"]]
    assert shown[-1] == "started, with no records from before"


def test_what_stops_it_from_starting_is_said(place: Place, estate_file: Path) -> None:
    estate_file.write_text("estate: Test\nsites: 3\n")
    with pytest.raises(WatchError) as caught:
        started(place, Source(estate_file))
    assert caught.value.what == "the watch did not start"
    assert caught.value.why.startswith(f"it ended with status 2: twinwatch: {estate_file}:1: ")
    assert f"{estate_file}:2: a number where sites belong" in caught.value.why


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_an_estate_that_others_could_have_written_is_refused(
    place: Place, estate_file: Path, mode: int
) -> None:
    estate_file.chmod(mode)
    with pytest.raises(
        WatchError, match=f"others could have changed it — chmod go-w {estate_file}"
    ):
        started(place, Source(estate_file))


def test_a_hung_watch_is_one_error_that_names_it(place: Place, estate_file: Path) -> None:
    pid = started(place, Source(estate_file)).get("/v1/status")["pid"]
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(WatchError) as caught:
        process.ensure(place, Source(estate_file), wait_seconds=0.1)
    assert str(caught.value) == (
        f"the watch does not answer — {place.socket} — process {pid} hangs, its log is "
        f"{place.log} — kill -9 {pid}, then twinwatch watch"
    )


def test_without_a_place_for_records_it_watches_all_the_same_and_says_so(
    place: Place, tmp_path: Path, estate_file: Path
) -> None:
    (tmp_path / "file").touch()
    nowhere = replace(place, log=tmp_path / "file/state/log", records=tmp_path / "file/state/r.db")
    client = started(nowhere, Source(estate_file))
    said = client.get("/v1/status")
    assert said["records_problem"].startswith(f"not saved: {nowhere.records} can't be opened: ")
    assert said["hosts"]["total"] == 3
    until(lambda: any(what.startswith("records are not kept: ") for what in events_of(place)))
    log = place.socket.with_suffix(".log").read_text().splitlines()
    assert any(
        re.match(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 records are not kept: ", each)
        for each in log
    )
    assert said["saved_until"] is None


def test_with_records_on_a_disk_that_hangs_it_watches_all_the_same_and_ends(
    place: Place, tmp_path: Path, estate_file: Path
) -> None:
    hung = replace(place, records=tmp_path / "r.db")
    os.mkfifo(hung.records)  # nobody writes: whoever opens it waits
    said = started(hung, Source(estate_file)).get("/v1/status")
    assert said["hosts"]["total"] == 3
    why = f"not saved: {hung.records} can't be opened: no answer within 5 s; "
    assert said["records_problem"].startswith(why)
    os.kill(said["pid"], signal.SIGTERM)
    until(lambda: not alive(said["pid"]), 30)


def test_no_place_for_the_socket_says_what_for(tmp_path: Path, estate_file: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WatchError) as caught:
        process.ensure(place_in(tmp_path / "file/run"), Source(estate_file))
    assert str(caught.value) == (
        f"no place for the watch's socket — {tmp_path / 'file/run'} — Not a directory — "
        "make it writable"
    )


def test_each_start_has_a_time_in_the_log(place: Place, estate_file: Path) -> None:
    estate_file.write_text("estate: Test\nsites: 3\n")
    with pytest.raises(WatchError):
        started(place, Source(estate_file))
    first, *more = place.log.read_text().splitlines()
    assert re.fullmatch(
        rf"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 a watch over {estate_file} is started", first
    )
    assert all(each.startswith("twinwatch: ") for each in more)


def test_a_log_that_takes_nothing_holds_nothing_up(place: Place, estate_file: Path) -> None:
    read, write = os.pipe()  # a terminal that is held, a file server that is gone: writing waits
    os.set_blocking(write, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write, bytes(4096))
    os.set_blocking(write, True)
    place.prepare()
    arguments = [*place.arguments(), *Source(estate_file).arguments()]
    with subprocess.Popen(
        [sys.executable, "-m", "watch", *arguments], stderr=write, cwd=REPOSITORY
    ) as watch:
        os.close(write)
        try:
            until(lambda: answers(place.socket))
            until(lambda: events_of(place))
            Client(place.socket).post("/v1/stop")
            assert watch.wait(30) == 0
        finally:
            watch.kill()
    os.close(read)


def test_relative_base_directories_are_ignored() -> None:
    source = Source(Path("/etc/a/estate.yaml"))
    environ = {"HOME": "/home/op", "XDG_STATE_HOME": "state", "XDG_RUNTIME_DIR": "run"}
    place = place_of(source, environ)
    assert place.records.is_relative_to("/home/op/.local/state/twinwatch")
    assert place.socket.is_absolute()
    assert default_places({**environ, "XDG_CONFIG_HOME": "c"}, Path("/here"))[1] == Path(
        "/home/op/.config/twinwatch/estate.yaml"
    )


def test_a_second_watch_at_the_same_place_gives_way(place: Place, estate_file: Path) -> None:
    source = Source(estate_file)
    pid = started(place, source).get("/v1/status")["pid"]
    command = [sys.executable, "-m", "watch", *place.arguments(), *source.arguments()]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == process.ALREADY_RUNNING
    assert second.stderr == (
        f"twinwatch: there is a watch — {place.lock} — "
        f"process {pid} watches it already — attach: twinwatch\n"
    )
    assert status(place)["pid"] == pid


def test_a_changed_estate_is_applied_whole_or_refused_whole(
    place: Place, estate_file: Path
) -> None:
    client = started(place, Source(estate_file))
    assert client.get("/v1/estate")["hosts"] == 3
    estate_file.write_text(ESTATE.replace("site: central", "site: moon"))
    until(lambda: client.get("/v1/estate")["problem"])
    assert client.get("/v1/estate")["problem"].startswith(f"{estate_file}:")
    assert client.get("/v1/estate")["hosts"] == 3
    until(lambda: client.get("/v1/board")["watch"].get("estate_problem", "").startswith("/"))
    estate_file.write_text(ESTATE.replace(":3]", ":5]"))
    assert client.post("/v1/reload")["problem"] == ""
    assert len(client.get("/v1/board")["hosts"]) == 5
    said = [each["what"] for each in client.get("/v1/board")["events"]]
    assert "reloaded: 2 hosts added, 0 hosts gone" in said


def test_it_runs_with_no_estate_file_at_all(place: Place, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host one two\n  HostName 127.0.0.1\n  Port 1\nHost *\n  User nobody\n")
    client = started(place, Source(config, ssh=True))
    assert sorted(client.get("/v1/board")["hosts"]) == ["one", "two"]


def test_hosts_of_an_ssh_config_that_can_not_be_watched_are_told_of(
    place: Place, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("Host one 主機 user@x\n  HostName 127.0.0.1\n  Port 1\n")
    client = started(place, Source(config, ssh=True))
    why = "the name holds characters a host's can't"
    said = f"left out: host '主機', line 1: {why} (and 1 more: twinwatch doctor)"
    until(lambda: said in events_of(place))
    assert [each[:6] for each in client.get("/v1/status")["left_out"]] == ["host '", "host '"]
    findings = client.get("/v1/doctor")
    assert [each["what"] for each in findings if "left out" in each["what"]] == [
        f"{config}: left out: host '主機', line 1: {why}",
        f"{config}: left out: host 'user@x', line 1: {why}",
    ]


def test_running_watches_are_found(
    tmp_path: Path, estate_file: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "place" / "twinwatch"
    monkeypatch.setattr(process, "runtime_directory", lambda environ: runtime.parent)
    assert running({}) == ()
    started(place, Source(estate_file))
    assert running({}) == (place.socket,)


def let_through(place: Place) -> None:
    """Let everybody come as far as the socket's directory."""
    for directory in list(place.socket.parents)[1:-1]:
        if directory.stat().st_uid == os.getuid() and directory != Path("/tmp"):
            directory.chmod(0o755)


def ask_as_nobody(place: Place, request: str, groups: list[int]) -> tuple[str, dict]:
    """The status line and the body that user 65534 gets for a `request` line."""
    script = f"""if True:
        import os, socket
        os.setgroups({groups}); os.setgid(65534); os.setuid(65534)
        asking = socket.socket(socket.AF_UNIX); asking.connect({str(place.socket)!r})
        asking.sendall(b"{request} HTTP/1.0\\r\\n\\r\\n")
        answer = b""
        while part := asking.recv(65536): answer += part
        print(answer.decode())
    """
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    head, _, body = said.stdout.partition("\n\n")
    return head.splitlines()[0], json.loads(body)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can ask as somebody else")
def test_another_user_is_refused_though_the_socket_lets_them_in(
    place: Place, estate_file: Path
) -> None:
    started(place, Source(estate_file))
    # Even where the file modes are wide open: the kernel says who asks.
    let_through(place)
    place.socket.parent.chmod(0o755)
    place.socket.chmod(0o666)
    status_line, said = ask_as_nobody(place, "GET /v1/board", [])
    assert status_line.startswith("HTTP/1.1 403")
    assert said["why"] == "this watch belongs to root, and you are nobody"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can ask as somebody else")
def test_a_shared_watch_is_looked_at_by_its_group_and_steered_by_operators(
    place: Place, estate_file: Path
) -> None:
    group = grp.getgrgid(65534).gr_name
    place.prepare()
    let_through(place)
    arguments = [*place.arguments(), *Source(estate_file).arguments(), "--group", group]
    log = place.log.open("wb")
    with subprocess.Popen([sys.executable, "-m", "watch", *arguments], stderr=log, cwd=REPOSITORY):
        until(lambda: answers(place.socket))
        try:
            seen = place.socket.stat()
            assert (stat.S_IMODE(seen.st_mode), seen.st_gid) == (0o660, 65534)
            assert stat.S_IMODE(place.socket.parent.stat().st_mode) == 0o710
            status_line, board = ask_as_nobody(place, "GET /v1/board", [])
            assert status_line == "HTTP/1.1 200 OK"
            assert board["watch"]["standalone"] is False
            status_line, said = ask_as_nobody(place, "POST /v1/stop", [])
            assert status_line.startswith("HTTP/1.1 403")
            assert said["why"] == "only root may steer, and you are nobody, a viewer"
            estate_file.write_text(ESTATE + f"roles: {{operator: [{group}]}}\n")
            Client(place.socket).post("/v1/reload")
            status_line, _ = ask_as_nobody(place, "POST /v1/stop", [])
            assert status_line == "HTTP/1.1 200 OK"
        finally:
            if answers(place.socket):
                Client(place.socket).post("/v1/stop")


def test_a_group_that_is_not_there_is_one_error(place: Place, estate_file: Path) -> None:
    arguments = [*place.arguments(), *Source(estate_file).arguments(), "--group", "no-such-group"]
    said = subprocess.run(
        [sys.executable, "-m", "watch", *arguments], capture_output=True, text=True, timeout=60,
        cwd=REPOSITORY, check=False,
    )  # fmt: skip
    assert said.returncode == 2
    assert said.stderr == (
        "twinwatch: the watch can't be shared — no-such-group — the system has no such group — "
        "groupadd no-such-group\n"
    )
