# SPDX-License-Identifier: MIT
# format.py - every C file is as clang-format 14 with the project's file writes it. Usage: format.py [--fix] ROOT
# Copyright (c) 2026 the wavenet authors
import collections
import re
import shutil
import subprocess
import sys

from sources import files

VERSION = 14  # others format some constructs differently


def find_clang_format():
    for name in (f'clang-format-{VERSION}', 'clang-format'):
        path = shutil.which(name)
        if path:
            told = subprocess.run([path, '--version'], capture_output=True, text=True).stdout
            found = re.search(r'version (\d+)', told)
            if found and int(found[1]) == VERSION:
                return path
    return None


def main(*args):
    root = args[-1]
    program = find_clang_format()
    if not program:
        print(f'skipped: no clang-format of version {VERSION} (Debian: clang-format-{VERSION})')
        return 77
    sources = [n for n in files(root) if n.endswith(('.c', '.h'))]
    if '--fix' in args:
        return subprocess.run([program, '-i', '--style=file', *sources], cwd=root).returncode
    done = subprocess.run([program, '--dry-run', '--style=file', *sources], cwd=root, capture_output=True, text=True)
    places = collections.OrderedDict()
    for name, line in re.findall(r'^(.*?):(\d+):\d+: \w+: code should be clang-formatted', done.stderr, re.M):
        places.setdefault(name, []).append(line)
    for name, lines in places.items():
        print(f'{name}: {len(lines)} places, the first in line {lines[0]}')
    if done.returncode:
        print(done.stderr[-2000:])
    print(f'{len(sources)} files, {len(places)} that clang-format changes ("tests/house/format.py --fix ." does)')
    return 1 if places or done.returncode or not sources else 0


sys.exit(main(*sys.argv[1:]))
