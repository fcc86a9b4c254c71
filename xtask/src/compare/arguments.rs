//! The command line of `compare`.

use std::ffi::OsString;

/// What `bench run` is given on both sides unless told otherwise: every method on the embedded dataset whose rows scatter least over seeds.
/// Rows that a change does not reach are the same bit for bit and cost no power, so all methods are in.
const RUN: &str = "--suite robustness --dataset cremad-votes?train=1000 --seeds 5";

/// What is compared, and how.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compare {
    /// A revision of git; nothing: where the work left the main branch.
    pub base: Option<String>,
    /// Flags of `bench run`.
    pub run: Vec<String>,
    /// Flags of `bench compare`.
    pub compare: Vec<String>,
}

/// `compare` or `compare --clean`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Compare(Compare),
    Clean,
    Help,
}

/// Reads the arguments behind `cargo xtask compare`.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Wish, String> {
    let mut arguments = arguments.into_iter();
    let (mut base, mut run, mut compare, mut clean) = (None, None, None, false);
    while let Some(argument) = arguments.next() {
        let argument = text(argument)?;
        let mut flags = |name: &str| -> Result<Option<Vec<String>>, String> {
            let line = arguments.next().ok_or_else(|| format!("`{name}` needs flags in one pair of quotes behind it"))?;
            let words = words(&text(line)?).map_err(|problem| format!("`{name}`: {problem}"))?;
            refuse(name, &words)?;
            Ok(Some(words))
        };
        match argument.as_str() {
            "--run" => run = flags("--run")?,
            "--compare" => compare = flags("--compare")?,
            "--clean" => clean = true,
            "--help" | "-h" => return Ok(Wish::Help),
            flag if flag.starts_with('-') => {
                return Err(format!("unknown argument `{flag}` of `compare`: it knows a revision, --run FLAGS, --compare FLAGS and --clean"));
            }
            revision if base.is_none() && !revision.is_empty() => base = Some(revision.to_owned()),
            extra => return Err(format!("`compare` takes one revision, found `{extra}` too")),
        }
    }
    if clean {
        let alone = base.is_none() && run.is_none() && compare.is_none();
        return if alone { Ok(Wish::Clean) } else { Err("`compare --clean` takes no other arguments".to_owned()) };
    }
    let run = run.unwrap_or_else(|| RUN.split(' ').map(str::to_owned).collect());
    Ok(Wish::Compare(Compare { base, run, compare: compare.unwrap_or_default() }))
}

fn text(argument: OsString) -> Result<String, String> {
    argument.into_string().map_err(|argument| format!("`{}` is not UTF-8", argument.display()))
}

/// Both sides need folders of their own, and the verdict one that the caller can find.
fn refuse(name: &str, words: &[String]) -> Result<(), String> {
    let taken: &[&str] = if name == "--run" { &["--out", "--dry-run", "--config"] } else { &["--out"] };
    let is_taken = |word: &str| taken.iter().any(|flag| word == *flag || word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('=')));
    match words.iter().find(|word| is_taken(word)) {
        // A settings file is read at the time of the run, so its text would not be part of what names the folder.
        Some(word) if word.starts_with("--config") => Err("`--run` takes flags only, no `--config`: the base could read another file".to_owned()),
        Some(word) => Err(format!("`{name}` cannot have `{word}`: `compare` sets it")),
        None => Ok(()),
    }
}

/// Splits as a shell does: at blanks, but not within quotes; a backslash takes the next character as it is, except in single quotes.
fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(characters.next().ok_or("nothing behind the last backslash")?),
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if let Some(open) = quote {
        return Err(format!("a quote is not closed: {open}"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed<const N: usize>(arguments: [&str; N]) -> Result<Wish, String> {
        parse(arguments.map(OsString::from))
    }

    #[test]
    fn a_revision_and_flags_of_both_commands_are_read() {
        let wish = parsed(["main", "--run", "--method raml --seeds 5", "--compare", "--margin 1"]);
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let expected =
            Compare { base: Some("main".to_owned()), run: owned(&["--method", "raml", "--seeds", "5"]), compare: owned(&["--margin", "1"]) };
        assert_eq!(wish, Ok(Wish::Compare(expected)));
    }

    #[test]
    fn without_arguments_the_design_is_the_default() {
        let Ok(Wish::Compare(compare)) = parsed([]) else { panic!("no comparison") };
        assert_eq!((compare.base, compare.run.join(" "), compare.compare), (None, RUN.to_owned(), Vec::new()));
    }

    #[test]
    fn help_prints_the_default_design() {
        assert!(crate::arguments::USAGE.contains(&format!("({RUN})")));
    }

    #[test]
    fn folders_cannot_be_chosen_from_outside() {
        for line in ["--out x", "--seeds 3 --out=x", "--dry-run", "--config a.toml", "--config=a.toml"] {
            assert!(parsed(["--run", line]).is_err(), "{line}");
        }
        assert!(parsed(["--compare", "--out x"]).unwrap_err().contains("`compare` sets it"));
        assert!(parsed(["--compare", "--config x"]).is_ok());
    }

    #[test]
    fn wrong_words_are_named() {
        assert!(parsed(["main", "other"]).unwrap_err().contains("`other`"));
        assert!(parsed(["--margin", "2"]).unwrap_err().contains("`--margin`"));
        assert!(parsed(["--run"]).unwrap_err().contains("`--run` needs flags"));
        assert!(parsed(["--clean", "main"]).is_err());
        assert_eq!(parsed(["--clean"]), Ok(Wish::Clean));
    }

    /// Expected values: `printf '<%s>' …` of bash on the same lines.
    #[test]
    fn lines_are_split_as_a_shell_splits_them() {
        assert_eq!(
            words("  --data 'my data' \"a'b\" c\\ d '' e\"f\"g "),
            Ok(["--data", "my data", "a'b", "c d", "", "efg"].map(str::to_owned).to_vec())
        );
        assert_eq!(words(""), Ok(Vec::new()));
        assert!(words("'open").is_err());
        assert!(words("end\\").is_err());
    }
}
