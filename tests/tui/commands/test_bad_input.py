"""Bad input to every verb: one whole message, exit code 2, and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.commands.verbs import VERBS

if TYPE_CHECKING:
    from tests.tui.commands.conftest import Run

BAD_FILTER = (
    "twinwatch: the filter is refused — filter 'cup>80', column 1 — no field 'cup' — "
    "did you mean 'cpu'? quote it to find it as text"
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("statsu", f"no such verb — statsu — there are {', '.join(VERBS)} — did you mean status?"),
        ("--sockt x", "no such option: --sockt (Possible options: --socket) — twinwatch — see twinwatch --help"),
        ("status --jsn", "no such option: --jsn (Possible options: --json) — twinwatch status — see twinwatch status --help"),
        ("status extra", "got unexpected extra argument(s) (extra) — twinwatch status — see twinwatch status --help"),
        ("history", "missing argument 'HOST' — twinwatch history — see twinwatch history --help"),
        ("history h cpuu", "no such metric — cpuu — it is not among those sampled — did you mean cpu?"),
        ("history h cpu --span soon", "the duration is refused — --span — 'soon' is no duration — write a number and ms, s, m, h or d: 90s"),
        ("history h cpu --span 0s", "the duration is refused — --span — it lasts no time — write one such as 1h"),
        ("events --since 5", "the duration is refused — --since — '5' is no duration — write a number and ms, s, m, h or d: 90s"),
        ("hosts a --where cpu>8", "two choices at once — a and --where cpu>8 — a host that is named needs no filter — drop one"),
        ("hosts ../status", "no such host — ../status — no name holds a / — twinwatch hosts lists them"),
        ("runs show ../status", "no such run — '../status' — an id is letters, digits and dashes — twinwatch runs lists them"),
        ("runs output r/../x step host", "no such run — 'r/../x' — an id is letters, digits and dashes — twinwatch runs lists them"),
        ("watch --stop --foreground", "two orders at once — --foreground and --stop — a watch can't do both — give one of them"),
        ("--estate nope.yaml status", "no estate file — HOME/nope.yaml — there is no such file — check the path"),
        ("--estate nope.yaml watch", "no estate file — HOME/nope.yaml — there is no such file — check the path"),
        ("--estate nope.yaml", "no estate file — HOME/nope.yaml — there is no such file — check the path"),
        ("--estate= status", "no such file — --estate '' — its name is empty — name a file, or leave --estate out"),
        ("--ssh-config= status", "no such file — --ssh-config '' — its name is empty — name a file, or leave --ssh-config out"),
        ("--estate /dev status", "no estate file — /dev — it is a directory — name a file that holds text"),
        ("--ssh-config nope status", "no ssh config — HOME/nope — there is no such file — check the path"),
        ("--estate a --ssh-config b status", "two sources of hosts — --estate a and --ssh-config b — one watch has one estate — drop one"),
        ("status", "no estate — HOME/estate.yaml, HOME/.config/twinwatch/estate.yaml, /etc/twinwatch/estate.yaml — none of these files exists — write one (twinwatch estate import), or try: twinwatch --ssh-config ~/.ssh/config"),
        ("estate lint nope.yaml", "no estate file — HOME/nope.yaml — there is no such file — check the path"),
        ("--estate ~nobody-here/x status", "no such file — ~nobody-here/x — ~ names nobody who has a home here — write the path out"),
        ("--ssh-config ~nobody-here/x", "no such file — ~nobody-here/x — ~ names nobody who has a home here — write the path out"),
        ("estate lint ~nobody-here/x", "no such file — ~nobody-here/x — ~ names nobody who has a home here — write the path out"),
        ("estate import --ansible ~nobody-here/x", "no such file — ~nobody-here/x — ~ names nobody who has a home here — write the path out"),
        ("demo --snapshot .", "the snapshot is refused — . — it is neither .txt nor .svg — try board.svg"),
        ("demo --snapshot a/b.png", "the snapshot is refused — a/b.png — it is neither .txt nor .svg — try b.svg"),
        ("estate lnt", "no such command 'lnt'. Did you mean 'lint'? — twinwatch estate — see twinwatch estate --help"),
        ("estate import", "one source is needed — none given — an estate is made from one inventory — give one of --ansible, --ssh-config, --prometheus-sd"),
        ("estate import --ansible a --ssh-config b", "one source is needed — --ansible and --ssh-config — an estate is made from one inventory — give one of --ansible, --ssh-config, --prometheus-sd"),
        ("estate import --ansible nope", "the file can't be read — nope — No such file or directory — check the path"),
        ("demo --scenario loud", "invalid value for '--scenario': 'loud' is not one of 'calm', 'primary-down', 'queue-storm' — twinwatch demo — see twinwatch demo --help"),
    ],
)  # fmt: skip
def test_one_error_that_says_what_where_why_and_what_to_do(
    run: Run, tmp_path: Path, arguments: str, said: str
) -> None:
    ended = run(*arguments.split())
    whole = "twinwatch: " + said.replace("HOME", str(tmp_path / "home")) + "\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", whole)


@pytest.mark.parametrize(
    "arguments",
    ["status --json", "hosts --json", "problems --json", "events --json", "history h cpu --json",
     "estate lint --json", "watch --json", "--json", "status --jsn --json", "statsu --json",
     "hosts --json --where cup>80", "history h cpuu --json"],
)  # fmt: skip
def test_who_asks_for_json_gets_json_of_errors_too(run: Run, arguments: str) -> None:
    ended = run(*arguments.split())
    error = json.loads(ended.stdout)["error"]
    assert list(error) == ["what", "where", "why", "do"]
    assert ended.stderr == f"twinwatch: {' — '.join(filter(None, error.values()))}\n"
    assert ended.returncode == 2


@pytest.mark.parametrize("verb", ["hosts", "problems", "events"])
def test_a_bad_filter_is_refused_before_anybody_is_asked(run: Run, verb: str) -> None:
    wrong = "cup>80" if verb == "hosts" else "sevrity:ok"
    ended = run(verb, "--where", wrong)
    assert ended.returncode == 2
    if verb == "hosts":
        assert ended.stderr == BAD_FILTER + "\n"
    else:
        assert ended.stderr == (
            "twinwatch: the filter is refused — filter 'sevrity:ok', column 1 — no field 'sevrity'"
            " — did you mean 'severity'? quote it to find it as text\n"
        )


@pytest.mark.parametrize("arguments", [("hosts", "mta-c02"), ("history", "mta-c02", "cpu")])
def test_an_unknown_host(run: Run, watch_socket: Path, arguments: tuple[str, ...]) -> None:
    ended = run("--socket", watch_socket, *arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "twinwatch: no such host — mta-c02 — the estate does not name it — did you mean mta-c01?\n"
    )


def test_every_problem_of_an_estate_with_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("estate: x\nevry: 5s\nsites: {a: }\nhosts: {h: {port: 0}}\n")
    ended = run("estate", "lint", file)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        f"{file}:2: no key 'evry' in the estate — did you mean 'every'?",
        f"{file}:4: 0 is out of range — write a whole number from 1 to 65535",
    ]
    as_json = run("estate", "lint", file, "--json")
    assert as_json.returncode == 2
    assert '"line": 2' in as_json.stdout


def test_a_file_that_others_may_write_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "open.yaml"
    file.write_text("estate: x\nsites: {a: }\nhosts: {h: }\n")
    file.chmod(0o666)
    ended = run("estate", "lint", file)
    assert (ended.returncode, ended.stderr) == (
        2,
        f"twinwatch: the file is refused — {file} — others could have changed it — "
        f"chmod go-w {file}\n",
    )


def test_an_import_is_never_written_over_a_file(run: Run, tmp_path: Path) -> None:
    inventory, output = tmp_path / "inventory", tmp_path / "estate.yaml"
    inventory.write_text("[web]\nweb[1:2]\n")
    output.write_text("mine")
    ended = run("estate", "import", "--ansible", inventory, "--output", output)
    assert (ended.returncode, ended.stderr) == (
        2,
        f"twinwatch: the estate can't be written — {output} — it is there already — "
        "name a file that does not exist, where you may write\n",
    )
    assert output.read_text() == "mine"


def test_hostile_arguments_do_not_act_on_the_terminal(run: Run) -> None:
    ended = run("sta\x1b[2Jtus")
    assert ended.returncode == 2
    assert "\x1b" not in ended.stderr
    assert "sta\\x1b[2Jtus" in ended.stderr
