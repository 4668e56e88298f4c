/* SPDX-License-Identifier: MIT
 * companding.c - the mu-law conventions in the wild: value <-> class.
 * Copyright (c) 2026 the wavenet authors */
#include "model/companding.h"

#include <math.h>

static double clamp(double x, double lo, double hi) { return x < lo ? lo : x > hi ? hi : x; }

double wn_compand_compress(double mu, double x) { return copysign(log1p(mu * fabs(x)) / log1p(mu), x); }

double wn_compand_expand(double mu, double y) { return copysign(expm1(fabs(y) * log1p(mu)) / mu, y); }

/* mu of the law that belongs to n classes. */
static double mu_of(wn_companding c, int n) { return c == WN_MULAW_DIGITIZE ? n : n - 1; }

int wn_compand_encode(wn_companding c, int n_classes, double x)
{
    int n = n_classes, half = n / 2;
    double f = wn_compand_compress(mu_of(c, n), isnan(x) ? 0.0 : clamp(x, -1.0, 1.0));
    double unit = (f + 1.0) / 2.0 * (n - 1); /* 0 .. n-1 */
    double k;
    switch (c) {
    case WN_MULAW_ROUND:
    case WN_MULAW_SHIFT: k = floor(unit + 0.5); break;
    case WN_MULAW_FLOOR: k = floor(half * f) + half; break;
    case WN_MULAW_MIDTREAD: k = half + round(f * (half - 1)); break;
    default: k = floor(unit); break;
    }
    return (int)clamp(k, 0.0, n - 1);
}

double wn_compand_decode(wn_companding c, int n_classes, int class)
{
    int n = n_classes, half = n / 2;
    double k = clamp(class, 0, n - 1), q = k - half, f;
    switch (c) {
    case WN_MULAW_SHIFT: f = 2.0 * (k - 0.5) / (n - 1) - 1.0; break;
    case WN_MULAW_FLOOR: f = q == 0.0 ? 0.0 : (q + 0.5) / (n / 2.0); break;
    case WN_MULAW_DIGITIZE: f = 2.0 * k / n - 1.0; break;
    case WN_MULAW_MIDTREAD: f = q / (half - 1); break;
    default: f = 2.0 * k / (n - 1) - 1.0; break;
    }
    return clamp(wn_compand_expand(mu_of(c, n), clamp(f, -1.0, 1.0)), -1.0, 1.0); /* rounding may pass 1 */
}

float wn_model_compress(const wn_model *model, float x)
{
    double mu = model->input.mu;
    return mu > 0.0 ? (float)wn_compand_compress(mu, clamp((double)x, -1.0, 1.0)) : x;
}

float wn_model_expand(const wn_model *model, float y)
{
    double mu = model->input.mu;
    return mu > 0.0 ? (float)clamp(wn_compand_expand(mu, (double)y), -1.0, 1.0) : y;
}

const char *wn_companding_name(wn_companding c)
{
    static const char *const names[WN_COMPANDING_COUNT] = {
        "none",        "mulaw-trunc",    "mulaw-round",     "mulaw-shift",
        "mulaw-floor", "mulaw-digitize", "mulaw-restretch", "mulaw-midtread"};
    return (unsigned)c < WN_COMPANDING_COUNT ? names[c] : "unknown";
}
