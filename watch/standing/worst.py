"""A host's own figure of things with names: that of the worst of them."""

from __future__ import annotations

from math import isfinite

from estate.thresholds import DEFAULTS
from watch.standing.told import Figures

#: Metrics of which less is worse.
_LESS_IS_WORSE = frozenset(each.metric for each in DEFAULTS if not each.above)


def worst(named: Figures) -> dict[str, float]:
    """By metric, the figure of the worst; a metric of which nothing is known is absent."""
    found: dict[str, float] = {}
    for metric, figures in named.items():
        known = [value for value in figures.values() if isfinite(value)]
        if known:
            found[metric] = min(known) if metric in _LESS_IS_WORSE else max(known)
    return found
