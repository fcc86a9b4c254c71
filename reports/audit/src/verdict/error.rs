//! A claim that cannot be judged.

use thiserror::Error;

use crate::{expression::ExpressionError, ledger::Claim};

/// A mistake in a claim's expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("claim \"{id}\": {error}")]
pub struct ClaimError {
    /// The claim's id.
    pub id: String,
    /// Its expression.
    pub expression: String,
    /// What is wrong, and where in the expression.
    #[source]
    pub error: ExpressionError,
}

impl ClaimError {
    pub(super) fn new(claim: &Claim, error: ExpressionError) -> Self {
        Self { id: claim.id.clone(), expression: claim.expr.clone(), error }
    }

    /// The line of the expression with carets below the mistake.
    pub fn pointed(&self) -> String {
        self.error.pointed(&self.expression)
    }
}
