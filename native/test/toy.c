#include "toy.h"

#include "check.h"

#include <string.h>

static const char g_signature[4] = {'V', 'M', 'A', 'S'};

#define STATUS_INVALID_OPCODE 0x4001u
#define STATUS_INVALID_HOST 0x4184u
#define STATUS_INACCESSIBLE 0x0302u
#define STATUS_COMPARE_FAILURE 0x4285u
#define STATUS_FAILED_FUSED 0x0009u

static uint32_t dword(const struct emu_command *command, int index)
{
    uint32_t value;

    memcpy(&value, (const uint8_t *)command->entry + 4 * (size_t)index, sizeof(value));
    return value;
}

static uint8_t opcode_of(const struct emu_command *command)
{
    return *(const uint8_t *)command->entry;
}

static void
toy_connect(void *context, uint64_t now, const struct emu_connect *connect, uint64_t *queue, struct emu_outcome *outcome)
{
    struct toy *toy = context;

    (void)now;
    CHECK(connect->transport != EMU_TRANSPORT_OTHER);
    CHECK(connect->listener[0] != '\0');
    if (toy->refuses) {
        outcome->status = STATUS_INVALID_HOST;
        return;
    }
    for (int i = 0; i < TOY_MOST_QUEUES; i++) {
        if (!toy->queues[i]) {
            toy->queues[i] = true;
            toy->connected++;
            *queue = (uint64_t)i + 1;
            outcome->dw0 = toy->number != 0 ? toy->number : connect->controller_id;
            toy->controller = (uint16_t)outcome->dw0;
            return;
        }
    }
    CHECK(0 && "a queue too many");
}

static void toy_disconnect(void *context, uint64_t now, uint64_t queue)
{
    struct toy *toy = context;

    (void)now;
    CHECK(toy->queues[queue - 1]);
    toy->queues[queue - 1] = false;
    toy->waiting[queue - 1] = NULL;
    toy->disconnected++;
}

static void identify(const struct toy *toy, const struct emu_command *command)
{
    uint8_t *page = command->data;

    CHECK_EQUAL(4096, command->length);
    memset(page, 0, command->length);
    switch (dword(command, 10) & 0xFF) {
    case 0: /* namespace */
        memcpy(page, &(uint64_t){TOY_BLOCKS}, 8);
        memcpy(page + 8, &(uint64_t){TOY_BLOCKS}, 8);
        page[130] = 12; /* LBADS */
        break;
    case 1: /* controller */
        memcpy(page + 78, &toy->controller, sizeof(toy->controller));
        page[512] = 0x66;
        page[513] = 0x44;
        page[516] = 1;    /* NN */
        page[520] = 0x0D; /* ONCS: Compare, Dataset Management, Write Zeroes */
        memcpy(page + 3072, g_signature, sizeof(g_signature));
        break;
    case 2: /* active namespaces */
        page[0] = dword(command, 1) == 0;
        break;
    default:
        break;
    }
}

static void release(struct toy *toy)
{
    struct emu_outcome outcome = {.dw0 = 0x1234};

    for (int i = 0; i < TOY_MOST_QUEUES; i++) {
        struct emu_request *request = toy->waiting[i];

        toy->waiting[i] = NULL;
        if (request != NULL) {
            emu_request_complete(request, &outcome);
        }
    }
}

static void execute_admin(struct toy *toy, uint64_t queue, const struct emu_command *command, struct emu_outcome *outcome)
{
    switch (opcode_of(command)) {
    case 0x02: /* Get Log Page */
        memset(command->data, 0, command->length);
        break;
    case 0x06:
        identify(toy, command);
        break;
    case 0x09: /* Set Features, Get Features */
    case 0x0A:
        break;
    case 0x0C: /* Asynchronous Event Request */
        outcome->pending = 1;
        break;
    case TOY_ECHO:
        for (uint32_t at = 0; at + 4 <= command->length; at += 4) {
            uint32_t value = dword(command, 10);

            memcpy((uint8_t *)command->data + at, &value, sizeof(value));
        }
        break;
    case TOY_WAIT:
        outcome->pending = 1;
        toy->waiting[queue - 1] = command->request;
        break;
    case TOY_RELEASE:
        release(toy);
        break;
    case 0x7F: /* a property was set */
        toy->properties++;
        break;
    default:
        outcome->status = STATUS_INVALID_OPCODE;
        break;
    }
}

static void execute_io(struct toy *toy, const struct emu_command *command, struct emu_outcome *outcome)
{
    uint64_t lba = dword(command, 10);
    uint64_t length = ((dword(command, 12) & 0xFFFF) + 1) * (uint64_t)TOY_BLOCK;

    if (toy->fails) {
        outcome->status = STATUS_INACCESSIBLE;
        return;
    }
    switch (opcode_of(command)) {
    case 0x00:
        break;
    case 0x01:
        CHECK(command->length >= length);
        memcpy(toy->blocks + lba * TOY_BLOCK, command->data, length);
        break;
    case 0x02:
        CHECK(command->length >= length);
        memcpy(command->data, toy->blocks + lba * TOY_BLOCK, length);
        break;
    case 0x05:
        outcome->status = memcmp(command->data, toy->blocks + lba * TOY_BLOCK, length) == 0 ? 0 : STATUS_COMPARE_FAILURE;
        break;
    case 0x08:
        memset(toy->blocks + lba * TOY_BLOCK, 0, length);
        break;
    case 0x09: {
        uint32_t range[4];

        CHECK_EQUAL(16 * (dword(command, 10) + 1), command->length);
        for (uint32_t i = 0; i <= dword(command, 10); i++) {
            memcpy(range, (uint8_t *)command->data + i * sizeof(range), sizeof(range));
            memset(toy->blocks + (size_t)range[2] * TOY_BLOCK, 0, (size_t)range[1] * TOY_BLOCK);
        }
        toy->deallocated++;
        break;
    }
    default:
        outcome->status = STATUS_INVALID_OPCODE;
        break;
    }
}

static void
toy_submit(void *context, uint64_t now, uint64_t queue, const struct emu_command *command, struct emu_outcome *outcome)
{
    struct toy *toy = context;
    bool is_admin = dword(command, 1) == 0 || opcode_of(command) >= 0x0A || opcode_of(command) == 0x06;

    (void)now;
    CHECK(toy->queues[queue - 1]);
    if (opcode_of(command) == 0x7F || is_admin) {
        execute_admin(toy, queue, command, outcome);
    } else {
        execute_io(toy, command, outcome);
    }
}

static void toy_submit_fused(
    void *context, uint64_t now, uint64_t queue, const struct emu_command *first, const struct emu_command *second,
    struct emu_outcome *first_outcome, struct emu_outcome *second_outcome)
{
    struct toy *toy = context;

    (void)now;
    (void)queue;
    toy->fused++;
    execute_io(toy, first, first_outcome);
    if (first_outcome->status == 0) {
        execute_io(toy, second, second_outcome);
    } else {
        second_outcome->status = STATUS_FAILED_FUSED;
    }
}

static uint32_t toy_poll(void *context, uint64_t now)
{
    (void)context;
    (void)now;
    return 0;
}

void toy_describe(struct toy *toy, struct emu_device *device)
{
    memset(device, 0, sizeof(*device));
    device->size = sizeof(*device);
    device->context = toy;
    device->connect = toy_connect;
    device->disconnect = toy_disconnect;
    device->submit = toy_submit;
    device->submit_fused = toy_submit_fused;
    device->poll = toy_poll;
}
