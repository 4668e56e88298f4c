# SPDX-License-Identifier: MIT
# rules.py - the rules of the source that a compiler does not check. Usage: rules.py RULE ROOT; CHECKS at the end lists them.
# Copyright (c) 2026 the wavenet authors
import os
import re
import sys

from sources import blank, c_files, declarations, definitions, files, find_include, includes, records, text

# Which folder of src may name which other folder's headers.
MAY_INCLUDE = {
    'kinds': set(),
    'base': set(),
    'kernels': {'base', 'kinds'},
    'model': {'base', 'kinds'},
    'format': {'base', 'kinds', 'model'},
    'engine': {'base', 'kinds', 'kernels', 'model'},
    'dsp': {'base', 'kinds'},
    'play': {'base', 'kinds', 'model', 'engine', 'dsp'},
    'audio': {'base', 'kinds', 'model', 'engine', 'dsp', 'play'},
    'analysis': {'base', 'kinds', 'model', 'engine', 'dsp'},
    'train': {'base', 'kinds', 'kernels', 'model', 'format', 'engine', 'audio', 'analysis'},
    'bench': {'base', 'kinds', 'kernels', 'model', 'format', 'engine', 'play'},
    'cli': {'base', 'kinds', 'kernels', 'model', 'format', 'engine', 'dsp', 'play', 'audio', 'analysis', 'train', 'bench'},
    'plugin': {'base', 'kinds', 'model', 'engine', 'dsp', 'play', 'audio'},
    'web': {'base', 'kinds', 'kernels', 'model', 'engine', 'dsp', 'play', 'analysis'},
}
# What an embedder links is libm, jansson and kissfft; every other library has the folders that may use it.
FOREIGN = {
    'jansson.h': {'format', 'train', 'bench', 'cli', 'analysis'},
    'kiss_fftr.h': {'dsp'},
    'sndfile.h': {'audio'},
    'soxr.h': {'audio'},
    'portaudio.h': {'audio'},
    'rtmidi_c.h': {'audio'},
    'fftw3.h': {'analysis'},
    'cairo.h': {'analysis'},
    'popt.h': {'cli'},
    **dict.fromkeys(('lv2.h', 'atom.h', 'forge.h', 'log.h', 'midi.h', 'patch.h', 'state.h', 'urid.h', 'worker.h'), {'plugin'}),
}
LOW = {'base', 'kinds', 'kernels', 'model', 'format', 'engine', 'dsp', 'play'}  # may not know the header of the second library

SOURCE = ('.c', '.h', '.js', '.mjs', '.css', '.html', '.py', '.sh', '.build', 'meson_options.txt')
FIRST_FOLDERS = {'usr', 'etc', 'tmp', 'dev', 'proc', 'sys', 'opt', 'var', 'bin', 'lib', 'include', 'nonexistent'}


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
        for opening, included in includes(text(root, name)):
            looked += 1
            base = os.path.basename(included)
            if included == 'wavenet/audio.h' and folder in LOW:
                problems.append(f'{name}: {included} belongs to the second library; src/{folder} is part of the first')
            if opening == '<':
                if base in FOREIGN and folder not in FOREIGN[base]:
                    problems.append(f'{name}: <{included}> may be used by {sorted(FOREIGN[base])} only')
                continue
            path = find_include(root, name, included)
            if path is None:
                problems.append(f'{name}: cannot find "{included}"')
                continue
            other = path.split(os.sep)[0] if path.startswith('include') else path.split(os.sep)[1]
            if other not in ('include', folder) and other not in MAY_INCLUDE[folder]:
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


def circles(edges):
    """The groups of nodes that reach each other, from {node: set of nodes}: strongly connected components of two or more."""
    reach = {}
    for start in edges:
        seen, open_nodes = set(), [start]
        while open_nodes:
            for other in edges.get(open_nodes.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    open_nodes.append(other)
        reach[start] = seen
    groups = {frozenset(o for o in reach[n] if n in reach.get(o, ())) for n in edges if n in reach[n]}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def check_circles(root):
    """Folders of src, or files (a .c and its header are one), that include each other in a circle."""
    between_folders, between_files, looked = {}, {}, 0
    for name in c_files(root, 'src/'):
        for opening, included in includes(text(root, name)):
            path = find_include(root, name, included) if opening == '"' else None
            if not path or not path.startswith('src'):
                continue
            looked += 1
            for edges, part in ((between_folders, os.path.dirname), (between_files, lambda n: os.path.splitext(n)[0])):
                if part(name) != part(path):
                    edges.setdefault(part(name), set()).add(part(path))
    problems = [f'folders in a circle: {" ".join(group)}' for group in circles(between_folders)]
    problems += [f'files in a circle: {" ".join(group)}' for group in circles(between_files)]
    return problems, looked


# Headers that declare what several files define, each for a reason: the kernel table and the peak's, of which every
# instruction set defines a row; bodies that a file of an instruction set includes; ids and mathematics of kinds.
SHARED_HEADERS = re.compile(r'src/kernels/((kernels|peak_table)\.h|\w+_impl\.h|vec_\w+\.h)|src/kinds/\w+\.h')


def check_headers(root):
    """Headers of src that declare what the .c file of their name does not define."""
    problems, looked = [], 0
    for name in c_files(root, 'src/'):
        if not name.endswith('.h') or SHARED_HEADERS.fullmatch(name):
            continue
        looked += 1
        own = name[:-2] + '.c'
        declared = declarations(text(root, name))
        if declared and not os.path.isfile(os.path.join(root, own)):
            problems.append(f'{name}: declares {", ".join(declared[:3])} ({len(declared)} in all), but there is no {own}')
            continue
        missing = sorted(set(declared) - definitions(text(root, own))) if declared else []
        if missing:
            problems.append(f'{name}: {own} does not define {", ".join(missing)}')
    return problems, looked


MAX_FIELDS = 24


def check_records(root):
    """Structs of the engine with too many fields."""
    problems, looked = [], 0
    for name in c_files(root, 'src/engine/'):
        for record, fields in records(text(root, name)):
            looked += 1
            if fields > MAX_FIELDS:
                problems.append(f'{name}: struct {record} has {fields} fields, at most {MAX_FIELDS} are allowed')
    return problems, looked


# Words of the first versions that have a standard term now. The first list holds words that no identifier may contain
# between underscores; the second holds names that no identifier may be or begin with.
RETIRED_WORDS = set('''
    crew rack tray hush wish teacher settle settled mend mended outlet tape quads gauge gauges ensemble obey unheard heard
    duplex excite excitation bumps leads relieve complain
'''.split())
RETIRED_NAMES = set('''
    wn_line wn_song wn_fit wn_trial wn_survey wn_floor wn_slide wn_switch wn_converter wn_marks wn_keyboard wn_rendering
    wn_corrupt wn_feed wn_curve wn_facts wn_sink
'''.split())


def is_retired(identifier):
    parts = identifier.lower().split('_')
    heads = {'_'.join(parts[:n]) for n in range(1, len(parts) + 1)}
    return not RETIRED_WORDS.isdisjoint(parts) or not RETIRED_NAMES.isdisjoint(heads)


def check_identifiers(root):
    """Identifiers of C that use a retired word; comments and strings are not looked at."""
    problems, looked = [], 0
    for name in c_files(root, 'src/', 'include/', 'tests/'):
        first = {}
        body = re.sub(r'^[ \t]*#[ \t]*include[^\n]*', '', blank(text(root, name)), flags=re.M)
        for number, line in enumerate(body.splitlines(), 1):
            for identifier in re.findall(r'\b[A-Za-z_]\w*', line):
                looked += 1
                if is_retired(identifier):
                    first.setdefault(identifier, number)
        problems += [f'{name}:{number}: {identifier} is a retired name' for identifier, number in first.items()]
    return problems, looked


CHECKS = {'includes': check_includes, 'licence': check_licence, 'places': check_places, 'links': check_links,
          'circles': check_circles, 'headers': check_headers, 'records': check_records, 'identifiers': check_identifiers}


def main():
    problems, looked = CHECKS[sys.argv[1]](sys.argv[2])
    for problem in problems:
        print(problem)
    print(f'{looked} looked at, {len(problems)} problems')
    sys.exit(1 if problems or not looked else 0)


if __name__ == '__main__':
    main()
