# SPDX-License-Identifier: MIT
# batch.py - a folder of takes through a model: names, collisions, jobs, shards, faults, Ctrl-C. Usage: batch.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import array
import json
import math
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time

import nam
from common import FOLDER, MEMORY_NOISE, WAVENET, bad, check, content, finish, path, peak_kilobytes, run, wav, write_file

FLOAT = {'bits': 32, 'kind': 3}
PROCESSORS = os.cpu_count() or 1


def noise(n, seed):
    drawn = random.Random(seed)
    return array.array('f', [drawn.uniform(-0.5, 0.5) for _ in range(n)])


def folder(name):
    os.makedirs(path(name), exist_ok=True)
    return path(name)


def lines_of(err):
    return [line.removeprefix('wavenet process: ') for line in err.splitlines()]


def batch(*options, code=0):
    """Run process; the lines about files, and the summary."""
    got, out, err = run('process', *options)
    check(got == code and not out, options, '->', got, out, err)
    lines = lines_of(err)
    return lines[:-1], lines[-1] if lines else ''


def tree(name):
    return {f: content(os.path.join(path(name), f)) for f in sorted(os.listdir(path(name)))}


def bad_takes():
    """Faults of every kind: (name, bytes)."""
    whole = wav([100] * 500, 48000)
    yield 'empty.wav', b''
    yield 'cut-header.wav', whole[:30]
    yield 'no-samples.wav', wav([])
    yield 'text.wav', b'this is no sound' * 20
    yield 'odd.f32', b'12345'
    yield 'bad.flac', b'fLaC' + bytes(100)
    yield 'bad.ogg', b'OggS' + bytes(100)
    yield 'riff.wav', b'RIFF' + struct.pack('<I', 100) + b'WAVE' + b'x' * 100


def put_mixed():
    """Fifty files of mixed kinds: 42 that can be processed, 8 that cannot; and some that are no takes."""
    takes, good = folder('mixed'), 0
    for i in range(42):
        n, rate = 300 + 37 * i, (48000, 44100, 22050)[i % 3]
        x = noise(n, i)
        if i % 7 == 5:
            x[n // 2] = math.nan
        if i % 7 == 6:
            x[n // 2] = 3.0
        kind = i % 4
        if kind == 0:
            data, name = wav([round(20000 * v) if math.isfinite(v) and abs(v) <= 1 else 0 for v in x], rate), f'{i:02} take.wav'
        elif kind == 1:
            data, name = wav([v for v in x for _ in (0, 1)], rate, 2, **FLOAT), f'{i:02}-stereo.wav'
        elif kind == 2:
            data, name = x.tobytes(), f'{i:02}.f32'
        else:
            data, name = wav(x, rate, **FLOAT), f"{i:02};'x.WAV"
        write_file(os.path.join('mixed', name), data)
        good += 1
    faults = list(bad_takes())
    for name, data in faults:
        write_file(os.path.join('mixed', name), data)
    write_file('mixed/notes.txt', 'no take')
    write_file('mixed/.hidden.wav', wav([1], 48000))
    folder('mixed/within')
    return takes, good, [name for name, _ in faults]


def check_mixed(m):
    takes, good, faults = put_mixed()
    reference = None
    for options in (('--jobs', 1), ('--jobs', min(2, PROCESSORS)), ('--block', 64)):
        out = path('mixed-out')
        lines, summary = batch('-m', m, takes, '-o', out, '--output-gain', 12, *options, code=1)
        check(len(lines) == good + len(faults), options, len(lines), 'lines for', good + len(faults), 'files', lines)
        check(f'{good} of {good + len(faults)} files written, {len(faults)} failed' in summary, options, summary)
        for name in faults:
            check(sum(name in line for line in lines) == 1, options, 'nothing or too much about', name, lines)
        got = tree('mixed-out')
        check(len(got) == good, options, sorted(got))
        check(reference in (None, got), options, 'other bytes')
        reference = got
        shutil.rmtree(out)
    check(any('replaced by 0' in line for line in lines) and any('clipped' in line for line in lines), 'notes of takes', lines)
    single = path('single.wav')
    run('process', '-m', m, os.path.join(takes, '00 take.wav'), '-o', single, '--output-gain', 12)
    check(content(single) == reference['00 take.wav'], 'a take alone is another sound')
    return reference


def check_shards(m, reference):
    """Together the shards are the whole, and none does the work of another."""
    done = 0
    for i in (1, 2, 3):
        lines, _ = batch('-m', m, path('mixed'), '-o', path('shards'), '--output-gain', 12, '--shard', f'{i}/3', code=1)
        done += len(lines)
    check(done == 50 and tree('shards') == reference, 'shards', done)
    lines, summary = batch('-m', m, path('mixed'), '-o', path('shards'), '--output-gain', 12, '--skip-existing', code=1)
    check(sum(line.endswith(': exists') for line in lines) == 42, '--skip-existing', lines)
    check('0 of 50 files written, 42 existed, 8 failed' in summary, summary)
    for text in ('0/3', '4/3', '1', '1/0', 'a/b', '1/3x', '-1/3', '1/'):
        bad('--shard', 'process', '-m', m, path('mixed'), '-o', path('x'), '--shard', text, code=2)


def check_names(m):
    """Files by name, and endings that cannot be written."""
    one, two = folder('one'), folder('two')
    names = [write_file(f'one/{n}.wav', wav(noise(100, i), 48000, **FLOAT)) for i, n in enumerate('abc')]
    lines, summary = batch('-m', m, *names, '-o', path('named/'))
    check(sorted(tree('named')) == ['a.wav', 'b.wav', 'c.wav'] and '3 of 3' in summary, 'three files', lines, summary)
    lines, summary = batch('-m', m, names[0], '-o', path('named'))
    check('1 of 1 file written' in summary, 'one file into a folder', summary)
    lines, _ = batch(m, one, '-o', path('named-too'))
    check(sorted(tree('named-too')) == ['a.wav', 'b.wav', 'c.wav'], 'a folder', lines)
    os.rename(names[2], os.path.join(one, 'c.caf'))  # WAV by content
    batch('-m', m, one, '-o', path('caf'))
    check(sorted(tree('caf')) == ['a.wav', 'b.wav', 'c.wav'], 'an ending that is not written', sorted(tree('caf')))
    write_file('two/a.wav', wav([1] * 10, 48000))
    bad('would be written for', 'process', '-m', m, one, two, '-o', path('x'))
    os.rename(path('two/a.wav'), path('two/A.WAV'))
    bad('would be written for', 'process', '-m', m, one, two, '-o', path('x'))
    check(not os.path.exists(path('x')), 'work began before names were looked at')
    for out in ('one', 'one/', 'one/within', 'one/within/'):
        bad('lies in the folder of inputs', 'process', '-m', m, one, '-o', path(out))
    check(not os.path.exists(path('one/within')), 'a folder was made within the inputs')
    os.symlink('one', path('link'))
    bad('lies in the folder of inputs', 'process', '-m', m, one, '-o', path('link'))
    bad('is an input file', 'process', '-m', m, os.path.join(one, 'a.wav'), os.path.join(one, 'b.wav'), '-o', one)
    bad('without sound files', 'process', '-m', m, folder('bare'), '-o', path('x'))
    bad('standard input', 'process', '-m', m, '-', '-o', path('named'))
    bad('Not a directory', 'process', '-m', m, one, '-o', os.path.join(one, 'a.wav', 'x', ''))
    bad('-o FOLDER', 'process', '-m', m, one, code=2)
    bad('-o FOLDER', 'process', '-m', m, *names[:2], '-o', path('x.wav'), code=2)
    bad('--jobs', 'process', '-m', m, names[0], '-o', path('x.wav'), '--jobs', 2, code=2)
    for jobs in (0, -1, 257, PROCESSORS + 1):
        bad('--jobs', 'process', '-m', m, one, '-o', path('x'), '--jobs', jobs, code=2)
    check(not os.path.exists(path('x')) and not os.path.exists(path('x.wav')), 'a refused run left something')


def check_stop(m):
    """Ctrl-C: files that have their names are whole, the rest is not begun."""
    takes = folder('long')
    for i in range(6):
        write_file(f'long/{i}.f32', bytes(4 * 48000 * 60))
    job = subprocess.Popen([WAVENET, 'process', '-m', m, takes, '-o', path('stopped'), '--block', '1'], stderr=subprocess.PIPE)
    for _ in range(1200):
        if os.path.isdir(path('stopped')) and any(f.endswith('.f32') for f in os.listdir(path('stopped'))):
            break
        time.sleep(0.05)
    job.send_signal(signal.SIGINT)
    _, err = job.communicate()
    lines = lines_of(err.decode())
    got = tree('stopped')
    check(job.returncode == 1 and lines[-1].endswith('; stopped'), 'Ctrl-C', job.returncode, lines)
    check(0 < len(got) < 6 and all(f.endswith('.f32') for f in got), 'what is there', sorted(got))
    # The take that is stopped before its first sample has no file, but a line.
    unwritten = [line for line in lines[:-1] if line.endswith('stopped before the first sample; nothing was written')]
    check(len(unwritten) < 2 and f' {len(unwritten)} failed' in lines[-1], 'one at a time', lines)
    check(len(lines) == len(got) + len(unwritten) + 1, 'a line per file', lines)
    shutil.rmtree(takes)


def check_memory(m):
    if sys.argv[3:] not in ([], ['none']):
        print('a sanitizer keeps what is freed: memory was not looked at')
        return
    peaks = []
    for n in (5, 50):
        for i in range(n):
            write_file(os.path.join(folder(f'many{n}'), f'{i}.f32'), bytes(4 * 24000))
        peaks.append(peak_kilobytes('process', '-m', m, path(f'many{n}'), '-o', path(f'many{n}-out')))
    print(f'{peaks[0]} kB for 5 files, {peaks[1]} kB for 50')
    check(0 < peaks[0] and 0 < peaks[1] <= peaks[0] + MEMORY_NOISE, 'memory grows with the number of files', peaks)


def main():
    m = write_file('m.nam', json.dumps(nam.capture(3)))
    reference = check_mixed(m)
    check_shards(m, reference)
    check_names(m)
    check_stop(m)
    check_memory(m)
    left = [f for _, _, files in os.walk(FOLDER) for f in files if f.endswith(('.tmp', '.part'))]
    check(not left, 'files were left:', left)
    finish()


main()
