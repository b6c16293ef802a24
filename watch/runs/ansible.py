"""An Ansible playbook as a step: run from here, on one host, over the estate's own way to it.

Ansible speaks OpenSSH, so it is given an ssh_config made of what the collection knows: addresses,
users, keys, known_hosts, jump hosts. It ends when the watch does: what became of it is unknown
then, and asked of `done_when`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from collectors.calls import Ways
from collectors.ssh.config import Hop, Route
from collectors.ssh.failure import Failure
from runbooks.ports import Unanswered
from runbooks.runbook import Playbook

#: Of what a playbook prints, so much is kept.
MOST_OUTPUT = 4 << 20

#: Ends the playbook when its input ends, which is when the watch does, however it does.
_LEASH = """\
exec 3<&0
"$@" </dev/null 3<&- &
playbook=$!
{ cat <&3 >/dev/null; kill -TERM 0; } &
wait "$playbook"
"""


class Ansible:
    """Runs playbooks with `program`, or with the ansible-playbook that is found."""

    def __init__(self, ways: Ways, program: str = "") -> None:
        self._ways = ways
        self._program = program

    async def play(
        self,
        step: Playbook,
        host: str,
        files: Mapping[str, bytes],
        variables: Mapping[str, str],
        seconds: float,
    ) -> tuple[int | None, bytes]:
        """Run the step's playbook on `host`, with `variables`: its exit status, None where its
        time was up, and what it printed. Raises Unanswered where there is no way to the host."""
        program = self._program or _found()
        if not program:
            return 127, b"ansible-playbook is not installed here: pip install ansible-core\n"
        try:
            route = await self._ways.route(host)
        except Failure as failure:
            raise Unanswered(failure.cause.what) from failure
        with TemporaryDirectory(prefix="twinwatch-playbook-") as name:
            folder = Path(name)
            await asyncio.to_thread(_lay_out, folder, step, route, files, variables)
            return await _run(folder, [program, *_arguments(step, folder)], seconds)


def _found() -> str:
    beside = Path(sys.executable).with_name("ansible-playbook")
    return str(beside) if beside.exists() else shutil.which("ansible-playbook") or ""


def _lay_out(
    folder: Path,
    step: Playbook,
    route: Route,
    files: Mapping[str, bytes],
    variables: Mapping[str, str],
) -> None:
    hop = route.last
    ssh = ("-F", str(folder / "ssh_config"))
    (folder / "ssh_config").write_text("".join(_ssh_config(route)))
    known = {"ansible_host": hop.name, "ansible_ssh_common_args": " ".join(ssh)}
    inventory = {"all": {"hosts": {hop.name: known}}}
    (folder / "inventory.json").write_text(json.dumps(inventory))
    (folder / "variables.json").write_text(json.dumps({**variables, **step.extra}))
    (folder / "playbook.yaml").write_bytes(files[step.file])


def _arguments(step: Playbook, folder: Path) -> Iterator[str]:
    yield from ("--inventory", str(folder / "inventory.json"))
    yield from ("--extra-vars", f"@{folder / 'variables.json'}")
    if step.tags:
        yield from ("--tags", ",".join(step.tags))
    if step.as_user:
        yield from ("--become", "--become-user", step.as_user)
    yield str(folder / "playbook.yaml")


def _ssh_config(route: Route) -> Iterator[str]:
    """The way to a host for OpenSSH: strict about keys, and nothing from anybody's own files."""
    through = ""
    for hop in route.hops:
        yield f"Host {hop.name}\n"
        yield from (f"  {name} {value}\n" for name, value in _settings(hop))
        if through:
            yield f"  ProxyJump {through}\n"
        through = hop.name


def _settings(hop: Hop) -> Iterator[tuple[str, object]]:
    yield "HostName", hop.address
    yield "Port", hop.port
    yield "User", hop.user
    yield "HostKeyAlias", hop.known_as
    yield "StrictHostKeyChecking", "yes"
    yield "BatchMode", "yes"
    yield "ConnectTimeout", max(1, hop.timeout_ms // 1000)
    yield "IdentitiesOnly", "yes" if hop.only_these else "no"
    yield "IdentityAgent", f'"{hop.agent}"' if hop.agent else "none"
    yield "GlobalKnownHostsFile", "/dev/null"
    if hop.known_hosts:
        yield "UserKnownHostsFile", " ".join(f'"{path}"' for path in hop.known_hosts)
    for path in hop.identities:
        yield "IdentityFile", f'"{path}"'
    for path in hop.certificates:
        yield "CertificateFile", f'"{path}"'


async def _run(folder: Path, command: list[str], seconds: float) -> tuple[int | None, bytes]:
    printed = folder / "printed"
    environment = {
        **os.environ,
        "ANSIBLE_LOCAL_TEMP": str(folder / "tmp"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=5s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
    }
    with printed.open("wb") as output:
        playing = await asyncio.create_subprocess_exec(
            "/bin/sh",
            *("-c", _LEASH, "twinwatch", *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
    status: int | None = None
    try:
        async with asyncio.timeout(seconds):
            status = await playing.wait()
    except TimeoutError:
        pass
    finally:
        if playing.stdin is not None:
            playing.stdin.close()
        for pid in (*_descendants(playing.pid), playing.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        await playing.wait()
    with printed.open("rb") as output:
        return status, output.read(MOST_OUTPUT)


def _descendants(pid: int) -> Iterator[int]:
    """Everything that a process began: Ansible's workers are sessions of their own."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield from _descendants(child)
        yield child
