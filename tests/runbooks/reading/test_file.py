"""The runbook file: what it becomes, and every bad one under `bad/` with what is said of it.

A line that is wrong is marked ✗ in the file; the whole messages stand in the file beside it.
UPDATE_GOLDENS=1 writes them anew; look at what changed before you commit it.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.reading.file import RunbookError, read_runbook
from runbooks.reading.lint import remarks
from runbooks.runbook import (
    STOP,
    Act,
    Amount,
    Budget,
    Cert,
    Check,
    Clock,
    Copy,
    Do,
    Gate,
    Input,
    InputType,
    OnFailure,
    Only,
    Playbook,
    Probe,
    Reboot,
    Rolling,
    Runbook,
    Selector,
    Sh,
    Tls,
    Until,
    WhenShell,
    WhenStep,
    Window,
)

HERE = Path(__file__).parents[1]
BAD = sorted((HERE / "bad").glob("*.yaml"))
GOOD = sorted((HERE / "good").glob("*.yaml"))
#: What is wrong with these stands on a line that can't be marked, or on none.
UNMARKED = {"empty": {1}}


def read(name: str) -> Runbook:
    return read_runbook((HERE / "good" / f"{name}.yaml").read_text(), f"{name}.yaml")


# ── what is wrong with it ──


def test_there_are_enough_bad_runbooks() -> None:
    assert len(BAD) >= 30


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_runbook_is_refused_with_every_line_and_the_whole_message(path: Path) -> None:
    text = path.read_text()
    with pytest.raises(RunbookError) as raised:
        read_runbook(text, path.name)
    said = f"{raised.value}\n"
    golden = path.with_suffix(".txt")
    if os.environ.get("UPDATE_GOLDENS") == "1":
        golden.write_text(said)
    assert said == golden.read_text(), "UPDATE_GOLDENS=1 writes it anew"
    marked = {number for number, line in enumerate(text.split("\n"), 1) if "✗" in line}
    assert {each.line for each in raised.value.problems} == UNMARKED.get(path.stem, marked)


@given(st.text(max_size=200))
def test_any_text_is_a_runbook_or_is_refused(text: str) -> None:
    try:
        read_runbook(text, "x.yaml")
    except RunbookError as error:
        assert error.problems


@given(st.data())
def test_a_runbook_with_a_line_lost_or_doubled_is_one_or_is_refused(data: st.DataObject) -> None:
    lines = (HERE / "good" / "everything.yaml").read_text().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    times = data.draw(st.sampled_from((0, 2)))
    try:
        read_runbook("\n".join(lines[:at] + lines[at : at + 1] * times + lines[at + 1 :]), "x.yaml")
    except RunbookError as error:
        assert error.problems


# ── what it becomes ──


def test_words_of_other_yamls_stay_words() -> None:
    runbook = read_runbook(
        """
runbook: on
title: off
version: 10
window: {from: 22:00, to: 04:00}
ask: {answer: {type: choice, of: [yes, no, on, off, 010, 22:00], say: y, default: no}}
hosts: {h: {host: 010}}
steps:
  - check: yes
    hosts: h
    sh: no
""",
        "x.yaml",
    )
    step = runbook.steps[0]
    assert isinstance(step, Check)
    assert (runbook.name, runbook.title, step.say, step.ask) == ("on", "off", "yes", Sh("no"))
    assert runbook.window == Window(tuple(range(7)), 22 * 60, 4 * 60)
    assert runbook.ask["answer"].of == ("yes", "no", "on", "off", "010", "22:00")
    assert runbook.ask["answer"].default == "no"
    assert runbook.hosts["h"].hosts == ("010",)


def test_the_failover_reads_as_its_author_meant_it() -> None:
    runbook = read("mail-failover")
    assert runbook.clock == Clock(600_000, "declared", "clients-verified")
    assert runbook.sensitive
    declared, fenced, by_hand, promoted, verified = runbook.steps
    assert declared == Gate(
        id="declared", say='Declare the failover. Clients are down until "clients-verified".',
        approvals=1, wait_ms=180_000,
    )  # fmt: skip
    assert isinstance(fenced, Do)
    assert fenced.if_fails == fenced.if_unreachable == OnFailure(Act.JUMP, "fence-by-hand")
    assert (fenced.as_user, fenced.undo) == ("root", "systemctl unmask postgresql")
    assert by_hand.only is Only.BY_JUMP
    assert isinstance(promoted, Do)
    assert promoted.needs == (("fenced", "fence-by-hand"),)
    assert promoted.irreversible
    assert promoted.takes_ms == 40_000
    assert isinstance(verified, Check)
    assert (verified.ask, verified.until) == (Probe("mail-roundtrip"), Until(24, 5_000))
    assert verified.at_console
    assert [str(each) for each in remarks(runbook)] == [
        "39: no bound to fenced fails → fence-by-hand: it waits for people",
        "52: no bound to fenced → promoted → clients-verified fails: a person decides",
    ]


def test_a_drill_in_which_nothing_is_different_is_remarked_on() -> None:
    text = """
runbook: x
title: x
version: 1
drill: As it is.
hosts: {h: {group: g}}
steps:
  - do: Do it
    id: done
    hosts: h
    sh: do-it
    done_when: is-done
"""
    said = [str(each) for each in remarks(read_runbook(text, "x.yaml"))]
    assert said == ["8: done is done in a drill as it is for real"]
    for apart in ("    only: real", '    undo: echo "$OPS_DRILL"'):
        assert remarks(read_runbook(f"{text}{apart}\n", "x.yaml")) == ()


def test_everything_a_runbook_can_say() -> None:
    runbook = read("everything")
    by_hand = OnFailure(Act.JUMP, "by-hand")
    assert runbook == Runbook(
        name="everything", title="Everything a runbook can say", version=3, sensitive=True,
        run_by=("inhouse-oncall",), approve_by=("duty-manager",),
        locks=("service/mail", "site/central"), clock=Clock(10_800_000, "declared", "seen"),
        window=Window((5, 6), 1320, 240),
        budget=Budget("mail", 30_000, 600_000, Fraction(1, 4)),
        drill="Mail is sent to a test address only.", way_back="everything-back",
        ask={
            "incident": Input("incident", InputType.ID, "Incident number"),
            "words": Input("words", InputType.LINE, "What to tell the users", "-no"),
            "note": Input("note", InputType.TEXT, "A longer note", "none"),
            "count": Input("count", InputType.NUMBER, "How many", "3", least=0, most=9),
            "loss": Input("loss", InputType.CHOICE, "What may be lost", "none", ("none", "up-to-5s")),
            "spare": Input("spare", InputType.HOST, "The spare host"),
            "there": Input("there", InputType.SITE, "Which site"),
            "page": Input("page", InputType.PATH, "Where the page goes", "/srv/index.html"),
            "pin": Input("pin", InputType.SECRET, "The pin of the store"),
        },
        hosts={
            "old": Selector("old", ("mail-db",), "primary"),
            "new": Selector("new", ("mail-db", "spare-db"), "$there", but=("old",), exactly=1),
            "web": Selector("web", hosts=("web1", "web2", "$spare"), rack="A1", at_least=1, at_most=9),
        },
        before=(
            Check(id="ready", say="The standby answers", hosts=("new",), ask=Sh("pg_isready"),
                  timeout_ms=30_000, if_fails=OnFailure(Act.ASK), if_unreachable=OnFailure(Act.ASK)),
        ),
        steps=(
            Gate(id="declared", say="Declare it", approvals=2, wait_ms=180_000, if_late=by_hand,
                 only=Only.REAL),
            Do(id="opened", say="Open the store", hosts=("old", "new"), needs=(("declared",),),
               when=WhenStep("declared", "ok"), as_user="root", secrets=("pin",),
               sh='printf %s "$OPS_PIN" |\n  unlock --stdin -- "$OPS_INCIDENT"',
               done_when="test -e /run/open", repeatable=True, until=Until(3, 10_000), undo="lock",
               timeout_ms=20_000, takes_ms=4_000, if_fails=OnFailure(Act.CONTINUE),
               if_unreachable=by_hand),
            Copy(id="step-4", say="Put the page there", hosts=("web",), to="$page", text="hello\n",
                 mode=0o640, owner="www:www", irreversible=True, timeout_ms=60_000),
            Copy(id="step-5", say="Put a release there", hosts=("web",), timeout_ms=60_000,
                 to="/srv/releases/7/page.html", source="files/page.html", link="/srv/current",
                 undo="ln -sfn /srv/releases/6 /srv/current", when=WhenShell("test -d /srv")),
            Gate(id="by-hand", say="Do it by hand", only=Only.BY_JUMP, wait_ms=600_000),
            Reboot(id="step-7", say="Restart them", hosts=("web",), timeout_ms=300_000,
                   done_when="systemctl is-system-running -q"),
            Playbook(id="step-8", say="Configure them", hosts=("web",), file="site.yml",
                     tags=("mail",), extra={"count": "$count", "mode": "fast"},
                     done_when="test -e /etc/configured", timeout_ms=1_800_000, only=Only.DRILL),
            Rolling(id="patched", say="Patch them", hosts=("web",), canary=1,
                    batch=Amount(share=Fraction(1, 4)), soak_ms=30_000,
                    never_together=("pair", "rack"), keep_healthy=Amount(share=Fraction(1, 2)),
                    stop_after=2, pause_when=("severity:critical site:central",),
                    takes_ms=1_200_000,
                    each=(
                        Check(id="step-10", say="The certificate is good", timeout_ms=30_000,
                              ask=Cert("/etc/ssl/a.pem", "/etc/ssl/a.key", "/etc/ssl/ca.pem",
                                       ("a.example",), 20)),
                        Do(id="drained", say="Drain it", hosts=("new",), sh='drain "$OPS_HOST"',
                           done_when='drained "$OPS_HOST"', timeout_ms=60_000,
                           if_fails=OnFailure(Act.ASK)),
                    ),
                    then_always=(
                        Do(id="step-12", say="Undrain it", hosts=("new",), sh='undrain "$OPS_HOST"',
                           repeatable=True, timeout_ms=60_000),
                    )),
            Check(id="step-13", say="It is served", timeout_ms=30_000, at_console=True,
                  ask=Tls("mail.example:25", ("mail.example",), 5, "0A1f", "smtp")),
            Check(id="seen", say="It is seen", needs=(("opened", "by-hand"), ("patched",)),
                  ask=Probe("mail-roundtrip"), at_console=True, until=Until(24, 5_000),
                  timeout_ms=5_000, if_fails=OnFailure(Act.ASK)),
        ),
    )  # fmt: skip
    assert runbook.steps[0].if_fails == STOP


def test_the_text_is_kept_as_it_was_written() -> None:
    text = (HERE / "good" / "everything.yaml").read_text()
    assert read("everything").text == text
    assert [each.line for each in read("everything").steps][:2] == [35, 42]
