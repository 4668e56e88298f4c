# SPDX-License-Identifier: MIT
# features.py - a command built without plots, MIDI input and the trainer says so, and runs otherwise.
# Usage: features.py WAVENET_BARE
# Copyright (c) 2026 the wavenet authors
import json
import os

from common import FOLDER, HERE, bad, check, finish, good, run

NOTES = os.path.join(HERE, '..', '..', 'models', 'notes')


def main():
    picture = os.path.join(FOLDER, 'field.png')
    layers = ('--kernel', '2', '--dilations', '1,2,4')
    bad('has no plots', 'rf', *layers, '--plot', picture, code=2)
    check(not os.path.exists(picture), 'a plot was written')
    check('8' in good('rf', *layers), 'rf without a plot')

    bad('has no MIDI input', 'play', '-m', NOTES, '--midi')
    code, out, err = run('devices', '--json')
    check(code == 0 and json.loads(out)['midi'] == [], 'devices without MIDI', code, out, err)

    for options in ((), ('recipe.json', '-o', 'model.safetensors'), ('--help',)):
        bad('has no trainer', 'train', *options)
    check('train' in good('--help'), 'train is not listed')
    bad('checks the trainer, which this build has not', 'verify', NOTES, '--gradients')
    finish()


main()
