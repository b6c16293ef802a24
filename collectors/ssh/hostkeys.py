"""known_hosts, strictly: is this the host it claims to be?

Nothing is ever added here. A key is accepted if a line names it for this host, or if it is a
certificate that a `@cert-authority` of this host signed; `@revoked` is looked at before
anything else. A line that cannot be parsed might have been a revocation, so it fails every host
closed until someone mends it. Format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from collectors.blocking import opening
from collectors.ssh.certificate import CertificateRefused, HostCertificate, read_certificate
from collectors.ssh.failure import Failure
from estate.clean import clean
from estate.samples import Reach, Stage
from estate.told import told

CERTIFICATE = "-cert-v01@openssh.com"

#: Host key algorithms in our order, where known_hosts does not say which key the host has.
ALGORITHMS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a known_hosts file. `marker` is "", "@revoked" or "@cert-authority"."""

    file: str
    line: int
    marker: str
    names: str
    key_type: str
    key: bytes

    @property
    def where(self) -> str:
        """ "/home/me/.ssh/known_hosts:9"."""
        return f"{self.file}:{self.line}"

    @property
    def short(self) -> str:
        """ "known_hosts:9", for a row of the board."""
        return f"{Path(self.file).name}:{self.line}"

    def names_host(self, host: str) -> bool:
        """Whether this line is about `host` ("name" or "[name]:port")."""
        if self.names.startswith("|1|"):
            return _hash_matches(self.names, host)
        held = False
        for pattern in self.names.split(","):
            negated = pattern.startswith("!")
            if _glob(pattern.lstrip("!").lower(), host.lower()):
                if negated:
                    return False
                held = True
        return held


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A line that is not an entry, and why."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """The parsed files, in order."""

    files: tuple[str, ...]
    entries: tuple[Entry, ...]
    unparsed: tuple[Unparsed, ...] = ()

    def algorithms(self, host: str) -> tuple[str, ...]:
        """What to ask the host for: what known_hosts can check first, as OpenSSH orders it.

        Without this a host that has both keys would show the one nobody wrote down, and look
        like an impostor.
        """
        mine = [e for e in self.entries if e.marker != "@revoked" and e.names_host(host)]
        plain = [
            a for a in ALGORITHMS if any(_key_type(a) == e.key_type for e in mine if not e.marker)
        ]
        signed = [a + CERTIFICATE for a in ALGORITHMS] if any(e.marker for e in mine) else []
        rest = [a for a in ALGORITHMS if a not in plain]
        return (*signed, *plain, *rest)

    def check(
        self, host: str, key: bytes, now: int, plain_name: str = "", reached_at: str = ""
    ) -> None:
        """Return if `key` (a blob in SSH's own form) is to be trusted for `host`.

        `plain_name` is the name without the port, asked when nothing is known with it (as
        OpenSSH does); `now` is UTC milliseconds, for certificates; `reached_at` is where the key
        was shown, if `host` is another name for it. Raises Failure, untrusted, naming file, line
        and fingerprints.
        """
        self._refuse_unparsed()
        certificate = _certificate(host, key)
        for entry in self.entries:
            if entry.marker == "@revoked" and _about(entry, host, plain_name):
                self._refuse_revoked(entry, key, certificate)
        if certificate is not None:
            self._check_certificate(host, certificate, now)
            return
        known = [e for e in self.entries if not e.marker and e.names_host(host)]
        if any(e.key == key for e in known):
            return
        if plain_name and plain_name != host:
            plain = [e for e in self.entries if not e.marker and e.names_host(plain_name)]
            if any(e.key == key for e in plain):
                return
        key_type = type_of(key)
        same = [e for e in known if e.key_type == key_type] or known
        if same:
            raise _changed(host, same[0], key)
        raise self._unknown(host, key, reached_at)

    def _refuse_unparsed(self) -> None:
        if self.unparsed:
            bad = self.unparsed[0]
            raise Failure(
                Reach.UNTRUSTED,
                Stage.HOST_KEY,
                told(
                    "{name}:{line} cannot be parsed", name=Path(bad.file).name, line=str(bad.line)
                ),
                told(
                    "Mend or remove line {line} of {file} ({why}): it might have been a "
                    "revocation, so no host is trusted until then.",
                    line=str(bad.line),
                    file=bad.file,
                    why=bad.why,
                ),
            )

    def _refuse_revoked(
        self, entry: Entry, key: bytes, certificate: HostCertificate | None
    ) -> None:
        revoked = {entry.key}
        if key in revoked or (
            certificate is not None
            and (certificate.authority in revoked or certificate.public_key in revoked)
        ):
            raise Failure(
                Reach.UNTRUSTED,
                Stage.HOST_KEY,
                told("host key is revoked at {short}", short=entry.short),
                told(
                    "{where} declares {fingerprint} stolen or retired: give the host a new one, "
                    "or find out who answers in its place.",
                    where=entry.where,
                    fingerprint=fingerprint(entry.key),
                ),
            )

    def _check_certificate(self, host: str, certificate: HostCertificate, now: int) -> None:
        bare = _without_port(host)
        reason, where = "unknown authority", f"no @cert-authority for {host}"
        for entry in self.entries:
            if entry.marker != "@cert-authority" or entry.key != certificate.authority:
                continue
            if not (entry.names_host(host) or entry.names_host(bare)):
                continue
            try:
                certificate.check(bare, now)
            except CertificateRefused as refused:
                reason, where = str(refused), f"the @cert-authority at {entry.where}"
            else:
                return
        raise Failure(
            Reach.UNTRUSTED,
            Stage.HOST_KEY,
            told("host certificate refused: {reason}", reason=clean(reason, limit=40)),
            told(
                "It was signed by {fingerprint}, {where}: {reason}. Have it renewed by the "
                "authority that known_hosts names, or add that authority with `@cert-authority`.",
                fingerprint=fingerprint(certificate.authority),
                where=where,
                reason=clean(reason, limit=200),
            ),
        )

    def _unknown(self, host: str, key: bytes, reached_at: str) -> Failure:
        asked = ", ".join(self.files) or "no file"
        scan = f"ssh-keyscan {_scan(reached_at or host)}"
        if reached_at:  # the name in the file is not the one that is asked
            scan += f" | sed 's/^[^ ]*/{host}/'"
        return Failure(
            Reach.UNTRUSTED,
            Stage.HOST_KEY,
            told("host key is not in known_hosts"),
            told(
                "{host} shows {fingerprint} ({type}), which is not in {asked}. Compare the "
                "fingerprint on the host's own console, then: {scan} >> {file}",
                host=host,
                fingerprint=fingerprint(key),
                type=clean(type_of(key)),
                asked=asked,
                scan=scan,
                file=self.files[0] if self.files else "~/.ssh/known_hosts",
            ),
        )


def parse_known_hosts(text: str, file: str) -> tuple[tuple[Entry, ...], tuple[Unparsed, ...]]:
    """One file's entries and the lines that are none."""
    entries: list[Entry] = []
    unparsed: list[Unparsed] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            entries.append(_entry(line, file, number))
        except ValueError as error:
            unparsed.append(Unparsed(file, number, str(error)))
    return tuple(entries), tuple(unparsed)


def read_known_hosts(files: Sequence[str]) -> KnownHosts:
    """Read the files that exist. Raises Failure, untrusted, when one exists and cannot be read.

    May wait for a file server: call it on a thread.
    """
    stamps = []
    for file in files:
        opening(file)
        try:
            stat = Path(file).stat()
        except OSError:
            stamps.append((file, 0, 0))
        else:
            stamps.append((file, stat.st_mtime_ns, stat.st_size))
    return _read(tuple(stamps))


def fingerprint(key: bytes) -> str:
    """ "SHA256:…", as ssh-keygen -l prints it."""
    digest = hashlib.sha256(key).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


@lru_cache(maxsize=64)
def _read(stamps: tuple[tuple[str, int, int], ...]) -> KnownHosts:
    # Cached by time of change and size: eighty hosts ask for the same files within a second.
    entries: list[Entry] = []
    unparsed: list[Unparsed] = []
    for file, _changed_at, _size in stamps:
        opening(file)
        try:
            text = Path(file).read_text(encoding="utf-8", errors="surrogateescape")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise Failure(
                Reach.UNTRUSTED,
                Stage.HOST_KEY,
                told(
                    "{name} cannot be read: {why}",
                    name=Path(file).name,
                    why=error.strerror or str(error),
                ),
                told("Make {file} readable for the user that runs the watch.", file=file),
            ) from error
        good, bad = parse_known_hosts(text, file)
        entries += good
        unparsed += bad
    return KnownHosts(tuple(stamp[0] for stamp in stamps), tuple(entries), tuple(unparsed))


def _entry(line: str, file: str, number: int) -> Entry:
    words = line.split()
    marker = ""
    if words[0].startswith("@"):
        marker = words.pop(0)
        if marker not in ("@revoked", "@cert-authority"):
            raise ValueError(f"unknown marker {marker[:40]!r}")
    if len(words) < 3:
        raise ValueError("needs names, key type and key")
    names, key_type, encoded = words[:3]
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the key is not base64") from None
    if type_of(key) != key_type:
        raise ValueError(f"the key is not of type {key_type[:60]!r}")
    if names.startswith("|"):
        _hash_parts(names)
    return Entry(file, number, marker, names, key_type, key)


def _hash_parts(names: str) -> tuple[bytes, bytes]:
    parts = names.split("|")
    if len(parts) != 4 or parts[1] != "1":
        raise ValueError("unknown kind of hashed name")
    try:
        salt = base64.b64decode(parts[2], validate=True)
        digest = base64.b64decode(parts[3], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the hashed name is not base64") from None
    if len(salt) != 20 or len(digest) != 20:
        raise ValueError("the hashed name has a wrong length")
    return salt, digest


@lru_cache(maxsize=65536)
def _hash_matches(names: str, host: str) -> bool:
    salt, digest = _hash_parts(names)
    # SHA-1 is the format's, chosen in 2005 to hide names, not to prove anything.
    return hmac.compare_digest(hmac.digest(salt, host.lower().encode(), "sha1"), digest)


def _glob(pattern: str, host: str) -> bool:
    # [ and ] stand for themselves ("[host]:2222"); fnmatch would take them for a set.
    if "*" in pattern or "?" in pattern:
        return fnmatchcase(host, pattern.replace("[", "[[]"))
    return pattern == host


def _about(entry: Entry, host: str, plain_name: str) -> bool:
    return entry.names_host(host) or entry.names_host(plain_name or _without_port(host))


def _certificate(host: str, key: bytes) -> HostCertificate | None:
    if not type_of(key).endswith(CERTIFICATE):
        return None
    try:
        return read_certificate(key)
    except CertificateRefused as refused:
        raise Failure(
            Reach.UNTRUSTED,
            Stage.HOST_KEY,
            told("host certificate refused: {why}", why=str(refused)),
            told("Have the certificate of {host} issued again.", host=host),
        ) from refused


def _changed(host: str, entry: Entry, key: bytes) -> Failure:
    return Failure(
        Reach.UNTRUSTED,
        Stage.HOST_KEY,
        told("host key differs from {short}", short=entry.short),
        told(
            "It shows {fingerprint}, and {where} has {known}. If the host was reinstalled, "
            "compare the new fingerprint on its own console and replace that line (ssh-keygen -R "
            "{quoted} -f {file}); if not, somebody answers in its place.",
            fingerprint=fingerprint(key),
            where=entry.where,
            known=fingerprint(entry.key),
            quoted=_quoted(host),
            file=entry.file,
        ),
    )


def type_of(key: bytes) -> str:
    """The type that a key, or certificate, names at its head; "" where there is none."""
    if len(key) < 4:
        return ""
    (length,) = struct.unpack(">I", key[:4])
    return key[4 : 4 + length].decode("ascii", "replace") if length < 100 else ""


def _key_type(algorithm: str) -> str:
    return "ssh-rsa" if algorithm.startswith("rsa-sha2") else algorithm


def _without_port(host: str) -> str:
    return host[1:].rpartition("]:")[0] if host.startswith("[") and "]:" in host else host


def _scan(host: str) -> str:
    bare = _without_port(host)
    return bare if bare == host else f"-p {host.rpartition(':')[2]} {bare}"


def _quoted(host: str) -> str:
    return f"'{host}'" if host.startswith("[") else host
