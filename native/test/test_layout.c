/* The table that callers check: complete, without doubles, and true for what C itself says. */
#include "check.h"
#include "emulator_spdk.h"

#include <string.h>

static uint32_t value_of(const char *name)
{
    uint32_t count;
    const struct emu_layout_entry *entries = emu_layout(&count);

    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(entries[i].name, name) == 0) {
            return entries[i].value;
        }
    }
    return UINT32_MAX;
}

int main(void)
{
    uint32_t count;
    const struct emu_layout_entry *entries = emu_layout(&count);

    CHECK_EQUAL(EMU_ABI_VERSION, emu_abi_version());
    CHECK(emu_spdk_version_number() >= 240900);
    CHECK(strncmp(emu_spdk_version(), "SPDK v", 6) == 0);
    CHECK(count > 0);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i; j++) {
            CHECK(strcmp(entries[i].name, entries[j].name) != 0);
        }
    }
    CHECK_EQUAL(sizeof(struct emu_command), value_of("emu_command"));
    CHECK_EQUAL(offsetof(struct emu_command, length), value_of("emu_command.length"));
    CHECK_EQUAL(sizeof(struct emu_outcome), value_of("emu_outcome"));
    CHECK_EQUAL(offsetof(struct emu_target_options, device), value_of("emu_target_options.device"));
    return 0;
}
