# SPDX-License-Identifier: MIT
# front_door.py - the command lines that people type before they have read any help. Usage: front_door.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import array
import json
import os
import random
import shutil
import subprocess

import nam
from common import FOLDER, WAVENET, check, content, finish, model, read_wav, wav

RATE = 8000  # of the model of notes
FLOAT = {'bits': 32, 'kind': 3}
HERE = os.path.join(FOLDER, 'desk')


def noise(n, seed, level=0.3):
    drawn = random.Random(seed)
    return array.array('f', [drawn.uniform(-level, level) for _ in range(n)])


def put(name, data):
    """A file of the stranger's folder."""
    with open(os.path.join(HERE, name), 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return name


def there(name):
    return os.path.exists(os.path.join(HERE, name))


def desk(name):
    return content(os.path.join(HERE, name))


def say(line):
    """Run `wavenet LINE` in the stranger's folder: (exit status, stdout, stderr)."""
    done = subprocess.run([WAVENET, *line.split()], cwd=HERE, capture_output=True, timeout=300)
    return done.returncode, done.stdout.decode(), done.stderr.decode(errors='replace')


def does(line, *files, words=''):
    """The line works, says `words`, and writes exactly `files`."""
    before = set(os.listdir(HERE))
    code, out, err = say(line)
    made = set(os.listdir(HERE)) - before
    check(code == 0 and words in out + err, line, '->', code, out, err)
    check(made == set(files), line, 'wrote', sorted(made), 'not', files)
    for name in files:
        check(name in err, line, 'does not say', name, err)
    return out


def refuses(line, *words, code=2):
    before = set(os.listdir(HERE))
    got, out, err = say(line)
    check(got == code and not out and err.count('\n') == 1, line, '->', got, out, err)
    for word in words:
        check(word in err, line, repr(word), 'was expected in', err)
    check(set(os.listdir(HERE)) == before, line, 'wrote something')


def gone(*names):
    for name in names:
        os.unlink(os.path.join(HERE, name))


def set_the_desk():
    os.makedirs(os.path.join(HERE, 'models', 'notes'))
    shutil.copy(model('controls'), os.path.join(HERE, 'models', 'notes', 'notes.safetensors'))
    put('amp.nam', json.dumps(nam.linear([0.5, 0.25], input_level_dbu=12, output_level_dbu=6)))
    put('pedal.nam', json.dumps(nam.linear([0.0, 1.0])))
    put('in.wav', wav(noise(96000, 1), 48000, **FLOAT))
    put('cab.wav', wav([0.5, 0.0, 0.25], 48000, **FLOAT))
    track = b'\x00\x90\x45\x50\x83\x00\x80\x45\x00\x00\xff\x2f\x00'
    put('song.mid', b'MThd\0\0\0\6\0\0\0\1\1\xf4MTrk' + len(track).to_bytes(4, 'big') + track)


def samples(name):
    out = array.array('f')
    out.frombytes(read_wav(desk(name))[4])
    return out


def check_process():
    """Models, sounds and the output in any order."""
    does('process -m amp.nam in.wav -o expected.wav', 'expected.wav')
    expected = desk('expected.wav')
    for line in ('process amp.nam in.wav out.wav', 'process in.wav amp.nam out.wav', 'process -m amp.nam in.wav out.wav',
                 'process --model amp.nam --input in.wav --output out.wav', 'process in.wav -m amp.nam -o out.wav'):
        does(line, 'out.wav')
        check(desk('out.wav') == expected, line, 'gives another sound')
        gone('out.wav')
    does('process amp.nam in.wav', 'in-amp.wav')
    check(desk('in-amp.wav') == expected, 'the output without a name')
    refuses('process amp.nam in.wav', 'in-amp.wav exists', '-o in-amp.wav')
    refuses('process amp.nam in.wav expected.wav', 'expected.wav exists', '-o expected.wav')
    does('process amp.nam in.wav -o in-amp.wav')
    refuses('process amp.nam', 'IN.wav is missing')
    refuses('process in.wav out.wav', '-m MODEL is missing')
    refuses('process amp.nam none.wav -o out.wav', 'none.wav', code=1)
    refuses('process amp.nam none.flac', 'none.flac', code=1)
    gone('in-amp.wav')


def check_gain():
    does('process -m amp.nam in.wav -o gain.wav --gain 6', 'gain.wav')
    for option in ('--input-gain 6', '-g 6', '--input-gain=6'):
        does(f'process -m amp.nam in.wav -o g.wav {option}', 'g.wav')
        check(desk('g.wav') == desk('gain.wav'), option)
        gone('g.wav')
    does('process -m amp.nam in.wav -o dbu.wav --output-dbu 9', 'dbu.wav', words='output -3.00 dB')
    refuses('process -m pedal.nam in.wav -o g.wav --output-dbu 9', '--output-dbu', code=1)


def check_series():
    """pedal, then amp, then the cabinet."""
    x = list(samples('in.wav'))
    late = [0.0] + x[:-1]
    amp = [0.5 * a + 0.25 * b for a, b in zip(late, [0.0] + late[:-1])]
    cab = [0.5 * a + 0.25 * b for a, b in zip(amp, [0.0, 0.0] + amp[:-2])]

    def expect(line, wanted, **more):
        does(line, 's.wav', **more)
        got = samples('s.wav')
        check(len(got) == len(wanted) and max(abs(a - b) for a, b in zip(got, wanted)) < 1e-6, line, 'is not the series')
        gone('s.wav')
    expect('process -m pedal.nam -m amp.nam in.wav -o s.wav', amp)
    expect('process pedal.nam amp.nam in.wav s.wav', amp)
    expect('process -m pedal.nam -m amp.nam --cab cab.wav in.wav -o s.wav', cab)
    for line in ('process pedal.nam amp.nam in.wav cab.wav s.wav', 'process pedal.nam amp.nam cab.wav in.wav -o s.wav'):
        expect(line, cab, words="cab.wav: taken as the cabinet's impulse response")
    put('other.nam', json.dumps(nam.linear([1.0], rate=44100)))
    refuses('process pedal.nam other.nam in.wav s.wav', 'other.nam', '44100', code=1)
    refuses('process amp.nam in.wav dbu.wav -o s.wav', "unexpected argument 'dbu.wav'")
    put('half.wav', wav(noise(24000, 2), 44100, **FLOAT))
    does('process amp.nam in.wav --cab half.wav -o s.wav', 's.wav')
    gone('s.wav', 'half.wav', 'other.nam')


def check_channels():
    left, right = noise(1000, 3), noise(1000, 4)
    put('both.wav', wav([v for pair in zip(left, right) for v in pair], 48000, 2, **FLOAT))
    for number, one in ((1, left), (2, right)):
        put('one.wav', wav(one, 48000, **FLOAT))
        does('process amp.nam one.wav -o a.wav', 'a.wav')
        does(f'process amp.nam both.wav -o b.wav --channel {number}', 'b.wav')
        check(desk('a.wav') == desk('b.wav'), '--channel', number)
        gone('a.wav', 'b.wav')
    put('one.wav', wav([(a + b) / 2 for a, b in zip(left, right)], 48000, **FLOAT))
    does('process amp.nam one.wav -o a.wav', 'a.wav')
    does('process amp.nam both.wav -o b.wav --mono', 'b.wav')
    check(max(abs(a - b) for a, b in zip(samples('a.wav'), samples('b.wav'))) < 1e-6, '--mono')
    refuses('process amp.nam both.wav -o c.wav --channel 3', '2 channels', code=1)
    refuses('process amp.nam both.wav -o c.wav --channel 0', '--channel')
    refuses('process amp.nam both.wav -o c.wav --channel 1 --mono', 'exclude')
    gone('a.wav', 'b.wav', 'one.wav', 'both.wav')


def check_generate():
    does('generate -m notes -o five.wav --seconds 0.5', 'five.wav')
    for line in ('generate notes -o out.wav --seconds 0.5', 'generate notes out.wav --duration 0.5',
                 'generate out.wav notes -s 0.5', 'generate models/notes out.wav -s 0.5',
                 'generate models/notes/notes.safetensors out.wav -s 0.5'):
        does(line, 'out.wav')
        check(desk('out.wav') == desk('five.wav'), line, 'gives another sound')
        gone('out.wav')
    does('generate notes', 'notes.wav')
    check(len(read_wav(desk('notes.wav'))[4]) == 2 * 5 * RATE, 'five seconds of notes')
    refuses('generate notes', 'notes.wav exists', '-o notes.wav')
    gone('notes.wav')
    does('generate --duration 0.5', 'notes.wav', words='notes plays')
    check(desk('notes.wav') == desk('five.wav'), 'the model that is taken by itself')
    refuses('generate notes notes.wav', '-o notes.wav')
    gone('notes.wav')
    does('generate -m notes --midi-file song.mid -o song-option.wav', 'song-option.wav')
    for line in ('generate notes song.mid out.wav', 'generate song.mid out.wav', 'generate song.mid notes -o out.wav'):
        does(line, 'out.wav')
        check(desk('out.wav') == desk('song-option.wav'), line, 'gives another song')
        gone('out.wav')
    does('generate notes song.mid', 'song.wav')
    gone('song.wav', 'song-option.wav', 'five.wav')
    refuses('generate', '-m MODEL is missing')
    refuses('generate -m notes', '-o OUT.wav is missing')


def check_notes():
    """Names of notes for controls in semitones."""
    for name, number in (('A4', 69), ('C4', 60), ('c#3', 49), ('Bb2', 46), ('a0', 21), ('C8', 108), ('B#3', 60)):
        does(f'generate notes a.npy -s 0.1 --control key={number}', 'a.npy')
        does(f'generate notes b.npy -s 0.1 --control key={name}', 'b.npy')
        check(desk('a.npy') == desk('b.npy'), name, 'is not', number)
        gone('a.npy', 'b.npy')
    for name in ('H4', 'A', '#4', 'A44', 'A4x', 'A 4', 'C-2'):
        code, _, err = say(f'generate notes a.npy -s 0.1 --control key={name.replace(" ", "")}{"!" if " " in name else ""}')
        check(code == 1 and 'key' in err, name, err)
    refuses('generate notes a.npy --control key=C9', 'outside its range', code=1)
    refuses('generate notes a.npy --control gate=A4', 'is no number', code=1)


def check_models():
    """Every command takes its model as an argument as well as with -m."""
    does('generate notes short.wav -s 0.1', 'short.wav')
    for one, other in (('score notes short.wav', 'score -m notes short.wav'), ('score short.wav notes', 'score notes short.wav'),
                       ('info notes', 'info -m notes'), ('rf notes', 'rf -m notes'), ('verify amp.nam', 'verify -m amp.nam')):
        check(does(one) == does(other), one, 'is not', other)
    does('bench -m amp.nam --repeats 1 --json')
    does('convert -m notes -o copy.safetensors', 'copy.safetensors')
    does('convert notes again.safetensors', 'again.safetensors')
    check(desk('copy.safetensors') == desk('again.safetensors'), 'convert -m')
    gone('copy.safetensors', 'again.safetensors', 'short.wav')
    for line in ('info notes -m amp.nam', 'score notes amp.nam in.wav', 'verify -m amp.nam -m amp.nam'):
        refuses(line, 'given twice' if 'info' not in line else '')


def check_words():
    """The nearest known word."""
    for line, words in (('generte notes', ('did you mean generate?',)), ('proces', ('did you mean process?',)),
                        ('generate notes --secnods 5', ('did you mean --seconds?',)),
                        ('process amp.nam in.wav --outputgain 5', ('did you mean --output-gain?',)),
                        ('generate notes --sec 5', ('did you mean --seconds?',))):
        refuses(line, *words)
    refuses('generate notes a.wav --control kye=60', 'did you mean key?', code=1)
    refuses('generate nots a.wav', './models', 'did you mean notes?', code=1)
    refuses('info nothing-like-it', './models', code=1)
    code, _, err = say('info nothing-like-it')
    check('did you mean' not in err, 'a suggestion that is not near', err)


def check_list():
    for line in ('list', 'models'):
        out = does(line)
        check(out.startswith('notes ') and 'generator, 8000 Hz' in out and 'key, gate, instrument, bend' in out, line, out)
    listed = json.loads(does('list --json'))
    check([m['name'] for m in listed] == ['notes'] and listed[0]['controls'][0] == 'key', 'list --json', listed)
    os.makedirs(os.path.join(HERE, 'models', 'broken'))
    put('models/broken/broken.nam', '{')
    code, out, err = say('list')
    check(code == 0 and 'broken.nam' in err and out.startswith('notes '), 'a broken model', code, out, err)
    shutil.rmtree(os.path.join(HERE, 'models', 'broken'))
    shutil.copy(os.path.join(HERE, 'amp.nam'), os.path.join(HERE, 'models', 'crunch.nam'))
    check('crunch.nam' in does('list') and 'effect, 48000 Hz' in does('list'), 'a model file of the place')
    does('process crunch in.wav -o c.wav', 'c.wav')
    gone('c.wav', 'models/crunch.nam')


def check_info():
    out = does('info in.wav')
    for words in ('48000 Hz', '96000 samples, 2.000 s', 'channels      1', 'peak'):
        check(words in out, 'info in.wav', words, out)
    facts = json.loads(does('info in.wav --json'))
    check(facts['frames'] == 96000 and facts['rate'] == 48000 and facts['bits'] == 32, facts)
    refuses('info in.wav notes', 'one MODEL, one sound file')


def check_other_names():
    check(does('receptive-field notes') == does('rf notes'), 'receptive-field')
    check(does('esr in.wav in.wav') == does('compare in.wav in.wav'), 'esr')
    check(does('-v') == does('--version') == does('version'), '-v')
    check(does('live --list-devices') == does('devices'), 'live --list-devices')
    check(does('play --list-devices') == does('devices'), 'play --list-devices')
    refuses('play', '-m MODEL is missing')


def complete(*words):
    """What bash offers for the last of the words."""
    script = os.path.join(FOLDER, 'completion.bash')
    with open(script, 'w') as f:
        f.write(say('completion bash')[1])
    quoted = ' '.join(f"'{w}'" for w in words)
    done = subprocess.run(['bash', '-c', f'shopt -u progcomp_alias; wavenet() {{ "{WAVENET}" "$@"; }}; . {script}; '
                           f'COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _wavenet; printf "%s\\n" "${{COMPREPLY[@]}}"'],
                          cwd=HERE, capture_output=True, timeout=60)
    check(done.returncode == 0 and not done.stderr, words, done.stderr)
    return done.stdout.decode().split()


def check_completion():
    check('generate' in complete('wavenet', 'gen') and 'process' in complete('wavenet', ''), 'commands')
    check(complete('wavenet', 'generate', '--sec') == ['--seconds'], 'an option')
    check('--duration' not in complete('wavenet', 'generate', '--'), 'a hidden option')
    check('notes' in complete('wavenet', 'generate', 'no'), 'a model')
    check('notes' in complete('wavenet', 'score', '-m', 'no'), 'a model of -m')
    check('instrument=flute' in complete('wavenet', 'generate', 'notes', '--control', 'instrument'), 'a control')
    check('in.wav' in complete('wavenet', 'process', 'in'), 'a file')
    listed = [line.split()[0] for line in say('--help')[1].splitlines() if line.startswith('  ')]
    for shell in ('bash', 'zsh', 'fish'):
        out = does(f'completion {shell}')
        check(all(name in out for name in listed) and 'seconds' in out and 'input-gain' not in out, shell)
        if shutil.which(shell):
            done = subprocess.run([shell, '-n'], input=out.encode(), capture_output=True)
            check(done.returncode == 0 and not done.stderr, shell, done.stderr)
    refuses('completion tcsh', 'bash, zsh or fish')
    refuses('completion', '1 argument')


def scaled(model_file, factor):
    """A native model whose weights are `factor` times as large, and still finite."""
    size = int.from_bytes(model_file[:8], 'little')
    weights = array.array('f', model_file[8 + size:])
    return model_file[:8 + size] + array.array('f', [w * factor for w in weights]).tobytes()


def check_no_noise():
    """A model that diverges is told, and nothing is written."""
    layer = {'input_size': 1, 'condition_size': 1, 'channels': 1, 'head_size': 1, 'kernel_size': 1, 'dilations': [1] * 12,
             'activation': 'ReLU', 'gated': False, 'head_bias': False}
    weights = [1e5] + 12 * [1e4, 0.0, 1e4, 1e4, 0.0] + [1.0, 1.0]
    put('huge.nam', json.dumps({'version': '0.5.4', 'architecture': 'WaveNet', 'weights': weights, 'sample_rate': 48000,
                                'config': {'layers': [layer], 'head': None, 'head_scale': 1.0}}))
    refuses('process huge.nam in.wav out.wav', 'not finite', code=1)
    put('loud.nam', json.dumps(nam.linear([0.0, 0.0, 1e6])))
    refuses('process loud.nam in.wav out.wav', 'explodes', 'nothing was written', code=1)
    refuses('process loud.nam in.wav out.wav --output-gain -120', 'explodes', code=1)
    does('process amp.nam in.wav out.wav --gain 100', 'out.wav')
    refuses('forward huge.nam in.wav -o out.npy', 'not finite', 'nothing was written', code=1)
    check(say('forward loud.nam in.wav -o out.npy')[0] == 0, 'numbers beyond full scale are no fault of forward')
    gone('out.wav', 'out.npy', 'huge.nam', 'loud.nam')
    for name, rate in (('tiny', 8000), ('mixture', 16000), ('controls', RATE)):
        put('speech.wav', wav(noise(2000, 5), rate, **FLOAT))
        put('wild.safetensors', scaled(content(model(name)), 1e25))
        refuses('generate wild.safetensors out.wav --samples 500', "the model's output", 'nothing was written', code=1)
        refuses('generate wild.safetensors out.wav --samples 500 --voices 3 --threads 2', "the model's output", code=1)
        refuses('forward wild.safetensors speech.wav -o out.npy', 'not finite', code=1)
        refuses('score wild.safetensors speech.wav --per-sample out.npy', 'not finite', code=1)
    refuses('generate wild.safetensors out.wav --midi-file song.mid', "the model's output", code=1)
    gone('wild.safetensors', 'speech.wav')


def main():
    set_the_desk()
    for part in (check_process, check_gain, check_series, check_channels, check_generate, check_notes, check_models, check_words,
                 check_list, check_info, check_other_names, check_completion, check_no_noise):
        part()
    left = [f for f in os.listdir(HERE) if f.endswith(('.tmp', '.part'))]
    check(not left, 'files were left:', left)
    finish()


main()
