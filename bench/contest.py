"""Ours and its peers, one after the other, at the same work against the same sshd."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from bench.drivers import Work
from bench.endpoints import Endpoints
from bench.report import Report, UnableError

T = TypeVar("T")

OURS = "twinwatch"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many hosts there are, and which peers are left out."""
    parser.add_argument("--hosts", type=endpoint_count, default=80, help="endpoints (default: 80)")
    parser.add_argument("--without", action="append", default=[], help="leave this peer out")


def endpoint_count(text: str) -> int:
    """An argument that says how many endpoints: 1 to 5000."""
    if not text.isdecimal() or not 1 <= int(text) <= 5000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 5000")
    return int(text)


def work_on(endpoints: Endpoints, once: str, **more: Any) -> Work:
    """The work of a driver on all of these endpoints; `more` as `Work` has it."""
    return Work(
        **{
            "hosts": list(endpoints.hosts),
            "port": endpoints.port,
            "user": endpoints.user,
            "key": str(endpoints.key),
            "known_hosts": str(endpoints.known_hosts),
            "ssh_config": str(endpoints.ssh_config),
            "once": once,
            "sampler": "",
            **more,
        }
    )


def in_turn(
    report: Report, clients: Mapping[str, Callable[[], T]], without: Collection[str]
) -> Iterator[tuple[str, T]]:
    """What each client measured, by its name; those that could not take part are in the report.

    Raises UnableError where ours could not: there is nothing to compare then.
    """
    for name, client in clients.items():
        if name in without:
            report.skip(name, "left out on request")
            continue
        try:
            measured = client()
        except (UnableError, RuntimeError) as reason:
            if name.startswith(OURS):
                raise UnableError(f"{name} itself: {reason}") from reason
            report.skip(name, str(reason))
            continue
        yield name, measured
