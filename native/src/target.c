/*
 * A target is made in named steps and unmade in the reverse order; both are lists, and each step says when it is done, now or
 * in a callback of SPDK's. If a step fails the list is left and the other one begins, whose steps take what is there.
 */
#include "internal.h"

#include "spdk/env.h"
#include "spdk/string.h"

/* Of SPDK's buffers that a transport keeps for itself; all targets of the process share what there is. */
#define MOST_CACHED_BUFFERS 64u

enum { STEP_DONE = 0, STEP_WAITS = 1, STEP_AGAIN = 2 };

struct step {
    const char *name;
    int (*take)(struct emu_target *target); /* STEP_DONE, STEP_WAITS for step_ended(), STEP_AGAIN, or an error */
};

static void make(struct emu_target *target);
static void unmake(struct emu_target *target);

/* ---- Waiting ---- */

/* A callback that a step of making waits for has come. */
static void step_ended(struct emu_target *target, int status)
{
    if (status != 0 && target->plan->error == 0) {
        target->plan->error = status;
    }
    make(target);
}

static void listen_trid(const struct emu_listener_options *listener, struct spdk_nvme_transport_id *trid)
{
    memset(trid, 0, sizeof(*trid));
    spdk_nvme_transport_id_populate_trstring(trid, listener->transport);
    spdk_nvme_transport_id_parse_trtype(&trid->trtype, listener->transport);
    if (trid->trtype == SPDK_NVME_TRANSPORT_VFIOUSER) {
        trid->adrfam = 0;
    } else {
        trid->adrfam = listener->is_ipv6 ? SPDK_NVMF_ADRFAM_IPV6 : SPDK_NVMF_ADRFAM_IPV4;
        snprintf(trid->trsvcid, sizeof(trid->trsvcid), "%s", listener->service);
    }
    snprintf(trid->traddr, sizeof(trid->traddr), "%s", listener->address);
}

/* ---- Making ---- */

static int make_target(struct emu_target *target)
{
    struct spdk_nvmf_target_opts options = {.size = SPDK_SIZEOF(&options, dhchap_dhgroups)};

    emu_admin_install();
    target->thread = spdk_get_thread();
    target->origin = spdk_get_ticks();
    target->ns_per_tick = (uint64_t)(((unsigned __int128)1000000000 << 32) / spdk_get_ticks_hz());
    snprintf(options.name, sizeof(options.name), "%s", target->plan->name);
    options.max_subsystems = target->plan->subsystem_count + 1;
    target->tgt = spdk_nvmf_tgt_create(&options);
    if (target->tgt == NULL) {
        return -ENOMEM;
    }
    emu_channels_register(target);
    return STEP_DONE;
}

/* A transport that the target did not take: nobody else gives it back. */
static void transport_destroyed(void *context)
{
    step_ended(context, -EIO);
}

static void transport_added(void *context, int status)
{
    struct emu_target *target = context;

    if (status != 0) {
        spdk_nvmf_transport_destroy(target->transports[target->transport_count - 1].transport, transport_destroyed, target);
        return;
    }
    step_ended(target, 0);
}

static void transport_created(void *context, struct spdk_nvmf_transport *transport)
{
    struct emu_target *target = context;

    if (transport == NULL) {
        step_ended(target, -EIO);
        return;
    }
    emu_transport_decorate(target, &target->transports[target->transport_count++], transport);
    spdk_nvmf_tgt_add_transport(target->tgt, transport, transport_added, target);
}

static int make_transport(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;
    struct spdk_nvmf_transport_opts options = {0};
    const char *name;

    if (plan->index == plan->listener_count) {
        return STEP_DONE;
    }
    name = plan->listeners[plan->index++].transport;
    if (spdk_nvmf_tgt_get_transport(target->tgt, name) != NULL) {
        return STEP_AGAIN;
    }
    if (target->transport_count == EMU_MOST_TRANSPORTS) {
        return -E2BIG;
    }
    if (!spdk_nvmf_transport_opts_init(name, &options, sizeof(options))) {
        return -EPROTONOSUPPORT;
    }
    /*
     * A buffer holds a whole transfer, so that the device gets the host's data in one piece. No more than SPDK offers by
     * default: data of a longer write comes in several PDUs, and with data digests SPDK 24.09 then ends the connection.
     */
    options.max_io_size = spdk_min(plan->max_transfer_bytes, options.max_io_size);
    options.io_unit_size = spdk_max(options.max_io_size, options.io_unit_size);
    options.buf_cache_size = spdk_min(options.buf_cache_size, MOST_CACHED_BUFFERS);
    /* No more than SPDK offers by default either: see finish_queue_pair() of transport.c. */
    options.in_capsule_data_size = spdk_min(plan->in_capsule_bytes, options.in_capsule_data_size);
    options.max_queue_depth = plan->max_queue_entries;
    options.max_qpairs_per_ctrlr = (uint16_t)(plan->max_io_queues + 1);
    return spdk_nvmf_transport_create_async(name, &options, transport_created, target) == 0 ? STEP_WAITS : -EIO;
}

static int make_poll_group(struct emu_target *target)
{
    target->poll_group = spdk_nvmf_poll_group_create(target->tgt);
    return target->poll_group == NULL ? -ENOMEM : STEP_DONE;
}

static int add_namespace(
    struct emu_target *target, struct spdk_nvmf_subsystem *subsystem, uint32_t number,
    const struct emu_namespace_options *options)
{
    struct spdk_nvmf_ns_opts ns_options;
    struct emu_bdev *bdev = NULL;
    char name[256];
    int rc;

    snprintf(name, sizeof(name), "%ss%un%u", target->plan->name, number, options->nsid);
    rc = emu_bdev_create(target, name, options, &bdev);
    if (rc != 0) {
        return rc;
    }
    spdk_nvmf_ns_opts_get_defaults(&ns_options, sizeof(ns_options));
    ns_options.nsid = options->nsid;
    memcpy(ns_options.nguid, options->nguid, sizeof(options->nguid));
    memcpy(ns_options.eui64, options->eui64, sizeof(options->eui64));
    memcpy(&ns_options.uuid, options->uuid, sizeof(options->uuid));
    return spdk_nvmf_subsystem_add_ns_ext(subsystem, name, &ns_options, sizeof(ns_options), NULL) == options->nsid ? 0
                                                                                                                   : -EIO;
}

static int make_subsystem(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;
    const struct emu_subsystem_options *options = &plan->subsystems[plan->index];
    struct spdk_nvmf_subsystem *made;
    uint32_t highest = 1;
    int rc;

    if (plan->index == plan->subsystem_count) {
        return STEP_DONE;
    }
    for (uint32_t i = 0; i < options->namespace_count; i++) {
        highest = spdk_max(highest, options->namespaces[i].nsid);
    }
    made = spdk_nvmf_subsystem_create(target->tgt, options->nqn, SPDK_NVMF_SUBTYPE_NVME, highest);
    if (made == NULL) {
        return -EINVAL;
    }
    plan->made[plan->made_count++] = made;
    /* Who may connect is the device's to say. */
    spdk_nvmf_subsystem_set_allow_any_host(made, true);
    rc = spdk_nvmf_subsystem_set_sn(made, options->serial);
    rc = rc != 0 ? rc : spdk_nvmf_subsystem_set_mn(made, options->model);
    rc =
        rc != 0 ? rc : spdk_nvmf_subsystem_set_cntlid_range(made, options->first_controller_id, options->last_controller_id);
    for (uint32_t i = 0; rc == 0 && i < options->namespace_count; i++) {
        rc = add_namespace(target, made, plan->index, &options->namespaces[i]);
    }
    plan->index++;
    return rc != 0 ? rc : STEP_AGAIN;
}

static int make_discovery(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;
    struct spdk_nvmf_subsystem *made =
        spdk_nvmf_subsystem_create(target->tgt, SPDK_NVMF_DISCOVERY_NQN, SPDK_NVMF_SUBTYPE_DISCOVERY_CURRENT, 0);

    if (made == NULL) {
        return -EINVAL;
    }
    plan->made[plan->made_count++] = made;
    spdk_nvmf_subsystem_set_allow_any_host(made, true);
    return STEP_DONE;
}

static void listener_added(void *context, int status)
{
    step_ended(context, status);
}

/* A listener of a VM's PCIe slot is one subsystem's alone, and that of no discovery. */
static bool listens_to(const struct emu_listener_options *listener, const struct spdk_nvmf_subsystem *subsystem)
{
    return strcasecmp(listener->transport, "VFIOUSER") != 0 ||
           !spdk_nvmf_subsystem_is_discovery((struct spdk_nvmf_subsystem *)subsystem);
}

static int make_listener(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;
    const struct emu_listener_options *listener = &plan->listeners[plan->index];
    struct spdk_nvmf_listen_opts options;
    struct spdk_nvme_transport_id trid;
    struct spdk_nvmf_subsystem *subsystem;
    int rc;

    if (plan->index == plan->listener_count) {
        return STEP_DONE;
    }
    listen_trid(listener, &trid);
    if (plan->index2 == 0) {
        spdk_nvmf_listen_opts_init(&options, sizeof(options));
        rc = spdk_nvmf_tgt_listen_ext(target->tgt, &trid, &options);
        if (rc != 0) {
            return rc;
        }
    }
    subsystem = plan->made[plan->index2++];
    if (plan->index2 == plan->made_count) {
        plan->index2 = 0;
        plan->index++;
    }
    if (!listens_to(listener, subsystem)) {
        return STEP_AGAIN;
    }
    spdk_nvmf_subsystem_add_listener(subsystem, &trid, listener_added, target);
    return STEP_WAITS;
}

static void subsystem_started(struct spdk_nvmf_subsystem *subsystem, void *context, int status)
{
    (void)subsystem;
    step_ended(context, status);
}

static int start_subsystem(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;
    int rc;

    if (plan->index == plan->made_count) {
        return STEP_DONE;
    }
    rc = spdk_nvmf_subsystem_start(plan->made[plan->index++], subsystem_started, target);
    return rc != 0 ? rc : STEP_WAITS;
}

static int poll_device(void *context)
{
    struct emu_target *target = context;
    uint64_t now = emu_now(target);

    emu_queues_check(target, now);
    return target->device.poll(target->device.context, now) != 0 ? SPDK_POLLER_BUSY : SPDK_POLLER_IDLE;
}

static int make_poller(struct emu_target *target)
{
    target->poller = spdk_poller_register_named(poll_device, target, 0, "emulator_device");
    return target->poller == NULL ? -ENOMEM : STEP_DONE;
}

static const struct step g_making[] = {
    {"the NVMe-oF target", make_target},
    {"the transport", make_transport},
    {"the poll group", make_poll_group},
    {"the subsystem", make_subsystem},
    {"the discovery subsystem", make_discovery},
    {"the device's poller", make_poller},
    {"the listener", make_listener},
    {"the start of the subsystem", start_subsystem},
};

static void report(struct emu_target *target, struct emu_target *made)
{
    struct emu_plan *plan = target->plan;

    plan->done(plan->context, made, plan->error, plan->failed_step);
}

/* Goes on with making where it is; STEP_WAITS comes back here by step_ended(). */
static void make(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;

    while (plan->error == 0 && plan->step < SPDK_COUNTOF(g_making)) {
        int rc = g_making[plan->step].take(target);

        if (rc == STEP_WAITS) {
            return;
        }
        if (rc < 0) {
            plan->error = rc;
        } else if (rc == STEP_DONE) {
            plan->step++;
            plan->index = 0;
            plan->index2 = 0;
        }
    }
    if (plan->error == 0) {
        report(target, target);
        return;
    }
    plan->failed_step = g_making[plan->step].name;
    plan->step = 0;
    plan->index = 0;
    unmake(target);
}

/* ---- Unmaking ---- */

static void subsystem_stopped(struct spdk_nvmf_subsystem *subsystem, void *context, int status)
{
    (void)subsystem;
    (void)status;
    unmake(context);
}

static int stop_subsystem(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;

    if (plan->index == plan->made_count) {
        return STEP_DONE;
    }
    return spdk_nvmf_subsystem_stop(plan->made[plan->index++], subsystem_stopped, target) == 0 ? STEP_WAITS : STEP_AGAIN;
}

static int stop_listening(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;
    struct spdk_nvme_transport_id trid;

    for (uint32_t i = 0; target->tgt != NULL && i < plan->listener_count; i++) {
        listen_trid(&plan->listeners[i], &trid);
        for (uint32_t j = 0; j < plan->made_count; j++) {
            (void)spdk_nvmf_subsystem_remove_listener(plan->made[j], &trid);
        }
        (void)spdk_nvmf_tgt_stop_listen(target->tgt, &trid);
    }
    return STEP_DONE;
}

static void unmake_after(void *context)
{
    unmake(context);
}

static int destroy_subsystem(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;

    if (plan->index == plan->made_count) {
        plan->made_count = 0;
        return STEP_DONE;
    }
    return spdk_nvmf_subsystem_destroy(plan->made[plan->index++], unmake_after, target) == -EINPROGRESS ? STEP_WAITS
                                                                                                        : STEP_AGAIN;
}

static void poll_group_destroyed(void *context, int status)
{
    (void)status;
    unmake(context);
}

static int destroy_poll_group(struct emu_target *target)
{
    struct spdk_nvmf_poll_group *group = target->poll_group;

    if (group == NULL) {
        return STEP_DONE;
    }
    target->poll_group = NULL;
    spdk_nvmf_poll_group_destroy(group, poll_group_destroyed, target);
    return STEP_WAITS;
}

static int destroy_poller(struct emu_target *target)
{
    spdk_poller_unregister(&target->poller);
    return STEP_DONE;
}

static void target_destroyed(void *context, int status)
{
    (void)status;
    unmake(context);
}

static int destroy_target(struct emu_target *target)
{
    struct spdk_nvmf_tgt *tgt = target->tgt;

    if (tgt == NULL) {
        return STEP_DONE;
    }
    target->tgt = NULL;
    spdk_nvmf_tgt_destroy(tgt, target_destroyed, target);
    return STEP_WAITS;
}

static void bdev_unregistered(void *context, int status)
{
    struct emu_target *target = context;
    struct emu_bdev *bdev = target->bdevs;

    (void)status;
    target->bdevs = bdev->next;
    free(bdev->bdev.name);
    free(bdev);
    unmake(target);
}

static int destroy_bdev(struct emu_target *target)
{
    if (target->bdevs == NULL) {
        return STEP_DONE;
    }
    spdk_bdev_unregister(&target->bdevs->bdev, bdev_unregistered, target);
    return STEP_WAITS;
}

static const struct step g_unmaking[] = {
    {"stop subsystems", stop_subsystem},       {"stop listening", stop_listening},
    {"destroy subsystems", destroy_subsystem}, {"destroy the poll group", destroy_poll_group},
    {"destroy the poller", destroy_poller},    {"destroy the target", destroy_target},
    {"destroy block devices", destroy_bdev},
};

static void free_target(struct emu_target *target)
{
    emu_channels_unregister(target);
    report(target, NULL);
    emu_plan_free(target->plan);
    free(target);
}

/* Goes on with unmaking where it is. Callbacks may come before the call that asks for them has returned. */
static void unmake(struct emu_target *target)
{
    struct emu_plan *plan = target->plan;

    while (plan->step < SPDK_COUNTOF(g_unmaking)) {
        int rc = g_unmaking[plan->step].take(target);

        if (rc == STEP_WAITS) {
            return;
        }
        if (rc == STEP_DONE) {
            plan->step++;
            plan->index = 0;
        }
    }
    free_target(target);
}

/* ---- Entry ---- */

static void begin_make(void *context)
{
    make(context);
}

static void begin_unmake(void *context)
{
    struct emu_target *target = context;

    target->plan->step = 0;
    target->plan->index = 0;
    target->plan->error = 0;
    target->plan->failed_step = NULL;
    unmake(target);
}

int emu_target_create(const struct emu_target_options *options, emu_target_fn done, void *context)
{
    struct emu_target *target;
    int rc;

    if (options == NULL || done == NULL || options->size != sizeof(*options) || options->device == NULL ||
        options->device->size != sizeof(struct emu_device)) {
        return -EINVAL;
    }
    target = calloc(1, sizeof(*target));
    if (target == NULL) {
        return -ENOMEM;
    }
    for (unsigned i = 0; i < EMU_QUEUE_BUCKETS; i++) {
        LIST_INIT(&target->queues[i]);
    }
    target->device = *options->device;
    target->plan = emu_plan_copy(options);
    if (target->plan == NULL) {
        free(target);
        return -ENOMEM;
    }
    target->plan->done = done;
    target->plan->context = context;
    rc = emu_app_post(begin_make, target);
    if (rc != 0) {
        emu_plan_free(target->plan);
        free(target);
    }
    return rc;
}

int emu_target_destroy(struct emu_target *target, emu_target_fn done, void *context)
{
    target->plan->done = done;
    target->plan->context = context;
    return emu_app_post(begin_unmake, target);
}

void emu_target_get_counters(struct emu_target *target, struct emu_target_counters *counters)
{
    *counters = target->counters;
}
