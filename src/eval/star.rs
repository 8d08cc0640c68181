//! How a service dialogue of STAR (Mosig et al., 2020) ended, told from its words: the customer was unhappy
//! or the wizard saw anger; one side went away in the middle. Cross-validated by dialogue.

use super::escalation::EscalationFigures;
use crate::Result;
use crate::dialogue::Role;
use crate::judge::emotion::EMOTIONS;
use crate::judge::softmax::Training;
use crate::judge::training::examples::Rows;
use crate::judge::training::folds::part_of_conversation;
use crate::judge::training::moods::Moods;
use crate::judge::training::readings::Readings;
use crate::judge::training::star::StarDialogue;
use crate::judge::trajectory::{ReadTurn, Trajectory};

const FOLDS: usize = 10;
const TRAINING: Training = Training { l2: 1e-3, balance: 0.0, steps: 60 };

/// What is told of a dialogue; nothing if nobody said.
pub type Ending = fn(&StarDialogue) -> Option<bool>;

/// The endings, by name.
pub const ENDINGS: [(&str, Ending); 4] = [
    ("STAR: unhappy or angry", |one| match (one.unhappy, one.anger) {
        (None, None) => None,
        (unhappy, anger) => Some(unhappy == Some(true) || anger == Some(true)),
    }),
    ("STAR: angry", |one| one.anger),
    ("STAR: cut short", |one| Some(one.cut_short)),
    ("STAR: any of them", |one| {
        Some(one.cut_short || one.unhappy == Some(true) || one.anger == Some(true))
    }),
];

/// What an ending is told from: the customer's last message in its conversation, and what was said after.
///
/// # Errors
/// If a text was not read.
pub fn features(dialogue: &StarDialogue, readings: &Readings, moods: &Moods) -> Result<Vec<f32>> {
    let head = moods.of(&dialogue.conversation);
    let mut trajectory = Trajectory::default();
    let mut last = Vec::new();
    for turn in &dialogue.conversation.turns {
        let reading = readings.get(&turn.text)?;
        let mood = match turn.role {
            Role::Customer => head.judge(reading),
            Role::Agent => [0.0; EMOTIONS],
        };
        let read = ReadTurn { role: turn.role, text: &turn.text, reading, mood };
        if turn.role == Role::Customer {
            last = trajectory.features(&read);
        }
        trajectory.push(read);
    }
    let nothing = readings.get("")?;
    let silence =
        ReadTurn { role: Role::Customer, text: "", reading: nothing, mood: head.judge(nothing) };
    last.extend(trajectory.features(&silence));
    Ok(last)
}

/// The figures of an ending.
///
/// # Errors
/// As [`Rows::held_out_logits`].
pub fn cross_validated(
    name: &str,
    ending: Ending,
    dialogues: &[StarDialogue],
    features: &[Vec<f32>],
) -> Result<EscalationFigures> {
    let mut rows = Rows::new(2);
    let (mut fold_of, mut ended) = (Vec::new(), Vec::new());
    for (dialogue, features) in dialogues.iter().zip(features) {
        if let Some(so) = ending(dialogue) {
            rows.push_class(features, usize::from(so), 1.0);
            fold_of.push(part_of_conversation(&dialogue.conversation, FOLDS));
            ended.push(so);
        }
    }
    let logits = rows.held_out_logits(&fold_of, TRAINING, &|_, _| ())?;
    let said = |logits: &Vec<f32>| 1.0 / (1.0 + f64::from(logits[0] - logits[1]).exp());
    let cases: Vec<(f64, bool)> = logits.iter().map(said).zip(ended).collect();
    Ok(EscalationFigures::of(name, &cases))
}
