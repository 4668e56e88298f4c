# SPDX-License-Identifier: MIT
# nam_spellings.py - weights in every spelling JSON has for a number become the nearest float32. Usage: nam_spellings.py WAVENET COMMON
# Copyright (c) 2026 the wavenet authors
"""A Linear capture answers an impulse with its weights, so what was read comes out."""
import array
import decimal
import random
import struct
import sys

sys.path.insert(0, sys.argv[2])
from common import check, content, finish, good, npy, path, write_file  # noqa: E402

TAPS = 4000
decimal.getcontext().prec = 200


def float32(text):
    """What text is to be: the nearest double, as single precision. Python rounds both exactly."""
    return struct.unpack('<f', struct.pack('<f', float(text)))[0]


def some_float(chance):
    """A normal float32 of any size."""
    bits = chance.randrange(1 << 23) | chance.randrange(1, 255) << 23 | chance.randrange(2) << 31
    return struct.unpack('<f', struct.pack('<I', bits))[0]


def usual(chance):
    x = chance.gauss(0, 0.5)
    return chance.choice([repr(x), repr(float32(x)), f'{x:.9g}', f'{x:.6f}', f'{x:.25f}', f'{x:.3e}', f'{x:.17E}'])


def wide(chance):
    x = some_float(chance)
    return chance.choice([repr(x), f'{x:.9g}', f'{x:.17e}', f'{x:.8E}', f'{x:.1f}'.replace('inf', '1'), f'{x:.30e}'])


def between(chance):
    """Exactly halfway between two neighbours, or off by next to nothing."""
    x = some_float(chance)
    bits = struct.unpack('<I', struct.pack('<f', abs(x)))[0]
    if bits >= 0x7f7fffff:
        return repr(x)
    above = struct.unpack('<f', struct.pack('<I', bits + 1))[0]
    half = (decimal.Decimal(abs(x)) + decimal.Decimal(above)) / 2
    half *= 1 + chance.choice([0, 0, 1, -1]) * decimal.Decimal(10) ** -chance.randrange(8, 60)
    return ('-' if x < 0 else '') + f'{half:e}'


def odd(chance):
    n = chance.randrange(1, 37)
    digits = ''.join(chance.choice('0123456789') for _ in range(n))
    return chance.choice([
        '0', '0.0', '0e5', '0E-9', '-0.0', '1', '-1', '1e0', '1E+2', '1e-02', '1.5e+005', str(chance.randrange(1 << 62)),
        f'0.{digits}', f'{chance.randrange(1, 9)}.{digits}e{chance.randrange(-30, 30)}', f'0.{"0" * n}1{digits}',
        f'1{digits}.{digits}', f'1{"0" * min(n, 17)}', f'0.{"0" * n}1e{n}', '3.4028234663852886e38', '-3.4028234e+38'])


def compare(name, spell, seed):
    chance = random.Random(seed)
    texts = [spell(chance) for _ in range(TAPS)]
    space = ['', ' ', '\n', '\t \r\n']
    listed = ','.join(chance.choice(space) + t + chance.choice(space) for t in texts)
    model = write_file('numbers.nam', '{"version":"0.5.4","architecture":"Linear","config":{"receptive_field":%d,"bias":false},'
                       '"weights" : [%s],"sample_rate":48000}' % (TAPS, listed))
    impulse = write_file('impulse.npy', npy((TAPS,), [1.0] + [0.0] * (TAPS - 1)))
    good('forward', '-m', model, impulse, '-o', path('weights.npy'))
    got = array.array('f')
    got.frombytes(content(path('weights.npy'))[-4 * TAPS:])
    wrong = [(t, g) for t, g in zip(texts, got) if float32(t) != g and abs(float32(t)) > 1.2e-38]
    check(len(got) == TAPS, f'{name}: {len(got)} weights')
    check(not wrong, f'{name}: {len(wrong)} weights are not the nearest float32, such as {wrong[:3]}')


def main():
    for name, spell in (('usual', usual), ('wide', wide), ('between', between), ('odd', odd)):
        for seed in range(5):
            compare(name, spell, seed)
    finish()


main()
