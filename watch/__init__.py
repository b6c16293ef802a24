"""Second floor: the one process that collects, judges and records, and its API on a Unix socket."""
