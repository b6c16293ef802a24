"""Writing to what may be slow, shared or gone."""

from __future__ import annotations

import os
import threading

from tui.console.terminal.outlet import Outlet


def test_all_of_it_is_written_also_where_writes_do_not_wait() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    text = "磁碟 " * 100_000  # more than a pipe holds
    counted: list[int] = []
    outlet = Outlet(writing, "utf-8", counted.append)

    def write() -> None:
        outlet.write(text)
        os.close(writing)

    writer = threading.Thread(target=write)
    writer.start()
    read = b""
    while data := os.read(reading, 65_536):
        read += data
    writer.join()
    os.close(reading)
    assert read.decode() == text
    assert counted == [len(text)]


def test_what_the_encoding_lacks_is_a_question_mark() -> None:
    reading, writing = os.pipe()
    Outlet(writing, "latin-1", lambda size: None).write("é磁")
    assert os.read(reading, 10) == b"\xe9?"
    os.close(reading)
    os.close(writing)


def test_a_hang_up_is_noticed_and_survived() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    outlet = Outlet(writing, "utf-8", lambda size: None)
    assert not outlet.gone
    outlet.write("nobody is there")
    outlet.write("still nobody")
    os.close(writing)
    assert outlet.gone
