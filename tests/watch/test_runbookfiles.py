"""Where runbooks are looked for, which is taken, and whose files are trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbooks.reading.file import RunbookError
from watch.error import SourceError
from watch.runbookfiles import files_beside, find, linted, load, places, shelf, shipped

TEXT = """\
runbook: {name}
title: {title}
version: 1
hosts: {{web: {{group: web}}}}
steps:
  - check: It answers
    hosts: web
    sh: "true"
"""


def write(path: Path, name: str, title: str = "A title", mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TEXT.format(name=name, title=title))
    path.chmod(mode)
    return path


def test_places_come_in_the_order_of_who_is_nearer(tmp_path: Path) -> None:
    environ = {"TWINWATCH_RUNBOOKS": "/named", "XDG_CONFIG_HOME": "/config"}
    assert places(environ, tmp_path / "estate.yaml") == (
        Path("/named"),
        tmp_path / "runbooks",
        Path("/config/twinwatch/runbooks"),
        Path("/etc/twinwatch/runbooks"),
        shipped(),
    )
    assert places({"HOME": "/h"}, None)[0] == Path("/h/.config/twinwatch/runbooks")


def test_the_nearer_one_is_taken_and_the_other_shown(tmp_path: Path) -> None:
    near = write(tmp_path / "near" / "a.yaml", "one", "Near")
    far = write(tmp_path / "far" / "b.yaml", "one", "Far")
    where = (tmp_path / "near", tmp_path / "far", tmp_path / "not there")
    assert [(each.path, each.hidden_by) for each in shelf(where)] == [(near, None), (far, near)]
    assert find("one", where).title == "Near"
    assert find(str(far), where).title == "Far"


def test_a_wrong_one_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path / "good.yaml", "good")
    (tmp_path / "bad.yaml").write_text("runbook: bad\n")
    (tmp_path / "bad.yaml").chmod(0o600)
    bad, good = shelf((tmp_path,))
    assert (bad.name, isinstance(bad.problem, RunbookError)) == ("bad", True)
    assert (good.name, good.problem) == ("good", None)
    with pytest.raises(RunbookError):
        find("bad", (tmp_path,))


def test_what_others_could_have_changed_is_not_run_but_linted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.yaml", "one", mode=0o622)
    with pytest.raises(SourceError) as raised:
        load(path)
    assert str(raised.value) == (
        f"the file is refused — {path} — others could have changed it — chmod go-w {path}"
    )
    assert linted(path)[0].name == "one"


def test_a_name_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "mail-failover")
    with pytest.raises(SourceError) as raised:
        find("mail-failovr", (tmp_path,))
    assert str(raised.value) == (
        "no such runbook — mail-failovr — there are mail-failover — did you mean mail-failover?"
    )
    with pytest.raises(SourceError, match="there are none — see twinwatch runbook list"):
        find("mail", (tmp_path / "empty",))


def test_files_beside_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        TEXT.format(name="one", title="t")
        + "  - copy: A page\n    hosts: web\n    to: /srv/a\n    from: files/a.bin\n"
        + "  - copy: Another\n    hosts: web\n    to: /srv/b\n    from: files/b.bin\n"
    )
    path.chmod(0o600)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.bin").write_bytes(b"\x00\xff")
    (tmp_path / "files" / "a.bin").chmod(0o600)
    assert files_beside(load(path)) == {"files/a.bin": b"\x00\xff"}
    (tmp_path / "files" / "b.bin").write_bytes(b"b")
    (tmp_path / "files" / "b.bin").chmod(0o666)
    with pytest.raises(SourceError, match="others could have changed it"):
        files_beside(load(path))


def test_lint_looks_for_what_belongs_beside_a_runbook(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        TEXT.format(name="one", title="t")
        + "  - copy: A page\n    hosts: web\n    to: /srv/a\n    from: files/a.bin\n    undo: none\n"
        + "  - playbook: A play\n    hosts: web\n    file: site.yml\n    timeout: 1m\n    undo: none\n    done_when: ls\n"
        + "way_back: home\n"
    )
    with pytest.raises(RunbookError) as raised:
        linted(path)
    assert [(each.line, each.what) for each in raised.value.problems] == [
        (9, "'files/a.bin' is not beside the runbook"),
        (14, "'site.yml' is not beside the runbook"),
    ]
    (tmp_path / "files").mkdir()
    for name in ("files/a.bin", "site.yml"):
        (tmp_path / name).write_text("x")
    (remark,) = linted(path)[1]
    assert str(remark) == "20: way_back: no home is beside it, or among those that ship"
    write(tmp_path / "b.yaml", "home")
    assert linted(path)[1] == ()


def test_every_runbook_that_ships_has_no_problem() -> None:
    for path in sorted(shipped().glob("*.yaml")):
        assert linted(path)[0].name == path.stem


def test_what_ships_is_trusted_as_our_programs_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.yaml", "one", mode=0o666)
    with pytest.raises(SourceError, match="others could have changed it"):
        load(path)
    monkeypatch.setattr("watch.runbookfiles.shipped", lambda: tmp_path)
    assert load(path).name == "one"
