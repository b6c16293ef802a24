"""Checks of certificates with the real openssl, on files and on a real TLS server."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbooks.certificates import cert_script, tls_script
from runbooks.runbook import Cert, Tls

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, and a certificate of its own for localhost that lives 30 days; and another key."""
    folder = tmp_path_factory.mktemp("papers")
    new = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "other"):
        openssl(
            *new,
            "-subj",
            f"/CN={name}",
            "-days",
            60,
            "-keyout",
            folder / f"{name}.key",
            "-out",
            folder / f"{name}.pem",
        )
    signed = (
        "-CA",
        folder / "ca.pem",
        "-CAkey",
        folder / "ca.key",
        "-addext",
        "subjectAltName=DNS:localhost,DNS:b.test",
    )
    openssl(*new, "-subj", "/CN=localhost", "-days", 30, "-set_serial", "0x1A2B", *signed,
            "-keyout", folder / "a.key", "-out", folder / "a.pem")  # fmt: skip
    return folder


def run(script: str, **environment: object) -> tuple[int, str]:
    known = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    done = subprocess.run(
        ["sh", "-c", script],
        capture_output=True,
        text=True,
        env=known,
        timeout=30,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, done.stdout.strip().rpartition("\n")[2]


def test_a_certificate_that_fits(papers: Path) -> None:
    ask = Cert(
        str(papers / "a.pem"),
        str(papers / "a.key"),
        str(papers / "ca.pem"),
        ("localhost", "b.test"),
        20,
    )
    assert run(cert_script(ask)) == (0, "")


def test_what_is_wrong_is_said(papers: Path) -> None:
    def said(**parts: object) -> str:
        given = {"file": str(papers / "a.pem"), **parts}
        code, line = run(cert_script(Cert(**given)))  # type: ignore[arg-type]
        assert code == 1
        return line.replace(f"{papers}/", "")

    assert said(file=str(papers / "none.pem")) == "none.pem can't be read"
    assert said(file=str(papers / "a.key")) == "a.key holds no certificate"
    assert (
        said(key=str(papers / "other.key"))
        == "other.key is the key of another certificate than a.pem"
    )
    assert "verification failed" in said(chain=str(papers / "other.pem"))
    assert said(names=("localhost", "c.test")) == "a.pem is not for c.test"
    assert said(days_left=40).startswith("a.pem ends notAfter=")


def test_a_path_is_a_word_whatever_is_in_it(tmp_path: Path) -> None:
    odd = tmp_path / "a'b $(touch x).pem"
    code, line = run(cert_script(Cert(str(odd))))
    assert (code, line) == (1, f"{odd} can't be read")
    assert not Path("x").exists()


@pytest.fixture
def port(papers: Path) -> Iterator[int]:
    """A server that shows a.pem to whoever comes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers / "a.pem", papers / "a.key")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as served:
                    served.recv(1)
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_what_a_server_serves(papers: Path, port: int) -> None:
    trusted = {"SSL_CERT_FILE": papers / "ca.pem"}

    def said(trust: dict[str, Path] = trusted, **parts: object) -> tuple[int, str]:
        code, line = run(tls_script(Tls(f"localhost:{port}", **parts)), **trust)  # type: ignore[arg-type]
        return code, line.replace(f"localhost:{port}", "AT")

    assert said(serial="1a:2b", days_left=20) == (0, "")
    assert said(serial="1A2C") == (1, "AT serves 1A2B, not 1A2C")
    assert said(names=("b.test",)) == (0, "")
    assert said(names=("c.test",)) == (1, "what AT serves is not for c.test")
    assert said(days_left=40)[1].startswith("what AT serves ends notAfter=")
    code, line = said({"SSL_CERT_FILE": papers / "other.pem"})
    assert code == 1 and "verif" in line.lower()


def test_nobody_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        at = f"127.0.0.1:{free.getsockname()[1]}"
        code, line = run(tls_script(Tls(at)))
    assert code == 1 and line.startswith(at) and "refused" in line.lower()
