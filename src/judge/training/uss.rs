//! The User Satisfaction Simulation sets (Sun et al., 2021): dialogues whose customers' turns several
//! people rated 1 to 5. They state no licence, so they serve evaluation only.

use std::path::Path;

use super::labelled::{LabelledConversation, LabelledTurn, shares_of};
use crate::dialogue::Role;
use crate::error::Context;
use crate::judge::satisfaction::RATINGS;
use crate::{Error, ErrorKind, Result};

/// Stands in place of the text in the line that rates a dialogue as a whole.
const OVERALL: &str = "OVERALL";

/// A dialogue and the shares of the ratings of the whole, if it was rated.
pub type RatedDialogue = (LabelledConversation, Option<[f32; RATINGS]>);

/// Reads the dialogues: one turn a line, `ROLE<tab>text<tab>act<tab>ratings`, an empty line between them.
///
/// # Errors
/// [`ErrorKind::Input`] with the line's number, if the file is not in this form.
pub fn dialogues(path: &Path) -> Result<Vec<RatedDialogue>> {
    let text = std::fs::read_to_string(path)
        .context(ErrorKind::Input, || format!("cannot read {}", path.display()))?;
    let mut all = Vec::new();
    let mut turns = Vec::new();
    let mut overall = None;
    for (number, line) in text.lines().chain([""]).enumerate() {
        if line.trim().is_empty() {
            if !turns.is_empty() {
                let id = format!("{}", all.len() + 1);
                let turns = std::mem::take(&mut turns);
                let conversation = LabelledConversation { id, channel: None, case: None, turns };
                all.push((conversation, overall.take()));
            }
            continue;
        }
        let mut fields = line.split('\t');
        let (role, text) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
        let role = match role {
            "USER" => Role::Customer,
            "SYSTEM" => Role::Agent,
            other => {
                let place = format!("{} line {}", path.display(), number + 1);
                let problem = format!("{place}: expected USER or SYSTEM, found `{other}`");
                return Err(Error::input(problem));
            }
        };
        let ratings: Vec<u8> = fields.nth(1).map(ratings_in).unwrap_or_default();
        let satisfaction = shares_of(&ratings).ok();
        if text == OVERALL {
            overall = satisfaction;
        } else {
            turns.push(LabelledTurn { satisfaction, ..LabelledTurn::new(role, text) });
        }
    }
    Ok(all)
}

fn ratings_in(field: &str) -> Vec<u8> {
    field.split(',').filter_map(|rating| rating.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_of_turns_and_of_the_whole_are_kept_apart() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "USER\thello\tGREET\t3,3,4\nSYSTEM\thi\t\t\nUSER\tOVERALL\t\t2,2,2\n\n\nUSER\tyes\t\t5\n";
        std::fs::write(file.path(), text).unwrap();
        let all = dialogues(file.path()).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].0.turns.len(), 2);
        assert_eq!(all[0].1, Some([0.0, 1.0, 0.0, 0.0, 0.0]));
        assert_eq!(all[1].0.turns[0].satisfaction, Some([0.0, 0.0, 0.0, 0.0, 1.0]));
        std::fs::write(file.path(), "USER\thello\t\t\nBOT\thi\t\t\n").unwrap();
        assert!(dialogues(file.path()).unwrap_err().to_string().contains("line 2"));
    }
}
