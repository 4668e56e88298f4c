# SPDX-License-Identifier: MIT
# commands.py - wavenet train as its user meets it: bad recipes and manifests are one clear line, Ctrl-C leaves a
# checkpoint that ends as if nothing had happened. Usage: commands.py WAVENET
# Copyright (c) 2026 the wavenet authors
import copy
import json
import math
import os
import random
import re
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))
from common import FOLDER, WAVENET, bad, check, content, finish, good, npy, path, run, wav, write_file  # noqa: E402

FRAMES = 4000
RECIPE = {
    'model': {
        'sample_rate': 16000,
        'input': {'classes': 16, 'companding': 'mulaw-midtread'},
        'output': {'kind': 'categorical'},
        'controls': [{'name': 'key', 'min': 21, 'max': 108, 'default': 60}, {'name': 'who', 'choices': ['piano', 'flute']}],
        'condition': {'hop': 16, 'features': [{'kind': 'scaled', 'control': 'key', 'scale': 0.01}],
                      'stages': [{'kind': 'conv', 'out': 4}], 'excitation': {'harmonics': [1, 2], 'key': 'key'}},
        'stacks': [{'channels': 4, 'skip_channels': 4, 'kernel': 2, 'dilations': [1, 2]}],
        'head': [{}],
    },
    'data': {'manifest': 'clips.csv'},
    'train': {'streams': 3, 'chunk': 160, 'steps': 4, 'validate_every': 2},
}
MANIFEST = 'audio,offset,frames,split,key,who\nnoise.wav,0,3000,train,60,piano\nnoise.wav,3000,,valid,0:60 0.02:72,1\n'


def recipe(change=None, name='recipe.json'):
    """The recipe, changed, as a file."""
    r = copy.deepcopy(RECIPE)
    if change:
        change(r)
    return write_file(name, json.dumps(r))


def setter(place, value):
    """Sets the value at 'train.chunk'."""
    def change(r):
        *way, last = place.split('.')
        for key in way:
            r = r[key]
        r[last] = value
    return change


def remove(place):
    def change(r):
        *way, last = place.split('.')
        for key in way:
            r = r[key]
        del r[last]
    return change


def refuse(words, file, *more):
    out = path('never.safetensors')
    bad(words, 'train', file, '-o', out, *more)
    check(not os.path.exists(out) and not os.path.exists(out + '.ckpt'), words, 'left a file')


def bad_recipes():
    for words, change in [
        ('"sampels"', setter('train.sampels', 3)), ('train.corruption: has the unknown key "shares"', setter('train.corruption', {'shares': 1})),
        ('"learning_rate"', setter('learning_rate', 1)), ('data: has the unknown key "lock"', setter('data.lock', True)), ('model', remove('model')),
        ('data', remove('data')), ('train', remove('train')), ('data.manifest', remove('data.manifest')),
        ('steps', remove('train.steps')), ('train.samples', setter('train.samples', 4000)),
        ('train.minutes: and steps are both given', setter('train.minutes', 3)),
        ('train.minutes: is -1', setter('train.minutes', -1)), ('train.init: is empty', setter('train.init', '')),
        ('none.safetensors', setter('train.init', 'none.safetensors')), ('train.init', setter('train.init', 7)),
        ('train.steps', setter('train.steps', 2.5)), ('train.steps', setter('train.steps', -1)),
        ('train.steps', setter('train.steps', 'many')), ('train.streams', setter('train.streams', 0)),
        ('train.streams', setter('train.streams', 1 << 31)), ('train.chunk', setter('train.chunk', 1 << 40)),
        ('multiple of the hop of 16', setter('train.chunk', 100)), ('train.betas', setter('train.betas', [0.9])),
        ('train.betas', setter('train.betas', [0.9, 1])), ('train.clip', setter('train.clip', 0)),
        ('train.learning_rate', setter('train.learning_rate', -0.1)), ('train.average', setter('train.average', 1.1)),
        ('train.seed', setter('train.seed', -1)), ('train.slots', setter('train.slots', 0)),
        ('corruption.remove', setter('train.corruption', {'share': 0.1, 'remove': 0.2})),
        ('corruption.share', setter('train.corruption', {'share': 2})),
        ('remove_noise_log10', setter('train.corruption', {'remove_noise_log10': [1]})),
        ('noise_log10', setter('train.corruption', {'noise_log10': ['a', 'b']})),
        ('train.corruption', setter('train.corruption', 0.75)), ('loss', setter('train.loss', {'esr': 0})),
        ('data.manifest', setter('data.manifest', 3)), ('none.csv', setter('data.manifest', 'none.csv')),
        ('model: stacks', remove('model.stacks')), ('classes', setter('model.input.classes', 1 << 31)),
        ('film', setter('model.stacks', [{'channels': 4, 'dilations': [1], 'film_conv_pre': True}])),
        ('', setter('model.input', {'channels': 2})), ('without speakers', setter('model.condition.global', 3)),
        ('remember', setter('model.stacks', [{'channels': 512, 'dilations': [4194304] * 9, 'kernel': 9}])),
    ]:
        refuse(words, recipe(change))
    for words, text in [('', ''), ('', '{'), ('object', '[]'), ('', '{"model": 1, "model": 2}'), ('', '{} {}'),
                        ('', '\xff'), ('', '[' * 5000)]:
        refuse(words, write_file('recipe.json', text.encode('latin1')))
    refuse('missing.json', path('missing.json'))
    refuse('', FOLDER)


def bad_manifests():
    head, row = 'audio,offset,frames,split,key\n', 'noise.wav,0,3000,train,60\n'
    for words, text in [
        ('empty', ''), ('no clips', 'audio,split\n'), ('"colour"', 'audio,split,colour\n'), ('"audio"', 'split,key\n'),
        ('"split"', 'audio,key\n'), ('twice', 'audio,split,audio\n'), ('3 cells', head + 'noise.wav,0,3000\n'),
        ('more than 5', head + 'noise.wav,0,3000,train,60,1\n'), ('missing.wav', head + 'missing.wav,0,100,train,60\n'),
        ('offset', head + 'noise.wav,-1,3000,train,60\n'), ('offset', head + 'noise.wav,x,3000,train,60\n'),
        ('offset', head + 'noise.wav,nan,3000,train,60\n'), ('frames', head + 'noise.wav,0,1e30,train,60\n'),
        ('which has 4000', head + 'noise.wav,3000,3000,train,60\n'), ('which has 4000', head + 'noise.wav,9000,,train,60\n'),
        ('shorter than a frame', head + 'noise.wav,0,15,train,60\n'), ('range', head + 'noise.wav,0,3000,train,200\n'),
        ('number', head + 'noise.wav,0,3000,train,loud\n'), ('who', 'audio,split,who\nnoise.wav,train,horn\n'),
        ('ascending', head + 'noise.wav,0,3000,train,0:60 0.2:61 0.1:62\n'), ('seconds:value', head + 'noise.wav,0,3000,train,0:60 61\n'),
        ('seconds:value', head + 'noise.wav,0,3000,train,-1:60\n'), ('number', head + 'noise.wav,0,3000,train,0:nan\n'),
        ('no audio', head + ',0,3000,train,60\n'), ('no split', head + 'noise.wav,0,3000,,60\n'),
        ('"train"', head + 'noise.wav,0,3000,test,60\n'), ('zero byte', head + 'noise\0.wav,0,3000,train,60\n'),
        ('not closed', head + '"noise.wav,0,3000,train,60\n'), ('after a closing', head + '"noise.wav"x,0,3000,train,60\n'),
        ('speaker', 'audio,split,speaker\nnoise.wav,train,0\n'), ('takes none', 'audio,split,features\nnoise.wav,train,f.npy\n'),
        ('target', 'audio,split,target\nnoise.wav,train,noise.wav\n'), ('too long', head + 'x' * 5000 + ',0,3000,train,60\n'),
        ('', head + FOLDER + ',0,3000,train,60\n'), ('', head + 'clips.csv,0,3000,train,60\n'),
        ('line 3', head + row + 'noise.wav,0,3000,train,9\n'),
    ]:
        write_file('clips.csv', text)
        refuse(words, recipe())
    write_file('clips.csv', MANIFEST)


def bad_features():
    """A model that takes rows from outside."""
    def change(r):
        r['model']['condition'] = {'channels': 2, 'hop': 16, 'stages': [{'kind': 'conv', 'kernel': 3}]}
        r['data']['manifest'] = 'rows.csv'
    write_file('rows.csv', 'audio,split,features\nnoise.wav,train,rows.npy\n')
    for words, data in [('channels', npy((100, 3), [0] * 300)), ('not finite', npy((252, 2), [float('nan')] * 504)),
                        ('rows.npy has 2 rows, 4000 samples of sound need 252', npy((2, 2), [0] * 4)),
                        ('has 249 rows', npy((249, 2), [0] * 498)), ('has 255 rows', npy((255, 2), [0] * 510)), ('', npy((100, 2), [0] * 200, descr='<f8')), ('', b''),
                        ('', npy((200,), [0] * 200)), ('', npy((100, 2), [0] * 200, fortran=True))]:
        write_file('rows.npy', data)
        refuse(words, recipe(change))
    write_file('rows.npy', npy((252, 2), [0.1] * 504))
    for rows in (250, 254, 252):
        write_file('rows.npy', npy((rows, 2), [0.1] * 2 * rows))
        good('train', recipe(change), '-o', path('rows.safetensors'), '--force', '--steps', 2)
    write_file('rows.csv', 'audio,split\nnoise.wav,train\n')
    refuse('features', recipe(change))


def tracks():
    """A contour in a file trains as the same contour in a cell does."""
    points = [(0, 60), (0.02, 62.5), (0.05, 71), (0.1, 55)]
    cell = ' '.join(f'{t}:{key}' for t, key in points)
    write_file('key.csv', 'time,key\n' + ''.join(f'{t},{key}\n' for t, key in points))
    for name, text in [('cell', f'audio,split,key\nnoise.wav,train,{cell}\n'), ('file', 'audio,split,track\nnoise.wav,train,key.csv\n')]:
        write_file('clips.csv', text)
        good('train', recipe(), '-o', path(name + '.safetensors'))
    check(tensors(path('cell.safetensors')) == tensors(path('file.safetensors')), 'a track in a file trains other weights')
    for words, text in [('missing.csv', 'missing.csv'), ('neither time nor a control', 'clips.csv')]:
        write_file('clips.csv', f'audio,split,track\nnoise.wav,train,{text}\n')
        refuse(words, recipe())
    write_file('clips.csv', MANIFEST)
    write_file('plain.csv', 'audio,split,track\nnoise.wav,train,key.csv\n')

    def uncontrolled(r):
        del r['model']['condition'], r['model']['controls']
        r['data']['manifest'] = 'plain.csv'
    refuse('has no controls', recipe(uncontrolled))


def header(name):
    data = content(name)
    return json.loads(data[8:8 + struct.unpack('<Q', data[:8])[0]])


def starts():
    """Weights of another model: all of them, some of them, none of them."""
    def start(r):
        r['train'].update(init='first.safetensors', learning_rate=0, average=0, average_early=0)
    code, _, err = run('train', recipe(start), '-o', path('same.safetensors'))
    every = len(header(path('first.safetensors'))) - 1
    check(code == 0 and f'first.safetensors: {every} of {every} tensors taken' in err, err)
    check(tensors(path('same.safetensors')) == tensors(path('first.safetensors')), 'the weights are not those of init')

    def wider(r):
        start(r)
        r['model']['head'] = [{'out': 8}, {}]
    code, _, err = run('train', recipe(wider), '-o', path('wider.safetensors'))
    check(code == 0 and f'{every - 2} of {every + 2} tensors taken' in err, err)

    def stranger(r):
        start(r)
        del r['model']['condition'], r['model']['controls']
        r['model']['input']['classes'] = 8
        r['model']['stacks'] = [{'channels': 3, 'skip_channels': 3, 'dilations': [1]}]
        r['data']['manifest'] = 'bare.csv'
    write_file('bare.csv', 'audio,split\nnoise.wav,train\n')
    refuse('shares no tensor', recipe(stranger))


def slices():
    """Long clips are cut, the run goes on from its checkpoint, and other slices are another run."""
    cut = recipe(setter('data.slice', 0.05), 'cut.json')
    whole, part = path('cut.safetensors'), path('cut-part.safetensors')
    good('train', cut, '-o', whole)
    good('train', cut, '-o', part, '--steps', 2)
    good('train', cut, '-o', part, '--resume', '--steps', 4)
    check(tensors(whole) != tensors(path('first.safetensors')), 'slices change nothing')
    for seconds in (0, 0.1):
        refuse('training clips or slices', recipe(setter('data.slice', seconds)), '--checkpoint', path('cut-part.safetensors.ckpt'), '--resume')
    refuse('data.slice: is -1', recipe(setter('data.slice', -1)))
    refuse('shorter than two frames of 16', recipe(setter('data.slice', 0.001)))


def by_time():
    """A schedule by time ends by itself, and a stopped one goes on where it was."""
    def seconds(n):
        def change(r):
            del r['train']['steps']
            r['train'].update(minutes=n / 60, warmup=1)
        return change
    code, out, err = run('train', recipe(seconds(1)), '-o', path('timed.safetensors'))
    check(code == 0 and 'stopped' not in err and 'passes' in err and 'M samples' in err, err)
    training = json.loads(header(path('timed.safetensors'))['__metadata__']['wavenet'])['metadata']['training']
    check(training['seconds'] >= 1 and training['planned_seconds'] == 1, training)
    code, _, err = run('train', recipe(seconds(60)), '-o', path('timed.safetensors'), '--resume', '--minutes', 0.005)
    check(code == 0 and 'of 1.0 min; go on with --resume' in err, err)
    code, _, err = run('train', recipe(seconds(1)), '-o', path('timed.safetensors'), '--resume')
    check(code == 0 and 'has all its' in err, err)


def speech():
    """Pre-emphasis and a pitch from the rows: training validates to the bits that score finds with the same phases."""
    def change(r):
        r['model'] = {
            'sample_rate': 16000, 'input': {'classes': 16, 'companding': 'mulaw-midtread', 'pre_emphasis': 0.85, 'gain': 1.5},
            'output': {'kind': 'categorical'},
            'condition': {'channels': 3, 'hop': 16, 'stages': [{'kind': 'conv', 'out': 4}],
                          'excitation': {'harmonics': [1, 2, 5], 'pitch': 2, 'voicing': 1, 'reference': 200, 'lock': 'fundamental'}},
            'sampling': {'temperature_channel': 1, 'temperature_below': 0.5}, 'stacks': RECIPE['model']['stacks'], 'head': [{}]}
        r['data']['manifest'] = 'voice.csv'
        r['train'].update(steps=40, average_early=0)
    rows = [[0.1 * (i % 7), i // 50 % 2, 0.3 * math.sin(i / 9)] for i in range(250)]
    write_file('voice.npy', npy((250, 3), sum(rows, [])))
    phase, sound = 0, []
    for t in range(FRAMES):
        _, voiced, octaves = rows[t // 16]
        phase += 201 * 2 ** octaves / 16000
        sound.append(int(8000 * math.sin(2 * math.pi * phase)) if voiced else random.randrange(-2000, 2000))
    write_file('voice.wav', wav(sound))
    write_file('voice.csv', 'audio,features,split\nvoice.wav,voice.npy,train\nvoice.wav,voice.npy,valid\n')
    _, out, _ = run('train', recipe(change), '-o', path('voice.safetensors'))
    trained = float(out.split('validation')[1])
    score = ['score', '-m', path('voice.safetensors'), path('voice.wav'), '--cond', path('voice.npy'), '--json']
    locked, free = (json.loads(good(*score, *more))['bits'] for more in (['--lock-phase'], []))
    check(abs(locked - trained) < 0.005, 'score gives', locked, 'bits, training', trained)
    check(free != locked, 'the phases change nothing')
    config = json.loads(header(path('voice.safetensors'))['__metadata__']['wavenet'])
    check(config['version'] == 2 and config['input']['pre_emphasis'] == 0.85, config)
    good('generate', '-m', path('voice.safetensors'), '--cond', path('voice.npy'), '-o', path('voice.npy.wav'))
    renders(change)


def renders(change):
    """A render is what generate makes of the saved model, and its distance what compare finds."""
    def rendered(r):
        change(r)
        r['train'].update(render=0.2, checkpoint_every_seconds=0)
    code, out, err = run('train', recipe(rendered), '-o', path('heard.safetensors'))
    check(code == 0, err)
    frames = 3200
    good('generate', '-m', path('heard.safetensors'), '--cond', path('voice.npy'), '--samples', frames, '-o', path('heard.wav'))
    check(content(path('heard-render.wav')) == content(path('heard.wav')), 'the render differs from generate')
    write_file('start.wav', wav(struct.unpack(f'<{frames}h', content(path('voice.wav'))[44:44 + 2 * frames])))
    found = json.loads(good('compare', '--speech', '--json', path('start.wav'), path('heard.wav')))['log_mel_db']
    said = float(re.search(r'render ([\d.]+) dB', out)[1])
    config = json.loads(header(path('heard.safetensors'))['__metadata__']['wavenet'])
    stored = config['metadata']['training']['render_log_mel_db']
    check(abs(stored - found) < 0.01 and abs(said - found) < 0.02, 'distances', said, stored, found)

    def refused(words, place, value, name='refused.json'):
        def both(r):
            rendered(r)
            setter(place, value)(r)
        refuse(words, recipe(both, name))
    refused('train.render: is -1', 'train.render', -1)
    refused('train.render needs a sample rate of 16000', 'model.sample_rate', 8000)
    write_file('unheard.csv', 'audio,features,split\nvoice.wav,voice.npy,train\n')
    refused('train.render needs clips to validate with', 'data.manifest', 'unheard.csv')
    refuse('train.render needs a model that makes sound of features', recipe(setter('train.render', 1)))


def other_sounds():
    """Another rate and two channels are taken, and said."""
    write_file('stereo.wav', wav([random.randrange(-8000, 8000) for _ in range(2 * FRAMES)], rate=22050, channels=2))
    write_file('clips.csv', 'audio,split\nstereo.wav,train\n')
    code, _, err = run('train', recipe(), '-o', path('other.safetensors'))
    check(code == 0 and '1 sound files were resampled to 16000 Hz' in err and '1 sound files were mixed down' in err, err)
    write_file('clips.csv', MANIFEST)


def bad_usage():
    bad('', 'train', code=2)
    bad('--threads', 'train', recipe(), '--threads', 0, code=2)
    bad('--minutes', 'train', recipe(), '--minutes', -1, code=2)
    refuse('none.ckpt', recipe(), '--resume', '--checkpoint', path('none.ckpt'))
    bad('', 'train', recipe(), '-o', path('no/such/folder/m.safetensors'))


def tensors(name):
    data = content(name)
    return data[8 + struct.unpack('<Q', data[:8])[0]:]


def interruptions():
    """Killed by SIGINT in the middle and resumed, the weights are those of a run that was left alone."""
    def long(r):
        r['train'].update(steps=16000, corruption={})
    file = recipe(long, 'long.json')
    good('train', file, '-o', path('whole.safetensors'))
    out, stopped = path('part.safetensors'), 0
    for how in (signal.SIGINT, signal.SIGTERM):
        p = subprocess.Popen([WAVENET, 'train', file, '-o', out] + (['--resume'] if how == signal.SIGTERM else []),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        p.stderr.readline()  # the line about threads and weights: from here on it trains
        time.sleep(0.2)
        p.send_signal(how)
        _, words = p.communicate(timeout=300)
        check(p.returncode == 0, 'an interrupted run fails:', words)
        stopped += b'go on with --resume' in words
        check(os.path.exists(out) and os.path.exists(out + '.ckpt'), 'nothing was kept', words)
    check(stopped, 'no run was interrupted')
    good('train', file, '-o', out, '--resume', '--threads', 2)
    check(tensors(out) == tensors(path('whole.safetensors')), 'a stopped run ends with other weights')


random.seed(1)
write_file('noise.wav', wav([random.randrange(-8000, 8000) for _ in range(FRAMES)]))
write_file('clips.csv', MANIFEST)
good('train', recipe(), '-o', path('first.safetensors'))
good('info', path('first.safetensors'))
good('generate', '-m', path('first.safetensors'), '-o', path('first.wav'), '--samples', 100)
bad_recipes()
bad_manifests()
bad_features()
tracks()
starts()
slices()
by_time()
speech()
other_sounds()
bad_usage()
interruptions()
finish()
