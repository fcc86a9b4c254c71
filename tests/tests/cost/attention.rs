//! Fused attention.

use bench_store::profile::Family;
use tch::Tensor;

use crate::counted::{backward, count, draw, leaf};

fn attend(query: &Tensor, key: &Tensor, value: &Tensor) -> Tensor {
    Tensor::scaled_dot_product_attention(query, key, value, None::<Tensor>, 0.0, false, None, false)
}

/// Q [2, 3, 4, 5], K and V [2, 3, 6, 5]: scores 2 · 3 · 4 · 6 · 5 = 720 and weighted sums 720. Backward five products of 720: the scores are computed again, and the gradients
/// of V, of the shares, of Q and of K are one each.
#[test]
fn forward_is_two_products_and_backward_five() {
    let work = count(|| drop(attend(&draw(&[2, 3, 4, 5]), &draw(&[2, 3, 6, 5]), &draw(&[2, 3, 6, 5]))));
    assert_eq!(work.forward_macs(Family::Attention), 1440);
    work.has_only(&[Family::Attention]);
    let work = count(|| backward(&attend(&leaf(&[2, 3, 4, 5]), &leaf(&[2, 3, 6, 5]), &leaf(&[2, 3, 6, 5]))));
    assert_eq!((work.forward_macs(Family::Attention), work.backward_macs(Family::Attention)), (1440, 3600));
    work.has_only(&[Family::Attention]);
}
