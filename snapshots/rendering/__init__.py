"""A page set as text, Markdown or HTML; the snapshot itself as JSON. Pure, byte for byte.

Each form is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from estate.language import Words
from snapshots.page import Page
from snapshots.reading import snapshot_bytes
from snapshots.snapshot import Snapshot
from snapshots.telling import tell

#: What a snapshot can be rendered as, and how the names of such files end.
FORMS: Mapping[str, str] = {"text": ".txt", "md": ".md", "html": ".html", "json": ".json"}


def render(snapshot: Snapshot, form: str, words: Words, *, width: int | None = None) -> bytes:
    """The report as a whole file in UTF-8; `form` is one of `FORMS`.

    Text is set `width` cells wide, else as wide as a mail bears; the other forms have no width.
    JSON has no language: it is the document whose hash the other forms name.
    """
    if form == "json":
        return snapshot_bytes(snapshot)
    page = tell(snapshot, words)
    from snapshots.rendering.widths import same_everywhere

    with same_everywhere():  # pages too: a curve leaves room for what its scale says
        if form == "text" and width is not None:
            from snapshots.rendering.text import text

            return text(page, width).encode()
        return _setter(form)(page).encode()


def _setter(form: str) -> Callable[[Page], str]:
    if form == "html":
        from snapshots.rendering.html import html

        return html
    if form == "md":
        from snapshots.rendering.markdown import markdown

        return markdown
    assert form == "text", form
    from snapshots.rendering.text import text

    return text
