"""Who may ask: the kernel says who it is, groups and roles what they may."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from watch import access
from watch.access import Door, Peer, refusal


@pytest.mark.parametrize(
    ("peer", "why"),
    [
        (Peer(1, 1000, 1000), ""),
        (Peer(1, 0, 0), ""),
        (Peer(1, 0, 0, login=1001), ""),
        (Peer(1, 4_000_001, 1), "this watch belongs to uid 1000, and you are uid 4000001"),
        (None, "the kernel does not say who asks"),
    ],
)
def test_a_watch_answers_its_own_user_and_root(
    peer: Peer | None, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "user_name", lambda uid: f"uid {uid}")
    for steers in (False, True):
        assert refusal(peer, Door(1000), {}, steers=steers) == why


ROLES = {
    "viewer": ("desk",),
    "operator": ("ops", "admins"),
    "contractor": ("vendor",),
    "auditor": ("audit",),
}


@pytest.mark.parametrize(
    ("groups", "roles", "looks", "steers"),
    [
        ({"desk"}, ROLES, True, "only members of ops, admins may steer, and you are bob, a viewer"),
        ({"admins", "users"}, ROLES, True, ""),
        (
            {"vendor"},
            ROLES,
            False,
            "only members of ops, admins may steer, and you are bob, a contractor",
        ),
        (
            {"audit", "desk"},
            ROLES,
            True,
            "only members of ops, admins may steer, and you are bob, an auditor and a viewer",
        ),
        ({"oncall"}, ROLES, False, "only members of ops, admins may steer, and you are bob"),
        ({"oncall"}, {}, True, "only tw may steer, and you are bob, a viewer"),
        ({"users"}, {}, False, "only tw may steer, and you are bob"),
    ],
)
def test_a_shared_watch_goes_by_the_roles_of_the_estate(
    groups: set[str],
    roles: dict[str, tuple[str, ...]],
    looks: bool,
    steers: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "user_name", {1000: "tw", 1001: "bob"}.__getitem__)
    monkeypatch.setattr(access, "groups_of", lambda peer: frozenset(groups))
    bob, door = Peer(1, 1001, 1001), Door(1000, "oncall")
    assert (refusal(bob, door, roles, steers=False) == "") is looks
    assert refusal(bob, door, roles, steers=True) == steers
    assert refusal(Peer(1, 1000, 1000), door, roles, steers=True) == ""
    alone = "this watch belongs to tw, and you are bob"
    assert refusal(bob, Door(1000), roles, steers=False) == alone  # roles open no private watch


def test_the_groups_of_a_person_are_those_of_the_database() -> None:
    groups = access.groups_of(Peer(os.getpid(), os.getuid(), os.getgid()))
    said = subprocess.run(["id", "-Gn"], capture_output=True, text=True, check=True).stdout
    assert groups == set(said.split())
    assert access.groups_of(Peer(1, 4_000_001, 4_000_001)) == frozenset()


def test_the_kernel_says_who_asks() -> None:
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        peer = access.peer_of(there)
    assert (peer.pid, peer.uid, peer.gid) == (os.getpid(), os.getuid(), os.getgid())
    assert peer.name == access.user_name(os.getuid() if peer.login is None else peer.login)
