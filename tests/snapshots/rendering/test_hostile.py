"""Whatever a host says comes out as text: in a terminal, in Markdown, in HTML, in JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import cycle
from typing import Any

import pytest
from markdown_it import MarkdownIt

from snapshots.page import Phrase
from snapshots.reading import read_snapshot, snapshot_bytes
from snapshots.rendering import render
from snapshots.snapshot import Kind, Snapshot
from tests.snapshots.rendering.test_goldens import document
from watch.languages import words_in

CORPUS = (
    "\x1b[2J\x1b]0;owned\x07\x1b]52;c;ZXZpbA==\x07",
    "\x9b31m\x90q\x9c\x84",
    "a\r\nb\rc\x00d\x7f",
    "<script>fetch('http://evil.example/')</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title></style></svg><script>alert(1)</script>",
    "<!-- --!> <![CDATA[ ]]> <iframe src=//evil.example>",
    "javascript:alert(1) &lt;b&gt; &#60;script&#62;",
    "[click](http://evil.example) ![x](http://evil.example/x.png) <http://evil.example>",
    "http://evil.example www.evil.example evil@evil.example",
    "# heading\n- list\n1. one\n> quote\n***\n```\ncode\n```\n| a | b |\n|---|---|",
    "**bold** __bold__ *it* _it_ ~~gone~~ `code` $x^2$ &amp; \\",
    "1. one", "- item", "+ item", "= heading", "    indented", "|cell|cell|", "~~~",
    "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(1+1)", "＝cmd()",
    "\u202egpj.exe\u202c \u2066x\u2069 \u200b\u200f\ufeff\u00ad",
    "e" + "\u0301" * 40,
    "[red]x[/red] [@click=app.quit]y[/] :smile:",
    "{where} {0} {x!r:>99999} %s %(a)s",
    "A" * 100_000,
    "語" * 100_000,
    "\ud800",
)  # fmt: skip

#: What programs wrote and rendering computes with; all other texts may be anybody's.
FIXED = {
    "format", "timezone", "severity", "verdict", "bearing", "state", "how", "worst", "best",
    "trend", "kind", "source",
}  # fmt: skip


def poisoned(raw: Any, poison: Iterator[str], key: str = "") -> Any:
    """`raw` with the corpus in every text that a host or a person may have written."""
    if isinstance(raw, dict):
        return {name: poisoned(each, poison, name) for name, each in raw.items()}
    if isinstance(raw, list):
        return [poisoned(each, poison, key) for each in raw]
    return next(poison) if isinstance(raw, str) and key not in FIXED else raw


@pytest.fixture(scope="module", params=[(0, Kind.HANDOVER), (7, Kind.HANDOVER),
                                        (14, Kind.HANDOVER), (3, Kind.REPORT)])  # fmt: skip
def hostile(request: pytest.FixtureRequest, full: Snapshot) -> Snapshot:
    first, kind = request.param
    poison = cycle(CORPUS[first:] + CORPUS[:first])
    raw = poisoned(json.loads(snapshot_bytes(document(full, kind))), poison)
    return read_snapshot(json.dumps(raw).encode())


@pytest.fixture(params=["en", "zh-Hant"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def acts(text: str) -> list[str]:
    """Characters that could act on a terminal, or on the order of what is read."""
    return [
        each
        for each in text
        if each != "\n" and unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    ]


def rendered(snapshot: Snapshot, form: str, language: str) -> str:
    return render(snapshot, form, words_in(language)).decode()


def test_no_form_carries_a_character_that_acts(hostile: Snapshot, language: str) -> None:
    for form in ("text", "md", "html", "json"):
        assert acts(rendered(hostile, form, language)) == [], form


def test_a_hundred_thousand_characters_are_a_line(hostile: Snapshot, language: str) -> None:
    for form in ("text", "md", "html", "json"):
        said = rendered(hostile, form, language)
        assert "A" * 2_001 not in said
        assert len(said.encode()) < 1_500_000


def test_json_is_json(hostile: Snapshot, language: str) -> None:
    assert read_snapshot(rendered(hostile, "json", language).encode()) == hostile


class Seen(HTMLParser):
    """Every element and attribute of a document, and the text of cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.cells: list[str] = []
        self._in = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}
        if tag == "td":
            self.cells.append("")
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self.cells and self._in in ("td", "span"):
            self.cells[-1] += data


def test_html_has_no_element_but_ours(hostile: Snapshot, full: Snapshot, language: str) -> None:
    seen, clean = Seen(), Seen()
    seen.feed(rendered(hostile, "html", language))
    clean.feed(rendered(full, "html", language))
    assert seen.tags <= clean.tags
    assert seen.attributes <= clean.attributes
    assert not {name for name in seen.attributes if name.startswith("on") or name == "style"}
    assert {each for each in seen.links if not each.startswith("#")} == {"data:,"}
    assert not [each for each in seen.cells if re.match(r"\s*[=+@＝＋＠-].", each)]


def test_markdown_has_no_markup_but_ours(hostile: Snapshot, language: str) -> None:
    said = rendered(hostile, "md", language)
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(said)
    seen = Seen()
    seen.feed(html)
    assert seen.tags <= {
        "h1", "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "strong", "pre", "code",
        "ul", "li", "hr", "br",
    }  # fmt: skip
    assert seen.links == set()
    assert not [each for each in seen.cells if re.match(r"\s*[=+@＝＋＠-].", each)]
    # GitHub makes links of bare text that begins so, outside of code.
    outside = re.sub(r"(?ms)^(`{3,})text$.*?^\1$", "", said)
    headings = [each for each in outside.split("\n") if re.match(r" {0,3}#", each)]
    assert all(re.match(r"# |## \d+\. |### ", each) for each in headings)
    assert not re.search(r"(?i)(https?|ftp|mailto)://|(?<!\\)www\.|\w@\w", outside)


def test_markdown_says_what_the_host_said() -> None:
    from snapshots.rendering.markdown import _said

    marks = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for each in ("a*b_c`d[e]<f>|g~h&amp;$i\\j", "# x", "1. x", "12) x", "=== ", "---", "- x",
                 "http://x.y www.z @me a@b.c", "> q", "+1"):  # fmt: skip
        said = _said(Phrase(each))
        seen = Seen()
        seen._in, seen.cells = "td", [""]
        rendered_ = marks.renderInline(said)
        parser = HTMLParser(convert_charrefs=True)
        texts: list[str] = []
        parser.handle_data = texts.append  # type: ignore[method-assign]
        parser.feed(rendered_)
        parser.close()
        assert "".join(texts) == Phrase(each).text.strip(), each
        assert "<a" not in rendered_ and "<em" not in rendered_ and "<del" not in rendered_


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "＝1", "  =1"])
def test_a_phrase_is_no_formula(text: str) -> None:
    assert Phrase(text).text.startswith("'")


@pytest.mark.parametrize("text", ["", "-", "–", "−0:24", "a=1", "/var"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert Phrase(text).text == text


#: What GitHub makes a link of though nothing marks it as one; and people whom it would tell.
BARE = ("mail a@b.co", "a@b.co", "x.y+z@b-c.example, d@e.co", "mailto:a@b.co", "xmpp:a@b.co/c",
        "http://b.co", "https://b.co", "ftp://b.co", "www.b.co", "http://a@b.co")  # fmt: skip


def test_github_makes_no_link_of_what_a_host_said() -> None:
    """By GitHub's own renderer, which looks for addresses once all escapes are gone."""
    from snapshots.rendering.markdown import _said

    github = pytest.importorskip("cmarkgfm", reason="cmarkgfm is not installed")
    for each in BARE:
        assert "<a " in github.github_flavored_markdown_to_html(each), "it would, of this"
        made = github.github_flavored_markdown_to_html(_said(Phrase(each)))
        assert "<a " not in made, each
        seen = Seen()
        texts: list[str] = []
        seen.handle_data = texts.append  # type: ignore[method-assign]
        seen.feed(made)
        assert "".join(texts).strip() == each
    # A person is told where "@" and a name are one piece of text.
    assert not re.search(r"@\w", _said(Phrase("restart it, @chan")))


def test_github_makes_no_link_anywhere_in_a_hostile_document(
    hostile: Snapshot, language: str
) -> None:
    github = pytest.importorskip("cmarkgfm", reason="cmarkgfm is not installed")
    made = github.github_flavored_markdown_to_html(rendered(hostile, "md", language))
    assert not re.findall(r"<a |<img", made)
