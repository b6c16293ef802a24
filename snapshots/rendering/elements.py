"""HTML as a tree, never as a string: what is escaped, and how, is the serializer's business.

ElementTree puts text and attributes where they can't become markup (docs.python.org,
xml.etree.ElementTree, `method="html"`); the one element that it leaves as it is, <style>, holds
nothing but our own stylesheet.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None


def e(tag: str, *children: Child, **attributes: object) -> Element:
    """An element. `class_` is class, and `stroke_width` stroke-width; None leaves one out."""
    made = Element(tag)
    for name, value in attributes.items():
        if value is not None:
            made.set(_name(name), str(value))
    return put(made, children)


def put(parent: Element, children: Iterable[Child]) -> Element:
    """`parent`, with `children` at its end."""
    for child in children:
        if child is None:
            continue
        if isinstance(child, Element):
            parent.append(child)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + child
        else:
            parent.text = (parent.text or "") + child
    return parent


def written(root: Element) -> str:
    """The document as HTML."""
    said: str = tostring(root, encoding="unicode", method="html")
    return f"<!doctype html>\n{said}\n"


def _name(name: str) -> str:
    if name in ("viewBox", "preserveAspectRatio"):
        return name
    return name.rstrip("_").replace("_", "-")
