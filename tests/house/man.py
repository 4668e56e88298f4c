# SPDX-License-Identifier: MIT
# man.py - the manual page names every command and every option that the command itself explains. Usage: man.py PAGE WAVENET
# Copyright (c) 2026 the wavenet authors
import re
import subprocess
import sys


def said(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout + done.stderr


def main(page, wavenet):
    with open(page) as f:
        text = f.read()
    commands = re.findall(r'^  (\w+) +\S', said(wavenet, '--help'), re.M)
    missing = [c for c in commands if not re.search(rf'^\.It Cm {c}\b', text, re.M)]
    options = {o for c in commands for o in re.findall(r'^ .*?--([\w-]+)', said(wavenet, c, '-h'), re.M)}
    missing += [f'--{o}' for o in sorted(options) if not re.search(rf'Fl Fl {o}\b', text)]
    if missing:
        print('not in the manual page: ' + ' '.join(missing))
    print(f'{len(commands)} commands, {len(options)} options')
    return 1 if missing or not commands or not options else 0


sys.exit(main(*sys.argv[1:]))
