# SPDX-License-Identifier: MIT
# verify.py - wavenet verify --gradients passes on the shipped models and on a capture. Usage: verify.py WAVENET MODEL...
# Copyright (c) 2026 the wavenet authors
import json
import subprocess
import sys

problems = []
for model in sys.argv[2:]:
    done = subprocess.run([sys.argv[1], 'verify', model, '--gradients', '--json'], capture_output=True, text=True)
    found = json.loads(done.stdout) if done.returncode == 0 else {}
    worst = max((t['error'] for t in found.get('tensors', [])), default=None)
    print(model, done.returncode, len(found.get('tensors', [])), 'tensors, worst', worst, done.stderr)
    if not found.get('ok') or worst is None or worst > 1e-6 or found['output_error'] > 1e-6 or found['nearest_failure']:
        problems.append(model)
    if not any(t['largest'] > 0 for t in found.get('tensors', [])):
        problems.append(f'{model}: no gradient')
last = subprocess.run([sys.argv[1], 'verify', sys.argv[-1], '--gradients'], capture_output=True, text=True)
if last.returncode or not last.stdout.splitlines()[-1].startswith('ok: '):
    problems.append(last.stdout[-200:] + last.stderr)
print(f'{len(problems)} problems', *problems)
sys.exit(1 if problems or len(sys.argv) < 3 else 0)
