"""The board for other monitors: OpenMetrics text, written by prometheus-client.

Every figure carries the time at which it was measured, and a host that is not live has no figures
at all: a scraper that keeps the last value must not make an old one look fresh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric, StateSetMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from estate.document import Document, Severity
from estate.metrics import METRICS
from estate.queues import QueueRow
from estate.samples import Reach
from estate.thresholds import DERIVED
from watch.ledger.openmetrics import services
from watch.standing.metrics import families

CONTENT_TYPE = CONTENT_TYPE_LATEST

#: A unit at the end of the name; the derived metrics carry theirs already.
_UNITS = {"%": "percent", "B/s": "bytes_per_second", "B": "bytes", "/s": "per_second", "W": "watts"}

_QUEUE_FIGURES: tuple[tuple[str, str, Callable[[QueueRow], float | None]], ...] = (
    ("depth", "What waits in the queue.", lambda row: row.depth),
    ("oldest_seconds", "How long the oldest has waited.", lambda row: row.oldest_seconds),
    ("net_per_minute", "By how much it grows in a minute.", lambda row: row.net_per_minute),
    ("full_in_seconds", "Until it is full.", lambda row: row.full_in_seconds),
)


def page(document: Document, watch: Mapping[str, float]) -> bytes:
    """The board, and `watch`'s own figures by name, as one OpenMetrics page."""
    registry = CollectorRegistry()
    registry.register(_Board(document, watch))
    return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]


class _Board(Collector):
    def __init__(self, document: Document, watch: Mapping[str, float]) -> None:
        self._document, self._watch = document, watch

    def describe(self) -> list[Metric]:
        return []  # the registry would else collect once just to learn the names

    def collect(self) -> Iterator[Metric]:
        yield from self._figures()
        yield self._reach()
        yield self._problems()
        yield from self._queues()
        yield from families(self._document, self._document.at)
        yield from services(self._document)
        for name, value in self._watch.items():
            family = GaugeMetricFamily(f"twinwatch_watch_{name}", f"The watch's own {name}.")
            family.add_metric([], value)
            yield family

    def _figures(self) -> Iterator[Metric]:
        live = [row for row in self._document.hosts.values() if row.reach is Reach.LIVE]
        for metric in (*METRICS, *DERIVED):
            unit = _UNITS.get(metric.unit, "")
            name = f"twinwatch_host_{metric.name}" + (f"_{unit}" if unit else "")
            family = GaugeMetricFamily(name, f"{metric.title}.", labels=["host", "site"])
            for row in live:
                if metric.name in row.values and row.at is not None:
                    family.add_metric(
                        [row.name, row.site], row.values[metric.name], timestamp=row.at / 1000
                    )
            yield family

    def _reach(self) -> Metric:
        family = StateSetMetricFamily(
            "twinwatch_host_reach", "How far the watch gets to a host.", labels=["host", "site"]
        )
        for row in self._document.hosts.values():
            family.add_metric(
                [row.name, row.site], {reach.value: row.reach is reach for reach in Reach}
            )
        return family

    def _queues(self) -> Iterator[Metric]:
        """Queues whose every host answered: a part of one would look like all of it."""
        known = [row for row in self._document.queues if row.at and not row.missing]
        for name, title, figure in _QUEUE_FIGURES:
            family = GaugeMetricFamily(
                f"twinwatch_queue_{name}", title, labels=["queue", "kind", "site", "service"]
            )
            for row in known:
                value = figure(row)
                if value is not None and row.at is not None:
                    labels = [row.name, row.kind, row.site, row.service]
                    family.add_metric(labels, value, timestamp=row.at / 1000)
            yield family

    def _problems(self) -> Metric:
        family = GaugeMetricFamily(
            "twinwatch_problems", "Problems, consequences not counted.", labels=["severity"]
        )
        for severity in (Severity.CRITICAL, Severity.WARNING, Severity.UNKNOWN):
            roots = [
                each
                for each in self._document.problems
                if each.severity is severity and not each.parent
            ]
            family.add_metric([severity.value], len(roots))
        return family
