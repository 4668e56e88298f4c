/* SPDX-License-Identifier: MIT
 * texts.h - small configs and hyper-parameters to start from.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TESTS_FUZZ_TEXTS_H
#define WN_TESTS_FUZZ_TEXTS_H

static const char *const fuzz_configs[] = {
    "{\"version\":1,\"name\":\"i\",\"sample_rate\":16000,\"input\":{\"classes\":8,\"companding\":\"mulaw-midtread\"},"
    "\"output\":{\"kind\":\"categorical\"},\"controls\":[{\"name\":\"key\",\"unit\":\"st\",\"min\":21,\"max\":108,\"default\":60},"
    "{\"name\":\"who\",\"choices\":[\"a\",\"b\"],\"default\":\"b\"}],\"condition\":{\"hop\":8,\"features\":["
    "{\"kind\":\"bumps\",\"control\":\"key\",\"n\":3,\"sigma\":5},{\"kind\":\"one-hot\",\"control\":\"who\"},"
    "{\"kind\":\"scaled\",\"control\":\"key\",\"offset\":60,\"scale\":0.1,\"power\":2},"
    "{\"kind\":\"age-on\",\"control\":\"key\",\"taus\":[0.1,1]},{\"kind\":\"age-off\",\"control\":\"key\",\"taus\":[1]}],"
    "\"stages\":[{\"kind\":\"conv\",\"out\":3,\"activation\":\"tanh\"}],\"excitation\":{\"harmonics\":[1,2],\"bend\":\"key\"},"
    "\"global\":2,\"speakers\":2},\"stacks\":[{\"channels\":2,\"dilations\":[1,2],\"repeat\":2}],"
    "\"sampling\":{\"temperature\":0.1,\"top_k\":3,\"top_p\":0.5},\"metadata\":{\"a\":[1,null]}}",

    "{\"output\":{\"kind\":\"pcm\"},\"condition\":{\"nested\":{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"dilations\":[1]}]}},"
    "\"stacks\":[{\"channels\":2,\"bottleneck\":2,\"kernel\":[3,2],\"dilations\":[1,7],\"gating\":[\"gated\",\"blended\"],"
    "\"activation\":[{\"kind\":\"prelu\"},\"silu\"],\"gate\":[\"sigmoid\",{\"kind\":\"leaky-hard-tanh\",\"min\":-2}],\"groups\":2,"
    "\"film_conv_pre\":true,\"film_act_post\":[{\"shift\":false,\"groups\":1,\"bias\":false},false],\"head\":{\"out\":3,\"kernel\":4}},"
    "{\"channels\":3,\"dilations\":[2],\"gating\":\"none\",\"skip\":false,\"residual\":false,\"head\":{\"out\":1}}],\"head_scale\":0.5}",

    "{\"output\":{\"kind\":\"gaussians\",\"mixtures\":1,\"log_scale_min\":-7},\"input\":{\"mu\":255},\"condition\":{\"channels\":2,\"hop\":120,"
    "\"stages\":[{\"kind\":\"conv\",\"kernel\":3,\"bias\":false},{\"kind\":\"stretch\",\"factor\":2},{\"kind\":\"smooth\",\"height\":3,\"width\":5,"
    "\"activation\":{\"kind\":\"leaky-relu\",\"slope\":0.4}},{\"kind\":\"stretch\",\"factor\":3,\"linear\":true},"
    "{\"kind\":\"transposed-2d\",\"factor\":4,\"height\":3,\"bias\":true},{\"kind\":\"transposed\",\"factor\":5,\"kernel\":9,\"trim\":2},"
    "{\"kind\":\"cut\",\"trim\":7}],\"global\":2},\"stacks\":[{\"channels\":2,\"dilations\":[1,2],\"skip_sum\":\"running\"}]}",

    ("{\"output\":{\"kind\":\"pcm\"},\"stacks\":[{\"channels\":1,\"plain\":true,\"dilations\":[1,5],\"gating\":\"none\",\"plain_output\":true}],"
     "\"head\":[{\"activation\":\"identity\"}]}"),

    "{\"version\":2,\"sample_rate\":8000,\"output\":{\"kind\":\"gaussian\"},\"condition\":{\"channels\":5,\"hop\":16,"
    "\"analysis\":{\"window\":64,\"fft\":80,\"center\":8,\"pre_emphasis\":0.5,\"bands\":3,\"low\":100,\"high\":3500,"
    "\"scale\":\"slaney\",\"norm\":\"area\",\"power\":1,\"reference\":16,\"floor\":0.001,\"ceiling\":2,\"log\":\"ln\","
    "\"mean\":[-1,-2,-3],\"std\":[0.5],\"edge\":\"reflect\",\"pitch_low\":60,\"pitch_high\":400,\"pitch_reference\":130}},"
    "\"stacks\":[{\"channels\":4,\"dilations\":[1,2]}]}",

    "{\"version\":2,\"sample_rate\":500,\"input\":{\"channels\":3,\"analysis\":{\"sample_rate\":8000,\"hop\":16,"
    "\"window\":64,\"fft\":80,\"center\":8,\"bands\":3,\"low\":100,\"high\":3500,\"mean\":[-1,-2,-3]}},\"output\":{"
    "\"kind\":\"categorical\",\"classes\":4,\"names\":[\"pau\",\"a\",\"\\\"o\\\", oo\",\"\u0448\"],\"delay\":2},"
    "\"stacks\":[{\"channels\":4,\"dilations\":[1,2]}],\"head\":[{\"out\":5},{}]}"};

#endif
