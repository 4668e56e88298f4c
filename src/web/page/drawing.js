// SPDX-License-Identifier: MIT
// drawing.js - a receptive field: one row per layer, time to the right, a line per connection to one output.
// Copyright (c) 2026 the wavenet authors

const MIN_WIDTH = 260, ROW = 56, LEFT = 90, RIGHT = 20, TOP = 24; // pixels

const element = (name, attributes) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

// `layers` and `lines` as Wavenet.traceStack gives them. `words` describe the drawing to those who do not see it. `room`: pixels.
export function drawField({ layers, lines }, words, room) {
  const width = Math.max(MIN_WIDTH, room), height = TOP + ROW * layers.length + 36;
  const svg = element('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': words });
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < lines.length; i += 2) [low, high] = [Math.min(low, lines[i]), Math.max(high, lines[i])];
  const scale = (width - LEFT - RIGHT) / Math.max(1, high - low);
  const x = (time) => LEFT + (time - low) * scale;
  const y = (level) => TOP + ROW * (layers.length - level);
  const nodes = new Map();
  let path = '';
  for (let i = 0; i < lines.length; i += 4) {
    const [from, fromLevel, to, toLevel] = lines.subarray(i, i + 4);
    path += `M${x(from).toFixed(1)} ${y(fromLevel)}L${x(to).toFixed(1)} ${y(toLevel)}`;
    nodes.set(`${from} ${fromLevel}`, [x(from), y(fromLevel)]);
    nodes.set(`${to} ${toLevel}`, [x(to), y(toLevel)]);
  }
  svg.append(element('path', { d: path, class: 'edge', 'stroke-width': nodes.size > 400 ? 0.5 : 1.2 }));
  for (const [cx, cy] of nodes.values()) {
    svg.append(element('circle', { cx: cx.toFixed(1), cy, r: nodes.size > 400 ? 1.5 : 3, class: 'node' }));
  }
  ['input', ...layers.map((layer) => layer.name)].forEach((name, level) => {
    const label = element('text', { x: 4, y: y(level) + 4 });
    label.textContent = name;
    svg.append(label);
  });
  for (const [time, anchor] of [[low, 'start'], [high, 'end']]) {
    const label = element('text', { x: x(time), y: height - 8, 'text-anchor': anchor });
    label.textContent = time;
    svg.append(label);
  }
  return svg;
}
