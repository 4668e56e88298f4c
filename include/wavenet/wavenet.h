/* SPDX-License-Identifier: MIT
 * wavenet.h - model, plan, stream, generator, processor: run stacks of dilated causal convolutions in real time.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WAVENET_WAVENET_H
#define WAVENET_WAVENET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WN_API
#define WN_API __attribute__((visibility("default")))
#endif

/** Marks functions for the audio thread. They never allocate, lock, do I/O or make a system call, and their cost per frame
 *  is constant. One exception: the features of a hop are computed at the first sample of the hop. */
#define WN_REALTIME

/* ---- errors -------------------------------------------------------------------------------------------------- */

typedef enum wn_status {
    WN_OK = 0,
    WN_ERROR_MEMORY,      /**< an allocation failed */
    WN_ERROR_FILE,        /**< the operating system refused to open, read or write */
    WN_ERROR_FORMAT,      /**< a file is malformed or contradicts itself */
    WN_ERROR_UNSUPPORTED, /**< well-formed, but this library does not run it */
    WN_ERROR_ARGUMENT     /**< the caller passed a value outside the documented range */
} wn_status;

/** Describes one failure in one line. Loaders and constructors fill it. Every `error` argument may be NULL. */
typedef struct wn_error {
    wn_status status;
    char where[192];   /**< file, and field or line within it; "" where it does not apply */
    char message[320]; /**< what is wrong and what was expected, without a final full stop */
} wn_error;

/** Library version, "major.minor.patch". Static storage. */
WN_API const char *wn_version(void);

/** A short English name for `status`. Static storage. */
WN_API const char *wn_status_text(wn_status status);

/* ---- model: what the file says ------------------------------------------------------------------------------- */

/** A network and its metadata. Immutable after loading; any number of threads may share one. */
typedef struct wn_model wn_model;

typedef enum wn_output_kind {
    WN_OUTPUT_PCM,         /**< the network's output is the sample (feed-forward models) */
    WN_OUTPUT_CATEGORICAL, /**< logits over companded classes */
    WN_OUTPUT_LOGISTICS,   /**< mixture of M logistics: M logits, M means, M log scales */
    WN_OUTPUT_GAUSSIANS,   /**< mixture of M Gaussians, laid out likewise */
    WN_OUTPUT_GAUSSIAN,    /**< one Gaussian: mean, log standard deviation */
    WN_OUTPUT_COUNT        /**< number of kinds */
} wn_output_kind;

typedef enum wn_control_kind { WN_CONTROL_NUMBER, WN_CONTROL_CHOICE } wn_control_kind;

/** A named conditioning input. The strings belong to the model. */
typedef struct wn_control {
    const char *name; /**< "key" */
    const char *unit; /**< "semitones", or "" */
    wn_control_kind kind;
    double minimum, maximum;
    double default_value; /**< the value of a control that is not set; choices count from 0 to n_choices-1 */
    int n_choices;
    const char *const *choices; /**< [n_choices], NULL for a number */
} wn_control;

/** The inputs, outputs and costs of a model. The strings belong to the model. */
typedef struct wn_model_info {
    const char *name;    /**< from the file, or "" */
    double sample_rate;  /**< Hz; 0 = unknown */
    int n_classes;       /**< > 0: the input is a one-hot class 0..n_classes-1; 0: the input is PCM */
    int input_channels;  /**< PCM channels per frame (1 for classes) */
    int output_channels; /**< network outputs per frame */
    wn_output_kind output;
    int n_mixtures;       /**< M for mixtures, else 0 */
    int n_labels;         /**< > 0: the outputs are logits of classes of their own, which the model recognises */
    int delay;            /**< frames by which the output lags: output t is about input t - delay */
    int feature_channels; /**< width of the local features that the caller supplies (mel), 0 = none */
    int feature_hop;      /**< samples per feature or control frame */
    int feature_context;  /**< extra frames that the condition pipeline consumes in all (2 * cin_pad) */
    int n_speakers;       /**< > 0: the model needs a speaker id */
    int global_channels;  /**< width of the global vector */
    int n_controls;
    bool autoregressive;        /**< the output is fed back as the next input */
    int silence_class;          /**< class that silence encodes to, the default first input */
    int64_t receptive_field;    /**< samples */
    int64_t parameters;         /**< weights in the file */
    int64_t macs;               /**< multiply-accumulates per sample, conditioning counted at its own rate */
    double default_temperature; /**< recommended sampling settings; 1, 0, 1 where the file names none */
    int default_top_k;
    double default_top_p;
    int temperature_channel; /**< channel of the feature rows that the temperature follows, see wn_sampler_set_feature; -1 =
                                *   none */
    double pre_emphasis, gain; /**< of the signal that the network works on, see wn_model_emphasize; 0 and 1 = none */
    double loudness;           /**< capture: dB RMS of its output for the trainer's test signal; NaN = unknown */
    double input_level_dbu;  /**< capture: dBu (RMS, 1 kHz sine) at the gear's input that digital full scale stands for;
                                *   NaN = unknown */
    double output_level_dbu; /**< the same at the gear's output; NaN = unknown */
    const char *note;        /**< one line about how a foreign file was interpreted, or "" */
} wn_model_info;

/** Load a model file. The format (native `.safetensors`, `.nam`) is detected from the content.
 *  On failure `*out` is NULL. The caller frees the model after every plan that was made from it. */
WN_API wn_status wn_model_load(wn_model **out, const char *path, wn_error *error);

/** As wn_model_load, from `size` bytes in memory, which are copied. Messages call the data `name`. */
WN_API wn_status wn_model_load_memory(wn_model **out, const void *data, size_t size, const char *name, wn_error *error);

/** As wn_model_load, but load a reduced version of a slimmable capture, 0 <= slim <= 1. A container holds several
 *  networks, and `slim` chooses one; other slimmable captures keep that share of their channels. 1 loads the whole model.
 *  WN_ERROR_UNSUPPORTED if slim < 1 and the model is not slimmable. */
WN_API wn_status wn_model_load_slim(wn_model **out, const char *path, double slim, wn_error *error);

/** Make a model of one channel that convolves its input with `taps` [n], 1 to 65536 finite samples of an impulse response at
 *  `rate` Hz, such as that of a loudspeaker cabinet. The taps are copied. It adds no delay of its own. */
WN_API wn_status wn_model_from_impulse_response(wn_model **out, const float *taps, int n, double rate, wn_error *error);

/** Make one model of `models` [n], 1 to 64 in series: each turns sound into sound and takes as many channels as the one before
 *  gives, at one rate, and needs no conditions. It takes ownership of the models, also on failure. Such a model is written as a
 *  `.nam` file of architecture Sequential; a native file has no place for it. */
WN_API wn_status wn_model_from_chain(wn_model **out, wn_model *const *models, int n, wn_error *error);

/** Write a model atomically: to a temporary file beside `path`, flushed, then renamed. A name that ends in ".nam" is written
 *  as an amp capture, or fails with WN_ERROR_UNSUPPORTED and the reason if the model does not fit that format. Every other
 *  name is written as a native file. */
WN_API wn_status wn_model_save(const wn_model *model, const char *path, wn_error *error);

/** Free a model; NULL is allowed. */
WN_API void wn_model_free(wn_model *model);

WN_API wn_model_info wn_model_get_info(const wn_model *model);

/** Control number `index`, 0 .. n_controls-1. */
WN_API wn_control wn_model_get_control(const wn_model *model, int index);

/** Index of the control called `name`, or -1. */
WN_API int wn_model_find_control(const wn_model *model, const char *name);

/** Name of class `index`, 0 .. n_labels-1, or "" where the file names none. */
WN_API const char *wn_model_get_label(const wn_model *model, int index);

/** Width of the local condition, which a stream takes at the sample rate. 0 where the condition is the audio input itself. */
WN_API int wn_model_get_local_channels(const wn_model *model);

/** Width of the frame-rate condition, the vector that wn_stream_set_condition takes. */
WN_API int wn_model_get_held_channels(const wn_model *model);

/** Random numbers that one sample consumes: 1 for classes and a Gaussian, n_mixtures + 1 for mixtures, 0 for PCM outputs. */
WN_API int wn_model_get_noise_channels(const wn_model *model);

/** The signal that the network works on: gain * (x - pre_emphasis * previous sample). `*previous`, 0 before the first
 *  sample of a recording, is the state of the filter and is updated. Gives `x` back where the model names neither.
 *  wn_model_encode and wn_model_compress take its result; generators and processors apply it themselves. `x` is clamped to
 *  -1..1, and a non-finite one counts as 0. */
WN_API WN_REALTIME float wn_model_emphasize(const wn_model *model, float *previous, float x);

/** The PCM sample, clamped to -1..1, of a value that the network gave, as wn_model_decode or wn_model_expand returns it:
 *  the inverse of wn_model_emphasize, with a state of the same kind. */
WN_API WN_REALTIME float wn_model_deemphasize(const wn_model *model, float *previous, float y);

/** The class that value `x` (clamped to -1..1) encodes to. Models with n_classes > 0 only. */
WN_API int wn_model_encode(const wn_model *model, float x);

/** The value of class `c`. Models with n_classes > 0 only. */
WN_API float wn_model_decode(const wn_model *model, int c);

/** The network input for PCM value `x` (clamped to -1..1): mu-law compressed where the model works on compressed values,
 *  else `x` itself. Streams and wn_model_nll take compressed values; generators take and give PCM. */
WN_API float wn_model_compress(const wn_model *model, float x);

/** The PCM value of a network input or of a sampled output: the inverse of wn_model_compress. */
WN_API float wn_model_expand(const wn_model *model, float y);

/** Negative log-likelihood, in nats, of value `x` as wn_model_compress gives it (or of class `c` for class models) under
 *  the network output `y` [output_channels]. Logistic mixtures count 65 536 bins. Gaussians give a density, so the figure
 *  may be negative. NaN for PCM outputs. */
WN_API double wn_model_nll(const wn_model *model, const float *y, float x, int32_t c);

/** The probability of each class, `posteriors` [output_channels], under the network output `y` [output_channels]. The two may
 *  be the same. Models of WN_OUTPUT_CATEGORICAL only. */
WN_API void wn_model_posteriors(const wn_model *model, const float *y, float *posteriors);

/* ---- plan: how this machine runs it -------------------------------------------------------------------------- */

/** Kernel sets: one implementation of the inner loops per instruction set. */
typedef enum wn_cpu {
    WN_CPU_AUTO, /**< the newest set that this machine runs */
    WN_CPU_C,    /**< the C reference: fmaf, one element at a time */
    WN_CPU_PORTABLE, /**< for CPUs without FMA: multiply, then add. Agrees with the others within a bound, not bit for bit */
    WN_CPU_AVX2,
    WN_CPU_AVX512,
    WN_CPU_NEON,
    WN_CPU_SIMD128,     /**< WebAssembly without FMA: the samples of WN_CPU_PORTABLE */
    WN_CPU_RELAXED_SIMD /**< WebAssembly with FMA, where the browser and its processor fuse */
} wn_cpu;

/** Number format of the weights. Sums and activations are float32 in every precision. */
typedef enum wn_precision {
    WN_PRECISION_F32,
    WN_PRECISION_BF16, /**< weights rounded to bfloat16 and multiplied as float32: half the memory traffic */
    WN_PRECISION_INT8  /**< layers of 16 or more channels as 8-bit integers with one scale per output; their inputs are
                        *   quantised row by row. A quarter of the memory traffic */
} wn_precision;

/** Options of a plan. Zero means the default for every field. */
typedef struct wn_plan_config {
    int max_frames; /**< longest block of a stream (default: 1 if autoregressive, else 1024). With 8 or more, narrow effects
                     *   use a layout for blocks, in which a block costs as much as the next multiple of 8 or 16 frames */
    int voices;     /**< independent timelines that share one reading of the weights (default 1) */
    wn_cpu cpu;
    wn_precision precision; /**< default: float32 */
    int threads; /**< 2: a worker thread may share the frames of one voice, see wn_generator_run_worker (default 1) */
} wn_plan_config;

/** A model compiled for this machine: kernels chosen, weights packed, buffers laid out. Immutable; any number of threads may
 *  share one. */
typedef struct wn_plan wn_plan;

/** Make a plan. `model` must outlive it. `config` may be NULL. WN_ERROR_UNSUPPORTED if this CPU or this build lacks the
 *  requested kernel set. */
WN_API wn_status wn_plan_new(wn_plan **out, const wn_model *model, const wn_plan_config *config, wn_error *error);
WN_API void wn_plan_free(wn_plan *plan);

/** Name of the kernel set in use: "c", "portable", "avx2", "avx512", "neon", "simd128",
 *  "relaxed-simd". Static storage. */
WN_API const char *wn_plan_get_cpu(const wn_plan *plan);

/** The precision in use: float32 where no layer of the model is wide enough for the requested one. */
WN_API wn_precision wn_plan_get_precision(const wn_plan *plan);

/** 2 where a worker thread can share a frame. 1 where it was not requested, or where there is nothing to share: with
 *  several voices, and with blocks of frames. */
WN_API int wn_plan_get_threads(const wn_plan *plan);

/** Bytes that one stream of this plan allocates. */
WN_API size_t wn_plan_get_stream_bytes(const wn_plan *plan);

/** The kernel set called `text`, or -1. */
WN_API int wn_cpu_parse(const char *text);

/** Whether this build and this machine can run the kernel set. */
WN_API bool wn_cpu_is_available(wn_cpu cpu);

/** The precision called `text` ("f32", "bf16", "int8"), or -1. */
WN_API int wn_precision_parse(const char *text);

/** The name of a precision. Static storage. */
WN_API const char *wn_precision_name(wn_precision precision);

/* ---- stream: one timeline ------------------------------------------------------------------------------------ */

/** Ring buffers, scratch and a sample counter in one aligned allocation. One thread at a time. */
typedef struct wn_stream wn_stream;

/** One block of input and output. A row is one frame of one voice; voices vary fastest. */
typedef struct wn_block {
    int frames;       /**< 1 or more; a block longer than max_frames is run in parts */
    const float *pcm; /**< [frames][voices][input_channels] as wn_model_compress gives it; NULL for class models */
    const int32_t *classes; /**< [frames][voices], class models only; out-of-range values count as silence */
    const float *local; /**< [frames][voices][local channels] finite condition at the sample rate, or NULL if none */
    float *out;         /**< [frames][voices][output_channels] */
} wn_block;

/** Make a stream in its reset state. `plan` must outlive it. */
WN_API wn_status wn_stream_new(wn_stream **out, const wn_plan *plan, wn_error *error);
WN_API void wn_stream_free(wn_stream *stream);

/** Back to the first sample: every ring buffer is cleared to zeros and the count of non-finite samples to 0. Frame-rate
 *  conditions are kept. Not for the audio thread, because the cost grows with the receptive field. */
WN_API void wn_stream_reset(wn_stream *stream);

/** Put the stream into the state that endless silence leaves (PCM 0 or the silence class, a local condition of zeros, the
 *  frame-rate condition as set), so that the first samples carry no start-up transient. Every ring buffer is filled with
 *  the one row that it would converge to: the same bits as running a receptive field of silence, for the cost of one frame
 *  and of writing the rings. */
WN_API WN_REALTIME void wn_stream_prewarm(wn_stream *stream);

/** Set the frame-rate condition of `voice`, `held` [held channels] of finite values, from the next frame on. NULL: none.
 *  Costs layers x held channels x gate channels multiply-adds. */
WN_API WN_REALTIME void wn_stream_set_condition(wn_stream *stream, int voice, const float *held);

/** Run one block. The output bits depend neither on how a signal is cut into blocks, nor on the kernel set (among those with
 *  FMA), nor on the other voices. NaN and Inf in `pcm` are replaced by 0 and counted. */
WN_API WN_REALTIME void wn_stream_run(wn_stream *stream, const wn_block *block);

/** Number of non-finite input samples replaced so far. */
WN_API WN_REALTIME int64_t wn_stream_get_nonfinite_samples(const wn_stream *stream);

/* ---- conditioner: features or controls -> the conditions of a stream -------------------------------------------- */

/** Turns local features, speaker and controls of one voice into the local and frame-rate conditions that a stream takes. One
 *  thread at a time. */
typedef struct wn_conditioner wn_conditioner;

WN_API wn_status wn_conditioner_new(wn_conditioner **out, const wn_model *model, wn_error *error);
WN_API void wn_conditioner_free(wn_conditioner *conditioner);

/** Set all local features: `frames` rows of feature_channels floats, borrowed until replaced or until the conditioner is
 *  freed. */
WN_API wn_status wn_conditioner_set_features(wn_conditioner *conditioner, const float *features, int64_t frames,
                                             wn_error *error);

/** As wn_conditioner_set_features for rows that arrive while the sound is made: `features` are the rows first ..
 *  first + frames - 1 of the whole sequence, and the conditioner goes on from the sample that it is at. Row 0 of the sequence
 *  is the first one of sample 0. The rows that the following samples need must be among them: feature_context rows more
 *  than those of their own, and where a stage pads with zeros, what it reaches. */
WN_API WN_REALTIME wn_status wn_conditioner_slide_features(wn_conditioner *conditioner, const float *features,
                                                           int64_t frames, int64_t first, wn_error *error);

/** Select the embedding row of a speaker, from the next sample on. */
WN_API wn_status wn_conditioner_set_speaker(wn_conditioner *conditioner, int speaker, wn_error *error);

/** Set the global vector [global_channels] directly, from the next sample on; copied. */
WN_API wn_status wn_conditioner_set_global(wn_conditioner *conditioner, const float *vector, int channels,
                                           wn_error *error);

/** Set control `index`. Gates and pitch take effect from the next sample on, features from the next hop on. Values are
 *  clamped to the control's range; NaN sets the default. */
WN_API WN_REALTIME void wn_conditioner_set_control(wn_conditioner *conditioner, int index, double value);

/** Use measured phases for the harmonic source of the next `frames` samples instead of accumulating the nominal pitch, to
 *  score recordings: `phase` [frames][1 + harmonics] in cycles, the fundamental first, borrowed. After the last frame the
 *  nominal pitch continues. NULL ends it. */
WN_API void wn_conditioner_set_phase(wn_conditioner *conditioner, const double *phase, int64_t frames);

/** Nominal pitch of the next sample in Hz, from the controls or the features; 0 where unvoiced and for models without a
 *  harmonic source. */
WN_API double wn_conditioner_get_pitch(const wn_conditioner *conditioner);

/** Channel `channel` of the feature row that the next sample has; 0 without features. */
WN_API WN_REALTIME float wn_conditioner_get_feature(const wn_conditioner *conditioner, int channel);

/** Number of samples that the features cover; INT64_MAX without features. */
WN_API int64_t wn_conditioner_get_length(const wn_conditioner *conditioner);

/** Compute the conditions of the next sample: fills `local` [local channels]. Returns true if `held` [held channels] was
 *  written: at the first sample, after a change of speaker or global vector and, where the features are frame-rate
 *  conditions, at every hop. */
WN_API WN_REALTIME bool wn_conditioner_next(wn_conditioner *conditioner, float *local, float *held);

/** Back to sample 0. Controls keep their values; the times since note-on and note-off are cleared. */
WN_API void wn_conditioner_reset(wn_conditioner *conditioner);

/* ---- analysis: sound -> features ------------------------------------------------------------------------------- */

/** The frequency scale of mel bands. */
typedef enum wn_mel_scale {
    WN_MEL_HTK,    /**< 2595 log10(1 + f/700) */
    WN_MEL_SLANEY, /**< linear up to 1 kHz, logarithmic above (Auditory Toolbox, librosa's default) */
    WN_MEL_SCALE_COUNT
} wn_mel_scale;

/** The height of the triangles of mel bands. */
typedef enum wn_mel_norm {
    WN_MEL_PEAK, /**< 1 */
    WN_MEL_AREA, /**< 2 / width in Hz, so that each triangle has area 1 */
    WN_MEL_NORM_COUNT
} wn_mel_norm;

typedef enum wn_log_kind {
    WN_LOG_DB,    /**< 20 log10 of magnitudes, 10 log10 of powers */
    WN_LOG_LOG10, /**< log10 */
    WN_LOG_LN,    /**< natural logarithm */
    WN_LOG_KIND_COUNT
} wn_log_kind;

/** The signal beyond its ends, as windows that overlap them see it. */
typedef enum wn_edge {
    WN_EDGE_ZERO,
    WN_EDGE_REFLECT, /**< mirrored at the first and at the last sample */
    WN_EDGE_COUNT
} wn_edge;

/** How sound becomes rows of features. Row t describes samples t*hop .. (t+1)*hop-1 and holds `bands` log-mel values, then,
 *  with a pitch range, voicing (0 or 1) and log2(pitch / reference), which keeps its value while unvoiced.
 *  Band b = (log(clamp(m)) - mean) / std, m = sum over bins of triangle * (magnitude / reference)^power. */
typedef struct wn_analysis_config {
    double sample_rate;  /**< Hz */
    int hop;             /**< samples per row */
    int window;          /**< samples of the periodic Hann window */
    int fft;             /**< length of the transform: an even product of 2, 3 and 5, not below window */
    int center;          /**< samples from the first sample of a row's hop to the middle of its window */
    double pre_emphasis; /**< a of x[t] - a x[t-1], which the mel bands see; 0 = none */
    int bands;
    double low, high; /**< Hz: outer edges of the lowest and of the highest band */
    wn_mel_scale scale;
    wn_mel_norm norm;
    int power;             /**< 1: magnitudes, 2: powers */
    double reference;      /**< the magnitude that counts as 1; window/4 is that of a full-scale sine */
    double floor, ceiling; /**< of m, before the logarithm; ceiling 0 = none */
    wn_log_kind log;
    int n_mean, n_std; /**< numbers in `mean` and `std`: 0 (mean 0, std 1), 1 for all bands, or `bands` */
    const double *mean, *std;
    wn_edge edge;
    struct {
        double low, high; /**< Hz: range of the pitch tracker; high 0 = no voicing and no pitch channel */
        double reference; /**< Hz */
    } pitch;
} wn_analysis_config;

/** The analysis that gives the model its features, as conditions or as the channels of its input. False if the file has none.
 *  The lists belong to the model. */
WN_API bool wn_model_get_analysis(const wn_model *model, wn_analysis_config *config);

/** Channels of a row. */
WN_API int wn_analysis_config_get_channels(const wn_analysis_config *config);

/** A sound being analysed, mono, as it arrives. One thread at a time. */
typedef struct wn_analysis wn_analysis;

/** Make an analysis; `config` is copied. WN_ERROR_ARGUMENT if a field is out of range, WN_ERROR_UNSUPPORTED if this build
 *  has no FFT. */
WN_API wn_status wn_analysis_new(wn_analysis **out, const wn_analysis_config *config, wn_error *error);
WN_API void wn_analysis_free(wn_analysis *analysis);

/** Samples from the first sample of a row's hop to the last one that the row waits for: the latency of live features. */
WN_API int wn_analysis_get_latency(const wn_analysis *analysis);

/** Maximum number of rows that wn_analysis_run gives for `frames` samples; for wn_analysis_finish, `frames` is 0. */
WN_API WN_REALTIME int wn_analysis_get_capacity(const wn_analysis *analysis, int frames);

/** Analyse the next `frames` samples of `in`; NaN and Inf count as 0. Rows that are complete go to `rows`
 *  [capacity][channels]; returns their number. The bits do not depend on how the sound is cut into blocks. */
WN_API WN_REALTIME int wn_analysis_run(wn_analysis *analysis, const float *in, int frames, float *rows);

/** End of the sound: the rows that are left, so that there are ceil(samples / hop) in all; none if the whole sound is
 *  shorter than the window. wn_analysis_reset must follow before the next sound. */
WN_API WN_REALTIME int wn_analysis_finish(wn_analysis *analysis, float *rows);

/** Start anew. */
WN_API WN_REALTIME void wn_analysis_reset(wn_analysis *analysis);

/* ---- processor: sound through models -------------------------------------------------------------------------------- */

/** Runs a given signal through a model, or through a chain of feed-forward models such as captures of a pedal and an
 *  amplifier: one stream and one conditioner per model, for every channel. One thread at a time. */
typedef struct wn_processor wn_processor;

/** Options of a processor. Zero means the default for every field. */
typedef struct wn_processor_config {
    int channels; /**< of the sound (default: as many as the first model takes). Models of one channel run on each
                           *   channel separately */
    double rate;  /**< Hz of the sound, a whole number from 4000 to 768000; where the models have another rate, the
                           *   sound is resampled to theirs and back (default: the models' rate) */
    double default_rate; /**< Hz of models that name no rate (default: that of the sound) */
    int max_frames;      /**< longest block, 1 to 65536; longer ones are run in parts (default 1024) */
    int threads;         /**< threads that share the channels (default 1: the caller's, without locks) */
    wn_cpu cpu;
    wn_precision precision;
    bool network_values; /**< true: input and output are values of the network, as wn_model_compress gives them */
} wn_processor_config;

/** Make a processor for the chain `models` [n], which must outlive it; the array itself is not kept. `config` may be NULL.
 *  One model may be of any kind: distributions come out as the network gives them. Several models must turn sound into sound
 *  at one rate, each taking as many channels as the one before gives. */
WN_API wn_status wn_processor_new(wn_processor **out, const wn_model *const *models, int n,
                                  const wn_processor_config *config, wn_error *error);
WN_API void wn_processor_free(wn_processor *processor);

/** Channels of the output: those of the last model, for every stream side by side. */
WN_API int wn_processor_get_output_channels(const wn_processor *processor);

/** Seconds from a sample of the input to the same moment of the output: 0 unless the sound is resampled. */
WN_API double wn_processor_get_latency(const wn_processor *processor);

/** The plan of model number `model`, owned by the processor. */
WN_API const wn_plan *wn_processor_get_plan(const wn_processor *processor, int model);

/** The conditioner of model number `model` for `channel`, owned by the processor: features, speaker, global vector and
 *  controls are set there, for each channel. */
WN_API wn_conditioner *wn_processor_get_conditioner(wn_processor *processor, int channel, int model);

/** Put all streams into the state that endless silence leaves, under the conditions of the first sample; conditioners start
 *  from sample 0 again. Not for the audio thread. */
WN_API void wn_processor_prewarm(wn_processor *processor);

/** Process `frames` frames: `in` [frames][channels] into `out` [frames][output channels], which is another place. The output
 *  bits depend neither on how the sound is cut into blocks nor on the other channels. NaN and Inf count as 0. With several
 *  threads this locks, and is not for the audio thread. */
WN_API WN_REALTIME void wn_processor_run(wn_processor *processor, int frames, const float *in, float *out);

/** As wn_processor_run, for models with n_classes > 0: `classes` [frames][channels]. */
WN_API WN_REALTIME void wn_processor_run_classes(wn_processor *processor, int frames, const int32_t *classes,
                                                 float *out);

/* ---- effect: models that change while sound plays -------------------------------------------------------------------- */

enum { WN_EFFECT_BLOCK = 1024 }; /**< longest run of a unit in frames */
#define WN_EFFECT_FADE 0.02      /**< seconds of every change of a gain, and of every crossfade */

/** What an effect plays: a model or a chain of models, ready to run at the rate of its host. One thread at a time. */
typedef struct wn_effect_unit wn_effect_unit;

/** Options of a unit. Zero means the default for every field but `rate`. */
typedef struct wn_effect_unit_config {
    double rate;          /**< Hz of the sound, a whole number from 4000 to 768000; required */
    double in_db, out_db; /**< the unit's own gains before and behind its models in dB, -400 to 400 */
    int max_frames;       /**< usual length of a run, 1 to WN_EFFECT_BLOCK (default); longer runs take several passes */
    wn_cpu cpu;
} wn_effect_unit_config;

/** What the levels in the models' files are used for. */
typedef struct wn_effect_levels {
    bool normalizes; /**< the output of the last model comes to -18 dB, where its file states a loudness */
    bool calibrates; /**< the first model gets the level that its file states, */
    double dbu;      /**< from an interface whose input reaches full scale at this level */
} wn_effect_levels;

/** Whether `model` can be part of a unit: it turns one channel of sound into one, and needs no features, speaker or global
 *  vector. Messages call it `where`. */
WN_API wn_status wn_effect_unit_check(const wn_model *model, const char *where, wn_error *error);

/** Make a unit of the chain `models` [n]; with n = 0 the sound passes unchanged. Every model passes wn_effect_unit_check; those
 *  that name no rate are made for 48000 Hz. The unit is prewarmed. It takes ownership of the models, also on failure. */
WN_API wn_status wn_effect_unit_new(wn_effect_unit **out, wn_model *const *models, int n,
                                    const wn_effect_unit_config *config, wn_error *error);

/** NULL is allowed. */
WN_API void wn_effect_unit_free(wn_effect_unit *unit);

/** Attach a block of memory from malloc, which is freed with the unit. */
WN_API void wn_effect_unit_set_user(wn_effect_unit *unit, void *user);
WN_API WN_REALTIME void *wn_effect_unit_get_user(const wn_effect_unit *unit);

/** Frames from the input to the output: 0 unless the models have another rate. Any thread. */
WN_API WN_REALTIME int wn_effect_unit_get_latency(const wn_effect_unit *unit);

/** Back to the state that endless silence leaves. Not for the audio thread. */
WN_API void wn_effect_unit_prewarm(wn_effect_unit *unit);

/** Run `frames` <= WN_EFFECT_BLOCK frames of `in` into `out`, another place. NaN and Inf count as 0 where there are models.
 *  Changes of the levels fade. */
WN_API WN_REALTIME void wn_effect_unit_run(wn_effect_unit *unit, const wn_effect_levels *levels, int frames,
                                           const float *in, float *out);

/** The sound without the models: `in` [frames], as late as their output, into `out`, another place. */
WN_API WN_REALTIME void wn_effect_unit_delay(wn_effect_unit *unit, int frames, const float *in, float *out);

/** Plays a unit and crossfades to another, with gains and a bypass. The audio thread runs it. Other threads make units, send
 *  them and free those that no longer play. Neither ever waits for the other. */
typedef struct wn_effect_crossfade wn_effect_crossfade;

typedef struct wn_effect_settings {
    double in_db, out_db; /**< gains before and behind the unit, in dB */
    bool bypassed;        /**< the dry sound plays, as late as the unit's, which keeps running */
    wn_effect_levels levels;
} wn_effect_settings;

/** For sound of `rate` Hz. At first the sound passes. */
WN_API wn_status wn_effect_crossfade_new(wn_effect_crossfade **out, double rate, wn_error *error);

/** Frees every unit it holds. No thread may use it any more. NULL is allowed. */
WN_API void wn_effect_crossfade_free(wn_effect_crossfade *effect);

/** Other threads: let `unit`, which now belongs to the effect, play next. Returns the unit that was sent before and has not
 *  begun, which is the caller's again, or NULL. The fade starts once the unit that was retired last has been taken. */
WN_API wn_effect_unit *wn_effect_crossfade_send(wn_effect_crossfade *effect, wn_effect_unit *unit);

/** Other threads: the unit that no longer plays, which is the caller's again, or NULL. */
WN_API wn_effect_unit *wn_effect_crossfade_take_retired(wn_effect_crossfade *effect);

/** Audio thread: whether a unit waits to be taken. */
WN_API WN_REALTIME bool wn_effect_crossfade_has_retired(const wn_effect_crossfade *effect);

/** Audio thread: the unit that plays or is faded to. */
WN_API WN_REALTIME const wn_effect_unit *wn_effect_crossfade_get_unit(const wn_effect_crossfade *effect);

/** While the audio thread does not run it: end a fade and start from silence. The first run that follows takes the settings,
 *  and a unit that was sent, without a fade. */
WN_API void wn_effect_crossfade_reset(wn_effect_crossfade *effect);

/** Audio thread: run `frames` >= 0 frames of `in` into `out`, which may be the same. NaN and Inf count as 0, and the output is
 *  finite. Returns the number of samples, of the input, behind the first gain and of the output, that were not finite. */
WN_API WN_REALTIME int wn_effect_crossfade_run(wn_effect_crossfade *effect, const wn_effect_settings *settings,
                                               int frames, const float *in, float *out);

/* ---- sampler: a distribution -> a sample --------------------------------------------------------------------- */

/** Sampling settings. */
typedef struct wn_sampling {
    uint64_t seed;
    double temperature;       /**< >= 0; 0 = the most likely class or component mean */
    int top_k;                /**< keep the k most likely classes; 0 = all */
    double top_p;             /**< keep the smallest set of classes with probability p in all; 1 = all */
    double temperature_below; /**< temperature while the model's temperature_channel is below 0.5; 0 = `temperature` */
} wn_sampling;

/** The settings that the model file recommends, with seed 0. */
WN_API wn_sampling wn_sampling_default(const wn_model *model);

/** Draws samples from network outputs. It holds settings and scratch, no random state. One thread at a time. */
typedef struct wn_sampler wn_sampler;

/** `sampling` is copied; NULL: wn_sampling_default. */
WN_API wn_status wn_sampler_new(wn_sampler **out, const wn_model *model, const wn_sampling *sampling, wn_error *error);
WN_API void wn_sampler_free(wn_sampler *sampler);

/** Choose the temperature of the next draws by `value` of the model's temperature_channel: `temperature` from 0.5 up, which
 *  is also how a sampler starts, and `temperature_below` below. Generators do this themselves. */
WN_API WN_REALTIME void wn_sampler_set_feature(wn_sampler *sampler, float value);

/** Draw one sample from network output `y` [output_channels], with the random number (seed, voice, index) or with
 *  recorded `noise` [noise channels] if that is not NULL. Class models: sets *c and returns its decoded value. Others:
 *  returns the value in -1..1, as wn_model_compress gives it, and leaves *c untouched. Softmax and its running sum are
 *  computed in double. */
WN_API WN_REALTIME float wn_sampler_draw(wn_sampler *sampler, uint32_t voice, uint64_t index, const float *noise,
                                         const float *y, int32_t *c);

/** Full scale is 1. A sample beyond this, 60 dB above it, is no sound: the network diverges. */
#define WN_MAX_SAMPLE 1000.0f

/** The first network output that was no sound: a number that is not finite, or a sample beyond WN_MAX_SAMPLE. */
typedef struct wn_divergence {
    int64_t index; /**< of the sample, primed ones counted; -1: there was none */
    float value;   /**< that output */
} wn_divergence;

/** What a sampler has drawn from so far. The draws themselves stay in -1..1. */
WN_API wn_divergence wn_sampler_get_divergence(const wn_sampler *sampler);

/* ---- generator: stream + sampler + conditioners, output fed back --------------------------------------------- */

/** Generates all voices of a plan. One thread at a time, but for wn_generator_run_worker. */
typedef struct wn_generator wn_generator;

/** Options of a generator. Zero means the default for every field. */
typedef struct wn_generator_config {
    const wn_sampling *sampling; /**< copied; NULL: wn_sampling_default */
    int first_voice;             /**< voice v draws the random numbers of voice first_voice + v */
    const float *noise;   /**< [noise_frames][noise channels] recorded random numbers to replay, borrowed, for one
                                  *   voice; NULL: none */
    int64_t noise_frames; /**< after the last frame, random numbers are drawn again */
    bool cut_feedback;    /**< feed the first input for ever instead of the output: shows how much of a model's sound
                                  *   is autoregression and how much its conditions */
} wn_generator_config;

/** Make a generator for all voices of `plan`, which must outlive it. `config` may be NULL. WN_ERROR_ARGUMENT if the model is
 *  not autoregressive. */
WN_API wn_status wn_generator_new(wn_generator **out, const wn_plan *plan, const wn_generator_config *config,
                                  wn_error *error);
WN_API void wn_generator_free(wn_generator *generator);

/** The conditioner of `voice`, owned by the generator. */
WN_API wn_conditioner *wn_generator_get_conditioner(wn_generator *generator, int voice);

/** Feed `frames` samples [frames] of a recording to every voice, so that generation continues it. */
WN_API WN_REALTIME void wn_generator_prime(wn_generator *generator, const float *pcm, int64_t frames);

/** Generate `frames` frames: `pcm` [frames][voices] in -1..1 and, if not NULL, `classes` [frames][voices]. */
WN_API WN_REALTIME void wn_generator_run(wn_generator *generator, int64_t frames, float *pcm, int32_t *classes);

/** The divergence of the samples generated so far, of whichever voice. Not while wn_generator_run runs. */
WN_API wn_divergence wn_generator_get_divergence(const wn_generator *generator);

/** Let a worker thread share the next wn_generator_run or wn_generator_prime, which gives the same samples as without one.
 *  No effect unless wn_plan_get_threads is 2. To be called before each such run, after the wn_generator_run_worker of the
 *  run before has returned. */
WN_API void wn_generator_start_parallel(wn_generator *generator);

/** Worker thread: share the work of that run. May be called at any time after wn_generator_start_parallel, from a thread of
 *  the caller's. Returns when the run is over, immediately if it is over already. The run starts without the worker, which
 *  joins at the next frame. From then on both threads wait for each other in every frame by spinning, without a system
 *  call, so each needs a processor of its own. A thread that has spun for some tenths of a millisecond, because the other has
 *  lost its processor, yields its own, and the worker is released for the rest of the run. */
WN_API WN_REALTIME void wn_generator_run_worker(wn_generator *generator);

#ifdef __cplusplus
}
#endif
#endif
