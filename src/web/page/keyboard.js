// SPDX-License-Identifier: MIT
// keyboard.js - the drawn keyboard and the keys of the computer's: both send key numbers.
// Copyright (c) 2026 the wavenet authors

const NAMES = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];
const isBlack = (key) => NAMES[key % 12].length > 1;
const nameOf = (key) => NAMES[key % 12] + (Math.floor(key / 12) - 1);

// Semitones above the octave, by the place of a key on the computer's keyboard, whatever is printed on it.
const CODES = ['KeyA', 'KeyW', 'KeyS', 'KeyE', 'KeyD', 'KeyF', 'KeyT', 'KeyG', 'KeyY', 'KeyH', 'KeyU', 'KeyJ', 'KeyK', 'KeyO',
  'KeyL', 'KeyP', 'Semicolon'];
const WHITE_WIDTH = 38, FINGER_WIDTH = 44; // least pixels of a white key, for a mouse and for a finger
const forFingers = matchMedia('(pointer: coarse), (max-width: 34rem)');

export class Keyboard {
  // `press(key)` and `release(key)` are called once per key.
  constructor(element, press, release) {
    Object.assign(this, { element, press, release, lowest: 0, highest: 127, octave: 3 });
    this.held = new Map(); // pointer or code → key
    element.addEventListener('pointerdown', (event) => this.point(event));
    element.addEventListener('pointermove', (event) => this.held.has(event.pointerId) && this.point(event));
    for (const type of ['pointerup', 'pointercancel']) addEventListener(type, (event) => this.let(event.pointerId));
    element.addEventListener('keydown', (event) => this.move(event));
    element.addEventListener('keyup', (event) => this.let(`drawn ${event.code}`));
    addEventListener('keydown', (event) => this.type(event));
    addEventListener('keyup', (event) => this.let(event.code));
    addEventListener('blur', () => this.letAll());
    document.addEventListener('visibilitychange', () => this.letAll());
    addEventListener('resize', () => this.draw());
  }

  setRange(lowest, highest) {
    Object.assign(this, { lowest, highest });
    this.draw();
  }

  shift(octaves) {
    this.letAll();
    this.octave = Math.min(8, Math.max(1, this.octave + octaves));
    this.draw();
  }

  // One to four octaves that fit, and the C above them if that fits, too; the lowest key has the place in the order of the page.
  draw() {
    const fits = Math.floor(this.element.clientWidth / (forFingers.matches ? FINGER_WIDTH : WHITE_WIDTH)); // white keys
    const count = Math.max(1, Math.min(4, Math.floor(fits / 7)));
    const first = 12 * (this.octave + 1), last = first + 12 * count - (fits > 7 * count ? 0 : 1);
    if (this.drawn === `${first} ${last} ${this.lowest} ${this.highest}`) return;
    this.drawn = `${first} ${last} ${this.lowest} ${this.highest}`;
    const keys = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const whites = keys.filter((key) => !isBlack(key)).length;
    let before = 0;
    this.element.replaceChildren(...keys.map((key) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = `key ${isBlack(key) ? 'black' : 'white'}`;
      button.dataset.key = key;
      button.tabIndex = key === first ? 0 : -1;
      button.setAttribute('aria-label', nameOf(key));
      button.disabled = key < this.lowest || key > this.highest;
      if (isBlack(key)) {
        button.style.left = `${100 * before / whites}%`;
        button.style.width = `${64 / whites}%`;
      } else {
        before++;
      }
      if (key % 12 === 0) button.textContent = nameOf(key);
      return button;
    }));
  }

  point(event) {
    const key = document.elementFromPoint(event.clientX, event.clientY)?.closest('.key')?.dataset.key;
    event.preventDefault();
    this.hold(event.pointerId, key === undefined ? null : Number(key));
  }

  type(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.('input[type=text], input[type=number], select')) return;
    if (event.code === 'KeyZ') this.shift(-1);
    if (event.code === 'KeyX') this.shift(1);
    const semitone = CODES.indexOf(event.code);
    if (semitone >= 0) this.hold(event.code, 12 * (this.octave + 1) + semitone);
  }

  // Arrow keys move among the drawn keys; Space and Enter play.
  move(event) {
    const keys = [...this.element.children].filter((key) => !key.disabled);
    const at = keys.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 12, ArrowDown: -12 }[event.key];
    if (step && keys[at + step]) {
      keys[at].tabIndex = -1;
      keys[at + step].tabIndex = 0;
      keys[at + step].focus();
    }
    if ((event.key === ' ' || event.key === 'Enter') && at >= 0 && !event.repeat) {
      this.hold(`drawn ${event.code}`, Number(keys[at].dataset.key));
    }
    if (step || event.key === ' ' || event.key === 'Enter') event.preventDefault();
  }

  // `by` holds `key` (null: none) from now on.
  hold(by, key) {
    if (key !== null && (key < this.lowest || key > this.highest)) return;
    if (this.held.get(by) === key && this.held.has(by)) return;
    this.let(by);
    this.held.set(by, key);
    if (key === null) return;
    this.show(key, true);
    this.press(key);
  }

  let(by) {
    const key = this.held.get(by) ?? null;
    this.held.delete(by);
    if (key === null || [...this.held.values()].includes(key)) return;
    this.show(key, false);
    this.release(key);
  }

  letAll() {
    for (const by of [...this.held.keys()]) this.let(by);
  }

  show(key, down) {
    this.element.querySelector(`[data-key="${key}"]`)?.classList.toggle('down', down);
  }
}
