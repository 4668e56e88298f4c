# SPDX-License-Identifier: MIT
# nam_reference.py - what a .nam capture computes, in double precision, from the description of the format alone.
# Copyright (c) 2026 the wavenet authors
"""Signals are arrays [channels][frames], conv weights [out][in][tap], tap 0 the oldest. The weights of a file are one flat
list; what reads them is a source with take(count, fan_in, positive), so that the same code can draw them, too
(nam_random_models.py)."""
import numpy as np

FILMS = ('conv_pre_film', 'conv_post_film', 'input_mixin_pre_film', 'input_mixin_post_film', 'activation_pre_film',
         'activation_post_film', 'layer1x1_post_film', 'head1x1_post_film')


class Listed:
    """The weights of a file, taken in order, as float32."""

    def __init__(self, weights):
        self.left = np.array(weights, np.float32).astype(np.float64)

    def take(self, count, fan_in, positive=False):
        assert len(self.left) >= count, f'{len(self.left)} weights left, {count} wanted'
        taken, self.left = self.left[:count], self.left[count:]
        return taken


# ---- activations ------------------------------------------------------------------------------------------------

def sigmoid(x):
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def fast_tanh(x):
    a = np.abs(x)
    above = x * (2.45550750702956 * (1 + a) + (0.893229853513558 + 0.821226666969744 * a) * a * a)
    return above / (2.44506634652299 + (2.44506634652299 + a * a) * (a + 0.814642734961073 * a * a))


def leaky_hard_tanh(x, min_val=-1.0, max_val=1.0, min_slope=0.01, max_slope=0.01, **_):
    return np.clip(x, min_val, max_val) + min_slope * np.minimum(x - min_val, 0) + max_slope * np.maximum(x - max_val, 0)


def leaky_relu(x, negative_slope=0.01, **_):
    return np.where(x > 0, x, negative_slope * x)


def prelu(x, negative_slope=0.01, negative_slopes=None, **_):
    return leaky_relu(x, negative_slope if negative_slopes is None else np.array(negative_slopes)[:, None])


ACTIVATIONS = {
    'Tanh': lambda x, **_: np.tanh(x),
    'Hardtanh': lambda x, **_: np.clip(x, -1, 1),
    'Fasttanh': lambda x, **_: fast_tanh(x),
    'ReLU': lambda x, **_: np.maximum(x, 0),
    'LeakyReLU': leaky_relu,
    'PReLU': prelu,
    'Sigmoid': lambda x, **_: sigmoid(x),
    'SiLU': lambda x, **_: x * sigmoid(x),
    'Hardswish': lambda x, **_: x * np.clip(x + 3, 0, 6) / 6,
    'LeakyHardtanh': leaky_hard_tanh,
    'LeakyHardTanh': leaky_hard_tanh,
    'Softsign': lambda x, **_: x / (1 + np.abs(x)),
}


def activate(x, activation):
    if isinstance(activation, str):
        activation = {'type': activation}
    return ACTIVATIONS[activation['type']](x, **{k: v for k, v in activation.items() if k != 'type'})


# ---- convolutions -----------------------------------------------------------------------------------------------

class Conv:
    """A causal convolution, its weights taken from `source`; only the first `keep` (outputs, inputs) are kept."""

    def __init__(self, source, inputs, outputs, kernel=1, dilation=1, groups=1, bias=False, keep=None):
        assert inputs % groups == 0 and outputs % groups == 0
        i, o = inputs // groups, outputs // groups
        taken = source.take(outputs * i * kernel, i * kernel).reshape(groups, o, i, kernel)
        weight = np.zeros((outputs, inputs, kernel))
        for g in range(groups):
            weight[g * o:(g + 1) * o, g * i:(g + 1) * i] = taken[g]
        kept_out, kept_in = keep or (outputs, inputs)
        self.weight, self.dilation = weight[:kept_out, :kept_in], dilation
        self.bias = source.take(outputs, i * kernel)[:kept_out] if bias else np.zeros(kept_out)

    def __call__(self, x, settled):
        """Before the first frame lies silence: that of the conv's own input if settled, else zeros."""
        frames, kernel = x.shape[1], self.weight.shape[2]
        reach = self.dilation * (kernel - 1)
        past = np.repeat(x[:, :1], reach, 1) if settled else np.zeros((len(x), reach))
        x = np.concatenate([past, x], 1)
        return self.bias[:, None] + sum(self.weight[:, :, k] @ x[:, k * self.dilation:][:, :frames] for k in range(kernel))


def film(source, config, condition, width, kept):
    """Scale and shift of `width` channels, of which `kept` are kept, as a function of (x, c); does nothing where inactive."""
    config = config if isinstance(config, dict) else {'active': bool(config)}
    if not config.get('active', True):
        return lambda x, c: x
    parts = 2 if config.get('shift', True) else 1
    conv = Conv(source, condition, parts * width, groups=config.get('groups', 1), bias=True,
                keep=(parts * kept, condition))

    def modulate(x, c):
        y = conv(c, False)
        return x * y[:kept] + (y[kept:] if parts == 2 else 0)
    return modulate


# ---- WaveNet ----------------------------------------------------------------------------------------------------

def listed(value, n):
    """One value for each of n layers."""
    return value if isinstance(value, list) else [value] * n


def gating_of(array, n):
    """(mode, secondary activation) of each layer, in new or old keys."""
    old = 'gated' if array.get('gated', False) else 'none'
    second = listed(array.get('secondary_activation') if 'gating_mode' in array else None, n)
    return [(mode, s or 'Sigmoid') for mode, s in zip(listed(array.get('gating_mode', old), n), second)]


def head_of(array):
    """(outputs, kernel, bias, dilation) of the array's head, in new or old keys."""
    head = array.get('head')
    if head is None:
        return array['head_size'], 1, array['head_bias'], 1
    return head['out_channels'], head['kernel_size'], head['bias'], head.get('head_dilation', 1)


def kept_channels(array, slim):
    """How many of the array's channels are left at `slim`, 0 .. 1."""
    slimmable = array.get('slimmable')
    if not slimmable:
        return array['channels']
    allowed = slimmable.get('kwargs', {}).get('allowed_channels', list(range(1, array['channels'] + 1)))
    return allowed[min(int(np.floor(slim * len(allowed))), len(allowed) - 1)]


class Layer:
    def __init__(self, source, array, index, gating, C, c):
        """C channels, of which c are kept."""
        n, S, B = len(array['dilations']), array['condition_size'], array.get('bottleneck', C)
        one, head = array.get('layer1x1', {'active': True, 'groups': 1}), array.get('head1x1', {'active': False})
        self.b = b = max(1, B * c // C) if one['active'] else c if c < C else B
        self.mode, self.second = gating
        self.act = listed(array['activation'], n)[index]
        Z, z = (B, b) if self.mode == 'none' else (2 * B, 2 * b)
        kernel = array['kernel_sizes'][index] if 'kernel_sizes' in array else array['kernel_size']
        self.conv = Conv(source, C, Z, kernel, array['dilations'][index], array.get('groups_input', 1), True, (z, c))
        self.mixin = Conv(source, S, Z, groups=array.get('groups_input_mixin', 1), keep=(z, S))
        self.one = Conv(source, B, C, groups=one['groups'], bias=True, keep=(c, b)) if one['active'] else None
        H = head['out_channels'] if head['active'] else B
        self.head = Conv(source, B, H, groups=head['groups'], bias=True, keep=(H, b)) if head['active'] else None
        self.head_width = H if head['active'] else b
        widths = [(C, c), (Z, z), (S, S), (Z, z), (Z, z), (B, b), (C, c), (H, H)]
        self.film = {name: film(source, array.get(name, False), S, *width) for name, width in zip(FILMS, widths)}

    def __call__(self, y, c, settled):
        """Output to the next layer, and to the head."""
        films, b = self.film, self.b
        u = films['conv_post_film'](self.conv(films['conv_pre_film'](y, c), settled), c)
        m = films['input_mixin_post_film'](self.mixin(films['input_mixin_pre_film'](c, c), settled), c)
        z = films['activation_pre_film'](u + m, c)
        if self.mode == 'none':
            z = activate(z, self.act)
        elif self.mode == 'gated':
            z = activate(z[:b], self.act) * activate(z[b:], self.second)
        else:
            a = activate(z[b:], self.second)
            z = a * activate(z[:b], self.act) + (1 - a) * z[:b]
        z = films['activation_post_film'](z, c)
        head = films['head1x1_post_film'](self.head(z, settled), c) if self.head else z
        if self.one:
            residual = self.one(z, settled)
            # The player everybody hears applies this one in blended layers only, and so do we.
            y = y + (films['layer1x1_post_film'](residual, c) if self.mode == 'blended' else residual)
        return y, head


class Wavenet:
    def __init__(self, file, source, slim, nested):
        config = file['config']
        self.nested = nested
        arrays = config['layers']
        kept = [kept_channels(a, slim) for a in arrays]
        self.arrays = []
        for i, array in enumerate(arrays):
            C, c, n = array['channels'], kept[i], len(array['dilations'])
            outputs, kernel, bias, dilation = head_of(array)
            rechannel = Conv(source, array['input_size'], C, keep=(c, kept[i - 1] if i else array['input_size']))
            layers = [Layer(source, array, j, gating, C, c) for j, gating in enumerate(gating_of(array, n))]
            cut = kept != [a['channels'] for a in arrays] and i + 1 < len(arrays)
            width = array['head1x1']['out_channels'] if layers[0].head else array.get('bottleneck', C)
            head = Conv(source, width, outputs, kernel, dilation, 1, bias,
                        (kept[i + 1] if cut else outputs, layers[0].head_width))
            self.arrays.append((rechannel, layers, head))
        self.head = []
        if config.get('head'):
            last, width = config['head'], outputs
            for kernel in last['kernel_sizes']:
                to = last['out_channels'] if len(self.head) + 1 == len(last['kernel_sizes']) else last['channels']
                self.head.append((last['activation'], Conv(source, width, to, kernel, bias=True)))
                width = to
        self.scale = source.take(1, 1)[0]

    def __call__(self, x, settled):
        c = self.nested(x, settled) if self.nested else x
        y, head = x, 0
        for rechannel, layers, head_conv in self.arrays:
            y = rechannel(y, settled)
            for layer in layers:
                y, out = layer(y, c, settled)
                head = head + out
            head = head_conv(head, settled)
        head = self.scale * head
        for activation, conv in self.head:
            head = conv(activate(head, activation), settled)
        return head


# ---- the other architectures ------------------------------------------------------------------------------------

class ConvNet:
    def __init__(self, file, source):
        config = file['config']
        C, width = config['channels'], 1
        self.act, self.blocks = config['activation'], []
        for dilation in config['dilations']:
            conv = Conv(source, width, C, 2, dilation, config.get('groups', 1), not config['batchnorm'])
            scale, shift = np.ones(C), np.zeros(C)
            if config['batchnorm']:
                mean, variance = source.take(C, 1), source.take(C, 1, positive=True)
                gamma, beta = source.take(C, 1), source.take(C, 1)
                scale = gamma / np.sqrt(variance + source.take(1, 1, positive=True))
                shift = beta - scale * mean
            self.blocks.append((conv, scale[:, None], shift[:, None]))
            width = C
        self.head = Conv(source, C, 1, bias=True)

    def __call__(self, x, settled):
        for conv, scale, shift in self.blocks:
            x = activate(conv(x, settled) * scale + shift, self.act)
        return self.head(x, settled)


class Linear:
    def __init__(self, file, source):
        n = file['config']['receptive_field']
        self.conv = Conv(source, 1, 1, n, bias=file['config']['bias'])
        self.conv.weight = self.conv.weight[:, :, ::-1]  # the file has the newest tap first

    def __call__(self, x, settled):
        return self.conv(x, settled)


class Sequential:
    def __init__(self, networks):
        self.networks = networks

    def __call__(self, x, settled):
        for network in self.networks:
            x = network(x, settled)
        return x


def build(file, slim=1.0, source_of=lambda file: Listed(file['weights'])):
    """The network of a file, as a function of (signal, settled)."""
    if file['architecture'] == 'Sequential':
        return Sequential([build(model, 1.0, source_of) for model in file['config']['models']])
    if file['architecture'] == 'SlimmableContainer':
        models = file['config']['submodels']
        chosen = next((m for m in models if slim < m['max_value']), models[-1])
        return build(chosen['model'], 1.0, source_of)
    source = source_of(file)
    if file['architecture'] == 'WaveNet':
        nested = file['config'].get('condition_dsp')
        network = Wavenet(file, source, slim, build(nested, 1.0, source_of) if nested else None)
    else:
        network = {'ConvNet': ConvNet, 'Linear': Linear}[file['architecture']](file, source)
    assert not isinstance(source, Listed) or not len(source.left), f'{len(source.left)} weights are left over'
    return network


def render(network, signal, prewarm=True):
    """The output for `signal` [in channels][frames]. Prewarmed: as after infinitely long silence, which one frame of
    silence amounts to when every conv takes its past to have been like its first frame."""
    if not prewarm:
        return network(signal, False)
    return network(np.concatenate([np.zeros((len(signal), 1)), signal], 1), True)[:, 1:]
