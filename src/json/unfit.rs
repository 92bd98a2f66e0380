use std::fmt::{self, Display};

use serde::de::{Error, Expected, Unexpected};

use super::{number, quoted};

/// Why a text could not be read. serde's own messages would bring the standard library's way of writing fractions with
/// them, a sixth of the wasm: they say which fraction stood where none belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::box_collection)] // one word, as it is passed up through every result
pub struct Unfit(Box<String>);

impl Unfit {
    #[cold]
    #[inline(never)]
    pub(super) fn new(message: fmt::Arguments<'_>) -> Self {
        Self(Box::new(message.to_string()))
    }

    /// Says that something else stood where that was expected.
    #[cold]
    #[inline(never)]
    fn other(what: &str, unexpected: &Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format_args!("invalid {what}: {}, expected {expected}", shown(unexpected)))
    }
}

impl Error for Unfit {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(format_args!("{message}"))
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::other("type", &unexpected, expected)
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::other("value", &unexpected, expected)
    }

    #[cold]
    #[inline(never)]
    fn missing_field(field: &'static str) -> Self {
        Self::new(format_args!("missing field `{field}`"))
    }

    #[cold]
    #[inline(never)]
    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format_args!("duplicate field `{field}`"))
    }
}

fn shown(unexpected: &Unexpected<'_>) -> String {
    match *unexpected {
        Unexpected::Bool(is) => format!("boolean `{is}`"),
        Unexpected::Unsigned(value) => format!("integer `{value}`"),
        Unexpected::Signed(value) => format!("integer `{value}`"),
        Unexpected::Float(value) => format!("floating point `{}`", number(value)),
        Unexpected::Str(text) => format!("string {}", quoted(text)),
        Unexpected::Unit => "null".into(),
        Unexpected::Seq => "sequence".into(),
        Unexpected::Map => "map".into(),
        _ => "something else".into(),
    }
}

impl Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}
