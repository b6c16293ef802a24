"""Keys of rows: order, round trip, and the columns that people read."""

from hypothesis import given
from hypothesis import strategies as st

from storage import keys
from storage.database import open_database

hosts = st.integers(1, keys.MOST_HOSTS - 1)
moments = st.integers(0, keys.END_OF_TIME - 1)
metrics = st.integers(0, keys.MOST_METRICS - 1)


@given(hosts, moments)
def test_a_tick_key_holds_its_time_and_fits_into_sqlite(host: int, at: int) -> None:
    key = keys.tick_key(host, at)
    assert keys.tick_time(key) == at
    assert 0 <= key < 1 << 63


@given(hosts, moments, hosts, moments)
def test_ticks_are_ordered_by_slot_then_host_then_time(h1: int, t1: int, h2: int, t2: int) -> None:
    parts = [(t // keys.SLOT_MS, h, t % keys.SLOT_MS) for h, t in ((h1, t1), (h2, t2))]
    assert (parts[0] < parts[1]) == (keys.tick_key(h1, t1) < keys.tick_key(h2, t2))


@given(hosts, moments)
def test_the_floor_of_a_moment_is_under_every_tick_of_its_slot_and_over_all_before(
    host: int, at: int
) -> None:
    floor = keys.tick_floor(at)
    assert floor <= keys.tick_key(1, at // keys.SLOT_MS * keys.SLOT_MS)
    assert at < keys.SLOT_MS or keys.tick_key(host, at - keys.SLOT_MS) < floor


@given(hosts, moments, metrics)
def test_people_read_the_parts_of_a_key_in_plain_sql(host: int, at: int, metric: int) -> None:
    hour, day = at // keys.HOUR_MS, at // keys.DAY_MS
    connection = _database.conn
    with connection:
        for table in ("ticks", "hours", "chunks", "ten_minutes"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("INSERT INTO ticks VALUES (?, x'')", (keys.tick_key(host, at),))
        connection.execute("INSERT INTO hours VALUES (?, 1, 1, x'')", (keys.hour_key(hour, host),))
        for table, span in (("chunks", hour), ("ten_minutes", day)):
            key = keys.column_key(span, host, metric)
            connection.execute(f"INSERT INTO {table} VALUES (?, x'')", (key,))
    assert _row("at, host FROM ticks") == (at, host)
    assert _row("hour, host FROM hours") == (hour, host)
    assert _row("hour, host, metric FROM chunks") == (hour, host, metric)
    assert _row("day, host, metric FROM ten_minutes") == (day, host, metric)


_database = open_database(None)


def _row(query: str) -> tuple[int, ...]:
    return tuple(_database.conn.execute(f"SELECT {query}").fetchone())
