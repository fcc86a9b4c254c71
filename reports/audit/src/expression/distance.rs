//! Expressions that cannot be negative by their form: sums, maxima and multiples of absolute values.

use super::tree::{Kind, Node, Operator};

/// Whether an expression is such a sum, maximum or multiple.
pub(super) fn is_distance(node: &Node) -> bool {
    match &node.kind {
        Kind::Call { name, arguments, .. } => match name.as_str() {
            "abs" => true,
            "max" => arguments.iter().all(is_distance),
            _ => false,
        },
        Kind::Chain { first, rest } if rest.iter().all(|(operator, _)| *operator == Operator::Plus) => {
            is_distance(first) && rest.iter().all(|(_, node)| is_distance(node))
        }
        Kind::Chain { first, rest } => {
            let may_divide = rest.iter().all(|(operator, node)| *operator == Operator::Times || (*operator == Operator::Over && is_number(node)));
            let factors = || std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, node)| node));
            may_divide && factors().all(|node| is_number(node) || is_distance(node)) && factors().any(is_distance)
        }
        _ => false,
    }
}

/// A written number, which is never negative.
fn is_number(node: &Node) -> bool {
    matches!(node.kind, Kind::Number { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::parse;

    #[test]
    fn forms_that_cannot_be_negative() {
        for (text, expected) in [
            ("abs(1-2)", true),
            ("abs(1)+abs(2)", true),
            ("max(abs(1),abs(2))", true),
            ("100*abs(1)/3", true),
            ("(abs(1)+abs(2))/2", true),
            ("abs(1)-abs(2)", false),
            ("max(abs(1),2)", false),
            ("2*3", false),
            ("1-2", false),
            ("-abs(1)", false),
            ("3/abs(1)", false),
        ] {
            assert_eq!(is_distance(&parse(text).unwrap()), expected, "{text}");
        }
    }
}
