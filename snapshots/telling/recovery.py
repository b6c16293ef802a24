"""Section 10: could we move to the other site now? Readiness, replication, the last drill."""

from __future__ import annotations

from collections.abc import Mapping

from estate.backups import BackupRow
from estate.configuration import ConfigurationRow
from estate.language import later
from estate.readiness import FindingRow, ReadinessRow, Verdict
from estate.replication import ReplicationRow, Stream
from snapshots.page import Block, Heading, Phrase, table
from snapshots.telling import figures
from snapshots.telling.teller import Teller

#: Reasons against a failover that are told of each service.
_MOST_REASONS = 3

_VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.NOT_READY: (later("not ready"), "crit"),
    Verdict.NOT_KNOWN: (later("not known"), "unk"),
    Verdict.READY: (later("ready"), "good"),
}

_ROLES: Mapping[str, str] = {"primary": later("primary"), "standby": later("standby")}
_FLOWS: Mapping[str, str] = {
    "streaming": later("streaming"),
    "catchup": later("catching up"),
    "running": later("running"),
    "stopped": later("stopped"),
}
_SYNCS: Mapping[str, str] = {
    "sync": later("sync"),
    "async": later("async"),
    "quorum": later("quorum"),
    "potential": later("potentially sync"),
}


def tell_recovery(t: Teller) -> tuple[Block, ...]:
    """Readiness with its reasons, replication with its lag, parity, backups with their age."""
    say, snapshot = t.words.say, t.snapshot
    order = list(_VERDICTS)
    blocks: list[Block] = [Heading(Phrase(say("Readiness to fail over")))]
    if snapshot.readiness:
        rows = sorted(snapshot.readiness, key=lambda row: order.index(row.verdict))
        titles = (say("service"), say("verdict"), say("to"), say("predicted"), say("limit"),
                  say("last done"), say("took"), say("reasons against"))  # fmt: skip
        blocks.append(table(titles, [_readiness(t, each) for each in rows], right="   >> > "))
    else:
        blocks.append(t.none())
    blocks.append(Heading(Phrase(say("Replication"))))
    if snapshot.replication:
        titles = (say("host"), say("site"), say("role"), say("peer"), say("state"), say("lag"),
                  say("behind by"), say("measured"))  # fmt: skip
        rows_ = [row for each in snapshot.replication for row in _replication(t, each)]
        blocks.append(table(titles, rows_, right="     >> "))
    else:
        blocks.append(t.none())
    blocks.append(Heading(Phrase(say("Files that should be alike"))))
    blocks.append(_parity(t) if snapshot.configuration else t.none())
    blocks.append(Heading(Phrase(say("Backups"))))
    if snapshot.backups:
        titles = (say("backup"), say("host"), say("newest"), say("age"), say("may be"),
                  say("size"), say("copies"), say("note"))  # fmt: skip
        blocks.append(
            table(titles, [_backup(t, each) for each in snapshot.backups], right="   >>>> ")
        )
    else:
        blocks.append(t.none())
    return tuple(blocks)


def finding_words(finding: FindingRow) -> str:
    """What was asked, and what was found."""
    return ": ".join(filter(None, (finding.asked, finding.said)))


def _readiness(t: Teller, row: ReadinessRow) -> tuple[Phrase, ...]:
    say = t.words.say
    word, role = _VERDICTS[row.verdict]
    against = [finding_words(each) for each in row.against]
    reasons = "; ".join(against[:_MOST_REASONS])
    if len(against) > _MOST_REASONS:
        reasons = say("{reasons}; and {count:,} more", reasons=reasons,
                      count=len(against) - _MOST_REASONS)  # fmt: skip
    late = row.took_ms is not None and row.limit_ms is not None and row.took_ms > row.limit_ms
    done = say("never") if row.done_at is None else t.time(row.done_at)
    if row.done_at is not None and not row.in_earnest:
        done = f"{done} · {say('drill')}"
    return (
        Phrase(t.name(row), "strong"),
        Phrase(say(word), role),
        Phrase(row.to),
        Phrase(figures.NONE if row.p90_ms is None else t.span(row.p90_ms)),
        Phrase(figures.NONE if row.limit_ms is None else t.span(row.limit_ms), "dim"),
        Phrase(done, "warn" if row.done_at is None else ""),
        Phrase(figures.NONE if row.took_ms is None else t.span(row.took_ms),
               "crit" if late else ""),
        Phrase(reasons or figures.NONE, "dim"),
    )  # fmt: skip


def _replication(t: Teller, row: ReplicationRow) -> list[tuple[Phrase, ...]]:
    known = row.known(t.snapshot.seen_at)
    measured = Phrase(t.time(row.at) if row.at is not None else t.words.say("never"),
                      "" if known else "unk")  # fmt: skip
    role = t.words.say(_ROLES.get(row.role, row.role)) or figures.UNKNOWN
    head = (Phrase(row.host, "strong"), Phrase(row.site), Phrase(role, "" if known else "unk"))
    if not row.streams:
        state = row.gap or (t.words.say("nobody follows it") if row.role == "primary" else "")
        none = Phrase(figures.NONE, "dim")
        return [(*head, none, Phrase(state or figures.NONE, "unk" if row.gap else "warn"), none,
                 none, measured)]  # fmt: skip
    if not known:  # how its streams were when it was last heard says nothing of them now
        why = Phrase(row.gap or t.words.say("not measured since"), "unk")
        nobody = Phrase(figures.UNKNOWN, "unk")
        return [(*head, Phrase(each.peer), why, nobody, nobody, measured) for each in row.streams]
    return [
        (
            *head,
            Phrase(each.peer),
            Phrase(_stream(t, each), "" if each.flowing else "crit"),
            Phrase(_seconds(t, each.lag_seconds)),
            Phrase(figures.size(each.lag_bytes)),
            measured,
        )
        for each in row.streams
    ]


def _stream(t: Teller, stream: Stream) -> str:
    """Its state and how it is confirmed; a server's words that are none of these stay its own."""
    state = t.words.say(_FLOWS.get(stream.state, stream.state))
    return f"{state} {t.words.say(_SYNCS.get(stream.sync, stream.sync))}".strip()


def _parity(t: Teller) -> Block:
    """One row a group and file: how many contents it has over both sites."""
    group_of = {host.name: host.group for host in t.snapshot.hosts}
    files: dict[tuple[str, str], list[ConfigurationRow]] = {}
    for row in t.snapshot.configuration:
        files.setdefault((group_of.get(row.host, ""), row.path), []).append(row)
    say = t.words.say
    titles = (say("group"), say("file"), say("hosts"), say("not known"), say("contents"))
    rows = []
    for (group, path), found in sorted(files.items()):
        known = [row for row in found if row.known(t.snapshot.seen_at)]
        contents = len({row.sha256 for row in known})
        unknown = len(found) - len(known)
        rows.append(
            (
                Phrase(group or figures.NONE, "strong"),
                Phrase(path),
                Phrase(figures.count(len(found))),
                Phrase(figures.count(unknown), "unk" if unknown else "dim"),
                Phrase(figures.count(contents), "warn" if contents > 1 else ""),
            )
        )
    return table(titles, rows, right="  >>>")


def _seconds(t: Teller, seconds: float | None) -> str:
    return figures.UNKNOWN if seconds is None else t.span(seconds * 1000)


def _backup(t: Teller, row: BackupRow) -> tuple[Phrase, ...]:
    age = row.age_ms(t.snapshot.seen_at)
    old = age is not None and row.objective_ms is not None and age > row.objective_ms
    return (
        Phrase(row.name, "strong"),
        Phrase(row.host),
        Phrase(figures.UNKNOWN if row.newest_at is None else t.time(row.newest_at)),
        Phrase(t.span(age), "crit" if old else ""),
        Phrase(figures.NONE if row.objective_ms is None else t.span(row.objective_ms), "dim"),
        Phrase(figures.size(row.size_bytes)),
        Phrase(figures.count(row.copies), "crit" if row.copies == 0 else ""),
        Phrase(row.gap, "unk"),
    )
