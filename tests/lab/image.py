"""The image: one Debian root that every host of the lab boots from, built once and cached.

`mmdebstrap` makes it from this machine's own package sources (about a minute, 0.6 GB). A second,
thin layer replaces Postfix with Exim, because Debian allows only one of them; a third is a whole
root of its own with nothing but busybox and dropbear. The cache is keyed by everything that goes
in, so a changed recipe is a new image and never a half-changed one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGES = (
    # what every server has
    "systemd", "systemd-sysv", "openssh-server", "sudo", "iproute2", "procps", "openssl",
    "ca-certificates", "curl", "gawk", "python3", "socat", "nftables", "chrony", "libfaketime",
    # the roles
    "postgresql-15", "haproxy", "postfix", "rabbitmq-server", "redis-server", "nginx-light",
    "bind9", "bind9-dnsutils", "pebble", "acme-tiny", "apt-utils",
    # the odd ones: other shells, other SSH servers
    "busybox-static", "dropbear-bin", "tinysshd", "zsh", "fish", "tcsh",
)  # fmt: skip

#: Installed over the image as a layer of its own: it takes Postfix out.
EXIM_PACKAGES = ("exim4-daemon-light",)

#: Units that would only make noise in a container, or start a role where it is not wanted.
MASKED = (
    "systemd-udevd.service", "systemd-udev-trigger.service", "systemd-logind.service",
    "getty.target", "console-getty.service", "systemd-networkd.service",
    "systemd-resolved.service", "systemd-remount-fs.service", "systemd-sysctl.service",
    "systemd-random-seed.service", "systemd-binfmt.service", "systemd-modules-load.service",
    "systemd-pstore.service", "systemd-timesyncd.service", "proc-sys-fs-binfmt_misc.automount",
    "dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount", "apt-daily.timer",
    "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service",
    "fstrim.timer", "logrotate.timer", "epmd.service", "epmd.socket", "rpcbind.service",
    # An inotify instance each, of which a machine has 128 for all the hosts of all its labs.
    "systemd-ask-password-console.path", "systemd-ask-password-wall.path",
)  # fmt: skip

#: What the packages enabled; a host of the lab enables what its roles need.
DISABLED = (
    "haproxy", "nginx", "postfix", "postgresql", "redis-server", "rabbitmq-server", "named",
    "chrony", "tinysshd", "exim4", "cron", "rsyslog", "pebble", "redis",
)  # fmt: skip

#: Manuals and translations are a third of a minimal root.
LEFT_OUT = ("/usr/share/man/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/info/*")

#: Programs of the host that has only busybox and dropbear.
SMALL_PROGRAMS = ("/usr/bin/busybox", "/usr/sbin/dropbear", "/usr/bin/dropbearkey")

#: Counts the changes to how it is built; what it is built of counts by itself.
RECIPE = 1

BUILD_SECONDS = 900


class ImageError(Exception):
    """The image can't be built; says what failed and what to do."""


@dataclass(frozen=True, slots=True)
class Image:
    """Three roots, read-only: lower layers for overlays, never written to."""

    root: Path

    @property
    def base(self) -> Path:
        return self.root / "base"

    @property
    def exim(self) -> Path:
        """A layer to be put over `base`."""
        return self.root / "exim"

    @property
    def small(self) -> Path:
        """A whole root: busybox and dropbear."""
        return self.root / "small"


def cached(cache: Path | None = None) -> Image:
    """The image as it is now, built if it is not there. Takes root.

    Built under another name and renamed when it is whole: an interrupted build is no image.
    """
    home = cache or default_cache()
    target = home / recipe_hash()
    if not target.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home), _building(home) as building:
            if not target.is_dir():  # somebody else may have built it meanwhile
                _build(building)
                building.rename(target)
    return Image(target)


def default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "twinwatch-lab"


def recipe_hash() -> str:
    """Names the image by all that goes into it."""
    recipe = (
        RECIPE, _codename(), PACKAGES, EXIM_PACKAGES, MASKED, DISABLED, LEFT_OUT, SMALL_PROGRAMS,
    )  # fmt: skip
    return hashlib.sha256(repr(recipe).encode()).hexdigest()[:16]


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One builds, the others wait for it."""
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _building(home: Path) -> Iterator[Path]:
    for left in home.glob("building-*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix="building-", dir=home))
    directory.chmod(0o755)  # or no user of a host but root could read its root directory
    try:
        yield directory
    finally:
        if directory.exists():
            shutil.rmtree(directory, ignore_errors=True)


def _build(image: Path) -> None:
    base = image / "base"
    _run(
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        "--include=" + ",".join(PACKAGES),
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
        "--aptopt=Acquire::Languages none",
        # No role may start while it is being installed.
        "--essential-hook=printf 'exit 101\\n' >$1/usr/sbin/policy-rc.d; chmod +x $1/usr/sbin/policy-rc.d",
        _codename(),
        str(base),
        *_sources(),
    )
    _quieten(base)
    _exim_layer(image, base)
    _small_root(image / "small", base)


def _codename() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    raise ImageError("/etc/os-release has no VERSION_CODENAME: the lab's image needs Debian")


def _sources() -> list[str]:
    """This machine's own package sources: whatever mirror it uses is the lab's."""
    etc = Path("/etc/apt")
    found = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("debian*.sources"))]
    return [str(path) for path in found if path.is_file()]


def _quieten(base: Path) -> None:
    units = base / "etc/systemd/system"
    for name in DISABLED:
        for link in units.glob(f"*.wants/{name}*"):
            link.unlink()
    for name in MASKED:
        link = units / name
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    for key in (base / "etc/ssh").glob("ssh_host_*"):
        key.unlink()  # each host has its own
    (base / "etc/machine-id").write_text("")
    (base / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
    (base / "etc/resolv.conf").unlink(missing_ok=True)
    # The machine's own apt configuration came along; the lab's only source is the lab's own.
    for path in (base / "etc/apt/sources.list.d").glob("*"):
        path.unlink()
    (base / "etc/apt/sources.list").write_text("")
    for path in (base / "var/lib/apt/lists").glob("*_*"):
        path.unlink()


def _exim_layer(image: Path, base: Path) -> None:
    """What `apt-get install exim` changes, as an overlay's upper directory.

    Made in a mount namespace of its own, so that nothing stays mounted whatever happens.
    """
    layer = image / "exim"
    layer.mkdir()
    with tempfile.TemporaryDirectory(prefix="work-", dir=image) as work:
        merged = Path(work) / "merged"
        for directory in (merged, Path(work) / "w"):
            directory.mkdir()
        sources = " ".join(_sources())
        script = f"""set -e
            mount -t overlay overlay -o lowerdir={base},upperdir={layer},workdir={work}/w {merged}
            mount -t proc proc {merged}/proc
            mount --bind /etc/resolv.conf {_bindable(layer, merged, "etc/resolv.conf")}
            for f in {sources}; do cp $f {merged}/etc/apt/sources.list.d/; done
            cp /etc/apt/apt.conf.d/* {merged}/etc/apt/apt.conf.d/ 2>/dev/null || true
            printf 'exit 101\\n' >{merged}/usr/sbin/policy-rc.d; chmod +x {merged}/usr/sbin/policy-rc.d
            export DEBIAN_FRONTEND=noninteractive
            chroot {merged} apt-get -qq update
            chroot {merged} apt-get -qq install -y --no-install-recommends {" ".join(EXIM_PACKAGES)} >/dev/null
            umount {merged}/etc/resolv.conf"""
        _run("unshare", "--mount", "sh", "-c", script)
        shutil.rmtree(Path(work) / "w", ignore_errors=True)
    for path in ("etc/apt", "var/lib/apt", "var/cache", "var/log"):
        shutil.rmtree(layer / path, ignore_errors=True)  # how it got there is not the layer's
    for name in ("usr/sbin/policy-rc.d", "etc/resolv.conf"):
        (layer / name).unlink(missing_ok=True)
    for link in (layer / "etc/systemd/system").glob("*.wants/exim4*"):
        link.unlink()


def _bindable(layer: Path, merged: Path, name: str) -> Path:
    path = layer / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return merged / name


def _small_root(small: Path, base: Path) -> None:
    """busybox and dropbear, with the libraries that dropbear is linked to; no bash, no SFTP, no
    /etc/os-release."""
    for name in ("proc", "sys", "dev", "run", "tmp", "etc", "root", "home", "var/log", "usr/bin"):
        (small / name).mkdir(parents=True, exist_ok=True)
    (small / "usr/sbin").mkdir()
    for name in ("bin", "sbin", "lib", "lib64"):
        source = base / name
        if source.is_symlink():
            (small / name).symlink_to(source.readlink())
            (small / source.readlink()).mkdir(exist_ok=True)
    for program in SMALL_PROGRAMS:
        _copy_with_libraries(program, base, small)
    for applet in _run("chroot", str(base), "/usr/bin/busybox", "--list").split():
        link = small / "usr/bin" / applet
        if not link.exists():
            link.symlink_to("busybox")
    (small / "usr/sbin/init").symlink_to("../bin/busybox")
    (small / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (small / "etc/group").write_text("root:x:0:\n")
    (small / "etc/shadow").write_text("root:*:19000:0:99999:7:::\n")
    (small / "etc/shadow").chmod(0o600)
    (small / "etc/shells").write_text("/bin/sh\n")
    (small / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\n")
    (small / "root").chmod(0o700)
    (small / "tmp").chmod(0o1777)


def _copy_with_libraries(program: str, base: Path, small: Path) -> None:
    wanted = [program]
    for line in _run("chroot", str(base), "sh", "-c", f"ldd {program} || true").splitlines():
        wanted += [word for word in line.split() if word.startswith("/")]
    # Loaded by name at run time: without it no user is known.
    if "busybox" not in program:
        wanted += [str(p.relative_to(base)) for p in base.glob("usr/lib/*/libnss_files.so.2")]
    for name in wanted:
        source, target = base / name.lstrip("/"), small / name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _run(*command: str) -> str:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise ImageError(f"{command[0]} failed ({done.returncode}):\n  " + "\n  ".join(said))
    return done.stdout
