//! What people of the company work with: who has a conversation, the list of them, notes, tags, prepared words, search.

mod canned;
mod entry;
mod holding;
mod list;
mod marks;
mod notes;
mod owner;
mod search;
mod team;
mod urgency;

pub use canned::{CannedChanged, CannedReply};
pub use entry::{Changed, Entry};
pub use holding::{AgentAppended, Moved};
pub(super) use holding::{holding, set_holding};
pub use list::{BadCursor, Counts, Cursor, Filter, ListState, Page, Sort};
pub use marks::{Profile, Reader, TagCount};
pub use notes::{Mention, NewNote, Note, NoteAdded};
pub use owner::EarlierConversation;
pub(super) use search::index;
pub use search::{Hit, Search};
pub use team::{Held, KnownMember, Line};
pub use urgency::{Standing, urgency};

/// What a row that cannot be read is called.
const BAD_ROW: &str = "a row of the desk has an unexpected shape";
