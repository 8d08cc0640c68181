//! Keeps embeddings on disk, so that the second start and the second measurement are quick.
//!
//! One file: for each text the SHA-256 of its bytes (32 bytes) and 384 f32, little endian.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::Context;
use crate::model::encoder::{EMBEDDING_SIZE, Encoder};
use crate::{ErrorKind, Result};

const ENTRY_BYTES: usize = 32 + 4 * EMBEDDING_SIZE;
/// Texts embedded between two writes, so that a stopped run keeps most of its work.
const CHUNK: usize = 512;

/// Embeddings by text.
pub struct EmbeddingFile {
    path: PathBuf,
    entries: HashMap<[u8; 32], Vec<f32>>,
}

impl EmbeddingFile {
    /// Opens the file, which need not exist. Half an entry at its end is passed over.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if its directory cannot be made.
    pub fn open(path: &Path) -> Result<EmbeddingFile> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)
                .context(ErrorKind::Setup, || format!("cannot make {}", directory.display()))?;
        }
        let bytes = std::fs::read(path).unwrap_or_default();
        let whole = bytes.len() / ENTRY_BYTES * ENTRY_BYTES;
        if whole < bytes.len() {
            std::fs::write(path, &bytes[..whole])
                .context(ErrorKind::Setup, || format!("cannot write {}", path.display()))?;
        }
        let mut entries = HashMap::new();
        for entry in bytes.chunks_exact(ENTRY_BYTES) {
            let mut key = [0; 32];
            key.copy_from_slice(&entry[..32]);
            entries.insert(key, from_bytes(&entry[32..]));
        }
        Ok(EmbeddingFile { path: path.to_path_buf(), entries })
    }

    /// The embedding of each text; those not known yet are computed and kept.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the file cannot be written; else those of the encoder.
    pub fn embed<T: AsRef<str>>(
        &mut self,
        encoder: &Encoder,
        texts: &[T],
    ) -> Result<Vec<Vec<f32>>> {
        let keys: Vec<[u8; 32]> =
            texts.iter().map(|text| Sha256::digest(text.as_ref()).into()).collect();
        let missing: Vec<usize> =
            (0..texts.len()).filter(|&place| !self.entries.contains_key(&keys[place])).collect();
        for chunk in missing.chunks(CHUNK) {
            let chunk_texts: Vec<&str> = chunk.iter().map(|&place| texts[place].as_ref()).collect();
            let embeddings = encoder.embed(&chunk_texts)?;
            let mut bytes = Vec::with_capacity(chunk.len() * ENTRY_BYTES);
            for (&place, embedding) in chunk.iter().zip(embeddings) {
                bytes.extend_from_slice(&keys[place]);
                bytes.extend_from_slice(&to_bytes(&embedding));
                self.entries.insert(keys[place], embedding);
            }
            self.append(&bytes)?;
        }
        Ok(keys.iter().map(|key| self.entries.get(key).cloned().unwrap_or_default()).collect())
    }

    fn append(&self, bytes: &[u8]) -> Result<()> {
        let writing = || format!("cannot write {}", self.path.display());
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .create(true)
            .append(true)
            .open(&self.path)
            .context(ErrorKind::Setup, writing)?;
        file.write_all(bytes).context(ErrorKind::Setup, writing)
    }
}

/// Little-endian bytes of a vector, as they are stored.
pub fn to_bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The vector of little-endian bytes.
pub fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|chunk| f32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]))
        .collect()
}
