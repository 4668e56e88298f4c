# SPDX-License-Identifier: MIT
# targets.py - the files a build must make before the tests of some suites can run. Usage: targets.py BUILD SUITE...
# Copyright (c) 2026 the wavenet authors
import json
import os
import subprocess
import sys


def ask(build, what):
    return json.loads(subprocess.run(['meson', 'introspect', build, what], capture_output=True, check=True).stdout)


def main(build, *suites):
    made = {target['id']: target['filename'] for target in ask(build, '--targets')}
    wanted = {name for test in ask(build, '--tests') for entry in test['suite'] if entry.split(':')[-1] in suites
              for needed in test['depends'] for name in made.get(needed, [])}
    print('\n'.join(sorted(os.path.relpath(name, build) for name in wanted)))


main(*sys.argv[1:])
