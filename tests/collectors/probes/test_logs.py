"""Logs: lines that look like frames, that act on terminals, and files that are not there."""

from __future__ import annotations

from estate.samples import Gap, Reading

from .cases_of import every_prefix, read


def lines(name: str) -> list[str]:
    told = read("logs", "hostile")
    return [each.text for each in told if isinstance(each, Reading) and each.subject == name]


def test_no_line_of_a_log_is_taken_for_a_frame() -> None:
    assert lines("hostile") == [
        "at evil", "| not a frame", "end", "\\x1b[2Jgone \ufffd", "! why", "電郵",
    ]  # fmt: skip
    assert not lines("evil")


def test_a_log_that_can_not_be_read_costs_only_itself() -> None:
    gaps = [each.reason for each in read("logs", "hostile") if isinstance(each, Gap)]
    assert gaps == [
        "gone: tail: cannot open '/var/log/gone' for reading: No such file or directory"
    ]
    assert len(lines("apt")) == 6


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("logs", "hostile"):
        assert any(isinstance(each, Gap) for each in told)
