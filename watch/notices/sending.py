"""Sending a message by Apprise; the one file that knows it. It is an extra: `twinwatch[notify]`.

What an address holds is a secret: errors name the target, and whatever the library says of an
address is taken out of them.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from urllib.parse import unquote, urlsplit

from estate.clean import clean
from runbooks.redaction import Redaction
from watch.error import WatchError
from watch.notices.messages import Message
from watch.notices.rules import Target

#: Of what the library says about a failure.
MOST_WHY = 200


def missing() -> str:
    """Why nothing can be sent; "" where it can."""
    return (
        "" if find_spec("apprise") else "Apprise is not installed: pip install 'twinwatch[notify]'"
    )


def service_of(target: Target) -> str:
    """What kind of services a target is ("mailtos, json"); no part of an address but its scheme."""
    return ", ".join(dict.fromkeys(url.partition("://")[0] for url in target.urls))


def check(target: Target) -> str:
    """Why an address of `target` is none of Apprise's; "" where all are."""
    from apprise import Apprise

    for number, url in enumerate(target.urls, 1):
        with _said():
            if Apprise.instantiate(url) is None:
                return f"Apprise does not know address {number} of {target.name}"
    return ""


def send(target: Target, message: Message) -> None:
    """Send to every address of `target`; blocks. Raises WatchError where one did not take it."""
    if why := missing():
        raise WatchError("nothing was sent", target.name, why, "see twinwatch doctor")
    from apprise import Apprise, AppriseAttachment, NotifyFormat
    from apprise.attachment.memory import AttachMemory

    attached = AppriseAttachment()
    if (file := message.attachment) is not None:
        held = AttachMemory(  # type: ignore[no-untyped-call]
            content=file.content, name=file.name, mimetype=file.kind
        )
        attached.add(held)
    failed: list[str] = []
    for url in target.urls:
        with _said() as said:
            try:
                # By an Apprise of one address, never by its plug-in: there the text is made HTML
                # or Markdown for services that speak nothing else, and what a host said stays text.
                service = Apprise()
                taken = service.add(url) and service.notify(
                    body=without_mentions(message.body),
                    title=without_mentions(message.title),
                    body_format=NotifyFormat.TEXT,
                    attach=attached if attached.attachments else None,
                )
            except Exception as error:  # whatever a plug-in raises is that target's trouble
                taken = False
                said.append(f"{type(error).__name__}: {error}")
        if not taken:
            failed.append(_why(said, target))
    if failed:
        do = "check the address in the file of targets, and the way there"
        raise WatchError("it was not taken", target.name, "; ".join(failed), do)


def without_mentions(text: str) -> str:
    """`text`, in which nobody is called: what a host is named or says pages no channel.

    A zero-width space parts the sign from the name (Slack and Discord, "escaping mentions"); an
    address of mail stays as it is.
    """
    return _MENTION.sub("\\g<0>\u200b", text)


#: "@here", and Slack's "<!here>", "<@U024BE7LH>" and "<#C024BE7LR>".
_MENTION = re.compile(r"(?<![\w.+-])@(?=\w)|<(?=[!@#])")


def _why(said: Iterable[str], target: Target) -> str:
    """The last thing that was said, without what is secret."""
    last = [each for each in said if each.strip()][-1:] or ["no reason is known"]
    return clean(
        Redaction(secrets_of(target)).redact_text(" ".join(last[0].split())), limit=MOST_WHY
    )


def secrets_of(target: Target) -> tuple[str, ...]:
    """All that an address holds but its scheme, whole and in parts, as written and decoded."""
    found: set[str] = set()
    for url in target.urls:
        try:
            parts = urlsplit(url)
            pieces = [parts.username, parts.password, *parts.path.split("/")]
            pieces += re.split(r"[&=?]", parts.query)
        except ValueError:  # no URL at all: all of it
            pieces = []
        pieces += re.split(r"[/?&=:@]+", url.partition("://")[2])
        for piece in (url, url.partition("://")[2], *pieces):
            if piece:
                found |= {piece, unquote(piece)}
    return tuple(sorted(found))


#: Where what is logged goes: Apprise sends on threads of its own, with the context of the caller.
_HEARD: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@contextmanager
def _said() -> Iterator[list[str]]:
    """What the library logs of this call meanwhile; it goes nowhere else."""
    said: list[str] = []
    logger = logging.getLogger("apprise")
    logger.propagate = False

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if _HEARD.get() is said and record.levelno >= logging.WARNING:
                said.append(record.getMessage())

    listening = Listening()
    logger.addHandler(listening)
    before = _HEARD.set(said)
    try:
        yield said
    finally:
        _HEARD.reset(before)
        logger.removeHandler(listening)
