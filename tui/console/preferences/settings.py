"""What a person prefers: theme, bandwidth, glyphs, mouse. Read strictly, written whole.

The file is $XDG_CONFIG_HOME/twinwatch/settings.yaml. A value that cannot be used is complained of
with its line, its default stands in, and it stays in the file until the person changes it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from estate.language import LANGUAGES, nearest
from tui.console.preferences.written import Complaint, Entry, read_mapping

#: What each setting may be, in the order in which the settings screen lists and cycles them.
CHOICES: dict[str, tuple[str, ...]] = {
    "theme": ("auto", "dark", "light", "ansi", "mono"),
    "low_bandwidth": ("off", "on"),
    "ascii": ("auto", "on", "off"),
    "bell": ("off", "on"),
    "mouse": ("on", "off"),
    "language": ("auto", *LANGUAGES),
}

PRESETS: dict[str, str] = {
    "1": "state!=ok",
    "2": "cpu>80",
    "3": "mem>80",
    "4": "disk>80",
}

#: TERMs that print sequences they do not know, or stop at a "$" in them (Linux before 5.9).
OLD_TERMINALS = ("linux", "vt", "ansi", "cons", "dumb", "sun")

#: Locales whose terminals draw glyphs of ambiguous width in two cells.
WIDE_LOCALES = ("zh", "ja", "ko")


@dataclass(frozen=True, slots=True)
class Settings:
    """One value for each of `CHOICES`, and the filters behind the keys 1 to 9."""

    theme: str = "auto"
    low_bandwidth: str = "off"
    ascii: str = "auto"
    bell: str = "off"
    mouse: str = "on"
    language: str = "auto"
    presets: Mapping[str, str] = field(default_factory=lambda: dict(PRESETS))

    @property
    def low(self) -> bool:
        """Whether the link is to be spared."""
        return self.low_bandwidth == "on"

    def shown(self) -> dict[str, str]:
        """The settings by name, as the settings screen lists them."""
        return {name: getattr(self, name) for name in CHOICES}

    def choosing(self, name: str, value: str) -> Settings:
        """The same with `value` for the setting called `name`."""
        return replace(self, **{name: value})  # type: ignore[arg-type]

    def theme_for(self, environ: Mapping[str, str]) -> str:
        """The name in `tui.paint.theme.THEMES` that this terminal can show.

        "dark" and "light" become "dark-256" and "light-256" where 24-bit colour isn't announced,
        as behind most ssh and tmux. https://no-color.org: a NO_COLOR that is not empty takes
        colour away from "auto".
        """
        theme = self.theme if self.theme != "auto" else self._suited(environ)
        return theme if theme in ("ansi", "mono") or true_colour(environ) else f"{theme}-256"

    def _suited(self, environ: Mapping[str, str]) -> str:
        term = environ.get("TERM", "dumb")
        if environ.get("NO_COLOR") or term.startswith(("dumb", "vt")):
            return "mono"
        if self.low or not rich_in_colour(environ):
            return "ansi"
        # rxvt, Konsole and others say "foreground;background" as ANSI colour numbers.
        background = environ.get("COLORFGBG", "").rpartition(";")[2]
        return "light" if background in ("7", "15") else "dark"

    def ascii_for(self, environ: Mapping[str, str], encoding: str) -> bool:
        """Whether to draw with ASCII alone.

        The locale is asked beside the stream's `encoding`: Python writes UTF-8 in the C locale
        too (PEP 540), whatever its terminal reads.
        """
        if self.ascii != "auto":
            return self.ascii == "on"
        locale = locale_of(environ)
        if "utf8" not in locale.lower().replace("-", "") or "utf" not in encoding.lower():
            return True
        return locale.startswith(WIDE_LOCALES) or environ.get("TERM") == "linux"

    def language_for(self, estate: str, environ: Mapping[str, str], encoding: str) -> str:
        """The language of all words, one of `LANGUAGES`: the person's, else the estate's.

        Unless a person insists, a terminal that can't show Chinese characters gets English.
        """
        if self.language != "auto":
            return self.language
        wanted = nearest(estate)
        return wanted if wanted == LANGUAGES[0] or draws_chinese(environ, encoding) else "en"


def next_choice(name: str, value: str) -> str:
    """What the setting called `name` may be, after `value`."""
    choices = CHOICES[name]
    return choices[(choices.index(value) + 1) % len(choices)]


def rich_in_colour(environ: Mapping[str, str]) -> bool:
    """Whether the terminal shows at least 256 colours."""
    return true_colour(environ) or "256color" in environ.get("TERM", "")


def true_colour(environ: Mapping[str, str]) -> bool:
    """Whether the terminal says that it shows 24-bit colours."""
    if environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return True
    return any(word in environ.get("TERM", "") for word in ("direct", "kitty"))


def draws_chinese(environ: Mapping[str, str], encoding: str) -> bool:
    """Whether the terminal's font and encoding have Chinese characters, as far as it says so."""
    if environ.get("TERM", "dumb").startswith(OLD_TERMINALS):
        return False
    try:
        "主機".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    locale = locale_of(environ)
    return "utf8" in locale.lower().replace("-", "") or locale.startswith("zh")


def locale_of(environ: Mapping[str, str]) -> str:
    """The locale of characters: LC_ALL before LC_CTYPE before LANG."""
    return environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"


def config_home(environ: Mapping[str, str]) -> Path:
    """The directory of settings.yaml and keys.yaml."""
    base = environ.get("XDG_CONFIG_HOME") or str(Path("~/.config").expanduser())
    return Path(base) / "twinwatch"


def read_settings(path: Path) -> tuple[Settings, tuple[Complaint, ...]]:
    """The settings in the file at `path`, and everything in it that cannot be used."""
    entries, complaints = read_mapping(path)
    chosen: dict[str, Any] = {}
    for name, entry in entries.items():
        if name == "presets":
            presets, wrong = _presets(path, entry)
            complaints += wrong
            chosen["presets"] = {**PRESETS, **presets}
        elif name not in CHOICES:
            known = ", ".join((*CHOICES, "presets"))
            complaints.append(
                Complaint(path, entry.line, f"no setting is called {name!r}", f"there are {known}")
            )
        elif (word := _word(entry.value)) not in CHOICES[name]:
            choices = ", ".join(CHOICES[name])
            complaints.append(
                Complaint(path, entry.line, f"{name}: {word!r} is no choice", f"choose {choices}")
            )
        else:
            chosen[name] = word
    return Settings(**chosen), tuple(complaints)


def write_setting(path: Path, name: str, value: str) -> None:
    """Put one setting into the file at `path`, and leave every other line of it as it is.

    The file is replaced whole or not at all. Raises OSError when it cannot be written.
    """
    entries, _ = read_mapping(path)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    written = f'{name}: "{value}"'
    if name in entries:
        lines[entries[name].line - 1] = written
    else:
        lines.append(written)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text("\n".join(lines) + "\n", "utf-8")
    draft.replace(path)


def _presets(path: Path, entry: Entry) -> tuple[dict[str, str], list[Complaint]]:
    if not isinstance(entry.value, Mapping):
        wrong = Complaint(path, entry.line, "presets: not a mapping", "write 1: 'site:dc2 cpu>80'")
        return {}, [wrong]
    presets: dict[str, str] = {}
    complaints: list[Complaint] = []
    for key, text in entry.value.items():
        if key in tuple("123456789") and isinstance(text, str):
            presets[key] = text
        else:
            complaints.append(
                Complaint(
                    path,
                    entry.line,
                    f"presets: {key!r} is no key 1 to 9 with a filter",
                    "write '1': 'site:dc2 cpu>80'",
                )
            )
    return presets, complaints


def _word(value: object) -> str:
    """true and false are what others call on and off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
