# SPDX-License-Identifier: MIT
# page.py - the page in Chromium: the samples of the command, every control, hostile files, labels and contrasts.
# Usage: page.py WAVENET MAKE_MODEL COMMON.py CHROMIUM PAGE CAPTURE PICTURES
# Copyright (c) 2026 the wavenet authors
import array
import base64
import glob
import gzip
import hashlib
import json
import math
import os
import random
import shutil
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(sys.argv[3]))
from access import check_colours, check_look, check_names, check_order  # noqa: E402
from chromium import Browser, Server  # noqa: E402
from common import check, content, finish, good, path, write_file  # noqa: E402

CHROMIUM, PAGE, CAPTURE, PICTURES = map(os.path.abspath, sys.argv[4:8])
HERE = os.path.dirname(os.path.abspath(__file__))
NOTES = os.path.join(PAGE, 'notes.safetensors')
RATE, NOTES_RATE = 48000, 16000
EVENTS = [(0, [0x90, 69, 100]), (1600, [0x90, 64, 80]), (4800, [0x80, 69, 0]), (6000, [0x80, 64, 0])]  # frames of the model; instrument: flute
FLUTE = 0x49
MAX_MODULE = 400000  # bytes in gzip


def literal(value):
    return json.dumps(value)


def packed(name):
    return literal(base64.b64encode(content(name)).decode())


def sha256(name):
    return hashlib.sha256(content(name)).hexdigest()


def noise(name, seconds, seed):
    draw = random.Random(seed)
    return write_file(name, array.array('f', [draw.uniform(-0.4, 0.4) for _ in range(round(seconds * RATE))]).tobytes())


def wav(name, raw):
    """A WAV file of the floats in a file."""
    data = content(raw)
    head = struct.pack('<4sI4s4sIHHIIHH4sI', b'RIFF', 36 + len(data), b'WAVE', b'fmt ', 16, 3, 1, RATE, 4 * RATE, 4, 32, b'data',
                       len(data))
    return write_file(name, head + data)


def variable(n):
    out = [n & 127]
    while n := n >> 7:
        out.insert(0, n & 127 | 128)
    return bytes(out)


def song():
    track, now = b'', 0
    for tick, message in [(0, [0xc0, FLUTE]), *EVENTS, (EVENTS[-1][0], [0xff, 0x2f, 0])]:
        track += variable(tick - now) + bytes(message)
        now = tick
    return write_file('song.mid', b'MThd' + struct.pack('>IHHH', 6, 0, 1, 8000) + b'MTrk' + struct.pack('>I', len(track)) + track)


def kernel_sets():
    """[module, kernel set of the command] of both modules."""
    here = good('--version').split()
    fma = next((name for name in ('avx512', 'avx2', 'neon') if name in here), 'c')
    return [('wavenet-simd128.wasm', 'portable'), ('wavenet-relaxed_simd.wasm', fma)]


def text(page, name):
    return page.value(f"document.getElementById({literal(name)}).textContent")


def load(page, address, **more):
    page.open(address, **more)
    page.add_library()
    ready = page.wait("document.getElementById('notes-words').textContent.startsWith('Loading') ? '' : text('notes-words')")
    check(ready and ready.startswith('Ready'), 'the page is not ready:', ready)


def check_files():
    """What is served: small modules, and the terms of everything inside them."""
    for module, _ in kernel_sets():
        size = len(gzip.compress(content(os.path.join(PAGE, module)), 9))
        check(size < MAX_MODULE, module, 'has', size, 'bytes in gzip')
        print(f'{module}: {size} bytes in gzip')
    terms = content(os.path.join(PAGE, 'LICENSES.txt')).decode()
    for words in ('Petri Lehtinen', 'wasi-libc', 'musl', 'dlmalloc', 'Apache License', 'LLVM'):
        check(words in terms, 'the licences lack', words)
    check('Frank Wen' in content(os.path.join(PAGE, 'LICENSE-FluidR3.txt')).decode(), 'the data of the instrument has no licence')
    check('MIT' in content(os.path.join(PAGE, 'LICENSE.txt')).decode(), 'the page has no licence')


def check_bits(page):
    """Both modules in an OfflineAudioContext: the hashes of the command."""
    vectors = os.environ.get('WAVENET_VECTORS')
    captures = [CAPTURE] + sorted(glob.glob(os.path.join(vectors, 'nam', 'wavenet_a1*.nam')) if vectors else [])
    sound, fuses = noise('in.f32', 0.25, 3), 'FMA' in text(page, 'kernels')
    for module, kernels in kernel_sets():
        if 'relaxed' in module and not fuses:
            print('relaxed SIMD does not fuse here: nothing is promised')
            continue
        for capture in captures:
            good('process', '-m', capture, sound, '-o', path('want.f32'), '--gain', 2, '--cpu', kernels)
            got = page.value(f'''offlineAmp({literal(module)}, {packed(capture)}, new Float32Array(unpack({packed(sound)}).buffer), 2)
                .then(({{ sound }}) => sha256(sound))''')
            check(got == sha256(path('want.f32')), module, os.path.basename(capture), 'gives other samples than', kernels)
        good('generate', '-m', NOTES, '--midi-file', song(), '--voices', 2, '--mix-gain', 0, '-o', path('notes.f32'), '--cpu', kernels)
        frames = 4 * NOTES_RATE // 10
        write_file('notes.f32', content(path('notes.f32'))[:4 * frames])
        got = page.value(f'offlineNotes({literal(module)}, {literal([(0, [0xc0, FLUTE]), *EVENTS])}, {frames}, {NOTES_RATE}).then(sha256)')
        check(got == sha256(path('notes.f32')), module, 'notes are other samples than with', kernels)
    print(f'{len(captures)} captures and notes: the hashes of the command')


def samples_of(page, link):
    """The samples in the WAV file that a link offers."""
    data = base64.b64decode(page.value(f'download({literal(link)})'))
    check(data[:4] == b'RIFF' and data[50:54] == b'data' and len(data) == 58 + struct.unpack('<I', data[54:58])[0], link, 'no WAV file')
    return data[58:]


def check_notes(page):
    for name, value, kind in (('instrument', '3', 'change'), ('velocity', '90', 'input'), ('tuning', '20', 'input'), ('volume', '-9', 'input'),
                              ('bend', '2000', 'input'), ('bend', '2000', 'change'), ('pedal', True, 'change'), ('pedal', False, 'change')):
        page.value(f'set({literal(name)}, {literal(value)}, {literal(kind)})')
    check(page.value("document.getElementById('bend').value") == '0', 'the bend does not spring back')
    page.click('#record')
    check(page.value("document.getElementById('record').getAttribute('aria-pressed')") == 'true', 'it does not record')
    key = page.press('[data-key="69"]')
    check(page.wait('document.querySelector(\'[data-key="69"]\').classList.contains("down")', 5), 'the key does not go down')
    time.sleep(1)
    page.let(*key)
    check(page.wait('!document.querySelector(".key.down")', 5), 'the key stays down')
    for code, key in (('KeyA', 'a'), ('KeyW', 'w'), ('KeyK', 'k')):
        page.key('keyDown', code, key)
        check(page.value('document.querySelectorAll(".key.down").length') == 1, code, 'plays nothing')
        page.key('keyUp', code, key)
    page.value('document.querySelector(".key[tabindex=\'0\']").focus()')
    first = page.value('document.activeElement.dataset.key')
    page.key('keyDown', 'ArrowRight', 'ArrowRight')
    page.key('keyDown', 'Space', ' ')
    check(page.value('document.querySelector(".key.down")?.dataset.key') == str(int(first) + 1), 'Space does not play the next key')
    page.key('keyUp', 'Space', ' ')
    page.click('#record')
    check(page.wait('!document.getElementById("record-file").hidden', 10), 'no recording is offered')
    data = samples_of(page, 'record-file')
    peak = max(map(abs, struct.unpack(f'<{len(data) // 4}f', data)), default=0)
    check(0.01 < peak < 4, 'what was recorded has the peak', peak)
    lowest = page.value('Number(document.querySelector(".key").dataset.key)')
    page.click('#octave-up')
    page.key('keyDown', 'KeyX', 'x')
    page.key('keyUp', 'KeyX', 'x')
    check(page.value('Number(document.querySelector(".key").dataset.key)') == lowest + 24, 'octaves do not shift')
    page.click('#octave-down')
    page.click('#midi')
    check(page.wait("text('midi-words')", 10), 'MIDI says nothing')


def check_amp(page):
    raw = noise('guitar.f32', 1.5, 5)
    sound = wav('guitar.wav', raw)
    cabinet = wav('cabinet.wav', write_file('cabinet.f32', array.array('f', [math.exp(-i / 40) / 40 for i in range(400)]).tobytes()))
    page.choose('#model-file', CAPTURE)
    check(page.wait(f"text('model-name') == {literal(os.path.basename(CAPTURE))}", 30), 'the model is not taken:', text(page, 'amp-error'))
    check('× real time' in page.wait("text('amp-speed')"), 'no speed')
    page.drop('h1', sound)
    check(page.wait("text('sound-name').startsWith('guitar.wav')", 30), 'a sound that is dropped is not taken:', text(page, 'amp-error'))
    page.value("set('in-gain', 6)")
    page.click('#render')
    check(page.wait("!document.getElementById('render-file').hidden", 60), 'nothing is rendered:', text(page, 'amp-error'))
    kernels = dict(kernel_sets())['wavenet-relaxed_simd.wasm' if 'FMA' in text(page, 'kernels') else 'wavenet-simd128.wasm']
    good('process', '-m', CAPTURE, raw, '-o', path('want.f32'), '--gain', 6, '--cpu', kernels)
    check(samples_of(page, 'render-file') == content(path('want.f32')), 'the file has other samples than wavenet process')
    page.drop('#cabinet-file', cabinet)
    check(page.wait("text('cabinet-name') == 'cabinet.wav'", 30), 'the cabinet is not taken:', text(page, 'amp-error'))
    page.click('#play')
    check(page.wait("document.getElementById('out-meter').value > -40", 20), 'the amp is not heard')
    check(page.wait("document.getElementById('in-meter').value > -40", 20), 'the input has no level')
    page.value("set('out-gain', -40)")
    check(page.wait("document.getElementById('out-meter').value < -30", 20), 'the output gain does nothing')
    page.value("set('bypass', true)")
    check(page.wait("document.getElementById('out-meter').value > -20", 20), 'the bypass does nothing')
    page.value("set('normalize', true)")
    page.value("set('out-gain', 0)")
    page.value("set('bypass', false)")
    page.click('#play')
    check(page.wait("document.getElementById('in-meter').value <= -59", 20), 'the sound does not stop')
    page.click('#microphone')
    check(page.wait("document.getElementById('microphone').getAttribute('aria-pressed') == 'true'", 20), 'no microphone')
    page.click('#microphone')


def hostile_files():
    whole = content(CAPTURE)
    yield 'empty.nam', b''
    yield 'cut.nam', whole[:len(whole) // 2]
    yield 'noise.nam', random.Random(1).randbytes(5000)
    yield 'deep.nam', b'[' * 200000
    yield 'version.nam', b'{"version": "0.5.4", "architecture": "WaveNet", "config": {}, "weights": []}'
    yield 'wide.nam', json.dumps({'version': '0.5.4', 'architecture': 'WaveNet', 'weights': [0.0], 'config': {'layers': [
        {'input_size': 1, 'condition_size': 1, 'head_size': 1, 'channels': 10 ** 9, 'kernel_size': 10 ** 9, 'dilations': [1 << 30] * 50,
         'activation': 'Tanh', 'gated': False, 'head_bias': False}], 'head': None, 'head_scale': 1}}).encode()
    yield 'markup.nam', b'{"<img src=x onerror=document.title=1>": 1}'
    yield 'lies.safetensors', struct.pack('<Q', 1 << 60) + b'{}'
    yield 'notes.safetensors', content(NOTES)  # no capture


def check_hostile(page):
    before = text(page, 'model-name'), text(page, 'amp-words')
    for name, data in hostile_files():
        page.value("document.getElementById('amp-error').textContent = ''")
        page.drop('#model-file', write_file(name, data))
        words = page.wait("text('amp-error')", 60)
        check(words and '\n' not in words and len(words) < 500, name, 'is answered with', words)
        check((text(page, 'model-name'), text(page, 'amp-words')) == before, name, 'changes what plays')
        print(f'  {words}')
    page.drop('#sound-file', write_file('noise.wav', random.Random(2).randbytes(3000)))
    check('no sound' in (page.wait("text('amp-error')", 30) or ''), 'noise is taken for a sound')
    check(page.value('document.title') == 'wavenet', 'a file has run as markup')
    page.choose('#model-file', CAPTURE)
    check(page.wait("text('amp-error') == ''", 60), 'a good model after bad ones is refused:', text(page, 'amp-error'))


def check_stack(page):
    def draw(kernel, layers):
        page.value(f"set('kernel', {kernel}), set('layers', {literal(layers)}), set('stack', 0, 'submit')")
        time.sleep(0.3)
        return page.wait("text('field-words')")

    check(draw(2, '1 2 4 8').startswith('4 layers: receptive field 16 samples'), 'four layers are', text(page, 'field-words'))
    check(page.value("document.querySelectorAll('#drawing circle').length") == 31, 'a tree of 16 leaves has 31 nodes')
    check(page.value("document.querySelectorAll('#field-rows tr').length") == 4, 'the table has other rows')
    check('receptive field 7 samples' in draw(0, 'conv3 conv3d2'), 'two layers are', text(page, 'field-words'))
    check('expected' in draw(0, 'conv3 nonsense'), 'nonsense is', text(page, 'field-words'))
    check(page.value("document.querySelectorAll('#drawing svg').length") == 0, 'nonsense is drawn')
    check('too many' in draw(2, ' '.join(str(1 << i) for i in range(16))), 'a large tree is', text(page, 'field-words'))
    draw(2, '1 2 4 8 16')


def check_looks(page):
    """The tables of the README and pictures to be looked at, at a phone's, a tablet's and a desk's width; 320 is the least."""
    os.makedirs(PICTURES, exist_ok=True)
    check_colours()
    page.call('Emulation.setScrollbarsHidden', hidden=True)
    for width, height in ((360, 780), (768, 1024), (1280, 900)):
        for dark in (False, True):
            page.call('Emulation.setEmulatedMedia', features=[{'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}])
            page.resize(width, height)
            time.sleep(0.3)
            check_look(page, width, 'dark' if dark else 'light')
            page.screenshot(os.path.join(PICTURES, f'page-{width}-{"dark" if dark else "light"}.png'))
    check_order(page)
    check_names(page)
    page.resize(320, 600)
    check(page.wait('document.scrollingElement.scrollWidth <= innerWidth', 5), 'the page is wider than 320 pixels')
    page.resize(1280, 900)


def check_isolated(page, address):
    """From the second visit on memory is shared, though the server sets no headers."""
    check(page.wait('navigator.serviceWorker.ready.then(() => true)', 20), 'no service worker')
    began = time.monotonic()
    load(page, address)
    check(page.value('crossOriginIsolated'), 'the second visit is not isolated')
    key = page.press('[data-key="64"]')
    check('shared memory' in (page.wait("text('buffer').includes('in shared memory') && text('buffer')", 30) or ''), 'buffer:', text(page, 'buffer'))
    page.let(*key)
    print(f'ready and a note on {time.monotonic() - began:.1f} s after the address; {text(page, "notes-speed")}; {text(page, "buffer")}; '
          f'amp {text(page, "amp-speed")}; underruns {text(page, "underruns")}')


def check_missing():
    """A file that the server lacks is named where the page says that it is ready."""
    for name, words in (('notes.safetensors', 'the server answers 404'), ('wavenet-*.wasm', 'the server answers 404'), ('worker.js', 'worker.js')):
        folder = path('page-without')
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(PAGE, folder)
        for file in glob.glob(os.path.join(folder, name)):
            os.unlink(file)
        with Server(folder) as server, Browser(CHROMIUM) as page:
            page.open(server.address)
            said = page.wait(f"document.getElementById('notes-words').textContent.includes({literal(words)})", 20)
            check(said, 'without', name, '->', page.value("document.getElementById('notes-words').textContent"))


def main():
    check_files()
    check_missing()
    with Server(PAGE) as server, Browser(CHROMIUM) as page:
        load(page, server.address)
        check_bits(page)
        check_notes(page)
        check_amp(page)
        check_hostile(page)
        check_stack(page)
        check_looks(page)
        print(f'amp {text(page, "amp-speed")}; {text(page, "notes-speed")}; {text(page, "lacks")}')
        check_isolated(page, server.address)
        check(not page.problems, 'the console says', page.problems)
    finish()


main()
