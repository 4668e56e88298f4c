// SPDX-License-Identifier: MIT
// worklet.js - the audio thread: plays what the worker generates ahead, and runs the amp.
// Copyright (c) 2026 the wavenet authors
import { RING_BYTES, Ring } from './ring.js';
import { Wavenet } from './wavenet.js';

const REPORT = 2048; // frames between reports to the page
const PULL = 512; // frames between reports to the worker
const FADE = 0.02; // seconds of a crossfade between amps, as WN_EFFECT_FADE
const RAMP = 128; // frames of a fade around an underrun

const peakOf = (block) => {
  let peak = 0;
  for (let i = 0; i < block.length; i++) peak = Math.max(peak, Math.abs(block[i]));
  return peak;
};

// Plays a ring. An underrun fades, is counted, and the sound fades in again.
class Player extends AudioWorkletProcessor {
  constructor({ processorOptions: { buffer } }) {
    super();
    this.ring = new Ring(buffer ?? new ArrayBuffer(RING_BYTES)); // shared with the worker, or filled by its messages
    this.played = this.pulled = this.reported = this.underruns = this.peak = 0;
    this.last = 0; // the sample before this block
    this.gain = 1; // below 1 while the sound fades in
    this.started = false; // a sample other than zero was played; underruns before are inaudible and not counted
    this.empty = false; // the last block was not filled
    this.least = Infinity; // frames that were left in the ring since the last report to the worker
    this.port.onmessage = ({ data }) => {
      this.worker = data.port;
      this.worker.onmessage = (message) => this.ring.write(message.data);
    };
  }

  // The end of a sound that stops in the middle: its last value comes to zero.
  fadeOut(out, from) {
    for (let i = from; i < out.length; i++) {
      out[i] = this.last * Math.max(0, 1 - (i - from + 1) / RAMP);
    }
  }

  process(inputs, [[out, ...others]]) {
    const n = this.ring.read(out);
    for (let i = 0; i < n && this.gain < 1; i++) {
      out[i] *= this.gain;
      this.gain = Math.min(1, this.gain + 1 / RAMP);
    }
    if (n > 0) this.last = out[n - 1];
    if (n < out.length) {
      this.fadeOut(out, n);
      if (this.started) {
        this.underruns += !this.empty; // one that lasts is one
        this.gain = 0;
      }
      this.last = 0;
    }
    this.empty = n < out.length;
    for (const other of others) other.set(out);
    this.played += n;
    this.least = Math.min(this.least, this.ring.available());
    const peak = peakOf(out);
    this.peak = Math.max(this.peak, peak);
    this.started ||= peak > 0;
    this.report(out.length);
    return true;
  }

  report(frames) {
    this.pulled += frames;
    this.reported += frames;
    if (this.pulled >= PULL && this.worker) {
      this.worker.postMessage({ started: this.started, played: this.played, least: this.least, underruns: this.underruns });
      this.pulled = 0;
      this.least = Infinity;
    }
    if (this.reported >= REPORT) {
      this.port.postMessage({ peak: this.peak, underruns: this.underruns });
      this.reported = this.peak = 0;
    }
  }
}

// Runs an amp that a worker has prepared: {snapshot, amp} is the memory of its instance and the amp in it. Without one the
// sound passes. A new amp crossfades.
class Amp extends AudioWorkletProcessor {
  constructor({ processorOptions: { module, unit, settings } }) {
    super();
    this.module = module;
    this.settings = settings;
    this.share = 1; // of the amp that plays or is faded to
    this.reported = 0;
    this.scratch = new Float32Array(128);
    this.silence = new Float32Array(128);
    this.now = unit ? this.wake(unit) : null;
    this.before = null;
    this.port.onmessage = ({ data }) => {
      if (data.settings) this.follow(data.settings);
      if (data.unit) this.replace(data.unit);
    };
  }

  // An instance in the state of the worker's.
  wake({ snapshot, amp }) {
    const unit = { wavenet: new Wavenet(this.module, snapshot), amp };
    this.set(unit);
    return unit;
  }

  set({ wavenet, amp }) {
    const { inDb, outDb, bypassed, normalizes } = this.settings;
    wavenet.exports.amp_set(amp, inDb, outDb, bypassed, normalizes);
  }

  follow(settings) {
    this.settings = settings;
    if (this.now) this.set(this.now);
    if (this.before) this.set(this.before);
  }

  replace(unit) {
    this.before = this.now;
    this.now = this.wake(unit);
    this.share = 0;
  }

  run(unit, input, output) {
    if (unit) unit.wavenet.runAmp(unit.amp, input, output);
    else output.set(input);
  }

  process([[input = this.silence]], [[out, ...others]]) {
    this.run(this.now, input, out);
    if (this.share < 1) {
      const step = 1 / (FADE * sampleRate);
      this.run(this.before, input, this.scratch);
      for (let i = 0; i < out.length; i++) {
        this.share = Math.min(1, this.share + step);
        out[i] = this.share * out[i] + (1 - this.share) * this.scratch[i];
      }
      if (this.share === 1) this.before = null;
    }
    for (const other of others) other.set(out);
    this.report(input, out);
    return true;
  }

  report(input, out) {
    this.reported += out.length;
    if (this.reported < REPORT) return;
    this.reported = 0;
    const take = (output) => this.now.wavenet.exports.amp_take_peak(this.now.amp, output);
    this.port.postMessage(this.now ? { in: take(0), out: take(1) } : { in: peakOf(input), out: peakOf(out) });
  }
}

registerProcessor('wavenet-player', Player);
registerProcessor('wavenet-amp', Amp);
