/* SPDX-License-Identifier: MIT
 * test_allocations.c - what the subcommands are built of, with the i-th allocation failing, for every i.
 * Usage: test_allocations MODEL TRACK.csv FEEDFORWARD-MODEL MODELS
 * Copyright (c) 2026 the wavenet authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"
#include "bench/microbenchmark.h"
#include "bench/shape.h"
#include "bench/workload.h"
#include "cli/acoustic.h"
#include "cli/conditions.h"
#include "cli/feature_vocoder.h"
#include "cli/input_file.h"
#include "cli/input_sequence.h"
#include "cli/model_bank.h"
#include "cli/model_options.h"
#include "cli/output_file.h"
#include "cli/recorder.h"
#include "cli/tracked_processor.h"
#include "cli/values.h"
#include "common/failing.h"
#include "format/npy_write.h"
#include "play/voice_group.h"

static wn_model *model, *feedforward;
static wn_conditions conditions;
static char *track;
static const char *array, *recorded, *feedforward_file, *recorded_file, *written, *models;

static wn_status make_conditions(wn_error *error)
{
    char *controls[] = {"key=62", "instrument=flute", NULL};
    wn_condition_options options = {.track = track, .controls = controls};
    wn_conditions made;
    wn_status status = wn_conditions_load(&made, &options, model, error);
    wn_conditions_free(&made);
    return status;
}

/* Arrays in text and in JSON. */
static wn_status read_text_values(wn_error *error)
{
    wn_value_list list;
    wn_status status =
        wn_values_read(&list, "1 2 3; 4 5 6 / 2.bias 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", "text", error);
    wn_values_free(&list);
    return status;
}

static wn_status read_json_values(wn_error *error)
{
    wn_value_list list;
    wn_status status = wn_values_read(&list, "{\"1.weight\": [[1, 2], [3, 4]], \"1.bias\": 5}", "text", error);
    wn_values_free(&list);
    return status;
}

static wn_status read_array_values(wn_error *error)
{
    wn_value_list list;
    wn_status status = wn_values_read(&list, array, "array", error);
    wn_values_free(&list);
    return status;
}

static wn_status make_group(wn_error *error)
{
    wn_voice_group_config config = {.voices = 5, .threads = 2, .sampling = wn_sampling_default(model)};
    wn_voice_group *group;
    wn_status status = wn_voice_group_new(&group, model, &config, error);
    float pcm[50];
    int32_t classes[50];
    if (!status) status = wn_conditions_apply_all(&conditions, group, error);
    if (!status) wn_voice_group_run(group, 10, pcm, classes);
    wn_voice_group_free(group);
    return status;
}

static wn_status run_tracked(const wn_model *of, const wn_conditions *under, const wn_processor_config *config,
                             bool classes, wn_error *error)
{
    wn_tracked_processor tracked;
    wn_status status = wn_tracked_processor_open(&tracked, &of, 1, under, config, error);
    const int32_t given[16] = {0};
    const float in[48] = {0};
    float *out = calloc(16 * 64, sizeof *out);
    if (!status && !out) status = wn_fail_memory(error, NULL);
    if (!status) wn_tracked_processor_prewarm(&tracked);
    if (!status) wn_tracked_processor_run(&tracked, 16, in, classes ? given : NULL, out);
    wn_tracked_processor_close(&tracked);
    free(out);
    return status;
}

static wn_status process_classes(wn_error *error)
{
    return run_tracked(model, &conditions, &(wn_processor_config){.max_frames = 16, .network_values = true}, true,
                       error);
}

static wn_status process_channels(wn_error *error)
{
    const wn_conditions none = {.speaker = -1};
    return run_tracked(feedforward, &none, &(wn_processor_config){.channels = 3, .max_frames = 8, .threads = 2}, false,
                       error);
}

/* Two models in a chain, at another rate than theirs. */
static wn_status process_chain(wn_error *error)
{
    const wn_model *const chain[] = {feedforward, feedforward};
    wn_processor *processor;
    wn_processor_config config = {.channels = 2, .rate = 11025, .max_frames = 8};
    wn_status status = wn_processor_new(&processor, chain, 2, &config, error);
    const float in[32] = {0};
    float out[32];
    if (!status) wn_processor_prewarm(processor);
    if (!status) wn_processor_run(processor, 16, in, out);
    wn_processor_free(processor);
    return status;
}

/* What plays live, as far as it needs no device. */
static wn_status make_bank(wn_error *error)
{
    const char *names[] = {feedforward_file, feedforward_file, feedforward_file};
    const wn_model_bank_chain chains[] = {{names, 2}, {names + 2, 1}};
    wn_effect_options options = WN_EFFECT_DEFAULT;
    const wn_command command = {.name = "live"};
    wn_cli cli = {.command = &command}; /* it names the chain */
    wn_status_line meter = {.cli = &cli};
    wn_model_bank_config config = {.status_line = &meter, .chains = chains, .n = 2, .effect = &options};
    wn_model_bank *bank;
    wn_live *live_effect = NULL;
    static wn_recorder recorder;
    wn_status status = wn_model_bank_new(&bank, &config, error);
    if (!status) status = wn_live_new(&live_effect, 44100, error);
    if (!status) status = wn_model_bank_start(bank, live_effect, 44100, 64, error);
    if (!status) status = wn_recorder_open(&recorder, recorded_file, NULL, NULL, 44100, live_effect, error);
    wn_recorder_close(&recorder);
    memset(&recorder, 0, sizeof recorder);
    wn_model_bank_free(bank);
    wn_live_free(live_effect);
    return status;
}

/* What speaks, with the shipped voice. */
static wn_status make_voice(wn_error *error)
{
    static wn_voice voice;
    static wn_acoustic acoustic;
    char data[512], network[512], speech[512];
    wn_cli cli = {0};
    wn_model *vocoder_model = NULL;
    wn_feature_vocoder vocoder = {0};
    snprintf(data, sizeof data, "%s/voice/voice.json", models);
    snprintf(network, sizeof network, "%s/voice", models);
    snprintf(speech, sizeof speech, "%s/speech", models);
    wn_feature_vocoder_config config = {.name = speech, .output = "none", .temperature = WN_NOT_GIVEN, .max_rows = 4};
    memset(&acoustic, 0, sizeof acoustic);
    wn_status status = wn_voice_read(&voice, data, error);
    if (!status) status = wn_cli_load(&vocoder_model, speech, error);
    if (!status) status = wn_acoustic_open(&acoustic, &voice, network, vocoder_model, speech, WN_CPU_AUTO, error);
    if (!status) status = wn_feature_vocoder_open(&vocoder, &cli, vocoder_model, &config, error);
    wn_feature_vocoder_close(&vocoder);
    wn_acoustic_close(&acoustic);
    wn_model_free(vocoder_model);
    return status;
}

static wn_status write_output(const char *path, wn_error *error)
{
    wn_audio_writer_config config = {.rate = 44100, .source_rate = 48000, .channels = 2, .raw = 1};
    wn_output_file output;
    wn_status status = wn_output_file_open(&output, path, &config, false, error);
    const float pcm[200] = {0};
    if (!status) status = wn_output_file_write(&output, pcm, NULL, 100, error);
    wn_output_file_close(&output);
    return status;
}

static wn_status write_sound_file(wn_error *error) { return write_output("/dev/null", error); }
static wn_status write_array(wn_error *error) { return write_output(written, error); }

static wn_status make_recording(wn_error *error)
{
    wn_input_file recording;
    float pcm[4];
    int64_t got;
    wn_status status = wn_input_file_open(&recording, recorded, 0, error);
    if (!status) status = wn_input_file_read(&recording, pcm, 4, &got, error);
    wn_input_file_close(&recording);
    return status;
}

static wn_status make_sequence(wn_error *error)
{
    wn_input_sequence sequence;
    wn_status status = wn_input_sequence_read(&sequence, NULL, array, model, error);
    wn_input_sequence_free(&sequence);
    return status;
}

static wn_status time_work(const wn_workload *workload, wn_error *error)
{
    wn_workload_run *work;
    wn_status status = wn_work_open(&work, workload, 16, error);
    if (!status && wn_work_run(work, 16) <= 0) status = wn_fail(error, WN_ERROR_MEMORY, NULL, "no thread");
    wn_work_free(work);
    return status;
}

static wn_status time_blocks(wn_error *error)
{
    return time_work(&(wn_workload){.model = model, .block = 8, .voices = 1, .threads = 2}, error);
}

static wn_status time_generation(wn_error *error)
{
    return time_work(&(wn_workload){.model = model, .voices = 2, .threads = 1}, error);
}

static wn_status time_shared_generation(wn_error *error)
{
    return time_work(&(wn_workload){.model = model, .voices = 1, .threads = 2}, error);
}

static wn_status make_shape(wn_error *error)
{
    wn_model *shaped;
    wn_status status = wn_shape_model(&shaped, "l2-r4-g4-s4-k2-c8-mel3", error);
    wn_model_free(shaped);
    return status;
}

static wn_status make_benchmarks(wn_error *error)
{
    const wn_microbenchmark benchmark = {.peak = wn_peak_get(0), .bytes = 1 << 15};
    double rate;
    wn_microbenchmarks benchmarks;
    wn_status status = wn_microbenchmarks_open(&benchmarks, &benchmark, 1, 2, error);
    if (!status) status = wn_microbenchmarks_read(&benchmarks, 1e-4, &rate, error);
    wn_microbenchmarks_close(&benchmarks);
    return status;
}

/* ---- a second thread that cannot be had; the linker sends every start here -------------------------------------------- */

static int no_threads;

int __real_wn_thread_start(pthread_t *thread, void *(*work)(void *), void *user, bool realtime_priority);
int __wrap_wn_thread_start(pthread_t *thread, void *(*work)(void *), void *user, bool realtime_priority);

int __wrap_wn_thread_start(pthread_t *thread, void *(*work)(void *), void *user, bool realtime_priority)
{
    return no_threads ? 1 : __real_wn_thread_start(thread, work, user, realtime_priority);
}

/* 1 if two threads for one voice are promised where there is but one. */
static int try_one_thread(void)
{
    wn_error error = {0};
    wn_model *shaped;
    wn_voice_group *with, *without;
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        printf("one processor: nothing to share with\n");
        return 0;
    }
    if (wn_shape_model(&shaped, "l4-r64-g128-s64-k2-c32", &error)) return 1;
    wn_voice_group_config config = {.voices = 1, .threads = 2, .sampling = wn_sampling_default(shaped)};
    wn_status granted = wn_voice_group_new(&with, shaped, &config, &error);
    bool shared = !granted && wn_plan_get_threads(wn_voice_group_get_plan(with)) == 2;
    no_threads = 1;
    wn_status refused = wn_voice_group_new(&without, shaped, &config, &error);
    no_threads = 0;
    wn_voice_group_free(with);
    wn_voice_group_free(without);
    wn_model_free(shaped);
    if (shared && refused == WN_ERROR_MEMORY && !without && strstr(error.message, "1 of 2")) return 0;
    printf("FAILED: one thread of two: status %d and %d, '%s'\n", (int)granted, (int)refused, error.message);
    return 1;
}

/* 1 if a failure was not told, or told without words, or none could be made. */
static int try_all(const char *name, wn_status (*attempt)(wn_error *error))
{
    long failures = 0;
    for (;; failures++) {
        wn_error error = {0};
        fail_allocation(failures);
        wn_status status = attempt(&error);
        int failed = allocation_failed();
        fail_allocation(-1);
        if (!failed && status == WN_OK) break;
        if (failed && status != WN_OK && error.message[0]) continue;
        printf("FAILED: %s, allocation %ld: status %d, '%s'\n", name, failures, (int)status, error.message);
        return 1;
    }
    printf("%s: each of %ld allocations failed once\n", name, failures);
    return failures == 0;
}

int main(int argc, char **argv)
{
    wn_error error = {0};
    char path[512], floats[512], wav[512], resampled[512];
    const int32_t classes[4] = {1, 2, 3, 4};
    const float samples[4] = {0};
    if (argc != 5) return 2;
    models = argv[4];
    track = argv[2];
    snprintf(path, sizeof path, "%s.npy", argv[1]);
    array = path;
    snprintf(floats, sizeof floats, "%s.floats.npy", argv[1]);
    recorded = floats;
    feedforward_file = argv[3];
    snprintf(wav, sizeof wav, "%s.tape.wav", argv[1]);
    recorded_file = wav;
    snprintf(resampled, sizeof resampled, "%s.resampled.npy", argv[1]);
    written = resampled;
    wn_status status = wn_model_load(&model, argv[1], &error);
    if (!status) status = wn_model_load(&feedforward, argv[3], &error);
    if (!status) status = wn_npy_write(floats, WN_NPY_FLOAT32, 1, (int64_t[]){4}, samples, &error);
    if (!status) status = wn_npy_write(path, WN_NPY_INT32, 1, (int64_t[]){4}, classes, &error);
    if (!status) status = wn_conditions_load(&conditions, &(wn_condition_options){.track = track}, model, &error);
    if (status) {
        printf("FAILED: %s: %s\n", error.where, error.message);
        return 1;
    }
    int failed = try_all("conditions", make_conditions) + try_all("text values", read_text_values) +
                 try_all("JSON values", read_json_values) + try_all("array values", read_array_values) +
                 try_all("ensemble", make_group) + try_all("classes", process_classes) +
                 try_all("sequence", make_sequence) + try_all("channels", process_channels) +
                 try_all("chain", process_chain) + try_all("sound file", write_sound_file) +
                 try_all("array", write_array) + try_all("recording", make_recording) + try_all("rack", make_bank) +
                 try_all("voice", make_voice) + try_all("shape", make_shape) + try_all("gauges", make_benchmarks) +
                 try_all("timed blocks", time_blocks) + try_all("timed generation", time_generation) +
                 try_all("timed generation of two threads", time_shared_generation) + try_one_thread();
    wn_conditions_free(&conditions);
    wn_model_free(model);
    wn_model_free(feedforward);
    remove(path);
    remove(floats);
    remove(resampled);
    return failed > 0;
}
