"""Inputs: refused, or given to a script byte for byte; in every shell that hosts have."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from estate.file import read_estate
from estate.model import Estate
from runbooks.inputs import (
    MAX_SECRET,
    MAX_TEXT,
    Inputs,
    InputValueError,
    assignments,
    checked,
    environment,
    quoted,
    read_inputs,
    secrets_for,
    with_inputs,
)
from runbooks.runbook import Check, Copy, Do, Input, InputType, Playbook, Rolling, Runbook, Tls

ESTATE: Estate = read_estate(
    "estate: x\nsites: {a: {role: primary}, b: }\nhosts: {h1: {site: a}, h2: {site: b}}", "x"
)

#: What people, and worse people, put into a form.
CORPUS = [
    "plain", "two words", "it's", '"', "''", '"\'"', "a'b'c", "$(touch owned)", "`touch owned`",
    "${PATH}", "$PATH", "$$", "\\", "\\'", "\\n", "%s%n", "; touch owned", "| touch owned",
    "&& touch owned", "\n", "a\nb", "a\n", "\n\na", "'; touch owned; '", "-rf", "--", "-", "--help",
    "*", "?", "[a-z]", "~", "~root", "!", "!!", "#", " # x", "(", ")", "{a,b}", "<", ">out", "a=b",
    "OPS_RUN=x", "$'\\n'", "\t", " ", " a ", "\u202eevil", "\x1b[2J", "\x00", "a\x00b", "\r", "a\r\n",
    "電郵", "é", "\U0001f4a9", "\ud800", "../../etc/passwd", "/etc/../x", "/a b/c'd", "/-rf",
    "x" * 1_001, "x" * 65_536, "'" * 65_536, "x" * 65_537, "0", "-1", "007", "1e3", "９",
    "EOF\ntouch owned", "$((1+1))", "a[$(touch owned)]", "",
]  # fmt: skip

TYPES = {
    InputType.ID: Input("id", InputType.ID, "?"),
    InputType.LINE: Input("line", InputType.LINE, "?"),
    InputType.TEXT: Input("text", InputType.TEXT, "?"),
    InputType.NUMBER: Input("number", InputType.NUMBER, "?"),
    InputType.CHOICE: Input("choice", InputType.CHOICE, "?", of=("$(touch owned)", "it's", "-rf")),
    InputType.HOST: Input("host_", InputType.HOST, "?"),
    InputType.SITE: Input("site_", InputType.SITE, "?"),
    InputType.PATH: Input("path", InputType.PATH, "?"),
    InputType.SECRET: Input("secret", InputType.SECRET, "?"),
}
SHELLS = [["dash"], ["bash", "--posix"], ["bash"], ["busybox", "ash"]]


def taken(asked: Input) -> list[str]:
    """What of the corpus `asked` takes."""
    fit = []
    for value in CORPUS:
        try:
            fit.append(checked(asked, value))
        except InputValueError:
            pass
    return fit


def test_every_type_is_in_the_corpus() -> None:
    assert set(TYPES) == set(InputType)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
@pytest.mark.parametrize("kind", InputType)
def test_what_a_type_takes_arrives_verbatim(
    tmp_path: object, kind: InputType, shell: list[str]
) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    values = {f"OPS_V{place}": value for place, value in enumerate(taken(TYPES[kind]))}
    assert values, "the corpus has nothing that this type takes"
    for some in _chunks(values, 40):
        # Each variable is printed by the shell itself, and by a program that it starts.
        script = assignments(some) + "".join(
            f"printf '%s\\0' \"${name}\"; printenv -0 {name}\n" for name in some
        )
        ended = subprocess.run(
            [*shell, "-s"], input=script.encode(), capture_output=True, timeout=60, check=False,
            cwd=str(tmp_path), env={"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        assert ended.stderr == b""
        said = ended.stdout.decode().split("\0")[:-1]
        assert said == [value for value in some.values() for _ in range(2)]
    assert list(tmp_path.iterdir()) == []  # type: ignore[attr-defined]


def _chunks(values: Mapping[str, str], size: int) -> list[dict[str, str]]:
    items = list(values.items())
    return [dict(items[at : at + size]) for at in range(0, len(items), size)]


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (InputType.ID, {"-rf", "two words", "$(touch owned)", "電郵", "../../etc/passwd"}),
        (InputType.LINE, {"a\nb", "\t", "\x1b[2J", "\u202eevil", "x" * 1_001}),
        (InputType.TEXT, {"\x1b[2J", "\u202eevil", "\r", "a\r\n", "x" * 65_537}),
        (InputType.NUMBER, {"-", "007", "1e3", "９", " a ", "$$"}),
        (InputType.CHOICE, {"plain", "-"}),
        (InputType.HOST, {"-rf", "*", "a=b"}),
        (InputType.SITE, {"-rf", "*", "a=b"}),
        (InputType.PATH, {"-rf", "/etc/../x", "../../etc/passwd", "a\nb"}),
        (InputType.SECRET, {"x" * 65_536}),
    ],
)
def test_what_a_type_refuses(kind: InputType, refused: set[str]) -> None:
    never = {"\x00", "a\x00b", "\ud800", "", "x" * 65_537}
    assert (refused | never).isdisjoint(taken(TYPES[kind]))


def test_lines_and_texts_take_what_only_looks_dangerous() -> None:
    dangerous = {"$(touch owned)", "`touch owned`", "-rf", "'; touch owned; '", '"\'"', "*"}
    assert dangerous <= set(taken(TYPES[InputType.LINE]))
    assert dangerous | {"a\nb", "\n", "'" * 65_536} <= set(taken(TYPES[InputType.TEXT]))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=8)
)
def test_any_text_survives_its_quotes(texts: list[str]) -> None:
    script = "".join(f"printf '%s\\0' {quoted(text)}\n" for text in texts)
    ended = subprocess.run(
        ["sh", "-s"], input=script.encode(), capture_output=True, check=True, timeout=30
    )
    assert ended.stdout.decode() == "".join(f"{text}\0" for text in texts)


@pytest.mark.parametrize(
    ("asked", "value", "said"),
    [
        (TYPES[InputType.ID], "a b", "'a b' does not fit — write letters, digits and _ . / : # -"),
        (TYPES[InputType.ID], "a\0b", "a NUL — remove it: no program can be given one"),
        (TYPES[InputType.ID], "\udc80", "bytes that are no UTF-8 — write it in UTF-8"),
        (TYPES[InputType.LINE], "a\n", "'a\\n' does not fit — write one line of 1,000 characters at most"),
        (TYPES[InputType.SECRET], "s" * (MAX_SECRET + 1), "8,193 bytes — write 8,192 at most; copy larger files"),
        (TYPES[InputType.TEXT], "t" * (MAX_TEXT + 1), "65,537 bytes — write 65,536 at most; copy larger files"),
        (TYPES[InputType.LINE], "", "nothing — write something"),
        (Input("n", InputType.NUMBER, "?", least=1, most=9), "10", "'10' does not fit — write a whole number from 1 to 9"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_write(asked: Input, value: str, said: str) -> None:
    with pytest.raises(InputValueError) as raised:
        checked(asked, value)
    assert str(raised.value) == said


def runbook(*asked: Input) -> Runbook:
    return Runbook(
        name="x", title="x", version=1, steps=(), ask={each.name: each for each in asked}
    )


def test_all_reasons_are_told_at_once() -> None:
    book = runbook(
        Input("incident", InputType.ID, "Incident number"),
        Input("where", InputType.HOST, "Which host"),
        Input("there", InputType.SITE, "Which site"),
        Input("loss", InputType.CHOICE, "What may be lost", default="none", of=("none", "some")),
        Input("pin", InputType.SECRET, "The pin"),
    )
    inputs, reasons = read_inputs(
        book, {"where": "h3", "there": "c", "loss": "all", "pni": "1", "pin": "a\0"}, ESTATE
    )
    assert inputs == Inputs()
    assert [str(each) for each in reasons] == [
        "no input 'pni' — did you mean 'pin'?",
        "incident is not given: Incident number — add --set incident=…",
        "where: no host 'h3' in the estate — hosts are h1, h2",
        "there: no site 'c' in the estate — sites are a, b",
        "loss: 'all' does not fit — write none or some",
        "pin: a NUL — remove it: no program can be given one",
    ]
    assert {each.rule for each in reasons} == {"input"}
    assert not any(each.waivable for each in reasons)


def test_a_runbook_that_asks_for_nothing_takes_nothing() -> None:
    inputs, (reason,) = read_inputs(runbook(), {"foo": "bar"}, ESTATE)
    assert inputs == Inputs()
    assert str(reason).startswith("no input 'foo' — leave it out: ")


def test_what_is_missing_is_asked_for_where_it_may_be_given() -> None:
    book = runbook(Input("words", InputType.LINE, "What"), Input("pin", InputType.SECRET, "Pin"))
    _, reasons = read_inputs(book, {}, ESTATE)
    assert [(each.missing, str(each)) for each in reasons] == [
        ("words", "words is not given: What — add --set words=…"),
        ("pin", "pin is not given: Pin — add --secrets FILE, in it pin=…"),
    ]


def test_secrets_stay_apart() -> None:
    book = runbook(
        Input("incident", InputType.ID, "?"),
        Input("pin", InputType.SECRET, "?"),
        Input("key", InputType.SECRET, "?"),
    )
    given_ = {"incident": "INC-1", "pin": "hush", "key": "hush too"}
    inputs, reasons = read_inputs(book, given_, ESTATE)
    assert reasons == ()
    assert inputs.values == {"incident": "INC-1"}
    assert "hush" not in repr(inputs)
    variables = environment(book, inputs, run="r", step="s", host="h1", site="a", drill=True)
    assert variables == {
        "OPS_RUN": "r", "OPS_STEP": "s", "OPS_HOST": "h1", "OPS_SITE": "a", "OPS_DRILL": "1",
        "OPS_INCIDENT": "INC-1",
    }  # fmt: skip
    assert secrets_for(("pin",), book, inputs) == {"OPS_PIN": "hush"}


def test_a_refused_secret_is_not_repeated() -> None:
    asked = Input("pin", InputType.SECRET, "?")
    for value in ("hush\0", "hush" * MAX_SECRET):
        with pytest.raises(InputValueError) as raised:
            checked(asked, value)
        assert "hush" not in str(raised.value)


def test_too_much_altogether_is_refused() -> None:
    texts = [Input(f"t{place}", InputType.TEXT, "?") for place in range(9)]
    given_ = {each.name: "x" * 65_536 for each in texts}
    _, reasons = read_inputs(runbook(*texts), given_, ESTATE)
    assert [str(each) for each in reasons] == [
        "inputs of 589,824 bytes together — give 524,288 at most; copy larger files"
    ]


def test_the_fields_of_all_steps_are_filled_and_scripts_are_not() -> None:
    copy = Copy(id="c", say="c", to="$page", text="$page", timeout_ms=1)
    tls = Tls("$there", ("$name", "b"), 0, "$serial")
    check = Check(id="t", say="t", ask=tls, timeout_ms=1)
    play = Playbook(id="p", say="p", file="$page", extra={"a": "$name", "b": "c"}, timeout_ms=1)
    do = Do(id="d", say="d", sh="$page", timeout_ms=1)
    roll = Rolling(id="r", say="r", hosts=("h",), each=(copy, do), then_always=(play,))
    book = Runbook(name="x", title="x", version=1, steps=(roll, do), before=(check,), text="t")
    values = {"page": "/a b", "there": "x:1", "name": "n$page", "serial": "0A"}
    filled = with_inputs(book, values)
    assert filled.text == "t"
    assert filled.before[0].ask == Tls("x:1", ("n$page", "b"), 0, "0A")
    rolled = filled.steps[0]
    assert isinstance(rolled, Rolling)
    assert rolled.each == (replace(copy, to="/a b"), do)
    assert rolled.then_always == (replace(play, extra={"a": "n$page", "b": "c"}),)
    assert filled.steps[1] is do
    assert with_inputs(book, {}) == book


def test_a_field_is_filled_as_one_literal() -> None:
    inputs = Inputs({"page": "/srv/$x $(y)"})
    assert inputs.filled("$page") == "/srv/$x $(y)"
    assert inputs.filled("/srv/page") == "/srv/page"
