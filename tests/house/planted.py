# SPDX-License-Identifier: MIT
# planted.py - each rule finds what was planted for it in a small tree, and nothing in a clean one. Usage: planted.py
# Copyright (c) 2026 the wavenet authors
import os
import sys
import tempfile

from rules import CHECKS

TOP = '/* SPDX-License-Identifier: MIT\n * a file. The crew of a comment may stay.\n * Copyright (c) 2026 the wavenet authors */\n'
FIELDS = ' '.join(f'int a{i}, b{i};' for i in range(12))
CLEAN = {
    'src/engine/plan.h': TOP + '#include "base/error.h"\ntypedef struct { ' + FIELDS + ' } wn_plan;\n'
                         'wn_plan *wn_plan_new(int n) __attribute__((format(printf, 1, 2)));\nextern const int wn_plan_size;\n'
                         'static inline int plan_twice(int n) { return 2 * n; }\n',
    'src/engine/plan.c': TOP + '#include "engine/plan.h"\n#include <stdio.h>\nconst int wn_plan_size = 1;\n'
                         'wn_plan *wn_plan_new(int n)\n{\n    return n > 1 ? NULL : wn_plan_old("crew", n);\n}\n',
    'src/base/error.h': TOP + 'int wn_fail(int crews);\n',
    'src/base/error.c': TOP + '#include "base/error.h"\nint wn_fail(int crews) { return crews; }\n',
    'README.md': '# A title\n[up](#a-title) and [error](src/base/error.h)\n',
}
# What is planted: rule, file, text, what the report has to say.
PLANTED = [
    ('includes', 'src/base/error.c', TOP + '#include "engine/plan.h"\n', 'may not include'),
    ('includes', 'src/base/error.c', TOP + '#include <jansson.h>\n', 'may be used by'),
    ('licence', 'src/base/error.c', 'int x;\n', 'SPDX'),
    ('places', 'README.md', '# A title\n/home/' 'somebody/file\n', 'path of one machine'),
    ('links', 'README.md', '[gone](gone.md)\n', 'does not exist'),
    ('circles', 'src/base/error.h', TOP + '#include "engine/plan.h"\n', 'folders in a circle: src/base src/engine'),
    ('circles', 'src/base/error.h', TOP + '#include "engine/plan.h"\n', 'files in a circle: src/base/error src/engine/plan'),
    ('headers', 'src/base/error.h', TOP + 'int wn_fail(int crews);\nint wn_more(void);\n', 'does not define wn_more'),
    ('headers', 'src/base/error.h', TOP + 'extern const char *const wn_names[2];\n', 'does not define wn_names'),
    ('headers', 'src/base/lonely.h', TOP + 'int wn_lonely(void);\n', 'there is no src/base/lonely.c'),
    ('records', 'src/engine/plan.h', TOP + 'struct wn_plan { struct { ' + FIELDS + ' }; int (*more)(int, int); };\n', '25 fields'),
    ('records', 'src/engine/plan.h', TOP + 'struct wn_plan { struct { int x; ' + FIELDS + ' } in[2]; };\n', '25 fields'),
    ('identifiers', 'src/base/error.c', TOP + 'int wn_crew_size;\n', 'wn_crew_size'),
    ('identifiers', 'src/base/error.c', TOP + 'typedef int wn_line_config;\n', 'wn_line_config'),
    ('identifiers', 'src/base/error.c', TOP + '#define TAPE 1\n', 'TAPE'),
]


def report(rule, tree):
    with tempfile.TemporaryDirectory() as root:
        for name, body in tree.items():
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), 'w') as f:
                f.write(body)
        return CHECKS[rule](root)


def main():
    failed = 0
    for rule in CHECKS:
        problems, looked = report(rule, CLEAN)
        if problems or not looked:
            failed += 1
            print(f'{rule}: {looked} looked at in the clean tree, and found: {problems}')
    for rule, name, body, words in PLANTED:
        problems, _ = report(rule, {**CLEAN, name: body})
        if not any(words in problem for problem in problems):
            failed += 1
            print(f'{rule}: did not find {words!r}: {problems}')
    print(f'{len(CHECKS)} rules, {len(PLANTED)} planted faults, {failed} failed')
    sys.exit(1 if failed else 0)


main()
