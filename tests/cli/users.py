# SPDX-License-Identifier: MIT
# users.py - files of the kinds that users bring, with small faults: read right, or refused in words. Usage: users.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import array
import json
import math
import os
import random
import shutil
import struct
import subprocess

import nam
from common import WAVENET, bad, check, content, finish, good, model, path, run, write_file

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data', 'users')


def case(name):
    return os.path.join(CASES, name)


def floats(name):
    out = array.array('f')
    out.frombytes(content(name))
    return out


# ---- sound files ------------------------------------------------------------------------------------------------

def chunk(name, data):
    return name + struct.pack('<I', len(data)) + data + b'\0' * (len(data) % 2)


def fmt(tag, channels, rate, bits, block=None, extra=b''):
    block = channels * (bits // 8) if block is None else block
    return chunk(b'fmt ', struct.pack('<HHIIHH', tag, channels, rate, rate * block, block, bits) + extra)


def riff(*chunks, head=b'RIFF', size=None):
    body = b'WAVE' + b''.join(chunks)
    return head + struct.pack('<I', len(body) if size is None else size) + body


def data(samples, size=None):
    return b'data' + struct.pack('<I', len(samples) if size is None else size) + samples


def packed(values, bits):
    """Little-endian integers of `bits` bits."""
    return b''.join(v.to_bytes(bits // 8, 'little', signed=bits > 8) for v in values)


def same():
    """A model whose output is its input."""
    return write_file('same.nam', json.dumps(nam.linear([1.0])))


def process(source, stdin=False):
    """(exit status, samples, what was said) of a sound through the model that changes nothing."""
    if os.path.exists(path('o.f32')):
        os.unlink(path('o.f32'))
    if stdin:
        done = subprocess.run([WAVENET, 'process', '-m', same(), '-', '-o', path('o.f32')], input=content(source), capture_output=True)
        code, err = done.returncode, done.stderr.decode()
    else:
        code, _, err = run('process', '-m', same(), source, '-o', path('o.f32'))
    return code, floats(path('o.f32')) if code == 0 else None, err


def sounds(what, source, wanted, note='', stdin=(False, True)):
    """The file, and standard input, give the samples, and perhaps a note."""
    for pipe in stdin:
        code, got, err = process(source, pipe)
        check(code == 0, what, 'from a pipe' if pipe else '', '->', code, err)
        if code == 0:
            close = len(got) == len(wanted) and all(abs(a - b) < 1e-4 for a, b in zip(got, wanted))
            check(close, what, 'from a pipe' if pipe else '', 'is another sound:', len(got), 'of', len(wanted))
            check(pipe or note in err, what, repr(note), 'was expected in', err)


def refused(what, source, *words, stdin=(False, True)):
    for pipe in stdin:
        code, _, err = process(source, pipe)
        check(code == 1 and err.count('\n') == 1, what, 'from a pipe' if pipe else '', '->', code, err)
        for word in words:
            check(word in err, what, repr(word), 'was expected in', err)
        check('nternal error' not in err and not os.path.exists(path('o.f32')), what, err)


def check_sound_cases():
    code, wanted, _ = process(case('wav/reference.wav'))
    check(code == 0 and len(wanted) == 960, 'reference.wav')
    refused('24_bits_in_4_bytes', case('wav/24_bits_in_4_bytes.wav'), '24 bits', '4 bytes', 'block align')
    sounds('rf64_24_bit_for_stdin', case('wav/rf64_24_bit_for_stdin.wav'), wanted)
    sounds('data_size_0', case('wav/data_size_0.wav'), wanted, 'crash of the recorder')
    refused('two_data_chunks', case('wav/two_data_chunks.wav'), 'two parts of samples', stdin=(False,))
    sounds('half_is_missing', case('wav/half_is_missing.wav'), wanted[:480], 'says 960 samples, 480 are there')


def check_sound_kinds():
    """More of each kind: depths, channels, orders of chunks, sizes that mean nothing."""
    drawn = random.Random(4)
    x = [drawn.uniform(-0.5, 0.5) for _ in range(500)]
    i16, i24, i32 = ([round(v * 2 ** (n - 1)) for v in x] for n in (16, 24, 32))
    f32 = struct.pack('<500f', *x)
    f64 = struct.pack('<500d', *x)

    def put(name, body):
        return write_file(name, body)
    for name, bits, values in (('16', 16, i16), ('24', 24, i24), ('32', 32, i32)):
        samples = packed(values, bits)
        plain = fmt(1, 1, 48000, bits)
        sounds(f'{name} bits', put('k.wav', riff(plain, data(samples))), x)
        sounds(f'{name} bits, open size', put('k.wav', riff(plain, data(samples, 0xffffffff), size=0xffffffff)), x)
        sounds(f'{name} bits, sox size', put('k.wav', riff(plain, data(samples, 0x7ffff000), size=0x7ffff024)), x)
        sounds(f'{name} bits, size 0', put('k.wav', riff(plain, data(samples, 0), size=0)), x, 'crash of the recorder')
        sounds(f'{name} bits, half', put('k.wav', riff(plain, data(samples, 2 * len(samples)))), x, 'says 1000 samples, 500 are there')
        sounds(f'{name} bits, LIST behind', put('k.wav', riff(plain, data(samples), chunk(b'LIST', b'INFOxyz '))), x)
        sounds(f'{name} bits, JUNK before', put('k.wav', riff(chunk(b'JUNK', b'12345'), plain, data(samples))), x)
        guid = struct.pack('<HHIH', 22, bits, 4, 1) + b'\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71'
        sounds(f'{name} bits, extensible', put('k.wav', riff(fmt(0xfffe, 1, 48000, bits, extra=guid), data(samples))), x)
        padded = fmt(1, 1, 48000, bits, block=bits // 8 + 1)
        refused(f'{name} bits, padded frames', put('k.wav', riff(padded, data(samples + b'\0\0\0\0'))), 'block align')
        two = riff(plain, data(samples), data(samples))
        refused(f'{name} bits, two data chunks', put('k.wav', two), 'two parts of samples', stdin=(False,))
        for head in (b'RF64', b'BW64'):
            long = chunk(b'ds64', struct.pack('<QQQI', 0, len(samples), 500, 0))
            sounds(f'{head} {name} bits', put('k.wav', riff(long, plain, data(samples, 0xffffffff), head=head, size=0xffffffff)), x)
    sounds('float', put('k.wav', riff(fmt(3, 1, 48000, 32), data(f32))), x)
    sounds('double', put('k.wav', riff(fmt(3, 1, 48000, 64), data(f64))), x)
    sounds('8 bits', put('k.wav', riff(fmt(1, 1, 48000, 8), data(bytes([128 + round(v * 127) for v in x])))),
           [round(v * 127) / 128 for v in x])
    odd = x[:499]
    sounds('an odd number of 24-bit samples, LIST behind',
           put('k.wav', riff(fmt(1, 1, 48000, 24), chunk(b'data', packed(i24[:499], 24)), chunk(b'LIST', b'INFO'))), odd)
    refused('rate 0', put('k.wav', riff(fmt(1, 1, 0, 16), data(packed(i16, 16)))), '0 Hz')
    refused('no channels', put('k.wav', riff(fmt(1, 0, 48000, 16, block=2), data(packed(i16, 16)))), '0 channels')
    refused('40 bits', put('k.wav', riff(fmt(1, 1, 48000, 40), data(f32))), '40 bits')
    refused('16-bit float', put('k.wav', riff(fmt(3, 1, 48000, 16), data(f32))), '16 bits')
    refused('samples before the format', put('k.wav', riff(data(packed(i16, 16)), fmt(1, 1, 48000, 16))), 'before their format')
    refused('two formats', put('k.wav', riff(fmt(1, 1, 48000, 16), fmt(1, 2, 48000, 16), data(packed(i16, 16)))), 'two WAV formats')
    refused('a short format', put('k.wav', riff(chunk(b'fmt ', b'12345678'), data(f32))), '8 bytes')
    refused('no samples', put('k.wav', riff(fmt(1, 1, 48000, 16), data(b''), chunk(b'LIST', b'INFOxyz '))), 'holds no samples',
            stdin=(False,))
    refused('a header alone', put('k.wav', riff(fmt(1, 1, 48000, 16))), 'ends at byte')
    refused('ds64 of 2^63', put('k.wav', riff(chunk(b'ds64', struct.pack('<QQQI', 0, 1 << 63, 0, 0)), head=b'RF64')), '2^63')


def check_pipes():
    """Formats that must be read back and forth come from a pipe, too."""
    reference = case('wav/reference.wav')
    for ending in ('flac', 'aiff', 'ogg'):
        good('process', '-m', same(), reference, '-o', path('p.' + ending))
        code, from_file, err = process(path('p.' + ending))
        check(code == 0, ending, err)
        code, from_pipe, err = process(path('p.' + ending), True)
        check(code == 0 and from_pipe == from_file, ending, 'from a pipe', code, err)
    code, _, err = process(write_file('t.txt', b'no sound at all, but text'), True)
    check(code == 1 and err.count('\n') == 1 and 'standard input: not a readable sound file' in err, 'text from a pipe', err)


def check_four_gigabytes():
    """A sound from a pipe that grows beyond the 32 bits of WAV becomes RF64, and keeps its end."""
    need = 10 ** 10
    if not os.environ.get('WN_TEST_LONG') or shutil.disk_usage(os.path.dirname(path('x'))).free < need:
        print('note: no sound of 4 GB is written: it needs --long and 10 GB of disk')
        return
    block = bytes(2 * 10 ** 7)
    end = packed(range(1, 1001), 16)
    job = subprocess.Popen([WAVENET, 'process', '-m', same(), '-', '-o', path('wide.wav'), '--bits', 'float'], stdin=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    job.stdin.write(riff(fmt(1, 1, 48000, 16), data(b'', 0xffffffff), size=0xffffffff))
    for _ in range(108):
        job.stdin.write(block)
    job.stdin.write(end)
    job.stdin.close()
    check(job.wait(900) == 0, 'more than 4 GB', job.stderr.read())
    frames, size = 108 * len(block) // 2 + 1000, os.path.getsize(path('wide.wav'))
    with open(path('wide.wav'), 'rb') as f:
        head = f.read(12 + 36)
        f.seek(-4000, os.SEEK_END)
        last = struct.unpack('<1000f', f.read())
    check(head[:16] == b'RF64\xff\xff\xff\xffWAVEds64' and struct.unpack('<QQQ', head[20:44]) == (size - 8, 4 * frames, frames), head, size)
    check(last == tuple(v / 32768 for v in range(1, 1001)), 'the end of 4 GB is another sound')
    code, _, err = run('info', path('wide.wav'))
    check(code == 0 and 'samples' not in err, 'info of 4 GB', err)
    os.unlink(path('wide.wav'))


def check_cabinets():
    """A cabinet that was cut short is used, and said."""
    whole = content(case('wav/reference.wav'))
    for cut in (400, 44 + 10 * 3 * 8, len(whole) - 7):
        name = write_file('cab.wav', whole[:cut])
        for how in (('process', same(), case('wav/reference.wav'), '--cab', name, '-o', path('cab.f32')),
                    ('convert', same(), '--cab', name, '-o', path('cab.nam'))):
            code, _, err = run(*how)
            check(code == 0 and 'cab.wav: the header says 960 samples, ' in err, how, err)
    code, _, err = run('process', same(), case('wav/reference.wav'), '--cab', case('wav/reference.wav'), '-o', path('cab.f32'))
    check(code == 0 and 'header' not in err, 'a whole cabinet', err)


# ---- songs ------------------------------------------------------------------------------------------------------

def play(song):
    """(samples, what was said)"""
    code, _, err = run('generate', '-m', model('controls'), '--midi-file', song, '--voices', 2, '-s', 1.2, '--seed', 3, '-o',
                       path('song.f32'))
    check(code == 0, song, '->', code, err)
    return (floats(path('song.f32')) if code == 0 else array.array('f')), err


def notes_of(err):
    return [line for line in err.splitlines() if not any(w in line for w in ('voices', 'real time', 'full scale'))]


def check_songs():
    reference, err = play(case('midi/reference.mid'))
    check(not notes_of(err) and max(map(abs, reference)) > 0, 'reference.mid', err)
    for name, words in (('no_end_of_track', 'no end'), ('header_says_5_tracks', 'announces 5'),
                        ('header_says_1_of_2_tracks', 'announces 1'), ('format0_two_tracks', 'format 0 with 2'),
                        ('running_status_over_text', 'running status'), ('length_too_big', 'only'), ('one_byte_after', ''),
                        ('rmid', '')):
        got, err = play(case(f'midi/{name}.' + ('rmi' if name == 'rmid' else 'mid')))
        check(got == reference, name, 'is another song')
        said = notes_of(err)
        check(len(said) == (1 if words else 0) and (not words or words in said[0]), name, said)
    silent, err = play(case('midi/volume_0.mid'))
    check(not any(silent), 'volume 0 is heard', err)
    two, _ = play(case('midi/bend_range_2.mid'))
    octave, _ = play(case('midi/bend_range_12.mid'))
    check(two != octave and max(map(abs, octave)) > 0, 'the range of bends makes no difference')


def song(*events, **more):
    """A file of format 0 in which a tick is a millisecond."""
    track, now = b'', 0
    for tick, message in [*events, (1000, b'\xff\x2f\x00')]:
        delta, now = tick - now, tick
        track += (bytes([delta >> 7 | 128, delta & 127]) if delta > 127 else bytes([delta])) + message
    return write_file('made.mid', b'MThd' + struct.pack('>IHHH', 6, 0, 1, 500) + b'MTrk' + struct.pack('>I', len(track)) + track)


def check_song_kinds():
    """More faults that players play over: each sounds as the whole file does."""
    whole = content(song((0, b'\x90\x45\x50'), (300, b'\x90\x49\x50'), (600, b'\x80\x45\x00'), (600, b'\x80\x49\x00')))
    wanted, err = play(write_file('whole.mid', whole))
    check(not notes_of(err) and max(map(abs, wanted)) > 0, 'the whole song', err)
    head, track, end = whole[:14], whole[14:], whole.index(b'\xff\x2f\x00') - 2  # where the last delta begins
    events = track[8:]
    body = whole[22:end]

    def put_track(data):
        return b'MTrk' + struct.pack('>I', len(data)) + data
    riff_of = lambda *chunks: b'RIFF' + struct.pack('<I', 4 + sum(map(len, chunks))) + b'RMID' + b''.join(chunks)  # noqa: E731
    kinds = {
        'format 2 with one track': (whole[:8] + b'\0\2' + whole[10:], None),
        'no end of track, and zeros behind': (head + put_track(body) + bytes(5), 'goes on behind'),
        'no end of track, length too big': (head + b'MTrk' + struct.pack('>I', 9999) + body, ''),
        'a header of 8 bytes': (b'MThd' + struct.pack('>I', 8) + whole[8:14] + b'\0\0' + track, None),
        'an unknown chunk before the track': (head + b'XFIH' + struct.pack('>I', 3) + b'abc' + track, None),
        'an unknown chunk behind the track': (whole + b'XFKM' + struct.pack('>I', 2) + b'ab', None),
        'text behind the track': (whole + b'made by hand', None),
        'a header that announces 300 tracks': (whole[:10] + struct.pack('>H', 300) + whole[12:], 'announces 300'),
        'RMID with a list before the song': (riff_of(chunk(b'LIST', b'INFOx'), chunk(b'data', whole)), None),
        'RMID with a size of 0': (b'RIFF' + bytes(4) + b'RMID' + chunk(b'data', whole), None),
        'a system exclusive message between': (head + put_track(b'\0\xf0\x05\x7e\x7f\x09\x01\xf7' + events), None),
        'running status over a tempo': (head + put_track(events[:4] + b'\0\xff\x51\x03\x07\xa1\x20' + events[4:6] + events[7:]), 'running status'),
    }
    for name, (data, words) in kinds.items():
        got, err = play(write_file('kind.mid', data))
        said = notes_of(err)
        check(got == wanted, name, 'is another song', said)
        check(words is None or any(words in line for line in said), name, words, said)


def check_levels():
    """Volume and expression are levels between silence and full."""
    note, stop = (0, b'\x90\x45\x50'), (900, b'\x80\x45\x00')
    full, _ = play(song(note, stop))
    for first, factor in ((b'\xb0\x07\x40', (64 / 127) ** 2), (b'\xb0\x0b\x20', (32 / 127) ** 2), (b'\xb0\x07\x7f', 1),
                          (b'\xb0\x07\x00', 0)):
        got, _ = play(song((0, first), note, stop))
        check(max(abs(a - factor * b) for a, b in zip(got, full)) < 1e-6, 'level', first, factor)
    got, _ = play(song(note, (500, b'\xb0\x07\x00'), stop))
    check(got[:3900] == full[:3900] and not any(got[4200:7000]), 'a level that changes while a note sounds')
    low, _ = play(song(note, (100, b'\xe0\x7f\x7f'), stop))
    wide, _ = play(song((0, b'\xb0\x65\x00'), (0, b'\xb0\x64\x00'), (0, b'\xb0\x06\x0c'), note, (100, b'\xe0\x7f\x7f'), stop))
    named, _ = play(song((0, b'\xb0\x65\x00'), (0, b'\xb0\x64\x00'), (0, b'\xb0\x06\x02'), note, (100, b'\xe0\x7f\x7f'), stop))
    check(low == named and low != wide, 'bend range')


# ---- captures ---------------------------------------------------------------------------------------------------

def capture_sound(name, words=''):
    """Samples of the reference through a capture, which must say `words`."""
    code, _, err = run('process', '-m', name, case('wav/reference.wav'), '-o', path('o.f32'))
    check(code == 0 and words in err, name, '->', code, err)
    return floats(path('o.f32')) if code == 0 else None


def check_captures():
    amp = capture_sound(case('nam/amp.nam'))
    with open(case('nam/amp.nam')) as f:
        text = f.read()
    whole = json.loads(text)
    capture_sound(case('nam/rate_minus_one.nam'), '48000 Hz assumed')
    capture_sound(case('nam/note_in_config.nam'), 'unknown key')
    capture_sound(case('nam/nan_in_training.nam'))

    def made(change=None, words='', raw=None):
        copy = json.loads(text)
        if change:
            change(copy)
        body = json.dumps(copy) if raw is None else raw
        return capture_sound(write_file('made.nam', body), words)
    for value in (math.nan, math.inf, -math.inf):
        check(made(lambda c: c.setdefault('metadata', {}).update(training={'esr': value})) == amp, 'metadata', value)
        check(made(lambda c: c.setdefault('metadata', {}).update(loudness=value), 'metadata.loudness') == amp, 'loudness', value)
        for place in ('weights', 'config'):
            copy = json.loads(text)
            if place == 'weights':
                copy['weights'][0] = value
            else:
                copy['config']['receptive_field'] = copy['config']['head_scale'] = value
            bad(place, 'process', '-m', write_file('made.nam', json.dumps(copy)), case('wav/reference.wav'), '-o', path('q.f32'))
    check(made(lambda c: c['config'].update({'//': 'a comment', '_list': ['a', 'b'], '_note': 'NaN "quoted" \\\\ Infinity'}), 'unknown key') == amp, 'comments')
    check(made(lambda c: c.setdefault('metadata', {}).update(loudness='loud', name=7), 'metadata.loudness') == amp, 'types')
    check(made(words='a key stands twice', raw=text.replace('"config"', '"config": {}, "config"', 1)) == amp, 'a key that stands twice')
    check(made(words='a key stands twice', raw=text.replace('"weights"', '"weights": [1, 2], "weights"', 1)) == amp, 'weights twice')
    check(made(raw=text.replace('"loudness"', '"name": "a\\u0000b", "gear": "\\\\u0000", "loudness"', 1)) == amp, 'a zero in a name')
    check('a\ufffdb' in good('info', path('made.nam')), 'the name with a zero')
    bad('unknown key', 'process', '-m', write_file('made.nam', json.dumps({**whole, 'config': {**whole['config'], 'colour': 1}})),
        case('wav/reference.wav'), '-o', path('q.f32'))
    for rate in (-2, 0, -48000):
        bad('sample_rate', 'process', '-m', write_file('made.nam', json.dumps({**whole, 'sample_rate': rate})),
            case('wav/reference.wav'), '-o', path('q.f32'))


# ---- checkpoints and arrays -------------------------------------------------------------------------------------

def convert(folder, *options):
    """(bytes of the model, what was said) of the checkpoint in a folder of the cases."""
    code, _, err = run('convert', case(folder + '/model.safetensors'), path('c.safetensors'), *options)
    check(code == 0, folder, '->', code, err)
    return content(path('c.safetensors')) if code == 0 else b'', err


def tensors(name):
    """Header and data of a safetensors file."""
    body = content(name)
    size = struct.unpack('<Q', body[:8])[0]
    return json.loads(body[8:8 + size]), body[8 + size:]


def pack(header, body):
    text = json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + body


def check_checkpoints():
    plain, err = convert('convert/plain')
    check(err.count('\n') == 1, 'plain', err)
    for name, note in (('weight_norm_of_torch_2', ''), ('step_counter_too', 'of integers left out')):
        got, err = convert('convert/' + name)
        same_weights = got[-len(plain) // 2:] == plain[-len(plain) // 2:]
        check(same_weights or name.startswith('weight_norm'), name, 'is another model')
        check(note in err, name, err)
    good('generate', '-m', path('c.safetensors'), '--samples', 50, '-o', path('c.npy'))
    hparams = case('convert/plain/hparams.json')
    header, body = tensors(case('convert/plain/model.safetensors'))
    for prefix in ('module.', 'model.', 'state_dict.', 'generator.module.'):
        renamed = {(k if k == '__metadata__' else prefix + k): v for k, v in header.items()}
        source = write_file('prefixed.safetensors', pack(renamed, body))
        code, _, err = run('convert', source, path('p.safetensors'), '--config', hparams)
        check(code == 0 and content(path('p.safetensors')) == plain, prefix, 'is another model', code, err)
    size = max(v['data_offsets'][1] for k, v in header.items() if k != '__metadata__')
    more = {**header, 'epoch': {'dtype': 'I64', 'shape': [], 'data_offsets': [size, size + 8]}}
    code, _, err = run('convert', write_file('more.safetensors', pack(more, body + bytes(8))), path('p.safetensors'), '--config', hparams)
    check(code == 0 and 'such as epoch' in err, 'a scalar of 64 bits', code, err)
    wrong = {**header, 'extra.weight': {'dtype': 'F32', 'shape': [2], 'data_offsets': [size, size + 8]}}
    bad('extra.weight has no place', 'convert', write_file('more.safetensors', pack(wrong, body + bytes(8))), path('q.safetensors'),
        '--config', hparams)
    bad('--config', 'convert', write_file('alone.safetensors', pack(header, body)), path('q.safetensors'))


def array_file(values, shape, descr, order='C'):
    """The bytes of a .npy file of numbers in C order."""
    kind = {'f4': 'f', 'f8': 'd', 'i4': 'i', 'i8': 'q'}[descr[1:]]
    if order == 'F':
        rows, columns = shape
        values = [values[r * columns + c] for c in range(columns) for r in range(rows)]
    text = repr({'descr': descr, 'fortran_order': order == 'F', 'shape': tuple(shape)}).encode() + b'\n'
    return (b'\x93NUMPY\x01\x00' + struct.pack('<H', len(text)) + text +
            struct.pack((descr[0] if descr[0] in '<>' else '<') + f'{len(values)}{kind}', *values))


def check_arrays():
    good('convert', case('npy/mel_model/model.safetensors'), path('mel.safetensors'))

    def sound(cond):
        code, _, err = run('generate', '-m', path('mel.safetensors'), '--cond', cond, '-o', path('mel.npy'))
        check(code == 0, cond, '->', code, err)
        return content(path('mel.npy')) if code == 0 else b''
    reference = sound(case('npy/reference_float32.npy'))
    for name in ('float64', 'batch_of_one'):
        check(sound(case(f'npy/{name}.npy')) == reference, name, 'is another sound')
    body = content(case('npy/reference_float32.npy'))
    start = 10 + struct.unpack('<H', body[8:10])[0]
    values = list(struct.unpack(f'<{(len(body) - start) // 4}f', body[start:]))
    shape = (len(values) // 80, 80)
    for descr in ('<f4', '>f4', '<f8', '>f8'):
        for order in 'CF':
            check(sound(write_file('a.npy', array_file(values, shape, descr, order))) == reference, descr, order, 'is another sound')
        check(sound(write_file('a.npy', array_file(values, (1, *shape), descr))) == reference, descr, 'a batch of one')
    bad('looks transposed', 'generate', '-m', path('mel.safetensors'), '--cond',
        write_file('a.npy', array_file(values, shape[::-1], '<f4')), '-o', path('q.npy'))
    bad('rank 3', 'generate', '-m', path('mel.safetensors'), '--cond',
        write_file('a.npy', array_file(values[:160], (2, 1, 80), '<f4')), '-o', path('q.npy'))
    classes = [random.Random(5).randrange(64) for _ in range(50)]
    for descr in ('<i4', '>i4', '<i8', '>i8'):
        good('forward', '-m', model('classes'), write_file('c.npy', array_file(classes, (50,), descr)), '-o', path('f.npy'))
        check(descr == '<i4' or content(path('f.npy')) == first, descr, 'are other classes')
        first = content(path('f.npy'))
    bad('expected a number of 32 bits', 'forward', '-m', model('classes'),
        write_file('c.npy', array_file([1 << 40], (1,), '<i8')), '-o', path('q.npy'))


def main():
    for part in (check_sound_cases, check_sound_kinds, check_pipes, check_four_gigabytes, check_cabinets, check_songs, check_song_kinds, check_levels, check_captures, check_checkpoints, check_arrays):
        part()
    finish()


main()
