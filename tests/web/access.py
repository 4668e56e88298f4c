# SPDX-License-Identifier: MIT
# access.py - what a reader, a hand and an eye need of the page: the tables of src/web/README.md, and what Chromium makes of it.
# Copyright (c) 2026 the wavenet authors
import json
import os
import re

from common import check, content

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, '../../src/web')
PHONE = 500  # pixels of width, below which it is one

# What is visible, measured: sizes of controls, contrast of texts, headings, names of controls and what they are for.
LOOK = '''(() => {
  const problems = [], sizes = [];
  const kind = (e) => e.matches('.key.black') ? 'black keys' : e.matches('.key.white') ? 'white keys' : e.type === 'file' ? 'files' :
    e.matches('input[type=range], input[type=checkbox], a, summary') ? 'sliders' : 'buttons';
  for (const e of document.querySelectorAll('button, input, select, a, summary')) {
    const box = e.getBoundingClientRect();
    if (box.width) sizes.push([kind(e), e.id || e.ariaLabel, box.width, box.height]);
    if (e.tabIndex > 0) problems.push(`its own focus order: ${e.id}`);
  }
  const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = (color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const paper = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; };
  for (const e of document.querySelectorAll('body *')) {
    if (e.disabled || !e.getClientRects().length || ![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(e.matches('text') ? style.fill : style.color), light(paper(e))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (!(contrast >= 4.5)) problems.push(`contrast ${contrast.toFixed(1)}: ${e.tagName} ${e.textContent.trim().slice(0, 40)}`);
    if (parseFloat(style.fontSize) < 12) problems.push(`letters of ${style.fontSize}: ${e.textContent.trim().slice(0, 40)}`);
  }
  if (document.documentElement.lang !== 'en') problems.push('no language');
  if (document.querySelectorAll('h1').length !== 1 || document.querySelectorAll('h2').length !== 4) problems.push('headings');
  if (document.scrollingElement.scrollWidth > innerWidth) problems.push(`${document.scrollingElement.scrollWidth} wide in ${innerWidth}`);
  return { problems, sizes };
})()'''

LIVE = {'notes-words': 'status', 'midi-words': 'status', 'amp-words': 'status', 'field-words': 'status', 'amp-error': 'alert'}


def table(title):
    """The rows of the table behind a heading of the README, as lists of cells."""
    words = content(os.path.join(SOURCES, 'README.md')).decode().split(f'### {title}')[1].split('\n### ')[0]
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in words.splitlines() if line.startswith('|')]
    return rows[2:]


# ---- colours ----------------------------------------------------------------------------------------------------------------

def colours():
    """The variables of page.css in light and in dark: red, green and blue, from 0 to 1."""
    css = content(os.path.join(SOURCES, 'page/page.css')).decode()
    light, dark = (dict(re.findall(r'--([\w-]+): #([0-9a-f]{6})', block)) for block in re.findall(r':root \{(.*?)\}', css, re.S))

    def split(names):
        return {name: [int(value[i:i + 2], 16) / 255 for i in (0, 2, 4)] for name, value in names.items()}

    return split(light), split({**light, **dark})


def luminance(colour):
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(names, colour, on):
    """Ratio of two variables; the first may be "NAME at P %" of opacity."""
    name, _, share = colour.partition(' at ')
    opacity = float(share.rstrip(' %')) / 100 if share else 1
    mixed = [opacity * a + (1 - opacity) * b for a, b in zip(names[name], names[on])]
    high, low = sorted((luminance(mixed), luminance(names[on])), reverse=True)
    return (high + 0.05) / (low + 0.05)


def check_colours():
    """Each ratio is what the table says, and is enough."""
    for what, colour, on, least, *stated in table('Contrast'):
        for names, ratio in zip(colours(), stated):
            found = contrast(names, colour, on)
            check(f'{found:.1f}' == ratio, what, f'has the contrast {found:.1f}, the table says', ratio)
            check(found >= float(least), what, f'has the contrast {found:.1f}, less than', least)


# ---- sizes ------------------------------------------------------------------------------------------------------------------

def least_size(kind, phone):
    row = {'white keys': 'white keys on a phone' if phone else 'other white keys'}.get(kind, kind)
    width, height = next(cells[1:] for cells in table('Sizes') if cells[0].startswith(row))
    return float(width), float(height)


def check_look(page, width, scheme):
    look = page.value(LOOK)
    check(not look['problems'], width, scheme, look['problems'])
    for kind, name, *size in look['sizes']:
        least = least_size(kind, width < PHONE)
        check(size[0] >= least[0] and size[1] >= least[1], width, scheme, kind, name, 'is', size, 'large, wanted', least)
    check({kind for kind, *_ in look['sizes']} == {'black keys', 'white keys', 'files', 'sliders', 'buttons'}, 'not all kinds are seen')


# ---- names, roles and order ---------------------------------------------------------------------------------------------------

def accessible(page, expression):
    """(role, name) that a screen reader is given for an element."""
    element = page.call('Runtime.evaluate', expression=expression)['result']['objectId']
    node = page.call('Accessibility.getPartialAXTree', objectId=element, fetchRelatives=False)['nodes'][0]
    return node.get('role', {}).get('value'), node.get('name', {}).get('value', '')


def fits(name, pattern):
    return re.fullmatch(re.escape(pattern).replace('…', '.+'), name) is not None


def check_order(page):
    """The Tab key goes from control to control as the table lists them."""
    page.call('Accessibility.enable')
    page.value("{ const title = document.querySelector('h1'); title.tabIndex = -1; title.focus(); }")
    rows = table('Controls, in the order of the Tab key')
    for identity, role, name in rows:
        page.key('keyDown', 'Tab', 'Tab')
        page.key('keyUp', 'Tab', 'Tab')
        found = page.value("document.activeElement.id || (document.activeElement.matches('.key') ? 'one key' : document.activeElement.outerHTML)")
        check(found == identity, 'the Tab key goes to', found, 'not', identity)
        got = accessible(page, 'document.activeElement')
        check(got[0] == role and fits(got[1], name), identity, 'is', got, 'to a screen reader, wanted', (role, name))
        check(page.value("getComputedStyle(document.activeElement).outlineStyle") == 'solid', identity, 'shows no focus')
    page.value("document.querySelector('h1').removeAttribute('tabindex')")
    places = page.value('''[...document.querySelectorAll('button, input, select, a, summary, [tabindex]')]
        .filter((e) => e.tabIndex >= 0 && !e.disabled && e.getClientRects().length).length''')
    check(places == len(rows), places, 'controls have a place in the order, the table lists', len(rows))


def check_names(page):
    """What has no place in the order: drawn keys, meters, the drawing, and what announces itself."""
    for index in range(page.value("document.querySelectorAll('.key').length")):
        role, name = accessible(page, f"document.querySelectorAll('.key')[{index}]")
        check(role == 'button' and re.fullmatch('[A-G]♯?[0-9]', name), 'a key is', role, name)
    for which in ('in', 'out'):
        check(accessible(page, f"document.getElementById('{which}-meter')") == ('meter', f'{which.title()}put'), which, 'meter',
              accessible(page, f"document.getElementById('{which}-meter')"))
    for identity, role in LIVE.items():
        check(page.value(f"document.getElementById('{identity}').getAttribute('role')") == role, identity, 'is no', role)
    role, name = accessible(page, "document.querySelector('#drawing svg')")
    check(role in ('image', 'img') and 'receptive field' in name, 'the drawing is', role, name)
    for identity in ('model', 'cabinet', 'sound'):
        check(page.value(f"document.getElementById('{identity}-file').getAttribute('aria-describedby')") == f'{identity}-name', identity)
    check(page.value("document.querySelectorAll('section:not([aria-labelledby])').length") == 0, 'a section has no name')
