"""dns: `NAME [TYPE] [@SERVER[:PORT]]` is answered, and holds `expect` if that is asked.

Without a server the system's first one is asked. Only this file knows dnspython.
"""

from __future__ import annotations

from dataclasses import dataclass

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver

from collectors.services.ask import MOST_PORTS, Ask, CannotAsk, ProbeFailed, quoted

#: The prober's deadline is shorter; the library wants one of its own.
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    kind: str = "A"
    server: str = ""
    port: int = 53


def question(text: str) -> Question:
    """What a probe's text asks. Raises CannotAsk where it says nothing that can be asked."""
    words = text.split()
    server, port = "", 53
    if words and words[-1].startswith("@"):
        named = words.pop()[1:]
        if named.startswith("["):
            server, _, tail = named[1:].partition("]")
            digits = tail.removeprefix(":")
        else:
            server, _, digits = named.partition(":") if named.count(":") == 1 else (named, "", "")
        if digits and not (digits.isdecimal() and 1 <= int(digits) <= MOST_PORTS):
            raise CannotAsk(f"{quoted(named)!r} is no server")
        port = int(digits) if digits else port
    if not 1 <= len(words) <= 2:
        raise CannotAsk("write NAME, NAME TYPE or NAME TYPE @SERVER")
    return Question(words[0], words[1].upper() if len(words) == 2 else "A", server, port)


async def dns_(ask: Ask) -> None:
    asked = question(ask.target)
    try:
        query = dns.message.make_query(asked.name, asked.kind)
    except (dns.exception.DNSException, ValueError) as error:
        raise CannotAsk(
            f"it is no question: {quoted(str(error) or type(error).__name__)}"
        ) from error
    try:
        server = await ask.resolve(asked.server) if asked.server else _system_server()
        answer, _ = await dns.asyncquery.udp_with_fallback(
            query,
            server,
            timeout=_SECONDS,
            port=asked.port,
            # Whoever answers in its place, or to another question, is not listened to.
            ignore_unexpected=True,
            ignore_errors=True,
        )
    except dns.exception.DNSException as error:
        raise ProbeFailed(
            f"no good answer: {quoted(str(error) or type(error).__name__)}"
        ) from error
    except (OSError, ValueError) as error:
        raise ProbeFailed(getattr(error, "strerror", None) or quoted(str(error))) from error
    code = answer.rcode()
    if code != dns.rcode.NOERROR:
        raise ProbeFailed(f"it answers {dns.rcode.to_text(code)}")
    records = [record.to_text() for rrset in answer.answer for record in rrset]
    wanted = query.question[0].rdtype
    if not any(wanted in (rrset.rdtype, dns.rdatatype.ANY) for rrset in answer.answer):
        # An alias of a name that has none leads its users nowhere, though there was an answer.
        only = f", only {quoted(', '.join(records))}" if records else ""
        raise ProbeFailed(f"it has no {asked.kind} of {quoted(asked.name)}{only}")
    if ask.expect and ask.expect not in records:
        raise ProbeFailed(f"it answers {quoted(', '.join(records))}, not {ask.expect}")


def _system_server() -> str:
    servers = dns.resolver.get_default_resolver().nameservers
    if not servers:
        raise ProbeFailed("this machine knows no name server")
    return str(servers[0])
