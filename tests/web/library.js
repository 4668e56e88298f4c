// SPDX-License-Identifier: MIT
// library.js - what the tests call in a page of the server: sounds through the worklets without a device, hashes, controls.
// Copyright (c) 2026 the wavenet authors

const text = (id) => document.getElementById(id).textContent;
const sha256 = async (floats) => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', floats)),
  (b) => b.toString(16).padStart(2, '0')).join('');
const unpack = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const compile = async (file) => WebAssembly.compile(await (await fetch(file)).arrayBuffer());

// `samples` through an amp, in an OfflineAudioContext: {sound, seconds that the audio thread took}.
async function offlineAmp(file, capture, samples, inDb) {
  const { Wavenet } = await import('./wavenet.js');
  const module = await compile(file);
  const wavenet = new Wavenet(module);
  const amp = wavenet.makeAmp(wavenet.loadModel(unpack(capture), 'capture.nam'), new Float32Array(0), 48000);
  const context = new OfflineAudioContext(1, samples.length, 48000);
  await context.audioWorklet.addModule('worklet.js');
  const buffer = new AudioBuffer({ length: samples.length, sampleRate: 48000 });
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  const node = new AudioWorkletNode(context, 'wavenet-amp', { channelCount: 1, channelCountMode: 'explicit',
    outputChannelCount: [1], processorOptions: { module, unit: { snapshot: wavenet.snapshot(), amp },
      settings: { inDb, outDb: 0, bypassed: false, normalizes: false } } });
  source.connect(node).connect(context.destination);
  source.start();
  const began = performance.now();
  const sound = (await context.startRendering()).getChannelData(0);
  return { sound, seconds: (performance.now() - began) / 1000 };
}

// A worker of the page that answers one question at a time.
async function startWorker(file) {
  const worker = new Worker('worker.js', { type: 'module' });
  const ask = (ask, request) => new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => data.error ? reject(new Error(data.error)) : resolve(data.result);
    worker.postMessage({ id: 0, ask, ...request });
  });
  await ask('start', { compiled: await WebAssembly.compile(await (await fetch(file)).arrayBuffer()) });
  return { ask, end: () => worker.terminate() };
}

// Notes from a worker, through the player in an OfflineAudioContext. `frames`: no more than a ring has room for.
async function offlineNotes(file, events, frames, rate) {
  const { RING_BYTES, Ring } = await import('./ring.js');
  const worker = await startWorker(file);
  const sound = await worker.ask('renderNotes', { file: 'notes.safetensors', rate, voices: 2, frames, events });
  worker.end();
  const context = new OfflineAudioContext(1, frames, rate);
  await context.audioWorklet.addModule('worklet.js');
  const buffer = new ArrayBuffer(RING_BYTES);
  new Ring(buffer).write(sound);
  const node = new AudioWorkletNode(context, 'wavenet-player', { numberOfInputs: 0, outputChannelCount: [1],
    processorOptions: { buffer } });
  node.connect(context.destination);
  return (await context.startRendering()).getChannelData(0);
}

const download = async (id) => {
  const bytes = new Uint8Array(await (await fetch(document.getElementById(id).href)).arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};

const set = (id, value, type = 'input') => {
  const element = document.getElementById(id);
  if (element.type === 'checkbox') element.checked = value;
  else element.value = value;
  element.dispatchEvent(new Event(type, { bubbles: true }));
};
