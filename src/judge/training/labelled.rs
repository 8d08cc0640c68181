//! Labelled conversations and utterances, as training and evaluation read them.
//!
//! Conversations are JSON lines, `{"id","channel"?,"turns":[{"role","text","satisfaction"?,"emotion"?,
//! "escalation"?}]}` with labels on customers' turns: satisfaction 1 to 5 or a list of what several people
//! gave, the name of an [`Emotion`], and `none`, `person_needed` or the name of a [`Reason`]. Utterances
//! are CSV with a text and a label, or JSON lines `{"text","label"}`.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::dialogue::Role;
use crate::error::Context;
use crate::judge::emotion::Emotion;
use crate::judge::escalation::Reason;
use crate::judge::satisfaction::RATINGS;
use crate::{Error, ErrorKind, Result};

/// An escalation without a reason class.
const PERSON_NEEDED: &str = "person_needed";
/// No escalation.
const NONE: &str = "none";
/// Columns of a CSV file that hold the text, and those that hold its label.
const TEXT_COLUMNS: [&str; 3] = ["text", "utterance", "sentence"];
const LABEL_COLUMNS: [&str; 3] = ["intent", "label", "category"];

/// Whether a person must take over, as somebody labelled it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EscalationLabel {
    /// It goes on as it is.
    None,
    /// A person must take over, for this reason if it is known.
    Needed(Option<Reason>),
}

/// A turn with what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledTurn {
    /// Who wrote it.
    pub role: Role,
    /// What was written.
    pub text: String,
    /// Shares of the ratings 1 to 5 that people gave it.
    pub satisfaction: Option<[f32; RATINGS]>,
    /// What the customer feels.
    pub emotion: Option<Emotion>,
    /// Whether a person must take over.
    pub escalation: Option<EscalationLabel>,
}

impl LabelledTurn {
    /// A turn without labels.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), satisfaction: None, emotion: None, escalation: None }
    }
}

/// A conversation with what is known of its turns.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledConversation {
    /// Its name in its source.
    pub id: String,
    /// How the customer wrote: chat, email.
    pub channel: Option<String>,
    /// What the conversation is a case of, in test sets.
    pub case: Option<String>,
    /// Oldest first.
    pub turns: Vec<LabelledTurn>,
}

#[derive(Deserialize)]
struct ConversationLine {
    id: String,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    case: Option<String>,
    turns: Vec<TurnLine>,
}

#[derive(Deserialize)]
struct TurnLine {
    role: Role,
    text: String,
    #[serde(default)]
    satisfaction: Option<Ratings>,
    #[serde(default)]
    emotion: Option<Emotion>,
    #[serde(default)]
    escalation: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Ratings {
    One(u8),
    Several(Vec<u8>),
}

/// Reads conversations from JSON lines, gzipped if the name ends so. Every line must be right: training
/// on half a file would go unnoticed.
///
/// # Errors
/// [`ErrorKind::Input`] with the line's number, if a line is not in the form.
pub fn conversations(path: &Path) -> Result<Vec<LabelledConversation>> {
    lines_of(path, |line| {
        let line: ConversationLine = serde_json::from_str(line).map_err(|p| p.to_string())?;
        let turns =
            line.turns.into_iter().map(turn_of).collect::<std::result::Result<Vec<_>, _>>()?;
        if !turns.iter().any(|turn| turn.role == Role::Customer) {
            return Err("the conversation has no customer's turn".to_string());
        }
        Ok(LabelledConversation { id: line.id, channel: line.channel, case: line.case, turns })
    })
}

fn turn_of(line: TurnLine) -> std::result::Result<LabelledTurn, String> {
    let given = line.satisfaction.map(|ratings| match ratings {
        Ratings::One(one) => vec![one],
        Ratings::Several(several) => several,
    });
    let satisfaction = given.map(|given| shares_of(&given)).transpose()?;
    let escalation = line.escalation.as_deref().map(escalation_of);
    Ok(LabelledTurn {
        satisfaction,
        emotion: line.emotion,
        escalation: escalation.transpose()?,
        ..LabelledTurn::new(line.role, line.text)
    })
}

/// The label of a name.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn escalation_of(name: &str) -> std::result::Result<EscalationLabel, String> {
    match name {
        NONE => Ok(EscalationLabel::None),
        PERSON_NEEDED => Ok(EscalationLabel::Needed(None)),
        name => Reason::of_name(name)
            .map(|reason| EscalationLabel::Needed(Some(reason)))
            .ok_or_else(|| {
                let reasons = Reason::ALL.map(Reason::name).join(", ");
                format!(
                    "`escalation` is `{name}`; expected none, person_needed or one of {reasons}"
                )
            }),
    }
}

/// The shares of the ratings 1 to 5 among those given.
pub(crate) fn shares_of(given: &[u8]) -> std::result::Result<[f32; RATINGS], String> {
    let mut shares = [0.0; RATINGS];
    for &rating in given {
        let place = usize::from(rating).checked_sub(1).and_then(|place| shares.get_mut(place));
        let place = place.ok_or_else(|| format!("a rating is {rating}; expected 1 to 5"))?;
        *place += 1.0 / given.len() as f32;
    }
    if given.is_empty() { Err("no rating is given".to_string()) } else { Ok(shares) }
}

/// An utterance and its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utterance {
    /// What was written.
    pub text: String,
    /// Its label, such as the name of an intent.
    #[serde(alias = "category", alias = "intent")]
    pub label: String,
}

/// The words of a label: an example of what it stands for, where there are few others.
pub fn words_of_label(label: &str) -> String {
    let words: Vec<&str> =
        label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ").to_lowercase()
}

/// Reads utterances: CSV with a header that names a text and a label column, or JSON lines.
///
/// # Errors
/// [`ErrorKind::Input`] if the file cannot be read or is not in the form; the message says where.
pub fn utterances(path: &Path) -> Result<Vec<Utterance>> {
    if path.extension().is_some_and(|extension| extension == "csv") {
        return utterances_of_csv(path);
    }
    lines_of(path, |line| serde_json::from_str(line).map_err(|problem| problem.to_string()))
}

fn utterances_of_csv(path: &Path) -> Result<Vec<Utterance>> {
    let named = || format!("cannot read {}", path.display());
    let mut reader = csv::Reader::from_path(path).context(ErrorKind::Input, named)?;
    let headers = reader.headers().context(ErrorKind::Input, named)?.clone();
    let column = |what: &str, names: &[&str]| {
        let found = names.iter().find_map(|name| headers.iter().position(|header| header == *name));
        found.ok_or_else(|| {
            let found: Vec<&str> = headers.iter().collect();
            Error::input(format!(
                "{} has no column for the {what}: expected one named {}, found {}",
                path.display(),
                names.join(" or "),
                found.join(", ")
            ))
        })
    };
    let (text, label) = (column("text", &TEXT_COLUMNS)?, column("label", &LABEL_COLUMNS)?);
    let records = reader.records().map(|record| {
        let record = record.context(ErrorKind::Input, named)?;
        Ok(Utterance { text: record[text].to_string(), label: record[label].to_string() })
    });
    records.collect()
}

/// Reads a file of JSON lines, gzipped if the name ends so; empty lines are skipped.
pub(super) fn lines_of<T>(
    path: &Path,
    mut parse: impl FnMut(&str) -> std::result::Result<T, String>,
) -> Result<Vec<T>> {
    let named = || format!("cannot read {}", path.display());
    let file = std::fs::File::open(path).context(ErrorKind::Input, named)?;
    let is_packed = path.extension().is_some_and(|extension| extension == "gz");
    let input: Box<dyn Read> =
        if is_packed { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
    let mut read = Vec::new();
    for (number, line) in BufReader::new(input).lines().enumerate() {
        let line = line.context(ErrorKind::Input, named)?;
        if line.trim().is_empty() {
            continue;
        }
        read.push(parse(&line).map_err(|problem| {
            Error::input(format!("{} line {}: {problem}", path.display(), number + 1))
        })?);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str, name: &str) -> Result<Vec<LabelledConversation>> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        conversations(&path)
    }

    #[test]
    fn labels_are_read_with_their_conversation() {
        let line = r#"{"id":"x-1","channel":"sms","turns":[
            {"role":"customer","text":"again!","satisfaction":[1,2,2],"emotion":"annoyed","escalation":"anger"},
            {"role":"agent","text":"Sorry."},
            {"role":"customer","text":"ok","satisfaction":4,"escalation":"none"}]}"#;
        let all = read(&line.replace('\n', " "), "a.jsonl").unwrap();
        let turns = &all[0].turns;
        let shares = turns[0].satisfaction.unwrap();
        assert!((shares[0] - 1.0 / 3.0).abs() < 1e-6 && (shares[1] - 2.0 / 3.0).abs() < 1e-6);
        assert_eq!(turns[0].escalation, Some(EscalationLabel::Needed(Some(Reason::Anger))));
        assert_eq!(turns[2].escalation, Some(EscalationLabel::None));
        assert_eq!(turns[1].satisfaction, None);
    }

    #[test]
    fn a_wrong_line_is_named_with_what_is_wrong() {
        for (turn, expected) in [
            (r#""satisfaction":6"#, "1 to 5"),
            (r#""escalation":"fury""#, "asks_for_person"),
            (r#""emotion":"sad""#, "sad"),
        ] {
            let good = r#"{"id":"1","turns":[{"role":"customer","text":"hi"}]}"#;
            let bad = format!(r#"{{"id":"2","turns":[{{"role":"customer","text":"hi",{turn}}}]}}"#);
            let said = read(&format!("{good}\n\n{bad}\n"), "b.jsonl").unwrap_err().to_string();
            assert!(said.contains("line 3") && said.contains(expected), "{said}");
        }
    }

    #[test]
    fn utterances_come_from_csv_and_from_json_lines() {
        let directory = tempfile::tempdir().unwrap();
        let csv = directory.path().join("u.csv");
        std::fs::write(&csv, "category,text\nrefund,\"money, back\"\n").unwrap();
        let lines = directory.path().join("u.jsonl");
        std::fs::write(&lines, "{\"text\":\"money, back\",\"label\":\"refund\"}\n").unwrap();
        assert_eq!(words_of_label("Refund_not-showing_up"), "refund not showing up");
        let expected = [Utterance { text: "money, back".into(), label: "refund".into() }];
        assert_eq!(utterances(&csv).unwrap(), expected);
        assert_eq!(utterances(&lines).unwrap(), expected);
        std::fs::write(&csv, "a,b\n1,2\n").unwrap();
        let said = utterances(&csv).unwrap_err().to_string();
        assert!(said.contains("utterance") && said.contains("a, b"), "{said}");
    }
}
