"""The certificates screen: never surer than what is known."""

from __future__ import annotations

from dataclasses import replace

from tui.paint import keys, paint
from tui.paint.cells import joined

from .estates import shown


def test_what_is_served_and_is_not_in_the_file_is_said_before_anything_else(
    boards, standing_estate
) -> None:
    drawn = joined(paint(shown("certificates", boards, standing_estate, 120, 40)).lines)
    assert "not what lies in the file is served: mbx-c02" in drawn
    assert "central has an older one" in drawn


def test_unknown_comes_before_what_is_well_and_is_not_zero_days(boards, standing_estate) -> None:
    first, second, *_ = keys(shown("certificates", boards, standing_estate))
    assert (first, second) == ("certificate:old.example", "certificate:smime.example")
    lines = joined(paint(shown("certificates", boards, standing_estate)).lines).splitlines()
    row = next(line for line in lines if "smime.example" in line)
    assert " ? " in row
    assert "0 d" not in row


def test_hostile_names_stay_text(boards, standing_estate) -> None:
    odd = replace(standing_estate.certificates[0], name="x\x1b[2J", issuer="\u202eevil", gap="a\nb")
    hostile = replace(standing_estate, certificates=(odd,))
    drawn = joined(paint(shown("certificates", boards, hostile)).lines)
    assert all(each.isprintable() or each == "\n" for each in drawn)


def test_what_was_read_days_ago_is_not_well(boards, standing_estate) -> None:
    old = replace(standing_estate.certificates[0], at=boards.NOW - 10 * 86_400_000)
    stale = replace(standing_estate, certificates=(old,))
    page = paint(shown("certificates", boards, stale, 120, 40))
    line = next(each for each in page.lines if each.key == f"certificate:{old.name}")
    drawn = joined((line,))
    assert drawn[1] == "?"
    assert "84 d" in drawn
    assert "10 d old: not heard of for a while" in drawn
    fresh = replace(standing_estate, certificates=standing_estate.certificates[:2])
    page = paint(shown("certificates", boards, fresh, 120, 40))
    line = next(each for each in page.lines if each.key == f"certificate:{old.name}")
    assert joined((line,))[1] == "·"
