// SPDX-License-Identifier: MIT
// worker.js - what may take its time: loads models, generates notes ahead, prepares amps, renders, traces layers.
// Copyright (c) 2026 the wavenet authors
import { Ring } from './ring.js';
import { fetchBytes, Wavenet } from './wavenet.js';

const BLOCK = 256; // frames generated at once
const FIRST_TARGET = 1536; // frames to be ahead
const MORE = 512, MOST_TARGET = 12288; // frames: step and maximum of what the target grows to
const MEASURED = 0.25; // seconds of sound that tell how fast an amp is
const WARM = 200; // milliseconds of running before the number of voices is measured
const STATS = 500; // milliseconds between reports

let module; // compiled once by the page; every instance below has memory of its own

// ---- notes, generated ahead --------------------------------------------------------------------------------------------

const generation = { wavenet: null, notes: 0, rate: 0, ring: null, port: null, written: 0, played: 0, underruns: 0,
  target: FIRST_TARGET, settled: 0, recorded: null, spent: 0, made: 0, reported: 0 };

function generate(frames) {
  const g = generation;
  const block = new Float32Array(frames);
  const began = performance.now();
  g.wavenet.runNotes(g.notes, block);
  g.spent += performance.now() - began;
  g.made += frames;
  g.recorded?.push(block.slice());
  g.written += frames;
  if (g.ring) g.ring.write(block);
  else g.port.postMessage(block, [block.buffer]);
}

// As far ahead as the target says.
function generateAhead() {
  const g = generation;
  while (g.port && g.written - g.played < g.target) generate(BLOCK);
  const now = performance.now();
  if (now - g.reported < STATS || !g.made) return;
  postMessage({ stats: { speed: g.made / g.rate / (g.spent / 1000), ahead: g.target / g.rate } });
  g.reported = now;
  g.made = g.spent = 0;
}

// If less than a quarter of the target was left, raise the target before an underrun. After an underrun, double it. Then ignore
// reports until what was generated has been played: it takes that long to get ahead. Ignore lateness before the first sound, too:
// loading the page delays every thread once.
function hearPlayer({ started, played, least, underruns }) {
  const g = generation;
  const before = g.target;
  g.played = played;
  if (started && played >= g.settled) {
    if (underruns > g.underruns) g.target = Math.min(MOST_TARGET, 2 * before);
    else if (least < before / 4) g.target = Math.min(MOST_TARGET, before + MORE);
  }
  g.underruns = underruns;
  generateAhead();
  if (g.target > before) g.settled = g.written;
}

// ---- requests ----------------------------------------------------------------------------------------------------------

// Generate with an instrument that is thrown away: an engine compiles what runs often a second time, several times as fast, and
// voices measured before that would be too few.
function warmUp(wavenet, bytes, name, rate) {
  const notes = wavenet.makeNotes(wavenet.loadModel(bytes, name), rate, 1);
  const block = new Float32Array(BLOCK);
  wavenet.exports.notes_send(notes, 3, 0x90, wavenet.exports.notes_key(notes, 0), 127);
  for (const began = performance.now(); performance.now() - began < WARM;) wavenet.runNotes(notes, block);
  wavenet.exports.notes_free(notes);
}

// An instance with the amp of `model` ({bytes, name} or null) and `taps` in it.
function prepareAmp({ model, taps, rate }) {
  const wavenet = new Wavenet(module);
  const loaded = model ? wavenet.loadModel(model.bytes, model.name) : 0;
  const words = loaded ? wavenet.text(wavenet.exports.model_describe(loaded)) : 'no model: the sound passes';
  return { wavenet, amp: wavenet.makeAmp(loaded, taps, rate), words };
}

// Times real time of a second amp of the same kind, so that the one that plays starts from silence.
function measureAmp(request) {
  const { wavenet, amp } = prepareAmp(request);
  const sound = new Float32Array(MEASURED * request.rate);
  wavenet.runAmp(amp, sound.subarray(0, sound.length / 4), sound); // the first blocks are compiled while they run
  const began = performance.now();
  wavenet.runAmp(amp, sound, sound);
  return MEASURED / ((performance.now() - began) / 1000);
}

const answers = {
  start({ compiled }) {
    module = compiled;
    const wavenet = new Wavenet(module);
    return { kernels: wavenet.text(wavenet.exports.kernels()), fuses: Boolean(wavenet.exports.fuses()) };
  },

  notes({ model: { bytes, name }, rate, voices }) {
    const g = generation;
    g.wavenet = new Wavenet(module);
    warmUp(g.wavenet, bytes, name, rate);
    const model = g.wavenet.loadModel(bytes, name);
    const words = g.wavenet.text(g.wavenet.exports.model_describe(model));
    g.notes = g.wavenet.makeNotes(model, rate, voices);
    g.rate = rate;
    const { exports } = g.wavenet;
    const instruments = [];
    for (let name; (name = g.wavenet.text(exports.notes_instrument(g.notes, instruments.length)));) instruments.push(name);
    return { words, instruments, voices: exports.notes_voices(g.notes), lowest: exports.notes_key(g.notes, 0),
      highest: exports.notes_key(g.notes, 1) };
  },

  // `buffer`: the ring's shared memory, if there is any.
  player({ port, buffer }) {
    const g = generation;
    g.ring = buffer ? new Ring(buffer) : null;
    g.port = port;
    port.onmessage = ({ data }) => hearPlayer(data);
    generateAhead();
  },

  midi: ({ bytes }) => generation.wavenet?.exports.notes_send(generation.notes, bytes.length, ...bytes),
  instrument: ({ choice }) => generation.wavenet?.exports.notes_set_instrument(generation.notes, choice),
  tuning: ({ semitones }) => generation.wavenet?.exports.notes_set_tuning(generation.notes, semitones),

  record() {
    generation.recorded = [];
  },

  recorded() {
    const blocks = generation.recorded ?? [];
    generation.recorded = null;
    const sound = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
    blocks.reduce((at, block) => (sound.set(block, at), at + block.length), 0);
    return sound;
  },

  // The frames of an instrument of its own, with `events` [frame, bytes]: what the player would play.
  async renderNotes({ file, rate, voices, frames, events }) {
    const wavenet = new Wavenet(module);
    const notes = wavenet.makeNotes(wavenet.loadModel(await fetchBytes(file), file), rate, voices);
    const sound = new Float32Array(frames);
    let at = 0;
    for (const [frame, bytes] of [...events, [frames, []]]) {
      wavenet.runNotes(notes, sound.subarray(at, frame));
      wavenet.exports.notes_send(notes, bytes.length, ...bytes);
      at = frame;
    }
    return sound;
  },

  // Hz of a model: a cabinet must have the same.
  rate({ model }) {
    const wavenet = new Wavenet(module);
    return wavenet.exports.model_rate(wavenet.loadModel(model.bytes, model.name));
  },

  amp(request) {
    const { wavenet, amp, words } = prepareAmp(request);
    const latency = wavenet.exports.amp_latency(amp);
    return { unit: { snapshot: wavenet.snapshot(), amp }, words, latency, speed: measureAmp(request) };
  },

  render({ sound, settings, ...request }) {
    const { wavenet, amp } = prepareAmp(request);
    const { inDb, outDb, bypassed, normalizes } = settings;
    wavenet.exports.amp_set(amp, inDb, outDb, bypassed, normalizes);
    const wet = new Float32Array(sound.length);
    wavenet.runAmp(amp, sound, wet);
    return wet;
  },

  trace: ({ kernel, text }) => new Wavenet(module).traceStack(kernel, text),
};

// A model that makes the module run out of its stack or its memory stops an instance with words of the engine's own.
onmessage = async ({ data: { id, ask, ...request } }) => {
  try {
    const result = await answers[ask](request);
    if (id !== undefined) postMessage({ id, result });
  } catch (error) {
    if (id !== undefined) postMessage({ id, error: error.message });
  }
};
