"""The desk of notices of a watch, put together; imported once the board is on its way."""

from __future__ import annotations

import os

from watch.clock import now_ms
from watch.languages import words_in
from watch.notices import file
from watch.notices.desk import KeepsNotices, NoticeDesk, Told


def notices(keeper: KeepsNotices, watch: Told) -> NoticeDesk:
    """The desk of this process's user; its file is looked for again whenever it is looked at."""
    return NoticeDesk(
        keeper, watch, where=lambda: file.place(os.environ), words=words_in, now=now_ms
    )
