"""Configuration: files that should be alike on the hosts of a group, by what is in them."""

from __future__ import annotations

from dataclasses import dataclass

from estate.standing import Measured


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRow(Measured):
    """One file of one host. `sha256` is of its first 4 MiB, in hexadecimal.

    It is "" where it is not known, and where there is no such file: then `there` is false.
    """

    path: str
    there: bool | None = None
    sha256: str = ""
