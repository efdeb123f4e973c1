/*
 * SPDK tells a block device nothing of controllers and queues: who connected, when a controller was enabled, when a queue
 * goes. The transport that carries all of it is told, by its table of operations. So each transport of a target gets a copy
 * of its table with these around two of the operations: the completion of a request, where the results of Connect and
 * Property Set pass, and the end of a queue pair. Everything else is the transport's own, and it never learns.
 */
#include "internal.h"

static struct emu_transport *decoration_of(const struct spdk_nvmf_qpair *qpair)
{
    return SPDK_CONTAINEROF(qpair->transport->ops, struct emu_transport, ops);
}

/* SPDK has set a property; the device follows. */
static void property_was_set(struct emu_target *target, struct spdk_nvmf_request *req)
{
    struct emu_queue *queue = emu_queue_find(target, req->qpair);
    struct emu_outcome outcome = {0};
    struct emu_command command = {.entry = req->cmd};

    if (queue != NULL && !queue->is_gone) {
        target->device.submit(target->device.context, emu_now(target), queue->handle, &command, &outcome);
    }
}

/*
 * Whether SPDK has refused an I/O command by itself. It checks ranges and lengths before a block device sees a command, takes
 * one range for a Copy, and knows no command for all namespaces. What the device refuses in these ways carries Do Not Retry.
 */
static bool was_refused_by_spdk(const struct spdk_nvmf_request *req)
{
    const struct spdk_nvme_status *status = &req->rsp->nvme_cpl.status;
    const struct spdk_nvme_cmd *cmd = &req->cmd->nvme_cmd;

    if (cmd->fuse != 0) {
        return false;
    }
    if (status->sct == SPDK_NVME_SCT_COMMAND_SPECIFIC) {
        return status->sc == SPDK_NVME_SC_CMD_SIZE_LIMIT_SIZE_EXCEEDED && !status->dnr;
    }
    if (status->sct != SPDK_NVME_SCT_GENERIC) {
        return false;
    }
    switch (status->sc) {
    case SPDK_NVME_SC_INVALID_FIELD:
    case SPDK_NVME_SC_INTERNAL_DEVICE_ERROR:
    case SPDK_NVME_SC_DATA_SGL_LENGTH_INVALID:
    case SPDK_NVME_SC_LBA_OUT_OF_RANGE:
        return !status->dnr;
    case SPDK_NVME_SC_INVALID_NAMESPACE_OR_FORMAT:
        return spdk_nvmf_subsystem_get_ns(spdk_nvmf_ctrlr_get_subsystem(req->qpair->ctrlr), cmd->nsid) == NULL;
    default:
        return false;
    }
}

/* The device has the last word about a command that SPDK would not pass to it. False when it needs more time for that. */
static bool reconsider(struct emu_queue *queue, struct spdk_nvmf_request *req)
{
    struct emu_target *target = queue->target;
    struct emu_request *request = calloc(1, sizeof(*request));
    struct emu_outcome outcome = {0};
    struct emu_command command;

    if (request == NULL) {
        return true;
    }
    request->kind = EMU_REQUEST_LATE;
    if (!emu_request_prepare(request, queue, req, req->iov, req->iovcnt, req->iovcnt == 0 ? 0 : req->length)) {
        free(request);
        return true;
    }
    target->counters.commands++;
    emu_request_describe(request, &command);
    target->device.submit(target->device.context, emu_now(target), queue->handle, &command, &outcome);
    emu_request_submitted(request, &outcome);
    if (outcome.pending) {
        return false;
    }
    emu_set_status(req, &outcome);
    free(request);
    return true;
}

/* Hands the completion of a request to the transport itself. */
void emu_transport_complete(struct spdk_nvmf_request *req)
{
    decoration_of(req->qpair)->inner->req_complete(req);
}

static int complete_request(struct spdk_nvmf_request *req)
{
    struct emu_transport *decorated = decoration_of(req->qpair);

    if (spdk_unlikely(req->qpair->qid != 0 && spdk_nvme_cpl_is_error(&req->rsp->nvme_cpl) && req->qpair->ctrlr != NULL) &&
        req->cmd->nvmf_cmd.opcode != SPDK_NVME_OPC_FABRIC && was_refused_by_spdk(req)) {
        struct emu_queue *queue = emu_queue_find(decorated->target, req->qpair);

        if (queue != NULL && !queue->is_gone && !reconsider(queue, req)) {
            return 0;
        }
    }
    if (spdk_unlikely(req->cmd->nvmf_cmd.opcode == SPDK_NVME_OPC_FABRIC) && req->qpair->ctrlr != NULL &&
        spdk_nvme_cpl_is_success(&req->rsp->nvme_cpl) &&
        !spdk_nvmf_subsystem_is_discovery(spdk_nvmf_ctrlr_get_subsystem(req->qpair->ctrlr))) {
        switch (req->cmd->nvmf_cmd.fctype) {
        case SPDK_NVMF_FABRIC_COMMAND_CONNECT:
            emu_queue_connected(decorated->target, req);
            break;
        case SPDK_NVMF_FABRIC_COMMAND_PROPERTY_SET:
            property_was_set(decorated->target, req);
            break;
        default:
            break;
        }
    }
    return decorated->inner->req_complete(req);
}

static void finish_queue_pair(struct spdk_nvmf_qpair *qpair, spdk_nvmf_transport_qpair_fini_cb done, void *context)
{
    struct emu_transport *decorated = decoration_of(qpair);
    struct emu_queue *queue = emu_queue_find(decorated->target, qpair);

    if (queue != NULL) {
        emu_queue_remove(queue);
    }
    /*
     * SPDK 24.09 takes a queue pair out of its group first and then looks in the group for those of its requests that still
     * wait for a buffer, which is where a command stays whose scatter list is too long: a host could end the process with
     * one. It looks in a list, too, that there is only where capsules carry less than 8 KiB.
     */
    if (qpair->group == NULL) {
        qpair->group = decorated->target->poll_group;
    }
    decorated->inner->qpair_fini(qpair, done, context);
}

/* The target of a queue pair; NULL if it is not one of ours. */
struct emu_target *emu_target_of(const struct spdk_nvmf_qpair *qpair)
{
    return qpair->transport->ops->req_complete == complete_request ? decoration_of(qpair)->target : NULL;
}

void emu_transport_decorate(
    struct emu_target *target, struct emu_transport *decorated, struct spdk_nvmf_transport *transport)
{
    decorated->inner = transport->ops;
    decorated->ops = *transport->ops;
    decorated->ops.req_complete = complete_request;
    decorated->ops.qpair_fini = finish_queue_pair;
    decorated->transport = transport;
    decorated->target = target;
    transport->ops = &decorated->ops;
}
