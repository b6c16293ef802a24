"""Quantities as people write them: `22m`, `1h30m`, `99.95%`, `10M`.

One spelling for the estate file, filters and the command line. Letters are case-sensitive
because `m` is a minute and `M` a million; k, M, G and T are powers of 1000, Ki, Mi, Gi and Ti
of 1024.
"""

from __future__ import annotations

import re
from fractions import Fraction

from estate.error import InputError

DURATION_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
MULTIPLE = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
}  # fmt: skip

#: What may follow the number, by unit of `estate.metrics` (or "s" and "ms"), for messages.
ALLOWED = {
    "%": "a percentage such as 80 or 80%",
    "s": "a duration such as 30s, 22m, 4h or 7d",
    "ms": "a duration such as 500ms or 2s",
    "B": "a size such as 500M or 4Gi",
    "B/s": "a rate such as 10M (bytes a second)",
    "/s": "a number a second such as 5",
    "W": "a power in watts such as 250",
    "": "a number such as 12 or 5k",
}

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
_DURATION = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|s|m|h|d))+", re.ASCII)
_PART = re.compile(r"([0-9.]+)(ms|s|m|h|d)", re.ASCII)
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,9})?)%", re.ASCII)


class QuantityError(InputError):
    """A quantity that cannot be read."""


def duration_ms(text: str) -> int:
    """`"1h30m"` as whole milliseconds; units are ms, s, m, h and d, and one is required.

    Raises `QuantityError`.
    """
    if not _DURATION.fullmatch(text):
        raise QuantityError(f"{text!r} is no duration", "write a number and ms, s, m, h or d: 90s")
    parts = _PART.findall(text)
    return int(sum(Fraction(number) * DURATION_MS[unit] for number, unit in parts))


def share(text: str) -> Fraction:
    """`"99.95%"` as an exact fraction of one, above 0 and at most 1.

    Raises `QuantityError`.
    """
    found = _SHARE.fullmatch(text)
    exact = Fraction(found[1]) / 100 if found else Fraction(0)
    if not 0 < exact <= 1:
        raise QuantityError(f"{text!r} is no percentage", "write a number up to 100 and %: 99.95%")
    return exact


def quantity(text: str, unit: str) -> float:
    """`text` as a number in `unit`, one of the keys of `ALLOWED`; a bare number is in that unit.

    Raises `QuantityError` when the unit does not fit ("30s" for a percentage).
    """
    number = _NUMBER.match(text)
    suffix = text[number.end() :] if number else ""
    if number and not suffix:
        return float(number[0])
    if unit in ("s", "ms") and _DURATION.fullmatch(text):
        return duration_ms(text) / DURATION_MS[unit]
    if number and unit == "%" and suffix == "%":
        return float(number[0])
    if number and unit in ("B", "B/s", "/s", "W", ""):
        prefix = suffix.removesuffix(unit)
        prefix = prefix.removesuffix("B") if unit == "B/s" else prefix
        if prefix in MULTIPLE:
            return float(number[0]) * MULTIPLE[prefix]
    raise QuantityError(f"{text!r} does not fit", f"write {ALLOWED[unit]}")
