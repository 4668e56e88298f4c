/* SPDX-License-Identifier: MIT
 * model.h - the description of one network: every family of WaveNet is a set of values of these fields.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_MODEL_H
#define WN_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "kinds/activation.h"
#include "model/distribution.h"
#include "wavenet/wavenet.h"

/* Everything a description owns (structs, strings, weights) lives in the model's arena and is freed with it. */

/* ---- convolution --------------------------------------------------------------------------------------------- */

/* A causal convolution. y[t][o] = bias[o] + sum_k sum_i weight[o][i][k] * x[t - (kernel-1-k)*dilation][g(o)*in/groups + i].
 * Absent where out == 0. Tap kernel-1 is the present frame. */
typedef struct wn_conv {
    int in, out;
    int kernel, dilation, groups;
    bool has_bias;
    float *weight; /* [out][in/groups][kernel] */
    float *bias;   /* [out] or NULL */
} wn_conv;

typedef struct wn_act {
    wn_act_kind kind;
    float p[WN_ACT_PARAMETERS]; /* as the rows of kinds/activation.h list them */
    int n_slopes;
    float *slopes; /* [n_slopes], WN_ACT_PER_CHANNEL only; one slope serves all channels */
} wn_act;

/* ---- layer --------------------------------------------------------------------------------------------------- */

typedef enum wn_gating { WN_GATING_NONE, WN_GATING_GATED, WN_GATING_BLENDED } wn_gating;

/* Feature-wise linear modulation: y = x * scale + shift, scale (and shift) = conv(condition). conv.out = d or 2d. */
typedef struct wn_film {
    bool active, shift;
    wn_conv conv; /* 1x1, local condition -> d (scale) or 2d (scale, then shift) */
} wn_film;

/* The eight places FiLM may sit at, in the order of the .nam format. */
enum {
    WN_FILM_CONV_PRE,
    WN_FILM_CONV_POST,
    WN_FILM_MIXIN_PRE,
    WN_FILM_MIXIN_POST,
    WN_FILM_ACT_PRE,
    WN_FILM_ACT_POST,
    WN_FILM_RESIDUAL_POST,
    WN_FILM_SKIP_POST,
    WN_FILM_COUNT
};

/* Input h[t] (channels), local condition c[t], held condition g:
 *   u    = bias + G g + V c[t] + conv taps, oldest first
 *   z    = act(u) | act(u[0:B]) * gate(u[B:2B]) | a*act(u[0:B]) + (1-a)*u[0:B], a = gate(u[B:2B])
 *   skip = running sum of skip_scale * (skip z) or of z where the skip conv is absent
 *   h'   = residual_scale * (h + residual z), or h where the residual conv is absent, or z where plain */
typedef struct wn_layer {
    wn_conv conv;  /* channels -> B, or 2B if gated or blended */
    wn_conv mixin; /* V, 1x1, local condition -> conv.out, no bias of its own; may be absent */
    wn_conv held;  /* G, 1x1, held condition -> conv.out, no bias of its own; may be absent */
    wn_gating gating;
    wn_act act, gate;
    int bottleneck;   /* B */
    wn_conv skip;     /* 1x1 B -> skip channels; absent: skip gets z itself */
    wn_conv residual; /* 1x1 B -> channels; absent: h passes unchanged */
    float residual_scale, skip_scale;
    bool plain; /* h' = z, no residual, no skip */
    wn_film film[WN_FILM_COUNT];
} wn_layer;

/* ---- stack --------------------------------------------------------------------------------------------------- */

typedef enum wn_skip_sum {
    WN_SKIP_SUM,    /* sum of the layers' skips, times skip_out_scale */
    WN_SKIP_RUNNING /* s = skip_0; s = (s + skip_i) * sqrt(1/2): the 2018 line of wavenet_vocoder */
} wn_skip_sum;

/* rechannel, layers, skip combination, head conv. A stack after the first takes the residual output of the one
 * before as its input and starts its skip sum from that one's head output (skip_channels wide). */
typedef struct wn_stack {
    wn_conv rechannel; /* network input (or the residual of the stack before) -> channels; any kernel */
    int channels;      /* residual width R */
    int skip_channels; /* S */
    int n_layers;
    wn_layer *layers; /* [n_layers] */
    wn_skip_sum skip_sum;
    float skip_out_scale; /* sqrt(1/L), or 1 */
    bool plain_output;    /* the stack's output is its last h, not the skip sum (plain conv nets) */
    wn_conv head;         /* skip -> output of the stack; may be absent (output = skip sum); any kernel, dilation */
} wn_stack;

typedef struct wn_head_layer {
    wn_act act; /* applied first */
    wn_conv conv;
} wn_head_layer;

/* ---- conditions ---------------------------------------------------------------------------------------------- */

typedef enum wn_stage_kind {
    WN_STAGE_CONV,          /* conv over frames + act. "valid": kernel-1 frames of context are consumed, output t sees
                            * input t .. t+kernel-1. kernel 1 is a hidden layer at frame rate. dilation 1, groups 1. */
    WN_STAGE_UPSAMPLE,      /* each frame becomes `factor` frames: repeated, or interpolated linearly to the next
                            * (out[t*factor + j] = in[t] + j/factor * (in[t+1] - in[t]); the last frame is held) */
    WN_STAGE_CONV_2D,       /* one 2-D kernel [height][width] slides over (channel, frame), both odd, zero padding of
                            * half of each: y[f][t] = b + sum_ij w[i][j] x[f+i-(height-1)/2][t+j-(width-1)/2], then act */
    WN_STAGE_TRANSPOSED_2D, /* y[f][factor*t+j] = act(b + sum_i w[i][j] x[f-i+(height-1)/2][t]), width == factor */
    WN_STAGE_TRANSPOSED, /* transposed conv over frames: y[factor*t + j] += w[:, :, j] x[t], weight [in][out][kernel],
                            * cut `trim` samples at the start, output length exactly factor * frames; + bias, act */
    WN_STAGE_CROP,       /* drop `trim` frames at each end */
    WN_STAGE_COUNT
} wn_stage_kind;

typedef struct wn_stage {
    wn_stage_kind kind;
    wn_conv conv;      /* CONV; TRANSPOSED: in, out, kernel, weight [in][out][kernel], bias [out] */
    int factor;        /* UPSAMPLE, TRANSPOSED, TRANSPOSED_2D */
    bool linear;       /* UPSAMPLE */
    int height, width; /* CONV_2D, TRANSPOSED_2D */
    float *kernel;     /* CONV_2D, TRANSPOSED_2D: [height][width] */
    float *bias;       /* CONV_2D, TRANSPOSED_2D: [1] or NULL */
    int trim;          /* TRANSPOSED, CROP */
    wn_act act;
} wn_stage;

typedef enum wn_feature_kind {
    WN_FEATURE_SCALED,   /* ((value - offset) * scale) ^ power */
    WN_FEATURE_ONEHOT,   /* one channel a choice */
    WN_FEATURE_GAUSSIAN, /* Gaussian basis of n functions, centres evenly from lo to hi: exp(-(v-c)^2 / (2 sigma^2)) */
    WN_FEATURE_TIME_SINCE_ON,  /* exp(-t/tau_i), t = seconds since the gate last went on; 0 before it ever did */
    WN_FEATURE_TIME_SINCE_OFF, /* exp(-t/tau_i), t = seconds since the gate last went off; 0 while on or never on */
    WN_FEATURE_COUNT
} wn_feature_kind;

/* How one control becomes channels of a frame's feature vector. A gate is on at values >= 0.5. */
typedef struct wn_feature {
    wn_feature_kind kind;
    int control;
    double offset, scale;
    int power; /* SCALED: 1 or 2 */
    int n;     /* channels it makes */
    double lo, hi, sigma;
    double *taus; /* [n], seconds, TIME_SINCE_ON and TIME_SINCE_OFF */
} wn_feature;

/* How the phases follow a recording in training. */
typedef enum wn_phase_lock {
    WN_LOCK_HARMONICS,  /* every harmonic runs at its own measured phase */
    WN_LOCK_FUNDAMENTAL /* the fundamental does; harmonics are exact multiples of it, as in generation */
} wn_phase_lock;

/* sin and cos of multiples of an accumulated pitch phase, per sample. The pitch comes from controls,
 * f0 = 440 * 2^((key + bend/100 - 69)/12), or, with a reference, from the feature rows: f0 = reference * 2^row[pitch].
 * Channels: sin h_0 .. sin h_(n-1), cos h_0 .. cos h_(n-1). All are 0 where unvoiced; a harmonic at or above
 * limit * sample_rate is 0. */
typedef struct wn_harmonic_source {
    int n;                 /* 0 = none */
    int *harmonics;        /* [n] */
    double *phase_offsets; /* [n] initial, in cycles: added to the multiple of the accumulated phase; NULL = none */
    int key, bend;         /* control indices; bend -1 = none */
    double reference;      /* Hz; 0 = the pitch comes from controls */
    int pitch, voicing;    /* channels of the rows; voiced from 0.5 up; voicing -1 = always. With a reference only */
    wn_phase_lock lock;
    double limit; /* share of the sample rate, 0.45 */
} wn_harmonic_source;

typedef enum wn_condition_source {
    WN_CONDITION_NONE,
    WN_CONDITION_FEATURES, /* rows from outside (mel) */
    WN_CONDITION_CONTROLS, /* rows made from the controls by `features` */
    WN_CONDITION_INPUT     /* the audio input itself, [input channels] (amp captures) */
} wn_condition_source;

/* local condition c[t] = [pipeline output if !to_held][harmonic source]; or the audio input; or the nested model's.
 * held condition g     = [global vector or speaker embedding][pipeline output if to_held]. */
typedef struct wn_condition {
    wn_condition_source source;
    int feature_channels; /* width of the rows that enter the pipeline */
    int hop;              /* samples a row; with to_held no stage changes the rate */
    int n_features;
    wn_feature *features; /* [n_features], CONTROLS */
    int n_stages;
    wn_stage *stages;
    bool to_held;          /* the pipeline's rows are held for a hop each, instead of being upsampled by stages */
    int pipeline_channels; /* width after the last stage */
    wn_harmonic_source harmonic_source;
    int global_channels; /* width of the global vector; 0 = none */
    int n_speakers;
    float *embedding;        /* [n_speakers][global_channels], NULL if the vector is given directly */
    struct wn_model *nested; /* condition_dsp: run on the input, its output is the local condition; NULL = none */
    bool has_analysis;
    wn_analysis_config analysis;       /* FEATURES: how rows are made of sound, where the file says so */
    int local_channels, held_channels; /* totals, derived */
} wn_condition;

/* ---- input and output ---------------------------------------------------------------------------------------- */

/* The mu-law conventions in the wild; f(x) = sign(x) ln(1 + mu|x|) / ln(1 + mu), n classes. */
typedef enum wn_companding {
    WN_COMPANDING_NONE,
    WN_MULAW_TRUNC, /* trunc((f+1)/2*(n-1)), decode 2k/(n-1)-1, mu = n-1; silence (n-1)/2, 127 (wavenet_vocoder) */
    WN_MULAW_ROUND, /* trunc((f+1)/2*(n-1) + 0.5), decode 2k/(n-1)-1; silence n/2, 128 (tensorflow-wavenet, nv-wavenet) */
    WN_MULAW_SHIFT,     /* floor((f+1)/2*(n-1) + 0.5), decode 2(k-0.5)/(n-1)-1; 128 (kan-bayashi) */
    WN_MULAW_FLOOR,     /* floor(n/2 f) + n/2, decode (q+0.5)/(n/2), q = k - n/2, 0 -> 0 (NSynth) */
    WN_MULAW_DIGITIZE,  /* digitize in linspace(-1,1,n), mu = n, decode 2k/n-1; 127 (pytorch-wavenet) */
    WN_MULAW_RESTRETCH, /* trunc((f+1)/2*(n-1)), decode k/127.5-1 expanded with mu = n-1 (basveeling) */
    WN_MULAW_MIDTREAD, /* k = n/2 + round(f * (n/2-1)), decode f = (k - n/2)/(n/2-1), class n/2 = exactly 0, class 0 = -1 */
    WN_COMPANDING_COUNT
} wn_companding;

typedef struct wn_encoding {
    int n_classes;             /* 0 = PCM values in, > 0 = one-hot classes in */
    wn_companding companding;  /* of classes */
    double mu;                 /* PCM models whose values, in and out, are themselves mu-law compressed; 0 = linear */
    int channels;              /* PCM channels, 1 unless an amp capture says otherwise */
    float *values;             /* [n_classes] decoded value of each class; derived */
    double first;              /* first input of PCM models, 0.0; class models start with silence */
    double pre_emphasis, gain; /* the network works on gain * (x[t] - pre_emphasis * x[t-1]); 0 and 1 = on x itself */
    bool has_analysis;
    wn_analysis_config analysis; /* the channels are a row of features that this makes of sound */
} wn_encoding;

/* Classes that a feed-forward network recognises. */
typedef struct wn_labels {
    int n;        /* 0 = none: the classes of a categorical output are those of the input */
    char **names; /* [n], or NULL */
} wn_labels;

typedef struct wn_model_control {
    char *name, *unit;
    wn_control_kind kind;
    double minimum, maximum, default_value;
    int n_choices;
    char **choices;
} wn_model_control;

/* ---- model --------------------------------------------------------------------------------------------------- */

struct wn_model {
    wn_arena *arena;
    char *name;
    double sample_rate; /* Hz, 0 unknown */
    wn_encoding input;
    wn_condition condition;
    int n_chain;
    struct wn_model **chain; /* [n_chain] models in series, in place of stacks and head; 0 = one network */
    int n_stacks;
    wn_stack *stacks;
    int n_head;
    wn_head_layer *head; /* applied to the last stack's output times head_scale */
    float head_scale;
    wn_output_kind output;
    int n_mixtures, output_channels;
    float log_scale_min; /* clamp of log scales in likelihoods; -INFINITY = none */
    wn_labels labels;
    int delay; /* frames: output t is about input t - delay. Feed-forward models only */
    bool autoregressive;
    int n_controls;
    wn_model_control *controls;
    double temperature, top_p; /* recommended sampling */
    int temperature_channel;   /* of the rows: the temperature is temperature_below where it is below 0.5; -1 = none */
    double temperature_below;
    int top_k;
    double loudness, input_level_dbu, output_level_dbu; /* of captures: dB, dBu; NAN unknown */
    char *note;                                         /* how a foreign file was understood, one line; or NULL */
    char *metadata;  /* JSON object text: provenance, training, whatever a foreign file said; or NULL */
    char *container; /* JSON text of the slimmable .nam container that this network was chosen from; or NULL */
};

/* Limits on what a file may ask for, so that sizes never overflow. One place. */
enum {
    WN_MAX_CHANNELS = 1 << 14,
    WN_MAX_KERNEL = 1 << 16,
    WN_MAX_DILATION = 1 << 22,
    WN_MAX_HISTORY = 1 << 26, /* (kernel-1) * dilation of one conv, frames */
    WN_MAX_LAYERS = 4096,     /* of all stacks */
    WN_MAX_STACKS = 64,
    WN_MAX_HEAD = 64,
    WN_MAX_STAGES = 64,
    WN_MAX_HOP = 1 << 20,
    WN_MAX_CONTROLS = 64,
    WN_MAX_CHOICES = 1024,
    WN_MAX_SPEAKERS = 1 << 16,
    WN_MAX_CLASSES = 1 << 16,
    WN_MAX_MIXTURES = WN_DISTRIBUTION_MAX_MIXTURES,
    WN_MAX_LEVEL = 1000,    /* dB and dBu, either sign */
    WN_MAX_DELAY = 1 << 16, /* frames */
    WN_MAX_NESTING = 4,
    WN_MAX_CHAIN = 64 /* models in series */
};
#define WN_MAX_PARAMETERS ((int64_t)1 << 28)
#define WN_MAX_REMEMBERED ((int64_t)1 << 26) /* floats of all rings of one voice */

#endif
