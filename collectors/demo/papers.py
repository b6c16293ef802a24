"""What the demo leaves on the desk of whoever connects: keys, known_hosts, ssh_config, estate.

Texts only; `platform` puts them into the run's directory.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collectors.demo.life import PROFILES
from collectors.demo.roster import FULL, Member
from collectors.demo.standing import (
    ADDRESSES,
    BACKUPS,
    CERTIFICATES,
    CONFIGURATION,
    keeps_backups,
)


@dataclass(frozen=True, slots=True)
class Key:
    """An ed25519 key: the private half as an OpenSSH file, the public half in wire format."""

    private: str
    public: bytes

    @property
    def line(self) -> str:
        """The public half as known_hosts and authorized_keys write it."""
        return f"ssh-ed25519 {b64encode(self.public).decode()}"


def new_key() -> Key:
    """A key that nobody else has."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    raw = key.public_key().public_bytes_raw()
    kind = b"ssh-ed25519"
    wire = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, raw))
    return Key(private.decode(), wire)


def known_hosts(ports: Mapping[str, int], keys: Mapping[str, Key]) -> str:
    """The host keys as they are at the start of the run."""
    return "".join(f"[127.0.0.1]:{port} {keys[name].line}\n" for name, port in ports.items())


def ssh_config(members: Sequence[Member], ports: Mapping[str, int], directory: Path) -> str:
    """How ssh, and so the watch, gets to each host."""
    blocks = []
    for member in members:
        jump = f"  ProxyJump {member.behind}\n" if member.behind else ""
        blocks.append(
            f"Host {member.name}\n  HostName 127.0.0.1\n  Port {ports[member.name]}\n{jump}"
        )
    return "".join(blocks) + (
        "Host *\n"
        "  User demo\n"
        f"  IdentityFile {directory}/id_ed25519\n"
        "  IdentitiesOnly yes\n"
        "  IdentityAgent none\n"
        f"  UserKnownHostsFile {directory}/known_hosts\n"
        "  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n"
    )


def estate(members: Sequence[Member], directory: Path, doors: Mapping[str, int]) -> str:
    """The platform as an estate file; `doors` are the ports at which services take users in."""
    parts = [
        _HEAD.format(directory=directory),
        _groups(members),
        "hosts:\n",
        *(
            f"  {m.name}: {{site: {m.site}, groups: [{m.group}], rack: {m.rack},"
            f" platform: messaging{_probes(m)}}}\n"
            for m in members
        ),
        _services(members, doors),
        _TAIL,
    ]
    return "".join(parts)


def runbooks(members: Sequence[Member]) -> Mapping[str, str]:
    """What moves each service of a platform that has hosts for it to move to, by service."""
    there = {member.group for member in members if member.site == "recovery"}
    return {key: name for key, (name, groups) in RUNBOOKS.items() if there.issuperset(groups)}


def _groups(members: Sequence[Member]) -> str:
    """What each group's hosts are asked besides: packages all of them, the rest where it is."""
    text = "groups:\n"
    for group in dict.fromkeys(member.group for member in members):
        asked = ["packages: true"]
        if group in CONFIGURATION:
            asked.append(f"configuration: [{CONFIGURATION[group]}]")
        if group == "mdb":
            asked.append("postgresql: {user: postgres}")
        if group == "lb":
            asked.append("haproxy: {user: haproxy}")
        names = [name for name, (where, _) in CERTIFICATES.items() if where == group]
        if names:
            files = (f"{{name: {name}, file: /srv/tls/{name}.pem}}" for name in names)
            asked.append(f"certificates: [{', '.join(files)}]")
        text += f"  {group}: {{probes: {{{', '.join(asked)}}}}}\n"
    return text


def _probes(member: Member) -> str:
    """What one host is asked that others of its group are not."""
    if member.group == "lb":
        return f", probes: {{keepalived: {{addresses: [{ADDRESSES[member.site]}]}}}}"
    if keeps_backups(member):
        copies = ", ".join(
            f'{{name: {name}, files: "/srv/backup/{name}-*", within: {within}}}'
            for name, (_, _, within) in BACKUPS.items()
        )
        return f", probes: {{backups: [{copies}]}}"
    return ""


def _services(members: Sequence[Member], doors: Mapping[str, int]) -> str:
    """The services that this many hosts can carry; a need is two thirds of the active site."""
    text, failovers = "services:\n", runbooks(members)
    for key, english, chinese, tier, groups in _SERVICES:
        here = {g: sum(m.group == g and m.site == "central" for m in members) for g in groups}
        needs = ", ".join(
            f"{{group: {group}, at: active site, k: {max(1, count * 2 // 3)}}}"
            for group, count in here.items()
            if count
        )
        text += (
            f"  {key}:\n"
            f"    name: {{en: {english}, zh-Hant: {chinese}}}\n"
            f"    tier: {tier}\n"
            "    platform: messaging\n"
            "    objective: {available: 99.95%, flat_limit: 22m, recover_within: 10m}\n"
            + (f"    needs: [{needs}]\n" if needs else "")
            + _queues(key, members)
            + f"    probes: [{{{FRONT_DOORS[key]}: '127.0.0.1:{doors[key]}', every: 2s}}]\n"
            + (f"    runbooks: {{fails: {failovers[key]}}}\n" if key in failovers else "")
            + "    tenants: all\n"
        )
    return text


def _queues(service: str, members: Sequence[Member]) -> str:
    """The queues of a service, with limits for as many hosts as hold them at a site."""
    group, kind, each = _QUEUES.get(service, ("", "", 0))
    hosts = sum(m.group == group and m.site == "central" for m in members)
    hosts = hosts or sum(m.group == group for m in members)
    if not hosts:
        return ""
    room = hosts * each
    limits = f"warn: {room // 20}, critical: {room // 5}, full: {room}, hold: 10s"
    return f"    queues: [{{{kind}: {group}, {limits}}}]\n"


_HEAD = dedent("""\
    # The demo's platform. It lives in this directory and goes with it.
    estate: Central messaging platform (demo)
    timezone: Asia/Hong_Kong
    language: en
    every: 2s
    ssh:
      config: {directory}/ssh_config
      known_hosts: [{directory}/known_hosts]
      connect_timeout: 2s
    sites:
      central:  {{name: {{en: Central data centre, zh-Hant: 中央數據中心}}, role: primary}}
      recovery: {{name: {{en: Recovery data centre, zh-Hant: 後備數據中心}}, role: recovery}}
    platforms:
      messaging: {{name: {{en: Messaging, zh-Hant: 通訊平台}}}}
    shifts: {{day: 08:00-20:00, night: 20:00-08:00}}
    """)

_SERVICES = (
    ("email", "E-mail", "電郵", 1, ("lb", "mta", "mbx", "mdb")),
    ("im", "Instant messaging", "即時通訊", 1, ("lb", "im", "mq", "mdb")),
    ("directory", "Directory", "目錄服務", 1, ("dir",)),
)

#: Where messages of a service wait: the group, what holds them there, and how many fit on a host.
_QUEUES = {"email": ("mta", "postfix", 25_000), "im": ("mq", "rabbitmq", 10_000)}

#: How users come in to each service, which is how the watch asks it.
FRONT_DOORS = {"email": "smtp", "im": "xmpp", "directory": "ldap"}

#: What would move each service to the other site, and the groups that take over there.
RUNBOOKS = {
    "email": ("demo-mail-failover", ("mta",)),
    "im": ("demo-im-failover", ("im", "lb")),
    "directory": ("demo-directory-failover", ("dir",)),
}

#: The bureaux and departments that the platform was built for.
_TENANTS = (
    ("CPU", "Central Policy Unit", "中央政策組"),
    ("CSB", "Civil Service Bureau", "公務員事務局"),
    ("HAB", "Home Affairs Bureau", "民政事務局"),
    ("CEO", "Chief Executive's Office", "行政長官辦公室"),
    ("SB", "Security Bureau", "保安局"),
    ("DOJ", "Department of Justice", "律政司"),
    ("CMAB", "Constitutional and Mainland Affairs Bureau", "政制及內地事務局"),
    ("CSO", "Chief Secretary for Administration's Office", "政務司司長辦公室"),
    ("FHB", "Food and Health Bureau", "食物及衛生局"),
    ("FSO", "Financial Secretary's Office", "財政司司長辦公室"),
    ("FSTB", "Financial Services Branch", "財經事務科"),
    ("TB", "The Treasury Branch", "庫務科"),
    ("CCIB", "Communications and Creative Industries Branch", "通訊及創意產業科"),
    ("CITB", "Commerce, Industry and Tourism Branch", "工商及旅遊科"),
    ("EDB", "Education Bureau", "教育局"),
    ("ITB", "Innovation and Technology Bureau", "創新及科技局"),
    ("ITC", "Innovation and Technology Commission", "創新科技署"),
    ("OGCIO", "Office of the Government Chief Information Officer", "政府資訊科技總監辦公室"),
    ("LWB", "Labour and Welfare Bureau", "勞工及福利局"),
    ("DEVB", "Development Bureau", "發展局"),
    ("THB", "Transport and Housing Bureau", "運輸及房屋局"),
    ("ENB", "Environment Bureau", "環境局"),
)

#: Shorter hold times than an estate would want: nobody watches a demo for five minutes first.
#: Nor does anybody wait for the night: hosts are asked as soon as there is somebody to ask them.
_TAIL = dedent("""\
    thresholds:
      cpu: {where: "group:mta,mbx", warn: 55%, critical: 85%, hold: 10s}
      load_per_core: {warn: 2, critical: 5, hold: 30s}
      disk: {warn: 85%, critical: 95%, hold: 5s}
      disk_full_in_seconds: {warn: 4h, critical: 30m, hold: 20s}
    rehearsal: {nightly: 00:00-24:00}
    tenants:
    """) + "".join(
    f'  {key}: {{name: {{en: "{english}", zh-Hant: {chinese}}}}}\n'
    for key, english, chinese in _TENANTS
)

assert set(PROFILES) == set(FULL), "every group has hosts and a way of life"
