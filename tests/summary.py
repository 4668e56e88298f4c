# SPDX-License-Identifier: MIT
# summary.py - read the test logs of several builds; list what failed and what was skipped, and why; count.
# Copyright (c) 2026 the wavenet authors
import json
import os
import sys

PASSED, SKIPPED = ('OK', 'EXPECTEDFAIL'), ('SKIP',)


def results(folder):
    """Yield (name, result, last line it printed) for every test of a build, or one failure if the build is broken."""
    broken = os.path.join(folder, 'broken')
    if os.path.exists(broken):
        with open(broken) as f:
            yield folder, 'BROKEN', f.read().strip()
        return
    warnings = os.path.join(folder, 'warnings')
    if os.path.exists(warnings) and os.path.getsize(warnings):
        with open(warnings) as f:
            yield folder, 'WARNINGS', f.readline().strip()
    skipped = os.path.join(folder, 'skipped')
    if os.path.exists(skipped):
        with open(skipped) as f:
            yield folder, 'SKIP', f.read().strip()
        return
    log = os.path.join(folder, 'meson-logs', 'testlog.json')
    if not os.path.exists(log):
        return
    with open(log) as f:
        for line in f:
            test = json.loads(line)
            said = (test.get('stdout') or test.get('stderr') or '').strip().splitlines()
            yield f"{folder}: {test['name'].split(' / ')[-1]}", test['result'], said[-1] if said else ''


def main(folders):
    everything = [r for folder in folders for r in results(folder)]
    passed = [r for r in everything if r[1] in PASSED]
    skipped = [r for r in everything if r[1] in SKIPPED]
    failed = [r for r in everything if r[1] not in PASSED + SKIPPED]
    for name, _, why in skipped:
        print(f'skipped  {name}: {why or "(no reason given)"}')
    for name, result, why in failed:
        print(f'failed   {name} ({result}): {why}')
    print(f'{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped')
    return 1 if failed or not passed else 0


sys.exit(main(sys.argv[1:]))
