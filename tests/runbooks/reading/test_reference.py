"""docs/runbooks.md: its reference is what the reader reads by, its example is a runbook.

UPDATE_GOLDENS=1 writes the reference anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from runbooks.reading.file import read_runbook
from runbooks.reading.reference import reference
from runbooks.reading.steps import STEPS_PLACE, step_record
from runbooks.reading.whole import RUNBOOK

PAGE = Path(__file__).parents[3] / "docs" / "runbooks.md"
BETWEEN = re.compile(r"(?<=<!-- reference -->\n).*(?=<!-- end of reference -->)", re.DOTALL)


def test_the_page_says_what_the_reader_reads_by() -> None:
    if os.environ.get("UPDATE_GOLDENS"):
        made = f"\n{reference()}\n"
        PAGE.write_text(BETWEEN.sub(lambda _: made, PAGE.read_text()))
    found = BETWEEN.search(PAGE.read_text())
    assert found
    assert found[0].strip() == reference().strip(), "UPDATE_GOLDENS=1 writes it anew"


def test_the_reference_leaves_no_key_out() -> None:
    text = reference()
    for key in RUNBOOK.keys:
        assert f"`{key.name}`" in text
    for kind in STEPS_PLACE.kinds:
        for key in step_record(kind, STEPS_PLACE).keys:
            assert f"`{key.name}`" in text


def test_every_key_says_what_it_is_for() -> None:
    assert "|  |" not in reference()


def test_the_pages_example_is_a_runbook() -> None:
    block = re.search(r"<!-- example:.*?```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert block
    assert read_runbook(block[1], "docs/runbooks.md").name == "web-release"
