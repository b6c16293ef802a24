"""Which watch a command speaks to: the one that was named, or the one that can be meant."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from watch.client import Client
from watch.error import SourceError

if TYPE_CHECKING:
    import typer

    from watch.process import Place
    from watch.source import Source


@dataclass(frozen=True, slots=True)
class Target:
    """What the options before the verb say. An empty one means the estate that is found.

    `at` is the moment that is asked about, as it was written; None for now. What is printed
    `as_json` says on stderr of which moment it is.
    """

    socket: Path | None = None
    estate: str | None = None
    ssh_config: str | None = None
    plain: bool = False
    at: str | None = None
    as_json: bool = False

    def client(self) -> Client:
        """A client of the watch that is meant; raises SourceError when none can be.

        Without options it is the watch over the estate file that is found, or else the only one
        that this user has running.
        """
        return self._then(self._client())

    def attached(self) -> Client:
        """A client of the watch that is meant; it is started if there is none.

        Raises WatchError when it does not start, and EstateError with every problem of its file.
        """
        return self._then(self._attached())

    def _then(self, client: Client) -> Client:
        """`client`, asking about the moment that is meant."""
        if self.at is None:
            return client
        from tui.commands.then import client_then

        return client_then(client, self.at, as_json=self.as_json)

    def _client(self) -> Client:
        if self.socket is not None:
            return Client(self.socket)
        try:
            return Client(self.place().socket)
        except SourceError:
            named = self.estate is not None or self.ssh_config is not None
            only = None if named else _only_running()
            if only is None:
                raise
            return Client(only)

    def _attached(self) -> Client:
        if self.socket is not None:
            return Client(self.socket)
        from watch.process import answers, ensure
        from watch.source import read

        source, place = self.source(), self.place()
        if answers(place.socket):
            return Client(place.socket)
        read(source)  # a wrong file is told here, whole, not through the log of a dead watch
        return ensure(place, source)

    def source(self) -> Source:
        """The source of hosts that is meant; raises SourceError when there is none."""
        from watch.source import find_source

        estate, ssh_config = (
            at_home(each) if each else each for each in (self.estate, self.ssh_config)
        )
        return find_source(estate, ssh_config, os.environ, here())

    def place(self) -> Place:
        """Where the watch over the source lives."""
        from watch.process import place_of

        return place_of(self.source(), os.environ)


def here() -> Path:
    """The current directory; raises SourceError when it is no more."""
    try:
        return Path.cwd()
    except OSError as error:
        why = error.strerror or str(error)
        raise SourceError("no place to start from", "this directory", why, "cd elsewhere") from None


def at_home(path: str) -> str:
    """`path` with its ~ resolved; raises SourceError when that names nobody."""
    try:
        return str(Path(path).expanduser())
    except RuntimeError:
        why = "~ names nobody who has a home here"
        raise SourceError("no such file", path, why, "write the path out") from None


def target_of(context: typer.Context) -> Target:
    """The target that the options before the verb gave."""
    target = context.find_object(Target) or Target()
    return replace(target, as_json=bool(context.params.get("as_json")))


def _only_running() -> Path | None:
    """The socket of this user's only watch, None if there is none; several must be told apart."""
    from watch.process import running

    sockets = running(os.environ)
    if len(sockets) > 1:
        raise SourceError(
            "several watches are running",
            ", ".join(str(socket) for socket in sockets),
            "and there is no estate file here",
            "name one: twinwatch --socket SOCKET …",
        )
    return sockets[0] if sockets else None
