//! What `--sweep` says.

use bench_card::{MethodRef, Setting, Value};

use crate::exit::Failure;

/// Points of a sweep at most: a slip of the keyboard should not plan a week.
const MOST: usize = 400;

/// A sweep over one or two hyper-parameters of a method.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// Whose, with variant and options that stay as they are.
    pub method: MethodRef,
    /// One or two.
    pub axes: Vec<Axis>,
}

/// A hyper-parameter with the values tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// An option, or a factor on the training.
    pub option: String,
    /// In the order given.
    pub values: Vec<Value>,
}

impl Grid {
    /// Reads `raml.lambda2=0.2..1.6`, `def-aaf/weighted.beta-rel=1,2,5`, or two of one method joined with `;`.
    ///
    /// # Errors
    /// What is wrong, with an example.
    pub fn parse(text: &str, points: usize) -> anyhow::Result<Self> {
        let wrong = |reason: String| {
            Failure::usage(format!("--sweep `{text}`: {reason}; write METHOD.OPTION=LOW..HIGH or METHOD.OPTION=A,B,C, e.g. raml.lambda2=0.2..1.6"))
        };
        let mut method: Option<MethodRef> = None;
        let mut axes: Vec<Axis> = Vec::new();
        for part in text.split(';') {
            let (name, values) = part.trim().rsplit_once('=').ok_or_else(|| wrong("there is no `=`".into()))?;
            let (own, option) = name.rsplit_once('.').ok_or_else(|| wrong("there is no `.` between method and option".into()))?;
            let own: MethodRef = own.parse().map_err(|error: bench_card::MethodRefError| wrong(error.to_string()))?;
            if method.as_ref().is_some_and(|method| *method != own) {
                return Err(wrong("the two hyper-parameters of a grid are of one method".into()));
            }
            if axes.iter().any(|axis| axis.option == option) || own.options.contains_key(option) {
                return Err(wrong(format!("`{option}` stands twice")));
            }
            method = Some(own);
            axes.push(Axis { option: option.into(), values: self::values(values.trim(), points).map_err(&wrong)? });
        }
        if axes.len() > 2 {
            return Err(wrong("a grid has two hyper-parameters at most".into()));
        }
        if axes.iter().map(|axis| axis.values.len()).product::<usize>() > MOST {
            return Err(wrong(format!("that is more than {MOST} settings")));
        }
        let method = method.ok_or_else(|| wrong("it names nothing".into()))?;
        Ok(Self { method, axes })
    }

    /// Every point, the last hyper-parameter moving fastest.
    pub fn settings(&self) -> Vec<Setting> {
        self.axes.iter().fold(vec![Setting::default()], |settings, axis| {
            settings.iter().flat_map(|setting| axis.values.iter().map(|value| setting.clone().with(&axis.option, value.clone()))).collect()
        })
    }
}

fn values(text: &str, points: usize) -> Result<Vec<Value>, String> {
    if let Some((low, high)) = text.split_once("..") {
        let number =
            |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| format!("`{}` is no number", text.trim()));
        let (low, high) = (number(low)?, number(high)?);
        if low >= high || points < 2 {
            return Err("a range needs two ends, the lower first, and two --points at least".into());
        }
        let step = (high - low) / (points - 1) as f64;
        // Twelve digits: 0.6 and not 0.6000000000000001.
        let rounded = |value: f64| format!("{value:.12}").parse::<f64>().unwrap_or(value);
        return Ok((0..points).map(|at| rounded(low + step * at as f64).into()).collect());
    }
    let mut values: Vec<Value> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let Ok(value) = part.parse::<Value>();
        if part.is_empty() || values.contains(&value) {
            return Err(format!("`{text}` is no list of different values"));
        }
        values.push(value);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str, points: usize) -> Vec<String> {
        Grid::parse(text, points).unwrap().settings().iter().map(Setting::describe).collect()
    }

    #[test]
    fn a_range_has_its_ends_and_equal_steps() {
        assert_eq!(described("raml.lambda2=0.2..0.8", 4), ["lambda2=0.2", "lambda2=0.4", "lambda2=0.6", "lambda2=0.8"]);
        let swept = Grid::parse("raml.lambda2=0.2..1.6", 8).unwrap().axes[0].values.clone();
        assert_eq!(swept, [0.2, 0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6].map(Value::from));
    }

    #[test]
    fn a_list_a_grid_and_options_that_stay() {
        assert_eq!(
            described("decalign.alpha=0.1,0.2; decalign.beta=1,2", 8),
            ["alpha=0.1, beta=1", "alpha=0.1, beta=2", "alpha=0.2, beta=1", "alpha=0.2, beta=2"]
        );
        let grid = Grid::parse("def-aaf/weighted?temperature=0.6.beta-rel=1,2", 8).unwrap();
        assert_eq!((grid.method.to_string().as_str(), grid.axes[0].option.as_str()), ("def-aaf/weighted?temperature=0.6", "beta-rel"));
        assert_eq!(described("concat.learning-rate=0.5,2", 8), ["learning-rate ×0.5", "learning-rate ×2"]);
    }

    #[test]
    fn what_cannot_be_swept_is_said() {
        let error = |text: &str| Grid::parse(text, 8).unwrap_err().to_string();
        assert!(error("raml.lambda2").contains("no `=`"));
        assert!(error("lambda2=1..2").contains("no `.`"));
        assert!(error("raml.lambda2=2..1").contains("lower first"));
        assert!(error("raml.lambda2=a..1").contains("`a` is no number"));
        assert!(error("raml.lambda2=1..inf").contains("`inf` is no number"));
        assert!(error("raml.lambda2=1,1").contains("different values"));
        assert!(error("raml.lambda2=").contains("different values"));
        assert!(error("raml.a=1;mla.b=1").contains("of one method"));
        assert!(error("raml.a=1;raml.a=2").contains("stands twice"));
        assert!(error("raml.a=1;raml.b=1;raml.c=1").contains("two hyper-parameters at most"));
        assert!(Grid::parse("raml.a=0..1", 401).unwrap_err().to_string().contains("more than 400"));
    }
}
