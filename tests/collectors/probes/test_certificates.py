"""Certificates in files: made by openssl, read without it."""

from __future__ import annotations

from datetime import UTC, datetime

from estate.samples import Gap, Reading

from .cases_of import CASES, every_prefix, read


def said(case: str = "mixed") -> dict[str, Reading]:
    return {each.subject: each for each in read("certificates", case) if isinstance(each, Reading)}


def test_a_certificate_is_told_in_full() -> None:
    mail = said()["mail"]
    assert datetime.fromtimestamp(mail.value, UTC) == datetime(2027, 2, 12, 16, 50, 52, tzinfo=UTC)
    assert mail.text == "10859903674450dd51d062af0c0ae97cb5f01b43a66212a6c18f88976414e3a7"
    assert mail.attributes == {
        "source": "file",
        "place": "/srv/ssl/mail.pem",
        "subject": "mail.example",
        "issuer": "mail.example",
        "serial": "259ddd1a09a3d45f0c0a9cdfd6e2785b45bc0c4a",
        "names": "mail.example,mx.example,192.0.2.1",
        "not_before": 1795193452.0,
    }


def test_beside_a_private_key_the_certificate_alone_leaves_the_host() -> None:
    assert said()["im"].attributes["subject"] == "O=Lab"
    assert b"PRIVATE" not in (CASES / "certificates-mixed.txt").read_bytes()


def test_what_is_no_certificate_says_why_and_has_no_date() -> None:
    gaps = {name: each.attributes.get("gap") for name, each in said().items()}
    assert gaps["key"] == "no certificate in PEM form in it"
    assert gaps["gone"] == "No such file or directory"
    assert str(gaps["broken"]).startswith("no certificate: ")
    assert said()["gone"].text == ""


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("certificates", "mixed")[::5]:
        assert any(isinstance(each, Gap) for each in told)
