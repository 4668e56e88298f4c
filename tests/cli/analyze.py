# SPDX-License-Identifier: MIT
# analyze.py - features against numpy's transform; files, streams and models agree; bad sounds get one line.
# Usage: analyze.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import json
import math
import os

from common import (HERE, MEMORY_NOISE, bad, check, content, finish, good, model, path, peak_kilobytes, run, skip, wav,
                    write_file)

try:
    import numpy as np
    from mel_reference import mel_rows
except ImportError:
    skip('this Python has no numpy')

RATE = 16000
with open(os.path.join(HERE, 'models', 'spoken.json')) as f:
    SPEECH = json.load(f)['condition']['analysis'] | {'sample_rate': RATE, 'hop': 80}
VOCODER = {'sample_rate': 22050, 'hop': 256, 'window': 1024, 'fft': 1024, 'center': 0, 'edge': 'reflect', 'bands': 80, 'low': 125,
           'high': 7600, 'scale': 'slaney', 'norm': 'area', 'power': 1, 'log': 'log10'}


def sound(seconds, rate=RATE, seed=1):
    """A voice of pulses at a pitch that glides, with noise, in 16 bits."""
    drawn = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    phase = np.cumsum(120 * 2 ** (0.2 * np.sin(2 * np.pi * t))) / rate
    x = sum(np.cos(2 * np.pi * h * phase) / h for h in range(1, 30)) * (np.sin(2 * np.pi * t) > -0.5)
    return np.round(4000 * x + 200 * drawn.standard_normal(len(t))).astype('<i2')


def to_file(name, samples, rate=RATE, channels=1):
    return write_file(name + '.wav', wav(samples.reshape(-1).tolist(), rate, channels))


def parameters(name, values):
    return write_file(name + '.json', json.dumps(values))


def analyzed(name, *args, **more):
    out = path(name + '.npy')
    code, _, err = run('analyze', *args, '-o', out, **more)
    check(code == 0, args, err)
    return np.load(out), err


def check_mels():
    other = {'sample_rate': 8000, 'hop': 50, 'window': 201, 'fft': 240, 'center': 10, 'pre_emphasis': 0.85, 'bands': 12, 'low': 0,
             'high': 4000, 'log': 'ln', 'floor': 1e-4, 'ceiling': 10, 'mean': list(range(12)), 'std': [2 + b / 4 for b in range(12)]}
    for name, p in (('speech', SPEECH), ('vocoder', VOCODER), ('other', other)):
        samples = sound(1.5, p['sample_rate'])
        rows, _ = analyzed(name, to_file(name, samples, p['sample_rate']), '--analysis', parameters(name, p))
        wanted = mel_rows(samples / 32768, p)
        check(rows.dtype == np.float32 and rows.shape[0] == len(wanted), name, rows.shape, wanted.shape)
        worst = np.abs(rows[:, :p['bands']] - wanted).max()
        check(worst <= 1e-4, name, 'differs from numpy by', worst)


def check_ways():
    """A file, a stream, a model's own parameters: the same bytes."""
    samples = sound(2)
    name, json_file = to_file('ways', samples), parameters('ways', SPEECH)
    analyzed('file', name, '--analysis', json_file)
    analyzed('model', name, '--like', model('spoken'))
    with open(name, 'rb') as f:
        analyzed('stream', '-', '--analysis', json_file, stdin=f)
    analyzed('pipe', '-', '--analysis', json_file, input=content(name))
    for other in ('model', 'stream', 'pipe'):
        check(content(path('file.npy')) == content(path(other + '.npy')), other, 'differs from the file')
    rows = np.load(path('file.npy'))
    # The features drive the model that names them.
    good('generate', '-m', model('spoken'), '--cond', path('file.npy'), '-o', path('spoken.wav'))
    voiced = rows[:, 40] == 1
    check(set(rows[:, 40]) == {0, 1} and 0.5 < voiced.mean() < 0.8, 'voiced', voiced.mean())
    t = (np.arange(len(rows)) * 80 + 40) / RATE
    cents = 1200 * (rows[:, 41] - np.log2(120 * 2 ** (0.2 * np.sin(2 * np.pi * t)) / 130))
    inner = voiced & (np.sin(2 * np.pi * t) > -0.4)
    check((np.abs(cents[inner]) < 20).mean() > 0.95, 'pitch', np.abs(cents[inner]).max())
    # Two channels at twice the rate are said to be mixed and resampled.
    double = np.repeat(np.repeat(samples, 2)[:, None], 2, 1)
    rows, err = analyzed('double', to_file('double', double, 2 * RATE, 2), '--analysis', json_file)
    check('mixed down' in err and 'resampled from 32000 to 16000 Hz' in err, err)
    check(rows.shape == (400, 42), rows.shape)
    cut = write_file('cut.wav', content(to_file('whole', samples, RATE, 1))[:-2 * RATE])
    rows, err = analyzed('cut', cut, '--analysis', json_file)
    check('cut.wav: the header says' in err, 'a file that was cut short', err)


def check_checkpoint():
    """A converted checkpoint gives the same with mels of analyze as with mels by the formula of its preprocessing."""
    folder = os.path.join(os.environ.get('WAVENET_VECTORS', ''), 'wavenet_vocoder', 'tiny_mel_upsample')
    if not os.path.isdir(folder):
        print('WAVENET_VECTORS is not set: no checkpoint to convert')
        return
    with open(os.path.join(folder, 'hparams.json')) as f:
        hparams = json.load(f)
    bands, hop, rate, pad = hparams['cin_channels'], hparams['hop_size'], hparams['sample_rate'], hparams['cin_pad']
    hparams |= {'num_mels': bands, 'fft_size': 1024, 'win_length': 1024, 'fmin': 125, 'fmax': 7600, 'preprocess': 'preemphasis',
                'global_gain_scale': 0.55}
    drawn = np.random.default_rng(3)
    mean, std = drawn.uniform(-3, -1, bands).astype('f4'), drawn.uniform(0.5, 1.5, bands).astype('f4')
    np.save(path('stats.npy'), np.array([mean, std]))
    samples = sound(0.4, rate)
    weights = os.path.join(folder, 'model.safetensors')
    config, name, like = parameters('hparams', hparams), to_file('voice', samples, rate), path('converted.safetensors')
    good('convert', weights, like, '--config', config, '--statistics', path('stats.npy'))
    rows, _ = analyzed('mel', name, '--like', like)
    x = 0.55 * samples / 32768
    p = VOCODER | {'sample_rate': rate, 'hop': hop, 'bands': bands, 'pre_emphasis': 0.85, 'mean': mean, 'std': std}
    wanted = np.pad(mel_rows(x, p), ((pad, pad), (0, 0)), 'edge').astype('f4')
    check(rows.shape == wanted.shape and np.abs(rows - wanted).max() <= 1e-4, 'mels', rows.shape, wanted.shape)
    np.save(path('formula.npy'), wanted)
    outputs = []
    for cond in ('mel.npy', 'formula.npy'):
        np.save(path('x.npy'), x.astype('f4'))
        good('forward', '-m', like, path('x.npy'), '-o', path('y.npy'), '--cond', path(cond))
        outputs.append(np.load(path('y.npy')))
    check(np.abs(outputs[0] - outputs[1]).max() < 1e-4 < np.abs(outputs[0]).max(), 'outputs', np.abs(outputs[0] - outputs[1]).max())
    _, out, err = run('convert', weights, path('plain.safetensors'), '--config', config)
    check('not normalised; see --statistics' in err, err)
    for words, stats in (('expected [2][10]', np.zeros((3, bands), 'f4')), ('number above 0', np.zeros((2, bands), 'f4')),
                         ('finite', np.full((2, bands), np.nan, 'f4')), ('int32', np.zeros((2, bands), 'i4'))):
        np.save(path('wrong.npy'), stats)
        bad(words, 'convert', weights, path('no.safetensors'), '--config', config, '--statistics', path('wrong.npy'))
    bad('is of no use', 'convert', model('mel'), path('no.safetensors'), '--statistics', path('stats.npy'))


def check_bad():
    json_file, name = parameters('bad', SPEECH), to_file('good', sound(1))
    out = ('-o', path('no.npy'))
    bad('is silent', 'analyze', to_file('silent', np.zeros(RATE, '<i2')), *out, '--analysis', json_file)
    bad('399 samples are shorter than the window of 400', 'analyze', to_file('short', sound(1)[:399]), *out, '--analysis', json_file)
    bad('finite', 'analyze', write_file('nan.wav', wav([0.1] * 999 + [math.nan], bits=32, kind=3)), *out, '--analysis', json_file)
    bad('holds no parameters of analysis', 'analyze', name, *out, '--like', model('mel'))
    bad('window: is missing', 'analyze', name, *out, '--analysis', parameters('w', {k: v for k, v in SPEECH.items() if k != 'window'}))
    bad('hop: is missing', 'analyze', name, *out, '--analysis', parameters('h', {k: v for k, v in SPEECH.items() if k != 'hop'}))
    bad('high: expected', 'analyze', name, *out, '--analysis', parameters('n', SPEECH | {'high': 9000}))
    bad('unknown key "hpo"', 'analyze', name, *out, '--analysis', parameters('k', SPEECH | {'hpo': 1}))
    bad('narrower than a bin', 'analyze', name, *out, '--analysis', parameters('b', SPEECH | {'bands': 200}))
    bad('expected an object', 'analyze', name, *out, '--analysis', write_file('list.json', '[]'))
    bad('line 1', 'analyze', name, *out, '--analysis', write_file('cut.json', '{"hop": '))
    bad('No such file', 'analyze', path('absent.wav'), *out, '--analysis', json_file)
    bad('give one of', 'analyze', name, *out, code=2)
    bad('give one of', 'analyze', name, *out, '--like', 'x', '--analysis', 'y', code=2)
    bad('-o OUT.npy is missing', 'analyze', name, '--analysis', json_file, code=2)
    bad('is an input file, too', 'analyze', name, '-o', name, '--analysis', json_file)
    check(not os.path.exists(path('no.npy')), 'a failure left a file')


def check_plot():
    json_file, name = parameters('plot', SPEECH), to_file('plot', sound(1))
    for ending, head in (('png', b'\x89PNG'), ('svg', b'<?xml')):
        code, _, err = run('analyze', name, '-o', path('plotted.npy'), '--analysis', json_file, '--plot', path('p.' + ending))
        if 'no plots' in err:
            return
        check(code == 0, err)
        check(content(path('p.' + ending)).startswith(head), 'plot', ending)
    check(len(set(content(path('p.png')))) > 200, 'an empty picture')
    flat = to_file('flat', np.full(900, 100, '<i2'), 22050)
    analyzed('flat', flat, '--analysis', parameters('flat', VOCODER | {'window': 256, 'fft': 1024, 'bands': 20}), '--plot', path('f.svg'))
    _, err = analyzed('long', to_file('long', np.tile(sound(2), 31)), '--analysis', json_file, '--plot', path('p.png'))
    check('shows the first 60 s' in err, err)
    bad('.png or .svg', 'analyze', name, '-o', path('no.npy'), '--analysis', json_file, '--plot', path('p.jpg'))
    bad('No such', 'analyze', name, '-o', path('n.npy'), '--analysis', json_file, '--plot', path('absent/p.png'))


def check_memory():
    """Memory does not grow with the length of the sound."""
    json_file = parameters('memory', SPEECH)
    short, long = to_file('minute', np.tile(sound(2), 5)), to_file('hour', np.tile(sound(2), 200))
    peaks = [peak_kilobytes('analyze', name, '-o', path('peak.npy'), '--analysis', json_file) for name in (short, long)]
    check(peaks[1] < peaks[0] + MEMORY_NOISE, 'kilobytes', peaks)


check_mels()
check_ways()
check_checkpoint()
check_bad()
check_plot()
check_memory()
finish()
