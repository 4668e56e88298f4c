// SPDX-License-Identifier: MIT
// render.mjs - a module of the page in Node: sound through a capture, or notes. Usage: render.mjs WAVENET.js MODULE JOB
// Copyright (c) 2026 the wavenet authors
//
// JOB is JSON: {"capture", "in", "out", "db"} or {"model", "rate", "voices", "frames", "events": [[frame, bytes]], "out"}.
// The kernel set, and whether it fuses, are printed.
import fs from 'fs';
import { pathToFileURL } from 'url';

const [, , library, file, text] = process.argv;
const { Wavenet } = await import(pathToFileURL(library));
const job = JSON.parse(text);
const wavenet = new Wavenet(new WebAssembly.Module(fs.readFileSync(file)));
const module = wavenet.exports;

const floats = (name) => {
  const bytes = fs.readFileSync(name);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

function amp() {
  const input = floats(job.in);
  const output = new Float32Array(input.length);
  const made = wavenet.makeAmp(wavenet.loadModel(fs.readFileSync(job.capture), job.capture), new Float32Array(0), 48000);
  module.amp_set(made, job.db, 0, 0, 0);
  // In blocks as an AudioWorklet has them, on an instance that goes on from the memory of the one that loaded the model.
  const worklet = new Wavenet(new WebAssembly.Module(fs.readFileSync(file)), wavenet.snapshot());
  for (let at = 0; at < input.length; at += 128) {
    worklet.runAmp(made, input.subarray(at, at + 128), output.subarray(at, at + 128));
  }
  return output;
}

function notes() {
  const output = new Float32Array(job.frames);
  const made = wavenet.makeNotes(wavenet.loadModel(fs.readFileSync(job.model), job.model), job.rate, job.voices);
  let at = 0;
  for (const [frame, bytes] of [...job.events, [job.frames, []]]) {
    wavenet.runNotes(made, output.subarray(at, frame));
    module.notes_send(made, bytes.length, bytes[0], bytes[1] ?? 0, bytes[2] ?? 0);
    at = frame;
  }
  return output;
}

fs.writeFileSync(job.out, new Uint8Array((job.capture ? amp() : notes()).buffer));
console.log(wavenet.text(module.kernels()), module.fuses() ? 'fuses' : 'rounds twice');
