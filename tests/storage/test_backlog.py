"""What waits in memory: order, bounds, and an honest count."""

from estate.document import Event, Severity
from estate.samples import Sample
from storage.backlog import Backlog
from storage.records import Board


def sample(at: int, host: str = "a") -> Sample:
    return Sample(host, at, (1.0,), 1.0, 1, 1.0)


def event(number: int) -> Event:
    return Event(number, number, Severity.OK, "a", "happened")


def test_what_was_committed_leaves_and_what_came_since_stays() -> None:
    backlog = Backlog(100, 100)
    backlog.put([sample(1), sample(2), sample(3)], [event(1)])
    backlog.put_board(Board(1, b"one"))
    batch = backlog.batch(2)
    backlog.put([sample(4)], [event(2)])
    backlog.put_board(Board(2, b"two"))
    backlog.forget(batch)

    rest = backlog.batch(10)
    assert [s.at for s in batch.ticks] == [1, 2]
    assert [s.at for s in rest.ticks] == [3, 4]
    assert [e.id for e in rest.events] == [2]
    assert rest.board == Board(2, b"two")


def test_the_oldest_is_given_up_and_counted() -> None:
    backlog = Backlog(3, 1)
    backlog.put([sample(at) for at in range(5)], [event(1), event(2)])
    assert [s.at for s in backlog.batch(9).ticks] == [2, 3, 4]
    assert [e.id for e in backlog.events()] == [2]
    assert backlog.dropped == 3


def test_what_was_given_up_while_it_was_written_is_not_forgotten_twice() -> None:
    backlog = Backlog(3, 9)
    backlog.put([sample(1), sample(2), sample(3)], [])
    batch = backlog.batch(2)
    backlog.put([sample(4)], [])  # gives up 1
    backlog.forget(batch)
    assert [s.at for s in backlog.batch(9).ticks] == [3, 4]


def test_a_board_alone_makes_it_wait() -> None:
    backlog = Backlog(3, 3)
    assert not backlog
    backlog.put_board(Board(1, b"{}"))
    assert backlog
    assert backlog.batch(1)
    backlog.forget(backlog.batch(1))
    assert not backlog


def test_samples_of_one_host() -> None:
    backlog = Backlog(9, 9)
    backlog.put([sample(1, "a"), sample(2, "b"), sample(3, "a")], [])
    assert [s.at for s in backlog.ticks("a")] == [1, 3]
