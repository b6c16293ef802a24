"""Hosts from an Ansible inventory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.file import EstateError, read_estate
from estate.importing import from_ansible
from estate.model import Estate, Host

INI = """
# ungrouped first
lonely ansible_host=10.9.9.9
[mta]
mta-[01:02]:2222 ansible_user=mail  # relays
[mbx]
mbx1 ansible_host=10.0.0.5 ansible_ssh_common_args='-o ProxyJump=ops@gw -o X=y'
tpl ansible_user="{{ who }}"
localhost ansible_connection=local
[mail:children]
mta
mbx
[everything:children]
mail
[mail:vars]
ansible_user = ops
ansible_ssh_private_key_file="~/.ssh/a key"
[all:vars]
dc=hk1
"""

YAML = """---
all:
  vars: {ansible_user: root}
  hosts:
    lonely: {ansible_host: 10.9.9.9}
  children:
    web:
      hosts:
        web[1:2]:
          ansible_port: 2222
      vars:
        ansible_user: www
    big:
      children:
        web:
"""


def imported(text: str) -> Estate:
    return read_estate(from_ansible(text, "inventory"), "written")


def test_ini() -> None:
    estate = imported(INI)
    assert list(estate.hosts) == ["lonely", "mta-01", "mta-02", "mbx1", "tpl"]
    assert estate.hosts["lonely"] == Host("lonely", "hk1", address="10.9.9.9")
    assert estate.hosts["mta-02"] == Host(
        "mta-02", "hk1", ("mta", "mail", "everything"), port=2222, user="mail",
        identity="~/.ssh/a key",
    )  # fmt: skip
    assert estate.hosts["mbx1"] == Host(
        "mbx1", "hk1", ("mbx", "mail", "everything"), "10.0.0.5", user="ops", jump="ops@gw",
        identity="~/.ssh/a key",
    )  # fmt: skip


def test_what_was_left_out_is_said_once() -> None:
    notes = [line for line in from_ansible(INI, "i").splitlines() if "left out" in line]
    assert notes == [
        "# left out: ansible_user of tpl: a template, {{ who }}",
        "# left out: host 'localhost': its connection is local",
    ]


def test_yaml() -> None:
    estate = imported(YAML)
    assert estate.hosts == {
        "lonely": Host("lonely", "hosts", address="10.9.9.9", user="root"),
        "web1": Host("web1", "hosts", ("web", "big"), port=2222, user="www"),
        "web2": Host("web2", "hosts", ("web", "big"), port=2222, user="www"),
    }


def test_a_group_inside_itself_ends() -> None:
    estate = imported("[a:children]\nb\n[b:children]\na\n[b]\nh\n")
    assert estate.hosts["h"].groups == ("b", "a")


@pytest.mark.parametrize("port", ["²", "0", "65536", "9" * 5000])
def test_a_port_that_is_none_is_left_out_and_said(port: str) -> None:
    """`²` is a digit to str.isdigit and none to int; 4,301 digits are too many for it."""
    for inventory in (f"h ansible_port={port}", f"h:{port}"):
        assert imported(inventory).hosts["h"].port is None
        assert "# left out: port of h: " in from_ansible(inventory, "i")


def test_a_child_named_twice_is_followed_once() -> None:
    """Twenty such groups in a row were looked through a million times."""
    rows = [f"[g{n}:children]\ng{n + 1}\ng{n + 1}" for n in range(20)]
    assert len(imported("\n".join([*rows, "[g20]\nh"])).hosts["h"].groups) == 21


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "inventory:1: no host — write one host a line, groups as [name]"),
        ("a b c", "inventory:1: 'b' is no variable — write name=value"),
        ("ok\nx[2:1]", "inventory:2: [2:1] in 'x[2:1]' is empty — put the smaller end first"),
        ("a x='y", "inventory:1: a quote is not closed in \"a x='y\" — close it"),
        ("all:\n  host: {}", "inventory:2: no key 'host' in a group — keys are hosts, vars, children"),
        ("all:\n  hosts: [a]", "inventory:2: a list where hosts belong — write name: {}"),
        ("all: &x\n  hosts: {a: }", "inventory:1: an anchor (x) — write the value out"),
        ("[g]\nh[1:20000]", "inventory:2: 'h[1:20000]' names 20,000 hosts — an estate holds 10,000 at most"),
    ],
)  # fmt: skip
def test_each_problem_has_its_line(text: str, said: str) -> None:
    with pytest.raises(EstateError) as raised:
        from_ansible(text, "inventory")
    assert str(raised.value) == said


@given(st.text(max_size=80), st.text(max_size=10))
def test_whatever_is_written_is_an_estate(text: str, source: str) -> None:
    for inventory in (f"h\n[g]\n{text}", f"all:\n  hosts:\n    h: {{ansible_host: {text!r}}}"):
        try:
            written = from_ansible(inventory, source)
        except EstateError:
            continue
        assert "h" in read_estate(written, "written").hosts


@given(st.dictionaries(
    st.sampled_from(["ansible_host", "ansible_user", "ansible_port", "ansible_ssh_common_args", "site",
                     "ansible_ssh_private_key_file"]),
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=20),
))  # fmt: skip
def test_whatever_variables_say_is_an_estate(variables: dict[str, str]) -> None:
    words = " ".join(f"{name}='{value}'" for name, value in variables.items() if "'" not in value)
    try:
        written = from_ansible(f"h {words}", "i")
    except EstateError:
        return
    assert "h" in read_estate(written, "written").hosts
