/* SPDX-License-Identifier: MIT
 * simd128_tiles.h - tile sizes of both sets for WebAssembly: four lanes, and the 16 registers of most processors below.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_SIMD128_TILES_H
#define WN_KERNELS_SIMD128_TILES_H

#define TILE_CHAINS 2
#define TILE_ROWS_1 4
#define TILE_ROWS_2 2
#define ROW_VECS 2
#define PLANAR_OUTS 3
#define PLANAR_SUMS 12
#define FUSED_VECS 4
#define RUNS_ONLY /* no training and no benchmark in a browser */

#endif
