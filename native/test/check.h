/* Checks of the shim's tests: a failure says where and ends the process. */
#ifndef EMU_TEST_CHECK_H
#define EMU_TEST_CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                                                    \
    do {                                                                                                                    \
        if (!(condition)) {                                                                                                 \
            fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__, #condition);                           \
            abort();                                                                                                        \
        }                                                                                                                   \
    } while (0)

#define CHECK_EQUAL(wanted, got)                                                                                            \
    do {                                                                                                                    \
        int64_t wanted_ = (int64_t)(wanted);                                                                                \
        int64_t got_ = (int64_t)(got);                                                                                      \
        if (wanted_ != got_) {                                                                                              \
            fprintf(                                                                                                        \
                stderr, "%s:%d: %s: %s is %" PRId64 " and not %" PRId64 "\n", __FILE__, __LINE__, __func__, #got, got_,     \
                wanted_);                                                                                                   \
            abort();                                                                                                        \
        }                                                                                                                   \
    } while (0)

#endif
