"""First floor: what is kept, in SQLite through sqlite-utils."""
