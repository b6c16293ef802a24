"""A message goes out by real servers, and what refuses it says why without its secrets."""

from __future__ import annotations

import json
import logging
import socket
from html.parser import HTMLParser

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


def told_to(url: str, at: str, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, said: Message) -> str:
    """What a service gets that is told `said`: its plug-in, sent to `inbox` instead."""
    from apprise import Apprise

    plugin = type(Apprise.instantiate(url))
    monkeypatch.setattr(plugin, at, inbox.url.replace("json:", "http:"))
    send(Target("chat", (url,)), said)
    (taken,) = inbox.taken
    return json.dumps(taken, ensure_ascii=False)


HOSTILE = (
    "<b>all is well</b>", '<a href="https://evil.example">log in</a>', "*bold* _x_ [l](http://e)",
    "`code` ~~x~~ &lt;i&gt; &amp;", "</pre><script>alert(1)</script>",
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_host_says_is_text_where_a_service_speaks_html_alone(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    url = "tgram://123456789:abcdefghijklmnopqrstuvwxyz1234567890/-1001234567890/?format=html"
    said = Message(f"gw: {hostile}", f"no answer: {hostile}")
    got = json.loads(told_to(url, "notify_url", inbox, monkeypatch, said))
    assert got["parse_mode"] == "HTML"

    class Text(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: set[str] = set()
            self.text = ""

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.tags.add(tag)

        def handle_data(self, data: str) -> None:
            self.text += data

    read = Text()
    read.feed(got["text"])
    read.close()
    assert read.tags <= {"b"}  # of the title, by the plug-in
    assert read.text.count(hostile) == 2, got["text"]
    assert got["text"].count("<b>") <= 1


@pytest.mark.parametrize(
    ("said", "harmless"),
    [
        ("@here: down", "@\u200bhere: down"), ("(@channel)", "(@\u200bchannel)"),
        ("<!here> <@U024> <#C024>", "<\u200b!here> <\u200b@\u200bU024> <\u200b#C024>"),
        ("op@example.org at 5 < 6, <none>", "op@example.org at 5 < 6, <none>"),
        ("a.b-@everyone", "a.b-@everyone"), ("@ 03:00", "@ 03:00"),
    ],
)  # fmt: skip
def test_nobody_is_called_by_the_name_of_a_host(inbox: Inbox, said: str, harmless: str) -> None:
    send(Target("hook", (inbox.url,)), Message(said, said))
    (taken,) = inbox.taken
    assert (taken["title"], taken["message"]) == (harmless, harmless)


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
