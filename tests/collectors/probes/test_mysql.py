"""Real terminals of MariaDB 10.11."""

from __future__ import annotations

from math import isnan

from collectors.probes.mysql import Mysql
from collectors.runner import Answer
from estate.samples import Gap, Reading

from .cases_of import every_prefix, read


def stream(case: str) -> Reading:
    [found] = [e for e in read("mysql", case) if isinstance(e, Reading) and "stream" in e.name]
    return found


def test_both_ends() -> None:
    server, _ = read("mysql", "primary")
    assert isinstance(server, Reading)
    assert server.text == "primary"
    sent = stream("primary")
    assert (sent.subject, sent.text) == ("localhost", "running")
    assert isnan(sent.value)  # a primary does not know
    server, received = read("mysql", "replica")
    assert isinstance(server, Reading)
    assert server.text == "standby"
    assert received == Reading("replication_stream", "127.0.0.1", 0.0, "running")


def test_which_thread_stands_still_and_why() -> None:
    assert stream("denied").text.startswith("IO connecting: error connecting to master 'repl@")
    broken = stream("broken")
    assert broken.text.startswith("SQL stopped: Error 'Table 'app.t' doesn't exist'")
    assert isnan(broken.value)


def test_no_server() -> None:
    [gap] = read("mysql", "no-server", 1)
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("ERROR 2002 (HY000): Can't connect to local server")


def test_present_names_of_columns() -> None:
    """MySQL from 8.0.22 on, as its manual has it."""
    table = (
        "== server\nread_only\tversion\n1\t8.4.3\n== replica\n"
        "Source_Host\tReplica_IO_Running\tReplica_SQL_Running\tSeconds_Behind_Source\tLast_IO_Error\n"
        "db1\tYes\tYes\t12\tx\\ny\n== dumps\n== end\n"
    )
    _, found = Mysql().parse(Answer("p", 0, table.encode(), False, 0, 0))
    assert found == Reading("replication_stream", "db1", 12.0, "running")


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("mysql", "replica"):
        assert any(isinstance(each, Gap) for each in told)
