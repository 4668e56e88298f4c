# SPDX-License-Identifier: MIT
# score.py - likelihoods against sums of our own, and whose sample they are of. Usage: score.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import array
import json
import math

from common import bad, check, content, finish, good, model, npy, path, peak_kilobytes, read_npy, run, wav, write_file


HARMONICS = (1, 2, 3) # of the excitation in models/controls.json


def generate(name, *options):
    good('generate', '-m', model(name), '-o', path('a.npy'), *options)
    return read_npy(path('a.npy'))[2]


def forward(name, values, *options):
    kind = '<i4' if values.typecode == 'i' else '<f4'
    good('forward', '-m', model(name), write_file('in.npy', npy((len(values),), values, kind)), '-o', path('y.npy'), *options)
    (rows, columns), _, y = read_npy(path('y.npy'))
    return [y[r * columns:(r + 1) * columns] for r in range(rows)]


def score(name, file, *options):
    result = json.loads(good('score', '-m', model(name), file, '--json', '--per-sample', path('n.npy'), *options))
    nats = read_npy(path('n.npy'))[2]
    check(result['samples'] == len(nats), name, 'samples', result, len(nats))
    check(abs(result['nats'] - sum(nats) / len(nats)) < 1e-6, name, 'the mean of the samples', result)
    check(abs(result['bits'] - result['nats'] / math.log(2)) < 1e-6, name, 'bits', result)
    return result, nats


def nll_of_class(row, c):
    high = max(row)
    return high + math.log(sum(math.exp(x - high) for x in row)) - row[c]


def nll_of_gaussian(row, x):
    scale = max(row[1], -7)
    return 0.5 * ((x - row[0]) / math.exp(scale))**2 + scale + 0.5 * math.log(2 * math.pi)


def close(got, want):
    return len(got) == len(want) and max(abs(a - b) / (1 + abs(b)) for a, b in zip(got, want)) < 1e-5


def check_forward_of_sounds():
    """A sound file goes in as its samples do, as classes where the model takes classes."""
    drawn = array.array('h', [round(9000 * math.sin(t * t / 5000)) for t in range(700)])
    good('forward', '-m', model('tiny'), write_file('in.wav', wav(drawn, 8000)), '-o', path('w.npy'))
    forward('tiny', array.array('f', [x / 32768 for x in drawn]))
    check(content(path('w.npy')) == content(path('y.npy')), 'forward: samples of a sound file')
    classes = generate('classes', '--samples', 600)
    good('generate', '-m', model('classes'), '-o', path('a.wav'), '--samples', 600)
    good('forward', '-m', model('classes'), path('a.wav'), '-o', path('w.npy'))
    forward('classes', classes)
    check(content(path('w.npy')) == content(path('y.npy')), 'forward: classes of a sound file')
    double = write_file('double.wav', wav([x for x in drawn for _ in range(4)], 16000, 2))
    err = run('forward', '-m', model('tiny'), double, '-o', path('w.npy'))[2]
    check('mixed down' in err and 'resampled' in err, 'forward notes', err)
    check(read_npy(path('w.npy'))[0] == (700, 2), 'forward resampled', read_npy(path('w.npy'))[0])
    bad('takes 2 channels', 'forward', '-m', model('stereo'), double, '-o', path('no.npy'))


def check_alignment():
    """Row t of a plain model predicts sample t + 1; where controls say what each sample is to be, row t predicts sample t
    from the one before, as generation does: its most likely class is what temperature 0 gives."""
    classes = generate('classes', '--samples', 600)
    rows = forward('classes', classes)
    result, nats = score('classes', path('a.npy'))
    check(result['measure'] == 'classes' and result['cells'] == 64, 'measure', result)
    check(close(nats, [nll_of_class(rows[t], classes[t + 1]) for t in range(599)]), 'classes: other nats')
    samples = generate('tiny', '--samples', 600)
    rows = forward('tiny', samples)
    result, nats = score('tiny', path('a.npy'))
    check(result['measure'] == 'density' and 'cells' not in result, 'measure', result)
    check(close(nats, [nll_of_gaussian(rows[t], samples[t + 1]) for t in range(599)]), 'Gaussian: other nats')
    check(score('mixture', path('a.npy'))[0]['cells'] == 65536, 'measure of logistics')
    track = write_file('t.csv', 'time,key,gate\n0,60,1\n0.02,70,\n0.05,,0\n')
    classes = generate('controls', '--samples', 600, '--track', track, '--temperature', 0)
    delayed = array.array('i', [32]) + classes[:-1]
    rows = forward('controls', delayed, '--track', track)
    check(all(max(range(64), key=row.__getitem__) == c for row, c in zip(rows, classes)), 'generation is not forward')
    _, nats = score('controls', write_file('c.npy', npy((600,), classes, '<i4')), '--track', track)
    check(close(nats, [nll_of_class(rows[t], classes[t]) for t in range(1, 600)]), 'controls: other nats')


def check_channels():
    """A model of two channels takes [T][2]: whatever the blocks, and a change in a channel reaches the outputs after it."""
    samples = [math.sin(0.1 * i) for i in range(2 * 300)]
    changed = samples[:401] + [0.5] + samples[402:]
    def outputs(values, *options):
        file = write_file('two.npy', npy((300, 2), values))
        good('forward', '-m', model('stereo'), file, '-o', path('o.npy'), *options)
        shape, _, out = read_npy(path('o.npy'))
        check(shape == (300, 2), 'stereo: shape', shape)
        return out
    want, other = outputs(samples), outputs(changed)
    check(outputs(samples, '--block', 7) == want, 'stereo: the block changes the output')
    check(other[:400] == want[:400] and other[400:402] != want[400:402] and other[500:] == want[500:], 'stereo: reach')
    for shape in ((600,), (300, 1), (200, 3), (0, 2)):
        n = shape[0] * (shape[1] if len(shape) > 1 else 1)
        bad('w.npy', 'forward', '-m', model('stereo'), write_file('w.npy', npy(shape, [0.1] * n)), '-o', path('o.npy'))
    good('bench', model('stereo'), '--repeats', 1, '--block', 16)


def check_sound_files():
    """A WAV file and the array of the same samples score the same."""
    samples = generate('mixture', '--samples', 500)
    integers = [min(max(round(x * 32768), -32768), 32767) for x in samples]
    file = write_file('s.wav', wav(integers))
    array_file = write_file('s.npy', npy((500,), [i / 32768 for i in integers]))
    check(score('mixture', file)[1] == score('mixture', array_file)[1], 'WAV and npy differ')
    text = good('score', '-m', model('mixture'), file)
    check('65536 bins' in text and 'nats' in text and 'bits' in text, 'text', text)
    check('classes' in good('score', '-m', model('classes'), file), 'text of classes')
    check('density' in good('score', '-m', model('tiny'), array_file), 'text of densities')


def check_locked_phase():
    """A tone in step with the nominal phase scores alike with its own phases; a quarter of a cycle late it does not."""
    def sine(late):
        cycles = [440 * t / 8000 - late for t in range(4000)]
        return write_file('sine.wav', wav([round(8000 * sum(math.sin(2 * math.pi * h * c) / h for h in HARMONICS)) for c in cycles], 8000))
    options = ('--control', 'key=69')
    nominal, locked = (score('controls', sine(0), *options, *more)[0]['nats'] for more in ((), ('--lock-phase',)))
    late, late_locked = (score('controls', sine(0.25), *options, *more)[0]['nats'] for more in ((), ('--lock-phase',)))
    print(f'nats of a tone in step: {nominal:.4f}, locked {locked:.4f}; a quarter late: {late:.4f}, locked {late_locked:.4f}')
    check(abs(locked - nominal) < 0.1 * abs(late - nominal), 'locked to a phase that was right already')
    check(abs(late_locked - nominal) < 0.1 * abs(late - nominal), 'not locked to the phase of the recording')
    peaks = []
    for seconds in (10, 60):
        name = write_file('long.wav', wav([round(8000 * math.sin(t / 3)) for t in range(8000 * seconds)], 8000))
        peaks.append(peak_kilobytes('score', '-m', model('controls'), name, *options, '--lock-phase'))
    print(f'locked phases: {1024 * (peaks[1] - peaks[0]) / 400000:.1f} bytes per sample')
    check(1024 * (peaks[1] - peaks[0]) < 48 * 50 * 8000, 'bytes per sample to lock phases', 1024 * (peaks[1] - peaks[0]) / 400000)
    bad('no harmonic excitation', 'score', '-m', model('classes'), path('sine.wav'), '--lock-phase')


def main():
    check_alignment()
    check_channels()
    check_sound_files()
    check_forward_of_sounds()
    check_locked_phase()
    finish()


main()
