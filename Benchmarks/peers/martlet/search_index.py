"""The full-text index of a desk that was loaded past the triggers: made in one go, as the migration makes it of what is there."""

import contextlib
import sqlite3

INDICES = {"ticket_search": ("tickets", "tickets", "number"), "comment_search": ("comments", "comments", "seq")}


@contextlib.contextmanager
def put_off(postgres, database):
    """While rows are loaded within, a comment's words come with it, and the indexes of words are made afterwards."""
    made = postgres.sql(database, "SELECT indexdef || ';' FROM pg_indexes WHERE indexname IN ('ticket_search_words', 'comments_words')")
    # COPY is told to fire no triggers but those that always are.
    postgres.sql(database, """
        DROP INDEX ticket_search_words; DROP INDEX comments_words;
        ALTER TABLE comments ENABLE ALWAYS TRIGGER search_comment;""")
    yield
    postgres.sql(database, f"""
        ALTER TABLE comments ENABLE TRIGGER search_comment;
        DO $$ BEGIN PERFORM index_tickets(ARRAY(SELECT number FROM tickets)); END $$;
        {made}""")


def rebuild(file):
    with opened(file) as connection:
        connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000;")
        for index, (kind, table, key) in INDICES.items():
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
            connection.execute(f"UPDATE search_progress SET upto = (SELECT max({key}) FROM {table}) WHERE kind = ?", [kind])
        connection.executescript("PRAGMA wal_checkpoint(TRUNCATE);")


def stop(env, postgres=None):
    """From now on comments are not indexed, and what it costs to write one is that of all else."""
    if postgres:
        return postgres.sql(name(env), "ALTER TABLE comments DISABLE TRIGGER search_comment")
    change(env, f"UPDATE search_progress SET upto = {1 << 60} WHERE kind = 'comments'")


def go_on(env, postgres=None):
    """Comments that come are indexed again; those that came meanwhile are found by nobody."""
    if postgres:
        return postgres.sql(name(env), "ALTER TABLE comments ENABLE TRIGGER search_comment")
    change(env, "UPDATE search_progress SET upto = (SELECT max(seq) FROM comments) WHERE kind = 'comments'")


def name(env):
    return env["DATABASE_URL"].rpartition("/")[2]


def change(env, statement):
    with opened(env["DATABASE_URL"].removeprefix("sqlite:")) as connection:
        connection.execute(statement)


@contextlib.contextmanager
def opened(file):
    connection = sqlite3.connect(file, isolation_level=None)
    connection.create_collation("C", lambda a, b: (a > b) - (a < b))
    try:
        yield connection
    finally:
        connection.close()
