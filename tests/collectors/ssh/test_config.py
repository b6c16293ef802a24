"""ssh_config, compared with the real ssh: `ssh -G` says what OpenSSH makes of the same file."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.ssh.config import (
    ConfigError,
    matches,
    read_settings,
    route_to,
    settings_for,
)
from estate.model import Host, Ssh

HOSTS = ("web1", "Web1", "web2.example.org", "db-1", "10.0.0.7")


def config(tmp_path: Path, text: str) -> Ssh:
    path = tmp_path / "config"
    path.write_text(text)
    return Ssh(config=str(path))


def route(tmp_path: Path, text: str, host: Host):
    ssh = config(tmp_path, text)
    return route_to(host, settings_for(ssh), ssh)


def last(tmp_path: Path, text: str, name: str = "web1", **fields):
    return route(tmp_path, text, Host(name, "a", **fields)).last


def asked_of_ssh(path: Path, name: str) -> dict[str, list[str]]:
    said = subprocess.run(
        ["ssh", "-G", "-F", str(path), name], capture_output=True, text=True, check=True
    ).stdout
    found: dict[str, list[str]] = {}
    for line in said.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    return found


# -- the same as ssh --

PATTERNS = st.sampled_from(
    [
        "*",
        "web*",
        "web?",
        "!web1 web*",
        "db-1 web1",
        "*.example.org",
        "10.0.0.*",
        "W*",
        "Web1",
        "[w]eb1",
    ]
)
OPTION = st.one_of(
    st.sampled_from(["alice", "bob"]).map(lambda v: f"User {v}"),
    st.sampled_from(["22", "2222", "=8022"]).map(lambda v: f"Port {v}"),
    st.sampled_from(["real.example.org", "%h.internal", "192.0.2.9"]).map(
        lambda v: f"HostName {v}"
    ),
    st.sampled_from(["~/.ssh/a", '"/tmp/with blank"', "/k/%h_%r_%p", "none"]).map(
        lambda v: f"IdentityFile {v}"
    ),
    st.sampled_from(["/c/one-cert.pub", "/c/%n"]).map(lambda v: f"CertificateFile {v}"),
    st.sampled_from(["yes", "no"]).map(lambda v: f"IdentitiesOnly {v}"),
    st.sampled_from(["alias"]).map(lambda v: f"HostKeyAlias {v}"),
    st.sampled_from(["5", "30"]).map(lambda v: f"ConnectTimeout {v}"),
    st.sampled_from(["/kh/a /kh/b", "/kh/%h"]).map(lambda v: f"UserKnownHostsFile {v}"),
    st.sampled_from(["inet", "inet6", "any"]).map(lambda v: f"AddressFamily {v}"),
)
BLOCK = st.one_of(
    PATTERNS.map(lambda p: f"Host {p}"),
    st.sampled_from(
        [
            "Match all",
            "Match host WEB*",
            "Match originalhost web1,db-1",
            "Match !host web1",
            "Match user alice",
            "Match user bob host *.example.org",
            "Match localuser nobody-at-all",
        ]
    ),
)
FILE = st.lists(st.one_of(OPTION.map(lambda o: "  " + o), BLOCK), max_size=14).map("\n".join)


@pytest.mark.skipif(shutil.which("ssh") is None, reason="no ssh to compare with")
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=FILE, name=st.sampled_from(HOSTS))
def test_reads_as_openssh_does(tmp_path: Path, text: str, name: str) -> None:
    hop = last(tmp_path, text, name)
    theirs = asked_of_ssh(tmp_path / "config", name)
    expand = os.path.expanduser
    assert hop.address == theirs["hostname"][0]
    assert str(hop.port) == theirs["port"][0]
    assert hop.user == theirs["user"][0]
    assert hop.only_these == (theirs["identitiesonly"][0] == "yes")
    if "connecttimeout" in theirs and theirs["connecttimeout"][0] != "none":
        assert hop.timeout_ms == int(theirs["connecttimeout"][0]) * 1000
    known = " ".join(theirs["userknownhostsfile"] + theirs["globalknownhostsfile"]).split()
    tokens = {"%h": theirs["hostname"][0]}
    assert hop.known_hosts == tuple(expand(k.replace("%h", tokens["%h"])) for k in known)
    # ssh -G prints paths of keys with their tokens still in them.
    tokens |= {"%r": hop.user, "%p": str(hop.port), "%n": name}

    def paths(key: str) -> tuple[str, ...]:
        said = [value for value in theirs.get(key, []) if value != "none"]
        for token, value in tokens.items():
            said = [each.replace(token, value) for each in said]
        return tuple(expand(each) for each in said)

    assert hop.certificates == paths("certificatefile")
    if "none" not in text:  # what "none" among others means differs between versions of OpenSSH
        assert (
            hop.identities[: len(paths("identityfile"))]
            == paths("identityfile")[: len(hop.identities)]
        )


# -- what the estate says goes first --


def test_the_estate_goes_before_ssh_config(tmp_path: Path) -> None:
    text = "Host *\n User carol\n Port 99\n HostName other\n IdentityFile /k/general\n"
    hop = last(tmp_path, text, address="192.0.2.1", port=2022, user="ops", identity="/k/mine")
    assert (hop.address, hop.port, hop.user) == ("192.0.2.1", 2022, "ops")
    assert hop.identities == ("/k/mine", "/k/general")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("localhost:2201", ("localhost", 2201)),
        ("[2001:db8::1]:2201", ("2001:db8::1", 2201)),
        ("[2001:db8::1]", ("2001:db8::1", 22)),
        ("2001:db8::1", ("2001:db8::1", 22)),
        ("192.0.2.7", ("192.0.2.7", 22)),
        ("", ("web1", 22)),
    ],
)
def test_an_address_may_carry_its_port(tmp_path: Path, address: str, expected: tuple) -> None:
    hop = last(tmp_path, "", address=address)
    assert (hop.address, hop.port) == expected


def test_defaults_are_ssh_s_own(tmp_path: Path) -> None:
    hop = last(tmp_path, "")
    assert hop.user == getpass.getuser()
    assert hop.identities[0].endswith("/.ssh/id_rsa")
    assert hop.known_hosts[-1] == "/etc/ssh/ssh_known_hosts2"
    assert hop.timeout_ms == 10_000


def test_known_hosts_of_the_estate_replace_all_others(tmp_path: Path) -> None:
    ssh = Ssh(config=config(tmp_path, "").config, known_hosts=("/estate/known",))
    hop = route_to(Host("web1", "a"), settings_for(ssh), ssh).last
    assert hop.known_hosts == ("/estate/known",)


def test_the_agent_is_asked_for_where_ssh_config_says(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    monkeypatch.setenv("MY_AGENT", "/run/mine")
    assert last(tmp_path, "").agent == "/run/agent"
    assert last(tmp_path, "IdentityAgent none").agent == ""
    assert last(tmp_path, "IdentityAgent $MY_AGENT").agent == "/run/mine"
    assert last(tmp_path, "IdentityAgent /run/%u").agent == f"/run/{getpass.getuser()}"


# -- jumps --

JUMPS = """
Host inner
  HostName 10.0.0.2
  ProxyJump middle
Host middle
  HostName 10.0.0.1
  User mid
  ProxyJump outer:2200
Host outer
  HostName 192.0.2.1
  User out
"""


def test_jumps_of_jumps_come_from_the_outside_in(tmp_path: Path) -> None:
    hops = route(tmp_path, JUMPS, Host("inner", "a")).hops
    assert [(h.name, h.address, h.port, h.user) for h in hops] == [
        ("outer", "192.0.2.1", 2200, "out"),
        ("middle", "10.0.0.1", 22, "mid"),
        ("inner", "10.0.0.2", 22, getpass.getuser()),
    ]


def test_a_list_of_jumps_is_walked_in_order(tmp_path: Path) -> None:
    hops = route(tmp_path, JUMPS, Host("web1", "a", jump="me@outer:2201,middle")).hops
    # middle is reached through outer here, whatever its own ProxyJump says
    assert [(h.name, h.user, h.port) for h in hops] == [
        ("outer", "me", 2201),
        ("middle", "mid", 22),
        ("web1", getpass.getuser(), 22),
    ]


def test_no_jump_where_the_estate_says_none(tmp_path: Path) -> None:
    assert route(tmp_path, JUMPS, Host("inner", "a", jump="none")).jumps == ()


def test_the_old_spelling_of_a_jump_is_understood(tmp_path: Path) -> None:
    text = "Host web1\n ProxyCommand ssh -W %h:%p bastion.example.org\n"
    assert [h.name for h in route(tmp_path, text, Host("web1", "a")).hops] == [
        "bastion.example.org",
        "web1",
    ]


def test_a_circle_of_jumps_is_an_error(tmp_path: Path) -> None:
    text = "Host a\n ProxyJump b\nHost b\n ProxyJump a\n"
    with pytest.raises(ConfigError, match="ProxyJump goes round in a circle: a -> b -> a"):
        route(tmp_path, text, Host("a", "a"))


def test_another_proxy_command_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        route(tmp_path, "ProxyCommand nc %h %p", Host("web1", "a"))
    assert str(caught.value) == "ProxyCommand is not supported (web1)"
    assert caught.value.remedy == "use ProxyJump instead"


# -- files --


def test_an_include_stands_where_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "one.conf").write_text("User from-include\nHost db-1\n  Port 77\n")
    text = f"Host web1\n  Include {tmp_path}/*.conf\n  User later\nHost *\n  User last\n"
    assert last(tmp_path, text, "web1").user == "from-include"
    assert last(tmp_path, text, "db-1").user == "last"
    assert last(tmp_path, text, "db-1").port == 22  # the include is under Host web1


def test_an_include_in_an_include_is_under_both_hosts(tmp_path: Path) -> None:
    (tmp_path / "one.conf").write_text(f"Host web*\n  Include {tmp_path}/two.conf\n")
    (tmp_path / "two.conf").write_text("Port 77\n")
    text = f"Host *1\n  Include {tmp_path}/one.conf\n"
    ports = [last(tmp_path, text, name).port for name in ("web1", "web2", "db1")]
    assert ports == [77, 22, 22]


def test_known_hosts_is_asked_with_the_port_where_it_is_not_22(tmp_path: Path) -> None:
    assert last(tmp_path, "HostName h\n").known_as == "h"
    assert last(tmp_path, "HostName h\nPort 2222\n").known_as == "[h]:2222"
    assert last(tmp_path, "HostName h\nPort 2222\nHostKeyAlias x\n").known_as == "x"


def test_brackets_in_a_pattern_stand_for_themselves() -> None:
    assert matches(["web[12]"], "web[12]")
    assert not matches(["web[12]"], "web1")


def test_an_include_of_itself_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Include goes round in a circle"):
        settings_for(config(tmp_path, f"Include {tmp_path}/config\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("User x\n!!!\n", "config:2: not a keyword and a value: '!!!'"),
        ("User\n", "config:1: User has no value"),
        ('Host "web1\n', "config:1: No closing quotation"),
        ("Match host\n", "config:1: Match host has no pattern"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_for(config(tmp_path, text))
    assert str(caught.value).endswith(message)


def test_a_bad_port_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Port '70000' of web1 is not a number from 1 to 65535"):
        last(tmp_path, "Port 70000")


def test_an_ssh_config_that_the_estate_names_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such ssh_config"):
        settings_for(Ssh(config=str(tmp_path / "missing")))


def test_what_is_not_evaluated_is_said(tmp_path: Path) -> None:
    text = "Match exec true\n  User x\nCanonicalizeHostname yes\nProxyCommand none\n"
    ssh = config(tmp_path, text)
    found = settings_for(ssh)
    path = tmp_path / "config"
    assert found.unsupported == (
        f"{path}:1: Match exec is not evaluated; the block is left out",
        f"{path}:3: canonicalizehostname is not supported; write HostName in full instead",
    )
    assert route_to(Host("web1", "a"), found, ssh).last.user == getpass.getuser()


def test_names_without_wildcards_are_the_aliases(tmp_path: Path) -> None:
    found = settings_for(config(tmp_path, "Host a b* !c d\nHost e a\n  User x\nHost *\n"))
    assert found.aliases == ("a", "d", "e")


def test_a_missing_file_is_empty() -> None:
    assert read_settings(["/nonexistent/config"]).blocks == ()


@given(st.text("ab*?!.", max_size=6), st.text("ab.", max_size=6))
def test_a_negated_pattern_never_selects(pattern: str, name: str) -> None:
    assert not matches(["*", "!" + pattern.lstrip("!"), "*"], name) or not matches(
        [pattern.lstrip("!")], name
    )
