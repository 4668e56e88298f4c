# SPDX-License-Identifier: MIT
# sources.py - the files of the repository, and as much of C as the house tests have to understand.
# Copyright (c) 2026 the wavenet authors
import os
import re
import subprocess


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


def c_files(root, *folders):
    """The C files and headers below some folders."""
    return sorted(n for n in files(root) if n.startswith(folders) and n.endswith(('.c', '.h')))


def text(root, name):
    """The file's text, or None if it is not text."""
    with open(os.path.join(root, name), 'rb') as f:
        data = f.read()
    if b'\0' in data:
        return None
    return data.decode('utf-8', 'replace')


def find_include(root, name, included):
    """The path of the file that a quoted #include of file `name` leads to, or None."""
    beside = os.path.normpath(os.path.join(os.path.dirname(name), included))
    for path in (beside, os.path.normpath(os.path.join('src', included)), os.path.join('include', included)):
        if os.path.isfile(os.path.join(root, path)):
            return path
    return None


def includes(body):
    """[(opening, name)] of the #include lines, opening being " or <."""
    return re.findall(r'^\s*#\s*include\s*(["<])([^">]+)[">]', body, re.M)


def blank(body):
    """C with its comments, the contents of its strings and character constants replaced by spaces; lines stay."""
    spaces = re.compile(r'[^\n]')
    def cover(match):
        found = match[0]
        if found[0] == '/':
            return spaces.sub(' ', found)
        return found[0] + spaces.sub(' ', found[1:-1]) + found[-1]
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', cover, body, flags=re.S)


def without_directives(blanked):
    """The same without the lines of the preprocessor, those that end in a backslash with what they continue in."""
    return re.sub(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', '', blanked, flags=re.M)


def outer(code):
    """Code outside every brace; each body becomes {}."""
    kept, depth = [], 0
    for c in code:
        if c == '{':
            depth += 1
            if depth == 1:
                kept.append('{')
        elif c == '}':
            depth -= 1
            if depth == 0:
                kept.append('}')
        elif depth == 0:
            kept.append(c)
    return ''.join(kept)


ATTRIBUTE = re.compile(r'__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)')


def declarations(body):
    """The functions and objects that a header declares and does not define."""
    names = []
    code = ATTRIBUTE.sub(' ', outer(without_directives(blank(body))))
    for statement, end in re.findall(r'([^;{}]*)(;|\{\})', code):
        words = statement.split()
        if end != ';' or len(words) < 2 or words[0] in ('typedef', 'static', '_Static_assert') or '=' in statement:
            continue
        called = re.search(r'\b(\w+)\s*\(', statement)
        if called:
            names.append(called[1])
        elif words[0] == 'extern':
            names += re.findall(r'(\w+)\s*(?:\[[^\]]*\]\s*)*(?=,|$)', statement.strip())
    return names


def definitions(body):
    """The functions and objects that a C file defines for others."""
    code = ATTRIBUTE.sub(' ', outer(without_directives(blank(body))))
    functions = re.findall(r'\b(\w+)\s*\([^;{}]*\)\s*\{\}', code)
    objects = re.findall(r'\b(\w+)\s*(?:\[[^\]]*\]\s*)*(?==|;|,)', code)
    return set(functions) | set(objects)


def members(inside):
    """The number of fields between the braces of a struct; those of an unnamed struct or union inside count one by one."""
    count, statement, depth, start = 0, '', 0, 0
    for at, c in enumerate(inside):
        if c == '{':
            depth += 1
            if depth == 1:
                start = at + 1
        elif c == '}':
            depth -= 1
            if depth == 0:
                nested = inside[start:at]
                named = re.match(r'\s*\**\s*\w', inside[at + 1:])
                count += 0 if named else members(nested)
                statement = 'nested' if named else ''
        elif depth == 0 and c == ';':
            if statement.strip():
                flat = re.sub(r'\([^()]*\)|\[[^\]]*\]', '', re.sub(r'\([^()]*\)', '', statement))
                count += flat.count(',') + 1
            statement = ''
        elif depth == 0:
            statement += c
    return count


def records(body):
    """[(name, fields)] of the structs that a file defines."""
    code = without_directives(blank(body))
    found = []
    for match in re.finditer(r'\bstruct\s*(\w*)\s*\{', code):
        depth, at = 1, match.end()
        while depth and at < len(code):
            depth += {'{': 1, '}': -1}.get(code[at], 0)
            at += 1
        named = re.match(r'\s*(\w+)', code[at:])
        found.append((match[1] or (named[1] if named else 'unnamed'), members(code[match.end():at - 1])))
    return found
