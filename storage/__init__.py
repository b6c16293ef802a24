"""First floor: what is kept, in SQLite through sqlite-utils.

The watch speaks to `keeper` alone. Samples go keeper → records → ticks, and by upkeep from there
into columns (compaction, rollups); a question comes back through charts.
"""
