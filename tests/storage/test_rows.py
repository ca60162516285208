"""Many rows at once do what the same rows would do one by one."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from scraper.storage import rows

CHANGE = ("UPDATE things SET state = column1, title = coalesce(column2, title)", "number = column3")
ONE_BY_ONE = "UPDATE things SET state = ?, title = coalesce(?, title) WHERE number = ?"
CHANGES = st.lists(st.tuples(st.integers(0, 3), st.none() | st.text("ab", max_size=3), st.integers(0, 99)), max_size=80)


def things() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE things (number INTEGER PRIMARY KEY, state INTEGER, title TEXT)")
    rows.insert(connection, "INSERT INTO things", [(number, 0, None) for number in range(90)])
    return connection


@given(changes=CHANGES)
def test_rows_changed_together_end_as_rows_changed_one_by_one(changes: list[tuple[int, str | None, int]]) -> None:
    together, apart = things(), things()
    try:
        rows.update(together, CHANGE, changes)
        apart.executemany(ONE_BY_ONE, changes)
        every = "SELECT * FROM things ORDER BY number"
        assert together.execute(every).fetchall() == apart.execute(every).fetchall()
    finally:
        together.close()
        apart.close()


def test_the_second_of_two_changes_follows_the_first() -> None:
    connection = things()
    rows.update(connection, CHANGE, [(1, "first", 7), (2, None, 7)])
    assert connection.execute("SELECT state, title FROM things WHERE number = 7").fetchone() == (2, "first")
    connection.close()
