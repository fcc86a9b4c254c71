//! Tensors in safetensors: `fixtures/safetensors/make.py` wrote them with the format's own package, and the expected values stand there.

mod hostile;

use bench_readers::Data;
use hostile::{changed, changes, fixture, of, refusal, survive, tree};
use proptest::prelude::*;

const ALL: &str = "safetensors/all.safetensors";

#[test]
fn tensors_stay_in_the_file() {
    let tree = tree(ALL);
    let reals = |name: &str| tree.root().key(name).unwrap().reals().unwrap();
    let audio = tree.root().key("audio.train").unwrap().array().unwrap();
    assert_eq!((&*audio.shape, audio.describe().as_str()), ([3, 2, 2].as_slice(), "float32 [3, 2, 2]"));
    assert!(matches!(audio.data, Data::Span(_)));
    assert_eq!(audio.reals("audio", 2..3).unwrap(), [1.0, 1.125, 1.25, 1.375]);
    assert_eq!(reals("half"), [1.5, -0.25]);
    assert_eq!(reals("brain"), [-1.5, 3.140625, f64::INFINITY]);
    assert_eq!(reals("double"), [1e300]);
    assert_eq!(reals("truths"), [1.0, 0.0]);
    assert_eq!(reals("scalar"), [7.0]);
    assert_eq!(tree.root().key("empty").unwrap().array().unwrap().shape, [0, 4]);
    for (name, largest) in [("int8", i64::from(i8::MAX)), ("int16", i64::from(i16::MAX)), ("int32", i64::from(i32::MAX)), ("int64", i64::MAX)] {
        assert_eq!(tree.root().key(name).unwrap().wholes().unwrap(), [largest, 1]);
    }
    for (name, largest) in [("uint8", i64::from(u8::MAX)), ("uint16", i64::from(u16::MAX)), ("uint32", i64::from(u32::MAX))] {
        assert_eq!(tree.root().key(name).unwrap().wholes().unwrap(), [largest, 1]);
    }
    assert_eq!(reals("uint64"), [18_446_744_073_709_551_615.0, 1.0]);
}

#[test]
fn a_file_without_tensors_has_no_keys() {
    assert_eq!(tree("safetensors/empty.safetensors").root().describe(), "no keys");
}

#[test]
fn numbers_of_8_bits_with_an_exponent_are_refused_by_name() {
    let error = refusal("a", fixture("safetensors/float8.safetensors"));
    assert!(error.starts_with("a: scaled: found F8_E4M3 [2], expected real numbers"), "{error}");
}

#[test]
fn damage_is_refused_with_its_place() {
    let whole = fixture(ALL);
    for length in 0..whole.len() {
        assert!(of("a", whole[..length].to_vec()).is_err(), "cut at {length}");
    }
    let error = refusal("a", whole[..whole.len() - 1].to_vec());
    assert!(error.contains("bytes, expected") && error.contains("behind the header; the file is truncated"), "{error}");
    assert!(refusal("a", [whole.as_slice(), b"x"].concat()).contains("behind the header"));
    let error = refusal(
        "a",
        [&300_u64.to_le_bytes(), br#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#.as_slice(), &[b' '; 246], &[0; 8]].concat(),
    );
    assert!(error.starts_with("a: byte 8: found "), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_files_are_errors_or_values(changes in changes()) {
        survive(changed(fixture(ALL), changes));
    }
}
