"""How much may be on its way to the terminal before the next frame waits.

A write that returns says only that a kernel took the bytes: a pseudo-terminal, a socket and an SSH
channel hold tens of kilobytes, which at 4 KB/s is a key echo after ten seconds. So the console
asks the terminal for its cursor position (DSR 6, ECMA-48) behind what it wrote; the answer says
that everything before it was seen. As TCP's BBR does, the answers give the rate of the link, and
what may be on its way is what the link carries in `QUEUE_SECONDS`.

Sans-IO: seconds go in as `now`, and nothing here sleeps. A terminal that never answered is not
waited for.
"""

from __future__ import annotations

from collections import deque

QUESTION = "\x1b[6n"

#: A key echo waits for what is on its way before it; the goal is half a second.
QUEUE_SECONDS = 0.2
#: Always allowed: a key's echo and a cadence's figures at 80 hosts fit into it.
SMALLEST_WINDOW = 700
#: Asking costs four bytes here and six back, so it is not done for every figure.
ASK_EVERY = 300
#: A terminal that answered and has not for so long was replaced, or lost the question.
FORGOTTEN_SECONDS = 8.0


class Pace:
    """Counts what is on its way. All sizes in bytes, all times in monotonic seconds."""

    def __init__(self) -> None:
        self._questions: deque[tuple[int, float, int]] = deque()  # sent up to, when, how much
        self._sent = 0
        self._seen = 0
        self._asked = 0
        self._answers = False
        self._bytes_per_second = 0.0

    @property
    def on_the_way(self) -> int:
        """Bytes written and not known to be seen."""
        return self._sent - self._seen

    @property
    def asked(self) -> bool:
        """Whether an answer is still to come, which nobody else should read."""
        return bool(self._questions)

    @property
    def window(self) -> int:
        """Bytes that may be on their way when a frame is sent."""
        return max(SMALLEST_WINDOW, int(self._bytes_per_second * QUEUE_SECONDS))

    def sent(self, size: int, now: float) -> bool:
        """`size` bytes were written. True where a `QUESTION` must follow them."""
        self._sent += size
        if self._sent - self._asked < ASK_EVERY:
            return False
        self._questions.append((self._sent, now, self._sent - self._seen))
        self._asked = self._sent
        return True

    def answered(self, now: float) -> None:
        """The terminal answered its oldest question."""
        if not self._questions:
            return  # an F3 with a modifier looks the same
        seen, asked_at, size = self._questions.popleft()
        self._answers = True
        self._seen = seen
        measured = size / max(now - asked_at, 1e-4)
        # A small write measures the round trip, not the rate: only a rise is believed at once.
        self._bytes_per_second = max(measured, 0.8 * self._bytes_per_second)

    def ready(self, now: float) -> bool:
        """Whether a frame may be written now."""
        if not self._answers or self.on_the_way <= self.window:
            return True
        return self.lost(now)

    def lost(self, now: float) -> bool:
        """Whether an answer is so late that what the terminal shows is no longer known."""
        return (
            self._answers
            and bool(self._questions)
            and now - self._questions[0][1] > FORGOTTEN_SECONDS
        )

    def restart(self) -> None:
        """Forget what is on its way: the screen will be drawn afresh."""
        self._questions.clear()
        self._seen = self._asked = self._sent
        self._answers = False
