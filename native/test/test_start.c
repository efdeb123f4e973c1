/* What does not start says so, and nothing that needs a running application is taken before there is one. */
#include "check.h"
#include "emulator_spdk.h"

#include <errno.h>
#include <string.h>

static int g_lines;

static void count_line(void *context, uint32_t level, const char *text)
{
    (void)context;
    (void)level;
    CHECK(strchr(text, '\n') == NULL);
    g_lines++;
}

static void never_started(void *context)
{
    (void)context;
    CHECK(0 && "it started");
}

static void never_done(void *context, struct emu_target *target, int error, const char *step)
{
    (void)context;
    (void)target;
    (void)error;
    (void)step;
    CHECK(0 && "a target was made");
}

int main(void)
{
    struct emu_device device = {.size = sizeof(device)};
    struct emu_target_options target = {.size = sizeof(target), .name = "none", .device = &device};
    struct emu_app_options options = {
        .size = sizeof(options),
        .name = "emulator_test_start",
        .core_mask = "0x0",
        .memory_mib = 64,
        .no_huge_pages = 1,
        .started = never_started,
        .log = count_line,
    };

    CHECK_EQUAL(-ESRCH, emu_app_stop());
    CHECK_EQUAL(-ESRCH, emu_target_create(&target, never_done, NULL));
    target.size--;
    CHECK_EQUAL(-EINVAL, emu_target_create(&target, never_done, NULL));

    options.memory_mib = 0;
    CHECK_EQUAL(-EINVAL, emu_app_run(&options));
    options.memory_mib = 64;
    options.size--;
    CHECK_EQUAL(-EINVAL, emu_app_run(&options));
    options.size++;
    CHECK(emu_app_run(&options) < 0);
    CHECK(g_lines > 0);
    CHECK_EQUAL(-EALREADY, emu_app_run(&options));
    CHECK_EQUAL(-EALREADY, emu_env_init(&options));
    return 0;
}
