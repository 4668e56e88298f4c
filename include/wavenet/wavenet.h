/* SPDX-License-Identifier: MIT
 * wavenet.h - model, plan, stream, generator: run stacks of dilated causal convolutions in real time.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WAVENET_WAVENET_H
#define WAVENET_WAVENET_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WN_API
#define WN_API __attribute__((visibility("default")))
#endif

/** Marks functions that never allocate, lock, do I/O or enter the kernel, and whose cost per frame is constant, but for
 *  conditions that come in hops: a hop's work is done at its first sample. */
#define WN_REALTIME

/* ---- errors -------------------------------------------------------------------------------------------------- */

typedef enum wn_status {
    WN_OK = 0,
    WN_ERROR_MEMORY,      /**< an allocation failed */
    WN_ERROR_FILE,        /**< the operating system refused to open, read or write */
    WN_ERROR_FORMAT,      /**< a file is malformed or contradicts itself */
    WN_ERROR_UNSUPPORTED, /**< well-formed, but not something this library runs */
    WN_ERROR_ARGUMENT     /**< the caller asked for something impossible */
} wn_status;

/** One clear line about what failed. Loaders and constructors fill it; `error` pointers may always be NULL. */
typedef struct wn_error {
    wn_status status;
    char where[192];   /**< file, and field or line within it; empty where it does not apply */
    char message[320]; /**< what is wrong and what was expected, without a final full stop */
} wn_error;

/** Library version, "major.minor.patch". Static storage. */
WN_API const char *wn_version(void);

/** A short static English name for `status`. */
WN_API const char *wn_status_text(wn_status status);

/* ---- model: what the file says ------------------------------------------------------------------------------- */

/** A network and its metadata. Immutable after loading; any number of threads may share one. */
typedef struct wn_model wn_model;

typedef enum wn_output_kind {
    WN_OUTPUT_PCM,         /**< the network's output is the sample (feed-forward models) */
    WN_OUTPUT_CATEGORICAL, /**< logits over companded classes */
    WN_OUTPUT_LOGISTICS,   /**< mixture of M logistics: M logits, M means, M log scales */
    WN_OUTPUT_GAUSSIANS,   /**< mixture of M Gaussians, laid out likewise */
    WN_OUTPUT_GAUSSIAN     /**< one Gaussian: mean, log standard deviation */
} wn_output_kind;

typedef enum wn_control_kind { WN_CONTROL_NUMBER, WN_CONTROL_CHOICE } wn_control_kind;

/** A conditioning input with a name. Strings belong to the model. */
typedef struct wn_control {
    const char *name; /**< "key" */
    const char *unit; /**< "semitones", or "" */
    wn_control_kind kind;
    double minimum, maximum, fallback; /**< fallback: the default; a choice counts 0 .. n_choices-1 */
    int n_choices;
    const char *const *choices; /**< [n_choices], NULL for a number */
} wn_control;

/** What a model takes and gives, and what it costs. */
typedef struct wn_model_info {
    const char *name;          /**< from the file, or "" */
    double sample_rate;        /**< Hz; 0 = unknown */
    int n_classes;             /**< > 0: input (one-hot) is a class 0..n_classes-1; 0: input is PCM */
    int input_channels;        /**< PCM channels per frame (1 for classes) */
    int output_channels;       /**< network outputs per frame */
    wn_output_kind output;
    int n_mixtures;            /**< M for mixtures, else 0 */
    int feature_channels;      /**< width of the local features given from outside (mel), 0 = none */
    int feature_hop;           /**< samples per feature or control frame */
    int feature_context;       /**< extra frames the condition pipeline consumes in all (2 * cin_pad) */
    int n_speakers;            /**< > 0: a speaker id is needed */
    int global_channels;       /**< width of the global vector */
    int n_controls;
    int autoregressive;        /**< 1: the output is fed back */
    int silence_class;         /**< class that silence encodes to, the default first input */
    int64_t receptive_field;   /**< samples */
    int64_t parameters;        /**< weights in the file */
    int64_t macs;              /**< multiply-accumulates per sample, conditioning at its own rate */
    double default_temperature;/**< recommended sampling settings; 1, 0, 1 where the file names none */
    int default_top_k;
    double default_top_p;
    double loudness;           /**< of a capture: dB RMS of its output for the trainer's test signal; NaN = unknown */
    double input_level_dbu;    /**< dBu (RMS, 1 kHz sine) at the gear's input that full scale at the model's stands for */
    double output_level_dbu;   /**< the same at the output; NaN = unknown */
    const char *note;          /**< what a reader should know about how the file was understood, one line, or "" */
} wn_model_info;

/** Load a native `.safetensors` model (or, by its content, any other format the library reads).
 *  On failure `*out` is NULL. The caller frees the model, after every plan made from it. */
WN_API wn_status wn_model_load(wn_model **out, const char *path, wn_error *error);

/** As wn_model_load, from `size` bytes in memory, which are copied. `name` is used in messages. */
WN_API wn_status wn_model_load_memory(wn_model **out, const void *data, size_t size, const char *name, wn_error *error);

/** As wn_model_load, with less of a capture that can be slimmed: 0 <= slim <= 1 picks one of the networks a container
 *  holds, or the share of channels to keep. 1 is the whole, as wn_model_load gives it. Less of a model that cannot be slimmed
 *  is WN_ERROR_UNSUPPORTED. */
WN_API wn_status wn_model_load_slim(wn_model **out, const char *path, double slim, wn_error *error);

/** Write a model atomically: a temporary file beside `path`, flushed, then renamed over it. A name that ends in ".nam" asks
 *  for an amp capture, and fails with WN_ERROR_UNSUPPORTED, saying what, where the model does not fit that format; every
 *  other name is a native file. */
WN_API wn_status wn_model_save(const wn_model *model, const char *path, wn_error *error);

/** Free a model; NULL is allowed. */
WN_API void wn_model_free(wn_model *model);

/** Facts about `model`. */
WN_API wn_model_info wn_model_get_info(const wn_model *model);

/** Control `index` of 0 .. n_controls-1. */
WN_API wn_control wn_model_get_control(const wn_model *model, int index);

/** Index of the control called `name`, or -1. */
WN_API int wn_model_find_control(const wn_model *model, const char *name);

/** The class that PCM value `x` (clamped to -1..1) encodes to. Models with n_classes > 0 only. */
WN_API int wn_model_encode(const wn_model *model, float x);

/** The PCM value of class `c`. Models with n_classes > 0 only. */
WN_API float wn_model_decode(const wn_model *model, int c);

/** What the network takes for PCM value `x` (clamped to -1..1): mu-law compressed where the model's PCM values are, else
 *  `x` itself. For streams and wn_nll; generators take and give PCM. */
WN_API float wn_model_compress(const wn_model *model, float x);

/** The PCM value of what the network takes or the sampler draws: undoes wn_model_compress. */
WN_API float wn_model_expand(const wn_model *model, float y);

/* ---- plan: how this machine runs it -------------------------------------------------------------------------- */

typedef enum wn_cpu {
    WN_CPU_AUTO,     /**< the newest set this machine has */
    WN_CPU_C,        /**< the C reference: fmaf, one element at a time */
    WN_CPU_PORTABLE, /**< multiply, then add; for CPUs without FMA. Agrees with the others to a bound, not in bits */
    WN_CPU_AVX2,
    WN_CPU_AVX512,
    WN_CPU_NEON
} wn_cpu;

/** In which numbers weights are multiplied. Sums, activations and all the rest are floats. */
typedef enum wn_precision {
    WN_PRECISION_F32,
    WN_PRECISION_BF16, /**< weights rounded to bfloat16, multiplied as floats: half the memory to read */
    WN_PRECISION_INT8 /**< layers 16 channels wide or wider in 8-bit integers, with a scale an output; their inputs are
                       *   quantised row by row. A quarter of the memory to read */
} wn_precision;

/** How a plan is to be made. Zero means the default for every field. */
typedef struct wn_plan_config {
    int max_frames; /**< longest block a stream may be run with (default 1 if autoregressive, else 1024). With 8 or more,
                     *   narrow effects are laid out for blocks: one of any length costs as much as the next multiple of 16 */
    int voices;     /**< independent timelines that share one reading of the weights (default 1) */
    wn_cpu cpu;
    wn_precision precision; /**< default: floats */
    int threads; /**< 2: a second thread may share the work of generating one voice, see wn_generator_help (default 1) */
} wn_plan_config;

/** Kernels chosen, weights packed, buffers laid out, a flat list of steps. Immutable, shareable. */
typedef struct wn_plan wn_plan;

/** Make a plan. `model` must outlive it. Fails with WN_ERROR_UNSUPPORTED if this CPU or this build lacks the wanted kernels. */
WN_API wn_status wn_plan_new(wn_plan **out, const wn_model *model, const wn_plan_config *config, wn_error *error);
WN_API void wn_plan_free(wn_plan *plan);

/** Name of the kernel set in use: "c", "portable", "avx2", "avx512", "neon". Static storage. */
WN_API const char *wn_plan_cpu(const wn_plan *plan);

/** The precision in use: floats where the model has no layer wide enough for another. */
WN_API wn_precision wn_plan_precision(const wn_plan *plan);

/** 2 where a second thread can share the work of a frame; 1 where it was not asked for, or has nothing to do: with several
 *  voices, with blocks of frames. */
WN_API int wn_plan_threads(const wn_plan *plan);

/** Bytes one stream of this plan allocates. */
WN_API size_t wn_plan_stream_bytes(const wn_plan *plan);

/** Kernel set called `text`, or -1. */
WN_API int wn_cpu_parse(const char *text);

/** Precision called `text` ("f32", "bf16", "int8"), or -1; and the name of one, static storage. */
WN_API int wn_precision_parse(const char *text);
WN_API const char *wn_precision_name(wn_precision precision);

/** 1 if this build has the kernel set and this machine can run it. */
WN_API int wn_cpu_available(wn_cpu cpu);

/* ---- stream: one timeline ------------------------------------------------------------------------------------ */

/** Ring buffers, scratch and a sample counter in one aligned allocation. One thread at a time. */
typedef struct wn_stream wn_stream;

/** One block of input and output. Rows are frames x voices, voices fastest. */
typedef struct wn_block {
    int frames;             /**< 1 or more; beyond max_frames it is run in parts */
    const float *pcm;       /**< [frames][voices][input_channels] as wn_model_compress gives it, NULL for class models */
    const int32_t *classes; /**< [frames][voices], class models only; out-of-range values count as silence */
    const float *local;     /**< [frames][voices][local channels] condition at the sample rate, finite, or NULL if none */
    float *out;             /**< [frames][voices][output_channels] */
} wn_block;

/** Make a stream in its reset state. `plan` must outlive it. */
WN_API wn_status wn_stream_new(wn_stream **out, const wn_plan *plan, wn_error *error);
WN_API void wn_stream_free(wn_stream *stream);

/** Back to the first sample: history is silence (zeros), no bad samples. Holds are kept. Not for the audio thread: clears
 *  all rings. */
WN_API void wn_stream_reset(wn_stream *stream);

/** To the state in which endless silence leaves the stream (PCM 0, or the class of silence; a local condition of zeros;
 *  held conditions as they stand), without running it: every history is filled with the one row it would hold. The bits
 *  are those of running a receptive field of silence. Costs one frame and the writing of the histories. */
WN_API WN_REALTIME void wn_stream_settle(wn_stream *stream);

/** Hold the vector `held` [held channels], finite, as the slow condition of `voice` from the next frame on; NULL: none.
 *  Costs layers x held channels x gate channels multiply-adds. */
WN_API WN_REALTIME void wn_stream_hold(wn_stream *stream, int voice, const float *held);

/** Run one block. Bits do not depend on how a signal is cut into blocks, on the kernel set (those with FMA), or on
 *  what other voices hold. NaN and Inf in `pcm` are replaced by 0 and counted. */
WN_API WN_REALTIME void wn_stream_run(wn_stream *stream, const wn_block *block);

/** Non-finite input samples replaced so far. */
WN_API WN_REALTIME int64_t wn_stream_bad_samples(const wn_stream *stream);

/** Widths of the condition a stream takes at the sample rate (0 where it is the input itself), and of the vector it holds. */
WN_API int wn_model_local_channels(const wn_model *model);
WN_API int wn_model_held_channels(const wn_model *model);

/* ---- switch: from one stream to another without a gap --------------------------------------------------------- */

/** Plays one stream and hands over to another while it plays: both run for the time of a fade. For mono models that
 *  process audio, one voice a stream. The dry signal counts as a stream, NULL; it is what sounds at first.
 *  Two threads: one plays (wn_switch_run), one commands (wn_switch_to, wn_switch_take); neither ever waits. */
typedef struct wn_switch wn_switch;

/** For blocks of up to `max_frames` (longer ones run in parts) and fades of `fade_frames`, 0 = at once. */
WN_API wn_status wn_switch_new(wn_switch **out, int max_frames, int fade_frames, wn_error *error);

/** Frees no streams: they are the caller's. Neither thread may use it any more. */
WN_API void wn_switch_free(wn_switch *sw);

/** Fade to `stream` from the next block on; settled streams start without a thump. Until wn_switch_take gives it back, the
 *  stream belongs to the playing thread. Returns 0, and changes nothing, if an earlier wish still waits; a wish waits until
 *  the fade before it is over and the stream that ended has been taken. */
WN_API int wn_switch_to(wn_switch *sw, wn_stream *stream);

/** 1 if a fade is over: *retired is the stream that no longer sounds (NULL: the dry signal). 0 if there is none. */
WN_API int wn_switch_take(wn_switch *sw, wn_stream **retired);

/** Play `frames` samples of `in` into `out`, which may be the same. NaN and Inf in `in` count as 0. */
WN_API WN_REALTIME void wn_switch_run(wn_switch *sw, int frames, const float *in, float *out);

/* ---- conditioner: features or controls -> what a stream takes ------------------------------------------------ */

/** Turns local features, speaker and controls of one voice into `local` rows and `held` vectors. One thread at a time. */
typedef struct wn_conditioner wn_conditioner;

WN_API wn_status wn_conditioner_new(wn_conditioner **out, const wn_model *model, wn_error *error);
WN_API void wn_conditioner_free(wn_conditioner *conditioner);

/** Give all local features: `frames` rows of feature_channels floats, borrowed until freed or replaced. */
WN_API wn_status wn_conditioner_features(wn_conditioner *conditioner, const float *features, int64_t frames, wn_error *error);

/** Choose a speaker's embedding row, from the next sample on. */
WN_API wn_status wn_conditioner_speaker(wn_conditioner *conditioner, int speaker, wn_error *error);

/** Give the global vector [global_channels] directly, from the next sample on; copied. */
WN_API wn_status wn_conditioner_global(wn_conditioner *conditioner, const float *vector, int channels, wn_error *error);

/** Set control `index`: gates and pitch act from the next sample on, features from the next hop on. Values are clamped to
 *  the control's range, NaN becomes the default. */
WN_API WN_REALTIME void wn_conditioner_control(wn_conditioner *conditioner, int index, double value);

/** Follow these measured phases, [frames][1 + harmonics] in cycles (the fundamental, then each harmonic of the
 *  excitation), borrowed, instead of accumulating the nominal pitch; past their end the nominal pitch goes on. For scoring
 *  recordings with models that have harmonic excitation. NULL ends it. */
WN_API void wn_conditioner_phase(wn_conditioner *conditioner, const double *phase, int64_t frames);

/** Nominal pitch of the next sample in Hz, from the controls; 0 for models without harmonic excitation. */
WN_API double wn_conditioner_pitch(const wn_conditioner *conditioner);

/** Samples for which the features last; INT64_MAX without features. */
WN_API int64_t wn_conditioner_length(const wn_conditioner *conditioner);

/** The condition of the next sample: fills `local` [local channels], and returns 1 if `held` [held channels] was
 *  (re)written, as it is at the first sample, after another speaker or global vector, and, where features are held, at
 *  every hop; else 0. The features of a hop are worked out at its first sample. */
WN_API WN_REALTIME int wn_conditioner_next(wn_conditioner *conditioner, float *local, float *held);

/** Back to sample 0; controls keep their values, gate ages are forgotten. */
WN_API void wn_conditioner_reset(wn_conditioner *conditioner);

/* ---- sampler: a distribution -> a sample --------------------------------------------------------------------- */

/** Sampling settings. wn_sampling_default gives those the model recommends. */
typedef struct wn_sampling {
    uint64_t seed;
    double temperature; /**< >= 0; 0 = the most likely class or component mean */
    int top_k;          /**< keep the k most likely classes; 0 = all */
    double top_p;       /**< keep the smallest set of classes that holds p; 1 = all */
} wn_sampling;

WN_API wn_sampling wn_sampling_default(const wn_model *model);

/** Numbers one draw consumes: 1 for classes and a Gaussian, mixtures + 1 for mixtures; 0 for PCM outputs. */
WN_API int wn_sampling_draws(const wn_model *model);

/** Draws samples; holds only settings and scratch, no random state. One thread at a time. */
typedef struct wn_sampler wn_sampler;

WN_API wn_status wn_sampler_new(wn_sampler **out, const wn_model *model, const wn_sampling *sampling, wn_error *error);
WN_API void wn_sampler_free(wn_sampler *sampler);

/** Draw one sample from network output `y` [output_channels] with random number (seed, voice, index), or with the
 *  recorded `draws` [wn_sampling_draws] if not NULL. Classes: `*c` is set and its decoded value returned; else the
 *  value in -1..1, as wn_model_compress gives them, `*c` untouched. Softmax and its running sum are taken in double. */
WN_API WN_REALTIME float wn_sampler_draw(wn_sampler *sampler, uint32_t voice, uint64_t index, const float *draws,
                                         const float *y, int32_t *c);

/** Negative log-likelihood in nats of value `x` as wn_model_compress gives it (or class `c`, class models) under output
 *  `y`. Logistic mixtures count 65 536 bins; Gaussians give a density, so that the figure may be negative. NaN for PCM
 *  outputs. */
WN_API double wn_nll(const wn_model *model, const float *y, float x, int32_t c);

/* ---- generator: stream + sampler + conditioners, output fed back --------------------------------------------- */

typedef struct wn_generator wn_generator;

/** Make a generator for all voices of `plan`. Voice v draws the random numbers of voice `first_voice + v`. */
WN_API wn_status wn_generator_new(wn_generator **out, const wn_plan *plan, const wn_sampling *sampling, int first_voice,
                                  wn_error *error);
WN_API void wn_generator_free(wn_generator *generator);

/** The conditioner of `voice`, owned by the generator. */
WN_API wn_conditioner *wn_generator_conditioner(wn_generator *generator, int voice);

/** Feed `frames` samples [frames] of a recording to every voice, so that generation continues it. */
WN_API WN_REALTIME void wn_generator_prime(wn_generator *generator, const float *pcm, int64_t frames);

/** Replay recorded random numbers, [frames][draws], borrowed; for one voice. NULL ends it. */
WN_API void wn_generator_draws(wn_generator *generator, const float *draws, int64_t frames);

/** 0: the network hears its first input for ever instead of what was drawn, which tells how much of a model's sound is
 *  autoregression and how much its conditions. 1, the default: the output is fed back. */
WN_API void wn_generator_feedback(wn_generator *generator, int on);

/** Generate `frames` frames: `pcm` [frames][voices] in -1..1 and, if not NULL, `classes` [frames][voices]. */
WN_API WN_REALTIME void wn_generator_run(wn_generator *generator, int64_t frames, float *pcm, int32_t *classes);

/** Let a second thread share the work of the next wn_generator_run or _prime, with the same samples as without. For plans
 *  with two threads, else nothing happens. Called before each such run, after wn_generator_help of the one before has
 *  returned. */
WN_API void wn_generator_share(wn_generator *generator);

/** Share the work of that run: from a second thread, the caller's own, at any time after wn_generator_share. Returns when the
 *  run is over, at once if it is already. The run begins without it and goes on with it from the frame at which it comes. From
 *  then on the two wait for each other at every frame, busily, without a system call: each needs a processor of its own. While
 *  one of them has lost it the other stands still; who has waited for some tenths of a millisecond offers its own to the
 *  system, and such a helper is let go for the rest of the run. */
WN_API WN_REALTIME void wn_generator_help(wn_generator *generator);

#ifdef __cplusplus
}
#endif
#endif
