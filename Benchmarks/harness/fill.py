"""Loads a made-up desk into a database: by COPY into PostgreSQL, by one transaction into SQLite.

What goes where is said by `columns`: {table: (rows of the desk, {column: what it holds})}, where the latter is a Python
expression over a row `r`, the `desk`, `uuid(text)` and `listed(texts)`.
"""

import json
import sqlite3

from .processes import Failed


def listed(texts):
    """As JSON, without a space that nobody needs."""
    return json.dumps(texts, separators=(",", ":"))


def reader(desk, columns, uuid):
    """From a row of the desk to the tuple of a table's row, compiled once: there are millions."""
    return eval(f"lambda r: ({', '.join(columns.values())},)", {"desk": desk, "listed": listed, "uuid": uuid})


def line(values):
    """As COPY wants it. The desk's texts hold no character that must be escaped."""
    return "\t".join(["\\N" if value is None else str(value) for value in values]) + "\n"


def fill_postgres(postgres, database, desk, columns):
    for table, (rows, cells) in columns.items():
        read = reader(desk, cells, uuid=str)
        postgres.copy(database, table, cells, (line(read(row)) for row in desk.all(rows)))
    # COPY gave the numbers, and the sequence knows nothing of them.
    postgres.sql(database, "SELECT setval(pg_get_serial_sequence('tickets', 'number'), max(number)) FROM tickets")
    postgres.sql(database, "VACUUM ANALYZE")


def fill_sqlite(file, desk, columns):
    connection = sqlite3.connect(file, isolation_level=None)
    connection.create_collation("C", lambda a, b: (a > b) - (a < b))
    try:
        # It may be lost: who loads it can load it again.
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -1000000;")
        connection.execute("BEGIN IMMEDIATE")
        for table, (rows, cells) in columns.items():
            names = ", ".join(f'"{column}"' for column in cells)
            connection.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(cells))})",
                map(reader(desk, cells, uuid=lambda text: bytes.fromhex(text.replace("-", ""))), desk.all(rows)))
        connection.execute("COMMIT")
        # No ANALYZE: the server never does one, and has the plans that the schema alone leads to.
        connection.executescript("PRAGMA wal_checkpoint(TRUNCATE);")
    except sqlite3.Error as error:
        raise Failed(f"SQLite did not take the desk: {error}") from None
    finally:
        connection.close()
