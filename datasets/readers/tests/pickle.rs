//! Pickles that Python 3.11 with NumPy 1.26.4 and 2.4.6 and Python 2.7.18 with NumPy 1.16.6 wrote: `fixtures/pickle/make.py` has the values that are expected here.

use std::{path::Path, sync::Arc};

use bench_readers::{Array, Data, Element, Node, Order, Source, Tree, View, read};

const SAMPLES: [&str; 13] = [
    "numpy1-protocol0",
    "numpy1-protocol1",
    "numpy1-protocol2",
    "numpy1-protocol3",
    "numpy1-protocol4",
    "numpy1-protocol5",
    "numpy2-protocol2",
    "numpy2-protocol4",
    "numpy2-protocol5",
    "python2-protocol0",
    "python2-protocol1",
    "python2-protocol2",
    "python2-slow-protocol2",
];

fn open(name: &str) -> Tree {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pickle").join(format!("{name}.pickle"));
    read(Arc::new(Source::open(&file).unwrap())).unwrap_or_else(|error| panic!("{error}"))
}

/// Calls the check with each sample's outermost value and whether Python 2 wrote it.
fn each(check: impl Fn(View, bool)) {
    for name in SAMPLES {
        println!("{name}");
        check(open(name).root(), name.starts_with("python2"));
    }
}

/// Shape and all numbers, row-major.
fn numbers(view: &View, key: &str) -> (Vec<usize>, Vec<f64>) {
    let array = view.key(key).unwrap().array().unwrap();
    (array.shape.clone(), array.reals(key, 0..array.rows()).unwrap())
}

fn kind(view: &View, key: &str) -> (Element, usize, bool) {
    let dtype = view.key(key).unwrap().array().unwrap().dtype;
    (dtype.element, dtype.size, dtype.big_endian)
}

#[test]
fn arrays_have_shape_type_and_numbers() {
    each(|root, _| {
        assert_eq!(numbers(&root, "floats"), (vec![2, 3], vec![0.0, 0.25, 0.5, 0.75, 1.0, 1.25]));
        assert_eq!(kind(&root, "floats"), (Element::Float, 4, false));
        assert_eq!(numbers(&root, "fortran"), (vec![2, 3, 4], (0..24).map(f64::from).collect()));
        assert_eq!(root.key("fortran").unwrap().array().unwrap().order, Order::ColumnMajor);
        assert_eq!(numbers(&root, "strided"), (vec![3, 2], vec![0.0, 2.0, 4.0, 6.0, 8.0, 10.0]));
        assert_eq!(numbers(&root, "big"), (vec![2, 2], vec![1.0, -2.0, 300.0, -40000.0]));
        assert_eq!(kind(&root, "big"), (Element::Signed, 4, true));
        assert_eq!(numbers(&root, "half"), (vec![4], vec![0.5, -2.0, 65504.0, f64::INFINITY]));
        assert_eq!(numbers(&root, "flags"), (vec![3], vec![1.0, 0.0, 1.0]));
        assert_eq!(kind(&root, "flags"), (Element::Bool, 1, false));
        assert_eq!(numbers(&root, "unsigned"), (vec![2], vec![0.0, 9_223_372_036_854_775_808.0]));
        assert_eq!(numbers(&root, "empty"), (vec![0, 5], vec![]));
        assert_eq!(numbers(&root, "zero_dimensional"), (vec![], vec![2.5]));
    });
}

#[test]
fn arrays_of_text_and_bytes() {
    each(|root, _| {
        assert_eq!(root.key("words").unwrap().texts().unwrap(), ["héllo", "€uro", ""]);
        // Bytes that are no UTF-8 are taken as Latin-1.
        assert_eq!(root.key("names").unwrap().texts().unwrap(), ["abc", "ÿ"]);
    });
}

#[test]
fn arrays_of_objects_are_in_order_whatever_their_memory() {
    each(|root, _| {
        for key in ["objects", "fortran_objects"] {
            let objects = root.key(key).unwrap();
            let Node::Array(array) = objects.node() else { panic!("{}", objects.describe()) };
            assert_eq!((array.shape.as_slice(), array.dtype.element), ([2, 2].as_slice(), Element::Object));
            let items = objects.items().unwrap();
            assert!(matches!(items[0].node(), Node::Real(1.5)));
            assert_eq!(items[1].text().unwrap(), "a");
            assert!(matches!(items[2].node(), Node::None));
            assert_eq!(items[3].wholes().unwrap(), [1, 2]);
        }
    });
}

#[test]
fn scalars_are_values() {
    each(|root, python2| {
        let scalars = root.key("scalars").unwrap().items().unwrap();
        let reals = scalars[..3].iter().map(|scalar| if let Node::Real(real) = scalar.node() { *real } else { panic!("{}", scalar.describe()) });
        assert_eq!(reals.collect::<Vec<_>>(), [0.1, 0.25, 1.5]);
        assert!(matches!(scalars[3].node(), Node::Whole(-7)));
        assert_eq!(scalars[4].text().unwrap(), "18446744073709551615");
        assert!(matches!(scalars[5].node(), Node::Bool(true)));
        assert_eq!(scalars[6].text().unwrap(), "né");
        assert_eq!(scalars[7].text().unwrap(), "x");
        assert_eq!(scalars.len(), 8, "{python2}");
    });
}

#[test]
fn numbers_text_and_bytes() {
    each(|root, python2| {
        let found = root.key("numbers").unwrap().items().unwrap();
        let wholes: Vec<i64> =
            found[..6].iter().map(|number| if let Node::Whole(whole) = number.node() { *whole } else { panic!("{}", number.describe()) }).collect();
        assert_eq!(wholes, [0, 255, 65535, -1, 2_147_483_647, -1_099_511_627_776]);
        assert_eq!(found[6].text().unwrap(), "1267650600228229401496703205376");
        assert_eq!(found[7].text().unwrap(), "-170141183460469231731687303715884105728");
        assert!(matches!((found[8].node(), found[9].node()), (Node::Real(1.25), Node::Real(f64::NEG_INFINITY))));
        assert!(matches!((found[10].node(), found[11].node(), found[12].node()), (Node::Bool(true), Node::Bool(false), Node::None)));
        assert_eq!(root.key("text").unwrap().text().unwrap(), "line\nbreak \\ € 😀");
        let bytes = root.key("bytes").unwrap().items().unwrap();
        match (bytes[0].node(), python2) {
            (Node::Bytes(bytes), false) => assert_eq!(**bytes, *b"\x00\x80'\xff"),
            (Node::Text(text), true) => assert_eq!(&**text, "\0\u{80}'ÿ"),
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(bytes[1].text().unwrap(), "");
        assert!(matches!(bytes[2].node(), Node::Bytes(bytes) if **bytes == *b"\x01\xfe"));
    });
}

#[test]
fn containers() {
    each(|root, _| {
        let tuples: Vec<Vec<i64>> = root.key("tuples").unwrap().items().unwrap().iter().map(|tuple| tuple.wholes().unwrap()).collect();
        assert_eq!(tuples, [vec![], vec![1], vec![1, 2], vec![1, 2, 3], vec![1, 2, 3, 4]]);
        let sets: Vec<Vec<i64>> = root.key("sets").unwrap().items().unwrap().iter().map(|set| set.wholes().unwrap()).collect();
        assert_eq!(sets, [[3], [4]]);
        let ordered: Vec<(String, String)> =
            root.key("ordered").unwrap().entries().unwrap().into_iter().map(|(key, value)| (key, value.text().unwrap())).collect();
        assert_eq!(ordered, [("z".into(), "1".into()), ("a".into(), "2".into())]);
        assert_eq!(root.key("default").unwrap().key("k").unwrap().wholes().unwrap(), [1]);
        assert_eq!(root.key("keys").unwrap().key("3").unwrap().text().unwrap(), "three");
        assert_eq!(root.key("type").unwrap().text().unwrap(), "float32");
    });
}

#[test]
fn what_is_shared_stays_shared() {
    each(|root, _| {
        let shared = root.key("shared").unwrap().items().unwrap();
        let (Node::List(_), Node::List(_)) = (shared[0].node(), shared[1].node()) else { panic!("{}", shared[0].describe()) };
        assert!(std::ptr::eq(shared[0].node(), shared[1].node()));
        let inner = shared[1].items().unwrap();
        assert_eq!(inner[1].text().unwrap(), "same");
        assert!(Arc::ptr_eq(&inner[0].array().unwrap(), &root.key("floats").unwrap().array().unwrap()));
    });
}

fn only_array(name: &str) -> Arc<Array> {
    open(name).root().array().unwrap()
}

#[test]
fn large_arrays_stay_in_the_file() {
    for name in ["numpy2-large-protocol2", "numpy2-large-protocol5", "python2-large-protocol2"] {
        let array = only_array(name);
        assert_eq!((array.shape.as_slice(), array.dtype.size), ([17, 256].as_slice(), 1));
        match (&array.data, name) {
            (Data::Latin1(_), "numpy2-large-protocol2") | (Data::Span(_), _) => {}
            (other, _) => panic!("{name}: {other:?}"),
        }
        assert_eq!(array.wholes("array", 3..4).unwrap(), (0..256).collect::<Vec<_>>());
        assert_eq!(array.wholes("array", 0..17).unwrap(), (0..4352).map(|at| at % 256).collect::<Vec<_>>());
    }
}

#[test]
fn large_bytes_stay_in_the_file_and_large_text_is_read() {
    let tree = open("numpy2-bytes-protocol4");
    let items = tree.root().items().unwrap();
    let bytes = items[0].array().unwrap();
    assert!(matches!((&bytes.data, bytes.dtype.element), (Data::Span(_), Element::Bytes)));
    assert_eq!((bytes.shape.len(), bytes.dtype.size), (0, 4352));
    assert_eq!(items[1].text().unwrap(), "é".repeat(2049));
}

#[test]
fn transposed_arrays_of_protocol_5() {
    // numpy.arange(24).reshape(2, 3, 4).transpose(0, 2, 1)
    let array = only_array("numpy2-transposed-protocol5");
    assert_eq!(array.shape, [2, 4, 3]);
    let expected = (0..2).flat_map(|i| (0..4).flat_map(move |k| (0..3).map(move |j| 12 * i + 4 * j + k)));
    assert_eq!(array.wholes("array", 0..2).unwrap(), expected.collect::<Vec<_>>());
}
