"""The algorithms that are offered to hosts, and what to say of a host that has none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collectors.ssh.hostkeys import ALGORITHMS
from estate.clean import clean

#: Our order of preference, cheapest good one first, as measured beside OpenSSH 9.2. CBC, 3DES,
#: SHA-1, MD5 and finite-field groups under 3072 bits are not offered at all.
KEY_EXCHANGES = (
    "mlkem768x25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group-exchange-sha256",
)
CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)

#: What stands among the key exchanges and is none (RFC 8308, OpenSSH's PROTOCOL).
_NO_ALGORITHM = ("ext-info-", "kex-strict-")

#: How paramiko says what the two ends have none of in common, what a person calls it, where the
#: host's own are in its KEXINIT, and ours.
_IN_COMMON = (
    ("kex algorithm", "key exchange", "kex_algo_list", KEY_EXCHANGES),
    ("host key", "host key type", "server_key_algo_list", ALGORITHMS),
    ("ciphers", "cipher", "server_encrypt_algo_list", CIPHERS),
    ("macs", "MAC", "server_mac_algo_list", MACS),
)


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is no `kind` ("cipher") in common: what the host has, cleaned, and what we have."""

    kind: str
    theirs: str
    ours: tuple[str, ...]


def nothing_in_common(said: str, proposed: Mapping[str, Sequence[str]]) -> Nothing | None:
    """What paramiko's complaint `said` is about, by what the host `proposed` in its KEXINIT."""
    for words, kind, where, ours in _IN_COMMON:
        if words in said:
            theirs = [
                each for each in proposed.get(where, ()) if not each.startswith(_NO_ALGORITHM)
            ]
            return Nothing(kind, clean(", ".join(theirs), limit=300), ours)
    return None
