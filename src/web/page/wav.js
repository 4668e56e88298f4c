// SPDX-License-Identifier: MIT
// wav.js - a WAV file of one channel of 32-bit floats.
// Copyright (c) 2026 the wavenet authors

const FLOAT = 3; // WAVE_FORMAT_IEEE_FLOAT

export function encodeWav(samples, rate) {
  const bytes = 4 * samples.length;
  const file = new ArrayBuffer(58 + bytes);
  const view = new DataView(file);
  let at = 0;
  const tag = (text) => [...text].forEach((c) => view.setUint8(at++, c.charCodeAt(0)));
  const number = (value) => (view.setUint32(at, value, true), at += 4);
  const short = (value) => (view.setUint16(at, value, true), at += 2);
  tag('RIFF'), number(50 + bytes), tag('WAVE');
  tag('fmt '), number(18), short(FLOAT), short(1), number(rate), number(4 * rate), short(4), short(32), short(0);
  tag('fact'), number(4), number(samples.length);
  tag('data'), number(bytes);
  for (const x of samples) view.setFloat32(at, x, true), at += 4;
  return new Blob([file], { type: 'audio/wav' });
}
