//! The tables of a run for a terminal.

use tabled::{
    builder::Builder,
    settings::{
        Alignment, Modify, Padding, Style, Theme,
        formatting::AlignmentStrategy,
        object::{Columns, Segment},
        style::HorizontalLine,
    },
};

use super::{
    folds,
    format::{self, Settings},
    prose,
};
use crate::summary::{Cell, DatasetSummary, MethodRow, Quantity, Status, Summary, Verdict, is_control};

/// Width without a terminal.
const DEFAULT_WIDTH: usize = 100;
/// Lines are never wrapped narrower than this.
const NARROWEST: usize = 40;

/// The main table of every dataset, what differs from the reference, and the notes; `width` in columns of the terminal (default 100).
///
/// A table too wide for it puts ± sd on a second line. No colour codes.
pub fn terminal(summary: &Summary, width: Option<usize>) -> String {
    let width = width.unwrap_or(DEFAULT_WIDTH).max(NARROWEST);
    let shared = shared_notes(summary);
    let mut sections: Vec<String> = summary.datasets.iter().map(|dataset| section(dataset, &shared, width)).collect();
    if !shared.is_empty() {
        let lines: Vec<String> = std::iter::once("All datasets".into()).chain(shared.iter().map(|note| wrapped("· ", note, width))).collect();
        sections.push(lines.join("\n") + "\n");
    }
    sections.join("\n") + &folds::terminal(summary, width)
}

/// Notes that every dataset has, in the order of the first: they stand once, at the end.
fn shared_notes(summary: &Summary) -> Vec<&str> {
    let [first, others @ ..] = summary.datasets.as_slice() else { return Vec::new() };
    let shared = first.notes.iter().filter(|note| !others.is_empty() && others.iter().all(|dataset| dataset.notes.contains(note)));
    shared.map(String::as_str).collect()
}

fn section(dataset: &DatasetSummary, shared: &[&str], width: usize) -> String {
    let columns = &format::columns(dataset);
    let wide = table(dataset, columns, false);
    let table = if wide.lines().all(|line| line.chars().count() <= width) { wide } else { table(dataset, columns, true) };
    let head = format!("{} · {}", dataset.info.name, format::caption(dataset));
    let legend = if dataset.family.is_some() { format!("; * reference; {}", format::LEGEND) } else { String::new() };
    let mut lines = vec![wrapped("", &head, width), wrapped("", &format!("{}{legend}", format::unit(dataset)), width), table];
    if let Settings::Same(preset) = format::settings(dataset) {
        lines.push(format!("Settings: {preset}"));
    }
    lines.extend(prose::findings(dataset).iter().map(|finding| wrapped("", finding, width)));
    lines.extend(prose::breaks(dataset).map(|breaks| wrapped("", &format!("Worst {}", breaks.replace('`', "").replacen('U', "u", 1)), width)));
    lines.extend(prose::gain(dataset).map(|gain| wrapped("", &gain, width)));
    lines.extend(dataset.warnings().map(|warning| wrapped("! ", warning, width)));
    lines.extend(limits(dataset).map(|limit| wrapped("? ", limit, width)));
    lines.extend(dataset.notes.iter().filter(|note| !shared.contains(&note.as_str())).map(|note| wrapped("· ", note, width)));
    lines.join("\n") + "\n"
}

/// What holds, but limits what may be concluded.
fn limits(dataset: &DatasetSummary) -> impl Iterator<Item = &str> {
    dataset.guards.iter().filter(|guard| guard.status == Status::Limits).map(|guard| guard.text.as_str())
}

fn table(dataset: &DatasetSummary, columns: &[Quantity], compact: bool) -> String {
    let mut builder = Builder::default();
    let titles = columns.iter().map(|quantity| title(quantity.title(dataset.info.task), compact));
    let settings = match format::settings(dataset) {
        Settings::Each(presets) => Some(presets),
        Settings::Same(_) | Settings::Nothing => None,
    };
    builder.push_record(std::iter::once(String::new()).chain(settings.iter().map(|_| "settings".into())).chain(titles));
    let mut cells: Vec<_> = columns.iter().map(|&quantity| column(dataset, quantity, compact).into_iter()).collect();
    for (at, row) in dataset.rows.iter().enumerate() {
        let preset = settings.as_ref().map(|presets| presets.get(at).copied().unwrap_or_default().to_owned());
        builder.push_record(std::iter::once(label(dataset, row, compact)).chain(preset).chain(cells.iter_mut().filter_map(Iterator::next)));
    }
    let mut theme = Theme::from_style(Style::empty().top('─').bottom('─'));
    theme.insert_horizontal_line(1, HorizontalLine::new('─').intersection('─'));
    if let Some(first_control) = dataset.rows.iter().position(|row| is_control(&row.method)).filter(|&at| at > 0) {
        theme.insert_horizontal_line(first_control + 1, HorizontalLine::new('╌').intersection('╌'));
    }
    let mut table = builder.build();
    table.with(theme).with(Padding::new(0, 0, 0, 0)).with(Modify::new(Columns::new(1..)).with(Padding::new(2, 0, 0, 0)));
    table.with(Modify::new(Segment::all()).with(AlignmentStrategy::PerLine)).with(Modify::new(Columns::new(1..)).with(Alignment::right()));
    if settings.is_some() {
        table.with(Modify::new(Columns::one(1)).with(Alignment::left()));
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn title(title: &str, compact: bool) -> String {
    if compact { title.replace(' ', "\n") } else { title.into() }
}

fn label(dataset: &DatasetSummary, row: &MethodRow, compact: bool) -> String {
    let mut label = row.label.clone();
    if row.is_reference {
        label.push_str(" *");
    }
    if row.seeds.len() < dataset.seeds.len() {
        label.push(if compact { '\n' } else { ' ' });
        label.push_str(&format!("({} of {} seeds)", row.seeds.len(), dataset.seeds.len()));
    }
    label
}

/// The cells of a column, numbers padded so that their decimals stand below each other.
fn column(dataset: &DatasetSummary, quantity: Quantity, compact: bool) -> Vec<String> {
    let metric = quantity.metric(dataset.info.task);
    let numbers: Vec<Option<(String, String)>> = dataset
        .rows
        .iter()
        .map(|row| row.cell(quantity).estimate().map(|estimate| format::estimate(metric, estimate)))
        .map(|number| number.map(|(mean, sd)| (mean, sd.unwrap_or_default())))
        .collect();
    let verdicts: Vec<Verdict> = (0..dataset.rows.len()).map(|row| format::verdict(dataset, row, quantity)).collect();
    let mut layout = Layout { mean_width: 0, sd_width: 0, marked: verdicts.iter().any(|&verdict| verdict != Verdict::Undecided), compact };
    for (mean, sd) in numbers.iter().flatten() {
        layout.mean_width = layout.mean_width.max(mean.chars().count());
        layout.sd_width = layout.sd_width.max(sd.chars().count());
    }
    let cells = dataset.rows.iter().zip(&numbers).zip(verdicts).map(|((row, number), verdict)| match (row.cell(quantity), number) {
        (_, Some((mean, sd))) => layout.number(mean, sd, verdict),
        (Cell::Unavailable(reason), _) => wrapped("", &format!("n/a ({reason})"), layout.width().max(NARROWEST / 4)),
        _ => format::ABSENT.into(),
    });
    cells.collect()
}

/// How the numbers of a column are set.
struct Layout {
    mean_width: usize,
    /// 0 where no number has a spread.
    sd_width: usize,
    /// Whether some number of the column carries a mark: then all leave room for one.
    marked: bool,
    /// Whether ± sd stands below its mean.
    compact: bool,
}

impl Layout {
    fn number(&self, mean: &str, sd: &str, verdict: Verdict) -> String {
        let &Self { mean_width, sd_width, marked, compact } = self;
        let blank = if marked { " " } else { "" };
        let mark = format::mark_or(verdict, blank);
        match (sd, compact) {
            _ if sd_width == 0 => format!("{mean:>mean_width$}{mark}"),
            ("", true) => format!("{mean}{mark}"),
            ("", false) => format!("{mean:>mean_width$}   {sd:sd_width$}{mark}"),
            (sd, true) => format!("{mean}{mark}\n±{sd:>sd_width$}{blank}"),
            (sd, false) => format!("{mean:>mean_width$} ± {sd:>sd_width$}{mark}"),
        }
    }

    fn width(&self) -> usize {
        self.mean_width + self.sd_width + 3
    }
}

/// `text` in lines of at most `width`, broken between words; `bullet` before the first line and its width before the others.
pub fn wrapped(bullet: &str, text: &str, width: usize) -> String {
    let indent = bullet.chars().count();
    let mut lines = String::from(bullet);
    let mut column = indent;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > indent && column + 1 + length > width {
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > indent {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_keep_the_indent() {
        assert_eq!(wrapped("· ", "one two three", 9), "· one two\n  three");
        assert_eq!(wrapped("", "unbreakable", 4), "unbreakable");
    }
}
