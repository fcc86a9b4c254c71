//! The trials behind a table's measured numbers.

use super::escaped;
use crate::{
    render::legend::values,
    table::{Collection, Table, Value},
};

/// Lists of trials that stand behind one number or several, numbered from 1.
pub(super) struct Trials<'a>(Vec<&'a [String]>);

impl<'a> Trials<'a> {
    /// In the order in which numbers refer to them.
    pub fn of(table: &'a Table) -> Self {
        let mut found: Vec<&[String]> = Vec::new();
        for value in values(table).filter(|value| !value.trials.is_empty()) {
            if !found.contains(&value.trials.as_slice()) {
                found.push(&value.trials);
            }
        }
        Self(found)
    }

    /// The number of the list behind a value; `None` where no trial is behind it.
    pub fn number(&self, value: &Value) -> Option<usize> {
        self.0.iter().position(|trials| *trials == value.trials).map(|at| at + 1)
    }

    /// The folded list, one `tbody` for the trials of a number. Empty without trials.
    pub fn details(&self, id: &str, collection: &Collection) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let code = collection.code.as_ref().map_or_else(String::new, |code| format!("<p>{}</p>\n", super::measured_with(code)));
        let body = |(at, keys): (usize, &&[String])| {
            let rows: String = keys.iter().map(|key| row(key, collection)).collect();
            format!("<tbody id=\"{id}-trials-{}\">\n{rows}</tbody>\n", at + 1)
        };
        let bodies: String = self.0.iter().enumerate().map(body).collect();
        let heads: String = ["trial", "label", "dataset", "data (SHA-256)", "seed", "preset", "protocol", "method revision", "chosen on"]
            .iter()
            .map(|head| format!("<th>{head}</th>"))
            .collect();
        format!(
            "<details class=\"trials\"><summary>Trials behind the measured numbers</summary>\n{code}<div class=\"wide\"><table>\n<thead><tr>{heads}</tr></thead>\n{bodies}</table></div>\n</details>\n"
        )
    }
}

fn row(key: &str, collection: &Collection) -> String {
    let Some(trial) = collection.trials.get(key) else {
        return format!("<tr><td class=\"hash\">{}</td><td colspan=\"8\">nothing is known of this trial</td></tr>\n", escaped(key));
    };
    let numbers = [trial.seed.to_string(), trial.preset.clone(), trial.protocol.to_string(), trial.revision.to_string(), trial.selected_on.clone()];
    let numbers: String = numbers.iter().map(|text| format!("<td>{}</td>", escaped(text))).collect();
    format!(
        "<tr><td class=\"hash\">{}</td><td>{}</td><td>{}</td><td class=\"hash\">{}</td>{numbers}</tr>\n",
        escaped(key),
        escaped(&trial.label),
        escaped(&trial.dataset),
        escaped(&trial.dataset_hash)
    )
}
