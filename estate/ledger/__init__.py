"""The availability ledger's arithmetic: from rounds of probes to what is left of a month's budget.

Integers (UTC milliseconds) and exact fractions throughout; nothing here rounds, and nothing that
was not observed is ever counted as up. Data travels down this list:

    sightings    what each vantage saw, run by run -> rounds of all of them
    rounds       what vantages saw -> the state of a service, and its transitions
    spans        sets of half-open intervals of time
    composition  several services' spans -> one's
    months       which milliseconds a calendar month has
    statement    a month's spans -> best case, worst case, budget, verdict
    burn         how fast the budget goes, and what will be left of it
    tenants      who was without what

Beside it: `book`, what is kept of all this; `telling`, a vantage's sightings as lines.
"""
