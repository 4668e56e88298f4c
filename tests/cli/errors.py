# SPDX-License-Identifier: MIT
# errors.py - bad input of every kind is one clear line and a status, and leaves no file. Usage: errors.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import json
import os
import struct

from common import FOLDER, bad, check, content, finish, model, npy, path, run, wav, write_file

NAN, INF = float('nan'), float('inf')


def split(name):
    """Header object and data of a safetensors file."""
    data = content(name)
    size = struct.unpack('<Q', data[:8])[0]
    return json.loads(data[8:8 + size]), data[8 + size:]


def join(header, data):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data


def with_config(change):
    """The model of classes with its config changed."""
    header, data = split(model('classes'))
    config = json.loads(header['__metadata__']['wavenet'])
    change(config)
    header['__metadata__']['wavenet'] = json.dumps(config)
    return join(header, data)


def with_tensor(change):
    header, data = split(model('classes'))
    name = next(n for n in sorted(header) if n.startswith('stacks') and len(header[n]['shape']) == 3)
    change(header, name)
    return join(header, data)


def set_path(config, keys, value):
    for key in keys[:-1]:
        config = config[key]
    config[keys[-1]] = value


def bad_models():
    whole = content(model('classes'))
    header, data = split(model('classes'))
    name = next(n for n in sorted(header) if n.startswith('stacks'))
    text = json.dumps(header)
    twice = text[:-1] + f', {json.dumps(name)}: {json.dumps(header[name])}' + '}'
    at = header[name]['data_offsets'][0]
    yield 'empty', b''
    yield 'seven bytes', whole[:7]
    yield 'truncated header', whole[:200]
    yield 'truncated data', whole[:-4]
    yield 'more data', whole + b'1234'
    yield 'huge header', struct.pack('<Q', 1 << 62) + whole[8:]
    yield 'header of 2^64-1', b'\xff' * 8 + whole[8:]
    yield 'no JSON', join(b'{"a":', data)
    yield 'a list', join(b'[]', data)
    yield 'duplicate key', join(twice.encode(), data)
    yield 'nothing but text', b'hello, this is no model'
    yield 'overlapping offsets', with_tensor(lambda h, n: h[n].update(data_offsets=[0, 4]))
    yield 'offsets beyond the end', with_tensor(lambda h, n: h[n].update(data_offsets=[1 << 40, (1 << 40) + 4]))
    yield 'descending offsets', with_tensor(lambda h, n: h[n]['data_offsets'].reverse())
    yield 'wrong dtype', with_tensor(lambda h, n: h[n].update(dtype='I32'))
    yield 'unknown dtype', with_tensor(lambda h, n: h[n].update(dtype='Q7'))
    yield 'wrong shape', with_tensor(lambda h, n: h[n]['shape'].reverse())
    yield 'shape of 2^62', with_tensor(lambda h, n: h[n].update(shape=[1 << 62, 4, 1]))
    yield 'negative shape', with_tensor(lambda h, n: h[n].update(shape=[-1, 4, 1]))
    yield 'missing tensor', with_tensor(lambda h, n: h.pop(n))
    yield 'renamed tensor', with_tensor(lambda h, n: h.update({n + 'x': h.pop(n)}))
    yield 'no config', with_tensor(lambda h, n: h.pop('__metadata__'))
    yield 'NaN weight', whole[:8 + len(whole) - len(data) - 8 + at] + struct.pack('<f', NAN) + data[at + 4:]
    yield 'infinite weight', whole[:len(whole) - 4] + struct.pack('<f', INF)
    for keys, value in ((('stacks', 0, 'channels'), 0), (('stacks', 0, 'channels'), 1 << 31),
                        (('stacks', 0, 'channels'), -1), (('stacks', 0, 'kernel'), 1 << 31), (('stacks', 0, 'kernel'), 0),
                        (('stacks', 0, 'dilations'), [1 << 40]), (('stacks', 0, 'dilations'), []),
                        (('stacks', 0, 'repeat'), 1 << 30), (('input', 'classes'), 1 << 31), (('stacks',), []),
                        (('stacks',), {}), (('sample_rate',), 'high'), (('input', 'companding'), 'alaw'),
                        (('no_such_key',), 1), (('version',), 99), (('stacks', 0, 'gating'), 'sometimes')):
        yield f'config {keys} = {value!r}', with_config(lambda c: set_path(c, keys, value))

    def overflow(config):
        config['stacks'][0]['kernel'] = 60000
        config['stacks'][0]['dilations'] = [4000000]
    yield 'dilation * kernel overflows', with_config(overflow)


def check_models():
    count = 0
    for what, data in bad_models():
        file = write_file('bad.safetensors', data)
        bad('bad.safetensors', 'info', file)
        bad('bad.safetensors', 'generate', '-m', file, '-o', path('x.wav'))
        count += 1
    print(count, 'malformed models refused')
    bad('no such', 'generate', '-m', path('none.safetensors'), '-o', path('x.wav'))
    empty = path('folder')
    os.mkdir(empty)
    bad('no model file', 'generate', '-m', empty, '-o', path('x.wav'))
    for name in ('a', 'b'):
        with open(os.path.join(empty, name + '.safetensors'), 'wb') as f:
            f.write(content(model('classes')))
    bad('more than one', 'generate', '-m', empty, '-o', path('x.wav'))
    os.unlink(os.path.join(empty, 'b.safetensors'))
    code, _, err = run('generate', '-m', empty, '-o', path('x.npy'), '--samples', 3)
    check(code == 0, 'a folder with one model', err)
    os.unlink(path('x.npy'))


def bad_arrays():
    yield 'empty', b''
    yield 'text', b'hello'
    yield 'a header only', npy((100,), [])
    yield 'truncated', npy((100,), [0.0] * 99)
    yield 'more bytes', npy((100,), [0.0] * 100, spare=b'1')
    yield 'float64 beyond float32', npy((100,), [1e300] * 100, descr='<f8')
    yield 'int32', npy((100,), [0] * 100, descr='<i4')
    yield 'rank 2', npy((10, 10), [0.0] * 100)
    yield 'no elements', npy((0,), [])
    yield 'NaN', npy((100,), [0.0] * 99 + [NAN])
    yield 'infinity', npy((100,), [INF] + [0.0] * 99)
    yield 'size of 2^31', npy((1 << 31,), [0.0])
    yield 'sizes that overflow', npy((1 << 62, 1 << 62), [0.0])
    yield 'negative size', npy((-1,), [0.0])
    yield 'version 9', npy((100,), [0.0] * 100, version=9)
    yield 'complex', npy((100,), [0.0] * 200).replace(b'<f4', b'<c8')
    yield 'no dictionary', npy((100,), [0.0] * 100).replace(b'{', b'[', 1)


def check_arrays():
    for what, data in bad_arrays():
        file = write_file('bad.npy', data)
        bad('bad.npy', 'forward', '-m', model('mixture'), file, '-o', path('x.npy'))
        bad('bad.npy', 'score', '-m', model('mixture'), file)
    floats, classes = write_file('f.npy', npy((100,), [0.0] * 100)), write_file('c.npy', npy((100,), [64] * 100, descr='<i4'))
    bad('int32', 'forward', '-m', model('classes'), floats, '-o', path('x.npy'))
    bad('classes 0 to 63', 'forward', '-m', model('classes'), classes, '-o', path('x.npy'))
    bad('element 0 is -1', 'score', '-m', model('classes'), write_file('m.npy', npy((3,), [-1, 0, 0], descr='<i4')))
    bad('input', 'forward', '-m', model('mixture'), floats, '-o', floats)
    bad('input', 'score', '-m', model('mixture'), floats, '--per-sample', floats)
    bad('one sample', 'score', '-m', model('mixture'), write_file('one.npy', npy((1,), [0.0])))
    bad('nothing to score', 'score', '-m', model('feedforward'), floats)
    check(len(content(floats)) > 400, 'the input is still there')


def check_sounds():
    for what, data in (('empty.wav', b''), ('none.wav', wav([])), ('text.wav', b'not a sound' * 10),
                       ('short.wav', wav([1] * 100)[:30]), ('nan.wav', wav([0.0, NAN, 0.0], bits=32, kind=3)),
                       ('inf.wav', wav([0.0] * 5000 + [INF], bits=32, kind=3)), ('odd.f32', b'12345'), ('empty.f32', b'')):
        file = write_file(what, data)
        bad(what, 'score', '-m', model('mixture'), file)
        bad(what, 'generate', '-m', model('mixture'), '-o', path('x.wav'), '--prime', file)
    bad('sample 5000', 'score', '-m', model('mixture'), path('inf.wav'))
    bad('folder', 'score', '-m', model('mixture'), FOLDER)
    bad('No such file', 'generate', '-m', model('mixture'), '-o', path('x.wav'), '--prime', path('no.wav'))
    good_wav = write_file('good.wav', wav([100, 200] * 2000, rate=22050, channels=2))
    code, out, err = run('score', '-m', model('mixture'), good_wav)
    check(code == 0 and 'mixed down' in err and 'resampled from 22050 to 16000 Hz' in err, 'another rate, two channels', err)
    bad('is an input file', 'generate', '-m', model('mixture'), '-o', good_wav, '--prime', good_wav)
    link = path('link.wav')
    os.symlink('good.wav', link)
    bad('is an input file', 'generate', '-m', model('mixture'), '-o', link, '--prime', good_wav)


def check_conditions():
    def refuse(words, *options, name='mel'):
        bad(words, 'generate', '-m', model(name), '-o', path('x.wav'), *options)
    cond = write_file('cond.npy', npy((9, 5), [0.1] * 45))
    refuse('needs local features', '--speaker', 0)
    refuse('needs a speaker', '--cond', cond)
    refuse("'3' is no speaker", '--cond', cond, '--speaker', 3)
    refuse("'-1' is no speaker", '--cond', cond, '--speaker=-1')
    refuse("'one' is no speaker", '--cond', cond, '--speaker', 'one')
    refuse('4 channels', '--cond', write_file('w.npy', npy((9, 4), [0.1] * 36)), '--speaker', 0)
    refuse('w.npy', '--cond', write_file('w.npy', npy((45,), [0.1] * 45)), '--speaker', 0)
    refuse('looks transposed', '--cond', write_file('w.npy', npy((5, 9), [0.1] * 45)), '--speaker', 0)
    refuse('w.npy', '--cond', write_file('w.npy', npy((9, 5), [1] * 45, descr='<i4')), '--speaker', 0)
    refuse('w.npy', '--cond', write_file('w.npy', npy((0, 5), [])), '--speaker', 0)
    refuse('180 samples, 181 are needed', '--cond', cond, '--speaker', 0, '--samples', 181)
    refuse('3 values', '--cond', cond, '--global', write_file('g.npy', npy((3,), [0.1] * 3)))
    refuse('only one of them', '--cond', cond, '--global', write_file('g.npy', npy((4,), [0.1] * 4)), '--speaker', 0)
    refuse('no local features', '--cond', cond, name='mixture')
    refuse('no speakers', '--speaker', 0, name='mixture')
    refuse('no global vector', '--global', path('g.npy'), name='mixture')
    refuse('no controls', '--track', write_file('t.csv', 'time,key\n0,60\n'), name='mixture')
    refuse("no control 'key'", '--control', 'key=60', name='mixture')
    bad('180 samples, 181 are needed', 'forward', '-m', model('mel'), write_file('l.npy', npy((181,), [0.0] * 181)), '-o',
        path('x.npy'), '--cond', cond, '--speaker', 0)


def check_controls():
    def refuse(words, *options):
        bad(words, 'generate', '-m', model('controls'), '-o', path('x.wav'), *options)
    refuse("no control 'pitch'", '--control', 'pitch=60')
    refuse('outside its range 21 to 108', '--control', 'key=200')
    refuse("'high' is no number", '--control', 'key=high')
    refuse("'nan' is no number", '--control', 'key=nan')
    refuse('NAME=VALUE', '--control', 'key')
    refuse('piano, flute, violin', '--control', 'instrument=tuba')
    for words, text in (("line 1: 'pitch' is neither", 'time,pitch\n0,60\n'), ('line 3: time 0.5 comes after 1', 'time,key\n1,60\n0.5,61\n'),
                        ("line 2: 'x' is no number", 'time,key\n0,x\n'), ('line 2: key 1000 is outside', 'time,key\n0,1000\n'),
                        ('line 2: 1 cells', 'time,key\n0\n'), ("no column 'time'", 'key\n60\n'), ('empty', ''),
                        ("line 2: 'tuba'", 'time,instrument\n0,tuba\n')):
        refuse(words, '--track', write_file('t.csv', text))
    refuse('the track ends before the recording of --prime', '--track', write_file('t.csv', 'time,key\n0,60\n'), '--prime',
           write_file('long.wav', wav([0] * 9000, 8000)))
    refuse('No such file', '--track', path('none.csv'))
    refuse('directory', '--track', FOLDER)


def check_draws():
    def refuse(words, *options, name='mixture'):
        bad(words, 'generate', '-m', model(name), '-o', path('x.wav'), *options)
    refuse('has 2 random numbers per sample; the model needs 4', '--draws', write_file('d.npy', npy((50, 2), [0.5] * 100)))
    refuse('has random numbers for 50 samples; 51 are needed', '--draws', write_file('d.npy', npy((50, 4), [0.5] * 200)), '--samples', 51)
    refuse('d.npy', '--draws', write_file('d.npy', npy((50, 4), [1] * 200, descr='<i4')))
    refuse('d.npy', '--draws', write_file('d.npy', npy((0, 4), [])))


def check_outputs():
    def refuse(words, out, *options):
        bad(words, 'generate', '-m', model('mixture'), '-o', out, '--samples', 10, *options)
    refuse('.wav', path('a.mp5'))
    refuse('No such file', path('no/folder/a.wav'))
    refuse('No such file', path('no/folder/a.npy'))
    os.mkdir(path('dir.wav'))
    refuse('directory', path('dir.wav'))
    os.rmdir(path('dir.wav'))
    refuse('channels', path('a.flac'), '--voices', 9)
    refuse('float', path('a.flac'), '--bits', 'float')
    refuse('16, 24 or float', path('a.wav'), '--bits', '12')
    refuse('no choice of bits', path('a.ogg'), '--bits', '24')
    refuse("no precision 'int4'", path('a.wav'), '--precision', 'int4')
    refuse("no kernel set 'mmx'", path('a.wav'), '--cpu', 'mmx')


def check_usage():
    def refuse(words, *options):
        bad(words, 'generate', *options, code=2)
    m, o = ('-m', model('mixture')), ('-o', path('x.wav'))
    refuse('-m MODEL is missing')
    refuse('-o OUT.wav is missing', *m)
    refuse('exclude', *m, *o, '--seconds', 1, '--samples', 1)
    for option in (('--seconds', 0), ('--seconds', 'nan'), ('--seconds', -1), ('--samples', 0), ('--samples', -5),
                   ('--samples', 1 << 62), ('--temperature', -1), ('--temperature', 'nan'), ('--top-k', -2), ('--top-p', 0),
                   ('--top-p', 1.5), ('--voices', 0), ('--voices', 1 << 31), ('--threads', -1), ('--seconds', 'five'),
                   ('--samples', '1x'), ('--keep-prime',)):
        refuse('(wavenet generate -h explains)', *m, *o, *option)
    refuse("unexpected argument 'more'", *m, *o, 'more')
    bad('--block', 'forward', *m, 'x.npy', '-o', 'y.npy', '--block', 0, code=2)
    bad('too large', 'forward', *m, 'x.npy', '-o', 'y.npy', '--block', 1 << 31, code=2)
    bad('--block', 'forward', *m, 'x.npy', '-o', 'y.npy', '--block', 1 << 17, code=2)
    bad('IN.wav is missing', 'score', *m, code=2)
    for command in (('forward', *m, 'x.npy', '-o', 'y.npy'), ('score', *m, 'x.wav'), ('verify', *m), ('rf', *m), ('bench', m[1])):
        for threads in (-1, 0, 257):
            bad('--threads is 1 to 256', *command, '--threads', threads, code=2)
    refuse('ignores the recording of --prime', *m, *o, '--cut-feedback', '--prime', 'x.wav')
    bad('fewer', 'bench', model('mixture'), '--threads', 3, '--voices', 1, code=2)


def main():
    for part in (check_models, check_arrays, check_sounds, check_conditions, check_controls, check_draws, check_outputs,
                 check_usage):
        part()
    left = {f for f in os.listdir(FOLDER) if f.startswith('x.') or f.endswith(('.tmp', '.part'))}
    check(not left, 'files were left:', left)
    finish()


main()
