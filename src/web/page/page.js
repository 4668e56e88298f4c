// SPDX-License-Identifier: MIT
// page.js - the page's controls, and the wires between them, the workers and the audio thread.
// Copyright (c) 2026 the wavenet authors
import { drawField } from './drawing.js';
import { Keyboard } from './keyboard.js';
import { RING_BYTES } from './ring.js';
import { encodeWav } from './wav.js';
import { chooseModule, fetchBytes } from './wavenet.js';

const MODEL = 'notes.safetensors';
const RATE = 48000; // Hz, as most captures; no resampling
const MAX_FILE = 64 << 20; // bytes
const CABINET_SECONDS = 1.4; // sounds up to this length that are dropped somewhere are cabinets
const MAX_TAPS = 65536;
const IDLE_SECONDS = 15; // after the last note, and without a sound in the amp, the audio thread stops

const $ = (id) => document.getElementById(id);
const say = (id, words) => { if ($(id).textContent !== words) $(id).textContent = words; };
const dB = (gain) => 20 * Math.log10(gain);

// ---- workers: a question, a promise of the answer ------------------------------------------------------------------------

class Service {
  constructor(report) {
    this.worker = new Worker('worker.js', { type: 'module' });
    this.waiting = new Map();
    this.next = 0;
    this.worker.onmessage = ({ data: { id, result, error, ...news } }) => {
      if (id === undefined) return report?.(news);
      const { resolve, reject } = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    };
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.failure = new Error(event.message || 'worker.js did not start'); // perhaps before anything was asked
      for (const { reject } of this.waiting.values()) reject(this.failure);
      this.waiting.clear();
    };
  }

  ask(ask, request = {}, transfer = []) {
    if (this.failure) return Promise.reject(this.failure);
    const id = this.next++;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.worker.postMessage({ id, ask, ...request }, transfer);
    return answer;
  }

  tell(ask, request) {
    this.worker.postMessage({ ask, ...request });
  }
}

const player = new Service(({ stats }) => showStats(stats));
const loader = new Service();
let context; // AudioContext, as soon as the page has started
let module; // WebAssembly.Module, for the audio thread

// A browser lets sound begin with a gesture only.
const wake = () => { if (context && context.state !== 'running') context.resume(); };

// ---- what runs ---------------------------------------------------------------------------------------------------------

function showStats({ speed, ahead }) {
  const base = context.baseLatency ?? 0;
  say('notes-speed', `${voices} ${voices === 1 ? 'voice' : 'voices'}, generated ${speed.toFixed(1)} × real time`);
  say('buffer', `${Math.round(1000 * ahead)} ms ahead, ${Math.round(1000 * base)} ms in the browser, ` +
    `${globalThis.crossOriginIsolated ? 'in shared memory' : 'by messages (shared memory from the next visit on)'}`);
}

function showKernels(kernels, fuses) {
  const promise = fuses ? 'the samples of every processor with FMA' : 'the samples of the command with --cpu portable';
  say('kernels', `${kernels}: ${promise}`);
}

function showLacks(kernels, fuses) {
  const lacks = [];
  if (kernels !== 'relaxed-simd') lacks.push('relaxed SIMD');
  else if (!fuses) lacks.push('fused multiply-add');
  if (!globalThis.crossOriginIsolated) lacks.push('shared memory on this visit');
  if (!navigator.requestMIDIAccess) lacks.push('Web MIDI');
  if (!navigator.mediaDevices) lacks.push('a microphone (it needs a secure page)');
  say('lacks', lacks.join(', ') || 'nothing that this page uses');
}

// ---- notes -------------------------------------------------------------------------------------------------------------

let voices = 1, idle;

const sendMidi = (...bytes) => {
  player.tell('midi', { bytes });
  wake();
  clearTimeout(idle);
  idle = setTimeout(() => { if (!ampIsFed()) context?.suspend(); }, 1000 * IDLE_SECONDS);
};

const keyboard = new Keyboard($('keyboard'), (key) => sendMidi(0x90, key, Number($('velocity').value)),
  (key) => sendMidi(0x80, key, 0));

// A control of MIDI with 14 bits: bend.
const sendBend = () => {
  const value = Number($('bend').value) + 8192;
  sendMidi(0xe0, value & 127, value >> 7);
};

function connectControls(volume) {
  $('instrument').onchange = () => player.tell('instrument', { choice: Number($('instrument').value) });
  $('tuning').oninput = () => player.tell('tuning', { semitones: Number($('tuning').value) / 100 });
  $('bend').oninput = sendBend;
  $('bend').onchange = () => { $('bend').value = 0; sendBend(); }; // the wheel springs back
  $('pedal').onchange = () => sendMidi(0xb0, 64, $('pedal').checked ? 127 : 0);
  const setVolume = () => volume.gain.setTargetAtTime(10 ** (Number($('volume').value) / 20), context.currentTime, 0.01);
  $('volume').oninput = setVolume;
  setVolume();
  $('octave-down').onclick = () => keyboard.shift(-1);
  $('octave-up').onclick = () => keyboard.shift(1);
}

async function startNotes(instrument, worklet) {
  const [about] = await Promise.all([instrument, worklet]);
  voices = about.voices;
  const buffer = globalThis.crossOriginIsolated ? new SharedArrayBuffer(RING_BYTES) : undefined;
  const node = new AudioWorkletNode(context, 'wavenet-player',
    { numberOfInputs: 0, outputChannelCount: [2], processorOptions: { buffer } });
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage({ port: port1 }, [port1]);
  await player.ask('player', { port: port2, buffer }, [port2]);
  node.port.onmessage = ({ data }) => say('underruns', String(data.underruns));
  const volume = new GainNode(context, { gain: 0 });
  node.connect(volume).connect(context.destination);
  $('instrument').replaceChildren(...about.instruments.map((name, choice) => new Option(name, choice)));
  player.tell('instrument', { choice: 0 });
  connectControls(volume);
  keyboard.setRange(about.lowest, about.highest);
  for (const id of ['instrument', 'record']) $(id).disabled = false;
  say('notes-words', `Ready: ${about.words}; ${voices} ${voices === 1 ? 'note' : 'notes'} at once on this machine.`);
}

// ---- MIDI --------------------------------------------------------------------------------------------------------------

async function useMidi() {
  if (!navigator.requestMIDIAccess) return say('midi-words', 'This browser has no Web MIDI.');
  try {
    const access = await navigator.requestMIDIAccess();
    const listen = () => {
      const inputs = [...access.inputs.values()];
      for (const input of inputs) input.onmidimessage = ({ data }) => data.length <= 3 && sendMidi(...data);
      say('midi-words', inputs.length ? `Listening to ${inputs.map((input) => input.name).join(', ')}.` : 'No MIDI keyboard is connected.');
    };
    access.onstatechange = listen;
    listen();
  } catch {
    say('midi-words', 'The browser did not allow MIDI.');
  }
}

// ---- files to download ----------------------------------------------------------------------------------------------------

function offer(id, samples, rate) {
  const link = $(id);
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(encodeWav(samples, rate));
  link.hidden = false;
  link.textContent = `${link.textContent.split(' (')[0]} (${(samples.length / rate).toFixed(1)} s)`;
}

const setPressed = (button, pressed) => button.setAttribute('aria-pressed', pressed);
const isPressed = (button) => button.getAttribute('aria-pressed') === 'true';

async function toggleRecording() {
  const button = $('record');
  setPressed(button, !isPressed(button));
  button.textContent = isPressed(button) ? 'Stop recording' : 'Record';
  if (isPressed(button)) return player.tell('record');
  offer('record-file', await player.ask('recorded'), context.sampleRate);
}

// ---- amp ---------------------------------------------------------------------------------------------------------------

// What was chosen: the model's file, the cabinet's file, the sound. `source` is what feeds the amp now.
const amp = { model: null, cabinet: null, sound: null, node: null, source: null, microphone: null };

const ampIsFed = () => Boolean(amp.source || amp.microphone);

const settings = () => ({ inDb: Number($('in-gain').value), outDb: Number($('out-gain').value),
  bypassed: $('bypass').checked, normalizes: $('normalize').checked });

const showLevel = (which, peak) => {
  $(`${which}-meter`).value = Math.max(-60, dB(peak));
  say(`${which}-level`, peak > 0.001 ? `${dB(peak).toFixed(1)} dB` : 'silent');
};

function makeAmpNode() {
  amp.node = new AudioWorkletNode(context, 'wavenet-amp', { channelCount: 1, channelCountMode: 'explicit',
    outputChannelCount: [2], processorOptions: { module, settings: settings() } });
  amp.node.port.onmessage = ({ data }) => {
    showLevel('in', data.in);
    showLevel('out', data.out);
  };
  amp.node.connect(context.destination);
  for (const id of ['in-gain', 'out-gain', 'bypass', 'normalize']) {
    $(id).oninput = () => amp.node.port.postMessage({ settings: settings() });
  }
}

async function readFile(file) {
  if (file.size > MAX_FILE) throw new Error(`${file.name}: is larger than ${MAX_FILE >> 20} MB`);
  return file.arrayBuffer();
}

// The sound in `file` as one channel at `rate`.
async function decode(file, rate) {
  const bytes = await readFile(file);
  const decoder = new OfflineAudioContext(1, 1, rate);
  const sound = await decoder.decodeAudioData(bytes).catch(() => {
    throw new Error(`${file.name}: is no sound that this browser can read`);
  });
  const mono = new Float32Array(sound.length);
  for (let c = 0; c < sound.numberOfChannels; c++) {
    sound.getChannelData(c).forEach((x, i) => { mono[i] += x / sound.numberOfChannels; });
  }
  return mono;
}

// What a worker needs to make the amp of `model` and `cabinet`.
async function ampRequest({ model, cabinet }) {
  const rate = context.sampleRate;
  const bytes = model && { bytes: new Uint8Array(await readFile(model)), name: model.name };
  const taps = cabinet ? await decode(cabinet, bytes ? await loader.ask('rate', { model: bytes }) : rate) : new Float32Array(0);
  return { model: bytes, taps: taps.subarray(0, MAX_TAPS), rate };
}

// Prepare the amp of `chosen` and crossfade to it; what the loader says about it.
async function playAmp(chosen) {
  const { unit, ...about } = await loader.ask('amp', await ampRequest(chosen));
  amp.node.port.postMessage({ unit }, [unit.snapshot]);
  return about;
}

// Play another model or cabinet; what played goes on where that fails.
async function changeAmp(change) {
  await started;
  say('amp-error', '');
  const chosen = { model: amp.model, cabinet: amp.cabinet, ...change };
  try {
    const { speed, latency, words } = await playAmp(chosen);
    Object.assign(amp, change);
    say('model-name', amp.model?.name ?? 'none');
    say('cabinet-name', amp.cabinet?.name ?? 'none');
    say('amp-words', words);
    say('amp-speed', `${speed.toFixed(1)} × real time, ${latency} frames of latency beside the browser's`);
  } catch (error) {
    say('amp-error', error.message);
  }
}

async function changeSound(file) {
  await started;
  say('amp-error', '');
  try {
    amp.sound = await decode(file, context.sampleRate);
    say('sound-name', `${file.name}, ${(amp.sound.length / context.sampleRate).toFixed(1)} s`);
    $('play').disabled = $('render').disabled = false;
    if (amp.source) playSound(true);
  } catch (error) {
    say('amp-error', error.message);
  }
}

function playSound(on) {
  amp.source?.stop();
  amp.source?.disconnect();
  amp.source = null;
  if (on) {
    const buffer = new AudioBuffer({ length: amp.sound.length, sampleRate: context.sampleRate });
    buffer.copyToChannel(amp.sound, 0);
    amp.source = new AudioBufferSourceNode(context, { buffer, loop: true });
    amp.source.connect(amp.node);
    amp.source.start();
    wake();
  }
  setPressed($('play'), on);
  $('play').textContent = on ? 'Stop the sound' : 'Play the sound';
}

async function toggleMicrophone() {
  await started;
  if (amp.microphone) {
    amp.microphone.disconnect();
    for (const track of amp.microphone.mediaStream.getTracks()) track.stop();
    amp.microphone = null;
  } else {
    try {
      const raw = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      amp.microphone = context.createMediaStreamSource(await navigator.mediaDevices.getUserMedia({ audio: raw }));
      amp.microphone.connect(amp.node);
      wake();
    } catch {
      say('amp-error', 'The browser gave no microphone.');
    }
  }
  setPressed($('microphone'), Boolean(amp.microphone));
}

async function renderSound() {
  try {
    const request = await ampRequest(amp);
    offer('render-file', await loader.ask('render', { ...request, sound: amp.sound, settings: settings() }), context.sampleRate);
  } catch (error) {
    say('amp-error', error.message);
  }
}

// A file that was dropped somewhere: a model by its name, a short sound is a cabinet.
async function sortFile(file) {
  if (/\.(nam|safetensors|json)$/i.test(file.name)) return changeAmp({ model: file });
  let seconds = Infinity;
  try {
    seconds = (await decode(file, 8000)).length / 8000;
  } catch { /* changeSound says why */ }
  return seconds <= CABINET_SECONDS ? changeAmp({ cabinet: file }) : changeSound(file);
}

function connectFiles() {
  const choose = (id, use) => {
    $(id).onchange = async () => {
      if ($(id).files.length) await use($(id).files[0]);
      $(id).value = ''; // the same file may be chosen again
    };
    $(id).closest('.file').ondrop = (event) => {
      event.stopPropagation();
      acceptDrop(event, use);
    };
  };
  const acceptDrop = async (event, use) => {
    event.preventDefault();
    document.body.classList.remove('dragging');
    for (const file of [...event.dataTransfer.files]) await use(file);
  };
  choose('model-file', (file) => changeAmp({ model: file }));
  choose('cabinet-file', (file) => changeAmp({ cabinet: file }));
  choose('sound-file', changeSound);
  document.ondragover = (event) => {
    event.preventDefault();
    document.body.classList.add('dragging');
  };
  document.ondragleave = (event) => { if (!event.relatedTarget) document.body.classList.remove('dragging'); };
  document.ondrop = (event) => acceptDrop(event, sortFile);
}

// ---- receptive field ------------------------------------------------------------------------------------------------------

function showField(traced) {
  const { layers, lines } = traced;
  const last = layers[layers.length - 1];
  const words = `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}: receptive field ${last.field} samples, ` +
    `${Math.round(100 * last.coverage)} % of them reach the output`;
  say('field-words', lines.length ? `${words}.` : `${words}. There are too many connections to draw, or parallel branches.`);
  const draw = () => $('drawing').replaceChildren(...(lines.length ? [drawField(traced, words, $('drawing').clientWidth)] : []));
  draw();
  globalThis.onresize = draw;
  $('field-rows').replaceChildren(...layers.map(({ name, field, coverage }) => {
    const row = document.createElement('tr');
    row.append(...[name, field, `${Math.round(100 * coverage)} %`].map((text) => {
      const cell = document.createElement('td');
      cell.textContent = text;
      return cell;
    }));
    return row;
  }));
}

async function traceField(event) {
  event?.preventDefault();
  try {
    showField(await loader.ask('trace', { kernel: Number($('kernel').value), text: $('layers').value }));
  } catch (error) {
    say('field-words', error.message);
    $('drawing').replaceChildren();
    $('field-rows').replaceChildren();
  }
}

// ---- start -------------------------------------------------------------------------------------------------------------

async function startAmp(worklet) {
  await Promise.all([loader.ask('start', { compiled: module }), worklet]);
  makeAmpNode();
  await playAmp(amp); // of nothing yet, so that gains and bypass work
  traceField();
}

async function start() {
  const file = chooseModule();
  if (!file) throw new Error('This browser has no WebAssembly with SIMD (Chrome 91, Firefox 89, Safari 16.4), which the kernels need.');
  if (!globalThis.AudioWorklet) throw new Error('This page needs an AudioWorklet: open it from a secure address (https, or localhost).');
  const [compiled, bytes] = await Promise.all([fetchBytes(file).then(WebAssembly.compile), fetchBytes(MODEL)]);
  module = compiled;
  const { kernels, fuses } = await player.ask('start', { compiled });
  // A browser that has just started takes half a second to make its first audio context. Meanwhile the worker prepares notes.
  const instrument = player.ask('notes', { model: { bytes, name: MODEL }, rate: RATE, voices: 0 });
  context = new AudioContext({ latencyHint: 'interactive', sampleRate: RATE });
  const worklet = context.audioWorklet.addModule('worklet.js');
  showKernels(kernels, fuses);
  showLacks(kernels, fuses);
  await Promise.all([startAmp(worklet), startNotes(instrument, worklet)]);
}

// Every slider shows its number; a screen reader says it already.
for (const range of document.querySelectorAll('input[type=range]')) {
  const number = document.createElement('span');
  number.className = 'number';
  number.ariaHidden = 'true';
  const show = () => { number.textContent = range.value; };
  for (const type of ['input', 'change']) range.addEventListener(type, () => queueMicrotask(show));
  range.before(number);
  show();
}

const started = start();
started.catch((error) => say('notes-words', error.message));
connectFiles();
keyboard.draw();
$('midi').onclick = useMidi;
$('record').onclick = toggleRecording;
$('play').onclick = () => playSound(!amp.source);
$('microphone').onclick = toggleMicrophone;
$('render').onclick = renderSound;
$('stack').onsubmit = traceField;
addEventListener('pointerdown', wake);

// From the next visit on, the page is isolated and may share memory.
if (!globalThis.crossOriginIsolated) navigator.serviceWorker?.register('isolate.js').catch(() => {});
