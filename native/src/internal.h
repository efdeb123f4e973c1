/*
 * What the files of the library share. A target belongs to the application thread: nothing here is locked.
 */
#ifndef EMU_INTERNAL_H
#define EMU_INTERNAL_H

#include "emulator_spdk.h"

#include "spdk/stdinc.h"

#include "spdk/bdev_module.h"
#include "spdk/env.h"
#include "spdk/nvmf.h"
#include "spdk/nvmf_cmd.h"
#include "spdk/nvmf_transport.h"
#include "spdk/queue.h"
#include "spdk/thread.h"
#include "spdk/version.h"

#define EMU_ENTRY_BYTES 64
#define EMU_QUEUE_BUCKETS 256
#define EMU_MOST_TRANSPORTS 3

/* A queue pair that the device knows. Pending are the commands that the device has and will complete later. */
struct emu_queue {
    struct emu_target *target;
    struct spdk_nvmf_qpair *qpair;
    uint64_t handle; /* of the device */
    uint64_t connection;
    bool is_gone;    /* for the device; what it still has of the queue is ended by the library */
    bool is_ending;  /* that is happening now */
    bool is_removed; /* SPDK's queue pair went meanwhile */
    bool is_closing; /* the device wants its connection closed */
    TAILQ_HEAD(, emu_request) pending;
    LIST_ENTRY(emu_queue) link;
};

enum emu_request_kind {
    EMU_REQUEST_ADMIN, /* allocated for the command, and freed when it ends */
    EMU_REQUEST_IO,    /* in a bdev_io */
    EMU_REQUEST_FIRST, /* the Compare of a fused pair, in the bdev_io of the pair */
    EMU_REQUEST_LATE,  /* SPDK has ended it, and the transport waits; allocated as that of an admin command */
};

struct emu_request {
    enum emu_request_kind kind;
    bool is_pending;
    bool is_read; /* the data goes to the host */
    struct emu_queue *queue;
    struct spdk_nvmf_request *nvmf;
    struct spdk_bdev_io *bdev_io;
    struct iovec *iovs;
    int iovcnt;
    uint32_t length;
    void *staging; /* the data in one piece, if the host's is not; freed when the command ends */
    struct emu_outcome outcome;
    TAILQ_ENTRY(emu_request) link;
    uint8_t entry[EMU_ENTRY_BYTES];
};

/* What a bdev_io carries for us. */
struct emu_bdev_io {
    struct emu_request request;
    struct emu_request first;
    uint8_t outcomes_missing; /* of a fused pair */
};

struct emu_bdev {
    struct spdk_bdev bdev;
    struct emu_target *target;
    uint32_t nsid;
    bool is_registered;
    struct emu_bdev *next;
};

/* A copy of the options that a target is made from, and how far that is. */
struct emu_plan {
    char *name;
    uint32_t max_transfer_bytes;
    uint32_t in_capsule_bytes;
    uint16_t max_queue_entries;
    uint16_t max_io_queues;
    uint32_t subsystem_count;
    uint32_t listener_count;
    struct emu_subsystem_options *subsystems;
    struct emu_listener_options *listeners;
    struct spdk_nvmf_subsystem **made; /* as many as subsystems, and one for discovery */
    uint32_t made_count;
    uint32_t step;    /* of the table of steps */
    uint32_t index;   /* of the thing that the step is about */
    uint32_t index2;  /* of the thing within that */
    uint32_t waiting; /* callbacks that have not come */
    int error;
    const char *failed_step;
    emu_target_fn done;
    void *context;
};

/* The operations of a transport, with ours around some of them. */
struct emu_transport {
    struct spdk_nvmf_transport_ops ops;
    const struct spdk_nvmf_transport_ops *inner;
    struct spdk_nvmf_transport *transport;
    struct emu_target *target;
};

struct emu_target {
    struct emu_device device;
    struct spdk_nvmf_tgt *tgt;
    struct spdk_nvmf_poll_group *poll_group;
    struct spdk_thread *thread;
    struct spdk_poller *poller;
    struct emu_transport transports[EMU_MOST_TRANSPORTS];
    int transport_count;
    struct emu_bdev *bdevs;
    struct emu_plan *plan;
    bool is_registered; /* io_device of the channels */
    LIST_HEAD(, emu_queue) queues[EMU_QUEUE_BUCKETS];
    uint64_t next_connection;
    uint64_t origin;      /* ticks */
    uint64_t next_check;  /* when to look for queues that are going, in ns */
    uint64_t ns_per_tick; /* shifted left by 32 */
    struct emu_target_counters counters;
};

/* clock */
static inline uint64_t emu_now(const struct emu_target *target)
{
    return (uint64_t)(((unsigned __int128)(spdk_get_ticks() - target->origin) * target->ns_per_tick) >> 32);
}

/* vfio-user: the host is a VM, and the queue pair is in its memory. */
static inline bool emu_is_pcie(const struct spdk_nvmf_qpair *qpair)
{
    return qpair->transport->ops->type == SPDK_NVME_TRANSPORT_VFIOUSER;
}

/* queues.c */
struct emu_queue *emu_queue_find(struct emu_target *target, const struct spdk_nvmf_qpair *qpair);
struct emu_queue *emu_queue_by_connection(struct emu_target *target, uint64_t connection);
void emu_queue_connected(struct emu_target *target, struct spdk_nvmf_request *req);
void emu_queue_abandon(struct emu_queue *queue);
void emu_queue_remove(struct emu_queue *queue);
void emu_queues_check(struct emu_target *target, uint64_t now);

/* request.c */
bool emu_request_prepare(
    struct emu_request *request, struct emu_queue *queue, struct spdk_nvmf_request *nvmf, struct iovec *iovs, int iovcnt,
    uint32_t length);
void emu_request_describe(struct emu_request *request, struct emu_command *command);
void emu_request_submitted(struct emu_request *request, const struct emu_outcome *outcome);
void emu_request_release(struct emu_request *request);
void emu_set_status(struct spdk_nvmf_request *req, const struct emu_outcome *outcome);

/* transport.c */
void emu_transport_complete(struct spdk_nvmf_request *req);
struct emu_target *emu_target_of(const struct spdk_nvmf_qpair *qpair);
void emu_transport_decorate(
    struct emu_target *target, struct emu_transport *decorated, struct spdk_nvmf_transport *transport);

/* plan.c */
struct emu_plan;
struct emu_plan *emu_plan_copy(const struct emu_target_options *options);
void emu_plan_free(struct emu_plan *plan);

/* admin.c */
void emu_admin_install(void);

/* bdev.c */
int emu_bdev_create(
    struct emu_target *target, const char *name, const struct emu_namespace_options *options, struct emu_bdev **created);
void emu_bdev_complete(struct spdk_bdev_io *bdev_io, struct emu_request *request);
void emu_channels_register(struct emu_target *target);
void emu_channels_unregister(struct emu_target *target);

#endif
