"""Lines that are asked one after the other."""

from estate.language import ENGLISH
from tui.console.prompts.form import Field, Form
from tui.console.prompts.prompt import Prompt

FIELDS = (
    Field("incident", "Incident number"),
    Field("loss", "Loss", default="none", of=("none", "some")),
    Field("pin", "PIN", secret=True),
    Field("site", "Site", must="recovery"),
)


def typed(form: Form, *keys: str) -> Form:
    for key in keys:
        for each in [key] if key in ("enter", "tab", "backspace") else key:
            form = form.pressed(each)
    return form


def test_line_after_line_until_it_is_complete() -> None:
    form = Form("start", "Start", FIELDS)
    form = typed(form, "C-1207", "enter")
    assert (form.here.name, form.given) == ("loss", {"incident": "C-1207"})
    form = typed(form, "enter", "s3cret", "enter", "recovery", "enter")
    assert form.complete
    assert form.given == {
        "incident": "C-1207", "loss": "none", "pin": "s3cret", "site": "recovery",
    }  # fmt: skip


def test_what_must_stand_there_is_asked_until_it_does() -> None:
    form = typed(Form("start", "Start", FIELDS), "enter")
    assert (form.wrong, form.answers) == ("something must stand here", ())
    form = typed(form, "x", "enter", "much", "enter")
    assert (form.wrong, form.here.name) == ("one of these: none, some", "loss")
    form = typed(form, "backspace", "backspace", "backspace", "backspace", "enter", "p", "enter")
    form = typed(form, "Recovery", "enter")
    assert form.wrong == "that is not its name: nothing was started"
    assert not form.complete


def test_a_choice_is_gone_through_by_tab() -> None:
    form = typed(Form("start", "Start", FIELDS), "x", "enter", "tab")
    assert form.prompt.text == "none"
    assert typed(form, "tab").prompt.text == "some"
    assert typed(form, "tab", "tab").prompt.text == "none"


def test_a_secret_is_never_shown() -> None:
    form = typed(Form("start", "Start", FIELDS), "x", "enter", "enter", "hush")
    assert (form.shown().before, form.shown().after) == ("****", "")
    form = typed(form, "enter")
    assert "hush" not in repr(form.shown())
    assert form.shown().given[-1] == ("PIN", "***")


def test_the_cursor_stands_where_it_is_typed() -> None:
    form = Form("start", "Start", FIELDS, prompt=Prompt("line", "C-1207", 2))
    assert (form.shown().before, form.shown().after) == ("C-", "1207")
    assert form.shown().left == ("Loss", "PIN", "Site")


def test_after_a_key_it_is_open_or_complete_or_left() -> None:
    words = ENGLISH
    form = Form("x", "X", (Field("why", "Why"),))
    for key in ("escape", "ctrl+c"):
        assert form.after(key, words) == (None, None)
    assert form.after("enter", words)[1] is None, "something must stand there"
    typed, complete = form.after("a", words)
    assert typed is not None and complete is None
    left, complete = typed.after("enter", words)
    assert left is None and complete is not None
    assert complete.given == {"why": "a"}
