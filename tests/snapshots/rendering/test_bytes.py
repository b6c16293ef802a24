"""The same snapshot, the same bytes: in other processes, under other hash seeds, locales, zones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from snapshots.rendering import render
from snapshots.snapshot import Snapshot
from watch.languages import words_in

PROGRAM = """
import hashlib, json
from dataclasses import replace
from bench.played_snapshot import SMALL, played_snapshot
from snapshots.rendering import FORMS, render
from watch.languages import words_in
made = played_snapshot(SMALL)
# Emoji that tables of different versions of Unicode measure differently.
made = replace(made, problems=tuple(replace(each, what="\U0001fae8\U0001f9d1 \u231b " + each.what)
                                    for each in made.problems))
print(json.dumps({f"{form} {each}": hashlib.sha256(render(made, form, words_in(each))).hexdigest()
                  for form in FORMS for each in ("en", "zh-Hant")}))
"""


def elsewhere(**environ: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environ},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    said: dict[str, str] = json.loads(done.stdout)
    return said


def test_the_bytes_depend_on_nothing_but_the_snapshot() -> None:
    here = elsewhere(PYTHONHASHSEED="1")
    narrow = {"COLUMNS": "40", "TERM": "dumb", "NO_COLOR": "1"}
    wide = {
        "COLUMNS": "200",
        "TERM": "xterm-256color",
        "FORCE_COLOR": "1",
        "COLORTERM": "truecolor",
    }
    # rich measures characters by the version of Unicode that this asks for.
    old = {"UNICODE_VERSION": "4.1.0"}
    assert elsewhere(PYTHONHASHSEED="0", LC_ALL="C", TZ="UTC", **narrow, **old) == here
    assert (
        elsewhere(PYTHONHASHSEED="4711", LC_ALL="zh_TW.UTF-8", TZ="America/St_Johns", **wide)
        == here
    )


def test_the_forms_differ_in_form_and_not_in_document(full: Snapshot) -> None:
    assert render(full, "json", words_in("en")) == render(full, "json", words_in("zh-Hant"))
    assert render(full, "html", words_in("en")) != render(full, "html", words_in("zh-Hant"))
