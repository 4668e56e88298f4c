/* SPDX-License-Identifier: MIT
 * conditioned_stream.h - a stream of one voice with the conditioner that feeds it, for input that is given in blocks.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_ENGINE_CONDITIONED_STREAM_H
#define WN_ENGINE_CONDITIONED_STREAM_H

#include "wavenet/wavenet.h"

typedef struct wn_conditioned_stream {
    wn_stream *stream;
    wn_conditioner *conditioner;
    int input_channels, local_channels, held_channels, output_channels;
    int receptive_field; /* frames */
    float *local;        /* [max_frames][local_channels] */
    float *held;         /* [held_channels] */
} wn_conditioned_stream;

/* For a plan of one voice for `model`, and runs of up to `max_frames` frames. Both must outlive it.
 * wn_conditioned_stream_close afterwards, also after a failure. */
wn_status wn_conditioned_stream_open(wn_conditioned_stream *out, const wn_plan *plan, const wn_model *model,
                                     int max_frames, wn_error *error);
void wn_conditioned_stream_close(wn_conditioned_stream *stream);

/* To the state that the input row x [input channels], repeated for ever, leaves under the conditions of the first frame. `y`
 * [output channels] receives the output of that state. Both NULL: silence, and no output. Rows other than silence cost a
 * receptive field of frames. The conditioner starts from frame 0 again. */
void wn_conditioned_stream_prewarm(wn_conditioned_stream *stream, const float *x, float *y);

/* Run the next `frames` frames: pcm [frames][input channels] or classes [frames], as the model takes, into `out`
 * [frames][output channels]. All are values of the network. */
WN_REALTIME void wn_conditioned_stream_run(wn_conditioned_stream *stream, int frames, const float *pcm,
                                           const int32_t *classes, float *out);

#endif
