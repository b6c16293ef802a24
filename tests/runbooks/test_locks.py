"""Locks: one run at a time, epochs that only grow, held until their run has ended."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.locks import Locks, locks_from_json, locks_to_json

NAMES = ("service/mail", "host/db1")


def test_a_lock_has_one_owner() -> None:
    locks, epoch = Locks().taken(NAMES, "r-1")
    assert epoch == 1 and locks.held() == dict.fromkeys(NAMES, "r-1")
    assert locks.reasons(NAMES, "r-1") == ()
    assert [str(each) for each in locks.reasons(["host/db1", "host/db2"], "r-2")] == [
        "host/db1 is held by run r-1 — wait for it to end, abort it, or take its locks over with a reason"
    ]


def test_an_epoch_is_above_every_one_before_it() -> None:
    locks, _ = Locks().taken(["a"], "r-1")
    locks, second = locks.released("r-1").taken(["a", "b"], "r-2")
    locks = locks.raised(["a", "b"], "r-2", 7)  # a host knew of a later one
    _, third = locks.released("r-2").taken(["b"], "r-3")
    assert (second, third) == (2, 8)


def test_what_the_hosts_knew_of_a_run_is_remembered_when_it_ends() -> None:
    locks, _ = Locks().taken(["a", "b"], "r-1")
    locks, _ = locks.taken(["b"], "r-2")
    locks = locks.released_since("r-1", 9)
    assert (locks.locks["a"].epoch, locks.locks["b"].epoch) == (9, 2)
    assert locks.held() == {"b": "r-2"}


def test_a_run_that_never_began_holds_nothing() -> None:
    locks, _ = Locks().taken(["a"], "r-1")
    locks, _ = locks.taken(["b"], "r-2")
    assert locks.without_owners_but(["r-2"]).held() == {"b": "r-2"}


def test_what_an_older_watch_kept_is_read_and_what_is_no_lock_is_refused() -> None:
    older = {"a": {"name": "a", "epoch": 3, "owner": "r-1", "expires_at": 1}}
    assert locks_from_json(older).held() == {"a": "r-1"}, "a run that waits for days holds it"
    for raw in ({"a": {"epoch": 3}}, {"a": {"epoch": "3", "owner": ""}}, {"a": 3}):
        with pytest.raises(ValueError, match="these are no locks"):
            locks_from_json(raw)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["take", "release"]), st.sets(st.sampled_from("abc")), st.integers(1, 4)
    )
)


@given(ACTS)
def test_whatever_is_done_epochs_grow_and_owners_are_alone(
    acts: list[tuple[str, set[str], int]],
) -> None:
    locks = Locks()
    for act, names, number in acts:
        owner, before = f"r-{number}", locks
        if act == "release":
            locks = locks.released(owner)
        elif not locks.reasons(names, owner):
            locks, epoch = locks.taken(sorted(names), owner)
            assert all(before.locks[name].epoch < epoch for name in names if name in before.locks)
        for name, lock in before.locks.items():
            assert locks.locks[name].epoch >= lock.epoch
        assert locks_from_json(json.loads(json.dumps(locks_to_json(locks)))) == locks
