/* SPDX-License-Identifier: MIT
 * kernels.h - the table of inner loops, one const table an instruction set, chosen once when a plan is made.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_KERNELS_H
#define WN_KERNELS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kinds/activation.h"

/* The definition every table (but `portable`, which has no FMA) must meet bit for bit:
 *
 *   product(x, w)[o] = (c0 + c1) + (c2 + c3),  c_p = one fmaf chain, from 0, over the inputs i = p, p+4, p+8, ... in
 *                      ascending order: c_p = fmaf(x[i], w[i][o], c_p)
 *                      of up to WN_SMALL_INPUT inputs, and of up to WN_SMALL_PAST_INPUT of a past tap: one chain over all
 *   y[o]             = init[o] + product(x_0, w_0)[o] + product(x_1, w_1)[o] + ...  (left to right)
 *
 * whatever the lanes hold. Partial sums that exist already, as those of past taps computed several frames at a time, are
 * added before the rest.
 *
 * Four chains, because a single frame waits for the newest tap of each layer, and one long chain of FMAs would double that
 * latency. One chain where nothing waits or where joining four costs too much: an addition takes the place of an FMA, and
 * four chains of 8 inputs take 12 operations per sum instead of 9. Past taps are known before the frame begins. */
enum { WN_CHAINS = 4, WN_SMALL_INPUT = 4, WN_SMALL_PAST_INPUT = 8, WN_LANE_PAD = 16 };
static inline int wn_chains(int in, bool past)
{
    return in <= (past ? WN_SMALL_PAST_INPUT : WN_SMALL_INPUT) ? 1 : WN_CHAINS;
}

/* Columns of packed weights: out rounded up to a multiple of WN_LANE_PAD, the excess zero. */
static inline size_t wn_padded(size_t out) { return (out + WN_LANE_PAD - 1) / WN_LANE_PAD * WN_LANE_PAD; }

/* The weights of a tap lie in panels of 64 outputs: [panels][in][width], so that a kernel that works through 64 outputs
 * reads one piece of memory from end to end. The last panel is as wide as what is left of wn_padded(out). */
enum { WN_PANEL = 64 };
static inline size_t wn_panel_width(size_t out, size_t o)
{
    size_t left = wn_padded(out) - o / WN_PANEL * WN_PANEL;
    return left < WN_PANEL ? left : WN_PANEL;
}

/* The index of the weight of input 0 and output o; those of the other inputs follow, wn_panel_width(out, o) apart. */
static inline size_t wn_weight_at(size_t in, size_t o) { return o / WN_PANEL * WN_PANEL * in + o % WN_PANEL; }

/* Arguments of `matmul`. */
typedef struct wn_matmul {
    int rows;              /* >= 1 */
    int in, out;           /* >= 1, any */
    int taps;              /* >= 1: products added in order */
    int past;              /* how many of them, from the first on, are past taps: see the definition */
    const float *const *x; /* [taps] first row of each tap's input */
    ptrdiff_t x_stride;    /* floats from one row to the next, the same for all taps */
    const float *w;        /* [taps] panels, 64-byte aligned */
    const uint16_t *w16;   /* the same as bfloat16, the upper halves of floats, used instead; NULL: none */
    const float *init;     /* what accumulators begin with: a bias (init_stride 0) or rows; may be y itself; NULL = 0 */
    ptrdiff_t init_stride;
    const float
        *partial; /* first row of n_partial partial sums to be added to it, in order, each partial_next further */
    ptrdiff_t partial_stride, partial_next;
    int n_partial; /* 0: none */
    float *y;      /* [rows][out]; exactly `out` floats a row are written */
    ptrdiff_t y_stride;
} wn_matmul;

/* Elementwise functions: the activations, with parameters as in wn_act of the model. */
typedef wn_act_kind wn_fn;

typedef struct wn_fn_param {
    wn_fn fn;
    float p[WN_ACT_PARAMETERS];
    const float *slopes; /* WN_ACT_PER_CHANNEL: [channels] */
} wn_fn_param;

/* The products of one convolution in `planar`: input i of frame t is x[k][i * x_stride + t] at tap k. */
typedef struct wn_term {
    const float *const *x; /* [taps] */
    ptrdiff_t x_stride;
    const float *w; /* [taps] panels */
    int in, taps;
    int past; /* how many of the taps, from the first on, are past ones: 0 to taps - 1 */
} wn_term;

/* Arguments of `planar`. A plane is one channel of a block: `frames` floats, the next channel's plane `stride` further. */
typedef struct wn_planar {
    int frames;             /* a multiple of the table's `lanes` */
    int out, n_terms;       /* >= 1, any */
    const wn_term *terms;   /* [n_terms], added in order */
    const float *init;      /* planes that accumulators begin with; NULL: the bias */
    const float *bias;      /* [out]; NULL = 0 */
    const wn_fn_param *act; /* applied to the sum; NULL: none */
    float *y;               /* planes of the result; may be `init`; NULL: not wanted */
    ptrdiff_t stride;       /* of init and y */
    float *sum;             /* planes: sum = (old + result) * sum_scale; NULL: none */
    const float *old;       /* may be `sum` */
    ptrdiff_t sum_stride, old_stride;
    float sum_scale;
    /* wn_planar_is_capture, tested once for many calls, because it costs several FMAs; false is right, but slower */
    bool capture;
    /* What follows on the same frames: one term, one tap, which is y, from a bias or 0 on, and no function. After that y, which
     * must be there, need not hold the result. NULL: nothing. */
    const struct wn_planar *then;
} wn_planar;

/* Whether p is the usual layer of a capture: the 1x1 of a condition of one channel plus a convolution with as many inputs as outputs,
 * from a bias on, and an activation. The result goes to y or into a running sum that is not scaled. The residual, if there is one, has
 * as many channels, a bias and a running sum that is not scaled. Pointers are only compared with NULL, so their data may change from
 * call to call. */
static inline bool wn_planar_is_capture(const wn_planar *p)
{
    const wn_planar *then = p->then;
    if (p->n_terms != 2 || p->terms[0].in != 1 || p->terms[0].taps != 1 || p->terms[1].in != p->out) return false;
    if (p->init || !p->bias || !p->act || (p->sum && p->sum_scale != 1.0f) || (p->sum && p->y && !then)) return false;
    if (!then) return p->sum || p->y;
    return p->sum && then->out == p->out && then->bias && then->sum && !then->y && then->sum_scale == 1.0f;
}

/* Weights in 8-bit integers; see matmul_int8.h. */
typedef struct wn_int8_weights wn_int8_weights;

/* Fused layers of narrow networks; see fused.h. */
typedef struct wn_fused_layer wn_fused_layer;
typedef struct wn_fused_run wn_fused_run;

/* All pointers may be unaligned unless said; no argument may alias another unless said. Lengths are any positive int.
 * No function allocates, locks or calls the system. Row strides are in floats. */
typedef struct wn_kernels wn_kernels;
struct wn_kernels {
    const char *name;
    int fma;   /* 1: bit-identical to the C reference; 0: within a bound of it */
    int lanes; /* floats of a vector, at most WN_LANE_PAD; the C reference counts as the widest */

    /* Matrix products of a dilated convolution or 1x1, see above. y may equal init. */
    void (*matmul)(const wn_matmul *p);

    /* The same with `w8` for p->w; `work` has wn_int8_scratch floats, 64-byte aligned. See matmul_int8.h. */
    void (*matmul_int8)(const wn_matmul *p, const wn_int8_weights *w8, float *work);

    /* The same sums with frames in the lanes: y[o][t] = act(init + products in order), for narrow layers and long blocks;
     * `then` what follows. No plane that is written may be one of x, but for `then`. */
    void (*planar)(const wn_planar *p);

    /* `n` fused layers of as many vectors per row, one after another. NULL: this table has none. */
    void (*fused)(const wn_fused_layer *layers, int n, const wn_fused_run *r);

    /* A table with half the lanes, for fused layers that fit into it; NULL: none. */
    const wn_kernels *narrower;

    /* y[r][i] = x[r][i] for i < n; the rows of y and x are apart. */
    void (*copy)(int rows, int n, const float *x, ptrdiff_t x_stride, float *y, ptrdiff_t y_stride);

    /* y[r][c] = fn(x[r][c]); y may be x. tanh, sigmoid: error <= 3e-7 (tanh without FMA: 3.1e-7), within -1..1 and 0..1,
     * exactly +-1 and 1 far out. The order of operations is that of kinds/activation_math.h. NaN gives NaN, of any payload.
     * silu, hard swish and softsign of an infinity are what x * sigmoid(x), x * clamp(x + 3) / 6 and x / (1 + |x|) come to
     * in floats. */
    void (*activate)(const wn_fn_param *f, int rows, int channels, const float *x, ptrdiff_t x_stride, float *y,
                     ptrdiff_t y_stride);

    /* z[r][c] = act(u[r][c]) * gate(u[r][c + channels]); u rows are 2*channels wide. z may be u (same stride). */
    void (*gated)(const wn_fn_param *act, const wn_fn_param *gate, int rows, int channels, const float *u,
                  ptrdiff_t u_stride, float *z, ptrdiff_t z_stride);

    /* a = gate(u[r][c + channels]); z[r][c] = fmaf(a, act(u) - u, u), u = u[r][c]. */
    void (*blended)(const wn_fn_param *act, const wn_fn_param *gate, int rows, int channels, const float *u,
                    ptrdiff_t u_stride, float *z, ptrdiff_t z_stride);

    /* y[i] = (a[i] + b[i]) * scale, n elements; y may be a or b. */
    void (*add_scaled)(int n, const float *a, const float *b, float scale, float *y);

    /* y[i] = x[i] * scale; y may be x. */
    void (*scale)(int n, const float *x, float scale, float *y);

    /* y[r][c] = fmaf(x[r][c], m[r][c], shift ? m[r][c + channels] : 0); m rows are m_stride apart. y may be x. */
    void (*film)(int rows, int channels, const float *x, ptrdiff_t x_stride, const float *m, ptrdiff_t m_stride,
                 int shift, float *y, ptrdiff_t y_stride);

    /* x[i] = exp(x[i]) in double: the same bits in every table, FMA or not; see base/exp.h. */
    void (*exp_array)(int n, double *x);

    /* Large single-precision matrix products for training, row-major, no alignment asked:
     * C[m][n] = beta*C + op(A) op(B), beta 0 or 1; op(A) is m x k. ta, tb: 1 = stored transposed.
     * The sum order is fixed for a table and shape, not part of the definition above. `work` holds gemm_work floats,
     * 64-byte aligned. NULL: this table is not for training. */
    void (*gemm)(int ta, int tb, int m, int n, int k, const float *a, ptrdiff_t lda, const float *b, ptrdiff_t ldb,
                 float beta, float *c, ptrdiff_t ldc, float *work);
};

/* Floats of scratch one thread needs for gemm of any shape: 24 KiB, so that the panel of B in it stays in a
 * first-level cache of 32 KiB beside the strip of A that meets it. */
enum { WN_GEMM_WORK = 6144 };
static inline size_t wn_gemm_work(void) { return WN_GEMM_WORK; }

/* The table called for by `cpu`, numbered as wn_cpu: 0 the newest this machine can run, 1 c, 2 portable, 3 avx2,
 * 4 avx512, 5 neon, 6 simd128, 7 relaxed-simd. NULL if it is not built into this library or the CPU (or the OS) cannot
 * run it. */
const wn_kernels *wn_kernels_get(int cpu);

/* X(name) of every instruction set. */
#define WN_KERNEL_SETS(X) X(c) X(portable) X(avx2) X(avx512) X(neon) X(simd128) X(relaxed_simd)

/* The tables themselves. Those after the first two exist in builds for their processors, and not where the build's option
 * `kernels` leaves them out: reach them through wn_kernels_get. */
#define WN_DECLARE_KERNELS(name) extern const wn_kernels wn_kernels_##name;
WN_KERNEL_SETS(WN_DECLARE_KERNELS)
#undef WN_DECLARE_KERNELS

/* The upper half of a float, rounded to nearest, ties to even; and a float of it. Finite values only. */
static inline uint16_t wn_bf16(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}
static inline float wn_from_bf16(uint16_t h)
{
    uint32_t bits = (uint32_t)h << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Pack weight [out][in][taps] (one group) into [taps] panels for `matmul`. dst: [taps][in * wn_padded(out)] floats, 64-byte
 * aligned. */
void wn_pack_weights(int out, int in, int taps, const float *weight, float *dst);

/* The sets that this build has and this CPU (and OS) can run; bits 1 << wn_cpu. */
unsigned wn_cpu_mask(void);

#endif
