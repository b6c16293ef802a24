"""States of runs in words: of every section, and of the items that are handed over."""

from __future__ import annotations

from collections.abc import Mapping

from estate.language import later

#: States of runs as they are said, those first that want a person.
STATES: Mapping[str, tuple[str, str]] = {
    "needs-decision": (later("needs a decision"), "unk"),
    "waiting": (later("waits for people"), "warn"),
    "paused": (later("paused"), "warn"),
    "running": (later("running"), "info"),
    "preflight": (later("asks what must hold before"), "info"),
    "planned": (later("planned"), "info"),
    "failed": (later("failed"), "crit"),
    "aborted": (later("aborted"), "warn"),
    "rolled-back": (later("taken back"), "warn"),
    "succeeded": (later("succeeded"), "good"),
}
