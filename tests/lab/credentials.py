"""The keys of one lab: made anew at each start, thrown away with it."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from tests.lab.layout import Place


@dataclass(frozen=True, slots=True)
class Credentials:
    """Files under one directory: an operator's key (plain, and with a certificate), the
    authorities for users, hosts and TLS, and a key and certificate for each host."""

    directory: Path

    @property
    def key(self) -> Path:
        """The operator's private key; `root` of every host accepts it."""
        return self.directory / "id"

    @property
    def certified_key(self) -> Path:
        """Accepted only where the user authority is trusted; its certificate lies beside it."""
        return self.directory / "id-certified"

    @property
    def user_authority(self) -> Path:
        return self.directory / "user-ca"

    @property
    def host_authority(self) -> Path:
        return self.directory / "host-ca"

    @property
    def tls_authority(self) -> Path:
        """The private CA's certificate; its key is `tls-ca.key` beside it."""
        return self.directory / "tls-ca.crt"

    def host_key(self, name: str) -> Path:
        return self.directory / "hosts" / name

    def rsa_key(self) -> Path:
        """For servers so old that they know nothing else."""
        key = self.directory / "rsa"
        if not key.exists():
            _run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(key))
        return key

    def dropbear_key(self, name: str) -> bytes:
        """The host's key in dropbear's own form: type, then seed and public key, each with its
        length (signkey.c)."""
        key = load_ssh_private_key(self.host_key(name).read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        both = key.private_bytes_raw() + key.public_key().public_bytes_raw()
        return b"".join(struct.pack(">I", len(each)) + each for each in (b"ssh-ed25519", both))

    def public(self, key: Path) -> str:
        return key.with_name(key.name + ".pub").read_text()

    def make(self, places: dict[str, Place]) -> None:
        """Create everything that is not there yet."""
        (self.directory / "hosts").mkdir(parents=True, exist_ok=True)
        for key in (self.key, self.certified_key, self.user_authority, self.host_authority):
            _keygen(key, key.name)
        for name in places:
            _keygen(self.host_key(name), name)
        self._certify_user()
        self._make_tls_authority()

    def certify_host(self, name: str, *principals: str) -> Path:
        """The host's certificate, signed by the host authority; names and addresses it is for."""
        key = self.host_key(name)
        _run(
            "ssh-keygen", "-q", "-s", str(self.host_authority), "-I", name, "-h",
            "-n", ",".join(principals), "-V", "+1d", f"{key}.pub",
        )  # fmt: skip
        return key.with_name(key.name + "-cert.pub")

    def _certify_user(self) -> None:
        _run(
            "ssh-keygen", "-q", "-s", str(self.user_authority), "-I", "lab operator",
            "-n", "root,admin", "-V", "+1d", f"{self.certified_key}.pub",
        )  # fmt: skip

    def _make_tls_authority(self) -> None:
        _run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
            "-nodes", "-days", "30", "-subj", "/CN=Lab CA", "-keyout",
            str(self.directory / "tls-ca.key"), "-out", str(self.tls_authority),
        )  # fmt: skip

    def sign(self, request: str, names: tuple[str, ...], days: int = 30) -> str:
        """A certificate (PEM) for a PEM request, for DNS names and IP addresses as
        `DNS:…`/`IP:…`; negative `days` give one that has expired."""
        extensions = self.directory / "extensions"
        extensions.write_text(
            f"subjectAltName={','.join(names)}\n"
            "extendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
        )
        return _run(
            "openssl", "x509", "-req", "-CA", str(self.tls_authority),
            "-CAkey", str(self.directory / "tls-ca.key"), "-CAcreateserial",
            "-days", str(days), "-extfile", str(extensions), stdin=request,
        )  # fmt: skip


def _keygen(path: Path, comment: str) -> None:
    if not path.exists():
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path))


def _run(*command: str, stdin: str = "") -> str:
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:2])} failed: {done.stderr.strip()}")
    return done.stdout
