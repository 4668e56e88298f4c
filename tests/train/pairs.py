# SPDX-License-Identifier: MIT
# pairs.py - pairs of recordings as people bring them: each fault is found and said before training, a nearly right pair is
# used, and the capture is a file that says what it is. Usage: pairs.py WAVENET
# Copyright (c) 2026 the wavenet authors
import array
import json
import math
import os
import random
import re
import signal
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from common import WAVENET, bad, cases, check, content, finish, good, path, peak_kilobytes, run, wav, write_file  # noqa: E402

RATE, SECONDS = 48000, 3
USERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data', 'users', 'pairs')
FLOAT = {'bits': 32, 'kind': 3}
FEW = ('--size', 'nano', '--steps', 1, '--threads', 1)


def plucks(seconds, seed, rate=RATE):
    """Plucked strings of drawn pitch and level, which decay."""
    rng, n = random.Random(seed), int(seconds * rate)
    out = [0.0] * n
    for start in range(0, n, rate // 6):
        pitch, level = 82.4 * 2 ** (rng.randrange(36) / 12), 10 ** rng.uniform(-1.2, -0.4)
        for harmonic in (1, 2, 3, 5):
            turn, loss, size = 2 * math.pi * pitch * harmonic / rate, math.exp(-4.0 * harmonic / rate), level / harmonic
            for t in range(start, min(n, start + rate // 6)):
                size *= loss
                out[t] += size * math.sin(turn * (t - start))
    return [x + 1e-4 * rng.uniform(-1, 1) for x in out]


def amplifier(dry, drive=4.0, level=0.5):
    """A low-pass filter, then distortion."""
    out, state = [], 0.0
    for x in dry:
        state += 0.4 * (x - state)
        out.append(level * math.tanh(drive * state))
    return out


DRY = plucks(SECONDS, 1)
WET = amplifier(DRY)


def sound(name, values, rate=RATE, **more):
    return write_file(name, wav(values, rate, **(more or FLOAT)))


def captured(dry, wet, *more):
    """What capture says of a pair, which it takes."""
    code, out, said = run('capture', dry, wet, '-o', path('out.nam'), '--force', *FEW, *more)
    check(code == 0, wet, '->', code, said)
    return said


def refused(words, dry, wet):
    out = path('never.nam')
    bad(words, 'capture', dry, wet, '-o', out, *FEW)
    check(not os.path.exists(out), words, 'left a file')


def check_good(dry):
    said = captured(dry, sound('wet.wav', WET))
    check('late' not in said and 'early' not in said and 'inverted' not in said and 'changes' not in said and
          'clipped' not in said and 'hums' not in said, 'a good pair has a fault:', said)


def check_delays(dry):
    """Late and early by a drawn number of samples; some are left to the network, which must never look ahead."""
    rng = random.Random(3)
    for i in range(cases(4)):
        delay = rng.choice((1, -1)) * rng.randrange(200, 9000)
        wet = [0.0] * delay + WET[:-delay] if delay > 0 else WET[-delay:] + [0.0] * -delay
        said = captured(dry, sound('moved.wav', wet))
        found = re.search(r'is (\d+) samples \([0-9.]+ ms\) (late|early)', said)
        got = (1 if found[2] == 'late' else -1) * int(found[1]) if found else 0
        check(delay - 40 <= got <= delay + 1, delay, 'found as', got, said)


def check_refused(dry):
    silence, other = [0.0] * len(WET), amplifier(plucks(SECONDS, 99))
    half = len(WET) // 2
    refused('is silent: every sample is 0', dry, sound('silent.wav', silence))
    refused('is silent (-9', dry, sound('hiss.wav', [random.Random(4).uniform(-3e-5, 3e-5) for _ in WET]))
    refused('is silent', sound('nothing.wav', silence), path('wet.wav'))
    refused('does not follow from the dry recording', dry, sound('other.wav', other))
    refused('does not follow from the dry recording', dry, sound('noise.wav', [random.Random(5).gauss(0, 0.2) for _ in WET]))
    clipped = [max(-1, min(32767 / 32768, 6 * x)) for x in WET]
    refused('is clipped: ', dry, sound('clipped.wav', [round(32768 * x) if x < 0.99 else 32767 for x in clipped], bits=16))
    knob = WET[:half] + amplifier(DRY, level=0.25)[half:]
    refused('was a knob turned?', dry, sound('knob.wav', knob))
    refused('was a knob turned?', dry, sound('drive.wav', WET[:half] + amplifier(DRY, drive=1.0)[half:]))
    later = [0.25 * x if t < half else 0.5 * x for t, x in enumerate(DRY)]
    refused('was a knob turned?', dry, sound('clean.wav', later))
    lost = WET[:half] + WET[half + 700:] + [0.0] * 700
    refused('its delay changes by', dry, sound('lost.wav', lost))
    check('was a knob turned?' in captured(dry, path('knob.wav'), '--ignore-checks'), 'said although ignored')


def check_said(dry):
    """Faults that can be made up for."""
    said = captured(dry, sound('inverted.wav', [-x for x in WET]))
    check('inverted in polarity' in said, said)
    for side in (0, 1):
        both = [x for y in WET for x in ((y, 0.0) if side == 0 else (0.0, y))]
        said = captured(dry, sound('side.wav', both, channels=2, **FLOAT))
        check(f'only channel {side + 1} ({("left", "right")[side]}) has sound' in said, said)
    said = captured(dry, sound('against.wav', [x for y in WET for x in (y, -y)], channels=2, **FLOAT))
    check('mix of its channels would lose sound' in said, said)
    said = captured(dry, sound('both.wav', [x for y in WET for x in (y, y)], channels=2, **FLOAT))
    check('2 channels were mixed down' in said, said)
    said = captured(dry, sound('short.wav', WET[:-1]))
    check(f'has {len(WET) - 1} samples, the dry recording {len(DRY)}' in said and f'{len(WET) - 1} are used' in said, said)
    said = captured(dry, sound('half.wav', WET[:len(WET) // 2]))
    check('is it the right file?' in said, said)
    slow = amplifier(plucks(SECONDS, 1, 44100))
    check('was resampled from 44100 to 48000 Hz' in captured(sound('slow.wav', plucks(SECONDS, 1, 44100), 44100), sound('slowwet.wav', slow, 44100)))
    gain = 1 / sorted(map(abs, WET))[-len(WET) // 500]
    bits = [round(32767 * max(-1, min(1, gain * x))) for x in WET]
    check('clipped in places' in captured(dry, sound('peaks.wav', bits, bits=16)), 'a few clipped samples')


def check_silences():
    """Where the input is silent, hum and noise are heard."""
    gap = [0.0] * (RATE * 2)
    dry = sound('gap.wav', DRY + gap)
    wet = WET + gap
    hum = [x + 0.004 * math.sin(2 * math.pi * 50 * t / RATE) + 0.002 * math.sin(2 * math.pi * 150 * t / RATE) for t, x in enumerate(wet)]
    said = captured(dry, sound('hum.wav', hum))
    check('hums at 50 Hz' in said, said)
    hum = [x + 0.004 * math.sin(2 * math.pi * 120 * t / RATE) for t, x in enumerate(wet)]
    check('hums at 60 Hz' in captured(dry, sound('hum.wav', hum)), 'the second of 60 Hz')
    rng = random.Random(6)
    said = captured(dry, sound('hiss.wav', [x + rng.gauss(0, 0.004) for x in wet]))
    check('has noise' in said and 'hums' not in said, said)


def check_repeats():
    """An input that repeats, and an output that does, differs a little, or does not."""
    rng, dry = random.Random(7), DRY + DRY
    name, wet = sound('twice.wav', dry), amplifier(dry)
    check('repeat' not in captured(name, sound('twice_wet.wav', wet)), 'repeats, and so does the output')
    said = captured(name, sound('twice_wet.wav', [x + rng.gauss(0, 0.03) for x in wet]))
    check('where the input repeats, the output differs' in said, said)


def check_own_signal():
    """Equipment that stays the same and colours sound is no knob that was turned, though the test signal goes on from sweeps and
    noise to strings. A knob that is turned is found in it."""
    dry, taps = path('signal.wav'), 256
    good('capture', '--signal', dry)
    write_file('tone.nam', json.dumps({'version': '0.5.4', 'architecture': 'Linear', 'sample_rate': RATE,
                                       'config': {'receptive_field': taps, 'bias': False},
                                       'weights': [1.12] + [0.12 * 0.97 ** t for t in range(1, taps)]}))
    drive = os.path.join(USERS, '..', '..', 'capture', 'overdrive.nam')
    for chain, level in (((path('tone.nam'),), -18), ((path('tone.nam'), drive), -12)):
        good('process', *chain, dry, '-o', path('coloured.wav'), '--output-gain', level, '--bits', 24)
        said = captured(dry, path('coloured.wav'))
        check('changes' not in said, chain, said)
    good('process', drive, dry, '-o', path('one.f32'), '--output-gain', -6)
    good('process', path('tone.nam'), drive, dry, '-o', path('other.f32'), '--output-gain', -12)
    one, other = content(path('one.f32')), content(path('other.f32'))
    turn = 4 * 100 * RATE
    refused('was a knob turned?', dry, sound('turned.wav', array.array('f', one[:turn] + other[turn:])))


def check_file(dry):
    """Names, levels and loudness; the structure of training that other programs read; the same bytes twice."""
    words = ('--name', 'Tëst', '--gear', 'amp', '--tone', 'crunch', '--by', 'me', '--make', 'Maker', '--model', 'Mk 2',
             '--input-dbu', 12.5, '--output-dbu', 8)
    captured(dry, path('wet.wav'), *words, '--seed', 4)
    first = content(path('out.nam'))
    captured(dry, path('wet.wav'), *words, '--seed', 4, '--threads', 2)
    check(content(path('out.nam')) == first, 'the same seed gives another file')
    captured(dry, path('wet.wav'), *words, '--seed', 5)
    check(content(path('out.nam')) != first, 'another seed gives the same file')
    nam = json.loads(first)
    metadata = nam['metadata']
    check(nam['architecture'] == 'WaveNet' and len(nam['weights']) == 842 and nam['sample_rate'] == 48000, nam.keys())
    for key, value in {'name': 'Tëst', 'gear_type': 'amp', 'tone_type': 'crunch', 'modeled_by': 'me', 'gear_make': 'Maker',
                       'gear_model': 'Mk 2', 'input_level_dbu': 12.5, 'output_level_dbu': 8}.items():
        check(metadata[key] == value, key, metadata.get(key))
    check(isinstance(metadata['loudness'], float) and 0 <= metadata['gain'] <= 1, metadata.keys())
    training = metadata['training']
    check(set(training) == {'settings', 'data', 'validation_esr'} and training['settings'] == {'ignore_checks': False}, training)
    check(training['data']['checks']['passed'] is True and 0 < training['validation_esr'] < 10, training)
    check(training['data']['latency']['calibration']['recommended'] == 0, training)
    check('+' in good('info', path('out.nam')), 'loudness in info')
    good('process', '-m', path('out.nam'), dry, '-o', path('normal.wav'), '--normalize')
    bad('exists', 'capture', dry, path('wet.wav'), '-o', path('out.nam'), *FEW)
    bad('also a recording', 'capture', dry, path('wet.wav'), '-o', dry, *FEW)
    bad('no capture', 'capture', dry, path('wet.wav'), '-o', path('out.txt'), *FEW)
    for wrong in (('--size', 'huge'), ('--gear', 'guitar'), ('--tone', 'loud'), ('--steps', -1), ('--threads', 99)):
        bad(wrong[0], 'capture', dry, path('wet.wav'), *wrong, code=2)
    bad('two recordings', 'capture', dry, code=2)
    bad('wavenet capture dry.wav wet.wav -o amp.nam', 'train', 'dry.wav', 'wet.wav', code=2)


def check_report(dry):
    """The validation part as it was recorded and as the capture plays it, and a picture; nothing is written over."""
    wet, folder = sound('wet.wav', WET), path('report')
    for size in ('nano', 'feather'):
        code, out, said = run('capture', dry, wet, '-o', path('seen.nam'), '--force', '--size', size, '--steps', 3, '--report', folder)
        check(code == 0 and 'recording.wav, model.wav, comparison.png' in said, said)
        check(sorted(os.listdir(folder)) == ['comparison.png', 'model.wav', 'recording.wav'], os.listdir(folder))
        check(content(os.path.join(folder, 'comparison.png'))[:4] == b'\x89PNG', 'no picture')
        found = json.loads(good('compare', os.path.join(folder, 'recording.wav'), os.path.join(folder, 'model.wav'), '--json'))['total']
        stated = float(re.search(r'validation ESR ([0-9.]+)', out)[1])
        check(abs(found['esr'] - stated) < 2e-4 * max(1, stated), 'ESR of the report', found['esr'], 'of the validation', stated)
    last = content(os.path.join(folder, 'recording.wav'))[44:][-3 * 1000:]
    there = b''.join(round(x * (1 << 23)).to_bytes(3, 'little', signed=True) for x in WET)
    close = max(abs(int.from_bytes(last[3 * i:3 * i + 3], 'little', signed=True) - int.from_bytes(there[3 * (i - 1000):][:3], 'little', signed=True))
                for i in range(999))
    check(close < 8, 'the recording is not the end of the wet file', close)
    bad('exists; overwrite it with --force', 'capture', dry, wet, '-o', path('other.nam'), *FEW, '--report', folder)
    bad('other.nam/x', 'capture', dry, wet, '-o', path('another.nam'), *FEW, '--report', write_file('other.nam', b'') + '/x')
    bad('not in /dev/null', 'capture', dry, wet, '-o', '/dev/null', *FEW, '--report', path('none'))
    check(not os.path.exists(path('another.nam')), 'a capture without its report')


def check_folder():
    """A folder of pairs, by their names: one line for what is no pair, captures that exist are left alone, one exit status."""
    folder, out = path('pairs'), path('captures')
    os.makedirs(folder)
    def put(name, values):
        return sound(os.path.join('pairs', name), values)
    put('a-dry.wav', DRY), put('a-wet.wav', WET), put('B_DRY.wav', DRY), put('B_WET.wav', amplifier(DRY, 2))
    put('alone-wet.wav', WET), put('single-dry.wav', DRY), put('other.wav', WET), put('mute-dry.wav', DRY)
    put('mute-wet.wav', [0.0] * len(WET))
    write_file('pairs/notes.txt', b'no sound')
    code, printed, said = run('capture', '--folder', folder, '-o', out, *FEW, '--gear', 'amp', '--report', path('reports'))
    check(code == 1 and f'{out}: 2 of 3 captures made, 4 failed' in said, code, said)
    check(sorted(os.listdir(out)) == ['B.nam', 'a.nam'], os.listdir(out))
    for words in ('alone-wet.wav: has no dry recording', 'single-dry.wav: has no wet recording', 'other.wav: is of no pair'):
        check(words in said, words, said)
    check(sorted(os.listdir(path('reports'))) >= ['B', 'a'], os.listdir(path('reports')))
    metadata = json.loads(content(os.path.join(out, 'B.nam')))['metadata']
    check(metadata['name'] == 'B' and metadata['gear_type'] == 'amp', metadata)
    before = content(os.path.join(out, 'a.nam'))
    for name in ('alone-wet.wav', 'single-dry.wav', 'other.wav', 'mute-dry.wav', 'mute-wet.wav'):
        os.unlink(os.path.join(folder, name))
    os.unlink(os.path.join(out, 'B.nam'))
    code, _, said = run('capture', '--folder', folder, '-o', out, *FEW)
    check(code == 0 and 'a.nam: exists' in said and '1 of 2 captures made, 1 existed, 0 failed' in said, code, said)
    check(content(os.path.join(out, 'a.nam')) == before, 'a capture that exists was touched')
    code, _, said = run('capture', '--folder', folder, '-o', out, *FEW, '--force')
    check(code == 0 and '2 of 2 captures made, 0 failed' in said, code, said)
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    put('dry.wav', DRY), put('clean.wav', WET), put('lead-wet.wav', amplifier(DRY, 9)), put('own-wet.wav', WET), put('own-dry.wav', DRY)
    code, _, said = run('capture', '--folder', folder, *FEW)
    check(code == 0 and '3 of 3 captures made' in said and 'own.nam, of ' + os.path.join(folder, 'own-dry.wav') in said, code, said)
    check(all(os.path.exists(os.path.join(folder, name + '.nam')) for name in ('clean', 'lead', 'own')), os.listdir(folder))
    put('LEAD_wet.wav', WET)
    bad('would be made of', 'capture', '--folder', folder, *FEW)
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    bad('without sound files', 'capture', '--folder', folder)
    bad('No such file', 'capture', '--folder', path('nowhere'))
    bad('leave them out', 'capture', '--folder', folder, 'a.wav', code=2)
    bad('leave --name out', 'capture', '--folder', folder, '--name', 'x', code=2)


def check_stop(dry):
    """Ctrl-C keeps the best capture so far."""
    job = subprocess.Popen([WAVENET, 'capture', dry, path('wet.wav'), '-o', path('stopped.nam'), '--size', 'nano', '--threads', '1',
                            '--steps', '100000'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while b'weights' not in job.stderr.readline():
        pass
    job.send_signal(signal.SIGINT)
    out, said = job.communicate(timeout=300)
    check(job.returncode == 0 and b'the best so far is kept' in said, said)
    good('info', path('stopped.nam'))


def check_memory():
    """A pair four times as long takes no more memory."""
    peaks = []
    for n in (1, 4):
        pcm = array.array('f', DRY * (5 * n)).tobytes(), array.array('f', WET * (5 * n)).tobytes()
        names = [write_file(name, data) for name, data in zip(('long.f32', 'long_wet.f32'), pcm)]
        peaks.append(peak_kilobytes('capture', *names, '-o', path('long.nam'), '--force', *FEW))
    added = 2 * 4 * len(DRY) * 15 / 1024
    check(peaks[1] - peaks[0] < added / 2, f'{peaks} kB for {added:.0f} kB more samples')


def check_users():
    """The pairs of tests/data/users, through `train`."""
    esr = {}
    for case in ('good', 'wet_one_sample_short', 'wet_late_160', 'wet_left_only', 'wet_silent'):
        recipe = os.path.join(USERS, case, 'recipe.json')
        code, out, said = run('train', recipe, '-o', path(case + '.safetensors'), '--steps', 120)
        found = re.search(r'validation ESR ([0-9.]+)', out)
        esr[case] = float(found[1]) if found else None
        check((code == 0) == (case != 'wet_silent'), case, code, said)
        for words in {'wet_one_sample_short': ['has 31999 samples, the dry recording 32000'], 'wet_late_160': ['160 samples (10.00 ms) late'],
                      'wet_left_only': ['only channel 1 (left) has sound'], 'wet_silent': ['wet.wav: is silent']}.get(case, []):
            check(words in said, case, said)
    for case in ('wet_one_sample_short', 'wet_late_160', 'wet_left_only'):
        check(abs(esr[case] - esr['good']) < 0.2 * esr['good'], case, esr)


def check_work_kept():
    """A finished model is not overwritten; a checkpoint goes on only with its own data, loss and rate."""
    def recipe(name, **change):
        r = json.loads(content(os.path.join(USERS, 'good', 'recipe.json')))
        r['data'] = {'dry': change.pop('dry', path('short_dry.wav')), 'wet': path('short_wet.wav')}
        r['train'].update(steps=6, validate_every=3, **change)
        return write_file(name, json.dumps(r))
    sound('short_dry.wav', DRY[:40000], 16000)
    sound('short_wet.wav', WET[:40000], 16000)
    sound('louder.wav', [1.01 * x for x in DRY[:40000]], 16000)
    out = path('kept.safetensors')
    good('train', recipe('a.json'), '-o', out, '--steps', 3)
    first = content(out)
    bad('go on with --resume, or overwrite it with --force', 'train', path('a.json'), '-o', out)
    check(content(out) == first, 'it was overwritten')
    for words, change in (('learning_rate 0.004, the recipe has 0.002', {'learning_rate': 0.002}),
                          ('loss.esr 1, the recipe has 2', {'loss': {'esr': 2}}),
                          ('other sound of the same length', {'dry': path('louder.wav')})):
        bad(words, 'train', recipe('b.json', **change), '-o', out, '--resume')
    good('train', '--resume', out + '.ckpt', '--steps', 6)
    resumed = content(out)
    check(resumed != first, 'nothing was trained')
    good('train', path('a.json'), '-o', path('whole.safetensors'), '--steps', 6)
    good('train', path('a.json'), '-o', out, '--force', '--steps', 3)
    bad('too short for a checkpoint', 'train', '--resume', path('a.json'), '-o', out, '--checkpoint', path('a.json'))


def check_signal():
    """The test signal repeats its last nine seconds, does not clip, and becomes a capture."""
    name = path('test.wav')
    good('capture', '--signal', name)
    data = content(name)
    start = data.index(b'data') + 8
    n = struct.unpack('<I', data[start - 4:start])[0] // 3
    values = [int.from_bytes(data[start + 3 * t:start + 3 * t + 3], 'little', signed=True) / 2 ** 23 for t in range(0, n, 7)]
    check(n == 180 * RATE and max(map(abs, values)) < 0.95, n, max(map(abs, values)))
    last, before = data[start + 3 * (n - 9 * RATE):start + 3 * n], data[start + 3 * (n - 27 * RATE):start + 3 * (n - 18 * RATE)]
    check(last == before or last == data[start + 3 * (n - 18 * RATE):start + 3 * (n - 9 * RATE)], 'the end repeats nothing')
    bad('takes no recordings', 'capture', '--signal', name, name, code=2)


dry_file = sound('dry.wav', DRY)
check_good(dry_file)
check_delays(dry_file)
check_refused(dry_file)
check_said(dry_file)
check_silences()
check_repeats()
check_file(dry_file)
check_report(dry_file)
check_folder()
check_stop(dry_file)
check_memory()
check_users()
check_work_kept()
check_signal()
finish()
