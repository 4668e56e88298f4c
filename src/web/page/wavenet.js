// SPDX-License-Identifier: MIT
// wavenet.js - an instance of the module: its imports, and arguments in its memory. Used by workers, worklets and Node.
// Copyright (c) 2026 the wavenet authors

const BLOCK = 1024; // WN_WEB_BLOCK of web.h: longest run in frames

const now = () => (globalThis.performance ? performance.now() : Date.now()); // worklets have no performance

// What the C library of the module asks of its host: a clock, and files, of which there are none.
const imports = (getMemory) => ({
  wasi_snapshot_preview1: {
    clock_time_get(id, precision, result) {
      new DataView(getMemory().buffer).setBigUint64(result, BigInt(Math.round(now() * 1e6)), true);
      return 0;
    },
    fd_close: () => 8, // no such file
    fd_seek: () => 8,
    fd_write: () => 8,
    sched_yield: () => 0,
  },
});

export class Wavenet {
  // `module`: a WebAssembly.Module. `snapshot`: the memory of another instance of the same module, which this one goes on
  // from: a worker prepares what a worklet plays.
  constructor(module, snapshot) {
    this.exports = new WebAssembly.Instance(module, imports(() => this.exports.memory)).exports;
    this.exports._initialize();
    if (!snapshot) return;
    const missing = snapshot.byteLength - this.exports.memory.buffer.byteLength;
    if (missing > 0) this.exports.memory.grow(missing / 65536);
    new Uint8Array(this.exports.memory.buffer).set(new Uint8Array(snapshot));
  }

  // All of the memory. The instance has no other state between calls.
  snapshot() {
    return this.exports.memory.buffer.slice(0);
  }

  // The text at `pointer`, or null.
  text(pointer) {
    if (!pointer) return null;
    const bytes = new Uint8Array(this.exports.memory.buffer, pointer);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }

  // `n` floats at `pointer`. Memory that grows leaves such views behind, so they are made anew for every use.
  floats(pointer, n) {
    return new Float32Array(this.exports.memory.buffer, pointer, n);
  }

  // Throw the module's own words where a constructor has returned no object.
  check(pointer) {
    if (!pointer) throw new Error(this.text(this.exports.error()));
    return pointer;
  }

  // Call use(pointer) with a copy of `bytes` in the module's memory.
  withBytes(bytes, use) {
    const pointer = this.exports.malloc(bytes.byteLength + 1);
    if (!pointer) throw new Error('out of memory');
    const copy = new Uint8Array(this.exports.memory.buffer, pointer, bytes.byteLength + 1);
    copy.set(new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength));
    copy[bytes.byteLength] = 0;
    try {
      return use(pointer);
    } finally {
      this.exports.free(pointer);
    }
  }

  withText(text, use) {
    return this.withBytes(new TextEncoder().encode(text), use);
  }

  // The model in the file `bytes`; its words name the file `name`.
  loadModel(bytes, name) {
    return this.check(this.withBytes(bytes, (data) =>
      this.withText(name, (file) => this.exports.model_load(data, bytes.byteLength, file))));
  }

  // An amp of `model` (0: none), which it owns, and of a cabinet's impulse response `taps`, which may be empty.
  makeAmp(model, taps, rate) {
    return this.check(this.withBytes(taps, (data) => this.exports.amp_new(model, data, taps.length, rate)));
  }

  // Run `input` through `amp` into `output`, of the same length.
  runAmp(amp, input, output) {
    for (let at = 0; at < input.length; at += BLOCK) {
      const n = Math.min(BLOCK, input.length - at);
      this.floats(this.exports.amp_in(amp), n).set(input.subarray(at, at + n));
      this.exports.amp_run(amp, n);
      output.set(this.floats(this.exports.amp_out(amp), n), at);
    }
  }

  // An instrument of `model`, which it owns. `voices` 0: measured.
  makeNotes(model, rate, voices) {
    return this.check(this.exports.notes_new(model, rate, voices));
  }

  // The next frames of an instrument into `output`.
  runNotes(notes, output) {
    for (let at = 0; at < output.length; at += BLOCK) {
      const n = Math.min(BLOCK, output.length - at);
      output.set(this.floats(this.exports.notes_run(notes, n), n), at);
    }
  }

  // The layers in `text`: their names and receptive fields, and the connections to one output as [from, level, to, level].
  // `kernel` > 0: `text` is a list of dilations of causal layers.
  traceStack(kernel, text) {
    const e = this.exports;
    const stack = this.check(this.withText(text, (data) => e.stack_new(kernel, data)));
    const layers = [];
    for (let i = 0; i < e.stack_layers(stack); i++) {
      layers.push({ name: this.text(e.stack_name(stack, i)), field: e.stack_field(stack, i), coverage: e.stack_coverage(stack, i) });
    }
    const n = e.stack_lines(stack);
    const lines = n ? this.floats(e.stack_line(stack), 4 * n).slice() : new Float32Array(0);
    e.stack_free(stack);
    return { layers, lines };
  }
}

export async function fetchBytes(file) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

// A module of one instruction: an engine that lacks it says no to the whole. Types, a function without parameters, its body.
const probe = (...body) => new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0,
  10, 4 + body.length, 1, 2 + body.length, 0, ...body, 11]);
const ZERO = [65, 0, 253, 17]; // i32.const 0, i32x4.splat
const RELAXED_MADD = [253, 0x85, 2]; // f32x4.relaxed_madd

// The file of the module for this engine, or null.
export function chooseModule() {
  if (!globalThis.WebAssembly) return null;
  if (WebAssembly.validate(probe(...ZERO, ...ZERO, ...ZERO, ...RELAXED_MADD))) return 'wavenet-relaxed_simd.wasm';
  if (WebAssembly.validate(probe(...ZERO))) return 'wavenet-simd128.wasm';
  return null;
}
