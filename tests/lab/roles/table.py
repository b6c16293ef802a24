"""Every role by name: what it writes before the host boots, and how to see that it is ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.lab.layout import Place
from tests.lab.roles import (
    authority,
    exim,
    haproxy,
    names,
    odd,
    postfix,
    postgres,
    rabbitmq,
    redis,
    repository,
    web,
)
from tests.lab.root import Root, Surroundings


@dataclass(frozen=True, slots=True)
class Role:
    """`prepare` writes files; `ready` is a shell test inside the host, true when the role serves."""

    prepare: Callable[[Root, Place, Surroundings], None]
    ready: str


ROLES: Mapping[str, Role] = {
    "postgres": Role(postgres.prepare, postgres.PRIMARY_READY),
    "standby": Role(postgres.prepare_standby, postgres.STANDBY_READY),
    "haproxy": Role(haproxy.prepare, haproxy.READY),
    "web": Role(web.prepare, web.READY),
    "repository": Role(repository.prepare, repository.READY),
    "names": Role(names.prepare, names.READY),
    "authority": Role(authority.prepare, authority.READY),
    "postfix": Role(postfix.prepare, postfix.READY),
    "exim": Role(exim.prepare, exim.READY),
    "rabbitmq": Role(rabbitmq.prepare, rabbitmq.READY),
    "redis": Role(redis.prepare, redis.READY),
    "odd": Role(odd.prepare, odd.READY),
}
