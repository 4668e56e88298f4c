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

/** What a sound file was before it became what was asked for. */
typedef struct wn_audio_facts {
    double rate;    /**< Hz, of the file */
    int channels;   /**< of the file */
    int64_t frames; /**< of the file, at its own rate; 0 = unknown, as of a stream */
    int bits;       /**< 16, 24 or 32 (float) as for writing: what comes nearest to the file's own, 16 for lossy formats */
    int mixed;      /**< 1: its channels were mixed down to one (their mean) */
    int resampled;  /**< 1: it was resampled to the rate asked for */
} wn_audio_facts;

/** How a file is to be read. Zero means the default for every field. */
typedef struct wn_audio_reading {
    double rate;  /**< Hz wanted; 0 = the file's own */
    int separate; /**< 1: frames of the file's channels; 0: mixed down to one */
    int mend;     /**< 1: NaN and Inf become 0 and are counted; 0: they are refused, with their place */
    int raw;      /**< 1: the bytes are as in `.f32`, whatever the name */
} wn_audio_reading;

/** Reads a file as floats, block by block. One thread at a time. */
typedef struct wn_audio_reader wn_audio_reader;

/** Open any format libsndfile reads, or `.f32`: raw little-endian float32, mono, at `rate` (48000 Hz where that is 0).
 *  `-` is standard input, of a format that can be read without seeking, as WAV can. Files without samples are refused. */
WN_API wn_status wn_audio_reader_open(wn_audio_reader **out, const char *path, const wn_audio_reading *reading,
                                      wn_error *error);

/** As wn_audio_reader_open, mono, at `rate` Hz or at the file's own rate if that is 0; NaN and Inf are refused. */
WN_API wn_status wn_audio_reader_new(wn_audio_reader **out, const char *path, double rate, wn_error *error);
WN_API void wn_audio_reader_free(wn_audio_reader *reader);

WN_API wn_audio_facts wn_audio_reader_facts(const wn_audio_reader *reader);

/** Read up to `frames` frames into `pcm` [frames][channels], channels being 1 unless they were to stay separate;
 *  *got < frames only at the end. Without resampling, no more is taken from a stream than is asked for. */
WN_API wn_status wn_audio_reader_read(wn_audio_reader *reader, float *pcm, int64_t frames, int64_t *got, wn_error *error);

/** Frames of the file, at its own rate, read so far. */
WN_API int64_t wn_audio_reader_position(const wn_audio_reader *reader);

/** Samples that were not finite and became 0 so far. */
WN_API int64_t wn_audio_reader_mended(const wn_audio_reader *reader);

/** The whole file: *pcm [*frames], freed with free(). `facts` may be NULL. */
WN_API wn_status wn_audio_read(float **pcm, int64_t *frames, wn_audio_facts *facts, const char *path, double rate,
                               wn_error *error);

/* ---- writing -------------------------------------------------------------------------------------------------- */

/** How samples are stored. Zero means 16 bit where the format has a choice (float for `.f32`). */
typedef enum wn_audio_bits { WN_AUDIO_DEFAULT = 0, WN_AUDIO_16 = 16, WN_AUDIO_24 = 24, WN_AUDIO_FLOAT = 32 } wn_audio_bits;

typedef struct wn_audio_config {
    double rate;        /**< Hz, a whole number */
    int channels;       /**< of what is written; limits: 8 for FLAC, 255 for Ogg */
    wn_audio_bits bits;
    int raw;            /**< 1: samples only, no header (little-endian) */
    int64_t frames;     /**< expected length, 0 = unknown; WAV files over 4 GB become RF64 */
} wn_audio_config;

/** Writes a file block by block, in memory that does not grow. The bytes go to a temporary file beside the final one,
 *  which gets its name only in wn_audio_writer_finish. Devices and pipes are written directly. */
typedef struct wn_audio_writer wn_audio_writer;

/** Make a writer. The format follows the name: `.wav`, `.flac`, `.ogg`, `.oga` (Vorbis), `.opus` (resampled to 48 kHz),
 *  `.aiff`, `.aif`, `.f32` (raw float), `.raw`; `-` is a WAV stream of open length on standard output. */
WN_API wn_status wn_audio_writer_new(wn_audio_writer **out, const char *path, const wn_audio_config *config,
                                     wn_error *error);

/** Write `frames` frames of pcm [frames][channels], full scale -1..1. Values beyond are clipped, except in float files;
 *  either way they are counted. */
WN_API wn_status wn_audio_writer_write(wn_audio_writer *writer, const float *pcm, int64_t frames, wn_error *error);

/** Complete the file and give it its name. Every error of the disk has been seen when this returns WN_OK. */
WN_API wn_status wn_audio_writer_finish(wn_audio_writer *writer, wn_error *error);

/** Free; a file that was not finished vanishes. NULL is allowed. */
WN_API void wn_audio_writer_free(wn_audio_writer *writer);

/** Rate of the file, Hz: the one asked for, except in Opus. */
WN_API double wn_audio_writer_rate(const wn_audio_writer *writer);

/** Samples beyond full scale (or not finite, written as 0) so far. */
WN_API int64_t wn_audio_writer_clipped(const wn_audio_writer *writer);

/** 1 if samples beyond full scale are clipped, 0 for float files, which keep them. */
WN_API int wn_audio_writer_clips(const wn_audio_writer *writer);

/** 1 if both names lead to the same existing file. */
WN_API int wn_audio_same_file(const char *a, const char *b);

/* ---- control tracks ------------------------------------------------------------------------------------------- */

/** Control `control` takes `value` at sample `frame`. */
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

/** As wn_track_load, from `size` bytes of text. `name` is used in messages. */
WN_API wn_status wn_track_parse(wn_track **out, const char *text, size_t size, const char *name, const wn_model *model,
                                wn_error *error);
WN_API void wn_track_free(wn_track *track);

/** The value that `text` gives `control`: a number in its range, or the name or number of a choice. `where` names it. */
WN_API wn_status wn_control_parse(double *value, const wn_control *control, const char *text, const char *where,
                                  wn_error *error);

/* ---- devices -------------------------------------------------------------------------------------------------- */

/** A sound device. Strings belong to the list. */
typedef struct wn_device {
    const char *name;
    int host;                               /**< number of its host API: 0 .. wn_devices_hosts - 1 */
    int inputs, outputs;                    /**< most channels; 0 = it does not record, or play */
    double rate;                            /**< Hz it prefers */
    double input_latency, output_latency;   /**< seconds it can run with without glitches in interactive use */
    double longest_input_latency, longest_output_latency; /**< seconds recommended where delay does not matter */
    int default_input, default_output;      /**< 1: the system's choice where none is named */
} wn_device;

/** The system's sound devices at one moment. One thread at a time, also among several lists. */
typedef struct wn_devices wn_devices;

/** List them. A machine without any gives a list of none. The system's sound libraries may print on stderr. */
WN_API wn_status wn_devices_new(wn_devices **out, wn_error *error);
WN_API void wn_devices_free(wn_devices *devices);

/** Host APIs (as ALSA, JACK), and the name of one. */
WN_API int wn_devices_hosts(const wn_devices *devices);
WN_API const char *wn_devices_host(const wn_devices *devices, int host);

WN_API int wn_devices_count(const wn_devices *devices);

/** Device `index` of 0 .. wn_devices_count - 1. */
WN_API wn_device wn_devices_get(const wn_devices *devices, int index);

/** 1 if the device plays, or records, mono at `rate` Hz now. Asks the device, which takes a moment. */
WN_API int wn_devices_plays(const wn_devices *devices, int index, double rate);
WN_API int wn_devices_records(const wn_devices *devices, int index, double rate);

/* ---- line: a sound device in use -------------------------------------------------------------------------------- */

/** A sound device that plays, or records and plays, on a thread of its own. Opened, asked and closed by one thread. */
typedef struct wn_line wn_line;

/** One block of sound, on the device's thread. */
typedef struct wn_line_block {
    int frames;      /**< mostly the same; any number must be coped with */
    const float *in; /**< [frames], one channel; NULL where nothing is recorded */
    float *out;      /**< [frames], one channel, to be filled; a stereo device plays it on both sides */
    double delay;    /**< seconds until out[0] is heard, as far as the device knows */
} wn_line_block;

/** Called by the device's thread, for which the rules of WN_REALTIME hold. */
typedef void wn_line_run(void *user, const wn_line_block *block);

/** Which device, and how. Zero means the default for every field. */
typedef struct wn_line_config {
    const char *output; /**< number in wn_devices, name, or a part of one; NULL or "": the system's choice */
    const char *input;  /**< likewise */
    int records;        /**< 1: opens an input, too */
    int input_channel;  /**< 0: the first */
    double rate;        /**< Hz; 0: what the output prefers */
    int frames;         /**< of a block; 0: the device's choice */
    double latency;     /**< seconds; 0: the least the device recommends */
} wn_line_config;

typedef struct wn_line_facts {
    const char *output, *input, *host;    /**< names, the line's; input "" where nothing is recorded */
    double rate;                          /**< Hz */
    double output_latency, input_latency; /**< seconds, as the device states them; of JACK only once blocks have come */
} wn_line_facts;

typedef enum wn_line_state {
    WN_LINE_IDLE,    /**< not started */
    WN_LINE_RUNNING,
    WN_LINE_LOST     /**< the device is gone, or no longer asks for sound */
} wn_line_state;

/** Since the line was started. The device counts gaps of its own, whoever is to blame for them. */
typedef struct wn_line_counts {
    int64_t blocks, frames, underflows, overflows;
    double load; /**< share of a block's time that is used up, smoothed, 0 to 1 */
} wn_line_counts;

/** Open a device. One that does not run at the wanted rate is WN_ERROR_UNSUPPORTED. */
WN_API wn_status wn_line_open(wn_line **out, const wn_line_config *config, wn_error *error);

/** Begin to call `run` with `user`. Once. */
WN_API wn_status wn_line_start(wn_line *line, wn_line_run *run, void *user, wn_error *error);

/** Play what the device already has, and give it back. After that `run` is not called. A line that was lost with its JACK
 *  server keeps its memory, as PortAudio cannot give it back. NULL is allowed. */
WN_API void wn_line_close(wn_line *line);

WN_API wn_line_facts wn_line_get_facts(const wn_line *line);
WN_API wn_line_counts wn_line_get_counts(const wn_line *line);

/** To be asked several times a second: a device that falls silent is found out after a second and a half of asking. */
WN_API wn_line_state wn_line_get_state(wn_line *line);

/* ---- player: sound made ahead of time -> a line ------------------------------------------------------------------ */

/** Lets a source make sound on a thread of its own, ahead of the line that plays it: what is generated sample by sample need
 *  not be in time for every block, only in the long run. The line's callback copies. */
typedef struct wn_player wn_player;

/** Makes the next `frames` samples, on the player's thread, for which no rule holds but that it must keep up. Returns how
 *  many it made; fewer than asked for is the end. */
typedef int wn_player_source(void *user, float *pcm, int frames);

/** How sound is made and read. Zero means the default for every field. Rates up to 768 kHz, chunks and blocks up to a million
 *  frames, at most an hour ahead. */
typedef struct wn_player_config {
    wn_player_source *source; /**< as wn_generator_run and a line of your own; no default */
    void *user;
    double rate;      /**< Hz of the source; no default */
    double line_rate; /**< Hz of the reader; default: that of the source. Else the sound is resampled, at constant cost */
    int chunk;        /**< frames asked of the source at once, default 256 */
    int block;        /**< frames the reader takes at once, mostly; default 256. Longer ones are found out when they come */
    double latency;   /**< seconds of sound kept ready beyond a block, default 0.2; grows by half with every underrun */
    int urgent;       /**< 1: the thread gets a real-time priority, where the system allows it */
} wn_player_config;

typedef struct wn_player_counts {
    int64_t made;      /**< frames of the source */
    int64_t played;    /**< frames of it that were read, at the line's rate */
    int64_t underruns; /**< times there was too little to read */
    int64_t missing;   /**< frames of silence that were read instead */
    int64_t unheard;   /**< frames that wn_player_heard came too late for */
    double ready;      /**< seconds of sound that wait */
    double wanted;     /**< seconds that are to be kept ready */
    double speed;      /**< times real time, of the source; 0: not known yet */
    double alone;      /**< the same by the processor time of its thread: what it would be if no other program ran */
    int64_t marks;     /**< wn_player_mark calls whose sound has left; the rest 0 without any */
    double mark_last, mark_mean, mark_worst; /**< seconds from their events to the ear */
    float peak;        /**< largest sample read since the last time this was asked */
    int ready_once;    /**< 1: enough has been made to begin */
    int over;          /**< 1: everything has been read, or faded; from now on there is silence */
} wn_player_counts;

WN_API wn_status wn_player_new(wn_player **out, const wn_player_config *config, wn_error *error);

/** Ends the thread. A line that reads must be closed before. NULL is allowed. */
WN_API void wn_player_free(wn_player *player);

/** Begin to make sound. It is read from the moment on when what is wanted is ready, so nothing is lost if the line is
 *  started earlier or later. */
WN_API wn_status wn_player_start(wn_player *player, wn_error *error);

/** Read `frames` samples, of which the first is heard in `delay` seconds. Where too little is ready, what was last heard
 *  fades away in 20 ms; when as much as is wanted is ready again, sound comes back with a fade. One thread. */
WN_API WN_REALTIME void wn_player_read(wn_player *player, float *out, int frames, double delay);

/** The callback for a line whose `user` is a player. */
WN_API WN_REALTIME void wn_player_play(void *player, const wn_line_block *block);

/** End with a fade of 20 ms. */
WN_API void wn_player_fade(wn_player *player);

/** Called by a source: what it makes next answers an event that came at `when`, seconds of CLOCK_MONOTONIC. */
WN_API WN_REALTIME void wn_player_mark(wn_player *player, double when);

/** Take up to `frames` of the samples that were read, faded and silent ones among them; returns how many. For a recorder
 *  on any one thread, which must come every few seconds. */
WN_API int wn_player_heard(wn_player *player, float *pcm, int frames);

/** Any one thread. */
WN_API wn_player_counts wn_player_get_counts(wn_player *player);

/* ---- duplex: sound through a model while it comes in ----------------------------------------------------------- */

/** Runs within a device's callback: gain, model, gain, and where the device's rate is not the model's a converter before
 *  and one behind. At one rate no delay is added. Models can be switched while it sounds, and bypassed; all changes fade.
 *  For mono models that process audio, one voice a stream.
 *  Three threads: one plays (wn_duplex_run), one commands and asks, one may record (wn_duplex_heard); none ever waits. */
typedef struct wn_duplex wn_duplex;

/** Zero means the default for every field but `rate`. */
typedef struct wn_duplex_config {
    double rate;      /**< Hz of the models */
    double line_rate; /**< Hz of the device (default: as the models). Where they differ both are whole, 4000 .. 768000 */
    int max_frames;   /**< longest block that is run in one part, 1 .. 65536 (default 1024) */
    double fade;      /**< seconds of every change, up to 10 (default 0.02) */
} wn_duplex_config;

typedef struct wn_duplex_counts {
    int64_t frames;          /**< run so far, at the device's rate, but for those of silence behind the end */
    int64_t mended;          /**< samples not finite, of the input or of what a model made of it, replaced by 0 */
    int64_t unheard;         /**< frames that wn_duplex_heard came too late for */
    int64_t clipped;         /**< samples of the output beyond full scale, which the device clips */
    float peak_in, peak_out; /**< largest magnitude since the counts were last asked for */
    int silent;              /**< 1: wn_duplex_fade has ended in silence */
} wn_duplex_counts;

/** Make one that passes on the dry signal. */
WN_API wn_status wn_duplex_new(wn_duplex **out, const wn_duplex_config *config, wn_error *error);

/** Frees no streams: they are the caller's. No thread may use it any more. NULL is allowed. */
WN_API void wn_duplex_free(wn_duplex *duplex);

/** The commanding thread: as wn_crossfade_start and wn_crossfade_take_retired. A stream's plan has frames for a block at the models' rate:
 *  wn_duplex_block of them, or fewer, then it is run in parts. */
WN_API int wn_duplex_to(wn_duplex *duplex, wn_stream *stream);
WN_API int wn_duplex_take(wn_duplex *duplex, wn_stream **retired);

/** Most frames that a stream is run with at once. */
WN_API int wn_duplex_block(const wn_duplex *duplex);

/** 1: the dry signal sounds, as late as the model's and at its own level, while the model goes on hearing; 0: the model. */
WN_API void wn_duplex_bypass(wn_duplex *duplex, int on);

/** Gains before and behind the model in dB, finite, at most 400 either way. */
WN_API void wn_duplex_gains(wn_duplex *duplex, double in_db, double out_db);

/** End in silence, for good. */
WN_API void wn_duplex_fade(wn_duplex *duplex);

/** Before the first wn_duplex_run: what was commanded so far is in force from the first sample on, without a fade. Runs
 *  silence through the model, which takes as long as a fade; settled streams do not notice. */
WN_API void wn_duplex_settle(wn_duplex *duplex);

/** Seconds that the converters are late by: 0 at one rate. */
WN_API double wn_duplex_latency(const wn_duplex *duplex);

/** Run `frames` samples of `in` (NULL: silence) into `out`, which may be the same. The output is finite. */
WN_API WN_REALTIME void wn_duplex_run(wn_duplex *duplex, const float *in, float *out, int frames);

/** The callback for a line whose `user` is a duplex. */
WN_API WN_REALTIME void wn_duplex_play(void *duplex, const wn_line_block *block);

/** The recording thread: take up to `frames` frames of what came in (NaN and Inf are 0 there) and of what went out;
 *  returns how many there were. The first call begins the recording, wn_duplex_fade ends it with the block in which silence is
 *  reached; up to 10 seconds wait to be taken. */
WN_API int wn_duplex_heard(wn_duplex *duplex, float *dry, float *wet, int frames);

/** What happened so far. */
WN_API wn_duplex_counts wn_duplex_get_counts(wn_duplex *duplex);

#ifdef __cplusplus
}
#endif
#endif
