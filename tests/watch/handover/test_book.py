"""What facts come to: the same whether they are said now or read back."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from estate.handover import (
    Answer,
    Answered,
    Closed,
    Item,
    Note,
    NoteKind,
    Offered,
    Overdue,
    Replied,
    Signed,
)
from watch.handover.book import Book, Fact, fact_from_json, fact_to_json

names = st.sampled_from(["1", "2", "3"])
people = st.sampled_from(["op", "chan"])
times = st.integers(0, 10**6)
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(Note, id=names, kind=st.sampled_from(NoteKind), text=st.text(max_size=5), by=people,
              at=times, promised_until=st.none() | times, tenants=st.just(("T1",))),
    st.builds(Closed, note=names, by=people, at=times, why=st.just("over")),
    st.builds(Offered, id=names, by=people, at=times, sha256=st.just("0"),
              items=st.just((Item("problem:a", "problem", "a", "x"), Item("note:1", "note", "1", "y")))),
    st.builds(Answered, handover=names, item=st.sampled_from(["problem:a", "note:1", "z"]),
              answer=st.sampled_from(Answer), by=people, at=times),
    st.builds(Replied, handover=names, item=st.sampled_from(["problem:a", "note:1", "z"]), by=people,
              at=times, text=st.just("since 03:00")),
    st.builds(Overdue, handover=names, at=times),
    st.builds(Signed, handover=names, by=people, at=times, sha256=st.just("0")),
)  # fmt: skip


@given(st.lists(facts, max_size=30))
def test_a_book_is_its_facts(said: list[Fact]) -> None:
    book = Book()
    for fact in said:
        book.apply(fact)
    lines = [json.loads(json.dumps(fact_to_json(fact))) for fact in said]
    read = Book(fact for fact in map(fact_from_json, lines) if fact is not None)
    assert (read.notes, read.handovers) == (book.notes, book.handovers)
    waiting = [each for each in book.handovers if each.signed is None and not each.superseded]
    assert len(waiting) <= 1  # one at a time is to be taken
    for each in book.handovers:
        assert each.owner == (each.signed.by if each.signed else each.offered.by)
        assert len({answer.item for answer in each.answers}) == len(each.answers)
        assert len({asked.item for asked in each.carried}) == len(each.carried)
        assert all(asked.answer is not Answer.ACCEPTED for asked in each.carried)


said_of = st.lists(
    st.tuples(st.sampled_from(["problem:a", "note:1"]), st.none() | st.sampled_from(Answer), times)
)


@given(st.integers(0, 10**6), said_of, said_of)
def test_what_is_open_is_what_was_asked_last(
    at: int, first: list[tuple[str, Answer | None, int]], then: list[tuple[str, Answer | None, int]]
) -> None:
    """By the order of the record, over two offers and whatever clocks; None is a reply."""
    items = (Item("problem:a", "problem", "a", "x"), Item("note:1", "note", "1", "y"))
    book, last = Book(), dict[str, Answer | None]()
    for name, words in (("1", first), ("2", then)):
        book.apply(Offered(name, "op", at, "0", items))
        for item, answer, when in words:
            last[item] = answer
            if answer is None:
                book.apply(Replied(name, item, "op", when, "since 03:00"))
            else:
                book.apply(Answered(name, item, answer, "chan", when, "since when?"))
    open_ = {item for item, answer in last.items() if answer not in (None, Answer.ACCEPTED)}
    asked = [each.item for each in book.handovers[0].questions]
    assert sorted(asked) == sorted(open_)


def test_a_question_that_was_carried_ends_by_being_accepted() -> None:
    items = (Item("note:1", "note", "1", "y"),)
    book = Book((Offered("1", "op", 5, "0", items),
                 Answered("1", "note:1", Answer.QUESTIONED, "chan", 6, "since when?"),
                 Offered("2", "op", 7, "0", items)))  # fmt: skip
    (asked,) = book.handovers[0].questions
    assert asked.handover == "1"
    book.apply(Answered("2", "note:1", Answer.ACCEPTED, "chan", 4))  # the clock was set back
    assert book.handovers[0].questions == ()
    assert book.handovers[0].carried == (asked,)  # what was said stays to be read


def test_a_fact_of_a_later_version_is_passed_over() -> None:
    assert fact_from_json({"fact": "moon", "phase": 1}) is None
