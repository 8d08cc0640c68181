//! A data directory of before the content was kept: the content is made from what the index stores.

use std::collections::BTreeMap;
use std::path::Path;

use tantivy::schema::Value;
use tantivy::{DocAddress, IndexReader, ReloadPolicy, Searcher, TantivyDocument};

use super::super::content::{Change, Content, Kept};
use super::super::document::{Document, Passage, Section};
use super::super::item::{CONTENT_VERSION, Item};
use super::super::record::Record;
use super::super::schema::{
    self, CLASS_ACCOUNT, CLASS_COLUMN, CLASS_PASSAGE, HASH_COLUMN, SEQUENCE_COLUMN,
};
use super::super::segments::{Stamp, open_tantivy};
use super::super::snapshot::{DamagedContext, parse_payload};
use crate::Result;

/// Fills `content`, which is empty, with all that the index in `directory` holds, in one change.
///
/// # Errors
/// [`crate::ErrorKind::Setup`] if the index is damaged; [`crate::ErrorKind::Internal`] if the content cannot be written.
pub fn take_over(content: &mut Content, directory: &Path) -> Result<()> {
    let (schema, fields) = schema::build();
    let index = open_tantivy(directory, schema)?;
    let payload = index.load_metas().context_damaged()?.payload.unwrap_or_default();
    let made_by = match serde_json::from_str::<Stamp>(&payload) {
        Ok(stamp) => stamp.made_by,
        // Indexes without a stamp are all of the first version.
        Err(_) => CONTENT_VERSION.to_string(),
    };
    let reader: IndexReader =
        index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().context_damaged()?;
    let mut items: BTreeMap<(u64, String), Kept> = BTreeMap::new();
    let mut passages: BTreeMap<(u64, String), (u64, Vec<StoredPassage>)> = BTreeMap::new();
    for_each(&reader.searcher(), |class, sequence, hash, entry| {
        let embedding = entry
            .get_first(fields.embedding)
            .and_then(|value| value.as_bytes())
            .unwrap_or_default();
        let embedding = embedding.to_vec();
        if class == CLASS_PASSAGE {
            let passage: Passage = parse_payload(entry, &fields)?;
            let place = (sequence, passage.document_id.clone());
            let (_, list) = passages.entry(place).or_insert_with(|| (hash, Vec::new()));
            list.push(StoredPassage { passage, embedding });
        } else {
            let item = Item::Record(parse_payload::<Record>(entry, &fields)?);
            items.insert((sequence, item.key()), Kept { hash, item, embeddings: embedding });
        }
        Ok(())
    })?;
    for ((sequence, _), (hash, list)) in passages {
        let kept = document_of(hash, list);
        items.extend(kept.map(|kept| ((sequence, kept.item.key()), kept)));
    }
    let steps: Vec<Change> = items
        .into_values()
        .enumerate()
        .map(|(position, kept)| Change::Put { position: position as u64, kept })
        .collect();
    content.change_made_by(&steps, &made_by)?;
    tracing::info!(items = steps.len(), "what was imported is kept from now on");
    Ok(())
}

struct StoredPassage {
    passage: Passage,
    embedding: Vec<u8>,
}

/// Visits every live entry: class, sequence, hash and what is stored.
fn for_each(
    searcher: &Searcher,
    mut visit: impl FnMut(u64, u64, u64, &TantivyDocument) -> Result<()>,
) -> Result<()> {
    for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
        let classes = segment.fast_fields().u64(CLASS_COLUMN).context_damaged()?;
        let sequences = segment.fast_fields().u64(SEQUENCE_COLUMN).context_damaged()?;
        let hashes = segment.fast_fields().u64(HASH_COLUMN).context_damaged()?;
        for doc_id in segment.doc_ids_alive() {
            let address = DocAddress::new(segment_ord as u32, doc_id);
            let entry: TantivyDocument = searcher.doc(address).context_damaged()?;
            let class = classes.first(doc_id).unwrap_or(CLASS_ACCOUNT);
            let sequence = sequences.first(doc_id).unwrap_or(0);
            visit(class, sequence, hashes.first(doc_id).unwrap_or(0), &entry)?;
        }
    }
    Ok(())
}

/// A document whose passages are these: each was short enough to stay whole, so each becomes a section.
fn document_of(hash: u64, mut list: Vec<StoredPassage>) -> Option<Kept> {
    list.sort_by_key(|stored| stored.passage.ordinal);
    let first = &list.first()?.passage;
    let document = Document {
        id: first.document_id.clone(),
        title: first.title.clone(),
        url: first.url.clone(),
        language: first.language.clone(),
        audience: first.audience.clone(),
        source: None,
        sections: list
            .iter()
            .map(|StoredPassage { passage, .. }| Section {
                heading: passage.heading.clone(),
                text: passage.text.clone(),
            })
            .collect(),
    };
    let embeddings = list.into_iter().flat_map(|stored| stored.embedding).collect();
    Some(Kept { hash, item: Item::Document(document), embeddings })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::split::passages_of;
    use super::*;

    proptest! {
        #[test]
        fn a_document_out_of_its_passages_has_the_same_passages(
            texts in prop::collection::vec("([A-Za-z]{1,8}[ .!?\n-]{1,3}){0,400}", 1..4),
        ) {
            let sections = texts.into_iter().map(|text| Section { heading: vec!["H".into()], text });
            let document = Document { sections: sections.collect(), ..Document::plain("d", "T", "") };
            let passages = passages_of(&document);
            let list = passages
                .iter()
                .map(|passage| StoredPassage { passage: passage.clone(), embedding: vec![1] })
                .collect();
            let Some(Kept { item: Item::Document(again), embeddings, .. }) = document_of(7, list) else {
                prop_assert!(passages.is_empty());
                return Ok(());
            };
            prop_assert_eq!(embeddings.len(), passages.len());
            prop_assert_eq!(passages_of(&again), passages);
        }
    }
}
