/* The application framework, the environment without it, and SPDK's log. */
#include "internal.h"

#include "spdk/event.h"
#include "spdk/log.h"
#include "spdk/string.h"

#define LONGEST_LINE 1024

/* Huge pages without files, which would keep them when the process is gone. */
static char g_in_memory[] = "--in-memory";

static struct {
    struct emu_app_options options;
    pthread_mutex_t mutex;
    bool was_run;
    struct spdk_thread *thread; /* while it runs */
} g_app = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static emu_log_fn g_log;
static void *g_log_context;

__attribute__((format(printf, 5, 0))) static void
forward_log(int level, const char *file, int line, const char *function, const char *format, va_list arguments)
{
    char text[LONGEST_LINE];
    size_t length;

    (void)file;
    (void)line;
    (void)function;
    vsnprintf(text, sizeof(text), format, arguments);
    length = strlen(text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' ')) {
        text[--length] = '\0';
    }
    if (length > 0) {
        g_log(g_log_context, level < 0 ? EMU_LOG_ERROR : (uint32_t)level, text);
    }
}

static void open_log(const struct emu_app_options *options)
{
    if (options->log != NULL) {
        g_log = options->log;
        g_log_context = options->log_context;
        spdk_log_open(forward_log);
    }
}

static bool are_valid(const struct emu_app_options *options)
{
    return options != NULL && options->size == sizeof(*options) && options->name != NULL &&
           (!options->no_huge_pages || options->memory_mib > 0);
}

/* Nobody is to look for a format on the namespaces of a drive: what comes to them comes from hosts. */
static int forbid_examination(void)
{
    struct spdk_bdev_opts opts = {0};

    spdk_bdev_get_opts(&opts, sizeof(opts));
    opts.bdev_auto_examine = false;
    return spdk_bdev_set_opts(&opts);
}

static bool claim(void)
{
    bool claimed;

    pthread_mutex_lock(&g_app.mutex);
    claimed = !g_app.was_run;
    g_app.was_run = true;
    pthread_mutex_unlock(&g_app.mutex);
    return claimed;
}

static void set_thread(struct spdk_thread *thread)
{
    pthread_mutex_lock(&g_app.mutex);
    g_app.thread = thread;
    pthread_mutex_unlock(&g_app.mutex);
}

static void application_started(void *context)
{
    (void)context;
    set_thread(spdk_get_thread());
    g_app.options.started(g_app.options.context);
}

int emu_app_run(const struct emu_app_options *options)
{
    struct spdk_app_opts opts;
    int rc;

    if (!are_valid(options) || options->started == NULL) {
        return -EINVAL;
    }
    if (!claim()) {
        return -EALREADY;
    }
    g_app.options = *options;
    spdk_app_opts_init(&opts, sizeof(opts));
    opts.name = options->name;
    opts.reactor_mask = options->core_mask;
    opts.mem_size = options->memory_mib == 0 ? -1 : (int)options->memory_mib;
    opts.no_huge = options->no_huge_pages != 0;
    opts.iova_mode = options->no_huge_pages ? "va" : NULL;
    /* A host on vfio-user shares its memory with the target, by as few files as can be. */
    opts.hugepage_single_segments = options->no_huge_pages == 0;
    opts.env_context = options->no_huge_pages ? NULL : g_in_memory;
    opts.no_pci = true; /* the device is not one, and nothing else is served */
    opts.num_entries = 0;
    opts.rpc_addr = options->rpc_socket;
    opts.json_data = (void *)options->config;
    opts.json_data_size = options->config == NULL ? 0 : strlen(options->config);
    opts.disable_signal_handlers = true; /* signals are the process's affair */
    opts.disable_cpumask_locks = true;
    opts.log = options->log == NULL ? NULL : forward_log;
    open_log(options); /* before the environment is there, whose problems matter most */
    rc = forbid_examination();
    rc = rc != 0 ? rc : spdk_app_start(&opts, application_started, NULL);
    set_thread(NULL);
    spdk_app_fini();
    return rc > 0 ? -EIO : rc;
}

/* SPDK frees its thread before spdk_app_start() returns: nobody may find it from now on. */
static void stop_application(void *context)
{
    (void)context;
    set_thread(NULL);
    spdk_app_stop(0);
}

int emu_app_stop(void)
{
    return emu_app_post(stop_application, NULL);
}

int emu_app_post(emu_fn function, void *context)
{
    int rc = -ESRCH;

    pthread_mutex_lock(&g_app.mutex);
    if (g_app.thread != NULL) {
        rc = spdk_thread_send_msg(g_app.thread, function, context);
    }
    pthread_mutex_unlock(&g_app.mutex);
    return rc;
}

int emu_env_init(const struct emu_app_options *options)
{
    struct spdk_env_opts opts;

    if (!are_valid(options)) {
        return -EINVAL;
    }
    if (!claim()) {
        return -EALREADY;
    }
    opts.opts_size = sizeof(opts);
    spdk_env_opts_init(&opts);
    opts.name = options->name;
    opts.core_mask = options->core_mask == NULL ? "0x1" : options->core_mask;
    opts.mem_size = options->memory_mib == 0 ? -1 : (int)options->memory_mib;
    opts.no_huge = options->no_huge_pages != 0;
    opts.iova_mode = options->no_huge_pages ? "va" : NULL;
    opts.hugepage_single_segments = options->no_huge_pages == 0;
    opts.env_context = options->no_huge_pages ? NULL : g_in_memory;
    open_log(options);
    return spdk_env_init(&opts) < 0 ? -EIO : 0;
}

void *emu_dma_alloc(uint64_t bytes, uint64_t alignment)
{
    return spdk_zmalloc(bytes, alignment, NULL, SPDK_ENV_NUMA_ID_ANY, SPDK_MALLOC_DMA);
}

void emu_dma_free(void *memory)
{
    spdk_free(memory);
}
