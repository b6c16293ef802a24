"""Hosts from an Ansible inventory, INI or YAML.

Groups of groups are followed; of the variables only those that say how to connect are taken, a
host's own before its nearest group's. Source:
https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from estate.error import InputError
from estate.file import EstateError
from estate.importing.found import Found, FoundHost, site_of, written
from estate.ranges import expand
from estate.strict import Node, read_tree

_SECTION = re.compile(r"\[\s*([^\[\]:\s]+)\s*(?::\s*(children|vars|hosts)\s*)?\]\s*(?:[#;].*)?")
_JUMP = re.compile(r"(?:-J\s*|-o\s*['\"]?ProxyJump[= ]\s*)([^\s'\"]+)")
_MAX_DEPTH = 20


@dataclass(slots=True)
class _Group:
    """A group as an inventory declares it. Hosts and variables keep their line."""

    hosts: dict[str, int] = field(default_factory=dict)
    children: dict[str, None] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Inventory:
    """All groups by name, and each host's own variables."""

    found: Found = field(default_factory=Found)
    groups: dict[str, _Group] = field(default_factory=dict)
    variables: dict[str, dict[str, str]] = field(default_factory=dict)

    def group(self, name: str) -> _Group:
        return self.groups.setdefault(name, _Group())

    def place(self, pattern: str, group: str, variables: Mapping[str, str], line: int) -> None:
        """Put the hosts of `pattern` (a name, a range, a name and a port) into a group."""
        pattern, port = _split_port(pattern)
        try:
            names = expand(pattern)
        except InputError as error:
            self.found.refuse(line, error.what, error.todo)
            return
        for name in names:
            self.group(group).hosts.setdefault(name, line)
            own = self.variables.setdefault(name, {})
            own.update({"ansible_port": port} if port else {}, **variables)


def from_ansible(text: str, source: str) -> str:
    """The text of an estate file with the hosts of an inventory, INI or YAML by its looks.

    Raises `EstateError` with what is malformed, each with its line, or when no host is named.
    """
    inventory = _Inventory()
    if _looks_like_yaml(text):
        tree, problems = read_tree(text)
        inventory.found.problems.extend(problems)
        _read_yaml(tree, inventory)
    else:
        _read_ini(text, inventory)
    found = inventory.found
    for name in list(inventory.groups):
        for host, line, path in _members(inventory, name, ()):
            _add(inventory, host, line, path)
    if not found.hosts and not found.problems:
        found.refuse(1, "no host", "write one host a line, groups as [name]")
    if found.problems:
        raise EstateError(source, tuple(sorted(set(found.problems))))
    return written(found, source)


def _looks_like_yaml(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith(("#", ";"))), "")
    return first == "---" or re.fullmatch(r"[\w.'\"-]+\s*:(\s.*)?", first) is not None


# ── INI ──


def _read_ini(text: str, inventory: _Inventory) -> None:
    group, kind = "ungrouped", "hosts"
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(("#", ";")):
            continue
        section = _SECTION.fullmatch(line)
        if section:
            group, kind = section[1], section[2] or "hosts"
            inventory.group(group)
        elif kind == "children":
            child = line.split("#")[0].strip()
            inventory.group(group).children.setdefault(child)
        elif kind == "vars":
            key, _, value = line.partition("=")
            inventory.group(group).variables[key.strip()] = _unquoted(value)
        else:
            _read_host_line(line, group, number, inventory)


def _read_host_line(line: str, group: str, number: int, inventory: _Inventory) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        inventory.found.refuse(number, f"a quote is not closed in {line!r}", "close it")
        return
    variables = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    if stray := [word for word in words[1:] if "=" not in word]:
        inventory.found.refuse(number, f"{stray[0]!r} is no variable", "write name=value")
    if words:
        inventory.place(words[0], group, variables, number)


def _unquoted(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


# ── YAML ──


def _read_yaml(tree: Node, inventory: _Inventory) -> None:
    for name, node in _entries(tree, inventory, "groups"):
        _read_group(name, node, inventory)


def _read_group(name: str, node: Node, inventory: _Inventory) -> None:
    group = inventory.group(name)
    for key, value in _entries(node, inventory, f"group {name!r}"):
        if key == "hosts":
            for host, said in _entries(value, inventory, "hosts"):
                inventory.place(host, name, _variables(said, inventory), said.line)
        elif key == "vars":
            group.variables.update(_variables(value, inventory))
        elif key == "children":
            for child, said in _entries(value, inventory, "children"):
                group.children.setdefault(child)
                _read_group(child, said, inventory)
        else:
            what = f"no key {key!r} in a group"
            inventory.found.refuse(value.line, what, "keys are hosts, vars, children")


def _variables(node: Node, inventory: _Inventory) -> dict[str, str]:
    return {
        name: str(value.value)
        for name, value in _entries(node, inventory, "variables")
        if isinstance(value.value, str | int)
    }


def _entries(node: Node, inventory: _Inventory, what: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node.value, Mapping):
        for name, entry in node.value.items():
            yield name, Node(entry.line, entry.node.value)
    elif node.value is not None:
        inventory.found.refuse(node.line, f"{node.kind} where {what} belong", "write name: {}")


# ── both ──


def _members(
    inventory: _Inventory, name: str, above: tuple[str, ...]
) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Hosts in and below a group, each with its line and the groups from it up to the first."""
    if name in above or len(above) > _MAX_DEPTH:
        return  # a group inside itself
    path = (name, *above)
    group = inventory.groups.get(name, _Group())
    for host, line in group.hosts.items():
        yield host, line, path
    for child in group.children:
        yield from _members(inventory, child, path)


def _add(inventory: _Inventory, name: str, line: int, path: tuple[str, ...]) -> None:
    everywhere = inventory.groups.get("all", _Group()).variables
    variables: dict[str, str] = dict(everywhere)
    for group in reversed(path):
        variables |= inventory.groups.get(group, _Group()).variables
    variables |= inventory.variables.get(name, {})
    known = inventory.found.hosts
    if variables.get("ansible_connection") == "local":
        if name not in known:
            inventory.found.note(f"host {name!r}: its connection is local")
        return
    host = inventory.found.host(name, line)
    if host:
        for group in path:
            if group not in ("all", "ungrouped"):
                host.join(group)
        _connect(host, variables, inventory.found)


def _connect(host: FoundHost, variables: Mapping[str, str], found: Found) -> None:
    def said(*names: str) -> str:
        value = next((variables[name] for name in names if variables.get(name)), "")
        if "{{" in value:
            found.note(f"{names[0]} of {host.name}: a template, {value}")
            return ""
        return value

    address = said("ansible_host", "ansible_ssh_host")
    port = said("ansible_port", "ansible_ssh_port")
    jump = _JUMP.search(said("ansible_ssh_common_args") + " " + said("ansible_ssh_extra_args"))
    host.address = host.address or (address if address != host.name else "")
    if re.fullmatch("[0-9]{1,5}", port) and 0 < int(port) < 65_536:
        host.port = host.port or int(port)
    elif port:
        found.note(f"port of {host.name}: {port!r} does not fit")
    host.user = host.user or said("ansible_user", "ansible_ssh_user")
    host.identity = host.identity or said("ansible_ssh_private_key_file")
    host.jump = host.jump or (jump[1] if jump else "")
    host.site = host.site or site_of(variables.items())


def _split_port(pattern: str) -> tuple[str, str]:
    """`web1:2222` → web1 and 2222; an IPv6 address and a range keep their colons."""
    name, colon, port = pattern.rpartition(":")
    outside = colon and ":" not in re.sub(r"\[[^\]]*\]", "", name)
    return (name, port) if outside and port.isdigit() else (pattern, "")
