"""What stands on hosts, for other monitors: figures that are known now, each with its moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from estate.document import Document
from estate.standing import Measured

_Figure = tuple[list[str], float | None]


def families(document: Document, now: int) -> Iterator[Metric]:
    """A family a figure; a row whose figures are not of now has none."""

    def family(
        name: str, words: str, labels: tuple[str, ...], rows: Iterable[tuple[Measured, _Figure]]
    ) -> Metric:
        made = GaugeMetricFamily(f"twinwatch_{name}", words, labels=["host", "site", *labels])
        for row, (values, figure) in rows:
            if figure is not None and row.at is not None and row.known(now):
                place = [row.host, row.site, *values]
                made.add_metric(place, float(figure), timestamp=row.at / 1000)
        return made

    yield family(
        "replication_lag_seconds",
        "How far a stream is behind.",
        ("peer", "role"),
        (
            (row, ([each.peer, row.role], each.lag_seconds))
            for row in document.replication
            for each in row.streams
        ),
    )
    yield family(
        "replication_flowing",
        "Whether a stream flows.",
        ("peer", "role"),
        (
            (row, ([each.peer, row.role], float(each.flowing)))
            for row in document.replication
            for each in row.streams
        ),
    )
    for name, words, figure in _BACKENDS:
        yield family(
            f"backend_{name}",
            words,
            ("backend",),
            (
                (row, ([each.name], getattr(each, figure)))
                for row in document.proxies
                for each in row.backends
            ),
        )
    yield family(
        "address_held",
        "Whether a host holds a service address.",
        ("address",),
        ((row, ([row.address], row.held)) for row in document.addresses),
    )
    yield family(
        "certificate_expiry_timestamp_seconds",
        "When a certificate expires.",
        ("certificate", "source"),
        (
            (row, ([row.name, row.source], None if row.not_after is None else row.not_after / 1000))
            for row in document.certificates
        ),
    )
    for name, words in _PATCHES:
        yield family(
            f"packages_{name}",
            words,
            (),
            ((row, ([], getattr(row, name))) for row in document.patches),
        )
    yield family(
        "backup_newest_timestamp_seconds",
        "When the newest copy was written.",
        ("backup",),
        (
            (row, ([row.name], None if row.newest_at is None else row.newest_at / 1000))
            for row in document.backups
        ),
    )
    yield family(
        "backup_newest_bytes",
        "The size of the newest copy.",
        ("backup",),
        ((row, ([row.name], row.size_bytes)) for row in document.backups),
    )


_BACKENDS = (
    ("servers_up", "Servers of a backend that take work.", "up"),
    ("servers", "Servers of a backend.", "servers"),
    ("sessions", "Sessions of a backend.", "sessions"),
    ("queued", "Requests of a backend that wait for a server.", "queued"),
)
_PATCHES = (
    ("pending", "Updates that wait."),
    ("security", "Updates that mend a hole and wait."),
    ("reboot", "Whether a restart is due."),
)
