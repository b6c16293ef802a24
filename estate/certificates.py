"""Certificates: as they lie in files, and as they are served to those who ask."""

from __future__ import annotations

from dataclasses import dataclass

from estate.standing import Measured

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRow(Measured):
    """One certificate at one place. Times are UTC ms; None is "not known".

    `name` is what the estate calls it: rows of one name should be one certificate. `source` is
    "file" (then `place` is its path on the host) or "served" (then it is host:port, asked from the
    watch). `fingerprint` is the SHA-256 of the certificate, lower-case hexadecimal.
    """

    name: str
    source: str
    place: str
    subject: str = ""
    issuer: str = ""
    serial: str = ""
    fingerprint: str = ""
    names: tuple[str, ...] = ()  # the subject alternative names
    not_before: int | None = None
    not_after: int | None = None

    def left_ms(self, now: int) -> int | None:
        """How long it is still good for; negative once it has expired."""
        return None if self.not_after is None else self.not_after - now


def mismatched(
    rows: tuple[CertificateRow, ...],
) -> tuple[tuple[CertificateRow, CertificateRow], ...]:
    """Pairs of what lies in a file and what the same host serves under the same name, where both
    are known and differ: a reload was forgotten, or the wrong file was replaced."""
    files = {(row.host, row.name): row for row in rows if row.source == "file" and row.fingerprint}
    return tuple(
        (file, row)
        for row in rows
        if row.source == "served"
        and row.fingerprint
        and (file := files.get((row.host, row.name))) is not None
        and file.fingerprint != row.fingerprint
    )
