/* SPDX-License-Identifier: MIT
 * render.c - the training notes: single notes of six instruments of a sound font, with labels. Same font, same files.
 * Copyright (c) 2026 the wavenet authors
 *
 * usage: render FONT.sf2 FOLDER
 * writes FOLDER/INSTRUMENT.wav, manifest.csv (all notes), heldout.csv (notes never trained on), and, apart from
 * those, one plain note a key to compare with: reference-INSTRUMENT.wav and reference.csv. */
#include <fluidsynth.h>
#include <math.h>
#include <sndfile.h>
#include <soxr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FAST = 48000, /* rendered at this rate, because the synthesiser aliases when it transposes down, */
    RATE = 16000, /* then filtered and decimated to this one */
    TICK = 320,   /* times are multiples of 20 ms: whole blocks of the synthesiser and whole control frames */
    FRAME = 80,   /* notes are whole control frames long */
    LOW_KEY = 36,
    HIGH_KEY = 96,
    RELEASE = 60 * TICK, /* a note has 1.2 s to end, */
    FADE = 20 * TICK,    /* the last 0.4 s of them under a fade to nothing, */
    CUT = RATE / 100,    /* or 10 ms, when the next note of a phrase cuts it off */
    PHRASES = 60,        /* of an instrument, */
    PHRASE_HIGH = 93,    /* below the key that the font's violin lacks */
    LONGEST = 400 * TICK,
    SECTIONS = 5,     /* all-pass sections that shift the partials of a training note */
    PEAK_PERCENT = 80 /* of full scale: the loudest sample of an instrument */
};

typedef struct instrument {
    const char *name;
    int program;
} instrument;

static const instrument INSTRUMENTS[] = {{"piano", 0},  {"guitar", 24},  {"vibraphone", 11},
                                         {"flute", 73}, {"trumpet", 56}, {"violin", 40}};
static const struct {
    int low, high;
} VELOCITIES[] = {{28, 36}, {37, 45}, {46, 54}, {55, 63}, {72, 80}, {80, 90}, {101, 112}, {113, 127}};
static const int HELD_KEYS[] = {43, 52, 57, 62, 66, 71, 76, 82, 90}; /* at no velocity in training */
static const int HELD_VELOCITIES[] = {68, 96};                       /* at no key in training */

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

typedef struct note {
    int key, velocity;
    int start, on; /* samples: when the gate goes on, and for how long */
} note;

enum { MOST_NOTES = 5 };

/* One line of the list: a note, or several of which each cuts off the one before. */
typedef struct row {
    note notes[MOST_NOTES];
    int n, rest; /* rest: samples of silence after the sound has ended */
    const char *split;
} row;

typedef struct recording {
    float *pcm;
    int64_t frames, room;
} recording;

typedef struct renderer {
    fluid_synth_t *synth;
    float *fast, *unused; /* [3 * LONGEST] */
    float *slow, *mix;    /* [LONGEST] */
    uint64_t random;
} renderer;

static void die(const char *what, const char *detail)
{
    fprintf(stderr, "render: %s: %s\n", what, detail);
    exit(1);
}

/* A whole number in low .. high, of a fixed sequence. */
static int draw(renderer *r, int low, int high)
{
    r->random = r->random * 6364136223846793005u + 1442695040888963407u;
    return low + (int)((r->random >> 33) % (uint64_t)(high - low + 1));
}

static int contains(const int *list, int n, int value)
{
    for (int i = 0; i < n; i++)
        if (list[i] == value) return 1;
    return 0;
}

/* ---- one note ------------------------------------------------------------------------------------------------ */

static void settle(renderer *r)
{
    fluid_synth_all_sounds_off(r->synth, 0);
    fluid_synth_write_float(r->synth, FAST / 10, r->fast, 0, 1, r->unused, 0, 1);
    fluid_synth_system_reset(r->synth);
}

/* slow [on + RELEASE]: the left channel only, as the two of a stereo piano cancel each other's partials. */
static void sound(renderer *r, int program, const note *n)
{
    int on = n->on * 3, all = (n->on + RELEASE) * 3;
    settle(r);
    fluid_synth_program_change(r->synth, 0, program);
    fluid_synth_noteon(r->synth, 0, n->key, n->velocity);
    fluid_synth_write_float(r->synth, on, r->fast, 0, 1, r->unused, 0, 1);
    fluid_synth_noteoff(r->synth, 0, n->key);
    fluid_synth_write_float(r->synth, all - on, r->fast, on, 1, r->unused, on, 1);
    size_t made;
    soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    soxr_error_t error =
        soxr_oneshot(FAST, RATE, 1, r->fast, (size_t)all, NULL, r->slow, (size_t)all / 3, &made, NULL, &quality, NULL);
    if (error || made != (size_t)all / 3) die("resampling", error ? error : "wrong length");
}

/* Take out what is below hearing: a one-pole high-pass at 15 Hz. */
static void remove_dc(float *x, int frames)
{
    const double keep = 1.0 - 2.0 * 3.14159265358979 * 15.0 / RATE;
    double last = 0, y = 0;
    for (int i = 0; i < frames; i++) {
        y = keep * y + x[i] - last;
        last = x[i];
        x[i] = (float)y;
    }
}

/* One all-pass section: levels stay as they are, phases turn once around `hz`. */
static void turn_phases(float *x, int frames, double hz, double width)
{
    double r = exp(-3.14159265358979 * width / RATE), b = -2 * r * cos(2 * 3.14159265358979 * hz / RATE), c = r * r;
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (int i = 0; i < frames; i++) {
        double y = c * x[i] + b * x1 + x2 - b * y1 - c * y2;
        x2 = x1;
        x1 = x[i];
        y2 = y1;
        y1 = y;
        x[i] = (float)y;
    }
}

/* The font has one sample for three or four keys, and so one set of phases between the partials of these. A net that has
 * met no others plays badly when its excitation has others. Three notes of four get phases of their own. */
static void disperse(renderer *r, float *x, int frames)
{
    if (draw(r, 0, 3) == 0) return;
    for (int i = 0; i < SECTIONS; i++) {
        double hz = 80 * pow(2, draw(r, 0, 6000) / 1000.0), width = fmax(120, hz * draw(r, 100, 200) / 100);
        turn_phases(x, frames, hz, width);
    }
}

static void fade_out(float *end, int frames)
{
    for (int i = 0; i < frames; i++) end[i - frames] *= (float)(0.5 + 0.5 * cos(3.14159265358979 * (i + 1) / frames));
}

/* Frames of the sound until all that is left is inaudible. */
static int audible(const float *x, int frames)
{
    while (frames > 0 && fabsf(x[frames - 1]) < 1e-5f) frames--;
    return frames;
}

static void append(recording *to, const float *pcm, int frames)
{
    if (to->frames + frames > to->room) {
        to->room = 2 * (to->frames + frames);
        to->pcm = realloc(to->pcm, (size_t)to->room * sizeof *to->pcm);
        if (!to->pcm) die("memory", "exhausted");
    }
    for (int i = 0; i < frames; i++) to->pcm[to->frames + i] = pcm ? pcm[i] : 0.0f;
    to->frames += frames;
}

/* mix [frames]: all notes of a row, each ended within 10 ms when the next begins. */
static int mix_row(renderer *r, int program, const row *w)
{
    int end = 0;
    memset(r->mix, 0, LONGEST * sizeof *r->mix);
    for (int i = 0; i < w->n; i++) {
        const note *n = &w->notes[i];
        int frames = n->on + RELEASE;
        sound(r, program, n);
        remove_dc(r->slow, frames);
        if (!strcmp(w->split, "train")) disperse(r, r->slow, frames);
        fade_out(r->slow + frames, FADE);
        if (i + 1 < w->n && frames > w->notes[i + 1].start - n->start + CUT) {
            frames = w->notes[i + 1].start - n->start + CUT;
            fade_out(r->slow + frames, CUT);
        }
        for (int t = 0; t < frames; t++) r->mix[n->start + t] += r->slow[t];
        end = n->start + frames;
    }
    return audible(r->mix, end);
}

/* ---- labels ------------------------------------------------------------------------------------------------ */

static double seconds(int samples) { return (double)samples / RATE; }

/* One value, or a little track of them: "0:60 0.42:64". */
static void print_values(FILE *list, const row *w, int velocity)
{
    for (int i = 0; i < w->n; i++) {
        const note *n = &w->notes[i];
        if (w->n > 1) fprintf(list, "%s%.2f:", i ? " " : "", i ? seconds(n->start) : 0.0);
        fprintf(list, "%d", velocity ? n->velocity : n->key);
    }
    fputc(',', list);
}

static void print_gate(FILE *list, const row *w)
{
    if (w->notes[0].start) fprintf(list, "0:0 ");
    for (int i = 0; i < w->n; i++)
        fprintf(list, "%s%.2f:1 %.2f:0", i ? " " : "", seconds(w->notes[i].start),
                seconds(w->notes[i].start + w->notes[i].on));
}

static void print_row(FILE *list, const char *file, int64_t offset, int frames, const char *name, const row *w)
{
    fprintf(list, "%s.wav,%lld,%d,%s,", file, (long long)offset, frames, w->split);
    print_values(list, w, 0);
    print_values(list, w, 1);
    fprintf(list, "%s,", name);
    print_gate(list, w);
    fprintf(list, ",0\n");
}

static int round_up(int x, int step) { return (x + step - 1) / step * step; }

static void render(renderer *r, const instrument *who, const row *w, const char *file, recording *to, FILE *list)
{
    int frames = mix_row(r, who->program, w);
    const note *last = &w->notes[w->n - 1];
    if (frames == 0) { /* the font has no violin at key 94 */
        printf("%-10s  no sound at key %d, velocity %d\n", who->name, last->key, last->velocity);
        return;
    }
    int64_t offset = to->frames;
    int gate_off = last->start + last->on, all = round_up((frames > gate_off ? frames : gate_off) + w->rest, FRAME);
    append(to, r->mix, frames);
    append(to, NULL, all - frames);
    print_row(list, file, offset, all, who->name, w);
}

/* ---- the lists ----------------------------------------------------------------------------------------------- */

static int is_held_key(int key) { return contains(HELD_KEYS, COUNT(HELD_KEYS), key); }

static int draw_velocity(renderer *r, int range) { return draw(r, VELOCITIES[range].low, VELOCITIES[range].high); }

/* Every key at a velocity of every range, in lengths from 0.2 to 2 s; now and then a silence before, or a long one after. */
static row training_note(renderer *r, int key, int v)
{
    int velocity = draw_velocity(r, v), lead = draw(r, -5, 5), rest = draw(r, 60, 350), pause = draw(r, 1, 16);
    int on = draw(r, 10, 100);
    return (row){.notes = {{key, velocity, lead > 0 ? lead * TICK : 0, on * TICK}},
                 .n = 1,
                 .split = "train",
                 .rest = (pause == 1 ? 2500 : rest) * RATE / 1000};
}

static row held_note(renderer *r, int key, int velocity, int valid)
{
    return (row){.notes = {{key, velocity, 0, draw(r, 30, 80) * TICK}},
                 .n = 1,
                 .split = valid ? "valid" : "test",
                 .rest = 300 * RATE / 1000};
}

/* A key up to a fifth away, anywhere if that leads out of the range. */
static int near(renderer *r, int key)
{
    int other = key + draw(r, -7, 7);
    return other < LOW_KEY || other > PHRASE_HIGH ? draw(r, LOW_KEY, PHRASE_HIGH) : other;
}

/* Three to five notes of a melody, none of them held out. */
static row training_phrase(renderer *r)
{
    row w = {.n = draw(r, 3, MOST_NOTES), .split = "train", .rest = draw(r, 60, 350) * RATE / 1000};
    int key = draw(r, LOW_KEY, PHRASE_HIGH), start = 0;
    for (int i = 0; i < w.n; i++) {
        int on = draw(r, 5, 25) * TICK;
        do key = near(r, key);
        while (is_held_key(key));
        int v = draw(r, 0, COUNT(VELOCITIES) - 1);
        w.notes[i] = (note){key, draw_velocity(r, v), start, on};
        start += on + draw(r, 1, 5) * TICK;
    }
    return w;
}

static void render_held(renderer *r, const instrument *who, const row *w, recording *to, FILE *list, FILE *held)
{
    render(r, who, w, who->name, to, list);
    fprintf(held, "%s,%d,%d,%s\n", who->name, w->notes[0].key, w->notes[0].velocity, w->split);
}

static void render_lists(renderer *r, const instrument *who, recording *to, FILE *list, FILE *held)
{
    for (int key = LOW_KEY; key <= HIGH_KEY; key++)
        for (int v = 0; !is_held_key(key) && v < COUNT(VELOCITIES); v++) {
            row w = training_note(r, key, v);
            render(r, who, &w, who->name, to, list);
        }
    for (int i = 0; i < PHRASES; i++) {
        row w = training_phrase(r);
        render(r, who, &w, who->name, to, list);
    }
    for (int i = 0; i < COUNT(HELD_KEYS); i++) {
        row w = held_note(r, HELD_KEYS[i], 80, HELD_KEYS[i] == 66);
        render_held(r, who, &w, to, list, held);
    }
    for (int i = 0; i < COUNT(HELD_VELOCITIES); i++)
        for (int key = LOW_KEY + 3 * i; key <= HIGH_KEY; key += 8) {
            row w = held_note(r, key, HELD_VELOCITIES[i], key == 60 || key == 63);
            if (!is_held_key(key)) render_held(r, who, &w, to, list, held);
        }
}

static void render_reference(renderer *r, const instrument *who, recording *to, FILE *list)
{
    char file[64];
    snprintf(file, sizeof file, "reference-%s", who->name);
    for (int key = LOW_KEY; key <= HIGH_KEY; key++) {
        row w = {.notes = {{key, 80, 0, 40 * TICK}}, .n = 1, .rest = 300 * RATE / 1000, .split = "test"};
        render(r, who, &w, file, to, list);
    }
}

/* ---- files --------------------------------------------------------------------------------------------------- */

static float peak_of(const recording *r)
{
    float peak = 0;
    for (int64_t i = 0; i < r->frames; i++) peak = fmaxf(peak, fabsf(r->pcm[i]));
    return peak;
}

static void write_wav(const char *folder, const char *prefix, const char *name, recording *r, float gain)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s%s.wav", folder, prefix, name);
    for (int64_t i = 0; i < r->frames; i++) r->pcm[i] *= gain;
    SF_INFO info = {.samplerate = RATE, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    if (!file || sf_writef_float(file, r->pcm, r->frames) != r->frames || sf_close(file)) die(path, "cannot write");
}

static FILE *open_list(const char *folder, const char *name, const char *columns)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    if (!file) die(path, "cannot write");
    fprintf(file, "%s\n", columns);
    return file;
}

static renderer renderer_new(const char *font)
{
    fluid_settings_t *s = new_fluid_settings();
    fluid_settings_setnum(s, "synth.sample-rate", FAST);
    fluid_settings_setint(s, "synth.reverb.active", 0);
    fluid_settings_setint(s, "synth.chorus.active", 0);
    fluid_settings_setint(s, "synth.cpu-cores", 1);
    fluid_settings_setnum(s, "synth.gain", 1.0);
    renderer r = {.synth = new_fluid_synth(s),
                  .random = 20260101,
                  .fast = calloc(3 * LONGEST, sizeof(float)),
                  .unused = calloc(3 * LONGEST, sizeof(float)),
                  .slow = calloc(LONGEST, sizeof(float)),
                  .mix = calloc(LONGEST, sizeof(float))};
    if (!r.synth || !r.fast || !r.unused || !r.slow || !r.mix) die("memory", "exhausted");
    if (fluid_synth_sfload(r.synth, font, 1) < 0) die(font, "cannot read this sound font");
    return r;
}

int main(int argc, char **argv)
{
    if (argc != 3) die("usage", "render FONT.sf2 FOLDER");
    const char *columns = "audio,offset,frames,split,key,velocity,instrument,gate,bend", *folder = argv[2];
    renderer r = renderer_new(argv[1]);
    FILE *list = open_list(folder, "manifest.csv", columns), *reference = open_list(folder, "reference.csv", columns);
    FILE *held = open_list(folder, "heldout.csv", "instrument,key,velocity,split");
    for (int i = 0; i < COUNT(INSTRUMENTS); i++) {
        const instrument *who = &INSTRUMENTS[i];
        recording notes = {0}, plain = {0};
        render_lists(&r, who, &notes, list, held);
        render_reference(&r, who, &plain, reference);
        float gain = PEAK_PERCENT / 100.0f / peak_of(&notes);
        write_wav(folder, "", who->name, &notes, gain);
        write_wav(folder, "reference-", who->name, &plain, gain);
        printf("%-10s  %5.1f minutes, gain %.3f\n", who->name, (double)notes.frames / RATE / 60, (double)gain);
        free(notes.pcm);
        free(plain.pcm);
    }
    return fclose(list) | fclose(held) | fclose(reference) ? 1 : 0;
}
