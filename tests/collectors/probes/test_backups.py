"""Backups: files of a real directory, and commands that answer, fail or say something else."""

from __future__ import annotations

from math import isnan

import pytest

from collectors.probes.backups import Backups
from collectors.runner import Answer
from estate.samples import Gap, Reading

from .cases_of import every_prefix, read

NOW = 1_795_193_600


def said() -> dict[str, Reading]:
    return {each.subject: each for each in read("backups", "mixed") if isinstance(each, Reading)}


def test_the_newest_of_the_files_counts() -> None:
    assert said()["mdb"] == Reading(
        "backup", "mdb", 33454.0,
        attributes={"copies": 2.0, "place": "/srv/b/mdb-2.dump", "bytes": 2048.0},
    )  # fmt: skip


def test_no_copy_is_a_fact_and_not_to_be_able_to_look_is_none() -> None:
    assert said()["none"].attributes == {"copies": 0.0}
    assert said()["nowhere"].attributes == {"gap": "/tmp/nowhere can't be looked into"}
    assert isnan(said()["nowhere"].value)


def test_commands() -> None:
    assert (said()["borg"].value, said()["borg"].attributes) == (30454.0, {"bytes": 123456.0})
    assert said()["sick"].attributes == {"gap": "repository is locked"}
    assert said()["odd"].attributes == {"gap": "it says 'yesterday'"}


@pytest.mark.parametrize(
    ("written", "age"), [(NOW - 60, 60.0), (NOW + 299, 0.0), (NOW + 301, None), (2**31, None)]
)
@pytest.mark.parametrize("form", ["newest {} 4096 3 /srv/b/mdb-x.dump", "says {} 4096"])
def test_a_copy_of_the_future_is_not_fresh(form: str, written: int, age: float | None) -> None:
    output = f"at mdb\n{form.format(written)}\nnow {NOW}\nend\n".encode()
    [found] = Backups().parse(Answer("backups", 0, output, False, 0, 0))
    assert isinstance(found, Reading)
    assert found.attributes["bytes"] == 4096
    if age is None:
        assert isnan(found.value)
        ahead = f"{written - NOW:,} s in the future"
        assert found.attributes["gap"] == f"the newest copy is of {ahead}, by the host's clock"
    else:
        assert (found.value, "gap" in found.attributes) == (age, False)


def test_a_directory_has_an_age_and_no_size() -> None:
    assert "bytes" not in said()["tree"].attributes
    assert said()["tree"].value == 2.0


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for told in every_prefix("backups", "mixed"):
        assert any(isinstance(each, Gap) for each in told)
