/*
 * libemulator_spdk: what the drive needs of libspdk, as a flat C interface.
 *
 * The interface has a version, EMU_ABI_VERSION; a caller that was written for another one must not use the library. All
 * structures are blittable, begin with their size where they may grow, and are described by emu_layout(), so that a caller
 * in another language can check what it believes before it passes the first pointer.
 *
 * Threads. "The application thread" is the SPDK thread that emu_app_run() creates; it runs on the first core of the mask.
 * A function says by which thread it may be called: "any" means any thread of the process, SPDK's or not. Callbacks come on
 * the application thread unless they say otherwise. None of them may block, and none may let an exception of another
 * language pass through.
 *
 * Errors are negative errno values, success is 0.
 *
 * Ownership. Handles are made and given back by the functions that name them. Strings and structures that are passed in are
 * copied before the function returns, unless it says that they are kept.
 */
#ifndef EMULATOR_SPDK_H
#define EMULATOR_SPDK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EMU_API __attribute__((visibility("default")))

#define EMU_ABI_VERSION 2u

/* ---- The library ---- */

/* Any thread. EMU_ABI_VERSION of the library. */
EMU_API uint32_t emu_abi_version(void);

/* Any thread. The release of SPDK that the library was built with, such as "SPDK v24.09"; static. */
EMU_API const char *emu_spdk_version(void);

/* Any thread. The same as a number: (year * 100 + month) * 100 + patch level, 240900 for v24.09. */
EMU_API uint32_t emu_spdk_version_number(void);

struct emu_layout_entry {
    const char *name; /* "emu_command" for a size, "emu_command.length" for an offset; static */
    uint32_t value;   /* in bytes */
    uint32_t reserved;
};

/* Any thread. Sizes and offsets of every structure below; static. */
EMU_API const struct emu_layout_entry *emu_layout(uint32_t *count);

/* ---- The application framework and the environment ---- */

/* Levels of a log line, as those of syslog that SPDK uses. */
enum emu_log_level {
    EMU_LOG_ERROR = 0,
    EMU_LOG_WARNING = 1,
    EMU_LOG_NOTICE = 2,
    EMU_LOG_INFO = 3,
    EMU_LOG_DEBUG = 4,
};

/* Gets a line of SPDK's log, without a line feed. Comes on whichever thread logs; the text is valid during the call. */
typedef void (*emu_log_fn)(void *context, uint32_t level, const char *text);

typedef void (*emu_fn)(void *context);

struct emu_app_options {
    uint32_t size;          /* of this structure */
    uint32_t memory_mib;    /* of DPDK's memory, 0 for its default; required without huge pages */
    const char *name;       /* of the process, for SPDK's files below /var/run/dpdk */
    const char *core_mask;  /* as spdk_app's -m: "0x1" or "[0,2]" */
    const char *rpc_socket; /* of SPDK's JSON-RPC server; NULL for no server */
    const char *config;     /* SPDK's JSON configuration itself; NULL for none */
    emu_log_fn log;         /* NULL: SPDK writes to stderr */
    void *log_context;
    emu_fn started; /* the application runs */
    void *context;  /* of started */
    uint8_t no_huge_pages;
    uint8_t reserved[7];
};

/*
 * Runs the application framework (spdk_app_start) on the calling thread, which belongs to it until it returns: when
 * emu_app_stop() was called and everything is given back (spdk_app_fini), or at once if it cannot start. The thread is bound
 * to the first core of the mask and stays so. Once in the life of a process.
 * Returns 0 after a stop, -EALREADY if it ran before, -EINVAL for options that make no sense, else what SPDK returned.
 */
EMU_API int emu_app_run(const struct emu_app_options *options);

/* Any thread. Has emu_app_run() return. -ESRCH if nothing runs. */
EMU_API int emu_app_stop(void);

/* Any thread. Has a function called on the application thread (spdk_thread_send_msg). */
EMU_API int emu_app_post(emu_fn function, void *context);

/*
 * Any thread, once, and not with emu_app_run(). The environment alone (spdk_env_init), for programs that are NVMe hosts and
 * nothing else. The calling thread is bound to the first core of the mask. Of the options size, memory_mib, name, core_mask,
 * log, log_context and no_huge_pages are used.
 */
EMU_API int emu_env_init(const struct emu_app_options *options);

/* Any thread. Memory that devices may read and write (spdk_zmalloc), zeroed; NULL if there is none. */
EMU_API void *emu_dma_alloc(uint64_t bytes, uint64_t alignment);

/* Any thread. Gives it back; NULL is allowed. */
EMU_API void emu_dma_free(void *memory);

/* ---- The NVMe host ---- */

/*
 * A controller, and a queue pair of it. One thread at a time uses a controller; one thread at a time uses a queue pair. An
 * application framework is not needed, an environment is.
 */
struct emu_host;
struct emu_host_queue;

struct emu_host_options {
    uint32_t size;          /* of this structure */
    uint32_t queue_entries; /* of an I/O queue, 0 for SPDK's default */
    const char *transport;  /* a transport ID: "trtype:TCP adrfam:IPv4 traddr:... trsvcid:... subnqn:..." */
    const char *host_nqn;   /* NULL for SPDK's default */
    uint32_t keep_alive_ms; /* 0 for SPDK's default */
    uint32_t reserved;
};

struct emu_host_info {
    uint16_t controller_id;
    uint16_t reserved;
    uint32_t max_transfer_bytes;
    uint32_t namespaces; /* NN */
    uint32_t reserved2;
};

struct emu_host_namespace {
    uint64_t blocks;
    uint32_t block_bytes;
    uint32_t is_active;
};

/* The end of a command: dword 0, and the status field without the phase bit. Called by the thread that polls. */
typedef void (*emu_completion_fn)(void *context, uint32_t dw0, uint32_t status);

/* Connects and initializes (spdk_nvme_connect), which takes as long as it takes. NULL with *error set if it fails. */
EMU_API struct emu_host *emu_host_connect(const struct emu_host_options *options, int *error);

/*
 * Detaches (spdk_nvme_detach). Every queue pair has to be freed before; admin commands that are outstanding are aborted, and
 * their callbacks called. NULL is allowed.
 */
EMU_API void emu_host_detach(struct emu_host *host);

/* What was identified (spdk_nvme_ctrlr_get_data and others). */
EMU_API void emu_host_get_info(struct emu_host *host, struct emu_host_info *info);

/* The 4096 bytes of Identify Controller as SPDK keeps them (spdk_nvme_ctrlr_get_data). */
EMU_API void emu_host_get_identify(struct emu_host *host, void *page);

/* Zeros if there is no such namespace (spdk_nvme_ctrlr_get_ns). */
EMU_API void emu_host_get_namespace(struct emu_host *host, uint32_t nsid, struct emu_host_namespace *info);

/*
 * Submits an admin command (spdk_nvme_ctrlr_cmd_admin_raw). `sqe` has 64 bytes, of which SPDK fills in the command identifier
 * and the data pointer. `data` has to stay until the command completes.
 */
EMU_API int emu_host_admin(
    struct emu_host *host, const void *sqe, void *data, uint32_t length, emu_completion_fn completed, void *context);

/* Completions of admin commands, and keep-alive (spdk_nvme_ctrlr_process_admin_completions). Returns their number. */
EMU_API int emu_host_poll_admin(struct emu_host *host);

/* Allocates and connects an I/O queue pair (spdk_nvme_ctrlr_alloc_io_qpair). NULL if it fails. */
EMU_API struct emu_host_queue *emu_host_queue_create(struct emu_host *host);

/* Frees it (spdk_nvme_ctrlr_free_io_qpair); what is outstanding is aborted, and its callbacks called. NULL is allowed. */
EMU_API void emu_host_queue_free(struct emu_host_queue *queue);

/* Submits a read or a write (spdk_nvme_ns_cmd_read, spdk_nvme_ns_cmd_write). -ENOMEM when the queue is full. */
EMU_API int emu_host_read(
    struct emu_host_queue *queue, uint32_t nsid, void *data, uint64_t lba, uint32_t blocks, uint32_t flags,
    emu_completion_fn completed, void *context);
EMU_API int emu_host_write(
    struct emu_host_queue *queue, uint32_t nsid, const void *data, uint64_t lba, uint32_t blocks, uint32_t flags,
    emu_completion_fn completed, void *context);

/* Submits any I/O command (spdk_nvme_ctrlr_cmd_io_raw), as emu_host_admin() does an admin command. */
EMU_API int emu_host_io(
    struct emu_host_queue *queue, const void *sqe, void *data, uint32_t length, emu_completion_fn completed, void *context);

/* Completions (spdk_nvme_qpair_process_completions), `most` at most, 0 for all. Their number, or an error of the queue. */
EMU_API int emu_host_poll(struct emu_host_queue *queue, uint32_t most);

/* ---- The target ---- */

/* A target, and a command that it has given to the device and not yet had back. */
struct emu_target;
struct emu_request;

/* What a queue came by. Values are of our own: SPDK's do not fit into a TRTYPE, and PCIe has none. */
enum emu_transport_type {
    EMU_TRANSPORT_OTHER = 0,
    EMU_TRANSPORT_TCP = 1,
    EMU_TRANSPORT_RDMA = 2,
    EMU_TRANSPORT_VFIO_USER = 3,
};

/* A queue that a host connected. What it points to is valid during the call. */
struct emu_connect {
    const void *command;    /* the Connect command, 64 bytes; on vfio-user one that SPDK made for a queue of a PCIe host */
    const void *data;       /* its data, 1024 bytes; a PCIe host has no name there */
    const char *subsystem;  /* the name that it connected to */
    const char *peer;       /* for the log */
    const char *listener;   /* the address of the listener that it came to, as it was given */
    uint16_t controller_id; /* that SPDK gave to the controller */
    uint8_t transport;      /* enum emu_transport_type */
    uint8_t reserved[5];
    uint64_t connection; /* names the connection, for emu_target_close() and emu_target_settings() */
};

/* The data of a command and where it came by. What it points to is valid until the command completes. */
struct emu_command {
    const void *entry; /* the submission queue entry, 64 bytes; on a PCIe transport PSDT says SGL, whatever the host used */
    void *data;        /* one piece; the host's buffer where the transport has one piece */
    uint32_t length;   /* of the data */
    uint32_t reserved;
    struct emu_request *request; /* for emu_request_complete(), if the command completes later */
};

struct emu_outcome {
    uint32_t dw0;
    uint32_t dw1;
    uint16_t status; /* the status field without the phase bit: SC, SCT, CRD, M, DNR from bit 0 up */
    uint8_t pending; /* the command completes later; the rest has no meaning */
    uint8_t reserved[5];
};

/*
 * The device behind a target. Every function is called on the thread that owns the target, and only there. `now` is in
 * nanoseconds since the target was made. A queue is named by what connect() gave for it, which is never 0.
 */
struct emu_device {
    uint32_t size; /* of this structure */
    uint32_t reserved;
    void *context;

    /*
     * A host connected a queue of the subsystem. The status says whether it may; if it may not the host is told so, and
     * dw0 is where an invalid parameter is. A PCIe host cannot be told: its commands are refused instead. Of an admin queue
     * that may connect dw0 is the number that its controller has from now on, which emu_target_has_controller() denied, or
     * the one that SPDK gave to it.
     */
    void (*connect)(
        void *context, uint64_t now, const struct emu_connect *connect, uint64_t *queue, struct emu_outcome *outcome);

    /* The connection of a queue is gone. Not called for a connect() that was refused. */
    void (*disconnect)(void *context, uint64_t now, uint64_t queue);

    /*
     * Executes a command, or a Property Set that SPDK has executed (opcode 7Fh), of which only the effect counts. The
     * function fills in the outcome.
     */
    void (*submit)(
        void *context, uint64_t now, uint64_t queue, const struct emu_command *command, struct emu_outcome *outcome);

    /* Executes a Compare and a Write that are fused. The first outcome is never pending unless the second is. */
    void (*submit_fused)(
        void *context, uint64_t now, uint64_t queue, const struct emu_command *first, const struct emu_command *second,
        struct emu_outcome *first_outcome, struct emu_outcome *second_outcome);

    /* Called once a round of the reactor: completes what is due. Returns whether anything was done. */
    uint32_t (*poll)(void *context, uint64_t now);
};

struct emu_namespace_options {
    uint32_t nsid;
    uint32_t block_bytes;
    uint64_t blocks;
    uint8_t nguid[16];
    uint8_t eui64[8];
    uint8_t uuid[16];
};

struct emu_subsystem_options {
    const char *nqn;
    const char *serial;
    const char *model;
    uint16_t first_controller_id;
    uint16_t last_controller_id;
    uint32_t namespace_count;
    const struct emu_namespace_options *namespaces;
};

struct emu_listener_options {
    const char *transport; /* "TCP", "RDMA" or "VFIOUSER" */
    const char *address;   /* an IP address, or the directory of the socket for VFIOUSER */
    const char *service;   /* the port; ignored for VFIOUSER */
    uint8_t is_ipv6;
    uint8_t reserved[7];
};

struct emu_target_options {
    uint32_t size; /* of this structure */
    uint32_t subsystem_count;
    const char *name;
    const struct emu_subsystem_options *subsystems;
    const struct emu_listener_options *listeners;
    uint32_t listener_count;
    uint32_t max_transfer_bytes;     /* of one command */
    uint32_t in_capsule_bytes;       /* of the data that a capsule may carry */
    uint16_t max_queue_entries;      /* of an I/O queue */
    uint16_t max_io_queues;          /* of a controller */
    const struct emu_device *device; /* copied, but for what context points to */
};

/*
 * A target was made, or cannot be: then `target` is NULL, `error` says why and `step` at what. Or one is gone: then only
 * the context has a meaning. On the application thread.
 */
typedef void (*emu_target_fn)(void *context, struct emu_target *target, int error, const char *step);

/*
 * Any thread. Makes a target and has it serve: NVMe-oF target, transports, block devices, subsystems, listeners, poll group,
 * all owned by the application thread. `done` is called once. On failure what was made is unmade first.
 */
EMU_API int emu_target_create(const struct emu_target_options *options, emu_target_fn done, void *context);

/* Any thread, once for a target. Closes every connection and frees the target, then calls `done`. */
EMU_API int emu_target_destroy(struct emu_target *target, emu_target_fn done, void *context);

/* The thread of the target. Completes a command whose outcome was pending; not from within the call that submitted it. */
EMU_API void emu_request_complete(struct emu_request *request, const struct emu_outcome *outcome);

/* The thread of the target. Has a connection closed; the device's disconnect() follows, if the device knows its queue. */
EMU_API void emu_target_close(struct emu_target *target, uint64_t connection);

/* The thread of the target. Whether SPDK has a controller of that number: connected, connecting or on its way out. */
EMU_API uint8_t emu_target_has_controller(struct emu_target *target, const char *subsystem, uint16_t controller_id);

/* What SPDK itself keeps of a controller (spdk_nvmf_ctrlr_get_regs, spdk_nvmf_ctrlr_save_migr_data). */
struct emu_controller_settings {
    uint64_t cap;
    uint32_t vs;
    uint32_t cc;
    uint32_t csts;
    uint32_t keep_alive_ms;
    uint16_t io_queues; /* granted, 1-based; 0 if the host never asked */
    uint16_t controller_id;
    uint32_t max_transfer_bytes;
};

/* The thread of the target. -ENOENT if the connection is not that of a controller's queue. */
EMU_API int emu_target_settings(struct emu_target *target, uint64_t connection, struct emu_controller_settings *settings);

struct emu_target_counters {
    uint64_t commands;    /* I/O commands that went to the device */
    uint64_t staged;      /* of these, those whose data had to be gathered into one piece */
    uint64_t connections; /* queues at the moment */
};

/* The thread of the target. */
EMU_API void emu_target_get_counters(struct emu_target *target, struct emu_target_counters *counters);

#ifdef __cplusplus
}
#endif

#endif
