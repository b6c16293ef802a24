"""The availability ledger, kept by the watch: rounds of probes in, months of services out.

account     one service: its state, its coverage, what of it is not on record yet
accounts    all of them, as the estate has them; the batch that waits to be kept
proof       what hosts prove of a service while its vantage is blind
months      a service's month, computed from what is on record
rows        services, budgets and tenants as the board shows them
alarms      what of it is a problem
desk        the prober, the accounts, the records and the board, put together
"""
