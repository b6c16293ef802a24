"""dns: an answer holds what was asked for, and not only something."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import dns.message
import dns.rrset
import pytest

from estate.ledger.observed import Probed

from .test_kinds import asked


@asynccontextmanager
async def naming(*records: tuple[str, str, str]):
    """A server of names that answers with these, each a name, a type and what it says."""

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.DatagramTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
            answer = dns.message.make_response(dns.message.from_wire(data))
            for name, kind, said in records:
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, said))
            self.transport.sendto(answer.to_wire(), address)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


ALIAS = ("www.example.", "CNAME", "gone.example.")
ADDRESS = ("gone.example.", "A", "192.0.2.7")


@pytest.mark.parametrize(
    ("records", "kind", "expect", "cause"),
    [
        ([ALIAS], "A", "", "it has no A of www.example, only gone.example."),
        ([ALIAS], "A", "gone.example.",
         "it has no A of www.example, only gone.example."),
        ([ALIAS, ADDRESS], "A", "", ""),
        ([ALIAS, ADDRESS], "A", "192.0.2.7", ""),
        ([ALIAS, ADDRESS], "AAAA", "",
         "it has no AAAA of www.example, only gone.example., 192.0.2.7"),
        ([ALIAS], "CNAME", "gone.example.", ""),
        ([("www.example.", "TXT", '"x"')], "ANY", "", ""),
        ([], "ANY", "", "it has no ANY of www.example"),
    ],
)  # fmt: skip
def test_an_answer_holds_a_record_of_the_type_that_was_asked(
    records: list[tuple[str, str, str]], kind: str, expect: str, cause: str
) -> None:
    async def run() -> Probed:
        async with naming(*records) as port:
            declared = {"dns": f"www.example {kind} @127.0.0.1:{port}", "expect": expect}
            return await asked({key: value for key, value in declared.items() if value})

    assert asyncio.run(run()).cause == cause
