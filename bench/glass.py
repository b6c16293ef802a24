"""A terminal that a program under test believes in: a pseudo-terminal, an emulator, a stopwatch.

Answers what modern terminals answer (cursor position, device attributes, synchronised output),
and can read as slowly as a bad link does.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

from bench.cost import family, process_seconds

#: What pyte would print: private CSI sequences with these introducers, and mode requests.
_FOREIGN = re.compile(rb"\x1b\[[<>=][0-9;]*[A-Za-z]|\x1b\[\??[0-9;]*\$[a-z]|\x1b\][^\x07]*\x07")
_SLICE_SECONDS = 0.01
_ANSWERS = {
    b"\x1b[6n": b"\x1b[7;7R",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
}
_LONGEST = max(len(question) for question in _ANSWERS) - 1
_QUESTIONS = re.compile(b"|".join(re.escape(question) for question in _ANSWERS))


class Glass:
    """`command` on a terminal of `columns` × `rows`; everything it writes is kept with its time.

    `bytes_per_second` slows the reading down; None reads as fast as it comes.
    """

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 120,
        rows: int = 40,
        environ: Mapping[str, str] | None = None,
        bytes_per_second: float | None = None,
        directory: Path | None = None,
    ) -> None:
        self.started = time.monotonic()
        self.chunks: list[tuple[float, bytes]] = []
        self.screen = pyte.Screen(columns, rows)
        self._unanswered = b""
        self._show = self.replay(self.screen)
        self._rate = bytes_per_second
        self._budget_at = self.started
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.environ.update(
                {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
            )
            os.environ.update(environ or {})
            os.chdir(directory or ".")
            os.execvp(command[0], list(command))
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @staticmethod
    def replay(screen: pyte.Screen) -> Callable[[bytes], None]:
        """A function that shows what was read on another screen, chunk by chunk."""
        stream = pyte.ByteStream(screen)
        pending = b""

        def show(data: bytes) -> None:
            nonlocal pending
            whole, pending = _split(pending + data)
            stream.feed(whole)

        return show

    @property
    def byte_count(self) -> int:
        """How many were read so far."""
        return sum(len(data) for _, data in self.chunks)

    @property
    def display(self) -> list[str]:
        """The screen's rows."""
        return list(self.screen.display)

    def read(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Read for so long, or until `until` holds after a read; True if it did."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if not self._read_once(min(left, _SLICE_SECONDS if self._rate else left)):
                return until is not None and until()
            if until is not None and until():
                return True
        return False

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.file, keys.encode())

    def family(self) -> list[int]:
        """The program and its descendants."""
        return [self.pid, *family(self.pid, ())]

    def cpu_seconds(self) -> float:
        """Processor time of all of them so far."""
        return sum(process_seconds(pid) for pid in self.family())

    def resident_bytes(self) -> int:
        """Resident memory of all of them."""
        total = 0
        for pid in self.family():
            try:
                pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (OSError, IndexError):
                continue
            total += pages * os.sysconf("SC_PAGE_SIZE")
        return total

    def close(self, keys: str = "") -> None:
        """Ask it to leave by `keys`, then end it."""
        try:
            if keys:
                self.press(keys)
                self._rate = None
                self.read(1.5)
        except OSError:
            pass
        for pid in self.family():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        os.close(self.file)
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass  # its end was already seen

    def _read_once(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.file], [], [], seconds)
        size = self._allowed()
        if not ready:
            return True
        if size == 0:
            time.sleep(_SLICE_SECONDS)
            return True
        try:
            data = os.read(self.file, size)
        except OSError:
            return False
        if not data:
            return False
        self.chunks.append((time.monotonic() - self.started, data))
        self._answer(data)
        self._show(data)
        return True

    def _allowed(self) -> int:
        if self._rate is None:
            return 65_536
        now = time.monotonic()
        # An idle link saves up no more than one slice.
        self._budget_at = max(self._budget_at, now - 2 * _SLICE_SECONDS)
        size = int((now - self._budget_at) * self._rate)
        self._budget_at += size / self._rate
        return size

    def _answer(self, data: bytes) -> None:
        """Answer every question, also one that two reads cut in two."""
        self._unanswered += data
        end = 0
        for found in _QUESTIONS.finditer(self._unanswered):
            os.write(self.file, _ANSWERS[found.group()])
            end = found.end()
        self._unanswered = self._unanswered[max(end, len(self._unanswered) - _LONGEST) :]


def _split(data: bytes) -> tuple[bytes, bytes]:
    """What the emulator can be fed, and a sequence that a read cut in two."""
    cut = data.rfind(b"\x1b", -32)
    whole = cut < 0 or re.match(rb"\x1b(\[[^A-Za-z~]*[A-Za-z~]|\][^\x07]*\x07|[^\[\]])", data[cut:])
    end = len(data) if whole else cut
    return _FOREIGN.sub(b"", data[:end]), data[end:]
