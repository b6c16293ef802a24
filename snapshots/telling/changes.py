"""Section 8: patches by group and the skew between sites; planned work of the next day."""

from __future__ import annotations

from collections import Counter

from estate.patches import PatchRow
from snapshots.page import Block, Heading, Phrase, table
from snapshots.snapshot import Work
from snapshots.telling import figures
from snapshots.telling.teller import Teller


def tell_changes(t: Teller) -> tuple[Block, ...]:
    """What waits to be installed, how unlike the sites are, and what is planned."""
    say = t.words.say
    blocks: list[Block] = [Heading(Phrase(say("Patches, group by group")))]
    blocks.append(_patches(t) if t.snapshot.patches else t.none())
    blocks.append(Heading(Phrase(say("Planned work, now and in the next 24 hours"))))
    if t.snapshot.work:
        titles = (say("from"), say("to"), say("where"), say("why"), say("owner"))
        blocks.append(table(titles, [_work(t, each) for each in t.snapshot.work]))
    else:
        blocks.append(t.none())
    return tuple(blocks)


def _patches(t: Teller) -> Block:
    """One row a group and site: what is pending, and how many kinds of software there are."""
    group_of = {host.name: host.group for host in t.snapshot.hosts}
    groups: dict[tuple[str, str], list[PatchRow]] = {}
    for row in t.snapshot.patches:
        groups.setdefault((group_of.get(row.host, ""), row.site), []).append(row)
    kinds: dict[str, set[str]] = {}
    for (group, _), rows in groups.items():
        kinds.setdefault(group, set()).update(row.installed for row in rows if row.installed)
    say = t.words.say
    titles = (say("group"), say("site"), say("hosts"), say("pending"), say("security"),
              say("reboot"), say("not known"), say("unlike"))  # fmt: skip
    return table(
        titles,
        [
            _group(t, group, site, rows, len(kinds[group]))
            for (group, site), rows in sorted(groups.items())
        ],
        right="  >>>>> ",
    )


def _group(
    t: Teller, group: str, site: str, rows: list[PatchRow], kinds: int
) -> tuple[Phrase, ...]:
    known = [row for row in rows if row.known(t.snapshot.seen_at)]
    counted = Counter[str]()
    for row in known:
        counted["pending"] += row.pending or 0
        counted["security"] += row.security or 0
        counted["reboot"] += bool(row.reboot)
    unknown = len(rows) - len(known)
    alike = t.words.say("alike") if kinds == 1 and not unknown else ""
    unlike = t.words.say("{count:,} kinds over both sites", count=kinds) if kinds > 1 else alike

    def figure(name: str, role: str) -> Phrase:
        if not known:
            return Phrase(figures.UNKNOWN, "unk")
        return Phrase(figures.count(counted[name]), role if counted[name] else "dim")

    return (
        Phrase(group or figures.NONE, "strong"),
        Phrase(site),
        Phrase(figures.count(len(rows))),
        figure("pending", ""),
        figure("security", "warn"),
        figure("reboot", "warn"),
        Phrase(figures.count(unknown), "unk" if unknown else "dim"),
        Phrase(unlike, "warn" if kinds > 1 else "dim"),
    )


def _work(t: Teller, work: Work) -> tuple[Phrase, ...]:
    return (
        Phrase(t.time(work.starts)),
        Phrase(t.time(work.ends)),
        Phrase(work.where, "strong"),
        Phrase(work.reason),
        Phrase(work.owner or figures.NONE),
    )
