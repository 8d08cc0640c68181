//! A low-rank adapter over the generator's weights: each matrix that it names becomes `W + scale * B A`.
//!
//! A safetensors file with `<matrix>.lora_a` (`[rank, in]`) and `<matrix>.lora_b` (`[out, rank]`) for matrices by their GGUF name without
//! `.weight` (`blk.0.attn_q`), rows in the order of the GGUF file, and in its metadata `scale` and `base_sha256`, the file it was trained over
//! (`training/generator/export.py`). It is merged once, when the fast copy of the weights is made; at run time it costs nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::quantized::gguf_file::Content;
use candle_core::{DType, Device, Tensor};
use safetensors::SafeTensors;

use crate::error::Context;
use crate::model::fetch::sha256_hex;
use crate::{Error, ErrorKind, Result};

/// The adapter over the shipped model.
const SHIPPED: &[u8] = include_bytes!("../../../models/adapters/smollm2-135m-instruct.safetensors");

/// The two factors of a matrix's change.
#[derive(Debug, Clone)]
struct Factors {
    /// `[rank, in]`
    a: Tensor,
    /// `[out, rank]`
    b: Tensor,
}

/// What was trained over a base.
#[derive(Debug, Clone)]
pub struct Adapter {
    path: PathBuf,
    digest: String,
    scale: f64,
    base_sha256: String,
    matrices: BTreeMap<String, Factors>,
}

impl Adapter {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it is not an adapter.
    pub fn read(path: &Path) -> Result<Self> {
        let cannot = || format!("the adapter {} cannot be read", path.display());
        Self::parse(&std::fs::read(path).context(ErrorKind::Setup, cannot)?, path)
    }

    /// The adapter that ships with Steward, over the model that ships with it.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the program was built with a broken file.
    pub fn shipped() -> Result<Self> {
        Self::parse(SHIPPED, Path::new("shipped"))
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self> {
        let cannot = || format!("the adapter {} cannot be read", path.display());
        let (_, header) = SafeTensors::read_metadata(bytes).context(ErrorKind::Setup, cannot)?;
        let said = header.metadata().clone().unwrap_or_default();
        let unusable =
            |what: String| Error::setup(format!("the adapter {}: {what}", path.display()));
        let scale = said
            .get("scale")
            .and_then(|scale| scale.parse::<f64>().ok())
            .filter(|scale| scale.is_finite())
            .ok_or_else(|| unusable("its metadata has no `scale`".to_string()))?;
        let base_sha256 = said.get("base_sha256").cloned().unwrap_or_default();
        let mut tensors = candle_core::safetensors::load_buffer(bytes, &Device::Cpu)
            .context(ErrorKind::Setup, cannot)?;
        let names: Vec<String> = tensors
            .keys()
            .filter_map(|name| name.strip_suffix(".lora_a"))
            .map(str::to_string)
            .collect();
        let mut matrices = BTreeMap::new();
        for name in names {
            let mut take = |half: &str| -> Result<Tensor> {
                let key = format!("{name}.{half}");
                let tensor = tensors.remove(&key).ok_or_else(|| unusable(format!("no {key}")))?;
                tensor.to_dtype(DType::F32).context(ErrorKind::Setup, cannot)
            };
            let (a, b) = (take("lora_a")?, take("lora_b")?);
            let is_product = matches!((a.dims(), b.dims()), ([rank, _], [_, of_b]) if rank == of_b);
            if !is_product {
                let shapes = format!("{name} is {:?} by {:?}", b.dims(), a.dims());
                return Err(unusable(format!("{shapes}, which is no product")));
            }
            matrices.insert(name, Factors { a, b });
        }
        if let Some(unknown) = tensors.keys().next() {
            return Err(unusable(format!("{unknown} is neither a lora_a nor a lora_b of one")));
        }
        if matrices.is_empty() {
            return Err(unusable("it changes nothing".to_string()));
        }
        let digest = sha256_hex(bytes);
        Ok(Self { path: path.to_path_buf(), digest, scale, base_sha256, matrices })
    }

    /// The SHA-256 of the file.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Refuses weights that it was not trained over.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the base is another, or lacks one of the matrices or has it in another shape.
    pub fn fits(&self, base: &Content, base_sha256: &str) -> Result<()> {
        let unfit = |why: String| {
            let path = self.path.display();
            Error::setup(format!(
                "the adapter {path} does not fit the generator: {why}; set generator.adapter = \"none\", or the weights it was trained over"
            ))
        };
        if !self.base_sha256.is_empty() && self.base_sha256 != base_sha256 {
            return Err(unfit(format!(
                "it was trained over weights with SHA-256 {}",
                self.base_sha256
            )));
        }
        for (name, Factors { a, b }) in &self.matrices {
            let info = base.tensor_infos.get(&format!("{name}.weight"));
            let info = info.ok_or_else(|| unfit(format!("there is no matrix {name}")))?;
            let (base, ours) = (info.shape.dims(), [b.dims()[0], a.dims()[1]]);
            if base != ours {
                return Err(unfit(format!("{name} is {base:?}, not {ours:?}")));
            }
        }
        Ok(())
    }

    /// True if it changes this tensor of a GGUF file.
    pub fn changes(&self, tensor: &str) -> bool {
        self.factors(tensor).is_some()
    }

    /// `weight` as it is with the adapter: `[out, in] f32`.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn over(&self, tensor: &str, weight: &Tensor) -> candle_core::Result<Tensor> {
        match self.factors(tensor) {
            None => Ok(weight.clone()),
            Some(Factors { a, b }) => weight + (b.matmul(a)? * self.scale)?,
        }
    }

    fn factors(&self, tensor: &str) -> Option<&Factors> {
        self.matrices.get(tensor.strip_suffix(".weight")?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use safetensors::tensor::{Dtype, TensorView};

    use super::*;

    fn bytes(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// Writes `b a` of rank 1 for `blk.0.attn_q`, of shape `[2, 3]`.
    fn written(metadata: &[(&str, &str)], names: [&str; 2]) -> tempfile::NamedTempFile {
        let (a, b) = (bytes(&[1.0, 2.0, 3.0]), bytes(&[10.0, 20.0]));
        let views = [
            (names[0], TensorView::new(Dtype::F32, vec![1, 3], &a).unwrap()),
            (names[1], TensorView::new(Dtype::F32, vec![2, 1], &b).unwrap()),
        ];
        let metadata: HashMap<String, String> =
            metadata.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        safetensors::serialize_to_file(views, Some(metadata), file.path()).unwrap();
        file
    }

    #[test]
    fn a_matrix_is_changed_by_the_scaled_product() {
        let names = ["blk.0.attn_q.lora_a", "blk.0.attn_q.lora_b"];
        let file = written(&[("scale", "0.5")], names);
        let adapter = Adapter::read(file.path()).unwrap();
        let weight = Tensor::ones((2, 3), DType::F32, &Device::Cpu).unwrap();
        let changed = adapter.over("blk.0.attn_q.weight", &weight).unwrap();
        assert_eq!(changed.to_vec2::<f32>().unwrap(), [[6.0, 11.0, 16.0], [11.0, 21.0, 31.0]]);
        assert!(!adapter.changes("blk.0.attn_k.weight"));
        let same = adapter.over("blk.0.attn_k.weight", &weight).unwrap();
        assert_eq!(same.to_vec2::<f32>().unwrap(), weight.to_vec2::<f32>().unwrap());
    }

    #[test]
    fn what_is_no_adapter_is_refused_by_name() {
        let names = ["blk.0.attn_q.lora_a", "blk.0.attn_q.lora_b"];
        let refused =
            |file: tempfile::NamedTempFile| Adapter::read(file.path()).unwrap_err().to_string();
        assert!(refused(written(&[], names)).contains("no `scale`"));
        let scale = [("scale", "1")];
        let half = refused(written(&scale, [names[0], "blk.0.attn_k.lora_b"]));
        assert!(half.contains("no blk.0.attn_q.lora_b"), "{half}");
        let turned = refused(written(&scale, [names[1], names[0]]));
        assert!(turned.contains("no product"), "{turned}");
        let text = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(text.path(), "not one").unwrap();
        assert!(refused(text).contains("cannot be read"));
    }
}
