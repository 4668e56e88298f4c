/* SPDX-License-Identifier: MIT
 * transpose_x86.h - an 8x8 square transposed in registers, for the x86 tables.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_KERNELS_TRANSPOSE_X86_H
#define WN_KERNELS_TRANSPOSE_X86_H

enum { TRANSPOSE = 8 };

/* Rows r and r + 4, four columns from `p`: joining them while loading saves the cross-lane shuffles at the end. */
VEC_FN __m256 load_pair(const float *p, ptrdiff_t stride)
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + 4 * stride), 1);
}

/* dst[j][i] = src[i][j] for four columns j and eight rows i. */
VEC_FN void transpose_half(const float *src, ptrdiff_t src_stride, float *dst, ptrdiff_t dst_stride)
{
    __m256 r0 = load_pair(src, src_stride), r1 = load_pair(src + src_stride, src_stride);
    __m256 r2 = load_pair(src + 2 * src_stride, src_stride), r3 = load_pair(src + 3 * src_stride, src_stride);
    __m256 a = _mm256_unpacklo_ps(r0, r1), b = _mm256_unpackhi_ps(r0, r1);
    __m256 c = _mm256_unpacklo_ps(r2, r3), d = _mm256_unpackhi_ps(r2, r3);
    _mm256_storeu_ps(dst, _mm256_shuffle_ps(a, c, 0x44));
    _mm256_storeu_ps(dst + dst_stride, _mm256_shuffle_ps(a, c, 0xee));
    _mm256_storeu_ps(dst + 2 * dst_stride, _mm256_shuffle_ps(b, d, 0x44));
    _mm256_storeu_ps(dst + 3 * dst_stride, _mm256_shuffle_ps(b, d, 0xee));
}

VEC_FN void transpose_square(const float *src, ptrdiff_t src_stride, float *dst, ptrdiff_t dst_stride)
{
    transpose_half(src, src_stride, dst, dst_stride);
    transpose_half(src + 4, src_stride, dst + 4 * dst_stride, dst_stride);
}

#endif
