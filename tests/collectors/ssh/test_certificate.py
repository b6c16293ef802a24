"""Host certificates, issued by the real ssh-keygen."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ssh.certificate import CertificateRefused, HostCertificate, read_certificate
from collectors.ssh.failure import Failure
from collectors.ssh.hostkeys import fingerprint, read_known_hosts
from estate.samples import Cause, Stage

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen")

#: Within the certificates below, which hold from 2020 to 2030.
NOW = 1_750_000_000_000


def keygen(*arguments: str | Path) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, arguments)], check=True, capture_output=True)


def blob_of(path: Path) -> bytes:
    return base64.b64decode(path.read_text().split()[1])


class Authority:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        keygen("-t", "ed25519", "-N", "", "-f", folder / "ca")

    @property
    def line(self) -> str:
        return " ".join((self.folder / "ca.pub").read_text().split()[:2])

    def issue(self, *options: str, kind: str = "ed25519", host: bool = True) -> bytes:
        key = self.folder / f"key-{len(list(self.folder.iterdir()))}"
        keygen("-t", kind, "-N", "", "-f", key)
        dates = () if "-V" in options else ("-V", "20200101:20300101")
        flag = ("-h",) if host else ()
        keygen("-s", self.folder / "ca", *flag, "-I", "test", *dates, *options, f"{key}.pub")
        return blob_of(Path(f"{key}-cert.pub"))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def trusting(tmp_path: Path, authority: Authority, names: str, *more: str):
    path = tmp_path / "known_hosts"
    path.write_text("\n".join([f"@cert-authority {names} {authority.line}", *more]) + "\n")
    return read_known_hosts([str(path)])


def refused(hosts, host: str, key: bytes, now: int = NOW) -> str:
    with pytest.raises(Failure) as caught:
        hosts.check(host, key, now)
    return caught.value.cause.what


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_certificate_of_a_known_authority_is_trusted(tmp_path, authority, kind) -> None:
    certificate = authority.issue("-n", "web1,web1.example.org", kind=kind)
    hosts = trusting(tmp_path, authority, "*.example.org,web1")
    hosts.check("web1", certificate, NOW)
    hosts.check("web1.example.org", certificate, NOW)


def test_the_port_is_no_part_of_a_principal(tmp_path, authority) -> None:
    certificate = authority.issue("-n", "web1")
    trusting(tmp_path, authority, "[web1]:2222").check("[web1]:2222", certificate, NOW)


def test_principals_may_have_wildcards(tmp_path, authority) -> None:
    certificate = authority.issue("-n", "*.example.org")
    trusting(tmp_path, authority, "*").check("db.example.org", certificate, NOW)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("-n", "db1"), "it is for db1"),
        (("-n", "\x1b[2J"), "it is for \\x1b[2J"),  # no byte of it acts on a terminal
        ((), "it names no host"),
        (("-n", "web1", "-V", "20200101:20210101"), "it has expired"),
        (("-n", "web1", "-V", "20290101:20300101"), "it is not valid yet"),
        (("-n", "web1", "-O", "critical:moon@example.org=full"), "unknown critical option"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused(tmp_path, authority, options, why) -> None:
    hosts = trusting(tmp_path, authority, "*")
    assert why in refused(hosts, "web1", authority.issue(*options))


def test_an_authority_of_other_hosts_does_not_count(tmp_path, authority) -> None:
    hosts = trusting(tmp_path, authority, "*.example.net")
    what = refused(hosts, "web1", authority.issue("-n", "web1"))
    assert what == "host certificate refused: unknown authority"


def test_an_unknown_authority_does_not_count(tmp_path, authority) -> None:
    (tmp_path / "other").mkdir()
    stranger = Authority(tmp_path / "other")
    hosts = trusting(tmp_path, authority, "*")
    with pytest.raises(Failure) as caught:
        hosts.check("web1", stranger.issue("-n", "web1"), NOW)
    signer = fingerprint(base64.b64decode(stranger.line.split()[1]))
    assert caught.value.cause == Cause(
        Stage.HOST_KEY,
        "host certificate refused: unknown authority",
        f"It was signed by {signer}, no @cert-authority for web1: unknown authority. Have it "
        "renewed by the authority that known_hosts names, or add that authority with "
        "`@cert-authority`.",
    )


def test_a_user_s_certificate_is_no_host_certificate(tmp_path, authority) -> None:
    hosts = trusting(tmp_path, authority, "*")
    certificate = authority.issue("-n", "web1", host=False)
    assert "it is a user's certificate" in refused(hosts, "web1", certificate)


def test_a_revoked_authority_takes_its_certificates_along(tmp_path, authority) -> None:
    hosts = trusting(tmp_path, authority, "*", f"@revoked * {authority.line}")
    assert "is revoked at" in refused(hosts, "web1", authority.issue("-n", "web1"))


def test_a_revoked_key_takes_its_certificate_along(tmp_path, authority) -> None:
    certificate = authority.issue("-n", "web1")
    inside = read_certificate(certificate).public_key
    revoked = f"@revoked * ssh-ed25519 {base64.b64encode(inside).decode()}"
    hosts = trusting(tmp_path, authority, "*", revoked)
    assert "is revoked at" in refused(hosts, "web1", certificate)


def test_a_changed_byte_breaks_the_signature(authority) -> None:
    certificate = bytearray(authority.issue("-n", "web1"))
    at = certificate.index(b"web1")
    certificate[at : at + 4] = b"web2"
    with pytest.raises(CertificateRefused, match="its signature does not hold"):
        read_certificate(bytes(certificate))


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_changed_byte_is_accepted_unnoticed(position: int, value: int) -> None:
    good = _issued()
    if position >= len(good) or good[position] == value:
        return
    bad = good[:position] + bytes([value]) + good[position + 1 :]
    with pytest.raises(CertificateRefused):
        read_certificate(bad)


def test_validity_is_half_open() -> None:
    certificate = HostCertificate(b"", b"", ("web1",), 100, 200, ())
    certificate.check("web1", 100_000)
    certificate.check("web1", 199_999)
    for now in (99_999, 200_000):
        with pytest.raises(CertificateRefused):
            certificate.check("web1", now)


_cache: list[bytes] = []


def _issued() -> bytes:
    if not _cache:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            _cache.append(Authority(Path(folder)).issue("-n", "web1"))
    return _cache[0]
