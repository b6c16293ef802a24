"""The console on a real pseudo-terminal, attached to a real socket: what a person sees and does."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from estate.document import Change, Document, HostRow

Attach = Callable[..., Any]


def shows(glass: Any, text: str, seconds: float = 20.0) -> None:
    found = glass.read(seconds, lambda: any(text in row for row in glass.display))
    assert found or any(text in row for row in glass.display), "\n".join(glass.display)


def loses(glass: Any, text: str, seconds: float = 20.0) -> None:
    gone = glass.read(seconds, lambda: not any(text in row for row in glass.display))
    assert gone, "\n".join(glass.display)


def ended(glass: Any, seconds: float = 10.0) -> int:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        glass.read(0.1)
        pid, status = os.waitpid(glass.pid, os.WNOHANG)
        if pid:
            glass.exited = True
            return os.waitstatus_to_exitcode(status)
    pytest.fail("the console did not leave")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40), (200, 50), (40, 10)])
def test_the_board_stands_at_every_size(attach: Attach, columns: int, rows: int) -> None:
    glass = attach(columns, rows)
    shows(glass, "mta-c00")
    shows(glass, "LIVE" if columns > 60 else "mta-c00")


def test_a_walk_by_keys(attach: Attach) -> None:
    glass = attach()
    shows(glass, "LIVE")
    glass.press(":hosts\r")
    shows(glass, "home › hosts")
    glass.press("j\r")
    shows(glass, "hosts › mta-c")
    glass.press("q")
    loses(glass, "› mta-c")
    glass.press("/cpu>50\r")
    shows(glass, "1 of 12 match")
    glass.press("\x1b")
    loses(glass, "of 12 match")
    glass.press("?")
    shows(glass, "the last view, and here again")
    glass.press("-")
    shows(glass, "home › hosts")
    glass.press("\x10r01")
    shows(glass, "host mta-r01")
    glass.press("\r")
    shows(glass, "hosts › mta-r01")
    glass.press(":nonsense\r")
    shows(glass, "no command is called 'nonsense'")
    glass.press(":q\r")
    assert ended(glass) == 0


def test_a_change_moves_the_row_and_nothing_else(
    attach: Attach, fake_watch: Any, make_host: Callable[..., HostRow]
) -> None:
    glass = attach(120, 40)
    shows(glass, "LIVE")
    glass.press(":hosts\r")
    shows(glass, "home › hosts")
    glass.read(0.5)
    row = make_host(3)
    fake_watch.say(Change(2, row.at or 0, (replace(row, values={**row.values, "cpu": 99.0}),)))
    shows(glass, "99%")


def test_resizing_draws_the_page_for_the_new_size(attach: Attach) -> None:
    import fcntl
    import struct
    import termios

    glass = attach(80, 24)
    shows(glass, "LIVE")
    glass.screen.resize(30, 100)
    fcntl.ioctl(glass.file, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    os.kill(glass.pid, signal.SIGWINCH)
    glass.read(10.0, lambda: "read-only" in glass.display[29])
    assert "read-only" in glass.display[29]
    assert "LIVE" in glass.display[0]


def test_a_lost_watch_is_said_and_found_again(attach: Attach, fake_watch: Any) -> None:
    glass = attach(120, 40)
    shows(glass, "LIVE")
    fake_watch.stop()
    shows(glass, "STALE")
    shows(glass, "WATCH UNREACHABLE")
    fake_watch.start()
    loses(glass, "WATCH UNREACHABLE")


def test_a_watch_that_is_slow_to_answer_keeps_nobody_from_leaving(
    attach: Attach, fake_watch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_watch, "_get", lambda request: time.sleep(60))
    glass = attach()
    shows(glass, "Asking the watch for its board.")
    glass.press(":q\r")
    assert ended(glass) == 0


HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m[/foo] [@click=app.quit]x[/] \u202e\r\nend"


def test_hostile_text_never_acts_on_the_terminal(
    attach: Attach, fake_watch: Any, make_board: Callable[..., Document]
) -> None:
    document = make_board()
    rows = dict(document.hosts)
    rows["mta-c00"] = replace(rows["mta-c00"], why=HOSTILE, note=HOSTILE, kernel=HOSTILE)
    problem = replace(document.problems[0], what=HOSTILE, why=HOSTILE)
    event = replace(document.events[0], what=HOSTILE)
    fake_watch.document = replace(document, hosts=rows, problems=(problem,), events=(event,))
    glass = attach(120, 40)
    shows(glass, "LIVE")
    for keys in (":hosts\r", ":problems\r", ":events\r", ":host mta-c00\r"):
        glass.press(keys)
        glass.read(0.7)
    written = b"".join(data for _, data in glass.chunks)
    assert b"owned\x07" not in written
    assert b"\x1b]0;" not in written
    assert "\x9b".encode() not in written
    assert written.count(b"\x1b[2J") <= 1, "only our own first clearing"
    assert any("[/foo]" in row or "@click" in row for row in glass.display)


def test_a_terminal_without_colour_or_unicode(attach: Attach) -> None:
    environ = {"TERM": "vt100", "COLORTERM": "", "LC_ALL": "C"}
    glass = attach(environ=environ)
    shows(glass, "mta-c00")
    glass.read(1.0)
    written = b"".join(data for _, data in glass.chunks)
    assert written.isascii()
    styles = set(b";".join(re.findall(rb"\x1b\[([\d;]*)m", written)).split(b";"))
    assert styles <= {b"", b"0", b"1", b"2", b"7"}, "bold, dim and reverse are no colours"
    assert b"$p" not in written and b"\x1b[>" not in written


def test_sixteen_colours(attach: Attach) -> None:
    glass = attach(environ={"TERM": "xterm", "COLORTERM": ""})
    shows(glass, "LIVE")
    assert b"38;2" not in b"".join(data for _, data in glass.chunks)


def test_settings_are_chosen_kept_and_complained_of(attach: Attach, tmp_path: Any) -> None:
    home = tmp_path / "config" / "twinwatch"
    home.mkdir(parents=True)
    (home / "settings.yaml").write_text("# mine\ntheme: purple\n")
    (home / "keys.yaml").write_text("palette: ctrl+f\nnonsense: x\n")
    glass = attach(160, 40)
    shows(glass, "settings.yaml:2: theme: 'purple' is no choice (+1 more, :settings)")
    glass.press("\x06")  # ctrl-f, as the person wished
    shows(glass, "hosts FILTER")
    glass.press("\x1b")
    loses(glass, "hosts FILTER")  # together with a colon it would be alt-colon
    glass.press(":theme mono\r")
    glass.read(10.0, lambda: "mono" in (home / "settings.yaml").read_text())
    assert (home / "settings.yaml").read_text() == '# mine\ntheme: "mono"\n'


def test_the_screen_is_exported_and_never_over_another(attach: Attach, tmp_path: Any) -> None:
    glass = attach(120, 40, environ={"PWD": str(tmp_path)}, directory=tmp_path)
    shows(glass, "LIVE")
    glass.press("e")
    shows(glass, "written:")
    pictures = list(tmp_path.glob("twinwatch-home-*.svg"))
    assert len(pictures) == 1 and "mta-c00" in pictures[0].read_text()
    assert "mta-c00" in pictures[0].with_suffix(".txt").read_text()


def test_copying_goes_through_the_terminal(attach: Attach) -> None:
    import base64

    glass = attach(120, 40)
    shows(glass, "LIVE")
    glass.press(":hosts\r")
    shows(glass, "home › hosts")
    glass.press("y")
    shows(glass, "copied")
    written = b"".join(data for _, data in glass.chunks)
    encoded = written.partition(b"\x1b]52;c;")[2].partition(b"\x07")[0]
    assert b"mta-c00" in base64.b64decode(encoded)


def test_refreshing_asks_for_the_host_under_the_cursor(attach: Attach, fake_watch: Any) -> None:
    glass = attach(120, 40)
    shows(glass, "LIVE")
    glass.press(":hosts\rR")
    shows(glass, "asked mta-c00 now")
    assert ("/v1/refresh", '{"host": "mta-c00"}') in fake_watch.asked


def test_a_click_selects_and_a_double_click_opens(attach: Attach) -> None:
    glass = attach(120, 40)
    shows(glass, "LIVE")
    glass.press(":hosts\r")
    shows(glass, "home › hosts")
    row = next(y for y, text in enumerate(glass.display) if "mta-c04" in text)
    click = f"\x1b[<0;10;{row + 1}M\x1b[<0;10;{row + 1}m"
    glass.press(click)
    assert glass.read(10.0, lambda: glass.display[row].startswith("▌"))
    glass.press(click + click)
    shows(glass, "hosts › mta-c04")


def test_sigterm_gives_the_terminal_back(attach: Attach) -> None:
    glass = attach()
    shows(glass, "LIVE")
    os.kill(glass.pid, signal.SIGTERM)
    assert ended(glass) == 0
    assert b"\x1b[?1049l" in b"".join(data for _, data in glass.chunks)


def test_ctrl_l_draws_again_what_somebody_else_wrote_over(attach: Attach) -> None:
    glass = attach()
    shows(glass, "LIVE")
    glass.read(0.5)
    glass.screen.reset()
    glass.screen.draw("Message from root@bastion: rebooting")
    glass.press("\x0c")
    shows(glass, "mta-c00")
    assert not any("rebooting" in row for row in glass.display)


def stopped(pid: int) -> bool:
    """Whether the process is stopped, by proc(5)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("stopped_by", ["ctrl-z", "SIGSTOP"])
def test_after_a_suspension_the_screen_is_whole_again(attach: Attach, stopped_by: str) -> None:
    glass = attach()
    shows(glass, "LIVE")
    if stopped_by == "ctrl-z":
        glass.press("\x1a")
        assert glass.read(10.0, lambda: b"\x1b[?1049l" in glass.chunks[-1][1])
    else:
        os.kill(glass.pid, signal.SIGSTOP)
    # To continue what has not stopped yet would leave it stopped for ever.
    until = time.monotonic() + 10
    while not stopped(glass.pid):
        glass.read(0.05)
        assert time.monotonic() < until
    glass.screen.reset()  # the shell, or another program, wrote all over it
    glass.screen.draw("$ ls")
    os.kill(glass.pid, signal.SIGCONT)
    loses(glass, "$ ls")  # what was under way before the stop may still arrive first
    shows(glass, "mta-c00")
    glass.press(":hosts\r")
    shows(glass, "home › hosts")


def test_the_bell_rings_for_a_new_critical_problem_if_wished(
    attach: Attach, fake_watch: Any, tmp_path: Any
) -> None:
    home = tmp_path / "config" / "twinwatch"
    home.mkdir(parents=True)
    (home / "settings.yaml").write_text("bell: on\n")
    glass = attach()
    shows(glass, "LIVE")
    old = fake_watch.document.problems
    new = replace(old[0], id="mta-c02/cpu", where="mta-c02", what="cpu 99%")
    size = len(glass.chunks)
    fake_watch.say(Change(2, fake_watch.document.at, problems=(*old, new)))
    assert glass.read(10.0, lambda: any(b"\x07" in data for _, data in glass.chunks[size:]))


def test_at_4_kilobytes_a_second_a_key_echoes_within_half_a_second(
    attach: Attach, fake_watch: Any
) -> None:
    """The link is slow in its own time: the promise is bytes ahead of the echo, at 4 KB/s."""
    glass = attach(80, 24, bytes_per_second=4_000)
    shows(glass, "LIVE", 30.0)
    glass.read(6.0)  # whatever the first page left in the kernel's buffers
    document = fake_watch.document
    sequence = document.seq
    for step in range(6):
        sequence += 1
        rows = tuple(
            replace(row, at=document.at + 2_000 * step, values={**row.values, "cpu": 10.0 * step})
            for row in document.hosts.values()
        )
        fake_watch.say(Change(sequence, document.at + 2_000 * step, rows))
        glass.press("j")
        before = glass.byte_count
        marked = [y for y, text in enumerate(glass.display) if text.startswith("▌")]
        moved = glass.read(
            5.0,
            lambda marked=marked: (
                [y for y, text in enumerate(glass.display) if text.startswith("▌")]
                not in ([], marked)
            ),
        )
        assert moved and glass.byte_count - before <= 2_000, (
            f"{glass.byte_count - before} bytes first"
        )
        glass.read(1.0)


def test_severity_is_not_colour_alone(attach: Attach) -> None:
    glass = attach(environ={"NO_COLOR": "1"})
    shows(glass, "mta-c00")
    row = next(text for text in glass.display if "mta-c00" in text)
    assert "✘" in row or "!" in row
