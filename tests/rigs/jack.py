# SPDX-License-Identifier: MIT
# jack.py - playing and processing in real time, on a JACK server without hardware: nothing late, every sample as offline.
# Usage: jack.py WAVENET MAKE_MODEL COMMON JACK_TAP MODELS (the folder of the shipped models)
# Copyright (c) 2026 the wavenet authors
import array
import os
import random
import sys

from rig import Jack, Show, model_at  # first: it finds common
from common import Watch, check, content, finish, good, in_time, path
from sound import equal_frames, floats, largest_step, last_sound, place

MODELS = sys.argv[5]
CAPTURE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../data/capture/overdrive.nam')
SECONDS = 60 if os.environ.get('WN_TEST_LONG') else 10
SLOW = 2  # x real time of live processing, at least


def noise(rate):
    draw = random.Random(rate)
    return array.array('f', [draw.uniform(-0.5, 0.5) for _ in range(rate * (SECONDS + 5))]).tobytes()


class Play:
    """A model plays on a device of its own."""

    def __init__(self, jack, model):
        self.rate, self.what = jack.rate, f'play at {jack.rate} Hz/{jack.block}'
        self.tap = jack.tap('loudspeaker', SECONDS + 15)
        self.args = ('-m', model, '--seconds', SECONDS, '--seed', 11)
        self.show = Show('play', '-d', 'loudspeaker', '--json', *self.args, environment=jack.environment)

    def gaps(self):
        """Or that it did not play: a machine that is busy with something else may be too slow when it begins."""
        return self.show.last().get('underruns', 1) or self.show.job.returncode

    def speed(self):
        return min((line.get('speed', 0) for _, line in self.show.lines[1:]), default=0)

    def check(self):
        last, heard = self.show.last(), self.tap.heard()
        good('generate', '-o', path('offline.f32'), *self.args)
        want = content(path('offline.f32'))
        check(last.get('underruns') == 0 and last.get('missing') == 0, self.what, 'gaps', last)
        start = place(heard, want[:4 * 300])
        check(start >= 0 and not any(heard[:4 * max(start, 0)]), self.what, 'the sound does not begin')
        heard = heard[4 * max(start, 0):]
        same = equal_frames(want, heard)
        check(same == len(want) // 4, self.what, 'heard', same, 'of', len(want) // 4)
        tail = floats(heard[len(want) - 4:])
        step = largest_step(tail[:last_sound(tail.tobytes()) + 2])
        check(step <= 1.01 * abs(tail[0]) / (self.rate / 50), self.what, 'no fade at its end')


class Live:
    """Noise goes through a chain of models, and comes back."""

    def __init__(self, jack, *models):
        self.rate, self.models, self.what = jack.rate, models, f'live at {jack.rate} Hz/{jack.block}'
        self.source, self.block = noise(jack.rate), jack.block
        self.tap = jack.tap('guitar', SECONDS + 15, plays=self.source)
        self.dry, self.wet = path('dry.f32'), path('wet.f32')
        self.show = Show('live', *models, '--input', 'guitar', '--output', 'guitar', '--json', '--seconds', SECONDS,
                         '--record-dry', self.dry, '--record-wet', self.wet, environment=jack.environment)

    def gaps(self):
        """As the device counts them, whoever is to blame: what runs within the callback has none of its own."""
        last = self.show.last()
        return last.get('device_underflows', 1) + last.get('device_overflows', 1)

    def speed(self):
        return 1 / max([line.get('load', 1) for _, line in self.show.lines] or [1])

    def check(self):
        last, heard, dry, wet = self.show.last(), self.tap.heard(), content(self.dry), content(self.wet)
        check(last.get('mended') == last.get('unheard') == 0 and self.speed() > SLOW, self.what, 'counts', last)
        check(len(dry) == len(wet) == 4 * last.get('frames', 0) >= 4 * SECONDS * self.rate, self.what, 'length', last)
        sent, came = place(self.source, dry[:4 * 300]), place(heard, wet[4 * 5000:4 * 5300]) - 5000
        check(sent >= 0 and self.source[4 * sent:].startswith(dry), self.what, 'the dry recording is not what was sent', sent)
        check(came >= 0 and heard[4 * came:].startswith(wet), self.what, 'the wet recording is not what was heard', came)
        check(came - sent in (self.block, 2 * self.block), self.what, 'frames late', came - sent)
        good('process', *self.models, self.dry, '-o', path('offline.f32'))
        same = equal_frames(content(path('offline.f32')), wet)
        check(same >= SECONDS * self.rate, self.what, 'as offline', same, 'of', len(wet) // 4)
        check(floats(wet)[-1] == 0, self.what, 'no fade at its end')
        print(f'{self.what}: {came - sent} frames from input to output')


def perform(rate, block, takes):
    """All of them at once."""
    with Jack(rate, block) as jack:
        with Watch() as watch:
            shows = [take(jack, *models) for take, *models in takes]
            for s in shows:
                s.show.end(SECONDS + 30)
        for s in shows:
            s.tap.end()
            print(f"{s.what}: {s.gaps()} gaps, {s.speed():.1f} x real time or more, {s.tap.facts.get('skipped')} frames skipped "
                  f'by the server; of the machine: {1000 * watch.worst:.0f} ms late at worst, {jack.xruns()} xruns of the server')
    return shows


def check_performance(rate, block, takes):
    """Nothing of ours is late. What the server says of itself is told, not judged."""
    for s in perform(rate, block, takes):
        check(s.show.job.returncode == 0, s.what, s.show.said())
        check(s.show.lines and all('not JSON' not in line for _, line in s.show.lines), s.what, s.show.lines)
        s.check()


def main():
    in_time(check_performance, 48000, 256, [(Play, model_at('controls', 48000)), (Live, CAPTURE, CAPTURE)])
    in_time(check_performance, 16000, 128, [(Play, os.path.join(MODELS, 'notes')), (Live, model_at('feedforward', 16000))])
    finish()


main()
