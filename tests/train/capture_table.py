# SPDX-License-Identifier: MIT
# capture_table.py - the same capture trained here and with PyTorch: ESR after equal steps and processor time per step. Runs with
# --long only. Usage: capture_table.py WAVENET [--results FILE] [--quick]
# Copyright (c) 2026 the wavenet authors
#
# Four simulated amplifiers and pedals (guitarix, through lv2proc) play the project's test signal. Both programs train A1
# standard from the same weights on the same pieces in the same order, with Adam at a constant rate, the same loss and the same
# limit of the gradient, one thread each. PyTorch computes 4092 samples of context before each piece, as other trainers do; ours
# carries the state over. The ESR is that of the whole validation part: PyTorch's network renders its own, `wavenet process` ours,
# which is the better of the weights and their average.
#
# A step is 4 pieces of 4096 samples, an eighth of what `wavenet capture` takes, so that the 5700 steps of the table need about
# 35 minutes of one core, nearly all of it for PyTorch. Processor time per step is measured with full steps of 16 x 8192.
#
# --results FILE appends one line of JSON per run and skips runs that FILE has, so that an interrupted table goes on.
# --quick stops after 100 steps of one pair and one seed.
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time

os.environ['OMP_NUM_THREADS'] = '1'
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from common import check, finish, good, path, run, skip, write_file  # noqa: E402

RATE, RECEPTIVE = 48000, 4093
FIRST, TRAIN, VALID = 50 * RATE, 90 * RATE, 9 * RATE  # the plucked strings of the test signal
STREAMS, CHUNK, PEAK = 4, 4096, 0.004
FULL_STREAMS, FULL_CHUNK = 16, 8192
SEEDS, STOPS, LONG_STOP = (1, 2, 3), (100, 300), 1000
TIMED_OURS, TIMED_TORCH = 50, 5
ESR_RATIO, TIME_RATIO = 1.1, 0.2
GUITARIX = 'http://guitarix.sourceforge.net/plugins/'
PAIRS = {
    'w20': ('gx_w20#w20', 'gain:0.8'),
    'ts9': ('gxts9#ts9sim', 'fslider2_:0.5'),
    'ds1': ('gx_bossds1_#_bossds1_', 'DRIVE:0.4'),
    'alembic': ('gx_alembic#alembic', None),
}
ARRAYS = [(1, 16, 8, False), (16, 8, 1, True)]  # input, channels, output of the array's head, its bias
DILATIONS = [1 << i for i in range(10)]
HEAD_SCALE = 0.02


def needs():
    """numpy and torch, or the test is skipped."""
    if not os.environ.get('WN_TEST_LONG') and '--results' not in sys.argv and '--quick' not in sys.argv:
        skip('the table takes 35 minutes; it runs with --long')
    missing = [name for name in ('lv2proc', 'lv2info') if not shutil.which(name)]
    missing += ['guitarix-lv2'] if not missing and subprocess.run(
        ['lv2info', GUITARIX + PAIRS['w20'][0]], capture_output=True).returncode else []
    try:
        import numpy
        import torch
    except ImportError as e:
        missing.append(f'python3-{e.name}')
    if missing:
        skip('the comparison with PyTorch needs ' + ', '.join(missing))
    torch.set_num_threads(1)
    return numpy, torch


np, torch = needs()


# ---- PyTorch ----------------------------------------------------------------------------------------------------

class Layer(torch.nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.conv = torch.nn.Conv1d(channels, channels, 3, dilation=dilation)
        self.mixin = torch.nn.Conv1d(1, channels, 1, bias=False)
        self.layer1x1 = torch.nn.Conv1d(channels, channels, 1)

    def forward(self, y, x, pad):
        u = self.conv(torch.nn.functional.pad(y, (2 * self.conv.dilation[0], 0)) if pad else y)
        n = u.shape[2]
        z = torch.tanh(u + self.mixin(x[:, :, -n:]))
        return y[:, :, -n:] + self.layer1x1(z), z


class Array(torch.nn.Module):
    def __init__(self, inputs, channels, outputs, bias):
        super().__init__()
        self.rechannel = torch.nn.Conv1d(inputs, channels, 1, bias=False)
        self.layers = torch.nn.ModuleList([Layer(channels, d) for d in DILATIONS])
        self.head = torch.nn.Conv1d(channels, outputs, 1, bias=bias)

    def forward(self, y, x, head, keep, pad):
        """head: of the array before, or None. keep: frames that this array's head must have."""
        y = self.rechannel(y)
        for layer in self.layers:
            y, z = layer(y, x, pad)
            head = z[:, :, -keep:] if head is None else head[:, :, -keep:] + z[:, :, -keep:]
        return y, self.head(head)


class Network(torch.nn.Module):
    """A1 standard. Takes RECEPTIVE - 1 samples of context before the first output; with pad, zeros stand before every layer's
    input instead."""

    def __init__(self):
        super().__init__()
        self.arrays = torch.nn.ModuleList([Array(*a) for a in ARRAYS])
        self.head_scale = HEAD_SCALE

    def forward(self, x, pad=False):
        x = x[:, None, :]
        n = x.shape[2] - (0 if pad else RECEPTIVE - 1)
        y, head = x, None
        for i, array in enumerate(self.arrays):
            later = 0 if pad else sum(2 * d for d in DILATIONS) * (len(self.arrays) - 1 - i)
            y, head = array(y, x, head, n + later, pad)
        return self.head_scale * head[:, 0, :]

    def tensors(self):
        """In the order of the weights of a .nam file."""
        for array in self.arrays:
            yield array.rechannel.weight
            for layer in array.layers:
                yield from (layer.conv.weight, layer.conv.bias, layer.mixin.weight, layer.layer1x1.weight, layer.layer1x1.bias)
            yield array.head.weight
            if array.head.bias is not None:
                yield array.head.bias

    def load(self, weights):
        with torch.no_grad():
            at = 0
            for tensor in self.tensors():
                tensor.copy_(torch.tensor(weights[at:at + tensor.numel()]).reshape(tensor.shape))
                at += tensor.numel()
        assert at == len(weights) - 1
        self.head_scale = weights[-1]


class Data:
    def __init__(self, dry, wet):
        self.dry, self.wet = dry, wet
        self.energy = float(np.mean(wet[FIRST:FIRST + TRAIN].astype(np.float64) ** 2))

    def batch(self, step, streams, chunk):
        """The pieces that our loader takes: streams begin at equal distances and go on round the training part."""
        at = (np.arange(streams)[:, None] * TRAIN // streams + step * chunk + np.arange(chunk + RECEPTIVE - 1)[None, :])
        at = FIRST + (at - (RECEPTIVE - 1)) % TRAIN
        return torch.from_numpy(self.dry[at]), torch.from_numpy(self.wet[at[:, RECEPTIVE - 1:]])


class TorchRun:
    def __init__(self, data, streams, chunk):
        self.data, self.streams, self.chunk, self.step = data, streams, chunk, 0
        self.network = Network()
        self.adam = torch.optim.Adam(self.network.parameters(), PEAK)

    def advance(self, pad=False):
        x, target = self.data.batch(self.step, self.streams, self.chunk)
        if pad:
            x = x[:, RECEPTIVE - 1:]
        self.adam.zero_grad()
        loss = torch.mean((self.network(x, pad) - target) ** 2) / self.data.energy
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.adam.step()
        self.step += 1
        return float(loss.detach())

    def render(self):
        at, out = FIRST + TRAIN, []
        with torch.no_grad():
            for start in range(at, at + VALID, RATE):
                out.append(self.network(torch.from_numpy(self.data.dry[start - RECEPTIVE + 1:start + RATE])[None])[0].numpy())
        return np.concatenate(out)


def esr(data, output):
    target = data.wet[FIRST + TRAIN:FIRST + TRAIN + VALID].astype(np.float64)
    return float(np.sum((output - target) ** 2) / np.sum(target ** 2))


# ---- ours -------------------------------------------------------------------------------------------------------

def recipe(name, pair, seed, steps, streams, chunk, stops=(), **more):
    every = stops[0] if stops else 0
    text = {'model': MODEL, 'data': {'manifest': f'{pair}.csv'},
            'train': {'seed': seed, 'streams': streams, 'chunk': chunk, 'steps': steps, 'learning_rate': PEAK, 'final': 1, 'warmup': 0,
                      'validate_every': every, 'validate_samples': 0, 'checkpoint_every_seconds': 0, 'loss': {'esr': 1}, **more}}
    return write_file(name, json.dumps(text))


def train(name, *more):
    """(processor seconds, metadata.training, what it said) of a recipe; the model is NAME.safetensors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, _, said = run('train', name, '-o', path('ours.safetensors'), '--threads', 1, '--force', *more, timeout=3600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    check(code == 0, said)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, said


def weights():
    good('convert', path('ours.safetensors'), path('ours.nam'))
    with open(path('ours.nam')) as f:
        return json.load(f)['weights']


def render_ours(data):
    at = FIRST + TRAIN
    data.dry[at - RECEPTIVE + 1:at + VALID].astype('<f4').tofile(path('part.f32'))
    good('process', '-m', path('ours.safetensors'), path('part.f32'), '-o', path('rendered.f32'))
    return np.fromfile(path('rendered.f32'), '<f4')[RECEPTIVE - 1:]


# ---- the table --------------------------------------------------------------------------------------------------

def read_sound(name):
    good('process', '-m', path('through.nam'), name, '-o', path('read.f32'))
    return np.fromfile(path('read.f32'), '<f4')


def make_pair(pair):
    plugin, setting = PAIRS[pair]
    wet = path(pair + '.wav')
    subprocess.run(['lv2proc', '-i', path('signal.wav'), '-o', wet, *(['-c', setting] if setting else []), GUITARIX + plugin],
                   check=True, capture_output=True)
    data = Data(read_sound(path('signal.wav')), read_sound(wet))
    np.save(path(pair + '-wet.npy'), data.wet[:, None])
    write_file(pair + '.csv', f'audio,target,offset,frames,split\ndry.npy,{pair}-wet.npy,{FIRST},{TRAIN},train\n'
               f'dry.npy,{pair}-wet.npy,{FIRST + TRAIN},{VALID},valid\n')
    return data


def prepare():
    write_file('through.nam', json.dumps({'version': '0.5.4', 'architecture': 'Linear', 'config': {'receptive_field': 1, 'bias': False},
                                          'weights': [1.0], 'sample_rate': RATE}))
    good('capture', '--signal', path('signal.wav'))
    np.save(path('dry.npy'), read_sound(path('signal.wav'))[:, None])


def check_equal(pair, data):
    """Both are the same network, loss, gradient and optimiser: one step from equal weights gives equal weights, and these
    sound alike."""
    train(recipe('start.json', pair, 7, 60, 2, 2048))
    shutil.copy(path('ours.safetensors'), path('start.safetensors'))
    torch_run = TorchRun(data, STREAMS, CHUNK)
    torch_run.network.load(weights())
    difference = np.max(np.abs(torch_run.render() - render_ours(data)))
    check(difference < 1e-5, 'the networks sound otherwise:', difference)
    _, said = train(recipe('equal.json', pair, 1, 1, STREAMS, CHUNK, init='start.safetensors'))
    ours = np.array(weights()[:-1])
    loss = torch_run.advance(pad=True)
    stated = float(said.split(' loss')[0].split()[-1])
    theirs = np.concatenate([t.detach().numpy().ravel() for t in torch_run.network.tensors()])
    moved = float(np.mean(np.abs(ours - theirs) < 1e-5))
    check(abs(loss - stated) < 2e-4 * max(1, loss), 'loss', stated, 'PyTorch', loss)
    check(moved > 0.999, 'only', moved, 'of the weights move alike')
    print(f'equal: outputs to {difference:.1e}, loss {stated} and {loss:.4f}, {100 * moved:.2f} % of the weights alike after a step',
          flush=True)


def run_ours(pair, data, seed, stops):
    """ESR at each stop, of the better of weights and average, as validation chooses them."""
    name = recipe('table.json', pair, seed, stops[-1], STREAMS, CHUNK, stops)
    found, seconds = [], 0.0
    for i, stop in enumerate(stops):
        spent, _ = train(name, '--steps', stop, *(['--resume'] if i else []))
        seconds += spent
        found.append(esr(data, render_ours(data)))
    return found, seconds / stops[-1]


def first_weights(pair, seed):
    """What our training starts from: a step at the rate 0."""
    train(recipe('first.json', pair, seed, 1, STREAMS, CHUNK, learning_rate=0))
    return weights()


def run_torch(pair, data, seed, stops):
    torch_run, found, seconds = TorchRun(data, STREAMS, CHUNK), [], 0.0
    torch_run.network.load(first_weights(pair, seed))
    for stop in stops:
        began = time.process_time()
        while torch_run.step < stop:
            torch_run.advance()
        seconds += time.process_time() - began
        found.append(esr(data, torch_run.render()))
    return found, seconds / stops[-1]


def run_times(pair, data):
    """Processor seconds per full step, ours and PyTorch's."""
    few, many = (train(recipe(f'timed{n}.json', pair, 1, n, FULL_STREAMS, FULL_CHUNK))[0] for n in (1, 1 + TIMED_OURS))
    torch_run = TorchRun(data, FULL_STREAMS, FULL_CHUNK)
    torch_run.network.load(first_weights(pair, 1))
    torch_run.advance()
    began = time.process_time()
    for _ in range(TIMED_TORCH):
        torch_run.advance()
    return (many - few) / TIMED_OURS, (time.process_time() - began) / TIMED_TORCH


class Results:
    def __init__(self):
        at = sys.argv.index('--results') if '--results' in sys.argv else 0
        self.file = sys.argv[at + 1] if at else path('results.jsonl')
        self.found = {}
        if os.path.exists(self.file):
            with open(self.file) as f:
                self.found = {tuple(key): value for key, value in map(json.loads, f)}

    def get(self, make, key, *args):
        if key not in self.found:
            self.found[key] = make(*args)
            with open(self.file, 'a') as f:
                print(json.dumps([key, self.found[key]]), file=f)
        return self.found[key]


def judge_pair(results, pair, data, seeds, stops):
    runs = {}
    for seed in seeds:
        for who, make in (('ours', run_ours), ('torch', run_torch)):
            runs[who, seed] = results.get(make, (who, pair, seed), pair, data, seed, stops)[0]
            print(f'{pair}, seed {seed}, {who}: ESR', ', '.join(f'{e:.4f} after {s}' for s, e in zip(stops, runs[who, seed])), flush=True)
    for i, stop in enumerate(stops):
        ours, theirs = (statistics.median(runs[who, seed][i] for seed in seeds) for who in ('ours', 'torch'))
        print(f'{pair}, {stop} steps: {ours:.4f}, PyTorch {theirs:.4f}, ratio {ours / theirs:.2f}', flush=True)
        check(ours <= ESR_RATIO * theirs, pair, 'after', stop, 'steps: ESR', ours, 'PyTorch', theirs)


def judge_times(results, pair, data):
    ours, theirs = results.get(run_times, ('times', pair, 0), pair, data)
    hours = 100 * (180 * RATE // (FULL_STREAMS * FULL_CHUNK)) * ours / 3600
    print(f'{FULL_STREAMS} x {FULL_CHUNK}: {ours:.3f} s of a processor per step, PyTorch {theirs:.3f}, ratio {ours / theirs:.3f}; '
          f'100 epochs of three minutes: {60 * hours:.1f} min on one thread, extrapolated from {TIMED_OURS} steps', flush=True)
    check(ours <= TIME_RATIO * theirs, 'a step takes', ours, 's, PyTorch', theirs)


def main():
    prepare()
    results, quick = Results(), '--quick' in sys.argv
    for i, pair in enumerate(PAIRS):
        data = make_pair(pair)
        if i == 0:
            check_equal(pair, data)
            judge_times(results, pair, data)
        stops = STOPS[:1] if quick else (*STOPS, LONG_STOP) if i == 0 else STOPS
        judge_pair(results, pair, data, SEEDS[:1] if quick else SEEDS, stops)
        if quick:
            break
    finish()


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'models', 'capture', 'recipe.json')) as recipe_file:
    MODEL = json.load(recipe_file)['model']
main()
