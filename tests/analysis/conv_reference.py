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

def fast_tanh(x):
    """A rational approximation that .nam files use, and its slope: an odd function of x."""
    a, b, c, d, e = 2.45550750702956, 0.893229853513558, 0.821226666969744, 2.44506634652299, 0.814642734961073
    z = np.abs(x)
    n, m = a * z + a * z ** 2 + b * z ** 3 + c * z ** 4, d + (d + z ** 2) * (z + e * z ** 2)
    dn = a + 2 * a * z + 3 * b * z ** 2 + 4 * c * z ** 3
    dm = 2 * z * (z + e * z ** 2) + (d + z ** 2) * (1 + 2 * e * z)
    return np.sign(x) * n / m, (dn * m - n * dm) / m ** 2


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
    'leaky-hard-tanh': (lambda x: np.clip(x, -1, 1) + 0.01 * (x - np.clip(x, -1, 1)), lambda x: np.where(np.abs(x) <= 1, 1, 0.01)),
    'fast-tanh': (lambda x: fast_tanh(x)[0], lambda x: fast_tanh(x)[1]),
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


def forward(layers, x):
    for _, layer in layers:
        x = layer.y = layer.forward(x)
    return x


def backward(layers, dy):
    for _, layer in reversed(layers):
        layer.dy = dy
        dy = layer.backward(dy)
    return dy


def middle(size, least):
    return [slice((n - m) // 2, (n - m) // 2 + m) for n, m in zip(size, least)]


class Branches:
    """The sum of lists of layers that read one input; of outputs that differ in size the middle is added, one by one."""

    def __init__(self, branches):
        self.branches = branches

    def text(self):
        return '(' + ' | '.join(' '.join(text for text, _ in branch) for branch in self.branches) + ')'

    def forward(self, x):
        self.x, total, self.cuts = x, None, []
        for branch in self.branches:
            y = forward(branch, x)
            if total is None:
                total = y
                continue
            least = tuple(map(min, y.shape, total.shape))
            old, new = middle(total.shape, least), middle(y.shape, least)
            self.cuts.append((total.shape, old, y.shape, new))
            total = total[tuple(old)] + y[tuple(new)]
        return total

    def backward(self, dy):
        dx = np.zeros(self.x.shape)
        for branch, cut in zip(reversed(self.branches[1:]), reversed(self.cuts)):
            old, new = np.zeros(cut[0]), np.zeros(cut[2])
            old[tuple(cut[1])] = new[tuple(cut[3])] = dy
            dx += backward(branch, new)
            dy = old
        return dx + backward(self.branches[0], dy)


def flat(layers):
    """All layers in the order of the command's table: a sum after its branches."""
    for text, layer in layers:
        for branch in getattr(layer, 'branches', []):
            yield from flat(branch)
        yield text, layer


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


def draw_layer(rng, shape, rank, flip):
    """(text, layer), or None where it does not fit."""
    kind = str(rng.choice(['conv', 'conv', 'tconv', 'pool', 'avgpool', 'act', 'act']))
    if kind != 'act':
        return draw_window(rng, kind, shape, rank, flip)
    name = str(rng.choice(list(ACTIVATIONS)))
    return name, Pointwise(name)


def draw_branches(rng, x, rank, flip, depth):
    """Two or three branches whose outputs have as many channels; an empty one is the input."""
    branches = []
    while len(branches) < 2 or (len(branches) < 3 and rng.random() < 0.4):
        branch = draw_series(rng, x, rank, flip, int(rng.integers(0, 3)), depth)
        channels = forward(branch, x).shape[0]
        if not branches or channels == forward(branches[0], x).shape[0]:
            branches.append(branch)
    return Branches(branches)


def draw_series(rng, x, rank, flip, wanted, depth):
    layers = []
    while len(layers) < wanted:
        y = forward(layers, x)
        if depth < 2 and rng.random() < 0.12:
            branches = draw_branches(rng, y, rank, flip, depth + 1)
            layers.append((branches.text(), branches))
            continue
        drawn = draw_layer(rng, y.shape, rank, flip)
        if drawn:
            layers.append(drawn)
    return layers


def draw_stack(rng):
    """(rank, input, flip, [(text, layer)])."""
    rank, flip = int(rng.integers(1, 3)), rng.random() < 0.3
    size = rng.integers(3, 8, 2) if rank == 2 else (1, int(rng.integers(4, 14)))
    x = rng.normal(size=(int(rng.integers(1, 4)), *size))
    layers = draw_series(rng, x, rank, flip, int(rng.integers(1, 6)), 0)
    y = forward(layers, x)
    if rng.random() < 0.4:
        n = int(rng.integers(2, 5))
        layers.append((f'dense{n}', Dense(rng.normal(size=(n, y.size)) / y.size ** 0.5, rng.normal(size=n))))
    if rng.random() < 0.4:
        layers.append(('softmax', Softmax()))
    return rank, x, flip, layers


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
    numbered = [layer for _, layer in flat(layers) if not hasattr(layer, 'branches')]
    for i, layer in enumerate(numbered, 1):
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
            y = forward(layers, x)
            options, loss, dy = draw_loss(rng, y, layers)
            command, got, why = run(wavenet, folder, x, rank, layers, flip, options)
            if got is None:
                problems.append(f'stack {number}: {" ".join(command[3:])}: {why}')
                continue
            dx, every = backward(layers, dy), list(flat(layers))
            if len(every) != len(got['layers']):
                problems.append(f'stack {number}: {len(got["layers"])} layers: {" ".join(command[3:])}')
                continue
            there = max([difference(g['output'], layer.y) for g, (_, layer) in zip(got['layers'], every)] +
                        [difference(got['loss'], loss)])
            back = difference(got['gradients']['input'], dx)
            for g, (_, layer) in zip(got['layers'], every):
                if not (g is got['layers'][-1] and '--label' in options): # there, 1 / y may be large
                    back = max(back, difference(g['output_gradient'], layer.dy))
                if hasattr(layer, 'w'):
                    back = max(back, difference(got['gradients'][f'{g["layer"]}.weight'], layer.dw),
                               difference(got['gradients'][f'{g["layer"]}.bias'], layer.db))
            found = max(d['worst'] for d in got['check']['differences'])
            checked += sum(d['checked'] for d in got['check']['differences'])
            skipped += sum(d['skipped'] for d in got['check']['differences'])
            for text, _ in every:
                kind = f'{rank}-D ' + ('sum' if text[0] == '(' else re.match('[a-z-]+', text)[0])
                kinds[kind] = kinds.get(kind, 0) + 1
            for name, value, limit in (('forward', there, FORWARD), ('backward', back, BACKWARD),
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
