//! What a method is called in tables: as the user wrote it, without options that change nothing.

use bench_card::{Card, MethodRef, Options};

/// The label of `method`, whose options differ from the defaults by `overrides`.
pub fn of(method: &MethodRef, card: &Card, overrides: &Options) -> String {
    let variant = method.variant.as_ref().and_then(|name| card.variants.iter().find(|variant| variant.name == *name));
    let says = |name: &String| variant.and_then(|variant| variant.options.get(name));
    let default = |name: &String| card.options.iter().find(|option| option.name == *name).map(|option| &option.default);
    let changes = method.options.iter().filter(|(name, value)| says(name).or_else(|| default(name)) != Some(value));
    let plain = MethodRef { options: changes.map(|(name, value)| (name.clone(), value.clone())).collect(), ..method.clone() };
    // Options set by hand to exactly what a variant sets are that variant.
    let same = card.variants.iter().find(|variant| method.variant.is_none() && !overrides.is_empty() && variant.options == *overrides);
    match same {
        Some(variant) => MethodRef { variant: Some(variant.name.clone()), options: Options::new(), ..plain }.to_string(),
        None => plain.to_string(),
    }
}
