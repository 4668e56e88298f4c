# SPDX-License-Identifier: MIT
# program.py - `info --program`: every operation once, and the executor that the shape and the block call for.
# Usage: program.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import re

from common import bad, check, finish, good

GENERATES = 'l4-r32-g64-s32-k2-c256-h64-mel8-up'


def program(*options):
    """The lines of operations: (name, shape, rest)."""
    text = good('info', '--program', *options)
    lines = re.findall(r'^ *(\d+)  (\S+) +((?:conv|embed|activate|gate|blend|add|scale|film) .*?)  +(.*)$', text, re.M)
    check([int(n) for n, *_ in lines] == list(range(len(lines))) and lines, 'operations in order', text)
    count = int(re.search(r'^program +(\d+) operations', text, re.M).group(1))
    check(count == len(lines), 'all of them', count, len(lines))
    return [line[1:] for line in lines]


def executors(lines):
    return {e for e in ('planar', 'fused', 'interleaved') for line in lines if re.search(rf'\b{e}\b', line[2])}


def main():
    # The C reference counts as the widest set; kernels of eight lanes run this capture interleaved.
    capture = program('--shape', 'a1-standard', '--block', 64, '--cpu', 'c')
    check(executors(capture) == {'planar'}, 'a capture in blocks', executors(capture))
    check(any('with the next 5' in rest and name.endswith('mixin') for name, _, rest in capture), 'a layer in one call')
    check(any('into the next ring' in rest for *_, rest in capture), 'a result in a ring')
    check(sum('activation' in name for name, *_ in capture) == 20, 'an activation per layer')
    single = program('--shape', 'a1-standard', '--block', 1)
    check(executors(single) == {'fused'} and len(single) == len(capture), 'a capture in frames', executors(single))
    check([line[:2] for line in single] == [line[:2] for line in capture], 'the operations are the same')
    wide = program('--shape', GENERATES)
    check(executors(wide) == {'interleaved'}, 'generation', executors(wide))
    check(sum('one of 4 mixins of the stack, 8 frames ahead' in rest for *_, rest in wide) == 4, 'mixins', wide)
    check(sum('one of 4 skips of the stack' in rest for *_, rest in wide) == 4, 'skips', wide)
    check(any('past taps 8 frames ahead' in rest for *_, rest in wide), 'past taps', wide)
    int8 = program('--shape', GENERATES, '--precision', 'int8')
    formats = {name: rest.split()[0] for name, shape, rest in int8 if shape.startswith('conv')}
    check(formats['stacks.0.layers.1.conv'] == 'int8' and formats['head.1'] == 'bf16', 'formats of weights', formats)
    check(formats['stacks.0.layers.1.mixin'] == 'f32', 'a narrow product', formats)
    voices = program('--shape', GENERATES, '--voices', 8)
    check(not any('ahead' in rest for *_, rest in voices), 'eight voices do nothing ahead', voices)
    bad('precision', 'info', '--shape', 'a1-nano', '--program', '--precision', 'int9')
    bad('voices', 'info', '--shape', 'a1-nano', '--program', '--voices', -1)
    finish()


main()
