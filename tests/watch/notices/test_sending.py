"""A message goes out by real servers, and what refuses it says why without its secrets."""

from __future__ import annotations

import logging
import socket

import pytest

from tests.watch.notices.conftest import Inbox, Postbox
from watch.error import WatchError
from watch.notices.messages import Message
from watch.notices.rules import Target
from watch.notices.sending import check, secrets_of, send, service_of

TOLD = Message("Test: CRITICAL: gw: lost", "no answer\nsince 03:00")


def test_a_json_target_takes_it(inbox: Inbox) -> None:
    send(Target("hook", (inbox.url,)), TOLD)
    (taken,) = inbox.taken
    assert (taken["title"], taken["message"]) == (TOLD.title, TOLD.body)


def test_a_letter_arrives(postbox: Postbox) -> None:
    url = (
        f"mailto://127.0.0.1:{postbox.port}?from=watch@example.org&to=ops@example.org"
        "&mode=insecure&format=text"
    )
    send(Target("mail", (url,)), TOLD)
    (letter,) = postbox.letters
    assert "gw" in letter
    assert "ops@example.org" in letter


def test_a_refusal_names_the_target_and_no_secret(inbox: Inbox) -> None:
    inbox.status = 503
    target = Target("hook", (inbox.url,))
    with pytest.raises(WatchError) as caught:
        send(target, TOLD)
    said = str(caught.value)
    assert caught.value.where == "hook"
    assert "503" in said
    for secret in ("s3cretpass", "TOKEN1234567", "tellme"):
        assert secret not in said


def test_nobody_there_is_said_without_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(WatchError) as caught:
        send(Target("hook", (f"json://u:s3cretpass@127.0.0.1:{port}/TOKEN1234567",)), TOLD)
    assert "s3cretpass" not in str(caught.value)
    assert "TOKEN1234567" not in str(caught.value)


def test_what_apprise_does_not_know_is_named_by_its_place() -> None:
    target = Target("hook", ("json://127.0.0.1", "nonsense://s3cretpass"))
    assert check(target) == "Apprise does not know address 2 of hook"
    with pytest.raises(WatchError) as caught:
        send(Target("hook", ("nonsense://s3cretpass",)), TOLD)
    assert "s3cretpass" not in str(caught.value)


def test_all_of_an_address_but_its_scheme_is_secret() -> None:
    target = Target("t", ("tgram://123456:ABC%2Fdef/987654?thread=s3cret",))
    found = secrets_of(target)
    assert {"123456", "ABC/def", "987654", "s3cret"} <= {*found}
    assert service_of(target) == "tgram"


def test_no_address_reaches_the_log_of_the_watch() -> None:
    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    heard: list[str] = []
    listening = Listening()
    logging.getLogger().addHandler(listening)
    try:
        check(Target("hook", ("nonsense://s3cretpass",)))
        with pytest.raises(WatchError):
            send(Target("hook", ("json://u:s3cretpass@127.0.0.1:1/x",)), TOLD)
    finally:
        logging.getLogger().removeHandler(listening)
    assert not [each for each in heard if "s3cretpass" in each]
