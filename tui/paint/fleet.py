"""The fleet panel: one glyph a host, a row a site, a column a group.

An eye that runs along a row finds all trouble. Where there are more hosts than cells, one glyph
stands for the worst of a few, and the heading says of how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from estate.document import SiteRow
from estate.language import Words
from tui.paint import numbers
from tui.paint.cells import Line, Span, cut
from tui.paint.charts import spark_spans
from tui.paint.glyphs import SEVERITY_ROLES
from tui.paint.rows import TEXT, Label, Row, heading
from tui.paint.states import Standing, State, current
from tui.paint.view import View

#: From this width on, cpu, memory and "not up" stand behind the glyphs.
WITH_FIGURES = 100
_FIGURES = 42
_GAP = 2


class Block(NamedTuple):
    """A group's column: its hosts by site, and the cells it takes."""

    group: str
    hosts: Mapping[str, Sequence[str]]
    cells: int


def paint_fleet(view: View, stand: Standing, width: int, rows: int) -> list[Line]:
    """The heading and exactly `rows` rows."""
    fleet = _fleet(view, stand, width)
    sites = view.document.sites
    shown = sites if len(sites) <= rows else sites[: rows - 1]
    lines = [fleet.heading(), *(fleet.site_line(site) for site in shown)]
    if len(shown) < len(sites):
        lines.append(_rest(sites[len(shown) :], width, view.words))
    if not sites:
        lines.append(Row(width).put(TEXT, view.words.say("No hosts yet."), "dim").line())
    return (lines + [Line()] * rows)[: rows + 1]


@dataclass(frozen=True, slots=True)
class Fleet:
    """The blocks side by side from cell `left` on; a mark is the worst of `each` hosts."""

    view: View
    stand: Standing
    width: int
    left: int
    each: int
    blocks: tuple[Block, ...]
    figures: bool  # cpu, memory and "not up" stand at the right

    def heading(self) -> Line:
        """The groups' names over their blocks."""
        say, labels, at = self.view.words.say, list[Label](), self.left
        for block in self.blocks:
            label = cut(block.group, block.cells)
            labels.append(Label(at + cell_len(label), label))
            at += block.cells + _GAP
        if self.each > 1:
            words = say("a mark is the worst of {count:,}", count=self.each)
            if at + cell_len(words) + 1 <= _edge(self.width, self.figures):
                labels.append(Label(_edge(self.width, self.figures), words, "info"))
        if self.figures:
            labels.append(Label(self.width - 24, say("cpu 15 min")))
            labels.append(Label(self.width - 13, say("mem")))
            labels.append(Label(self.width - 1, say("not up")))
        total = _note(self.view, self.each)
        return heading(self.width, say("FLEET"), total, labels, action=("screen", "hosts"))

    def site_line(self, site: SiteRow) -> Line:
        """One site: its hosts as glyphs, its means, and how many are not up."""
        down = site.total - site.up
        row = Row(self.width).put(TEXT, site.key, "text" if down else "dim", self.left - 1)
        at = self.left
        for block in self.blocks:
            row.to(at).spans(_glyphs(self.stand, block.hosts.get(site.key, ()), self.each))
            at += block.cells + _GAP
        if not self.figures:
            return row.line()
        row.to(self.width - 40)
        if site.spark:
            row.spans(spark_spans(site.spark, 10, "dim", 100.0))
        figures = "text" if current(self.view) else "unk"
        row.right(self.width - 24, numbers.percent(site.cpu), figures, "%")
        row.right(self.width - 13, numbers.percent(site.memory), figures, "%")
        if not down:
            return row.right(self.width - 1, numbers.NONE, "dim").line()
        role = SEVERITY_ROLES[site.severity]
        return row.right(self.width - 1, f"{down:,}", f"{role} b").line()


def _fleet(view: View, stand: Standing, width: int) -> Fleet:
    """One mark a host if that fits, at need without the figures; else one for two, three, ..."""
    members = _members(view)
    left = _left(view, 1)
    for figures in (True, False) if width >= WITH_FIGURES else (False,):
        blocks = _blocks(members, 1)
        if _cells(blocks) <= _edge(width, figures) - left:
            return Fleet(view, stand, width, left, 1, blocks, figures)
    figures = width >= WITH_FIGURES
    for groups in (members, _together(members, view.words)):
        most = max((len(names) for sites in groups.values() for names in sites.values()), default=1)
        for each in range(1, most + 1):
            left, blocks = _left(view, each), _blocks(groups, each)
            if _cells(blocks) <= _edge(width, figures) - left:
                return Fleet(view, stand, width, left, each, blocks, figures)
    return Fleet(view, stand, width, left, max(1, most), _blocks(groups, max(1, most)), figures)


def _note(view: View, each: int) -> str:
    total = f"{len(view.document.hosts):,}"
    return total if each == 1 else f"{total} ÷{each:,}"


def _left(view: View, each: int) -> int:
    """Where the blocks begin: right of the heading's words and of the sites' names."""
    longest = max((cell_len(site.key) for site in view.document.sites), default=0)
    words = cell_len(view.words.say("FLEET")) + cell_len(_note(view, each))
    return TEXT + max(words + 4, min(longest, 16) + 1)


def _edge(width: int, figures: bool) -> int:
    """Where the glyphs' room ends."""
    return width - 1 - (_FIGURES if figures else 0)


def _cells(blocks: Sequence[Block]) -> int:
    return sum(block.cells + _GAP for block in blocks) - _GAP


def _together(
    members: Mapping[str, Mapping[str, Sequence[str]]], words: Words
) -> dict[str, dict[str, list[str]]]:
    """All groups as one column, where their names alone would not fit."""
    together: dict[str, list[str]] = {}
    for sites in members.values():
        for site, names in sites.items():
            together.setdefault(site, []).extend(names)
    return {words.say("all groups"): together} if together else {}


def _members(view: View) -> dict[str, dict[str, list[str]]]:
    """Hosts by their first group and site, groups in the estate's order."""
    members: dict[str, dict[str, list[str]]] = {group: {} for group in view.document.groups}
    for row in view.document.hosts.values():
        group = row.groups[0] if row.groups else view.words.say("hosts")
        members.setdefault(group, {}).setdefault(row.site, []).append(row.name)
    return {group: sites for group, sites in members.items() if sites}


def _blocks(members: Mapping[str, Mapping[str, Sequence[str]]], each: int) -> tuple[Block, ...]:
    blocks = []
    for group, sites in members.items():
        most = max(-(-len(names) // each) for names in sites.values())
        blocks.append(Block(group, sites, max(min(cell_len(group), 8), most)))
    return tuple(blocks)


def _glyphs(stand: Standing, names: Sequence[str], each: int) -> list[Span]:
    """Neighbours of one role as one span; one glyph for the worst of `each` hosts."""
    spans: list[Span] = []
    for start in range(0, len(names), each):
        worst = min((stand.states[name] for name in names[start : start + each]), key=_rank)
        symbol, role = worst.glyph
        if spans and spans[-1].role == role:
            spans[-1] = Span(spans[-1].text + symbol, role)
        else:
            spans.append(Span(symbol, role))
    return spans


def _rank(state: State) -> int:
    return state.rank


def _rest(sites: Sequence[SiteRow], width: int, words: Words) -> Line:
    total, up = sum(site.total for site in sites), sum(site.up for site in sites)
    row = Row(width).put(TEXT, words.say("{count:,} more sites", count=len(sites)), "dim")
    hosts = words.say("{up:,} of {total:,} hosts up", up=up, total=total)
    return row.then(f"  {hosts}", "text" if up < total else "dim").line()
