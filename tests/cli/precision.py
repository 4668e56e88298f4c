# SPDX-License-Identifier: MIT
# precision.py - what weights in fewer bits cost, model by model: bits a sample, and decibels of error.
# Usage: precision.py WAVENET MODELS
# Copyright (c) 2026 the wavenet authors
import array
import json
import math
import os
import sys

from common import check, finish, good, npy, path, read_npy, write_file

# Of generators: bits a sample more or less than those of floats, as a share of them.
MOST_BITS = {'bf16': 0.0005, 'int8': 0.005}
# Of networks whose output is a signal: error below the signal, dB.
LEAST_DB = {'bf16': 48, 'int8': 32}


def score(model, sound, options, precision):
    return json.loads(good('score', '-m', model, sound, '--json', '--precision', precision, *options))['bits']


def compare_scores(name, model, sound, options):
    """Likelihoods of the same recording."""
    f32 = score(model, sound, options, 'f32')
    costs = []
    for precision in ('bf16', 'int8'):
        more = score(model, sound, options, precision) - f32
        check(abs(more) <= MOST_BITS[precision] * abs(f32), name, precision, f'{f32} bits a sample become {f32 + more}')
        costs.append(f'{precision} {100 * more / abs(f32):+.4f} %')
    print(f'{name}: {f32:.4f} bits a sample; {", ".join(costs)}')


def forward(model, sound, precision):
    out = path(f'{precision}.npy')
    good('forward', '-m', model, sound, '-o', out, '--precision', precision)
    return out


def compare_outputs(name, model, sound):
    f32 = forward(model, sound, 'f32')
    errors = []
    for precision in ('bf16', 'int8'):
        found = json.loads(good('compare', f32, forward(model, sound, precision), '--json'))['total']
        snr = -10 * math.log10(found['esr']) if found['esr'] else math.inf
        check(snr >= LEAST_DB[precision], name, precision, f'error {snr:.1f} dB below the signal')
        errors.append(f'{precision} {snr:.1f} dB' if snr < math.inf else f'{precision} as f32')
    print(f'{name}: {", ".join(errors)}')


def shipped(folder):
    sound, model = path('notes.wav'), os.path.join(folder, 'notes')
    good('generate', '-m', model, '-o', sound, '-s', 1, '--seed', 3, '--temperature', 1)
    compare_scores('notes, of itself', model, sound, [])


def vocoders(folder):
    for case in sorted(os.listdir(folder)):
        at = os.path.join(folder, case)
        with open(os.path.join(at, 'case.json')) as f:
            item = json.load(f)['items'][0]
        here = os.path.join(at, item['dir'])
        options = ['--cond', os.path.join(here, item['cond'])] if 'cond' in item else []
        options += ['--speaker', item['speaker']] if item.get('speaker') is not None else []
        options += ['--global', os.path.join(here, item['global'])] if 'global' in item else []
        model = path(f'{case}.safetensors')
        good('convert', os.path.join(at, 'model.safetensors'), model, '--config', os.path.join(at, 'hparams.json'))
        compare_scores(case, model, os.path.join(here, 'input.npy'), options)


def captures(folder):
    with open(os.path.join(folder, 'input_48k.f32'), 'rb') as f:
        samples = array.array('f', f.read())
    sound = write_file('input.npy', npy((len(samples),), samples))
    for name in sorted(os.listdir(folder)):
        if name.endswith('.nam'):
            compare_outputs(name, os.path.join(folder, name), sound)


def main():
    shipped(sys.argv[2])
    vectors = os.environ.get('WAVENET_VECTORS', '')
    if os.path.isdir(vectors):
        vocoders(os.path.join(vectors, 'wavenet_vocoder'))
        captures(os.path.join(vectors, 'nam'))
    else:
        print('WAVENET_VECTORS is not set to the folder of third-party reference cases: the shipped models only')
    finish()


main()
