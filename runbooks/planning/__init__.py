"""A runbook, an estate and what is typed → a `Plan`: where, how long, and every reason not to.

Pure: what is known of the moment (locks, budgets, history, the clock) is given; what hosts must
be asked for is said as questions, and their answers are taken in. Begin with `plan`.
"""
