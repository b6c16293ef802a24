"""Authentication: keys are offered one after the other, and a refusal says which, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import paramiko

from collectors.ssh.config import Hop
from collectors.ssh.failure import Failure
from collectors.ssh.identities import Offer, Passed
from collectors.ssh.transport import Transport
from estate.clean import clean
from estate.samples import Reach, Stage

#: OpenSSH drops us after MaxAuthTries, 6 by default; one is left for a question about methods.
OFFERS_AT_MOST = 5


async def authenticate(
    hop: Hop, transport: Transport, keys: tuple[Offer, ...], passed: tuple[Passed, ...]
) -> None:
    """Log in to `hop` with one of `keys`; `passed` could not be offered, and are told of.

    Raises Failure.
    """
    methods: tuple[str, ...] = ()
    tried: list[Offer] = []
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            for key in keys[:OFFERS_AT_MOST]:
                tried.append(key)
                accepted, methods = await transport.authenticate(hop.user, key)
                if accepted:
                    return
                if methods and "publickey" not in methods:
                    break
            if not methods:
                accepted, methods = await transport.authenticate(hop.user, None)
                if accepted:
                    return
    except TimeoutError:
        raise Failure(
            Reach.FROZEN,
            Stage.AUTH,
            "stopped answering while it checked our key",
            f"sshd at {hop.target} waits for something: a directory service (LDAP, DNS), PAM, a "
            "full disk.",
        ) from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        why = transport.goodbye or clean(str(error), limit=200) or "it closed the connection"
        raise _refused(hop, tried, passed, methods, why) from None
    raise _refused(hop, tried, passed, methods, "")


def _refused(
    hop: Hop,
    tried: list[Offer],
    passed: tuple[Passed, ...],
    methods: tuple[str, ...],
    said: str,
) -> Failure:
    takes = f": offers {clean(','.join(methods), limit=40)}" if methods else ""
    if not tried:
        what = f"no key to offer it{takes}"
        remedy = (
            f"Name a key for {hop.user}@{hop.name} (identity in the estate, IdentityFile in "
            "ssh_config) or start an agent."
        )
    else:
        if said:
            what = f"hung up on our keys: {clean(said, limit=48)}"
        elif methods and "publickey" not in methods:
            what = f"takes no keys{takes}"
        else:
            what = f"refuses our keys{takes}"
        remedy = (
            f"{hop.user}@{hop.name} does not accept {_listed(k.title for k in tried)}: add the "
            f"public key to ~{hop.user}/.ssh/authorized_keys there, or name the right key or user "
            "(identity, user in the estate; IdentityFile, User in ssh_config)."
        )
    if passed:
        first = passed[0]
        remedy = f"{first.title} {first.why}: {first.remedy}. {remedy}"
    return Failure(Reach.REFUSED, Stage.AUTH, what, remedy)


def _listed(titles: Iterable[str]) -> str:
    names = [clean(title) for title in titles]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
