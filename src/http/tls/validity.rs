//! From when until when a certificate is good (RFC 5280, 4.1.2.5), read out of its DER.

use std::time::Duration;

use jiff::Timestamp;

/// The time in which a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// It is not good before.
    pub not_before: Timestamp,
    /// It is not good after.
    pub not_after: Timestamp,
}

const SEQUENCE: u8 = 0x30;
/// The version, which is left out of certificates of the first version.
const EXPLICIT_0: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

impl Validity {
    /// Of the certificate `der`; none if it is no certificate.
    pub fn of(der: &[u8]) -> Option<Self> {
        let certificate = Items(der).next_of(SEQUENCE)?;
        let mut signed = Items(Items(certificate).next_of(SEQUENCE)?);
        // The version, if it is there, the serial number, the algorithm, the issuer.
        let (tag, _) = signed.next()?;
        for _ in 0..if tag == EXPLICIT_0 { 3 } else { 2 } {
            signed.next()?;
        }
        let mut times = Items(signed.next_of(SEQUENCE)?);
        Some(Self { not_before: time_of(times.next()?)?, not_after: time_of(times.next()?)? })
    }

    /// What is wrong with it at `now`; that it ends within `soon` counts.
    pub fn fault(&self, now: Timestamp, soon: Duration) -> Option<String> {
        let Self { not_before, not_after } = self;
        let left = not_after.as_second().saturating_sub(now.as_second());
        if now < *not_before {
            return Some(format!("is not good before {not_before}; browsers refuse it"));
        }
        if now > *not_after {
            return Some(format!(
                "expired at {not_after}; browsers refuse it, put a new one there"
            ));
        }
        (u64::try_from(left).is_ok_and(|left| left < soon.as_secs()))
            .then(|| format!("expires at {not_after}; put a new one there"))
    }
}

/// The items of a DER sequence.
struct Items<'a>(&'a [u8]);

impl<'a> Items<'a> {
    /// The next item: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&[tag, first], rest) = self.0.split_first_chunk::<2>()?;
        let (length, rest) = if first < 0x80 {
            (usize::from(first), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if bytes.len() > 3 {
                return None;
            }
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    fn next_of(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

/// `YYMMDDHHMMSSZ`, in 1950 to 2049, or `YYYYMMDDHHMMSSZ`.
fn time_of((tag, content): (u8, &[u8])) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok()?.strip_suffix('Z')?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let century = if year < "50" { "20" } else { "19" };
            (format!("{century}{year}"), rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.to_string(), rest)
        }
        _ => return None,
    };
    if rest.len() != 10 {
        return None;
    }
    let two = |at: usize| &rest[at..at + 2];
    format!("{year}-{}-{}T{}:{}:{}Z", two(0), two(2), two(4), two(6), two(8)).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_read_in_both_forms() {
        let read = |tag, text: &str| time_of((tag, text.as_bytes()));
        assert_eq!(read(UTC_TIME, "491231235959Z"), Some(time("2049-12-31T23:59:59Z")));
        assert_eq!(read(UTC_TIME, "500101000000Z"), Some(time("1950-01-01T00:00:00Z")));
        assert_eq!(read(GENERALIZED_TIME, "20500101000000Z"), Some(time("2050-01-01T00:00:00Z")));
        for wrong in ["", "Z", "4912312359Z", "491331235959Z", "äääääää"] {
            assert_eq!(read(UTC_TIME, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_ends_soon_or_is_over_is_said() {
        let validity = Validity {
            not_before: time("2024-01-01T00:00:00Z"),
            not_after: time("2024-03-01T00:00:00Z"),
        };
        let week = Duration::from_secs(7 * 86_400);
        let fault = |now: &str| validity.fault(time(now), week).unwrap_or_default();
        assert_eq!(fault("2024-02-01T00:00:00Z"), "");
        assert!(fault("2023-12-31T00:00:00Z").contains("not good before"));
        assert!(fault("2024-02-28T00:00:00Z").contains("expires at"));
        assert!(fault("2024-03-02T00:00:00Z").contains("expired at"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            Validity::of(&bytes);
        }
    }
}
