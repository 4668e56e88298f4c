// SPDX-License-Identifier: MIT
// ring.js - a ring of samples between one writer and one reader, in shared memory where there is any.
// Copyright (c) 2026 the wavenet authors

const CAPACITY = 1 << 15; // samples; a power of two, so that positions may wrap

export const RING_BYTES = 8 + 4 * CAPACITY;

export class Ring {
  // `buffer`: RING_BYTES of a SharedArrayBuffer, or of an ArrayBuffer for one thread. Zeros are an empty ring.
  constructor(buffer) {
    this.positions = new Int32Array(buffer, 0, 2); // samples written and read so far
    this.samples = new Float32Array(buffer, 8);
  }

  available() {
    return (Atomics.load(this.positions, 0) - Atomics.load(this.positions, 1)) | 0;
  }

  // Append `block`, for which there must be room.
  write(block) {
    const from = Atomics.load(this.positions, 0) & (CAPACITY - 1);
    const first = Math.min(block.length, CAPACITY - from);
    this.samples.set(first < block.length ? block.subarray(0, first) : block, from);
    if (first < block.length) this.samples.set(block.subarray(first), 0);
    Atomics.add(this.positions, 0, block.length);
  }

  // Fill `block` as far as there are samples; returns their number.
  read(block) {
    const n = Math.min(block.length, this.available());
    const from = Atomics.load(this.positions, 1);
    for (let i = 0; i < n; i++) block[i] = this.samples[(from + i) & (CAPACITY - 1)];
    Atomics.add(this.positions, 1, n);
    return n;
  }
}
