"""What a probe, and a vantage, may say in the estate file: every wrong one with its line."""

from __future__ import annotations

import pytest

from estate.file import EstateError, read_estate
from estate.model import Vantage

TEXT = """\
estate: E
sites: {{c: {{name: C}}}}
hosts: {{bastion-r: {{}}}}
services:
  mail:
    probes:
      - {probe}
"""
MAIL = "mail: canary@example.org, submit: 'mx:25'"
FETCH = "fetch: 'imap:993', user: canary, password_file: ~/canary"


def problems(text: str) -> list[str]:
    try:
        read_estate(text, "estate.yaml")
    except EstateError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("probe", [f"{{{MAIL}, {FETCH}}}", f"{{{MAIL}, spool: 'find-it'}}"])
def test_a_mail_round_trip_has_a_way_in_and_a_way_out(probe: str) -> None:
    assert problems(TEXT.format(probe=probe)) == []


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        (f"{{{MAIL}}}", "mail without a way in and a way out"),
        ("{mail: canary@example.org, spool: x}", "mail without a way in and a way out"),
        (f"{{{MAIL}, fetch: 'imap:993'}}", "mail without a way in and a way out"),
        (f"{{{MAIL}, {FETCH}, spool: x}}", "mail without a way in and a way out"),
        ("{mail: canary, submit: 'mx:25', spool: x}", "an address: canary@example.org"),
        ("{tcp: 'mx:25', submit: 'mx:25'}", "submit without mail — write it with mail: ADDRESS"),
    ],
)
def test_what_is_no_round_trip_says_why(probe: str, said: str) -> None:
    found = problems(TEXT.format(probe=probe))
    assert len(found) == 1 and found[0].startswith("estate.yaml:7: ") and said in found[0]


@pytest.mark.parametrize("kind", ["smtp", "tcp", "tls", "ldap"])
@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_what_is_no_port_is_refused_where_it_is_written(kind: str, port: str) -> None:
    said = f"estate.yaml:7: {port} is no port — write 1 to 65535"
    assert problems(TEXT.format(probe=f"{{{kind}: 'localhost:{port}'}}")) == [said]


@pytest.mark.parametrize("endpoint", ["mx:1", "mx:65535", "[::1]:25", "10.0.0.1:25"])
def test_what_is_a_port_is_taken(endpoint: str) -> None:
    assert problems(TEXT.format(probe=f"{{tcp: '{endpoint}'}}")) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://mx:99999/", "'http://mx:99999/' is no URL: Port out of range 0-65535"),
        ("http://mx:0/", "'http://mx:0/' names port 0"),
        ("http:///x", "'http:///x' names no host"),
        ("http://[/", "'http://[/' is no URL: Invalid IPv6 URL"),
    ],
)
def test_a_url_that_cannot_be_asked_is_refused(url: str, said: str) -> None:
    told = f"estate.yaml:7: {said} — write https://host:port/path"
    assert problems(TEXT.format(probe=f"{{http: '{url}'}}")) == [told]


@pytest.mark.parametrize(
    "line",
    [
        "canaries: ['gw:99999']",
        "groups: {g: {jump: 'me@bastion:99999'}}",
        "groups: {g: {jump: 'a:22,b:99999'}}",
        "groups: {g: {probes: {certificates: [{name: c, serves: 99999}]}}}",
        "groups: {g: {probes: {certificates: [{name: c, serves: 'mx:99999'}]}}}",
    ],
)
def test_ports_are_ports_wherever_they_are_written(line: str) -> None:
    found = problems(TEXT.format(probe="{tcp: 'mx:25'}") + line + "\n")
    assert found == ["estate.yaml:8: 99999 is no port — write 1 to 65535"]


def test_a_vantage_is_a_watch_on_a_host_of_the_estate() -> None:
    text = TEXT.format(probe="{tcp: 'mx:25'}")
    found = read_estate(text + "vantages: {recovery: {host: bastion-r}}\n", "estate.yaml")
    assert found.vantages == {"recovery": Vantage("recovery", "bastion-r", "twinwatch")}
    assert read_estate(text, "estate.yaml").vantages == {}
    [unknown] = problems(text + "vantages: {recovery: {host: bastion-x}}\n")
    assert "no host 'bastion-x'" in unknown and "did you mean" in unknown
    [missing] = problems(text + "vantages: {recovery: {command: twinwatch}}\n")
    assert missing.startswith("estate.yaml:8: ") and "host" in missing
