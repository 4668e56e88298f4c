#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# measure.py - what the model card of models/speech says, measured on the twelve utterances of heldout.csv.
# Copyright (c) 2026 the wavenet authors
#
# usage: models/speech/measure.py [--wavenet build/src/cli/wavenet] [--model models/speech] [--out measured.json]
#                                 [--recogniser models/recogniser] [--only UTTERANCE...] [--sounds SOUND...]
# Needs data/speech and data/recogniser (made by models/recogniser/prepare) and numpy. Every sound is made from the true features
# of a recording, free running and without any equaliser. `wavenet compare --speech` compares it with the recording, and
# `wavenet classify` says in how many rows of speech the recogniser, which was not trained on these utterances, hears the phone.
import argparse
import csv
import json
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data" / "speech"
PHONES = HERE.parent.parent / "data" / "recogniser" / "labels"
PAUSE = 0  # the recogniser's first class
RATE, HOP, WINDOW, FFT, BANDS = 16000, 80, 400, 512, 40
LIMIT = 45.0  # dB below the loudest: quieter cells do not count


# ---- files

def read_wav(path):
    with wave.open(str(path)) as f:
        if (f.getsampwidth(), f.getframerate(), f.getnchannels()) != (2, RATE, 1):
            raise SystemExit(f"{path}: expected 16 bits, {RATE} Hz, one channel")
        return np.frombuffer(f.readframes(f.getnframes()), "<i2") / 32768.0


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr.strip()}")
    return done.stdout


# ---- spectra

def bank():
    def mel(hz):
        return 2595 * np.log10(1 + hz / 700)
    edge = 700 * (10 ** (np.linspace(mel(60), mel(7600), BANDS + 2) / 2595) - 1)
    hz = np.arange(FFT // 2 + 1) * RATE / FFT
    up, down = (hz - edge[:-2, None]) / (edge[1:-1] - edge[:-2])[:, None], (edge[2:, None] - hz) / (edge[2:] - edge[1:-1])[:, None]
    b = np.maximum(0, np.minimum(up, down))
    return b / b.sum(1, keepdims=True)


BANK = bank()
HANN = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)


def frames(x, size, hop=HOP):
    """[len(x) / hop][size], centred on the middle of each hop."""
    padded = np.pad(x, size)
    return np.lib.stride_tricks.sliding_window_view(padded, size)[size + hop // 2 - size // 2::hop][:len(x) // hop]


def log_mel(x):
    """dB [frames][bands], -100 or more; a full-scale sine has 0 dB in its bin."""
    power = np.abs(np.fft.rfft(frames(x, WINDOW) * HANN, FFT)) ** 2 / (WINDOW / 4) ** 2
    return 10 * np.log10(np.maximum(power @ BANK.T, 1e-10))


# ---- pitch

def pitch(x):
    """(Hz, voiced) [frames] by the autocorrelation of 40 ms, divided by that of the window."""
    size, low, high = 640, 60.0, 400.0
    rows = frames(x, size)
    rows = (rows - rows.mean(1, keepdims=True)) * np.hanning(size)
    longest = int(RATE / low)
    spectrum = np.abs(np.fft.rfft(rows, 2048)) ** 2
    r = np.fft.irfft(spectrum)[:, :longest + 2]
    own = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size), 2048)) ** 2)[:longest + 2]
    r = r / own * own[0] / (r[:, :1] + 1e-5)
    lags = np.arange(longest + 2)
    r = r - 0.02 * np.log2(np.maximum(lags, 1))  # against octaves down
    first = int(RATE / high)
    best = r[:, first:longest].argmax(1) + first
    at = np.arange(len(r))
    a, b, c = r[at, best - 1], r[at, best], r[at, best + 1]
    bend = a - 2 * b + c
    shift = np.where(bend < 0, 0.5 * (a - c) / np.where(bend < 0, bend, -1), 0)
    return RATE / (best + np.clip(shift, -0.5, 0.5)), b > 0.4


# ---- sounds

def ceiling(x):
    """The recording through the 256 classes of the model, without any network."""
    e = 1.5 * (x - 0.85 * np.concatenate([[0], x[:-1]]))
    f = np.sign(e) * np.log1p(255 * np.minimum(np.abs(e), 1)) / np.log(256)
    f = np.round(f * 127) / 127
    e = np.sign(f) * (256.0 ** np.abs(f) - 1) / 255 / 1.5
    out, last = np.empty(len(e)), 0.0
    for t, v in enumerate(e):
        out[t] = last = v + 0.85 * last
    return out


def pulse_noise(db, hz, voiced, seed=1):
    """A textbook vocoder: pulses or noise through the minimum-phase filter of each frame's 40 bands."""
    n = len(db) * HOP
    rng = np.random.default_rng(seed)
    source, phase = np.zeros(n), 0.0
    for t in range(len(db)):
        step = hz[t] / RATE
        for i in range(t * HOP, (t + 1) * HOP):
            if not voiced[t]:
                source[i] = rng.standard_normal()
                continue
            phase += step
            if phase >= 1:
                phase -= 1
                source[i] = np.sqrt(1 / step)
    centre = (BANK * np.arange(FFT // 2 + 1)).sum(1) / BANK.sum(1)
    bins = np.arange(FFT // 2 + 1)
    log_gain = np.stack([np.interp(bins, centre, row) for row in db]) * np.log(10) / 20
    log_gain -= np.log(np.sqrt((HANN ** 2).sum()) / (WINDOW / 4))
    cepstrum = np.fft.irfft(log_gain)
    cepstrum[:, 1:FFT // 2] *= 2
    cepstrum[:, FFT // 2 + 1:] = 0
    response = np.exp(np.fft.rfft(cepstrum))
    window = np.hanning(2 * HOP + 1)[:-1]
    padded, out = np.pad(source, HOP), np.zeros(n + 2 * HOP + FFT)
    for t in range(len(db)):
        piece = padded[t * HOP + HOP // 2:][:2 * HOP] * window
        at = t * HOP + HOP // 2
        out[at:at + FFT] += np.fft.irfft(np.fft.rfft(piece, FFT) * response[t])
    return out[HOP:HOP + n]


def band_errors(count=6):
    """What pulse_noise makes too much of in each band, in dB, over utterances of the validation part."""
    with open(DATA / "manifest.csv", newline="") as f:
        sounds = [DATA / row["audio"] for row in csv.DictReader(f) if row["split"] == "valid"][:count]
    differences, weights = np.zeros(BANDS), np.zeros(BANDS)
    for sound in sounds:
        x = read_wav(sound)
        x = x[:len(x) // HOP * HOP]
        wanted = log_mel(x)
        made = log_mel(pulse_noise(wanted, *pitch(x)))
        loud = wanted > wanted.max() - LIMIT
        differences += np.where(loud, made - wanted, 0).sum(0)
        weights += loud.sum(0)
    return differences / np.maximum(weights, 1)


def write_wav(path, x):
    with wave.open(str(path), "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(RATE)
        f.writeframes(np.round(np.clip(x, -1, 32767 / 32768) * 32768).astype("<i2").tobytes())


# ---- figures

def phones_right(args, name, sound, folder):
    """Share of the rows of speech whose likeliest phone is that of the alignment."""
    out = Path(folder) / "posteriors.npy"
    run(args.wavenet, "classify", args.recogniser, sound, "-o", out)
    heard, labels = np.load(out).argmax(1), np.load(PHONES / (name + ".npy"))
    n = min(len(heard), len(labels))
    speech = labels[:n] != PAUSE
    return float((heard[:n] == labels[:n])[speech].mean())


def silence_level(recording, sound, silent=-75.0):
    """dBFS (RMS) of `sound` over the windows in which the recording is below `silent`; None where there are none."""
    quiet = (frames(recording, WINDOW) ** 2).mean(1) < 10 ** (silent / 10)
    power = (frames(sound, WINDOW) ** 2).mean(1)
    n = min(len(quiet), len(power))
    return float(10 * np.log10(power[:n][quiet[:n]].mean() + 1e-20)) if quiet[:n].any() else None


def measure(args, name):
    """What `wavenet compare --speech` finds between the recording and each sound, and the share of phones that are heard."""
    sound, rows = DATA / "wav" / (name + ".wav"), DATA / "features" / (name + ".npy")
    x = read_wav(sound)
    x = x[:len(x) // HOP * HOP]
    makers = {
        "mu-law ceiling": lambda out: write_wav(out, ceiling(x)),
        "pulse and noise": lambda out: write_wav(out, pulse_noise(log_mel(x), *pitch(x))),
        "pulse and noise, repaired": lambda out: write_wav(out, pulse_noise(log_mel(x) - 1.5 * args.errors, *pitch(x))),
        "model": lambda out: run(args.wavenet, "vocode", args.model, sound, "-o", out),
        "model, int8": lambda out: run(args.wavenet, "vocode", args.model, sound, "-o", out, "--precision", "int8"),
        "model, feedback cut": lambda out: run(args.wavenet, "generate", "-m", args.model, "--cond", rows, "-o", out, "--cut-feedback"),
    }
    figures = {}
    with tempfile.TemporaryDirectory(prefix="wavenet-measure-") as folder:
        own = phones_right(args, name, sound, folder)
        figures["recording"] = {"phones_right": own, "silence_dbfs": silence_level(x, x)}
        for kind in args.sounds or makers:
            out = Path(folder) / "out.wav"
            makers[kind](out)
            found = json.loads(run(args.wavenet, "compare", "--speech", "--json", sound, out))
            figures[kind] = {key: value for key, value in found.items() if key not in ("a", "b")}  # names of files
            right = phones_right(args, name, out, folder)
            figures[kind].update(phones_right=right, phones_share=right / own, silence_dbfs=silence_level(x, read_wav(out)))
    return figures


def main():
    p = argparse.ArgumentParser(description="Measure models/speech on its held-out utterances.")
    p.add_argument("--wavenet", default=HERE.parent.parent / "build" / "src" / "cli" / "wavenet")
    p.add_argument("--model", default=HERE)
    p.add_argument("--recogniser", default=HERE.parent / "recogniser")
    p.add_argument("--out", type=Path, default=HERE / "measured.json")
    p.add_argument("--only", nargs="+", help="utterances (default: all of heldout.csv)")
    p.add_argument("--sounds", nargs="+", help="which to measure (default: all)")
    args = p.parse_args()
    with open(HERE / "heldout.csv", newline="") as f:
        names = args.only or [row["utterance"] for row in csv.DictReader(f)]
    args.errors = band_errors()
    results = {}
    for name in names:
        results[name] = measure(args, name)
        args.out.write_text(json.dumps(results, indent=1) + "\n")
        print(name, results[name], flush=True)
    for kind in (args.sounds or results[names[0]]) if names else ():
        shares = [r[kind].get("phones_share", 1) for r in results.values()]
        print(f"{kind}: {np.mean(shares):.3f} of the phones that are heard in the recording")


main()
