"""Answers of the watch as values; one that makes no sense is an error like any other of it."""

from __future__ import annotations

from typing import TypeVar

from estate.wire import WireError, from_json
from watch.client import Client
from watch.error import WatchError

T = TypeVar("T")


def read(kind: type[T], raw: object, client: Client) -> T:
    """`raw`, which the watch behind `client` said, as a `kind`. Raises WatchError."""
    try:
        return from_json(kind, raw)
    except WireError as error:
        what, do = "the watch's answer makes no sense", "restart it: it may be of another version"
        raise WatchError(what, str(client.socket), str(error), do) from error
