# SPDX-License-Identifier: MIT
# conv.py - wavenet conv: textbook examples whose numbers are known, every way to give numbers, claims, bad input.
# Usage: conv.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import json
import math
import struct
import subprocess

from common import WAVENET, bad, check, content, finish, good, npy, path, run, write_file

IMAGE = '1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0'
CROSS = '1 0 1; 0 1 0; 1 0 1'


def conv(*args, code=0):
    got, out, err = run('conv', *args, '--json')
    check(got == code and out, *args, '->', got, err)
    return json.loads(out) if out else {'layers': [{'output': None, 'output_size': None}]}


def last(*args):
    return conv(*args)['layers'][-1]['output']


def near(a, b, limit=1e-12):
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(near(x, y, limit) for x, y in zip(a, b))
    return abs(a - b) <= limit * max(1, abs(b))


def textbook():
    check(last(IMAGE, '--layers', 'conv3x3 relu', '--weights', CROSS) == [[[4, 3, 4], [2, 4, 3], [2, 3, 4]]], 'image')
    check(last(IMAGE, '--layers', 'conv3x3s2', '--weights', CROSS) == [[[4, 4], [2, 4]]], 'stride 2')
    sobel = ['0 0 0; 0 1 2; 0 4 5', '--layers', 'conv3x3', '--weights', '−1 −2 −1; 0 0 0; 1 2 1']
    check(last(*sobel) == [[[13]]] and last(*sobel, '--flip') == [[[-13]]], 'correlation and true convolution')
    for layers, n, size in [('conv3s2', 5, 2), ('conv3', 5, 3), ('conv5s3valid', 7, 1), ('conv5s3same', 7, 3),
                            ('tconv4s3', 2, 7), ('tconv4s4', 8, 32), ('conv3p2:1', 5, 6), ('conv3d4causal', 5, 5),
                            ('tconv4s3o1', 2, 8), ('tconv4s3p1:2', 2, 4), ('tconv3s2same', 4, 8), ('conv2s2causal', 5, 3)]:
        taps = int(''.join(c for c in layers.split('v')[1] if c.isdigit())[0])
        y = conv('[' + ','.join(['1'] * n) + ']', '--layers', layers, '--weights', ' '.join(['1'] * taps))['layers'][0]
        check(y['output_size'] == [1, size], layers, n, y['output_size'], size)
    # input 7, same: two zeros on either side
    check(last('1 2 3 4 5 6 7', '--layers', 'conv5s3same', '--weights', '1 1 1 1 1') == [[6, 20, 18]], 'zeros of same')
    # causal: the newest tap is the last, and the past is zero
    check(last('1 2 3', '--layers', 'conv2causal', '--weights', '10 1') == [[1, 12, 23]], 'causal')
    check(last('1 2 3', '--layers', 'conv2causal', '--weights', '10 1', '--flip') == [[10, 21, 32]], 'causal, flipped')
    # an odd zero of same is at the end
    check(last('1 2 3', '--layers', 'conv2same', '--weights', '10 1') == [[12, 23, 30]], 'same, even kernel')
    check(last('1 2 3 4', '--layers', 'avgpool2') == [[1.5, 3.5]], 'average')
    check(last('1 2 3 4', '--layers', 'avgpool2p1') == [[0.5, 2.5, 2]], 'zeros of a padding count in a mean')
    check(last('-3 -2 -5 -4', '--layers', 'pool2p1') == [[-3, -2, -4]], 'zeros of a padding never are a maximum')
    check(last('1 2; 3 4', '--layers', 'conv1g2', '--weights', '10 100') == [[10, 20], [300, 400]], 'groups')
    check(last('1 2', '--layers', 'tconv2s1', '--weights', '1 10') == [[1, 12, 20]], 'transposed')
    soft = last('1; 2; 3', '--layers', 'softmax')
    check(near(soft, [[math.exp(i) / sum(math.exp(k) for k in (1, 2, 3))] for i in (1, 2, 3)]), 'softmax', soft)
    check(conv('1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16', '--layers', 'pool2 pool2 pool2 pool2')['layers'][-1]['output'] ==
          [[16]], 'four pools')


def matrices():
    ramp = '1 2 3 4; 5 6 7 8; 9 10 11 12; 13 14 15 16'
    d = conv(ramp, '--layers', 'conv3x3 tconv3x3', '--weights', f'{CROSS} / {CROSS}', '--matrix')
    c, ct = (layer['matrix'] for layer in d['layers'])
    check(len(c) == 4 and len(c[0]) == 16 and ct == [list(row) for row in zip(*c)], 'the second matrix is the transpose')
    check(c[0] == [1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0], c[0])
    check(d['layers'][1]['output_size'] == [1, 4, 4] and d['layers'][1]['output'][0][0] == [30, 35, 30, 35],
          'the size comes back, the values do not', d['layers'][1]['output'])
    flat = [sum(w * x for w, x in zip(row, range(1, 17))) for row in c]
    check([v for row in d['layers'][0]['output'][0] for v in row] == flat, 'y = C x')
    text = good('conv', ramp, '--layers', 'conv3x3 tconv3x3', '--weights', f'{CROSS} / {CROSS}', '--matrix')
    check('matrix C, 4 x 16' in text and 'matrix C^T, 16 x 4' in text, text)


def gradients():
    # by hand: y = 2*1 + 3*2 = 8, 2*2 + 3*3 = 13; L = y0 + y1
    d = conv('1 2 3', '--layers', 'conv2', '--weights', '2 3', '--backward')
    check(d['gradients'] == {'input': [2, 5, 3], '1.weight': [[[3, 5]]], '1.bias': [2]} and d['loss'] == 21, d)
    # half the squared distance from 7, 13: deltas 1, 0
    d = conv('1 2 3', '--layers', 'conv2', '--weights', '2 3', '--backward', '--target', '7 13')
    check(d['gradients'] == {'input': [2, 3, 0], '1.weight': [[[1, 2]]], '1.bias': [1]} and d['loss'] == 0.5, d)
    # the first maximum wins a tie
    d = conv('5 5 5', '--layers', 'pool2s1', '--backward')
    check(d['gradients']['input'] == [1, 1, 0] and d['layers'][0]['route'] == [0, 1], d)
    # both entries of a tie, and an input at a kink, are skipped; the others are checked
    d = conv('5 5 1 0', '--layers', 'pool2', '--check')['check']
    check(d['ok'] and [(x['checked'], x['skipped']) for x in d['differences']] == [(2, 2)], d)
    d = conv('-1 0 2', '--layers', 'relu', '--check', '--backward')
    check(d['gradients']['input'] == [0, 0, 1] and d['check']['differences'][0]['skipped'] == 1, d)
    # softmax of equal logits: p = 1/2, cross-entropy log 2, dL/dz = p - y
    d = conv('3; 3', '--layers', 'softmax', '--label', '1', '--backward', '--check')
    check(near(d['loss'], math.log(2)) and near(d['gradients']['input'], [[0.5], [-0.5]]) and d['check']['ok'], d)
    text = good('conv', '5 5 1 0', '--layers', 'pool2', '--check')
    check('2 skipped at kinks' in text and '\nok: ' in text, text)


def claims():
    base = ['1 2 3', '--layers', 'conv2', '--weights', '2 3']
    check(conv(*base, '--check', '1.weight 3 5 / 1.bias 2 / input 2 5 3')['check']['ok'], 'true claims')
    wrong = conv(*base, '--check', '1.weight 3 4 / 1.bias 2', code=1)['check']
    check(wrong['claims'][0]['off'] == [{'index': 1, 'claimed': 4, 'computed': 5}] and not wrong['claims'][1]['off'], wrong)
    code, out, _ = run('conv', *base, '--check', '1.weight 3 4')
    check(code == 1 and '[0][0][1] claimed 4, computed 5' in out and out.rstrip().splitlines()[-1].startswith('FAILED'), out)
    check(conv(*base, '--check', '1.weight 3.01 5', '--tolerance', '0.01')['check']['ok'], 'tolerance')
    name = write_file('claims.json', json.dumps(conv(*base, '--backward')['gradients']))
    check(conv(*base, '--check', name)['check']['ok'], 'our own gradients as claims')
    check(conv(*base, '--check=input 2 5 3')['check']['ok'], 'with an equals sign')


def safetensors(tensors):
    header, data = {}, b''
    for key, (kind, shape, values) in tensors.items():
        begin = len(data)
        data += struct.pack(f'<{len(values)}{"d" if kind == "F64" else "f"}', *values)
        header[key] = {'dtype': kind, 'shape': shape, 'data_offsets': [begin, len(data)]}
    text = json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data


def branches():
    # by hand: y = x0 + 2 x1 and 3 x, of which the middle two of 1 2 3 are 1 2, and the input
    d = conv('1 2 3', '--layers', '(conv2 | conv1 | )', '--weights', '1 2 / 3', '--backward', '--check')
    check([x['output'] for x in d['layers']] == [[[5, 8]], [[3, 6, 9]], [[9, 16]]], d['layers'])
    check(d['layers'][2]['branches'] == ['layer 1', 'layer 2', 'the input'] and d['layers'][2]['sum'] == 1, d['layers'][2])
    check(d['gradients'] == {'input': [1 + 3 + 1, 1 + 2 + 3 + 1, 2], '1.weight': [[[3, 5]]], '1.bias': [2],
                             '2.weight': [[[3]]], '2.bias': [2]} and d['check']['ok'], d)
    text = good('conv', '1 2 3', '--layers', '(conv2 | conv1 | )', '--weights', '1 2 / 3', '--backward')
    for words in ('sum 1  3 branches -> 1 x 2', 'branch 2   layer 2, 1 x 3, from x[0] on', 'y[0] = 5 + 3 + 1 = 9',
                  'input, backward', 'over what reads it, 3 branches'):
        check(words in text, words, text)
    # sizes 6, 3 and 2: the first two lose 1 and 2 positions, then one more at the end
    y = last('1 2 3 4 5 6', '--layers', '(conv1 | conv4 | conv5)', '--weights', '1 / 10 0 0 0 / 100 0 0 0 0')
    check(y == [[112 + 0 * 1, 223]], y)
    # names count layers and not brackets, in branches within branches
    d = conv('1 2', '--layers', 'relu ((conv1 | ) relu | conv1)', '--weights', '2.weight 5 / 4.weight 7')
    check(d['layers'][-1]['output'] == [[5 + 1 + 7, 2 * (5 + 1 + 7)]], d)
    check(last('1 2; 3 4', '--layers', '(conv1x1 | conv2x2same)', '--weights', '1 / 10 0; 0 0') == [[[11, 22], [33, 44]]], 'image')
    bad('sum 1: branch 2 has 1 channel along 1 axis; 2 along 1', 'conv', '1 2', '--layers', '(conv1f2 | )', '--weights', '1 2')
    bad("layer 3, 'conv4': an input of 2 positions; at least 4 needed", 'conv', '1 2', '--layers', '(relu | tanh) conv4', '--weights', '1 1 1 1')
    bad("draw each branch by a list", 'conv', '1 2', '--layers', '(conv1 | )', '--weights', '1', '--plot', path('none.png'))


def overflows():
    """A number that is not finite is said in one line and never printed."""
    big = ['1e308 1e308', '--layers', 'relu conv2 relu', '--weights', '1 1']
    for more in ([], ['--json'], ['--backward'], ['--check'], ['--check', '2.weight 1 1']):
        bad("layer 2, 'conv2': output y[0][0] overflows double", 'conv', *big, *more)
    bad("sum 1: output y[0][1] overflows double", 'conv', '1 -1e308', '--layers', '(relu | identity | identity | identity)')
    bad('the loss overflows double', 'conv', '1e200', '--layers', 'relu', '--target', '0', '--backward')
    bad("layer 1, 'conv1': the gradient of its weights overflows", 'conv', '1e200', '--layers', 'conv1 conv1', '--weights', '1e-200 / 1e200', '--backward')
    bad("layer 1, 'softmax': the gradient of its output overflows", 'conv', '1000; 0', '--layers', 'softmax', '--label', '1', '--backward')
    bad('a central difference of input overflows', 'conv', '1e308 -1e308', '--layers', 'identity', '--check')
    check(conv('1e200', '--layers', 'relu', '--backward')['loss'] == 1e200, 'what is large and finite')


def sources():
    """The same numbers in every form."""
    x, w, b = [0.1, -2, 3e2, 4, 5, 6], [0.5, -1, 2, 3], [1, -1]
    layers = ['--layers', 'conv2f2s2 relu']
    wanted = last('0.1 -2 300 4 5 6', *layers, '--weights', '.5 -1 | 2 3 / bias 1 -1')
    nested = [[[0.5, -1]], [[2, 3]]]
    inputs = ['0.1,-2,3e2,4,5,6', json.dumps(x), write_file('x.txt', '# x\n.1 -2\t300 4 5 6\n'), write_file('x.csv', '0.1,"-2", 300,4,5,6\r\n'),
              write_file('x.json', json.dumps([x])), write_file('x8.npy', npy([6], x, '<f8'))]
    weights = ['0.5 -1 | 2 3 / 1.bias 1 -1', json.dumps({'1.weight': nested, '1.bias': b}),
               write_file('w.txt', '0.5 -1\n2 3\n/\nbias 1 -1\n'), write_file('w.json', json.dumps({'1.bias': b, '1.weight': nested})),
               write_file('w.safetensors', safetensors({'1.weight': ('F64', [2, 1, 2], w), '1.bias': ('F32', [2], b)}))]
    for source in inputs:
        check(last(source, *layers, '--weights', weights[0]) == wanted, source)
    for source in weights:
        check(last(inputs[0], *layers, '--weights', source) == wanted, source)
    check(last('1 2 3', '--layers', 'conv2', '--weights', write_file('w4.npy', npy([1, 1, 2], [2, 3], '<i4'))) == [[8, 13]], 'int32')
    check(last('1 2 3', '--layers', 'conv2', '--weights', write_file('w.csv', '2,3\n')) == [[8, 13]], 'CSV weights')
    picture = last('1 2; 3 4 | 5 6; 7 8', '--layers', 'conv2x2', '--weights', '1 1; 1 1 | 10 10; 10 10')
    check(picture == [[[270]]], 'channels of an image', picture)
    dense = last('1 2; 3 4 | 5 6; 7 8', '--layers', 'conv1x1 dense1', '--weights', '1 | 1 / 1 2 3 4')
    check(dense == [[6 + 16 + 30 + 48]], 'dense after an image', dense)


def plots():
    for name in ('plot.png', 'plot.svg'):
        good('conv', IMAGE, '--layers', 'conv3x3 relu pool2x2', '--weights', CROSS, '--plot', path(name))
        check(content(path(name))[:5] in (b'\x89PNG\r', b'<?xml'), name)


def refusals():
    def refused(words, layers, weights=None, x=IMAGE, code=1, *more):
        bad(words, 'conv', x, '--layers', layers, *(['--weights', weights] if weights is not None else []), *more, code=code)

    refused("layer 1, 'conv3x3': no weights; 9 per filter needed", 'conv3x3')
    refused("layer 1, 'conv3x3f2': 9 weights; 18 needed, 2 filters of 9", 'conv3x3f2', CROSS)
    refused("layer 1, 'conv7x7f1': an input of 5 rows; at least 7 needed", 'conv7x7f1', json.dumps([0] * 49))
    refused("layer 3, 'pool2x2s2': an input of 1 row; at least 2 needed", 'conv3x3d2 relu pool2x2', CROSS)
    refused("layer 1, 'tconv2x2p9': an input of 5 rows gives no output", 'tconv2x2p9', '1 2; 3 4')
    refused("layer 2, 'conv3': an input of 2 axes", 'conv3x3 conv3', f'{CROSS} / 1 2 3')
    refused("1 channel; a multiple of its 2 groups needed", 'conv3x3g2', CROSS)
    refused("layer 1, 'pool2x2s2p2': a padding of 2; less than its kernel of 2 needed", 'pool2x2p2')
    refused('outputs; 16777216 are the limit', 'tconv3x3s65536', CROSS)
    refused('2 biases; 1 needed, one per filter', 'conv3x3', CROSS + ' / bias 1 2')
    refused("it has no weights; 1 given", 'relu conv3x3', '1.weight 1')
    refused("more arrays than the list has layers with weights", 'conv3x3 relu', CROSS + ' / 1')
    refused("'4.weight' is no layer's", 'conv3x3', '4.weight 1')
    refused("'1.gain' is no layer's", 'conv3x3', '1.gain 1')
    refused("two arrays of weights", 'conv3x3', f'{CROSS} / 1.weight 1')
    for layers, words in [('conv', 'a kernel'), ('conv3x', 'a kernel'), ('conv3x3x3', "'conv3x3x3'"), ('conv3f0', 'filters'),
                          ('conv3g3f4', 'do not divide'), ('conv3o1', 'only a tconv'), ('tconv3o1', 'less than the stride'),
                          ('conv3samep1', 'second padding'), ('conv3p1same', 'second padding'), ('conv3x3causal', 'one axis'),
                          ('pool2f3', 'no filters'), ('dense', 'outputs'), ('dense3s2', 'space or comma'), ('prelu', 'expected'),
                          ('relux', 'expected'), ('conv3p1:', 'padding'), ('(relu', "without a ')'"), ('relu)', "without a '('"),
                          ('| relu', "without a '('"), ('()', 'empty'), ('3,1', 'a comma'), ('3,1,1,FULL', 'VALID'), ('3,1,1,1 2', "';'")]:
        refused(words, layers, '1', IMAGE, 2)
    for x, words in [('', 'INPUT: is empty'), (' ; ', 'INPUT: is empty'), ('1 2 /', 'INPUT: array 2 is empty'), ('/tmp', "'/tmp' is a folder"), ('1 2; 3', 'row 2 has 1 number, the rows before it 2'), ('1 zwei', "'zwei' in row 1"), ('one 2 3', "'one' in row 1"), ('hello', 'neither a file'),
                     ('1 2 | 3 4; 5 6', 'matrix 2 has 2 rows'), ('1 0x10', '0x10'), ('1 nan', 'nan'), ('1 1e999', 'not finite'),
                     ('|', 'without numbers'), ('1 / 2', '2 arrays; one expected'), ('[[1, 2], [3]]', 'a list of 1 beside one of 2'),
                     ('[1, [2]]', 'side by side'), ('[[1], 2]', 'side by side'), ('[1, true]', 'neither a number'), ('[', 'not JSON'),
                     ('{}', 'empty object'), ('[]', 'empty list'), ('[[[[[1]]]]]', 'more than 4 deep'), ('none.npy', 'none.npy'),
                     ('none.csv', 'none.csv'), ('1 ' * 3 + '1' * 80, 'not a number'), ('{"x": 1, "y": 2}', '2 arrays')]:
        refused(words, 'relu', None, x)
    for data, words in [(b'', 'not a .npy'), (npy([2], [1, 2], '<f8')[:-1], '15 bytes'), (npy([0], [], '<f8'), 'empty'),
                        (npy([2], [1, float('nan')], '<f8'), 'not finite'), (npy([2], [1, 2], '<f8').replace(b'<f8', b'<c8'), 'complex64')]:
        refused(words, 'relu', None, write_file('bad.npy', data))
    refused('not a number', 'relu', None, write_file('bad.csv', '1,2\n3,x\n'))
    refused('row 2 has 1 number', 'relu', None, write_file('bad.csv', '1,2\n3\n'))
    refused('quotation mark', 'relu', None, write_file('bad.csv', '1,"2\n'))
    refused('4 sizes', 'conv3x3', CROSS, '[[[[1]]]]')
    good_call = ['1 2 3', '--layers', 'conv2', '--weights', '2 3']
    for more, words in [(['--label', '0', '--backward'], 'softmax as the last layer, over one position; the last is conv, over 2'), (['--target', '1', '--backward'], '1 value; 2 needed'),
                        (['--check', 'x.y 1'], "'x.y' has no gradient"), (['--check', '1.weight 1'], '1 number; 2 needed')]:
        bad(words, 'conv', *good_call, *more)
    for option in ('--weights', '--target', '--check'):
        bad(f'{option}: is empty', 'conv', '1 2', '--layers', 'conv2', *(['--weights', '1 1'] if option != '--weights' else []), '--backward', option, '')
    bad('all layers up to it have', 'conv', '1', '--layers', 'conv1p8388000:0 ' + 'relu ' * 8, '--weights', '1')
    bad('a class of 0 to 1', 'conv', '1; 2', '--layers', 'softmax', '--label', '2', '--backward')
    bad('no layer has weights', 'conv', '1', '--layers', 'relu', '--matrix')
    bad('65536 are the limit', 'conv', write_file('long.json', json.dumps([0] * 70000)), '--layers', 'conv1', '--weights', '1', '--matrix')
    bad('no layer has a window', 'conv', '1', '--layers', 'relu', '--plot', path('none.png'))
    for args, words in [((), '--layers is missing'), (('1',), '--layers is missing'), (('--layers', 'relu'), 'INPUT is missing'),
                        (('--layers', 'relu', '--check', '1'), 'stands before --check'), (('1', '2', '--layers', 'relu'), 'unexpected'),
                        (('1', '--layers', 'relu', '--target', '1'), 'are for --backward'),
                        (('1', '--layers', 'relu', '--target', '1', '--label', '0', '--backward'), 'not both'),
                        (('1', '--layers', 'relu', '--tolerance', '0'), '--tolerance'), (('1', '--layers', 'relu', '--plot', 'x.pdf'), '.png or .svg')]:
        bad(words, 'conv', *args, code=2)
    with open('/dev/full', 'w') as full:
        done = subprocess.run([WAVENET, 'conv', '1', '--layers', 'relu'], stdout=full, stderr=subprocess.PIPE)
        check(done.returncode == 1 and done.stderr.count(b'\n') == 1, 'full disk', done)


def help_text():
    out = good('conv', '-h')
    listed = out[out.index('Activations:'):].split()[1:]
    for name in listed:
        check(len(last('0.5 -2', '--layers', name)[0]) == 2, name)
    check({'relu', 'leaky-hard-tanh', 'softsign', 'fast-tanh'} <= set(listed) and not {'prelu', 'one'} & set(listed), listed)


textbook()
matrices()
gradients()
branches()
overflows()
help_text()
claims()
sources()
plots()
refusals()
finish()
