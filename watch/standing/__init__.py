"""What stands on hosts beside their load: replication, proxies, addresses, certificates, patches
and backups. Readings of slow probes become rows of the board, and figures that are judged.

A file a kind: `rows` from what a probe told, `figures` from rows. `onhost` keeps one host's.
"""
