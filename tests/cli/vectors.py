# SPDX-License-Identifier: MIT
# vectors.py - convert, forward, score and generate against what another implementation computed. Usage: vectors.py WAVENET
# Copyright (c) 2026 the wavenet authors
import json
import os

from common import bad, check, content, finish, good, path, read_npy, skip, write_file

FOLDER = os.path.join(os.environ.get('WAVENET_VECTORS', ''), 'wavenet_vocoder')
if not os.path.isdir(FOLDER):
    skip('WAVENET_VECTORS is not set to the folder of third-party reference cases')


def conditions(folder, item):
    options = []
    if 'cond' in item:
        options += ['--cond', os.path.join(folder, item['dir'], item['cond'])]
    if item.get('speaker') is not None:
        options += ['--speaker', item['speaker']]
    if 'global' in item:
        options += ['--global', os.path.join(folder, item['dir'], item['global'])]
    return options


def compare_forward(case, folder, item, model, options):
    """Bits do not depend on the block; values agree with the reference."""
    here = os.path.join(folder, item['dir'])
    outputs = []
    for block in (1, 7, 64, 1000):
        out = path('output.npy')
        good('forward', '-m', model, os.path.join(here, 'input.npy'), '-o', out, '--block', block, *options)
        outputs.append(content(out))
    check(all(o == outputs[0] for o in outputs), case, item['dir'], 'forward: bits depend on the block')
    shape, _, got = read_npy(out)
    want_shape, _, want = read_npy(os.path.join(here, 'output.npy'))
    check(shape == want_shape, case, 'forward: shape', shape, want_shape)
    worst = max(abs(a - b) for a, b in zip(got, want))
    bound = 1e-5 + 1e-5 * max(map(abs, want))
    check(worst <= bound, case, item['dir'], f'forward: {worst:.3g} off, {bound:.3g} allowed')
    return outputs[0], worst / bound


def compare_score(case, folder, item, model, options):
    here = os.path.join(folder, item['dir'])
    out = path('nll.npy')
    result = json.loads(good('score', '-m', model, os.path.join(here, 'input.npy'), '--json', '--per-sample', out, *options))
    _, _, want = read_npy(os.path.join(here, 'nll.npy'))
    shape, _, got = read_npy(out)
    mean = sum(want) / len(want)
    check(result['samples'] == len(want) and shape == (len(want),), case, 'score: number of samples', result['samples'])
    check(abs(result['nats'] - mean) <= 1e-4, case, item['dir'], f'score: {result["nats"]} nats, {mean} was expected')
    check(abs(result['bits'] - mean / 0.6931471805599453) <= 2e-4, case, 'score: bits')
    worst = max(abs(a - b) / (1 + abs(b)) for a, b in zip(got, want))
    check(worst <= 2e-3, case, item['dir'], f'score: one sample is {worst:.3g} off')
    return abs(result['nats'] - mean)


def compare_generated(case, folder, item, model, options):
    here = os.path.join(folder, item['dir'])
    out = path('generated.npy')
    good('generate', '-m', model, '-o', out, '--draws', os.path.join(here, 'draws.npy'), *options)
    shape, kind, got = read_npy(out)
    want_shape, want_kind, want = read_npy(os.path.join(here, 'generated.npy'))
    check(shape == want_shape and kind == want_kind, case, 'generate: shape or type', shape, kind)
    if want_kind == '<i4':
        check(got == want, case, item['dir'], 'generate: classes differ')
        return 0.0
    worst = max(abs(a - b) for a, b in zip(got, want))
    check(worst <= 1e-5, case, item['dir'], f'generate: {worst:.3g} off')
    return worst


def check_case(case):
    folder = os.path.join(FOLDER, case)
    with open(os.path.join(folder, 'case.json')) as f:
        items = json.load(f)['items']
    for item in items:
        options = conditions(folder, item)
        for weights in ('model', 'model_wn'):
            model = path(f'{case}-{weights}.safetensors')
            if not os.path.exists(model):
                good('convert', os.path.join(folder, weights + '.safetensors'), model, '--config',
                     os.path.join(folder, 'hparams.json'))
            _, share = compare_forward(case, folder, item, model, options)
            nats = compare_score(case, folder, item, model, options)
            sample = compare_generated(case, folder, item, model, options)
            print(f'{case} {item["dir"]} {weights}: forward {share:.3f} of the bound, score {nats:.2g} nats, '
                  f'generate {sample:.2g}')


def check_contradictions(case):
    """Hyper-parameters that the weights contradict: refused, and nothing is written."""
    folder = os.path.join(FOLDER, case)
    with open(os.path.join(folder, 'hparams.json')) as f:
        hparams = json.load(f)
    for key in ('residual_channels', 'gate_channels', 'skip_out_channels', 'layers', 'kernel_size', 'out_channels'):
        for value in (hparams[key] + 2, hparams[key] * 2, 0, -1, 1 << 31, 'many'):
            wrong = write_file('wrong.json', json.dumps({**hparams, key: value}))
            bad('', 'convert', os.path.join(folder, 'model.safetensors'), path('wrong.safetensors'), '--config', wrong)
    check(not os.path.exists(path('wrong.safetensors')), case, 'a refused conversion left a file')


def main():
    cases = sorted(c for c in os.listdir(FOLDER) if os.path.isfile(os.path.join(FOLDER, c, 'case.json')))
    for case in cases:
        check_case(case)
        check_contradictions(case)
    finish()


main()
