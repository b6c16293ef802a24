"""Peers that are commands, started once a round over connections that ssh masters keep open.

Each is asked to run `work.once`, a shell command that ends in `echo @end`, on all hosts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from shlex import quote

from bench import peers
from bench.cost import family, family_cost
from bench.drivers import Result, Work
from bench.endpoints import Endpoints
from bench.report import UnableError

_FORKS = 32
_COMMAND_SECONDS = 300.0


def multiplexed(
    endpoints: Endpoints, command: list[str], work: Work, *, answer: str = "@end"
) -> Result:
    """A command run once a sweep, over connections that ssh masters keep open in between.

    It prints `answer` for each host that was done.
    """
    result = Result()
    servers = (endpoints.pid,)
    sweeps = 2 if "ansible" in command[0] else max(2, min(work.sweeps, 5))
    try:
        for number in range(1 + sweeps):  # the first one connects
            with family_cost(without=servers) as cost:
                _run(command, len(work.hosts), answer)
            if number == 0:
                result.connect_wall, result.connect_cpu = cost.wall, cost.cpu
            else:
                result.wall.append(cost.wall)
                result.cpu.append(cost.cpu)
    finally:
        for master in family(os.getpid(), servers):
            with suppress(ProcessLookupError):  # one may take another along
                os.kill(master, signal.SIGTERM)
    return result


def _run(command: list[str], hosts: int, answer: str) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnableError(f"not done after {_COMMAND_SECONDS:g} s") from error
    if (whole := done.stdout.count(answer)) < hosts:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise UnableError(f"{whole} of {hosts} answered: {said[-1] if said else 'no word'}")


def _mux(endpoints: Endpoints, peer: str) -> list[str]:
    """ssh's options for one master a host; %C keeps the socket's path short."""
    return [
        *("-F", str(endpoints.ssh_config)),
        *("-o", "ControlMaster=auto", "-o", "ControlPersist=600"),
        *("-o", f"ControlPath={endpoints.directory}/{peer}-%C"),
    ]


def _hosts_file(endpoints: Endpoints) -> Path:
    path = endpoints.directory / "hosts"
    path.write_text("".join(f"{host}\n" for host in endpoints.hosts))
    return path


def xargs_ssh(endpoints: Endpoints, work: Work) -> list[str]:
    """OpenSSH's client, so many at once."""
    ssh = [str(peers.tool("ssh", "openssh-client")), "-n", *_mux(endpoints, "x"), "{}", work.once]
    return ["xargs", "-a", str(_hosts_file(endpoints)), "-P", str(_FORKS), "-I{}", *ssh]


def clush(endpoints: Endpoints, work: Work) -> list[str]:
    """ClusterShell over the same masters."""
    program = str(peers.command("clush", "clustershell"))
    # clush reads its options through a ConfigParser, which would interpolate a lone %.
    options = " ".join(map(quote, _mux(endpoints, "c"))).replace("%", "%%")
    names = ["--hostfile", str(_hosts_file(endpoints))]
    return [program, "-q", "-f", str(_FORKS), "-u", "60", "-o", options, *names, work.once]


def ansible_raw(endpoints: Endpoints, work: Work) -> list[str]:
    """Ansible without Python on the host: its cheapest way."""
    return _ansible(endpoints, "raw", work.once)


def ansible_shell(endpoints: Endpoints, work: Work) -> list[str]:
    """Ansible's module for a shell command, in Python on the host: what a task in a playbook is."""
    return _ansible(endpoints, "shell", work.once)


#: What ansible-playbook -v prints of a host that was done.
PLAYED = '"stdout": "@end"'


def ansible_play(endpoints: Endpoints, work: Work) -> list[str]:
    """A playbook of one task that is rolled, `work.batch` hosts at a time."""
    task = {"name": "Nothing", "ansible.builtin.shell": work.once}
    play = {"hosts": "all", "gather_facts": False, "serial": work.batch, "tasks": [task]}
    path = endpoints.directory / "play.json"  # JSON is YAML
    path.write_text(json.dumps([play]))
    return _with_ansible(endpoints, "ansible-playbook", "-v", str(path))


def _ansible(endpoints: Endpoints, module: str, command: str) -> list[str]:
    return _with_ansible(endpoints, "ansible", "all", "-m", module, "-a", command)


def _with_ansible(endpoints: Endpoints, name: str, *words: str) -> list[str]:
    program = str(peers.command(name, "ansible-core"))
    settings = {
        "ANSIBLE_SSH_ARGS": " ".join(map(quote, _mux(endpoints, "a"))),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_HOME": str(endpoints.directory / "ansible"),
        "LC_ALL": "C.UTF-8",
    }
    environment = [f"{name}={value}" for name, value in settings.items()]
    where = ["-i", str(_hosts_file(endpoints)), "-f", str(_FORKS)]
    return ["env", *environment, program, *where, *words]


def pyinfra_exec(endpoints: Endpoints, work: Work) -> list[str]:
    """pyinfra, which connects anew each time, over paramiko."""
    inventory = endpoints.directory / "inventory.py"
    settings = {"ssh_config_file": str(endpoints.ssh_config), "ssh_user": endpoints.user}
    hosts = [(host, settings) for host in endpoints.hosts]
    inventory.write_text(f"hosts = {hosts!r}\n")
    command = str(peers.command("pyinfra", "pyinfra"))
    words = [command, "-y", "-v", "--parallel", str(_FORKS), str(inventory), "exec", "--"]
    return ["sh", "-c", 'exec "$@" 2>&1', "pyinfra", *words, work.once]
