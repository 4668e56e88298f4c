#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# measure.py - what the model card of models/babble says, measured: bits a sample, long-term spectrum, level, an hour.
# Copyright (c) 2026 the wavenet authors
#
# usage: models/babble/measure.py [--wavenet build/src/cli/wavenet] [--model models/babble] [--out measured.json]
#                                 [--temperatures 0.95,0.9,1.0] [--minutes 10] [--hour] [--real]
# Needs data/babble (made by models/babble/prepare). The first of the temperatures is also the hour's.
import argparse
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from meters import (EDGES, N_CLASSES, RATE, Predictor, db, decode, encode, gaussian_share, log_mel, loud, read_bits,
                    read_csv, read_wav, run, scratch, show)

DATA = HERE.parent.parent / "data" / "babble"


def load(split):
    return [read_wav(DATA / row["audio"]) for row in read_csv(DATA / "manifest.csv") if row["split"] == split]


# ---- held-out bits

def share_bits(classes, guess, sigma):
    share = gaussian_share(EDGES[classes], EDGES[classes + 1], guess, sigma)
    return -np.log2(share * (1 - 1e-4) + 1e-4 / N_CLASSES)


def constant_bits(predictor, x, sigma):
    """One predictor, one sigma."""
    classes = encode(x)
    return share_bits(classes, predictor.predict(decode(classes)), sigma)


def refitted_bits(x, order=32, window=640, hop=80, memory=256, least=5e-5):
    """A predictor fitted anew every 5 ms on the 40 ms before, sigma from the last 256 residuals."""
    classes = encode(x)
    x = decode(classes)
    n = len(x) // hop * hop
    padded = np.concatenate([np.zeros(window), x])
    rows = np.lib.stride_tricks.sliding_window_view(padded, window)[:n:hop] * np.hanning(2 * window + 1)[1:window + 1]
    spectrum = np.abs(np.fft.rfft(rows, 2 * window)) ** 2
    r = np.fft.irfft(spectrum)[:, :order + 1]
    r[:, 0] = r[:, 0] * (1 + 1e-5) + 1e-9
    lags = np.abs(np.subtract.outer(np.arange(order), np.arange(order)))
    taps = np.linalg.solve(r[:, lags], r[:, 1:, None])[:, :, 0]  # [n / hop][order]
    past = np.lib.stride_tricks.sliding_window_view(np.concatenate([np.zeros(order), x]), order)[:n, ::-1]
    guess = np.einsum("ti,ti->t", past, np.repeat(taps, hop, axis=0))
    energy = np.concatenate([[0], np.cumsum((x[:n] - guess) ** 2)])
    t = np.arange(n)
    back = np.minimum(t, memory)
    sigma = np.maximum(np.sqrt(np.maximum(energy[t] - energy[t - back], 0) / np.maximum(back, 1)), least)
    return share_bits(classes[:n], guess, sigma)


def model_bits(args, x_path):
    with scratch() as folder:
        out = Path(folder) / "bits.npy"
        run(args.wavenet, "score", "-m", args.model, x_path, "--per-sample", out)
        return read_bits(out)


def measure_bits(args):
    """Mean bits a sample over the test utterances: of everything, and of the frames above -60 dBFS."""
    train = [decode(encode(x)) for x in load("train")[::4]]
    predictor = Predictor(train)
    sigma = np.sqrt(np.mean(np.concatenate([(x - predictor.predict(x)) ** 2 for x in train])))
    bits = {"one predictor, one sigma": [], "one predictor, sigma follows": [], "predictor every 5 ms, sigma follows": []}
    if not args.real:
        bits["model"] = []
    heard = []
    for row in read_csv(DATA / "manifest.csv"):
        if row["split"] != "test":
            continue
        x = read_wav(DATA / row["audio"])
        n = len(x) // 80 * 80
        heard.append(loud(x)[:n])
        bits["one predictor, one sigma"].append(constant_bits(predictor, x, sigma)[:n])
        bits["one predictor, sigma follows"].append(predictor.bits(x)[:n])
        bits["predictor every 5 ms, sigma follows"].append(refitted_bits(x)[:n])
        if not args.real:
            bits["model"].append(model_bits(args, DATA / row["audio"])[:n])
    heard = np.concatenate(heard)
    every = {name: np.concatenate(b) for name, b in bits.items()}
    return {name: {"all": float(b.mean()), "above -60 dBFS": float(b[heard].mean())} for name, b in every.items()}


# ---- what it sounds like on the whole

def levels(x):
    """dBFS [frames] of 20 ms."""
    n = len(x) // 320
    return db(np.sqrt((x[:n * 320].reshape(n, 320) ** 2).mean(1)), -100)


def long_term(x):
    """dB [40] of the mean power in mel bands."""
    return 10 * np.log10((10 ** (log_mel(x, floor=-200) / 10)).mean(0))


def runs(flags):
    """Lengths of the runs of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return edges[1::2] - edges[::2]


def statistics(x):
    level = levels(x)
    speech = level > -45
    return {"level": float(db(np.sqrt((x ** 2).mean()))), **{f"p{p}": float(np.percentile(level, p)) for p in (5, 25, 50, 75, 95)},
            "silent": float((level < -60).mean()), "speech": float(speech.mean()),
            "burst_s": float(0.02 * np.mean(runs(speech))) if speech.any() else 0.0,
            "pause_s": float(0.02 * np.mean(runs(~speech))) if (~speech).any() else 0.0,
            "peak": float(np.abs(x).max()), "dc": float(abs(x.mean()))}


def generate(args, temperature, seconds, seed=1):
    with scratch() as folder:
        out = Path(folder) / "out.wav"
        run(args.wavenet, "generate", "-m", args.model, "-o", out, "--seconds", seconds, "--seed", seed,
            "--temperature", temperature)
        return read_wav(out)


def measure_sound(args):
    seconds = 60 * args.minutes
    train = load("train")
    half = len(train) // 2
    real, other = np.concatenate(train[:half])[:seconds * RATE], np.concatenate(train[half:])[:seconds * RATE]
    wanted = long_term(real)
    sounds = {"recordings": lambda: real, "other recordings": lambda: other}
    if not args.real:
        sounds |= {f"temperature {t:g}": lambda t=t: generate(args, t, seconds) for t in args.temperatures}
    table, spectra = {}, {}
    for name, make in sounds.items():
        x = make()
        spectra[name] = [round(float(v), 1) for v in long_term(x)]
        table[name] = dict(statistics(x), spectrum_error=float(np.abs(long_term(x) - wanted).mean()))
    return table, spectra


def measure_hour(args):
    """Every minute of an hour: does it still speak, as loud as ever?"""
    x = generate(args, args.temperatures[0], 3600, seed=2)
    minutes = [statistics(m) for m in x.reshape(60, -1)]
    return {"temperature": args.temperatures[0], "level": [round(m["level"], 1) for m in minutes],
            "least": min(m["level"] for m in minutes), "most": max(m["level"] for m in minutes),
            "least_speech": min(m["speech"] for m in minutes), "most_speech": max(m["speech"] for m in minutes),
            "longest_pause_s": 0.02 * int(max(runs(levels(x) < -45), default=0)), "peak": max(m["peak"] for m in minutes)}


# ---- report

def options():
    p = argparse.ArgumentParser(description="Measure models/babble against its recordings.")
    p.add_argument("--wavenet", default=HERE.parent.parent / "build" / "src" / "cli" / "wavenet")
    p.add_argument("--model", default=HERE)
    p.add_argument("--out", default=HERE / "measured.json")
    p.add_argument("--temperatures", default="0.95,0.9,1.0", type=lambda s: [float(t) for t in s.split(",")])
    p.add_argument("--minutes", type=int, default=10)
    p.add_argument("--hour", action="store_true", help="generate an hour too")
    p.add_argument("--real", action="store_true", help="measure the recordings only")
    return p.parse_args()


def main():
    args = options()
    result = {"bits": measure_bits(args)}
    show("bits a sample, held-out utterances", result["bits"])
    result["sound"], result["spectra"] = measure_sound(args)
    show(f"{args.minutes} minutes of each: level in dBFS (whole, percentiles of 20 ms), shares, spectrum error in dB",
         result["sound"])
    if args.hour and not args.real:
        result["hour"] = measure_hour(args)
        show("an hour, minute by minute", {"": {k: v for k, v in result["hour"].items() if k != "level"}})
    Path(args.out).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
