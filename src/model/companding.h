/* SPDX-License-Identifier: MIT
 * companding.h - the mu-law conventions: encoding, decoding, names.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_MODEL_COMPANDING_H
#define WN_MODEL_COMPANDING_H

#include "model/model.h"

int wn_compand_encode(wn_companding c, int n_classes, double x);
double wn_compand_decode(wn_companding c, int n_classes, int k);
const char *wn_companding_name(wn_companding c); /* "mulaw-trunc" ..., the config's spelling */
double wn_compand_compress(double mu, double x); /* sign(x) ln(1 + mu|x|) / ln(1 + mu) */
double wn_compand_expand(double mu, double y);   /* its inverse */

#endif
