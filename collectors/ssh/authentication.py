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
from estate.told import told

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
            told("stopped answering while it checked our key"),
            told(
                "sshd at {target} waits for something: a directory service (LDAP, DNS), PAM, a "
                "full disk.",
                target=hop.target,
            ),
        ) from None
    except (paramiko.SSHException, EOFError, OSError) as error:
        why = transport.goodbye or clean(str(error), limit=200) or told("it closed the connection")
        raise _refused(hop, tried, passed, methods, why) from None
    if wants_more:
        raise _unfinished(hop, methods)
    raise _refused(hop, tried, passed, methods, "")


def _unfinished(hop: Hop, methods: tuple[str, ...]) -> Failure:
    return Failure(
        Reach.REFUSED,
        Stage.AUTH,
        told(
            "accepts our key and wants more: {methods}", methods=clean(",".join(methods), limit=40)
        ),
        told(
            "twinwatch can't type a code: exempt {user} from it on {name} (in its sshd_config, "
            "Match User {user} with AuthenticationMethods publickey), or name an account that "
            "needs a key only.",
            user=hop.user,
            name=hop.name,
        ),
    )


def _refused(
    hop: Hop,
    tried: list[Offer],
    passed: tuple[Passed, ...],
    methods: tuple[str, ...],
    said: str,
) -> Failure:
    if not tried:
        what = told("no key to offer it")
        remedy = told(
            "Name a key for {user}@{name} (identity in the estate, IdentityFile in ssh_config) or "
            "start an agent.",
            user=hop.user,
            name=hop.name,
        )
    elif methods and "publickey" not in methods and not said:
        what = told("takes no keys")
        remedy = told(
            "Allow keys for {user} on {name}: PubkeyAuthentication and AuthenticationMethods in "
            "its sshd_config. twinwatch has no passwords.",
            user=hop.user,
            name=hop.name,
        )
    else:
        what = told("refuses our keys")
        remedy = told(
            "{user}@{name} does not accept {keys}: add the public key to "
            "~{user}/.ssh/authorized_keys there, or name the right key or user (identity, user in "
            "the estate; IdentityFile, User in ssh_config).",
            user=hop.user,
            name=hop.name,
            keys=_listed(k.title for k in tried),
        )
    if tried and said:
        what = told("hung up on our keys: {said}", said=clean(said, limit=48))
    elif methods:
        what = told(
            "{what}: offers {methods}", what=what, methods=clean(",".join(methods), limit=40)
        )
    if passed:
        first = passed[0]
        remedy = told(
            "{key} {why}: {todo}. {remedy}",
            key=first.title,
            why=first.why,
            todo=first.remedy,
            remedy=remedy,
        )
    return Failure(Reach.REFUSED, Stage.AUTH, what, remedy)


def _listed(titles: Iterable[str]) -> str:
    names = [clean(title) for title in titles]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
