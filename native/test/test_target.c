/*
 * A toy device behind SPDK's target, used by SPDK's host in the same process over NVMe/TCP, or over vfio-user as a PCIe
 * device: what the device is told, and what the host gets.
 */
#include "check.h"
#include "emulator_spdk.h"
#include "toy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define NQN "nqn.2026-11.io.emulator:toy"
#define NUMBER 42
#define MEMORY_MIB 512u
#define HUGE_MIB 256u

/* For CTest: a case that cannot be run here. */
#define SKIPPED 77

#define DO_NOT_RETRY 0x4000u

static struct toy g_toy;
static struct emu_target *g_target;
static char g_port[8];
static bool g_is_pcie;
static char g_directory[] = "/tmp/emulator-test-XXXXXX";

/* A port that is free now. */
static void choose_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    snprintf(g_port, sizeof(g_port), "%u", ntohs(address.sin_port));
    close(fd);
}

struct result {
    bool is_over;
    uint32_t dw0;
    uint32_t status;
};

static void ended(void *context, uint32_t dw0, uint32_t status)
{
    struct result *result = context;

    result->dw0 = dw0;
    result->status = status;
    result->is_over = true;
}

static struct emu_host *connect_host(void)
{
    char transport[256];
    struct emu_host_options options = {.size = sizeof(options), .transport = transport};
    struct emu_host *host;
    int error;

    if (g_is_pcie) {
        snprintf(transport, sizeof(transport), "trtype:VFIOUSER traddr:%s subnqn:" NQN, g_directory);
    } else {
        snprintf(transport, sizeof(transport), "trtype:TCP adrfam:IPv4 traddr:127.0.0.1 trsvcid:%s subnqn:" NQN, g_port);
    }
    host = emu_host_connect(&options, &error);
    CHECK((host == NULL) == (error != 0));
    return host;
}

static struct result admin(struct emu_host *host, uint8_t opcode, uint32_t cdw10, void *data, uint32_t length)
{
    struct result result = {0};
    uint32_t entry[16] = {opcode};

    entry[10] = cdw10;
    CHECK_EQUAL(0, emu_host_admin(host, entry, data, length, ended, &result));
    while (!result.is_over) {
        CHECK(emu_host_poll_admin(host) >= 0);
    }
    return result;
}

static uint32_t finish(struct emu_host_queue *queue, struct result *result)
{
    while (!result->is_over) {
        CHECK(emu_host_poll(queue, 0) >= 0);
    }
    return result->status;
}

static void What_was_written_is_read(struct emu_host_queue *queue, uint8_t *buffer)
{
    for (uint32_t blocks = 1; blocks <= 32; blocks *= 2) {
        struct result written = {0};
        struct result read = {0};

        memset(buffer, (int)(0x40 + blocks), (size_t)blocks * TOY_BLOCK);
        CHECK_EQUAL(0, emu_host_write(queue, 1, buffer, blocks, blocks, 0, ended, &written));
        CHECK_EQUAL(0, finish(queue, &written));
        memset(buffer, 0, (size_t)blocks * TOY_BLOCK);
        CHECK_EQUAL(0, emu_host_read(queue, 1, buffer, blocks, blocks, 0, ended, &read));
        CHECK_EQUAL(0, finish(queue, &read));
        for (size_t i = 0; i < (size_t)blocks * TOY_BLOCK; i++) {
            CHECK_EQUAL(0x40 + blocks, buffer[i]);
        }
    }
}

static void A_status_of_the_device_reaches_the_host(struct emu_host_queue *queue, uint8_t *buffer)
{
    struct result result = {0};

    g_toy.fails = true;
    CHECK_EQUAL(0, emu_host_read(queue, 1, buffer, 0, 1, 0, ended, &result));
    CHECK_EQUAL(0x0302, finish(queue, &result));
    g_toy.fails = false;
}

static void Ranges_are_deallocated_in_one_command(struct emu_host_queue *queue, uint8_t *buffer)
{
    struct result result = {0};
    uint32_t entry[16] = {0x09, 1};
    uint32_t ranges[8] = {0, 2, 10, 0, 0, 3, 20, 0};

    entry[10] = 1;
    entry[11] = 4;
    memset(g_toy.blocks, 0xFF, sizeof(g_toy.blocks));
    memcpy(buffer, ranges, sizeof(ranges));
    CHECK_EQUAL(0, emu_host_io(queue, entry, buffer, sizeof(ranges), ended, &result));
    CHECK_EQUAL(0, finish(queue, &result));
    CHECK_EQUAL(1, g_toy.deallocated);
    CHECK_EQUAL(0, g_toy.blocks[11 * TOY_BLOCK]);
    CHECK_EQUAL(0xFF, g_toy.blocks[12 * TOY_BLOCK]);
    CHECK_EQUAL(0, g_toy.blocks[22 * TOY_BLOCK]);
}

static uint32_t compare_and_write(struct emu_host_queue *queue, uint8_t *buffer, uint8_t expected, uint32_t *second)
{
    struct result results[2] = {{0}, {0}};
    uint32_t compare[16] = {0x05 | (1u << 8), 1};
    uint32_t write[16] = {0x01 | (2u << 8), 1};

    memset(buffer, expected, TOY_BLOCK);
    memset(buffer + TOY_BLOCK, 0x77, TOY_BLOCK);
    CHECK_EQUAL(0, emu_host_io(queue, compare, buffer, TOY_BLOCK, ended, &results[0]));
    CHECK_EQUAL(0, emu_host_io(queue, write, buffer + TOY_BLOCK, TOY_BLOCK, ended, &results[1]));
    finish(queue, &results[0]);
    *second = finish(queue, &results[1]);
    return results[0].status;
}

static void Fused_commands_act_as_one(struct emu_host_queue *queue, uint8_t *buffer)
{
    struct result read = {0};
    uint32_t second;

    memset(g_toy.blocks, 0x11, TOY_BLOCK);
    CHECK_EQUAL(0x285, compare_and_write(queue, buffer, 0x22, &second) & 0x7FF);
    CHECK_EQUAL(0x009, second & 0x7FF);
    CHECK_EQUAL(0x11, g_toy.blocks[0]);
    CHECK_EQUAL(0, compare_and_write(queue, buffer, 0x11, &second));
    CHECK_EQUAL(0, second);
    CHECK_EQUAL(0x77, g_toy.blocks[0]);
    CHECK_EQUAL(2, g_toy.fused);
    CHECK_EQUAL(0, emu_host_read(queue, 1, buffer, 0, 1, 0, ended, &read));
    CHECK_EQUAL(0, finish(queue, &read));
    CHECK_EQUAL(0x77, buffer[0]);
}

/* What the host gets of a status: vfio-user posts its code and type alone. */
static uint32_t posted(uint32_t status)
{
    return g_is_pcie ? status & ~DO_NOT_RETRY : status;
}

static void A_vendor_command_reaches_the_device(struct emu_host *host, uint8_t *buffer)
{
    struct result result = admin(host, TOY_ECHO, 0x5A5A5A5A, buffer, 8192);

    CHECK_EQUAL(0, result.status);
    if (!g_is_pcie) { /* vfio-user maps the data of commands that SPDK knows */
        CHECK_EQUAL(0x5A, buffer[8191]);
    }
    result = admin(host, 0xC3, 0, NULL, 0);
    CHECK_EQUAL(posted(0x4001), result.status);
}

static void Identify_is_the_devices_and_the_transports(struct emu_host *host)
{
    uint8_t page[4096];

    emu_host_get_identify(host, page);
    CHECK_EQUAL(0, memcmp(page + 3072, "VMAS", 4));
    CHECK(g_is_pcie == ((page[1792] | page[1793] | page[1794]) == 0)); /* IOCCSZ, of fabrics */
    CHECK(g_is_pcie == ((page[0] | page[1]) != 0));                    /* VID, of PCIe; the toy has none */
}

static void A_pending_command_ends_when_the_device_says(struct emu_host *host, uint8_t *buffer)
{
    struct result waiting = {0};
    uint32_t entry[16] = {TOY_WAIT};

    CHECK_EQUAL(0, emu_host_admin(host, entry, NULL, 0, ended, &waiting));
    CHECK_EQUAL(0, admin(host, TOY_ECHO, 1, buffer, 4096).status);
    CHECK(!waiting.is_over);
    CHECK_EQUAL(0, admin(host, TOY_RELEASE, 0, NULL, 0).status);
    while (!waiting.is_over) {
        CHECK(emu_host_poll_admin(host) >= 0);
    }
    CHECK_EQUAL(0x1234, waiting.dw0);
    CHECK_EQUAL(0, waiting.status);
}

static void wait_until_disconnected(int queues)
{
    for (int i = 0; i < 5000 && g_toy.disconnected < queues; i++) {
        usleep(1000);
    }
    CHECK_EQUAL(queues, g_toy.disconnected);
}

static void A_host_that_leaves_takes_its_pending_commands_along(void)
{
    struct emu_host *host = connect_host();
    struct result waiting = {0};
    uint32_t entry[16] = {TOY_WAIT};
    int before = g_toy.disconnected;

    CHECK(host != NULL);
    CHECK_EQUAL(0, emu_host_admin(host, entry, NULL, 0, ended, &waiting));
    CHECK_EQUAL(posted(0x4001), admin(host, 0xD8, 0, NULL, 0).status); /* behind the one that waits */
    emu_host_detach(host);
    CHECK(waiting.is_over);
    CHECK(waiting.status != 0);
    wait_until_disconnected(before + 1);
}

static void A_controller_has_the_number_that_the_device_has_for_it(void)
{
    for (int i = 0; i < 2; i++) {
        int before = g_toy.disconnected;
        struct emu_host *host;
        struct emu_host_queue *queue;
        struct emu_host_info info;

        g_toy.number = NUMBER;
        host = connect_host();
        CHECK(host != NULL);
        queue = emu_host_queue_create(host); /* which names the number to SPDK */
        CHECK(queue != NULL);
        emu_host_get_info(host, &info);
        CHECK_EQUAL(NUMBER, info.controller_id);
        emu_host_queue_free(queue);
        emu_host_detach(host);
        wait_until_disconnected(before + 2);
        g_toy.number = 0;
    }
}

static void A_host_that_the_device_refuses_is_not_connected(void)
{
    struct emu_host *host;

    g_toy.refuses = true;
    CHECK(connect_host() == NULL);
    g_toy.refuses = false;
    host = connect_host();
    CHECK(host != NULL);
    emu_host_detach(host);
}

static void run_cases(void)
{
    struct emu_host *host = connect_host();
    struct emu_host_queue *queue;
    struct emu_host_namespace ns;
    uint8_t *buffer = emu_dma_alloc(32 * TOY_BLOCK, TOY_BLOCK);

    CHECK(host != NULL);
    CHECK(buffer != NULL);
    CHECK(g_toy.properties > 0);
    emu_host_get_namespace(host, 1, &ns);
    CHECK_EQUAL(TOY_BLOCKS, ns.blocks);
    CHECK_EQUAL(TOY_BLOCK, ns.block_bytes);
    Identify_is_the_devices_and_the_transports(host);
    A_vendor_command_reaches_the_device(host, buffer);
    A_pending_command_ends_when_the_device_says(host, buffer);
    queue = emu_host_queue_create(host);
    CHECK(queue != NULL);
    What_was_written_is_read(queue, buffer);
    A_status_of_the_device_reaches_the_host(queue, buffer);
    Ranges_are_deallocated_in_one_command(queue, buffer);
    Fused_commands_act_as_one(queue, buffer);
    emu_host_queue_free(queue);
    emu_host_detach(host);
    wait_until_disconnected(2);
    emu_dma_free(buffer);
    A_host_that_leaves_takes_its_pending_commands_along();
    A_controller_has_the_number_that_the_device_has_for_it();
    A_host_that_the_device_refuses_is_not_connected();
}

static void target_gone(void *context, struct emu_target *target, int error, const char *step)
{
    (void)context;
    (void)step;
    CHECK(target == NULL);
    CHECK_EQUAL(0, error);
    CHECK_EQUAL(g_toy.connected, g_toy.disconnected);
    CHECK_EQUAL(0, emu_app_stop());
}

static void *run_host(void *context)
{
    (void)context;
    run_cases();
    CHECK_EQUAL(0, emu_target_destroy(g_target, target_gone, NULL));
    return NULL;
}

static void target_made(void *context, struct emu_target *target, int error, const char *step)
{
    pthread_t *thread = context;

    if (target == NULL) {
        fprintf(stderr, "%s: %s\n", step, strerror(-error));
    }
    CHECK(target != NULL);
    g_target = target;
    CHECK_EQUAL(0, pthread_create(thread, NULL, run_host, NULL));
}

static void make_target(void *context, const char *address, emu_target_fn done)
{
    struct emu_device device;
    struct emu_namespace_options ns = {.nsid = 1, .block_bytes = TOY_BLOCK, .blocks = TOY_BLOCKS};
    struct emu_subsystem_options subsystem = {
        .nqn = NQN,
        .serial = "TOY",
        .model = "Toy",
        .first_controller_id = 1,
        .last_controller_id = 100,
        .namespace_count = 1,
        .namespaces = &ns,
    };
    struct emu_listener_options listener = {
        .transport = g_is_pcie ? "VFIOUSER" : "TCP",
        .address = address,
        .service = g_port,
    };
    struct emu_target_options options = {
        .size = sizeof(options),
        .name = "toy",
        .subsystem_count = 1,
        .subsystems = &subsystem,
        .listener_count = 1,
        .listeners = &listener,
        .max_transfer_bytes = 131072,
        .in_capsule_bytes = 8192,
        .max_queue_entries = 128,
        .max_io_queues = 4,
        .device = &device,
    };

    toy_describe(&g_toy, &device);
    CHECK_EQUAL(0, emu_target_create(&options, done, context));
}

/* A host on vfio-user shares its memory with the target, which SPDK does with huge pages alone. */
static bool has_huge_pages(void)
{
    FILE *file = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");
    unsigned pages = 0;

    if (file != NULL) {
        CHECK_EQUAL(1, fscanf(file, "%u", &pages));
        fclose(file);
    }
    return pages >= HUGE_MIB / 2;
}

/* An address that is not this machine's: what was made is unmade, and the next target takes its place. */
static void target_failed(void *context, struct emu_target *target, int error, const char *step)
{
    CHECK(target == NULL);
    if (g_is_pcie && error == -EPROTONOSUPPORT) {
        printf("skipped: this SPDK is built without vfio-user\n");
        exit(SKIPPED);
    }
    CHECK(error < 0);
    CHECK_EQUAL(0, strcmp("the listener", step));
    make_target(context, g_is_pcie ? g_directory : "127.0.0.1", target_made);
}

static void app_started(void *context)
{
    make_target(context, g_is_pcie ? "/nowhere/at/all" : "192.0.2.1", target_failed);
}

int main(int count, char **arguments)
{
    pthread_t thread;
    struct emu_app_options options = {
        .size = sizeof(options),
        .name = "emulator_test_target",
        .core_mask = "0x1",
        .memory_mib = MEMORY_MIB,
        .no_huge_pages = 1,
        .started = app_started,
        .context = &thread,
    };

    g_is_pcie = count > 1 && strcmp(arguments[1], "vfio-user") == 0;
    if (g_is_pcie && !has_huge_pages()) {
        printf("skipped: a host on vfio-user needs %u MiB in huge pages of 2 MiB\n", HUGE_MIB);
        return SKIPPED;
    }
    if (g_is_pcie) {
        options.no_huge_pages = 0;
        options.memory_mib = HUGE_MIB;
    }
    choose_port();
    CHECK(mkdtemp(g_directory) != NULL);
    CHECK_EQUAL(0, emu_app_run(&options));
    CHECK_EQUAL(0, pthread_join(thread, NULL));
    CHECK_EQUAL(0, rmdir(g_directory));
    return 0;
}
