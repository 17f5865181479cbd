// hiredis: of it we use the reader of Redis' protocol, and do the sockets ourselves.
#pragma once
#include <hiredis/hiredis.h>

// hiredis makes room for as many parts as a reply says that it has, before any has come.
enum { REDIS_MOST_PARTS = 65536 };

#if HIREDIS_MAJOR >= 1
typedef size_t redis_part_count;
#else
typedef int redis_part_count;
#endif

static inline void *redis_create_array(const redisReadTask *task, redis_part_count count) {
    const redisReplyObjectFunctions *own = (const redisReplyObjectFunctions *)task->privdata;
    // Null makes the reader say that the reply is broken.
    return count > REDIS_MOST_PARTS ? NULL : own->createArray(task, count);
}

/// A reader that refuses lists of more than `REDIS_MOST_PARTS` parts. `functions` must live as long as it.
static inline redisReader *redis_bounded_reader(redisReplyObjectFunctions *functions) {
    redisReader *reader = redisReaderCreate();
    if (!reader) return NULL;
    *functions = *reader->fn;
    functions->createArray = redis_create_array;
    // hiredis hands this to each function and does not use it itself.
    reader->privdata = reader->fn;
    reader->fn = functions;
    return reader;
}
