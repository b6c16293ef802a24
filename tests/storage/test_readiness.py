"""What hosts answered by night: the last of each service, for a year, over damage."""

from __future__ import annotations

from pathlib import Path

from estate.readiness import Asking, Bearing, FindingRow
from estate.told import told
from storage.readiness import KEPT_MS, Askings

NIGHT_MS = 86_400_000


def asking(service: str, night: int, said: str = "") -> Asking:
    found = FindingRow("The relays answer", Bearing.STOPS, said, "mta-r1", night * NIGHT_MS)
    return Asking(service, "move", "ab" * 32, night * NIGHT_MS, (found,))


def test_the_last_night_of_each_service_comes_back(tmp_path: Path) -> None:
    kept = Askings(tmp_path / "deep" / "readiness.db")
    assert kept.latest() == []
    for service, night in (("mail", 2), ("mail", 3), ("chat", 1), ("mail", 1)):
        kept.put(asking(service, night))
    again = Askings(kept.path)
    assert sorted((each.service, each.at // NIGHT_MS) for each in again.latest()) == [
        ("chat", 1),
        ("mail", 3),
    ]
    assert [each.at // NIGHT_MS for each in again.of("mail", 2 * NIGHT_MS)] == [3, 2]
    assert kept.path.stat().st_mode & 0o077 == 0


def test_what_was_told_can_still_be_said_in_another_language(tmp_path: Path) -> None:
    kept = Askings(tmp_path / "readiness.db")
    said = told("{said}, and {count} more", said="not so", count="2")
    kept.put(asking("mail", 1, said))
    (found,) = kept.latest()
    assert found.answers[0].said == "not so, and 2 more"
    assert found.answers[0].said.said == "{said}, and {count} more"


def test_nights_are_let_go_of_after_a_year(tmp_path: Path) -> None:
    kept = Askings(tmp_path / "readiness.db")
    kept.put(asking("mail", 1))
    kept.put(asking("mail", 1 + KEPT_MS // NIGHT_MS))
    assert len(kept.of("mail", 0)) == 2
    kept.put(asking("mail", 2 + KEPT_MS // NIGHT_MS))
    assert len(kept.of("mail", 0)) == 2


def test_a_damaged_file_is_put_aside_and_one_of_another_form_is_passed_over(
    tmp_path: Path,
) -> None:
    kept = Askings(tmp_path / "readiness.db")
    kept.put(asking("mail", 1))
    damage = b"no database at all, and long enough to be looked at" * 50
    kept.path.write_bytes(damage)
    assert kept.latest() == []
    assert kept.path.with_suffix(".damaged").read_bytes() == damage
    kept.put(asking("mail", 1))
    with kept._open() as database:
        database.execute("insert into askings values ('chat', 1, '{\"at\": \"of another form\"}')")
    assert [each.service for each in kept.latest()] == ["mail"]
