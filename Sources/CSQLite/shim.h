// SQLite: the database of a single node, and of the tests.
#pragma once
#include <sqlite3.h>
#include <string.h>

// Swift sees neither variadic functions nor the cast of -1 that says "copy this".

/// Stops counting memory, which costs every allocation a lock that all threads share. Before the first connection.
static inline void sqlite_prepare_process(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

/// Turns off what only hostile or careless SQL needs. Returns an SQLite code.
static inline int sqlite_harden(sqlite3 *database) {
    int code = sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (!code) code = sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (!code) code = sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (!code) code = sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return code;
}

static inline int sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

/// A length of 0 binds an empty value, and not NULL.
static inline int sqlite_bind_bytes(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    return count == 0 ? sqlite3_bind_zeroblob(statement, index, 0) : sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

static inline int sqlite_compare_bytes(void *context, int left_count, const void *left, int right_count, const void *right) {
    int order = memcmp(left, right, left_count < right_count ? left_count : right_count);
    return order ? order : left_count - right_count;
}

/// Gives the database the collation that PostgreSQL calls "C": byte by byte.
static inline int sqlite_add_collation(sqlite3 *database) {
    return sqlite3_create_collation_v2(database, "C", SQLITE_UTF8, NULL, sqlite_compare_bytes, NULL);
}
