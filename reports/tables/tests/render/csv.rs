use bench_tables::render;

use crate::sample;

const HEAD: &str = "table,row_group,row,column,reported,reported_deviation,reported_unit,reported_mark,line,on,stands_in,mean,deviation,seeds,difference,\
versus_difference,p,p_samples,verdict,absent,flags,trials";

// The empty cell of `Concat Fusion` has no line; `MVAE` is absent in both lines of its three cells.
#[test]
fn each_measured_number_has_a_line() {
    let text = render::csv(&sample::collection(vec![sample::stand_ins()]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], HEAD);
    assert_eq!(lines.len(), 1 + 4 + 6 + 6);
    let keys = "key-openmoji-0 key-openmoji-1 key-openmoji-2";
    assert_eq!(
        lines[1],
        format!(
            "raml-1,,Concat Fusion,Food-101 / {{I}},0.4115,,fraction,,1,openmoji,true,0.39018,0.01214,0 1 2,,-0.1,0.0123,0.04,worse,,raml-1-average,{keys}"
        )
    );
    assert_eq!(lines[2], "raml-1,,Concat Fusion,Food-101 / {I},0.4115,,fraction,,2,,,,,,,,,,,n/a (no image),raml-1-average,");
    assert_eq!(lines[4], "raml-1,,Concat Fusion,\"Food-101 / {I,T}\",0.706,,fraction,second,2,digits,true,0.9,,,,-0.1,0.0123,0.04,seeds-better,,,");
    assert_eq!(lines[15], format!("raml-1,Ours,RAML,Average,0.654,,fraction,,1,openmoji,true,0.625,0.02,0 1 2,,,,,,,,{keys}"));
}

#[test]
fn a_cell_with_a_printed_number_only_has_a_line_too() {
    let text = render::csv(&sample::collection(vec![sample::hostile()]));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 10);
    let fields: Vec<&str> = records[0].iter().filter(|field| !field.is_empty()).collect();
    assert_eq!(fields, ["hostile", "</td><script>", "<i> / p|q", "1", "fraction"]);
    assert_eq!(&records[6][2], "two lines");
}
