"""One number of three rows' height, which a screen may have."""

from __future__ import annotations

#: Digits of three rows, two of them in each half block.
_DIGITS = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", "▀▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    ":": ("▄", "▄", " "),
}


def large(text: str) -> tuple[str, str, str]:
    """Digits and colons in three rows; the text itself in the first where it has other signs."""
    if not text or not _DIGITS.keys() >= set(text):
        return text, "", ""
    rows = zip(*(_DIGITS[each] for each in text), strict=True)
    first, second, third = (" ".join(row) for row in rows)
    return first, second, third
