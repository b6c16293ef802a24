"""What stands at both sites: replication, packages, certificates, backups. Is one like the other?

Each looks at the rows of hosts that the service runs on, or its runbook acts on; where a probe has
found nothing of a kind, there is nothing to be said of it. What is stale is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from estate.backups import BackupRow
from estate.certificates import DAY_MS, CertificateRow
from estate.configuration import ConfigurationRow
from estate.document import HostRow
from estate.patches import PatchRow
from estate.readiness import Bearing, FindingRow
from estate.replication import ReplicationRow, Stream
from estate.samples import Reach
from estate.standing import Measured
from estate.told import told
from watch import words
from watch.readiness.subject import Subject

#: A standby further behind than this loses what people believe is done; the library's runbooks
#: refuse at the same.
MOST_LAG_SECONDS = 10.0
#: A certificate must be good for so long at the site that takes over: nobody renews it in a crisis.
LEAST_CERTIFICATE_MS = 30 * DAY_MS


# ── replication ──


def replication(subject: Subject) -> Iterator[FindingRow]:
    """Each standby at the site that takes over: it streams, and is not far behind."""
    involved = subject.involved()
    rows = [row for row in subject.document.replication if row.host in involved]
    if not rows:
        return
    there = [row for row in rows if row.site == subject.to]
    primaries = [row for row in rows if row.role == "primary" and row.known(subject.now)]
    standbys = [row for row in there if row.role != "primary"]
    yield from (_standby(subject, row) for row in standbys)
    if any(row in there for row in primaries):
        yield _promoted(subject, primaries)
    elif not standbys:
        asked = told("A standby at {site}", site=subject.to)
        todo = told("set one up: without it nothing can be promoted there")
        yield FindingRow(asked, Bearing.STOPS, told("none is found"), "replication", None, todo)


def _promoted(subject: Subject, primaries: list[ReplicationRow]) -> FindingRow:
    """The primary stands there already; with another one elsewhere the data have parted."""
    names = ", ".join(row.host for row in primaries)
    at = _oldest(primaries)
    if all(row.site == subject.to for row in primaries):
        said = told("{names} at {site} is the primary already", names=names, site=subject.to)
        return FindingRow(told("The primary"), Bearing.NOTE, said, "replication", at)
    todo = told("fence one of them before anything is written to both")
    said = told("two: {names}", names=names)
    return FindingRow(told("The primary"), Bearing.STOPS, said, "replication", at, todo)


def _standby(subject: Subject, row: ReplicationRow) -> FindingRow:
    asked = told("Standby {host}, {limit} s behind at most", host=row.host,
                 limit=f"{MOST_LAG_SECONDS:g}")  # fmt: skip
    if not row.known(subject.now):
        said = _last(subject, row.host, _why_unknown(row, subject.now))
        return _unknown(asked, said, row, _see_why(row))
    if not _lives(subject.document.hosts.get(row.follows), row.follows):
        # Its primary is lost: how much of what was written there has arrived, nobody can ask.
        said = _last(subject, row.host, told("{host} is lost", host=row.follows))
        todo = told("an approver says what loss is acceptable")
        return _unknown(asked, said, row, todo, waivable=True)
    stands = next((each for each in row.arriving if not each.flowing), None)
    if stands is not None or not row.arriving:
        state = stands.state if stands is not None else told("no stream")
        peer = (stands.peer if stands is not None else "") or row.follows or "?"
        said = told("{state}, from {peer}", state=state, peer=peer)
        todo = told("see its log, and start it again")
        return FindingRow(asked, Bearing.STOPS, said, row.host, row.at, todo)
    # Of several sources the worst counts, and one that does not tell may be it.
    stream = max(row.arriving, key=_behind)
    if stream.lag_seconds is None:
        said = told("{state}, lag not told", state=stream.state)
        return _unknown(asked, said, row, told("it does not tell: see its log"))
    said = told("{state}, {lag} s behind", state=stream.state, lag=f"{stream.lag_seconds:.1f}")
    if stream.lag_seconds > MOST_LAG_SECONDS:
        todo = told("wait until it has caught up, or have the loss accepted")
        return FindingRow(asked, Bearing.STOPS, said, row.host, row.at, todo, waivable=True)
    return FindingRow(asked, Bearing.PASSES, said, row.host, row.at)


def _behind(stream: Stream) -> float:
    return inf if stream.lag_seconds is None else stream.lag_seconds


def _lives(row: HostRow | None, name: str) -> bool:
    """Whether a host answers; of one that the estate does not name nothing says that it is gone."""
    return not name or row is None or row.reach in (Reach.LIVE, Reach.LATE, Reach.CONNECTING)


def _last(subject: Subject, host: str, why: str) -> str:
    known = subject.lags.get(host)
    if known is None:
        return why
    seconds, at = known
    clock = words.clock(at, subject.estate.timezone)
    return told("{why}. Last {lag} s at {time}", why=why, lag=f"{seconds:.1f}", time=clock)


# ── packages ──


def packages(subject: Subject) -> Iterator[FindingRow]:
    """Each group that stands at both sites: the same software. A difference stops nothing."""
    rows = {row.host: row for row in subject.document.patches}
    if not rows:
        return
    for group in dict.fromkeys(need.group for need in subject.service.needs):
        here = [
            row
            for site in subject.estate.sites
            if site != subject.to
            for host in subject.needed_hosts(group, site)
            if (row := rows.get(host.name)) is not None
        ]
        there = [
            row
            for host in subject.needed_hosts(group, subject.to)
            if (row := rows.get(host.name)) is not None
        ]
        if here and there:
            yield _alike(subject, group, here, there)


def _alike(subject: Subject, group: str, here: list[PatchRow], there: list[PatchRow]) -> FindingRow:
    asked = told("Packages of {group} at both sites", group=group)
    # Hosts of the site that is left may be gone: those that still answer are compared.
    here = [row for row in here if row.known(subject.now) and row.installed] or here
    both = [*here, *there]
    unknown = [row for row in both if not (row.known(subject.now) and row.installed)]
    if unknown:
        why = _why_unknown(unknown[0], subject.now)
        said = told("unknown on {hosts}: {why}", hosts=_hosts(unknown), why=why)
        return FindingRow(asked, Bearing.NOTE, said, "packages", _oldest(both))
    if len({row.installed for row in both}) == 1:
        said = told("alike on {count} hosts", count=str(len(both)))
        return FindingRow(asked, Bearing.PASSES, said, "packages", _oldest(both))
    known_here = {row.installed for row in here}
    other = [row for row in there if row.installed not in known_here]
    those = other or here
    said = told("{hosts} differ", hosts=_hosts(those))
    if len(those) == 1:
        said = told("{host} differs", host=those[0].host)
    todo = told("patch both sites to the same state: twinwatch patches")
    return FindingRow(asked, Bearing.NOTE, said, "packages", _oldest(both), todo)


# ── configuration ──


def configuration(subject: Subject) -> Iterator[FindingRow]:
    """Each group that stands at both sites: the files that the estate says are alike."""
    for group in dict.fromkeys(need.group for need in subject.service.needs):
        names = {
            host.name for site in subject.estate.sites for host in subject.needed_hosts(group, site)
        }
        rows = [row for row in subject.document.configuration if row.host in names]
        there = [row for row in rows if row.site == subject.to]
        if there:
            # Hosts of the site that is left may be gone: those that still answer are compared.
            elsewhere = [row for row in rows if row.site != subject.to and _is_told(subject, row)]
            yield _configured(subject, group, [*there, *elsewhere])


def _is_told(subject: Subject, row: ConfigurationRow) -> bool:
    return row.known(subject.now) and row.there is not None


def _configured(subject: Subject, group: str, rows: list[ConfigurationRow]) -> FindingRow:
    asked = told("Configuration of {group} at both sites", group=group)
    times = [row.at for row in rows if row.at is not None]
    at = min(times) if len(times) == len(rows) else None
    for row in rows:
        if not _is_told(subject, row):
            why = _why_unknown(row, subject.now)
            said = told("{path} unknown on {host}: {why}", path=row.path, host=row.host, why=why)
            return _unknown(asked, said, row, _see_why(row))
    paths = tuple(dict.fromkeys(row.path for row in rows))
    for path in paths:
        digests = {row.sha256 for row in rows if row.path == path}
        if len(digests) > 1:
            there = [row for row in rows if row.path == path and row.site == subject.to]
            said = told("{path} differs, see {host}", path=path, host=there[0].host)
            todo = told("bring both sites to one version, or name it no more in the estate")
            return FindingRow(asked, Bearing.STOPS, said, "configuration", at, todo, waivable=True)
    said = told("alike on {count} hosts", count=str(len({row.host for row in rows})))
    if all(row.site == subject.to for row in rows):
        said = told("{said}; the other site can't be asked", said=said)
        return FindingRow(asked, Bearing.NOTE, said, "configuration", at)
    return FindingRow(asked, Bearing.PASSES, said, "configuration", at)


# ── certificates ──


def certificates(subject: Subject) -> Iterator[FindingRow]:
    """Each certificate at the site that takes over: good for a while, and the other site's too."""
    involved = subject.involved()
    rows = [row for row in subject.document.certificates if row.host in involved]
    there = [row for row in rows if row.site == subject.to]
    for name in dict.fromkeys(row.name for row in there):
        yield _certificate(
            subject,
            name,
            [row for row in there if row.name == name],
            [row for row in rows if row.name == name and row.site != subject.to],
        )


def _certificate(
    subject: Subject, name: str, there: list[CertificateRow], here: list[CertificateRow]
) -> FindingRow:
    asked = told("Certificate {name} at {site}", name=name, site=subject.to)
    left = [(row, row.left_ms(subject.now)) for row in there if row.known(subject.now)]
    known = [(row, ms) for row, ms in left if ms is not None]
    if len(known) < len(there):
        row = next(row for row in there if row not in [each for each, _ in known])
        why = _why_unknown(row, subject.now)
        said = told("unknown on {hosts}: {why}", hosts=row.host, why=why)
        return _unknown(asked, said, row, _see_why(row))
    begins = [(row.not_before, row) for row in there if row.not_before is not None]
    early = next((each for each in begins if each[0] > subject.now), None)
    if early is not None:
        time = words.duration((early[0] - subject.now) / 1000)
        said = told("not valid for another {time} on {host}", time=time, host=early[1].host)
        todo = told("set the host's clock, or issue one that begins now")
        return FindingRow(asked, Bearing.STOPS, said, early[1].host, early[1].at, todo)
    row, least = min(known, key=lambda each: each[1])
    said = told("{days} d on {host}", days=str(least // DAY_MS), host=row.host)
    todo = told("renew it: certificate-rotation")
    if least <= 0:
        said = told("expired on {host}", host=row.host)
        return FindingRow(asked, Bearing.STOPS, said, row.host, row.at, todo)
    elsewhere = {each.fingerprint for each in here if each.known(subject.now) and each.fingerprint}
    if least < LEAST_CERTIFICATE_MS:
        return FindingRow(asked, Bearing.NOTE, said, row.host, row.at, todo)
    if elsewhere and any(each.fingerprint not in elsewhere for each in there if each.fingerprint):
        said = told("{said}, another one than at the other site", said=said)
        return FindingRow(asked, Bearing.NOTE, said, row.host, row.at)
    return FindingRow(asked, Bearing.PASSES, said, row.host, row.at)


# ── backups ──


def backups(subject: Subject) -> Iterator[FindingRow]:
    """Each backup of the service: no older than the estate allows.

    It is the service's by its host, or called as the service or a group that it needs.
    """
    involved = subject.involved()
    names = {subject.service.key, *(need.group for need in subject.service.needs)}
    for row in subject.document.backups:
        if row.host in involved or row.name in names:
            yield _backup(subject, row)


def _backup(subject: Subject, row: BackupRow) -> FindingRow:
    asked = told("Backup {name} of {host}", name=row.name, host=row.host)
    age = row.age_ms(subject.now)
    if row.known(subject.now) and row.copies == 0:
        said, todo = told("there is no copy"), told("take one now")
        return FindingRow(asked, Bearing.STOPS, said, row.host, row.at, todo)
    if not row.known(subject.now) or age is None:
        return _unknown(asked, _why_unknown(row, subject.now), row, _see_why(row))
    said = told("{age} old", age=_span(age))
    if small := _small(row, asked, said):
        return small
    if row.objective_ms is None:
        return FindingRow(asked, Bearing.PASSES, said, row.host, row.at)
    said = told("{said}, objective {objective}", said=said, objective=_span(row.objective_ms))
    if age > row.objective_ms:
        todo = told("take one now, and see why the last one failed")
        return FindingRow(asked, Bearing.STOPS, said, row.host, row.at, todo, waivable=True)
    return FindingRow(asked, Bearing.PASSES, said, row.host, row.at)


def _small(row: BackupRow, asked: str, said: str) -> FindingRow | None:
    """What is against a copy that is smaller than the estate has it; None where nothing is."""
    if row.least_bytes is None:
        return None
    if row.size_bytes is None:
        return _unknown(asked, told("{said}, size not told", said=said), row, _see_why(row))
    if row.size_bytes >= row.least_bytes:
        return None
    size, least = (words.figure(each, "B") for each in (row.size_bytes, row.least_bytes))
    said = told("{said}, {size} of at least {least}", said=said, size=size, least=least)
    todo = told("take one now, and see why the last one failed")
    return FindingRow(asked, Bearing.STOPS, said, row.host, row.at, todo, waivable=True)


def _span(milliseconds: int) -> str:
    """A span in hours up to three days: of a nightly copy "1 d" would say nothing."""
    hours = milliseconds // 3_600_000
    return f"{hours} h" if 24 <= hours < 72 else words.duration(milliseconds / 1000)


# ── what they share ──


def _unknown(
    asked: str, said: str, row: Measured, todo: str, *, waivable: bool = False
) -> FindingRow:
    return FindingRow(asked, Bearing.UNKNOWN, said, row.host, row.at, todo, waivable)


def _see_why(row: Measured) -> str:
    return told("see why it can't be asked: twinwatch hosts {host}", host=row.host)


def _why_unknown(row: Measured, now: int) -> str:
    if row.gap:
        return row.gap
    if row.at is None:
        return told("not measured yet")
    if row.known(now):
        return told("not told")
    return told("stale: {age} old", age=words.duration((now - row.at) / 1000))


def _hosts(rows: list[PatchRow]) -> str:
    names = [row.host for row in rows]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _oldest(rows: list[PatchRow] | list[ReplicationRow]) -> int | None:
    times = [row.at for row in rows]
    known = [at for at in times if at is not None]
    return min(known) if known and len(known) == len(times) else None
