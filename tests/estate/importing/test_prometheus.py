"""Hosts from Prometheus' file_sd."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.file import EstateError, read_estate
from estate.importing import from_prometheus_sd
from estate.model import Estate, Host

SD = [
    {"targets": ["10.0.0.1:9100", "web1:9100", "http://db1:9187/metrics"], "labels": {"job": "node", "dc": "north"}},
    {"targets": ["web1:9117"], "labels": {"job": "apache httpd", "dc": "north"}},
    {"targets": ["10.0.0.9:9100", "[::1]:9100"], "labels": {"hostname": "mail1", "dc": "south"}},
]  # fmt: skip


def imported(text: str) -> Estate:
    return read_estate(from_prometheus_sd(text, "sd.json"), "written")


def test_exporters_of_one_host_are_one_host() -> None:
    estate = imported(json.dumps(SD, indent="\t"))
    assert estate.hosts == {
        "10.0.0.1": Host("10.0.0.1", "north", ("node",)),
        "web1": Host("web1", "north", ("node", "apache-httpd")),
        "db1": Host("db1", "north", ("node",)),
        "mail1": Host("mail1", "south", address="::1"),
    }
    assert list(estate.sites) == ["north", "south"]


def test_yaml_is_read_too() -> None:
    assert list(imported("- targets: ['a:1', b]\n").hosts) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "sd.json:1: no target — write - targets: [host:9100]"),
        ("{}", "sd.json:1: no list of targets — write - targets: [host:9100]"),
        ("[1]", "sd.json:1: entry 1 has no list of targets — write targets: [host:9100]"),
        ("[1" + "0" * 4400 + "]", "sd.json:1: entry 1 has no list of targets — write targets: [host:9100]"),
        ('- targets: "x"', "sd.json:1: entry 1 has no list of targets — write targets: [host:9100]"),
        ("- a\n- [", "sd.json:3: not YAML: did not find expected node content — correct the syntax here or just above"),
    ],
)  # fmt: skip
def test_each_problem_says_what_to_write(text: str, said: str) -> None:
    with pytest.raises(EstateError) as raised:
        from_prometheus_sd(text, "sd.json")
    assert str(raised.value) == said


@given(
    st.lists(st.text(max_size=20), max_size=4),
    st.dictionaries(st.text(max_size=8), st.text(max_size=12)),
)
def test_whatever_is_written_is_an_estate(targets: list[str], labels: dict[str, str]) -> None:
    text = json.dumps([{"targets": ["h:1"]}, {"targets": targets, "labels": labels}])
    try:
        written = from_prometheus_sd(text, "sd.json")
    except EstateError:
        return
    assert "h" in read_estate(written, "written").hosts
