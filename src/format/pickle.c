/* SPDX-License-Identifier: MIT
 * pickle.c - PyTorch's own files, which are recognised and refused.
 * Copyright (c) 2026 the wavenet authors */
#include "format/pickle.h"

#include <string.h>

#include "format/safetensors.h"

/* A pickle in a zip archive, or bare. */
static bool detect_pickle(const void *data, size_t size)
{
    const char *bytes = data;
    return size > 4 && (!memcmp(bytes, "PK\3\4", 4) || (bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5));
}

/* As large as a checkpoint, so that a large one is refused for what it is. */
const wn_format wn_format_pickle = {
    .name = "a PyTorch pickle",
    .max_size = WN_SAFETENSORS_MAX_FILE,
    .refusal = "is a PyTorch pickle, which runs code when it is read: save its state_dict as safetensors first",
    .detect = detect_pickle,
};
