//! The encoder behind its queue: many callers at once get what the encoder alone would give.

use std::sync::Arc;

use steward::ErrorKind;
use steward::model::encoder::Encoder;
use steward::model::encoder_queue::EncoderHandle;
use steward::model::fetch::ModelCache;
use steward::model::manifest;

fn encoder() -> Arc<Encoder> {
    let cache = ModelCache::new(ModelCache::default_directory(), false);
    let ensure = |name: &str| {
        cache.ensure(&manifest::find(name).expect("the manifest names it")).expect("fetched")
    };
    let encoder = Encoder::load(&ensure("minilm-l6-v2"), &ensure("minilm-l6-v2-tokenizer"));
    Arc::new(encoder.expect("the encoder loads"))
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_at_once_get_their_own_vectors_and_too_many_are_refused() {
    let encoder = encoder();
    let handle = EncoderHandle::start(encoder.clone(), 64).expect("starts");
    let text = |caller: usize| format!("Where is order number {caller}?");
    let callers: Vec<_> = (0..40)
        .map(|caller| {
            let handle = handle.clone();
            tokio::spawn(async move { handle.embed(vec![text(caller), text(caller + 1)]).await })
        })
        .collect();
    for (caller, embeddings) in callers.into_iter().enumerate() {
        let embeddings = embeddings.await.expect("no panic").expect("embedded");
        let alone = handle.embed_blocking(&[text(caller), text(caller + 1)]).expect("embedded");
        assert_eq!(embeddings.len(), 2);
        for (ours, alone) in embeddings.iter().flatten().zip(alone.iter().flatten()) {
            assert!((ours - alone).abs() < 1e-4);
        }
    }

    let narrow = EncoderHandle::start(encoder, 1).expect("starts");
    let long: Vec<String> = (0..64).map(|caller| text(caller).repeat(20)).collect();
    let asked: Vec<_> = (0..8).map(|_| narrow.embed(long.clone())).collect();
    let answers = futures_util::future::join_all(asked).await;
    let refused = |answer: &steward::Result<_>| {
        answer.as_ref().err().is_some_and(|problem| problem.kind() == ErrorKind::Busy)
    };
    assert!(answers.iter().any(refused), "the queue is bounded");
    assert!(answers.iter().any(Result::is_ok));
}
