# SPDX-License-Identifier: MIT
# devices.py - the list of sound devices, on a machine without any and on one with devices made of files.
# Usage: devices.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
#
# The devices are ALSA's own: its configuration is told to know a few that need no hardware.
import json
import os

from common import ALSA_SYSTEM, WAVENET, alsa_files, bad, check, finish, good, path, run, write_file

# A card that is not there.
FIXED = 'pcm.wnfixed { type asym playback.pcm { type hw card 77 } capture.pcm { type hw card 77 } }\n'


def listed(environment):
    """The JSON list; nothing may be said beside it."""
    code, out, err = run('devices', '--json', env=environment)
    check(code == 0 and err == '', 'devices --json', code, repr(err))
    return json.loads(out)


def check_device(d, hosts):
    check(set(d) == {'index', 'host', 'name', 'rate', 'input', 'output'}, 'fields', d)
    check(d['host'] in hosts and d['name'] and d['rate'] > 0, 'device', d)
    for side in (d['input'], d['output']):
        check(side['channels'] > 0 or not side['rates'], 'rates without channels', d)
        check(len(side['latency']) == 2 and side['rates'] == sorted(side['rates']), 'latencies and rates', d)


def check_none(environment):
    """A machine without devices: words and exit 0. It takes such a machine to see that."""
    found = listed(environment)
    for i, port in enumerate(found['midi']):
        check(set(port) == {'index', 'system', 'name'} and port['index'] == i and port['name'], 'MIDI inputs', port)
    if found['devices']:
        print('note: this machine has sound devices; what is said without any is not looked at')
        return
    code, out, err = run('devices', env=environment)
    check(code == 0 and err == '' and out.endswith('This machine has no sound device that is known here.\n'), 'none', out, err)
    check(('MIDI inputs\n      none\n' in out) == (not found['midi']), 'MIDI inputs', out)
    for host in found['hosts']:
        check(f'{host}\n      no devices\n' in out, host, out)


def check_files(environment):
    """Devices made of files: what they are is known, and so is what must be said."""
    environment = dict(environment, ALSA_CONFIG_PATH=alsa_files('wnboth', write_file('in.raw', bytes(4096)), more=FIXED))
    found = listed(environment)
    for i, d in enumerate(found['devices']):
        check(d['index'] == i, 'numbers', d)
        check_device(d, found['hosts'])
    named = {d['name']: d for d in found['devices'] if d['host'] == 'ALSA'}
    check('wnfixed' not in named, 'a card that is not there is listed', named)
    both = named.get('wnboth')
    if not check(both is not None, 'wnboth is not listed', sorted(named)):
        return
    for side in ('input', 'output'):
        check(both[side]['channels'] > 0 and both[side]['latency'][0] > 0, side, both)
        check({16000, 44100, 48000} <= set(both[side]['rates']), side, both)
        check(sum(d[side]['default'] for d in found['devices']) <= 1, 'more than one default', side)
    text = good('devices', env=environment)
    check(f"  {both['index']:3} wnboth, {both['rate']:g} Hz\n" in text, text)
    check(text.count('(default)') == sum(d[s]['default'] for d in found['devices'] for s in ('input', 'output')), text)
    check(text.count('plays') == sum(d['output']['channels'] > 0 for d in found['devices']), text)


def main():
    # Each question makes ALSA free large buffers; to fill them first, as meson asks, takes minutes.
    os.environ.pop('MALLOC_PERTURB_', None)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(('ALSA_', 'JACK_'))}
    environment['JACK_NO_START_SERVER'] = '1'
    environment['JACK_DEFAULT_SERVER'] = f'wavenet-none-{os.getpid()}'
    bad("unexpected argument 'x'", 'devices', 'x', code=2)
    check_none(environment)
    for descriptors in ('2>&-', '2>/dev/full'):  # stderr closed, or full
        code = os.system(f'"{WAVENET}" devices {descriptors} >{path("out")}')
        check(code == 0, 'devices', descriptors, code)
    if os.path.exists(ALSA_SYSTEM):
        check_files(environment)
    else:
        print('note: ALSA has no configuration here; devices made of files are not tried')
    finish()


main()
