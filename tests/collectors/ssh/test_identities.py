"""Which keys are offered and in which order, with keys of ssh-keygen and a real ssh-agent."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from collectors.ssh.config import Hop
from collectors.ssh.identities import offers


def keygen(*arguments: str | Path) -> None:
    subprocess.run(["ssh-keygen", "-q", *map(str, arguments)], check=True, capture_output=True)


def key(folder: Path, name: str, kind: str = "ed25519", secret: str = "", form: str = "") -> str:
    path = folder / name
    keygen("-t", kind, "-N", secret, "-f", path, *(("-m", form) if form else ()))
    return str(path)


def hop(*identities: str, **fields) -> Hop:
    return Hop("web1", "192.0.2.1", 22, "me", "web1", identities=identities, **fields)


def titles(of: Hop) -> list[str]:
    return [each.title for each in offers(of)[0]]


@pytest.fixture
def agent(tmp_path: Path):
    """`agent(key, ...)`: a running ssh-agent that holds these keys; returns its socket."""
    if shutil.which("ssh-agent") is None:
        pytest.skip("no ssh-agent on this machine")
    running: list[subprocess.Popen[bytes]] = []

    def start(*keys: str) -> str:
        path = tmp_path / f"agent{len(running)}"
        running.append(subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL))
        while not path.exists():
            time.sleep(0.01)
        environment = {**os.environ, "SSH_AUTH_SOCK": str(path)}
        for each in keys:
            subprocess.run(
                ["ssh-add", "-q", each], check=True, env=environment, capture_output=True
            )
        return str(path)

    yield start
    for each in running:
        each.terminate()
        each.wait()


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("form", ["", "PEM"])
def test_a_file_s_key_signs(tmp_path: Path, kind: str, form: str) -> None:
    path = key(tmp_path, "id", kind, form=form)
    ((offer,), passed) = offers(hop(path))
    assert passed == ()
    algorithm = {"ed25519": "ssh-ed25519", "ecdsa": "ecdsa-sha2-nistp256", "rsa": "rsa-sha2-512"}
    assert algorithm[kind].encode() in offer.sign_ssh_data(b"data", algorithm[kind])


def test_files_are_offered_in_the_order_of_ssh_config(tmp_path: Path) -> None:
    paths = [key(tmp_path, name) for name in ("b", "a", "c")]
    assert titles(hop(*paths, str(tmp_path / "missing"))) == paths


def test_what_the_agent_holds_of_them_goes_first(tmp_path: Path, agent) -> None:
    first, second, other = (key(tmp_path, name) for name in ("first", "second", "other"))
    sock = agent(second, other)
    assert titles(hop(first, second, agent=sock)) == [
        f"{second} (agent)",
        f"agent: {_comment(other)}",
        first,
    ]
    assert titles(hop(first, second, agent=sock, only_these=True)) == [f"{second} (agent)", first]


def test_an_encrypted_key_is_signed_for_by_the_agent(tmp_path: Path, agent) -> None:
    path = key(tmp_path, "id")
    sock = agent(path)
    keygen("-p", "-P", "", "-N", "secret", "-f", path)
    Path(f"{path}.pub").unlink()  # the public half is read out of the private file
    ((offer,), passed) = offers(hop(path, agent=sock))
    assert (offer.title, passed) == (f"{path} (agent)", ())
    assert b"ssh-ed25519" in offer.sign_ssh_data(b"data", "ssh-ed25519")


@pytest.mark.parametrize("form", ["", "PEM"])
def test_an_encrypted_key_without_an_agent_is_named(tmp_path: Path, form: str) -> None:
    path = key(tmp_path, "id", "rsa", secret="secret", form=form)
    assert titles(hop(path)) == []
    ((passed,),) = (offers(hop(path))[1],)
    assert (passed.title, passed.why) == (path, "has a passphrase and no agent holds it")
    assert passed.remedy.startswith(f"ssh-add {path}")


def test_a_certificate_is_offered_before_its_key(tmp_path: Path) -> None:
    path, authority = key(tmp_path, "id"), key(tmp_path, "ca")
    keygen("-s", authority, "-I", "me", "-n", "me", f"{path}.pub")
    found, _ = offers(hop(path))
    assert [each.title for each in found] == [f"{path}-cert.pub", path]
    assert found[0].get_name() == "ssh-ed25519-cert-v01@openssh.com"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_certificate_file_finds_its_key_in_the_agent(tmp_path: Path, agent, kind: str) -> None:
    path, authority = key(tmp_path, "id", kind), key(tmp_path, "ca")
    keygen("-s", authority, "-I", "me", "-n", "me", f"{path}.pub")
    certificate = tmp_path / "elsewhere-cert.pub"
    Path(f"{path}-cert.pub").rename(certificate)
    found = titles(hop(certificates=(str(certificate),), agent=agent(path)))
    assert found[0] == str(certificate)


def test_an_identity_may_be_a_public_key_whose_agent_signs(tmp_path: Path, agent) -> None:
    path = key(tmp_path, "id")
    sock = agent(path)
    Path(path).unlink()
    assert titles(hop(path, agent=sock, only_these=True)) == [f"{path} (agent)"]


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        ("", 0o600, "is not a usable private key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\n!!\n", 0o600, "is not a usable private key"),
        (None, 0o640, "is open to others; it was not used"),
    ],
)
def test_a_file_that_is_no_key_is_named(tmp_path: Path, text, mode: int, why: str) -> None:
    path = Path(key(tmp_path, "id"))
    if text is not None:
        Path(f"{path}.pub").unlink()
        path.write_text(text)
    path.chmod(mode)
    found, (passed,) = offers(hop(str(path)))
    assert found == ()
    assert passed.why.startswith(why)


def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    _, (passed,) = offers(hop(certificates=(str(tmp_path / "none"),)))
    assert (passed.why, passed.remedy) == ("No such file or directory", "correct CertificateFile")


def test_an_agent_that_is_gone_is_named(tmp_path: Path) -> None:
    path = key(tmp_path, "id")
    found, (passed,) = offers(hop(path, agent=str(tmp_path / "gone")))
    assert [each.title for each in found] == [path]
    assert passed.title == "agent"


def test_a_new_key_is_noticed(tmp_path: Path) -> None:
    path = key(tmp_path, "id")
    ((before,), _) = offers(hop(path))
    Path(path).unlink()
    Path(f"{path}.pub").unlink()
    key(tmp_path, "id")
    ((after,), _) = offers(hop(path))
    assert before.blob != after.blob


def _comment(path: str) -> str:
    return Path(f"{path}.pub").read_text().split(None, 2)[2].strip()
