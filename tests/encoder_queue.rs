//! The encoder behind its queue: many callers at once get what the encoder alone would give.

use steward::model::encoder::Encoder;
use steward::model::fetch::ModelCache;
use steward::model::manifest;

#[test]
fn callers_at_once_get_their_own_vectors() {
    let cache = ModelCache::new(ModelCache::default_directory(), false);
    let ensure = |name: &str| {
        cache.ensure(&manifest::find(name).expect("the manifest names it")).expect("fetched")
    };
    let encoder = Encoder::load(&ensure("minilm-l6-v2"), &ensure("minilm-l6-v2-tokenizer"))
        .expect("the encoder loads");
    // Of different lengths, so that they do not all fit beside each other in a batch.
    let text = |caller: usize| format!("Where is order number {caller}? ").repeat(1 + caller % 7);
    let texts = |caller: usize| vec![text(caller), text(caller + 1)];
    let together: Vec<Vec<Vec<f32>>> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..100)
            .map(|caller| {
                let encoder = &encoder;
                scope.spawn(move || encoder.embed(&texts(caller)).expect("embedded"))
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().expect("no panic")).collect()
    });
    for (caller, ours) in together.iter().enumerate() {
        let alone = encoder.embed(&texts(caller)).expect("embedded");
        assert_eq!(ours.len(), 2);
        for (ours, alone) in ours.iter().flatten().zip(alone.iter().flatten()) {
            assert!((ours - alone).abs() < 1e-4, "caller {caller}");
        }
    }
}
