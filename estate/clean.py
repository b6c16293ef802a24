"""Text from a host, made safe to show: what could act on a terminal becomes visible.

One notation, plain ASCII, the one that Python and C share: `\\x1b`, `\\u202e`, `\\U000e0041`, and
`\\xff` for a byte that is not UTF-8. Nothing is deleted, so that an attempt can be seen and
quoted. A backslash the host itself sent stays as it is, which makes cleaning idempotent.

What counts as visible is Unicode's own judgement through `str.isprintable`: no control (C0, DEL,
C1), format (bidi, zero width, soft hyphen, tags), surrogate, private or unassigned code point and
no line separator. Blanks stay, U+3000 too, for Chinese text is set with it.
"""

from __future__ import annotations

import unicodedata

#: Marks that may follow one letter; more of them paint over the rows above and below.
MARKS = 4

#: Printable by the letter of the standard, and seen by nobody: joiners and fillers.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")


def clean(text: str | bytes, *, limit: int = 2000) -> str:
    """`text` as one line of at most `limit` (≥ 1) visible characters; idempotent.

    A trailing line end is dropped, other line ends are shown, a tab is a space. What is cut ends
    in "…". The cost is bounded by `limit`, however long `text` is.
    """
    # A character is at most four bytes, so the cut falls behind what the limit lets through.
    head = text[: 4 * (limit + 3)] if isinstance(text, bytes) else text[: limit + 3]
    # Three more than the limit: two for the line end that may go, one to know of a cut.
    line = _decoded(head)[: limit + 3].removesuffix("\n").removesuffix("\r").replace("\t", " ")
    if not (line.isascii() and line.isprintable()):
        line = _visible(line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _decoded(text: str | bytes) -> str:
    return text.decode("utf-8", "backslashreplace") if isinstance(text, bytes) else text


def _visible(line: str) -> str:
    out: list[str] = []
    marks = MARKS  # a mark that leads the text would sit on whatever is shown before it
    for char in line:
        if char.isascii():
            marks = 0
            shown = char.isprintable()
        elif unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            shown = marks <= MARKS and char not in _UNSEEN
        else:
            marks = 0
            shown = (char.isprintable() and char not in _UNSEEN) or _blank(char)
        out.append(char if shown else char.encode("unicode_escape").decode("ascii"))
    return "".join(out)


def _blank(char: str) -> bool:
    return unicodedata.category(char) == "Zs"
