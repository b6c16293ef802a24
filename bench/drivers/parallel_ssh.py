"""Peer: parallel-ssh (libssh2, gevent): connections stay open, a command is started each sweep."""

from __future__ import annotations

from pssh.clients import ParallelSSHClient

from bench.drivers import Result, read_work


def main() -> None:
    work, result = read_work(), Result()
    client = ParallelSSHClient(
        work.hosts,
        user=work.user,
        port=work.port,
        pkey=work.key,
        pool_size=100,
        allow_agent=False,
        timeout=60,
    )

    def sweep() -> None:
        answers = client.run_command(work.once)
        whole = sum("@end" in list(answer.stdout) for answer in answers)
        if whole != len(work.hosts):
            raise SystemExit(f"{len(work.hosts) - whole} hosts gave no whole answer")

    with result.connecting():
        sweep()
    for _ in work.rounds():
        with result.sweep():
            sweep()
    result.tell(work)


if __name__ == "__main__":
    main()
