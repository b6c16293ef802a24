"""Which painter draws which screen."""

from __future__ import annotations

from tui.paint.cells import Line, Page, Span, fit
from tui.paint.view import View


def paint(view: View) -> Page:
    """`view.screen` as a page of exactly `view.height` lines, each `view.width` cells or fewer."""
    rows = [Line((Span(fit(f" {view.document.estate} › {view.screen}", view.width), "strong b"),))]
    for key in keys(view):
        mark = "▌" if key == view.attention.cursor else " "
        rows.append(Line((Span(fit(f"{mark}· {key}", view.width)),), key=key))
    blank = Line()
    lines = (rows + [blank] * view.height)[: view.height]
    return Page(tuple(lines), total=len(keys(view)))


def keys(view: View) -> tuple[str, ...]:
    """`Line.key` of every row that the cursor can stand on, in order, shown or not."""
    return tuple(f"host:{name}" for name in view.document.hosts)
