//! Where a training step's time goes: libtorch's operations by family, and what is spent outside of them.

use std::time::Duration;

use bench_native::{OperationTime, thread_time};
use tch::{Device, Kind, Tensor};

/// Families of operations, in the order of [`Shares::families`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Matrix products, batched or not, attention and recurrent layers that libtorch runs as one operation.
    Products,
    /// Convolutions.
    Convolutions,
    /// Element-wise work, reductions, normalisations, losses.
    Arithmetic,
    /// Steps of whole parameter groups.
    Optimiser,
    /// Copies, gathers, fills: numbers move, nothing is computed.
    Copies,
    /// Random numbers.
    Draws,
    /// Views and allocations, which touch no numbers.
    Views,
}

const FAMILIES: [Family; 7] =
    [Family::Products, Family::Convolutions, Family::Arithmetic, Family::Optimiser, Family::Copies, Family::Draws, Family::Views];

/// Additions whose mean is the price of a call.
const PRICED: u32 = 20_000;

/// Names that are not found by their beginnings; libtorch's in-place forms end in `_`, which is cut before the search.
const PRODUCTS: &[&str] =
    &["mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot", "vdot", "addr", "ger", "outer", "linear", "matmul", "mkldnn_rnn_layer"];
const COPIES: &[&str] = &[
    "copy",
    "_to_copy",
    "to",
    "clone",
    "contiguous",
    "cat",
    "stack",
    "index",
    "index_select",
    "index_put",
    "_index_put_impl",
    "gather",
    "scatter",
    "embedding",
    "fill",
    "zero",
    "zeros",
    "ones",
    "full",
    "zeros_like",
    "ones_like",
    "full_like",
    "scalar_tensor",
    "arange",
    "eye",
    "repeat",
    "constant_pad_nd",
    "roll",
    "flip",
    "_local_scalar_dense",
    "item",
];
const DRAWS: &[&str] = &["normal", "uniform", "bernoulli", "random", "rand", "randn", "rand_like", "randn_like", "native_dropout", "dropout"];
const VIEWS: &[&str] = &[
    "view",
    "_unsafe_view",
    "_reshape_alias",
    "view_as",
    "reshape",
    "flatten",
    "unflatten",
    "t",
    "transpose",
    "permute",
    "expand",
    "expand_as",
    "squeeze",
    "unsqueeze",
    "select",
    "slice",
    "narrow",
    "split",
    "split_with_sizes",
    "chunk",
    "unbind",
    "as_strided",
    "alias",
    "detach",
    "diagonal",
    "empty",
    "empty_like",
    "empty_strided",
    "new_empty",
    "new_empty_strided",
    "resize",
    "set",
    "result_type",
    "resolve_conj",
    "resolve_neg",
    "lift_fresh",
    "requires_grad",
];

impl Family {
    /// Of an operation by libtorch's name, e.g. `aten::addmm`.
    fn of(name: &str) -> Self {
        let name = name.rsplit("::").next().unwrap_or(name);
        let plain = name.trim_end_matches('_');
        let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| plain.starts_with(beginning));
        match plain {
            _ if plain.contains("conv") => Self::Convolutions,
            _ if PRODUCTS.contains(&plain) || begins(&["_scaled_dot_product", "linalg_", "_linalg_", "mkldnn_rnn"]) => Self::Products,
            _ if begins(&["_fused_", "_foreach_"]) => Self::Optimiser,
            _ if DRAWS.contains(&plain) => Self::Draws,
            _ if VIEWS.contains(&plain) => Self::Views,
            _ if COPIES.contains(&plain) => Self::Copies,
            _ => Self::Arithmetic,
        }
    }
}

/// Where the time of a piece of work went.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// Percent of the whole inside operations of each family, without the operations that they called.
    pub families: Vec<f64>,
    /// Percent outside of all operations: autograd's bookkeeping, the binding, this program's own code.
    pub outside: f64,
    /// Calls of operations that do more than view or allocate.
    pub calls: u64,
}

impl Shares {
    /// Of work that had the processor for `whole` unobserved and spent `times` in operations when observed, by the clock on the wall, of which it had the
    /// processor for the share `held`.
    ///
    /// An operation's time includes finding its kernel. What the observer itself takes is no part of the time of an operation that calls no other, so that
    /// the rest of `whole` is outside of operations, or a little less than that.
    pub fn new(times: &[OperationTime], held: f64, whole: Duration) -> Self {
        let share = |time: Duration| 100.0 * held * time.as_secs_f64() / whole.as_secs_f64();
        // The engine of autograd reports the nodes that it evaluates as if they were operations.
        let operations = || times.iter().filter(|time| !time.name.starts_with("autograd::"));
        let of = |family: Family| operations().filter(move |time| Family::of(&time.name) == family);
        let sum = |family: Family| of(family).map(|time| share(time.time)).fold(0.0, |sum, share| sum + share);
        let families: Vec<f64> = FAMILIES.iter().map(|&family| sum(family)).collect();
        let views: u64 = of(Family::Views).map(|time| time.calls).sum();
        let calls: u64 = operations().map(|time| time.calls).sum();
        Self { outside: 100.0 - families.iter().sum::<f64>(), families, calls: calls - views }
    }
}

/// What a call costs that has next to nothing to compute: an addition of two single numbers.
pub fn price_of_a_call() -> Duration {
    let (one, other) = (Tensor::ones([1], (Kind::Float, Device::Cpu)), Tensor::ones([1], (Kind::Float, Device::Cpu)));
    let _no_grad = tch::no_grad_guard();
    let start = thread_time();
    (0..PRICED).for_each(|_| drop(&one + &other));
    (thread_time() - start) / PRICED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(name: &str, calls: u64, milliseconds: u64) -> OperationTime {
        OperationTime { name: name.into(), calls, time: Duration::from_millis(milliseconds) }
    }

    /// By hand: of 100 ms, 40 are products, 10 element-wise, 5 a copy, 5 views, and 40 are in no operation. Observed, everything took twice as long, since
    /// another process had the processor half of the time.
    #[test]
    fn shares_add_up_and_the_rest_is_outside() {
        let times = [
            time("aten::addmm", 2, 60),
            time("aten::mm", 1, 20),
            time("aten::add_", 4, 20),
            time("aten::copy_", 1, 10),
            time("aten::t", 7, 10),
            time("autograd::engine::evaluate_function: AddmmBackward0", 9, 20),
        ];
        let shares = Shares::new(&times, 0.5, Duration::from_millis(100));
        let expected = [40.0, 0.0, 10.0, 0.0, 5.0, 0.0, 5.0];
        assert!(shares.families.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9), "{shares:?}");
        assert!((shares.outside - 40.0).abs() < 1e-9);
        assert_eq!(shares.calls, 8);
    }

    #[test]
    fn operations_are_found_by_their_names() {
        for (name, family) in [
            ("aten::mkldnn_convolution", Family::Convolutions),
            ("aten::convolution_backward", Family::Convolutions),
            ("aten::baddbmm_", Family::Products),
            ("aten::_scaled_dot_product_flash_attention_for_cpu", Family::Products),
            ("aten::_fused_adamw_", Family::Optimiser),
            ("aten::normal_", Family::Draws),
            ("aten::index_select", Family::Copies),
            ("aten::empty_strided", Family::Views),
            ("aten::threshold_backward", Family::Arithmetic),
            ("aten::native_layer_norm", Family::Arithmetic),
            ("aten::to", Family::Copies),
            ("aten::topk", Family::Arithmetic),
        ] {
            assert_eq!(Family::of(name), family, "{name}");
        }
    }
}
