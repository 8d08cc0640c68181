//! What people of the company write to each other beside a conversation: private notes, mentions of colleagues (`@name`), and
//! whispers, which only the one they are for reads.

use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::super::audit::{Actor, note};
use super::super::{Store, now_ms};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;
use crate::privacy::CleanText;

/// A private note. A type of its own that no frame for customers holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Chosen by the client; the same id is the same note.
    pub id: String,
    /// The conversation.
    pub conversation: String,
    /// Who wrote it.
    pub author: String,
    /// What was written.
    pub text: String,
    /// Members who are named in it.
    pub mentions: Vec<String>,
    /// The one it is for; everybody of the company if absent.
    pub whisper_to: Option<String>,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The newest message when it was written.
    pub after_seq: i64,
}

impl Note {
    /// Whether the person `name` may read it.
    pub fn is_for(&self, name: &str) -> bool {
        self.whisper_to.as_ref().is_none_or(|to| {
            to.eq_ignore_ascii_case(name) || self.author.eq_ignore_ascii_case(name)
        })
    }
}

/// A note to add.
#[derive(Debug, Clone)]
pub struct NewNote<'a> {
    /// Chosen by the client.
    pub id: &'a str,
    /// What was written.
    pub text: &'a CleanText,
    /// The one it is for.
    pub whisper_to: Option<&'a str>,
}

/// What became of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoteAdded {
    /// Stored.
    New(Note),
    /// It had been stored before.
    Known(Note),
    /// Refused: another note has this id.
    IdTaken,
    /// Refused: nobody of this name is of the team.
    NoSuchMember,
    /// There is no such conversation.
    Unknown,
}

/// A note that names somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// The note.
    #[serde(flatten)]
    pub note: Note,
    /// Whether the one who is named has seen it.
    pub read: bool,
}

const NOTE_COLUMNS: &str =
    "notes.id, notes.conversation, author, text, whisper_to, after_seq, notes.created_ms,
    (SELECT json_group_array(member) FROM mentions
     WHERE mentions.conversation = notes.conversation AND note = notes.id) AS mentions";

impl Store {
    /// Stores a note of `author`, with the members that it names.
    pub async fn add_note(
        &self,
        conversation: &str,
        author: &str,
        new: &NewNote<'_>,
    ) -> Result<NoteAdded> {
        let mut transaction = self.begin().await?;
        let Some(after_seq) = sqlx::query_scalar("SELECT last_seq FROM conversations WHERE id = ?")
            .bind(conversation)
            .fetch_optional(&mut *transaction)
            .await
            .internal("cannot look for a conversation")?
        else {
            return Ok(NoteAdded::Unknown);
        };
        if let Some(known) = note_in(&mut transaction, conversation, new.id).await? {
            let same = known.author == author && known.text == new.text.as_str();
            return Ok(if same { NoteAdded::Known(known) } else { NoteAdded::IdTaken });
        }
        let members: Vec<String> =
            sqlx::query_scalar("SELECT name FROM team_members WHERE NOT disabled")
                .fetch_all(&mut *transaction)
                .await
                .internal("cannot read the members")?;
        let named = |name: &str| members.iter().find(|one| one.eq_ignore_ascii_case(name)).cloned();
        let whisper_to = new.whisper_to.map(named);
        if whisper_to == Some(None) {
            return Ok(NoteAdded::NoSuchMember);
        }
        let whisper_to = whisper_to.flatten();
        let mut mentions = mentioned(new.text.as_str(), &members);
        // A whisper is read by the one it is for alone, and brings itself to their notice.
        if let Some(to) = &whisper_to {
            mentions = vec![to.clone()];
        }
        mentions.retain(|name| !name.eq_ignore_ascii_case(author));
        let added = Note {
            id: new.id.to_string(),
            conversation: conversation.to_string(),
            author: author.to_string(),
            text: new.text.as_str().to_string(),
            mentions,
            whisper_to,
            at_ms: now_ms(),
            after_seq,
        };
        insert_note(&mut transaction, &added).await?;
        note(&mut transaction, &Actor::Agent(author), "add_note", conversation).await?;
        transaction.commit().await.internal("cannot commit a note")?;
        Ok(NoteAdded::New(added))
    }

    /// The notes of a conversation, the oldest first.
    pub async fn notes(&self, conversation: &str) -> Result<Vec<Note>> {
        let sql = format!(
            "SELECT {NOTE_COLUMNS} FROM notes WHERE conversation = ? ORDER BY created_ms, id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(conversation)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read notes")?;
        rows.iter().map(note_of).collect()
    }

    /// The newest notes that name `member`, at most `limit`, newest first; only those not seen yet if `unread`.
    pub async fn mentions(&self, member: &str, unread: bool, limit: u32) -> Result<Vec<Mention>> {
        let sql = format!(
            "SELECT {NOTE_COLUMNS}, of_one.read_ms IS NOT NULL AS is_read
             FROM mentions AS of_one
             JOIN notes ON notes.conversation = of_one.conversation AND notes.id = of_one.note
             WHERE of_one.member = ?1 AND (NOT ?2 OR of_one.read_ms IS NULL)
             ORDER BY of_one.created_ms DESC LIMIT ?3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(member)
            .bind(unread)
            .bind(limit)
            .fetch_all(&self.readers)
            .await
            .internal("cannot read mentions")?;
        rows.iter()
            .map(|row| {
                Ok(Mention { note: note_of(row)?, read: row.try_get("is_read").internal(BAD_ROW)? })
            })
            .collect()
    }

    /// How many mentions of `member` were not seen, by conversation.
    pub async fn unread_mentions(&self, member: &str) -> Result<Vec<(String, i64)>> {
        sqlx::query_as(
            "SELECT conversation, count(*) FROM mentions
             WHERE member = ? AND read_ms IS NULL GROUP BY conversation",
        )
        .bind(member)
        .fetch_all(&self.readers)
        .await
        .internal("cannot count mentions")
    }

    /// Marks the mentions of `member` as seen: those in `conversation`, or all. Returns the conversations they are in.
    pub async fn see_mentions(
        &self,
        member: &str,
        conversation: Option<&str>,
    ) -> Result<Vec<String>> {
        let mut seen: Vec<String> = sqlx::query_scalar(
            "UPDATE mentions SET read_ms = ?1
             WHERE member = ?2 AND read_ms IS NULL AND (?3 IS NULL OR conversation = ?3) RETURNING conversation",
        )
        .bind(now_ms())
        .bind(member)
        .bind(conversation)
        .fetch_all(&self.writer)
        .await
        .internal("cannot mark mentions as seen")?;
        seen.sort();
        seen.dedup();
        Ok(seen)
    }
}

async fn note_in(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    id: &str,
) -> Result<Option<Note>> {
    let sql = format!("SELECT {NOTE_COLUMNS} FROM notes WHERE conversation = ? AND id = ?");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(conversation)
        .bind(id)
        .fetch_optional(&mut **transaction)
        .await
        .internal("cannot look for a note")?;
    row.as_ref().map(note_of).transpose()
}

async fn insert_note(transaction: &mut Transaction<'static, Sqlite>, added: &Note) -> Result<()> {
    sqlx::query(
        "INSERT INTO notes (conversation, id, author, text, whisper_to, after_seq, created_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&added.conversation)
    .bind(&added.id)
    .bind(&added.author)
    .bind(&added.text)
    .bind(&added.whisper_to)
    .bind(added.after_seq)
    .bind(added.at_ms)
    .execute(&mut **transaction)
    .await
    .internal("cannot store a note")?;
    for member in &added.mentions {
        sqlx::query(
            "INSERT INTO mentions (conversation, note, member, created_ms) VALUES (?, ?, ?, ?)",
        )
        .bind(&added.conversation)
        .bind(&added.id)
        .bind(member)
        .bind(added.at_ms)
        .execute(&mut **transaction)
        .await
        .internal("cannot store a mention")?;
    }
    Ok(())
}

fn note_of(row: &SqliteRow) -> Result<Note> {
    let mentions: String = row.try_get("mentions").internal(BAD_ROW)?;
    Ok(Note {
        id: row.try_get("id").internal(BAD_ROW)?,
        conversation: row.try_get("conversation").internal(BAD_ROW)?,
        author: row.try_get("author").internal(BAD_ROW)?,
        text: row.try_get("text").internal(BAD_ROW)?,
        mentions: serde_json::from_str(&mentions).internal(BAD_ROW)?,
        whisper_to: row.try_get("whisper_to").internal(BAD_ROW)?,
        at_ms: row.try_get("created_ms").internal(BAD_ROW)?,
        after_seq: row.try_get("after_seq").internal(BAD_ROW)?,
    })
}

/// The members whose names follow an `@` in `text`, in the order of the text. Names hold `.`, `-`, `+` and `@` themselves, so
/// the longest that is somebody's counts, and what punctuation follows it does not matter.
fn mentioned(text: &str, members: &[String]) -> Vec<String> {
    let is_of_name =
        |character: char| character.is_ascii_alphanumeric() || "._-@+".contains(character);
    let mut found: Vec<String> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let stands_alone = text[..at].chars().next_back().is_none_or(|before| !is_of_name(before));
        if !stands_alone {
            continue;
        }
        let rest = &text[at + 1..];
        let end = rest.find(|character| !is_of_name(character)).unwrap_or(rest.len());
        let mut name = &rest[..end];
        let member = loop {
            if name.is_empty() {
                break None;
            }
            if let Some(member) = members.iter().find(|one| one.eq_ignore_ascii_case(name)) {
                break Some(member);
            }
            // Only punctuation may be left over.
            match name.strip_suffix(|last: char| !last.is_ascii_alphanumeric()) {
                Some(shorter) => name = shorter,
                None => break None,
            }
        };
        if let Some(member) = member.filter(|member| !found.contains(member)) {
            found.push(member.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_their_whole_names() {
        let members = ["Ada", "ada.l", "ben@example.com", "c++"].map(String::from);
        let found = |text: &str| mentioned(text, &members);
        assert_eq!(found("@ada, please look. @Ben@example.com."), ["Ada", "ben@example.com"]);
        assert_eq!(found("@ada.l: see @ADA.L"), ["ada.l"]);
        assert_eq!(found("(@ada) and @c++!"), ["Ada", "c++"]);
        for none in ["ada", "@adam", "write to jo@ada", "@", "@@", "@.", "Ünal@ada.l-x"] {
            assert!(found(none).is_empty(), "{none}: {:?}", found(none));
        }
    }
}
