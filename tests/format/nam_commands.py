# SPDX-License-Identifier: MIT
# nam_commands.py - wavenet info, convert, rf, verify and bench on amp captures. Usage: nam_commands.py WAVENET COMMON
# Copyright (c) 2026 the wavenet authors
import glob
import json
import os
import random
import struct
import subprocess
import sys

sys.path.insert(0, sys.argv[2])
from common import WAVENET, bad, check, content, finish, good, npy, path, run, write_file  # noqa: E402

WORDS = {'name': 'Loud\x1bone', 'modeled_by': 'Somebody', 'gear_type': 'amp', 'gear_make': 'Maker', 'gear_model': 'M-1',
         'tone_type': 'hi_gain', 'date': {'year': 2025, 'month': 3, 'day': 9}, 'loudness': -21.5, 'input_level_dbu': 12.2,
         'training': {'validation_esr': 0.01, 'data': {'checks': {'version': 3, 'passed': False}}}}


def capture(**more):
    """Two arrays, and how many weights they need: 1x1, layers of conv, mixin and 1x1, head; the scale."""
    draw = random.Random(5)
    layers = [{'input_size': 1, 'condition_size': 1, 'channels': 3, 'head_size': 2, 'kernel_size': 3, 'dilations': [1, 4],
               'activation': 'Tanh', 'gated': False, 'head_bias': False},
              {'input_size': 3, 'condition_size': 1, 'channels': 2, 'head_size': 1, 'kernel_size': 2, 'dilations': [8],
               'activation': 'Tanh', 'gated': True, 'head_bias': True}]
    n = 3 + 2 * (27 + 3 + 3 + 9 + 3) + 6 + 6 + (16 + 4 + 4 + 4 + 2) + 2 + 1 + 1
    return {'version': '0.5.4', 'architecture': 'WaveNet', 'config': {'layers': layers, 'head': None, 'head_scale': 0.02},
            'weights': [draw.uniform(-0.7, 0.7) for _ in range(n)], **more}


def container():
    models = [capture(metadata=WORDS, sample_rate=48000), capture(sample_rate=48000)]
    return {'version': '0.7.0', 'architecture': 'SlimmableContainer', 'weights': [],
            'config': {'submodels': [{'max_value': v, 'model': m} for v, m in zip((0.4, 1.0), models)]}}


def sequence(*models, **more):
    return {'version': '0.7.0', 'architecture': 'Sequential', 'weights': [], 'config': {'models': list(models)}, **more}


def linear(taps, **more):
    return {'version': '0.5.4', 'architecture': 'Linear', 'config': {'receptive_field': len(taps), 'bias': False},
            'weights': taps, **more}


def write(name, model):
    return write_file(name, json.dumps(model))


def test_info():
    out = good('info', write('words.nam', capture(metadata=WORDS, sample_rate=48000)))
    for line in ('receptive     19 samples', 'gear          amp, Maker M-1, hi_gain', 'made          by Somebody, 2025-03-09',
                 'trained       to an ESR of 0.01 in validation (-20.0 dB)', 'loudness      -21.50 dB; +3.50 dB make it -18',
                 'full scale    is 12.2 dBu at the input\n', 'checks        of the training recording failed',
                 'file          WaveNet of .nam version 0.5.4', 'sample rate   48000 Hz'):
        check(line in out, 'info:', line, 'is missing in', out)
    check('\x1b' not in out, 'info: prints what a terminal obeys')
    obeyed = {'name': 'a\x9b31mb', 'modeled_by': '\u202ec', 'comment': 'd\u2028\x7fe'}
    out = good('info', write('obeyed.nam', capture(metadata=obeyed)))
    check(not any(c in out for c in '\x9b\u202e\u2028\x7f') and 'a?31mb' in out, 'info: prints what a terminal obeys', out)
    bare = good('info', write('bare.nam', capture()))
    check('not given; captures that say none are of 48000 Hz' in bare, 'info:', bare)
    check('loudness' not in bare and 'gear' not in bare, 'info: says what it cannot know:', bare)
    out = good('info', write('container.nam', container()))
    check('2 networks, for values below 0.4 1; this is number 2' in out, 'info:', out)
    config = json.loads(good('info', '--json', path('words.nam')))['config']
    check((config['loudness'], config['input_level_dbu']) == (-21.5, 12.2), 'info --json: levels', config)
    check(config['metadata']['training'] == WORDS['training'], 'info --json: metadata')


def test_lengths():
    """A model file whose length begins with the bytes of ' {' is a model file still."""
    good('convert', write('a.nam', capture()), path('a.safetensors'))
    data = content(path('a.safetensors'))
    n = struct.unpack('<Q', data[:8])[0]
    padded = write_file('padded.safetensors', struct.pack('<Q', 0x7b20) + data[8:8 + n].ljust(0x7b20) + data[8 + n:])
    check('19 samples' in good('info', padded), 'a length of 0x7b20')


def test_note():
    film = capture()
    film['config']['layers'][0]['layer1x1_post_film'] = {'active': True}
    film['weights'] += [0.5] * 24
    name = write('film.nam', film)
    check('note          layer1x1_post_film is ignored' in good('info', name), 'info: no note')
    code, _, err = run('convert', name, path('film.safetensors'))
    check(code == 0 and 'note: layer1x1_post_film is ignored' in err, 'convert: no note:', err)
    film['config']['condition_dsp'] = capture(version='0.7.9')
    check('condition_dsp: ' in good('info', write('film.nam', film)), 'info: no note of the inner network')
    del film['config']['condition_dsp']
    write('film.nam', film)
    code, _, err = run('process', '-m', name, write_file('one.f32', bytes(400)), '-o', path('one.wav'))
    check(code == 0 and 'note: layer1x1_post_film is ignored' in err, 'process: no note:', err)


def forward(model, out):
    good('forward', '-m', model, path('in.npy'), '-o', path(out))
    return content(path(out))


def test_round_trip():
    draw = random.Random(1)
    write_file('in.npy', npy([500], [draw.uniform(-1, 1) for _ in range(500)]))
    nam = write('one.nam', capture(metadata=WORDS, sample_rate=44100, notes='kept'))
    good('convert', nam, path('two.safetensors'))
    good('convert', path('two.safetensors'), path('three.nam'))
    good('convert', path('three.nam'), path('four.nam'))
    check(content(path('three.nam')) == content(path('four.nam')), 'convert: written twice, and not the same')
    first = forward(nam, 'one.npy')
    for name in ('two.safetensors', 'three.nam'):
        check(forward(path(name), 'other.npy') == first, 'convert:', name, 'does not sound the same')
    back = json.loads(content(path('three.nam')))
    check(back['version'] == '0.7.0' and back['notes'] == 'kept' and back['sample_rate'] == 44100, 'convert:', back.keys())
    check(back['metadata']['training'] == WORDS['training'] and back['metadata']['loudness'] == -21.5, 'convert: metadata')
    check(len(back['weights']) == len(capture()['weights']), 'convert: number of weights')


def test_sequence():
    """Models in series: figures, loudness of the file, one stream as one after the other, written as read."""
    draw = random.Random(1)
    x = write_file('in.npy', npy([500], [draw.uniform(-1, 1) for _ in range(500)]))
    one, two = capture(metadata=dict(WORDS, name='Loud'), sample_rate=44100), linear([0.5, -0.25, 0.125])
    nam = write('chain.nam', sequence(one, sequence(two, two), metadata={'loudness': -11.5, 'name': 'Rig'}))
    out = good('info', nam)
    for line in ('receptive     23 samples', 'sample rate   44100 Hz', 'loudness      -11.50 dB', 'name          Rig',
                 'chain         2 models in series', 'model 1       Loud: ', 'model 2       without a name: 6 parameters',
                 'file          Sequential of .nam version 0.7.0'):
        check(line in out, 'info:', line, 'is missing in', out)
    config = json.loads(good('info', '--json', nam))['config']
    check([len(config['chain']), len(config['chain'][1]['chain'])] == [2, 2] and not config['stacks'], 'info --json', config)
    whole = forward(nam, 'whole.npy')
    write('a.nam', one), write('b.nam', two)
    before = write_file('0.f32', content(x)[-2000:])
    for i, name in enumerate('abb'):
        before = path(f'{i + 1}.f32')
        good('process', '--no-prewarm', path(name + '.nam'), path(f'{i}.f32'), '-o', before)
    check(content(before) == whole[-2000:], 'a sequence is not its models one after the other')
    good('convert', nam, path('again.nam'))
    good('convert', path('again.nam'), path('thrice.nam'))
    check(content(path('again.nam')) == content(path('thrice.nam')), 'sequence: written twice, and not the same')
    check(forward(path('again.nam'), 'again.npy') == whole, 'sequence: written, it sounds another')
    back = json.loads(content(path('again.nam')))
    models = back['config']['models']
    check([m['architecture'] for m in models] == ['WaveNet', 'Sequential'] and back['weights'] == [], 'sequence: written', back)
    check(models[0]['metadata']['loudness'] == -21.5 and back['metadata'] == {'loudness': -11.5, 'name': 'Rig'}, 'metadata', back)
    bad('fits a .nam file only', 'convert', nam, path('never.safetensors'))
    bad('cannot be slimmed: it is several models in series', 'process', '--slim', 0.5, nam, x, '-o', path('never.f32'))
    deep = linear([1.0])
    for _ in range(4):
        deep = sequence(deep)
    check('receptive     1 samples' in good('info', write('deep.nam', deep)), 'four deep')
    bad('nested more than 4 deep', 'info', write('deep.nam', sequence(deep)))
    bad('sample_rate: is 48000, expected the 44100 of the models before', 'info',
        write('rates.nam', sequence(one, linear([1.0], sample_rate=48000))))


def test_chain():
    """`convert` makes a sequence of several models and a cabinet. It plays as `process` plays them, and as loud as it says."""
    one, two = write('one.nam', capture(metadata=dict(WORDS, name='Pedal'), sample_rate=48000)), write('two.nam', container())
    cab = write_file('cab.wav', struct.pack('<4sI4s4sIHHIIHH4sI3f', b'RIFF', 48, b'WAVE', b'fmt ', 16, 3, 1, 48000, 192000, 4, 32,
                                            b'data', 12, 0.5, -0.25, 0.125))
    draw = random.Random(2)
    sound = write_file('in.f32', struct.pack('<3000f', *[draw.uniform(-1, 1) for _ in range(3000)]))
    for inputs in ([one, two], ['-m', one, '-m', two, '--cab', cab]):
        good('convert', *inputs, path('rig.nam'))
        good('process', '-m', path('rig.nam'), sound, '-o', path('a.f32'))
        good('process', *inputs, sound, '-o', path('b.f32'))
        check(content(path('a.f32')) == content(path('b.f32')), 'convert: a chain plays otherwise', inputs)
    rig = json.loads(content(path('rig.nam')))
    models = rig['config']['models']
    check([m['architecture'] for m in models] == ['WaveNet', 'SlimmableContainer', 'Linear'], 'convert: chain', rig.keys())
    check([len(s['model']['weights']) for s in models[1]['config']['submodels']] == [len(capture()['weights'])] * 2,
          'convert: a container loses a network in a chain')
    check(rig['metadata']['name'] == 'Pedal' and rig['metadata']['input_level_dbu'] == 12.2, 'convert: chain', rig['metadata'])
    if 'loudness' in rig['metadata']:  # which builds with a trainer measure
        levels = []
        for gain in (1.0, 0.5):  # behind the capture
            good('convert', one, write('gain.nam', linear([gain], sample_rate=48000)), path('gained.nam'))
            levels.append(json.loads(content(path('gained.nam')))['metadata']['loudness'])
        check(abs(levels[0] - levels[1] - 6.0206) < 1e-3, 'convert: loudness', levels)
    bad('is also the input', 'convert', one, two, one)
    bad('fits a .nam file only', 'convert', one, two, path('never.safetensors'))
    bad('--config is for one checkpoint', 'convert', one, two, path('never.nam'), '--config', one, code=2)
    bad('a model and the file to write are expected', 'convert', one, code=2)
    bad('has sample rate 44100, expected 48000', 'convert', one, write('other.nam', capture(sample_rate=44100)), path('never.nam'))
    bad('is not a plain effect', 'convert', one, write_generator(), path('never.nam'))
    check(not os.path.exists(path('never.nam')), 'convert: left a file')


def test_container():
    """A container is exported whole, and loads whatever its other networks are."""
    nam = write('whole.nam', container())
    good('convert', nam, path('written.nam'))
    good('convert', path('written.nam'), path('again.nam'))
    check(content(path('written.nam')) == content(path('again.nam')), 'container: written twice, and not the same')
    one, two = json.loads(content(nam)), json.loads(content(path('written.nam')))
    weights = [[s['model']['weights'] for s in c['config']['submodels']] for c in (one, two)]
    check(all(abs(a - b) < 1e-7 for m, n in zip(*weights) for a, b in zip(m, n)), 'container: other weights')
    check([len(m) for m in weights[1]] == [len(capture()['weights'])] * 2, 'container: a network is lost')
    x = write_file('in.f32', struct.pack('<100f', *[(i * 7 % 11) / 11 for i in range(100)]))
    for slim in (0.1, 1):
        for name in ('whole', 'written'):
            good('process', '--slim', slim, path(name + '.nam'), x, '-o', path(f'{name}.f32'))
        check(content(path('whole.f32')) == content(path('written.f32')), 'container: written, it sounds another', slim)
    mixed = container()
    mixed['config']['submodels'][0]['model'] = dict(capture(), architecture='LSTM', config={'hidden_size': 3}, weights=[1.0, 2.5])
    nam = write('mixed.nam', mixed)
    good('process', nam, x, '-o', path('mixed.f32'))
    check(content(path('mixed.f32')) == content(path('whole.f32')), 'a container with a recurrent part')
    bad('recurrent', 'process', '--slim', 0.1, nam, x, '-o', path('never.f32'))
    good('convert', nam, path('mixed-again.nam'))
    back = json.loads(content(path('mixed-again.nam')))['config']['submodels'][0]['model']
    check(back['architecture'] == 'LSTM' and back['weights'] == [1, 2.5], 'a recurrent part is not exported', back)


def test_measures():
    nam = write('measured.nam', capture(sample_rate=48000))
    chain = write('chain.nam', sequence(capture(sample_rate=48000), linear([0.5, 0, -1.0])))
    check(json.loads(good('rf', chain, '--json', '--measure'))['receptive_field'] == 21, 'rf: not 21')
    check(json.loads(good('rf', nam, '--json', '--measure'))['receptive_field'] == 19, 'rf: not 19')
    files = [nam, chain] + sorted(glob.glob(os.path.join(os.environ.get('WAVENET_VECTORS', 'none'), 'nam', '*.nam')))
    for name in files:
        found = json.loads(good('verify', name, '--json'))
        check(found['ok'] and found['worst']['error_db'] <= -110 and found['whole']['error_db'] <= -100, 'verify:', name, found)
        reach = good('rf', name, '--measure')
        check("exactly the formula's" in reach, 'rf --measure:', name, reach)
    code, out, err = run('bench', nam, '--repeats', '1', '--json')
    check(code == 0 and json.loads(out), 'bench:', code, err)


def test_refused():
    lstm = dict(capture(), architecture='LSTM')
    for command in ('info', 'rf', 'verify', 'bench'):
        bad('recurrent', command, write('lstm.nam', lstm))
    bad('recurrent', 'convert', path('lstm.nam'), path('lstm.safetensors'))
    for target in ('never.safetensors', 'never.nam'):
        bad('weights: lists 3 values', 'convert', write('short.nam', dict(capture(), weights=[1, 2, 3])), path(target))
        check(not os.path.exists(path(target)), 'convert: left', target)
    bad('does not fit a .nam file: it generates', 'convert', write_generator(), path('never.nam'))


def write_generator():
    """A class model in the native format, from a recipe's config, through no other program than this one."""
    shapes = {'stacks.0.rechannel.weight': (1, 4, 1), 'stacks.0.rechannel.bias': (1,), 'stacks.0.layers.0.conv.weight': (2, 1, 2),
              'stacks.0.layers.0.conv.bias': (2,), 'stacks.0.layers.0.skip.weight': (1, 1, 1), 'stacks.0.layers.0.skip.bias': (1,),
              'stacks.0.layers.0.residual.weight': (1, 1, 1), 'stacks.0.layers.0.residual.bias': (1,), 'head.0.weight': (4, 1, 1),
              'head.0.bias': (4,)}
    config = {'input': {'classes': 4, 'companding': 'mulaw-trunc'}, 'output': {'kind': 'categorical'},
              'stacks': [{'channels': 1, 'dilations': [1]}], 'head': [{}]}
    header, at = {'__metadata__': {'wavenet': json.dumps(config)}}, 0
    for name, shape in shapes.items():
        size = 4
        for n in shape:
            size *= n
        header[name] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    return write_file('generator.safetensors', struct.pack('<Q', len(text)) + text + bytes(at))


def test_pipe():
    """A capture from a pipe is a capture; one without end is refused when it is too large, and not before anything else."""
    with subprocess.Popen([WAVENET, 'info', '/dev/stdin'], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as job:
        out, _ = job.communicate(json.dumps(capture()).encode())
    check(job.returncode == 0 and b'19 samples' in out, 'info of a pipe:', job.returncode, out)
    with subprocess.Popen([WAVENET, 'info', '/dev/stdin'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as job:
        written = 0
        try:
            job.stdin.write(b'{"version":"0.7.0","notes":"')
            while written < 1 << 30:
                written += job.stdin.write(b' ' * 65536)
            job.stdin.close()
        except BrokenPipeError:
            pass
        job.stdin = None
        _, err = job.communicate()
    check(job.returncode == 1 and b'is larger than' in err and err.count(b'\n') == 1, 'endless pipe:', job.returncode, err)
    check(written < 1 << 25, 'endless pipe:', written, 'bytes were read')


for test in (test_info, test_lengths, test_note, test_round_trip, test_sequence, test_chain, test_container, test_measures,
             test_refused, test_pipe):
    test()
finish()
