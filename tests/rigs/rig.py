# SPDX-License-Identifier: MIT
# rig.py - sound devices on a machine that has none: files that ALSA takes for devices, and a JACK server without hardware.
# Copyright (c) 2026 the wavenet authors
#
# Programs that use this are called: PROGRAM WAVENET MAKE_MODEL COMMON JACK_TAP [...], COMMON being the folder of common.py
# and JACK_TAP the program of jack_tap.c, or "-" where there is no JACK to build it with.
import json
import math
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, sys.argv[3])
from common import (ALSA_SYSTEM, HERE, MAKE_MODEL, WAVENET, alsa_files, content, path, skip,  # noqa: E402
                    write_file)
from sound import floats  # noqa: E402

JACK_TAP = sys.argv[4]
# Without sanitizers' or meson's helpers, which fill what ALSA frees by the megabyte.
os.environ.pop('MALLOC_PERTURB_', None)
NO_DEVICES = {name: value for name, value in os.environ.items() if not name.startswith(('ALSA_', 'JACK_'))}
NO_DEVICES.update(JACK_NO_START_SERVER='1', JACK_DEFAULT_SERVER=f'wavenet-none-{os.getpid()}')


# ---- the command, while it runs -------------------------------------------------------------------------------------

class Show:
    """`wavenet ARGS` under way. Its lines of JSON on stdout are kept with the time they came at, and its words on stderr."""

    def __init__(self, *args, environment=None):
        self.began = time.monotonic()
        self.args = ' '.join(map(str, args))
        self.job = subprocess.Popen([WAVENET, *map(str, args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, env=environment, text=True, errors='replace')
        self.ended = math.inf
        self.lines, self.words = [], []  # (seconds, dictionary), (seconds, line)
        self.news = queue.Queue()
        self.readers = [threading.Thread(target=self._read, args=(self.job.stdout, self.lines, json.loads), daemon=True),
                        threading.Thread(target=self._read, args=(self.job.stderr, self.words, str.rstrip), daemon=True)]
        for reader in self.readers:
            reader.start()

    def _read(self, stream, into, understand):
        for line in stream:
            try:
                into.append((time.monotonic() - self.began, understand(line)))
            except ValueError:
                into.append((time.monotonic() - self.began, {'not JSON': line}))
            self.news.put(None)

    def until(self, wanted, seconds=20):
        """Wait until wanted(self) is true; False if it does not become so in time, or the command ends before."""
        end = time.monotonic() + seconds
        while not wanted(self):
            if time.monotonic() > end or (self.job.poll() is not None and not self.readers[0].is_alive()):
                return bool(wanted(self))
            try:
                self.news.get(timeout=0.1)
            except queue.Empty:
                pass
        return True

    def stop(self, number=signal.SIGINT):
        self.job.send_signal(number)

    def end(self, seconds=250):
        """Its exit status; None, and it is killed, if it does not end in time."""
        try:
            self.job.wait(seconds)
            self.ended = time.monotonic()
        except subprocess.TimeoutExpired:
            self.job.kill()
            self.job.wait()
            return None
        finally:
            for reader in self.readers:
                reader.join(5)
        return self.job.returncode

    def last(self):
        return self.lines[-1][1] if self.lines else {}

    def said(self):
        return '\n'.join(words for _, words in self.words)


# ---- ALSA ------------------------------------------------------------------------------------------------------------

class Alsa:
    """The device `wnrig`: what is played on it goes to a file, what it records comes from one. It never waits."""
    device = 'wnrig'

    def __init__(self, recorded=b'\0' * 4096):
        if not os.path.exists(ALSA_SYSTEM):
            skip('ALSA has no configuration here')
        self.played = path(f'played-{id(self)}.raw')
        source = write_file(f'recorded-{id(self)}.raw', recorded)
        self.environment = dict(NO_DEVICES, ALSA_CONFIG_PATH=alsa_files(self.device, source, self.played,
                                                                        name=f'alsa-{id(self)}.conf'))

    def heard(self, sides=2):
        """The bytes of each side."""
        if not os.path.exists(self.played):
            return [b''] * sides
        frames = floats(content(self.played))
        return [frames[side::sides].tobytes() for side in range(sides)]


# ---- JACK ------------------------------------------------------------------------------------------------------------

def forget_dead_servers(words):
    """Of servers that were killed, JACK keeps record for ever; eight of them, and none can start any more."""
    if 'Too many servers' not in words:
        return
    for process in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{process}/comm') as f:
                if f.read().startswith('jackd'):
                    return
        except OSError:
            pass
    if os.path.exists('/dev/shm/jack-shm-registry'):
        os.unlink('/dev/shm/jack-shm-registry')


class Jack:
    """A JACK server of our own without hardware, in real time. With `with`."""
    count = 0

    def __init__(self, rate, block):
        self.rate, self.block = rate, block
        Jack.count += 1
        self.name = f'wnrig{os.getpid()}n{Jack.count}'
        self.environment = dict(NO_DEVICES, JACK_NO_AUDIO_RESERVATION='1', JACK_NO_START_SERVER='1',
                                JACK_DEFAULT_SERVER=self.name)
        self.log = path(self.name + '.log')
        self.taps, self.server = [], None

    def __enter__(self):
        if JACK_TAP == '-':
            skip('the development files of JACK are not installed (libjack-jackd2-dev)')
        if not shutil.which('jackd'):
            skip('jackd is not installed (jackd2)')
        for scheduling in (['-R', '-P', '60'], ['-r']):  # not everybody may have real-time priorities
            for _ in range(2):
                if self._start(scheduling):
                    return self
                self.__exit__()
                forget_dead_servers(self.words())
        skip('jackd does not run here: ' + ' '.join(self.words().split())[-300:])

    def words(self):
        with open(self.log) as f:
            return f.read()

    def _start(self, scheduling):
        with open(self.log, 'w') as log:
            self.server = subprocess.Popen(['jackd', '-n', self.name, *scheduling, '-d', 'dummy', '-r', str(self.rate), '-p',
                                            str(self.block), '-C', '2', '-P', '2'],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        return subprocess.run([JACK_TAP, 'probe', '1'], env=self.environment, stderr=subprocess.DEVNULL).returncode == 0

    def __exit__(self, *_):
        for tap in self.taps:
            tap.end()
        self.stop(signal.SIGTERM)

    def stop(self, number):
        """End the server, as a switched-off sound card does (SIGTERM) or as a crash does (SIGKILL)."""
        if not self.server or self.server.poll() is not None:
            return
        self.server.send_signal(number)
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        if number == signal.SIGKILL:  # JACK's list of servers has room for eight, and only the same name clears up
            self._start(['-r'])
            self.stop(signal.SIGTERM)

    def xruns(self):
        return self.words().lower().count('xrun')

    def tap(self, name, seconds, **files):
        tap = Tap(self, name, seconds, **files)
        self.taps.append(tap)
        return tap


class Tap:
    """A device NAME of the server `jack` (jack_tap.c): plays the samples `plays`, records if `records`, sends `events`,
    (frame, bytes) each, on NAME:midi."""

    def __init__(self, jack, name, seconds, plays=None, records=True, events=None):
        args = [JACK_TAP, name, str(seconds)]
        self.name, self.heard_in = name, path(f'{jack.name}-{name}.f32')
        if plays is not None:
            args += ['-i', write_file(f'{jack.name}-{name}-in.f32', plays)]
        if records:
            args += ['-o', self.heard_in]
        if events is not None:
            lines = ''.join(f"{frame} {' '.join(f'{byte:02x}' for byte in data)}\n" for frame, data in events)
            args += ['-m', write_file(f'{jack.name}-{name}.events', lines)]
        self.job = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                    env=jack.environment, text=True)
        self.facts = None
        if self.job.stdout.readline() != 'ready\n':
            raise RuntimeError(f'jack_tap: {self.job.stderr.read()}')

    def end(self):
        """Ends it; what it counted."""
        if self.facts is None:
            if self.job.poll() is None:
                self.job.send_signal(signal.SIGTERM)
            try:
                out, _ = self.job.communicate(timeout=20)
                self.facts = json.loads(out)
            except (subprocess.TimeoutExpired, ValueError):
                self.job.kill()
                self.facts = {}
        return self.facts

    def heard(self):
        """The bytes that it recorded, once it has ended."""
        self.end()
        return content(self.heard_in)


# ---- models ----------------------------------------------------------------------------------------------------------

def model_at(name, rate, **changes):
    """The model of tests/cli/models/NAME.json at another rate, with other fields."""
    out = path(f"{name}-{rate}{'-'.join(sorted(changes))}.safetensors")
    if not os.path.exists(out):
        with open(os.path.join(HERE, 'models', name + '.json')) as f:
            config = dict(json.load(f), sample_rate=rate, **changes)
        subprocess.run([MAKE_MODEL, write_file('config.json', json.dumps(config)), out, '3'], check=True)
    return out
