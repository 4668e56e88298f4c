# SPDX-License-Identifier: MIT
# help.py - every subcommand explains itself, and bad usage is told from failure. Usage: help.py WAVENET
# Copyright (c) 2026 the wavenet authors
import re

from common import bad, check, finish, good, run

EXPECTED = {'analyze', 'generate', 'process', 'forward', 'score', 'compare', 'info', 'rf', 'verify', 'convert', 'train',
            'bench', 'capture', 'devices', 'live', 'play', 'list', 'vocode', 'conv', 'classify', 'say',
            'completion'}


def check_command(name):
    for option in ('-h', '--help'):
        out = good(name, option)
        check(f'Usage: wavenet {name} ' in out, name, option, 'has no usage line', out)
        check(f'Example:\n  wavenet {name} ' in out, name, option, 'has no example', out)
        check('--help' in out and max(map(len, out.splitlines())) <= 120, name, option, 'options or width', out)
    check(good('help', name) == out, name, 'wavenet help NAME differs')
    bad('--no-such-option', name, '--no-such-option', code=2)


def main():
    code, out, err = run()
    check(code == 2 and not out and 'Usage' in err, 'no arguments', code, out, err)
    for option in ('-h', '--help', 'help'):
        listed = good(option)
        names = set(re.findall(r'^  ([a-z]+) ', listed, re.M))
        check(EXPECTED <= names, option, 'misses', EXPECTED - names)
    for name in sorted(names):
        check_command(name)
    check(re.fullmatch(r'wavenet \d+\.\d+\.\d+\nkernels:( \w+)+\n', good('--version')), 'version')
    code, out, err = run('sing')
    check(code == 2 and not out and err.count('\n') == 1 and "'sing'" in err, 'unknown command', code, out, err)
    finish()


main()
