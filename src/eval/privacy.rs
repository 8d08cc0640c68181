//! Masking, held against a labelled set: what was found, what was missed, what should have stayed.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;

use crate::privacy::{Finding, Sensitive, find};
use crate::{Error, Result};

/// One message with what must be masked in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The message.
    pub text: String,
    /// What must be masked.
    pub sensitive: Vec<Finding>,
}

/// How a kind was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Labelled and masked.
    pub found: usize,
    /// Labelled and not masked, or not wholly.
    pub missed: usize,
    /// Masked and not labelled.
    pub wrong: usize,
}

/// The result over a set.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Messages.
    pub messages: usize,
    /// Messages in which nothing must be masked.
    pub clean: usize,
    /// By kind.
    pub kinds: BTreeMap<Sensitive, Counts>,
    /// Messages with a fault, and what is wrong.
    pub faults: Vec<String>,
}

impl Counts {
    /// Share of what was masked that had to be.
    pub fn precision(&self) -> f64 {
        share(self.found, self.found + self.wrong)
    }

    /// Share of what had to be masked that was.
    pub fn recall(&self) -> f64 {
        share(self.found, self.found + self.missed)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Reads a set: a message on each line (`\n` for a line break in it), `{{kind|text}}` around what must be masked, `#` before a remark.
///
/// # Errors
/// [`crate::ErrorKind::Input`] naming the line.
pub fn read(set: &str) -> Result<Vec<Labelled>> {
    let lines =
        set.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|(at, line)| {
            labelled(&line.replace("\\n", "\n")).ok_or_else(|| {
                let kinds = Sensitive::ALL.map(Sensitive::name).join(", ");
                Error::input(format!(
                    "line {}: expected {{{{kind|text}}}} with one of {kinds}",
                    at + 1
                ))
            })
        })
        .collect()
}

fn labelled(line: &str) -> Option<Labelled> {
    let mut text = String::new();
    let mut sensitive = Vec::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        let (mark, behind) = after.split_once("}}")?;
        let (kind, value) = mark.split_once('|')?;
        let kind = Sensitive::ALL.into_iter().find(|known| known.name() == kind)?;
        text.push_str(before);
        let start = text.len();
        text.push_str(value);
        sensitive.push(Finding { kind, range: start..text.len() });
        rest = behind;
    }
    text.push_str(rest);
    Some(Labelled { text, sensitive })
}

/// Masks every message and counts.
pub fn evaluate(messages: &[Labelled]) -> Report {
    let mut report = Report { messages: messages.len(), ..Report::default() };
    for message in messages {
        report.clean += usize::from(message.sensitive.is_empty());
        let found = find(&message.text);
        let covers = |finding: &Finding, range: &Range<usize>| {
            finding.range.start <= range.start && range.end <= finding.range.end
        };
        for wanted in &message.sensitive {
            let counts = report.kinds.entry(wanted.kind).or_default();
            if found.iter().any(|finding| covers(finding, &wanted.range)) {
                counts.found += 1;
            } else {
                counts.missed += 1;
                let missed = &message.text[wanted.range.clone()];
                report.faults.push(format!("missed {missed:?} in {:?}", message.text));
            }
        }
        for finding in &found {
            let overlaps = |wanted: &Finding| {
                wanted.range.start < finding.range.end && finding.range.start < wanted.range.end
            };
            if !message.sensitive.iter().any(overlaps) {
                report.kinds.entry(finding.kind).or_default().wrong += 1;
                let masked = &message.text[finding.range.clone()];
                report.faults.push(format!("masked {masked:?} in {:?}", message.text));
            }
        }
    }
    report
}
