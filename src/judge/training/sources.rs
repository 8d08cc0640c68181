//! Files of training data by their form: which reader reads which, and how much their examples count.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::labelled::{self, EscalationLabel, LabelledConversation, LabelledTurn};
use super::{star, uss};
use crate::dialogue::Role;
use crate::error::Context;
use crate::judge::escalation::Reason;
use crate::{Error, ErrorKind, Result};

/// A word that only STAR's lines have.
const STAR_WORD: &str = "\"wizard_questionnaire\"";

/// A file and how much each of its examples counts, written `FILE` or `FILE=WEIGHT`.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedFile {
    /// The file.
    pub path: PathBuf,
    /// 1 unless said.
    pub weight: f32,
}

impl FromStr for WeightedFile {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let Some((path, weight)) = text.rsplit_once('=') else {
            return Ok(Self { path: text.into(), weight: 1.0 });
        };
        match weight.parse::<f32>() {
            Ok(weight) if weight > 0.0 && weight.is_finite() => {
                Ok(Self { path: path.into(), weight })
            }
            _ => Err(format!("`{weight}` is no weight; expected FILE or FILE=WEIGHT, above 0")),
        }
    }
}

/// A label of utterances that means that a person is needed, written `LABEL` or `LABEL=REASON`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalatingLabel {
    /// The label.
    pub label: String,
    /// Why, if it says so.
    pub reason: Option<Reason>,
}

impl FromStr for EscalatingLabel {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let Some((label, name)) = text.split_once('=') else {
            return Ok(Self { label: text.to_string(), reason: None });
        };
        let reason = Reason::of_name(name).ok_or_else(|| {
            format!(
                "`{name}` is no reason; expected one of {}",
                Reason::ALL.map(Reason::name).join(", ")
            )
        })?;
        Ok(Self { label: label.to_string(), reason: Some(reason) })
    }
}

/// Reads the conversations of a file: JSON lines of our form or of STAR's, gzipped or not; tab separated
/// in the form of the User Satisfaction Simulation sets; CSV with utterances, each a conversation of one
/// turn, which needs a person if its label is `escalating`.
///
/// # Errors
/// [`ErrorKind::Input`] if the file cannot be read or is in none of these forms.
pub fn conversations(
    path: &Path,
    escalating: &[EscalatingLabel],
) -> Result<Vec<LabelledConversation>> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension {
        "tsv" => Ok(uss::dialogues(path)?.into_iter().map(|(dialogue, _)| dialogue).collect()),
        "csv" => of_utterances(&labelled::utterances(path)?, escalating),
        "jsonl" | "json" | "gz" if starts_with_star(path)? => {
            Ok(star::dialogues(path)?.into_iter().map(|dialogue| dialogue.conversation).collect())
        }
        "jsonl" | "json" | "gz" => labelled::conversations(path),
        _ => Err(Error::input(format!(
            "{}: expected .jsonl, .jsonl.gz, .tsv or .csv (docs/evaluation.md says what is in them)",
            path.display()
        ))),
    }
}

fn starts_with_star(path: &Path) -> Result<bool> {
    let mut first = true;
    let found = labelled::lines_of(path, |line| {
        let is_star = first && line.contains(STAR_WORD);
        first = false;
        Ok(is_star)
    })?;
    Ok(found.first() == Some(&true))
}

fn of_utterances(
    utterances: &[labelled::Utterance],
    escalating: &[EscalatingLabel],
) -> Result<Vec<LabelledConversation>> {
    for wanted in escalating {
        if !utterances.iter().any(|utterance| utterance.label == wanted.label) {
            return Err(Error::input(format!("no utterance has the label `{}`", wanted.label)));
        }
    }
    let conversation = |(number, utterance): (usize, &labelled::Utterance)| {
        let found = escalating.iter().find(|wanted| wanted.label == utterance.label);
        let escalation =
            found.map_or(EscalationLabel::None, |wanted| EscalationLabel::Needed(wanted.reason));
        let mut turn = LabelledTurn::new(Role::Customer, &utterance.text);
        // Without any escalating label nothing is known of escalation.
        turn.escalation = (!escalating.is_empty()).then_some(escalation);
        LabelledConversation {
            id: format!("{}", number + 1),
            channel: None,
            case: None,
            turns: vec![turn],
        }
    };
    Ok(utterances.iter().enumerate().map(conversation).collect())
}

/// What tells the content of files: their names with the SHA-256 of their bytes, 16 hex digits.
///
/// # Errors
/// [`ErrorKind::Input`] if one cannot be read.
pub fn fingerprints<'a>(
    paths: impl IntoIterator<Item = &'a Path>,
) -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for path in paths {
        let named = || format!("cannot read {}", path.display());
        let mut file = std::fs::File::open(path).context(ErrorKind::Input, named)?;
        let mut hasher = Sha256::new();
        let mut portion = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut portion).context(ErrorKind::Input, named)?;
            if read == 0 {
                break;
            }
            hasher.update(&portion[..read]);
        }
        let hash = hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        all.insert(name, hash);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_reasons_are_written_after_an_equals_sign() {
        let file: WeightedFile = "data/a=b.csv=0.25".parse().unwrap();
        assert_eq!(file, WeightedFile { path: "data/a=b.csv".into(), weight: 0.25 });
        assert_eq!("a.csv".parse::<WeightedFile>().unwrap().weight, 1.0);
        for bad in ["a=0", "a=-1", "a=x", "a=inf"] {
            assert!(bad.parse::<WeightedFile>().is_err(), "{bad}");
        }
        let label: EscalatingLabel = "human=asks_for_person".parse().unwrap();
        assert_eq!(label.reason, Some(Reason::AsksForPerson));
        assert!(
            "human=mood".parse::<EscalatingLabel>().unwrap_err().contains("vulnerable_customer")
        );
    }

    #[test]
    fn utterances_escalate_by_their_labels() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("u.csv");
        std::fs::write(&path, "text,intent\nget me a human,human\nhi,greeting\n").unwrap();
        let human = EscalatingLabel { label: "human".into(), reason: None };
        let read = conversations(&path, std::slice::from_ref(&human)).unwrap();
        let labels: Vec<_> = read.iter().map(|one| one.turns[0].escalation).collect();
        assert_eq!(labels, [Some(EscalationLabel::Needed(None)), Some(EscalationLabel::None)]);
        assert_eq!(conversations(&path, &[]).unwrap()[0].turns[0].escalation, None);
        let unknown = EscalatingLabel { label: "person".into(), reason: None };
        assert!(conversations(&path, &[unknown]).unwrap_err().to_string().contains("`person`"));
        let other = directory.path().join("u.txt");
        assert!(conversations(&other, &[]).unwrap_err().to_string().contains(".jsonl"));
    }
}
