# SPDX-License-Identifier: MIT
# process.py - sound through feed-forward models: values, rates, channels, gains, lengths, streams, memory.
# Usage: process.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import array
import math
import os
import random
import re
import resource
import signal
import struct
import subprocess
import time

import nam
from common import (FOLDER, MEMORY_NOISE, WAVENET, bad, cases, check, content, exact_sets, finish, good, kernel_sets, model, npy,
                    path, peak_kilobytes, read_npy, read_wav, run, wav, write_file)

FLOAT = {'bits': 32, 'kind': 3}


def noise(n, seed=1, level=0.5):
    """Values that float32 holds exactly."""
    drawn = random.Random(seed)
    return array.array('f', [drawn.uniform(-level, level) for _ in range(n)])


def capture(name, made):
    return nam.save(made, path(name + '.nam'))


def f32(name, values):
    return write_file(name, array.array('f', values).tobytes())


def floats(data):
    out = array.array('f')
    out.frombytes(data)
    return out


def processed(m, x, *options):
    """What `process` makes of samples x, as .f32."""
    good('process', '-m', m, f32('in.f32', x), '-o', path('out.f32'), *options)
    return floats(content(path('out.f32')))


def close(got, expected, bound=1e-5):
    """Within `bound` of the expected peak, sample by sample."""
    peak = max(map(abs, expected)) or 1
    return len(got) == len(expected) and max(abs(a - b) for a, b in zip(got, expected)) <= bound * peak


def frames_of(name):
    kind, channels, rate, bits, data = read_wav(content(name))
    return len(data) // (channels * bits // 8), rate, channels, bits, kind


# ---- values -----------------------------------------------------------------------------------------------------

def check_values():
    x = noise(400)
    for seed, gated in ((1, False), (2, True), (3, False)):
        made = nam.capture(seed, gated=gated)
        m = capture(f'v{seed}', made)
        check(close(processed(m, x), nam.settled(made, x)), f'capture {seed}: not what the format says')
        check(close(processed(m, x, '--no-prewarm'), nam.run(made, x)), f'capture {seed}: not so without prewarm')
        check(nam.settled(made, x)[0] != nam.run(made, x)[0], 'prewarm makes no difference: the test is blind')
    check(len(processed(model('feedforward'), x)) == len(x), 'a native model')


def check_blocks():
    x = noise(3000)
    for m in (capture('b', nam.capture(4)), model('feedforward')):
        whole = processed(m, x).tobytes()
        for option in (('--block', 1), ('--block', 7), ('--block', 64), ('--block', 5000), ('--threads', 3)):
            check(processed(m, x, *option).tobytes() == whole, option, 'changes the sound')
        exact = [processed(m, x, '--cpu', kernels).tobytes() for kernels in exact_sets()]
        check(len(set(exact)) == 1 and (exact[0] == whole or kernel_sets()[0] == 'portable'), 'a kernel set changes the sound')


def check_channels():
    m = capture('c', nam.capture(5))
    left, right, x = noise(2000, 1), noise(2000, 2), []
    for a, b in zip(left, right):
        x += [a, b]
    both = write_file('both.wav', wav(x, 48000, 2, **FLOAT))
    for threads in (1, 2):
        good('process', '-m', m, both, '-o', path('both-out.wav'), '--threads', threads)
        got = floats(read_wav(content(path('both-out.wav')))[4])
        check(got[0::2].tobytes() == processed(m, left).tobytes(), threads, 'the left channel is not that alone')
        check(got[1::2].tobytes() == processed(m, right).tobytes(), threads, 'the right channel is not that alone')
    code, _, err = run('process', '-m', model('stereo'), both, '-o', path('s.wav'))
    check(code == 0 and '2 channels' in err, 'a model of two channels', err)
    bad('1 channel; the model takes 2', 'process', '-m', model('stereo'), f32('one.f32', left), '-o', path('s.wav'))


def check_controls():
    """Conditions reach every channel, as they reach `forward`."""
    x, options = noise(1000), ('--control', 'instrument=flute', '--track', write_file('k.csv', 'time,key\n0,50\n0.06,70\n'))
    good('forward', '-m', model('knob'), write_file('k.npy', npy((1000,), x)), '-o', path('k-out.npy'), *options)
    expected = read_npy(path('k-out.npy'))[2].tobytes()
    check(processed(model('knob'), x, '--no-prewarm', *options).tobytes() == expected, 'process is not what forward is')
    check(processed(model('knob'), x, '--no-prewarm').tobytes() != expected, 'controls change nothing')
    warm = processed(model('knob'), x, *options).tobytes()
    check(processed(model('knob'), x, '--block', 7, *options).tobytes() == warm and warm != expected, 'blocks, prewarm')
    good('process', '-m', model('knob'), write_file('k2.wav', wav([v for v in x for _ in (0, 1)], 8000, 2, **FLOAT)), '-o',
         path('k2-out.wav'), *options)
    check(floats(read_wav(content(path('k2-out.wav')))[4])[1::2].tobytes() == warm, 'the second channel')


# ---- gains ------------------------------------------------------------------------------------------------------

def check_gains():
    made = nam.capture(6, loudness=-23.5, input_level_dbu=12.5, output_level_dbu=9)
    m, x = capture('g', made), noise(300)

    def expect(gain_in, gain_out, *options):
        a, b = 10 ** (gain_in / 20), 10 ** (gain_out / 20)
        check(close(processed(m, x, *options), [b * y for y in nam.settled(made, [a * v for v in x])]), options)

    expect(-6, 0, '--gain', -6)
    expect(0, 3, '--output-gain', 3)
    expect(0, 5.5, '--normalize')
    expect(0, 2.5, '--normalize', '--output-gain', -3)
    expect(-8.5, 0, '--input-dbu', 4)
    expect(-2.5, 5.5, '--input-dbu', 4, '--gain', 6, '--normalize')
    _, _, err = run('process', '-m', m, path('in.f32'), '-o', path('out.f32'), '--input-dbu', 4, '--normalize')
    check('input -8.50 dB, output +5.50 dB' in err, 'the gains are not said', err)
    for figure in (900, -900):
        loud = capture('loud', nam.capture(6, loudness=figure))
        bad('dB behind it', 'process', '-m', loud, path('in.f32'), '-o', path('x.f32'), '--normalize')
    plain = capture('plain', nam.capture(6))
    bad('how loud', 'process', '-m', plain, path('in.f32'), '-o', path('x.f32'), '--normalize')
    bad('at which level', 'process', '-m', plain, path('in.f32'), '-o', path('x.f32'), '--input-dbu', 4)


def check_slim():
    half, whole = nam.linear([0.5]), nam.linear([0.25])
    m = capture('slim', {'version': '0.7.0', 'architecture': 'SlimmableContainer', 'weights': [], 'sample_rate': 48000,
                         'config': {'submodels': [{'max_value': 0.5, 'model': half}, {'max_value': 1.0, 'model': whole}]}})
    x = noise(100)
    for slim, factor in ((0.2, 0.5), (0.5, 0.25), (1, 0.25)):
        check(processed(m, x, '--slim', slim) == array.array('f', [factor * v for v in x]), '--slim', slim)
    check(processed(m, x) == array.array('f', [0.25 * v for v in x]), 'without --slim')
    for slim in (-0.1, 1.1, 'nan'):
        bad('--slim is 0 to 1', 'process', '-m', m, path('in.f32'), '-o', path('x.f32'), '--slim', slim, code=2)


# ---- rates and lengths ------------------------------------------------------------------------------------------

def check_rates():
    same = capture('same', nam.linear([1.0]))
    for rate in (8000, 22050, 44100, 96000):
        n = rate // 2 + 1
        x = [0.5 * math.sin(2 * math.pi * 440 / rate * t) * math.sin(math.pi * t / n) ** 2 for t in range(n)]
        code, _, err = run('process', '-m', same, write_file('r.wav', wav(x, rate, **FLOAT)), '-o', path('r-out.wav'))
        check(code == 0 and f'resampled from {rate} to 48000 Hz for the model, and back' in err, rate, err)
        kind, _, got_rate, _, data = read_wav(content(path('r-out.wav')))
        check(got_rate == rate and kind == 3, rate, 'became', got_rate)
        check(close(floats(data), x, 1e-4), rate, 'the way there and back is heard')
    for n in (1, 2, 999, 4096, 4097, 10000):
        for rate in (11025, 44100, 48000, 48001):
            good('process', '-m', same, write_file('l.wav', wav([1000] * n, rate)), '-o', path('l-out.wav'))
            check(frames_of(path('l-out.wav'))[:2] == (n, rate), n, rate, 'became', frames_of(path('l-out.wav')))
    code, _, err = run('process', '-m', capture('none', nam.capture(7, rate=None)), path('l.wav'), '-o', path('l-out.wav'))
    check(code == 0 and '48000 Hz assumed' in err, 'a model without a rate', err)


def check_tail():
    late = capture('late', nam.linear([0.0] * 99 + [1.0]))
    x = noise(500)
    check(processed(late, x) == array.array('f', [0.0] * 99 + list(x[:401])), 'as long as the input, and no longer')
    check(processed(late, x, '--tail', 0.01) == array.array('f', [0.0] * 99 + list(x) + [0.0] * 381), 'with a tail')
    good('process', '-m', late, write_file('t.wav', wav([7] * 441, 44100)), '-o', path('t-out.wav'), '--tail', 0.5)
    check(frames_of(path('t-out.wav'))[0] == 441 + 22050, 'a tail at another rate')


# ---- formats and streams ----------------------------------------------------------------------------------------

def check_formats():
    same = capture('same', nam.linear([1.0]))
    values = [random.Random(9).randrange(-32768, 32768) for _ in range(1000)]
    source = write_file('k.wav', wav(values, 48000))
    good('process', '-m', same, source, '-o', path('k-out.wav'))
    check(content(path('k-out.wav')) == content(source), 'a model that changes nothing changes a file')
    for bits, kind in (('16', 1), ('24', 1), ('float', 3)):
        good('process', '-m', same, source, '-o', path('k-out.wav'), '--bits', bits)
        _, _, _, got, got_kind = frames_of(path('k-out.wav'))
        check((got, got_kind) == (32 if bits == 'float' else int(bits), kind), bits, 'became', got, got_kind)
    good('process', '-m', same, write_file('h.wav', wav(noise(100), 48000, **FLOAT)), '-o', path('k-out.flac'))
    check((content(path('k-out.flac'))[20] & 1) << 4 | content(path('k-out.flac'))[21] >> 4 == 23, 'float becomes 24 bits in FLAC')
    for out in ('k.ogg', 'k.aiff', 'k.f32', 'k.npy', 'k.opus'):
        good('process', '-m', same, source, '-o', path(out))
    check(floats(content(path('k.f32'))) == array.array('f', [v / 32768 for v in values]), '.f32')


def check_clipping():
    same = capture('same', nam.linear([1.0]))
    source = write_file('loud.wav', wav([0.5, 0.25, -0.75, 0.1], 48000, **FLOAT))
    code, _, err = run('process', '-m', same, source, '-o', path('loud-out.wav'), '--bits', 16, '--output-gain', 6.02059991)
    check(code == 0 and '1 sample beyond full scale, clipped' in err and 'peak 3.5 dB' in err, 'clipping', err)
    _, _, err = run('process', '-m', same, source, '-o', path('loud-out.wav'), '--output-gain', 6.02059991)
    check('1 sample beyond full scale, kept' in err, 'a float file keeps what is beyond full scale', err)
    mended = write_file('nan.wav', wav([0.5, math.nan, math.inf, 0.25], 48000, **FLOAT))
    code, _, err = run('process', '-m', same, mended, '-o', path('nan-out.wav'))
    check(code == 0 and '2 samples not finite, replaced by 0' in err, 'NaN and Inf are not said', err)
    check(list(floats(read_wav(content(path('nan-out.wav')))[4])) == [0.5, 0, 0, 0.25], 'NaN and Inf do not become 0')


def stream(data, *options):
    done = subprocess.run([WAVENET, 'process', *map(str, options)], input=data, capture_output=True)
    check(done.returncode == 0, options, done.stderr)
    return done.stdout


def check_streams():
    m, x = capture('p', nam.capture(8)), noise(5000)
    good('process', '-m', m, write_file('p.wav', wav(x, 44100, **FLOAT)), '-o', path('p-out.wav'))
    file = read_wav(content(path('p-out.wav')))
    for size in (None, 0xffffffff, 0x7ffff000):  # of a known length, and of open ones
        data = content(path('p.wav'))
        data = data if size is None else data[:40] + struct.pack('<I', size) + data[44:]
        check(read_wav(stream(data, '-m', m, '-', '-o', '-')) == file, 'a stream is not what a file is, size', size)
    raw = stream(x.tobytes(), '-m', m, '-', '--raw-in', '-o', '-', '--raw')
    check(raw == processed(m, x).tobytes(), 'raw samples in, raw samples out')
    done = subprocess.run([WAVENET, 'process', '-m', m, '-', '-o', path('x.wav')], input=b'', capture_output=True)
    check(done.returncode == 1 and done.stderr.count(b'\n') == 1, 'an empty stream', done)


def chunk(name, data):
    return name + struct.pack('<I', len(data)) + data + b'\0' * (len(data) % 2)


def chunks_of(data):
    """The chunks of a WAV file or stream before and behind its samples: {name: bytes}."""
    found, at = {}, 12
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack('<I', data[at + 4:at + 8])[0]
        check(name not in found, 'two chunks', name)
        found[name] = data[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    return found


def check_metadata():
    """Broadcast metadata goes from WAV to WAV; the loudness in it, which is the input's, becomes "not stated"."""
    m = capture('half', nam.linear([0.5]))
    times = b'2026-11-3001:02:03' + struct.pack('<IIH', 123456789, 1, 2)
    bext = b'take 7'.ljust(256, b'\0') + b'a recorder'.ljust(32, b'\0') + b'REF'.ljust(32, b'\0') + times
    bext += bytes(range(64)) + struct.pack('<5h', -2300, 500, -100, -1800, -2000) + b'\0' * 180 + b'A=PCM,F=16000,W=24,M=mono\r\n'
    unstated = bext[:412] + b'\xff\x7f' * 5 + bext[422:]
    older = bext[:346] + b'\1\0' + bext[348:]
    ixml = b'<?xml version="1.0"?><BWFXML><NOTE>odd</NOTE></BWFXML>'[:53] + b'>>'[:2]
    plain = wav([100, -200, 300] * 500)

    def made(extra, out, *more, behind=False):
        body = plain[12:] + extra if behind else plain[12:36] + extra + plain[36:]
        name = write_file('tagged.wav', b'RIFF' + struct.pack('<I', 4 + len(body)) + b'WAVE' + body)
        good('process', '-m', m, name, '-o', path(out), *more)
        return content(path(out))

    expected = read_wav(made(b'', 'plain.wav'))
    for behind in (False, True):
        for given, wanted in ((bext, unstated), (older, older)):
            data = made(chunk(b'iXML', ixml) + chunk(b'bext', given) + chunk(b'bext', b'another') + chunk(b'LIST', b'INFO'), 'out.wav', behind=behind)
            there = chunks_of(data)
            check(there[b'bext'].startswith(wanted) and not there[b'bext'][len(wanted):].strip(b'\0'), 'bext', there[b'bext'][400:])
            check(there[b'iXML'].startswith(ixml) and not there[b'iXML'][len(ixml):].strip(b' '), 'iXML', there[b'iXML'])
            check(set(there) == {b'fmt ', b'data', b'bext', b'iXML'} and read_wav(data) == expected, 'samples', set(there))
            check(struct.unpack('<I', data[4:8])[0] == len(data) - 8, 'the size of the file', len(data))
    tagged = chunk(b'bext', bext)
    check(chunks_of(made(tagged, 'out.wav', '--bits', 'float'))[b'bext'].startswith(unstated), 'float')
    check(b'bext' not in made(tagged, 'out.raw', '--raw'), 'raw samples')
    code, out, err = run('process', '-m', m, path('tagged.wav'), '-o', path('out.flac'))
    check(code == 0 and 'out.flac: has no place for the broadcast metadata of' in err, err)
    code, out, err = run('process', '-m', m, path('tagged.wav'), '-o', path('out.wav'))
    check('no place' not in err, err)
    for source in ({'stdin': open(path('tagged.wav'), 'rb')}, {'input': content(path('tagged.wav'))}):
        done = subprocess.run([WAVENET, 'process', '-m', m, '-', '-o', '-'], capture_output=True, **source)
        there = chunks_of(done.stdout)
        check(done.returncode == 0 and there[b'bext'] == unstated, 'a stream', done.stderr, list(there))
        check(read_wav(done.stdout)[4] == expected[4], 'samples of a stream')
    made(b'', 'plain.wav')
    for broken in (chunk(b'bext', b''), chunk(b'bext', b'short'), chunk(b'bext', b'x' * ((1 << 20) + 1)), chunk(b'iXML', b'<')):
        check(read_wav(made(broken, 'out.wav')) == expected, 'odd metadata', broken[:16])
    cut = plain[:36] + b'bext' + struct.pack('<I', 500000) + b'too little'
    bad('the WAV header ends at byte', 'process', '-m', m, write_file('cut.wav', cut), '-o', path('out.wav'))


def check_latency():
    """What has gone in comes out, block by block, before more goes in."""
    m, x = capture('p', nam.capture(8)), noise(640)
    job = subprocess.Popen([WAVENET, 'process', '-m', m, '-', '--raw-in', '-o', '-', '--raw', '--block', '64'],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    got = b''
    for t in range(0, 640, 64):
        job.stdin.write(x[t:t + 64].tobytes())
        job.stdin.flush()
        got += job.stdout.read(256)
    job.stdin.close()
    got += job.stdout.read()
    check(job.wait() == 0 and got == processed(m, x).tobytes(), 'live blocks')


def check_stop():
    """Ctrl-C, while a stream is open: the file is whole up to there."""
    m, x = capture('p', nam.capture(8)), noise(48000)
    job = subprocess.Popen([WAVENET, 'process', '-m', m, '-', '--raw-in', '-o', path('stop.wav')], stdin=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    job.stdin.write(x.tobytes())
    job.stdin.flush()
    for _ in range(600):
        if any(name.startswith('stop.wav') and os.path.getsize(path(name)) > 4000 for name in os.listdir(FOLDER)):
            break
        time.sleep(0.05)
    check(not os.path.exists(path('stop.wav')), 'a file has its name before it is complete')
    job.send_signal(signal.SIGINT)
    time.sleep(0.2)
    _, err = job.communicate()
    got = floats(read_wav(content(path('stop.wav')))[4])
    check(job.returncode == 0 and b'stopped after' in err, 'Ctrl-C', job.returncode, err)
    check(1000 < len(got) <= 48000 and got == processed(m, x)[:len(got)], 'not the beginning of the whole', len(got))
    with open(path('x.wav'), 'w'):
        pass
    os.unlink(path('x.wav'))


# ---- what is refused --------------------------------------------------------------------------------------------

def check_refusals():
    m, x = capture('e', nam.capture(9)), write_file('e.wav', wav([100] * 1000, 48000))

    def refuse(words, *args, code=1):
        bad(words, 'process', *args, code=code)
    refuse('wavenet generate', '-m', model('mixture'), x, '-o', path('x.wav'))
    refuse('wavenet generate', '-m', model('classes'), x, '-o', path('x.wav'))
    refuse('is an input file', '-m', m, x, '-o', x)
    os.symlink('e.wav', path('x-link.wav'))
    refuse('is an input file', '-m', m, x, '-o', path('x-link.wav'))
    os.unlink(path('x-link.wav'))
    refuse('is an input file', '-m', m, x, '-o', m)
    refuse('No such file', '-m', m, x, '-o', path('no/folder.wav'))
    refuse('No such file', '-m', m, path('no.wav'), '-o', path('x.wav'))
    refuse('no such model', '-m', path('no.nam'), x, '-o', path('x.wav'))
    refuse('-o FOLDER', '-m', m, FOLDER, '-o', path('x.wav'), code=2)
    rateless = capture('rateless', nam.capture(9, rate=None))
    refuse('No such file', '-m', rateless, path('no.wav'), '-o', path('x.wav'))
    refuse('is empty', '-m', m, write_file('empty.wav', b''), '-o', path('x.wav'))
    refuse('holds no samples', '-m', m, write_file('none.wav', wav([])), '-o', path('x.wav'))
    refuse('not a readable sound file', '-m', m, write_file('cut.wav', content(x)[:30]), '-o', path('x.wav'))
    refuse('whole number', '-m', m, write_file('odd.f32', b'12345'), '-o', path('x.wav'))
    refuse('.wav', '-m', m, x, '-o', path('x.mp5'))
    refuse('No space left', '-m', m, x, '-o', '/dev/full', '--raw')
    refuse('no local features', '-m', m, x, '-o', path('x.wav'), '--cond', x)
    check('x.wav' not in os.listdir(FOLDER), 'a failed run left a file')
    refuse('-m MODEL is missing', x, '-o', path('x.wav'), code=2)
    refuse('-o OUT.wav is missing', '-m', m, x, code=2)
    refuse('IN.wav is missing', '-m', m, '-o', path('x.wav'), code=2)
    for option in (('--block', 0), ('--block', 65537), ('--gain', 'nan'), ('--gain', 200), ('--output-gain', -121),
                   ('--tail', -1), ('--tail', 'inf'), ('--tail', 4000), ('--input-dbu', 'nan'), ('--threads', 0)):
        refuse('(wavenet process -h explains)', '-m', m, x, '-o', path('x.wav'), *option, code=2)


def limit_files():
    """A disk that is full after 100 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


def check_full_disk():
    """An error, the file that was there before, and nothing else."""
    source, before = write_file('full.wav', wav(noise(60000), 48000, **FLOAT)), set(os.listdir(FOLDER))
    for out in ('old.wav', 'old.flac', 'old.f32'):
        write_file(out, b'old')
        bad('File too large', 'process', '-m', capture('p', nam.capture(8)), source, '-o', path(out),
            preexec_fn=limit_files)
        check(content(path(out)) == b'old', out, 'an old file was lost to a failed run')
        os.unlink(path(out))
    check(set(os.listdir(FOLDER)) - {'p.nam'} == before - {'p.nam'}, 'what is left:', set(os.listdir(FOLDER)) - before)


def check_cut_file():
    """A recording that was cut short is as long as what is there."""
    whole = wav([100] * 1000, 48000)
    good('process', '-m', capture('same', nam.linear([1.0])), write_file('cut.wav', whole[:-1001]), '-o', path('cut-out.wav'))
    check(frames_of(path('cut-out.wav'))[0] == 499, 'a file cut short')


def check_memory():
    m = capture('p', nam.capture(8))
    for rate in (48000, 44100):
        peaks = []
        for seconds in (cases(40, 40), cases(160, 160)):
            source = write_file('m.wav', wav([0] * (rate * seconds * 2), rate, 2))
            peaks.append(peak_kilobytes('process', '-m', m, source, '-o', path('m-out.wav')))
        print(f'{rate} Hz: {peaks[0]} kB for {cases(40, 40)} seconds of sound, {peaks[1]} kB for {seconds}')
        check(0 < peaks[0] and 0 < peaks[1] <= peaks[0] + MEMORY_NOISE, 'memory grows with length:', peaks)


def main():
    for part in (check_values, check_blocks, check_channels, check_controls, check_gains, check_slim, check_rates, check_tail,
                 check_formats, check_clipping, check_streams, check_metadata, check_latency, check_stop, check_refusals, check_full_disk,
                 check_cut_file, check_memory):
        part()
    left = {f for f in os.listdir(FOLDER) if re.match(r'x\.|.*\.(tmp|part)$', f)}
    check(not left, 'files were left:', left)
    finish()


main()
