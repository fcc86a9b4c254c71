//! Element-wise work, reductions and moves. Element-wise work is counted in elements passed over (the larger of what goes in and what comes out), not in FLOPs:
//! how many instructions an exponential takes depends on the library, and none of it is a multiply-accumulate of the model.

use bench_native::{Argument, Operation};

use super::{Count, product, shape};

/// One pass over the elements of the largest argument or result; random draws too.
const PASSES: &str = "\
    _adaptive_avg_pool2d _adaptive_avg_pool2d_backward _batch_norm_with_update _foreach_add _foreach_mul _foreach_norm _fused_adam \
    _fused_adamw _fused_dropout _fused_sgd _index_put_impl _log_softmax _log_softmax_backward_data _masked_softmax _masked_softmax_backward \
    _native_batch_norm_legit _softmax _softmax_backward_data _thnn_fused_lstm_cell _thnn_fused_lstm_cell_backward_impl _unique2 \
    _weight_norm_interface _weight_norm_interface_backward abs add addcdiv addcmul addr all amax amin any argmax argmin argsort atan2 \
    avg_pool2d avg_pool2d_backward batch_norm_backward bernoulli binary_cross_entropy binary_cross_entropy_backward bincount bitwise_and \
    bitwise_not bitwise_or ceil clamp clamp_max clamp_min cos count_nonzero cudnn_batch_norm cumprod cumsum digamma div elu elu_backward \
    embedding_dense_backward eq equal erf exp expm1 exponential floor floor_divide frac ge gelu gelu_backward glu glu_backward gt hardtanh \
    hardtanh_backward huber_loss huber_loss_backward index_add index_put isfinite isinf isnan le leaky_relu leaky_relu_backward lerp lgamma \
    linalg_vector_norm log log1p log2 log_sigmoid_backward log_sigmoid_forward logaddexp logical_and logical_not logical_or logsumexp lt \
    masked_fill max max_pool2d_with_indices max_pool2d_with_indices_backward max_unpool2d maximum mean median min minimum mish \
    mkldnn_max_pool2d mse_loss mse_loss_backward mul nan_to_num native_batch_norm native_batch_norm_backward native_dropout \
    native_dropout_backward native_group_norm native_group_norm_backward native_layer_norm native_layer_norm_backward ne neg \
    nll_loss2d_backward nll_loss2d_forward nll_loss_backward nll_loss_forward norm normal polygamma pow prod rand randint randn random randperm \
    reciprocal relu remainder round rsqrt rsub scatter_add sgn sigmoid sigmoid_backward sign silu silu_backward sin smooth_l1_loss \
    smooth_l1_loss_backward softplus softplus_backward sort sqrt square std std_mean sub sum tanh tanh_backward threshold threshold_backward \
    topk trace tril triu trunc uniform unique_consecutive unique_dim upsample_bilinear2d upsample_nearest2d var var_mean where xlogy";

/// Values are moved, made or looked at.
const MOVES: &str = "\
    _conj _copy_from _has_compatible_shallow_copy_type _local_scalar_dense _pack_padded_sequence _pack_padded_sequence_backward \
    _pad_packed_sequence _reshape_alias _to_copy _unsafe_view alias arange as_strided broadcast_tensors cat chunk clone complex \
    constant_pad_nd contiguous copy detach diag_embed diagonal diagonal_backward embedding embedding_renorm empty empty_like empty_strided \
    expand eye fill flip full full_like gather im2col index index_copy index_fill index_select is_nonzero is_pinned is_same_size isin item \
    lift lift_fresh linspace masked_scatter masked_select narrow new_empty new_empty_strided new_full new_ones new_zeros nonzero ones \
    ones_like permute pin_memory repeat repeat_interleave requires_grad resize resolve_conj resolve_neg roll scalar_tensor scatter select \
    select_backward set set_data slice slice_backward split split_with_sizes squeeze stack t to transpose unbind unfold unfold_backward \
    unfold_copy unsafe_split unsqueeze view view_as zero zeros zeros_like";

/// Distances by differences, P · R pairs of rows of M numbers: name, and the argument that the P rows are.
const DISTANCES: [(&str, usize); 2] = [("_cdist_forward", 0), ("_cdist_backward", 1)];

/// Every name, and that of its form in place.
pub(super) fn names() -> impl Iterator<Item = String> {
    let all = PASSES.split_whitespace().chain(MOVES.split_whitespace()).chain(DISTANCES.map(|(name, _)| name));
    all.flat_map(|name| [format!("aten::{name}"), format!("aten::{name}_")])
}

pub(super) fn count(operation: &Operation) -> Option<Count> {
    let name = operation.name.strip_prefix("aten::")?;
    // In place or not is the same work.
    let name = name.strip_suffix('_').unwrap_or(name);
    if PASSES.split_whitespace().any(|known| known == name) {
        let arguments = operation.inputs.iter().chain(&operation.outputs);
        return Some(Count::Elements(arguments.map(Argument::elements).max().unwrap_or(0)));
    }
    if MOVES.split_whitespace().any(|known| known == name) {
        return Some(Count::Move);
    }
    let (_, first) = DISTANCES.iter().find(|(known, _)| *known == name)?;
    let (left, right) = (shape(operation, *first)?, shape(operation, first + 1)?);
    let rows = right.get(right.len().checked_sub(2)?)?;
    Some(Count::Elements(product(left) * (*rows).max(0) as u64))
}
