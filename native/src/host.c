/* The NVMe host side: a controller, its admin commands, and queue pairs that are polled. */
#include "internal.h"

#include "spdk/nvme.h"
#include "spdk/string.h"

/* A command that is outstanding. Those of a queue pair are kept for the next ones, in its list. */
struct call {
    emu_completion_fn completed;
    void *context;
    struct emu_host_queue *queue; /* NULL for the admin queue */
    LIST_ENTRY(call) link;
};

struct emu_host {
    struct spdk_nvme_ctrlr *ctrlr;
    LIST_HEAD(, call) admin_calls; /* outstanding */
};

struct emu_host_queue {
    struct emu_host *host;
    struct spdk_nvme_qpair *qpair;
    LIST_HEAD(, call) free_calls;
};

struct emu_host *emu_host_connect(const struct emu_host_options *options, int *error)
{
    struct spdk_nvme_transport_id trid = {0};
    struct spdk_nvme_ctrlr_opts opts;
    struct emu_host *host;

    *error = -EINVAL;
    if (options == NULL || options->size != sizeof(*options) || options->transport == NULL ||
        spdk_nvme_transport_id_parse(&trid, options->transport) != 0) {
        return NULL;
    }
    spdk_nvme_ctrlr_get_default_ctrlr_opts(&opts, sizeof(opts));
    if (options->host_nqn != NULL) {
        snprintf(opts.hostnqn, sizeof(opts.hostnqn), "%s", options->host_nqn);
    }
    if (options->keep_alive_ms != 0) {
        opts.keep_alive_timeout_ms = options->keep_alive_ms;
    }
    if (options->queue_entries != 0) {
        opts.io_queue_size = options->queue_entries;
    }
    *error = -ENOMEM;
    host = calloc(1, sizeof(*host));
    if (host == NULL) {
        return NULL;
    }
    host->ctrlr = spdk_nvme_connect(&trid, &opts, sizeof(opts));
    if (host->ctrlr == NULL) {
        *error = -ENOTCONN;
        free(host);
        return NULL;
    }
    *error = 0;
    return host;
}

void emu_host_detach(struct emu_host *host)
{
    struct call *call;

    if (host == NULL) {
        return;
    }
    spdk_nvme_detach(host->ctrlr);
    /* Over PCIe SPDK forgets what is outstanding on the admin queue, and calls nobody. */
    while ((call = LIST_FIRST(&host->admin_calls)) != NULL) {
        LIST_REMOVE(call, link);
        call->completed(call->context, 0, SPDK_NVME_SC_ABORTED_SQ_DELETION);
        free(call);
    }
    free(host);
}

void emu_host_get_info(struct emu_host *host, struct emu_host_info *info)
{
    const struct spdk_nvme_ctrlr_data *data = spdk_nvme_ctrlr_get_data(host->ctrlr);

    memset(info, 0, sizeof(*info));
    info->controller_id = data->cntlid;
    info->max_transfer_bytes = spdk_nvme_ctrlr_get_max_xfer_size(host->ctrlr);
    info->namespaces = spdk_nvme_ctrlr_get_num_ns(host->ctrlr);
}

void emu_host_get_identify(struct emu_host *host, void *page)
{
    const struct spdk_nvme_ctrlr_data *data = spdk_nvme_ctrlr_get_data(host->ctrlr);

    memcpy(page, data, sizeof(*data));
}

void emu_host_get_namespace(struct emu_host *host, uint32_t nsid, struct emu_host_namespace *info)
{
    struct spdk_nvme_ns *ns = spdk_nvme_ctrlr_get_ns(host->ctrlr, nsid);

    memset(info, 0, sizeof(*info));
    if (ns != NULL && spdk_nvme_ns_is_active(ns)) {
        info->blocks = spdk_nvme_ns_get_num_sectors(ns);
        info->block_bytes = spdk_nvme_ns_get_sector_size(ns);
        info->is_active = 1;
    }
}

static void give_back(struct call *call)
{
    if (call->queue != NULL) {
        LIST_INSERT_HEAD(&call->queue->free_calls, call, link);
    } else {
        LIST_REMOVE(call, link);
        free(call);
    }
}

static void call_ended(void *context, const struct spdk_nvme_cpl *cpl)
{
    struct call *call = context;
    emu_completion_fn completed = call->completed;
    void *completed_context = call->context;

    give_back(call);
    completed(completed_context, cpl->cdw0, cpl->status_raw >> 1);
}

static struct call *take_call(struct emu_host_queue *queue, emu_completion_fn completed, void *context)
{
    struct call *call = queue == NULL ? NULL : LIST_FIRST(&queue->free_calls);

    if (call != NULL) {
        LIST_REMOVE(call, link);
    } else {
        call = calloc(1, sizeof(*call));
    }
    if (call != NULL) {
        call->completed = completed;
        call->context = context;
        call->queue = queue;
    }
    return call;
}

/* A command was submitted or was not: then its call goes back. */
static int submitted(struct call *call, int rc)
{
    if (rc != 0) {
        give_back(call);
    }
    return rc;
}

int emu_host_admin(
    struct emu_host *host, const void *sqe, void *data, uint32_t length, emu_completion_fn completed, void *context)
{
    struct spdk_nvme_cmd cmd;
    struct call *call = take_call(NULL, completed, context);

    if (call == NULL) {
        return -ENOMEM;
    }
    LIST_INSERT_HEAD(&host->admin_calls, call, link);
    memcpy(&cmd, sqe, sizeof(cmd));
    return submitted(call, spdk_nvme_ctrlr_cmd_admin_raw(host->ctrlr, &cmd, data, length, call_ended, call));
}

int emu_host_poll_admin(struct emu_host *host)
{
    return spdk_nvme_ctrlr_process_admin_completions(host->ctrlr);
}

struct emu_host_queue *emu_host_queue_create(struct emu_host *host)
{
    struct emu_host_queue *queue = calloc(1, sizeof(*queue));

    if (queue == NULL) {
        return NULL;
    }
    LIST_INIT(&queue->free_calls);
    queue->host = host;
    queue->qpair = spdk_nvme_ctrlr_alloc_io_qpair(host->ctrlr, NULL, 0);
    if (queue->qpair == NULL) {
        free(queue);
        return NULL;
    }
    return queue;
}

void emu_host_queue_free(struct emu_host_queue *queue)
{
    struct call *call;

    if (queue == NULL) {
        return;
    }
    spdk_nvme_ctrlr_free_io_qpair(queue->qpair);
    while ((call = LIST_FIRST(&queue->free_calls)) != NULL) {
        LIST_REMOVE(call, link);
        free(call);
    }
    free(queue);
}

/* spdk_nvme_ns_cmd_read() or spdk_nvme_ns_cmd_write(). */
typedef int (*block_command)(
    struct spdk_nvme_ns *ns, struct spdk_nvme_qpair *qpair, void *data, uint64_t lba, uint32_t blocks,
    spdk_nvme_cmd_cb ended, void *context, uint32_t flags);

static int submit_blocks(
    struct emu_host_queue *queue, block_command command, uint32_t nsid, void *data, uint64_t lba, uint32_t blocks,
    uint32_t flags, emu_completion_fn completed, void *context)
{
    struct spdk_nvme_ns *ns = spdk_nvme_ctrlr_get_ns(queue->host->ctrlr, nsid);
    struct call *call;

    if (ns == NULL) {
        return -ENODEV;
    }
    call = take_call(queue, completed, context);
    if (call == NULL) {
        return -ENOMEM;
    }
    return submitted(call, command(ns, queue->qpair, data, lba, blocks, call_ended, call, flags));
}

int emu_host_read(
    struct emu_host_queue *queue, uint32_t nsid, void *data, uint64_t lba, uint32_t blocks, uint32_t flags,
    emu_completion_fn completed, void *context)
{
    return submit_blocks(queue, spdk_nvme_ns_cmd_read, nsid, data, lba, blocks, flags, completed, context);
}

int emu_host_write(
    struct emu_host_queue *queue, uint32_t nsid, const void *data, uint64_t lba, uint32_t blocks, uint32_t flags,
    emu_completion_fn completed, void *context)
{
    return submit_blocks(queue, spdk_nvme_ns_cmd_write, nsid, (void *)data, lba, blocks, flags, completed, context);
}

int emu_host_io(
    struct emu_host_queue *queue, const void *sqe, void *data, uint32_t length, emu_completion_fn completed, void *context)
{
    struct spdk_nvme_cmd cmd;
    struct call *call = take_call(queue, completed, context);

    if (call == NULL) {
        return -ENOMEM;
    }
    memcpy(&cmd, sqe, sizeof(cmd));
    return submitted(
        call, spdk_nvme_ctrlr_cmd_io_raw(queue->host->ctrlr, queue->qpair, &cmd, data, length, call_ended, call));
}

int emu_host_poll(struct emu_host_queue *queue, uint32_t most)
{
    return spdk_nvme_qpair_process_completions(queue->qpair, most);
}
