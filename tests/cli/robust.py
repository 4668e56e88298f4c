# SPDX-License-Identifier: MIT
# robust.py - Ctrl-C, kill, full disks, pipes that close, memory over length. Usage: robust.py WAVENET MAKE_MODEL
# Copyright (c) 2026 the wavenet authors
import os
import resource
import signal
import subprocess
import time

from common import FOLDER, MEMORY_NOISE, WAVENET, bad, check, content, finish, good, model, path, peak_kilobytes, read_npy, read_wav, run

LONG = 10**9


def files():
    return {f for f in os.listdir(FOLDER) if not f.endswith('.safetensors')}


def start(*args, **more):
    return subprocess.Popen([WAVENET, *map(str, args)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, **more)


def wait_for_bytes(before, size):
    """Until a new file in the folder has `size` bytes."""
    for _ in range(600):
        for name in files() - before:
            if os.path.getsize(path(name)) >= size:
                return
        time.sleep(0.05)
    check(False, 'nothing was written')


def interrupt(out, number):
    before = files()
    job = start('generate', '-m', model('classes'), '-o', path(out), '--samples', LONG)
    wait_for_bytes(before, 30000)
    check(not os.path.exists(path(out)), out, 'has its name before it is complete')
    job.send_signal(number)
    err = job.communicate(timeout=60)[1].decode()
    return job.returncode, err


def check_interrupt():
    for out, number in (('stop.wav', signal.SIGINT), ('stop.flac', signal.SIGTERM), ('stop.npy', signal.SIGINT)):
        code, err = interrupt(out, number)
        check(code == 0 and 'stopped after' in err, out, code, err)
        check(files() == {out}, out, 'what is left:', files())
        if out.endswith('.npy'):
            stopped = read_npy(path(out))[2]
            samples = len(stopped)
            good('generate', '-m', model('classes'), '-o', path('same.npy'), '--samples', samples)
            same = read_npy(path('same.npy'))[2] == stopped
        else:
            if out.endswith('.wav'):
                samples = len(read_wav(content(path(out)))[4]) // 2
            else:
                samples = int.from_bytes(content(path(out))[21:26], 'big') & (1 << 36) - 1  # STREAMINFO
            good('generate', '-m', model('classes'), '-o', path('same.' + out[5:]), '--samples', samples)
            same = content(path('same.' + out[5:])) == content(path(out))
        check(1000 < samples < LONG and same, out, 'is not the beginning of the whole', samples)
        for name in files():
            os.unlink(path(name))


def check_kill():
    code, _ = interrupt('kill.wav', signal.SIGKILL)
    check(code == -signal.SIGKILL, 'kill', code)
    check('kill.wav' not in files(), 'a killed run left a file under the final name')
    for name in files():
        os.unlink(path(name))


def limit_files():
    """A disk that is full after 100 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))


def check_full():
    for out in ('full.wav', 'full.flac', 'full.npy', 'full.f32'):
        bad('File too large', 'generate', '-m', model('mixture'), '-o', path(out), '--samples', 200000, preexec_fn=limit_files)
        check(files() == set(), out, 'what is left:', files())
    with open(path('old.wav'), 'wb') as f:
        f.write(b'old')
    bad('File too large', 'generate', '-m', model('mixture'), '-o', path('old.wav'), '--samples', 200000,
        preexec_fn=limit_files)
    check(content(path('old.wav')) == b'old', 'an old file was lost to a failed run')
    os.unlink(path('old.wav'))
    if os.path.exists('/dev/full'):
        bad('No space left', 'generate', '-m', model('mixture'), '-o', '/dev/full', '--raw')
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([WAVENET, 'generate', '-m', model('mixture'), '-o', '-'], stdout=full, stderr=subprocess.PIPE)
            check(done.returncode == 1 and b'No space left' in done.stderr, 'full standard output', done)
            done = subprocess.run([WAVENET, 'bench', '-h'], stdout=full, stderr=subprocess.PIPE)
            check(done.returncode == 1 and b'No space left' in done.stderr, 'help on a full standard output', done)


def check_tmpfs():
    """A real full disk, where we may mount one."""
    folder = path('disk')
    os.mkdir(folder)
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], capture_output=True).returncode:
        print('no tmpfs could be mounted: the full disk was tried with limits only')
    else:
        try:
            bad('No space left', 'generate', '-m', model('mixture'), '-o', folder + '/a.wav', '--samples', 200000)
            check(os.listdir(folder) == [], 'a full disk keeps', os.listdir(folder))
        finally:
            subprocess.run(['umount', folder], check=True)
    os.rmdir(folder)


def check_closed_pipe():
    """`wavenet generate -o - | head` ends quietly."""
    job = subprocess.Popen([WAVENET, 'generate', '-m', model('mixture'), '-o', '-', '--samples', str(LONG)],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(job.stdout.read(1000)[:4] == b'RIFF', 'stream')
    job.stdout.close()
    err = job.stderr.read().decode()
    check(job.wait(60) != 0 and err.count('\n') <= 1, 'a closed pipe', job.returncode, err)


def check_memory(seconds):
    for out in ('m.wav', 'm.flac', 'm.opus', 'm.npy'):
        short, long = (peak_kilobytes('generate', '-m', model('tiny'), '-o', path(out), '--seconds', s)
                       for s in (60, seconds))
        print(f'{out}: {short} kB for 60 seconds of sound, {long} kB for {seconds}')
        check(0 < long <= short + MEMORY_NOISE, out, 'memory grows with length:', short, long)
        os.unlink(path(out))


def main():
    check_interrupt()
    check_kill()
    check_full()
    check_tmpfs()
    check_closed_pipe()
    check_memory(3600 if os.environ.get('WN_TEST_LONG') else 600)
    finish()


main()
