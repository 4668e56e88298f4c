/* SPDX-License-Identifier: MIT
 * training_state.h - the options and the state of a training run.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_TRAINING_STATE_H
#define WN_TRAIN_TRAINING_STATE_H

#include "base/thread_pool.h"
#include "train/batch.h"
#include "train/data_loader.h"
#include "train/loss_history.h"
#include "train/recipe.h"
#include "train/work.h"

/* Options of a training run. */
typedef struct wn_train_config {
    const char *recipe, *model;                       /* file names */
    const char *checkpoint;                           /* file name; NULL: none is written */
    const char *text;                                 /* the recipe itself; NULL: it is read from the file */
    const json_t *labels;                             /* added to the model's metadata; NULL: none */
    bool ignore_checks;                               /* of pairs */
    const double *input_level_dbu, *output_level_dbu; /* stated in the model file; NULL: unknown */
    int threads;
    int64_t steps;  /* 0: the recipe's */
    double seconds; /* stop after this time, as on Ctrl-C; 0: no limit */
    bool resume;    /* continue from the checkpoint */
    wn_cpu cpu;
} wn_train_config;

/* The state of a training run. */
typedef struct wn_trainer {
    wn_train_config config;
    wn_recipe recipe;
    wn_model *model;
    wn_tnet *net;
    wn_data *data;
    wn_data_loader loader;
    uint64_t data_checksum; /* for checkpoints */
    wn_thread_pool *pool;
    int threads;
    const wn_kernels *kernels;
    wn_twork **works;            /* [threads] */
    wn_batch *batches;           /* [threads] */
    wn_real *parameters;         /* [count] */
    wn_real *ema;                /* [count] moving average of the parameters */
    wn_real *best;               /* [count] parameters or average with the lowest validation loss so far: saved */
    wn_real *m, *v;              /* [count] first and second moments of the gradient */
    wn_real **gradients;         /* [slots][count] */
    wn_real **states;            /* [streams][net->state] */
    wn_real **validation_states; /* [threads][net->state] */
    double *nats;                /* losses: [streams] of a step, [clips] of a validation; PCM: energies of errors */
    double *energies;            /* [clips] of a validation, PCM output: energies of targets */
    size_t n_validation;
    uint32_t *validation_clips; /* [n_validation] */
    int64_t step, steps;        /* steps done; steps of the whole run, 0 where the length is `planned` */
    double seconds; /* of training, over all runs; the caller keeps it, for a schedule by time before each step */
    double planned; /* seconds of the whole run; 0 where the length is `steps` */
    int init_shared, init_all; /* tensors that came from the recipe's init, of all; 0: no init */
    double valid;              /* last validation: bits per sample, PCM output: ESR; NAN: none yet */
    double best_valid;         /* of `best`; NAN: none yet */
    int64_t best_step;         /* steps that had been done then */
    double rendered;           /* log-mel distance of the last render, dB; NAN: none yet */
    wn_loss_history history;
} wn_trainer;

#endif
