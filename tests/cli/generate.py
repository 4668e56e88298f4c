# SPDX-License-Identifier: MIT
# generate.py - generation: what the samples depend on, and what they do not. Usage: generate.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import array
import struct

from common import (KERNEL_SETS, bad, check, content, exact_sets, finish, good, kernel_sets, model, npy, path, read_npy, read_wav,
                    run, wav, write_file)


def generate(name, *options, out='out.npy'):
    good('generate', '-m', model(name), '-o', path(out), *options)
    return content(path(out))


def available(kernels):
    code, _, err = run('generate', '-m', model('tiny'), '-o', path('probe.npy'), '--samples', 1, '--cpu', kernels)
    check(code == 0 or code == 1 and f'this machine or this build lacks the {kernels} kernels' in err, 'cpu', kernels, err)
    return code == 0


def check_kernels_and_threads():
    sets = exact_sets()
    check([s for s in KERNEL_SETS if available(s)] == kernel_sets(), 'the sets that are listed are not those that run')
    print('kernel sets compared:', ', '.join(sets))
    for name in ('classes', 'mixture', 'controls'):
        options = ('--samples', 700, '--voices', 5, '--seed', 11)
        want = generate(name, *options, '--cpu', 'c')
        for kernels in sets:
            check(generate(name, *options, '--cpu', kernels) == want, name, kernels, 'gives other samples')
        own = generate(name, *options)
        check(own == want or kernel_sets()[0] not in sets, name, 'the default gives other samples')
        for threads in (1, 2, 3, 9):
            check(generate(name, *options, '--threads', threads) == own, name, threads, 'threads give other samples')
        check(len(generate(name, *options, '--cpu', 'portable')) == len(want), name, 'portable')
        options = ('--samples', 5000, '--seed', 12) # more than a chunk
        want = generate(name, *options)
        for threads in (2, 3):
            check(generate(name, *options, '--threads', threads) == want, name, threads, 'threads of one voice: other samples')
        options = ('--samples', 300, '--voices', 2)
        check(generate(name, *options, '--threads', 4) == generate(name, *options), name, 'two threads of each of two voices')


def check_voices_and_seeds():
    for name in ('classes', 'mixture'):
        rows = {}
        for voices in (1, 3, 5):
            shape, _, values = read_npy_of(name, '--samples', 300, '--voices', voices)
            check(shape == ((300, voices) if voices > 1 else (300,)), name, 'shape', shape)
            rows[voices] = [values[v::voices] for v in range(voices)]
        check(rows[1][0] == rows[3][0] == rows[5][0] and rows[3] == rows[5][:3], name, 'a voice depends on the others')
        check(len({bytes(r.tobytes()) for r in rows[5]}) == 5, name, 'two voices are the same')
        one, two = generate(name, '--seed', 1, '--samples', 300), generate(name, '--seed', 2, '--samples', 300)
        check(one == generate(name, '--seed', 1, '--samples', 300), name, 'the same seed gives other samples')
        check(one != two, name, 'two seeds give the same samples')
        cold = [generate(name, '--seed', s, '--temperature', 0, '--samples', 300) for s in (1, 2)]
        check(cold[0] == cold[1] != one, name, 'temperature 0 depends on the seed')
    check(generate('classes', '--top-k', 1, '--samples', 300) == generate('classes', '--temperature', 0, '--samples', 300),
          'top-k 1 is not temperature 0')
    check(generate('classes', '--top-p', 1e-9, '--samples', 300) == generate('classes', '--temperature', 0, '--samples', 300),
          'a tiny top-p is not temperature 0')


def check_precisions():
    """What is rounded does not depend on how many voices share a plan, nor on the processor."""
    rows = write_file('rows.npy', npy((300, 20), [(7 * i % 19) / 9 - 1 for i in range(300 * 20)]))
    given = ('--cond', rows, '--temperature', 0.01)  # its scale reaches e^8, which would be no sound
    plain = generate('narrow', *given)
    for precision in ('bf16', 'int8'):
        options = (*given, '--precision', precision)
        one = read_npy_of('narrow', *options)[2]
        for voices in (2, 5):
            check(read_npy_of('narrow', *options, '--voices', voices)[2][::voices] == one, precision, voices, 'voices')
        check(generate('narrow', *options) != plain, precision, 'changes nothing')
        want = generate('narrow', *options, '--cpu', 'c')
        for kernels in exact_sets():
            check(generate('narrow', *options, '--cpu', kernels) == want, precision, kernels, 'the same as in C')


def read_npy_of(name, *options):
    generate(name, *options)
    return read_npy(path('out.npy'))


def to_16_bit(values):
    """Independent of the program: nearest of k/32768, ties to even, clipped."""
    return array.array('h', [min(max(round(x * 32768), -32768), 32767) for x in values])


def check_formats():
    _, _, floats = read_npy_of('mixture', '--samples', 2000)
    kind, channels, rate, bits, data = read_wav(generate('mixture', '--samples', 2000, out='out.wav'))
    check((kind, channels, rate, bits) == (1, 1, 16000, 16), 'wav', kind, channels, rate, bits)
    check(data == to_16_bit(floats).tobytes(), 'wav: other samples than in the array')
    check(generate('mixture', '--samples', 2000, out='out.f32') == floats.tobytes(), '.f32')
    check(generate('mixture', '--samples', 2000, '--raw', out='raw.wav') == data, '--raw')
    check(generate('mixture', '--samples', 2000, out='out.raw') == data, '.raw')
    kind, _, _, bits, data32 = read_wav(generate('mixture', '--samples', 2000, '--bits', 'float', out='float.wav'))
    check((kind, bits) == (3, 32) and data32 == floats.tobytes(), '--bits float')
    _, _, _, bits, data24 = read_wav(generate('mixture', '--samples', 2000, '--bits', 24, out='24.wav'))
    want = b''.join(struct.pack('<i', min(max(round(x * 8388608), -8388608), 8388607))[:3] for x in floats)
    check(bits == 24 and data24 == want, '--bits 24')
    code, stream, err = run('generate', '-m', model('mixture'), '-o', '-', '--samples', 2000, binary=True)
    check(code == 0 and stream[4:8] == stream[40:44] == b'\xff\xff\xff\xff', 'stream header', err)
    check(read_wav(stream)[:4] == (1, 1, 16000, 16) and read_wav(stream)[4] == data, 'stream data')
    code, stream, err = run('generate', '-m', model('mixture'), '-o', '-', '--raw', '--samples', 2000, binary=True)
    check(stream == data, '-o - --raw')
    for name, magic in (('a.flac', b'fLaC'), ('a.ogg', b'OggS'), ('a.opus', b'OggS'), ('a.aiff', b'FORM')):
        check(generate('mixture', '--samples', 2000, out=name)[:4] == magic, name)
    flac = good('score', '-m', model('mixture'), path('a.flac'))
    check(flac == good('score', '-m', model('mixture'), path('out.wav')), 'flac holds other samples')
    code, _, err = run('generate', '-m', model('mixture'), '-o', path('b.opus'), '--samples', 2000)
    check('resampled from 16000 to 48000 Hz' in err, 'opus is silent about its rate', err)


def check_lengths():
    def length(name, *options):
        return read_npy_of(name, *options)[0][0]
    check(length('tiny') == 5 * 8000, 'default length')
    check(length('tiny', '--seconds', 0.25) == 2000, '--seconds')
    check(length('tiny', '--seconds=1e-9') == 1, 'at least one sample')
    check(length('tiny', '--samples', 123) == 123, '--samples')
    track = write_file('length.csv', 'time,key\n0,60\n0.5,61\n')
    check(length('controls', '--track', track) == 4000 + 8000, 'a second after the last row of the track')
    cond = write_file('cond.npy', npy((9, 5), [0.1] * 45))
    check(length('mel', '--cond', cond, '--speaker', 1) == 180, 'as long as the features')
    draws = write_file('draws.npy', npy((77, 1), [0.5] * 77))
    check(length('tiny', '--draws', draws) == 77, 'as long as the draws')


def check_prime():
    """A rendering cut in two, the first half fed back as a recording, goes on as it did."""
    for name in ('mixture', 'classes', 'controls'):
        _, _, whole = read_npy_of(name, '--samples', 900)
        pcm = generate(name, '--samples', 900, out='whole.f32')
        prime = write_file('prime.f32', pcm[:4 * 400])
        _, _, rest = read_npy_of(name, '--prime', prime, '--samples', 500)
        check(rest == whole[400:], name, '--prime does not continue')
        _, _, kept = read_npy_of(name, '--prime', prime, '--samples', 500, '--keep-prime')
        check(kept == whole, name, '--keep-prime is not the whole')
    stereo = write_file('stereo.wav', wav([1000, 2000] * 4410, rate=44100, channels=2))
    code, _, err = run('generate', '-m', model('mixture'), '-o', path('p.npy'), '--prime', stereo, '--samples', 5)
    check(code == 0 and '2 channels mixed down' in err and 'resampled from 44100 to 16000 Hz' in err, 'prime: notes', err)


def check_cut_feedback():
    """On a steady input, and without chance, the output is steady once the receptive field is full."""
    for name in ('classes', 'mixture'):
        steady, alive = (read_npy_of(name, '--samples', 400, '--temperature', 0, *cut)[2] for cut in (('--cut-feedback',), ()))
        check(len(set(steady[200:])) == 1, name, 'what it hears is not steady')
        check(steady[0] == alive[0], name, 'the first sample hears the same')
    cut = ('--cut-feedback', '--samples', 300, '--voices', 4)
    check(generate('controls', *cut) == generate('controls', *cut, '--threads', 2), 'cut feedback and threads')
    check(generate('controls', *cut) != generate('controls', *cut[1:]), 'cut feedback changes nothing')


def check_controls():
    constant = generate('controls', '--control', 'key=72', '--control', 'instrument=flute', '--samples', 800)
    track = write_file('constant.csv', 'time,key,instrument\n0,72,flute\n')
    check(generate('controls', '--track', track, '--samples', 800) == constant, 'a track of one row is a constant')
    check(generate('controls', '--control', 'key=72', '--control', 'instrument=1', '--samples', 800) == constant,
          'a choice by number')
    check(generate('controls', '--samples', 800) != constant, 'controls change nothing')
    default = write_file('default.csv', 'time,key,gate,instrument,bend\n0,60,1,piano,0\n')
    check(generate('controls', '--track', default, '--samples', 800) == generate('controls', '--samples', 800), 'defaults')
    rows = write_file('rows.csv', 'time,key,gate\n0,72,1\n0.05,,0\n0.05,64,\n')
    _, _, before = read_npy_of('controls', '--control', 'key=72', '--samples', 800)
    _, _, after = read_npy_of('controls', '--track', rows, '--samples', 800)
    check(before[:400] == after[:400] and before[400:] != after[400:], 'a row acts at its time')
    want = generate('controls', '--track', rows, '--samples', 800, '--voices', 3)
    check(generate('controls', '--track', rows, '--samples', 800, '--voices', 3, '--threads', 2) == want, 'track and threads')


def check_clipping_note():
    code, _, err = run('generate', '-m', model('mixture'), '-o', path('n.wav'), '--samples', 100)
    check(code == 0 and 'beyond full scale' not in err, 'samples are in range', err)
    check('x real time' in err and 'seed 0' in err, 'the report', err)
    bad('feed-forward', 'generate', '-m', model('feedforward'), '-o', path('n.wav'))


def main():
    check_kernels_and_threads()
    check_voices_and_seeds()
    check_precisions()
    check_formats()
    check_lengths()
    check_prime()
    check_cut_feedback()
    check_controls()
    check_clipping_note()
    finish()


main()
