"""An SMTP server that takes every message: ADDRESS, PORT, FILE. Runs inside hosts, with nothing but
Python's own library.

FILE gets one line for each recipient of each message, "address<TAB>subject", before the message is
acknowledged: what a relay believes delivered is there.
"""

from __future__ import annotations

import socketserver
import sys


class Conversation(socketserver.StreamRequestHandler):
    """One client, which may send any number of messages."""

    def handle(self) -> None:
        self._recipients: list[str] = []
        self._say("220 sink ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if verb == b"DATA":
                self._take_message()
            elif verb == b"EHLO":
                self._say("250 PIPELINING")
            else:
                if verb == b"RCPT":
                    address = line.split(b":", 1)[1].split()[0].strip(b"<>")
                    self._recipients.append(address.decode(errors="replace"))
                elif verb in (b"RSET", b"MAIL"):
                    self._recipients.clear()
                self._say("250 ok")

    def _take_message(self) -> None:
        self._say("354 go on")
        subject, in_head = "", True
        for line in self.rfile:
            if line == b".\r\n":
                break
            if line == b"\r\n":
                in_head = False
            elif in_head and line.lower().startswith(b"subject:"):
                subject = line[8:].strip().decode(errors="replace")
        else:
            return  # cut off in the middle: not taken
        with open(sys.argv[3], "a") as delivered:  # noqa: PTH123 - pathlib is 2 MB of a small host
            delivered.writelines(f"{each}\t{subject}\n" for each in self._recipients)
        self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    Server((sys.argv[1], int(sys.argv[2])), Conversation).serve_forever()
