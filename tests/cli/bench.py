# SPDX-License-Identifier: MIT
# bench.py - speeds beside floors, shapes by name, tables of settings.
# Usage: bench.py WAVENET MAKE_MODEL [timing]      timing: what depends on speed, alone
# Copyright (c) 2026 the wavenet authors
import json
import os
import sys

from common import bad, check, finish, good, in_time, model, run

# Multiply-accumulates a sample: of captures from the format's own table, of the others as published for such networks.
EXACT = {'a1-standard': 13320, 'a1-lite': 6228, 'a1-feather': 2808, 'a1-nano': 732, 'a2-full': 11776, 'a2-lite': 1731}
MILLIONS = {'l24-r128-g256-s128-k3-mol-mel80': 3.17, 'l30-r128-g256-s128-k3-c256-mel80': 3.98,
            'l16-r64-g128-s256-k2-c256': 0.72, 'l20-r32-g64-s128-k2-c256': 0.28}
SMALL = 'l4-r16-g32-s16-k2-c32'


def measure(*options, repeats=1):
    return json.loads(good('bench', *options, '--repeats', repeats, '--json'))


def check_machine(machine):
    check(machine['cache_bytes'] == sorted(set(machine['cache_bytes'])) and machine['cache_bytes'], 'caches', machine)
    check(machine['kernels'] in machine['peak_gmacs'], 'the peak of the kernels', machine)
    levels = {f'L{i + 1}' for i in range(len(machine['cache_bytes']))} | {'memory'}
    check(set(machine['read_gbytes']) == levels, 'a bandwidth a cache', machine)
    for kind in ('peak_gmacs', 'int8_gmacs', 'bf16_gmacs', 'read_gbytes', 'function_ns'):
        check(all(0 < v < 1e6 for v in machine[kind].values()), kind, machine[kind])


def check_result(r, facts):
    for key in ('samples_per_second', 'gmacs', 'ns_per_sample', 'floor_ns', 'arithmetic_ns', 'bandwidth_ns',
                'percent_of_floor', 'percent_of_peak', 'stream_bytes', 'plan_seconds'):
        check(r[key] > 0, key, r)
    check((r['latency_ns'] > 0) == (r['kernels'] != 'c'), 'latency', r)
    check(r['spread_percent'] >= 0, 'spread', r)
    near = lambda a, b: abs(a - b) <= 1e-6 * abs(b)
    check(near(r['ns_per_sample'], 1e9 / r['samples_per_second']), 'ns a sample', r)
    check(near(r['gmacs'], r['samples_per_second'] * facts['macs_per_sample'] * 1e-9), 'GMAC/s', r)
    check(near(r['floor_ns'], max(r['arithmetic_ns'], r['bandwidth_ns'])), 'the floor that binds', r)
    check((r['floor_by'] == 'bandwidth') == (r['bandwidth_ns'] > r['arithmetic_ns']), 'which binds', r)
    check(near(r['percent_of_floor'], 100 * r['floor_ns'] / r['ns_per_sample']), 'share of the floor', r)
    rate = facts['sample_rate']
    check(near(r['real_time'], r['samples_per_second'] / r['voices'] / rate if rate else 0) or not rate, 'real time', r)


def check_report(report, n):
    check_machine(report['machine'])
    check(len(report['results']) == n, n, 'results were expected', len(report['results']))
    for r in report['results']:
        check_result(r, report['model'])


def settings(report, *keys):
    return [tuple(r[k] for k in keys) for r in report['results']]


def shapes():
    for name, expected in {**EXACT, **MILLIONS}.items():
        macs = json.loads(good('info', '--shape', name, '--json'))['multiply_adds_per_sample']
        check(macs == expected if name in EXACT else abs(macs * 1e-6 - expected) < 0.006, name, macs, expected)
    listed = good('bench', '--shape', 'list')
    check(all(f'\n{name} ' in '\n' + listed for name in {**EXACT, **MILLIONS}), 'list', listed)
    check('SHAPE is one of' in listed and 'SHAPE is one of' in good('bench', '-h'), 'what a shape is')


def as_captures():
    """The official captures, where they are at hand, are described as the shapes of their name are."""
    folder = os.environ.get('WAVENET_VECTORS')
    for name, shape in (('wavenet_a1_standard', 'a1-standard'), ('A2', 'a2-full')) if folder else ():
        file = os.path.join(folder, 'nam', name + '.nam')
        one, two = (json.loads(good('info', '--json', *which))['config'] for which in ((file,), ('--shape', shape)))
        for key in ('stacks', 'head', 'head_scale', 'condition', 'output'):
            check(one[key] == two[key], shape, key, one[key], two[key])


def tables():
    sizes, threads = (1, 16, 64, 256), (1, 2)
    report = measure('--shape', 'a1-nano', '--all')
    check_report(report, 8)
    check(settings(report, 'mode', 'threads', 'block') == [('blocks', t, b) for t in threads for b in sizes], 'all blocks')
    report = measure('--shape', SMALL, '--all', '--precision', 'f32')
    check_report(report, 16)
    generated = [(t, v) for t in threads for v in (1, 2, 4, 8)]
    check(settings(report, 'threads', 'voices')[:8] == generated, 'all voices', settings(report, 'threads', 'voices'))
    check(settings(report, 'mode')[8:] == [('blocks',)] * 8, 'then blocks')
    report = measure('--shape', SMALL, '--all', '--voices', 2, '--threads', 1, '--precision', 'f32')
    check(settings(report, 'mode', 'threads', 'voices') == [('generate', 1, 2)], 'what is given is kept')
    report = measure('--shape', 'l2-r64-g128-s64-k2-c32', '--all', '--voices', 1, '--threads', 1)
    check(settings(report, 'precision', 'threads') == [('f32', 1), ('bf16', 1), ('int8', 1)], 'all precisions', report)
    report = measure(model('classes'), '--all', '--block', 16)
    check(settings(report, 'mode', 'threads', 'block') == [('blocks', 1, 16), ('blocks', 2, 16)], 'blocks of 16')


def kinds():
    for name in ('l3-r8-g8-s8-k2-mol2-mel4', 'l3-r8-g8-s8-k2-gauss', 'a2-lite'):
        check_report(measure('--shape', name), 1)
    report = measure('--shape', SMALL, '--voices', 3, '--threads', 2)
    check(settings(report, 'mode', 'voices', 'threads') == [('generate', 3, 2)], 'voices and threads', report['results'])
    report = measure('--shape', 'l4-r64-g128-s64-k2-c256', '--voices', 1, '--threads', 2)
    check(settings(report, 'mode', 'voices', 'threads') == [('generate', 1, 2)], 'two threads of a voice', report['results'])
    report = measure(model('feedforward'), '--cpu', 'portable')
    check(report['machine']['kernels'] == report['results'][0]['kernels'] == 'portable', 'forced kernels')
    check(settings(report, 'mode', 'block') == [('blocks', 64)], 'blocks of 64 by default')
    code, out, err = run('bench', '--shape', 'a1-nano', '--precision', 'int8', '--repeats', 1)
    check(code == 0 and 'no layer is wide enough for int8' in err and 'of 64, int8' not in out, 'narrow', code, out, err)
    text = good('bench', '--shape', SMALL, '--repeats', 1)
    check('floor ns' in text and '\n1 voice ' in text and 'L1 ' in text and 'memory ' in text, 'the table', text)


def processes():
    """Several processes measure the same rows as one, and say how many they were."""
    one, three = (measure('--shape', SMALL, '--block', 8, '--processes', n) for n in (1, 3))
    check(one['processes'] == 1 and three['processes'] == 3, 'number', one, three)
    check([sorted(r) for r in one['results']] == [sorted(r) for r in three['results']], 'rows', one, three)
    check(three['results'][0]['samples_per_second'] > 0 and three['results'][0]['mode'] == 'blocks', 'measured', three)


def floors():
    """No network beats its floor, but for what the clock does between two readings; fewer bytes have a lower one."""
    for name in ('a1-standard', 'l16-r64-g128-s256-k2-c256'):
        percent = measure('--shape', name, repeats=9)['results'][0]['percent_of_floor']
        check(0 < percent < 130, name, percent)
    report = measure('--shape', 'l2-r64-g128-s64-k2-c32', '--all', '--voices', 1, '--threads', 1)
    one, two, three = (r['bandwidth_ns'] for r in report['results'])
    check(one > two > three, 'fewer bytes have a lower floor', one, two, three)


def refused():
    for name in ('', 'a1', 'l2-r4', 'l2-r4-g6-s5-k3-mol-x', 'l2-r4-g7-s5-k3-mol', 'l2-r4-g6-s5-k3-mol\nx'):
        bad('--shape', 'bench', '--shape', name)
    bad('channels', 'bench', '--shape', 'l2-r99999-g6-s5-k3-mol')
    bad('such field', 'info', '--shape', 'z9')
    bad('not both', 'bench', '--shape', SMALL, model('classes'), code=2)
    bad('is expected', 'bench', code=2)
    bad('is expected', 'info', code=2)
    for option, value in (('--block', 0), ('--block', 65537), ('--voices', 0), ('--threads', 0), ('--repeats', 0), ('--repeats', 100), ('--processes', 0), ('--processes', 100)):
        bad(option, 'bench', '--shape', SMALL, option, value, code=2)
    bad('given input', 'bench', '--shape', SMALL, '--block', 1, '--voices', 1, code=2)
    bad('fewer', 'bench', '--shape', SMALL, '--threads', 3, '--voices', 1, code=2)
    bad('generates nothing', 'bench', '--shape', 'a1-nano', '--voices', 2)
    bad('f32', 'bench', '--shape', SMALL, '--precision', 'f16')


if sys.argv[3:] == ['timing']:
    in_time(floors)
else:
    shapes()
    as_captures()
    kinds()
    tables()
    processes()
    refused()
finish()
