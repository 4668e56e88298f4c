#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# measure.py - what the model card of models/notes says, measured: bits a sample, pitch, level, attack, spectrum, silence.
# Copyright (c) 2026 the wavenet authors
#
# usage: models/notes/measure.py [--wavenet build/src/cli/wavenet] [--model models/notes] [--temperature 0.05]
#                                [--out measured.json] [--real]
# Needs data/notes (made by models/notes/prepare). --real measures the recordings against themselves, a check of the meters.
import argparse
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from meters import (RATE, SILENCE, Predictor, cents, class_noise, db, decode, encode, envelope, key_hz, loud,
                    mel_distance, read_bits, read_csv, read_takes, read_wav, run, scratch, show, write_wav, yin)

DATA = HERE.parent.parent / "data" / "notes"
TAKES = 3
IN_TUNE = 25.0        # cents
PITCH = (0.15, 0.45)  # seconds of a note that are asked for its pitch


class Note:
    """One recorded note and its labels; of a phrase (they only train), the last."""

    def __init__(self, row, audio):
        self.instrument, self.split = row["instrument"], row["split"]
        self.key, self.velocity = (int(row[name].split(":")[-1]) for name in ("key", "velocity"))
        steps = [step.split(":") for step in row["gate"].split()]
        self.on, self.off = float(steps[-2][0]), float(steps[-1][0])  # seconds
        offset, frames = int(row["offset"]), int(row["frames"])
        self.pcm = audio[offset:offset + frames]


def load_notes(name):
    rows = read_csv(DATA / name)
    audio = {file: read_wav(DATA / file) for file in {row["audio"] for row in rows}}
    return [Note(row, audio[row["audio"]]) for row in rows]


def by_instrument(notes):
    return {name: [n for n in notes if n.instrument == name] for name in dict.fromkeys(n.instrument for n in notes)}


# ---- the model at work

def write_track(path, notes):
    """Notes one after another as a control track."""
    start = 0
    with open(path, "w") as f:
        f.write("time,key,velocity,gate\n")
        for n in notes:
            t = start / RATE
            f.write(f"{t:.3f},{n.key},{n.velocity},1\n{t + n.off:.3f},{n.key},{n.velocity},0\n")
            start += len(n.pcm)
    return start


def cut(audio, notes):
    ends = np.cumsum([len(n.pcm) for n in notes])
    return [audio[end - len(n.pcm):end] for n, end in zip(notes, ends)]


class Player:
    """Plays notes: with the model, or (--real) from the recordings."""

    def __init__(self, args):
        self.args = args

    def play(self, notes, takes):
        """[takes][len(notes)] arrays; `notes` are of one instrument. Takes differ in their random numbers."""
        if self.args.real:
            return [[decode(encode(n.pcm)) for n in notes]] * takes
        with scratch() as folder:
            track, out = Path(folder) / "track.csv", Path(folder) / "out.wav"
            frames = write_track(track, notes)
            run(self.args.wavenet, "generate", "-m", self.args.model, "-o", out, "--samples", frames, "--track", track,
                "--temperature", self.args.temperature, "--control", f"instrument={notes[0].instrument}",
                "--seed", 1, "--voices", takes)
            return [cut(take, notes) for take in read_takes(out)]

    def play_all(self, notes, takes=TAKES):
        """[(note, take, pcm)] of notes of any instruments."""
        return [(n, take, pcm) for some in by_instrument(notes).values()
                for take, sounds in enumerate(self.play(some, takes)) for n, pcm in zip(some, sounds)]

    def bits(self, notes):
        """[len(notes)] arrays of bits a sample under the model."""
        with scratch() as folder:
            track, wav, out = (Path(folder) / name for name in ("track.csv", "notes.wav", "bits.npy"))
            write_track(track, notes)
            write_wav(wav, np.concatenate([n.pcm for n in notes]))
            run(self.args.wavenet, "score", "-m", self.args.model, wav, "--lock-phase", "--per-sample", out,
                "--control", f"instrument={notes[0].instrument}", "--track", track)
            return cut(read_bits(out), notes)


# ---- held-out bits

def measure_bits(player, train, held):
    """Bits a sample in frames above -60 dBFS, of notes never trained on, under the model and under linear prediction."""
    rows = []
    for name, notes in by_instrument(held).items():
        predictor = Predictor([decode(encode(n.pcm)) for n in by_instrument(train)[name]])
        ours = [predictor.bits(n.pcm) for n in notes] if player.args.real else player.bits(notes)
        for n, bits in zip(notes, ours):
            heard, linear = loud(n.pcm), predictor.bits(n.pcm)
            rows.append({"instrument": name, "key": n.key, "velocity": n.velocity, "split": n.split,
                         "frames": int(heard.sum()), "model": float(bits[heard].mean()), "linear": float(linear[heard].mean())})
    return rows


def mean_bits(rows, which):
    return sum(r[which] * r["frames"] for r in rows) / max(sum(r["frames"] for r in rows), 1)


def summarise_bits(rows):
    names = dict.fromkeys(r["instrument"] for r in rows)
    groups = {name: [r for r in rows if r["instrument"] == name] for name in names}
    groups["held-out keys"] = [r for r in rows if r["velocity"] == 80]
    groups["held-out velocities"] = [r for r in rows if r["velocity"] != 80]
    groups["all"] = rows
    return {name: {which: mean_bits(g, which) for which in ("model", "linear")} for name, g in groups.items()}


# ---- pitch

def pitch_of(pcm):
    hz, aperiodicity = yin(pcm[int(PITCH[0] * RATE):int(PITCH[1] * RATE)])
    return hz if aperiodicity < 0.3 else None


def measure_pitch(played):
    """Does every take stand where the recording stands? [(note, take, pcm)] -> rows; without what the meter does not pass."""
    rows, heard = [], {}
    for n, take, pcm in played:
        hz = heard.setdefault(id(n), pitch_of(n.pcm))
        if hz is None or abs(cents(hz, key_hz(n.key))) > 50:
            continue
        ours = pitch_of(pcm)
        rows.append({"instrument": n.instrument, "key": n.key, "take": take, "real": float(cents(hz, key_hz(n.key))),
                     "off": float(cents(ours, hz)) if ours else None})
    return rows


def in_tune(rows):
    return sum(r["off"] is not None and abs(r["off"]) <= IN_TUNE for r in rows) / max(len(rows), 1)


def summarise_pitch(rows):
    names = dict.fromkeys(r["instrument"] for r in rows)
    out = {name: in_tune([r for r in rows if r["instrument"] == name]) for name in names}
    out["all"] = in_tune(rows)
    out["off"] = sorted({f"{r['instrument']} {r['key']}" for r in rows if r["off"] is None or abs(r["off"]) > IN_TUNE})
    return out


# ---- level, attack, spectrum, silence

def level(pcm):
    return envelope(pcm, RATE * 30 // 1000, RATE // 100)


def attack_of(pcm):
    """Seconds until the level first reaches half of the most it has in the first half second."""
    rms = envelope(pcm[:RATE // 2], RATE // 100, RATE // 400)
    return np.argmax(rms >= rms.max() / 2) / 400


def tail_of(pcm, note):
    """dBFS [frames] of 50 ms from 500 ms after the gate went off."""
    rest = pcm[int((note.off + 0.5) * RATE):]
    n = len(rest) // 800
    return db(np.sqrt((rest[:n * 800].reshape(n, 800) ** 2).mean(1))) if n else np.array([-120.0])


def correlation(a, b):
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else 0.0


def compare(n, pcm):
    real, ours = level(n.pcm), level(pcm)
    heard = db(real) > -60
    gap = db(ours[heard], -80) - db(real[heard], -80)
    over = tail_of(pcm, n) - np.maximum(-50, tail_of(n.pcm, n) + 6)
    last = pcm[-RATE // 20:]
    return {"instrument": n.instrument, "key": n.key, "velocity": n.velocity,
            "correlation": correlation(real, ours), "correlation_db": correlation(db(real, -60), db(ours, -60)),
            "level_error": float(np.median(np.abs(gap))), "level": float(np.median(gap)),
            "attack": float(attack_of(pcm) - attack_of(n.pcm)), "mel": float(mel_distance(n.pcm, pcm)),
            "tail_over": float(over.max()), "silent_end": bool(np.all(last == 0)),
            "peak": float(np.abs(pcm).max()), "dc": float(abs(pcm.mean()))}


def measure_sound(played):
    return [compare(n, pcm) for n, _, pcm in played]


def summarise_sound(rows):
    def column(name):
        return np.array([r[name] for r in rows])
    return {"notes": len(rows), "correlation": float(np.median(column("correlation"))),
            "correlation_mean": float(column("correlation").mean()),
            "correlation_db": float(np.median(column("correlation_db"))),
            "level_error": float(np.median(column("level_error"))), "level": float(np.median(column("level"))),
            "attack_ms": float(1000 * np.median(np.abs(column("attack")))),
            "attack_mean_ms": float(1000 * np.abs(column("attack")).mean()),
            "attack_within_20_ms": float((np.abs(column("attack")) <= 0.0201).mean()),
            "mel": float(column("mel").mean()), "tails_quiet": float((column("tail_over") <= 0).mean()),
            "silent_ends": float(column("silent_end").mean()), "peak": float(column("peak").max()),
            "clipped": int((column("peak") >= 1).sum()), "dc": float(column("dc").max())}


def sound_table(rows):
    names = dict.fromkeys(r["instrument"] for r in rows)
    groups = {name: [r for r in rows if r["instrument"] == name] for name in names}
    return {name: summarise_sound(group) for name, group in dict(groups, all=rows).items()}


# ---- yardsticks, feedback

def yardsticks(held, reference):
    at = {(n.instrument, n.key): n.pcm for n in reference}
    out = {f"class noise {sigma:g}": float(np.mean([mel_distance(n.pcm, class_noise(n.pcm, sigma)) for n in held]))
           for sigma in (0.5, 1, 2, 4)}
    out["next semitone"] = float(np.mean([mel_distance(at[i, k], at[i, k + 1]) for i, k in at if (i, k + 1) in at]))
    return out


class DeafPlayer(Player):
    """Plays with the feedback cut: at every sample the network is told that it has been silent so far."""

    def play(self, notes, takes):
        return [[self.play_one(n, take) for n in notes] for take in range(takes)]

    def play_one(self, note, seed):
        with scratch() as folder:
            track, silence, out = (Path(folder) / name for name in ("track.csv", "silence.npy", "out.npy"))
            write_track(track, [note])
            np.save(silence, np.full(len(note.pcm), SILENCE, dtype=np.int32))
            run(self.args.wavenet, "forward", "-m", self.args.model, silence, "-o", out, "--track", track,
                "--control", f"instrument={note.instrument}")
            logits = np.load(out) / self.args.temperature
        noise = np.random.default_rng(seed).gumbel(size=logits.shape)
        return decode((logits + noise).argmax(1))


def cut_feedback(args, held, whole):
    """What is left when the network hears silence instead of itself: distance to the recordings, beside the whole one's."""
    rows = measure_sound(DeafPlayer(args).play_all(held, 1))
    return dict(sound_table(rows)["all"], mel_whole=sound_table(whole)["all"]["mel"])


# ---- report

def report(result):
    show("bits a sample, held-out notes", result["bits"])
    print("\nin tune with the recordings, keys 48-84, three takes")
    for name, share in result["pitch"].items():
        print(f"{name:20}" + (", ".join(share) if name == "off" else f"{100 * share:6.1f} %"))
    show("level, attack, spectrum, silence, keys 48-84, three takes", result["sound"])
    show("the same of the held-out notes", result["held_out"])
    show("log-mel distance, dB: yardsticks", {"": result["yardsticks"]})
    if "cut_feedback" in result:
        show("feedback cut", {"": result["cut_feedback"]})


def verdict(result):
    bits, pitch, sound = result["bits"]["all"], result["pitch"]["all"], result["sound"]["all"]
    return {"bits under linear prediction by 0.3": bits["model"] <= bits["linear"] - 0.3,
            "95 % in tune": pitch >= 0.95, "tails quiet": sound["tails_quiet"] == 1.0,
            "level correlation 0.95": sound["correlation"] >= 0.95, "level error 2 dB": sound["level_error"] <= 2,
            "attack 20 ms": sound["attack_ms"] <= 20, "log-mel 4.5 dB": sound["mel"] <= 4.5,
            "no clipping": sound["clipped"] == 0, "DC 0.01": sound["dc"] <= 0.01}


def rounded(x):
    """Six digits of every number are enough for a file that people read."""
    if isinstance(x, dict):
        return {k: rounded(v) for k, v in x.items()}
    if isinstance(x, list):
        return [rounded(v) for v in x]
    return float(f"{x:.6g}") if isinstance(x, float) else x


def written(result):
    """JSON: one line a table row, one line a note."""
    parts = [f'"{name}": ' + ("{\n" + ",\n".join(f'  "{k}": {json.dumps(v)}' for k, v in part.items()) + "\n }")
             for name, part in rounded(result).items() if name != "notes"]
    notes = [f'  "{name}": [\n' + ",\n".join(f"   {json.dumps(row)}" for row in rows) + "\n  ]"
             for name, rows in rounded(result)["notes"].items()]
    return "{\n " + ",\n ".join(parts + ['"notes": {\n' + ",\n".join(notes) + "\n }"]) + "\n}\n"


def options():
    p = argparse.ArgumentParser(description="Measure models/notes against its recordings.")
    p.add_argument("--wavenet", default=HERE.parent.parent / "build" / "src" / "cli" / "wavenet")
    p.add_argument("--model", default=HERE)
    p.add_argument("--temperature", type=float, default=0.05)
    p.add_argument("--out", default=HERE / "measured.json")
    p.add_argument("--real", action="store_true", help="measure the recordings against themselves")
    return p.parse_args()


def main():
    args = options()
    notes, reference = load_notes("manifest.csv"), load_notes("reference.csv")
    train, held = [n for n in notes if n.split == "train"], [n for n in notes if n.split != "train"]
    player = Player(args)
    bits = measure_bits(player, train, held)
    played = player.play_all([n for n in reference if 48 <= n.key <= 84])
    pitch, sound, held_out = measure_pitch(played), measure_sound(played), measure_sound(player.play_all(held))
    result = {"bits": summarise_bits(bits), "pitch": summarise_pitch(pitch), "sound": sound_table(sound),
              "held_out": sound_table(held_out), "yardsticks": yardsticks(held, reference)}
    if not args.real:
        result["cut_feedback"] = cut_feedback(args, held, held_out)
    result["verdict"] = verdict(result)
    report(result)
    print()
    for name, ok in result["verdict"].items():
        print(f"{'yes' if ok else 'NO ':4}{name}")
    result["notes"] = {"bits": bits, "pitch": pitch, "sound": sound, "held_out": held_out}
    Path(args.out).write_text(written(result))


if __name__ == "__main__":
    main()
