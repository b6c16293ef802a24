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
    wants_more = False
    try:
        async with asyncio.timeout(hop.timeout_ms / 1000):
            for key in keys[:OFFERS_AT_MOST]:
                tried.append(key)
                verdict = await transport.authenticate(hop.user, key)
                if verdict.accepted:
                    return
                methods = verdict.methods
                wants_more = wants_more or verdict.enough_for_now
                if methods and "publickey" not in methods:
                    break
            if not methods:
                verdict = await transport.authenticate(hop.user, None)
                if verdict.accepted:
                    return
                methods = verdict.methods
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
    if wants_more:
        raise _unfinished(hop, methods)
    raise _refused(hop, tried, passed, methods, "")


def _unfinished(hop: Hop, methods: tuple[str, ...]) -> Failure:
    return Failure(
        Reach.REFUSED,
        Stage.AUTH,
        f"accepts our key and wants more: {clean(','.join(methods), limit=40)}",
        f"twinwatch can't type a code: exempt {hop.user} from it on {hop.name} (in its "
        f"sshd_config, Match User {hop.user} with AuthenticationMethods publickey), or name an "
        "account that needs a key only.",
    )


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
    elif methods and "publickey" not in methods and not said:
        what = f"takes no keys{takes}"
        remedy = (
            f"Allow keys for {hop.user} on {hop.name}: PubkeyAuthentication and "
            "AuthenticationMethods in its sshd_config. twinwatch has no passwords."
        )
    else:
        what = (
            f"hung up on our keys: {clean(said, limit=48)}" if said else f"refuses our keys{takes}"
        )
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
