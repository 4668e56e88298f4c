#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# measure.py - what the model card of models/voice says, measured on utterances of models/speech/heldout.csv.
# Copyright (c) 2026 the wavenet authors
#
# usage: models/voice/measure.py [--wavenet build/src/cli/wavenet] [--voice models/voice] [--out measured.json]
#                                [--sentences 10] [--precision int8] [--phones-only]
# Needs data/speech and data/recogniser (made by models/recogniser/prepare), espeak-ng and numpy. The recogniser was not trained on
# these utterances. It judges three sounds: the recording; "phones", spoken from the phones and durations of the alignment, row
# by row; and "text", spoken from the text alone, whose phones are aligned with those of the recording.
import argparse
import csv
import json
import re
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data"
ROW, RATE, PAUSE, VOICING, PITCH, REFERENCE = 0.005, 16000, "pau", 40, 41, 130


def run(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr.strip()}")
    return done.stdout


def read_alignment(name):
    """(phone, seconds) in turn."""
    text = (DATA / "speech" / "lab" / (name + ".lab")).read_text().split("#", 1)[1]
    lines = [line.split() for line in text.splitlines() if line.strip()]
    ends = [float(line[0]) for line in lines]
    return [(line[2], end - start) for line, end, start in zip(lines, ends, [0.0] + ends)]


def read_texts():
    """A + before a vowel marks the stress there, an acute accent after it here."""
    text = (DATA / "speech" / "etc" / "txt.done.data").read_text()
    return {k: re.sub(r"\+(\w)", "\\1\u0301", t) for k, t in re.findall(r'\( (ru_\d+) "(.*)" \)', text)}


def rows_of(phones):
    """Index of the phone of each row."""
    ends = np.cumsum([s for _, s in phones])
    n = round(ends[-1] / ROW)
    return np.minimum(np.searchsorted(ends, (np.arange(n) + 0.5) * ROW, side="right"), len(phones) - 1)


def align(said, wanted, vowels):
    """For each phone that was said the one that was wanted there, or None: least number of edits, a vowel for a vowel costs half."""
    def cost(a, b):
        return 0 if a == b else 0.5 if a in vowels and b in vowels else 1 if (a in vowels) == (b in vowels) else 1.9
    n, m = len(said), len(wanted)
    table = np.zeros((n + 1, m + 1))
    table[:, 0], table[0] = np.arange(n + 1), np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + cost(said[i - 1], wanted[j - 1]))
    out, i, j = [None] * n, n, m
    while i and j:
        if table[i, j] == table[i - 1, j - 1] + cost(said[i - 1], wanted[j - 1]):
            i, j = i - 1, j - 1
            out[i] = wanted[j]
        elif table[i, j] == table[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return out


def heard(args, sound, names, folder):
    run(args.wavenet, "classify", HERE.parent / "recogniser", sound, "-o", Path(folder) / "posteriors.npy")
    return [names[k] for k in np.load(Path(folder) / "posteriors.npy").argmax(1)]


def share_right(found, wanted, speech):
    n = min(len(found), len(wanted))
    return float(np.mean([found[i] == wanted[i] for i in range(n) if speech[i]]))


def describe(args, sound, pauses, folder):
    """Level and pitch of a sound. The level of speech and of pauses is that of rows without and with a pause."""
    run(args.wavenet, "analyze", sound, "--like", HERE.parent / "speech", "-o", Path(folder) / "rows.npy")
    rows = np.load(Path(folder) / "rows.npy")
    hz = REFERENCE * 2.0 ** rows[rows[:, VOICING] >= 0.5, PITCH]
    with wave.open(str(sound)) as f:
        x = np.frombuffer(f.readframes(f.getnframes()), "<i2") / 32768.0
    hop = round(ROW * RATE)
    power = (x[:len(x) // hop * hop].reshape(-1, hop) ** 2).mean(1)
    quiet = np.zeros(len(power), bool)
    quiet[:min(len(pauses), len(power))] = pauses[:len(power)]
    inner = quiet & np.roll(quiet, 8) & np.roll(quiet, -8)  # away from the edges
    return {"seconds": len(x) / RATE, "level": float(10 * np.log10(power[~quiet].mean() + 1e-12)),
            "pause_level": float(10 * np.log10(np.median(power[inner]) + 1e-12)), "pauses": float(quiet.mean()),
            "pitch": [float(v) for v in np.percentile(hz, [5, 50, 95])], "voiced": float((rows[:, VOICING] >= 0.5).mean())}


def measure(args, name, text, names, vowels):
    truth = read_alignment(name)
    result = {}
    with tempfile.TemporaryDirectory(prefix="wavenet-measure-") as folder:
        folder = Path(folder)
        (folder / "in.phones").write_text("".join(f"{p} {1000 * s:.3f}\n" for p, s in truth))
        labels = [truth[i][0] for i in rows_of(truth)]
        speech = [p != PAUSE for p in labels]
        recording = DATA / "speech" / "wav" / (name + ".wav")
        own = share_right(heard(args, recording, names, folder), labels, speech)
        result["recording"] = {"phones_right": own, **describe(args, recording, [not s for s in speech], folder)}
        more = ("-m", args.voice, "--vocoder", HERE.parent / "speech", "--precision", args.precision)
        run(args.wavenet, "say", "--from-phones", folder / "in.phones", "-o", folder / "out.wav", *more)
        right = share_right(heard(args, folder / "out.wav", names, folder), labels, speech)
        result["phones"] = {"phones_right": right, "share": right / own,
                            **describe(args, folder / "out.wav", [not s for s in speech], folder)}
        if args.phones_only:
            return result
        printed = run(args.wavenet, "say", text, "--phones", "-m", args.voice)
        said = [(line.split()[0], float(line.split()[1]) / 1000) for line in printed.splitlines() if line]
        run(args.wavenet, "say", text, "-o", folder / "out.wav", *more)
        wanted = align([p for p, _ in said if p != PAUSE], [p for p, _ in truth if p != PAUSE], vowels)
        order = iter(wanted)
        target = [next(order) if p != PAUSE else PAUSE for p, _ in said]
        rows = rows_of(said)
        speech = [said[i][0] != PAUSE for i in rows]
        found = heard(args, folder / "out.wav", names, folder)
        right = share_right(found, [target[i] for i in rows], speech)
        result["text"] = {"phones_right": right, "share": right / own,
                          "intended_right": share_right(found, [said[i][0] for i in rows], speech),
                          "same_phones": float(np.mean([p == w for p, w in zip((p for p, _ in said if p != PAUSE), wanted)])),
                          **describe(args, folder / "out.wav", [not s for s in speech], folder)}
    return result


def main():
    p = argparse.ArgumentParser(description="Measure models/voice on held-out utterances.")
    p.add_argument("--wavenet", default=HERE.parent.parent / "build" / "src" / "cli" / "wavenet")
    p.add_argument("--voice", default=HERE)
    p.add_argument("--out", type=Path, default=HERE / "measured.json")
    p.add_argument("--sentences", type=int, default=10)
    p.add_argument("--precision", default="int8")
    p.add_argument("--phones-only", action="store_true", help="without the texts and espeak-ng")
    args = p.parse_args()
    voice = json.loads((HERE / "voice.json").read_text())
    texts = read_texts()
    with open(HERE.parent / "speech" / "heldout.csv", newline="") as f:
        utterances = [row["utterance"] for row in csv.DictReader(f)][:args.sentences]
    results = {}
    for name in utterances:
        results[name] = measure(args, name, texts[name], voice["phones"], set(voice["vowels"]))
        args.out.write_text(json.dumps(results, indent=1) + "\n")
        print(name, json.dumps(results[name]), flush=True)
    for kind in ("phones",) if args.phones_only else ("phones", "text"):
        mean = {key: np.mean([r[kind][key] for r in results.values()], axis=0).round(3).tolist() for key in results[utterances[0]][kind]}
        print(kind, json.dumps(mean))
    print("recording", json.dumps({key: np.mean([r["recording"][key] for r in results.values()], axis=0).round(3).tolist()
                                   for key in results[utterances[0]]["recording"]}))


main()
