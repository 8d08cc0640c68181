//! Full-text search over all messages: an index of SQLite's FTS5 in the same file, written in the transaction of the message.
//!
//! A message that is deleted leaves the index with it (a trigger, and FTS5's `secure-delete`), so what is erased cannot be
//! found. FTS5 takes a run of letters as one word; Chinese, Japanese and Korean write none apart, so each of their characters
//! is indexed as a word of its own, with an invisible [`APART`] around it, and what is looked for is a phrase of them.

use sqlx::{Row, Sqlite, Transaction};

use super::super::{Author, ConversationState, Store, StoredMessage, from_word};
use super::BAD_ROW;
use crate::Result;
use crate::error::Context;

/// Zero-width space: for FTS5 no part of a word, for a reader nothing.
const APART: char = '\u{200b}';
/// Messages of before that are indexed in one transaction.
const BATCH: u32 = 1000;
/// The mark that all messages of before are indexed.
const INDEXED: &str = "words_indexed";
/// Words of a search that count.
const MOST_TERMS: usize = 16;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Words that must all be there, the last one perhaps unfinished; "quoted" ones beside each other.
    pub words: String,
    /// Not before this moment.
    pub from_ms: Option<i64>,
    /// Before this moment.
    pub to_ms: Option<i64>,
    /// At most so many, the best first.
    pub limit: u32,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Hit {
    /// Its conversation.
    pub conversation: String,
    /// Its number there.
    pub seq: i64,
    /// Who wrote it.
    pub from: Author,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The words around what was found, which stands between « and ».
    pub snippet: String,
    /// The customer's name.
    pub owner_name: Option<String>,
    /// How the conversation stands.
    pub state: ConversationState,
}

impl Store {
    /// Messages that hold what is looked for, the best first.
    pub async fn search(&self, search: &Search) -> Result<Vec<Hit>> {
        let Some(expression) = expression_of(&search.words) else { return Ok(Vec::new()) };
        let rows = sqlx::query(
            "SELECT place.conversation, place.seq, author, messages.created_ms, owner_name, state,
                snippet(message_words, 0, '«', '»', '…', 24) AS snippet
             FROM message_words
             JOIN message_words_of AS place ON place.id = message_words.rowid
             JOIN messages ON messages.conversation = place.conversation AND messages.seq = place.seq
             JOIN conversations ON conversations.id = place.conversation
             WHERE message_words MATCH ?1
               AND (?2 IS NULL OR messages.created_ms >= ?2) AND (?3 IS NULL OR messages.created_ms < ?3)
             ORDER BY message_words.rank, place.id DESC LIMIT ?4",
        )
        .bind(expression)
        .bind(search.from_ms)
        .bind(search.to_ms)
        .bind(search.limit)
        .fetch_all(&self.readers)
        .await
        .internal("cannot search the messages")?;
        rows.iter()
            .map(|row| {
                let snippet: String = row.try_get("snippet").internal(BAD_ROW)?;
                Ok(Hit {
                    conversation: row.try_get("conversation").internal(BAD_ROW)?,
                    seq: row.try_get("seq").internal(BAD_ROW)?,
                    from: from_word(row.try_get("author").internal(BAD_ROW)?)?,
                    at_ms: row.try_get("created_ms").internal(BAD_ROW)?,
                    snippet: snippet.replace(APART, "").replace("»«", ""),
                    owner_name: row.try_get("owner_name").internal(BAD_ROW)?,
                    state: from_word(row.try_get("state").internal(BAD_ROW)?)?,
                })
            })
            .collect()
    }

    /// Indexes messages that an older Steward stored. Returns how many.
    pub(in crate::store) async fn index_words(&self) -> Result<u64> {
        let done: Option<String> =
            sqlx::query_scalar("SELECT value FROM installation WHERE name = ?")
                .bind(INDEXED)
                .fetch_optional(&self.readers)
                .await
                .internal("cannot look whether words are indexed")?;
        if done.is_some() {
            return Ok(0);
        }
        let mut indexed = 0;
        loop {
            let mut transaction = self.begin().await?;
            let rows = sqlx::query(
                "SELECT conversation, seq, text FROM messages WHERE author <> 'event' AND NOT EXISTS
                    (SELECT 1 FROM message_words_of AS place
                     WHERE place.conversation = messages.conversation AND place.seq = messages.seq) LIMIT ?",
            )
            .bind(BATCH)
            .fetch_all(&mut *transaction)
            .await
            .internal("cannot look for messages that are not indexed")?;
            for row in &rows {
                let conversation: String = row.try_get("conversation").internal(BAD_ROW)?;
                let seq: i64 = row.try_get("seq").internal(BAD_ROW)?;
                let text: String = row.try_get("text").internal(BAD_ROW)?;
                index_text(&mut transaction, &conversation, seq, &text).await?;
            }
            indexed += rows.len() as u64;
            let is_last = rows.len() < BATCH as usize;
            if is_last {
                sqlx::query("INSERT OR IGNORE INTO installation (name, value) VALUES (?, 'all')")
                    .bind(INDEXED)
                    .execute(&mut *transaction)
                    .await
                    .internal("cannot note that words are indexed")?;
            }
            transaction.commit().await.internal("cannot commit an index of words")?;
            if is_last {
                return Ok(indexed);
            }
        }
    }
}

/// Indexes the words of a message that was just stored; events have none.
pub(in crate::store) async fn index(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    message: &StoredMessage,
) -> Result<()> {
    if message.author == Author::Event {
        return Ok(());
    }
    index_text(transaction, conversation, message.seq, &message.text).await
}

async fn index_text(
    transaction: &mut Transaction<'static, Sqlite>,
    conversation: &str,
    seq: i64,
    text: &str,
) -> Result<()> {
    let place = sqlx::query("INSERT INTO message_words_of (conversation, seq) VALUES (?, ?)")
        .bind(conversation)
        .bind(seq)
        .execute(&mut **transaction)
        .await
        .internal("cannot number a message's words")?
        .last_insert_rowid();
    sqlx::query("INSERT INTO message_words (rowid, words) VALUES (?, ?)")
        .bind(place)
        .bind(apart(text))
        .execute(&mut **transaction)
        .await
        .internal("cannot index a message's words")?;
    Ok(())
}

/// `text` with every character apart that is a word without spaces around it.
fn apart(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_word_by_itself(character) {
            written.extend([APART, character, APART]);
        } else {
            written.push(character);
        }
    }
    written
}

/// Han, kana, Hangul, Thai, Lao, Khmer and Burmese: written without spaces between words, or (Hangul) looked for by parts.
fn is_word_by_itself(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// The search as FTS5 reads it: every word a quoted phrase, all of them needed; `None` if there is no word in it. Nothing that
/// somebody types means anything else to FTS5.
fn expression_of(words: &str) -> Option<String> {
    let is_searchable = |term: &String| term.chars().any(char::is_alphanumeric);
    let mut terms: Vec<String> = Vec::new();
    let mut is_quoted = false;
    for (at, part) in words.split('"').enumerate() {
        is_quoted = at % 2 == 1;
        if is_quoted {
            terms.push(part.to_string());
        } else {
            terms.extend(part.split_whitespace().map(str::to_string));
        }
    }
    let ends_in_word = !is_quoted && words.ends_with(char::is_alphanumeric);
    terms.retain(is_searchable);
    terms.truncate(MOST_TERMS);
    let last = terms.len().checked_sub(1)?;
    let phrases = terms.iter().enumerate().map(|(at, term)| {
        // Whoever searches while typing has not finished the last word.
        let rest = if at == last && ends_in_word { "*" } else { "" };
        format!("\"{}\"{rest}", apart(term))
    });
    Some(phrases.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::Masker;
    use proptest::prelude::*;

    async fn store_with(texts: &[&str]) -> (tempfile::TempDir, Store) {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("s.sqlite"), 1).await.unwrap();
        let id = store.create_conversation("visitor:v").await.unwrap();
        for (at, text) in texts.iter().enumerate() {
            let text = Masker::new(&[]).clean(text);
            store.append_customer_message(&id, &at.to_string(), &text, 99).await.unwrap();
        }
        (directory, store)
    }

    async fn found(store: &Store, words: &str) -> Vec<(i64, String)> {
        let search = Search { words: words.into(), limit: 9, ..Search::default() };
        let hits = store.search(&search).await.unwrap();
        let mut found: Vec<_> = hits.into_iter().map(|hit| (hit.seq, hit.snippet)).collect();
        found.sort();
        found
    }

    #[tokio::test]
    async fn words_are_found_in_any_script_and_marked() {
        let texts = [
            "My order FH-20417 is late",
            "我想退款，订单还没到",
            "Où est ma CRÉANCE ?",
            "주문을 취소하고 싶어요",
        ];
        let (_directory, store) = store_with(&texts).await;
        assert_eq!(
            found(&store, "fh-20417").await,
            [(1, "My order «FH-20417» is late".to_string())]
        );
        assert_eq!(found(&store, "ord").await.len(), 1, "the last word may be unfinished");
        assert_eq!(found(&store, "late order").await.len(), 1, "in any order");
        assert!(found(&store, "\"late order\"").await.is_empty(), "quoted words stand together");
        assert_eq!(found(&store, "退款").await, [(2, "我想«退款»，订单还没到".to_string())]);
        assert!(found(&store, "款退").await.is_empty());
        assert_eq!(found(&store, "creance").await.len(), 1);
        assert_eq!(found(&store, "취소").await.len(), 1);
        for nothing in ["", "  ", "\"\"", "!?", "order missing"] {
            assert!(found(&store, nothing).await.is_empty(), "{nothing}");
        }
    }

    #[tokio::test]
    async fn messages_of_before_are_indexed_once() {
        let (_directory, store) = store_with(&["an old message"]).await;
        for table in ["message_words", "message_words_of", "installation"] {
            let sql = format!("DELETE FROM {table} WHERE name IS NOT 'salt'");
            let sql = if table == "installation" { sql } else { format!("DELETE FROM {table}") };
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&store.writer).await.unwrap();
        }
        assert!(found(&store, "old").await.is_empty());
        assert_eq!(store.index_words().await.unwrap(), 1);
        assert_eq!((found(&store, "old").await.len(), store.index_words().await.unwrap()), (1, 0));
    }

    #[test]
    fn what_somebody_types_means_nothing_else_to_fts5() {
        assert_eq!(expression_of("a OR b*").as_deref(), Some("\"a\" \"OR\" \"b*\""));
        assert_eq!(
            expression_of("refund \"no way\" or"),
            Some("\"refund\" \"no way\" \"or\"*".into())
        );
        assert_eq!(expression_of("NEAR(a b)"), Some("\"NEAR(a\" \"b)\"".into()));
        assert_eq!(expression_of("\"open quote"), Some("\"open quote\"".into()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_search_is_answered(words in "\\PC{0,40}") {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (_directory, store) = store_with(&[&words]).await;
                let _ = found(&store, &words).await;
            });
        }
    }
}
