# SPDX-License-Identifier: MIT
# double_names.py - every function of the trainer in double has a name of its own. Usage: double_names.py LIBRARY
# Copyright (c) 2026 the wavenet authors
import subprocess
import sys

listed = subprocess.run(['nm', '-g', '--defined-only', sys.argv[1]], capture_output=True, text=True, check=True).stdout
names = {line.split()[-1] for line in listed.splitlines() if len(line.split()) == 3}
names = {n for n in names if n.startswith('wn_') and '.' not in n}
wrong = sorted(n for n in names if not n.endswith('_double') and not n.startswith('wn_gradient_check_'))
print(f'{len(names)} functions; without a name of its own: {" ".join(wrong) or "none"} (src/train/double_names.h)')
sys.exit(1 if wrong or len(names) < 20 else 0)
