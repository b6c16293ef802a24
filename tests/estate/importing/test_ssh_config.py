"""Hosts from an ssh_config."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.file import EstateError, read_estate
from estate.importing import estate_from_ssh_config, from_ssh_config

CONFIG = """
# the usual
Host gw  web1 web2   # two webs
    HostName 10.0.0.1
    User ops
  host = "db1" *.example !web9 db?
HOST=odd
Match host db1
    User dba
Host *
    ServerAliveInterval 10
Host "open
Host host with:colon bad/slash
"""


def test_names_without_wildcards_are_hosts_and_the_rest_is_left_to_ssh() -> None:
    estate = estate_from_ssh_config(CONFIG, "/home/op/.ssh/config")
    assert list(estate.hosts) == ["gw", "web1", "web2", "db1", "odd", "host", "with:colon"]
    assert estate.hosts["gw"].address == estate.hosts["gw"].user == ""
    assert list(estate.sites) == ["hosts"]
    assert estate.ssh.config == "/home/op/.ssh/config"


def test_a_first_look_says_what_it_left_out() -> None:
    config = 'Host web1 主機 "with space"\nHost user@x web1\n'
    said = estate_from_ssh_config(config, "/c").left_out
    assert [each.partition(": ")[0] for each in said] == [
        "host '主機', line 1",
        "host 'with space', line 1",
        "host 'user@x', line 2",
    ]
    assert estate_from_ssh_config("Host web1", "/c").left_out == ()


def test_what_was_left_out_is_said() -> None:
    written = from_ssh_config(CONFIG, "config")
    assert "# left out: host 'bad/slash', line 13: the name holds characters a host's can't" in (
        written.splitlines()
    )


def test_a_config_without_hosts_is_refused() -> None:
    with pytest.raises(EstateError) as raised:
        from_ssh_config("Host *\n  User x\n", "config")
    assert str(raised.value) == (
        "config:1: no Host entry without wildcards — add lines such as: Host web1 web2"
    )


@given(st.text(max_size=80), st.text(max_size=20))
def test_whatever_is_written_is_an_estate(names: str, source: str) -> None:
    try:
        written = from_ssh_config(f"Host h\nHost {names}", source)
    except EstateError:
        return
    assert "h" in read_estate(written, "written").hosts
