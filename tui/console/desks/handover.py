"""What one shift hands to the next, at one console: read item by item, answered and signed.

Sans-IO as the session that it is a part of. Nothing here needs a console that is armed: it changes
whose things are, never a host, and the watch asks who they are.
"""

from __future__ import annotations

from dataclasses import replace

from estate.handover import Answer, Handover, Item, Note
from estate.language import Words, later
from tui.console.journey.orders import Outcome, Say
from tui.console.journey.standpoint import Standpoint
from tui.console.prompts.form import Field, Form
from tui.console.requests.handover import (
    AnswerItems,
    AskHandover,
    HandedOver,
    ReplyOf,
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
    """See the module's first lines, and `tui.console.desks.desk.TypingDesk`."""

    def __init__(self) -> None:
        self.form: Form | None = None
        self._known: HandedOver | None = None
        self._asked_at: int | None = None
        self._why = ""

    def wanted(self, here: Standpoint) -> tuple[AskHandover, ...]:
        """What the screen lacks, or has for too long."""
        if here.place.screen != "handover":
            return ()
        if self._asked_at is not None and here.at - self._asked_at < ANEW_MS:
            return ()
        self._asked_at = here.at
        return (AskHandover(),)

    # --- keys -------------------------------------------------------------------------------------

    def act(self, binding: str, here: Standpoint) -> tuple[Outcome, ...]:
        """A key for the item at the cursor ("item:ID"), or for all of the handover."""
        known, words = self._known.handover if self._known is not None else None, here.words
        if known is None:
            return (Say(words.say("no handover waits for you")),)
        if known.signed is not None:
            return (Say(words.say("it is signed already")),)
        if binding == "handover.sign":
            return self._sign(known, words)
        if binding == "handover.reply":
            return self._reply(known, here.row(), words)
        if binding != "handover.accept_all":
            return self._answer(known, here.row(), _ANSWERS[binding], words)
        # Whoever signs must have answered for each item themselves: the watch knows who they are.
        return (AnswerItems(known.offered.id, (), Answer.ACCEPTED),)

    def _answer(
        self, known: Handover, row: str, answer: Answer, words: Words
    ) -> tuple[Outcome, ...]:
        item = _item_at(known, row)
        if item is None:
            return (Say(words.say("no item is here")),)
        if answer is Answer.ACCEPTED:
            return (AnswerItems(known.offered.id, (item.id,), answer),)
        self.form = _why(known, item, answer, words)
        return ()

    def _reply(self, known: Handover, row: str, words: Words) -> tuple[Outcome, ...]:
        """To what was asked last of the item, here or before; also by whoever offered it."""
        item, said = _item_at(known, row), (*known.carried, *known.answers)
        of_it = [each for each in said if item is not None and each.item == item.id]
        asked = of_it[-1] if of_it and of_it[-1].answer is not Answer.ACCEPTED else None
        if item is None or asked is None:
            return (Say(words.say("nothing was questioned or refused here")),)
        title = words.say("You reply to {person} of {where}: {why}",
                          person=asked.by, where=item.where, why=asked.why)  # fmt: skip
        text = Field("text", words.say("What you know of it"), words.say("for whoever takes it"))
        about = {"handover": known.offered.id, "item": item.id}
        self.form = Form("reply", title, (text,), about)
        return ()

    def _sign(self, known: Handover, words: Words) -> tuple[Outcome, ...]:
        left = len(known.unanswered)
        if left:
            said = words.say_many(
                "nothing was said of {count:,} item yet", "nothing was said of {count:,} items yet",
                left,
            )  # fmt: skip
            return (Say(said),)
        title = words.say("Take {handover} over from {owner}: its items are yours then",
                          handover=known.offered.id, owner=known.owner)  # fmt: skip
        doubts = _doubts(known, words)
        choice = words.say("yes, or no") if doubts else words.say("enter means yes; or type no")
        hint = " · ".join(filter(None, (choice, doubts)))
        sure = Field("sure", words.say("Sign it"), hint, "" if doubts else "yes", ("yes", "no"))
        self.form = Form("sign", title, (sure,), {"handover": known.offered.id})
        return ()

    def answered(self, form: Form, here: Standpoint) -> tuple[Outcome, ...]:
        """What was typed: to the watch."""
        handover, given = str(form.about["handover"]), form.given
        if form.purpose == "sign":
            return (SignHandover(handover),) if given["sure"] == "yes" else ()
        if form.purpose == "reply":
            return (ReplyOf(handover, str(form.about["item"]), given["text"]),)
        return (
            AnswerItems(handover, (str(form.about["item"]),), Answer(form.purpose), given["why"]),
        )

    # --- what comes -------------------------------------------------------------------------------

    def learn(self, request: object, answer: object, here: Standpoint) -> tuple[Outcome, ...]:
        """The watch said how it stands, or why it did not take it."""
        if not isinstance(answer, HandedOver):
            self._why = str(answer)
            return (Say(self._why),)
        self._known, self._why = answer, ""
        if isinstance(request, AnswerItems | ReplyOf):
            return (Say(here.words.say("noted")),)
        if isinstance(request, SignHandover):
            return (Say(here.words.say("signed: its items are yours")),)
        return ()

    def dress(self, view: View) -> View:
        """`view` with what was handed over."""
        known = self._known
        if view.screen != "handover":
            return view
        if known is None:
            return replace(view, unanswered=self._why)
        notes: tuple[Note, ...] = known.notes
        return replace(view, handover=known.handover, notes=notes, unanswered=self._why)


def _item_at(known: Handover, row: str) -> Item | None:
    kind, _, name = row.partition(":")
    return next((each for each in known.offered.items if (kind, each.id) == ("item", name)), None)


def _doubts(known: Handover, words: Words) -> str:
    """What whoever signs is to think of first: how much was questioned or refused; "" if nothing.
    With it there is no answer to be given by enter alone."""
    said = [each.answer for each in known.answers]
    refused, questioned = said.count(Answer.REFUSED), said.count(Answer.QUESTIONED)
    return ", ".join(
        words.say(sentence, count=count)
        for sentence, count in (
            (later("{count:,} refused"), refused),
            (later("{count:,} questioned"), questioned),
        )
        if count
    )


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
