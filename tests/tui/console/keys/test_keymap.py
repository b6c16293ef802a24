"""Bindings, and how a person's file changes them."""

from __future__ import annotations

from pathlib import Path

from tui.console.keys.keymap import BINDINGS, Binding, Keymap, clashes, read_keys

SCREENS = (
    *("home", "hosts", "host", "problems", "events"),
    *("runbooks", "plan", "runs", "run", "help", "settings"),
)


def test_the_defaults_do_not_clash() -> None:
    assert clashes(BINDINGS) == []
    assert len({binding.id for binding in BINDINGS}) == len(BINDINGS)


def test_one_key_means_one_thing_on_one_screen() -> None:
    keymap = Keymap()
    assert keymap.of("[", "host") == "host.previous"
    assert keymap.of("[", "hosts") == "history.back"
    assert keymap.of("1", "host") == "span.hour"
    assert keymap.of("1", "hosts") == "preset.1"
    assert keymap.of("1", "home") == ""
    assert keymap.of("f12", "home") == ""


def test_help_and_footer_tell_the_live_keys(tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text("filter: [ctrl+f, '/']\npause: null\n")
    keymap, complaints = read_keys(tmp_path / "keys.yaml")
    assert complaints == ()
    assert ("find", "ctrl-f /", "filter: site:dc2 cpu>80 state!=ok", "filter") in keymap.help()
    assert ("ctrl-f", "filter") in keymap.footer("home")
    assert all(each[3] != "pause" for each in keymap.help())
    assert keymap.of("p", "home") == ""


def test_what_cannot_be_used_is_complained_of_and_the_rest_holds(tmp_path: Path) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text("refresh: F5\nfly: x\nhelp: {a: b}\npalette: j\n")
    keymap, complaints = read_keys(path)
    assert [str(each) for each in complaints] == [
        f"{path}:2: no binding is called 'fly'; ids are in help (?)",
        f"{path}:3: help: not a key or a list of keys; write 'ctrl+r'",
        f"{path}:4: 'j' is both palette and cursor.down; palette keeps its default; "
        "bind cursor.down to another key",
    ]
    assert keymap.of("F5", "hosts") == "refresh"
    assert keymap.of("ctrl+p", "home") == "palette"
    assert keymap.of("j", "home") == "cursor.down"


def test_a_swap_is_no_clash(tmp_path: Path) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text("cursor.down: k\ncursor.up: j\n")
    keymap, complaints = read_keys(path)
    assert complaints == ()
    assert keymap.of("k", "home") == "cursor.down"


def test_two_wishes_for_one_key_blame_the_later(tmp_path: Path) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text("pause: x\nredraw: x\n")
    keymap, complaints = read_keys(path)
    assert [each.line for each in complaints] == [2]
    assert (keymap.of("x", "home"), keymap.of("ctrl+l", "home")) == ("pause", "redraw")


def test_no_file_is_no_complaint(tmp_path: Path) -> None:
    keymap, complaints = read_keys(tmp_path / "none.yaml")
    assert keymap.bindings == BINDINGS and complaints == ()


def test_not_yaml_is_complained_of_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "keys.yaml"
    path.write_text("help: x\npause: [\n")
    _, complaints = read_keys(path)
    assert complaints and complaints[0].path == path and complaints[0].line in (2, 3)


def test_bindings_on_different_screens_do_not_meet() -> None:
    one = Binding("one", ("x",), "", "", "", ("home",))
    other = Binding("other", ("x",), "", "", "", ("hosts",))
    everywhere = Binding("everywhere", ("x",), "", "")
    assert clashes((one, other)) == []
    assert clashes((one, everywhere)) == [(one, everywhere, "x")]


def test_every_screen_says_how_to_leave_it() -> None:
    for screen in SCREENS:
        assert Keymap().of("escape", screen) == "up"
        assert Keymap().of(":", screen) == "command"
