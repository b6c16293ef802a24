"""A text that knows how it was said is its English, across the wire and in any language."""

from __future__ import annotations

import copy
import json
import pickle
from gettext import NullTranslations

from hypothesis import given
from hypothesis import strategies as st

from estate.document import Event, Problem, Severity
from estate.language import ENGLISH, Words
from estate.samples import Cause, Stage
from estate.told import Told, told
from estate.wire import from_json, to_json


class German(NullTranslations):
    def gettext(self, message: str) -> str:
        return {"lost: {why}": "weg: {why}", "no answer in {time}": "stumm seit {time}"}.get(
            message, message
        )


WORDS = Words("de", German())
LOST = told("lost: {why}", why=told("no answer in {time}", time="2 s"))


def test_it_is_its_english() -> None:
    assert LOST == "lost: no answer in 2 s"
    assert LOST.startswith("lost")
    assert hash(LOST) == hash("lost: no answer in 2 s")
    assert json.dumps(LOST) == '"lost: no answer in 2 s"'


def test_another_language_says_it_with_its_parts() -> None:
    assert WORDS.retold(LOST) == "weg: stumm seit 2 s"
    assert ENGLISH.retold(LOST) is LOST
    assert WORDS.retold("lost: no answer in 2 s") == "lost: no answer in 2 s"


def test_it_crosses_the_wire_beside_its_english() -> None:
    problem = Problem("a/reach", "a", LOST, "plain", Severity.CRITICAL, 1)
    raw = json.loads(json.dumps(to_json(problem)))
    assert raw["what"] == "lost: no answer in 2 s"
    assert raw["told"] == {
        "what": ["lost: {why}", {"why": ["no answer in {time}", {"time": "2 s"}]}]
    }
    read = from_json(Problem, raw)
    assert read == problem
    assert WORDS.retold(read.what) == "weg: stumm seit 2 s"
    assert not isinstance(read.why, Told)
    cause = from_json(Cause, to_json(Cause(Stage.CONNECT, LOST)))
    assert isinstance(cause.what, Told)


def test_what_contradicts_its_english_is_not_believed() -> None:
    event = Event(1, 2, Severity.OK, "a", LOST)
    for lie in (["all is well", {}], ["lost: {why", {}], ["{}", {}], ["{why.x}", {"why": "y"}]):
        raw = {**json.loads(json.dumps(to_json(event))), "told": {"what": lie, "nothing": lie}}
        read = from_json(Event, raw)
        assert read.what == "lost: no answer in 2 s"
        assert not isinstance(read.what, Told)


def test_copies_know_it_too() -> None:
    for other in (copy.copy(LOST), copy.deepcopy(LOST), pickle.loads(pickle.dumps(LOST))):
        assert isinstance(other, Told)
        assert WORDS.retold(other) == "weg: stumm seit 2 s"


@given(st.text())
def test_whatever_a_host_says_is_never_a_sentence(said: str) -> None:
    text = told("lost: {why}", why=said)
    assert text == f"lost: {said}"
    assert WORDS.retold(text) == f"weg: {said}"
    assert from_json(Event, to_json(Event(1, 2, Severity.OK, "a", text))).what == text
