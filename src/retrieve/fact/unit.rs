//! Units of measure in field names: `duration_minutes` 45 is "45 minutes", and no money.

/// Words that field names end in, and how the unit is written after one and after many.
const UNITS: &[(&[&str], &str, &str)] = &[
    (&["kwh"], "kWh", "kWh"),
    (&["kw"], "kW", "kW"),
    (&["kg", "kilos", "kilograms"], "kg", "kg"),
    (&["lb", "lbs", "pounds"], "lb", "lb"),
    (&["km", "kilometers", "kilometres"], "km", "km"),
    (&["cm"], "cm", "cm"),
    (&["mm"], "mm", "mm"),
    (&["sqm", "m2"], "sq m", "sq m"),
    (&["sqft"], "sq ft", "sq ft"),
    (&["mb"], "MB", "MB"),
    (&["gb"], "GB", "GB"),
    (&["mbps"], "Mbps", "Mbps"),
    (&["liters", "litres"], "liter", "liters"),
    (&["seconds", "secs"], "second", "seconds"),
    (&["minutes", "mins"], "minute", "minutes"),
    (&["hours", "hrs"], "hour", "hours"),
    (&["days"], "day", "days"),
    (&["weeks"], "week", "weeks"),
    (&["months"], "month", "months"),
    (&["years"], "year", "years"),
    (&["percent", "pct", "percentage"], "percent", "percent"),
];

/// The unit that a field's name ends in, as (one, many); none in `rate_per_kwh`, whose value is not
/// measured in kWh.
pub fn unit_of(words: &[String]) -> Option<(&'static str, &'static str)> {
    let last = words.last()?;
    if words.len() > 1 && words[words.len() - 2] == "per" {
        return None;
    }
    UNITS
        .iter()
        .find(|(names, _, _)| names.contains(&last.as_str()))
        .map(|(_, one, many)| (*one, *many))
}

/// True if the unit measures a time.
pub fn is_duration(words: &[String]) -> bool {
    unit_of(words).is_some_and(|(one, _)| {
        matches!(one, "second" | "minute" | "hour" | "day" | "week" | "month" | "year")
    })
}

/// A word of a field's name as it is written: "kWh", "VAT".
pub fn written(word: &str) -> String {
    const INITIALS: &[&str] = &["vat", "iban", "vin", "pin", "sim", "url", "sms", "tv"];
    if INITIALS.contains(&word) {
        return word.to_uppercase();
    }
    let unit = UNITS.iter().find(|(names, one, many)| names[0] == word && one == many);
    unit.map_or_else(|| word.to_string(), |(_, one, _)| (*one).to_string())
}
