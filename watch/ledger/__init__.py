"""The availability ledger, kept by the watch: rounds of probes in, months of services out.

account     one service: its state, its coverage, what of it is not on record yet
resuming    where an account with several vantages goes on after a restart
places      the vantages: this watch's own, and others that are heard or silent
accounts    all of them, as the estate has them; the batch that waits to be kept
proof       what hosts prove of a service while its vantage is blind
months      a service's month, computed from what is on record
rows        services, budgets and tenants as the board shows them
felt        what users felt of a run
openmetrics services and budgets for other monitors
alarms      what of it is a problem
desk        the prober, the accounts, the records and the board, put together
"""
