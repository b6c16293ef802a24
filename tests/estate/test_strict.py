"""YAML without surprises."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from estate.shapes import declared
from estate.strict import MAX_DEPTH, MAX_TEXT, read_tree


def test_only_truth_nothing_and_whole_numbers_are_typed() -> None:
    text = (
        "[true, false, null, 12, -3, 0, yes, no, on, off, 010, 0x1F, 1_000, 1.5, 22:00,"
        " 2026-11-20, ~, +1, .inf, 'true', \"12\", True, NULL]"
    )
    tree, problems = read_tree(text)
    assert problems == ()
    assert declared(tree) == (
        True, False, None, 12, -3, 0, "yes", "no", "on", "off", "010", "0x1F", "1_000", "1.5",
        "22:00", "2026-11-20", "~", "+1", ".inf", "true", "12", "True", "NULL",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", "3: 'a' again, first on line 1 — keep one of them"),
        ("a: &x [1]\nb: 1", "1: an anchor (x) — write the value out"),
        ("a: 1\nb: *x", "2: an alias (x) — write the value out"),
        ("a: !!python/object:os.system x", "1: a tag (tag:yaml.org,2002:python/object:os.system) — remove it"),
        ("a: !vault x", "1: a tag (!vault) — remove it"),
        ("a: b\n---\nc: d", "2: a second document — keep one, without --- between"),
        ("a:\n\tb: c", "2: a tab in the indentation — indent with blanks"),
        ("a:\n  \tb: c", "2: a tab in the indentation — indent with blanks"),
        ("a: 'b\n", "2: not YAML: found unexpected end of stream — correct the syntax here or just above"),
        ("? [a]\n: b", "1: a key that is a list — write text as the key"),
        ("a: b\u202ec", "1: hidden characters in 'a: b\\\\u202ec' — remove them"),
        ("a: 1\n# \x1b[2J", "2: hidden characters in '# \\\\x1b[2J' — remove them"),
        ("[" * 30, f"1: not YAML: nested more than {MAX_DEPTH} deep — correct the syntax here or just above"),
    ],
)  # fmt: skip
def test_a_surprise_is_refused_with_its_line(text: str, said: str) -> None:
    _, problems = read_tree(text)
    assert [str(problem) for problem in problems] == [said]


def test_a_tab_before_nothing_or_a_comment_does_no_harm() -> None:
    tree, problems = read_tree("a: 1\n \t\n  \t# b\nc:\t2")
    assert problems == ()
    assert declared(tree) == {"a": 1, "c": 2}


def test_the_deepest_nesting_is_read() -> None:
    _, problems = read_tree("[" * MAX_DEPTH + "x" + "]" * MAX_DEPTH)
    assert problems == ()
    _, problems = read_tree("[" * (MAX_DEPTH + 1) + "x" + "]" * (MAX_DEPTH + 1))
    assert [problem.line for problem in problems] == [1]


def test_all_surprises_are_found_at_once() -> None:
    _, problems = read_tree("a: &x 1\na: !t 2\nb: {c: 1, c: 2}")
    assert [problem.line for problem in problems] == [1, 2, 2, 3]


def test_a_bomb_of_aliases_is_never_expanded() -> None:
    bomb = "a: &a [x]\n" + "".join(f"{n}: &{n} [*a, *a, *a]\n" for n in "bcdefgh")
    tree, problems = read_tree(bomb)
    assert len(problems) == 1 + 7 * 4
    assert len(str(tree)) < 5_000


def test_a_text_too_long_is_not_parsed() -> None:
    _, problems = read_tree("a" * (MAX_TEXT + 1))
    assert [str(problem) for problem in problems] == [
        "1: longer than 4,194,304 characters — split it"
    ]


def test_values_know_their_line() -> None:
    tree, _ = read_tree("a:\n  - 1\n  - b: x\n")
    assert isinstance(tree.value, dict)
    items = tree.value["a"].node.value
    assert isinstance(items, tuple)
    assert [item.line for item in items] == [2, 3]


@given(st.text(max_size=200))
def test_any_text_is_a_tree_or_problems(text: str) -> None:
    _, problems = read_tree(text)
    assert all(problem.line >= 1 and problem.what and problem.todo for problem in problems)


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("abc :#-é電", max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(_PLAIN)
def test_what_a_standard_writer_writes_is_read_back(value: object) -> None:
    def as_tuples(each: object) -> object:
        if isinstance(each, list):
            return tuple(as_tuples(one) for one in each)
        return {k: as_tuples(v) for k, v in each.items()} if isinstance(each, dict) else each

    class Writer(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    tree, problems = read_tree(yaml.dump(value, Dumper=Writer, allow_unicode=True))
    assert problems == ()
    assert declared(tree) == as_tuples(value)
