"""The tables, as a list of migrations that only ever grows.

A migration that was released is never edited: `tests/storage/version1.sql` is a file of the first
schema, and has to open with all that came after. Views are for people (`sqlite-utils rows
records.db event_log`, or datasette); the product reads the tables.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

MIGRATIONS = Migrations("twinwatch")


@MIGRATIONS()
def m0001_records(db: Database) -> None:
    """Hosts, samples in four tiers, events, the board."""
    for statement in _RECORDS.split(";\n\n"):
        db.conn.execute(statement)


_RECORDS = """
CREATE TABLE hosts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- One row for each host and tick: float32 for each metric, little-endian, NaN where not known.
CREATE TABLE ticks (
    key INTEGER PRIMARY KEY,
    packed BLOB NOT NULL,
    at INTEGER AS ((key >> 34) * 10000 + (key & 16383)),
    host INTEGER AS ((key >> 14) & 1048575)
);

-- One row for each host and hour that was compacted: when its samples were taken.
CREATE TABLE hours (
    key INTEGER PRIMARY KEY,
    samples INTEGER NOT NULL,
    metrics INTEGER NOT NULL,
    stamps BLOB NOT NULL,
    hour INTEGER AS (key >> 20),
    host INTEGER AS (key & 1048575)
);

-- One row for each host, hour and metric: the samples at the hour's stamps.
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY,
    packed BLOB NOT NULL,
    hour INTEGER AS (key >> 28),
    host INTEGER AS ((key >> 8) & 1048575),
    metric INTEGER AS (key & 255)
);

-- One row for each host, hour and metric: 60 lows, 60 means, 60 highs.
CREATE TABLE minutes (
    key INTEGER PRIMARY KEY,
    packed BLOB NOT NULL,
    hour INTEGER AS (key >> 28),
    host INTEGER AS ((key >> 8) & 1048575),
    metric INTEGER AS (key & 255)
);

-- One row for each host, day and metric: 144 lows, 144 means, 144 highs.
CREATE TABLE ten_minutes (
    key INTEGER PRIMARY KEY,
    packed BLOB NOT NULL,
    day INTEGER AS (key >> 28),
    host INTEGER AS ((key >> 8) & 1048575),
    metric INTEGER AS (key & 255)
);

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    severity TEXT NOT NULL,
    place TEXT NOT NULL,
    what TEXT NOT NULL
);

CREATE INDEX events_at ON events (at);

-- The last picture of the board, as the watch wrote it: deflated JSON.
CREATE TABLE board (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL,
    document BLOB NOT NULL
);

-- Moments worth remembering: `saved` is the last sample that is on disk.
CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE VIEW event_log AS
    SELECT id, strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS time,
           severity, place, what
    FROM events ORDER BY id DESC;

CREATE VIEW hours_kept AS
    SELECT hosts.name AS host, strftime('%Y-%m-%dT%H:00Z', hours.hour * 3600, 'unixepoch') AS hour,
           hours.samples, hours.metrics
    FROM hours JOIN hosts ON hosts.id = hours.host ORDER BY hours.key DESC;

CREATE VIEW ticks_kept AS
    SELECT hosts.name AS host,
           strftime('%Y-%m-%dT%H:%M:%SZ', ticks.at / 1000, 'unixepoch') AS time,
           length(ticks.packed) / 4 AS metrics
    FROM ticks JOIN hosts ON hosts.id = ticks.host ORDER BY ticks.key DESC;

CREATE VIEW saved_until AS
    SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS time, at
    FROM marks WHERE name = 'saved'
""".strip()


@MIGRATIONS()
def m0002_ledger(db: Database) -> None:
    """The availability ledger: transitions, coverage, maintenance, rounds that may be asked for."""
    for statement in _LEDGER.split(";\n\n"):
        db.conn.execute(statement)


_LEDGER = """
-- One row for each change of a service's state, in the order in which they were confirmed.
CREATE TABLE transitions (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    previous TEXT NOT NULL,
    confirmed_at INTEGER NOT NULL,
    last_good INTEGER,
    first_bad INTEGER,
    cause TEXT NOT NULL,
    UNIQUE (service, at, confirmed_at, state)
);

-- One row for each stretch in which a vantage asked a service in every cadence.
CREATE TABLE coverage (
    service TEXT NOT NULL,
    vantage TEXT NOT NULL,
    start INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (service, vantage, start)
) WITHOUT ROWID;

-- Planned work as it was first seen in the estate: what was declared late excludes nothing.
CREATE TABLE maintenance (
    service TEXT NOT NULL,
    starts INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    declared_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    declared_by TEXT NOT NULL,
    PRIMARY KEY (service, starts, ends)
) WITHOUT ROWID;

-- Rounds that were not good, and the first good one after them.
CREATE TABLE rounds (
    service TEXT NOT NULL,
    vantage TEXT NOT NULL,
    at INTEGER NOT NULL,
    seen TEXT NOT NULL,
    milliseconds REAL,
    cause TEXT NOT NULL,
    PRIMARY KEY (service, vantage, at)
);

CREATE INDEX rounds_at ON rounds (at);

CREATE VIEW outages AS
    SELECT service, strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS since, state, cause
    FROM transitions WHERE state IN ('down', 'degraded') ORDER BY id DESC
""".strip()


@MIGRATIONS()
def m0003_attention(db: Database) -> None:
    """What people said of problems, and who was told of them."""
    for statement in _ATTENTION.split(";\n\n"):
        db.conn.execute(statement)


_ATTENTION = """
-- One row for each word of a person that they have a problem; it holds while ended_at is NULL.
CREATE TABLE acknowledgements (
    problem TEXT NOT NULL,
    at INTEGER NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    until INTEGER NOT NULL,
    severity TEXT NOT NULL,
    ended_at INTEGER,
    ended_how TEXT,
    ended_by TEXT,
    PRIMARY KEY (problem, at)
) WITHOUT ROWID;

-- Problems that `selects` (filter grammar) selects wake nobody; as above.
CREATE TABLE silences (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    selects TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    until INTEGER NOT NULL,
    ended_at INTEGER,
    ended_how TEXT,
    ended_by TEXT
) WITHOUT ROWID;

-- Who was told of which problem that stands: nobody is told twice because the watch was restarted.
CREATE TABLE notices (
    target TEXT NOT NULL,
    problem TEXT NOT NULL,
    severity TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (target, problem)
) WITHOUT ROWID
""".strip()


@MIGRATIONS()
def m0004_sightings(db: Database) -> None:
    """What each vantage saw, run by run, and transitions that another vantage's word took back."""
    for statement in _SIGHTINGS.split(";\n\n"):
        db.conn.execute(statement)


_SIGHTINGS = """
-- One row for each run of equal rounds: what a vantage saw of a service. `seq` is the number of
-- its last round in the vantage's journal, and grows with the run.
CREATE TABLE sightings (
    vantage TEXT NOT NULL,
    service TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    every_ms INTEGER NOT NULL,
    seen TEXT NOT NULL,
    seq INTEGER NOT NULL,
    milliseconds REAL,
    cause TEXT NOT NULL,
    PRIMARY KEY (vantage, service, at)
);

CREATE INDEX sightings_seq ON sightings (vantage, seq);

CREATE INDEX sightings_until ON sightings (until);

-- Transitions that were said before another vantage's rounds came, and count no longer.
CREATE TABLE withdrawn (
    service TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    previous TEXT NOT NULL,
    confirmed_at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    PRIMARY KEY (service, at, confirmed_at, state)
) WITHOUT ROWID
""".strip()


@MIGRATIONS()
def m0005_pictures(db: Database) -> None:
    """Whole boards of the past."""
    db.conn.execute(_PICTURES)


_PICTURES = """
-- The board at `at`, deflated JSON, and how many problems without a cause stood then.
CREATE TABLE pictures (
    at INTEGER PRIMARY KEY,
    critical INTEGER NOT NULL,
    warning INTEGER NOT NULL,
    document BLOB NOT NULL
)
""".strip()


@MIGRATIONS()
def m0006_told(db: Database) -> None:
    """How events were said, as JSON: a console says them in its own language."""
    db.conn.execute("ALTER TABLE events ADD COLUMN told TEXT")


@MIGRATIONS()
def m0007_cleared(db: Database) -> None:
    """Which problem is over with an event: a handover says "closed" of no other."""
    db.conn.execute("ALTER TABLE events ADD COLUMN cleared TEXT")


@MIGRATIONS()
def m0008_schedules(db: Database) -> None:
    """The estate's shifts and planned work, whenever they were others."""
    db.conn.execute(_SCHEDULES)


_SCHEDULES = """
-- The schedule (JSON) that held from `at` on; of two rows the one with the greater id, for a clock
-- that was set back dates a later one earlier.
CREATE TABLE schedules (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    schedule TEXT
)
""".strip()


#: Names of all migrations this version knows; a file with others was written by a newer one.
MIGRATION_NAMES = frozenset(
    {
        "m0001_records",
        "m0002_ledger",
        "m0003_attention",
        "m0004_sightings",
        "m0005_pictures",
        "m0006_told",
        "m0007_cleared",
        "m0008_schedules",
    }
)
