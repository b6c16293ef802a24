"""`twinwatch run`, `runs` and `runbook plan` against a real watch over real SSH servers."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.watch.conftest import place as place
from tests.watch.conftest import until
from tests.watch.runs.conftest import Estate
from tests.watch.runs.conftest import client as client
from tests.watch.runs.conftest import endpoints as endpoints
from tests.watch.runs.conftest import estate as estate
from watch.client import Client
from watch.clock import now_ms

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

pytestmark = pytest.mark.sshd

TALKS = """\
runbook: talks
title: Say what it was told
version: 1
drill: Nothing is different.
ask:
  words: {type: line, say: What to say}
  pin: {type: secret, say: The pin}
hosts: {one: {host: h0}}
before:
  - check: It is there
    hosts: one
    sh: test -d /
steps:
  - do: Say it
    id: said
    hosts: one
    secrets: pin
    repeat: safe
    sh: |
      echo "told: $OPS_WORDS$OPS_DRILL"
      printf 'the pin is %s\\n' "$OPS_PIN"
      printf '\\033[31mred\\n'
"""
FAILS = """\
runbook: fails
title: Fail
version: 1
hosts: {one: {host: h0}}
steps:
  - check: It holds
    id: held
    hosts: one
    sh: echo no; exit 3
"""


def test_a_run_is_followed_to_its_end(run: Run, client: Client, estate: Estate) -> None:
    said = run("--socket", client.socket, "run", "count", "--reason", "a test")
    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert lines[0].endswith("planned count: a test")
    assert any(line.endswith("counted on h1: ok") for line in lines)
    assert lines[-1].startswith("r-") and lines[-1].endswith(" succeeded")
    assert [estate.count(host) for host in ("h0", "h1")] == [1, 1]
    listed = run("--socket", client.socket, "runs").stdout.splitlines()
    assert listed[0].split() == ["RUN", "STATE", "RUNBOOK", "BEGUN", "BY", "TOOK", "WHAT"]
    assert listed[1].split()[1:3] == ["succeeded", "count"]


def test_a_run_is_shown_as_it_was(run: Run, client: Client) -> None:
    asked = run("--socket", client.socket, "run", "gated")
    name = asked.stdout.splitlines()[-1].split()[3]
    waiting_at = now_ms()
    run("--socket", client.socket, "runs", "decide", name, "asked", "approve")
    until(lambda: client.get(f"/v1/runs/{name}")["row"]["state"] == "succeeded")
    moment = datetime.fromtimestamp(waiting_at / 1000, UTC).isoformat(timespec="milliseconds")

    def then(*words: str) -> subprocess.CompletedProcess[str]:
        return run("--socket", client.socket, "--at", moment, "runs", *words)

    first, _, row = then().stdout.splitlines()
    assert first.startswith("As of ")
    assert first.endswith(" by what the journals of runs said then.")
    assert row.split()[:3] == [name, "waiting", "gated"]
    assert "asked about asked: May it be counted?" in then("show", name).stdout
    for words, why in (
        (("show", name, "--follow"), "what is past does not go on"),
        (("decide", name, "asked", "approve"), "what is past can't be changed"),
        (("output", name, "counted"), "nothing of it ran there"),
    ):
        refused = then(*words)
        assert refused.returncode != 0 and why in refused.stderr


def test_the_library_of_a_watch_that_is_named_is_listed(run: Run, client: Client) -> None:
    rows = json.loads(run("--socket", client.socket, "runbook", "list", "--json").stdout)
    assert {each["name"] for each in rows} >= {"count", "gated"}
    gated = next(each for each in rows if each["name"] == "gated")
    assert (gated["steps"], gated["problem"], gated["hidden_by"]) == (2, "", "")
    listed = run("--socket", client.socket, "runbook", "list").stdout.splitlines()
    (line,) = [line.split() for line in listed if line.startswith("gated ")]
    assert line[:2] == ["gated", "2"]


def test_a_run_that_fails_is_status_1(run: Run, client: Client, estate: Estate) -> None:
    estate.runbook(FAILS)
    said = run("--socket", client.socket, "run", "fails")
    assert said.returncode == 1
    *_, turned, ended, last = said.stdout.splitlines()
    assert turned.endswith("  after held: it stops")
    assert ended.count("held on h0") == 1
    assert " ended: failed: " in ended
    assert last.endswith(" failed")
    name = last.split()[0]
    said = run("--socket", client.socket, "runs", "output", name, "held")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr == (
        "twinwatch: no output — held — a check keeps no output"
        f" — see what it found: twinwatch runs show {name}\n"
    )


def test_a_line_is_printed_whole_however_long_it_is(
    run: Run, client: Client, estate: Estate
) -> None:
    """It comes in pieces, and none of them is a line of its own."""
    many = 1_200_000
    estate.runbook(
        TALKS.partition("ask:")[0].replace("talks", "long") + "hosts: {one: {host: h0}}\nsteps:\n"
        "  - do: Say much\n    id: said\n    hosts: one\n    repeat: safe\n    sh: |\n"
        f"      head -c {many} /dev/zero | tr '\\0' x; echo; printf 'a\\001b\\n\\nend'\n"
    )
    begun = run("--socket", client.socket, "run", "long", "--reason", "a test")
    assert begun.returncode == 0, begun.stdout + begun.stderr
    name = begun.stdout.splitlines()[-1].split()[0]
    first, *more = run("--socket", client.socket, "runs", "output", name, "said").stdout.split("\n")
    assert (len(first), set(first)) == (many, {"x"})
    assert more == ["a\\x01b", "", "end", ""]


def test_a_run_that_asks_is_status_4_and_is_answered(
    run: Run, client: Client, estate: Estate
) -> None:
    asked = run("--socket", client.socket, "run", "gated")
    assert asked.returncode == 4
    question, how = asked.stdout.splitlines()[-2:]
    name = question.split()[0]
    assert question == f"{name} asks about asked: May it be counted?"
    assert how == f"  twinwatch runs decide {name} asked approve|refuse --reason …"
    shown = run("--socket", client.socket, "runs", "show", name)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "asked about asked: May it be counted? (approve, refuse)" in shown.stdout
    refused = run("--socket", client.socket, "runs", "decide", name, "asked", "settle")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"twinwatch: the decision is refused — {name} — ")
    decided = run("--socket", client.socket, "runs", "decide", name, "asked", "approve")
    assert (decided.returncode, decided.stderr) == (0, "")
    followed = run("--socket", client.socket, "runs", "show", name, "--follow", "--json")
    assert followed.returncode == 0
    assert json.loads(followed.stdout)["row"]["state"] == "succeeded"


def test_what_is_mistyped_is_status_2_and_its_remedy_is_for_people(
    run: Run, client: Client, estate: Estate
) -> None:
    said = run("--socket", client.socket, "run", "cuont")
    assert said.returncode == 2
    assert said.stderr.startswith("twinwatch: no such runbook — cuont — there are ")
    assert said.stderr.endswith(" — did you mean count?\n")
    estate.runbook("runbook: broken\ntitle: It lacks its steps\nversion: 1\n")
    path = estate.source.path.parent / "runbooks" / "broken.yaml"
    said = run("--socket", client.socket, "run", "broken")
    assert said.returncode == 2
    assert said.stderr.startswith(f"twinwatch: the runbook is refused — broken — {path}:1: ")
    assert said.stderr.endswith(f" — twinwatch runbook lint {path}\n")
    name = json.loads(run("--socket", client.socket, "run", "gated", "--detach", "--json").stdout)
    said = run("--socket", client.socket, "runs", "decide", name["id"], "asked", "frob")
    assert said.returncode == 2
    assert said.stderr == (
        "twinwatch: the request is refused — decision — 'frob' is none of approve, refuse, waive,"
        " settle, retry, roll-back — say one of these\n"
    )
    said = run(
        *("--socket", client.socket, "runs", "decide", name["id"], "asked", "settle"),
        *("--outcome", "banana"),
    )
    assert said.returncode == 2
    assert said.stderr == (
        "twinwatch: the request is refused — --outcome — 'banana' is neither ok nor failed"
        " — say one of these\n"
    )


def test_a_detached_run_is_paused_resumed_and_aborted(
    run: Run, client: Client, estate: Estate
) -> None:
    row = json.loads(run("--socket", client.socket, "run", "gated", "--detach", "--json").stdout)
    verbs = (("pause", "paused"), ("resume", "waiting"))
    for verb, state in verbs:
        said = run("--socket", client.socket, "runs", verb, row["id"], "--reason", "a test")
        assert (said.stdout, said.stderr) == (f"{row['id']} {state}\n", "")
    ended = run(
        "--socket", client.socket, "runs", "abort", row["id"], "--reason", "enough", "--now"
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    until(lambda: client.get(f"/v1/runs/{row['id']}")["row"]["state"] == "aborted")
    assert run("--socket", client.socket, "runs", "show", row["id"], "--follow").returncode == 1


def test_a_secret_is_not_given_again_on_the_command_line(
    run: Run, client: Client, estate: Estate, tmp_path: Path
) -> None:
    estate.runbook(TALKS)
    file = tmp_path / "secrets"
    file.write_text("pin=hush-hush\n")
    file.chmod(0o600)
    told = ("--set", "words=x", "--secrets", file, "--drill", "--detach", "--json")
    name = json.loads(run("--socket", client.socket, "run", "talks", *told).stdout)["id"]
    said = run("--socket", client.socket, "runs", "resume", name, "--set", "pin=hush-hush")
    assert said.returncode == 2
    assert said.stderr.startswith("twinwatch: a secret on the command line — pin — ")


def test_another_run_has_the_inputs_of_the_first_and_leaves_out_what_is_done(
    run: Run, client: Client, estate: Estate, tmp_path: Path
) -> None:
    file = tmp_path / "secrets"
    file.write_text("pin=hush-hush\n")
    file.chmod(0o600)
    estate.runbook(TALKS)
    told = ("--set", "words=a = b, it's", "--secrets", file, "--drill", "--json")
    first = run("--socket", client.socket, "run", "talks", *told)
    name = json.loads(first.stdout)["row"]["id"]
    refused = run("--socket", client.socket, "runs", "again", name)
    assert refused.returncode == 1 and "pin" in refused.stderr
    waived = run("--socket", client.socket, "runs", "again", name, "--secrets", file, "--waive")
    assert "no reason is given" in waived.stderr
    said = run("--socket", client.socket, "runs", "again", name, "--secrets", file, "--json")
    view = json.loads(said.stdout)
    assert (view["inputs"], view["row"]["drill"]) == ({"words": "a = b, it's"}, True)
    assert view["reason"] == f"what {name} left"

    counted = run("--socket", client.socket, "run", "count", "--json")
    name = json.loads(counted.stdout)["row"]["id"]
    again = run("--socket", client.socket, "runs", "again", name, "--json")
    tasks = [task for step in json.loads(again.stdout)["steps"] for task in step["tasks"]]
    assert [task["outcome"] for task in tasks] == ["already-done", "already-done"]
    assert [estate.count(host) for host in ("h0", "h1")] == [1, 1]


def test_a_secret_is_never_on_the_line_and_never_in_the_output(
    run: Run, client: Client, estate: Estate, tmp_path: Path
) -> None:
    estate.runbook(TALKS)
    told = ("--set", "words=it's $(me) ")
    refused = run("--socket", client.socket, "run", "talks", *told, "--set", "pin=hush-hush")
    assert refused.returncode == 2
    assert refused.stderr == (
        "twinwatch: a secret on the command line — pin — everybody on this machine can read the"
        " command line — leave it out: it is asked for; or write it into a file: --secrets FILE\n"
    )
    file = tmp_path / "secrets"
    file.write_text("pin=hush-hush\n")
    file.chmod(0o600)
    said = run("--socket", client.socket, "run", "talks", *told, "--secrets", file, "--drill")
    assert (said.returncode, said.stderr) == (0, "")
    name = said.stdout.splitlines()[-1].split()[0]
    printed = run("--socket", client.socket, "runs", "output", name, "said")
    assert printed.stdout == "told: it's $(me) 1\nthe pin is [redacted]\n\\x1b[31mred\n"
    for kept in estate.source.path.parent.rglob("*"):
        if kept.is_file() and kept != file:
            assert b"hush-hush" not in kept.read_bytes(), kept


def test_a_plan_says_what_would_be_done_and_every_reason_not_to(
    run: Run, client: Client, estate: Estate
) -> None:
    estate.runbook(TALKS)
    asked = ("--socket", client.socket, "runbook", "plan")
    good = run(*asked, "count")
    assert (good.returncode, good.stderr) == (0, "")
    assert "  on h0, h1" in good.stdout.splitlines()
    assert "  h0: to do" in good.stdout.splitlines()
    assert good.stdout.splitlines()[-1] == "nothing stands against it"
    assert estate.count("h0") == 0
    bad = run(*asked, "talks")
    assert bad.returncode == 1
    assert bad.stdout.splitlines()[-2:] == [
        "not now: words is not given: What to say — add --set words=…",
        "not now: pin is not given: The pin — add --secrets FILE, in it pin=…",
    ]
    as_json = json.loads(run(*asked, "talks", "--set", "words=x", "--json").stdout)
    assert [each["rule"] for each in as_json["reasons"]] == ["input"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("run", "nothing"), 2, "twinwatch: no such runbook — nothing — "),
        (("runbook", "plan", "nothing"), 2, "twinwatch: no such runbook — nothing — "),
        (("run", "count", "--set", "x"), 2, "twinwatch: the input is refused — x — it has no name or no = — write --set NAME=VALUE"),
        (("run", "count", "--set", "x=1", "--set", "x=2"), 2, "twinwatch: the input is refused — x — it is given twice — keep one"),
        (("run", "count", "--secrets", "/nowhere"), 2, "twinwatch: no secrets can be read — /nowhere — No such file or directory — check the path"),
        (("run", "count", "--drill"), 1, "twinwatch: the run is refused — count — count has no drill: it would be done for real — add drill: "),
        (("runs", "show", "r-20260101-0000-0000"), 2, "twinwatch: no such run — "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    run: Run, client: Client, arguments: tuple[str, ...], status: int, said: str
) -> None:
    ended = run("--socket", client.socket, *arguments)
    assert ended.stdout == ""
    assert ended.stderr.startswith(said)
    assert ended.returncode == status


def test_an_answer_to_several_hosts_names_one_or_means_all(
    run: Run, client: Client, estate: Estate
) -> None:
    both = FAILS.replace("fails", "both").replace("{host: h0}", "{group: g}")
    estate.runbook(both.rstrip("\n") + "\n    if_fails: ask\n")
    begun = run("--socket", client.socket, "run", "both")
    assert begun.returncode == 4, begun.stderr
    name = json.loads(run("--socket", client.socket, "runs", "--json").stdout)[0]["id"]
    given = ("--socket", client.socket, "runs", "decide", name, "held", "waive", "--reason", "seen")
    refused = run(*given)
    assert (refused.returncode, refused.stdout) == (1, "")
    why = "held is asked on 2 hosts: name one of h0, h1, or all of them"
    assert why in refused.stderr
    twice = run(*given, "--host", "h0", "--all")
    assert twice.returncode == 2 and "--host h0 --all" in twice.stderr
    assert run(*given, "--all").returncode == 0
    followed = run("--socket", client.socket, "runs", "show", name, "--follow").stdout
    assert followed.splitlines()[-1] == f"{name} succeeded, 1 waived"  # one step of it


def test_what_was_waived_is_said_wherever_the_run_is(
    run: Run, client: Client, estate: Estate
) -> None:
    asks = FAILS.replace("fails", "proves").rstrip("\n") + "\n    if_fails: ask\n"
    estate.runbook(asks)
    begun = run("--socket", client.socket, "run", "proves")
    assert begun.returncode == 4, begun.stderr
    name = begun.stdout.split(" asks about ")[0].splitlines()[-1]
    given = ("decide", name, "held", "waive", "--host", "h0", "--reason", "seen by eye")
    assert run("--socket", client.socket, "runs", *given).returncode == 0
    followed = run("--socket", client.socket, "runs", "show", name, "--follow").stdout
    assert followed.splitlines()[-1] == f"{name} succeeded, 1 waived"
    shown = run("--socket", client.socket, "runs", "show", name).stdout.splitlines()
    said = f"{name}  succeeded, 1 waived; its proof was waived: it measured nothing"
    assert shown[0].split(maxsplit=1)[1] == said
    assert any(line.split()[:2] == ["held", "waived"] for line in shown)
    listed = run("--socket", client.socket, "runs").stdout.splitlines()
    assert "succeeded, 1 waived" in listed[1]
    row = json.loads(run("--socket", client.socket, "runs", "--json").stdout)[0]
    assert (row.get("steps_done", 0), row["waived"], row["unproven"]) == (0, 1, True)
