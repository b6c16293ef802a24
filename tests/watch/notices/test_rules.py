"""The file of targets and rules: strict, and no error ever shows an address."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from estate.document import Problem, Severity
from watch.error import SourceError
from watch.notices.file import load, place
from watch.notices.rules import Flapping, RulesError, first_taking, read_rules

GOOD = """\
targets:
  on-call: {url: "json://me:hunter2222@127.0.0.1/T0KENTOKEN"}
  mail:
    url: ["mailto://a:b@mx.example.org", "json://127.0.0.1"]
rules:
  - {to: on-call, severity: critical, hold: 30s, remind: 30m}
  - {to: [mail, on-call], severity: warning, where: "site:central", recovered: false}
flapping: {rises: 3, within: 10m}
"""


def test_what_the_file_says() -> None:
    rules = read_rules(GOOD, "notify.yaml")
    assert list(rules.targets) == ["on-call", "mail"]
    assert len(rules.targets["mail"].urls) == 2
    first, second = rules.rules
    assert (first.to, first.severity, first.hold_ms, first.remind_ms) == (
        ("on-call",), Severity.CRITICAL, 30_000, 1_800_000,
    )  # fmt: skip
    assert (second.to, second.recovered, second.hold_ms) == (("mail", "on-call"), False, 60_000)
    assert rules.flapping == Flapping(3, 600_000)
    assert "hunter2222" not in repr(rules), "an address is a secret"


def test_every_problem_at_once_and_no_address_in_any() -> None:
    text = GOOD.replace('"json://me:hunter2222@127.0.0.1/T0KENTOKEN"', "hunter2222")
    text = text.replace("severity: critical", "severity: awful").replace("to: [mail,", "to: [male,")
    with pytest.raises(RulesError) as caught:
        read_rules(text, "notify.yaml")
    said = str(caught.value)
    assert "hunter2222" not in said
    assert [line.split(" — ")[0] for line in said.splitlines()] == [
        "notify.yaml:2: this is no address of a target (it is not shown: it may hold a password)",
        "notify.yaml:6: 'awful' is none of the choices",
        "notify.yaml:7: no target 'male'",
    ]


@pytest.mark.parametrize("text", ["", "[]", "targets: 5", "rules: []"])
def test_what_is_no_file_of_rules_is_refused(text: str) -> None:
    with pytest.raises(RulesError):
        read_rules(text, "notify.yaml")


def problem(**more: object) -> Problem:
    plain = Problem("a/disk", "a", "full", "", Severity.WARNING, 0, site="central", hosts=("a",))
    from dataclasses import replace

    return replace(plain, **more)  # type: ignore[arg-type]


def test_the_first_rule_that_takes_a_problem_decides() -> None:
    rules = read_rules(GOOD, "notify.yaml").rules
    assert first_taking(rules, "on-call", problem(), 0) is rules[1]
    assert first_taking(rules, "on-call", problem(severity=Severity.CRITICAL), 0) is rules[0]
    assert first_taking(rules, "mail", problem(site="recovery"), 0) is None
    assert first_taking(rules, "mail", problem(severity=Severity.UNKNOWN), 0) is None
    assert first_taking(rules, "mail", problem(parent="site/central"), 0) is None, "its cause tells"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notify.yaml"
    path.write_text(GOOD)
    path.chmod(0o640)
    with pytest.raises(SourceError) as caught:
        load(path)
    assert str(caught.value) == (
        f"the file is refused — {path} — it holds secrets, and others may read it"
        f" — chmod 600 {path}"
    )
    path.chmod(0o600)
    assert list(load(path).targets) == ["on-call", "mail"]


def test_a_named_pipe_is_refused_and_holds_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "notify.yaml"
    os.mkfifo(path, 0o600)
    with pytest.raises(SourceError, match="it is no file"):
        load(path)


def test_a_file_in_a_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    path = tmp_path / "ops" / "notify.yaml"
    path.parent.mkdir()
    path.write_text(GOOD)
    path.chmod(0o600)
    with pytest.raises(SourceError, match="is a repository"):
        load(path)


def test_where_the_file_is_looked_for(tmp_path: Path) -> None:
    own = tmp_path / "twinwatch" / "notify.yaml"
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    own.parent.mkdir()
    own.write_text(GOOD)
    assert place(environ) == own
    assert place({**environ, "TWINWATCH_NOTIFY": "/elsewhere"}) == Path("/elsewhere")
    assert place({**environ, "TWINWATCH_NOTIFY": ""}) is None
    assert place({**environ, "TWINWATCH_DEMO": "/x"}) is None, "what a demo plays wakes nobody"
