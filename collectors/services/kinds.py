"""The table of kinds: the word in an estate file, and the coroutine that asks."""

from __future__ import annotations

from collections.abc import Mapping

from collectors.services.ask import Kind
from collectors.services.command import command, ping
from collectors.services.directory import ldap, xmpp
from collectors.services.dns import dns_
from collectors.services.http import http
from collectors.services.imap import imap, pop3
from collectors.services.mail import mail
from collectors.services.postgres import postgres
from collectors.services.smtp import smtp
from collectors.services.tcp import tcp
from collectors.services.tls import tls

KINDS: Mapping[str, Kind] = {
    "tcp": tcp,
    "tls": tls,
    "http": http,
    "smtp": smtp,
    "imap": imap,
    "pop3": pop3,
    "dns": dns_,
    "ldap": ldap,
    "xmpp": xmpp,
    "postgres": postgres,
    "mail": mail,
    "command": command,
    "ping": ping,
}
