//! A copy of a GGUF file in a format that candle runs fast, with an adapter merged into it if there is one; made once and kept.
//!
//! candle has no fast path for Q4_1 and its like, and SmolLM2 answers better from Q8_0 weights of the
//! same values; so the matrices of such formats are re-quantised, and those that an adapter changes.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use candle_core::Device;
use candle_core::quantized::gguf_file::{self, Content};
use candle_core::quantized::{GgmlDType, QTensor};
use serde::{Deserialize, Serialize};

use super::adapter::Adapter;
use super::weights::open;
use crate::error::Context;
use crate::model::fetch::sha256_of_file;
use crate::{Error, ErrorKind, Result};

/// The format of the matrices of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Format {
    /// Eight bits a weight and a scale for each 32: as good as the weights themselves.
    #[default]
    #[serde(rename = "q8_0")]
    Q8,
    /// Four bits a weight: half the memory, and poorer replies.
    #[serde(rename = "q4_0")]
    Q4,
}

impl Format {
    fn dtype(self) -> GgmlDType {
        match self {
            Self::Q8 => GgmlDType::Q8_0,
            Self::Q4 => GgmlDType::Q4_0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Q8 => "q8_0",
            Self::Q4 => "q4_0",
        }
    }
}

/// How a copy differs from its source.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Merged into the matrices.
    pub adapter: Option<Adapter>,
    /// Of the matrices that are re-quantised.
    pub format: Format,
}

const PARTIAL_PREFIX: &str = ".partial-";

/// The file to load in place of `source`: `source` itself if candle runs its format fast and nothing is merged, else a
/// copy in `cache`, made once.
///
/// # Errors
/// If `source` is no GGUF file, the adapter was not trained over it, or the copy cannot be written.
pub fn fast_copy(source: &Path, changes: &Changes, cache: &Path) -> Result<PathBuf> {
    let (mut reader, content) = open(source)?;
    let adapter = changes.adapter.as_ref();
    let slow = content.tensor_infos.values().any(|info| is_slow(info.ggml_dtype));
    if !slow && adapter.is_none() {
        return Ok(source.to_path_buf());
    }
    let stem =
        source.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    // By its content: weights that were trained further have the same name and size.
    let digest = digest_of(source)?;
    let merged = match adapter {
        None => String::new(),
        Some(adapter) => {
            adapter.fits(&content, &digest)?;
            format!("+{}", &adapter.digest()[..16])
        }
    };
    let target = cache.join(format!(
        "{stem}.{}{merged}.requantised-{}.gguf",
        &digest[..16],
        changes.format.name()
    ));
    if target.is_file() {
        return Ok(target);
    }
    let failed = |problem: &dyn std::fmt::Display| {
        Error::setup(format!(
            "cannot write the re-quantised generator {}: {problem}; make room, or set generator.enabled = false",
            target.display()
        ))
    };
    std::fs::create_dir_all(cache).map_err(|problem| failed(&problem))?;
    // One process writes, the others wait and find the copy. What a killed one left goes.
    let lock = File::create(cache.join(".lock")).map_err(|problem| failed(&problem))?;
    lock.lock().map_err(|problem| failed(&problem))?;
    if target.is_file() {
        return Ok(target);
    }
    remove_partial_files(cache);
    let mut names: Vec<&String> = content.tensor_infos.keys().collect();
    names.sort();
    let tensors: Vec<(&str, QTensor)> = names
        .into_iter()
        .map(|name| Ok((name.as_str(), requantised(&content, &mut reader, changes, name)?)))
        .collect::<candle_core::Result<_>>()
        .context(ErrorKind::Setup, || format!("{} cannot be re-quantised", source.display()))?;
    let mut metadata: Vec<(&str, &gguf_file::Value)> =
        content.metadata.iter().map(|(name, value)| (name.as_str(), value)).collect();
    metadata.sort_by_key(|(name, _)| *name);
    // Under another name until it is whole: a copy cut short is never taken for one.
    let partial = tempfile::Builder::new()
        .prefix(PARTIAL_PREFIX)
        .tempfile_in(cache)
        .map_err(|problem| failed(&problem))?;
    let mut writer = BufWriter::new(partial);
    let borrowed: Vec<(&str, &QTensor)> =
        tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
    gguf_file::write(&mut writer, &metadata, &borrowed).map_err(|problem| failed(&problem))?;
    writer.flush().map_err(|problem| failed(&problem))?;
    let partial = writer.into_inner().map_err(|problem| failed(&problem))?;
    partial.as_file().sync_all().map_err(|problem| failed(&problem))?;
    partial.persist(&target).map_err(|problem| failed(&problem))?;
    Ok(target)
}

/// The SHA-256 of `source`: as stamped beside it when it was fetched and verified, else computed.
fn digest_of(source: &Path) -> Result<String> {
    let mut stamp = source.as_os_str().to_owned();
    stamp.push(".sha256");
    if let Ok(digest) = std::fs::read_to_string(&stamp)
        && digest.trim().len() == 64
        && digest.trim().bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        return Ok(digest.trim().to_string());
    }
    sha256_of_file(source)
}

/// Removes what a killed process left half written. The caller holds the lock.
fn remove_partial_files(cache: &Path) {
    let Ok(entries) = std::fs::read_dir(cache) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(PARTIAL_PREFIX) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Formats without a fast path in candle.
fn is_slow(format: GgmlDType) -> bool {
    matches!(format, GgmlDType::Q4_1 | GgmlDType::Q5_0 | GgmlDType::Q5_1 | GgmlDType::Q8_1)
}

/// Matrices of slow formats and those that are changed get the wanted format; the rest stays as it is. The embeddings, which are the
/// output's matrix too, are never below eight bits.
fn requantised(
    content: &Content,
    reader: &mut BufReader<File>,
    changes: &Changes,
    name: &str,
) -> candle_core::Result<QTensor> {
    let device = Device::Cpu;
    let tensor = content.tensor(reader, name, &device)?;
    let row = tensor.shape().dims().last().copied().unwrap_or_default();
    let is_matrix = tensor.shape().rank() == 2 && row.is_multiple_of(GgmlDType::Q8_0.block_size());
    let is_inner = name.starts_with("blk.");
    let format = if is_inner { changes.format } else { Format::Q8 }.dtype();
    if let Some(adapter) = changes.adapter.as_ref().filter(|adapter| adapter.changes(name)) {
        let changed = adapter.over(name, &tensor.dequantize(&device)?)?;
        return QTensor::quantize(&changed, format);
    }
    if !is_matrix || !(is_slow(tensor.dtype()) || tensor.dtype() == GgmlDType::Q6K) {
        return Ok(tensor);
    }
    QTensor::quantize(&tensor.dequantize(&device)?, format)
}
