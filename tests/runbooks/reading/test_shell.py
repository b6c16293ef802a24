"""What is seen in a shell text: commands, words, uses; and that a real shell sees no less."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runbooks.reading.commands import ShellError, Use
from runbooks.reading.shell import scan


def commands(text: str) -> list[list[str]]:
    """The literal words of every command that has any."""
    return [[word.literal for word in each.words] for each in scan(text).commands if each.words]


def uses(text: str) -> list[tuple[str, int, bool, str]]:
    return [(use.name, use.line, use.quoted, use.where) for use in scan(text).uses]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a b; c|d & e && f || g\nh", [["a", "b"], ["c"], ["d"], ["e"], ["f"], ["g"], ["h"]]),
        ("a 'b c' \"d\"e\\ f # g", [["a", "b c", "de f"]]),
        ("a#b # c 'd", [["a#b"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"]]),
        ("while ! a; do { b; }; done", [["a"], ["b"]]),
        ("(a; b) && f() { c; }", [["a"], ["b"], ["f"], ["c"]]),
        ("a >out 2>&1 <in", [["a", "2"]]),
        ("a $(b $(c) \"$(d)\") `e f`", [["a", "", ""], ["b", "", ""], ["c"], ["d"], ["e", "f"]]),
        ("case a in b|c) d;; (e) f;; *) g ;; esac; h", [["case", "a"], ["d"], ["f"], ["g"], ["h"]]),
        ("x=$(case a in b) c;; esac); d", [["x="], ["case", "a"], ["c"], ["d"]]),
        ("a <<X; b\nc 'd\nX\ne", [["a"], ["b"], ["e"]]),
        ("a <<-'X'\n\t$(b\n\tX\ne", [["a"], ["e"]]),
        ("a <<X <<Y\n1\nX\n2\nY\ne", [["a"], ["e"]]),
        ("a <<X\n`b $c` $(d `e`)\nX\nf", [["a"], ["b", ""], ["d", ""], ["e"], ["f"]]),
        ("a <<<b", [["a"]]),
        ("a $((1 + (2 << 3))) b", [["a", "", "b"]]),
        ("a ${b:-'}'} ${c#\"}\"} ${d%\\}} e", [["a", "", "", "", "e"]]),
        ("diff <(a) >(b)", [["diff"], ["a"], ["b"]]),
        ("a $'it\\'s' b", [["a", "it\\'s", "b"]]),
        ("[[ $a =~ ^(b|c)$ ]] && d", [["[[", "", "=~", "^", "b", "c", "", "]]"], ["d"]]),
        ("[[ a && b < c ]] && d", [["[[", "a", "b", "c", "]]"], ["d"]]),
        ("for a do if b; then c; fi; done", [["for", "a"], ["b"], ["c"]]),
        ("function a { if b; then c; fi; }", [["function", "a"], ["b"], ["c"]]),
        ("a $? $1 $@ $- $", [["a", "", "", "", "", ""]]),
    ],
)  # fmt: skip
def test_commands(text: str, seen: list[list[str]]) -> None:
    assert commands(text) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a $X", [("X", 0, False, "word")]),
        ('a\n"$X"', [("X", 1, True, "word")]),
        ("a '$X' \\$X \"\\$X\" # $X", []),
        ('"$(a $X)"', [("X", 0, False, "word")]),
        ('"$(a "$X")"', [("X", 0, True, "word")]),
        ("`a $X`", [("X", 0, False, "word")]),
        ("${X} ${#Y} ${Z:-$A}", [("X", 0, False, "word"), ("Y", 0, False, "word"), ("Z", 0, False, "word"), ("A", 0, False, "word")]),
        ('"${X:-"$Y"}"', [("X", 0, True, "word"), ("Y", 0, True, "word")]),
        ("$((X + $Y))", [("X", 0, True, "arithmetic"), ("Y", 0, True, "arithmetic")]),
        ("a <<E\n$X\nE\n$Y", [("X", 1, True, "heredoc"), ("Y", 3, False, "word")]),
        ("a <<'E'\n$X\nE", []),
        ("a <<\\E\n$X\nE", []),
        ("a <<E\n\\$X $(b $Y)\nE", [("Y", 1, False, "word")]),
        ("case $X in $Y) a $Z;; esac", [("X", 0, False, "word"), ("Y", 0, False, "word"), ("Z", 0, False, "word")]),
        ("a >$X", [("X", 0, False, "word")]),
    ],
)  # fmt: skip
def test_uses(text: str, seen: list[tuple[str, int, bool, str]]) -> None:
    assert uses(text) == seen


def test_a_word_knows_what_it_begins_with() -> None:
    words = scan("""a "$X" x"$X" "$X"/y ''"$X" `b`"$X" $Y --z="$X" """).commands[0].words[1:]
    first = [word.first.name if word.first else "" for word in words]
    assert first == ["X", "", "X", "X", "", "Y", ""]


def test_here_documents_are_their_commands() -> None:
    found = scan("a <<E; b\n$X\nE\n").commands
    assert [[use.name for use in each.fed] for each in found if each.words] == [["X"], []]


def test_assigned_names_are_known() -> None:
    shell = scan("a=1 b; for c in d; do read -r e f; done; export g=2; h+=3")
    assert {"a", "c", "e", "f", "h"} <= shell.assigned


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a\n'b\nc", 1, "a ' that is not closed"),
        ('a "b\n', 0, 'a " that is not closed'),
        ("a\n\n$(b", 2, "what is opened here is not closed by )"),
        ("a `$(b` c", 0, "what is opened here is not closed by )"),
        ("$(" * 70_000, 0, "nested more than 50 deep"),
        ("${X:-" * 10_000, 0, "nested more than 50 deep"),
        ("a `b", 0, "what is opened here is not closed by `"),
        ("a ${b", 0, "a ${ that is not closed"),
        ("a $((b)", 0, "a (( that is not closed"),
        ("a )", 0, "a ) that nothing opens"),
        ("a <<E\nb\n", 0, "a here document without its E"),
        ("a\nif b; then c", 1, "an if that no fi closes"),
        ("a\nif b; then\nwhile c; do d; fi", 2, "a while that no done closes"),
        ("(if a; then b)", 0, "an if that no fi closes"),
        ("a $(for b in c; do d)", 0, "a for that no done closes"),
        ("case a in\nb) c;;", 0, "a case that no esac closes"),
        ("f() {\na }", 0, "a { that no } closes"),
        ("a\nfi", 1, "a fi that nothing opens"),
        ("a; }", 0, "a } that nothing opens"),
        ("a; then b", 0, "a then outside if"),
        ("a; do b", 0, "a do outside for or select or until or while"),
    ],
)
def test_what_is_open_is_named_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(ShellError) as raised:
        scan(text)
    assert (raised.value.line, raised.value.what) == (line, what)


ROOT = Path(__file__).parents[3]
OURS = [
    path
    for room in ("collectors", "runbooks", "tools")
    for path in sorted((ROOT / room).rglob("*.sh"))
]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_our_own_programs_are_seen_to_their_end(path: Path) -> None:
    assert commands(f"{path.read_text()}\nis-seen\n")[-1] == ["is-seen"]


PIECES = ["a", " ", "'", '"', "$X", "${X}", "$(", ")", "`", "\\", "\n", ";", "#", "<<E", "E", "((", "))",
          "case", " in ", ";;", "esac", "|", "{", "}", "if", "then", "fi", "$'", "x="]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_is_written_it_ends(text: str) -> None:
    try:
        shell = scan(text)
    except ShellError as error:
        assert 0 <= error.line <= text.count("\n")
    else:
        assert all(isinstance(use, Use) for use in shell.uses)


BLOCKS = ["if a; ", "then b; ", "elif c; ", "else d; ", "fi; ", "while e; ", "for f in g; ", "for h ", "do i; ",
          "done; ", "{ j; ", "}; ", "case k in l) m;; ", "case n in fi) ", ";; ", "if) ", "esac; ", "(o; ", "); ",
          "p if fi; ", "'fi'; ", "q $(", ") r; ", "s() ", "! ", "\n", "|| "]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(BLOCKS), max_size=9).map("".join))
@example("for h do if a; then b; fi; done; ")
@example("case n in fi) if a; then b; fi; ;; if) c; esac; ")
@example("s() { j; if a; then b; elif c; then d; else e; fi; }; 'fi'; p if fi; ")
@example("if (o; ); then { j; }; fi; ")
@example("case a in esac; q $(if a; then b; fi; ) r; ")
def test_what_a_real_shell_takes_is_taken(text: str) -> None:
    dash = shutil.which("dash")
    if dash is None:
        pytest.skip("dash is not installed")
    if (
        subprocess.run(
            [dash, "-n", "-c", text], capture_output=True, timeout=10, check=False
        ).returncode
        == 0
    ):
        scan(text)


VALUE = "one  two *"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["'", '"', "$X", "${X}", " ", "\\", "a", "\n", "#", "=", "/"]), max_size=12).map("".join))  # fmt: skip
def test_what_is_called_quoted_is_not_split_by_a_real_shell(text: str) -> None:
    """Where every use is quoted, dash makes as many words as there are here."""
    dash = shutil.which("dash")
    if dash is None:
        pytest.skip("dash is not installed")
    try:
        shell = scan(text)
    except ShellError:
        return
    if len([each for each in shell.commands if each.words]) != 1 or "=" in text or "\n" in text:
        return
    words = next(each for each in shell.commands if each.words).words
    if not all(use.quoted for use in shell.uses):
        return
    ended = subprocess.run(
        [dash, "-c", f"count() {{ echo $#; }}; count {text}"],
        capture_output=True, text=True, env={"X": VALUE}, timeout=10, check=False,
    )  # fmt: skip
    assert ended.stdout.strip() == str(len(words)), (text, ended)
