/* SPDX-License-Identifier: MIT
 * capture_report.c - a capture beside the recording it was made from: two sound files and a picture.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/capture_report.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/comparison_plot.h"
#include "analysis/plot.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/model_options.h"
#include "cli/training_run.h"
#include "wavenet/audio.h"

enum { BLOCK = 1024, MAX_PATH = 4096, RECORDING = 0, MODEL, PICTURE, FILES };

static const char *const names[FILES] = {"recording.wav", "model.wav", "comparison.png"};

static wn_status name_file(char path[MAX_PATH], const char *folder, int file, wn_error *error)
{
    int n = snprintf(path, MAX_PATH, "%s/%s", folder, names[file]);
    return n > 0 && n < MAX_PATH ? WN_OK : wn_fail(error, WN_ERROR_ARGUMENT, "--report", "the name is too long");
}

wn_status wn_capture_report_prepare(const char *folder, const char *model, bool force, wn_error *error)
{
    char path[MAX_PATH];
    if (strncmp(model, "/dev/", 5) == 0)
        return wn_fail(error, WN_ERROR_ARGUMENT, "--report", "needs a capture in a file, not in %s", model);
    wn_status status = wn_file_make_folder(folder, error);
    for (int i = 0; i < FILES && !status; i++) {
        status = name_file(path, folder, i, error);
        if (!status && !force && wn_file_exists(path))
            status = wn_fail(error, WN_ERROR_FILE, path, "exists; overwrite it with --force, or name another folder");
    }
    return status ? status : wn_plot_check_name(path, error);
}

/* out [clip->frames] = what the model makes of the clip, after the part of the recording that it remembers. */
static wn_status render(float *out, const wn_model *model, const wn_clip *clip, wn_cpu cpu, wn_error *error)
{
    wn_processor *processor;
    wn_processor_config config = {.channels = 1, .max_frames = BLOCK, .cpu = cpu};
    float past[BLOCK];
    wn_status status = wn_processor_new(&processor, &model, 1, &config, error);
    if (status) return status;
    int64_t field = wn_model_get_info(model).receptive_field, lead = clip->lead < field ? clip->lead : field;
    wn_processor_prewarm(processor);
    for (int64_t at = -lead, n; at < clip->frames; at += n) {
        n = (at < 0 ? 0 : clip->frames) - at;
        if (n > BLOCK) n = BLOCK;
        wn_processor_run(processor, (int)n, clip->pcm + at, at < 0 ? past : out + at);
    }
    wn_processor_free(processor);
    return WN_OK;
}

static wn_status write_sound(const char *folder, int file, const float *pcm, int64_t frames, double rate,
                             wn_error *error)
{
    char path[MAX_PATH];
    wn_audio_writer *writer = NULL;
    const wn_audio_writer_config config = {.rate = rate, .channels = 1, .bits = WN_AUDIO_24, .frames = frames};
    wn_status status = name_file(path, folder, file, error);
    if (!status) status = wn_audio_writer_new(&writer, path, &config, error);
    if (!status) status = wn_audio_writer_write(writer, pcm, frames, error);
    if (!status) status = wn_audio_writer_finish(writer, error);
    wn_audio_writer_free(writer);
    return status;
}

static double error_to_signal(const float *recording, const float *model, int64_t frames)
{
    double signal = 0, noise = 0;
    for (int64_t t = 0; t < frames; t++) {
        double e = (double)recording[t] - (double)model[t];
        signal += (double)recording[t] * (double)recording[t];
        noise += e * e;
    }
    return signal > 0 ? noise / signal : 0;
}

static wn_status draw(const char *folder, const wn_trainer *t, const wn_clip *clip, const float *rendered, double rate,
                      wn_error *error)
{
    char path[MAX_PATH], note[160];
    double esr = error_to_signal(clip->target, rendered, clip->frames);
    snprintf(note, sizeof note, "%.1f s of validation at %g Hz; error-to-signal ratio %.4f: %s",
             (double)clip->frames / rate, rate, esr, wn_esr_words(esr));
    const wn_comparison_plot plot = {.title = t->config.model,
                                     .note = note,
                                     .rate = rate,
                                     .frames = clip->frames,
                                     .recording = clip->target,
                                     .model = rendered};
    wn_status status = name_file(path, folder, PICTURE, error);
    return status ? status : wn_comparison_plot_write(path, &plot, error);
}

wn_status wn_capture_report_write(void *user, const wn_trainer *t, wn_error *error)
{
    const wn_capture_report *r = user;
    const wn_clip *clip = &t->data->clips[t->data->n_train];
    double rate = t->model->sample_rate;
    wn_model *model = NULL;
    if (t->data->n_clips == t->data->n_train || !clip->target)
        return wn_fail(error, WN_ERROR_UNSUPPORTED, r->folder, "the pair has no part to validate with");
    float *rendered = malloc((size_t)clip->frames * sizeof *rendered);
    wn_status status = rendered ? wn_cli_load(&model, t->config.model, error) : wn_fail_memory(error, NULL);
    if (!status) status = render(rendered, model, clip, t->config.cpu, error);
    if (!status) status = write_sound(r->folder, RECORDING, clip->target, clip->frames, rate, error);
    if (!status) status = write_sound(r->folder, MODEL, rendered, clip->frames, rate, error);
    if (!status) status = draw(r->folder, t, clip, rendered, rate, error);
    if (!status) wn_cli_note(r->cli, "%s: %s, %s, %s", r->folder, names[RECORDING], names[MODEL], names[PICTURE]);
    wn_model_free(model);
    free(rendered);
    return status;
}
