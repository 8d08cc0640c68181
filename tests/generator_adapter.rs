//! An adapter over the generator's real weights: what is merged, and what is refused.

use std::collections::HashMap;
use std::io::BufReader;
use std::path::Path;

use candle_core::quantized::gguf_file::Content;
use candle_core::{DType, Device, Tensor};
use safetensors::tensor::{Dtype, TensorView};
use steward::model::fetch::ModelCache;
use steward::model::generator::adapter::Adapter;
use steward::model::generator::requantise::{Changes, Format, fast_copy};
use steward::model::manifest;

const RANK: usize = 2;
const OUT: usize = 576;
const IN: usize = 576;

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// An adapter over `matrix` whose `B` is all `change` and whose `A` is one on the diagonal.
fn adapter(directory: &Path, matrix: &str, change: f32, base_sha256: &str) -> Adapter {
    let mut a = vec![0.0; RANK * IN];
    for place in 0..RANK {
        a[place * IN + place] = 1.0;
    }
    let (a, b) = (bytes(&a), bytes(&vec![change; OUT * RANK]));
    let names = [format!("{matrix}.lora_a"), format!("{matrix}.lora_b")];
    let views = [
        (&names[0], TensorView::new(Dtype::F32, vec![RANK, IN], &a).unwrap()),
        (&names[1], TensorView::new(Dtype::F32, vec![OUT, RANK], &b).unwrap()),
    ];
    let said = [("scale", "2"), ("base_sha256", base_sha256)];
    let said: HashMap<String, String> =
        said.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let path = directory.join("adapter.safetensors");
    safetensors::serialize_to_file(views, Some(said), &path).unwrap();
    Adapter::read(&path).unwrap()
}

fn over(adapter: &Adapter) -> Changes {
    Changes { adapter: Some(adapter.clone()), ..Changes::default() }
}

fn matrix(file: &Path, name: &str) -> Tensor {
    let mut reader = BufReader::new(std::fs::File::open(file).unwrap());
    let content = Content::read(&mut reader).unwrap();
    let tensor = content.tensor(&mut reader, name, &Device::Cpu).unwrap();
    tensor.dequantize(&Device::Cpu).unwrap()
}

#[test]
fn an_adapter_is_merged_into_a_copy_of_its_own_and_only_over_its_base() {
    let models = ModelCache::new(ModelCache::default_directory(), false);
    let artefact = manifest::find("smollm2-135m-instruct").unwrap();
    let weights = models.ensure(&artefact).unwrap();
    let copies = tempfile::tempdir().unwrap();
    let directory = tempfile::tempdir().unwrap();

    let plain = fast_copy(&weights, &Changes::default(), copies.path()).unwrap();
    let ours = adapter(directory.path(), "blk.3.attn_output", 0.05, &artefact.sha256);
    let merged = fast_copy(&weights, &over(&ours), copies.path()).unwrap();
    assert_ne!(plain, merged);
    assert_eq!(merged, fast_copy(&weights, &over(&ours), copies.path()).unwrap());
    let size = |path: &Path| std::fs::metadata(path).unwrap().len();
    assert_eq!(size(&plain), size(&merged), "it costs no memory");

    let name = "blk.3.attn_output.weight";
    let (before, after) = (matrix(&plain, name), matrix(&merged, name));
    let change = (after - before).unwrap();
    let largest = |tensor: Tensor| -> f32 {
        tensor.abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar().unwrap()
    };
    let expected = Tensor::full(0.1_f32, (OUT, RANK), &Device::Cpu).unwrap();
    let within = (change.narrow(1, 0, RANK).unwrap() - expected).unwrap();
    // A step of Q8_0: the largest of 32 weights in 127 parts.
    assert!(largest(within) < 0.02);
    assert!(largest(change.narrow(1, RANK + 32, IN - RANK - 32).unwrap()) < 0.02);
    let other = "blk.4.attn_output.weight";
    let same = (matrix(&plain, other) - matrix(&merged, other)).unwrap();
    assert_eq!(largest(same.to_dtype(DType::F32).unwrap()), 0.0);

    let smaller = Changes { format: Format::Q4, ..over(&ours) };
    let smaller = fast_copy(&weights, &smaller, copies.path()).unwrap();
    let [small, whole] = [size(&smaller), size(&merged)].map(|size| size as f64);
    // The embeddings, a fifth of all weights, keep their eight bits.
    assert!((0.55..0.7).contains(&(small / whole)), "{small} of {whole} bytes");
    let (rough, fine) = (matrix(&smaller, name), matrix(&merged, name));
    // A step of Q4_0: the largest of 32 weights in 8 parts.
    assert!(largest((rough - &fine).unwrap()) <= 0.13 * largest(fine));

    let other_base = adapter(directory.path(), "blk.3.attn_output", 0.05, &"0".repeat(64));
    let refused = fast_copy(&weights, &over(&other_base), copies.path()).unwrap_err().to_string();
    assert!(refused.contains("was trained over weights with SHA-256 000"), "{refused}");
    assert!(refused.contains("generator.adapter"), "{refused}");
    let wrong_shape = adapter(directory.path(), "blk.3.ffn_up", 0.05, "");
    let refused = fast_copy(&weights, &over(&wrong_shape), copies.path()).unwrap_err().to_string();
    assert!(refused.contains("blk.3.ffn_up is [1536, 576], not [576, 576]"), "{refused}");
    let unknown = adapter(directory.path(), "blk.99.attn_q", 0.05, "");
    let refused = fast_copy(&weights, &over(&unknown), copies.path()).unwrap_err().to_string();
    assert!(refused.contains("no matrix blk.99.attn_q"), "{refused}");
}
