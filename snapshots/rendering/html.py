"""A page as one HTML file: no script, nothing from elsewhere, and a policy that holds it to that.

The one stylesheet is allowed by its hash, so not even an injected style would act. Without a script
a section unfolds by a checkbox and not by <details>: what is closed there is not printed either.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from snapshots.page import (
    Block,
    Column,
    Curves,
    Facts,
    Fleet,
    Heading,
    Page,
    Paragraph,
    Phrase,
    Points,
    Ribbon,
    Section,
    Table,
    TimeLine,
)
from snapshots.rendering import svg
from snapshots.rendering.elements import Child, e, put, written

#: A cell of so few characters is not broken, and a name; longer ones are, anywhere if need be.
_SHORT, _WHOLE_NAME = 14, 26


def html(page: Page) -> str:
    """The whole document."""
    style = _style() + _running(page)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    head = e(
        "head",
        e("meta", charset="utf-8"),
        e("meta", http_equiv="Content-Security-Policy", content=policy),
        e("meta", name="viewport", content="width=device-width, initial-scale=1"),
        e("meta", name="color-scheme", content="light dark"),
        e("meta", name="robots", content="noindex"),
        e("title", f"{page.title.text} · {page.subtitle.text}"),
        e("link", rel="icon", href="data:,"),  # or browsers ask for one
        e("style", style),
    )
    body = e(
        "body",
        svg.defs(),
        e(
            "header",
            e("h1", page.title.text),
            e("p", page.subtitle.text, class_="period"),
            e("p", page.worry.text, class_=f"worry {page.worry.role}"),
        ),
        _contents(page),
        e("main", *(_section(each, page.unfold) for each in page.sections)),
        e("footer", *(e("p", each.text) for each in page.colophon)),
    )
    return written(e("html", head, body, lang=page.language))


@cache
def _style() -> str:
    return Path(__file__).with_name("style.css").read_text("utf-8")


def _running(page: Page) -> str:
    """What stands at the foot of every sheet of paper: which report it is of.

    Each character is an escape of its own, so none of them can end the text (CSS Syntax 3, 4.3.7).
    """
    said = " · ".join([page.title.text, *(each.text for each in page.colophon[:1])])
    escaped = "".join(f"\\{ord(each):06x}" for each in said)
    return f'@page {{ @bottom-left {{ content: "{escaped}"; }} }}\n'


def _contents(page: Page) -> Element:
    links = [
        e("li", e("a", f"{each.number} {each.title.text}", href=f"#{each.key}"))
        for each in page.sections
    ]
    return e("nav", e("ul", *links))


def _section(section: Section, unfold: Phrase) -> Element:
    number = e("span", str(section.number), class_="number")
    title = e("h2", number, f" {section.title.text}")
    blocks = (part for each in section.blocks for part in _set(each))
    if not section.folded:
        return e("section", title, *blocks, id=section.key)
    name = f"{section.key}-unfolded"
    box = e("input", type="checkbox", id=name, class_="fold")
    label = e("label", unfold.text, for_=name, class_="unfold")
    return e("section", title, box, label, *blocks, id=section.key)


def _set(block: Block) -> Iterator[Element]:
    match block:
        case Paragraph(said):
            yield e("p", _said(said))
        case Heading(said):
            yield e("h3", said.text)
        case Points(points):
            yield e("ul", *(e("li", _said(each)) for each in points), class_="points")
        case Facts(pairs):
            rows = [e("div", e("dt", name.text), e("dd", _said(said))) for name, said in pairs]
            yield e("dl", *rows)
        case Table():
            yield _table(block)
            if block.more.text:
                yield e("p", _said(block.more))
        case Ribbon():
            yield _ribbon(block)
        case Curves(curves):
            yield e("div", *(_figure(each.title, each.note, svg.curve(each)) for each in curves),
                    class_="curves")  # fmt: skip
        case Fleet():
            yield _fleet(block)
        case TimeLine():
            yield _time_line(block)


def _said(phrase: Phrase) -> Child:
    return e("span", phrase.text, class_=phrase.role) if phrase.role else phrase.text


# --- tables -------------------------------------------------------------------------------------


def _table(table: Table) -> Element:
    titles = [e("th", each.title.text, scope="col", class_=_side(each)) for each in table.columns]
    rows = [
        e(
            "tr",
            *(
                _cell(column, each, _SHORT if number else _WHOLE_NAME)
                for number, (column, each) in enumerate(zip(table.columns, row, strict=True))
            ),
        )
        for row in table.rows
    ]
    return e("table", e("thead", e("tr", *titles)), e("tbody", *rows))


def _cell(column: Column, phrase: Phrase, short: int) -> Element:
    """On a phone a row is a card, and its cells carry their own titles; empty ones are not set."""
    names = [
        _side(column),
        None if phrase.text else "empty",
        "short" if len(phrase.text) <= short else None,
    ]
    said = " ".join(filter(None, names))
    return e("td", _said(phrase), data_label=column.title.text, class_=said or None)


def _side(column: Column) -> str | None:
    return "right" if column.right else None


# --- charts -------------------------------------------------------------------------------------


def _figure(title: Phrase, note: Phrase, drawn: Element) -> Element:
    caption = e("figcaption", e("b", title.text), e("span", f" {note.text}", class_="dim"))
    return e("figure", caption, drawn)


def _ribbon(ribbon: Ribbon) -> Element:
    long = max((len(row.days) for row in ribbon.rows), default=1)
    axis = e("div", *(e("span", str(day)) for day in (1, -(-long // 2), long)), class_="axis")
    made = e("figure", e("figcaption", e("b", ribbon.title.text)), class_="ribbon")
    put(made, [e("div", e("span"), axis, e("span"), class_="row head")])
    words = {state: said.text for state, said in ribbon.legend}
    put(made, (_row(row.name, svg.days(row, words), row.note) for row in ribbon.rows))
    legend = (
        e("span", svg.legend(state), f" {said.text}", class_="key") for state, said in ribbon.legend
    )
    return put(made, [e("p", *legend, class_="legend")])


def _row(name: Phrase, drawn: Element, note: Phrase) -> Element:
    return e("div", e("span", name.text, class_="name"), drawn,
             e("span", note.text, class_=f"note {note.role}".strip()), class_="row")  # fmt: skip


def _fleet(fleet: Fleet) -> Element:
    groups = [
        e(
            "div",
            e("span", e("b", each.group.text), f" {each.site.text}", class_="name"),
            svg.hosts(each),
            class_="group",
        )
        for each in fleet.groups
    ]
    counts = (e("span", said.text, class_=f"key {said.role}") for _, said in fleet.counts)
    return e(
        "figure",
        e("figcaption", e("b", fleet.title.text)),
        e("div", *groups, class_="groups"),
        e("p", *counts, class_="legend"),
        class_="fleet",
    )


def _time_line(line: TimeLine) -> Element:
    axis = e("div", *(e("span", said.text) for _, said in line.ticks), class_="axis")
    caption = e(
        "figcaption", e("b", line.title.text), e("span", f" {line.note.text}", class_="dim")
    )
    made = e("figure", caption, class_="ribbon")
    put(made, (_row(bar.name, svg.bar(line, number), bar.note)
               for number, bar in enumerate(line.bars)))  # fmt: skip
    return put(made, [e("div", e("span"), axis, e("span"), class_="row head")])
