// Writes a model file again in another type: requantise INPUT OUTPUT Q8_0|F16
//
// deploy/setup makes the scorer's files with it from the one that is distributed. Going from 4 to 8 or 16 bits adds no
// quality; it buys speed (8-bit kernels are the fastest on most CPUs) and, for tests, weights whose rounding is exact.
// Exit codes: 0 fine, 1 failed (llama.cpp's last words are on stderr), 2 usage.

#include <llama.h>
#include <stdio.h>
#include <string.h>

struct target {
    const char *name;
    enum llama_ftype type;
};

static const struct target targets[] = {
    {"Q8_0", LLAMA_FTYPE_MOSTLY_Q8_0},
    {"F16", LLAMA_FTYPE_MOSTLY_F16},
};

// Keeps what went wrong and drops a line for each of the model's tensors.
static void print_problems(enum ggml_log_level level, const char *text, void *user_data) {
    (void)user_data;
    if (level == GGML_LOG_LEVEL_WARN || level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

static int usage(void) {
    fputs("usage: requantise INPUT OUTPUT Q8_0|F16\n", stderr);
    return 2;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        return usage();
    }
    const struct target *chosen = NULL;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (strcmp(argv[3], targets[i].name) == 0) {
            chosen = &targets[i];
        }
    }
    if (chosen == NULL) {
        return usage();
    }

    llama_log_set(print_problems, NULL);
    llama_backend_init();
    struct llama_model_quantize_params params = llama_model_quantize_default_params();
    params.ftype = chosen->type;
    params.allow_requantize = true;
    const uint32_t status = llama_model_quantize(argv[1], argv[2], &params);
    llama_backend_free();
    if (status != 0) {
        fprintf(stderr, "requantise: %s could not be written as %s to %s\n", argv[1], chosen->name, argv[2]);
        return 1;
    }
    return 0;
}
