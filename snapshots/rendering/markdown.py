"""A page as Markdown: CommonMark with GitHub's tables.

Whatever a host said is escaped so that it is only ever text: no emphasis, link, image, HTML, code,
heading, list, formula or row of a table begins in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from snapshots.page import Block, Facts, Heading, Page, Paragraph, Phrase, Points, Table
from snapshots.rendering.strokes import strokes

#: Cells of a chart in a code block.
_WIDTH = 100
#: What begins markup anywhere; CommonMark lets every ASCII punctuation be escaped.
_MARKUP = re.compile(r"[\\`*_\[\]<>|~&$]")
#: What begins it at the start of a line, or makes a link of bare text in GitHub's dialect.
_AT_START = re.compile(r"^(\d{0,9})([#+=.)-])")
_TICKS = re.compile(r"`+")
#: GitHub looks for addresses and people once all escapes are gone, in whole runs of text
#: (cmark-gfm, autolink.c, postprocess_text): only another node ends one. Nobody sees this one.
_AT = "@<!-- -->"
_LINKS = re.compile(r"(?i)(https?|ftp|mailto|xmpp)(:)|(www)(\.)|(@)")


def markdown(page: Page) -> str:
    """The whole page."""
    lines = [f"# {_said(page.title)}", "", _said(page.subtitle), "", f"**{_said(page.worry)}**"]
    for section in page.sections:
        lines += ["", f"## {section.number}. {_said(section.title)}"]
        for block in section.blocks:
            lines += ["", *_set(block)]
    lines += ["", "---", ""]
    lines += [f"{_said(phrase)}  " for phrase in page.colophon]
    return "\n".join(lines) + "\n"


def _set(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(said):
            yield _bold(said)
        case Heading(said):
            yield f"### {_said(said)}"
        case Points(points):
            for point in points:
                yield f"- {_bold(point)}"
        case Facts(pairs):
            yield from _rows(("", ""), [False, False], pairs)
        case Table(columns, rows, more):
            titles = [_said(column.title) for column in columns]
            yield from _rows(titles, [column.right for column in columns], rows)
            if more.text:
                yield ""
                yield _said(more)
        case _:
            lines = [line.rstrip() for line in strokes(block, _WIDTH)]
            # Longer than any within, so that no line ends it; indented code would join a list.
            ticks = max(map(len, _TICKS.findall("\n".join(lines))), default=0)
            fence = "`" * max(3, ticks + 1)
            yield f"{fence}text"
            yield from lines
            yield fence


def _rows(
    titles: Sequence[str], right: Sequence[bool], rows: Sequence[Sequence[Phrase]]
) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"| {' | '.join('---:' if each else '---' for each in right)} |"
    for row in rows:
        yield f"| {' | '.join(_bold(each) for each in row)} |"


def _bold(phrase: Phrase) -> str:
    said = _said(phrase)
    return f"**{said}**" if phrase.role in ("crit", "strong") and said else said


def _said(phrase: Phrase) -> str:
    escaped = _MARKUP.sub(r"\\\g<0>", phrase.text.strip())
    return _AT_START.sub(r"\1\\\2", _LINKS.sub(_unlinked, escaped))


def _unlinked(found: re.Match[str]) -> str:
    if found[0] == "@":
        return _AT
    return "".join(f"\\{part}" if part in ":." else part for part in found.groups() if part)
