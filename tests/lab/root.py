"""A host's files before it boots: what a role writes goes into its overlay's upper directory."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.lab.credentials import Credentials
from tests.lab.layout import Place

#: Where a unit file is looked for, in this order.
UNIT_DIRECTORIES = ("etc/systemd/system", "usr/lib/systemd/system")


#: Where dropbear looks, unless it is told otherwise.
DROPBEAR_KEY = "/etc/dropbear/dropbear_ed25519_host_key"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a role may need to know of the lab."""

    places: dict[str, Place]
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class Root:
    """The changes of one host over its image. Only for a host that is not running: to write into
    a mounted overlay's upper directory is undefined."""

    changes: Path
    layers: tuple[Path, ...]  # of its image, the uppermost first

    def write(
        self, path: str, content: str | bytes, *, mode: int = 0o644, owner: str = "root"
    ) -> None:
        target = self._place(path)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        target.chmod(mode)
        os.chown(target, *self._ids(owner))

    def directory(self, path: str, *, mode: int = 0o755, owner: str = "root") -> None:
        target = self._place(path)
        target.mkdir(exist_ok=True)
        target.chmod(mode)
        os.chown(target, *self._ids(owner))

    def opaque(self, path: str, *, mode: int = 0o755, owner: str = "root") -> None:
        """An empty directory, whatever the image has there."""
        self.directory(path, mode=mode, owner=owner)
        os.setxattr(self._place(path), "trusted.overlay.opaque", b"y")

    def copy(self, source: Path, path: str, *, mode: int = 0o644, owner: str = "root") -> None:
        self.write(path, source.read_text(), mode=mode, owner=owner)

    def link(self, path: str, target: str) -> None:
        """A symbolic link at `path`."""
        self._place(path).symlink_to(target)

    def append(self, path: str, text: str) -> None:
        """To a file of the image, which keeps its mode and owner."""
        target = self._from_image(path)
        with target.open("a") as file:
            file.write(text)

    def unit(self, name: str, text: str) -> None:
        """A unit of the lab's own, enabled."""
        self.write(f"/etc/systemd/system/{name}", text)
        self.enable(name)

    def drop_in(self, unit: str, text: str) -> None:
        """A change to a unit of the image."""
        self.write(f"/etc/systemd/system/{unit}.d/lab.conf", text)

    def enable(self, *units: str) -> None:
        """Start at boot, as `systemctl enable` would."""
        for unit in units:
            template = unit.split("@")[0] + "@.service" if "@" in unit else unit
            own = (self.changes / UNIT_DIRECTORIES[0] / template).exists()
            target = "/" + UNIT_DIRECTORIES[0 if own else 1] + "/" + template
            link = self._place(f"/etc/systemd/system/multi-user.target.wants/{unit}")
            link.unlink(missing_ok=True)
            link.symlink_to(target)

    def _place(self, path: str) -> Path:
        """Its path among the changes; directories above it are as the image has them."""
        relative = path.lstrip("/")
        parent = self.changes
        for part in Path(relative).parts[:-1]:
            parent = parent / part
            if not parent.exists():
                parent.mkdir()
                lower = self.below(str(parent.relative_to(self.changes)))
                if lower is not None:
                    shutil.copystat(lower, parent)
                    stat = lower.stat()
                    os.chown(parent, stat.st_uid, stat.st_gid)
        return parent / Path(relative).name

    def below(self, path: str) -> Path | None:
        """The image's own, or None."""
        found = (layer / path.lstrip("/") for layer in self.layers)
        return next((candidate for candidate in found if candidate.exists()), None)

    def _from_image(self, path: str) -> Path:
        target = self._place(path)
        if not target.exists():
            source = self.below(path)
            if source is None:
                raise LookupError(f"the image has no {path}")
            shutil.copy2(source, target)
            stat = source.stat()
            os.chown(target, stat.st_uid, stat.st_gid)
        return target

    def _ids(self, owner: str) -> tuple[int, int]:
        passwd = self.below("/etc/passwd")
        for line in passwd.read_text().splitlines() if passwd else ():
            name, _, uid, gid, *_ = line.split(":")
            if name == owner:
                return int(uid), int(gid)
        raise LookupError(f"the image has no user {owner}")


def prepare(root: Root, place: Place, lab: Surroundings) -> None:
    """What every host has: a name, the others' names, its SSH key, and who may log in."""
    root.write("/etc/hostname", place.name + "\n")
    others = "".join(f"{p.address} {p.name} {p.name}.lab.test\n" for p in lab.places.values())
    root.write("/etc/hosts", "127.0.0.1 localhost\n" + others)
    root.write("/etc/resolv.conf", "options timeout:1 attempts:1\n")
    root.directory("/root", mode=0o700)
    root.directory("/root/.ssh", mode=0o700)
    root.write(
        "/root/.ssh/authorized_keys", lab.credentials.public(lab.credentials.key), mode=0o600
    )
    if place.image == "small":
        _prepare_small(root, place, lab)
        return
    key = lab.credentials.host_key(place.name)
    root.copy(key, "/etc/ssh/ssh_host_ed25519_key", mode=0o600)
    root.write("/etc/ssh/ssh_host_ed25519_key.pub", lab.credentials.public(key))
    # An SSH command runs in bash, which reads this for each of them: keep the hosts' quick.
    root.write("/root/.bashrc", "")
    root.write("/etc/ssh/sshd_config.d/lab.conf", SSHD)
    root.write("/etc/apt/sources.list", PACKAGES)
    # The journal of a host lives and dies with it, and a lab is looked at in memory.
    root.write(
        "/etc/systemd/journald.conf.d/lab.conf", "[Journal]\nStorage=volatile\nRuntimeMaxUse=8M\n"
    )
    root.enable("ssh.service")


#: No look-up of names, no PAM session through a logind that a container has not.
SSHD = """\
HostKey /etc/ssh/ssh_host_ed25519_key
UseDNS no
PermitRootLogin prohibit-password
PrintMotd no
"""


#: The one source of packages: the role `repository`.
PACKAGES = "deb [trusted=yes] http://rec-infra/apt ./\n"


def _prepare_small(root: Root, place: Place, lab: Surroundings) -> None:
    """busybox as init, dropbear as the SSH server."""
    root.write(
        "/etc/inittab",
        "::sysinit:/etc/rc\n::respawn:/usr/sbin/dropbear -F -E -R -s\n::ctrlaltdel:/bin/reboot\n",
    )
    root.directory("/etc/dropbear", mode=0o700)
    root.write(DROPBEAR_KEY, lab.credentials.dropbear_key(place.name), mode=0o600)
    root.write("/etc/rc", "#!/bin/sh\nmkdir -p /run /var/run\n", mode=0o755)
