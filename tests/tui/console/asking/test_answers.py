"""An answer is a value, or one clear error."""

from __future__ import annotations

import pytest

from estate.past import Moment
from tui.console.asking.answers import read
from watch.client import Client
from watch.error import WatchError


def test_an_answer_is_a_value() -> None:
    assert read(Moment, {"at": 5, "critical": 2}, Client("/run/w.sock")) == Moment(5, 2)


@pytest.mark.parametrize("nonsense", [None, [], "", {}, [{"at": 5}]])
def test_one_that_makes_no_sense_says_whose_it_was_and_what_to_do(nonsense: object) -> None:
    with pytest.raises(WatchError) as raised:
        read(Moment, nonsense, Client("/run/w.sock"))
    error = raised.value
    assert (error.what, error.where) == ("the watch's answer makes no sense", "/run/w.sock")
    assert error.why
    assert error.do == "restart it: it may be of another version"
