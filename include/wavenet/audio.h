/* SPDX-License-Identifier: MIT
 * audio.h - sound files in and out, control tracks, and sound devices.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WAVENET_AUDIO_H
#define WAVENET_AUDIO_H

#include "wavenet/wavenet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- reading -------------------------------------------------------------------------------------------------- */

/** Properties of a sound file, before any conversion. */
typedef struct wn_audio_info {
    double rate;    /**< Hz, of the file */
    int channels;   /**< of the file */
    int64_t frames; /**< of the file, at its own rate; 0 = unknown, as for a stream */
    int bits;       /**< 16, 24 or 32 (float), see wn_audio_bits: the nearest to the file's own; 16 for lossy formats */
    bool mixed;     /**< the channels were mixed down to one (their mean) */
    bool resampled; /**< the sound was resampled to the requested rate */
    char note[128]; /**< a fault of the file that was made up for, in one line, or "" */
} wn_audio_info;

/** How to read a file. Zero means the default for every field. */
typedef struct wn_audio_reader_config {
    double rate;        /**< Hz to resample to; 0 = the file's own */
    bool keep_channels; /**< true: frames have the file's channels; false: mixed down to one */
    bool sanitize; /**< true: NaN and Inf become 0 and are counted; false: they are an error that names their place */
    bool raw;      /**< treat the bytes as `.f32`, whatever the name */
} wn_audio_reader_config;

/** Metadata of a WAV file, as bytes: "bext", the broadcast extension, and "iXML", data of the production. */
typedef struct wn_audio_chunk {
    char name[5];
    uint32_t size; /**< bytes, at most 1 MiB; 0: there is none */
    void *bytes;   /**< [size] */
} wn_audio_chunk;

enum { WN_AUDIO_CHUNKS = 2 };

/** Reads a file as floats, block by block. One thread at a time. */
typedef struct wn_audio_reader wn_audio_reader;

/** Open a file in any format libsndfile reads, or `.f32`: raw little-endian float32, mono, at `rate` (48000 Hz if that is
 *  0). `-` is standard input: WAV is read block by block, other formats after their end. The header of a WAV file is checked
 *  before libsndfile reads it. `config` may be NULL. Files
 *  without samples are an error. */
WN_API wn_status wn_audio_reader_new(wn_audio_reader **out, const char *path, const wn_audio_reader_config *config,
                                     wn_error *error);
WN_API void wn_audio_reader_free(wn_audio_reader *reader);

WN_API wn_audio_info wn_audio_reader_get_info(const wn_audio_reader *reader);

/** Read up to `frames` frames into `pcm` [frames][channels], with 1 channel unless keep_channels is set. *got < frames only
 *  at the end. Without resampling, no more is consumed from a stream than was requested. */
WN_API wn_status wn_audio_reader_read(wn_audio_reader *reader, float *pcm, int64_t frames, int64_t *got,
                                      wn_error *error);

/** Frames of the file, at its own rate, read so far. */
WN_API int64_t wn_audio_reader_get_position(const wn_audio_reader *reader);

/** Non-finite samples replaced by 0 so far. */
WN_API int64_t wn_audio_reader_get_nonfinite_samples(const wn_audio_reader *reader);

/** The metadata of the file, WN_AUDIO_CHUNKS entries, owned by the reader. Of a stream, what stands before its samples. */
WN_API const wn_audio_chunk *wn_audio_reader_get_chunks(const wn_audio_reader *reader);

/** Read a whole file, mixed down and resampled to `rate` Hz (0: its own): *pcm [*frames], to be freed with free(). `info` may
 *  be NULL. */
WN_API wn_status wn_audio_read(float **pcm, int64_t *frames, wn_audio_info *info, const char *path, double rate,
                               wn_error *error);

/* ---- writing -------------------------------------------------------------------------------------------------- */

/** Sample formats. The default is 16 bits where the format has a choice, and float for `.f32`. */
typedef enum wn_audio_bits {
    WN_AUDIO_DEFAULT = 0,
    WN_AUDIO_16 = 16,
    WN_AUDIO_24 = 24,
    WN_AUDIO_FLOAT = 32
} wn_audio_bits;

typedef struct wn_audio_writer_config {
    double rate;        /**< Hz of the file, a whole number */
    double source_rate; /**< Hz of the frames that are written, resampled once to the file's rate (default: rate) */
    int channels;       /**< at most 8 for FLAC, 255 for Ogg */
    wn_audio_bits bits;
    bool raw;       /**< write samples only (little-endian), without a header */
    int64_t frames; /**< expected length, 0 = unknown; WAV files over 4 GB become RF64 */
    const wn_audio_chunk
        *chunks; /**< [WN_AUDIO_CHUNKS] metadata for WAV, which other formats leave out; copied; NULL: none */
} wn_audio_writer_config;

/** Writes a file block by block in constant memory. The bytes go to a temporary file beside the final one, which gets its
 *  name in wn_audio_writer_finish. Devices and pipes are written directly. */
typedef struct wn_audio_writer wn_audio_writer;

/** Create a file. The format follows the name: `.wav`, `.flac`, `.ogg`, `.oga` (Vorbis), `.opus` (resampled to 48 kHz),
 *  `.aiff`, `.aif`, `.f32` (raw float), `.raw`; `-` is a WAV stream of open length on standard output. */
WN_API wn_status wn_audio_writer_new(wn_audio_writer **out, const char *path, const wn_audio_writer_config *config,
                                     wn_error *error);

/** Write `frames` frames of pcm [frames][channels], full scale -1..1. Values beyond full scale are clipped, except in float
 *  files; they are counted in both cases, as frames of the file. NaN and Inf are written as 0 and counted. */
WN_API wn_status wn_audio_writer_write(wn_audio_writer *writer, const float *pcm, int64_t frames, wn_error *error);

/** Let the file end after `frames` frames, counted at its own rate: what is written beyond is dropped. */
WN_API void wn_audio_writer_set_length(wn_audio_writer *writer, int64_t frames);

/** Complete the file and give it its name. Every disk error has been reported when this returns WN_OK. */
WN_API wn_status wn_audio_writer_finish(wn_audio_writer *writer, wn_error *error);

/** Free the writer; a file that was not finished is removed. NULL is allowed. */
WN_API void wn_audio_writer_free(wn_audio_writer *writer);

/** Rate of the file in Hz: the requested one, except in Opus. */
WN_API double wn_audio_writer_get_rate(const wn_audio_writer *writer);

/** Frames of the file so far. While sound is resampled, a filter holds back some milliseconds of it. */
WN_API int64_t wn_audio_writer_get_frames(const wn_audio_writer *writer);

/** Largest absolute value so far, before clipping. */
WN_API float wn_audio_writer_get_peak(const wn_audio_writer *writer);

/** Samples so far that were beyond full scale, or not finite and written as 0. */
WN_API int64_t wn_audio_writer_get_clipped(const wn_audio_writer *writer);

/** Whether samples beyond full scale are clipped; false for float files. */
WN_API bool wn_audio_writer_is_clipping(const wn_audio_writer *writer);

/** Whether both names lead to the same existing file. */
WN_API bool wn_audio_is_same_file(const char *a, const char *b);

/* ---- control tracks ------------------------------------------------------------------------------------------- */

/** Control number `control` is set to `value` at sample `frame`. */
typedef struct wn_track_event {
    int64_t frame;
    int control;
    double value;
} wn_track_event;

/** Control values over time, sorted by frame. Immutable. */
typedef struct wn_track {
    size_t n_events;
    wn_track_event *events;
} wn_track;

/** Read a CSV file: a header of `time` (seconds) and control names of `model`, then rows in ascending time. Each value holds
 *  until the next; an empty cell changes nothing; choices are given by name or number; `#` starts a comment line. */
WN_API wn_status wn_track_load(wn_track **out, const char *path, const wn_model *model, wn_error *error);

/** As wn_track_load, from `size` bytes of text. Messages call the text `name`. */
WN_API wn_status wn_track_parse(wn_track **out, const char *text, size_t size, const char *name, const wn_model *model,
                                wn_error *error);
WN_API void wn_track_free(wn_track *track);

/** Parse a value of `control`: a number in its range, the name or number of a choice, or, in semitones, a note's name such as
 *  "A4" (69) or "C#3". Messages call the text `where`. */
WN_API wn_status wn_control_parse(double *value, const wn_control *control, const char *text, const char *where,
                                  wn_error *error);

/* ---- devices -------------------------------------------------------------------------------------------------- */

/** A sound device of the system. Strings belong to the list. */
typedef struct wn_device_info {
    const char *name;
    int host;                             /**< index of its host API: 0 .. wn_device_list_get_host_count - 1 */
    int inputs, outputs;                  /**< channels; 0 = it does not record, or does not play */
    double rate;                          /**< Hz, its default */
    double input_latency, output_latency; /**< seconds recommended for interactive use */
    double high_input_latency, high_output_latency; /**< seconds recommended where delay does not matter */
    bool default_input, default_output;             /**< the system's choice where no device is named */
} wn_device_info;

/** A snapshot of the system's sound devices. One thread at a time, also among several lists. */
typedef struct wn_device_list wn_device_list;

/** List the devices. A machine without any gives an empty list. The system's sound libraries may print on stderr. */
WN_API wn_status wn_device_list_new(wn_device_list **out, wn_error *error);
WN_API void wn_device_list_free(wn_device_list *devices);

/** Number of host APIs (such as ALSA, JACK), and the name of one. */
WN_API int wn_device_list_get_host_count(const wn_device_list *devices);
WN_API const char *wn_device_list_get_host(const wn_device_list *devices, int host);

WN_API int wn_device_list_get_count(const wn_device_list *devices);

/** Device number `index`, 0 .. wn_device_list_get_count - 1. */
WN_API wn_device_info wn_device_list_get(const wn_device_list *devices, int index);

/** Whether the device can play, or record, mono at `rate` Hz now. Queries the device, which takes a moment. */
WN_API bool wn_device_list_can_play(const wn_device_list *devices, int index, double rate);
WN_API bool wn_device_list_can_record(const wn_device_list *devices, int index, double rate);

/* ---- device: an opened sound device ----------------------------------------------------------------------------- */

/** An opened device that plays, or records and plays, and calls back on a thread of its own. Opened, queried and closed by
 *  one thread. */
typedef struct wn_device wn_device;

/** One block of sound, on the device's thread. */
typedef struct wn_device_block {
    int frames;      /**< usually constant, but any number is possible */
    const float *in; /**< [frames], one channel; NULL if the device does not record */
    float *out;      /**< [frames], one channel, to be filled; a stereo device plays it on both sides */
    double delay;    /**< seconds until out[0] is heard, as far as the device knows */
} wn_device_block;

/** Called by the device's thread; must keep the rules of WN_REALTIME. */
typedef void wn_device_callback(void *user, const wn_device_block *block);

/** Which device to open, and how. Zero means the default for every field. */
typedef struct wn_device_config {
    const char *output; /**< number in the device list, name, or part of a name; NULL or "": the system's choice */
    const char *input;  /**< likewise */
    bool records;       /**< open an input as well */
    int input_channel;  /**< 0: the first */
    double rate;        /**< Hz; 0: the output's default */
    int frames;         /**< block size; 0: the device's choice */
    double latency;     /**< seconds; 0: the least that the device recommends */
} wn_device_config;

/** Properties of an opened device. Strings belong to the device. */
typedef struct wn_device_properties {
    const char *output, *input, *host; /**< names; input "" if the device does not record */
    double rate;                       /**< Hz */
    double output_latency,
        input_latency; /**< seconds, as the device states them; JACK states them only after blocks have
                                           *   been played */
} wn_device_properties;

typedef enum wn_device_state {
    WN_DEVICE_IDLE, /**< not started */
    WN_DEVICE_RUNNING,
    WN_DEVICE_LOST /**< the device is gone, or no longer requests sound */
} wn_device_state;

/** Counters since the start. The device counts its own gaps, whatever their cause. */
typedef struct wn_device_stats {
    int64_t blocks, frames, underflows, overflows;
    double load; /**< share of a block's time that the callback uses, smoothed, 0 to 1 */
} wn_device_stats;

/** Open a device. WN_ERROR_UNSUPPORTED if it does not run at the requested rate. */
WN_API wn_status wn_device_open(wn_device **out, const wn_device_config *config, wn_error *error);

/** Start calling `callback` with `user`. Once per device. */
WN_API wn_status wn_device_start(wn_device *device, wn_device_callback *callback, void *user, wn_error *error);

/** Play what the device has buffered, and close it. `callback` is not called after that. A device that was lost with its JACK
 *  server keeps its memory, because PortAudio cannot release it. NULL is allowed. */
WN_API void wn_device_close(wn_device *device);

WN_API wn_device_properties wn_device_get_properties(const wn_device *device);
WN_API wn_device_stats wn_device_get_stats(const wn_device *device);

/** The state. To be polled several times per second: a device that falls silent is recognised after 1.5 s of polling. */
WN_API wn_device_state wn_device_get_state(wn_device *device);

/* ---- player: sound generated ahead of time -> a device ------------------------------------------------------------ */

/** Runs a source on a thread of its own, ahead of the device that plays it. The source has to keep up on average, not in
 *  every block. The device's callback only copies. */
typedef struct wn_player wn_player;

/** Produce the next `frames` samples, on the player's thread, which is no audio thread: the source may block as long as it
 *  keeps up. Returns the number produced; fewer than requested ends the sound. */
typedef int wn_player_source(void *user, float *pcm, int frames);

/** Options of a player. Zero means the default for every field. Limits: 768 kHz, chunks and blocks of a million frames, a
 *  latency of an hour. */
typedef struct wn_player_config {
    wn_player_source *source; /**< required; it calls wn_generator_run, for instance */
    void *user;
    double rate;        /**< Hz of the source; required */
    double device_rate; /**< Hz of the device; default: that of the source. Otherwise the sound is resampled at constant
                         *   cost */
    int chunk;          /**< frames requested from the source at once, default 256 */
    int block;          /**< usual block size of the device in frames, default 256; longer blocks are adapted to */
    double latency;     /**< seconds of sound buffered beyond a block, default 0.2; grows by half with every underrun */
    bool realtime_priority; /**< request a real-time priority for the thread, where the system allows it */
} wn_player_config;

typedef struct wn_player_stats {
    int64_t generated;       /**< frames produced by the source */
    int64_t played;          /**< frames read, at the device's rate */
    int64_t underruns;       /**< times that too little was buffered */
    int64_t underrun_frames; /**< frames of silence read instead */
    int64_t dropped;         /**< frames that wn_player_monitor came too late for */
    double buffered;         /**< seconds of sound that are buffered */
    double target;           /**< seconds that should be buffered */
    double speed;            /**< speed of the source in times real time; 0: not known yet */
    double cpu_speed;        /**< the same measured by processor time: the speed if no other program ran */
    int64_t probes;          /**< latency probes whose sound has been played; 0: the next three are 0, too */
    double latency_last, latency_mean, latency_worst; /**< seconds from their events to the ear */
    float peak;                                       /**< largest magnitude read since the stats were last queried */
    bool prefilled;                                   /**< enough was buffered to begin */
    bool finished; /**< everything was read, or the fade-out is over: only silence follows */
} wn_player_stats;

WN_API wn_status wn_player_new(wn_player **out, const wn_player_config *config, wn_error *error);

/** Ends the thread. A device that reads from the player must be closed before. NULL is allowed. */
WN_API void wn_player_free(wn_player *player);

/** Start the source. Reading gives sound once the target is buffered, so the device may be started earlier or later. */
WN_API wn_status wn_player_start(wn_player *player, wn_error *error);

/** Read `frames` samples, of which the first is heard in `delay` seconds. On an underrun the last sound fades out in 20 ms;
 *  once the target is buffered again, the sound fades in. One thread. */
WN_API WN_REALTIME void wn_player_read(wn_player *player, float *out, int frames, double delay);

/** A wn_device_callback whose `user` is a player. */
WN_API WN_REALTIME void wn_player_callback(void *player, const wn_device_block *block);

/** End with a fade of 20 ms. */
WN_API void wn_player_fade_out(wn_player *player);

/** Called by a source: the sound it produces next answers an event at time `when`, seconds of CLOCK_MONOTONIC. */
WN_API WN_REALTIME void wn_player_probe_latency(wn_player *player, double when);

/** Take up to `frames` of the samples that were played, silence and fades included; returns how many. For a recorder on any
 *  one thread, which must call every few seconds. */
WN_API int wn_player_monitor(wn_player *player, float *pcm, int frames);

/** Any one thread. */
WN_API wn_player_stats wn_player_get_stats(wn_player *player);

/* ---- live: sound through a model while it comes in ---------------------------------------------------------------- */

/** An effect that a device's callback runs (see wn_effect_crossfade), with levels, counters and a recorder. Units are exchanged
 *  and bypassed while the sound plays; all changes crossfade.
 *  Three threads: the audio thread calls wn_live_run, the control thread sets and queries, and one thread may record with
 *  wn_live_monitor. None ever waits. */
typedef struct wn_live wn_live;

typedef struct wn_live_stats {
    int64_t frames;            /**< frames run, at the device's rate, without the silence after a fade-out */
    int64_t nonfinite_samples; /**< samples of the input or of a model's output that were not finite and became 0 */
    int64_t dropped;           /**< frames that wn_live_monitor came too late for */
    int64_t clipped;           /**< output samples beyond full scale, which the device clips */
    float peak_in, peak_out;   /**< largest magnitude since the stats were last queried */
    bool silent;               /**< wn_live_fade_out has reached silence */
} wn_live_stats;

/** Make one for a device of `rate` Hz, 4000 to 768000. It passes the dry signal. */
WN_API wn_status wn_live_new(wn_live **out, double rate, wn_error *error);

/** Frees the units it holds, too. No thread may use it any more. NULL is allowed. */
WN_API void wn_live_free(wn_live *live);

/** Control thread: as wn_effect_crossfade_send and wn_effect_crossfade_take_retired. A unit that is sent before the first
 *  wn_live_run plays from the first sample on, with all settings. */
WN_API wn_effect_unit *wn_live_send(wn_live *live, wn_effect_unit *unit);
WN_API wn_effect_unit *wn_live_take_retired(wn_live *live);

/** true: the dry signal plays, with the unit's delay and its own level, while the unit keeps running; false: the unit. */
WN_API void wn_live_set_bypass(wn_live *live, bool on);

/** Gains before and behind the unit in dB, -400 to 400. */
WN_API void wn_live_set_gains(wn_live *live, double in_db, double out_db);

/** End in silence, for good. */
WN_API void wn_live_fade_out(wn_live *live);

/** Run `frames` samples of `in` (NULL: silence) into `out`, which may be the same. The output is finite. */
WN_API WN_REALTIME void wn_live_run(wn_live *live, const float *in, float *out, int frames);

/** A wn_device_callback whose `user` is a wn_live. */
WN_API WN_REALTIME void wn_live_callback(void *live, const wn_device_block *block);

/** Recording thread: take up to `frames` frames of the input (NaN and Inf are 0) and of the output; returns how many. The
 *  first call starts the recording; wn_live_fade_out ends it with the block that reaches silence. Up to 10 seconds are
 *  buffered. */
WN_API int wn_live_monitor(wn_live *live, float *dry, float *wet, int frames);

WN_API wn_live_stats wn_live_get_stats(wn_live *live);

#ifdef __cplusplus
}
#endif
#endif
