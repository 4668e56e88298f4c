# SPDX-License-Identifier: MIT
# common.py - running the command, reading and writing arrays, counting what fails. The standard library is enough.
# Copyright (c) 2026 the wavenet authors
import array
import ast
import atexit
import itertools
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

WAVENET = os.path.abspath(sys.argv[1])
MAKE_MODEL = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
PEAK_MEMORY = os.path.join(os.path.dirname(WAVENET), '..', '..', 'tests', 'peak_memory')
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = tempfile.mkdtemp(prefix='wavenet-cli-')
atexit.register(shutil.rmtree, FOLDER, True)

# The environment of a machine without sound devices, whatever this one has: ALSA without its configuration of cards, no JACK
# server.
NO_DEVICE = dict(os.environ, JACK_NO_START_SERVER='1', JACK_DEFAULT_SERVER=f'wavenet-none-{os.getpid()}')

KERNEL_SETS = ('avx512', 'avx2', 'neon', 'portable', 'c')

checks, failures = 0, 0


def check(ok, *words):
    """Count a check; say what failed."""
    global checks, failures
    checks += 1
    if not ok:
        failures += 1
        print('FAILED:', *words, flush=True)
    return ok


CASES = float(os.environ.get('WN_TEST_CASES', 1))


def cases(n, most=math.inf):
    """How many cases to draw instead of n: WN_TEST_CASES is a factor."""
    return min(most, max(1, round(n * CASES)))


def some(listed):
    """The cases of a list that are run, WN_TEST_CASES being a factor: all, or every second, third ... one."""
    return itertools.islice(listed, 0, None, max(1, round(1 / CASES)))


def finish():
    print(f'{checks} checks, {failures} failed')
    sys.exit(1 if failures or not checks else 0)


def skip(why):
    """End as skipped, unless a check has failed before."""
    if failures:
        finish()
    print('skipped:', why)
    sys.exit(77)


def path(name):
    return os.path.join(FOLDER, name)


def run(*args, **more):
    """Run `wavenet ARGS`: (exit status, stdout, stderr), the last two as text unless binary=True."""
    binary = more.pop('binary', False)
    done = subprocess.run([WAVENET, *map(str, args)], capture_output=True, timeout=more.pop('timeout', 300), **more)
    return done.returncode, done.stdout if binary else done.stdout.decode(), done.stderr.decode(errors='replace')


def good(*args, **more):
    """Run a command that must succeed; its stdout."""
    code, out, err = run(*args, **more)
    check(code == 0, ' '.join(map(str, args)), '->', code, err)
    return out


def kernel_sets():
    """The kernel sets that this build has and this machine can run, as `wavenet --version` lists them, the default first."""
    names = good('--version').partition('kernels:')[2].split()
    check(names and set(names) <= set(KERNEL_SETS), 'kernel sets', names)
    return names


def exact_sets():
    """Those that give the same bits: all but the portable one, which multiplies, then adds."""
    return [name for name in kernel_sets() if name != 'portable']


def bad(words, *args, code=1, **more):
    """Run a command that must fail with one line on stderr that says `words`, and print nothing else."""
    got, out, err = run(*args, **more)
    what = ' '.join(map(str, args))
    check(got == code, f'{what}: exit {got}, {code} was expected; {err}')
    check(err.count('\n') == 1 and err.endswith('\n'), f'{what}: one line was expected, got {err!r}')
    check(err.startswith('wavenet ' + str(args[0])), f'{what}: {err!r}')
    check(words in err, f'{what}: {words!r} was expected in {err!r}')
    check(not out, f'{what}: printed {out[:100]!r}')


def model(name, seed=1):
    """A model with random weights from tests/cli/models/NAME.json."""
    out = path(f'{name}-{seed}.safetensors')
    if not os.path.exists(out):
        subprocess.run([MAKE_MODEL, os.path.join(HERE, 'models', name + '.json'), out, str(seed)], check=True)
    return out


# Kilobytes of resident memory that come and go with the placement of shared libraries, see peak_memory.c.
MEMORY_NOISE = 1000


def peak_kilobytes(*args):
    """Largest resident set of `wavenet ARGS`, which must succeed."""
    done = subprocess.run([PEAK_MEMORY, WAVENET, *map(str, args)], capture_output=True, timeout=700)
    check(done.returncode == 0, 'memory:', args, done.returncode, done.stderr)
    return int(done.stdout or 0)


def content(name):
    with open(name, 'rb') as f:
        return f.read()


def write_file(name, data):
    with open(path(name), 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path(name)


# ---- time -------------------------------------------------------------------------------------------------------

SHARE, STALL = 0.9, 0.01  # of each processor, and seconds: a machine that gives less, or stops longer, measures nothing
CALM = 5                  # times a second that it is given to calm down


def _spin(seconds, out):
    """Uses a processor; writes which share of it was had, and for how long at once it was not."""
    began = last = time.monotonic()
    used, worst = time.process_time(), 0.0
    while last - began < seconds:
        now = time.monotonic()
        worst, last = max(worst, now - last), now
    os.write(out, struct.pack('<dd', (time.process_time() - used) / (last - began), worst))


def machine_is_busy(seconds=1.0):
    """What keeps this machine from its deadlines, or '': one process on each processor looks for a second."""
    reading, writing = os.pipe()
    children = []
    for _ in range(len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1):
        child = os.fork()
        if not child:
            try:
                _spin(seconds, writing)
            finally:
                os._exit(0)
        children.append(child)
    os.close(writing)
    found = [struct.unpack('<dd', os.read(reading, 16)) for _ in children]
    os.close(reading)
    for child in children:
        os.waitpid(child, 0)
    share, stall = min(s for s, _ in found), max(w for _, w in found)
    if share >= SHARE and stall < STALL:
        return ''
    return f'a program gets {100 * share:.0f} % of a processor here, and is stopped for {1000 * stall:.0f} ms at worst'


class Watch:
    """How long this machine lets a program wait that asks for a few milliseconds. With `with`; .worst is in seconds."""

    def __enter__(self):
        self.worst, self.over = 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def _look(self):
        while not self.over.is_set():
            began = time.monotonic()
            time.sleep(0.005)
            self.worst = max(self.worst, time.monotonic() - began - 0.005)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def in_time(part, *args, tries=3):
    """Run part(*args), whose checks depend on speed. What fails counts only if the machine kept its deadlines meanwhile; else it is
    tried again. A machine that is too busy skips the whole test, with what was measured."""
    global checks, failures
    for _ in range(tries):
        for _ in range(CALM):  # what ran before may still be ending
            busy = machine_is_busy()
            if not busy:
                break
        if busy:
            break
        before = checks, failures
        with Watch() as watch:
            part(*args)
        if failures == before[1]:
            return
        busy = f'this machine stopped a program for {1000 * watch.worst:.0f} ms' if watch.worst >= STALL else machine_is_busy()
        if not busy:
            return
        print(f'note: that does not count: {busy}', flush=True)
        checks, failures = before
    skip(f'{part.__name__} needs a machine that keeps its deadlines: {busy}')


# ---- sound devices made of files ---------------------------------------------------------------------------------

ALSA_SYSTEM = '/usr/share/alsa/alsa.conf'


def alsa_files(device, recorded, played='/dev/null', more='', name='alsa.conf'):
    """ALSA_CONFIG_PATH of a system that also knows `device`, without hardware: what is played goes to one file, what is
    recorded comes from another."""
    config = write_file(name, f'''
pcm.wnnull {{ type null }}
pcm.wnout {{ type file slave.pcm wnnull file "{played}" format "raw" }}
pcm.wnin {{ type file slave.pcm wnnull file "/dev/null" infile "{recorded}" format "raw" }}
pcm.{device} {{ type asym playback.pcm wnout capture.pcm wnin }}
{more}''')
    return f'{ALSA_SYSTEM}:{config}'


# ---- arrays -----------------------------------------------------------------------------------------------------

TYPES = {'<f4': 'f', '<i4': 'i', '<f8': 'd'}


def read_npy(name):
    """(shape, type, flat array.array)"""
    data = content(name)
    assert data[:6] == b'\x93NUMPY', name
    size, at = (struct.unpack('<H', data[8:10])[0], 10) if data[6] == 1 else (struct.unpack('<I', data[8:12])[0], 12)
    header = ast.literal_eval(data[at:at + size].decode('latin1'))
    assert not header['fortran_order'], name
    values = array.array(TYPES[header['descr']])
    values.frombytes(data[at + size:])
    count = 1
    for n in header['shape']:
        count *= n
    assert count == len(values), name
    return header['shape'], header['descr'], values


def npy(shape, values, descr='<f4', fortran=False, version=1, spare=b''):
    """The bytes of a .npy file."""
    text = repr({'descr': descr, 'fortran_order': fortran, 'shape': tuple(shape)}).encode() + b'\n'
    length = struct.pack('<H', len(text)) if version == 1 else struct.pack('<I', len(text))
    return b'\x93NUMPY' + bytes([version, 0]) + length + text + array.array(TYPES[descr], values).tobytes() + spare


def wav(samples, rate=16000, channels=1, bits=16, kind=1):
    """The bytes of a WAV file; samples are interleaved and already in the file's type."""
    data = array.array({(16, 1): 'h', (32, 3): 'f'}[bits, kind], samples).tobytes()
    frame = channels * bits // 8
    return (b'RIFF' + struct.pack('<I', 36 + len(data)) + b'WAVEfmt ' +
            struct.pack('<IHHIIHH', 16, kind, channels, rate, rate * frame, frame, bits) +
            b'data' + struct.pack('<I', len(data)) + data)


def read_wav(data):
    """(format, channels, rate, bits, bytes of samples) of a WAV file or stream's bytes."""
    assert data[:4] == b'RIFF' and data[8:12] == b'WAVE', data[:12]
    at, fields = 12, None
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack('<I', data[at + 4:at + 8])[0]
        if name == b'fmt ':
            fields = struct.unpack('<HHIIHH', data[at + 8:at + 24])
        if name == b'data':
            return fields[0], fields[1], fields[2], fields[5], data[at + 8:] if size == 0xffffffff else data[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    raise ValueError('no data chunk')
