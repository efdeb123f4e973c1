/* Versions, and the table of sizes and offsets that a caller in another language checks. */
#include "internal.h"

#define SIZE(type)                                                                                                          \
    {                                                                                                                       \
#type, sizeof(struct type), 0                                                                                       \
    }
#define FIELD(type, field)                                                                                                  \
    {                                                                                                                       \
#type "." #field, offsetof(struct type, field), 0                                                                   \
    }

static const struct emu_layout_entry g_layout[] = {
    SIZE(emu_app_options),
    FIELD(emu_app_options, memory_mib),
    FIELD(emu_app_options, name),
    FIELD(emu_app_options, core_mask),
    FIELD(emu_app_options, rpc_socket),
    FIELD(emu_app_options, config),
    FIELD(emu_app_options, log),
    FIELD(emu_app_options, log_context),
    FIELD(emu_app_options, started),
    FIELD(emu_app_options, context),
    FIELD(emu_app_options, no_huge_pages),
    SIZE(emu_host_options),
    FIELD(emu_host_options, queue_entries),
    FIELD(emu_host_options, transport),
    FIELD(emu_host_options, host_nqn),
    FIELD(emu_host_options, keep_alive_ms),
    SIZE(emu_host_info),
    FIELD(emu_host_info, controller_id),
    FIELD(emu_host_info, max_transfer_bytes),
    FIELD(emu_host_info, namespaces),
    SIZE(emu_host_namespace),
    FIELD(emu_host_namespace, blocks),
    FIELD(emu_host_namespace, block_bytes),
    FIELD(emu_host_namespace, is_active),
    SIZE(emu_connect),
    FIELD(emu_connect, command),
    FIELD(emu_connect, data),
    FIELD(emu_connect, subsystem),
    FIELD(emu_connect, peer),
    FIELD(emu_connect, listener),
    FIELD(emu_connect, controller_id),
    FIELD(emu_connect, transport),
    FIELD(emu_connect, connection),
    SIZE(emu_command),
    FIELD(emu_command, entry),
    FIELD(emu_command, data),
    FIELD(emu_command, length),
    FIELD(emu_command, request),
    SIZE(emu_outcome),
    FIELD(emu_outcome, dw0),
    FIELD(emu_outcome, dw1),
    FIELD(emu_outcome, status),
    FIELD(emu_outcome, pending),
    SIZE(emu_device),
    FIELD(emu_device, context),
    FIELD(emu_device, connect),
    FIELD(emu_device, disconnect),
    FIELD(emu_device, submit),
    FIELD(emu_device, submit_fused),
    FIELD(emu_device, poll),
    SIZE(emu_namespace_options),
    FIELD(emu_namespace_options, nsid),
    FIELD(emu_namespace_options, block_bytes),
    FIELD(emu_namespace_options, blocks),
    FIELD(emu_namespace_options, nguid),
    FIELD(emu_namespace_options, eui64),
    FIELD(emu_namespace_options, uuid),
    SIZE(emu_subsystem_options),
    FIELD(emu_subsystem_options, nqn),
    FIELD(emu_subsystem_options, serial),
    FIELD(emu_subsystem_options, model),
    FIELD(emu_subsystem_options, first_controller_id),
    FIELD(emu_subsystem_options, last_controller_id),
    FIELD(emu_subsystem_options, namespace_count),
    FIELD(emu_subsystem_options, namespaces),
    SIZE(emu_listener_options),
    FIELD(emu_listener_options, transport),
    FIELD(emu_listener_options, address),
    FIELD(emu_listener_options, service),
    FIELD(emu_listener_options, is_ipv6),
    SIZE(emu_target_options),
    FIELD(emu_target_options, subsystem_count),
    FIELD(emu_target_options, name),
    FIELD(emu_target_options, subsystems),
    FIELD(emu_target_options, listeners),
    FIELD(emu_target_options, listener_count),
    FIELD(emu_target_options, max_transfer_bytes),
    FIELD(emu_target_options, in_capsule_bytes),
    FIELD(emu_target_options, max_queue_entries),
    FIELD(emu_target_options, max_io_queues),
    FIELD(emu_target_options, device),
    SIZE(emu_controller_settings),
    FIELD(emu_controller_settings, cap),
    FIELD(emu_controller_settings, vs),
    FIELD(emu_controller_settings, cc),
    FIELD(emu_controller_settings, csts),
    FIELD(emu_controller_settings, keep_alive_ms),
    FIELD(emu_controller_settings, io_queues),
    FIELD(emu_controller_settings, controller_id),
    FIELD(emu_controller_settings, max_transfer_bytes),
    SIZE(emu_target_counters),
    FIELD(emu_target_counters, commands),
    FIELD(emu_target_counters, staged),
    FIELD(emu_target_counters, connections),
};

uint32_t emu_abi_version(void)
{
    return EMU_ABI_VERSION;
}

const char *emu_spdk_version(void)
{
    return SPDK_VERSION_STRING;
}

uint32_t emu_spdk_version_number(void)
{
    return SPDK_VERSION;
}

const struct emu_layout_entry *emu_layout(uint32_t *count)
{
    *count = SPDK_COUNTOF(g_layout);
    return g_layout;
}
