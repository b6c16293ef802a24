"""ssh_config, read as OpenSSH reads it, and the Route to a host that it gives.

The first value obtained wins, blocks are tried in the order of the file, an Include stands where
it is written and under the Host or Match that it is written under (ssh_config(5)). What the
estate says about a host goes before all of it, as options on ssh's command line would.

What is not evaluated is said, never guessed: see `Settings.unsupported`.
"""

from __future__ import annotations

import getpass
import glob
import os
import re
import shlex
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from collectors.blocking import opening
from estate.model import Host, Ssh

USER_CONFIG = "~/.ssh/config"
SYSTEM_CONFIG = "/etc/ssh/ssh_config"
INCLUDE_DEPTH = 16  # OpenSSH's
JUMP_DEPTH = 8

#: ssh's own, in its order (sshconnect.c of OpenSSH 9).
DEFAULT_IDENTITIES = (
    "~/.ssh/id_rsa",
    "~/.ssh/id_ecdsa",
    "~/.ssh/id_ecdsa_sk",
    "~/.ssh/id_ed25519",
    "~/.ssh/id_ed25519_sk",
)
DEFAULT_KNOWN_HOSTS = (
    "~/.ssh/known_hosts",
    "~/.ssh/known_hosts2",
    "/etc/ssh/ssh_known_hosts",
    "/etc/ssh/ssh_known_hosts2",
)

_MANY = frozenset({"identityfile", "certificatefile"})  # each adds to the list
_REFUSED = {
    "proxycommand": "use ProxyJump instead",
    "canonicalizehostname": "write HostName in full instead",
    "knownhostscommand": "list the keys in UserKnownHostsFile instead",
    "pkcs11provider": "load the token into ssh-agent instead",
}
_HARMLESS = {"no", "none", ""}
_STDIO_FORWARD = re.compile(r"^ssh\s+(?:-q\s+)?-W\s+'?\[?%h\]?:%p'?\s+(?P<jump>[\w.@:-]+)$")


class ConfigError(Exception):
    """ssh_config or the estate's word about a host is wrong. The text says where and why."""

    def __init__(self, where: str, what: str, remedy: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Hop:
    """One SSH server on the way, with everything that is needed to log in to it.

    Paths are expanded. `known_as` is the name under which known_hosts is asked. `agent` is the
    path of the agent's socket, "" for none.
    """

    name: str
    address: str
    port: int
    user: str
    known_as: str
    identities: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    agent: str = ""
    only_these: bool = False  # IdentitiesOnly
    known_hosts: tuple[str, ...] = ()
    family: int = socket.AF_UNSPEC
    timeout_ms: int = 10_000

    @property
    def target(self) -> str:
        """ "address:port", for messages and pacing."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a host: jump hosts from the outside in, and the host itself last."""

    hops: tuple[Hop, ...]

    @property
    def last(self) -> Hop:
        return self.hops[-1]

    @property
    def jumps(self) -> tuple[Hop, ...]:
        return self.hops[:-1]


@dataclass(frozen=True, slots=True)
class _Line:
    key: str
    value: str
    where: str  # "~/.ssh/config:12"


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that hold for some hosts: `criteria` are (name, pattern, negated), all must hold."""

    criteria: tuple[tuple[str, str, bool], ...]
    under: tuple[tuple[tuple[str, str, bool], ...], ...]  # of the blocks that included this one
    lines: tuple[_Line, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Settings:
    """ssh_config files, parsed. `unsupported` lists what is written in them and not evaluated."""

    blocks: tuple[_Block, ...] = ()
    unsupported: tuple[str, ...] = ()
    aliases: tuple[str, ...] = field(default=())  # Host names without wildcards, file order

    def lookup(self, name: str, first: Mapping[str, str] | None = None) -> dict[str, list[str]]:
        """Options that hold for `name`: lower-case keyword -> values. `first` goes before all."""
        found: dict[str, list[str]] = {
            key: [value] for key, value in (first or {}).items() if value
        }
        for block in self.blocks:
            if all(_holds(c, name, found) for c in (*block.under, block.criteria)):
                for line in block.lines:
                    if line.key in _MANY:
                        # The estate's own identity goes first, it does not silence the others.
                        values = found.setdefault(line.key, [])
                        if line.value not in values:
                            values.append(line.value)
                    else:
                        found.setdefault(line.key, [line.value])
        return found


def read_settings(paths: Sequence[str]) -> Settings:
    """Parse ssh_config files, in order. A file that is not there is empty.

    Raises ConfigError with file and line.
    """
    blocks: list[_Block] = []
    unsupported: list[str] = []
    for path in paths:
        _read_file(_expand(path), (), blocks, unsupported, 0)
    aliases: dict[str, None] = {}
    for block in blocks:
        for name, pattern, negated in block.criteria:
            if name == "host-block" and not negated:
                for alias in pattern.split():
                    if not re.search(r"[*?!]", alias):
                        aliases.setdefault(alias)
    return Settings(tuple(blocks), tuple(unsupported), tuple(aliases))


def settings_for(ssh: Ssh) -> Settings:
    """The ssh_config that the estate names, or the user's and the system's, as ssh would read.

    May wait for a file server: call it on a thread.
    """
    if ssh.config:
        path = _expand(ssh.config)
        opening(path)
        if not Path(path).is_file():
            raise ConfigError(path, "no such ssh_config", "correct `ssh: config:` in the estate")
        return read_settings([path])
    return read_settings([USER_CONFIG, SYSTEM_CONFIG])


def route_to(host: Host, settings: Settings, ssh: Ssh) -> Route:
    """How to reach `host`: the estate's word first, then ssh_config's, then ssh's defaults.

    Raises ConfigError when there is no way to say.
    """
    address, port = _address(host.address)
    said = {
        "hostname": address,
        "port": str(host.port or port or ""),
        "user": host.user,
        "proxyjump": host.jump,
        "identityfile": host.identity,
    }
    hops = _hops(host.name, settings, ssh, said, ())
    return Route(tuple(hops))


# -- routes --


def _hops(
    name: str, settings: Settings, ssh: Ssh, said: Mapping[str, str], seen: tuple[str, ...]
) -> list[Hop]:
    if name in seen or len(seen) > JUMP_DEPTH:
        way = " -> ".join((*seen, name))
        raise ConfigError("", f"ProxyJump goes round in a circle: {way}", "correct ProxyJump")
    options = settings.lookup(name, said)
    hop = _hop(name, options, ssh)
    jumps = _jumps(name, options)
    hops: list[Hop] = []
    for position, jump in enumerate(jumps):
        user, address, port = _jump(jump)
        via = {"user": user, "port": port}
        if position:  # `ssh -J a,b`: b is reached through a, whatever its own ProxyJump says
            via["proxyjump"] = "none"
        hops += _hops(address, settings, ssh, via, (*seen, name))
    return [*hops, hop]


def _hop(name: str, options: Mapping[str, list[str]], ssh: Ssh) -> Hop:
    def one(key: str, default: str = "") -> str:
        return options.get(key, [default])[0]

    local = getpass.getuser()
    user = one("user", local)
    port = _number(one("port", "22"), "Port", name, 65535)
    # ssh folds the name that it connects to, and asks known_hosts for.
    address = _tokens(one("hostname", name), {"h": name, "n": name}).lower()
    tokens = {
        "h": address,
        "n": name,
        "p": str(port),
        "r": user,
        "u": local,
        "d": _expand("~"),
        "L": socket.gethostname().split(".")[0],
        "l": socket.gethostname(),
        "i": str(os.getuid()),
        "k": one("hostkeyalias", name),
    }

    def paths(key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        given = [v for v in options.get(key, default) if v.lower() != "none"]
        return tuple(_expand(_tokens(v, tokens)) for v in given)

    known: Iterable[str] = ssh.known_hosts or (
        *(shlex.split(one("userknownhostsfile")) or DEFAULT_KNOWN_HOSTS[:2]),
        *(shlex.split(one("globalknownhostsfile")) or DEFAULT_KNOWN_HOSTS[2:]),
    )
    timeout = one("connecttimeout")
    return Hop(
        name=name,
        address=address,
        port=port,
        user=user,
        known_as=one("hostkeyalias") or (address if port == 22 else f"[{address}]:{port}"),
        identities=paths("identityfile", DEFAULT_IDENTITIES),
        certificates=paths("certificatefile"),
        agent=_agent(one("identityagent", "SSH_AUTH_SOCK"), tokens),
        only_these=one("identitiesonly", "no").lower() == "yes",
        known_hosts=tuple(_expand(_tokens(k, tokens)) for k in known if k.lower() != "none"),
        family={"inet": socket.AF_INET, "inet6": socket.AF_INET6}.get(
            one("addressfamily").lower(), socket.AF_UNSPEC
        ),
        timeout_ms=_number(timeout, "ConnectTimeout", name, 3600) * 1000
        if timeout and timeout.lower() != "none"
        else ssh.connect_timeout_ms,
    )


def _jumps(name: str, options: Mapping[str, list[str]]) -> list[str]:
    jump = options.get("proxyjump", [""])[0]
    command = options.get("proxycommand", [""])[0]
    if not jump and command.lower() not in _HARMLESS:
        forward = _STDIO_FORWARD.match(command)
        if forward is None:
            raise ConfigError(
                "", f"ProxyCommand is not supported ({name})", "use ProxyJump instead"
            )
        jump = forward["jump"]
    return [] if jump.lower() in _HARMLESS else [j.strip() for j in jump.split(",") if j.strip()]


def _jump(text: str) -> tuple[str, str, str]:
    """(user, host, port) of "ssh://user@host:port" or less."""
    text = text.removeprefix("ssh://").rstrip("/")
    user, _, rest = text.rpartition("@")
    address, port = _address(rest)
    return user, address, str(port or "")


def _address(text: str) -> tuple[str, int | None]:
    """("h", 22) of "h:22" and "[::1]:22"; a bare IPv6 address has no port."""
    bracketed = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?", text)
    if bracketed:
        return bracketed[1], int(bracketed[2]) if bracketed[2] else None
    head, colon, tail = text.rpartition(":")
    if colon and ":" not in head and tail.isdigit():
        return head, int(tail)
    return text, None


def _agent(said: str, tokens: Mapping[str, str]) -> str:
    if said.lower() == "none":
        return ""
    if said == "SSH_AUTH_SOCK":
        return os.environ.get("SSH_AUTH_SOCK", "")
    if said.startswith("$"):
        return os.environ.get(said[1:].strip("{}"), "")
    return _expand(_tokens(said, tokens))


# -- files --


def _read_file(
    path: str,
    under: tuple[tuple[tuple[str, str, bool], ...], ...],
    blocks: list[_Block],
    unsupported: list[str],
    depth: int,
) -> None:
    if depth > INCLUDE_DEPTH:
        raise ConfigError(path, "Include goes round in a circle", "remove one of the Includes")
    opening(path)
    try:
        text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigError(path, f"cannot be read: {error.strerror}") from error
    criteria: tuple[tuple[str, str, bool], ...] = ()
    lines: list[_Line] = []
    start = f"{path}:1"

    def finish() -> None:
        if lines:
            blocks.append(_Block(criteria, under, tuple(lines), start))
            lines.clear()
        elif criteria and criteria[0][0] == "host-block":
            blocks.append(_Block(criteria, under, (), start))

    for line in _lines(text, path):
        if line.key == "host":
            finish()
            criteria, start = (("host-block", " ".join(_words(line)), False),), line.where
        elif line.key == "match":
            finish()
            criteria, start = _match(line, unsupported), line.where
        elif line.key == "include":
            finish()
            inner = (*under, criteria)
            for pattern in _words(line):
                for found in _included(pattern, path):
                    _read_file(found, inner, blocks, unsupported, depth + 1)
        else:
            if line.key in _REFUSED and line.value.lower() not in _HARMLESS:
                unsupported.append(
                    f"{line.where}: {line.key} is not supported; {_REFUSED[line.key]}"
                )
            lines.append(line)
    finish()


def _lines(text: str, path: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        split = re.match(r"(\w+)(?:\s*=\s*|\s+)(.*)$|(\w+)$", line)
        where = f"{path}:{number}"
        if split is None:
            raise ConfigError(where, f"not a keyword and a value: {line!r}", "correct the line")
        key = (split[1] or split[3]).lower()
        value = (split[2] or "").strip()
        if not value:
            raise ConfigError(where, f"{split[1] or split[3]} has no value", "correct the line")
        if key not in (
            "host",
            "match",
            "include",
            "proxycommand",
            "userknownhostsfile",
            "globalknownhostsfile",
        ):
            value = _unquoted(value, where)
        yield _Line(key, value, where)


def _unquoted(value: str, where: str) -> str:
    if value.startswith('"'):
        end = value.find('"', 1)
        if end < 0:
            raise ConfigError(where, "a quotation mark is not closed", "close it")
        return value[1:end]
    return re.sub(r"\s+#.*$", "", value)


def _words(line: _Line) -> list[str]:
    try:
        return shlex.split(line.value, comments=True)
    except ValueError as error:
        raise ConfigError(line.where, str(error), "close the quotation mark") from error


def _match(line: _Line, unsupported: list[str]) -> tuple[tuple[str, str, bool], ...]:
    words = _words(line)
    criteria: list[tuple[str, str, bool]] = []
    while words:
        word = words.pop(0).lower()
        negated = word.startswith("!")
        word = word.lstrip("!")
        if word == "all":
            criteria.append(("all", "", negated))
        elif word in ("host", "originalhost", "user", "localuser"):
            if not words:
                raise ConfigError(line.where, f"Match {word} has no pattern", "add one")
            criteria.append((word, words.pop(0), negated))
        else:
            if word not in ("canonical", "final") and words:
                words.pop(0)
            unsupported.append(
                f"{line.where}: Match {word} is not evaluated; the block is left out"
            )
            criteria.append(("never", "", False))
    return tuple(criteria)


def _included(pattern: str, path: str) -> list[str]:
    # A pattern that is absolute replaces the folder before it.
    folder = "/etc/ssh" if Path(path).is_relative_to("/etc/ssh") else _expand("~/.ssh")
    wanted = str(Path(folder) / _expand(pattern))
    opening(wanted)
    return sorted(glob.glob(wanted))  # noqa: PTH207 - absolute ones


def _holds(
    criteria: tuple[tuple[str, str, bool], ...], name: str, found: Mapping[str, list[str]]
) -> bool:
    for kind, pattern, negated in criteria:
        if kind == "never":
            return False
        if kind == "all":
            held = True
        elif kind == "host-block":
            held = matches(pattern.split(), name)
        elif kind == "host":
            host = _tokens(found.get("hostname", [name])[0], {"h": name, "n": name})
            held = matches(pattern.split(","), host, fold=True)
        elif kind == "originalhost":
            held = matches(pattern.split(","), name, fold=True)
        elif kind == "user":
            held = matches(pattern.split(","), found.get("user", [getpass.getuser()])[0])
        else:
            held = matches(pattern.split(","), getpass.getuser())
        if held == negated:
            return False
    return True


def matches(patterns: Iterable[str], name: str, *, fold: bool = False) -> bool:
    """Whether a pattern list (`*`, `?`, `!`) selects `name`: a negated match rules it out.

    OpenSSH minds the case on a Host line and for users, and folds it in Match host.
    """
    held = False
    for pattern in patterns:
        # [ and ] stand for themselves here; fnmatch would take them for a set.
        literal = pattern.lstrip("!").replace("[", "[[]")
        if fnmatchcase(*(each.lower() if fold else each for each in (name, literal))):
            if pattern.startswith("!"):
                return False
            held = True
    return held


def _tokens(text: str, tokens: Mapping[str, str]) -> str:
    text = re.sub(r"%(.)", lambda m: "%" if m[1] == "%" else tokens.get(m[1], m[0]), text)
    return re.sub(r"\$\{(\w+)\}", lambda m: os.environ.get(m[1], m[0]), text)


def _expand(path: str) -> str:
    return os.path.expanduser(path)  # noqa: PTH111 - Path raises for an unknown ~user


def _number(text: str, what: str, name: str, most: int) -> int:
    if not text.isdigit() or not 0 < int(text) <= most:
        raise ConfigError("", f"{what} {text!r} of {name} is not a number from 1 to {most}")
    return int(text)
