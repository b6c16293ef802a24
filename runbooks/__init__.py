"""First floor: change hosts, on the record."""
