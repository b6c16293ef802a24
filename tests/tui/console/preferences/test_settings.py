"""Settings: what a terminal makes of them, and the file they live in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.console.preferences.settings import (
    CHOICES,
    PRESETS,
    Settings,
    config_home,
    next_choice,
    read_settings,
    write_setting,
)

XTERM = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


@pytest.mark.parametrize(
    ("settings", "environ", "theme"),
    [
        (Settings(), XTERM, "dark"),
        (Settings(), {**XTERM, "COLORFGBG": "0;15"}, "light"),
        (Settings(), {**XTERM, "COLORFGBG": "15;0"}, "dark"),
        (Settings(), {**XTERM, "NO_COLOR": "1"}, "mono"),
        (Settings(), {**XTERM, "NO_COLOR": ""}, "dark"),
        (Settings(low_bandwidth="on"), XTERM, "ansi"),
        (Settings(), {"TERM": "tmux-256color"}, "dark-256"),
        (Settings(theme="light"), {"TERM": "xterm-256color"}, "light-256"),
        (Settings(theme="ansi"), XTERM, "ansi"),
        (Settings(), {"TERM": "xterm"}, "ansi"),
        (Settings(), {"TERM": "linux"}, "ansi"),
        (Settings(), {"TERM": "vt100"}, "mono"),
        (Settings(), {}, "mono"),
        (Settings(theme="light"), {**XTERM, "NO_COLOR": "1"}, "light"),
    ],
)
def test_the_theme_fits_the_terminal(
    settings: Settings, environ: dict[str, str], theme: str
) -> None:
    assert settings.theme_for(environ) == theme


@pytest.mark.parametrize(
    ("settings", "environ", "encoding", "ascii_only"),
    [
        (Settings(), {"LANG": "en_HK.UTF-8"}, "utf-8", False),
        (Settings(), {"LANG": "en_HK"}, "iso8859-1", True),
        (Settings(), {"LANG": "zh_HK.UTF-8"}, "utf-8", True),
        (Settings(), {"LANG": "zh_HK.UTF-8", "LC_ALL": "C.UTF-8"}, "UTF-8", False),
        (Settings(), {"TERM": "linux", "LANG": "C.UTF-8"}, "utf-8", True),
        (Settings(), {"LANG": "C"}, "utf-8", True),
        (Settings(), {}, "utf-8", True),
        (Settings(), {"LANG": "en_HK.utf8"}, "utf-8", False),
        (Settings(ascii="off"), {"LANG": "ja_JP.UTF-8"}, "utf-8", False),
        (Settings(ascii="on"), {}, "utf-8", True),
    ],
)
def test_glyphs_fit_the_locale(
    settings: Settings, environ: dict[str, str], encoding: str, ascii_only: bool
) -> None:
    assert settings.ascii_for(environ, encoding) is ascii_only


UTF8 = {"TERM": "xterm-256color", "LANG": "en_HK.UTF-8"}


@pytest.mark.parametrize(
    ("settings", "estate", "environ", "encoding", "language"),
    [
        (Settings(), "zh-Hant", UTF8, "utf-8", "zh-Hant"),
        (Settings(), "zh-HK", UTF8, "utf-8", "zh-Hant"),
        (Settings(), "en", UTF8, "utf-8", "en"),
        (Settings(), "fr", UTF8, "utf-8", "en"),
        (Settings(language="en"), "zh-Hant", UTF8, "utf-8", "en"),
        (Settings(language="zh-Hant"), "en", UTF8, "utf-8", "zh-Hant"),
        (Settings(), "zh-Hant", {**UTF8, "TERM": "linux"}, "utf-8", "en"),
        (Settings(language="zh-Hant"), "en", {**UTF8, "TERM": "linux"}, "utf-8", "zh-Hant"),
        (Settings(), "zh-Hant", {"TERM": "xterm", "LANG": "C"}, "utf-8", "en"),
        (Settings(), "zh-Hant", {"TERM": "xterm", "LANG": "en_HK"}, "iso8859-1", "en"),
        (Settings(), "zh-Hant", {"TERM": "xterm", "LANG": "zh_HK"}, "big5hkscs", "zh-Hant"),
    ],
)
def test_the_language_is_the_persons_else_the_estates_where_it_can_be_shown(
    settings: Settings, estate: str, environ: dict[str, str], encoding: str, language: str
) -> None:
    assert settings.language_for(estate, environ, encoding) == language


def test_choices_go_round() -> None:
    for name, choices in CHOICES.items():
        settings = Settings()
        for _ in choices:
            settings = settings.choosing(name, next_choice(name, getattr(settings, name)))
        assert settings == Settings()


def test_where_files_are() -> None:
    assert config_home({"XDG_CONFIG_HOME": "/x"}) == Path("/x/twinwatch")
    assert config_home({}) == Path("~/.config/twinwatch").expanduser()


def test_reading_is_strict_and_names_every_line(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(
        "theme: light\n"
        "bell: true\n"
        "mouse: maybe\n"
        "colour: red\n"
        "presets:\n"
        "  '5': group:mta\n"
        "  ten: x\n"
        "theme: dark\n"
    )
    settings, complaints = read_settings(path)
    assert (settings.theme, settings.bell, settings.mouse) == ("light", "on", "on")
    assert settings.presets == {**PRESETS, "5": "group:mta"}
    said = {each.line: each.what for each in complaints}
    assert said[3] == "mouse: 'maybe' is no choice"
    assert said[4] == "no setting is called 'colour'"
    assert said[5] == "presets: 'ten' is no key 1 to 9 with a filter"
    assert 8 in said, "a name that is given twice"


@pytest.mark.parametrize("content", ["- a\n", "a: [\n", "\x00", "just text\n"])
def test_what_is_no_mapping_leaves_the_defaults(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text(content)
    settings, complaints = read_settings(path)
    assert settings == Settings() and len(complaints) >= 1
    assert str(complaints[0]).startswith(f"{path}:")


def test_bytes_that_are_no_text_are_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    settings, complaints = read_settings(path)
    assert settings == Settings() and len(complaints) == 1


def test_writing_changes_one_line(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.yaml"
    write_setting(path, "theme", "light")
    assert read_settings(path) == (Settings(theme="light"), ())
    path.write_text("# mine\ntheme: dark  # at night\nunknown: kept\n")
    write_setting(path, "theme", "mono")
    write_setting(path, "bell", "on")
    assert path.read_text() == '# mine\ntheme: "mono"\nunknown: kept\nbell: "on"\n'
    assert [each.name for each in path.parent.iterdir()] == ["settings.yaml"]


def test_a_directory_that_is_not_ours_is_the_callers_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        write_setting(tmp_path / "file" / "settings.yaml", "theme", "mono")
