"""The pictures in the documentation are of the pages of today."""

from __future__ import annotations

import json

from tools.pictures import PICTURES, TAKEN_OF, hashes


def test_the_pictures_of_handovers_are_of_today_s_pages() -> None:
    assert json.loads(TAKEN_OF.read_text("utf-8")) == hashes(), "make pictures takes them anew"
    for name in ("1280", "360-en-zh-Hant", "900-dark-zh-Hant", "a4"):
        assert (PICTURES / f"handover-{name}.png").read_bytes().startswith(b"\x89PNG")
