"""What one shift hands to the next, at one console: read item by item, answered and signed.

Sans-IO as the session that it is a part of. Nothing here needs a console that is armed: it changes
whose things are, never a host, and the watch asks who they are.
"""

from __future__ import annotations

from dataclasses import replace

from estate.handover import Answer, Handover, Item, Note
from estate.language import Words
from tui.console.form import Field, Form
from tui.console.handoverrequests import (
    AnswerItems,
    AskHandover,
    HandedOver,
    HandoverRequest,
    SignHandover,
)
from tui.paint.view import View

#: Somebody may answer at another console: it is asked for anew so often.
ANEW_MS = 5_000

_ANSWERS = {
    "handover.accept": Answer.ACCEPTED,
    "handover.question": Answer.QUESTIONED,
    "handover.refuse": Answer.REFUSED,
}


class HandoverDesk:
    """`at` is the console's monotonic clock in ms. Calls return requests; `message` is for the
    person."""

    def __init__(self) -> None:
        self.form: Form | None = None
        self.message = ""
        self._known: HandedOver | None = None
        self._asked_at: int | None = None
        self._why = ""

    def wanted(self, at: int) -> tuple[HandoverRequest, ...]:
        """What the screen lacks, or has for too long."""
        if self._asked_at is not None and at - self._asked_at < ANEW_MS:
            return ()
        self._asked_at = at
        return (AskHandover(),)

    # --- keys -------------------------------------------------------------------------------------

    def act(self, binding: str, row: str, words: Words) -> tuple[HandoverRequest, ...]:
        """A key for the item at `row` ("item:ID"), or for all of the handover."""
        known = self._known.handover if self._known is not None else None
        if known is None:
            self.message = words.say("no handover waits for you")
        elif known.signed is not None:
            self.message = words.say("it is signed already")
        elif binding == "handover.sign":
            self._sign(known, words)
        elif binding == "handover.accept_all":
            if known.unanswered:
                return (AnswerItems(known.offered.id, (), Answer.ACCEPTED),)
            self.message = words.say("something was said of every item")
        else:
            return self._answer(known, row, _ANSWERS[binding], words)
        return ()

    def _answer(
        self, known: Handover, row: str, answer: Answer, words: Words
    ) -> tuple[HandoverRequest, ...]:
        kind, _, name = row.partition(":")
        item = next((each for each in known.offered.items if each.id == name), None)
        if kind != "item" or item is None:
            self.message = words.say("no item is here")
        elif answer is Answer.ACCEPTED:
            return (AnswerItems(known.offered.id, (item.id,), answer),)
        else:
            self.form = _why(known, item, answer, words)
        return ()

    def _sign(self, known: Handover, words: Words) -> None:
        left = len(known.unanswered)
        if left:
            self.message = words.say_many(
                "nothing was said of {count:,} item yet", "nothing was said of {count:,} items yet",
                left,
            )  # fmt: skip
            return
        title = words.say("Take {handover} over from {owner}: its items are yours then",
                          handover=known.offered.id, owner=known.owner)  # fmt: skip
        sure = Field("sure", words.say("Sign it"), words.say("yes, or no"), "yes", ("yes", "no"))
        self.form = Form("sign", title, (sure,), {"handover": known.offered.id})

    def press(self, key: str, words: Words) -> tuple[HandoverRequest, ...]:
        """A key for the form that is open."""
        form = self.form
        assert form is not None, "no form is open"
        if key in ("escape", "ctrl+c"):
            self.form = None
            return ()
        form = form.pressed(key, words)
        self.form = None if form.complete else form
        if not form.complete:
            return ()
        handover, given = str(form.about["handover"]), form.given
        if form.purpose == "sign":
            return (SignHandover(handover),) if given["sure"] == "yes" else ()
        return (
            AnswerItems(handover, (str(form.about["item"]),), Answer(form.purpose), given["why"]),
        )

    # --- what comes -------------------------------------------------------------------------------

    def hear(self, request: HandoverRequest, answer: object, words: Words) -> None:
        """The watch said how it stands, or why it did not take it."""
        if not isinstance(answer, HandedOver):
            self._why = self.message = str(answer)
            return
        self._known, self._why = answer, ""
        if isinstance(request, AnswerItems):
            self.message = words.say("noted")
        elif isinstance(request, SignHandover):
            self.message = words.say("signed: its items are yours")

    def dress(self, view: View) -> View:
        """`view` with what was handed over."""
        known = self._known
        if view.screen != "handover":
            return view
        if known is None:
            return replace(view, unanswered=self._why)
        notes: tuple[Note, ...] = known.notes
        return replace(view, handover=known.handover, notes=notes, unanswered=self._why)


def _why(known: Handover, item: Item, answer: Answer, words: Words) -> Form:
    say = words.say
    what = words.retold(item.what)
    if answer is Answer.QUESTIONED:
        title = say("You question {where}: {what}", where=item.where, what=what)
        why = Field("why", say("What is not clear"), say("for whoever hands it over"))
    else:
        title = say("You refuse {where}: {what}", where=item.where, what=what)
        why = Field("why", say("Why you don’t take it"), say("for whoever hands it over"))
    about = {"handover": known.offered.id, "item": item.id}
    return Form(answer.value, title, (why,), about)
