/* A deep copy of the options of a target, which is made long after the caller has gone on. */
#include "internal.h"

static bool copy_text(char **copy, const char *text)
{
    *copy = text == NULL ? NULL : strdup(text);
    return text == NULL || *copy != NULL;
}

static bool copy_subsystem(struct emu_subsystem_options *copy, const struct emu_subsystem_options *from)
{
    size_t bytes = from->namespace_count * sizeof(*from->namespaces);
    struct emu_namespace_options *namespaces = malloc(bytes == 0 ? 1 : bytes);
    char *texts[3] = {NULL, NULL, NULL};
    bool copied = copy_text(&texts[0], from->nqn) && copy_text(&texts[1], from->serial) && copy_text(&texts[2], from->model);

    *copy = *from;
    copy->nqn = texts[0];
    copy->serial = texts[1];
    copy->model = texts[2];
    copy->namespaces = namespaces;
    if (namespaces == NULL) {
        return false;
    }
    memcpy(namespaces, from->namespaces, bytes);
    return copied;
}

static bool copy_listener(struct emu_listener_options *copy, const struct emu_listener_options *from)
{
    char *texts[3] = {NULL, NULL, NULL};
    bool copied =
        copy_text(&texts[0], from->transport) && copy_text(&texts[1], from->address) && copy_text(&texts[2], from->service);

    *copy = *from;
    copy->transport = texts[0];
    copy->address = texts[1];
    copy->service = texts[2];
    return copied;
}

void emu_plan_free(struct emu_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (uint32_t i = 0; plan->subsystems != NULL && i < plan->subsystem_count; i++) {
        free((char *)plan->subsystems[i].nqn);
        free((char *)plan->subsystems[i].serial);
        free((char *)plan->subsystems[i].model);
        free((struct emu_namespace_options *)plan->subsystems[i].namespaces);
    }
    for (uint32_t i = 0; plan->listeners != NULL && i < plan->listener_count; i++) {
        free((char *)plan->listeners[i].transport);
        free((char *)plan->listeners[i].address);
        free((char *)plan->listeners[i].service);
    }
    free(plan->subsystems);
    free(plan->listeners);
    free(plan->made);
    free(plan->name);
    free(plan);
}

struct emu_plan *emu_plan_copy(const struct emu_target_options *options)
{
    struct emu_plan *plan = calloc(1, sizeof(*plan));
    bool copied;

    if (plan == NULL) {
        return NULL;
    }
    plan->max_transfer_bytes = options->max_transfer_bytes;
    plan->in_capsule_bytes = options->in_capsule_bytes;
    plan->max_queue_entries = options->max_queue_entries;
    plan->max_io_queues = options->max_io_queues;
    plan->subsystem_count = options->subsystem_count;
    plan->listener_count = options->listener_count;
    plan->subsystems = calloc(options->subsystem_count + 1, sizeof(*plan->subsystems));
    plan->listeners = calloc(options->listener_count + 1, sizeof(*plan->listeners));
    plan->made = calloc(options->subsystem_count + 1, sizeof(struct spdk_nvmf_subsystem *));
    copied =
        copy_text(&plan->name, options->name) && plan->subsystems != NULL && plan->listeners != NULL && plan->made != NULL;
    for (uint32_t i = 0; copied && i < options->subsystem_count; i++) {
        copied = copy_subsystem(&plan->subsystems[i], &options->subsystems[i]);
    }
    for (uint32_t i = 0; copied && i < options->listener_count; i++) {
        copied = copy_listener(&plan->listeners[i], &options->listeners[i]);
    }
    if (!copied) {
        emu_plan_free(plan);
        return NULL;
    }
    return plan;
}
