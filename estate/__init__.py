"""The ground floor: an estate, and what is known of it, as plain values.

Nothing here asks a host, opens a file, starts a thread or reads a clock. The four rooms above
(collectors, runbooks, storage, snapshots) speak to one another only in these nouns.
"""
