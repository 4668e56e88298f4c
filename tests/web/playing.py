# SPDX-License-Identifier: MIT
# playing.py - the first sound of the page in time, and notes without an underrun: ten seconds, ten minutes with --long.
# Usage: playing.py WAVENET MAKE_MODEL COMMON.py CHROMIUM PAGE
# Copyright (c) 2026 the wavenet authors
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(sys.argv[3]))
from chromium import Browser, Server  # noqa: E402
from common import check, finish, in_time, skip  # noqa: E402

CHROMIUM, PAGE = map(os.path.abspath, sys.argv[4:6])
SECONDS = 600 if os.environ.get('WN_TEST_LONG') else 10
NOTE = 1.5  # seconds from one note to the next
MARGIN = 1.25  # times real time, below which nobody promises that sound is whole
FIRST = 2.5  # seconds from the address to the first sound: two, and a quarter for a machine that others use, too
STARTS = 3  # new browsers, of whose first sounds the median counts

# Keeps the time, since the address was opened, of the first sound of notes.
LISTEN = '''
globalThis.AudioWorkletNode = class extends AudioWorkletNode {
  constructor(context, name, options) {
    super(context, name, options);
    if (name !== 'wavenet-player') return;
    this.port.addEventListener('message', ({ data }) => { if (data.peak > 0.001) globalThis.heard ??= performance.now() / 1000; });
  }
};
'''


def text(page, name):
    return page.value(f"document.getElementById('{name}').textContent")


def open_page(page, address):
    """Open the page and play a note as soon as it is ready; seconds to the first sound."""
    page.open(address, before=LISTEN)
    ready = page.wait("document.getElementById('notes-words').textContent.startsWith('Ready')")
    check(ready, 'the page is not ready:', text(page, 'notes-words'))
    page.key('keyDown', 'KeyA', 'a')
    first = page.wait('globalThis.heard', 20)
    page.key('keyUp', 'KeyA', 'a')
    check(first, 'no note is heard')
    return first or 1e9


def play_notes(page):
    """Notes for SECONDS: the underruns after the first one, which finds cold caches, and the lowest speed."""
    before, slowest, end = None, 1e9, time.monotonic() + SECONDS
    while time.monotonic() < end:
        page.key('keyDown', 'KeyA', 'a')
        time.sleep(NOTE * 0.8)
        page.key('keyUp', 'KeyA', 'a')
        time.sleep(NOTE * 0.2)
        if before is None:
            before = int(text(page, 'underruns'))
        found = re.search(r'([\d.]+) × real time', text(page, 'notes-speed'))
        slowest = min(slowest, float(found[1])) if found else slowest
    return int(text(page, 'underruns')) - before, slowest


def visit_twice(page, address):
    """Seconds to the first sound without a cache, and on the second visit, when the page shares memory."""
    first = open_page(page, address)
    page.value('navigator.serviceWorker.ready.then(() => true)')
    return first, open_page(page, address)


def start(address):
    times = []
    for _ in range(STARTS):
        with Browser(CHROMIUM) as page:
            times.append(visit_twice(page, address))
            check(not page.problems, 'the console says', page.problems)
    first, second = (sorted(column)[STARTS // 2] for column in zip(*times))
    print(f'first sound after {first:.1f} s, on the second visit {second:.1f} s; of', times)
    check(first <= FIRST and second <= FIRST, 'the first sound comes late')


def play(page, address):
    visit_twice(page, address)
    check(page.value('crossOriginIsolated'), 'the second visit shares no memory')
    underruns, slowest = play_notes(page)
    said = (f'{SECONDS} s of notes, {underruns} underruns, {text(page, "buffer")}; {slowest:.1f} × real time at least, '
            f'last {text(page, "notes-speed")}')
    if slowest < MARGIN:
        skip(f'this machine has no time to spare: {said}')
    print(said)
    check(underruns == 0, 'underruns:', underruns)
    check(not page.problems, 'the console says', page.problems)


def main():
    with Server(PAGE) as server:
        in_time(start, server.address)
        with Browser(CHROMIUM) as page:
            in_time(play, page, server.address)
    finish()


main()
