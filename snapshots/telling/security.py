"""Section 11: certificates that end soon, keys that changed, and what is not recorded."""

from __future__ import annotations

from estate.certificates import CertificateRow, mismatched
from snapshots.page import Block, Heading, Paragraph, Phrase, table
from snapshots.telling.teller import Teller

_DAY_MS = 86_400_000
#: Certificates with less than this left are listed.
_SOON_MS = 30 * _DAY_MS


def tell_security(t: Teller) -> tuple[Block, ...]:
    """Certificates, host keys, and what this watch keeps no record of."""
    say, snapshot = t.words.say, t.snapshot
    blocks: list[Block] = [
        Heading(Phrase(say("Certificates that end within 30 days, or nobody knows when")))
    ]
    blocks.append(_certificates(t) or t.none())
    blocks.append(Heading(Phrase(say("Host keys that are not trusted"))))
    untrusted = [each for each in snapshot.hosts if each.state == "untrusted"]
    if untrusted:
        rows = [
            (Phrase(each.name, "strong"), Phrase(t.time(each.since)), Phrase(each.why, "unk"))
            for each in untrusted
        ]
        blocks.append(table((say("host"), say("since"), say("why")), rows))
    else:
        blocks.append(t.none())
    if not snapshot.audit_head:
        said = say("Contractors’ activity and the audit’s verification: none, for this watch keeps "
                   "no audit trail.")  # fmt: skip
        blocks.append(Paragraph(Phrase(said, "dim")))
    return tuple(blocks)


def _certificates(t: Teller) -> Block | None:
    say, seen_at = t.words.say, t.snapshot.seen_at
    other = {id(row) for _, row in mismatched(t.snapshot.certificates)}
    soon = [
        row
        for row in t.snapshot.certificates
        if id(row) in other or (left := row.left_ms(seen_at)) is None or left <= _SOON_MS
    ]
    if not soon:
        return None
    soon.sort(key=lambda row: (row.not_after or 0, row.name, row.host, row.place))
    titles = (say("certificate"), say("host"), say("where"), say("ends"), say("left"), say("note"))
    return table(
        titles, [_certificate(t, row, differs=id(row) in other) for row in soon], right="    > "
    )


def _certificate(t: Teller, row: CertificateRow, *, differs: bool) -> tuple[Phrase, ...]:
    left = row.left_ms(t.snapshot.seen_at)
    note = t.words.say("what is served is not what lies in the file") if differs else row.gap
    role = "unk" if left is None else "crit" if left <= 7 * _DAY_MS else "warn"
    return (
        Phrase(row.name, "strong"),
        Phrase(row.host),
        Phrase(row.place, "dim"),
        Phrase(t.time(row.not_after)),
        Phrase(t.span(left), role),
        Phrase(note, "crit" if differs else "unk"),
    )
