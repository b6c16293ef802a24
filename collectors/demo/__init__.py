"""The demo's other end: a messaging platform of two sites whose hosts are real SSH servers.

`python -m collectors.demo` plays the hosts; nothing else in the product imports this package, and
it imports nothing of the product. Rooms: `roster` (which hosts there are), `life` (how one host
lives), `root` (its life as files under a prefix), `server` (the SSH side), `scenario` (what goes
wrong and when), `papers` (the estate file and the SSH files), `__main__` (the process).
"""
