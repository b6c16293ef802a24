"""The private authority's own program, on the host that has the role `authority`.

`certificate_signer.py DIRECTORY PORT`: POST /sign takes a request (PEM) and answers a certificate and its chain (PEM),
for the names that the request has in its subjectAltName, all of lab.test or addresses. If there is a
DIRECTORY/answer.pem, that is answered instead: an authority may be wrong.
"""

from __future__ import annotations

import http.server
import re
import secrets
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

DAYS = 90
REQUEST_BYTES = 16_384
NAMES = re.compile(r"(?:DNS:[a-z0-9.-]+\.lab\.test|IP Address:[0-9.]+)")


class RefusedError(Exception):
    """Why no certificate is given."""


class Answer(http.server.BaseHTTPRequestHandler):
    """One request at a time is enough for an authority."""

    directory: Path

    def do_GET(self) -> None:
        self._say(200, "POST /sign\n")

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length", 0))
        if self.path != "/sign" or not 0 < size <= REQUEST_BYTES:
            return self._say(404, "POST a request (PEM) to /sign\n")
        try:
            signed = sign(self.directory, self.rfile.read(size))
            wrong = self.directory / "answer.pem"
            return self._say(200, wrong.read_text() if wrong.exists() else signed)
        except RefusedError as refused:
            return self._say(403, f"{refused}\n")

    def _say(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def sign(directory: Path, request: bytes) -> str:
    """A certificate for `request`, followed by the authority's. Raises RefusedError."""
    names = names_of(request)
    if not names or not all(map(NAMES.fullmatch, names)):
        raise RefusedError(f"names must be of lab.test, or addresses, and are {names or 'none'}")
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as extensions:
        alternatives = ",".join(name.replace("IP Address:", "IP:") for name in names)
        extensions.write(
            f"subjectAltName={alternatives}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n"
        )
        extensions.flush()
        certificate = _openssl(
            request, "x509", "-req", "-days", str(DAYS), "-extfile", extensions.name,
            "-CA", str(directory / "authority.pem"), "-CAkey", str(directory / "authority.key"),
            "-set_serial", f"0x{secrets.token_hex(16)}",
        )  # fmt: skip
    return certificate + (directory / "authority.pem").read_text()


def names_of(request: bytes) -> list[str]:
    """Its subjectAltName, as openssl writes it. Raises RefusedError if its signature is wrong."""
    text = _openssl(request, "req", "-noout", "-text", "-verify")
    found = re.search(r"X509v3 Subject Alternative Name:.*\n\s*(.+)", text)
    return [name.strip() for name in found[1].split(",")] if found else []


def _openssl(stdin: bytes, *arguments: str) -> str:
    done = subprocess.run(
        ["openssl", *arguments], input=stdin, capture_output=True, timeout=10, check=False
    )
    if done.returncode:
        raise RefusedError(done.stderr.decode(errors="replace").strip())
    return done.stdout.decode()


def main(directory: Path, port: int) -> None:
    Answer.directory = directory
    server = http.server.ThreadingHTTPServer(("0.0.0.0", port), Answer)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    # Or a client that says nothing would keep all others waiting.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
