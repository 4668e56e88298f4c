# SPDX-License-Identifier: MIT
# rules.py - the rules of the source that a compiler does not check. Usage: rules.py includes|licence|places|links ROOT
# Copyright (c) 2026 the wavenet authors
import os
import re
import subprocess
import sys

# Which folder of src may name which other folder's headers.
MAY_INCLUDE = {
    'base': set(),
    'kernels': {'base'},
    'model': {'base'},
    'format': {'base', 'model'},
    'engine': {'base', 'kernels', 'model'},
    'dsp': {'base'},
    'play': {'base', 'model', 'engine', 'dsp'},
    'audio': {'base', 'model', 'engine', 'dsp', 'play'},
    'analysis': {'base', 'model', 'engine', 'dsp'},
    'train': {'base', 'kernels', 'model', 'format', 'engine', 'audio', 'analysis'},
    'bench': {'base', 'kernels', 'model', 'format', 'engine', 'play'},
    'cli': {'base', 'kernels', 'model', 'format', 'engine', 'dsp', 'play', 'audio', 'analysis', 'train', 'bench'},
}
# What an embedder links is libm and jansson; every other library has the folders that may use it.
FOREIGN = {
    'jansson.h': {'format', 'train', 'bench', 'cli', 'analysis'},
    'sndfile.h': {'audio'},
    'soxr.h': {'audio'},
    'portaudio.h': {'audio'},
    'rtmidi_c.h': {'audio'},
    'fftw3.h': {'analysis'},
    'cairo.h': {'analysis'},
    'popt.h': {'cli'},
}
LOW = {'base', 'kernels', 'model', 'format', 'engine', 'dsp', 'play'}  # may not know the header of the second library

SOURCE = ('.c', '.h', '.py', '.sh', '.build', 'meson_options.txt')
FIRST_FOLDERS = {'usr', 'etc', 'tmp', 'dev', 'proc', 'sys', 'opt', 'var', 'bin', 'lib', 'include', 'nonexistent'}


def files(root):
    """Every tracked file, or every file outside the build folders where there is no git."""
    try:
        listed = subprocess.run(['git', '-C', root, 'ls-files', '-z'], capture_output=True, check=True).stdout
        names = [n for n in listed.decode().split('\0') if n]
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, folders, here in os.walk(root):
            folders[:] = [f for f in folders if not f.startswith('build') and f not in ('.git', '__pycache__')]
            names += [os.path.relpath(os.path.join(folder, f), root) for f in here]
    return [n for n in names if os.path.isfile(os.path.join(root, n))]


def text(root, name):
    """The file's text, or None if it is not text."""
    with open(os.path.join(root, name), 'rb') as f:
        data = f.read()
    if b'\0' in data:
        return None
    return data.decode('utf-8', 'replace')


def owner(root, name, included):
    """The folder of src that a quoted #include of file `name` leads to, 'include' for a public header, or None."""
    beside = os.path.normpath(os.path.join(os.path.dirname(name), included))
    for path in (beside, os.path.normpath(os.path.join('src', included)), os.path.join('include', included)):
        if os.path.isfile(os.path.join(root, path)):
            parts = path.split(os.sep)
            return 'include' if parts[0] == 'include' else parts[1]
    return None


def check_includes(root):
    """Problems with who includes whom, one line each, and the number of includes looked at."""
    problems, looked = [], 0
    for name in files(root):
        parts = name.split('/')
        if parts[0] != 'src' or len(parts) < 3 or not name.endswith(('.c', '.h')):
            continue
        folder = parts[1]
        if folder not in MAY_INCLUDE:
            problems.append(f'{name}: src/{folder} is not a folder the dependency rule knows')
            continue
        for opening, included in re.findall(r'^\s*#\s*include\s*(["<])([^">]+)[">]', text(root, name), re.M):
            looked += 1
            base = os.path.basename(included)
            if included == 'wavenet/audio.h' and folder in LOW:
                problems.append(f'{name}: {included} belongs to the second library; src/{folder} is part of the first')
            if opening == '<':
                if base in FOREIGN and folder not in FOREIGN[base]:
                    problems.append(f'{name}: <{included}> may be used by {sorted(FOREIGN[base])} only')
                continue
            other = owner(root, name, included)
            if other is None:
                problems.append(f'{name}: cannot find "{included}"')
            elif other not in ('include', folder) and other not in MAY_INCLUDE[folder]:
                problems.append(f'{name}: src/{folder} may not include "{included}" of src/{other}')
    return problems, looked


def check_licence(root):
    """Source files without the SPDX line at the top (C files: and the copyright line)."""
    problems, looked = [], 0
    for name in files(root):
        body = text(root, name)
        if body is None or not (name.endswith(SOURCE) or body.startswith('#!')):
            continue
        looked += 1
        top = body.splitlines()[:5]
        if not any('SPDX-License-Identifier: MIT' in line for line in top):
            problems.append(f'{name}: no "SPDX-License-Identifier: MIT" in its first lines')
        elif name.endswith(('.c', '.h')) and not any('Copyright (c) 2026 the wavenet authors' in line for line in top):
            problems.append(f'{name}: no copyright line in its first lines')
    return problems, looked


def check_places(root):
    """Absolute paths of somebody's machine, and paths that lead out of the repository."""
    problems, looked = [], 0
    absolute = re.compile(r'(?:^|[\s"\'`=(,:<])/([a-z_]+)/[\w.]')
    outside = re.compile(r'\.\./shared')
    for name in files(root):
        body = text(root, name)
        if body is None or name == '.ci/run' or name.endswith('rules.py') or len(body) > 1 << 20:
            continue
        looked += 1
        for number, line in enumerate(body.splitlines(), 1):
            if '://' in line or line.startswith('#!'):
                continue
            bad = [m for m in absolute.findall(line) if m not in FIRST_FOLDERS]
            if bad or outside.search(line):
                problems.append(f'{name}:{number}: a path of one machine: {line.strip()[:80]}')
    return problems, looked


def check_links(root):
    """Links of Markdown files that lead to no file or heading."""
    problems, looked = [], 0
    for name in files(root):
        if not name.endswith('.md'):
            continue
        body = text(root, name)
        headings = {re.sub(r'[^\w -]', '', h.lower()).strip().replace(' ', '-') for h in re.findall(r'^#+ (.*)$', body, re.M)}
        for link in re.findall(r'\]\(([^)\s]+)\)', body):
            if '://' in link:
                continue
            looked += 1
            path, _, heading = link.partition('#')
            if path and not os.path.exists(os.path.join(root, os.path.dirname(name), path)):
                problems.append(f'{name}: a link to {path}, which does not exist')
            if not path and heading not in headings:
                problems.append(f'{name}: a link to #{heading}, which is no heading')
    return problems, looked


def main():
    check = {'includes': check_includes, 'licence': check_licence, 'places': check_places, 'links': check_links}[sys.argv[1]]
    problems, looked = check(sys.argv[2])
    for problem in problems:
        print(problem)
    print(f'{looked} looked at, {len(problems)} problems')
    sys.exit(1 if problems or not looked else 0)


main()
