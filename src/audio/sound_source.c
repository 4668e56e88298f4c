/* SPDX-License-Identifier: MIT
 * sound_source.c - opens a sound for libsndfile, after our own look at its header.
 * Copyright (c) 2026 the wavenet authors */
#include "audio/sound_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* ---- bytes ----------------------------------------------------------------------------------------------------- */

/* Up to n bytes; fewer only at the end, or after an error. */
static size_t read_bytes(int fd, void *bytes, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t got = read(fd, (char *)bytes + done, n - done);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        done += (size_t)got;
    }
    return done;
}

static bool source_read(void *user, void *bytes, size_t n) { return read_bytes(*(int *)user, bytes, n) == n; }

static bool stream_skip(void *user, int64_t n)
{
    char block[4096];
    for (; n > 0; n -= (int64_t)sizeof block) {
        size_t part = n < (int64_t)sizeof block ? (size_t)n : sizeof block;
        if (read_bytes(*(int *)user, block, part) != part) return false;
    }
    return true;
}

/* Beyond the end is not there. */
static bool file_skip(void *user, int64_t n)
{
    int fd = *(int *)user;
    struct stat s;
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at < 0 || fstat(fd, &s) != 0 || n > (int64_t)s.st_size - (int64_t)at) return false;
    return lseek(fd, (off_t)n, SEEK_CUR) >= 0;
}

/* ---- libsndfile ------------------------------------------------------------------------------------------------ */

/* libsndfile's messages end in a full stop, which is removed: ours do not. */
wn_status wn_sound_source_fail(wn_error *error, const char *name, SNDFILE *file)
{
    char text[160];
    snprintf(text, sizeof text, "%s", sf_strerror(file));
    size_t n = strlen(text);
    while (n && (text[n - 1] == '.' || text[n - 1] == '\n')) text[--n] = 0;
    return wn_fail(error, WN_ERROR_FORMAT, name, "not a readable sound file: %s", text);
}

/* The samples of a file from header.data_at on, as a file of their own: libsndfile begins raw samples at byte 0. */
static sf_count_t samples_length(void *user) { return ((const wn_sound_source *)user)->header.there; }

static sf_count_t samples_tell(void *user) { return ((const wn_sound_source *)user)->position; }

static sf_count_t samples_seek(sf_count_t offset, int whence, void *user)
{
    wn_sound_source *s = user;
    int64_t from = whence == SEEK_CUR ? s->position : whence == SEEK_END ? s->header.there : 0;
    if (from + offset >= 0 && from + offset <= s->header.there) s->position = from + offset;
    return s->position;
}

static sf_count_t samples_read(void *bytes, sf_count_t n, void *user)
{
    wn_sound_source *s = user;
    if (n > s->header.there - s->position) n = s->header.there - s->position;
    if (n <= 0 || lseek(s->fd, (off_t)(s->header.data_at + s->position), SEEK_SET) < 0) return 0;
    sf_count_t got = (sf_count_t)read_bytes(s->fd, bytes, (size_t)n);
    s->position += got;
    return got;
}

static sf_count_t samples_write(const void *bytes, sf_count_t n, void *user)
{
    (void)bytes, (void)n, (void)user;
    return 0;
}

static SNDFILE *open_virtual(wn_sound_source *s)
{
    SF_VIRTUAL_IO io = {samples_length, samples_seek, samples_read, samples_write, samples_tell};
    return sf_open_virtual(&io, SFM_READ, &s->info, s);
}

/* Takes over `fd`, unless it is standard input. */
static wn_status open_descriptor(wn_sound_source *s, int fd, const char *name, wn_error *error)
{
    s->file = sf_open_fd(fd, SFM_READ, &s->info, fd != STDIN_FILENO);
    if (s->file) return WN_OK;
    wn_status status = wn_sound_source_fail(error, name, NULL);
    return status;
}

/* The subtype of samples that need no decoder; 0: there is none. */
static int plain_subtype(const wn_wave_header *h)
{
    if (h->tag == 3) return h->bits == 64 ? SF_FORMAT_DOUBLE : SF_FORMAT_FLOAT;
    if (h->tag != 1) return 0;
    static const int subtypes[] = {SF_FORMAT_PCM_U8, SF_FORMAT_PCM_16, SF_FORMAT_PCM_24, SF_FORMAT_PCM_32};
    return subtypes[(h->bits + 7) / 8 - 1];
}

/* The samples behind a header that is known: of a stream from where it stands, of a file by its offset. Takes over `fd`. */
static wn_status open_samples(wn_sound_source *s, int fd, const char *name, wn_error *error)
{
    const wn_wave_header *h = &s->header;
    s->info = (SF_INFO){.format = SF_FORMAT_RAW | SF_ENDIAN_LITTLE | plain_subtype(h),
                        .channels = h->channels,
                        .samplerate = h->rate < INT32_MAX ? (int)h->rate : INT32_MAX};
    int64_t bytes = h->lacks_size || h->data_bytes < 0 ? h->there : h->data_bytes;
    if (h->there >= 0 && bytes > h->there) bytes = h->there;
    s->frames = bytes < 0 ? 0 : bytes / h->frame_bytes;
    s->left = bytes < 0 ? INT64_MAX : s->frames;
    if (s->is_stream) return open_descriptor(s, fd, name, error);
    s->fd = fd;
    s->file = open_virtual(s);
    if (s->file) return WN_OK;
    close(fd);
    return wn_sound_source_fail(error, name, NULL);
}

/* ---- streams --------------------------------------------------------------------------------------------------- */

/* A format that must be read back and forth: its bytes go to a file without a name. */
static wn_status open_copied(wn_sound_source *s, int fd, const unsigned char *head, size_t n, const char *name,
                             wn_error *error)
{
    char block[1 << 14];
    FILE *copy = tmpfile();
    if (!copy) return wn_fail(error, WN_ERROR_FILE, name, "no room for a temporary copy: %s", strerror(errno));
    bool good = fwrite(head, 1, n, copy) == n;
    for (size_t got = 1; good && got > 0;) {
        got = read_bytes(fd, block, sizeof block);
        good = fwrite(block, 1, got, copy) == got;
    }
    good = good && fflush(copy) == 0;
    int own = good ? dup(fileno(copy)) : -1;
    fclose(copy);
    if (own < 0) return wn_fail(error, WN_ERROR_FILE, name, "no room for a temporary copy: %s", strerror(errno));
    lseek(own, 0, SEEK_SET);
    wn_status status = open_descriptor(s, own, name, error);
    s->frames = s->info.frames;
    s->left = INT64_MAX;
    return status;
}

static wn_status open_stream(wn_sound_source *s, int fd, const char *name, wn_error *error)
{
    unsigned char head[WN_WAVE_HEAD];
    size_t n = read_bytes(fd, head, sizeof head);
    wn_wave_source bytes = {.read = source_read, .skip = stream_skip, .user = &fd, .size = -1};
    if (n == 0) return wn_fail(error, WN_ERROR_FORMAT, name, "is empty");
    if (n < sizeof head || !wn_wave_is_head(head)) return open_copied(s, fd, head, n, name, error);
    s->is_stream = true;
    wn_status status = wn_wave_header_read(&s->header, head, &bytes, name, error);
    if (status) return status;
    if (plain_subtype(&s->header)) return open_samples(s, fd, name, error);
    return wn_fail(error, WN_ERROR_UNSUPPORTED, name, "compressed WAV (format %d) cannot be read from a pipe",
                   s->header.tag);
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

/* Refuse a file if libsndfile reports other channels, another rate or length than its header. */
static wn_status compare_reports(const wn_sound_source *s, const char *name, wn_error *error)
{
    const wn_wave_header *h = &s->header;
    int64_t frames = h->frame_bytes > 0 ? h->there / h->frame_bytes : 0;
    if (s->info.channels != h->channels)
        return wn_fail(error, WN_ERROR_FORMAT, name, "the WAV header says %d channels, libsndfile finds %d",
                       h->channels, s->info.channels);
    if (s->info.samplerate != (int)h->rate)
        return wn_fail(error, WN_ERROR_FORMAT, name, "the WAV header says %u Hz, libsndfile finds %d",
                       (unsigned)h->rate, s->info.samplerate);
    if (plain_subtype(h) && s->info.frames != frames)
        return wn_fail(error, WN_ERROR_FORMAT, name, "the WAV header says %lld frames, libsndfile finds %lld",
                       (long long)frames, (long long)s->info.frames);
    return WN_OK;
}

static void note_faults(wn_sound_source *s)
{
    const wn_wave_header *h = &s->header;
    if (h->frame_bytes < 1 || !plain_subtype(h)) return;
    long long there = h->there / h->frame_bytes, said = h->data_bytes / h->frame_bytes;
    if (h->lacks_size)
        snprintf(s->note, sizeof s->note,
                 "the header gives no length, as after a crash of the recorder; %lld samples are there", there);
    else if (h->data_bytes > h->there)
        snprintf(s->note, sizeof s->note, "the header says %lld samples, %lld are there", said, there);
}

/* Open the samples as raw PCM if libsndfile 1.2 does not read the container, or reads it wrongly. */
static wn_status open_wave(wn_sound_source *s, int fd, const char *path, const char *name, wn_error *error)
{
    const wn_wave_header *h = &s->header;
    note_faults(s);
    if (plain_subtype(h) && (h->lacks_size || h->is_bw64)) {
        int own = dup(fd);
        return own < 0 ? wn_fail(error, WN_ERROR_FILE, name, "%s", strerror(errno)) : open_samples(s, own, name, error);
    }
    s->file = sf_open(path, SFM_READ, &s->info);
    if (!s->file) return wn_sound_source_fail(error, name, NULL);
    s->frames = s->info.frames;
    s->left = INT64_MAX;
    return compare_reports(s, name, error);
}

static wn_status open_file(wn_sound_source *s, int fd, int64_t size, const char *path, const char *name,
                           wn_error *error)
{
    unsigned char head[WN_WAVE_HEAD];
    wn_wave_source bytes = {.read = source_read, .skip = file_skip, .user = &fd, .size = size};
    if (read_bytes(fd, head, sizeof head) == sizeof head && wn_wave_is_head(head)) {
        wn_status status = wn_wave_header_read(&s->header, head, &bytes, name, error);
        return status ? status : open_wave(s, fd, path, name, error);
    }
    s->file = sf_open(path, SFM_READ, &s->info);
    s->frames = s->info.frames;
    s->left = INT64_MAX;
    return s->file ? WN_OK : wn_sound_source_fail(error, name, NULL);
}

/* Whether standard input is a file at its beginning. It is opened by name then: libsndfile takes a file whose header has
 * been read for one that is embedded in another, which few formats allow. */
static bool input_is_file(void)
{
    struct stat st;
    return fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode) && lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
}

wn_status wn_sound_source_open(wn_sound_source *s, const char *path, const char *name, wn_error *error)
{
    struct stat st;
    *s = (wn_sound_source){.fd = -1};
    if (strcmp(path, "-") == 0) {
        if (!input_is_file()) return open_stream(s, STDIN_FILENO, name, error);
        path = "/dev/stdin";
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        wn_status status = wn_fail(error, WN_ERROR_FILE, name, "%s", strerror(errno));
        if (fd >= 0) close(fd);
        return status;
    }
    if (!S_ISREG(st.st_mode)) {
        wn_status status = open_stream(s, fd, name, error);
        if (!s->is_stream || !s->file) close(fd);
        return status;
    }
    wn_status status = open_file(s, fd, (int64_t)st.st_size, path, name, error);
    close(fd);
    return status;
}

wn_status wn_sound_source_open_raw(wn_sound_source *s, const char *path, const char *name, const SF_INFO *format,
                                   wn_error *error)
{
    *s = (wn_sound_source){.info = *format, .left = INT64_MAX, .fd = -1};
    s->is_stream = strcmp(path, "-") == 0;
    s->file = s->is_stream ? sf_open_fd(STDIN_FILENO, SFM_READ, &s->info, SF_FALSE) : sf_open(path, SFM_READ, &s->info);
    if (!s->file) return wn_sound_source_fail(error, name, NULL);
    bool open_end = !s->info.seekable && s->info.frames >= ((sf_count_t)1 << 28) / s->info.channels;
    s->frames = open_end ? 0 : s->info.frames;
    return s->info.frames ? WN_OK : wn_fail(error, WN_ERROR_FORMAT, name, "holds no samples");
}

void wn_sound_source_close(wn_sound_source *s)
{
    if (s->file) sf_close(s->file);
    if (s->file && s->fd >= 0) close(s->fd);
    s->file = NULL;
    wn_wave_header_free(&s->header);
}
