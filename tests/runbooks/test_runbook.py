"""The nouns: what a runbook is pinned by, and when two steps do the same."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from runbooks.fingerprint import fingerprint
from runbooks.runbook import Act, Do, OnFailure, Rolling, Runbook

DO = Do(id="a", say="A", line=3, hosts=("h",), timeout_ms=1_000, sh="a", done_when="b")


def test_what_is_said_or_follows_does_not_change_what_is_done() -> None:
    same = replace(
        DO, id="z", say="Z", line=9, needs=(("x",),), takes_ms=5, if_fails=OnFailure(Act.ASK)
    )
    assert fingerprint(same) == fingerprint(DO)
    for other in (replace(DO, sh="c"), replace(DO, hosts=("i",)), replace(DO, as_user="root")):
        assert fingerprint(other) != fingerprint(DO)


def test_the_steps_within_count_as_what_they_do() -> None:
    rolling = Rolling(id="r", say="R", hosts=("h",), each=(DO,))
    same = replace(rolling, each=(replace(DO, say="Z", id="z"),))
    assert fingerprint(same) == fingerprint(rolling)
    assert fingerprint(replace(rolling, each=(replace(DO, sh="c"),))) != fingerprint(rolling)


def test_a_runbook_is_pinned_by_its_bytes() -> None:
    book = Runbook(name="x", title="x", version=1, steps=(DO,), text="é")
    assert book.sha256 == hashlib.sha256("é".encode()).hexdigest()


def test_all_steps_are_in_the_order_of_the_file() -> None:
    inner, last = replace(DO, id="i"), replace(DO, id="l")
    rolling = Rolling(id="r", say="R", hosts=("h",), each=(inner,), then_always=(last,))
    book = Runbook(name="x", title="x", version=1, steps=(rolling, DO))
    assert [step.id for step in book.all_steps()] == ["r", "i", "l", "a"]
