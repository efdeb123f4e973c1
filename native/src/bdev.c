/*
 * The namespaces of a device as block devices. What reaches one comes from SPDK's NVMe-oF target alone, which opens it for
 * itself, and passes its request as the argument of the completion (spdk_bdev_io_get_cb_arg): so the device gets the command
 * that the host sent, with all its fields, and not what the block device layer has made of it.
 *
 * Requests run to their end on the thread that submits them, which is the one that owns the device. Nothing is queued.
 */
#include "internal.h"

static int module_init(void)
{
    return 0;
}

static int context_size(void)
{
    return sizeof(struct emu_bdev_io);
}

static struct spdk_bdev_module g_module = {
    .name = "emulator",
    .module_init = module_init,
    .get_ctx_size = context_size,
};

SPDK_BDEV_MODULE_REGISTER(emulator, &g_module)

static uint32_t length_of(const struct iovec *iovs, int iovcnt)
{
    size_t length = 0;

    for (int i = 0; i < iovcnt; i++) {
        length += iovs[i].iov_len;
    }
    return (uint32_t)length;
}

static void fail(struct spdk_bdev_io *bdev_io)
{
    spdk_bdev_io_complete(bdev_io, SPDK_BDEV_IO_STATUS_FAILED);
}

/* Posts the outcome. SPDK copies status code and type from the block device; what else the status says is put there now. */
static void complete_single(struct spdk_bdev_io *bdev_io, const struct emu_request *request)
{
    const struct emu_outcome *outcome = &request->outcome;
    struct spdk_nvme_cpl *rsp = &request->nvmf->rsp->nvme_cpl;
    struct spdk_nvme_status status;
    uint16_t raw = (uint16_t)(outcome->status << 1);

    if (spdk_likely(outcome->status == 0 && outcome->dw0 == 0)) {
        spdk_bdev_io_complete(bdev_io, SPDK_BDEV_IO_STATUS_SUCCESS);
        return;
    }
    memcpy(&status, &raw, sizeof(status));
    if (bdev_io->type != SPDK_BDEV_IO_TYPE_UNMAP) {
        /* An unmap is one of several, whose statuses SPDK puts together. */
        rsp->status_raw = raw;
    }
    spdk_bdev_io_complete_nvme_status(bdev_io, outcome->dw0, status.sct, status.sc);
}

/*
 * SPDK knows three ends of a fused pair: both succeeded, the Compare found a difference, or one status that it gives to the
 * second command. A pair that failed otherwise, as under a fence, ends with its status in the second command.
 */
static void complete_fused(struct spdk_bdev_io *bdev_io, const struct emu_bdev_io *io)
{
    struct spdk_nvme_status first = {0};
    struct spdk_nvme_status second = {0};
    uint16_t raw = (uint16_t)(io->first.outcome.status << 1);

    memcpy(&first, &raw, sizeof(first));
    raw = (uint16_t)(io->request.outcome.status << 1);
    memcpy(&second, &raw, sizeof(second));
    io->first.nvmf->rsp->nvme_cpl.status.dnr = first.dnr;
    io->request.nvmf->rsp->nvme_cpl.status.dnr = second.dnr;
    if (io->first.outcome.status == 0 && io->request.outcome.status == 0) {
        spdk_bdev_io_complete(bdev_io, SPDK_BDEV_IO_STATUS_SUCCESS);
    } else if (first.sct == SPDK_NVME_SCT_MEDIA_ERROR && first.sc == SPDK_NVME_SC_COMPARE_FAILURE) {
        spdk_bdev_io_complete(bdev_io, SPDK_BDEV_IO_STATUS_MISCOMPARE);
    } else if (
        first.sct == SPDK_NVME_SCT_GENERIC &&
        (first.sc == SPDK_NVME_SC_SUCCESS || first.sc == SPDK_NVME_SC_ABORTED_FAILED_FUSED)) {
        spdk_bdev_io_complete_nvme_status(bdev_io, 0, second.sct, second.sc);
    } else {
        spdk_bdev_io_complete_nvme_status(bdev_io, 0, first.sct, first.sc);
    }
}

/* The device has answered a request of the bdev_io; of a fused pair it may have been the first answer of two. */
void emu_bdev_complete(struct spdk_bdev_io *bdev_io, struct emu_request *request)
{
    struct emu_bdev_io *io = (struct emu_bdev_io *)bdev_io->driver_ctx;

    if (bdev_io->type != SPDK_BDEV_IO_TYPE_COMPARE_AND_WRITE) {
        complete_single(bdev_io, request);
    } else if (--io->outcomes_missing == 0) {
        complete_fused(bdev_io, io);
    }
}

static void submit_single(
    struct emu_target *target, struct spdk_bdev_io *bdev_io, struct spdk_nvmf_request *nvmf, struct iovec *iovs, int iovcnt,
    uint32_t length)
{
    struct emu_request *request = &((struct emu_bdev_io *)bdev_io->driver_ctx)->request;
    struct emu_queue *queue = emu_queue_find(target, nvmf->qpair);
    struct emu_outcome outcome = {0};
    struct emu_command command;

    request->kind = EMU_REQUEST_IO;
    request->bdev_io = bdev_io;
    if (spdk_unlikely(queue == NULL || queue->is_gone)) {
        spdk_bdev_io_complete_nvme_status(bdev_io, 0, SPDK_NVME_SCT_GENERIC, SPDK_NVME_SC_ABORTED_SQ_DELETION);
        return;
    }
    if (spdk_unlikely(!emu_request_prepare(request, queue, nvmf, iovs, iovcnt, length))) {
        /* SPDK submits it again when another command has ended. */
        spdk_bdev_io_complete(bdev_io, SPDK_BDEV_IO_STATUS_NOMEM);
        return;
    }
    target->counters.commands++;
    emu_request_describe(request, &command);
    target->device.submit(target->device.context, emu_now(target), queue->handle, &command, &outcome);
    emu_request_submitted(request, &outcome);
    if (!outcome.pending) {
        complete_single(bdev_io, request);
    }
}

static void submit_fused(struct emu_target *target, struct spdk_bdev_io *bdev_io, struct spdk_nvmf_request *second)
{
    struct emu_bdev_io *io = (struct emu_bdev_io *)bdev_io->driver_ctx;
    struct emu_queue *queue = emu_queue_find(target, second->qpair);
    struct emu_outcome outcomes[2] = {{0}, {0}};
    struct emu_command commands[2];

    if (queue == NULL || queue->is_gone || second->first_fused_req == NULL) {
        fail(bdev_io);
        return;
    }
    io->first.kind = EMU_REQUEST_FIRST;
    io->first.bdev_io = bdev_io;
    io->request.kind = EMU_REQUEST_IO;
    io->request.bdev_io = bdev_io;
    if (!emu_request_prepare(
            &io->first, queue, second->first_fused_req, bdev_io->u.bdev.iovs, bdev_io->u.bdev.iovcnt,
            length_of(bdev_io->u.bdev.iovs, bdev_io->u.bdev.iovcnt))) {
        fail(bdev_io);
        return;
    }
    if (!emu_request_prepare(
            &io->request, queue, second, bdev_io->u.bdev.fused_iovs, bdev_io->u.bdev.fused_iovcnt,
            length_of(bdev_io->u.bdev.fused_iovs, bdev_io->u.bdev.fused_iovcnt))) {
        emu_request_release(&io->first);
        fail(bdev_io);
        return;
    }
    target->counters.commands += 2;
    io->outcomes_missing = 2;
    emu_request_describe(&io->first, &commands[0]);
    emu_request_describe(&io->request, &commands[1]);
    target->device.submit_fused(
        target->device.context, emu_now(target), queue->handle, &commands[0], &commands[1], &outcomes[0], &outcomes[1]);
    emu_request_submitted(&io->first, &outcomes[0]);
    emu_request_submitted(&io->request, &outcomes[1]);
    io->outcomes_missing = (uint8_t)(outcomes[0].pending + outcomes[1].pending);
    if (io->outcomes_missing == 0) {
        complete_fused(bdev_io, io);
    }
}

/*
 * The Dataset Management command that an unmap is a part of, which SPDK cuts into its ranges. What the target passes here is
 * a record of its own that begins with the request; it is believed only if that request is one that is outstanding.
 */
static struct spdk_nvmf_request *find_deallocation(struct emu_target *target, void *const *record)
{
    struct spdk_nvmf_qpair *qpair;
    struct spdk_nvmf_request *req;

    TAILQ_FOREACH (qpair, &target->poll_group->qpairs, link) {
        TAILQ_FOREACH (req, &qpair->outstanding, link) {
            if (req == *record && req->cmd->nvme_cmd.opc == SPDK_NVME_OPC_DATASET_MANAGEMENT) {
                return req;
            }
        }
    }
    return NULL;
}

/* The first range of a Dataset Management that has blocks; SPDK passes over those without. False if there is none. */
static bool first_range(struct spdk_nvmf_request *nvmf, struct spdk_nvme_dsm_range *range)
{
    struct spdk_iov_xfer data;
    uint32_t count = nvmf->cmd->nvme_cmd.cdw10_bits.dsm.nr + 1;

    spdk_iov_xfer_init(&data, nvmf->iov, nvmf->iovcnt);
    while (count-- > 0 && spdk_iov_xfer_to_buf(&data, range, sizeof(*range)) == sizeof(*range)) {
        if (range->length > 0) {
            return true;
        }
    }
    return false;
}

/*
 * The device gets the command whole, with the first of its ranges, so that it is done or refused as one; the unmaps of the
 * other ranges have nothing left to do. SPDK keeps the first error of them all.
 */
static void submit_unmap(struct emu_target *target, struct spdk_bdev_io *bdev_io)
{
    struct spdk_nvmf_request *nvmf = find_deallocation(target, spdk_bdev_io_get_cb_arg(bdev_io));
    struct spdk_nvme_dsm_range range = {0};

    if (nvmf == NULL || !first_range(nvmf, &range)) {
        fail(bdev_io);
        return;
    }
    if (range.starting_lba == bdev_io->u.bdev.offset_blocks && range.length == bdev_io->u.bdev.num_blocks) {
        submit_single(target, bdev_io, nvmf, nvmf->iov, nvmf->iovcnt, nvmf->length);
    } else {
        spdk_bdev_io_complete(bdev_io, SPDK_BDEV_IO_STATUS_SUCCESS);
    }
}

static struct emu_queue *find_admin_queue(struct emu_target *target, const struct spdk_nvmf_ctrlr *ctrlr)
{
    struct spdk_nvmf_qpair *qpair;

    TAILQ_FOREACH (qpair, &target->poll_group->qpairs, link) {
        if (qpair->qid == 0 && qpair->ctrlr == ctrlr) {
            return emu_queue_find(target, qpair);
        }
    }
    return NULL;
}

/* The device hears of it as from the host, on the admin queue, and may answer the command while it does. */
static bool abort_at_device(struct emu_target *target, struct emu_request *aborted)
{
    struct emu_queue *admin = find_admin_queue(target, aborted->nvmf->qpair->ctrlr);
    struct spdk_nvme_cmd entry = {.opc = SPDK_NVME_OPC_ABORT, .psdt = SPDK_NVME_PSDT_SGL_MPTR_CONTIG};
    struct emu_command command = {.entry = &entry};
    struct emu_outcome outcome = {0};

    if (!aborted->is_pending || admin == NULL || admin->is_gone) {
        return false;
    }
    entry.cdw10_bits.abort.sqid = aborted->nvmf->qpair->qid;
    entry.cdw10_bits.abort.cid = aborted->nvmf->cmd->nvme_cmd.cid;
    target->device.submit(target->device.context, emu_now(target), admin->handle, &command, &outcome);
    return outcome.status == 0 && (outcome.dw0 & 1) == 0;
}

/* SPDK looks by itself whether the command is over, whatever is said of the abort. */
static void submit_abort(struct emu_target *target, struct spdk_bdev_io *bdev_io)
{
    struct spdk_bdev_io *other = bdev_io->u.abort.bio_to_abort;
    struct emu_bdev_io *io = (struct emu_bdev_io *)other->driver_ctx;
    bool is_aborted = (other->type == SPDK_BDEV_IO_TYPE_COMPARE_AND_WRITE && abort_at_device(target, &io->first)) ||
                      abort_at_device(target, &io->request);

    spdk_bdev_io_complete(bdev_io, is_aborted ? SPDK_BDEV_IO_STATUS_SUCCESS : SPDK_BDEV_IO_STATUS_FAILED);
}

static void submit_request(struct spdk_io_channel *channel, struct spdk_bdev_io *bdev_io)
{
    struct emu_target *target = ((struct emu_bdev *)bdev_io->bdev->ctxt)->target;
    struct spdk_nvmf_request *nvmf = spdk_bdev_io_get_cb_arg(bdev_io);

    if (spdk_unlikely(spdk_io_channel_get_thread(channel) != target->thread)) {
        fail(bdev_io);
        return;
    }
    switch (bdev_io->type) {
    case SPDK_BDEV_IO_TYPE_READ:
    case SPDK_BDEV_IO_TYPE_WRITE:
    case SPDK_BDEV_IO_TYPE_COMPARE:
        submit_single(
            target, bdev_io, nvmf, bdev_io->u.bdev.iovs, bdev_io->u.bdev.iovcnt,
            length_of(bdev_io->u.bdev.iovs, bdev_io->u.bdev.iovcnt));
        break;
    case SPDK_BDEV_IO_TYPE_FLUSH:
    case SPDK_BDEV_IO_TYPE_WRITE_ZEROES:
        submit_single(target, bdev_io, nvmf, NULL, 0, 0);
        break;
    case SPDK_BDEV_IO_TYPE_COPY:
        submit_single(target, bdev_io, nvmf, nvmf->iov, nvmf->iovcnt, nvmf->length);
        break;
    case SPDK_BDEV_IO_TYPE_NVME_IO:
    case SPDK_BDEV_IO_TYPE_NVME_IOV_MD:
        submit_single(target, bdev_io, nvmf, nvmf->iov, nvmf->iovcnt, nvmf->iovcnt == 0 ? 0 : nvmf->length);
        break;
    case SPDK_BDEV_IO_TYPE_COMPARE_AND_WRITE:
        submit_fused(target, bdev_io, nvmf);
        break;
    case SPDK_BDEV_IO_TYPE_UNMAP:
        submit_unmap(target, bdev_io);
        break;
    case SPDK_BDEV_IO_TYPE_ABORT:
        submit_abort(target, bdev_io);
        break;
    case SPDK_BDEV_IO_TYPE_RESET:
        spdk_bdev_io_complete(bdev_io, SPDK_BDEV_IO_STATUS_SUCCESS);
        break;
    default:
        fail(bdev_io);
        break;
    }
}

static bool io_type_supported(void *context, enum spdk_bdev_io_type type)
{
    (void)context;
    switch (type) {
    case SPDK_BDEV_IO_TYPE_READ:
    case SPDK_BDEV_IO_TYPE_WRITE:
    case SPDK_BDEV_IO_TYPE_COMPARE:
    case SPDK_BDEV_IO_TYPE_COMPARE_AND_WRITE:
    case SPDK_BDEV_IO_TYPE_FLUSH:
    case SPDK_BDEV_IO_TYPE_WRITE_ZEROES:
    case SPDK_BDEV_IO_TYPE_UNMAP:
    case SPDK_BDEV_IO_TYPE_COPY:
    case SPDK_BDEV_IO_TYPE_NVME_IO:
    case SPDK_BDEV_IO_TYPE_NVME_IOV_MD:
    case SPDK_BDEV_IO_TYPE_ABORT:
    case SPDK_BDEV_IO_TYPE_RESET:
        return true;
    default:
        return false;
    }
}

static struct spdk_io_channel *get_io_channel(void *context)
{
    return spdk_get_io_channel(((struct emu_bdev *)context)->target);
}

/* The memory is given back by whoever unregistered it. */
static int destruct(void *context)
{
    (void)context;
    return 0;
}

static const struct spdk_bdev_fn_table g_functions = {
    .destruct = destruct,
    .submit_request = submit_request,
    .io_type_supported = io_type_supported,
    .get_io_channel = get_io_channel,
};

static int create_channel(void *io_device, void *context)
{
    (void)io_device;
    (void)context;
    return 0;
}

static void destroy_channel(void *io_device, void *context)
{
    (void)io_device;
    (void)context;
}

void emu_channels_register(struct emu_target *target)
{
    spdk_io_device_register(target, create_channel, destroy_channel, 0, "emulator");
    target->is_registered = true;
}

void emu_channels_unregister(struct emu_target *target)
{
    if (target->is_registered) {
        spdk_io_device_unregister(target, NULL);
        target->is_registered = false;
    }
}

int emu_bdev_create(
    struct emu_target *target, const char *name, const struct emu_namespace_options *options, struct emu_bdev **created)
{
    struct emu_bdev *made = calloc(1, sizeof(*made));
    int rc;

    if (made == NULL) {
        return -ENOMEM;
    }
    made->target = target;
    made->nsid = options->nsid;
    made->bdev.ctxt = made;
    made->bdev.name = strdup(name);
    made->bdev.product_name = (char *)"emulated drive";
    made->bdev.write_cache = 1;
    made->bdev.blocklen = options->block_bytes;
    made->bdev.blockcnt = options->blocks;
    made->bdev.acwu = (uint16_t)spdk_min(UINT16_MAX, target->plan->max_transfer_bytes / options->block_bytes);
    made->bdev.module = &g_module;
    made->bdev.fn_table = &g_functions;
    rc = made->bdev.name == NULL ? -ENOMEM : spdk_bdev_register(&made->bdev);
    if (rc != 0) {
        free(made->bdev.name);
        free(made);
        return rc;
    }
    made->is_registered = true;
    made->next = target->bdevs;
    target->bdevs = made;
    *created = made;
    return 0;
}
