"""Host certificates: what a `@cert-authority` signed (PROTOCOL.certkeys of OpenSSH)."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)


class CertificateRefused(Exception):  # noqa: N818
    """Why a certificate does not hold, as one clause."""


@dataclass(frozen=True, slots=True)
class HostCertificate:
    """A certificate whose signature holds. Keys are blobs in SSH's own form."""

    authority: bytes
    public_key: bytes
    principals: tuple[str, ...]
    valid_after: int  # UTC seconds
    valid_before: int
    critical: tuple[str, ...]

    def check(self, host: str, now: int) -> None:
        """Return if it holds for `host` at `now` (UTC ms); raises CertificateRefused."""
        seconds = now // 1000
        if seconds < self.valid_after:
            raise CertificateRefused("it is not valid yet")
        if seconds >= self.valid_before:
            raise CertificateRefused("it has expired")
        if self.critical:
            raise CertificateRefused(f"unknown critical option {self.critical[0][:40]!r}")
        if not self.principals:
            raise CertificateRefused("it names no host")
        # OpenSSH accepts wildcards in a host certificate's principals.
        if not any(fnmatchcase(host.lower(), p.lower()) for p in self.principals):
            raise CertificateRefused(f"it is for {', '.join(self.principals)[:200]}")


def read_certificate(blob: bytes) -> HostCertificate:
    """Parse a host certificate and verify its authority's signature.

    Raises CertificateRefused. Whether the authority is to be trusted is the caller's question.
    """
    (length,) = struct.unpack(">I", blob[:4])
    text = blob[4 : 4 + length] + b" " + base64.b64encode(blob)
    try:
        certificate = load_ssh_public_identity(text)
        if not isinstance(certificate, SSHCertificate):
            raise CertificateRefused("it is not a certificate")
        certificate.verify_cert_signature()
        authority = _blob(certificate.signature_key())
        public_key = _blob(certificate.public_key())
    except InvalidSignature:
        raise CertificateRefused("its signature does not hold") from None
    except CertificateRefused:
        raise
    except Exception as error:  # a hostile blob meets many parsers; none of it is a crash of ours
        raise CertificateRefused(f"it cannot be parsed ({type(error).__name__})") from error
    if certificate.type is not SSHCertificateType.HOST:
        raise CertificateRefused("it is a user's certificate")
    return HostCertificate(
        authority,
        public_key,
        tuple(p.decode("utf-8", "replace") for p in certificate.valid_principals),
        certificate.valid_after,
        certificate.valid_before,
        tuple(o.decode("utf-8", "replace") for o in certificate.critical_options),
    )


def _blob(key: object) -> bytes:
    text = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)  # type: ignore[attr-defined]
    return base64.b64decode(text.split()[1])
