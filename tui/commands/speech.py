"""The language in which commands speak to people: what they prefer, else the estate's.

Only headings and sentences are in it. What scripts read is JSON, which has no language; values
are what filters take.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from estate.language import Words
from watch.languages import words_in

if TYPE_CHECKING:
    from watch.client import Client


def words_for(estate: str) -> Words:
    """The words of this person on an estate of the language `estate`, "" for none."""
    from tui.console.preferences.settings import config_home, read_settings

    settings, _ = read_settings(config_home(os.environ) / "settings.yaml")
    return words_in(settings.language_for(estate, os.environ, sys.stdout.encoding))


def words_of(client: Client) -> Words:
    """The words of this person on the estate of the watch that is asked.

    What is said for the record is said after this, never before: where this fails, people say it
    again.
    """
    return words_for(client.get("/v1/estate").get("language", ""))
