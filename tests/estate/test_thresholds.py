"""Which threshold stands before which."""

from __future__ import annotations

from estate.filter import parse
from estate.metrics import INDEX
from estate.model import Threshold
from estate.thresholds import DEFAULTS, DERIVED, JUDGED, with_defaults


def test_every_default_judges_something_known_and_once() -> None:
    metrics = [threshold.metric for threshold in DEFAULTS]
    assert set(metrics) <= set(JUDGED)
    assert len(set(metrics)) == len(metrics)
    assert not {metric.name for metric in DERIVED} & set(INDEX)


def test_limits_of_a_default_rise_towards_critical() -> None:
    for threshold in DEFAULTS:
        if threshold.warn is not None and threshold.critical is not None:
            assert (threshold.warn < threshold.critical) is threshold.above, threshold


def test_an_estates_own_threshold_replaces_the_default() -> None:
    own = Threshold("cpu", 50, 60, 0)
    assert [each for each in with_defaults([own]) if each.metric == "cpu"] == [own]


def test_the_particular_stands_before_the_general_and_keeps_the_default_behind_it() -> None:
    particular = Threshold("cpu", 50, 60, 0, where="group:db")
    default = next(each for each in DEFAULTS if each.metric == "cpu")
    first, second = (each for each in with_defaults([particular]) if each.metric == "cpu")
    assert (first, second) == (particular, default)
    assert parse(first.where).matches({"group": ("db",)})
