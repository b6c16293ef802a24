"""Real terminals of MariaDB 10.11; and a real pair, where it is installed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from math import isnan
from pathlib import Path

import pytest

from collectors.probes.mysql import Mysql
from collectors.runner import Answer
from estate.asked import Asked
from estate.asked import Mysql as AskedMysql
from estate.model import Host
from estate.samples import Gap, Reading

from .cases_of import every_prefix, read
from .mariadb import Server, missing, replicating
from .scripts import run

IN = {"direction": "in"}


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
    assert sent.attributes == {"direction": "out"}
    server, received = read("mysql", "replica")
    assert isinstance(server, Reading)
    assert server.text == "standby"
    assert received == Reading("replication_stream", "127.0.0.1", 0.0, "running", IN)


def test_which_thread_stands_still_and_why() -> None:
    assert stream("denied").text.startswith("IO connecting: error connecting to master 'repl@")
    broken = stream("broken")
    assert broken.text.startswith("SQL stopped: Error 'Table 'app.t' doesn't exist'")
    assert isnan(broken.value)


def test_a_replica_that_is_kept_behind_and_one_that_fetches_nothing() -> None:
    assert stream("delayed") == Reading("replication_stream", "127.0.0.1", 3.0, "running", IN)
    stopped = stream("stopped")
    assert (stopped.text, isnan(stopped.value)) == ("IO stopped", True)


def test_an_account_that_may_not_see_it() -> None:
    [gap] = read("mysql", "no-right", 1)
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("ERROR 1227 (42000) at line 1: Access denied; you need (at least")
    assert "SLAVE MONITOR" in gap.reason


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
    assert found == Reading("replication_stream", "db1", 12.0, "running", IN)


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("mysql", "replica"):
        assert any(isinstance(each, Gap) for each in told)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Server, Server]]:
    """A primary and its replica."""
    if without := missing():
        pytest.skip(f"not installed: {without}")
    with replicating() as servers:
        yield servers


def asked(server: Server, root: Path, user: str = "root") -> tuple[Reading | Gap, ...]:
    """What the probe makes of a server that runs."""
    options = root / "client.cnf"
    options.write_text(f"[client]\nuser={user}\n")
    host = Host("h", "s", asked=Asked(mysql=AskedMysql("", server.socket, str(options))))
    return Mysql().parse(run(Mysql().command(host), root, {}))


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_real_pair(pair: tuple[Server, Server], tmp_path: Path) -> None:
    primary, replica = pair

    def told() -> Reading:
        server, stream = asked(replica, tmp_path)
        assert isinstance(server, Reading) and isinstance(stream, Reading)
        assert (server.text, server.attributes) == ("standby", {"follows": "127.0.0.1"})
        assert stream.subject == "127.0.0.1"
        return stream

    server, sent = asked(primary, tmp_path)
    assert isinstance(server, Reading) and isinstance(sent, Reading)
    assert (server.text, sent.subject, sent.text) == ("primary", "127.0.0.1", "running")
    assert isnan(sent.value)
    until(lambda: told().value == 0)
    assert told().text == "running"

    replica.sql("stop slave; change master to master_delay=3600; start slave")
    primary.sql("insert into app.t values (1)")
    until(lambda: told().value >= 1)
    assert told().text == "running"
    assert replica.sql("select count(*) from app.t") == "0"

    replica.sql("stop slave io_thread")
    assert (told().text, isnan(told().value)) == ("IO stopped", True)

    replica.sql("stop slave; change master to master_delay=0; drop table app.t; start slave")
    until(lambda: told().text.startswith("SQL stopped: Error 'Table 'app.t' doesn't exist'"))
    assert isnan(told().value)
    until(lambda: len(asked(primary, tmp_path)) == 2)  # it still fetches, and is seen to

    primary.sql("create user weak@localhost; grant replica monitor on *.* to weak@localhost")
    server, gap = asked(primary, tmp_path, "weak")
    assert isinstance(server, Reading) and server.text == "primary"
    assert gap == Gap(
        "no replica is seen, and the account has no PROCESS of its own: grant it directly"
    )
    primary.sql("create role seer; grant process on *.* to seer; grant seer to weak@localhost")
    primary.sql("set default role seer for weak@localhost")
    _, sent = asked(primary, tmp_path, "weak")  # by a role it sees, though no table says so
    assert isinstance(sent, Reading) and sent.attributes == {"direction": "out"}
