"""Patches: what waits to be installed on a host, and how alike hosts are."""

from __future__ import annotations

from dataclasses import dataclass

from estate.standing import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchRow(Measured):
    """The packages of one host. Counts and times are None where they are not known.

    `pending` are upgrades that the package lists know of, `security` those among them that mend a
    hole, `listed_at` says how old the lists are: nobody refreshes them for us. `installed` is a
    digest of every package with its version: hosts with the same one have the same software.
    """

    system: str = ""  # "apt" or "dnf"
    release: str = ""  # "Debian GNU/Linux 12 (bookworm)"
    kernel: str = ""  # the one that runs
    pending: int | None = None
    security: int | None = None
    reboot: bool | None = None
    applied_at: int | None = None
    listed_at: int | None = None
    installed: str = ""
    packages: int | None = None  # how many are installed
    names: tuple[str, ...] = ()  # the first pending ones, those of security before others
