"""A certificate's facts, from its PEM or DER; the one file that reads X.509 with cryptography."""

from __future__ import annotations

import warnings
from datetime import datetime
from typing import TYPE_CHECKING

from estate.clean import clean
from estate.samples import Reading

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, Name

#: Names beyond these are left out; some certificates of content networks have hundreds.
MOST_NAMES = 32


class NoCertificate(ValueError):  # noqa: N818 - a fact about a peer or a file, not an error of ours
    """What was read is no certificate; the text says why, cleaned."""


def reading_of(encoded: bytes, name: str, source: str, place: str) -> Reading:
    """("certificate", NAME, value=not after, seconds since 1970, text=SHA-256 in hexadecimal).

    Attributes: `source` and `place` as given; "subject", "issuer", "serial" (hexadecimal), "names"
    with commas, "not_before" in seconds. `encoded` is PEM or DER. Raises NoCertificate.
    """
    from cryptography import x509  # 10 ms that a cold start has not
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        with warnings.catch_warnings():  # a negative serial number is odd, and the host's matter
            warnings.simplefilter("ignore")
            if encoded.lstrip().startswith(b"-----BEGIN"):
                found = x509.load_pem_x509_certificate(encoded)
            else:
                found = x509.load_der_x509_certificate(encoded)
            attributes: dict[str, float | str] = {
                "source": source,
                "place": clean(place, limit=256),
                "subject": _common(found.subject),
                "issuer": _common(found.issuer),
                "serial": f"{found.serial_number:x}",
                "names": ",".join(_names(found)),
                "not_before": _seconds(found.not_valid_before_utc),
            }
            digest = found.fingerprint(SHA256()).hex()
            return Reading(
                "certificate", name, _seconds(found.not_valid_after_utc), digest, attributes
            )
    # What is wrong inside comes as whatever the decoder of that part raises.
    except Exception as error:
        raise NoCertificate(f"no certificate: {clean(str(error), limit=120)}") from error


def _seconds(moment: datetime) -> float:
    return float(int(moment.timestamp()))


def _common(name: Name) -> str:
    """The common name, or the whole where there is none."""
    from cryptography.x509.oid import NameOID

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = common[0].value if common else name.rfc4514_string()
    return clean(text, limit=128)


def _names(found: Certificate) -> list[str]:
    from cryptography import x509

    try:
        held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    names = [*held.get_values_for_type(x509.DNSName)]
    names += [str(each) for each in held.get_values_for_type(x509.IPAddress)]
    return [clean(each, limit=128).replace(",", "?") for each in names[:MOST_NAMES]]
