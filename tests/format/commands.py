# SPDX-License-Identifier: MIT
# commands.py - wavenet convert and wavenet info. Usage: commands.py WAVENET COMMON (the folder of common.py)
# Copyright (c) 2026 the wavenet authors
import json
import math
import os
import pathlib
import random
import struct
import sys

sys.path.insert(0, sys.argv[2])
from common import bad, check, finish, good, npy, path, read_npy, run, wav  # noqa: E402

HPARAMS = {'name': 'test net', 'input_type': 'raw', 'quantize_channels': 65536, 'sample_rate': 16000, 'out_channels': 30,
           'log_scale_min': -16.0, 'layers': 6, 'stacks': 2, 'residual_channels': 8, 'gate_channels': 12,
           'skip_out_channels': 10, 'kernel_size': 3, 'cin_channels': 5, 'cin_pad': 1, 'gin_channels': 4, 'n_speakers': 3,
           'upsample_conditional_features': True, 'upsample_net': 'ConvInUpsampleNetwork',
           'upsample_params': {'upsample_scales': [4, 5], 'cin_pad': 1, 'freq_axis_kernel_size': 3},
           'hop_size': 20, 'postprocess': 'inv_preemphasis', 'remark': 'a\x1b[2Jb'}


def shapes():
    """Names and shapes of the tensors that fit HPARAMS."""
    r, g, s, out, c, e = 8, 12, 10, 30, 5, 4
    all = {'first_conv.weight': (r, 1, 1), 'first_conv.bias': (r,), 'last_conv_layers.1.weight': (s, s, 1),
           'last_conv_layers.1.bias': (s,), 'last_conv_layers.3.weight': (out, s, 1), 'last_conv_layers.3.bias': (out,),
           'embed_speakers.weight': (3, e), 'upsample_net.conv_in.weight': (c, c, 3),
           'upsample_net.upsample.up_layers.1.weight': (1, 1, 3, 9), 'upsample_net.upsample.up_layers.3.weight': (1, 1, 3, 11)}
    for i in range(6):
        layer = {'conv.weight': (g, r, 3), 'conv.bias': (g,), 'conv1x1c.weight': (g, c, 1), 'conv1x1g.weight': (g, e, 1),
                 'conv1x1_out.weight': (r, g // 2, 1), 'conv1x1_out.bias': (r,),
                 'conv1x1_skip.weight': (s, g // 2, 1), 'conv1x1_skip.bias': (s,)}
        all.update({f'conv_layers.{i}.{name}': shape for name, shape in layer.items()})
    return all


def count(shape):
    n = 1
    for size in shape:
        n *= size
    return n


def write_checkpoint(name):
    """A checkpoint with weights from a fixed seed; its number of parameters."""
    draw = random.Random(3)
    header, data = {}, b''
    for tensor, shape in shapes().items():
        values = struct.pack(f'<{count(shape)}f', *(draw.uniform(-0.5, 0.5) for _ in range(count(shape))))
        header[tensor] = {'dtype': 'F32', 'shape': shape, 'data_offsets': [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    with open(name, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + data)
    return len(data) // 4


def write(name, content):
    with open(name, 'wb') as f:
        f.write(content)
    return name


def read(name):
    with open(name, 'rb') as f:
        return f.read()


def expand(y, mu=255):
    return math.copysign(math.expm1(abs(y) * math.log1p(mu)) / mu, y)


def test_mulaw_values(checkpoint):
    """input_type mulaw: the network's values are compressed, what is heard and given as a recording is not."""
    raw, mulaw = path('raw.safetensors'), path('mulaw.safetensors')
    hparams = write(path('mulaw.json'), json.dumps({**HPARAMS, 'input_type': 'mulaw', 'quantize_channels': 256}).encode())
    good('convert', checkpoint, raw, '--config', path('in/hparams.json'))
    good('convert', checkpoint, mulaw, '--config', hparams)
    cond = write(path('cond.npy'), npy((8, 5), [0.1 * (i % 7) for i in range(40)]))
    more = ('--cond', cond, '--speaker', 1)
    out = {}
    for name, model in (('raw', raw), ('mulaw', mulaw)):
        good('generate', '-m', model, '-o', path(name + '.npy'), '--samples', 100, '--seed', 5, *more)
        out[name] = read_npy(path(name + '.npy'))[2]
    worst = max(abs(expand(y) - x) for y, x in zip(out['raw'], out['mulaw']))
    check(worst < 1e-6 and max(map(abs, out['mulaw'])) > 1e-3, f'mu-law values are expanded: {worst}')
    # The same recording, once as sound for one model, once as the values the other works on.
    steps = [int(20000 * math.sin(i / 3)) for i in range(100)]
    sound = write(path('sound.wav'), wav(steps))
    values = [math.copysign(math.log1p(255 * abs(x / 32768)) / math.log1p(255), x) for x in steps]
    array = write(path('values.npy'), npy((100,), values))
    figures = [json.loads(good('score', '-m', model, file, '--json', *more)) for model, file in ((mulaw, sound), (raw, array))]
    nats = [next(f[k] for k in f if 'nats' in k) for f in figures]
    check(abs(nats[0] - nats[1]) < 1e-5, f'a recording is compressed: {nats}')


def main():
    os.mkdir(path('in'))
    checkpoint, hparams = path('in/checkpoint.safetensors'), path('in/hparams.json')
    parameters = write_checkpoint(checkpoint)
    write(hparams, json.dumps(HPARAMS).encode())
    os.mkdir(path('net'))
    model = path('net/model.safetensors')

    # Convert: the hyper-parameters named, and beside the checkpoint; a model again; nothing but the note on stderr.
    check(good('convert', checkpoint, model, '--config', hparams) == '', 'convert prints nothing on stdout')
    beside = path('beside.safetensors')
    code, out, err = run('convert', checkpoint, beside)
    check(code == 0 and out == '' and f'{parameters} parameters' in err, err)
    check(read(model) == read(beside), 'the same model either way')
    good('convert', model, path('again.safetensors'))
    check(read(model) == read(path('again.safetensors')), 'a model converts to itself')

    # Info, of a file and of the folder that holds it.
    text = good('info', model)
    check(text == good('info', path('net')).replace(path('net') + '/', path('net/')), 'a folder stands for its model')
    receptive = 2 * (1 + 2 + 4) * 2 + 1
    for part in ('test net', '16000 Hz', 'mixture of logistics', '10 components', f'{parameters} ', f'{receptive} samples',
                 'conv 8 -> 12', 'dilations 1 2 4 1 2 4', 'skip 6 -> 10', 'speakers      0 .. 2', 'every 20 samples (1.25 ms)',
                 'each frame repeated to 4', 'inv_preemphasis', 'tanh * sigmoid', 'kernel 3'):
        check(part in text, f'info says {part!r}:', text)
    check('\x1b' not in text and 'a\\u001b[2jb' in text.lower(), 'info prints no escape sequences')

    facts = json.loads(good('info', model, '--json'))
    check(facts['parameters'] == parameters and facts['receptive_field'] == receptive, facts)
    check(abs(facts['receptive_field_ms'] - 1e3 * receptive / 16000) < 1e-6, facts)
    check(sum(map(count, facts['tensors'].values())) == parameters, 'tensors add up')
    check(facts['tensors']['stacks.0.layers.5.conv.weight'] == [12, 8, 3], facts['tensors'])
    check(facts['config']['metadata']['imported']['hparams'] == HPARAMS, 'hyper-parameters are kept')
    check(facts['config']['stacks'][0]['dilations'] == [1, 2, 4, 1, 2, 4], facts['config'])
    check(facts['feature_context'] == 2, facts)
    # Per sample: layers, head, and the pipeline at its rates; the held 1x1s only once.
    layers = 6 * (12 * 8 * 3 + 12 * 5 + 8 * 6 + 10 * 6)
    pipeline = 5 * 5 * 3 / 20 + 4 / 20 * 5 * 3 * 9 + 5 * 3 * 11
    check(abs(facts['multiply_adds_per_sample'] - (8 + layers + 100 + 300 + pipeline)) <= 1, facts['multiply_adds_per_sample'])

    test_mulaw_values(checkpoint)

    # A file of every version of the config, as the program of its day wrote it, is read for ever and written again alike.
    old = sorted(pathlib.Path(__file__).parent.parent.glob('data/model/version-*.safetensors'))
    check(len(old) == 2, 'files of old versions', old)
    for file in old:
        good('convert', file, path('again.safetensors'))
        check(read(path('again.safetensors')) == file.read_bytes(), file, 'is written otherwise')

    # What goes wrong.
    bad('is also the input', 'convert', model, model)
    bad('is also the input', 'convert', checkpoint, hparams, '--config', hparams)
    bad('No such file', 'convert', path('none'), path('x.safetensors'))
    bad('No such file', 'convert', checkpoint, path('x.safetensors'), '--config', path('none.json'))
    bad('No such file', 'convert', checkpoint, path('no/folder/x.safetensors'))
    bad('is a directory', 'convert', checkpoint, path('net'))
    good('convert', path('net'), path('whole.safetensors'))
    check(os.path.getsize(path('whole.safetensors')) > 0, 'a folder stands for its model in convert, too')
    bad('PyTorch pickle', 'convert', write(path('x.pth'), b'PK\x03\x04' + bytes(60)), path('x.safetensors'))
    bad('PyTorch pickle', 'convert', write(path('y.pth'), b'\x80\x02}q\x00.' + bytes(60)), path('x.safetensors'))
    bad('not JSON', 'convert', checkpoint, path('x.safetensors'), '--config', write(path('bad.json'), b'{"layers": }'))
    wrong = write(path('wrong.json'), json.dumps({**HPARAMS, 'residual_channels': 9}).encode())
    bad('expected [9, 1, 1] from the hyper-parameters', 'convert', checkpoint, path('x.safetensors'), '--config', wrong)
    lonely = path('lonely.safetensors')
    write(lonely, read(checkpoint))
    bad('wavenet_vocoder checkpoint', 'convert', lonely, path('x.safetensors'))
    bad('wavenet_vocoder checkpoint', 'info', checkpoint)
    bad('is empty', 'info', write(path('empty.safetensors'), b''))
    bad('expected a safetensors file', 'info', write(path('text.safetensors'), b'hello, world, this is no model'))
    check(not os.path.exists(path('x.safetensors')), 'a failure leaves no file')
    check(not [n for n in os.listdir(path('.')) if n.endswith('.tmp')], 'a failure leaves no temporary file')
    for arguments in (('convert',), ('convert', 'a'), ('convert', 'a', '-o'), ('info',), ('info', 'a', 'b'),
                      ('info', model, '--nonsense')):
        code, out, err = run(*arguments)
        check(code == 2 and not out and err, f'{arguments}: bad usage is exit 2')
    finish()


main()
