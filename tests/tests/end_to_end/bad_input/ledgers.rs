//! Ledgers and tables that are not what they should be.

use std::fs;

use super::{place::Place, transcript::Transcript};

const TABLE: &str = "row_key,col_key,value_raw,unit\nA,Acc,80.1,%\nB,Acc,79.2,%\n";

fn claim(fields: &str) -> String {
    format!("[[claim]]\nid = \"c\"\npaper = \"p\"\nloc = \"Table 1\"\nquote = \"q\"\nkind = \"delta\"\n{fields}")
}

fn ledger(place: &Place, name: &str, claims: &str, table: &str) {
    fs::create_dir_all(place.path(name).join("tables")).unwrap();
    fs::write(place.path(name).join("claims.toml"), claims).unwrap();
    fs::write(place.path(name).join("tables/p-table1.csv"), table).unwrap();
}

#[test]
fn a_wrong_expression_is_pointed_at() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    for (name, expression) in [
        ("unclosed", r#"cell("t1","A","Acc""#),
        ("function", r#"cel("t1","A","Acc")"#),
        ("row", r#"1+cell("t1","C","Acc")"#),
        ("table", r#"cell("t2","A","Acc")"#),
        ("arguments", r#"abs(1,2)"#),
        ("kinds", r#"min("a",2)"#),
        ("character", "1 @ 2"),
        ("fact", r#"fact("nobody")"#),
        ("deep", &"(".repeat(100_000)),
    ] {
        ledger(&place, name, &claim(&format!("expr = '{expression}'\nop = \"gt\"\nstated_value = 0.0\n")), TABLE);
        seen.run(&["audit", "--ledger", name]);
    }
    seen.check("wrong_expressions");
}

#[test]
fn a_wrong_ledger_is_named_with_its_place() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    let fine = claim("expr = '1'\nop = \"true\"\n");
    for (name, claims, table) in [
        ("syntax", "[[claim]\n", TABLE),
        ("field", &*claim("expr = '1'\nop = \"true\"\nexpresion = '2'\n"), TABLE),
        ("op", &*claim("expr = '1'\nop = \"about\"\n"), TABLE),
        ("unstated", &*claim("expr = '1'\nop = \"approx\"\n"), TABLE),
        ("twice", &*[fine.clone(), fine.clone()].concat(), TABLE),
        ("number", &*fine, "row_key,col_key,value_raw\nA,Acc,eighty\n"),
        ("column", &*fine, "row,col,value\nA,Acc,80\n"),
        ("cells", &*fine, "row_key,col_key,value_raw\nA,Acc,80\nA,Acc,81\n"),
        ("value", &*fine, "row_key,col_key,value_raw,value\nA,Acc,80,81\n"),
        ("short", &*fine, "row_key,col_key,value_raw\nA,Acc\n"),
        ("empty", &*fine, ""),
    ] {
        ledger(&place, name, claims, table);
        seen.run(&["audit", "--ledger", name]);
    }
    seen.run(&["audit", "--ledger", "nowhere"]);
    fs::create_dir(place.path("bare")).unwrap();
    seen.run(&["audit", "--ledger", "bare"]);
    fs::write(place.path("bytes.csv"), b"a,b\n\xff\xfe,1\n").unwrap();
    seen.run(&["audit", "--csv", "bytes.csv"]);
    fs::write(place.path("words.csv"), "a,b\nx,some words\n").unwrap();
    seen.run(&["audit", "--csv", "words.csv"]);
    seen.run(&["audit", "--csv", "nowhere.csv"]);
    seen.check("wrong_ledgers");
}

#[test]
fn unknown_names_and_baselines_are_refused() {
    let place = Place::new();
    let mut seen = Transcript::of(&place);
    seen.run(&["audit", "ramll"]);
    seen.run(&["audit", "--explain", "def-t1-selfm"]);
    seen.run(&["audit", "--explain", "raml-t1-delta-food"]);
    seen.run(&["audit", "--discover", "--check", "grimm"]);
    seen.run(&["audit", "--alpha", "2"]);
    seen.run(&["audit", "--n-test", "0", "--csv", "x.csv"]);
    seen.run(&["audit", "--baseline", "nowhere.json"]);
    fs::write(place.path("other.json"), "{\"not\": \"verdicts\"}").unwrap();
    seen.run(&["audit", "--baseline", "other.json"]);
    seen.check("audit_names");
}
