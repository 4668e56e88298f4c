/* SPDX-License-Identifier: MIT
 * trainer.h - from a recipe to a trained model: the loop, its checkpoints, and the model file.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_TRAINER_H
#define WN_TRAIN_TRAINER_H

#include "base/thread_pool.h"
#include "train/loss_history.h"
#include "train/data_loader.h"
#include "train/recipe.h"

/* How a run is wanted. */
typedef struct wn_train_config {
    const char *recipe, *model, *checkpoint; /* files */
    int threads;
    int64_t steps;  /* 0: as the recipe says */
    double seconds; /* stop after these, as on Ctrl-C; 0: never */
    bool resume;
    wn_cpu cpu;
} wn_train_config;

/* All that changes while training. */
typedef struct wn_trainer {
    wn_train_config config;
    wn_recipe recipe;
    wn_model *model;
    wn_tnet *net;
    wn_data *data;
    wn_data_loader feed;
    wn_thread_pool *crew;
    int threads;
    const wn_kernels *kernels;
    wn_twork **works;                 /* [threads] */
    wn_batch *trays;                   /* [threads] */
    wn_real *theta, *average, *m, *v; /* [count] */
    wn_real **gradients;              /* [slots][count] */
    wn_real **states;                 /* [streams][net->state] */
    wn_real **idle;                   /* [threads][net->state]: streams of validation */
    double *nats;                     /* [streams], of the step; [clips], of validation */
    size_t n_chosen;                  /* clips of validation */
    uint32_t *chosen;
    int64_t step, steps;
    double seconds; /* of training, all runs together */
    double valid;   /* as a step gives it: of the last validation, NAN before */
    wn_loss_history curve;
} wn_trainer;

/* Read recipe and data, and make everything; resumes from the checkpoint if asked. */
wn_status wn_trainer_new(wn_trainer **out, const wn_train_config *config, wn_error *error);
void wn_trainer_free(wn_trainer *trainer);

/* One step. *bits: loss of its samples, bits a sample (PCM output: the loss itself). Fails when it is not finite. */
wn_status wn_trainer_step(wn_trainer *trainer, double *bits, wn_error *error);

/* Loss of the validation clips under the averaged weights, into trainer->valid. */
void wn_trainer_validate(wn_trainer *trainer);

/* Write checkpoint and model file, each atomically. */
wn_status wn_trainer_save(wn_trainer *trainer, wn_error *error);

/* checkpoint.c: everything a later run needs to go on as if it had never stopped. */
wn_status wn_checkpoint_write(wn_trainer *trainer, wn_error *error);
wn_status wn_checkpoint_read(wn_trainer *trainer, wn_error *error);

#endif
