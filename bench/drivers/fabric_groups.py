"""Peer: Fabric (paramiko, a thread a host): connections stay open, a command is started a sweep."""

from __future__ import annotations

from fabric import Config, Connection, ThreadingGroup

from bench.drivers import Result, read_work


def main() -> None:
    work, result = read_work(), Result()
    settings = Config(
        overrides={"load_ssh_configs": False, "run": {"hide": True, "in_stream": False}}
    )
    hosts = [
        Connection(
            host,
            user=work.user,
            port=work.port,
            config=settings,
            connect_timeout=60,
            connect_kwargs={
                "key_filename": work.key,
                "allow_agent": False,
                "look_for_keys": False,
                "banner_timeout": 60,
            },
        )
        for host in work.hosts
    ]
    size = work.batch or len(hosts)
    batches = [
        ThreadingGroup.from_connections(hosts[first : first + size])
        for first in range(0, len(hosts), size)
    ]

    def sweep() -> None:
        whole = 0
        for batch in batches:
            answers = batch.run(work.once)
            whole += sum("@end" in each.stdout for each in answers.values())
        if whole != len(hosts):
            raise SystemExit(f"{len(hosts) - whole} hosts gave no whole answer")

    with result.connecting():
        sweep()
    for _ in work.rounds():
        with result.sweep():
            sweep()
    result.tell(work)


if __name__ == "__main__":
    main()
