"""Checks of certificates as scripts for a POSIX shell with openssl: in a file, and as served.

Pure. What is wrong is said on the last line, in words. Serials are hexadecimal, as openssl has
them; the chain is verified against the host's own trust store, or `chain`.
"""

from __future__ import annotations

from collections.abc import Iterator

from runbooks.inputs import quoted
from runbooks.runbook import Cert, Tls

_SAY = """\
wrong() { echo "$*"; exit 1; }
command -v openssl >/dev/null || wrong "there is no openssl here"
"""


def cert_script(ask: Cert) -> str:
    """That the certificate in a file fits its key and chain, its names and its life."""
    lines = [
        _SAY,
        f"file={quoted(ask.file)}",
        '[ -r "$file" ] || wrong "$file can\'t be read"',
        'cert=$(openssl x509 -in "$file" 2>/dev/null) || wrong "$file holds no certificate"',
        *_about(ask.names, ask.days_left),
    ]
    if ask.key:
        lines += [
            f"key={quoted(ask.key)}",
            'mine=$(openssl pkey -in "$key" -pubout 2>/dev/null) || wrong "$key can\'t be read"',
            '[ "$mine" = "$(echo "$cert" | openssl x509 -noout -pubkey)" ] ||',
            '  wrong "$key is the key of another certificate than $file"',
        ]
    if ask.chain:
        lines += [
            f"chain={quoted(ask.chain)}",
            'said=$(openssl verify -CAfile "$chain" "$file" 2>&1) || wrong "$said"',
        ]
    return "\n".join(lines) + "\n"


def tls_script(ask: Tls) -> str:
    """That what a server serves is trusted here, for its names, long enough, and the right one."""
    endpoint = ask.endpoint
    host = endpoint.rpartition(":")[0].strip("[]")
    names = ask.names or (host,)
    starttls = f" -starttls {ask.starttls}" if ask.starttls else ""
    lines = [
        _SAY,
        f"at={quoted(endpoint)} name={quoted(names[0])}",
        f'said=$(openssl s_client -connect "$at" -servername "$name"{starttls}'
        " -verify_return_error </dev/null 2>&1) ||",
        '  wrong "$at: $(echo "$said" | grep -iE \'refused|verify error|error\' | head -n 1)"',
        'cert=$(echo "$said" | openssl x509 2>/dev/null) || wrong "$at serves no certificate"',
        'file="what $at serves"',
        *_about(names, ask.days_left),
    ]
    if ask.serial:
        lines += [
            f"wanted={quoted(ask.serial.upper().replace(':', ''))}",
            'served=$(echo "$cert" | openssl x509 -noout -serial) served=${served#serial=}',
            '[ "$served" = "$wanted" ] || wrong "$at serves $served, not $wanted"',
        ]
    return "\n".join(lines) + "\n"


def _about(names: tuple[str, ...], days_left: int) -> Iterator[str]:
    yield f'echo "$cert" | openssl x509 -noout -checkend {days_left * 86_400} >/dev/null ||'
    yield '  wrong "$file ends $(echo "$cert" | openssl x509 -noout -enddate)"'
    for name in names:
        yield f"name={quoted(name)}"
        # Its exit status is 0 either way.
        yield 'case $(echo "$cert" | openssl x509 -noout -checkhost "$name") in'
        yield '*"does match"*) ;;'
        yield '*) wrong "$file is not for $name" ;;'
        yield "esac"
