/*!
`report.md`: first what was found, on one page; then every number behind it.
*/

mod details;
mod table;

pub(crate) use self::table::table;
use super::{
    RunInfo, charts, folds,
    format::{self, Settings},
    prose,
};
use crate::summary::{DatasetSummary, Quantity, Status, Summary, Verdict};

/// The report of a run. It links to the [`charts::figures`] by their names, in the folder `figures` beside it.
pub fn markdown(summary: &Summary, run: &RunInfo) -> String {
    let mut blocks = vec![format!("# {}", if run.title.is_empty() { "Report" } else { &run.title })];
    if !run.facts.is_empty() {
        blocks.push(run.facts.iter().map(|(name, value)| format!("- {name}: {value}")).collect::<Vec<_>>().join("\n"));
    }
    if summary.datasets.is_empty() {
        blocks.push("No records.".into());
        return blocks.join("\n\n") + "\n";
    }
    let short = summary.datasets.iter().map(|dataset| format!("- **{}**: {}", dataset.info.name, prose::in_short(dataset)));
    blocks.push(short.collect::<Vec<_>>().join("\n"));
    blocks.push(HOW_TO_READ.into());
    blocks.extend(folds::markdown(summary));
    for dataset in &summary.datasets {
        page(dataset, &mut blocks);
    }
    for dataset in &summary.datasets {
        details::section(dataset, &mut blocks);
    }
    blocks.join("\n\n") + "\n"
}

const HOW_TO_READ: &str = "In the tables a cell is the mean ± standard deviation over seeds. **▲** better and **▼** worse than the reference: a paired t-test over seeds \
     and a bootstrap over seeds and test samples both say so, after correction for all tests of the table. △ ▽ the t-test alone: true of other seeds on \
     this test set, but other test samples could turn it. No mark: cannot tell, which is not the same as equal. Every \
     number behind these pages, and how each column is made, stands under Details.";

/// What a newcomer must know of a dataset.
fn page(dataset: &DatasetSummary, blocks: &mut Vec<String>) {
    blocks.push(format!("## {}", dataset.info.name));
    blocks.push(format!("{}. {}.", format::caption(dataset), format::unit(dataset)));
    blocks.push(main_table(dataset, &format::columns(dataset)));
    if let Settings::Same(preset) = format::settings(dataset) {
        blocks.push(format!("Settings of all methods: `{preset}`."));
    }
    let findings = prose::findings(dataset).iter().map(|finding| format!("- {finding}")).collect::<Vec<_>>();
    blocks.push(format!("**What was found.**\n\n{}", findings.join("\n")));
    blocks.extend(prose::breaks(dataset).map(|breaks| format!("**Where each is worst.** {breaks}")));
    blocks.extend(prose::gain(dataset).map(|gain| format!("**What fusing gains.** {gain}")));
    let guards = dataset.guards.iter().map(|guard| match guard.status {
        Status::Holds => format!("- ✓ {}", guard.text),
        Status::Limits => format!("- **?** {}", guard.text),
        Status::Fails => format!("- **! Look at this:** {}", guard.text),
    });
    blocks.push(format!("**How far to trust it.**\n\n{}", guards.collect::<Vec<_>>().join("\n")));
}

fn main_table(dataset: &DatasetSummary, columns: &[Quantity]) -> String {
    let task = dataset.info.task;
    let settings = match format::settings(dataset) {
        Settings::Each(presets) => Some(presets),
        Settings::Same(_) | Settings::Nothing => None,
    };
    let heads = std::iter::once("method".into())
        .chain(settings.iter().map(|_| "settings".into()))
        .chain(columns.iter().map(|quantity| quantity.title(task).into()))
        .collect();
    let rows = dataset.rows.iter().enumerate().map(|(at, row)| {
        let mut label = format!("`{}`", row.label);
        if row.is_reference {
            label.push_str(" (reference)");
        }
        if row.seeds.len() < dataset.seeds.len() {
            label.push_str(&format!(" ({} of {} seeds)", row.seeds.len(), dataset.seeds.len()));
        }
        let cell = |&quantity: &Quantity| {
            let text = format::cell(quantity.metric(task), row.cell(quantity));
            match format::verdict(dataset, at, quantity) {
                Verdict::Undecided => text,
                verdict if verdict.is_decided() => format!("**{text}** {}", format::mark_or(verdict, "")),
                verdict => format!("{text} {}", format::mark_or(verdict, "")),
            }
        };
        let preset = settings
            .as_ref()
            .and_then(|presets| presets.get(at))
            .map(|&preset| if preset == format::ABSENT { preset.into() } else { format!("`{preset}`") });
        std::iter::once(label).chain(preset).chain(columns.iter().map(cell)).collect()
    });
    table(heads, rows.collect())
}

/// Where the figures of a dataset stand.
fn figures(dataset: &DatasetSummary) -> Vec<String> {
    charts::figures(dataset).iter().map(|figure| format!("![{}](figures/{})", figure.title, figure.name)).collect()
}
