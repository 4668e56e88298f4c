# SPDX-License-Identifier: MIT
# test_cli.py - wavenet rf and verify as a user meets them. Usage: test_cli.py WAVENET
# Copyright (c) 2026 the wavenet authors
import csv
import glob
import io
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile

WAVENET = sys.argv[1]
CYCLE = '1,2,4,8,16,32,64,128,256,512'
problems = []


def run(*args):
    return subprocess.run([WAVENET, *args], capture_output=True, text=True, timeout=120, errors='replace')


def check(ok, *what):
    if not ok:
        problems.append(' '.join(str(w) for w in what))


def rows(*args):
    r = run('rf', *args, '--csv')
    check(r.returncode == 0, args, r.stderr)
    return list(csv.DictReader(io.StringIO(r.stdout)))


def column(name, *args):
    return [int(row[name]) for row in rows(*args)]


def causal(kernel, dilations):
    return ' '.join(f'conv{kernel}d{d}' for d in dilations)


def test_fields():
    """Receptive field after each layer, or after the last."""
    every = [
        (('--kernel', '2', '--dilations', '1,1,1,1'), [2, 3, 4, 5]),
        (('--layers', 'conv3 conv3 conv3'), [3, 5, 7]),
        (('--layers', 'conv3,conv3d2,conv3d4'), [3, 7, 15]),
        (('--layers', 'conv3 conv3 conv3d2 conv3d4 conv3d8 conv3d16 conv3 conv1'), [3, 5, 9, 17, 33, 65, 67, 67]),
        (('--layers', 'conv3d2 conv3d2 conv3d2'), [5, 9, 13]),
        (('--layers', 'conv3 conv3d2 conv3d5'), [3, 7, 17]),
        (('--layers', 'tconv4s3'), [2]),
        (('--layers', 'tconv4s2'), [2]),
    ]
    for args, expected in every:
        check(column('receptive_field', *args) == expected, args, expected)
    amp = [1, 3, 7, 17, 41, 101, 239]
    last = [
        (('--kernel', '2', '--dilations', CYCLE), 1024),
        (('--kernel', '2', '--dilations', ','.join([CYCLE] * 3)), 3070),
        (('--layers', 'conv2 ' + causal(2, [2 ** (i % 10) for i in range(50)])), 5117),
        (('--layers', causal(3, [2 ** (i % 6) for i in range(24)])), 505),
        (('--layers', causal(3, [2 ** (i % 10) for i in range(30)])), 6139),
        (('--layers', causal(3, [2 ** (i % 10) for i in range(20)])), 4093),
        (('--layers', ' '.join([causal(6, amp * 2), causal(15, [1, 13]), causal(6, amp), 'conv16'])), 6347),
    ]
    for args, expected in last:
        check(column('receptive_field', *args)[-1] == expected, args, expected)


def test_details():
    check(column('effective_kernel', '--layers', 'conv3 conv3d2 conv3d4') == [3, 5, 9], 'effective kernels')
    holes = rows('--layers', 'conv3d2 conv3d2 conv3d2')[-1]
    check(abs(float(holes['coverage']) - 7 / 13) < 1e-8 and holes['covered'] == '7', 'gridding', holes)
    check(float(rows('--layers', 'conv3 conv3d2 conv3d5')[-1]['coverage']) == 1, 'hybrid dilation')
    sizes = [('conv3', 5, 3), ('conv3s2', 5, 2), ('conv3s2p1', 5, 3), ('conv3s2p1', 7, 4), ('tconv4s3', 2, 7),
             ('pool2s2 pool2s2 pool2s2 pool2s2', 64, 4), ('conv3', 4, 2), ('tconv3', 2, 4)]
    for spec, n, expected in sizes:
        check(column('output_size', '--layers', spec, '--input', str(n))[-1] == expected, spec, n, expected)
    check(column('output_size', '--kernel', '3', '--dilations', '1 2', '--input', '9') == [9, 9], 'causal sizes')
    check('output_size' not in rows('--layers', 'conv3')[0], 'a size that nobody asked for')
    check(float(rows('--layers', 'pool2s2 pool2s2 pool2s2 pool2s2')[-1]['jump']) == 16, 'jump')
    intervals = [(r['first'], r['last']) for r in rows('--layers', 'conv7s2p3 conv3s2p1 tconv4s2')]
    check(intervals == [('-3', '3'), ('-5', '5'), ('-9', '5')], intervals)
    check('-5 .. 5' in run('rf', '--layers', 'conv7s2p3 conv3s2p1').stdout, 'intervals in the table')
    check(float(rows('--layers', 'conv3', '--rate', '1000')[0]['receptive_ms']) == 3, 'milliseconds')


def test_json():
    r = run('rf', '--layers', 'conv3d2 conv3d2 conv3d2', '--json', '--rate', '16000', '--positions')
    d = json.loads(r.stdout)
    check((d['receptive_field'], d['covered'], len(d['layers'])) == (13, 7, 3), d)
    check(abs(d['coverage'] - 7 / 13) < 1e-9 and abs(d['receptive_ms'] - 13 / 16) < 1e-9, d)
    paths = d['positions']['log2_paths'] # 3 conv of 3: the trinomial coefficients, with holes between them
    counts = [0 if p is None else round(2 ** p) for p in paths]
    check(counts == [1, 0, 3, 0, 6, 0, 7, 0, 6, 0, 3, 0, 1], counts)
    r = run('rf', '--kernel', '2', '--dilations', '1,1', '--csv', '--positions')
    check([row['position'] for row in csv.DictReader(io.StringIO(r.stdout))] == ['-2', '-1', '0'], r.stdout)


def test_cost():
    r = rows('--layers', 'conv3f8 conv3s2f16 tconv4s2f4g2 (conv1 | )', '--channels', '3', '--input', '32')
    check([int(x['weights']) for x in r] == [3 * 3 * 8, 3 * 8 * 16, 4 * 16 * 2, 4 * 4, 0], 'weights', r)
    check([float(x['macs']) for x in r] == [72, 384, 64, 16, 0], 'products', r)
    square = rows('--layers', 'conv3x3f2 conv3x3', '--channels', '2')
    check([int(x['weights']) for x in square] == [36, 36], square)
    text = run('rf', '--layers', 'conv3f8 conv3s2f16 tconv4s2f4g2', '--channels', '3', '--input', '32', '--cost').stdout
    check(f'584 weights, 328 multiply-accumulates per input position, {72 * 30 + 384 * 14 + 128 * 14} in all' in text, text)
    stacks = json.loads(run('rf', '--kernel', '2', '--dilations', '1,2,4', '--stacks', '3', '--json').stdout)
    check([(x['stack'], x['layer']) for x in stacks['layers']] == [(s, str(i)) for s in range(3) for i in (1, 2, 3)], stacks)
    check(stacks['receptive_field'] == 1 + 3 * 7, stacks)
    text = run('rf', '--layers', 'conv3d2 conv3d2 conv3d2').stdout
    check('6 positions never reach the output: the taps of layer 1 are 2 positions apart, and 1 is covered before it' in text, text)
    check('gridding' not in run('rf', '--layers', 'conv3 conv3d2 conv3d5').stdout, 'words about holes that are not there')


def covered_by(kernels, dilations, strides):
    """The input positions that reach output 0 of unpadded layers in series."""
    seen, jump = {0}, 1
    for k, d, s in zip(kernels, dilations, strides):
        seen = {p + i * d * jump for p in seen for i in range(k)}
        jump *= s
    return seen


def best_dilations(kernels, dilations, strides, pools):
    """(layers changed, sum of changes, positions lost) of the best dilations without holes, or None, by trying all. A
    dilation wider than all spacings of the list is never needed: behind them all, the widest does as well."""
    length = max(covered_by(kernels, dilations, strides)) + 1
    best = None
    widest, jump, choices = 1, 1, []
    for d, s in zip(dilations, strides):
        widest = max(widest, d * jump)
        jump *= s
    jump = 1
    for d, s, pool in zip(dilations, strides, pools):
        choices.append([d] if pool else range(1, max(d, widest // jump) + 1))
        jump *= s
    for tried in itertools.product(*choices):
        cost = sum(a != b for a, b in zip(dilations, tried)), sum(abs(a - b) for a, b in zip(dilations, tried))
        if best and cost > best[:2]:
            continue
        seen = covered_by(kernels, tried, strides)
        if len(seen) == max(seen) + 1:
            cost += max(0, length - len(seen)),
            best = cost if best is None or cost < best else best
    return best


def draw_list(rng):
    """(kernels, dilations, strides, pools) of up to four layers."""
    n = rng.randint(2, 4)
    kernels, pools = [rng.randint(2, 4) for _ in range(n)], [rng.random() < 0.15 for _ in range(n)]
    if rng.random() < 0.5:
        kernels = [kernels[0]] * n
    dilations = [1 if pool else rng.randint(1, 9 if n < 4 else 7) for pool in pools]
    return kernels, dilations, [rng.randint(1, 2) if pool or rng.random() < 0.15 else 1 for pool in pools], pools


def test_suggestions():
    def suggest(kernels, dilations, strides=None, pools=None):
        strides, pools = strides or [1] * len(kernels), pools or [False] * len(kernels)
        spec = ' '.join(f'pool{k}s{s}' if pool else f'conv{k}d{d}s{s}'
                        for k, d, s, pool in zip(kernels, dilations, strides, pools))
        r = run('rf', '--layers', spec, '--suggest', '--json')
        if r.returncode:
            check('no dilations close the holes' in r.stderr, spec, r.stderr)
            return None, None, spec
        d = json.loads(r.stdout)
        return d, [int((re.findall(r'd(\d+)', x) or [1])[0]) for x in d['suggestion']['layers']], spec

    d, new, _ = suggest([2, 2, 2], [2, 4, 8])
    check(new == [2, 4, 1] and (d['suggestion']['changed'], d['suggestion']['sum_of_changes']) == (1, 7), new, d['suggestion'])
    d, new, _ = suggest([3, 3, 3], [2, 2, 2])
    check(new == [1, 2, 2] and d['suggestion']['covered'] == d['suggestion']['receptive_field'] == 11, new, d['suggestion'])
    check(suggest([3, 3, 3], [1, 2, 5])[1] == [1, 2, 5], 'nothing to change')
    rng = random.Random(17)
    fixed = [([3, 3], [1, 4]), ([2, 2, 2], [1, 3, 4]), ([3, 3, 3], [3, 3, 3]), ([3, 2, 3], [2, 6, 1]), ([5, 3, 2], [2, 2, 6])]
    drawn = [draw_list(rng) for _ in range(round(100 * float(os.environ.get('WN_TEST_CASES', 1))))]
    changed = 0
    for kernels, dilations, *more in fixed + drawn:
        strides, pools = more or ([1] * len(kernels), [False] * len(kernels))
        d, new, spec = suggest(kernels, dilations, strides, pools)
        best = best_dilations(kernels, dilations, strides, pools)
        if d is None or best is None:
            check(d is None and best is None, spec, best, d)
            continue
        s = d['suggestion']
        seen = covered_by(kernels, new, strides)
        check(s['covered'] == s['receptive_field'] == len(seen) == max(seen) + 1, spec, new, s)
        found = (sum(a != b for a, b in zip(dilations, new)), sum(abs(a - b) for a, b in zip(dilations, new)),
                 max(0, d['receptive_field'] - len(seen)))
        check(found == best and found[:2] == (s['changed'], s['sum_of_changes']), spec, new, found, best, s)
        changed += found[0] > 0
    check(changed > len(drawn) / 3, 'too few lists had holes', changed)
    text = run('rf', '--layers', 'conv3 conv3d3 pool2s2 conv3d9', '--suggest').stdout
    check('conv3 conv3d3 pool2s2 conv3d5\n' in text and '30 of 30 positions' in text, text)
    check('none: there are no holes' in run('rf', '--layers', 'conv3', '--suggest').stdout, 'no holes')
    refused(1, 'a stride is larger', 'rf', '--layers', 'conv1s4 conv3', '--suggest')
    refused(1, 'layer 2 is transposed', 'rf', '--layers', 'conv1 tconv2s1 conv3d9', '--suggest')
    refused(1, 'the list has branches', 'rf', '--layers', '(conv3d6 | conv3d12 | conv1)', '--suggest')
    refused(1, '8 pairs of kernel size and jump', 'rf', '--layers', ' '.join(f'conv{k}d9' for k in range(2, 11)), '--suggest')
    refused(1, 'up to 4097 positions', 'rf', '--layers', 'conv3d4000', '--suggest')


def refused(code, words, *args):
    """Exit status, one line that says the words, nothing on stdout."""
    r = run(*args)
    what = [a if len(a) < 60 else a[:57] + '...' for a in args]
    check(r.returncode == code, what, 'exit status', r.returncode, r.stderr)
    check(r.stderr.count('\n') == 1 and len(r.stderr) < 500, what, 'not one line:', r.stderr[:500])
    check(words in r.stderr, what, 'should say', words, 'but says', r.stderr)
    check(r.stdout == '', what, 'printed', r.stdout[:100])


def test_refusals(folder):
    for spec, words in [('conv0', "layer 1, 'conv0'"), ('', 'empty'), (',', 'empty'), ('conv3 conv3 convx', 'layer 3'),
                        ('conv3 convx', '(character 11)'), ('conv' + '9' * 400, 'kernel of 1 to 65536'),
                        ('conv3d' + '9' * 30, 'dilation of 1 to'), ('conv3d-1', 'dilation'), ('conv3.5', 'd, s or p'),
                        ('conv65536d4194304', 'is more than'), ('pool2d3', 'no dilation'), ('conv3\nconv0', 'layer 2'),
                        ('conv\x1b[31m', 'kernel'), ('tconv4s0', 'stride'), ('conv3p-1', 'padding')]:
        refused(2, words, 'rf', '--layers', spec)
    refused(1, 'too large', 'rf', '--layers', 'conv65536d1000')
    refused(1, 'too large', 'rf', '--layers', 'tconv4s65536 tconv4s65536 conv3')
    refused(1, 'too large', 'rf', '--layers', ' '.join(['conv65536d200'] * 3000))
    refused(1, 'too large', 'rf', '--layers', ' '.join(['conv2s2'] * 100))
    refused(2, 'limit', 'rf', '--layers', 'conv2 ' * 5000)
    refused(1, 'too short', 'rf', '--layers', 'conv3 conv9', '--input', '6')
    refused(2, '--kernel', 'rf', '--kernel', '0', '--dilations', '1')
    refused(2, '--kernel', 'rf', '--kernel', '-5', '--dilations', '1')
    refused(2, 'too large', 'rf', '--kernel', '99999999999', '--dilations', '1')
    refused(2, 'layer 2', 'rf', '--kernel', '2', '--dilations', '1,zwei')
    refused(2, 'belong together', 'rf', '--kernel', '2')
    refused(2, 'belong together', 'rf', '--dilations', '2')
    refused(2, 'one of', 'rf')
    refused(2, 'are for layers', 'rf', 'model', '--suggest')
    refused(2, '--stacks', 'rf', '--layers', 'conv3', '--stacks', '0')
    refused(2, 'layers in all', 'rf', '--layers', 'conv3 conv3', '--stacks', '4000')
    refused(2, '--channels', 'rf', '--layers', 'conv3', '--channels', '0')
    refused(1, 'multiples of its 2 groups', 'rf', '--layers', 'conv3g2')
    refused(1, 'cannot be added', 'rf', '--layers', '(conv3f2 | conv3)')
    refused(1, 'rows and columns differ', 'rf', '--layers', 'conv3x1')
    refused(1, 'read the whole input', 'rf', '--layers', 'conv3 dense4')
    refused(1, 'draw each branch by a list', 'rf', '--layers', '(conv3 | conv1)', '--plot', os.path.join(folder, 'branches.png'))
    refused(1, '4 positions, 9 needed', 'rf', '--layers', 'conv3 conv9', '--input', '6')
    refused(2, 'one of', 'rf', 'model', '--layers', 'conv3')
    refused(2, '--measure', 'rf', '--layers', 'conv3', '--measure')
    refused(2, '--input', 'rf', '--layers', 'conv3', '--input', '0')
    refused(2, 'too large', 'rf', '--layers', 'conv3', '--input', '99999999999999999999')
    for rate in ['0', '-1', 'nan', 'inf', '1e99']:
        refused(2, '--rate', 'rf', '--layers', 'conv3', '--rate', rate)
    refused(2, 'not both', 'rf', '--layers', 'conv3', '--json', '--csv')
    refused(2, '.png or .svg', 'rf', '--layers', 'conv3', '--plot', 'x.pdf')
    refused(1, 'no/x.png', 'rf', '--layers', 'conv3', '--plot', os.path.join(folder, 'no', 'x.png'))
    refused(1, 'nowhere', 'rf', 'nowhere/model.safetensors')
    refused(1, 'nowhere', 'verify', 'nowhere/model.safetensors')
    refused(2, 'MODEL', 'verify')
    refused(2, 'unexpected', 'verify', 'a', 'b')
    full = subprocess.run([WAVENET, 'rf', '--layers', 'conv3'], stdout=open('/dev/full', 'w'), stderr=subprocess.PIPE)
    check(full.returncode == 1 and full.stderr.count(b'\n') == 1, 'full disk', full)


def test_plot(folder):
    for name in ['a.png', 'a.svg']:
        path = os.path.join(folder, name)
        r = run('rf', '--kernel', '2', '--dilations', '1,2,4,8', '--plot', path)
        check(r.returncode == 0 and 'receptive field' in r.stdout, name, r.stderr)
        head = open(path, 'rb').read(8)
        check(head == b'\x89PNG\r\n\x1a\n' if name.endswith('png') else head.startswith(b'<?xml'), name, head)
    check(sorted(os.listdir(folder)) == ['a.png', 'a.svg'], 'left behind:', os.listdir(folder))


def test_help():
    for command in ['rf', 'verify']:
        r = run(command, '-h')
        check(r.returncode == 0 and 'Example:' in r.stdout and f'wavenet {command}' in r.stdout, command, '-h')


def convert_vectors(folder):
    """The reference checkpoints as native files, if there are any."""
    root = os.path.join(os.environ.get('WAVENET_VECTORS', ''), 'wavenet_vocoder')
    if not os.path.isdir(root):
        return
    for name in sorted(os.listdir(root)):
        out = os.path.join(folder, name + '.safetensors')
        source = os.path.join(root, name)
        r = run('convert', os.path.join(source, 'model.safetensors'), out, '--config', os.path.join(source, 'hparams.json'))
        check(r.returncode == 0, name, r.stderr)
        stated = json.load(open(os.path.join(source, 'case.json')))['receptive_field']
        yield name, out, stated


def shipped_models():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'models')
    for path in sorted(glob.glob(os.path.join(root, '*', '*.safetensors'))):
        yield os.path.basename(path), path, json.loads(run('rf', path, '--json').stdout)['receptive_field']


def test_models(folder):
    seen = 0
    every = max(1, round(1 / float(os.environ.get('WN_TEST_CASES', 1))))
    for name, path, stated in [*convert_vectors(folder), *shipped_models()][::every]:
        seen += 1
        r = run('rf', path, '--measure', '--json')
        check(r.returncode == 0, name, r.stderr)
        d = json.loads(r.stdout)
        reach = d['measured']['reach']
        check(d['receptive_field'] == reach['receptive_field'] == reach['formula'] == stated, name, reach, stated)
        check(reach['equals_formula'] and reach['missing'] == reach['extra'] == 0, name, reach)
        for signal in ['influence_silent', 'influence_random']:
            influence = d['measured'][signal]
            check(influence['beyond_formula'] == 0 and 0 < influence['samples'] <= stated, name, influence)
        plain = run('rf', path, '--measure', '--plot', os.path.join(folder, 'model.png'))
        check(plain.returncode == 0 and "exactly the formula's" in plain.stdout, name, plain.stdout, plain.stderr)
        r = run('verify', path, '--json')
        d = json.loads(r.stdout)
        check(r.returncode == 0 and d['ok'] and d['whole']['error_db'] <= -100, name, r.stdout[:300])
        check(all(layer['error_db'] <= -110 for layer in d['layers']), name)
        r = run('verify', path)
        check(r.returncode == 0 and r.stdout.splitlines()[-1].startswith('ok: ') and r.stderr == '', name, r.stderr)
    return seen


with tempfile.TemporaryDirectory() as temporary:
    for number, test in enumerate([test_fields, test_details, test_json, test_cost, test_suggestions, test_help, test_refusals, test_plot]):
        place = os.path.join(temporary, str(number))
        os.mkdir(place)
        test(place) if test.__code__.co_argcount else test()
    seen = test_models(temporary)
for problem in problems:
    print(problem)
print(f'{len(problems)} problems; {seen} models' + ('' if 'WAVENET_VECTORS' in os.environ else ' (no WAVENET_VECTORS)'))
sys.exit(1 if problems else 0)
