//! Every input that fuzzing kept, through the same functions as the fuzz targets (see fuzz/README.md).

#[path = "../fuzz/src/lib.rs"]
mod properties;

use std::path::Path;

#[test]
fn every_kept_input_holds_its_property() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, property) in properties::PROPERTIES {
        let mut inputs = 0;
        for entry in std::fs::read_dir(corpora.join(name)).unwrap() {
            let path = entry.unwrap().path();
            println!("{}", path.display());
            property(&std::fs::read(&path).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "the corpus of {name} is empty");
    }
}
