"""Which keys to offer to a host, and in which order: as OpenSSH would.

Keys that ssh_config names and the agent holds, then the agent's others (unless IdentitiesOnly),
then files; before each key its certificate, if there is one. A key that cannot be used is not
passed over in silence: it is a `Passed`, and ends up in the cause if the host refuses us.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import paramiko

from collectors.blocking import opening
from collectors.ssh.agent import Agent, AgentError, Held
from collectors.ssh.config import Hop
from collectors.ssh.hostkeys import CERTIFICATE, type_of


class Signer(Protocol):
    """What signs: a file's key, or the agent."""

    def __call__(self, data: bytes, algorithm: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """A key to offer. To paramiko it looks like a PKey."""

    title: str  # for messages: a path, or "agent: comment"
    blob: bytes  # public key or certificate
    signer: Signer

    def get_name(self) -> str:
        return type_of(self.blob)

    def asbytes(self) -> bytes:
        return self.blob

    def sign_ssh_data(self, data: bytes, algorithm: str) -> bytes:
        return self.signer(data, algorithm)


@dataclass(frozen=True, slots=True)
class Passed:
    """A key that could not be offered: what is the matter, and what to do."""

    title: str
    why: str
    remedy: str


def offers(hop: Hop) -> tuple[tuple[Offer, ...], tuple[Passed, ...]]:
    """Keys for `hop` in the order to try, and the ones that could not be used.

    Reads files and asks the agent: call it on a thread.
    """
    passed: list[Passed] = []
    agent, held = _agent_keys(hop, passed)
    certificates = list(_certificates(hop, passed))
    by_blob = {key.blob: key for key in held}
    chosen: dict[bytes, Offer] = {}

    def choose(title: str, blob: bytes, signer: Signer) -> None:
        for path, certificate in certificates:
            if _certified_key(certificate) == blob:
                chosen.setdefault(certificate, Offer(path, certificate, signer))
        chosen.setdefault(blob, Offer(title, blob, signer))

    files = list(_files(hop))
    for path, public in files:
        if public in by_blob and agent is not None:
            choose(f"{path} (agent)", public, _by_agent(agent, public))
    if agent is not None and not hop.only_these:
        for key in held:
            choose(f"agent: {key.comment}", key.blob, _by_agent(agent, key.blob))
    for path, public in files:
        if public in chosen:
            continue
        loaded = _load(path, _stamp(path))
        if isinstance(loaded, Passed):
            passed.append(loaded)
        elif loaded is not None:
            choose(path, loaded.asbytes(), _by_file(loaded))
    return tuple(chosen.values()), tuple(passed)


def _agent_keys(hop: Hop, passed: list[Passed]) -> tuple[Agent | None, tuple[Held, ...]]:
    if not hop.agent:
        return None, ()
    agent = Agent(hop.agent)
    opening(hop.agent)
    try:
        return agent, agent.identities()
    except AgentError as error:
        passed.append(Passed("agent", str(error), "start ssh-agent, or correct IdentityAgent"))
        return None, ()


def _files(hop: Hop) -> Iterator[tuple[str, bytes]]:
    """(path, public key or b"") of the identity files that exist."""
    for path in hop.identities:
        public = _public(path, _stamp(path), _stamp(path + ".pub"))
        if public is not None:
            yield path, public


def _certificates(hop: Hop, passed: list[Passed]) -> Iterator[tuple[str, bytes]]:
    named = [(path, True) for path in hop.certificates]
    beside = [(path + "-cert.pub", False) for path in hop.identities]
    for path, must_exist in (*named, *beside):
        opening(path)
        try:
            blob = _blob_of(Path(path).read_text(errors="replace"))
        except OSError as error:
            if must_exist:
                passed.append(
                    Passed(path, error.strerror or "cannot be read", "correct CertificateFile")
                )
            continue
        if blob is None or not type_of(blob).endswith(CERTIFICATE):
            passed.append(Passed(path, "is not a certificate", "correct CertificateFile"))
        else:
            yield path, blob


@lru_cache(maxsize=256)
def _public(path: str, stamp: int | None, pub_stamp: int | None) -> bytes | None:
    """The public half without the passphrase, b"" if only decrypting would tell, None: no file."""
    if pub_stamp is not None:
        try:
            blob = _blob_of(Path(path + ".pub").read_text(errors="replace"))
        except OSError:
            blob = None
        if blob is not None:
            return blob
    if stamp is None:
        return None
    opening(path)
    try:
        text = Path(path).read_text(errors="replace")
    except OSError:
        return b""
    if "BEGIN OPENSSH PRIVATE KEY" not in text:
        return _blob_of(text) or b""  # IdentityFile may name a public key whose agent signs
    try:
        return _public_of_openssh(text)
    except (ValueError, struct.error, binascii.Error):
        return b""


def _public_of_openssh(text: str) -> bytes:
    body = base64.b64decode("".join(text.split("-----")[2].split()))
    rest = body.removeprefix(b"openssh-key-v1\0")
    for _ in range(3):  # cipher, kdf, kdf options
        (length,) = struct.unpack(">I", rest[:4])
        rest = rest[4 + length :]
    (length,) = struct.unpack(">I", rest[4:8])
    return rest[8 : 8 + length]


@lru_cache(maxsize=256)
def _load(path: str, stamp: int | None) -> paramiko.PKey | Passed | None:
    """The private key, cached by its file's time of change (of its mode, too)."""
    if stamp is None:
        return None
    mode = Path(path).stat().st_mode
    if mode & 0o077:
        return Passed(path, "is open to others; it was not used", f"chmod 600 {path}")
    try:
        return paramiko.PKey.from_path(path)
    except (paramiko.PasswordRequiredException, TypeError):
        # TypeError is cryptography's way to ask for a passphrase.
        return Passed(
            path,
            "has a passphrase and no agent holds it",
            f"ssh-add {path} in the session that starts the watch",
        )
    except PermissionError as error:
        return Passed(path, f"cannot be read: {error.strerror}", f"give the watch's user {path}")
    except Exception as error:  # every parser of keys has exceptions of its own
        return Passed(path, f"is not a usable private key ({error})", "correct IdentityFile")


def _by_agent(agent: Agent, blob: bytes) -> Signer:
    def sign(data: bytes, algorithm: str) -> bytes:
        try:
            return agent.sign(blob, data, algorithm)
        except AgentError as error:
            raise paramiko.SSHException(str(error)) from error

    return sign


def _by_file(key: paramiko.PKey) -> Signer:
    def sign(data: bytes, algorithm: str) -> bytes:
        return bytes(key.sign_ssh_data(data, algorithm).asbytes())

    return sign


def _blob_of(text: str) -> bytes | None:
    words = text.split(None, 2)
    if len(words) < 2:
        return None
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    return blob if type_of(blob) == words[0] else None


def _certified_key(certificate: bytes) -> bytes:
    """The public key inside a certificate: its type without the suffix, its fields after the
    nonce, as many as a key of that type has."""
    kind = type_of(certificate).removesuffix(CERTIFICATE)
    fields = {"ssh-rsa": 2, "ssh-ed25519": 1}.get(kind, 2)
    rest = certificate
    parts: list[bytes] = []
    try:
        for _ in range(2 + fields):  # type, nonce, fields
            (length,) = struct.unpack(">I", rest[:4])
            parts.append(rest[: 4 + length])
            rest = rest[4 + length :]
    except struct.error:
        return b""
    return struct.pack(">I", len(kind)) + kind.encode() + b"".join(parts[2:])


def _stamp(path: str) -> int | None:
    opening(path)
    try:
        return Path(path).stat().st_ctime_ns  # which chmod changes, too
    except OSError:
        return None
