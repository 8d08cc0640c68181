//! What is to be done about an index, from what was seen of it and of the content. Pure.

use std::fmt;

use super::super::content::ContentState;
use super::super::item::CONTENT_VERSION;
use super::super::segments::Stamp;

/// What was seen of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexState {
    /// There is none.
    Missing,
    /// It cannot be read, and why.
    Damaged(String),
    /// Another version of Steward made it.
    OtherSchema,
    /// It is whole.
    Whole {
        /// What it reflects.
        reflects: Reflects,
        /// A rebuild was interrupted and left files.
        left_over: bool,
    },
}

/// What a whole index reflects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reflects {
    /// It was never imported into.
    Nothing,
    /// Imports of before the content was kept.
    Imports,
    /// A change of a content.
    Content(Stamp),
}

/// Why an index has to be made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// There is none.
    Missing,
    /// It cannot be read, and why.
    Damaged(String),
    /// Another version of Steward made it.
    OtherSchema,
    /// Its embeddings are of another encoder.
    OtherEncoder,
    /// It is of before the content was kept.
    TakenOver,
    /// It was made from something else.
    Foreign,
    /// It knows more than the content.
    Ahead,
    /// It may hold what was erased.
    HoldsErased,
    /// Its entries are not those of the content ([`super::check`]).
    Differs,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing: the index reflects the content.
    Current,
    /// An interrupted rebuild left files behind.
    LeftOver,
    /// The index follows the content.
    Behind {
        /// The change that it reflects.
        index: u64,
        /// The newest change.
        content: u64,
    },
    /// The content is made from the index.
    TakeOver,
    /// The content is embedded anew, then the index is made anew.
    OtherEncoder,
    /// The index is made anew from the content.
    Rebuild(Flaw),
    /// Nothing can be done: there is no content to make the index from.
    Lost(Flaw),
    /// The content cannot be read, and why; the index is whole.
    ContentUnreadable(String),
}

impl Finding {
    /// True if the index may be searched as it is.
    pub fn is_usable(&self) -> bool {
        match self {
            Finding::Current
            | Finding::LeftOver
            | Finding::Behind { .. }
            | Finding::TakeOver
            | Finding::ContentUnreadable(_)
            | Finding::Rebuild(Flaw::Ahead | Flaw::TakenOver) => true,
            Finding::OtherEncoder | Finding::Rebuild(_) | Finding::Lost(_) => false,
        }
    }
}

/// What is to be done. `content` is `None` if there is none; `has_others` if parts of it were embedded by another
/// encoder.
pub fn decide(index: IndexState, content: Option<&ContentState>, has_others: bool) -> Finding {
    let Some(content) = content.filter(|content| content.change > 0) else {
        return match index {
            IndexState::Missing => Finding::Current,
            IndexState::Damaged(reason) => Finding::Lost(Flaw::Damaged(reason)),
            IndexState::OtherSchema => Finding::Lost(Flaw::OtherSchema),
            IndexState::Whole { reflects: Reflects::Nothing, left_over } => tidied(left_over),
            IndexState::Whole { .. } => Finding::TakeOver,
        };
    };
    if has_others {
        return Finding::OtherEncoder;
    }
    let (stamp, left_over) = match index {
        IndexState::Missing => return Finding::Rebuild(Flaw::Missing),
        IndexState::Damaged(reason) => return Finding::Rebuild(Flaw::Damaged(reason)),
        IndexState::OtherSchema => return Finding::Rebuild(Flaw::OtherSchema),
        IndexState::Whole { reflects: Reflects::Nothing, .. } => {
            return Finding::Rebuild(Flaw::Missing);
        }
        IndexState::Whole { reflects: Reflects::Imports, .. } => {
            return Finding::Rebuild(Flaw::TakenOver);
        }
        IndexState::Whole { reflects: Reflects::Content(stamp), left_over } => (stamp, left_over),
    };
    if stamp.content != content.identity {
        Finding::Rebuild(Flaw::Foreign)
    } else if stamp.made_by != CONTENT_VERSION {
        Finding::Rebuild(Flaw::OtherEncoder)
    } else if stamp.change > content.change {
        Finding::Rebuild(Flaw::Ahead)
    } else if stamp.change < content.rebuild_before {
        Finding::Rebuild(Flaw::HoldsErased)
    } else if stamp.change < content.change {
        Finding::Behind { index: stamp.change, content: content.change }
    } else {
        tidied(left_over)
    }
}

fn tidied(left_over: bool) -> Finding {
    if left_over { Finding::LeftOver } else { Finding::Current }
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Flaw::Missing => "the index is not there",
            Flaw::Damaged(reason) => return write!(formatter, "the index is damaged ({reason})"),
            Flaw::OtherSchema => "the index was made by another version of Steward",
            Flaw::OtherEncoder => "the index was made with another encoder",
            Flaw::TakenOver => "the index is of before imports were kept",
            Flaw::Foreign => "the index was made from something else than what is kept",
            Flaw::Ahead => "the index is ahead of what is kept",
            Flaw::HoldsErased => "the index may hold what was erased",
            Flaw::Differs => "the index does not hold what is kept",
        };
        formatter.write_str(words)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Current => formatter.write_str("the index is up to date"),
            Finding::LeftOver => {
                formatter.write_str("files are left of an index that was being made")
            }
            Finding::Behind { index, content } => {
                write!(formatter, "the index is at change {index} of {content}")
            }
            Finding::TakeOver => {
                formatter.write_str("what was imported is in the index alone, and is taken over")
            }
            Finding::OtherEncoder => {
                formatter.write_str("what was imported was embedded by another encoder")
            }
            Finding::Rebuild(flaw) | Finding::Lost(flaw) => flaw.fmt(formatter),
            Finding::ContentUnreadable(reason) => formatter.write_str(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(change: u64, rebuild_before: u64) -> ContentState {
        ContentState { identity: "a".to_string(), change, rebuild_before }
    }

    fn index(identity: &str, change: u64, made_by: &str) -> IndexState {
        let stamp = Stamp { content: identity.to_string(), change, made_by: made_by.to_string() };
        IndexState::Whole { reflects: Reflects::Content(stamp), left_over: false }
    }

    #[test]
    fn an_index_that_reflects_the_newest_change_is_left_alone() {
        let kept = content(7, 5);
        assert_eq!(decide(index("a", 7, CONTENT_VERSION), Some(&kept), false), Finding::Current);
    }

    #[test]
    fn an_index_that_is_behind_follows_unless_something_was_erased_since() {
        let behind = || index("a", 5, CONTENT_VERSION);
        let follows = Finding::Behind { index: 5, content: 7 };
        assert_eq!(decide(behind(), Some(&content(7, 0)), false), follows);
        assert_eq!(decide(behind(), Some(&content(7, 5)), false), follows);
        let anew = Finding::Rebuild(Flaw::HoldsErased);
        assert!(!anew.is_usable());
        assert_eq!(decide(behind(), Some(&content(7, 6)), false), anew);
    }

    #[test]
    fn an_index_of_something_else_is_made_anew() {
        let kept = content(7, 0);
        for (state, flaw) in [
            (IndexState::Missing, Flaw::Missing),
            (IndexState::OtherSchema, Flaw::OtherSchema),
            (index("b", 7, CONTENT_VERSION), Flaw::Foreign),
            (index("a", 7, "older"), Flaw::OtherEncoder),
            (index("a", 8, CONTENT_VERSION), Flaw::Ahead),
        ] {
            assert_eq!(decide(state, Some(&kept), false), Finding::Rebuild(flaw));
        }
        let current = index("a", 7, CONTENT_VERSION);
        assert_eq!(decide(current, Some(&kept), true), Finding::OtherEncoder);
    }

    #[test]
    fn without_content_a_whole_index_is_taken_over_and_a_damaged_one_is_lost() {
        let imports = IndexState::Whole { reflects: Reflects::Imports, left_over: false };
        assert_eq!(decide(imports, None, false), Finding::TakeOver);
        assert_eq!(decide(index("a", 7, CONTENT_VERSION), None, false), Finding::TakeOver);
        let empty = IndexState::Whole { reflects: Reflects::Nothing, left_over: false };
        assert_eq!(decide(empty, Some(&content(0, 0)), false), Finding::Current);
        assert_eq!(decide(IndexState::Missing, None, false), Finding::Current);
        let lost = Finding::Lost(Flaw::OtherSchema);
        assert_eq!(decide(IndexState::OtherSchema, None, false), lost);
    }
}
