/* A device of 1 MiB in memory, the simplest that a host can use, for tests of the target. */
#ifndef EMU_TEST_TOY_H
#define EMU_TEST_TOY_H

#include "emulator_spdk.h"

#include <stdbool.h>
#include <stddef.h>

#define TOY_BLOCK ((size_t)4096)
#define TOY_BLOCKS 256u
#define TOY_MOST_QUEUES 16
#define TOY_ECHO 0xC2u    /* admin, controller to host: fills the data with dword 10 */
#define TOY_WAIT 0xC0u    /* admin, no data: pending until TOY_RELEASE */
#define TOY_RELEASE 0xC8u /* admin, no data */

struct toy {
    uint8_t blocks[TOY_BLOCKS * TOY_BLOCK];
    bool queues[TOY_MOST_QUEUES]; /* in use; the handle is the index and one */
    int connected;
    int disconnected;
    int properties;
    int deallocated;
    int fused;
    bool fails;          /* I/O ends with a path error */
    uint16_t controller; /* that connected last */
    bool refuses;        /* nobody may connect */
    uint16_t number;     /* of the next controllers; 0 for SPDK's */
    struct emu_request *waiting[TOY_MOST_QUEUES];
};

void toy_describe(struct toy *toy, struct emu_device *device);

#endif
