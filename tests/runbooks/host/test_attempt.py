"""Names of attempts: the same for the same, different for the different, and fit for a host."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from runbooks.host.attempt import Attempt


def test_a_plain_name_is_kept_as_it_is() -> None:
    attempt = Attempt("r-20261120-1302-ab12", "clients-verified", "mdb-r01", 2)
    assert attempt.id == "r-20261120-1302-ab12.clients-verified.mdb-r01.2"


def test_what_had_to_be_changed_has_a_digest_of_what_it_was() -> None:
    attempt = Attempt("r-1", "Drain it", "mdb-r01.example.org", 1)
    assert attempt.id == "r-1.drain-it-a9aac673.mdb-r01-example-org-97c77a7b.1"


@given(*[st.text(max_size=200)] * 3, st.integers(1, 99))
def test_every_name_is_fit_for_a_host(run: str, step: str, host: str, number: int) -> None:
    name = Attempt(run, step, host, number).id
    assert re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+\.[a-z0-9-]+\.[0-9]+", name)
    assert len(name) <= 180
    assert not name.startswith("-")


@given(st.lists(st.text(max_size=60), min_size=2, max_size=2, unique=True))
def test_different_steps_have_different_names(steps: list[str]) -> None:
    one, other = (Attempt("r-1", step, "h", 1).id for step in steps)
    assert one != other
