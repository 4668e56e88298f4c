# SPDX-License-Identifier: MIT
# readme.py - run every command of a document, in an empty folder, against the installed build; compare what it prints.
# Copyright (c) 2026 the wavenet authors
#
# Usage: readme.py ROOT BUILD PREFIX DOCUMENT...
#
# Each document has a folder of its own. A fenced block ```console holds commands ("$ command", a final backslash continues)
# and what they print, stdout and stderr together. "..." stands for any text, alone on a line for any lines, between or behind
# commas for any entries of a list or none; a command without output may print anything. In a block ```console varies, what
# depends on the machine may differ (see MACHINE): speeds, sizes of caches, and what a training run gives. So may it in every
# block where the only kernels are those without FMA: theirs are other samples.
# A block ```LANGUAGE FILE is written to FILE first, so that commands after it can use it. Every other block is left alone.
import os
import re
import subprocess
import sys
import tempfile


# (what depends on the machine, what stands for it), in the order in which they are replaced.
MACHINE = (
    (r'\b(c|portable|avx2|avx512|neon)\b(?= kernels| \d)', 'SET'),
    (r'\b(arithmetic|memory|L\d)\b', 'BOUND'),  # what a floor is set by, and levels of caches
    (r'\b[kKMG]i?B\b', 'UNIT'),
    (r'-?\d+(:\d+)*(\.\d+)?(e[-+]\d+)?', '#'),
    (r'(# h # min|# min # s)\b', '# s'),
    (r'[ \t]+', ' '),
)

# What a slow machine prints on the way.
PROGRESS = re.compile(r'wavenet \w+: +\d+ %,')


def blocks(text):
    """Yield (language, file name or '', body) of every fenced block."""
    for language, name, body in re.findall(r'^```(\w*)[ \t]*(\S*)\n(.*?)^```$', text, re.M | re.S):
        yield language, name, body


def commands(body):
    """Split a console block into (command, expected output)."""
    command, output, found = None, [], []
    more = False
    for line in body.splitlines():
        if more or line.startswith('$ '):
            if not more:
                if command is not None:
                    found.append((command, '\n'.join(output)))
                command, output = '', []
            command += line if more else line[2:]
            more = line.endswith('\\')
            command += '\n' if more else ''
        else:
            output.append(line)
    return found + [(command, '\n'.join(output))] if command is not None else found


def loosely(text):
    """The text with everything that depends on the machine replaced."""
    for what, by in MACHINE:
        text = re.sub(what, by, text)
    return text


ANY = {'...': '.*?', '..., ': '(?:.*?, )?', ', ...': '(?:, .*)?'}


def pattern(expected):
    """A regular expression for an expected output with its "..."."""
    lines = []
    for line in expected.strip('\n').splitlines():
        if line.strip() == '...':
            lines.append(r'(?:.*\n)*?')
        else:
            parts = re.split(r'(, \.\.\.$|\.\.\., |\.\.\.)', line.rstrip())
            lines.append(''.join(ANY.get(p, re.escape(p)) for p in parts) + r'[ \t]*\n')
    return re.compile(''.join(lines) + r'\Z')


def install(build, prefix, stage):
    """Install the build below `stage`; return the environment in which its command and library are found."""
    environment = dict(os.environ, DESTDIR=stage)
    done = subprocess.run(['meson', 'install', '-C', build, '--no-rebuild', '--quiet'], env=environment, capture_output=True,
                          text=True)
    if done.returncode:
        sys.exit('meson install failed: ' + done.stdout + done.stderr)
    there = stage + prefix
    configs = None
    for folder, _, names in os.walk(there):
        for name in names:
            if name.endswith('.pc'):
                configs = folder
                path = os.path.join(folder, name)
                with open(path) as f:
                    text = f.read()
                with open(path, 'w') as f:
                    f.write(re.sub(r'^prefix=.*$', 'prefix=' + there, text, flags=re.M))
    return dict(os.environ, PATH=os.path.join(there, 'bin') + ':' + os.environ['PATH'], PKG_CONFIG_PATH=configs or '',
                LD_LIBRARY_PATH=os.path.dirname(configs or ''), LC_ALL='C')


def run(command, expected, varies, folder, environment):
    """What is wrong with one command, or ''."""
    done = subprocess.run(['bash', '-c', command], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    output = done.stdout.decode('utf-8', 'replace')
    if done.returncode:
        return f'exit status {done.returncode}:\n{output}'
    lines = [line.rstrip() for line in output.rstrip().splitlines() if not PROGRESS.match(line)]
    said = '\n'.join(lines) + '\n'
    same = loosely if varies else str
    if expected.strip() and not pattern(same(expected)).match(same(said.lstrip('\n'))):
        return f'printed\n{said}\nbut the document says\n{expected}'
    return ''


def check(document, folder, environment, inexact):
    """Run one document in `folder`; return the number of its commands and of those that failed."""
    with open(document) as f:
        text = f.read()
    count, failed = 0, 0
    for language, name, body in blocks(text):
        varies = language == 'console' and (name == 'varies' or inexact)
        if name and language != 'console':
            with open(os.path.join(folder, name), 'w') as f:
                f.write(body)
        for command, expected in commands(body) if language == 'console' else ():
            count += 1
            wrong = run(command, expected, varies, folder, environment)
            if wrong:
                failed += 1
                print(f'{os.path.basename(document)}:\n$ {command}\n{wrong}\n')
    return count, failed


def main(root, build, prefix, *documents):
    failures = 0
    with tempfile.TemporaryDirectory() as work:
        environment = install(build, prefix, os.path.join(work, 'stage'))
        version = subprocess.run(['wavenet', '--version'], env=environment, capture_output=True, text=True, check=True).stdout
        for document in documents:
            folder = os.path.join(work, os.path.basename(document))
            os.mkdir(folder)
            for shared in ('models', 'audio', 'tests'):
                if os.path.isdir(os.path.join(root, shared)):
                    os.symlink(os.path.join(root, shared), os.path.join(folder, shared))
            count, failed = check(document, folder, environment, 'kernels: portable' in version)
            print(f'{os.path.basename(document)}: {count} commands, {failed} failed')
            failures += failed or not count
    return 1 if failures or not documents else 0


sys.exit(main(*sys.argv[1:]))
