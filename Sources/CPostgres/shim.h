// libpq: the client side of PostgreSQL's protocol.
#pragma once
#include <libpq-fe.h>

static inline void postgres_ignore_notice(void *argument, const PGresult *notice) {
    (void)argument;
    (void)notice;
}

// Without this libpq prints the server's warnings to the standard error stream.
static inline void postgres_be_silent(PGconn *connection) {
    PQsetNoticeReceiver(connection, postgres_ignore_notice, 0);
}

// The five letters of what went wrong; null when the fault is libpq's own, as when the connection broke.
static inline const char *postgres_state(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_SQLSTATE); }

// One line without the values that took part, which the detail would have.
static inline const char *postgres_message(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY); }

static inline const char *postgres_constraint(const PGresult *result) { return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME); }
