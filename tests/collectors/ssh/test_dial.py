"""Every way a connection can fail, against real servers, and the cause that the board shows."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import paramiko
import pytest

from collectors.ssh import dial
from collectors.ssh.failure import Failure
from estate.samples import Cause, Reach, Stage

OPENSSH = b"SSH-2.0-OpenSSH_9.2\r\n"


ROW = 70  # cells of the board's row; what is said of our own making fits 45


def fails(reach, way) -> tuple[Reach, Stage, str]:
    kind, cause = cause_of(reach, way)
    return kind, cause.stage, cause.what


def cause_of(reach, way) -> tuple[Reach, Cause]:
    with pytest.raises(Failure) as caught:
        reach(way)
    cause = caught.value.cause
    assert cause.remedy, "a cause says what to do"
    assert "\n" not in cause.what
    assert len(cause.what) <= ROW
    return caught.value.reach, cause


def says(words: bytes, then_close: bool = True):
    def talk(client: socket.socket) -> None:
        client.sendall(words)
        if then_close:
            client.close()

    return talk


def silent(client: socket.socket) -> None:
    """Accepts, and that was that."""


# -- the good way --


def test_a_host_is_reached_and_runs_a_command(start_sshd, route, reach) -> None:
    import asyncio

    async def use(connection):
        heard = bytearray()
        channel = await connection.session("echo hello; cat", heard.extend, lambda: None)
        channel.write(b"and back\n")
        while b"back" not in heard:
            await asyncio.sleep(0.01)
        return bytes(heard)

    assert reach(route(start_sshd()), use) == b"hello\nand back\n"


# -- resolve and connect --


def test_a_name_that_does_not_resolve(start_sshd, route, reach) -> None:
    way = route(start_sshd(), address="no-such-host.invalid")
    kind, cause = cause_of(reach, way)
    assert (kind, cause.stage) == (Reach.UNREACHABLE, Stage.RESOLVE)
    assert cause.what.startswith("does not resolve: ")
    assert cause.remedy == (
        "no-such-host.invalid was looked up: give web1 an address in the estate or a HostName in "
        "ssh_config, or mend DNS."
    )


def test_a_port_where_nobody_listens(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    sshd.stop()
    assert fails(reach, route(sshd)) == (
        Reach.UNREACHABLE,
        Stage.CONNECT,
        f"connection refused at 127.0.0.1:{sshd.port}",
    )


def test_a_black_hole(start_sshd, route, reach) -> None:
    # A listener whose queue is full drops further SYNs: the loopback's own black hole.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        time.sleep(0.1)
        began = time.monotonic()
        found = fails(reach, route(start_sshd(), port=port, timeout_ms=500))
        for filler in fillers:
            filler.close()
    assert found == (
        Reach.UNREACHABLE,
        Stage.CONNECT,
        f"no answer from 127.0.0.1:{port} in 0.5 s",
    )
    assert time.monotonic() - began < 5


# -- banner --


def test_a_server_that_accepts_and_says_nothing_is_frozen(start_sshd, route, reach, serve) -> None:
    port = serve(silent)
    assert fails(reach, route(start_sshd(), port=port, timeout_ms=400)) == (
        Reach.FROZEN,
        Stage.BANNER,
        "accepts us, then says nothing for 0.4 s",
    )


def test_a_stopped_sshd_is_frozen(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    os.kill(sshd.server.pid, signal.SIGSTOP)
    kind, stage, _ = fails(reach, route(sshd, timeout_ms=400))
    assert (kind, stage) == (Reach.FROZEN, Stage.BANNER)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 400 Bad Request"),
        (b"\x1b]52;c;aGk=\x07\xff\x00\n", "\\x1b]52;c;aGk=\\x07\\xff\\x00"),
    ],
)
def test_another_protocol_is_quoted_harmless(
    start_sshd, route, reach, serve, words, expected
) -> None:
    port = serve(says(words))
    assert cause_of(reach, route(start_sshd(), port=port)) == (
        Reach.UNREACHABLE,
        Cause(
            Stage.BANNER,
            f"not an SSH server: says “{expected}”",
            f"127.0.0.1:{port} said “{expected}” and hung up: correct the port, or the address.",
        ),
    )


def test_an_endless_greeting_is_cut_short(start_sshd, route, reach, serve) -> None:
    def talk(client: socket.socket) -> None:
        for _ in range(1600):  # 100 MB in one line
            client.sendall(b"A" * 65536)

    port = serve(talk)
    began = time.monotonic()
    _, cause = cause_of(reach, route(start_sshd(), port=port))
    assert cause == Cause(
        Stage.BANNER,
        f"not an SSH server: says “{29 * 'A'}…”",
        f"127.0.0.1:{port} said “{80 * 'A'}” and talks on and on: correct the port, or the "
        "address.",
    )
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "words", [b"", b"Exceeded MaxStartups\r\n", b"Not allowed at this time\r\n"]
)
def test_a_drop_before_the_banner_names_max_startups(
    start_sshd, route, reach, serve, words
) -> None:
    port = serve(says(words))
    kind, stage, what = fails(reach, route(start_sshd(), port=port))
    assert (kind, stage) == (Reach.UNREACHABLE, Stage.BANNER)
    assert what == "closes the connection before its SSH banner"


def test_ssh_1_is_too_old(start_sshd, route, reach, serve) -> None:
    port = serve(says(b"SSH-1.5-OldThing\r\n", then_close=False))
    _, stage, what = fails(reach, route(start_sshd(), port=port))
    assert stage is Stage.BANNER
    assert what == "speaks an SSH too old: SSH-1.5-OldThing"


def test_lines_before_the_version_are_passed_over(start_sshd, route, reach, serve) -> None:
    port = serve(says(b"Welcome!\r\nto the " + b"machine\r\n" + OPENSSH))
    _, stage, _ = fails(reach, route(start_sshd(), port=port))
    assert stage is Stage.KEX


# -- key exchange --


def test_silence_after_the_banner_is_frozen(start_sshd, route, reach, serve) -> None:
    port = serve(says(OPENSSH, then_close=False))
    assert fails(reach, route(start_sshd(), port=port, timeout_ms=400)) == (
        Reach.FROZEN,
        Stage.KEX,
        "sent its banner and stopped in the key exchange",
    )


@pytest.mark.parametrize(
    "noise",
    [b"\xff" * 4096, b"\0" * 4096, b"A" * 100_000, b"\x00\x00\x00\x0c\x0a\x14" + b"\0" * 64],
)
def test_noise_after_the_banner_is_an_error_not_a_crash(
    start_sshd, route, reach, serve, noise
) -> None:
    port = serve(says(OPENSSH + noise))
    kind, stage, what = fails(reach, route(start_sshd(), port=port))
    assert (kind, stage) == (Reach.UNREACHABLE, Stage.KEX)
    assert what.startswith("key exchange failed: ")


@pytest.mark.parametrize(
    ("settings", "what", "ours"),
    [
        (
            {"Ciphers": "chacha20-poly1305@openssh.com"},
            "no cipher in common: it has chacha20-poly1305@openssh.com",
            "aes128-ctr",
        ),
        (
            {"KexAlgorithms": "sntrup761x25519-sha512@openssh.com"},
            "no key exchange in common: it has sntrup761x25519-sha512@openssh.com",
            "ecdh-sha2-nistp256",
        ),
        (
            {"MACs": "umac-128@openssh.com", "Ciphers": "aes128-ctr"},
            "no MAC in common: it has umac-128@openssh.com",
            "hmac-sha2-256",
        ),
    ],
)
def test_no_algorithm_in_common_is_named(start_sshd, route, reach, settings, what, ours) -> None:
    sshd = start_sshd(**settings)
    kind, cause = cause_of(reach, route(sshd))
    assert (kind, cause.stage) == (Reach.UNREACHABLE, Stage.KEX)
    assert cause.what == what
    assert cause.remedy.startswith(f"127.0.0.1:{sshd.port} (SSH-2.0-OpenSSH")
    assert f" {ours}," in cause.remedy
    assert cause.remedy.endswith("allow one in its sshd_config, or upgrade the SSH server there.")


def test_tinyssh_is_told_apart_for_it_has_no_settings(start_sshd, route, reach, serve) -> None:
    program = shutil.which("tinysshd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        pytest.skip("no tinysshd on this machine")
    sshd = start_sshd()
    keys = sshd.folder / "tinyssh"
    subprocess.run([f"{program}-makekey", "-q", keys], check=True)

    def talk(client: socket.socket) -> None:
        subprocess.run([program, keys], stdin=client, stdout=client, timeout=20, check=False)

    port = serve(talk)
    kind, cause = cause_of(reach, route(sshd, port=port))
    assert (kind, cause.stage) == (Reach.UNREACHABLE, Stage.KEX)
    assert cause.what == "no cipher in common: it has chacha20-poly1305@openssh.com"
    assert cause.remedy.startswith(f"127.0.0.1:{port} (SSH-2.0-tinyssh")
    assert cause.remedy.endswith(
        "tinyssh has no other and no settings, so run OpenSSH's sshd or dropbear on that host."
    )


# -- host key --


def test_a_changed_host_key_is_refused_before_any_key_of_ours_is_shown(
    start_sshd, route, reach, tmp_path
) -> None:
    sshd = start_sshd(LogLevel="VERBOSE")
    other = start_sshd()
    sshd.trust(f"{sshd.target} {other.host_key}")
    kind, cause = cause_of(reach, route(sshd))
    assert (kind, cause.stage) == (Reach.UNTRUSTED, Stage.HOST_KEY)
    assert cause.what == "host key differs from known_hosts:1"
    assert f"and {sshd.known_hosts}:1 has SHA256:" in cause.remedy
    assert cause.remedy.count("SHA256:") == 2
    assert "publickey" not in (sshd.folder / "sshd.log").read_text()


def test_an_unknown_host_key_is_refused_and_not_added(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    sshd.trust("# nobody")
    before = sshd.known_hosts.read_text()
    kind, cause = cause_of(reach, route(sshd))
    assert (kind, cause.stage) == (Reach.UNTRUSTED, Stage.HOST_KEY)
    assert cause.what == "host key is not in known_hosts"
    assert cause.remedy.startswith(f"{sshd.target} shows SHA256:")
    assert sshd.known_hosts.read_text() == before


def test_a_revoked_host_key_is_refused(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    sshd.trust(f"{sshd.target} {sshd.host_key}", f"@revoked * {sshd.host_key}")
    kind, _, what = fails(reach, route(sshd))
    assert kind is Reach.UNTRUSTED
    assert what == "host key is revoked at known_hosts:2"


def test_known_hosts_on_a_dead_file_server_trusts_nobody_and_is_named(
    start_sshd, route, reach, hung_file
) -> None:
    sshd = start_sshd()
    sshd.configure(f"Host *\n  UserKnownHostsFile {sshd.known_hosts} {hung_file}\n")
    kind, cause = cause_of(reach, route(sshd, timeout_ms=400))
    assert (kind, cause.stage) == (Reach.UNTRUSTED, Stage.HOST_KEY)
    assert cause.what == "hung was not read in 0.4 s"
    assert cause.remedy == (
        f"{hung_file}: It does not answer: the file server or the disk it lies on hangs, on this "
        "machine. Bring that back, or keep the file on a local disk."
    )


def test_the_key_that_is_known_is_asked_for(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    rsa = _second_host_key(sshd)
    sshd.trust(f"{sshd.target} {rsa}")
    reach(route(sshd))


def test_a_certified_host_is_trusted_through_its_authority(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    authority = _certify(sshd, "-n", "127.0.0.1")
    sshd.trust(f"@cert-authority *,[127.0.0.1]:* {authority}")
    reach(route(sshd))


def test_a_certificate_for_another_host_is_refused(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    authority = _certify(sshd, "-n", "db1")
    sshd.trust(f"@cert-authority * {authority}")
    kind, _, what = fails(reach, route(sshd))
    assert kind is Reach.UNTRUSTED
    assert "it is for db1" in what


def _second_host_key(sshd) -> str:
    keygen("-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", sshd.folder / "host_rsa")
    _restart(sshd, f"HostKey {sshd.folder / 'host_rsa'}")
    return " ".join((sshd.folder / "host_rsa.pub").read_text().split()[:2])


def _certify(sshd, *options: str) -> str:
    keygen("-q", "-t", "ed25519", "-N", "", "-f", sshd.folder / "ca")
    keygen("-q", "-s", sshd.folder / "ca", "-h", "-I", "t", *options, sshd.folder / "host.pub")
    _restart(sshd, f"HostCertificate {sshd.folder / 'host-cert.pub'}")
    return " ".join((sshd.folder / "ca.pub").read_text().split()[:2])


def _restart(sshd, *lines: str) -> None:
    sshd.stop()
    include = sshd.folder / "more_sshd_config"
    include.write_text("".join(f"{line}\n" for line in lines))
    sshd.settings["Include"] = str(include)
    sshd.start()


def keygen(*arguments: str | Path) -> None:
    import subprocess

    subprocess.run(["ssh-keygen", *map(str, arguments)], check=True, capture_output=True)


# -- authentication --


def test_a_refused_key_names_what_was_offered_and_what_the_host_takes(
    start_sshd, route, reach
) -> None:
    sshd = start_sshd(PasswordAuthentication="yes")
    (sshd.folder / "authorized_keys").write_text("")
    assert cause_of(reach, route(sshd)) == (
        Reach.REFUSED,
        Cause(
            Stage.AUTH,
            "refuses our keys: offers publickey,password",
            f"{sshd.user}@web1 does not accept {sshd.key}: add the public key to "
            f"~{sshd.user}/.ssh/authorized_keys there, or name the right key or user (identity, "
            "user in the estate; IdentityFile, User in ssh_config).",
        ),
    )


def test_a_host_that_takes_no_keys_is_told_apart(start_sshd, route, reach) -> None:
    sshd = start_sshd(PubkeyAuthentication="no", PasswordAuthentication="yes")
    assert cause_of(reach, route(sshd)) == (
        Reach.REFUSED,
        Cause(
            Stage.AUTH,
            "takes no keys: offers password",
            f"Allow keys for {sshd.user} on web1: PubkeyAuthentication and AuthenticationMethods in "
            "its sshd_config. twinwatch has no passwords.",
        ),
    )


def test_a_key_that_is_right_and_not_enough_is_told_from_one_that_is_wrong(
    start_sshd, route, reach
) -> None:
    sshd = start_sshd(PasswordAuthentication="yes", AuthenticationMethods="publickey,password")
    assert cause_of(reach, route(sshd)) == (
        Reach.REFUSED,
        Cause(
            Stage.AUTH,
            "accepts our key and wants more: password",
            f"twinwatch can't type a code: exempt {sshd.user} from it on web1 (in its sshd_config, "
            f"Match User {sshd.user} with AuthenticationMethods publickey), or name an account that "
            "needs a key only.",
        ),
    )


def test_an_encrypted_key_without_an_agent_says_what_to_do(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    keygen("-q", "-p", "-P", "", "-N", "secret", "-f", sshd.key)
    assert cause_of(reach, route(sshd)) == (
        Reach.REFUSED,
        Cause(
            Stage.AUTH,
            "no key to offer it: offers publickey",
            f"{sshd.key} has a passphrase and no agent holds it: ssh-add {sshd.key} in the session "
            f"that starts the watch. Name a key for {sshd.user}@web1 (identity in the estate, "
            "IdentityFile in ssh_config) or start an agent.",
        ),
    )


def test_a_key_that_others_can_read_is_not_used(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    sshd.key.chmod(0o644)
    _, cause = cause_of(reach, route(sshd))
    assert cause.remedy.startswith(
        f"{sshd.key} is open to others; it was not used: chmod 600 {sshd.key}. "
    )
    sshd.key.chmod(0o600)  # which is the remedy, and does not change the file's time of writing
    reach(route(sshd))


def test_a_key_on_a_dead_file_server_is_named(
    start_sshd, route, reach, hung_file, monkeypatch
) -> None:
    monkeypatch.setattr(dial, "KEYS_SECONDS", 0.4)
    sshd = start_sshd()
    kind, cause = cause_of(reach, route(sshd, timeout_ms=300, identity=str(hung_file)))
    assert (kind, cause.stage) == (Reach.REFUSED, Stage.AUTH)
    assert cause.what == "no key to offer it: hung was not read in 0.4 s"
    assert cause.remedy.startswith(f"{hung_file}: It does not answer: ")


def test_a_user_certificate_is_used(start_sshd, route, reach) -> None:
    sshd = start_sshd()
    keygen("-q", "-t", "ed25519", "-N", "", "-f", sshd.folder / "user_ca")
    keygen("-q", "-s", sshd.folder / "user_ca", "-I", "me", "-n", sshd.user, f"{sshd.key}.pub")
    (sshd.folder / "authorized_keys").write_text("")
    _restart(sshd, f"TrustedUserCAKeys {sshd.folder / 'user_ca.pub'}")
    reach(route(sshd))


def test_too_many_keys_are_not_all_tried(start_sshd, route, reach) -> None:
    sshd = start_sshd(MaxAuthTries="6")
    more = []
    for number in range(8):
        path = sshd.folder / f"wrong{number}"
        keygen("-q", "-t", "ed25519", "-N", "", "-f", path)
        more.append(f"IdentityFile {path}")
    (sshd.folder / "authorized_keys").write_text("")
    sshd.configure("\n".join(more))
    _, cause = cause_of(reach, route(sshd))
    assert cause.what == "refuses our keys: offers publickey"
    assert "wrong2 and 2 more: add" in cause.remedy


def test_a_host_that_stops_while_it_checks_us_is_frozen(
    start_sshd, serve_ssh, route, reach
) -> None:
    class Thinking(paramiko.ServerInterface):
        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            time.sleep(3)
            return paramiko.AUTH_FAILED

        def get_allowed_auths(self, username: str) -> str:
            return "publickey"

    server = serve_ssh(Thinking)
    kind, stage, what = fails(reach, route(server, timeout_ms=700))
    assert (kind, stage) == (Reach.FROZEN, Stage.AUTH)
    assert what == "stopped answering while it checked our key"


def test_a_host_that_hangs_up_on_our_key_is_quoted(serve_ssh, route, reach) -> None:
    class Rude(paramiko.ServerInterface):
        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            raise RuntimeError

    _, stage, what = fails(reach, route(serve_ssh(Rude)))
    assert stage is Stage.AUTH
    assert what == "hung up on our keys: it closed the connection"


def test_methods_that_are_no_text_are_no_defect_of_ours(serve_ssh, route, reach) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Slow(paramiko.ServerInterface):
        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            asked.set()
            answered.wait(5)
            return paramiko.AUTH_FAILED

    def talk(transport: paramiko.Transport) -> None:
        asked.wait(5)
        transport._send_message(paramiko.Message(bytes([51]) + b"\0\0\0\x02\xff\xfe\0"))
        answered.set()

    kind, stage, what = fails(reach, route(serve_ssh(Slow, talk)))
    assert (kind, stage) == (Reach.REFUSED, Stage.AUTH)
    assert what == "hung up on our keys: a malformed packet (UnicodeDecodeError)"


def test_a_host_with_four_billion_extensions_is_left(serve_ssh, route, reach) -> None:
    """`reach` sees to it that no thread is left behind, counting them."""
    asked = threading.Event()

    class Slow(paramiko.ServerInterface):
        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            asked.set()
            time.sleep(1)
            return paramiko.AUTH_FAILED

    def talk(transport: paramiko.Transport) -> None:
        asked.wait(5)
        transport._send_message(paramiko.Message(bytes([7]) + b"\xff\xff\xff\xff"))

    _, _, what = fails(reach, route(serve_ssh(Slow, talk)))
    assert what == "hung up on our keys: more extensions than there can be"


def test_a_host_that_has_us_sign_again_and_again_is_left(serve_ssh, route, reach) -> None:
    asked = threading.Event()

    class Slow(paramiko.ServerInterface):
        def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
            asked.set()
            time.sleep(1)
            return paramiko.AUTH_FAILED

    def talk(transport: paramiko.Transport) -> None:
        asked.wait(5)
        transport._send_message(paramiko.Message(bytes([6]) + b"\0\0\0\x0cssh-userauth"))

    _, _, what = fails(reach, route(serve_ssh(Slow, talk)))
    assert what == "hung up on our keys: a message of kind 6 out of the blue"
