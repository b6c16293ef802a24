"""`make words`: collects what the code says, brings the catalogues up to date, compiles them.

New sentences come into each `.po` without a translation, and the tests name them; sentences that
nobody says any more go. Nothing is guessed: a translation that almost fits is none.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = ROOT / "watch" / "languages"

#: The rooms that speak to people in a language of their choice.
ROOMS = ("tui", "snapshots", "watch", "collectors", "estate")

#: Who says something, and which of their arguments are texts. Tables are called by their rows.
SAYS: dict[str, tuple[int, ...]] = {
    "say": (0,),
    "later": (0,),
    "told": (0,),
    "Metric": (2,),
    "Binding": (3, 4),
    "Chart": (1,),
    "Column": (0,),
    "Group": (0,),
}


class Message(NamedTuple):
    """A text of the code: where it stands, and its plural and context where it has them."""

    file: str
    line: int
    text: str
    plural: str = ""
    context: str = ""


def messages(root: Path = ROOT) -> Iterator[Message]:
    """Every text of the rooms, file by file, from the top."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            file = path.relative_to(root).as_posix()
            found = _messages(file, ast.parse(path.read_text("utf-8")))
            yield from sorted(found, key=lambda each: each.line)


def _messages(file: str, tree: ast.AST) -> Iterator[Message]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        name = call.func.id if isinstance(call.func, ast.Name) else name
        texts = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
        match name, texts:
            case "say_many", [str(one), str(many), *_]:
                yield Message(file, call.lineno, one, plural=many)
            case "say_in", [str(context), str(text), *_]:
                yield Message(file, call.lineno, text, context=context)
            case _:
                for place in SAYS.get(name or "", ()):
                    said = texts[place] if place < len(texts) else None
                    if isinstance(said, str) and said:
                        yield Message(file, call.lineno, said)


def template() -> Catalog:
    """The texts of the code as a catalogue without translations."""
    catalogue = Catalog(project="twinwatch", fuzzy=False, charset="utf-8")
    for file, line, text, plural, context in messages():
        name = (text, plural) if plural else text
        catalogue.add(name, locations=[(file, line)], context=context or None)
    return catalogue


def updated(po: Path) -> Catalog:
    """The catalogue in the file at `po`, with exactly the texts that the code has now."""
    with po.open("rb") as file:
        catalogue = read_po(file, locale=po.stem.replace("-", "_"))
    made = catalogue.creation_date
    catalogue.update(template(), no_fuzzy_matching=True)
    catalogue.creation_date = made  # or every run would be a change
    catalogue.obsolete.clear()
    for entry in catalogue:
        entry.flags.discard("python-format")  # "% of a core" only looks like one
    return catalogue


def written(catalogue: Catalog) -> bytes:
    """The catalogue as a `.po` file."""
    out = BytesIO()
    write_po(out, catalogue, width=100, sort_by_file=True, include_lineno=False)
    return out.getvalue()


def compiled(po: Path) -> bytes:
    """What the `.mo` beside the file at `po` must hold."""
    with po.open("rb") as file:
        catalogue = read_po(file, locale=po.stem.replace("-", "_"))
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    """Bring every catalogue up to date; 1 if one lacks a translation, which is named."""
    missing = 0
    for po in sorted(LANGUAGES.glob("*.po")):
        catalogue = updated(po)
        po.write_bytes(written(catalogue))
        po.with_suffix(".mo").write_bytes(compiled(po))
        for entry in catalogue:
            said = entry.string if isinstance(entry.string, tuple) else (entry.string,)
            if entry.id and not all(said):
                missing += 1
                print(f"{po.name}: {entry.locations[0][0]}: no translation of {entry.id!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
