use bench_tables::render::{self, ReadError};

use crate::sample;

#[test]
fn what_is_written_is_read_again() {
    let collection = sample::collection(vec![sample::stand_ins(), sample::own_data(), sample::hostile()]);
    let text = render::json(&collection).unwrap();
    assert!(text.starts_with("{\n  \"format\": 1,") && text.ends_with("}\n"), "{text}");
    assert_eq!(render::read(&text).unwrap(), collection);
}

// Fields of a later format are unknown, so its number is looked at first.
#[test]
fn another_format_is_refused_by_its_number() {
    let error = render::read("{\"format\": 2, \"anything\": []}").unwrap_err();
    assert!(matches!(error, ReadError::Format { found: 2 }));
    assert_eq!(error.to_string(), "the tables have format 2, this program reads 1");
    assert!(render::read("[]").unwrap_err().to_string().starts_with("not the JSON of tables: "));
}
