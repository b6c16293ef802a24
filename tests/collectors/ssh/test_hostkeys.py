"""known_hosts: matching compared with ssh-keygen -F, decisions with keys and files of ssh-keygen."""

from __future__ import annotations

import base64
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.ssh.failure import Failure
from collectors.ssh.hostkeys import (
    KnownHosts,
    fingerprint,
    parse_known_hosts,
    read_known_hosts,
)
from estate.samples import Cause, Reach, Stage

NOW = 1_795_000_000_000


def blob(seed: int, kind: str = "ssh-ed25519") -> bytes:
    """A public key that nobody has the other half of."""
    body = bytes([seed]) * 32
    return struct.pack(">I", len(kind)) + kind.encode() + struct.pack(">I", 32) + body


def line(names: str, key: bytes, marker: str = "") -> str:
    (length,) = struct.unpack(">I", key[:4])
    text = f"{names} {key[4 : 4 + length].decode()} {base64.b64encode(key).decode()}"
    return f"{marker} {text}" if marker else text


def known(*lines: str) -> KnownHosts:
    entries, unparsed = parse_known_hosts("\n".join(lines) + "\n", "/etc/known")
    return KnownHosts(("/etc/known",), entries, unparsed)


def refused(hosts: KnownHosts, host: str, key: bytes, plain: str = "") -> Cause:
    with pytest.raises(Failure) as caught:
        hosts.check(host, key, NOW, plain)
    assert caught.value.reach is Reach.UNTRUSTED
    return caught.value.cause


def refusal(hosts: KnownHosts, host: str, key: bytes, plain: str = "") -> str:
    return refused(hosts, host, key, plain).what


# -- what is trusted --


@pytest.mark.parametrize(
    ("names", "host"),
    [
        ("web1", "web1"),
        ("WEB1", "web1"),
        ("web1,10.0.0.1", "10.0.0.1"),
        ("web?.*.org", "web1.example.org"),
        ("*,!web2", "web1"),
        ("[web1]:2222", "[web1]:2222"),
        ("[*]:2222", "[web1]:2222"),
    ],
)
def test_a_known_key_is_trusted(names: str, host: str) -> None:
    known(line(names, blob(1))).check(host, blob(1), NOW)


def test_a_key_known_without_the_port_is_trusted_as_openssh_does() -> None:
    known(line("web1", blob(1))).check("[web1]:2222", blob(1), NOW, "web1")


def test_one_of_several_keys_is_enough() -> None:
    hosts = known(line("web1", blob(1)), "# a comment", "", line("web1", blob(2)))
    hosts.check("web1", blob(2), NOW)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen")
def test_a_hashed_name_is_matched(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(line("web1", blob(1)) + "\n" + line("[web2]:2222", blob(2)) + "\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "web1" not in path.read_text()
    hosts = read_known_hosts([str(path)])
    hosts.check("web1", blob(1), NOW)
    hosts.check("[web2]:2222", blob(2), NOW)
    assert "is not in" in refusal(hosts, "web3", blob(1))


# -- what is not --


def test_an_unknown_key_is_refused_with_its_fingerprint() -> None:
    assert refused(known(line("web2", blob(1))), "web1", blob(1)) == Cause(
        Stage.HOST_KEY,
        "host key is not in known_hosts",
        f"web1 shows {fingerprint(blob(1))} (ssh-ed25519), which is not in /etc/known. Compare the "
        "fingerprint on the host's own console, then: ssh-keyscan web1 >> /etc/known",
    )


def test_an_unknown_key_of_an_alias_is_scanned_where_it_was_shown_and_noted_under_the_alias() -> (
    None
):
    with pytest.raises(Failure) as caught:
        known(line("web2", blob(1))).check("web1", blob(1), NOW, "", "[192.0.2.7]:2201")
    assert caught.value.cause.remedy.endswith(
        "then: ssh-keyscan -p 2201 192.0.2.7 | sed 's/^[^ ]*/web1/' >> /etc/known"
    )


def test_a_changed_key_is_refused_with_line_and_both_fingerprints() -> None:
    hosts = known("# first", line("web1", blob(1)))
    assert refused(hosts, "web1", blob(2)) == Cause(
        Stage.HOST_KEY,
        "host key differs from known:2",
        f"It shows {fingerprint(blob(2))}, and /etc/known:2 has {fingerprint(blob(1))}. If the host "
        "was reinstalled, compare the new fingerprint on its own console and replace that line "
        "(ssh-keygen -R web1 -f /etc/known); if not, somebody answers in its place.",
    )


def test_a_key_of_another_kind_than_the_known_one_is_a_changed_key() -> None:
    hosts = known(line("web1", blob(1)))
    other = blob(2, "ecdsa-sha2-nistp256")
    assert refusal(hosts, "web1", other) == "host key differs from known:1"


def test_a_negated_name_is_not_known() -> None:
    assert "is not in" in refusal(known(line("*,!web1", blob(1))), "web1", blob(1))


def test_a_revoked_key_is_refused_though_another_line_trusts_it() -> None:
    hosts = known(line("web1", blob(1)), line("*", blob(1), "@revoked"))
    assert refused(hosts, "web1", blob(1)) == Cause(
        Stage.HOST_KEY,
        "host key is revoked at known:2",
        f"/etc/known:2 declares {fingerprint(blob(1))} stolen or retired: give the host a new one, "
        "or find out who answers in its place.",
    )


def test_a_revocation_by_plain_name_holds_for_every_port() -> None:
    hosts = known(line("[web1]:2222", blob(1)), line("web1", blob(1), "@revoked"))
    assert "is revoked" in refusal(hosts, "[web1]:2222", blob(1))


def test_a_revocation_of_another_key_or_host_does_not_matter() -> None:
    hosts = known(
        line("web1", blob(1)), line("web1", blob(2), "@revoked"), line("db1", blob(1), "@revoked")
    )
    hosts.check("web1", blob(1), NOW)


def test_an_authority_s_own_key_is_not_a_host_key() -> None:
    hosts = known(line("*", blob(1), "@cert-authority"))
    assert "is not in" in refusal(hosts, "web1", blob(1))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("web1 ssh-ed25519", "needs names, key type and key"),
        ("web1 ssh-ed25519 !!!!", "the key is not base64"),
        (
            line("web1", blob(1)).replace("ssh-ed25519", "ssh-rsa"),
            "the key is not of type 'ssh-rsa'",
        ),
        ("@trusted " + line("web1", blob(1)), "unknown marker '@trusted'"),
        ("|2|a|b " + line("x", blob(1))[2:], "unknown kind of hashed name"),
        ("|1|!|b " + line("x", blob(1))[2:], "the hashed name is not base64"),
        ("|1|AAAA|AAAA " + line("x", blob(1))[2:], "the hashed name has a wrong length"),
        ("\x00\x01\x02", "needs names, key type and key"),
    ],
)
def test_a_line_that_cannot_be_parsed_fails_every_host_closed(bad: str, why: str) -> None:
    hosts = known(line("web1", blob(1)), bad)
    assert refused(hosts, "web1", blob(1)) == Cause(
        Stage.HOST_KEY,
        "known:2 cannot be parsed",
        f"Mend or remove line 2 of /etc/known ({why}): it might have been a revocation, so no host "
        "is trusted until then.",
    )


def test_a_file_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "known").mkdir()
    with pytest.raises(Failure) as caught:
        read_known_hosts([str(tmp_path / "known")])
    assert caught.value.cause == Cause(
        Stage.HOST_KEY,
        "known cannot be read: Is a directory",
        f"Make {tmp_path / 'known'} readable for the user that runs the watch.",
    )


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "known"
    path.write_text(line("web1", blob(1)) + "\n")
    read_known_hosts([str(path)]).check("web1", blob(1), NOW)
    path.write_text(line("web1", blob(2)) + "\n# longer\n")
    read_known_hosts([str(path)]).check("web1", blob(2), NOW)


# -- which key to ask for --


def test_the_host_is_asked_for_the_key_that_is_known() -> None:
    hosts = known(line("web1", blob(1, "ecdsa-sha2-nistp256")))
    assert hosts.algorithms("web1")[0] == "ecdsa-sha2-nistp256"
    assert hosts.algorithms("other")[0] == "ssh-ed25519"


def test_a_known_rsa_key_is_asked_for_with_sha2() -> None:
    hosts = known(line("web1", blob(1, "ssh-rsa")))
    assert hosts.algorithms("web1")[:2] == ("rsa-sha2-512", "rsa-sha2-256")
    assert "ssh-rsa" not in hosts.algorithms("web1")


def test_a_certificate_is_asked_for_where_an_authority_is_known() -> None:
    hosts = known(line("*.org", blob(1), "@cert-authority"))
    assert hosts.algorithms("web1.org")[0] == "ssh-ed25519-cert-v01@openssh.com"
    assert "cert" not in hosts.algorithms("web1.net")[0]


def test_a_revoked_key_is_not_asked_for_first() -> None:
    hosts = known(line("web1", blob(1, "ssh-rsa"), "@revoked"))
    assert hosts.algorithms("web1")[0] == "ssh-ed25519"


# -- the same as ssh-keygen --

NAME = st.text("ab1.", min_size=1, max_size=4)
PATTERN = st.builds(
    lambda no, text: no + text,
    st.sampled_from(["", "", "!"]),
    st.text("ab1.*?", min_size=1, max_size=4),
)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen")
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(patterns=st.lists(PATTERN, min_size=1, max_size=4), host=NAME)
def test_names_match_as_ssh_keygen_says(tmp_path: Path, patterns: list[str], host: str) -> None:
    names = ",".join(patterns)
    path = tmp_path / "known"
    path.write_text(line(names, blob(1)) + "\n")
    found = subprocess.run(
        ["ssh-keygen", "-F", host, "-f", path], capture_output=True, text=True, check=False
    )
    (entry,), _ = parse_known_hosts(path.read_text(), "known")
    assert entry.names_host(host) == (found.returncode == 0)


@given(st.text(max_size=200))
def test_any_line_is_an_entry_or_is_named(text: str) -> None:
    entries, unparsed = parse_known_hosts(text, "known")
    spoken = [each for each in text.split("\n") if each.strip() and each.strip()[0] != "#"]
    assert len(entries) + len(unparsed) == len(spoken)


@given(st.binary(max_size=300))
def test_no_key_a_host_can_send_is_trusted_or_crashes(key: bytes) -> None:
    with pytest.raises(Failure):
        known(line("*", blob(1)), line("*", blob(2), "@cert-authority")).check("web1", key, NOW)
