//! Spans as OpenTelemetry knows them, and the W3C's `traceparent`, by which a trace goes on over systems.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

/// The part of another system's trace that a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace: u128,
    /// The span that asked.
    pub span: u64,
    /// The other system records the trace.
    pub sampled: bool,
}

impl TraceParent {
    /// Reads `00-<32 hex>-<16 hex>-<2 hex>` (W3C Trace Context, level 1); none if it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = parts.next().filter(|version| version.len() == 2 && *version != "ff")?;
        let (trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |part: &str, length| {
            part.len() == length
                && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        // Later versions may add parts; the first one has none.
        let fits = is_hex(version, 2)
            && is_hex(trace, 32)
            && is_hex(span, 16)
            && is_hex(flags, 2)
            && (version != "00" || parts.next().is_none());
        let trace = u128::from_str_radix(trace, 16).ok().filter(|trace| fits && *trace != 0)?;
        let span = u64::from_str_radix(span, 16).ok().filter(|span| *span != 0)?;
        let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
        Some(Self { trace, span, sampled })
    }
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One of a few words, or an id. Never what somebody wrote.
    Word(String),
    /// A number.
    Count(i64),
}

/// Some work, when it was done, and for what.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// The trace that it belongs to.
    pub trace: u128,
    /// Its own id.
    pub id: u64,
    /// The span that it is a part of.
    pub parent: Option<u64>,
    /// What was done.
    pub name: &'static str,
    /// When it began.
    pub start: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// More about it.
    pub attributes: Vec<(&'static str, Value)>,
    /// It did not get done.
    pub failed: bool,
}

impl Span {
    /// The first span of its trace here: a part of `parent` if there is one.
    pub fn root(
        parent: Option<TraceParent>,
        name: &'static str,
        start: SystemTime,
        took: Duration,
    ) -> Self {
        Self {
            trace: parent.map_or_else(|| rand::random::<u128>().max(1), |parent| parent.trace),
            id: new_id(),
            parent: parent.map(|parent| parent.span),
            name,
            start,
            took,
            attributes: Vec::new(),
            failed: false,
        }
    }

    /// A part of this span that began `after` it.
    pub fn part(&self, name: &'static str, after: Duration, took: Duration) -> Self {
        Self {
            id: new_id(),
            parent: Some(self.id),
            name,
            start: self.start + after,
            took,
            attributes: Vec::new(),
            ..self.clone()
        }
    }

    /// Adds an attribute.
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.attributes.push((name, value));
        self
    }
}

fn new_id() -> u64 {
    rand::random::<u64>().max(1)
}

/// Ids as they are written everywhere: lower case, all digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of <https://www.w3.org/TR/trace-context/>.
    #[test]
    fn a_traceparent_is_read_and_anything_else_is_none() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let read = TraceParent::parse(good).unwrap();
        assert_eq!(read.trace, 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736);
        assert_eq!((read.span, read.sampled), (0x00f0_67aa_0ba9_02b7, true));
        assert!(!TraceParent::parse(&good.replace("-01", "-00")).unwrap().sampled);
        assert!(TraceParent::parse(&format!("{}-more", good.replace("00-4", "01-4"))).is_some());
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceParent::parse(wrong), None, "{wrong}");
        }
    }
}
