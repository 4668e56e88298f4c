#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# measure.py - what the model card of models/recogniser says, measured on the twelve utterances of models/speech/heldout.csv.
# Copyright (c) 2026 the wavenet authors
#
# usage: models/recogniser/measure.py [--wavenet build/src/cli/wavenet] [--model models/recogniser] [--out measured.json]
# Needs data/recogniser (made by models/recogniser/prepare) and numpy.
import argparse
import csv
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data"
PAUSE = 0  # the first class


def classify(args, sound, *more):
    """Posteriors [rows][classes]."""
    with tempfile.TemporaryDirectory(prefix="wavenet-measure-") as folder:
        out = Path(folder) / "posteriors.npy"
        done = subprocess.run([str(w) for w in (args.wavenet, "classify", args.model, sound, "-o", out, *more)],
                              capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(done.stderr.strip())
        return np.load(out)


def bits(posteriors, labels):
    return float(-np.log2(np.maximum(posteriors[np.arange(len(labels)), labels], 1e-30)).mean())


def segments_right(heard, labels):
    """Share of the phones, pauses aside, that are the likeliest class in most of their rows."""
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    ends = np.append(starts[1:], len(labels))
    right = [np.mean(heard[a:b] == labels[a]) > 0.5 for a, b in zip(starts, ends) if labels[a] != PAUSE]
    return float(np.mean(right)), len(right)


def main():
    p = argparse.ArgumentParser(description="Measure models/recogniser on held-out utterances.")
    p.add_argument("--wavenet", default=HERE.parent.parent / "build" / "src" / "cli" / "wavenet")
    p.add_argument("--model", default=HERE)
    p.add_argument("--out", type=Path, default=HERE / "measured.json")
    args = p.parse_args()
    names = json.loads((HERE / "recipe.json").read_text())["model"]["output"]["names"]
    with open(HERE.parent / "speech" / "heldout.csv", newline="") as f:
        utterances = [row["utterance"] for row in csv.DictReader(f)]
    results, all_heard, all_labels = {}, [], []
    for name in utterances:
        sound, labels = DATA / "speech" / "wav" / (name + ".wav"), np.load(DATA / "recogniser" / "labels" / (name + ".npy"))
        posteriors = classify(args, sound)
        heard, speech = posteriors.argmax(1), labels != PAUSE
        phones, n = segments_right(heard, labels)
        int8 = classify(args, sound, "--precision", "int8").argmax(1)
        results[name] = {"rows": len(labels), "speech_rows": int(speech.sum()), "right": float((heard == labels).mean()),
                         "speech_right": float((heard == labels)[speech].mean()),
                         "speech_right_int8": float((int8 == labels)[speech].mean()), "bits": bits(posteriors, labels),
                         "phones": n, "phones_right": phones,
                         "top_3": float((np.argsort(posteriors, 1)[:, -3:] == labels[:, None]).any(1)[speech].mean())}
        all_heard.append(heard)
        all_labels.append(labels)
        print(name, results[name], flush=True)
    heard, labels = np.concatenate(all_heard), np.concatenate(all_labels)
    speech = labels != PAUSE
    pairs = np.zeros((len(names), len(names)), int)
    np.add.at(pairs, (labels, heard), 1)
    np.fill_diagonal(pairs, 0)
    worst = [divmod(int(i), len(names)) for i in np.argsort(pairs.ravel())[::-1][:10]]
    results["all"] = {"rows": len(labels), "speech_rows": int(speech.sum()), "right": float((heard == labels).mean()),
                      "speech_right": float((heard == labels)[speech].mean()),
                      "phones_right": float(np.average([r["phones_right"] for r in results.values()],
                                                       weights=[r["phones"] for r in results.values()])),
                      "pauses_right": float((heard == labels)[~speech].mean()),
                      "commonest_class": float(np.bincount(labels[speech]).max() / speech.sum()),
                      "confused": [[names[a], names[b], int(pairs[a, b])] for a, b in worst]}
    args.out.write_text(json.dumps(results, indent=1) + "\n")
    print("all", results["all"])


main()
