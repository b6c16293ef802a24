"""pri-odd: the SSH servers that an estate grows in ten years, each on a port of its own.

`VARIETIES` is the list; an ssh_config and an estate name every one of them as a host
(`tests.lab.consoles`), and the collection's test says of each what the board must say.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.layout import Place
from tests.lab.root import DROPBEAR_KEY, Root, Surroundings

HOME = "/etc/ssh/lab"


@dataclass(frozen=True, slots=True)
class Variety:
    """One server. `settings` are lines of its sshd_config before those that all have; `server` is
    "" where it is no OpenSSH, and then another unit listens on the port."""

    name: str
    port: int
    user: str = "root"
    settings: tuple[str, ...] = ()
    server: str = "sshd"


VARIETIES = {
    each.name: each
    for each in (
        Variety("odd-plain", 2201),
        Variety("odd-no-root", 2202, settings=("PermitRootLogin no",)),
        Variety("odd-sudo", 2202, "admin", ("PermitRootLogin no",)),
        Variety("odd-sudo-password", 2202, "clerk", ("PermitRootLogin no",)),
        Variety("odd-noisy", 2203, "noisy", (f"Banner {HOME}/banner", "PrintMotd yes")),
        Variety("odd-password", 2204, "clerk", ("AuthenticationMethods password",)),
        Variety(
            "odd-two-factors",
            2205,
            "clerk",
            ("UsePAM yes", "AuthenticationMethods publickey,keyboard-interactive"),
        ),
        Variety(
            "odd-sha1",
            2206,
            settings=(
                f"HostKey {HOME}/rsa_key",
                "HostKeyAlgorithms ssh-rsa",
                "KexAlgorithms diffie-hellman-group14-sha1",
                "Ciphers aes128-cbc",
                "MACs hmac-sha1",
            ),
        ),
        Variety("odd-one-session", 2207, settings=("MaxSessions 1",)),
        *(
            Variety(f"odd-crowd-{number}", 2208, settings=("MaxStartups 2:100:2",))
            for number in range(1, 7)
        ),
        Variety("odd-files-only", 2209, settings=("ForceCommand internal-sftp",)),
        Variety(
            "odd-user-authority",
            2210,
            settings=(f"TrustedUserCAKeys {HOME}/user-ca.pub", "AuthorizedKeysFile none"),
        ),
        Variety("odd-host-authority", 2211, settings=(f"HostCertificate {HOME}/host-cert.pub",)),
        Variety("odd-csh", 2201, "csh"),
        Variety("odd-zsh", 2201, "zsh"),
        Variety("odd-fish", 2201, "fish"),
        Variety("odd-ash", 2201, "ash"),
        Variety("odd-no-shell", 2201, "nologin"),
        # One key is not the one that known_hosts has, one is revoked, one is not there at all.
        Variety("odd-changed", 2201),
        Variety("odd-revoked", 2201),
        Variety("odd-stranger", 2201),
        Variety("odd-jumped", 2201),
        Variety("odd-dropbear", 2220, server="dropbear"),
        Variety("odd-tinyssh", 2221, server="tinyssh"),
        Variety("odd-silent", 2230, server="silent"),
        Variety("odd-mute", 2231, server="mute"),
    )
}

#: What an alias is reached through.
JUMPS = {"odd-jumped": "pri-lb1"}

#: Its host key is certified, and known_hosts has only the authority.
CERTIFIED = "odd-host-authority"

#: Users beside root, and their login shells.
SHELLS = {
    "admin": "/bin/bash",
    "clerk": "/bin/bash",
    "noisy": "/bin/bash",
    "csh": "/bin/tcsh",
    "zsh": "/bin/zsh",
    "fish": "/usr/bin/fish",
    "ash": "/usr/local/bin/ash",
    "nologin": "/usr/sbin/nologin",
}

PASSWORD = "open sesame"
#: `openssl passwd -5 -salt lab` of it.
_HASHED = "$5$lab$kMeSbLO3U5Fg8L1sLXlWMhtFXJthJFS3SqB4aliyecB"

#: For every OpenSSH server here. Keys are root's own files, so that home directories can be too.
COMMON = f"""\
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile {HOME}/authorized_keys
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PrintMotd no
PidFile none
"""

SSHD = f"""\
[Unit]
Description=An SSH server of the odd kind, port %i

[Service]
RuntimeDirectory=sshd
RuntimeDirectoryPreserve=yes
ExecStart=/usr/sbin/sshd -D -e -f {HOME}/%i.conf
KillMode=process
"""

DROPBEAR = f"""\
[Unit]
Description=dropbear

[Service]
ExecStart=/usr/sbin/dropbear -F -E -s -r {DROPBEAR_KEY} -p 2220
"""

#: A server that systemd runs once for each client, with the connection as its standard input.
SOCKET = """\
[Unit]
Description=Clients of {name}

[Socket]
ListenStream={port}
Accept=yes

[Install]
WantedBy=sockets.target
"""

CLIENT = """\
[Unit]
Description=One client of {name}
CollectMode=inactive-or-failed

[Service]
ExecStart={command}
StandardInput=socket
StandardOutput=socket
StandardError=journal
SuccessExitStatus=111
"""

#: By `Variety.server`: what serves one client. Both silent ones leave when the client does.
COMMANDS = {
    "tinyssh": (
        "/bin/sh -c 'test -d {keys} || /usr/sbin/tinysshd-makekey -q {keys};"
        " exec /usr/sbin/tinysshd -- {keys}'"
    ).format(keys="/etc/tinyssh/sshkeydir"),
    "silent": "/bin/sh -c 'exec cat >/dev/null'",
    "mute": r"/bin/sh -c 'printf \"SSH-2.0-OpenSSH_9.2p1\\r\\n\"; exec cat >/dev/null'",
}

BANNER = """\
###############################################
# AUTHORISED USE ONLY — \x1b[31mall is logged\x1b[0m #
###############################################
"""

NOISE = """\
echo "Welcome to $(hostname)! You have mail."
echo "disk quota: could not stat /nfs/home" >&2
printf 'no newline at the end'
"""

READY = " && ".join(
    f"ss -Hltn 'sport = :{port}' | grep -q ."
    for port in sorted({each.port for each in VARIETIES.values()})
)


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    _users(root)
    _keys(root, place, lab)
    for variety in VARIETIES.values():
        if variety.server == "sshd":
            lines = (f"Port {variety.port}", *variety.settings)
            root.write(f"{HOME}/{variety.port}.conf", "\n".join(lines) + "\n" + COMMON)
    root.write("/etc/systemd/system/lab-sshd@.service", SSHD)
    ports = {each.port for each in VARIETIES.values() if each.server == "sshd"}
    root.enable(*(f"lab-sshd@{port}.service" for port in sorted(ports)))
    root.unit("lab-dropbear.service", DROPBEAR)
    for variety in VARIETIES.values():
        if variety.server in COMMANDS:
            _serve_each(root, variety)


def _serve_each(root: Root, variety: Variety) -> None:
    name = f"lab-{variety.server}"
    root.unit(f"{name}.socket", SOCKET.format(name=variety.name, port=variety.port))
    command = COMMANDS[variety.server]
    root.write(
        f"/etc/systemd/system/{name}@.service", CLIENT.format(name=variety.name, command=command)
    )


def _users(root: Root) -> None:
    for number, (name, shell) in enumerate(SHELLS.items(), 2000):
        root.append("/etc/passwd", f"{name}:x:{number}:{number}::/home/{name}:{shell}\n")
        root.append("/etc/group", f"{name}:x:{number}:\n")
        root.append("/etc/shadow", f"{name}:{_HASHED}:20000:0:99999:7:::\n")
        root.directory("/home")
        root.directory(f"/home/{name}")
    root.append("/etc/shells", "/usr/local/bin/ash\n")
    root.link("/usr/local/bin/ash", "/usr/bin/busybox")
    root.write("/home/noisy/.bashrc", NOISE)
    root.write(
        "/etc/sudoers.d/lab", "admin ALL=(ALL) NOPASSWD: ALL\nclerk ALL=(ALL) ALL\n", mode=0o440
    )


def _keys(root: Root, place: Place, lab: Surroundings) -> None:
    credentials = lab.credentials
    root.directory(HOME)
    root.write(f"{HOME}/authorized_keys", credentials.public(credentials.key))
    root.write(f"{HOME}/user-ca.pub", credentials.public(credentials.user_authority))
    root.copy(credentials.certify_host(place.name, CERTIFIED), f"{HOME}/host-cert.pub")
    root.copy(credentials.rsa_key(), f"{HOME}/rsa_key", mode=0o600)
    root.write(DROPBEAR_KEY, credentials.dropbear_key(place.name), mode=0o600)
    root.write(f"{HOME}/banner", BANNER)
