"""Checks that are made from the watch itself, without a host's shell."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

from collectors.services.prober import Prober
from estate.clean import clean
from estate.ledger.rounds import Seen
from estate.model import Estate
from runbooks.certificates import tls_script
from runbooks.execution import Clocks
from runbooks.ports import Unanswered, Verdict
from runbooks.runbook import Check, Probe, Tls


class TlsFromHere:
    """What a server serves, seen from the watch's own machine with its openssl."""

    async def ask(self, step: Check, host: str) -> Verdict:
        """Make the check. Raises Unanswered where there is no shell to make it with."""
        assert isinstance(step.ask, Tls)
        script = tls_script(step.ask)
        try:
            asking = await asyncio.create_subprocess_exec(
                "/bin/sh",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise Unanswered(f"no shell here: {error.strerror}") from error
        try:
            async with asyncio.timeout(step.timeout_ms / 1000):
                said, _ = await asking.communicate(script.encode())
        except TimeoutError:
            return Verdict(False, f"it gave no answer within {step.timeout_ms / 1000:g} s")
        finally:
            if asking.returncode is None:
                os.killpg(asking.pid, signal.SIGKILL)
                await asking.wait()
        return Verdict(asking.returncode == 0, clean(said.strip().rsplit(b"\n", 1)[-1], limit=200))


class ProbeFromHere:
    """A service's own probes, taken now: the check's probe is the service's key in the estate."""

    def __init__(self, estate: Callable[[], Estate], clocks: Clocks) -> None:
        self._estate = estate
        self._clocks = clocks

    async def ask(self, step: Check, host: str) -> Verdict:
        """Take them. Raises Unanswered where there are none, or this machine sees nothing."""
        assert isinstance(step.ask, Probe)
        estate = self._estate()
        service = estate.services.get(step.ask.name)
        if service is None or not service.probes:
            raise Unanswered(f"the estate has no service {step.ask.name} with probes")
        prober = Prober(
            estate,
            lambda round_: None,
            vantage=os.uname().nodename,
            clock=self._clocks.now,
            steady=self._clocks.steady,
        )
        try:
            async with asyncio.timeout(step.timeout_ms / 1000):
                seen = await prober.round(service)
        except TimeoutError:
            return Verdict(False, f"it gave no answer within {step.timeout_ms / 1000:g} s")
        finally:
            await prober.close()
        if seen.seen is Seen.NOTHING:
            raise Unanswered(f"this machine sees nothing: {seen.cause}")
        return Verdict(seen.seen is Seen.OK, clean(seen.cause, limit=200))
