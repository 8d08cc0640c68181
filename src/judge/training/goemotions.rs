//! GoEmotions (Demszky et al., 2020, Apache-2.0): comments with 28 emotions, as the eight that matter here.

use std::path::Path;

use crate::error::Context;
use crate::judge::emotion::Emotion;
use crate::{Error, ErrorKind, Result};

/// Which of GoEmotions' emotions count as which of ours.
const AS_OURS: [(Emotion, &[&str]); 8] = [
    (Emotion::Neutral, &["neutral", "realization", "surprise", "curiosity", "desire", "caring"]),
    (
        Emotion::Pleased,
        &[
            "admiration",
            "amusement",
            "approval",
            "excitement",
            "joy",
            "love",
            "optimism",
            "pride",
            "relief",
        ],
    ),
    (Emotion::Grateful, &["gratitude"]),
    (Emotion::Confused, &["confusion"]),
    (Emotion::Worried, &["fear", "nervousness"]),
    (Emotion::Disappointed, &["disappointment", "sadness", "grief", "remorse", "embarrassment"]),
    (Emotion::Annoyed, &["annoyance", "disapproval"]),
    (Emotion::Angry, &["anger", "disgust"]),
];

/// A comment and its emotion; of several the first that is not neutral.
pub type Comment = (String, Emotion);

/// Reads one of the files, `goemotions_{train,dev,test}.tsv`, in `directory`, which also holds
/// `goemotions_labels.txt`.
///
/// # Errors
/// [`ErrorKind::Input`] if a file is missing or is not in the set's form.
pub fn comments(directory: &Path, part: &str) -> Result<Vec<Comment>> {
    let read = |name: String| {
        let path = directory.join(name);
        let text = std::fs::read_to_string(&path);
        text.context(ErrorKind::Input, || format!("cannot read {}", path.display()))
    };
    let names = read("goemotions_labels.txt".to_string())?;
    let ours: Vec<Emotion> = names
        .lines()
        .filter(|name| !name.trim().is_empty())
        .map(|name| {
            let found = AS_OURS.iter().find(|(_, theirs)| theirs.contains(&name.trim()));
            found
                .map(|(emotion, _)| *emotion)
                .ok_or_else(|| Error::input(format!("`{name}` is none of GoEmotions' emotions")))
        })
        .collect::<Result<_>>()?;
    let text = read(format!("goemotions_{part}.tsv"))?;
    let mut comments = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let problem = || {
            Error::input(format!(
                "goemotions_{part}.tsv line {}: expected a text and numbers of emotions",
                number + 1
            ))
        };
        let (text, rest) = line.split_once('\t').ok_or_else(problem)?;
        let ids = rest.split('\t').next().unwrap_or_default();
        let emotions: Vec<Emotion> = ids
            .split(',')
            .map(|id| id.trim().parse().ok().and_then(|id: usize| ours.get(id)).copied())
            .collect::<Option<_>>()
            .ok_or_else(problem)?;
        let marked = emotions.iter().find(|emotion| **emotion != Emotion::Neutral);
        comments.push((text.to_string(), *marked.unwrap_or(&Emotion::Neutral)));
    }
    Ok(comments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_emotion_that_is_not_neutral_counts() {
        let directory = tempfile::tempdir().unwrap();
        let labels = "gratitude\nneutral\nanger\ncuriosity\n";
        std::fs::write(directory.path().join("goemotions_labels.txt"), labels).unwrap();
        let file = directory.path().join("goemotions_dev.tsv");
        std::fs::write(&file, "ta!\t1,0\tx\nwhy\t3\ty\nno\t2\tz\n").unwrap();
        let read = comments(directory.path(), "dev").unwrap();
        let emotions: Vec<Emotion> = read.iter().map(|(_, emotion)| *emotion).collect();
        assert_eq!(emotions, [Emotion::Grateful, Emotion::Neutral, Emotion::Angry]);
        std::fs::write(&file, "ta!\t9\tx\n").unwrap();
        assert!(comments(directory.path(), "dev").unwrap_err().to_string().contains("line 1"));
    }
}
