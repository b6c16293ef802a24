"""What is run on a host for a task: the runbook's own words, with the run's inputs before them.

Pure. A payload never has a secret in it: the shell reads those from a descriptor of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from posixpath import dirname

from runbooks.certificates import cert_script, tls_script
from runbooks.host.protocol import READ_SECRETS
from runbooks.inputs import Inputs, assignments, environment, quoted, with_inputs
from runbooks.progress.course import undo_of
from runbooks.progress.facts import Planned, Task
from runbooks.progress.requests import Purpose
from runbooks.runbook import (
    Cert,
    Check,
    Copy,
    Do,
    OnHosts,
    Playbook,
    Reboot,
    Runbook,
    Sh,
    Step,
    Tls,
    WhenShell,
)


class Scripts:
    """The scripts of one run. `files` are what it is pinned to besides its runbook, by name."""

    def __init__(
        self, runbook: Runbook, planned: Planned, files: Mapping[str, bytes] | None = None
    ) -> None:
        self._runbook = runbook
        self._planned = planned
        self._inputs = Inputs(planned.inputs)
        self.files = files or {}
        filled = with_inputs(runbook, planned.inputs)
        self._steps = {each.id: each for each in filled.all_steps()}

    def payload(self, task: Task) -> bytes:
        """What carries the task out."""
        step = self._steps[task.step]
        if task.undo:
            return self._script(step, task, undo_of(step))
        match step:
            case Do() | Reboot():
                return self._script(step, task, step.sh)
            case Copy():
                return self._script(step, task, _COPY.format(**self._copied(step)))
            case Playbook():
                return self._played(step)
            case _:
                raise AssertionError(f"{step.id} runs nothing")

    def content(self, task: Task) -> bytes | None:
        """The file that a copy puts beside its payload."""
        step = self._steps[task.step]
        if task.undo or not isinstance(step, Copy):
            return None
        return self.files[step.source] if step.source else step.text.encode()

    def question(self, task: Task, purpose: Purpose) -> bytes:
        """The test that a host is asked, which exits 0 if it holds."""
        step = self._steps[task.step]
        match step, purpose:
            case Step(when=WhenShell(text)), Purpose.WHEN:
                return self._script(step, task, text)
            case Check(ask=Sh(text)), Purpose.CHECK:
                return self._script(step, task, text)
            case Check(ask=Cert() as ask), Purpose.CHECK:
                return self._script(step, task, cert_script(ask))
            case Check(ask=Tls() as ask), Purpose.CHECK:
                return self._script(step, task, tls_script(ask))
            case Copy(), _:
                return self._script(step, task, _COPIED.format(**self._copied(step)))
            case ((Do() | Reboot() | Playbook()), _):
                return self._script(step, task, step.done_when or ":")
            case _:
                raise AssertionError(f"{step.id} has no {purpose} for a host")

    def _script(self, step: Step, task: Task, text: str) -> bytes:
        about = task.about or task.host
        variables = environment(
            self._runbook,
            self._inputs,
            run=self._planned.run,
            step=step.id,
            host=about,
            site=self._planned.traits.get(about, {}).get("site", ""),
            drill=self._planned.drill,
        )
        secrets = READ_SECRETS if isinstance(step, OnHosts) and step.secrets else ""
        return f"{secrets}{assignments(variables)}{text}\n".encode()

    def _copied(self, step: Copy) -> dict[str, str]:
        content = self.files[step.source] if step.source else step.text.encode()
        return {
            "to": quoted(step.to),
            "folder": quoted(dirname(step.to)),
            "link": quoted(step.link),
            "mode": f"{step.mode:04o}",
            "owner": quoted(step.owner),
            "sha256": hashlib.sha256(content).hexdigest(),
        }

    def _played(self, step: Playbook) -> bytes:
        """What a playbook's attempt is known by: its text, and what it is given."""
        parts = {
            "sha256": hashlib.sha256(self.files.get(step.file, b"")).hexdigest(),
            "tags": list(step.tags),
            "extra": dict(step.extra),
            "inputs": dict(self._planned.inputs),
        }
        return json.dumps(parts, sort_keys=True).encode()


def pinned_files(runbook: Runbook) -> Iterator[str]:
    """The files beside the runbook that a run must be pinned to."""
    for step in runbook.all_steps():
        yield from files_of(step)


def files_of(step: Step) -> Iterator[str]:
    """The files beside the runbook that one step needs."""
    if isinstance(step, Copy) and step.source:
        yield step.source
    elif isinstance(step, Playbook):
        yield step.file


# `mv -T`, of GNU and of busybox, replaces a link to a directory where plain mv would go into it.
_COPY = """\
to={to} folder={folder} link={link} owner={owner}
new=$folder/.twinwatch.$OPS_RUN
if [ -n "$link" ]; then mkdir -p -- "$folder" || exit; fi
trap 'rm -f -- "$new" "$new.link"' EXIT
cp -- "${{0%/*}}/file" "$new" || exit
if [ -n "$owner" ]; then chown -- "$owner" "$new" || exit; fi
chmod {mode} -- "$new" || exit
[ "$(sha256sum <"$new" | cut -d ' ' -f 1)" = {sha256} ] || {{
  echo "what arrived in $folder is not what was sent: is its disk full?" >&2
  exit 1
}}
sync -- "$new" 2>/dev/null || sync
mv -f -- "$new" "$to" || exit
if [ -n "$link" ]; then
  ln -s -- "$folder" "$new.link" && mv -fT -- "$new.link" "$link" || exit
fi
"""

_COPIED = """\
to={to} folder={folder} link={link} owner={owner}
[ -f "$to" ] && [ "$(sha256sum <"$to" | cut -d ' ' -f 1)" = {sha256} ] || exit
[ "$(stat -c %a -- "$to")" = "$(printf %o 0{mode})" ] || exit
case $owner in
*:*) [ "$(stat -c %U:%G -- "$to")" = "$owner" ] || exit ;;
?*) [ "$(stat -c %U -- "$to")" = "$owner" ] || exit ;;
esac
[ -z "$link" ] || [ "$(readlink -- "$link")" = "$folder" ]
"""
