/* SPDX-License-Identifier: MIT
 * test_files.c - sound files in and out: values, rates, channels, errors, what is left behind.
 * Copyright (c) 2026 the wavenet authors */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "audio/wide_wave.h"
#include "common/failing.h"
#include "wavenet/audio.h"

#define PI 3.14159265358979323846

static char folder[64] = "/tmp/wavenet-audio-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[8][384];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int count_files(void)
{
    int n = 0;
    DIR *dir = opendir(folder);
    for (struct dirent *e; (e = readdir(dir));) n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static int empty_folder(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.') unlink(in_folder(e->d_name));
    closedir(dir);
    return 0;
}

static int tear_down(void **state)
{
    empty_folder(state);
    return rmdir(folder);
}

static float *make_sine(int64_t frames, int channels, double cycles_per_sample)
{
    float *pcm = malloc((size_t)frames * (size_t)channels * sizeof *pcm);
    for (int64_t t = 0; t < frames; t++)
        for (int c = 0; c < channels; c++)
            pcm[t * channels + c] = (float)(0.5 * sin(2 * PI * cycles_per_sample * (double)t) * (c + 1) / channels);
    return pcm;
}

static void write_all(const char *path, const wn_audio_writer_config *config, const float *pcm, int64_t frames,
                      int64_t *clipped)
{
    wn_audio_writer *w;
    wn_error error = {0};
    wn_status status = wn_audio_writer_new(&w, path, config, &error);
    if (status) fail_msg("%s: %s", error.where, error.message);
    for (int64_t t = 0; t < frames; t += 777) {
        int64_t n = frames - t < 777 ? frames - t : 777;
        assert_int_equal(wn_audio_writer_write(w, pcm + t * config->channels, n, &error), WN_OK);
    }
    status = wn_audio_writer_finish(w, &error);
    if (status) fail_msg("%s: %s", error.where, error.message);
    if (clipped) *clipped = wn_audio_writer_get_clipped(w);
    wn_audio_writer_free(w);
}

/* libsndfile as judge: every 16-bit value k/32768 is stored as k, whatever the container. */
static void test_exact_integers(void **state)
{
    (void)state;
    static const char *const names[] = {"a.wav", "a.flac", "a.aiff"};
    float *pcm = malloc(65536 * sizeof *pcm);
    short *got = malloc(65536 * sizeof *got);
    for (int i = 0; i < 65536; i++) pcm[i] = (float)(i - 32768) / 32768;
    for (int f = 0; f < 3; f++) {
        wn_audio_writer_config config = {.rate = 16000, .channels = 1};
        write_all(in_folder(names[f]), &config, pcm, 65536, NULL);
        SF_INFO info = {0};
        SNDFILE *file = sf_open(in_folder(names[f]), SFM_READ, &info);
        assert_non_null(file);
        assert_int_equal(info.frames, 65536);
        assert_int_equal(info.samplerate, 16000);
        assert_int_equal(sf_read_short(file, got, 65536), 65536);
        for (int i = 0; i < 65536; i++) assert_int_equal(got[i], i - 32768);
        sf_close(file);
    }
    free(pcm);
    free(got);
}

static void test_bits_and_clipping(void **state)
{
    (void)state;
    const float pcm[6] = {1.5f, -1.5f, NAN, 1.0f, -1.0f, 0.25f};
    const float expected[6] = {1, -1, 0, 1, -1, 0.25f};
    static const wn_audio_bits bits[] = {WN_AUDIO_16, WN_AUDIO_24, WN_AUDIO_FLOAT};
    for (int i = 0; i < 3; i++) {
        wn_audio_writer_config config = {.rate = 8000, .channels = 2, .bits = bits[i]};
        int64_t clipped;
        write_all(in_folder("b.wav"), &config, pcm, 3, &clipped);
        assert_int_equal(clipped, 3);
        SF_INFO info = {0};
        SNDFILE *file = sf_open(in_folder("b.wav"), SFM_READ, &info);
        float got[6];
        assert_int_equal(info.channels, 2);
        assert_int_equal(info.format & SF_FORMAT_SUBMASK, i == 0   ? SF_FORMAT_PCM_16
                                                          : i == 1 ? SF_FORMAT_PCM_24
                                                                   : SF_FORMAT_FLOAT);
        assert_int_equal(sf_readf_float(file, got, 3), 3);
        for (int k = 0; k < 6; k++) {
            float want = bits[i] == WN_AUDIO_FLOAT && k < 2 ? pcm[k] : expected[k];
            assert_true(fabsf(got[k] - want) <= (i == 0 ? 1.0f / 32768 : i == 1 ? 1.0f / 8388608 : 0));
        }
        sf_close(file);
    }
}

/* Raw files are the samples and nothing else; .f32 reads back bit for bit. */
static void test_raw(void **state)
{
    (void)state;
    float *pcm = make_sine(5000, 1, 0.01), *got;
    int64_t frames;
    struct stat s;
    wn_audio_info info;
    wn_audio_writer_config config = {.rate = 22050, .channels = 1};
    write_all(in_folder("c.f32"), &config, pcm, 5000, NULL);
    assert_int_equal(stat(in_folder("c.f32"), &s), 0);
    assert_int_equal(s.st_size, 20000);
    assert_int_equal(wn_audio_read(&got, &frames, &info, in_folder("c.f32"), 22050, NULL), WN_OK);
    assert_int_equal(frames, 5000);
    assert_memory_equal(got, pcm, 20000);
    assert_int_equal(info.resampled, 0);
    free(got);
    config.bits = WN_AUDIO_24;
    config.raw = 1;
    write_all(in_folder("c.wav"), &config, pcm, 5000, NULL);
    assert_int_equal(stat(in_folder("c.wav"), &s), 0);
    assert_int_equal(s.st_size, 15000);
    free(pcm);
}

/* What would not fit WAV's 32 bits is begun as RF64, and is right however short it stays. */
static void test_large(void **state)
{
    (void)state;
    float *pcm = make_sine(1000, 1, 0.01);
    wn_audio_writer_config config = {.rate = 16000, .channels = 1, .frames = (int64_t)3 << 30};
    write_all(in_folder("large.wav"), &config, pcm, 1000, NULL);
    char magic[4];
    FILE *f = fopen(in_folder("large.wav"), "rb");
    assert_int_equal(fread(magic, 1, 4, f), 4);
    fclose(f);
    assert_memory_equal(magic, "RF64", 4);
    SF_INFO info = {0};
    SNDFILE *file = sf_open(in_folder("large.wav"), SFM_READ, &info);
    assert_non_null(file);
    assert_int_equal(info.frames, 1000);
    sf_close(file);
    free(pcm);
}

/* A sine of another rate, in two channels of 1/2 and 1: the mean of both comes out, as a sine of the same pitch. */
static void test_resample_and_mix(void **state)
{
    (void)state;
    float *pcm = make_sine(44100, 2, 440.0 / 44100), *got;
    int64_t frames;
    wn_audio_info info;
    wn_audio_writer_config config = {.rate = 44100, .channels = 2, .bits = WN_AUDIO_FLOAT};
    write_all(in_folder("d.wav"), &config, pcm, 44100, NULL);
    assert_int_equal(wn_audio_read(&got, &frames, &info, in_folder("d.wav"), 16000, NULL), WN_OK);
    assert_int_equal(info.mixed, 1);
    assert_int_equal(info.resampled, 1);
    assert_int_equal(info.channels, 2);
    assert_true(info.rate == 44100);
    assert_true(frames >= 15999 && frames <= 16001);
    for (int64_t t = 500; t < 15500; t++)
        assert_true(fabs(got[t] - 0.375 * sin(2 * PI * 440 / 16000 * (double)t)) < 1e-4);
    free(got);
    free(pcm);
}

/* Sound of one rate into a file of another: the sine it was, for exactly as long as was asked for; NaN does not spread. */
static void test_source_rate(void **state)
{
    (void)state;
    enum { FRAMES = 20000, LENGTH = 17000, BAD = 19000 };
    static const char *const names[] = {"s.wav", "s.opus"};
    for (int i = 0; i < 2; i++) {
        float *pcm = make_sine(FRAMES, 1, 440.0 / 48000), got[LENGTH], past = 0;
        wn_audio_writer_config config = {.rate = i ? 24000 : 44100, .source_rate = 48000, .channels = 1};
        if (!i) config.bits = WN_AUDIO_FLOAT;
        double rate = i ? 48000 : 44100;
        int length = i ? LENGTH + 500 : LENGTH;
        int64_t frames;
        wn_audio_writer *w;
        pcm[BAD] = (float)NAN;
        assert_int_equal(wn_audio_writer_new(&w, in_folder(names[i]), &config, NULL), WN_OK);
        wn_audio_writer_set_length(w, length);
        assert_int_equal(wn_audio_writer_write(w, pcm, FRAMES, NULL), WN_OK);
        assert_true(wn_audio_writer_get_rate(w) == rate);
        assert_int_equal(wn_audio_writer_get_frames(w), length);
        assert_true(fabsf(wn_audio_writer_get_peak(w) - 0.5f) < 1e-3f);
        assert_int_equal(wn_audio_writer_get_clipped(w), 1);
        assert_int_equal(wn_audio_writer_finish(w, NULL), WN_OK);
        assert_int_equal(wn_audio_writer_get_frames(w), length);
        wn_audio_writer_free(w);
        wn_audio_reader *r;
        assert_int_equal(wn_audio_reader_new(&r, in_folder(names[i]), NULL, NULL), WN_OK);
        assert_int_equal(wn_audio_reader_get_info(r).frames, length);
        assert_int_equal(wn_audio_reader_read(r, got, LENGTH, &frames, NULL), WN_OK);
        assert_int_equal(frames, LENGTH);
        for (int t = 100; !i && t < LENGTH - 2000; t++)
            assert_true(fabs(got[t] - 0.5 * sin(2 * PI * 440 / rate * t)) < 1e-4);
        if (!i) assert_int_equal(wn_audio_reader_read(r, &past, 1, &frames, NULL), WN_OK);
        if (!i) assert_int_equal(frames, 0);
        wn_audio_reader_free(r);
        free(pcm);
    }
    wn_audio_writer *w = NULL;
    wn_audio_writer_config wrong = {.rate = 44100, .source_rate = -1, .channels = 1};
    assert_int_equal(wn_audio_writer_new(&w, in_folder("t.wav"), &wrong, NULL), WN_ERROR_ARGUMENT);
    assert_null(w);
}

static void test_opus_and_vorbis(void **state)
{
    (void)state;
    static const char *const names[] = {"e.opus", "e.ogg", "e.oga"};
    float *pcm = make_sine(32000, 1, 440.0 / 16000);
    for (int i = 0; i < 3; i++) {
        wn_audio_writer_config config = {.rate = 16000, .channels = 1};
        write_all(in_folder(names[i]), &config, pcm, 32000, NULL);
        SF_INFO info = {0};
        SNDFILE *file = sf_open(in_folder(names[i]), SFM_READ, &info);
        assert_non_null(file);
        double rate = i == 0 ? 48000 : 16000, seconds = (double)info.frames / rate, power = 0;
        assert_true(info.samplerate == (int)rate);
        assert_true(fabs(seconds - 2) < 0.01);
        float *got = malloc((size_t)info.frames * sizeof *got);
        assert_int_equal(sf_readf_float(file, got, info.frames), info.frames);
        for (int64_t t = 0; t < info.frames; t++) power += (double)got[t] * (double)got[t];
        assert_true(fabs(power / (double)info.frames - 0.125) < 0.01); /* of a sine of amplitude 1/2 */
        free(got);
        sf_close(file);
    }
    free(pcm);
}

static void write_bytes(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    fclose(f);
}

static void expect_unreadable(const char *path, wn_status status, const char *words)
{
    float *pcm = (float *)1;
    int64_t frames = 1;
    wn_error error = {0};
    assert_int_equal(wn_audio_read(&pcm, &frames, NULL, path, 16000, &error), status);
    assert_null(pcm);
    assert_int_equal(frames, 0);
    assert_string_equal(error.where, path);
    if (!strstr(error.message, words)) fail_msg("'%s' was expected in '%s'", words, error.message);
}

static void test_bad_inputs(void **state)
{
    (void)state;
    float nan_inf[4] = {0, 0, NAN, INFINITY};
    wn_audio_writer_config config = {.rate = 16000, .channels = 1, .bits = WN_AUDIO_FLOAT};
    expect_unreadable(in_folder("missing.wav"), WN_ERROR_FILE, "No such file");
    expect_unreadable(folder, WN_ERROR_FILE, "folder");
    write_bytes(in_folder("empty.wav"), "", 0);
    expect_unreadable(in_folder("empty.wav"), WN_ERROR_FORMAT, "empty");
    write_bytes(in_folder("text.wav"), "not a sound file at all, only text", 34);
    expect_unreadable(in_folder("text.wav"), WN_ERROR_FORMAT, "not a readable sound file");
    write_all(in_folder("none.wav"), &config, nan_inf, 0, NULL);
    expect_unreadable(in_folder("none.wav"), WN_ERROR_FORMAT, "no samples");
    write_bytes(in_folder("odd.f32"), "12345", 5);
    expect_unreadable(in_folder("odd.f32"), WN_ERROR_FORMAT, "whole number");
    write_bytes(in_folder("nan.f32"), nan_inf, sizeof nan_inf);
    expect_unreadable(in_folder("nan.f32"), WN_ERROR_FORMAT, "sample 2 is not a finite number");
}

static void expect_unwritable(const char *path, const wn_audio_writer_config *config, wn_status status)
{
    wn_audio_writer *w = (wn_audio_writer *)1;
    wn_error error = {0};
    assert_int_equal(wn_audio_writer_new(&w, path, config, &error), status);
    assert_null(w);
    assert_true(error.message[0] != 0);
}

static void test_bad_outputs(void **state)
{
    (void)state;
    int before = count_files();
    const wn_audio_writer_config good = {.rate = 16000, .channels = 1};
    wn_audio_writer_config c = good;
    expect_unwritable(in_folder("a.mp5"), &good, WN_ERROR_ARGUMENT);
    expect_unwritable(in_folder("name"), &good, WN_ERROR_ARGUMENT);
    expect_unwritable(in_folder("no/such/folder.wav"), &good, WN_ERROR_FILE);
    assert_int_equal(mkdir(in_folder("x.wav"), 0777), 0);
    expect_unwritable(in_folder("x.wav"), &good, WN_ERROR_FILE);
    rmdir(in_folder("x.wav"));
    c.channels = 0;
    expect_unwritable(in_folder("a.wav"), &c, WN_ERROR_ARGUMENT);
    c.channels = 9;
    expect_unwritable(in_folder("a.flac"), &c, WN_ERROR_UNSUPPORTED);
    c = good;
    c.rate = NAN;
    expect_unwritable(in_folder("a.wav"), &c, WN_ERROR_ARGUMENT);
    c = good;
    c.bits = (wn_audio_bits)17;
    expect_unwritable(in_folder("a.wav"), &c, WN_ERROR_ARGUMENT);
    c.bits = WN_AUDIO_FLOAT;
    expect_unwritable(in_folder("a.flac"), &c, WN_ERROR_UNSUPPORTED);
    c.bits = WN_AUDIO_24;
    expect_unwritable(in_folder("a.ogg"), &c, WN_ERROR_UNSUPPORTED);
    expect_unwritable("/dev/full/a.wav", &good, WN_ERROR_FILE);
    assert_int_equal(count_files(), before);
}

/* A disk that is full after 40 kB: an error, the file that was there before is untouched, nothing else is left. */
static void test_full_disk(void **state)
{
    (void)state;
    static const char *const names[] = {"full.wav", "full.flac", "full.f32", "full.aiff", "full.ogg", "full.opus"};
    enum { FRAMES = 400000 };
    float *pcm = malloc(FRAMES * sizeof *pcm);
    uint32_t noise = 1;
    for (int i = 0; i < FRAMES; i++)
        pcm[i] = (float)((noise = noise * 1664525u + 1013904223u) >> 8) / 16777216.0f - 0.5f;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit whole, limit;
    getrlimit(RLIMIT_FSIZE, &whole);
    limit = whole;
    limit.rlim_cur = 40000;
    for (int i = 0; i < 6; i++) {
        empty_folder(NULL);
        write_bytes(in_folder(names[i]), "old", 3);
        wn_audio_writer_config config = {.rate = 16000, .channels = 1};
        wn_audio_writer *w;
        wn_error error = {0};
        setrlimit(RLIMIT_FSIZE, &limit);
        assert_int_equal(wn_audio_writer_new(&w, in_folder(names[i]), &config, &error), WN_OK);
        wn_status status = wn_audio_writer_write(w, pcm, FRAMES, &error);
        if (!status) status = wn_audio_writer_finish(w, &error);
        wn_audio_writer_free(w);
        setrlimit(RLIMIT_FSIZE, &whole);
        if (status != WN_ERROR_FILE) fail_msg("%s: no error", names[i]);
        assert_non_null(strstr(error.message, "File too large"));
        assert_int_equal(count_files(), 1);
        struct stat s;
        assert_int_equal(stat(in_folder(names[i]), &s), 0);
        assert_int_equal(s.st_size, 3);
    }
    free(pcm);
}

static void test_devices(void **state)
{
    (void)state;
    float pcm[100] = {0};
    wn_audio_writer_config config = {.rate = 16000, .channels = 1};
    wn_audio_writer *w;
    wn_error error = {0};
    write_all("/dev/null", &(wn_audio_writer_config){.rate = 16000, .channels = 1, .raw = 1}, pcm, 100, NULL);
    struct stat s;
    assert_int_equal(stat("/dev/null", &s), 0);
    assert_true(S_ISCHR(s.st_mode)); /* not renamed over */
    config.raw = 1;
    assert_int_equal(wn_audio_writer_new(&w, "/dev/full", &config, &error), WN_OK);
    assert_int_equal(wn_audio_writer_write(w, pcm, 100, &error), WN_ERROR_FILE);
    assert_non_null(strstr(error.message, "No space left"));
    wn_audio_writer_free(w);
}

/* Without finish there is no file; with it, permissions are those of any new file. */
static void test_atomic(void **state)
{
    (void)state;
    float pcm[100] = {0};
    wn_audio_writer_config config = {.rate = 16000, .channels = 1};
    wn_audio_writer *w;
    empty_folder(NULL);
    assert_int_equal(wn_audio_writer_new(&w, in_folder("f.wav"), &config, NULL), WN_OK);
    assert_int_equal(wn_audio_writer_write(w, pcm, 100, NULL), WN_OK);
    assert_int_not_equal(access(in_folder("f.wav"), F_OK), 0);
    wn_audio_writer_free(w);
    assert_int_equal(count_files(), 0);
    mode_t mask = umask(022);
    write_all(in_folder("f.wav"), &config, pcm, 100, NULL);
    umask(mask);
    struct stat s;
    assert_int_equal(stat(in_folder("f.wav"), &s), 0);
    assert_int_equal(s.st_mode & 0777, 0644);
    assert_int_equal(symlink("f.wav", in_folder("link.wav")), 0);
    write_all(in_folder("link.wav"), &config, pcm, 50, NULL);
    assert_int_equal(lstat(in_folder("link.wav"), &s), 0);
    assert_true(S_ISLNK(s.st_mode)); /* a link stays a link; its file is new */
    assert_true(wn_audio_is_same_file(in_folder("f.wav"), in_folder("link.wav")));
    assert_false(wn_audio_is_same_file(in_folder("f.wav"), in_folder("nothing.wav")));
}

/* Channels that stay apart come as they were written; resampled, each is the sine it was. */
static void test_separate(void **state)
{
    (void)state;
    float *pcm = make_sine(44100, 2, 440.0 / 44100), *got = malloc(2 * 50000 * sizeof *got);
    wn_audio_writer_config config = {.rate = 44100, .channels = 2, .bits = WN_AUDIO_FLOAT};
    wn_audio_reader *r;
    int64_t n, frames = 0;
    write_all(in_folder("i.wav"), &config, pcm, 44100, NULL);
    assert_int_equal(wn_audio_reader_new(&r, in_folder("i.wav"), &(wn_audio_reader_config){.keep_channels = 1}, NULL),
                     WN_OK);
    wn_audio_info info = wn_audio_reader_get_info(r);
    assert_true(info.channels == 2 && !info.mixed && !info.resampled && info.bits == 32 && info.frames == 44100);
    for (int64_t ask = 1; wn_audio_reader_read(r, got + 2 * frames, ask, &n, NULL) == WN_OK && n;
         ask = ask % 9999 * 3 + 1)
        frames += n;
    assert_int_equal(frames, 44100);
    assert_int_equal(wn_audio_reader_get_position(r), 44100);
    assert_memory_equal(got, pcm, 2 * 44100 * sizeof *pcm);
    wn_audio_reader_free(r);
    wn_audio_reader_config at48 = {.keep_channels = 1, .rate = 48000};
    assert_int_equal(wn_audio_reader_new(&r, in_folder("i.wav"), &at48, NULL), WN_OK);
    assert_int_equal(wn_audio_reader_read(r, got, 50000, &frames, NULL), WN_OK);
    assert_true(llabs(frames - 48000) <= 1);
    for (int64_t t = 500; t < 47500; t++)
        for (int c = 0; c < 2; c++)
            assert_true(fabs(got[2 * t + c] - 0.25 * (c + 1) * sin(2 * PI * 440 / 48000 * (double)t)) < 1e-4);
    wn_audio_reader_free(r);
    free(got);
    free(pcm);
}

/* What is not finite becomes 0, is counted, and spoils nothing beside it. */
static void test_sanitize(void **state)
{
    (void)state;
    const float bad[6] = {0.5f, NAN, INFINITY, 0.25f, -INFINITY, -0.5f}, good[6] = {0.5f, 0, 0, 0.25f, 0, -0.5f};
    float got[6];
    int64_t frames;
    wn_audio_reader *r;
    write_bytes(in_folder("bad.bytes"), bad, sizeof bad);
    wn_audio_reader_config reading = {.sanitize = 1, .raw = 1};
    assert_int_equal(wn_audio_reader_new(&r, in_folder("bad.bytes"), &reading, NULL), WN_OK);
    assert_int_equal(wn_audio_reader_read(r, got, 6, &frames, NULL), WN_OK);
    assert_int_equal(frames, 6);
    assert_memory_equal(got, good, sizeof good);
    assert_int_equal(wn_audio_reader_get_nonfinite_samples(r), 3);
    wn_audio_reader_free(r);
}

/* The resolution of a file, as far as it can be kept. */
/* Finite samples whose resampled sums are not: refused, or nonfinite_samples like those that are not finite themselves. */
static void test_too_large(void **state)
{
    (void)state;
    enum { FRAMES = 3000 };
    static float pcm[FRAMES], got[2 * FRAMES];
    for (int t = 0; t < FRAMES; t++) pcm[t] = t / 7 % 2 ? 3.4e38f : -3.4e38f;
    wn_audio_writer_config config = {.rate = 48000, .channels = 1, .bits = WN_AUDIO_FLOAT};
    write_all(in_folder("large.wav"), &config, pcm, FRAMES, NULL);
    for (int sanitize = 0; sanitize < 2; sanitize++) {
        wn_audio_reader *r = NULL;
        wn_error error = {0};
        wn_audio_reader_config reading = {.rate = 16000, .sanitize = sanitize};
        int64_t n = 0;
        assert_int_equal(wn_audio_reader_new(&r, in_folder("large.wav"), &reading, &error), WN_OK);
        wn_status status = wn_audio_reader_read(r, got, 2 * FRAMES, &n, &error);
        assert_int_equal(status, sanitize ? WN_OK : WN_ERROR_FORMAT);
        assert_int_equal(wn_audio_reader_get_nonfinite_samples(r) > 0, sanitize);
        for (int64_t t = 0; t < n; t++) assert_true(isfinite(got[t]));
        wn_audio_reader_free(r);
    }
}

static void test_bits_of_files(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        wn_audio_bits write, expected;
    } cases[] = {
        {"j.wav", WN_AUDIO_16, 16},  {"j.wav", WN_AUDIO_24, 24},      {"j.wav", WN_AUDIO_FLOAT, 32},
        {"j.flac", WN_AUDIO_24, 24}, {"j.ogg", WN_AUDIO_DEFAULT, 16}, {"j.f32", WN_AUDIO_DEFAULT, 32},
    };
    float pcm[100] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wn_audio_writer_config config = {.rate = 16000, .channels = 1, .bits = cases[i].write};
        wn_audio_reader *r;
        write_all(in_folder(cases[i].name), &config, pcm, 100, NULL);
        assert_int_equal(wn_audio_reader_new(&r, in_folder(cases[i].name), NULL, NULL), WN_OK);
        assert_int_equal(wn_audio_reader_get_info(r).bits, cases[i].expected);
        wn_audio_reader_free(r);
    }
}

/* Standard input: what there is can be had before more comes; an open length is no length. */
static void test_standard_input(void **state)
{
    (void)state;
    float pcm[64], got[64];
    int64_t frames;
    int ends[2], saved = dup(STDIN_FILENO);
    wn_audio_reader *r;
    for (int i = 0; i < 64; i++) pcm[i] = (float)i / 64;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    assert_int_equal(wn_audio_reader_new(&r, "-", &(wn_audio_reader_config){.raw = 1, .rate = 44100}, NULL), WN_OK);
    assert_int_equal(wn_audio_reader_get_info(r).frames, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(write(ends[1], pcm, sizeof pcm), sizeof pcm);
        assert_int_equal(wn_audio_reader_read(r, got, 64, &frames, NULL), WN_OK);
        assert_int_equal(frames, 64);
        assert_memory_equal(got, pcm, sizeof pcm);
    }
    close(ends[1]);
    assert_int_equal(wn_audio_reader_read(r, got, 64, &frames, NULL), WN_OK);
    assert_int_equal(frames, 0);
    assert_int_equal(wn_audio_reader_get_position(r), 192);
    wn_audio_reader_free(r);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
}

/* Whatever allocation of ours fails: an error, nothing leaks (the sanitizer sees), no file is left. */
/* A WAV file that is made RF64 keeps its samples and its metadata, also where they do not end on an even byte, and what is no
 * WAV file is refused. */
static void test_wide(void **state)
{
    (void)state;
    enum { FRAMES = 700001 };
    static float pcm[FRAMES];
    char xml[] = "<x/>";
    const wn_audio_chunk chunks[WN_AUDIO_CHUNKS] = {{"iXML", 4, xml}};
    for (int t = 0; t < FRAMES; t++) pcm[t] = (float)(t % 30011 - 15000) / 32768;
    for (int bits = 16; bits <= 32; bits += 8) {
        wn_audio_writer_config config = {
            .rate = 48000, .channels = 1, .bits = bits, .chunks = bits == 24 ? chunks : NULL};
        write_all(in_folder("wide.wav"), &config, pcm, FRAMES, NULL);
        FILE *f = fopen(in_folder("wide.wav"), "r+b");
        wn_error error = {0};
        assert_int_equal(wn_wide_wave_convert(f, (int64_t)FRAMES * bits / 8, FRAMES, "wide.wav", &error), WN_OK);
        fclose(f);
        SF_INFO about = {0};
        SNDFILE *file = sf_open(in_folder("wide.wav"), SFM_READ, &about);
        assert_non_null(file);
        assert_int_equal(about.format & SF_FORMAT_TYPEMASK, SF_FORMAT_RF64);
        assert_int_equal(about.frames, FRAMES);
        sf_close(file);
        float *got = NULL;
        int64_t frames = 0;
        wn_audio_info info;
        assert_int_equal(wn_audio_read(&got, &frames, &info, in_folder("wide.wav"), 0, &error), WN_OK);
        assert_int_equal(frames, FRAMES);
        assert_string_equal(info.note, "");
        assert_memory_equal(got, pcm, sizeof pcm);
        free(got);
    }
    FILE *f = fopen(in_folder("none.wav"), "w+b");
    wn_error error = {0};
    fputs("RIFF    WAVEfmt ", f);
    assert_int_equal(wn_wide_wave_convert(f, 100, 50, "none.wav", &error), WN_ERROR_FILE);
    fclose(f);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    float *pcm = make_sine(3000, 1, 0.01);
    wn_audio_writer_config config = {.rate = 22050, .channels = 1};
    write_all(in_folder("g.wav"), &config, pcm, 3000, NULL);
    int failures = 0;
    for (long i = 0;; i++) {
        float *got = NULL;
        int64_t frames;
        wn_error error = {0};
        fail_allocation(i);
        wn_status status = wn_audio_read(&got, &frames, NULL, in_folder("g.wav"), 16000, &error);
        int failed = allocation_failed();
        fail_allocation(-1);
        free(got);
        assert_true(failed ? status == WN_ERROR_MEMORY : status == WN_OK);
        if (!failed) break;
        failures++;
    }
    assert_true(failures >= 4);
    failures = 0;
    for (long i = 0;; i++) {
        empty_folder(NULL);
        wn_audio_writer *w = NULL;
        fail_allocation(i);
        wn_status status = wn_audio_writer_new(&w, in_folder("h.opus"), &config, NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        wn_audio_writer_free(w);
        assert_int_equal(count_files(), 0);
        assert_true(failed ? status != WN_OK : status == WN_OK);
        if (!failed) break;
        failures++;
    }
    assert_true(failures >= 6);
    free(pcm);
}

/* Metadata that is written is read again, in a plain file and in RF64, and after every failing allocation there is an error. */
static void test_metadata(void **state)
{
    (void)state;
    char bext[] = "twelve bytes", xml[] = "<x/>";
    const wn_audio_chunk chunks[WN_AUDIO_CHUNKS] = {{"bext", 12, bext}, {"iXML", 4, xml}};
    wn_audio_writer_config config = {.rate = 16000, .channels = 1, .chunks = chunks};
    float pcm[100] = {0};
    for (int rf64 = 0; rf64 < 2; rf64++) {
        config.frames = rf64 ? (int64_t)1 << 33 : 100;
        empty_folder(NULL);
        write_all(in_folder("m.wav"), &config, pcm, 100, NULL);
        for (long i = 0;; i++) {
            wn_audio_reader *r = NULL;
            fail_allocation(i);
            wn_status status = wn_audio_reader_new(&r, in_folder("m.wav"), NULL, NULL);
            int failed = allocation_failed();
            fail_allocation(-1);
            assert_true(failed ? status != WN_OK && !r : status == WN_OK);
            for (int k = 0; r && k < WN_AUDIO_CHUNKS; k++) {
                const wn_audio_chunk *c = &wn_audio_reader_get_chunks(r)[k];
                assert_string_equal(c->name, chunks[k].name);
                assert_int_equal(c->size, chunks[k].size);
                assert_memory_equal(c->bytes, chunks[k].bytes, c->size);
            }
            wn_audio_reader_free(r);
            if (!failed) break;
        }
    }
    for (long i = 0;; i++) {
        wn_audio_writer *w = NULL;
        empty_folder(NULL);
        fail_allocation(i);
        wn_status status = wn_audio_writer_new(&w, in_folder("m.wav"), &config, NULL);
        int failed = allocation_failed();
        fail_allocation(-1);
        wn_audio_writer_free(w);
        assert_true(failed ? status != WN_OK : status == WN_OK);
        if (!failed) break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact_integers),
        cmocka_unit_test(test_bits_and_clipping),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_resample_and_mix),
        cmocka_unit_test(test_source_rate),
        cmocka_unit_test(test_opus_and_vorbis),
        cmocka_unit_test(test_bad_inputs),
        cmocka_unit_test(test_bad_outputs),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_devices),
        cmocka_unit_test(test_atomic),
        cmocka_unit_test(test_separate),
        cmocka_unit_test(test_sanitize),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_bits_of_files),
        cmocka_unit_test(test_standard_input),
        cmocka_unit_test(test_metadata),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
