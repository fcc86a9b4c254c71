//! Values that the file numbers in order to name them again.

use std::collections::HashMap;

use crate::Id;

/// No value has this place: there are fewer.
const HOLE: Id = Id(u32::MAX);

/// Numbered values: those in sequence, as every writer numbers them, in a vector; a number far off, which only a hostile file has, in a map.
#[derive(Default)]
pub(super) struct Memo {
    dense: Vec<Id>,
    sparse: HashMap<u64, Id>,
    filled: u64,
}

impl Memo {
    pub(super) fn get(&self, number: u64) -> Option<Id> {
        let dense = usize::try_from(number).ok().and_then(|at| self.dense.get(at)).copied().filter(|&id| id != HOLE);
        dense.or_else(|| self.sparse.get(&number).copied())
    }

    pub(super) fn put(&mut self, number: u64, id: Id) {
        if self.get(number).is_none() {
            self.filled += 1;
        }
        // At most half of the vector is ever empty, but for a small constant.
        if number <= 2 * self.filled + 64 {
            let at = number as usize;
            if at >= self.dense.len() {
                self.dense.resize(at + 1, HOLE);
            }
            self.dense[at] = id;
        } else {
            self.sparse.insert(number, id);
        }
    }

    /// Numbers the value with the count of those before (`MEMOIZE`).
    pub(super) fn push(&mut self, id: Id) {
        self.put(self.filled, id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_far_off_takes_one_place() {
        let mut memo = Memo::default();
        memo.put(u64::from(u32::MAX), Id(1));
        memo.put(u64::MAX, Id(2));
        memo.put(0, Id(3));
        memo.push(Id(4));
        assert!(memo.dense.len() < 200);
        assert_eq!(
            [u64::from(u32::MAX), u64::MAX, 0, 3, 1].map(|number| memo.get(number)),
            [Some(Id(1)), Some(Id(2)), Some(Id(3)), Some(Id(4)), None]
        );
    }

    #[test]
    fn a_number_is_given_anew_wherever_it_was() {
        let mut memo = Memo::default();
        memo.put(500, Id(1));
        (0..1000).for_each(|number| memo.put(number, Id(number as u32 + 10)));
        assert_eq!((memo.get(500), memo.filled), (Some(Id(510)), 1000));
        memo.push(Id(7));
        assert_eq!(memo.get(1000), Some(Id(7)));
    }
}
