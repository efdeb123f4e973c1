/*
 * The queue pairs of a target, found by SPDK's queue pair: which queue of the device it is, and what the device still has of
 * it. A queue goes in two steps. When SPDK begins to take a queue pair down it waits until its commands are over, and those
 * that wait for an event never would be: so the device forgets the queue (emu_queue_abandon), and the library ends what was
 * pending. When the queue pair is gone its entry goes too (emu_queue_remove).
 */
#include "internal.h"

/* How often queue pairs are looked at that SPDK may be taking down, in ns. */
#define CHECK_INTERVAL 1000000u

static unsigned bucket_of(const struct spdk_nvmf_qpair *qpair)
{
    uint64_t hash = (uint64_t)(uintptr_t)qpair * 0x9E3779B97F4A7C15u;

    return (unsigned)(hash >> 56) % EMU_QUEUE_BUCKETS;
}

struct emu_queue *emu_queue_find(struct emu_target *target, const struct spdk_nvmf_qpair *qpair)
{
    struct emu_queue *queue;

    LIST_FOREACH (queue, &target->queues[bucket_of(qpair)], link) {
        if (queue->qpair == qpair) {
            return queue;
        }
    }
    return NULL;
}

struct emu_queue *emu_queue_by_connection(struct emu_target *target, uint64_t connection)
{
    struct emu_queue *queue;

    for (unsigned i = 0; i < EMU_QUEUE_BUCKETS; i++) {
        LIST_FOREACH (queue, &target->queues[i], link) {
            if (queue->connection == connection) {
                return queue;
            }
        }
    }
    return NULL;
}

static const char *subsystem_of(const struct spdk_nvmf_qpair *qpair)
{
    return spdk_nvmf_subsystem_get_nqn(spdk_nvmf_ctrlr_get_subsystem(qpair->ctrlr));
}

static enum emu_transport_type transport_of(const struct spdk_nvmf_qpair *qpair)
{
    switch (qpair->transport->ops->type) {
    case SPDK_NVME_TRANSPORT_TCP:
        return EMU_TRANSPORT_TCP;
    case SPDK_NVME_TRANSPORT_RDMA:
        return EMU_TRANSPORT_RDMA;
    case SPDK_NVME_TRANSPORT_VFIOUSER:
        return EMU_TRANSPORT_VFIO_USER;
    default:
        return EMU_TRANSPORT_OTHER;
    }
}

/* A PCIe host has no address: it is known by the socket that it came to. SPDK says of its peer that it has it, and has not. */
static void
describe_peer(struct spdk_nvmf_qpair *qpair, const struct spdk_nvme_transport_id *listener, char *text, size_t size)
{
    struct spdk_nvme_transport_id trid = {0};

    if (emu_is_pcie(qpair)) {
        snprintf(text, size, "VFIOUSER %s", listener->traddr);
    } else if (spdk_nvmf_qpair_get_peer_trid(qpair, &trid) == 0) {
        snprintf(text, size, "%s %s:%s", trid.trstring, trid.traddr, trid.trsvcid);
    } else {
        snprintf(text, size, "unknown");
    }
}

uint8_t emu_target_has_controller(struct emu_target *target, const char *subsystem, uint16_t controller_id)
{
    struct emu_queue *queue;

    for (unsigned i = 0; i < EMU_QUEUE_BUCKETS; i++) {
        LIST_FOREACH (queue, &target->queues[i], link) {
            struct spdk_nvmf_qpair *qpair = queue->qpair;

            if (qpair->ctrlr != NULL && spdk_nvmf_ctrlr_get_id(qpair->ctrlr) == controller_id &&
                strcmp(subsystem, subsystem_of(qpair)) == 0) {
                return 1;
            }
        }
    }
    return 0;
}

/* Room for what SPDK saves of a controller for a migration. */
static void init_settings(struct spdk_nvmf_ctrlr_migr_data *data)
{
    memset(data, 0, sizeof(*data));
    data->data_size = offsetof(struct spdk_nvmf_ctrlr_migr_data, unused);
    data->regs_size = sizeof(data->regs);
    data->feat_size = sizeof(data->feat);
}

/*
 * Gives a controller that was just made the number that the device has for its host. SPDK counts up; to restore what it
 * saves of a controller, for a migration, is the one way that it has to give it a number.
 */
static int renumber(struct spdk_nvmf_request *req, uint16_t controller_id)
{
    struct spdk_nvmf_ctrlr_migr_data data;
    int rc;

    init_settings(&data);
    rc = spdk_nvmf_ctrlr_save_migr_data(req->qpair->ctrlr, &data);
    if (rc != 0) {
        return rc;
    }
    data.cntlid = controller_id;
    data.num_async_events = 0; /* what waits stays where it is */
    rc = spdk_nvmf_ctrlr_restore_migr_data(req->qpair->ctrlr, &data);
    if (rc == 0) {
        req->rsp->connect_rsp.status_code_specific.success.cntlid = controller_id;
    }
    return rc;
}

static void refuse(struct emu_queue *queue, struct spdk_nvmf_request *req, const struct emu_outcome *outcome)
{
    /* Its entry stays until the queue pair goes: the number of its controller is not free before. */
    queue->is_gone = true;
    if (!emu_is_pcie(queue->qpair)) {
        emu_set_status(req, outcome);
    }
    /* SPDK 24.09 frees a PCIe controller whose Connect fails and goes on using it. Its commands are refused instead. */
}

/* SPDK has connected a queue pair and is about to say so: the device gets its say, and may refuse. */
void emu_queue_connected(struct emu_target *target, struct spdk_nvmf_request *req)
{
    struct spdk_nvmf_qpair *qpair = req->qpair;
    struct emu_outcome outcome = {0};
    struct spdk_nvme_transport_id listener = {0};
    char peer[SPDK_NVMF_TRADDR_MAX_LEN + SPDK_NVMF_TRSVCID_MAX_LEN + SPDK_NVMF_TRSTRING_MAX_LEN + 4];
    struct emu_queue *queue;
    struct emu_connect connect = {
        .command = req->cmd,
        .data = req->iov[0].iov_base,
        .subsystem = subsystem_of(qpair),
        .peer = peer,
        .listener = listener.traddr,
        .controller_id = spdk_nvmf_ctrlr_get_id(qpair->ctrlr),
        .transport = (uint8_t)transport_of(qpair),
        .connection = ++target->next_connection,
    };

    queue = calloc(1, sizeof(*queue));
    if (queue == NULL) {
        outcome.status = SPDK_NVME_SC_INTERNAL_DEVICE_ERROR;
        if (!emu_is_pcie(qpair)) {
            emu_set_status(req, &outcome);
        }
        return;
    }
    queue->target = target;
    queue->qpair = qpair;
    queue->connection = connect.connection;
    TAILQ_INIT(&queue->pending);
    (void)spdk_nvmf_qpair_get_listen_trid(qpair, &listener);
    describe_peer(qpair, &listener, peer, sizeof(peer));
    /* Known before the device is asked, which may want the settings of the controller. */
    LIST_INSERT_HEAD(&target->queues[bucket_of(qpair)], queue, link);
    target->device.connect(target->device.context, emu_now(target), &connect, &queue->handle, &outcome);
    if (outcome.status != 0) {
        refuse(queue, req, &outcome);
        return;
    }
    target->counters.connections++;
    if (qpair->qid == 0 && outcome.dw0 != connect.controller_id && renumber(req, (uint16_t)outcome.dw0) != 0) {
        /* The device has it by another number: nothing that follows would fit. */
        emu_target_close(target, queue->connection);
    }
}

static void free_queue(struct emu_queue *queue)
{
    LIST_REMOVE(queue, link);
    free(queue);
}

/* Ends what the device still had of a queue that it has forgotten. */
static void end_pending(struct emu_queue *queue)
{
    struct emu_outcome aborted = {.status = SPDK_NVME_SC_ABORTED_SQ_DELETION};
    struct emu_request *request;

    /* The analyser does not see that what is removed is not the first any more. */
    while ((request = TAILQ_FIRST(&queue->pending)) != NULL) {
        if (request->kind == EMU_REQUEST_LATE) { /* NOLINT(clang-analyzer-unix.Malloc) */
            /* SPDK counts it as over; the transport frees it with the connection. */
            TAILQ_REMOVE(&queue->pending, request, link);
            free(request->staging);
            free(request);
        } else {
            emu_request_complete(request, &aborted);
        }
    }
}

static void forget(struct emu_queue *queue)
{
    struct emu_target *target = queue->target;

    queue->is_gone = true;
    target->counters.connections--;
    target->device.disconnect(target->device.context, emu_now(target), queue->handle);
    queue->is_ending = true;
    end_pending(queue);
    queue->is_ending = false;
}

/* SPDK takes the queue pair down. To end its last command can be what makes it go. */
void emu_queue_abandon(struct emu_queue *queue)
{
    if (queue->is_gone) {
        return;
    }
    forget(queue);
    if (queue->is_removed) {
        free_queue(queue);
    }
}

/* The queue pair is gone. */
void emu_queue_remove(struct emu_queue *queue)
{
    if (queue->is_ending) {
        queue->is_removed = true;
        return;
    }
    if (!queue->is_gone) {
        forget(queue);
    }
    free_queue(queue);
}

/*
 * Finds queue pairs that SPDK has begun to take down, and begins with those that the device wants closed: here, and not where
 * it says so, since that is in the middle of a command.
 */
void emu_queues_check(struct emu_target *target, uint64_t now)
{
    struct emu_queue *queue;
    struct emu_queue *next;

    if (now < target->next_check) {
        return;
    }
    target->next_check = now + CHECK_INTERVAL;
    for (unsigned i = 0; i < EMU_QUEUE_BUCKETS; i++) {
        /* To end the last command of a queue pair can have it gone, and its entry with it. */
        LIST_FOREACH_SAFE (queue, &target->queues[i], link, next) {
            if (queue->qpair->state >= SPDK_NVMF_QPAIR_DEACTIVATING) {
                emu_queue_abandon(queue);
            } else if (queue->is_closing) {
                spdk_nvmf_qpair_disconnect(queue->qpair);
                target->next_check = 0;
            }
        }
    }
}

void emu_target_close(struct emu_target *target, uint64_t connection)
{
    struct emu_queue *queue = emu_queue_by_connection(target, connection);

    if (queue != NULL && !queue->is_gone) {
        queue->is_closing = true;
        target->next_check = 0;
    }
}

int emu_target_settings(struct emu_target *target, uint64_t connection, struct emu_controller_settings *settings)
{
    struct emu_queue *queue = emu_queue_by_connection(target, connection);
    struct spdk_nvmf_ctrlr_migr_data data;
    int rc;

    memset(settings, 0, sizeof(*settings));
    if (queue == NULL || queue->qpair->ctrlr == NULL) {
        return -ENOENT;
    }
    /*
     * SPDK asks for a paused subsystem, so that what it saves holds until it is restored. Here it is a look at the moment,
     * from the thread that owns the controller.
     */
    init_settings(&data);
    rc = spdk_nvmf_ctrlr_save_migr_data(queue->qpair->ctrlr, &data);
    if (rc != 0) {
        return rc;
    }
    settings->cap = data.regs.cap.raw;
    settings->vs = data.regs.vs.raw;
    settings->cc = data.regs.cc.raw;
    settings->csts = data.regs.csts.raw;
    settings->keep_alive_ms = data.feat.keep_alive_timer.bits.kato;
    settings->io_queues = (uint16_t)(data.feat.number_of_queues.bits.ncqr + 1);
    settings->controller_id = data.cntlid;
    settings->max_transfer_bytes = queue->qpair->transport->opts.max_io_size;
    return 0;
}
