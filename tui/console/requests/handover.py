"""What a console asks of its watch about what one shift hands to the next. Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estate.handover import Answer, Handover, Note


@dataclass(frozen=True, slots=True)
class AskHandover:
    """The last handover, and the notes that are open; `HandedOver`, as for all of these."""


@dataclass(frozen=True, slots=True)
class AnswerItems:
    """Accept, question or refuse items of a handover; none is all that is left: to accept, that
    nobody questioned or refused."""

    handover: str
    items: tuple[str, ...]
    answer: Answer
    why: str = ""


@dataclass(frozen=True, slots=True)
class SignHandover:
    """Take a handover over, as its document tells it."""

    handover: str


@dataclass(frozen=True, slots=True)
class ReplyOf:
    """Reply to what was questioned or refused of an item."""

    handover: str
    item: str
    text: str


HandoverRequest = AskHandover | AnswerItems | SignHandover | ReplyOf
HANDOVER_REQUESTS = (AskHandover, AnswerItems, SignHandover, ReplyOf)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The last handover as it stands now, None where none was offered; notes that are open."""

    handover: Handover | None
    notes: tuple[Note, ...]
