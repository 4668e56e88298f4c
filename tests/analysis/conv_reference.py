# SPDX-License-Identifier: MIT
# conv_reference.py - stacks drawn at random: wavenet conv against numpy, forward and backward, and against its own central
# differences. Usage: conv_reference.py WAVENET [SEED]
# Copyright (c) 2026 the wavenet authors
import json
import os
import re
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print('skipped: this test needs numpy')
    sys.exit(77)

STACKS = max(20, round(500 * float(os.environ.get('WN_TEST_CASES', 1))))
FORWARD, BACKWARD, DIFFERENCE = 1e-12, 1e-9, 1e-6

ACTIVATIONS = {
    'relu': (lambda x: np.maximum(x, 0), lambda x: (x > 0) * 1.0),
    'tanh': (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    'sigmoid': (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    'leaky-relu': (lambda x: np.where(x < 0, 0.01 * x, x), lambda x: np.where(x > 0, 1, 0.01)),
    'silu': (lambda x: x / (1 + np.exp(-x)), lambda x: (1 + np.exp(-x) + x * np.exp(-x)) / (1 + np.exp(-x)) ** 2),
    'hard-tanh': (lambda x: np.clip(x, -1, 1), lambda x: (np.abs(x) <= 1) * 1.0),
    'hard-swish': (lambda x: x * np.clip(x + 3, 0, 6) / 6, lambda x: np.where(x <= -3, 0, np.where(x >= 3, 1, (2 * x + 3) / 6))),
    'softsign': (lambda x: x / (1 + np.abs(x)), lambda x: 1 / (1 + np.abs(x)) ** 2),
    'identity': (lambda x: x, np.ones_like),
}


class Axis:
    """One axis of a window: kernel, dilation, stride, padding at both ends, output padding of a transposed convolution."""

    def __init__(self, kernel=1, dilation=1, stride=1, before=0, after=0, extra=0):
        self.kernel, self.dilation, self.stride, self.before, self.after, self.extra = kernel, dilation, stride, before, after, extra
        self.effective = (kernel - 1) * dilation + 1

    def size(self, n):
        return (n + self.before + self.after - self.effective) // self.stride + 1

    def transposed_size(self, n):
        return (n - 1) * self.stride + self.effective - self.before - self.after + self.extra

    def index(self, outputs):
        """[outputs][kernel] positions in the padded array."""
        return np.arange(outputs)[:, None] * self.stride + np.arange(self.kernel) * self.dilation


def windows(x, axes, value):
    """([C][OH][OW][KH][KW] the padded input under each window, the row and column indices)."""
    padded = np.pad(x, ((0, 0), (axes[0].before, axes[0].after), (axes[1].before, axes[1].after)), constant_values=value)
    rows, columns = (a.index(a.size(n)) for a, n in zip(axes, x.shape[1:]))
    rows, columns = rows[:, None, :, None], columns[None, :, None, :]
    return padded[:, rows, columns], rows, columns


def scatter(values, shape, axes):
    """The transpose of windows: [C][OH][OW][KH][KW] added up where it came from; shape without the padding."""
    heights = [n + a.before + a.after for a, n in zip(axes, shape[1:])]
    reach = [(n - 1) * a.stride + a.effective for a, n in zip(axes, values.shape[1:3])]
    padded = np.zeros((shape[0], *(max(h, r) for h, r in zip(heights, reach))))
    rows, columns = (a.index(n) for a, n in zip(axes, values.shape[1:3]))
    np.add.at(padded, (slice(None), rows[:, None, :, None], columns[None, :, None, :]), values)
    return padded[:, axes[0].before:axes[0].before + shape[1], axes[1].before:axes[1].before + shape[2]]


def by_group(x, groups):
    return x.reshape(groups, x.shape[0] // groups, *x.shape[1:])


class Conv:
    def __init__(self, axes, weights, bias, groups, flip):
        self.axes, self.w, self.b, self.groups, self.flip = axes, weights, bias, groups, flip

    def turned(self, w):
        return w[:, :, ::-1, ::-1] if self.flip else w

    def forward(self, x):
        self.x, self.seen = x, windows(x, self.axes, 0)[0]
        w = by_group(self.turned(self.w), self.groups)
        y = np.einsum('gfcij,gcyxij->gfyx', w, by_group(self.seen, self.groups))
        return y.reshape(-1, *y.shape[2:]) + self.b[:, None, None]

    def backward(self, dy):
        g = by_group(dy, self.groups)
        dw = np.einsum('gfyx,gcyxij->gfcij', g, by_group(self.seen, self.groups))
        self.dw, self.db = self.turned(dw.reshape(self.w.shape)), dy.sum((1, 2))
        seen = np.einsum('gfcij,gfyx->gcyxij', by_group(self.turned(self.w), self.groups), g)
        return scatter(seen.reshape(self.seen.shape), self.x.shape, self.axes)


class Transposed(Conv):
    def forward(self, x):
        self.x = x
        w = by_group(self.turned(self.w), self.groups)
        out = np.einsum('gcfij,gcyx->gfyxij', w, by_group(x, self.groups))
        out = out.reshape(-1, *out.shape[2:])
        self.shape = (out.shape[0], *(a.transposed_size(n) for a, n in zip(self.axes, x.shape[1:])))
        return scatter(out, self.shape, self.axes) + self.b[:, None, None]

    def backward(self, dy):
        full = np.zeros((dy.shape[0], *((n - 1) * a.stride + a.effective for a, n in zip(self.axes, self.x.shape[1:]))))
        part = dy[:, :full.shape[1] - self.axes[0].before, :full.shape[2] - self.axes[1].before]
        full[:, self.axes[0].before:self.axes[0].before + part.shape[1],
             self.axes[1].before:self.axes[1].before + part.shape[2]] = part
        rows, columns = (a.index(n) for a, n in zip(self.axes, self.x.shape[1:]))
        seen = by_group(full[:, rows[:, None, :, None], columns[None, :, None, :]], self.groups)
        dw = np.einsum('gcyx,gfyxij->gcfij', by_group(self.x, self.groups), seen)
        self.dw, self.db = self.turned(dw.reshape(self.w.shape)), dy.sum((1, 2))
        return np.einsum('gcfij,gfyxij->gcyx', by_group(self.turned(self.w), self.groups), seen).reshape(self.x.shape)


class Pool:
    def __init__(self, axes, largest):
        self.axes, self.largest = axes, largest

    def forward(self, x):
        self.x = x
        seen = windows(x, self.axes, -np.inf if self.largest else 0)[0]
        flat = seen.reshape(*seen.shape[:3], -1)
        self.kernel = seen.shape[3:]
        self.choice = np.argmax(flat, -1)
        return flat.max(-1) if self.largest else flat.mean(-1)

    def backward(self, dy):
        n = self.kernel[0] * self.kernel[1]
        share = np.eye(n)[self.choice] if self.largest else np.full(self.choice.shape + (n,), 1 / n)
        return scatter((share * dy[..., None]).reshape(*dy.shape, *self.kernel), self.x.shape, self.axes)


class Pointwise:
    def __init__(self, name):
        self.value, self.slope = ACTIVATIONS[name]

    def forward(self, x):
        self.x = x
        return self.value(x)

    def backward(self, dy):
        return dy * self.slope(self.x)


class Dense:
    def __init__(self, weights, bias):
        self.w, self.b = weights, bias

    def forward(self, x):
        self.x = x
        return (self.w @ x.ravel() + self.b)[:, None, None]

    def backward(self, dy):
        d = dy.ravel()
        self.dw, self.db = np.outer(d, self.x.ravel()), d
        return (self.w.T @ d).reshape(self.x.shape)


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(0))
        self.y = e / e.sum(0)
        return self.y

    def backward(self, dy):
        return self.y * (dy - (self.y * dy).sum(0))


# ---- drawing ----------------------------------------------------------------------------------------------------


def draw_axis(rng, n, kind):
    """(Axis, kernel, options as text parts) that fits n positions, or None."""
    kernel = int(rng.integers(1, 5))
    dilation = int(rng.integers(1, 4)) if kind in ('conv', 'tconv') else 1
    stride = int(rng.integers(1, 4))
    before, after = (int(v) for v in rng.integers(0, 3, 2))
    if kind in ('pool', 'avgpool'):
        before, after = min(before, kernel - 1), min(after, kernel - 1)
    extra = int(rng.integers(0, max(stride, dilation))) if kind == 'tconv' else 0
    axis = Axis(kernel, dilation, stride, before, after, extra)
    size = axis.transposed_size(n) if kind == 'tconv' else axis.size(n) if n + before + after >= axis.effective else 0
    return axis if 0 < size <= 24 else None


def named_padding(rng, kind, axes, sizes, rank):
    """Sometimes padding by name, which changes the axes; the word or ''."""
    word = ['same', 'valid', 'causal'][int(rng.integers(3))] if rng.random() < 0.3 else ''
    if kind != 'conv' or (word == 'causal' and rank == 2):
        return ''
    for axis, n in zip(axes[2 - rank:], sizes[2 - rank:]):
        total = axis.effective - 1 if word == 'causal' else 0
        if word == 'same':
            total = max(0, (-(-n // axis.stride) - 1) * axis.stride + axis.effective - n)
        if word:
            axis.before = total if word == 'causal' else total // 2
            axis.after = total - axis.before
        if axis.size(n) < 1 or n + axis.before + axis.after < axis.effective:
            return None
    return word


def window_text(kind, axes, rank, padding, rng):
    axes = axes[2 - rank:]
    def joined(f):
        texts = [str(f(a)) for a in axes]
        return texts[0] if rank == 1 or (texts[0] == texts[1] and rng.random() < 0.5) else 'x'.join(texts)
    text = kind + 'x'.join(str(a.kernel) for a in axes)
    if kind in ('conv', 'tconv'):
        text += 'd' + joined(lambda a: a.dilation)
    text += 's' + joined(lambda a: a.stride)
    text += padding or 'p' + joined(lambda a: f'{a.before}:{a.after}' if a.before != a.after else a.before)
    return text + ('o' + joined(lambda a: a.extra) if kind == 'tconv' else '')


def draw_window(rng, kind, shape, rank, flip):
    """(text, layer) or None."""
    axes = [Axis(), Axis()]
    for i in range(2 - rank, 2):
        axes[i] = draw_axis(rng, shape[1 + i], kind)
        if axes[i] is None:
            return None
    padding = named_padding(rng, kind, axes, shape[1:], rank)
    if padding is None:
        return None
    text = window_text(kind, axes, rank, padding, rng)
    if kind in ('pool', 'avgpool'):
        return text, Pool(axes, kind == 'pool')
    groups = int(rng.choice([g for g in (1, 2, 3) if shape[0] % g == 0]))
    filters = groups * int(rng.integers(1, 4))
    kernel = (axes[0].kernel, axes[1].kernel)
    w_shape = (filters, shape[0] // groups) if kind == 'conv' else (shape[0], filters // groups)
    w, b = rng.normal(size=w_shape + kernel), rng.normal(size=filters)
    text += (f'f{filters}' if rng.random() < 0.5 else '') + (f'g{groups}' if groups > 1 or rng.random() < 0.2 else '')
    return text, (Conv if kind == 'conv' else Transposed)(axes, w, b, groups, flip)


def draw_stack(rng):
    """(rank, input, flip, [(text, layer)], the kinds)."""
    rank, flip = int(rng.integers(1, 3)), rng.random() < 0.3
    size = rng.integers(3, 8, 2) if rank == 2 else (1, int(rng.integers(4, 14)))
    x = rng.normal(size=(int(rng.integers(1, 4)), *size))
    layers, shape, y = [], x.shape, x
    wanted = int(rng.integers(1, 6))
    while len(layers) < wanted:
        kind = str(rng.choice(['conv', 'conv', 'tconv', 'pool', 'avgpool', 'act', 'act']))
        drawn = None
        if kind == 'act':
            name = str(rng.choice(list(ACTIVATIONS)))
            drawn = name, Pointwise(name)
        else:
            drawn = draw_window(rng, kind, shape, rank, flip)
        if drawn:
            layers.append(drawn)
            y = drawn[1].forward(y)
            shape = y.shape
    if rng.random() < 0.4:
        n = int(rng.integers(2, 5))
        layers.append((f'dense{n}', Dense(rng.normal(size=(n, y.size)) / y.size ** 0.5, rng.normal(size=n))))
        layers[-1][1].forward(y)
        y = np.zeros((n, 1, 1))
    if rng.random() < 0.4:
        layers.append(('softmax', Softmax()))
    return rank, x, flip, layers


def outputs(layers, x):
    found = []
    for _, layer in layers:
        x = layer.forward(x)
        found.append(x)
    return found


def draw_loss(rng, y, layers):
    """(options, loss, gradient)."""
    choice = rng.random()
    if layers[-1][0] == 'softmax' and y.size == y.shape[0] and choice < 0.7:
        label = int(rng.integers(y.shape[0]))
        dy = np.zeros(y.shape)
        dy[label] = -1 / y[label]
        return ['--label', str(label)], -np.log(y[label, 0, 0]), dy
    if choice < 0.6 or layers[-1][0] == 'softmax': # the sum of probabilities has no gradient
        target = rng.normal(size=y.shape)
        return ['--target', json.dumps(target.ravel().tolist())], 0.5 * ((y - target) ** 2).sum(), y - target
    return [], y.sum(), np.ones(y.shape)


def difference(a, b):
    """Largest difference, relative to the larger of 1 and the largest value."""
    a, b = np.asarray(a, float).ravel(), np.asarray(b, float).ravel()
    if a.shape != b.shape:
        return np.inf
    return float(np.abs(a - b).max() / max(1, np.abs(b).max()))


def run(wavenet, folder, x, rank, layers, flip, options):
    given = {}
    for i, (_, layer) in enumerate(layers, 1):
        if hasattr(layer, 'w'):
            given[f'{i}.weight'], given[f'{i}.bias'] = layer.w.tolist(), layer.b.tolist()
            if layer.w.ndim == 4 and rank == 1:
                given[f'{i}.weight'] = layer.w[:, :, 0].tolist()
    paths = [os.path.join(folder, name) for name in ('x.json', 'w.json')]
    for path, value in zip(paths, (x.tolist() if rank == 2 else x[:, 0].tolist(), given)):
        with open(path, 'w') as f:
            json.dump(value, f)
    command = [wavenet, 'conv', paths[0], '--layers', ' '.join(t for t, _ in layers), '--json', '--backward', '--check']
    command += (['--weights', paths[1]] if given else []) + (['--flip'] if flip else []) + options
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        return command, None, done.stderr or done.stdout[-500:]
    return command, json.loads(done.stdout), ''


def main(wavenet, seed=1):
    rng = np.random.default_rng(int(seed))
    worst = {'forward': 0, 'backward': 0, 'differences': 0}
    problems, kinds, checked, skipped = [], {}, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(STACKS):
            rank, x, flip, layers = draw_stack(rng)
            ys = outputs(layers, x)
            options, loss, dy = draw_loss(rng, ys[-1], layers)
            command, got, why = run(wavenet, folder, x, rank, layers, flip, options)
            if got is None:
                problems.append(f'stack {number}: {" ".join(command[3:])}: {why}')
                continue
            forward = max([difference(g['output'], y) for g, y in zip(got['layers'], ys)] + [difference(got['loss'], loss)])
            backward = 0
            for i in range(len(layers) - 1, -1, -1):
                last_entropy = i == len(layers) - 1 and '--label' in options
                if not last_entropy: # there, 1 / y may be large
                    backward = max(backward, difference(got['layers'][i]['output_gradient'], dy))
                dy = layers[i][1].backward(dy)
                if hasattr(layers[i][1], 'w'):
                    backward = max(backward, difference(got['gradients'][f'{i + 1}.weight'], layers[i][1].dw),
                                   difference(got['gradients'][f'{i + 1}.bias'], layers[i][1].db))
            backward = max(backward, difference(got['gradients']['input'], dy))
            found = max(d['worst'] for d in got['check']['differences'])
            checked += sum(d['checked'] for d in got['check']['differences'])
            skipped += sum(d['skipped'] for d in got['check']['differences'])
            for text, _ in layers:
                kind = f'{rank}-D ' + re.match('[a-z-]+', text)[0]
                kinds[kind] = kinds.get(kind, 0) + 1
            for name, value, limit in (('forward', forward, FORWARD), ('backward', backward, BACKWARD),
                                       ('differences', found, DIFFERENCE)):
                worst[name] = max(worst[name], value)
                if not value <= limit:
                    problems.append(f'stack {number}: {name} {value:.3g}: {" ".join(command[3:])}')
    for problem in problems[:20]:
        print(problem)
    print(f'{STACKS} stacks, {sum(kinds.values())} layers; worst: ' + ', '.join(f'{k} {v:.2g}' for k, v in worst.items()) +
          f'; {checked} differences, {skipped} skipped at kinks')
    print(', '.join(f'{n} {k}' for k, n in sorted(kinds.items())))
    if skipped > 0.1 * checked or not checked:
        print('too many differences were skipped')
        return 1
    return 1 if problems else 0


sys.exit(main(*sys.argv[1:]))
