/* SPDX-License-Identifier: MIT
 * midi_options.c - notes played live, from the command line: which MIDI input, and what is told of it.
 * Copyright (c) 2026 the wavenet authors */
#include "cli/midi_options.h"

#include "base/text.h"
#include "cli/silence_stderr.h"
#include "model/model.h"

wn_status wn_midi_options_open(wn_midi_options *k, const wn_cli *cli, wn_error *error)
{
    char name[256];
    int kept_stderr = wn_silence_stderr_begin();
    wn_status status = wn_midi_input_open(&k->port, k->query, error);
    wn_silence_stderr_end(kept_stderr);
    if (status) return status;
    wn_cli_clean(name, sizeof name, wn_midi_input_name(k->port));
    if (wn_midi_input_is_own(k->port))
        wn_cli_note(cli, "nothing plays MIDI here yet; connect a keyboard to %s (%s)", name,
                    wn_midi_input_system(k->port));
    else
        wn_cli_note(cli, "plays what comes from %s (%s)", name, wn_midi_input_system(k->port));
    return WN_OK;
}

void wn_midi_options_start(wn_midi_options *midi)
{
    wn_midi_event event;
    while (midi->port && wn_midi_queue_pop(wn_midi_input_queue(midi->port), &event)) continue;
}

void wn_midi_options_close(wn_midi_options *midi)
{
    int kept_stderr = wn_silence_stderr_begin();
    wn_midi_input_close(midi->port);
    wn_silence_stderr_end(kept_stderr);
    midi->port = NULL;
}

const char *wn_midi_options_status(char *text, size_t size, const wn_synth *synth, const wn_player_stats *counts)
{
    wn_synth_stats s = wn_synth_get_stats(synth);
    int used = snprintf(text, size, "%d voice%s", s.playing, s.playing == 1 ? "" : "s");
    if (counts->probes)
        snprintf(text + used, size - (size_t)used, "  key to sound %.1f ms", 1000 * counts->latency_last);
    return text;
}

json_t *wn_midi_options_json(const wn_midi_options *k, const wn_synth *synth, const wn_player_stats *counts)
{
    char name[256];
    wn_synth_stats s = wn_synth_get_stats(synth);
    return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:{s:I, s:f, s:f, s:f}}", "port",
                     wn_cli_clean(name, sizeof name, wn_midi_input_name(k->port)), "messages",
                     (json_int_t)wn_midi_input_received(k->port), "broken", (json_int_t)wn_midi_input_broken(k->port),
                     "dropped", (json_int_t)wn_midi_queue_dropped(wn_midi_input_queue(k->port)), "notes",
                     (json_int_t)s.notes, "stolen", (json_int_t)s.stolen, "left_out", (json_int_t)s.left_out, "playing",
                     s.playing, "latency", "notes", (json_int_t)counts->probes, "last", counts->latency_last, "mean",
                     counts->latency_mean, "worst", counts->latency_worst);
}

void wn_midi_options_report(const wn_midi_options *k, const wn_cli *cli, const wn_synth *synth,
                            const wn_player_stats *counts)
{
    wn_synth_stats s = wn_synth_get_stats(synth);
    int64_t broken = wn_midi_input_broken(k->port), dropped = wn_midi_queue_dropped(wn_midi_input_queue(k->port));
    if (broken) wn_cli_note(cli, "%lld broken MIDI message%s ignored", (long long)broken, wn_text_plural(broken));
    if (dropped)
        wn_cli_note(cli, "%lld MIDI event%s too many at once, lost", (long long)dropped, wn_text_plural(dropped));
    if (s.left_out)
        wn_cli_note(cli, "%lld note%s left out, of the drums or outside the model's keys", (long long)s.left_out,
                    wn_text_plural(s.left_out));
    if (s.stolen)
        wn_cli_note(cli, "%lld note%s cut short for others (--voices)", (long long)s.stolen, wn_text_plural(s.stolen));
    if (counts->probes)
        wn_cli_note(cli, "%lld note%s; from key to sound %.1f ms in the mean, %.1f ms at worst", (long long)s.notes,
                    wn_text_plural(s.notes), 1000 * counts->latency_mean, 1000 * counts->latency_worst);
}
