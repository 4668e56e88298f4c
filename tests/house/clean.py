# SPDX-License-Identifier: MIT
# clean.py - compile every source file once more, as the build does, with warnings as errors. Usage: clean.py BUILD
# Copyright (c) 2026 the wavenet authors
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys


def complaint(entry):
    """What the compiler says about one file of compile_commands.json, or ''."""
    words = shlex.split(entry['command'])
    words[words.index('-o') + 1] = os.devnull
    for flag in ('-MD', '-MQ', '-MF'):
        if flag in words:
            at = words.index(flag)
            del words[at:at + (1 if flag == '-MD' else 2)]
    done = subprocess.run(words + ['-Werror', '-fsyntax-only'], cwd=entry['directory'], capture_output=True, text=True)
    return done.stderr if done.returncode else ''


def main(build):
    with open(os.path.join(build, 'compile_commands.json')) as f:
        entries = [e for e in json.load(f) if e['file'].endswith('.c')]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = [c for c in pool.map(complaint, entries) if c]
    print('\n'.join(complaints))
    print(f'{len(entries)} files, {len(complaints)} with warnings')
    return 1 if complaints or not entries else 0


sys.exit(main(sys.argv[1]))
