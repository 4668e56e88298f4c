# SPDX-License-Identifier: MIT
# play.py - playing on devices that are not there, and what is wrong before a device is asked for.
# Usage: play.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import os
import struct
import subprocess

from common import ALSA_SYSTEM, NO_DEVICE, WAVENET, alsa_files, bad, check, finish, model, path, write_file


def check_panic():
    """The key p releases the notes of a song: on a device that is a file."""
    track = b'\x00\x90\x3c\x40' + b'\x83\x86\x50\x80\x3c\x00' + b'\x00\xff\x2f\x00'
    song = write_file('held.mid', b'MThd' + struct.pack('>IHHH', 6, 0, 1, 480) + b'MTrk' + struct.pack('>I', len(track)) + track)
    environment = dict(NO_DEVICE, ALSA_CONFIG_PATH=alsa_files('wnplay', write_file('in.raw', bytes(4000))))
    playing = {}
    for key in ('', 'p'):
        job = subprocess.run([WAVENET, 'play', model('controls'), song, '-d', 'wnplay', '--seconds', '2', '--json'], input=key, text=True,
                             capture_output=True, env=environment, timeout=120)
        playing[key] = job.stderr
        check(job.returncode == 0, 'panic', job.stderr)
    check('all notes released' in playing['p'] and 'released' not in playing[''], 'panic', playing)


def main():
    os.environ.pop('MALLOC_PERTURB_', None)
    tiny = model('tiny')
    base = ('play', '-m', tiny)
    bad('-m MODEL is missing', 'play', code=2)
    for words, *options in (
            ('--seconds is above 0', '--seconds', 0), ('--seconds is above 0', '--seconds', 'nan'),
            ('--latency is', '--latency', 0), ('--latency is', '--latency', 'nan'), ('--rate is', '--rate', 1),
            ('--rate is', '--rate', 'nan'), ('--buffer is', '--buffer', -1), ('--buffer is', '--buffer', 1000000),
            ('--voices', '--voices', 2), ('exclude each other', '--midi', '--midi-file', 'x.mid'),
            ('instead of --track', '--midi', '--track', 'x.csv'), ('--voices is 1 to 64', '--midi', '--voices', 65),
            ('--mix-gain needs', '--mix-gain', 0), ('--threads is', '--threads', 0), ('--bits are', '--bits', 16),
            ('--temperature', '--temperature', -1), ('unexpected argument', 'x')):
        bad(words, *base, *options, code=2)
    bad('no such model', 'play', '-m', path('none'))
    bad('a feed-forward model', 'play', '-m', model('feedforward'))
    bad('is an input file, too', *base, '--record', tiny)
    bad('no sound device of this number or name plays', *base, '--device', 'no such device', env=NO_DEVICE)
    bad('no sound device of this number or name plays', *base, '--device', '99999', env=NO_DEVICE)
    bad('no control', *base, '--midi-file', write_file('song.mid', 'no song'))
    bad('no control', *base, '--midi', env=NO_DEVICE)
    bad('no such model', 'play', '-m', path('none'), '--midi', env=NO_DEVICE)
    bad('no MIDI port has this number or name', 'play', '-m', model('controls'), '--midi-port', 'no such port', env=NO_DEVICE)
    if os.path.exists(ALSA_SYSTEM):
        check_panic()
    finish()


main()
