"""Certificates: in files and as served, how long they are good, and whether they are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isnan, nan

from estate.asked import Certificate
from estate.certificates import CertificateRow, mismatched
from estate.samples import Reading
from watch.standing.told import Figures, Told, known, milliseconds, number, text

#: The probe that reads files; what is served comes under a name of its own.
FILES, SERVED = "certificates", "served"


def rows(told: Told) -> tuple[CertificateRow, ...]:
    """A row for each certificate that the estate has this probe look at."""
    seen = {each.subject: each for each in told.named("certificate")}
    return tuple(
        _row(told, each, seen.get(each.name))
        for each in told.host.asked.certificates
        if (each.file if told.probe == FILES else each.serves)
    )


def _row(told: Told, asked: Certificate, reading: Reading | None) -> CertificateRow:
    file = told.probe == FILES
    place = asked.file if file else _served_at(told, asked)
    row = CertificateRow(
        **told.whose, name=asked.name, source="file" if file else SERVED, place=place
    )
    if reading is None:
        return row
    if gap := text(reading, "gap"):
        return replace(row, gap=gap)
    names = text(reading, "names")
    return replace(
        row,
        subject=text(reading, "subject"),
        issuer=text(reading, "issuer"),
        serial=text(reading, "serial"),
        fingerprint=reading.text,
        names=tuple(names.split(",")) if names else (),
        not_before=milliseconds(number(reading, "not_before")),
        not_after=milliseconds(known(reading.value)),
    )


def _served_at(told: Told, asked: Certificate) -> str:
    return asked.serves if ":" in asked.serves else f"{told.host.name}:{asked.serves}"


def figures(found: Sequence[CertificateRow], now: int) -> Figures:
    """How long each certificate is good for, by the place that is worse off, and whether what is
    served is what lies in the file."""
    left: dict[str, float] = {}
    for row in found:
        subject, ends = f"/{row.name}", row.not_after
        seconds = nan if row.gap or ends is None else (ends - now) / 1000
        before = left.get(subject, nan)
        # Of two places one may be known alone, and that one may be about to expire.
        left[subject] = (
            seconds if isnan(before) else before if isnan(seconds) else min(before, seconds)
        )
    differ = {f"/{file.name}" for file, _ in mismatched(tuple(found))}
    both = {row.name for row in found if row.source == "file" and row.fingerprint} & {
        row.name for row in found if row.source == SERVED and row.fingerprint
    }
    unequal = dict.fromkeys(left, nan)
    unequal.update({f"/{name}": float(f"/{name}" in differ) for name in both})
    return {"certificate_expires_seconds": left, "certificate_mismatch": unequal}
