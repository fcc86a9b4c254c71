use bench_tables::render;

use crate::sample;

fn page() -> String {
    render::html(&sample::collection(vec![sample::stand_ins(), sample::own_data(), sample::hostile()]))
}

#[test]
fn heads_span_columns_and_levels() {
    let text = page();
    let head = "<tr><th class=\"deep\" rowspan=\"2\">Method</th><th colspan=\"2\">Food-101</th><th class=\"deep\" rowspan=\"2\">Average</th></tr>\n\
                <tr><th class=\"deep\">{I}</th><th class=\"deep\">{I,T}</th></tr>\n";
    assert!(text.contains(head), "{text}");
    let deep = "<tr><th class=\"deep\" rowspan=\"3\">Method</th><th colspan=\"3\">IEMOCAP</th></tr>\n\
                <tr><th colspan=\"2\">Clean</th><th class=\"deep\" rowspan=\"2\">Noise σ=0.5</th></tr>\n";
    assert!(text.contains(deep), "{text}");
}

// Seeds are 0.39018 ∓ 0.01214, with one digit more than the table.
#[test]
fn a_measured_number_says_where_it_is_from() {
    let text = page();
    let cell = "<td title=\"stand-in, on openmoji&#10;by seed 0: 0.37804, 1: 0.39018, 2: 0.40232&#10;against RAML: −0.1000, seeds p = 0.0123, with samples p = \
                0.0400&#10;trials key-openmoji key-openmoji key-openmoji&#10;data 9f86d081884c\"><a href=\"#raml-1-trials-1\">0.3902 ± 0.0121</a> \
                <span class=\"worse\">▼</span> <span class=\"on\">openmoji</span></td>";
    assert!(text.contains(cell), "{text}");
    assert!(
        text.contains("<tbody id=\"raml-1-trials-1\">\n<tr><td class=\"hash\">key-openmoji-0</td><td>openmoji raml</td><td>openmoji</td>"),
        "{text}"
    );
    assert!(
        text.contains(&format!("<td class=\"hash\">{}</td><td>0</td><td>harness</td><td>3</td><td>2</td><td>validation</td></tr>", sample::HASH)),
        "{text}"
    );
}

#[test]
fn every_link_has_a_place_and_nothing_is_loaded() {
    let text = page();
    let targets: Vec<&str> = text.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(targets.len() > 6);
    for target in targets {
        assert!(text.contains(&format!("id=\"{target}\"")), "{target}");
    }
    for outside in ["http", "src=", "<script", "<link", "@import", "url("] {
        assert!(!text.contains(outside), "{outside}");
    }
}

#[test]
fn labels_are_never_markup_and_elements_are_closed() {
    let text = page();
    assert!(text.contains("<th scope=\"row\">&lt;/td&gt;&lt;script&gt;</th>"), "{text}");
    assert!(text.contains("<th>&lt;i&gt;</th><th>100% $</th>"), "{text}");
    for element in ["table", "thead", "tbody", "tr", "th", "td", "a", "span", "sup", "details", "section", "code", "p", "b", "u", "ul", "li", "div"] {
        let opened = text.matches(&format!("<{element}>")).count() + text.matches(&format!("<{element} ")).count();
        assert_eq!(opened, text.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn equal_reasons_are_shown_once() {
    let text = page();
    assert!(text.contains(
        "<td class=\"absent\" colspan=\"3\"><span title=\"n/a (digits has no modality that could play the part T)\">n/a<sup>b</sup></span></td>"
    ));
    assert!(text.contains("<th scope=\"row\">MVAE<sup title=\"not trained here\">a</sup></th>"));
}

#[test]
fn many_flags_are_folded() {
    let mut table = sample::stand_ins();
    assert!(
        render::html(&sample::collection(vec![table.clone()]))
            .contains("<details open><summary>What the audit says of printed numbers (2)</summary>")
    );
    table.flags = (0..5).map(|at| bench_tables::table::Flag { id: format!("f{at}"), text: "x".into() }).collect();
    assert!(render::html(&sample::collection(vec![table])).contains("<details><summary>What the audit says of printed numbers (5)</summary>"));
}
