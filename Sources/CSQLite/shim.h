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

/// Where a row of a full-text index was found, as one number: a thousand times the last of the columns that are needed to find all words
/// of the question, and how often they stand in the row. `search_place(index, columns)` looks at the first so many columns.
///
/// SQLite's own `bm25` reads the whole list of each word for every question; this looks at one row.
static inline void sqlite_search_place(
    const Fts5ExtensionApi *api, Fts5Context *found, sqlite3_context *result, int count, sqlite3_value **values) {
    int columns = count > 0 ? sqlite3_value_int(values[0]) : 1, hits = 0, all = 0, worst = 0;
    int best[64];
    for (int phrase = 0; phrase < 64; phrase++) best[phrase] = columns;
    int code = api->xInstCount(found, &all);
    for (int index = 0; index < all && code == SQLITE_OK; index++) {
        int phrase, column, offset;
        code = api->xInst(found, index, &phrase, &column, &offset);
        if (code != SQLITE_OK || column >= columns) continue;
        if (hits < 999) hits++;
        if (phrase < 64 && column < best[phrase]) best[phrase] = column;
    }
    for (int phrase = 0; phrase < 64; phrase++)
        if (best[phrase] < columns && best[phrase] > worst) worst = best[phrase];
    // Found by who asked, and by no word of it.
    if (!hits) worst = columns;
    if (code != SQLITE_OK) sqlite3_result_error_code(result, code);
    else sqlite3_result_int(result, worst * 1000 + hits);
}

/// Gives the database `search_place`. Returns an SQLite code.
static inline int sqlite_add_search_place(sqlite3 *database) {
    fts5_api *api = NULL;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(database, "SELECT fts5(?1)", -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_bind_pointer(statement, 1, &api, "fts5_api_ptr", NULL);
    if (code == SQLITE_OK) sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_OK) return code;
    if (!api) return SQLITE_ERROR;
    return api->xCreateFunction(api, "search_place", NULL, sqlite_search_place, NULL);
}
