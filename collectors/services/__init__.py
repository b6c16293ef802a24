"""Services, asked as their users would ask them: from here, without their hosts' help.

A kind of probe is a file with one coroutine that talks to a peer and returns, or raises ProbeFailed
with an exact cause. `kinds` is the table of them, `conversation` the one file that knows sockets,
`canaries` tells a dead service from a blind vantage, and `prober` keeps the rounds.
"""
