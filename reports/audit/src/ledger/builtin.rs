//! The ledger of the five papers whose methods are here.

use super::{
    Ledger, LedgerError,
    read::{Texts, assemble},
};

macro_rules! ledger {
    ($($name:literal),* $(,)?) => {
        [$((concat!($name, ".csv"), include_str!(concat!("../../../ledgers/seeds/tables/", $name, ".csv")))),*]
    };
}

/// The built-in ledger.
///
/// # Errors
/// Never in a released program: a test reads it.
pub fn builtin() -> Result<Ledger, LedgerError> {
    let tables = ledger![
        "cpsl-table1",
        "cpsl-table2",
        "dec-table1",
        "dec-table2",
        "dec-table3",
        "dec-table4",
        "def-table1",
        "def-table10",
        "def-table11",
        "def-table12",
        "def-table13",
        "def-table14",
        "def-table15",
        "def-table16",
        "def-table17",
        "def-table18",
        "def-table19",
        "def-table2",
        "def-table20",
        "def-table21",
        "def-table22",
        "def-table3",
        "def-table4",
        "def-table5",
        "def-table6",
        "def-table7",
        "def-table8",
        "def-table9",
        "mla-table5",
        "mla-table6",
        "mla-table7",
        "raml-tableI",
        "raml-tableII",
        "raml-tableIII",
        "raml-tableIV",
        "raml-tableV",
        "raml-tableVI",
    ];
    assemble(&Texts {
        claims: Some(("claims.toml", include_str!("../../../ledgers/seeds/claims.toml"))),
        facts: Some(("facts.toml", include_str!("../../../ledgers/seeds/facts.toml"))),
        papers: Some(("papers.toml", include_str!("../../../ledgers/seeds/papers.toml"))),
        tables: tables.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_ledger_is_complete() {
        let ledger = builtin().unwrap();
        assert_eq!(ledger.tables.len(), 37);
        assert_eq!(ledger.tables.iter().flat_map(|table| &table.cells).filter(|cell| cell.value.is_some()).count(), 1852);
        assert_eq!(ledger.tables.iter().flat_map(|table| &table.cells).filter(|cell| cell.std.is_some()).count(), 268);
        let ids: Vec<&str> = ledger.tables.iter().filter(|table| table.paper == "raml").map(|table| table.id.as_str()).collect();
        assert_eq!(ids, ["I", "II", "III", "IV", "V", "VI"]);
    }
}
