/*
 * Admin commands. The device answers them all, but for those by which SPDK runs the association itself: keep-alive, the number
 * of queues, the host identifier, and reservations, whose commands SPDK does not pass to a block device. Where SPDK decides
 * what a controller can do - sizes of capsules, scatter lists, atomic pairs - its word goes into the device's Identify pages.
 *
 * SPDK has one table of handlers for a process; these answer for queue pairs of a target of ours and leave the rest alone.
 */
#include "internal.h"

#define LEAVE_TO_SPDK (-1)

/* Features that SPDK keeps; those of interrupts there are on PCIe alone. */
static bool is_kept_by_spdk(const struct spdk_nvmf_request *req)
{
    switch (req->cmd->nvme_cmd.cdw10 & 0xFF) {
    case SPDK_NVME_FEAT_INTERRUPT_COALESCING:
    case SPDK_NVME_FEAT_INTERRUPT_VECTOR_CONFIGURATION:
        return emu_is_pcie(req->qpair);
    case SPDK_NVME_FEAT_NUMBER_OF_QUEUES:
    case SPDK_NVME_FEAT_KEEP_ALIVE_TIMER:
    case SPDK_NVME_FEAT_HOST_IDENTIFIER:
    case SPDK_NVME_FEAT_HOST_RESERVE_MASK:
    case SPDK_NVME_FEAT_HOST_RESERVE_PERSIST:
        return true;
    default:
        return false;
    }
}

/* Identify Controller: what the transport and SPDK's handling of commands decide. */
static void overlay_controller(struct spdk_nvmf_request *req, struct spdk_nvme_ctrlr_data *page)
{
    static const uint16_t administration = 1u << 3; /* OACS: Namespace Management */
    struct spdk_nvme_ctrlr_data spdk = {0};
    uint16_t oacs;

    if (spdk_nvmf_ctrlr_identify_ctrlr(spdk_nvmf_request_get_ctrlr(req), &spdk) != SPDK_NVMF_REQUEST_EXEC_STATUS_COMPLETE) {
        return;
    }
    page->mdts = spdk.mdts;
    page->ver = spdk.ver;
    page->kas = spdk.kas;
    page->maxcmd = spdk.maxcmd;
    page->sgls = spdk.sgls;
    page->fuses = spdk.fuses;
    page->nvmf_specific = spdk.nvmf_specific;
    page->oncs.reservations = spdk.oncs.reservations;
    page->oncs.compare = page->oncs.compare && spdk.oncs.compare;
    page->oncs.dsm = page->oncs.dsm && spdk.oncs.dsm;
    page->oncs.write_zeroes = page->oncs.write_zeroes && spdk.oncs.write_zeroes;
    page->oncs.copy = page->oncs.copy && spdk.oncs.copy;
    if (emu_is_pcie(req->qpair)) {
        /* The vendor is that of the configuration space; the transport shadows doorbells, and has no capsules. */
        page->vid = spdk.vid;
        page->ssvid = spdk.ssvid;
        page->oacs.doorbell_buffer_config = spdk.oacs.doorbell_buffer_config;
        memset(&page->nvmf_specific, 0, sizeof(page->nvmf_specific));
    }
    /* Block devices come and go by SPDK's own ways. */
    memcpy(&oacs, &page->oacs, sizeof(oacs));
    oacs = (uint16_t)(oacs & ~administration);
    memcpy(&page->oacs, &oacs, sizeof(oacs));
}

/* Identify Namespace: reservations are SPDK's, and it takes one range for a Copy. */
static void overlay_namespace(struct spdk_nvmf_request *req, struct spdk_nvme_ns_data *page)
{
    struct spdk_nvme_ns_data spdk = {0};
    struct spdk_nvme_cpl rsp = {0};

    spdk_nvmf_ctrlr_identify_ns(spdk_nvmf_request_get_ctrlr(req), spdk_nvmf_request_get_cmd(req), &rsp, &spdk);
    if (spdk_nvme_cpl_is_error(&rsp) || page->nsze == 0) {
        return;
    }
    page->nsrescap = spdk.nsrescap;
    page->msrc = 0;
}

static void overlay_identify(struct spdk_nvmf_request *req, void *page, uint32_t length)
{
    if (length < sizeof(struct spdk_nvme_ctrlr_data)) {
        return;
    }
    switch (req->cmd->nvme_cmd.cdw10 & 0xFF) {
    case SPDK_NVME_IDENTIFY_CTRLR:
        overlay_controller(req, page);
        break;
    case SPDK_NVME_IDENTIFY_NS:
        overlay_namespace(req, page);
        break;
    default:
        break;
    }
}

static int answer(struct spdk_nvmf_request *req, uint16_t status)
{
    struct emu_outcome outcome = {.status = status};

    emu_set_status(req, &outcome);
    return SPDK_NVMF_REQUEST_EXEC_STATUS_COMPLETE;
}

static int to_device(struct emu_target *target, struct emu_queue *queue, struct spdk_nvmf_request *req)
{
    struct emu_request *request = calloc(1, sizeof(*request));
    struct emu_outcome outcome = {0};
    struct emu_command command;

    if (request == NULL) {
        return answer(req, SPDK_NVME_SC_INTERNAL_DEVICE_ERROR);
    }
    request->kind = EMU_REQUEST_ADMIN;
    if (!emu_request_prepare(request, queue, req, req->iov, req->iovcnt, req->iovcnt == 0 ? 0 : req->length)) {
        free(request);
        return answer(req, SPDK_NVME_SC_INTERNAL_DEVICE_ERROR);
    }
    emu_request_describe(request, &command);
    target->device.submit(target->device.context, emu_now(target), queue->handle, &command, &outcome);
    if (request->entry[0] == SPDK_NVME_OPC_IDENTIFY && outcome.status == 0 && !outcome.pending) {
        overlay_identify(req, command.data, command.length);
    }
    emu_request_submitted(request, &outcome);
    if (outcome.pending) {
        return SPDK_NVMF_REQUEST_EXEC_STATUS_ASYNCHRONOUS;
    }
    emu_set_status(req, &outcome);
    free(request);
    return SPDK_NVMF_REQUEST_EXEC_STATUS_COMPLETE;
}

static int handle_admin(struct spdk_nvmf_request *req)
{
    struct emu_target *target = emu_target_of(req->qpair);
    struct emu_queue *queue;
    const struct spdk_nvme_cmd *cmd = &req->cmd->nvme_cmd;

    if (target == NULL || spdk_nvmf_subsystem_is_discovery(spdk_nvmf_request_get_subsystem(req))) {
        return LEAVE_TO_SPDK;
    }
    queue = emu_queue_find(target, req->qpair);
    if (queue == NULL || queue->is_gone) {
        return answer(req, SPDK_NVME_SC_COMMAND_SEQUENCE_ERROR);
    }
    switch (cmd->opc) {
    case SPDK_NVME_OPC_SET_FEATURES:
    case SPDK_NVME_OPC_GET_FEATURES:
        return is_kept_by_spdk(req) ? LEAVE_TO_SPDK : to_device(target, queue, req);
    case SPDK_NVME_OPC_NS_MANAGEMENT:
    case SPDK_NVME_OPC_NS_ATTACHMENT:
        return answer(req, SPDK_NVME_SC_INVALID_OPCODE);
    default:
        return to_device(target, queue, req);
    }
}

/* SPDK has found the command to abort, which is an admin command; only one that waits for an event can be. */
static int handle_abort(struct spdk_nvmf_request *req)
{
    struct spdk_nvmf_request *aborted = spdk_nvmf_request_get_req_to_abort(req);
    struct emu_target *target = emu_target_of(req->qpair);
    struct emu_queue *queue;

    if (target == NULL || aborted == NULL) {
        return SPDK_NVMF_REQUEST_EXEC_STATUS_COMPLETE;
    }
    queue = emu_queue_find(target, req->qpair);
    if (queue == NULL || queue->is_gone) {
        return SPDK_NVMF_REQUEST_EXEC_STATUS_COMPLETE;
    }
    return to_device(target, queue, req);
}

void emu_admin_install(void)
{
    for (unsigned opcode = 0; opcode <= UINT8_MAX; opcode++) {
        if (opcode != SPDK_NVME_OPC_FABRIC && opcode != SPDK_NVME_OPC_KEEP_ALIVE && opcode != SPDK_NVME_OPC_ABORT) {
            spdk_nvmf_set_custom_admin_cmd_hdlr((uint8_t)opcode, handle_admin);
        }
    }
    spdk_nvmf_set_custom_admin_cmd_hdlr(SPDK_NVME_OPC_ABORT, handle_abort);
}
