"""mail: a message that goes in by SMTP and comes out of its mailbox, as its users' do.

Each round sends one message with a token of its own, waits until it can be fetched, and deletes it.
STARTTLS is used where it is offered. What an earlier round sent and never found is deleted when it
is a day old. The mailbox should be the canary's own.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path

from collectors.services.ask import Ask, ProbeFailed, quoted
from collectors.services.command import run_shell
from collectors.services.conversation import conversation
from collectors.services.mailbox import Login, Mailbox
from collectors.services.smtp import SUBMISSIONS, hello, reply, secured_if_offered

HEADER = "X-Twinwatch-Canary"
#: The mailbox is looked into this often.
_LOOK_SECONDS = 1.0
#: What is left of the deadline when we give up, so that the cause is ours and not "no answer".
_SPARE_SECONDS = 0.3
_IMAPS = 993
_LONGEST_PASSWORD = 1_024


async def mail(ask: Ask) -> None:
    token = secrets.token_hex(16)
    loop = asyncio.get_running_loop()
    until = loop.time() + ask.seconds - min(_SPARE_SECONDS, ask.seconds / 4)
    try:
        async with asyncio.timeout_at(until):
            await _submit(ask, token)
    except TimeoutError:
        raise ProbeFailed(f"{ask.more['submit']} has not taken it in time") from None
    try:
        async with asyncio.timeout_at(until):
            if "spool" in ask.more:
                await _until_spooled(str(ask.more["spool"]), token)
            else:
                await _until_fetched(ask, token)
    except TimeoutError:
        what = f"{ask.more['submit']} took it, and it was not delivered within {ask.seconds:g} s"
        raise ProbeFailed(what) from None


# ── in ──


async def _submit(ask: Ask, token: str) -> None:
    # Mail between servers is encrypted without being verified (RFC 7435), unless it is asked for.
    way = replace(ask, target=str(ask.more["submit"]), verify=bool(ask.more.get("verify", False)))
    sender = str(ask.more.get("sender", ask.target))
    try:
        async with conversation(way, tls=way.endpoint[1] == SUBMISSIONS) as talk:
            if way.endpoint[1] == SUBMISSIONS:
                await reply(talk, b"220", "greets with")
                await hello(talk)
            else:
                await secured_if_offered(talk, way)
            await talk.send(f"MAIL FROM:<{sender}>\r\n".encode())
            await reply(talk, b"250", "answers MAIL with")
            await talk.send(f"RCPT TO:<{ask.target}>\r\n".encode())
            await reply(talk, b"25", "answers RCPT with")
            await talk.send(b"DATA\r\n")
            await reply(talk, b"354", "answers DATA with")
            await talk.send(_message(sender, ask.target, token) + b".\r\n")
            await reply(talk, b"250", "answers the message with")
            await talk.send(b"QUIT\r\n")
    except ProbeFailed as failed:
        raise ProbeFailed(f"{way.target}: {failed}") from failed


def _message(sender: str, to: str, token: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = f"twinwatch canary {token}"
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{token}@twinwatch.invalid>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody shall answer it
    message[HEADER] = token
    message.set_content("Sent by a monitor, which deletes it when it has arrived.\n")
    return bytes(message).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


# ── out ──


async def _until_spooled(command: str, token: str) -> None:
    """Until the command of the estate's owner finds the message, and takes it away."""
    while True:
        status, _ = await run_shell(command, {"TOKEN": token})
        if status == 0:
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _until_fetched(ask: Ask, token: str) -> None:
    way = replace(ask, target=str(ask.more["fetch"]))
    login = Login(str(ask.more["user"]), await _password(ask.more))
    try:
        async with conversation(way, tls=way.endpoint[1] == _IMAPS) as talk:
            box = Mailbox(talk, login)
            await box.greet(way, starttls=bool(ask.more.get("starttls", True)))
            await box.open()
            while not (found := await box.search(HEADER, token)):
                await asyncio.sleep(_LOOK_SECONDS)
                await box.refresh()
            await box.delete([*found, *await box.search_older(HEADER, days=1)])
            await box.leave()
    except ProbeFailed as failed:
        raise ProbeFailed(f"{way.target}: {login.without_password(str(failed))}") from failed


async def _password(more: Mapping[str, object]) -> str:
    """The first line of a file that is ours alone; read on a thread, for a disk may hang."""
    path = Path(str(more["password_file"])).expanduser()

    def read() -> str:
        if path.stat().st_mode & 0o077:
            raise ProbeFailed(f"{quoted(str(path))} may be read by others: chmod 600 it")
        with path.open(encoding="utf-8") as file:
            return file.readline(_LONGEST_PASSWORD).rstrip("\r\n")

    try:
        return await asyncio.to_thread(read)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise ProbeFailed(f"its password_file can't be read: {why}") from error
