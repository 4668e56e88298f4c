/* SPDX-License-Identifier: MIT
 * data.c - the clips of a data set in memory: audio, features, phase.
 * Copyright (c) 2026 the wavenet authors */
#include "train/data.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "engine/features.h"
#include "engine/harmonic_source.h"
#include "format/npy.h"
#include "model/stage.h"
#include "train/array_file.h"
#include "train/pipe.h"
#include "wavenet/audio.h"

enum { MAX_PATH = 4096, MAX_ROWS_OFF = 2 /* framing conventions differ by that much */ };

/* A file that several clips are slices of. */
struct source {
    const char *path; /* as the manifest has it */
    void *data;       /* float [frames][channels], or labels int [frames] */
    int64_t frames;
};

struct loader {
    const wn_tnet *net;
    const wn_data_config *config;
    wn_data *data;
    struct source sound, array, target; /* files read last: slices of one file follow each other */
    wn_error *error;
};

/* ---- files ------------------------------------------------------------------------------------------------------ */

static void join(char *out, const char *folder, const char *path)
{
    if (*path == '/' || !*folder)
        snprintf(out, MAX_PATH, "%s", path);
    else
        snprintf(out, MAX_PATH, "%s/%s", folder, path);
}

static void name_line(const struct loader *l, const wn_row *row, char where[192])
{
    snprintf(where, 192, "%.100s: line %d", l->config->manifest, row->line);
}

/* Keep what has been read as long as the data. */
static wn_status keep_file(struct loader *l, struct source *source, const char *path, void *data, int64_t frames)
{
    void **grown = realloc(l->data->files, (l->data->n_files + 1) * sizeof *grown);
    if (!grown) {
        free(data);
        return wn_fail_memory(l->error, NULL);
    }
    l->data->files = grown;
    grown[l->data->n_files++] = data;
    *source = (struct source){path, data, frames};
    return WN_OK;
}

static wn_status read_pcm(struct loader *l, const char *path, float **pcm, int64_t *frames)
{
    char file[MAX_PATH];
    wn_audio_info info = {0};
    join(file, l->config->folder, path);
    wn_status status = wn_audio_read(pcm, frames, &info, file, l->net->model->sample_rate, l->error);
    if (status) return status;
    l->data->resampled += info.resampled;
    l->data->mixed += info.mixed;
    float gain = (float)l->config->gain;
    for (int64_t t = 0; gain != 1 && t < *frames; t++) (*pcm)[t] *= gain;
    return WN_OK;
}

static wn_status read_sound(struct loader *l, const char *path)
{
    struct source *s = &l->sound;
    if (s->path && !strcmp(s->path, path)) return WN_OK;
    *s = (struct source){0};
    float *pcm = NULL;
    int64_t frames = 0;
    wn_status status = read_pcm(l, path, &pcm, &frames);
    return status ? status : keep_file(l, s, path, pcm, frames);
}

/* Frames of the slice of a file that a row asks for, in whole hops. */
static wn_status slice(struct loader *l, const wn_row *row, const struct source *source, int64_t *frames)
{
    char where[192];
    int hop = l->net->condition.hop;
    int64_t n = row->frames ? row->frames : source->frames - row->offset;
    name_line(l, row, where);
    if (row->offset > source->frames || n > source->frames - row->offset)
        return wn_fail(l->error, WN_ERROR_FORMAT, where, "asks for samples %lld to %lld of %.64s, which has %lld",
                       (long long)row->offset, (long long)(row->offset + n), source->path, (long long)source->frames);
    *frames = n / hop * hop;
    return *frames ? WN_OK
                   : wn_fail(l->error, WN_ERROR_FORMAT, where, "is a clip of %lld samples, shorter than a frame of %d",
                             (long long)n, hop);
}

/* Rows of another hop than the model's, or of another recording, would train without a word. */
static wn_status check_rows_fit(struct loader *l, const wn_row *row, const wn_clip *clip, int64_t n_rows)
{
    const wn_tcondition *c = &l->net->condition;
    int64_t expected = clip->frames / c->hop + wn_condition_context(&l->net->model->condition);
    if (n_rows >= expected - MAX_ROWS_OFF && n_rows <= expected + MAX_ROWS_OFF) return WN_OK;
    char where[192];
    name_line(l, row, where);
    return wn_fail(l->error, WN_ERROR_FORMAT, where, "%.64s has %lld rows, %lld samples of sound need %lld",
                   row->features, (long long)n_rows, (long long)clip->frames, (long long)expected);
}

/* Feature rows from a file; the clip ends where they do. */
static wn_status read_rows(struct loader *l, const wn_row *row, wn_clip *clip)
{
    const wn_tcondition *c = &l->net->condition;
    char file[MAX_PATH];
    join(file, l->config->folder, row->features);
    wn_npy npy = {0};
    wn_status status = wn_npy_read(&npy, file, l->error);
    if (!status) status = wn_npy_expect(&npy, WN_NPY_FLOAT32, 2, file, l->error);
    if (!status && npy.shape[1] != c->feature_channels)
        status = wn_fail(l->error, WN_ERROR_FORMAT, file, "has %lld channels, the model takes %d",
                         (long long)npy.shape[1], c->feature_channels);
    if (!status) status = check_rows_fit(l, row, clip, npy.shape[0]);
    for (int64_t i = 0; !status && i < npy.count; i++)
        if (!isfinite(npy.floats[i]))
            status = wn_fail(l->error, WN_ERROR_FORMAT, file, "holds a value that is not finite");
    if (!status) {
        clip->rows = npy.floats;
        clip->n_rows = npy.shape[0];
        npy.floats = NULL;
        int64_t length = wn_tcondition_length(c, clip->n_rows) / c->hop * c->hop;
        if (length < clip->frames) clip->frames = length;
        if (!clip->frames) status = wn_fail(l->error, WN_ERROR_FORMAT, file, "is shorter than the pipeline's context");
    }
    wn_npy_free(&npy);
    return status;
}

/* ---- pairs ------------------------------------------------------------------------------------------------------ */

/* Read two files that the manifest names, unless they are the last ones. */
static wn_status read_pair(struct loader *l, const char *dry, const char *wet)
{
    wn_data *d = l->data;
    if (d->pair.in && !strcmp(d->pair.dry.path, dry) && !strcmp(d->pair.wet.path, wet)) return WN_OK;
    wn_status status = d->spool ? WN_OK : wn_spool_new(&d->spool, l->config->scratch, l->error);
    if (!status)
        status = wn_pair_read(&d->pair, dry, wet, l->net->model->sample_rate, l->config->gain, d->spool, &d->findings,
                              l->error);
    const wn_finding *fault = wn_findings_first_fault(&d->findings);
    if (!status && fault && (!l->config->ignore_checks || !d->pair.in))
        status = wn_fail(l->error, WN_ERROR_FORMAT, NULL, "%s", fault->text);
    if (!status && !d->pair.frames)
        status = wn_fail(l->error, WN_ERROR_FORMAT, wet, "has nothing in common with %.64s", dry);
    return status;
}

/* The part of [offset, offset + frames) of the input file that input and target have in common. */
static wn_status slice_pair(struct loader *l, const wn_row *row, wn_clip *clip)
{
    const wn_pair *p = &l->data->pair;
    char where[192];
    name_line(l, row, where);
    if (row->offset > p->dry.frames || row->frames > p->dry.frames - row->offset)
        return wn_fail(l->error, WN_ERROR_FORMAT, where, "asks for samples %lld to %lld of %.64s, which has %lld",
                       (long long)row->offset, (long long)(row->offset + row->frames), row->audio,
                       (long long)p->dry.frames);
    int64_t start = row->offset > p->first ? row->offset : p->first, end = p->first + p->frames;
    if (row->frames && row->offset + row->frames < end) end = row->offset + row->frames;
    int hop = l->net->condition.hop;
    clip->frames = end > start ? (end - start) / hop * hop : 0;
    clip->lead = start - p->first;
    clip->pcm = p->in + clip->lead;
    clip->target = p->out + clip->lead;
    return clip->frames ? WN_OK
                        : wn_fail(l->error, WN_ERROR_FORMAT, where, "is a part that %.64s does not have", row->target);
}

static wn_status load_paired_clip(struct loader *l, const wn_row *row, wn_clip *clip)
{
    char files[2][MAX_PATH];
    join(files[0], l->config->folder, row->audio);
    join(files[1], l->config->folder, row->target);
    /* The pair outlives the row, and so must its paths. */
    char *dry = wn_arena_strdup(l->data->arena, files[0]), *wet = wn_arena_strdup(l->data->arena, files[1]);
    if (!dry || !wet) return wn_fail_memory(l->error, NULL);
    wn_status status = read_pair(l, dry, wet);
    return status ? status : slice_pair(l, row, clip);
}

/* The first sample of the part to validate with, `frames` samples: the last one that is not quiet. */
static int64_t choose_validation_part(const wn_pair *p, int64_t frames, wn_spool *spool)
{
    double whole = pow(10, p->wet.level / 10), quiet = 0.1;
    for (int64_t at = p->frames - frames; at >= 0; at -= frames) {
        double energy = 0;
        for (int64_t t = at; t < at + frames; t++) energy += (double)p->out[t] * (double)p->out[t];
        wn_spool_release(spool);
        if (energy > quiet * whole * (double)frames) return at;
    }
    return p->frames - frames;
}

/* A tenth of the pair, one to nine seconds if there are that many, is for validation. */
static wn_status split_pair(struct loader *l)
{
    wn_data *d = l->data;
    const wn_pair *p = &d->pair;
    double second = l->net->model->sample_rate;
    int hop = l->net->condition.hop;
    int64_t part = p->frames / 10;
    if ((double)part < second && p->frames > 4 * (int64_t)second) part = (int64_t)second;
    if ((double)part > 9 * second) part = (int64_t)(9 * second);
    part = part / hop * hop;
    int64_t at = choose_validation_part(p, part, d->spool) / hop * hop,
            parts[3][2] = {{0, at}, {at + part, p->frames}, {at, at + part}};
    if (!part || part >= p->frames / 2)
        return wn_fail(l->error, WN_ERROR_FORMAT, p->dry.path, "and its partner have %lld samples in common, too few",
                       (long long)p->frames);
    d->clips = calloc(3, sizeof *d->clips);
    if (!d->clips) return wn_fail_memory(l->error, NULL);
    for (int i = 0; i < 3; i++) {
        int64_t frames = (parts[i][1] - parts[i][0]) / hop * hop;
        if (frames <= 0) continue;
        d->clips[d->n_clips++] = (wn_clip){
            .frames = frames, .lead = parts[i][0], .pcm = p->in + parts[i][0], .target = p->out + parts[i][0]};
        d->n_train += i < 2;
        *(i < 2 ? &d->train_frames : &d->valid_frames) += frames;
    }
    return WN_OK;
}

static wn_status load_pair_alone(struct loader *l)
{
    const wn_model *m = l->net->model;
    if (m->autoregressive || m->condition.n_speakers || m->condition.source == WN_CONDITION_FEATURES ||
        m->condition.source == WN_CONDITION_CONTROLS)
        return wn_fail(
            l->error, WN_ERROR_UNSUPPORTED, l->config->dry,
            "a pair alone trains a model of an effect, whose only input is sound; this one needs a manifest");
    wn_status status = read_pair(l, l->config->dry, l->config->wet);
    return status ? status : split_pair(l);
}

/* ---- arrays ----------------------------------------------------------------------------------------------------- */

static bool is_array(const char *path) { return path && wn_file_has_ending(path, ".npy"); }

static wn_status read_padded_sound(struct loader *l, const char *path, wn_padding padding, float **x, int64_t *frames)
{
    float *pcm = NULL;
    if (l->data->in_channels > 1)
        return wn_fail(l->error, WN_ERROR_FORMAT, path, "is a sound, but the model takes %d channels: an .npy file",
                       l->data->in_channels);
    wn_status status = read_pcm(l, path, &pcm, frames);
    if (status) return status;
    *x = wn_padding_add(padding, pcm, *frames, sizeof *pcm);
    return *x ? WN_OK : wn_fail_memory(l->error, NULL);
}

static wn_status read_array(struct loader *l, const char *path)
{
    struct source *s = &l->array;
    const wn_padding padding = {.after = l->net->model->delay};
    char file[MAX_PATH];
    if (s->path && !strcmp(s->path, path)) return WN_OK;
    *s = (struct source){0};
    float *x = NULL;
    int64_t frames = 0;
    join(file, l->config->folder, path);
    wn_status status = is_array(path)
                           ? wn_array_file_read_values(&x, &frames, file, l->data->in_channels, padding, l->error)
                           : read_padded_sound(l, path, padding, &x, &frames);
    return status ? status : keep_file(l, s, path, x, frames);
}

/* The labels or the values that a row names as its target. */
static wn_status read_target(struct loader *l, const wn_row *row)
{
    struct source *s = &l->target;
    const wn_model *m = l->net->model;
    const wn_padding padding = {.before = m->delay};
    const char *path = row->labels ? row->labels : row->target;
    char file[MAX_PATH];
    if (s->path && !strcmp(s->path, path)) return WN_OK;
    *s = (struct source){0};
    float *values = NULL;
    int *labels = NULL;
    int64_t frames = 0;
    join(file, l->config->folder, path);
    wn_status status =
        row->labels ? wn_array_file_read_labels(&labels, &frames, file, m->labels.n, padding, l->error)
                    : wn_array_file_read_values(&values, &frames, file, l->data->target_channels, padding, l->error);
    return status ? status : keep_file(l, s, path, row->labels ? (void *)labels : values, frames);
}

/* Input and target as they are, row by row. The network has seen `delay` more rows when its output is judged. */
static wn_status load_array_clip(struct loader *l, const wn_row *row, wn_clip *clip)
{
    char where[192];
    wn_status status = read_array(l, row->audio);
    if (!status) status = read_target(l, row);
    if (!status) status = slice(l, row, &l->array, &clip->frames);
    if (status) return status;
    name_line(l, row, where);
    if (l->array.frames != l->target.frames)
        return wn_fail(l->error, WN_ERROR_FORMAT, where, "%.64s has %lld rows, but %.64s has %lld", l->target.path,
                       (long long)l->target.frames, l->array.path, (long long)l->array.frames);
    clip->lead = row->offset + l->net->model->delay;
    clip->pcm = (float *)l->array.data + clip->lead * l->data->in_channels;
    if (row->labels)
        clip->labels = (int *)l->target.data + clip->lead;
    else
        clip->target = (float *)l->target.data + clip->lead * l->data->target_channels;
    return WN_OK;
}

/* A sound, and for a feed-forward model what it became. */
static wn_status load_sound_clip(struct loader *l, const wn_row *row, wn_clip *clip)
{
    const wn_data *d = l->data;
    char where[192];
    name_line(l, row, where);
    if (d->in_channels > 1 || d->target_channels > 1 || l->net->model->delay)
        return wn_fail(l->error, WN_ERROR_FORMAT, where, "names a sound as the target, but %s",
                       l->net->model->delay ? "a model with a delay needs an .npy file"
                                            : "several channels come as .npy files");
    if (row->target) return load_paired_clip(l, row, clip);
    wn_status status = read_sound(l, row->audio);
    if (!status) status = slice(l, row, &l->sound, &clip->frames);
    if (!status) clip->pcm = (float *)l->sound.data + row->offset;
    return status;
}

static wn_status load_clip(struct loader *l, const wn_row *row, wn_clip *clip)
{
    const wn_condition *c = &l->net->model->condition;
    clip->speaker = row->speaker;
    bool arrays = row->labels || is_array(row->target);
    wn_status status = arrays ? load_array_clip(l, row, clip) : load_sound_clip(l, row, clip);
    if (c->source == WN_CONDITION_FEATURES || c->source == WN_CONDITION_CONTROLS || c->harmonic_source.n)
        clip->lead = 0; /* rows begin with the clip */
    if (!status && c->source == WN_CONDITION_FEATURES) status = read_rows(l, row, clip);
    return status;
}

/* ---- controls over time ----------------------------------------------------------------------------------------- */

static int64_t sample_of(const wn_event *e, double rate) { return (int64_t)(e->seconds * rate + 0.5); }

static void apply_events(wn_features *f, const wn_row *row, double rate, int64_t t)
{
    for (size_t i = 0; i < row->n_events; i++)
        if (sample_of(&row->events[i], rate) == t) wn_features_set(f, row->events[i].control, row->events[i].value);
}

/* The events of a track up to sample t, from number *event on. */
static void apply_track(wn_features *f, const wn_track *track, size_t *event, int64_t t)
{
    for (; track && *event < track->n_events && track->events[*event].frame <= t; ++*event)
        wn_features_set(f, track->events[*event].control, track->events[*event].value);
}

/* The sample of the first event after t. */
static int64_t next_event(const wn_row *row, double rate, int64_t t)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < row->n_events; i++) {
        int64_t at = sample_of(&row->events[i], rate);
        if (at > t && at < next) next = at;
    }
    return next;
}

/* Cycles per sample that the rows of the clip give at sample t, the first of a hop. */
static double row_step(const wn_tnet *net, const wn_clip *clip, int64_t t)
{
    const wn_condition *c = &net->model->condition;
    int64_t row = t / c->hop + wn_condition_context(c) / 2;
    return wn_harmonic_source_row_step(&c->harmonic_source, clip->rows + row * c->feature_channels,
                                       net->model->sample_rate);
}

/* Controls or rows run over the clip: a feature row per hop, and the pitch of every sample. */
static void run_controls(const wn_tnet *net, wn_features *f, const wn_row *row, const wn_track *track, wn_clip *clip,
                         double *pitch)
{
    size_t event = 0;
    int hop = net->condition.hop;
    double rate = net->model->sample_rate;
    bool makes_rows = net->model->condition.source == WN_CONDITION_CONTROLS;
    bool reads_rows = net->model->condition.harmonic_source.reference != 0;
    int64_t due = 0;
    apply_events(f, row, rate, 0);
    apply_track(f, track, &event, 0);
    wn_features_reset(f);
    for (int64_t t = 0; t < clip->frames; t++) {
        if (t == due) {
            if (t) apply_events(f, row, rate, t);
            apply_track(f, track, &event, t);
            due = next_event(row, rate, t);
            if (track && event < track->n_events && track->events[event].frame < due) due = track->events[event].frame;
        }
        if (t % hop == 0 && reads_rows) wn_features_set_step(f, row_step(net, clip, t));
        if (t % hop == 0 && makes_rows) wn_features_row(f, clip->rows + t / hop * net->condition.feature_channels);
        if (t % hop == 0 && clip->pitch) clip->pitch[t / hop] = (float)wn_features_pitch(f);
        if (pitch) pitch[t] = wn_features_pitch(f);
        wn_features_tick(f, NULL);
    }
}

static wn_status load_track(const struct loader *l, const wn_row *row, wn_track **track, wn_error *error)
{
    char file[MAX_PATH];
    *track = NULL;
    if (!row->track) return WN_OK;
    join(file, l->config->folder, row->track);
    return wn_track_load(track, file, l->net->model, error);
}

static wn_status condition_clip(const struct loader *l, const wn_row *row, wn_clip *clip, wn_error *error)
{
    const wn_tnet *net = l->net;
    const wn_condition *c = &net->model->condition;
    int64_t hops = clip->frames / net->condition.hop;
    if (c->source == WN_CONDITION_CONTROLS) {
        clip->n_rows = hops;
        clip->rows = calloc((size_t)hops * (size_t)c->feature_channels, sizeof *clip->rows);
        if (!clip->rows) return wn_fail_memory(error, NULL);
    } else if (!c->harmonic_source.n) {
        return WN_OK;
    }
    double *pitch = c->harmonic_source.n ? malloc((size_t)clip->frames * sizeof *pitch) : NULL;
    if (c->harmonic_source.n) clip->pitch = malloc((size_t)hops * sizeof *clip->pitch);
    wn_features *f = wn_features_new(net->model);
    wn_track *track = NULL;
    wn_status status = load_track(l, row, &track, error);
    if (!status && (!f || (c->harmonic_source.n && (!pitch || !clip->pitch)))) status = wn_fail_memory(error, NULL);
    if (!status) run_controls(net, f, row, track, clip, pitch);
    if (!status && c->harmonic_source.n)
        status = wn_partials_measure(&clip->partials, &c->harmonic_source, l->config->lock_phase, clip->pcm,
                                     clip->frames, net->model->sample_rate, pitch, error);
    wn_track_free(track);
    wn_features_free(f);
    free(pitch);
    return status;
}

/* The outcome of a clip. If several failed, the first is reported. */
struct outcome {
    wn_status status;
    wn_error error;
};

struct conditioning {
    const struct loader *loader;
    const wn_row **rows;
    struct outcome *outcomes; /* [n_clips] */
};

static void condition_job(void *user, int thread, int item)
{
    struct conditioning *c = user;
    struct outcome *o = &c->outcomes[item];
    (void)thread;
    o->status = condition_clip(c->loader, c->rows[item], &c->loader->data->clips[item], &o->error);
}

static wn_status condition_all(struct loader *l, const wn_row **rows)
{
    size_t n = l->data->n_clips;
    wn_status status = WN_OK;
    struct conditioning c = {l, rows, calloc(n, sizeof *c.outcomes)};
    if (!c.outcomes || n > INT_MAX) {
        free(c.outcomes);
        return wn_fail(l->error, WN_ERROR_MEMORY, NULL, "out of memory for %zu clips", n);
    }
    wn_thread_pool_run(l->config->pool, condition_job, &c, (int)n);
    for (size_t i = 0; i < n && !status; i++) {
        status = c.outcomes[i].status;
        if (status && l->error) *l->error = c.outcomes[i].error;
    }
    free(c.outcomes);
    return status;
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

/* Rows of the training split first, then those of validation; both in the manifest's order. */
static size_t choose(const wn_manifest *m, const wn_row **rows, size_t *n_train)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n_rows; i++)
        if (!strcmp(m->rows[i].split, "train")) rows[n++] = &m->rows[i];
    *n_train = n;
    for (size_t i = 0; i < m->n_rows; i++)
        if (!strcmp(m->rows[i].split, "valid")) rows[n++] = &m->rows[i];
    return n;
}

static wn_status load_all(struct loader *l, const wn_manifest *m, const wn_row **rows)
{
    wn_data *d = l->data;
    d->n_clips = choose(m, rows, &d->n_train);
    if (!d->n_train)
        return wn_fail(l->error, WN_ERROR_FORMAT, l->config->manifest, "has no row whose split is \"train\"");
    d->clips = calloc(d->n_clips, sizeof *d->clips);
    if (!d->clips) return wn_fail_memory(l->error, NULL);
    for (size_t i = 0; i < d->n_clips; i++) {
        wn_status status = load_clip(l, rows[i], &d->clips[i]);
        if (status) return status;
        *(i < d->n_train ? &d->train_frames : &d->valid_frames) += d->clips[i].frames;
    }
    return condition_all(l, rows);
}

static wn_status load_manifest(struct loader *l)
{
    wn_manifest m;
    wn_status status = wn_manifest_read(&m, l->config->manifest, l->net->model, l->error);
    if (status) return status;
    const wn_row **rows = calloc(m.n_rows, sizeof *rows);
    status = rows ? load_all(l, &m, rows) : wn_fail_memory(l->error, NULL);
    free(rows);
    wn_manifest_clear(&m);
    return status;
}

int wn_data_target_channels(const wn_tnet *net)
{
    return wn_distributions[net->model->output].parts ? 1 : net->outputs;
}

wn_status wn_data_new(wn_data **out, const wn_tnet *net, const wn_data_config *config, wn_error *error)
{
    *out = NULL;
    wn_data *data = calloc(1, sizeof *data);
    if (!data) return wn_fail_memory(error, NULL);
    struct loader l = {.net = net, .config = config, .data = data, .error = error};
    data->arena = wn_arena_new();
    data->in_channels = net->in_channels;
    data->target_channels = wn_data_target_channels(net);
    wn_status status = !data->arena  ? wn_fail_memory(error, NULL)
                       : config->dry ? load_pair_alone(&l)
                                     : load_manifest(&l);
    if (status)
        wn_data_free(data);
    else
        *out = data;
    return status;
}

void wn_data_free(wn_data *data)
{
    if (!data) return;
    for (size_t i = 0; data->clips && i < data->n_clips; i++) {
        free(data->clips[i].rows);
        wn_partials_free(&data->clips[i].partials);
        free(data->clips[i].pitch);
    }
    for (size_t i = 0; i < data->n_files; i++) free(data->files[i]);
    free(data->files);
    wn_spool_free(data->spool);
    wn_arena_free(data->arena);
    free(data->slices);
    free(data->clips);
    free(data);
}
