/*
 * A command on its way through the device. The device gets the data in one piece: the host's own buffer where the transport
 * has it in one piece, as NVMe/TCP always does here and a PCIe host whose pages follow each other, else a piece that is
 * gathered before and scattered after.
 */
#include "internal.h"

#define PSDT_MASK 0xC0u
#define PSDT_SGL 0x40u

/* Pages of a PCIe host that follow each other are one piece; over a network there is only one. */
static bool is_one_piece(const struct iovec *iovs, int iovcnt)
{
    for (int i = 1; i < iovcnt; i++) {
        if (iovs[i].iov_base != (uint8_t *)iovs[i - 1].iov_base + iovs[i - 1].iov_len) {
            return false;
        }
    }
    return true;
}

/* False when there is no memory for data in several pieces. */
bool emu_request_prepare(
    struct emu_request *request, struct emu_queue *queue, struct spdk_nvmf_request *nvmf, struct iovec *iovs, int iovcnt,
    uint32_t length)
{
    request->is_pending = false;
    request->queue = queue;
    request->nvmf = nvmf;
    request->iovs = iovs;
    request->iovcnt = iovcnt;
    request->length = length;
    request->staging = NULL;
    memcpy(request->entry, nvmf->cmd, EMU_ENTRY_BYTES);
    if (emu_is_pcie(nvmf->qpair)) {
        /* A PCIe host may use PRPs, which are SPDK's affair: for the device all data is described as over fabrics. */
        request->entry[1] = (uint8_t)((request->entry[1] & ~PSDT_MASK) | PSDT_SGL);
    }
    request->is_read = spdk_nvme_opc_get_data_transfer(request->entry[0]) == SPDK_NVME_DATA_CONTROLLER_TO_HOST;
    if (length == 0 || is_one_piece(iovs, iovcnt)) {
        return true;
    }
    request->staging = malloc(length);
    if (request->staging == NULL) {
        return false;
    }
    queue->target->counters.staged++;
    if (!request->is_read) {
        spdk_copy_iovs_to_buf(request->staging, length, iovs, iovcnt);
    }
    return true;
}

void emu_request_describe(struct emu_request *request, struct emu_command *command)
{
    command->entry = request->entry;
    command->length = request->length;
    command->reserved = 0;
    command->request = request;
    if (request->length == 0) {
        command->data = NULL;
    } else {
        command->data = request->staging != NULL ? request->staging : request->iovs[0].iov_base;
    }
}

/* The status field is put together of what the device says and what SPDK has in the rest of the entry. */
void emu_set_status(struct spdk_nvmf_request *req, const struct emu_outcome *outcome)
{
    struct spdk_nvme_cpl *rsp = &req->rsp->nvme_cpl;

    rsp->cdw0 = outcome->dw0;
    rsp->cdw1 = outcome->dw1;
    rsp->status_raw = (uint16_t)(outcome->status << 1);
}

static void end_admin(struct emu_request *request)
{
    struct spdk_nvmf_request *nvmf = request->nvmf;

    free(request);
    spdk_nvmf_request_complete(nvmf);
}

/* Scatters what was read and gives back the staging. */
void emu_request_release(struct emu_request *request)
{
    if (request->staging == NULL) {
        return;
    }
    if (request->is_read && request->outcome.status == 0) {
        spdk_copy_buf_to_iovs(request->iovs, request->iovcnt, request->staging, request->length);
    }
    free(request->staging);
    request->staging = NULL;
}

/* The device has answered, or will later. A request of an admin command that is over is the caller's to end. */
void emu_request_submitted(struct emu_request *request, const struct emu_outcome *outcome)
{
    request->outcome = *outcome;
    if (outcome->pending) {
        request->is_pending = true;
        TAILQ_INSERT_TAIL(&request->queue->pending, request, link);
    } else {
        emu_request_release(request);
    }
}

void emu_request_complete(struct emu_request *request, const struct emu_outcome *outcome)
{
    request->outcome = *outcome;
    request->outcome.pending = 0;
    request->is_pending = false;
    TAILQ_REMOVE(&request->queue->pending, request, link);
    emu_request_release(request);
    if (request->kind == EMU_REQUEST_ADMIN) {
        emu_set_status(request->nvmf, &request->outcome);
        end_admin(request);
    } else if (request->kind == EMU_REQUEST_LATE) {
        emu_set_status(request->nvmf, &request->outcome);
        emu_transport_complete(request->nvmf);
        free(request);
    } else {
        emu_bdev_complete(request->bdev_io, request);
    }
}
