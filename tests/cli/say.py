# SPDX-License-Identifier: MIT
# say.py - phones become rows as an independent computation has them, then sound; text becomes phones by a program that is missing,
# old, slow or dying, or by espeak-ng itself; bad input gets one line. Usage: say.py WAVENET MAKE_MODEL MODELS [SANITIZER]
# Copyright (c) 2026 the wavenet authors
import json
import os
import shutil
import stat
import sys
import time

from common import (MEMORY_NOISE, NO_DEVICE, bad, check, content, finish, good, kernel_sets, model, npy, path, peak_kilobytes,
                    read_npy, run, some, write_file)

# The plan of a small voice: a pause, a consonant, a vowel of two kinds.
PHONES = ['pau', 't', 'a']
VOICE = {
    'vocoder': 'VOCODER', 'language': 'ru', 'pitch_scale': 4, 'phones': PHONES, 'vowels': ['a'],
    'pauses': {'start': 100, 'clause': 200, 'end': 300}, 'durations': {'t': [50, 60, 70], 'a': [80, 90, 110]},
    'espeak': {'t': 't', 't;': 't', 'A': 'a', 'V': 'a', 'V after': '', 'V after soft': 't', '@-': ''},
}
DELAY, ROW, HOP, VOICING, PITCH, REFERENCE = 3, 0.005, 80, 40, 41, 130
SEED = 4  # of a network that says both voiced and unvoiced
HOSTILE = ['pau 100', 't 60', '']


def make_voice(change=lambda data: None):
    """A folder with a network of random weights and the data of a voice."""
    folder = path('small')
    os.makedirs(folder, exist_ok=True)
    shutil.copy(model('acoustic', SEED), os.path.join(folder, 'small.safetensors'))
    data = json.loads(json.dumps(VOICE))
    data['vocoder'] = model('voice')
    change(data)
    write_file(os.path.join(folder, 'voice.json'), json.dumps(data))
    return folder


def write_phones(lines, name='in.phones'):
    return write_file(name, '\n'.join(lines) + '\n')


# ---- rows, written again from the description

def spans(phones):
    ends, at = [], 0.0
    for _, ms, _ in phones:
        at += ms
        ends.append(at / 1000)
    return list(zip([0.0] + ends[:-1], ends))


def phrase_of(phones, i):
    """First and last phone between the pauses around phone i."""
    a = b = i
    while a > 0 and phones[a - 1][0] != 'pau':
        a -= 1
    while b + 1 < len(phones) and phones[b + 1][0] != 'pau':
        b += 1
    return a, b


def rows_of(phones):
    """Rows, and the pitch that is asked for in each."""
    where, rows, hz = spans(phones), [], []
    number = {name: k for k, name in enumerate(PHONES)}
    for t in range(round(where[-1][1] / ROW)):
        now = (t + 0.5) * ROW
        i = next((k for k, (_, end) in enumerate(where) if end > now), len(phones) - 1)
        start, end = where[i]
        now = min(now, end)
        row = [0.0] * 17
        for at, k in ((0, i - 1), (3, i), (6, i + 1)):
            row[at + number[phones[k][0] if 0 <= k < len(phones) else 'pau']] = 1
        row[9:13] = [(now - start) / (end - start), *(min(x / 0.1, 3) for x in (now - start, end - now, end - start))]
        if phones[i][0] != 'pau':
            a, b = phrase_of(phones, i)
            row[13:15] = [min((now - where[a][0]) / 2, 1), min((where[b][1] - now) / 2, 1)]
            row[15] = all(p[0] == 'pau' for p in phones[:a])
            row[16] = all(p[0] == 'pau' for p in phones[b + 1:])
        rows.append(row)
        hz.append(phones[i][2])
    return rows, hz


def features_of(phones, last_pitch):
    """What `wavenet forward` makes of the rows, with the voicing decided and the pitch held; the receptive field is 13 rows."""
    import math
    rows, hz = rows_of(phones)
    fed = [rows[0]] * 12 + rows + [rows[-1]] * DELAY
    write_file('rows.npy', npy((len(fed), 17), sum(fed, [])))
    good('forward', '-m', model('acoustic', SEED), path('rows.npy'), '-o', path('features.npy'))
    flat = read_npy(path('features.npy'))[2]
    out = [list(flat[i * 42:(i + 1) * 42]) for i in range(12 + DELAY, len(fed))]
    for row, wanted in zip(out, hz):
        voiced = row[VOICING] >= 0.5
        if voiced:
            last_pitch = math.log2(wanted / REFERENCE) if wanted else row[PITCH] / 4
        row[VOICING], row[PITCH] = float(voiced), last_pitch
    return out, last_pitch


def check_rows(voice):
    """The sound is that of `generate --cond` on features computed here, sentence after sentence, with and without a pitch."""
    sentences = [[('pau', 40, 0), ('t', 61.5, 0), ('a', 333, 210), ('pau', 25, 0), ('pau', 10, 0), ('a', 2500, 0), ('t', 5, 0)],
                 [('a', 90, 0), ('t', 33, 90), ('pau', 200, 0)]]
    lines, rows, pitch = [], [], 0.0
    for sentence in sentences:
        lines += [f'{p} {ms} {hz}' if hz else f'  {p}\t{ms} # a comment' for p, ms, hz in sentence] + ['', ' ']
        out, pitch = features_of(sentence, pitch)
        rows += out
    fed = [rows[0], *rows, rows[-1]]  # the vocoder's stage reaches one row to both sides
    write_file('cond.npy', npy((len(fed), 42), sum(fed, [])))
    good('generate', '-m', model('voice'), '--cond', path('cond.npy'), '-o', path('a.npy'), '--samples', len(rows) * HOP, '--seed', 3)
    good('say', '--from-phones', write_phones(lines), '-m', voice, '-o', path('b.npy'), '--seed', 3)
    check(any(row[VOICING] for row in rows) and not all(row[VOICING] for row in rows), 'all rows have one voicing')
    a, b = (read_npy(path(n))[2] for n in ('a.npy', 'b.npy'))
    check(len(a) == len(b) and sum(x != y for x, y in zip(a, b)) < len(a) // 50, 'other samples', len(a), len(b))
    return lines


def check_bits(voice, lines):
    """The same bits by every route."""
    name = write_phones(lines)
    good('say', '--from-phones', name, '-m', voice, '-o', path('a.wav'))
    whole = content(path('a.wav'))
    for kernels in some([k for k in kernel_sets() if k not in ('portable', 'c')]):
        good('say', '--from-phones', name, '-m', voice, '-o', path('b.wav'), '--cpu', kernels)
        check(content(path('b.wav')) == whole, kernels, 'gives other bits')
    with open(name, 'rb') as f:
        code, out, _ = run('say', '--from-phones', '-', '-m', voice, '-o', '-', stdin=f, binary=True)
    check(code == 0 and out[44:] == whole[44:], 'a stream gives other bits')
    good('say', '--from-phones', name, '-m', voice, '-o', path('b.wav'), '--seed', 1)
    check(content(path('b.wav')) != whole, 'another seed gives the same bits')


def check_bad_phones(voice):
    def wrong(words, line):
        data = '\n'.join(['pau 100', line, 't 60', '']).encode() if isinstance(line, str) else line
        bad(words, 'say', '--from-phones', write_file('bad.phones', data), '-m', voice, '-o', path('no.wav'))
    wrong('line 2: the voice has no phone "q"', 'q 100')
    for line in ('a', 'a b', 'a -5', 'a 4.9', 'a 10001', 'a nan', 'a inf', 'a 0x40', 'a 1e9', 'a 50x'):
        wrong('line 2: a duration of 5 to 10000 ms was expected after "a"', line)
    for pitch in ('39', '601', 'x', '-100', 'nan'):
        wrong('is no pitch of 40 to 600 Hz', f'a 100 {pitch}')
    wrong('nothing was expected after the pitch', 'a 100 100 100')
    wrong('zero byte', b'a 100\n\0')
    wrong('is too long', 'a' * 300)
    wrong('has no phone', '\x1b[31m 100')
    wrong('holds no phones', b'# nothing\n\n\n')
    wrong('holds no phones', b'')
    wrong('more than 4096 phones', b't 5\n' * 4097)
    bad('No such file', 'say', '--from-phones', path('absent'), '-m', voice, '-o', path('no.wav'))
    bad('is an input file, too', 'say', '--from-phones', path('bad.phones'), '-m', voice, '-o', path('bad.phones'))
    check(not os.path.exists(path('no.wav')), 'a failure left a file')


def check_usage(voice):
    bad('TEXT is missing', 'say', '-o', path('no.wav'), code=2)
    bad('-o OUT.wav is missing', 'say', 'да', '--bits', 16, code=2)
    bad('--device, --rate and --buffer are for playing', 'say', 'да', '-o', path('no.wav'), '--rate', 16000, code=2)
    bad('--rate is', 'say', 'да', '--rate', 1, code=2)
    bad('no sound device of this number or name', 'say', '--from-phones', write_phones(HOSTILE, 'short.phones'), '-m', voice, '--device',
        'no such device', env=NO_DEVICE)
    bad('exclude each other', 'say', 'да', '--from-phones', 'x', '-o', path('no.wav'), code=2)
    bad('exclude each other', 'say', '--phones', '--from-phones', 'x', code=2)
    bad('-o is for sound', 'say', 'да', '--phones', '-o', path('no.wav'), code=2)
    bad('--temperature is', 'say', 'да', '-o', path('no.wav'), '-t', -1, code=2)
    bad('unknown option', 'say', '-да', '-o', path('no.wav'), code=2)
    bad('given twice', 'say', 'да', '-o', path('no.wav'), '-m', 'a', '-m', 'b', code=2)


def check_bad_voices():
    def wrong(words, change):
        bad(words, 'say', '--from-phones', write_phones(HOSTILE), '-m', make_voice(change), '-o', path('no.wav'))
    wrong('no such model', lambda d: d.update(vocoder='absent'))
    wrong('is no vocoder', lambda d: d.update(vocoder=model('feedforward')))
    wrong('voicing and pitch', lambda d: d.update(vocoder=model('mel')))
    wrong('whose rows have 20 channels', lambda d: (d['phones'].append('x'), d['durations'].update(x=[50, 50, 50])))
    wrong('stands there twice', lambda d: d['phones'].append('t'))
    wrong('at least one phone', lambda d: d.update(phones=['pau'], vowels=[], espeak={}))
    wrong('"q" is not among the phones', lambda d: d['vowels'].append('q'))
    wrong('"q" is not among the phones', lambda d: d['espeak'].update(V='q'))
    wrong('durations.a', lambda d: d['durations'].update(a=[50, 50]))
    wrong('durations.t', lambda d: d['durations'].update(t=[50, 4, 50]))
    wrong('pauses.end', lambda d: d['pauses'].update(end=1e9))
    wrong('unknown key "more"', lambda d: d.update(more=1))
    wrong('language', lambda d: d.update(language='x' * 100))
    wrong('pitch_scale', lambda d: d.update(pitch_scale=0))
    folder = make_voice()
    for data, words in ((b'{', 'is not JSON'), (b'[]', 'an object was expected')):
        write_file(os.path.join(folder, 'voice.json'), data)
        bad(words, 'say', '--from-phones', write_phones(HOSTILE), '-m', folder, '-o', path('no.wav'))
    os.remove(os.path.join(folder, 'voice.json'))
    bad('voice.json', 'say', '--from-phones', write_phones(HOSTILE), '-m', folder, '-o', path('no.wav'))


# ---- a program that stands in for espeak-ng

def fake(script, version='eSpeak NG text-to-speech: 1.51  Data at: x'):
    """An environment whose PATH begins with an espeak-ng of that shell script."""
    folder = path('fake')
    os.makedirs(folder, exist_ok=True)
    name = write_file(os.path.join(folder, 'espeak-ng'),
                      f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{version}"; exit 0; fi\n{script}\n')
    os.chmod(name, os.stat(name).st_mode | stat.S_IXUSR)
    return {**os.environ, 'PATH': folder + ':' + os.environ['PATH']}


def said(printed, voice, text='да'):
    """The phones of what the program prints, a list per sentence."""
    write_file('printed', printed)
    out = good('say', text, '--phones', '-m', voice, env=fake(f'cat >/dev/null; cat {path("printed")}'))
    return [sentence.split('\n') for sentence in out.split('\n\n') if sentence]


def check_mapping(voice):
    """Places of vowels, marks, clauses and durations, by hand."""
    check(said(" t'A\n", voice) == [['pau 100', 't 50', 'a 110', 'pau 300']], 'one word')
    check(said(" t'At\n tVt'A t@-t\n", voice) ==
          [['pau 100', 't 50', 'a 110', 't 70', 'pau 200', 't 50', 'a 90', 't 60', 'a 110', 't 70', 't 70', 'pau 300']], 'clauses')
    check(said(" t'AtVt\n", voice) == [['pau 100', 't 50', 'a 110', 't 70', 't 70', 'pau 300']], 'a vowel that is silent after stress')
    check(said(" 'At;Vt\n", voice) == [['pau 100', 'a 110', 't 70', 't 70', 't 70', 'pau 300']], 'a vowel after a soft consonant')
    check(said(" t_'_A_: \n\n", voice)[0] == ['pau 100', 't 50', 'a 110', 'pau 300'], 'marks and empty lines')


def check_bad_programs(voice):
    def wrong(words, script, **more):
        bad(words, 'say', 'да', '--phones', '-m', voice, env=fake(script, **more))
    wrong('does not know the phoneme at "Q"', 'echo tQ')
    wrong('gave no phonemes', 'true')
    wrong('gave no phonemes', 'echo "_:"')
    wrong('failed with exit status 3', 'echo t; exit 3')
    wrong('was killed by signal 9', 'echo t; kill -9 $$')
    wrong('the program is missing', 'exit 127')
    wrong('printed a zero byte', "printf 't\\000t'")
    wrong('printed more than', 'while :; do echo tttttttttttttttttttttttttttttttttttttttttttttttt; done')
    wrong('1.49 or newer was expected, not "eSpeak text-to-speech: 1.48.15', 'echo t', version='eSpeak text-to-speech: 1.48.15  x')
    wrong('1.49 or newer was expected', 'echo t', version='nonsense')
    bad('the program is missing; install', 'say', 'да', '--phones', '-m', voice, env={**os.environ, 'PATH': path('nowhere')})
    for script in ('exec sleep 30', 'exec >&-; exec sleep 30', 'sleep 20 & echo t'):
        started = time.monotonic()
        wrong('did not finish within 10 s and was killed', script)
        check(time.monotonic() - started >= 9.9, script, 'was not given its time')
    check(not os.path.exists(path('no.wav')), 'a failure left a file')


def check_text(voice):
    """What reaches the program: sentence by sentence, checked."""
    seen = path('seen')
    listen = fake(f'cat >>{seen}; echo >>{seen}; echo "$@" >{path("words")}; echo t')

    def sentences(text, **more):
        write_file('seen', '')
        good('say', text, '--phones', '-m', voice, env=listen, **more)
        return [s.strip() for s in content(seen).decode().splitlines()]
    check(sentences('Да. Нет! «Что?» Вот… 3.5 и т.д.\n\nконец') == ['Да.', 'Нет!', '«Что?»', 'Вот…', '3.5 и т.д.', 'конец'], content(seen))
    check(content(path('words')).decode().split() == ['-v', 'ru', '-b', '1', '-q', '-x', '--stdin'], 'arguments')
    check(sentences('да\nнет') == ['да нет'] and sentences('... да ---') == ['да ---'], 'lines')
    check(sentences('[[t]]'.replace('t', 'да')) == [',,да,,'], 'brackets')
    with open(write_file('text', '\ufeffза\u0301мок; $(touch x) `no`'.replace('touch x', 'да').replace('no', 'да')), 'rb') as f:
        check(sentences('-', stdin=f) == ['за\u0301мок; $(да) `да`'], content(seen))
    pieces = sentences('слово ' * 500)
    check(len(pieces) > 3 and max(len(p.encode()) for p in pieces) < 1024 and ' '.join(pieces).split() == ['слово'] * 500, 'long')
    pieces = sentences('а' * 3000)
    check(''.join(pieces) == 'а' * 3000, 'without blanks')

    def wrong(words, data):
        with open(write_file('text', data), 'rb') as f:
            bad(words, 'say', '-', '--phones', '-m', voice, env=listen, stdin=f)
    for text, letter in (('hello', 'h'), ('ґ', 'ґ'), ('語', '語'), ('ñ', 'ñ'), ('да\u202eда', '?'), ('\U0001f600', '\U0001f600')):
        if letter != '?':
            wrong(f'"{letter}" is no Russian letter, and the voice speaks only Russian', text)
    for data in (b'\xff', b'\xc0\x80', b'\xd0', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xe0\x80\x80', b'\xd0\xd0'):
        wrong('is not UTF-8', data)
    wrong('zero byte', 'д\0а'.encode())
    for data in ('', ' \n\n ', '...', '\ufeff'):
        wrong('holds no words', data)
    for text in ('', ' ', '!'):
        bad('holds no words', 'say', text, '--phones', '-m', voice, env=listen)
    check(good('say', '--phones', '-m', voice, '--', '-да', env=listen), 'a text that begins with a dash')


def check_round_trip(voice):
    """Printed phones, taken back, give the sound of the text."""
    env = fake("cat >/dev/null; echo \" t'At t@-tV\"")
    good('say', 'да. да', '-m', voice, '-o', path('a.wav'), env=env)
    write_file('printed.phones', good('say', 'да. да', '-m', voice, '--phones', env=env))
    good('say', '--from-phones', path('printed.phones'), '-m', voice, '-o', path('b.wav'))
    check(content(path('a.wav')) == content(path('b.wav')), 'printed phones give another sound')


def check_interrupt(voice):
    """Ctrl-C reaches the command alone; the sound up to there is kept."""
    env = fake(f"cat >/dev/null; [ -e {path('again')} ] && kill -s INT -- -$PPID; touch {path('again')}; echo \" t'At\"")
    code, _, err = run('say', 'да. да. да.', '-m', voice, '-o', path('cut.wav'), env=env, start_new_session=True)
    check(code == 0 and 'complete up to there' in err and len(content(path('cut.wav'))) > 44, code, err)


def check_memory(voice):
    """Memory does not grow with the text."""
    lines = ['pau 20', 't 30', 'a 50', '']
    peaks = [peak_kilobytes('say', '--from-phones', write_phones(lines * n, f'{n}.phones'), '-m', voice, '-o', path('p.wav'))
             for n in (10, 1000)]
    check(peaks[1] < peaks[0] + MEMORY_NOISE, 'kilobytes', peaks)


def check_real(models):
    """The shipped voice knows every phoneme of espeak-ng for Russian letters, syllables and numbers."""
    if not shutil.which('espeak-ng') or sys.argv[4:] not in ([], ['none']):
        print('not tested: espeak-ng is not installed, or a sanitizer watches, under which the small voice is enough')
        return
    voice = os.path.join(models, 'voice')
    letters, vowels = 'бвгджзйклмнпрстфхцчшщ', 'аеёиоуыэюя'
    numbers = [', '.join(map(str, range(n, n + 20))) for n in range(0, 120, 20)]  # few sentences: each is a run of espeak-ng
    text = ' '.join(a + b + 'х' + b + a for a in letters for b in vowels) + '. ' + '. '.join(numbers) + '. 1000, 5000000.'
    with open(write_file('text', text), 'rb') as f:
        out = good('say', '-', '--phones', '-m', voice, stdin=f)
    names = {line.split()[0] for line in out.splitlines() if line}
    known = json.loads(content(os.path.join(voice, 'voice.json')))['phones']
    check(names <= set(known) and len(names) > 40, 'phones', sorted(set(known) - names))
    mama = [line.split()[0] for line in good('say', 'Мама мыла раму.', '--phones', '-m', voice).splitlines() if line]
    check(mama == 'pau m aa m a m yy l a r aa m u pau'.split(), mama)


def main():
    voice = make_voice()
    lines = check_rows(voice)
    check_bits(voice, lines)
    check_bad_phones(voice)
    check_usage(voice)
    check_mapping(voice)
    check_bad_programs(voice)
    check_text(voice)
    check_round_trip(voice)
    check_interrupt(voice)
    check_memory(voice)
    check_real(sys.argv[3])
    check_bad_voices()
    finish()


main()
