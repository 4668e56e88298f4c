# SPDX-License-Identifier: MIT
# soak.py - minutes of playing on a JACK server without hardware while a compiler is busy beside it; not part of the tests.
# Usage: soak.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS [MINUTES [RATE BLOCK [MODEL]]]
#        (as `meson test "rig jack" -v` shows it for jack.py; 10 minutes, 16000 Hz, 256 frames, models/notes)
# Copyright (c) 2026 the wavenet authors
import glob
import os
import subprocess
import sys
import threading

from rig import Jack, Show  # first: it finds common
from common import Watch, check, content, finish, good, path
from sound import equal_frames, place

MINUTES = float(sys.argv[6]) if len(sys.argv) > 6 else 10
RATE, BLOCK = (int(sys.argv[7]), int(sys.argv[8])) if len(sys.argv) > 8 else (16000, 256)
MODEL = sys.argv[9] if len(sys.argv) > 9 else os.path.join(sys.argv[5], 'notes')
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')


class Compiling:
    """One compiler, again and again. With `with`; .files counts them."""

    def __enter__(self):
        self.files, self.over = 0, threading.Event()
        self.thread = threading.Thread(target=self._compile, daemon=True)
        self.thread.start()
        return self

    def _compile(self):
        sources = sorted(glob.glob(os.path.join(ROOT, 'src/model/*.c')))
        includes = [f'-I{os.path.join(ROOT, folder)}' for folder in ('include', 'src')]
        while not self.over.is_set():
            source = sources[self.files % len(sources)]
            subprocess.run([os.environ.get('CC', 'cc'), '-O3', '-std=c11', '-D_POSIX_C_SOURCE=200809L', *includes, '-c', source,
                            '-o', os.devnull], capture_output=True, check=False)
            self.files += 1

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def row(minute, line, before, xruns, watch, files):
    frames = line['played'] + line['missing'] - before.get('played', 0) - before.get('missing', 0)
    print(f"{minute:6} {frames / RATE:9.1f} {frames // BLOCK:8} {line['underruns'] - before.get('underruns', 0):10} "
          f"{(line['missing'] - before.get('missing', 0)) / RATE:10.3f} {line['device_underflows']:8} {xruns:7} "
          f"{line['speed']:7.2f} {100 * line['cpu']:6.0f} {1000 * line['wanted']:8.0f} {1000 * watch.worst:10.0f} {files:9}",
          flush=True)
    watch.worst = 0


def main():
    args = ('-m', MODEL, '--seconds', 60 * MINUTES, '--seed', 1)
    print('minute   seconds   blocks  underruns  silence,s  dev.xrun  server   speed  cpu,%  kept,ms  stall,ms  compiled')
    with Jack(RATE, BLOCK) as jack, Compiling() as compiling, Watch() as watch:
        tap = jack.tap('tap', 60 * MINUTES + 30)
        show = Show('play', '-d', 'tap', '--json', *args, environment=jack.environment)
        before, minute = {}, 1
        while show.until(lambda s: s.last().get('time', 0) >= 60 * minute or s.last().get('state') == 'ended', 100):
            row(minute, show.last(), before, jack.xruns(), watch, compiling.files)
            before, minute = show.last(), minute + 1
            if before['state'] == 'ended':
                break
        show.end(60)
        heard = tap.heard()
    print(show.said())
    last = show.last()
    check(show.job.returncode == 0, show.said())
    check(last.get('underruns', 1000) <= MINUTES, 'more than one underrun a minute', last)
    good('generate', '-o', path('offline.f32'), *args, timeout=3600)
    want = content(path('offline.f32'))
    if abs(len(want) // 4 - 60 * MINUTES * RATE) > 1:
        print('the model is of another rate: samples are not compared')
        finish()
    start = place(heard, want[:4 * 300])
    same = equal_frames(want, heard[4 * max(start, 0):])
    print(f'{same} of {len(want) // 4} samples as offline before the first gap, {tap.facts}')
    check(start >= 0 and (same == len(want) // 4 or last.get('underruns', 0) or jack.xruns()), 'not what it is offline', start, same)
    finish()


main()
