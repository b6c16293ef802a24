"""Configuration: digests of real files, and what is none, no file or not ours to read."""

from __future__ import annotations

import hashlib
import os
import subprocess
from math import isnan
from pathlib import Path

import pytest

from collectors.probes.configuration import Configuration
from collectors.runner import Answer
from estate.asked import Asked
from estate.model import Host
from estate.samples import Gap, Reading


def told(*paths: str, root: Path) -> tuple[Reading | Gap, ...]:
    """What the probe makes of this machine, below `root`."""
    host = Host("h", "c", asked=Asked(configuration=paths))
    said = subprocess.run(
        ["/bin/sh", "-c", Configuration().command(host)],
        capture_output=True, check=True, timeout=20,
        env={"PATH": os.defpath, "TWINWATCH_ROOT": str(root)},
    )  # fmt: skip
    return read(said.stdout)


def read(output: bytes, status: int = 0) -> tuple[Reading | Gap, ...]:
    return Configuration().parse(Answer("configuration", status, output, False, 0, 0))


def test_files_have_digests_and_what_is_no_file_has_a_reason(tmp_path: Path) -> None:
    text = b"myhostname = mail.example\n"
    (tmp_path / "main.cf").write_bytes(text)
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    found = told("/main.cf", "/empty", "/folder", "/none", root=tmp_path)
    assert [(each.subject, each.text, each.attributes) for each in found] == [
        ("/main.cf", hashlib.sha256(text).hexdigest(), {}),
        ("/empty", hashlib.sha256(b"").hexdigest(), {}),
        ("/folder", "", {"gap": "not a file"}),
        ("/none", "", {}),
    ]
    assert all(isinstance(each, Reading) and isnan(each.value) for each in found)


def test_a_large_file_costs_no_more_than_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * (5 << 20))
    (found,) = told("/log", root=tmp_path)
    assert isinstance(found, Reading)
    assert found.text == hashlib.sha256(b"x" * (4 << 20)).hexdigest()


def test_a_host_that_is_asked_nothing_runs_nothing() -> None:
    assert Configuration().command(Host("h", "c")) == ""


SAID = b"at /etc/a\n" + b"a" * 64 + b"  -\nat /etc/b\nnone\nend\n"


def test_no_beginning_of_an_answer_passes_for_the_whole() -> None:
    for end in range(len(SAID) - 1):
        assert any(isinstance(each, Gap) for each in read(SAID[:end])), SAID[:end]
    assert [each.subject for each in read(SAID) if isinstance(each, Reading)] == [
        "/etc/a", "/etc/b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line", [b"a" * 63 + b"  -", b"\x1b[2J", b"sha256sum: read error", b"! \xff"]
)
def test_what_is_no_digest_is_a_gap_of_that_file(line: bytes) -> None:
    (found,) = read(b"at /etc/a\n" + line + b"\nend\n")
    assert isinstance(found, Reading)
    assert found.text == ""
    assert found.attributes["gap"]
    assert "\x1b" not in str(found.attributes["gap"])
