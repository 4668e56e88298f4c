/* SPDX-License-Identifier: MIT
 * double_names.h - other names for the trainer's functions in double, so that one program can hold both.
 * Copyright (c) 2026 the wavenet authors */
#ifndef WN_TRAIN_DOUBLE_NAMES_H
#define WN_TRAIN_DOUBLE_NAMES_H

/* Every function of the number type's files (train_net_sources) is here: a missing one would be called with the other
 * number type. A test compares the list with the symbols of the library. */
#define wn_adam_step wn_adam_step_double
#define wn_blended_backward wn_blended_backward_double
#define wn_blended_forward wn_blended_forward_double
#define wn_cosine_rate wn_cosine_rate_double
#define wn_gated_backward wn_gated_backward_double
#define wn_gated_forward wn_gated_forward_double
#define wn_gemm wn_gemm_double
#define wn_gradient_sum wn_gradient_sum_double
#define wn_learning_rate wn_learning_rate_double
#define wn_params_clear wn_params_clear_double
#define wn_params_init wn_params_init_double
#define wn_params_offset wn_params_offset_double
#define wn_params_read wn_params_read_double
#define wn_params_write wn_params_write_double
#define wn_planar_add_bias wn_planar_add_bias_double
#define wn_planar_sum_hops wn_planar_sum_hops_double
#define wn_planar_view_add wn_planar_view_add_double
#define wn_planar_view_copy wn_planar_view_copy_double
#define wn_planar_view_fill wn_planar_view_fill_double
#define wn_planar_view_repeat wn_planar_view_repeat_double
#define wn_planar_view_scale wn_planar_view_scale_double
#define wn_planar_view_sum wn_planar_view_sum_double
#define wn_softmax_loss wn_softmax_loss_double
#define wn_tact_backward wn_tact_backward_double
#define wn_tact_backward_half wn_tact_backward_half_double
#define wn_tact_backward_values wn_tact_backward_values_double
#define wn_tact_forward wn_tact_forward_double
#define wn_tact_has_slope wn_tact_has_slope_double
#define wn_tact_in_place wn_tact_in_place_double
#define wn_tcondition_length wn_tcondition_length_double
#define wn_tconv_forward wn_tconv_forward_double
#define wn_tconv_input wn_tconv_input_double
#define wn_tconv_weights wn_tconv_weights_double
#define wn_tloss_chunk wn_tloss_chunk_double
#define wn_tloss_energy wn_tloss_energy_double
#define wn_tloss_error wn_tloss_error_double
#define wn_tnet_backward wn_tnet_backward_double
#define wn_tnet_forward wn_tnet_forward_double
#define wn_tnet_free wn_tnet_free_double
#define wn_tnet_new wn_tnet_new_double
#define wn_tpipe_backward wn_tpipe_backward_double
#define wn_tpipe_forward wn_tpipe_forward_double
#define wn_tstack_backward wn_tstack_backward_double
#define wn_tstack_forward wn_tstack_forward_double
#define wn_tstack_outputs wn_tstack_outputs_double
#define wn_tstage_backward wn_tstage_backward_double
#define wn_tstage_backward_terms wn_tstage_backward_terms_double
#define wn_tstage_forward wn_tstage_forward_double
#define wn_tstage_forward_terms wn_tstage_forward_terms_double
#define wn_twork_free wn_twork_free_double
#define wn_twork_new wn_twork_new_double

#endif
