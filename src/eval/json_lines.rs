//! Files of labelled data: one JSON object a line.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::Context;
use crate::{ErrorKind, Result};

/// Reads every line that is not blank.
///
/// # Errors
/// [`ErrorKind::Input`] with file and line.
pub(super) fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    let text = std::fs::read_to_string(path)
        .context(ErrorKind::Input, || format!("cannot read {}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let parsed = |(number, line): (usize, &str)| {
        serde_json::from_str(line)
            .context(ErrorKind::Input, || format!("{}:{}", path.display(), number + 1))
    };
    lines.map(parsed).collect()
}
