"""Packages: a Debian 12 host with much to install, and hosts made of files."""

from __future__ import annotations

from math import isnan
from pathlib import Path

import pytest

from collectors.probes.packages import Packages
from estate.asked import Asked
from estate.model import Host
from estate.samples import Gap, Reading

from ..conftest import write
from .cases_of import every_prefix, read
from .scripts import run

HOST = Host("h", "s", asked=Asked(packages=True))
APT = """#!/bin/sh
echo 'Reading package lists...'
echo 'Inst tzdata [2024a-0+deb12u1] (2025b-0+deb12u1 Debian:12.11/stable [all])'
echo 'Inst libssl3 [3.0.15-1] (3.0.17-1 Debian-Security:12/stable-security [amd64])'
echo 'Inst new-one (1.0 Debian:12.11/stable [all])'
echo 'Conf libssl3 (3.0.17-1 Debian-Security:12/stable-security [amd64])'
"""
DPKG = "#!/bin/sh\nprintf 'ii  tzdata 2024a\\nii  libssl3 3.0.15\\nrc  gone 1.0\\n'\n"
DNF = """#!/bin/sh
case "$*" in
*updateinfo*) echo 'RHSA-2026:1 Important/Sec. openssl-libs-1:3.2.2-6.el9.x86_64' ;;
*check-update*)
echo
echo 'openssl-libs.x86_64     1:3.2.2-6.el9     baseos'
echo 'python3.11-libs.x86_64  3.11.9-7.el9      appstream'
echo 'Obsoleting Packages'
echo 'a.noarch 2 baseos'
exit 100 ;;
esac
"""
RPM = "#!/bin/sh\ncase $* in *INSTALLTIME*) echo 1795000000 ;; *) echo openssl-libs-3.2 ;; esac\n"


def reading(root: Path, commands: dict[str, str]) -> Reading:
    answer = run(Packages().command(HOST), root, commands)
    [found] = Packages().parse(answer)
    assert isinstance(found, Reading), found
    return found


def test_a_real_host() -> None:
    [found] = read("packages", "debian12")
    assert isinstance(found, Reading)
    assert (found.subject, found.value, found.text) == ("apt", 134, "unknown")
    assert found.attributes["security"] == 80
    assert str(found.attributes["names"]).split(",")[:2] == ["libgcrypt20-dev", "libgcrypt20"]


def test_security_comes_first_and_what_is_gone_does_not_count(root: Path) -> None:
    found = reading(root, {"apt-get": APT, "dpkg-query": DPKG})
    assert (found.value, found.attributes["security"]) == (3, 1)
    assert found.attributes["names"] == "libssl3,tzdata,new-one"
    assert found.attributes["packages"] == 2


def test_the_same_packages_have_the_same_digest_and_others_another(root: Path) -> None:
    first = reading(root, {"apt-get": APT, "dpkg-query": DPKG}).attributes["installed"]
    again = reading(root, {"apt-get": APT, "dpkg-query": DPKG}).attributes["installed"]
    other = reading(root, {"apt-get": APT, "dpkg-query": DPKG.replace("2024a", "2025b")})
    assert first == again != other.attributes["installed"]
    assert len(str(first)) == 16


def test_a_restart_is_due_by_the_note_or_by_a_newer_kernel(root: Path) -> None:
    commands = {"apt-get": APT, "dpkg-query": DPKG}
    write(root / "proc/sys/kernel/osrelease", "6.1.0-9-amd64\n")
    assert reading(root, commands).text == "unknown"
    write(root / "boot/vmlinuz-6.1.0-9-amd64", "")
    assert reading(root, commands).text == "no"
    write(root / "boot/vmlinuz-6.1.0-41-amd64", "")
    assert reading(root, commands).text == "yes"  # 41 is newer than 9
    (root / "boot/vmlinuz-6.1.0-41-amd64").unlink()
    write(root / "run/reboot-required", "")
    assert reading(root, commands).text == "yes"


def test_a_real_dnf() -> None:
    """dnf 4.14 over a repository of its own, with an advisory and a name that is very long."""
    [found] = read("packages", "dnf4")
    assert isinstance(found, Reading)
    assert (found.subject, found.value, found.text) == ("dnf", 4, "unknown")
    assert (found.attributes["security"], found.attributes["packages"]) == (1, 5)
    first, *_, last = str(found.attributes["names"]).split(",")
    assert (first, last) == ("openssl-libs", "tiny")
    listed, applied = found.attributes["listed_ago"], found.attributes["applied_ago"]
    assert isinstance(listed, float) and isinstance(applied, float) and 0 < listed < applied


def test_a_dnf_that_never_fetched_its_lists_is_a_gap() -> None:
    [gap] = read("packages", "dnf4-no-lists", 1)
    assert gap == Gap("Error: Cache-only enabled but no cache for 'baseos'")


def test_dnf(root: Path) -> None:
    """As dnf 4 prints it; what obsoletes others is not counted twice."""
    found = dnf(root, {})
    assert (found.subject, found.value, found.attributes["security"]) == ("dnf", 2, 1)
    assert found.attributes["names"] == "openssl-libs,python3.11-libs"


def test_advisories_as_dnf_5_prints_them(root: Path) -> None:
    """With a heading, the kind in a column of its own, and the day at the end (dnf5-advisory(8))."""
    listed = (
        "Name        Type     Severity   Package                             Issued",
        "RHSA-2026:1 security Important  openssl-libs-1:3.2.2-6.el9.x86_64   2026-11-01 08:00:00",
    )
    said = "; ".join(f"echo '{line}'" for line in listed)
    old = DNF.partition("*updateinfo*) ")[2].partition(" ;;")[0]
    found = dnf(root, {"dnf": DNF.replace(old, said)})
    assert (found.value, found.attributes["security"]) == (2, 1)


def test_what_mends_a_hole_is_not_known_where_dnf_can_not_tell(root: Path) -> None:
    failed = "*updateinfo*) echo 'Error: Failed to download metadata' >&2; exit 1 ;;"
    old = f"*updateinfo*){DNF.partition('*updateinfo*)')[2].partition(';;')[0]};;"
    found = dnf(root, {"dnf": DNF.replace(old, failed)})
    assert found.value == 2
    assert isnan(float(found.attributes["security"]))
    nothing = "#!/bin/sh\ncase $* in *updateinfo*) exit 1 ;; esac\n"
    assert dnf(root, {"dnf": nothing}).attributes["security"] == 0  # of none that wait


def test_half_a_list_of_what_is_installed_has_no_digest(root: Path) -> None:
    commands = {"apt-get": APT, "dpkg-query": f"{DPKG}kill -9 $$\n"}
    gap = Packages().parse(run(Packages().command(HOST), root, commands))[-1]
    assert gap == Gap("the packages that are installed can not be listed")


@pytest.mark.parametrize(
    ("status", "said", "due"),
    [
        (0, "Reboot should not be necessary.", "no"),
        (1, "Reboot is required to fully utilize these updates.", "yes"),
        (1, "Error: Failed to open the rpm database", "unknown"),
        (127, "", "unknown"),
    ],
)
def test_whether_a_restart_is_due_by_needs_restarting(
    root: Path, status: int, said: str, due: str
) -> None:
    script = f"#!/bin/sh\necho '{said}'\nexit {status}\n"
    assert dnf(root, {"needs-restarting": script}).text == due


def test_packages_that_can_not_be_listed_are_not_alike_everywhere(root: Path) -> None:
    commands = {"apt-get": APT, "dpkg-query": "#!/bin/sh\nexit 2\n"}
    [gap] = Packages().parse(run(Packages().command(HOST), root, commands))
    assert gap == Gap("the packages that are installed can not be listed")


def dnf(root: Path, others: dict[str, str]) -> Reading:
    """What is read where there is no apt."""
    tools = {name: Path(f"/usr/bin/{name}") for name in ("sort", "sed", "awk", "date", "stat")}
    commands = {"dnf": DNF, "rpm": RPM, **others}
    for name, path in tools.items():
        commands[name] = f'#!/bin/sh\nexec {path} "$@"\n'
    for name in ("cut", "sha256sum", "grep", "tail", "cat", "env"):
        commands[name] = f'#!/bin/sh\nexec /usr/bin/{name} "$@"\n'
    script = f"PATH={root}/bin\n{Packages().command(HOST)}"
    [found] = Packages().parse(run(script, root, commands))
    assert isinstance(found, Reading), found
    return found


def test_apt_that_fails_is_quoted(root: Path) -> None:
    apt = "#!/bin/sh\necho 'E: dpkg was interrupted, you must run dpkg --configure -a'\nexit 100\n"
    answer = run(Packages().command(HOST), root, {"apt-get": apt, "dpkg-query": DPKG})
    [gap] = Packages().parse(answer)
    assert gap == Gap("E: dpkg was interrupted, you must run dpkg --configure -a")


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("packages", "debian12")[::7]:
        assert any(isinstance(each, Gap) for each in told)
