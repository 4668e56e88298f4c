# SPDX-License-Identifier: MIT
# classify.py - posteriors are the softmax of what the network gives for the row, in time; sounds, streams, arrays and
# tables agree; bad input gets one line. Usage: classify.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import csv
import io
import math
import os
import random
import subprocess

from common import (MEMORY_NOISE, WAVENET, bad, check, content, exact_sets, finish, good, model, npy, path, peak_kilobytes,
                    read_npy, run, wav, write_file)

RATE, HOP, CHANNELS, CLASSES, DELAY, FIELD = 16000, 80, 3, 4, 3, 8
NAMES = ['pau', 'a', 'o, "oo"', '#']


def noise(seconds, seed=1):
    random.seed(seed)
    return [int(random.gauss(0, 3000) * (1 + math.sin(9 * t / RATE))) for t in range(round(seconds * RATE))]


def rows_of(name):
    shape, _, flat = read_npy(name)
    return [list(flat[i * shape[1]:(i + 1) * shape[1]]) for i in range(shape[0])]


def write_rows(name, rows):
    return write_file(name, npy((len(rows), len(rows[0])), sum(rows, [])))


def softmax(y):
    top = max(y)
    e = [math.exp(v - top) for v in y]
    return [v / sum(e) for v in e]


def expected(voice, rows):
    """By forward: the first row before the input, the last one after it, and output t + DELAY about row t."""
    padded = [rows[0]] * (FIELD - 1) + rows + [rows[-1]] * DELAY
    good('forward', voice, write_rows('padded.npy', padded), '-o', path('logits.npy'))
    return [softmax(y) for y in rows_of(path('logits.npy'))[FIELD - 1 + DELAY:]]


def check_posteriors(voice, sound):
    good('analyze', sound, '--like', voice, '-o', path('rows.npy'))
    rows = rows_of(path('rows.npy'))
    good('classify', voice, path('rows.npy'), '-o', path('p.npy'))
    posteriors, wanted = rows_of(path('p.npy')), expected(voice, rows)
    check(len(posteriors) == len(rows) == len(wanted), 'rows', len(posteriors), len(rows), len(wanted))
    worst = max(abs(p - w) for a, b in zip(posteriors, wanted) for p, w in zip(a, b))
    check(worst < 1e-6, 'posteriors differ by', worst)
    check(max(max(a) for a in posteriors) - min(max(a) for a in posteriors) > 0.05, 'posteriors hardly change')
    one = write_rows('one.npy', rows[:1])
    good('classify', voice, one, '-o', path('one.p.npy'))
    check(len(rows_of(path('one.p.npy'))) == 1, 'one row')
    return posteriors


def check_ways(voice, sound):
    """The same bits from a sound, a stream, with the model as an option, and from every kernel set that is exact."""
    whole = content(path('p.npy'))
    good('classify', sound, voice, path('q.npy'))
    check(content(path('q.npy')) == whole, 'a sound differs from its rows')
    with open(sound, 'rb') as f:
        done = subprocess.run([WAVENET, 'classify', '-m', voice, '-', '-o', path('s.npy')], stdin=f, capture_output=True, timeout=300)
    check(done.returncode == 0 and content(path('s.npy')) == whole, 'a stream differs', done.stderr)
    for cpu in exact_sets():
        good('classify', voice, path('rows.npy'), '-o', path('cpu.npy'), '--cpu', cpu)
        check(content(path('cpu.npy')) == whole, cpu, 'differs')
    good('classify', voice, path('rows.npy'), '-o', path('int8.npy'), '--precision', 'int8')


def check_tables(voice, posteriors):
    text = good('classify', voice, path('rows.npy'))
    for out in ('-', path('t.csv')):
        printed = good('classify', voice, path('rows.npy'), '-o', out)
        check((printed if out == '-' else content(out).decode()) == text, out, 'is another table')
    header, *rows = csv.reader(io.StringIO(text))
    check(header == ['time'] + NAMES, header)
    check(len(rows) == len(posteriors), 'table of', len(rows))
    for t, (row, p) in enumerate(zip(rows, posteriors)):
        check(abs(float(row[0]) - t / 200) < 1e-9 and all(abs(float(c) - x) <= 1e-5 * x for c, x in zip(row[1:], p)), t, row)


def check_best(voice, posteriors):
    header, *rows = csv.reader(io.StringIO(good('classify', voice, path('rows.npy'), '--best')))
    check(header == ['start', 'end', 'class', 'probability'], header)
    best = [p.index(max(p)) for p in posteriors]
    spread = []
    for start, end, name, probability in rows:
        a, b = round(200 * float(start)), round(200 * float(end))
        check(a == len(spread) and b > a, 'a run of', start, end)
        mean = sum(max(p) for p in posteriors[a:b]) / (b - a)
        check(abs(mean - float(probability)) < 1e-4, start, probability, mean)
        spread += [NAMES.index(name)] * (b - a)
    check(spread == best and len(set(best)) > 1, 'runs are not those of the likeliest class')
    check(all(a[2] != b[2] for a, b in zip(rows, rows[1:])), 'neighbouring runs of one class')


def check_sound_model(sound):
    """A recogniser that takes samples, without names."""
    listener = model('sounds')
    header, *rows = csv.reader(io.StringIO(good('classify', listener, sound)))
    check(header == ['time', '0', '1', '2'] and len(rows) == len(noise(0.3)), header, len(rows))


def check_bad(voice, sound):
    out = ['-o', path('no.npy')]
    bad('is no recogniser', 'classify', model('feedforward'), path('rows.npy'), *out)
    bad('2 channels; the model takes 3', 'classify', voice, write_rows('two.npy', [[0.1, 0.2]]), *out)
    bad('not a finite number', 'classify', voice, write_rows('nan.npy', [[0.1, math.nan, 0.2]]), *out)
    bad('', 'classify', voice, write_file('flat.npy', npy((6,), [0.1] * 6)), *out)
    bad('holds no samples', 'classify', voice, write_file('none.npy', npy((0, 3), [])), *out)
    bad('is silent', 'classify', voice, write_file('silent.wav', wav([0] * RATE)), *out)
    bad('shorter than the window of 400', 'classify', voice, write_file('short.wav', wav(noise(1)[:399])), *out)
    bad('finite', 'classify', voice, write_file('nan.wav', wav([0.1] * 999 + [math.nan], bits=32, kind=3)), *out)
    bad('No such file', 'classify', voice, path('absent.npy'), *out)
    bad('is an input file, too', 'classify', voice, path('rows.npy'), '-o', path('rows.npy'))
    bad('ends in .npy or .csv', 'classify', voice, path('rows.npy'), '-o', path('no.txt'), code=2)
    bad('--best', 'classify', voice, path('rows.npy'), *out, '--best', code=2)
    bad('IN is missing', 'classify', voice, *out, code=2)
    bad('MODEL is missing', 'classify', path('rows.npy'), *out, code=2)
    bad('no vocoder', 'vocode', voice, sound, '-o', path('no.wav'))
    bad('', 'generate', '-m', voice, '-o', path('no.wav'))
    bad('', 'process', voice, sound, '-o', path('no.wav'))
    bad('use wavenet classify', 'score', voice, path('rows.npy'))
    check(not any(os.path.exists(path(f)) for f in ('no.npy', 'no.wav', 'no.txt')), 'a failure left a file')
    code, _, err = run('classify', voice, path('rows.npy'), '-o', '/dev/full')
    check(code == 2, '/dev/full', code, err)
    with open('/dev/full', 'w') as full:
        code = subprocess.run([WAVENET, 'classify', voice, path('rows.npy')], stdout=full, stderr=subprocess.PIPE, timeout=300).returncode
    check(code == 1, 'a full disk behind standard output:', code)


def check_memory(voice):
    short, long = (write_file(f'{n}.wav', wav(noise(0.5) * n)) for n in (4, 60))
    peaks = [peak_kilobytes('classify', voice, name, '-o', path('peak.csv')) for name in (short, long)]
    check(peaks[1] < peaks[0] + MEMORY_NOISE, 'kilobytes', peaks)


voice = model('recogniser', 4)
sound = write_file('in.wav', wav(noise(1.3)))
posteriors = check_posteriors(voice, sound)
check_ways(voice, sound)
check_tables(voice, posteriors)
check_best(voice, posteriors)
check_sound_model(write_file('little.wav', wav(noise(0.3))))
check_bad(voice, sound)
check_memory(voice)
finish()
