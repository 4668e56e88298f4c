# SPDX-License-Identifier: MIT
# live.py - an instrument through a model: what is refused, and, on devices made of files, sound, keys, files that change.
# Usage: live.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
#
# ALSA's devices made of files have no clock: they take sound as fast as it comes.
import array
import fcntl
import json
import os
import pty
import random
import resource
import shutil
import signal
import struct
import subprocess
import termios
import time

import nam
from common import ALSA_SYSTEM, FOLDER, NO_DEVICE, WAVENET, alsa_files, bad, check, content, finish, good, model, path, write_file

RATE = 48000
LARGE = {'arrays': ((16, 8), (8, 1)), 'dilations': [1 << i for i in range(9)]}  # slows the devices down


def capture(name, **more):
    return nam.save(nam.capture(**more), path(name + '.nam'))


def impulse(name, taps):
    """A cabinet's impulse response, 32-bit float."""
    data = array.array('f', taps).tobytes()
    head = struct.pack('<4sI4s4sIHHIIHH4sI', b'RIFF', 36 + len(data), b'WAVE', b'fmt ', 16, 3, 1, RATE, 4 * RATE, 4, 32, b'data',
                       len(data))
    return write_file(name, head + data)


# ---- what is refused ------------------------------------------------------------------------------------------------

def check_refused():
    amp = capture('refused')
    base = ('live', '-m', amp)
    bad('-m MODEL is missing', 'live', code=2)
    bad('fewer than 64', 'live', *[amp] * 64, code=2)
    for words, *options in (
            ('--seconds is above 0', '--seconds', 0), ('--seconds is above 0', '--seconds', 'nan'),
            ('--latency is', '--latency', 0), ('--latency is', '--latency', 'nan'), ('--rate is', '--rate', 1),
            ('--rate is', '--rate', 'nan'), ('--buffer is', '--buffer', -1), ('--buffer is', '--buffer', 1000000),
            ('--bits are', '--bits', 16), ('--input-channel is', '--input-channel', 0), ('--gain', '--gain', 'nan'),
            ('--slim is', '--slim', 2), ('--threads', '--threads', 0)):
        bad(words, *base, *options, code=2)
    bad('no such model', 'live', '-m', path('none'))
    bad('no such model', *base, path('none'))
    bad('an autoregressive model', 'live', '-m', model('tiny'))
    bad('2 channels in', 'live', '-m', model('stereo'))
    bad('all must be of one rate', *base, ':', capture('other rate', rate=44100))
    bad('made for 44100 Hz, the model before it for 48000 Hz', *base, path('other rate.nam'))
    for words in ([':', amp], [amp, ':'], [amp, ':', ':', amp], ['-m', amp, ':', '-m', amp]):
        bad("':'; those of -m are of the first chain", 'live', *words, code=2)
    bad('no such model', 'live', path('none'), ':', amp)
    bad('none.wav', *base, '--cab', path('none.wav'))
    bad('is an input file, too', *base, '--cab', path('cab.wav'), '--record-wet', impulse('cab.wav', [1]))
    bad('how loud', 'live', '-m', amp, '--normalize')
    bad('no kernel set', *base, '--cpu', 'none')
    bad('is an input file, too', *base, '--record-dry', amp)
    bad('is an input file, too', *base, capture('second'), '--record-wet', path('second.nam'))
    bad('for both recordings', *base, '--record-wet', path('a.wav'), '--record-dry', path('a.wav'))
    for wish in ('no such device', '99999'):
        bad('no sound device of this number or name plays', *base, '--output', wish, env=NO_DEVICE)


# ---- on devices made of files ---------------------------------------------------------------------------------------

def noise(seconds):
    drawn = random.Random(1)
    return array.array('f', [drawn.uniform(-0.5, 0.5) for _ in range(int(RATE * seconds))])


def devices():
    return dict(NO_DEVICE, ALSA_CONFIG_PATH=alsa_files('wnlive', write_file('in.raw', noise(4).tobytes())))


def arguments(*more):
    return ['live', '--input', 'wnlive', '--output', 'wnlive', '--buffer', '256', *map(str, more)]


def floats(name):
    out = array.array('f')
    out.frombytes(content(name))
    return out


def check_sound(environment):
    """What is recorded is what was in the device's file, and what `process` makes of it, bit by bit, but for the last fade."""
    amp, dry, wet, off = capture('amp', arrays=((8, 4), (4, 1))), path('dry.f32'), path('wet.f32'), path('off.f32')
    for gains in ((), ('--gain', 6, '--output-gain', -3.5)):
        out = good(*arguments('-m', amp, '--seconds', 1, '--record-dry', dry, '--record-wet', wet, '--json', *gains),
                   env=environment, stdin=subprocess.DEVNULL)
        last = json.loads(out.splitlines()[-1])
        frames = len(floats(dry))
        check(RATE + RATE // 50 <= frames < RATE + RATE // 50 + 256 * 2, 'a second and a fade', frames)
        check(last['state'] == 'ended' and last['frames'] == frames and last['rate'] == RATE, 'JSON', last)
        check(last['model'] == 1 and last['name'] == 'amp.nam' and not last['bypass'], 'JSON', last)
        check(last['peak_in'] > 0.4 and last['mended'] == last['unheard'] == 0, 'JSON', last)
        check(content(dry) == content(path('in.raw'))[:4 * frames], 'the dry recording is not what came in')
        good('process', '-m', amp, dry, '-o', off, *gains)
        check(floats(wet)[:RATE] == floats(off)[:RATE], 'the wet recording is not what process makes', gains)
        check(floats(wet)[-1] == 0, 'no fade at the end')


def check_chain(environment):
    """Models in series and a cabinet, by -m and as arguments, are what `process` makes of the same chain, bit by bit."""
    pedal, amp = capture('pedal', seed=3), capture('driven', seed=4, arrays=((8, 4), (4, 1)), loudness=-21.5)
    cab = impulse('cab.wav', [0.7, -0.3, 0.2, 0.1, -0.05])
    dry, wet, off = path('dry.f32'), path('wet.f32'), path('off.f32')
    for chain, name in ((['-m', pedal, '-m', amp], 'pedal.nam + driven.nam'), ([pedal, amp], 'pedal.nam + driven.nam'),
                        ([pedal, amp, '--cab', cab], 'pedal.nam + driven.nam + cab.wav'), ([amp, '--cab', cab], 'driven.nam + cab.wav'),
                        ([pedal, amp, '--normalize', '--output-gain', -2.5, '--gain', 3], 'pedal.nam + driven.nam')):
        job = Job(environment, *chain, '--seconds', 0.5, '--record-dry', dry, '--record-wet', wet, '--json')
        code, out = job.end()
        check(code == 0 and f'chain 1: {name}' in job.text, 'chain: words', chain, job.text)
        check(json.loads(out.splitlines()[-1])['name'] == name, 'chain: JSON', chain, out)
        good('process', *chain, dry, '-o', off)
        check(floats(wet)[:RATE // 2] == floats(off)[:RATE // 2], 'the wet recording is not what process makes', chain)
    good('process', pedal, dry, '-o', off)
    check(floats(wet)[:RATE // 2] != floats(off)[:RATE // 2], 'a chain sounds as its first model')


def check_knob(environment):
    """A model with controls plays with their defaults. The phase of its harmonic source is arbitrary."""
    out = good(*arguments('-m', model('knob'), '--seconds', 0.2, '--json'), env=environment, stdin=subprocess.DEVNULL)
    last = json.loads(out.splitlines()[-1])
    check(last['rate'] == 8000 and last['frames'] >= 1600 and last['peak_out'] > 0.1, 'controls', last)


def is_made_by(amp, dry, wet, last):
    """1 if the beginning of `wet`, or its end but for the fade, is what `process` makes of `dry` there."""
    x, y = floats(dry), floats(wet)
    part = slice(-RATE // 2, -RATE // 10) if last else slice(0, RATE // 5)
    good('process', '-m', amp, write_file('part.f32', x[part].tobytes()), '-o', path('made.f32'))
    skip = RATE // 10 if last else 0  # until what came before is forgotten
    return floats(path('made.f32'))[skip:] == y[part][skip:]


class Job:
    """The command under way: what it says on stderr is read until it has said what is waited for, keys are hit.

    `started` is the first thing to wait for: mostly the latency, which a full disk may come before."""

    def __init__(self, environment, *more, before=None, started=': latency '):
        self.job = subprocess.Popen([WAVENET, *arguments(*more)], env=environment, stdin=subprocess.PIPE,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=before)
        os.set_blocking(self.job.stderr.fileno(), False)
        self.text, self.at = '', 0
        self.wait_for(started)
        time.sleep(0.3)

    def wait_for(self, words, seconds=30):
        """What was waited for before comes before."""
        until = time.monotonic() + seconds
        while words not in self.text[self.at:] and time.monotonic() < until:
            self.text += (self.job.stderr.read() or b'').decode()
            time.sleep(0.02)
        if check(words in self.text[self.at:], 'waited for', words, 'got', self.text[self.at:]):
            self.at = self.text.index(words, self.at) + len(words)

    def hit(self, keys):
        self.job.stdin.write(keys.encode())
        self.job.stdin.flush()

    def end(self, number=None):
        """Once it has ended, or been told to by signal `number`: exit status, stdout."""
        if number:
            self.job.send_signal(number)
        os.set_blocking(self.job.stderr.fileno(), True)
        out, err = self.job.communicate(timeout=60)
        self.text += err.decode()
        return self.job.returncode, out.decode()


def check_rate(environment):
    """A device at another rate: resampled, and said."""
    job = Job(environment, '-m', capture('amp'), '--rate', 44100, '--seconds', 0.5, '--record-wet', path('wet.wav'))
    code, out = job.end()
    check(code == 0 and 'made for 48000 Hz: resampled' in job.text and '1.1 ms of resampling' in job.text, job.text)
    check('played 0.5' in job.text and os.path.exists(path('wet.wav')), 'resampling', job.text)


def check_keys(environment):
    first, second = capture('first', seed=1), capture('second', seed=2)
    job = Job(environment, '-m', first, '--json', ':', second)
    job.hit('2')
    job.wait_for('model 2: second.nam')
    job.hit('b++-nx9+')
    job.wait_for('model 1: first.nam')
    job.hit('q')
    code, out = job.end()
    last = json.loads(out.splitlines()[-1])
    check(code == 0 and last['model'] == 1 and last['bypass'] and last['output_gain'] == 2, 'keys', out, job.text)
    job = Job(environment, '-m', first, '--seconds', 40)
    code, out = job.end()  # which closes the pipe
    check(code == 0 and 'played 40.0' in job.text and not out, 'the end of what is piped in ends nothing', job.text)


def check_name(environment):
    """A file's name may be anything; what is told of it in JSON is JSON."""
    for name, told in ((b'\xe9t\xe9.nam', '?t?.nam'), ('\u00e9'.encode() * 60 + b'.nam', '\u00e9' * 60 + '.nam')):
        shutil.copy(capture('first', seed=1), os.fsencode(path('')) + name)
        code, out = Job(environment, '-m', os.fsdecode(os.fsencode(path('')) + name), '--seconds', 1, '--json').end()
        check(code == 0 and json.loads(out.splitlines()[-1])['name'] == told, 'a name', name, code, out)


def check_switch(environment):
    """Before a key is hit one hears the first model, afterwards the second, as `process` makes them, bit by bit."""
    dry, wet = path('dry.f32'), path('wet.f32')
    amps = [capture(f'large {seed}', seed=seed, **LARGE) for seed in (1, 2)]
    job = Job(environment, amps[0], ':', amps[1], '--record-dry', dry, '--record-wet', wet)
    job.hit('2')
    job.wait_for('model 2')
    time.sleep(0.6)
    job.hit('q')
    check(job.end()[0] == 0, 'switch', job.text)
    for last in (False, True):
        check(is_made_by(amps[last], dry, wet, last) and not is_made_by(amps[not last], dry, wet, last), 'switch', last)


def check_watch(environment):
    """A broken file and one that is gone change nothing but the words, one that is still written not even those; a good one is
    played."""
    dry, wet = path('dry.f32'), path('wet.f32')
    first, second = (capture(f'watched {seed}', seed=seed, **LARGE) for seed in (1, 2))
    watched = path('watched.nam')
    shutil.copy(first, watched)
    job = Job(environment, '-m', watched, '--watch', '--json', '--record-dry', dry, '--record-wet', wet)
    write_file('watched.nam', content(first)[:500])
    job.wait_for('the old one stays')
    stopped = 0
    with open(watched, 'wb', buffering=0) as f:
        text = content(second)
        for i in range(12):
            f.write(text[i * len(text) // 12:(i + 1) * len(text) // 12])
            began = time.monotonic()
            time.sleep(0.1)
            stopped = max(stopped, time.monotonic() - began)
    job.wait_for('loaded again')
    capture('watched', rate=44100)
    job.wait_for('all must be of one rate; the old one stays')
    os.unlink(watched)
    job.wait_for('the file is gone; the old one stays')
    code, out = job.end(signal.SIGINT)
    notes = [line for line in job.text.splitlines() if line.startswith(f'wavenet live: {watched}')]
    # Of a writer that this machine stops for as long as the command waits, it may say a line more.
    check(code == 0 and (len(notes) == 4 or len(notes) > 4 and stopped > 0.4), 'watch: one line each', code, stopped, job.text)
    check(all(json.loads(line)['name'] == 'watched.nam' for line in out.splitlines()), 'watch', out)
    check(is_made_by(first, dry, wet, False) and is_made_by(second, dry, wet, True), 'watch: what is heard')


def check_stop(environment):
    """Ctrl-C completes the recordings."""
    for number in (signal.SIGINT, signal.SIGTERM):
        wet = path(f'stopped-{number}.f32')
        job = Job(environment, '-m', capture('amp'), '--record-wet', wet)
        time.sleep(0.2)
        check(not os.path.exists(wet), 'a recording has its name before it is complete')
        code, out = job.end(number)
        check(code == 0 and len(content(wet)) > 0 and floats(wet)[-1] == 0, 'Ctrl-C', code, job.text)


def check_early_stop(environment):
    """A signal that comes before the first block, as from `timeout` on a busy machine, ends it with a word."""
    ended = 0
    for delay in (0, 0.02, 0.05, 0.1, 0.2, 0.5, 2):
        for command in ('live', 'play'):
            args = ('-m', capture('amp'), '--input', 'wnlive', '--output', 'wnlive') if command == 'live' else ('-m', model('controls'), '-d', 'wnlive')
            job = subprocess.Popen([WAVENET, command, *args], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
            time.sleep(delay)
            job.send_signal(signal.SIGTERM)
            out, err = job.communicate(timeout=60)
            check(job.returncode in (0, -signal.SIGTERM) and (err.strip() or job.returncode), command, delay, job.returncode, repr(out), repr(err))
            ended += job.returncode == 0
    check(ended, 'no signal came after the start')
    for pause in (0.005, 0.015):  # twice, as `timeout` sends it; the fade-out takes longer than that
        job = Job(environment, '-m', capture('amp'))
        job.job.send_signal(signal.SIGTERM)
        time.sleep(pause)
        code, out = job.end(signal.SIGTERM)
        check(code == 0 and 'played' in job.text, 'a signal and its echo', code, job.text)


def check_slow(environment):
    """A model that cannot keep up is refused at once, and when a key picks it: by the C reference, a frame takes too long."""
    small, large = capture('small', arrays=((1, 1),), dilations=[1]), capture('huge', **dict(LARGE, arrays=((48, 24), (24, 1))))
    bad('too slow to be played live here', *arguments('-m', large, '--cpu', 'c', '--seconds', 0.1), env=environment,
        stdin=subprocess.DEVNULL)
    job = Job(environment, '-m', small, ':', large, '--cpu', 'c', '--json')
    job.hit('2')
    job.wait_for('what would fit: a model of')
    job.hit('q')
    code, out = job.end()
    last = json.loads(out.splitlines()[-1])
    check(code == 0 and last['model'] == 1 and 'nothing changes' in job.text, 'too slow', last, job.text)


def limit_files():
    """A disk that is full after 100 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


def check_full_disk(environment):
    """The recording ends and leaves nothing; the sound goes on, and the exit status tells."""
    job = Job(environment, '-m', capture('large', **LARGE), '--record-wet', path('full.wav'), '--json', before=limit_files,
              started='the recording has ended, the sound goes on')
    time.sleep(2)
    job.hit('q')
    code, out = job.end()
    frames = [json.loads(line)['frames'] for line in out.splitlines()]
    said = all(words in job.text for words in ('File too large', 'the recording has ended, the sound goes on'))
    check(code == 1 and said and 'missing' not in job.text and frames[-1] > 100000, 'full disk', code, frames, job.text)
    check(not [name for name in os.listdir(FOLDER) if name.startswith('full.wav')], 'what is left of a recording')


# ---- on a terminal --------------------------------------------------------------------------------------------------

def own_terminal():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """The command on a terminal of its own."""

    def __init__(self, environment, *more):
        self.ours, self.its = pty.openpty()
        os.set_blocking(self.ours, False)
        self.before = termios.tcgetattr(self.its)
        self.job = subprocess.Popen([WAVENET, *arguments(*more)], env=environment, stdin=self.its, stdout=self.its,
                                    stderr=self.its, preexec_fn=own_terminal)
        self.text = ''
        self.read_until(self.is_raw)
        self.read(0.5)

    def read(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                self.text += os.read(self.ours, 65536).decode(errors='replace')
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:
                break

    def read_until(self, wanted, seconds=30):
        until = time.monotonic() + seconds
        while not wanted() and time.monotonic() < until:
            self.read(0.05)

    def type(self, key):
        os.write(self.ours, key.encode())
        self.read_until(lambda: key != 'b' or 'bypassed' in self.text)
        self.read(0.1)

    def is_raw(self):
        return not termios.tcgetattr(self.its)[3] & (termios.ICANON | termios.ECHO)

    def end(self):
        code = self.job.wait(timeout=30)
        self.read(0.2)
        restored = termios.tcgetattr(self.its) == self.before
        os.close(self.its)
        os.close(self.ours)
        return code, restored


def check_terminal(environment):
    amp = capture('amp')
    for keys, status in (('bq', 0), ('\x03', 0)):
        terminal = Terminal(environment, '-m', amp)
        check(terminal.is_raw(), 'keys are not taken one by one')
        for key in keys:
            terminal.type(key)
        code, restored = terminal.end()
        check(code == status and restored, 'terminal', repr(keys), code, restored)
        check('\r' in terminal.text and 'amp.nam' in terminal.text, 'no line that is redrawn', terminal.text)
        check(('bypassed' in terminal.text) == ('b' in keys), 'no bypass shown', terminal.text)
    terminal = Terminal(environment, '-m', amp)
    terminal.job.send_signal(signal.SIGSTOP)  # it cannot answer the first one
    os.kill(terminal.job.pid, signal.SIGTERM)
    terminal.job.send_signal(signal.SIGCONT)
    for _ in range(50):
        if terminal.job.poll() is None:
            os.kill(terminal.job.pid, signal.SIGTERM)
        time.sleep(0.001)
    code, restored = terminal.end()
    check(code in (0, -signal.SIGTERM) and restored, 'a second signal', code, restored)


def main():
    os.environ.pop('MALLOC_PERTURB_', None)
    NO_DEVICE.pop('MALLOC_PERTURB_', None)
    check_refused()
    if os.path.exists(ALSA_SYSTEM):
        environment = devices()
        for test in (check_sound, check_chain, check_knob, check_rate, check_keys, check_name, check_switch, check_watch, check_slow, check_full_disk,
                     check_stop, check_early_stop, check_terminal):
            test(environment)
    else:
        print('note: ALSA has no configuration here; devices made of files are not tried')
    finish()


main()
