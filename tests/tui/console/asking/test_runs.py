"""What the console asks about runs, as it goes over a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

import pytest

from estate.wire import to_json
from tests.tui.paint.failover import PLAN, RUN, RUNBOOKS, row, run
from tui.console.asking.runs import TAIL, RunsOverSocket
from tui.console.requests import runs as asked
from watch.client import Client
from watch.error import WatchError


class Watch:
    """Says what it was told to, and remembers what it was asked."""

    def __init__(self, path: Path) -> None:
        self.asked: list[tuple[str, object]] = []
        self.answers: dict[str, object] = {}
        watch = self

        class Answers(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None: ...

            def address_string(self) -> str:
                return "unix"

            def do_GET(self) -> None:
                self._say(None)

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self._say(json.loads(self.rfile.read(length)))

            def _say(self, body: object) -> None:
                watch.asked.append((self.path, body))
                answer = watch.answers[self.path.partition("?")[0]]
                raw = isinstance(answer, bytes)
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(200)
                kind = "application/octet-stream" if raw else "application/json"
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        class Server(ThreadingMixIn, UnixStreamServer):
            daemon_threads = True

        self.server = Server(str(path), Answers)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    found = Watch(tmp_path / "watch.sock")
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def runs(watch: Watch, tmp_path: Path) -> RunsOverSocket:
    return RunsOverSocket(Client(tmp_path / "watch.sock"))


def test_what_is_asked_comes_as_values(watch: Watch, runs: RunsOverSocket) -> None:
    watch.answers = {
        "/v1/runbooks": [to_json(each) for each in RUNBOOKS],
        "/v1/runs": [to_json(row())],
        f"/v1/runs/{RUN}": to_json(run()),
        "/v1/plan": to_json(PLAN),
        "/v1/arm": {"word": "w", "until": 7},
        "/v1/disarm": {},
    }
    assert runs.answer(asked.AskRunbooks()) == asked.RunbooksTold(RUNBOOKS)
    assert runs.answer(asked.AskRuns()) == asked.RunsTold((row(),))
    assert runs.answer(asked.AskRun(RUN)) == asked.RunTold(run())
    plan = asked.AskPlan("mail-failover", (("incident", "C-1"),), drill=True)
    assert runs.answer(plan) == asked.PlanTold(PLAN)
    assert watch.asked[-1][1] == {
        "runbook": "mail-failover", "set": {"incident": "C-1"}, "drill": True,
    }  # fmt: skip
    assert runs.answer(asked.Arm()) == asked.Armed("w", 7)
    assert runs.answer(asked.Disarm("w")) == asked.Armed()
    assert watch.asked[-1] == ("/v1/disarm", {"armed": "w"})


def test_whatever_changes_something_carries_the_word(watch: Watch, runs: RunsOverSocket) -> None:
    watch.answers = {"/v1/runs": to_json(row()), f"/v1/runs/{RUN}/abort": to_json(row())}
    hosts = (("web", ("w1", "w2")),)
    start = asked.StartRun("b", (), False, "5a", hosts, "recovery", "why", False, "w")
    assert runs.answer(start) == asked.Begun(row())
    steer = asked.SteerRun(RUN, "abort", (("reason", "why"), ("now", True)), "w")
    assert runs.answer(steer) == asked.Steered(row())
    began, aborted = (body for _, body in watch.asked)
    assert began == {
        "runbook": "b", "set": {}, "drill": False, "sha256": "5a",
        "hosts": {"web": ["w1", "w2"]}, "confirm": "recovery", "reason": "why", "waive": False,
        "armed": "w",
    }  # fmt: skip
    assert aborted == {"reason": "why", "now": True, "armed": "w"}


def test_output_is_hostile_until_it_is_cleaned(watch: Watch, runs: RunsOverSocket) -> None:
    text = b"10%\r20%\r30%\nred \x1b[31m, bell \x07, torn \xe2\x82\n\nlast"
    watch.answers = {f"/v1/runs/{RUN}/output": text}
    told = runs.answer(asked.AskOutput(RUN, "a.1", len(text)))
    assert isinstance(told, asked.OutputTold)
    first, second, third, last = told.printed.lines
    assert (first, third, last) == ("30%", "", "last")
    assert second.isprintable()
    assert "\x1b" not in second
    path, _ = watch.asked[-1]
    assert f"offset=-{TAIL}" in path


def test_the_first_line_of_a_cut_output_is_not_shown_as_if_it_were_whole(
    watch: Watch, runs: RunsOverSocket
) -> None:
    watch.answers = {f"/v1/runs/{RUN}/output": b"f a line\nwhole\n"}
    told = runs.answer(asked.AskOutput(RUN, "a.1", TAIL + 1))
    assert isinstance(told, asked.OutputTold)
    assert told.printed.lines == ("whole",)


def test_nonsense_is_an_error_of_the_watch(watch: Watch, runs: RunsOverSocket) -> None:
    watch.answers = {f"/v1/runs/{RUN}": {"no": "run"}}
    with pytest.raises(WatchError, match="the watch's answer makes no sense"):
        runs.answer(asked.AskRun(RUN))
