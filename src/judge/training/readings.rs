//! Readings of many texts, each read once and kept in a file: reading is the slow part of training, so a
//! training that was broken off goes on where it stopped, and a second one begins at once.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Context;
use crate::model::encoder::{Encoder, READING_SIZE, Reading};
use crate::{Error, ErrorKind, Result};

/// Texts read between two writes.
const PORTION: usize = 512;
const KEY_SIZE: usize = 16;
const RECORD_SIZE: usize = KEY_SIZE + READING_SIZE * size_of::<f32>();

type Key = [u8; KEY_SIZE];

/// Readings by text.
#[derive(Debug)]
pub struct Readings {
    by_text: HashMap<Key, Reading>,
    encoder_hash: String,
}

impl Readings {
    /// Reads `texts`, those in `file` from there; what is new is appended to it. `encoder_hash` tells
    /// readings of different encoders apart. `progress` is given the number done and the number of texts.
    ///
    /// # Errors
    /// Those of the encoder; [`ErrorKind::Input`] if the file cannot be used.
    pub fn of<'a>(
        texts: impl IntoIterator<Item = &'a str>,
        (encoder, encoder_hash): (&Encoder, &str),
        file: Option<&Path>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self> {
        let mut wanted: Vec<(Key, &str)> = Vec::new();
        let mut seen = HashSet::new();
        for text in texts {
            let key = key_of(text, encoder_hash);
            if seen.insert(key) {
                wanted.push((key, text));
            }
        }
        let mut by_text = HashMap::with_capacity(wanted.len());
        if let Some(file) = file.filter(|file| file.exists()) {
            read_file(file, &seen, &mut by_text)?;
        }
        let mut missing: Vec<&(Key, &str)> =
            wanted.iter().filter(|(key, _)| !by_text.contains_key(key)).collect();
        // Texts of about one length are read together.
        missing.sort_by_key(|(_, text)| text.len());
        let mut output = file.map(appending).transpose()?;
        progress(by_text.len(), wanted.len());
        for portion in missing.chunks(PORTION) {
            let texts: Vec<&str> = portion.iter().map(|(_, text)| *text).collect();
            for ((key, _), reading) in portion.iter().zip(encoder.read(&texts)?) {
                if let Some(output) = &mut output {
                    write_record(output, key, &reading).context(ErrorKind::Input, || {
                        "cannot keep the readings of the training texts".into()
                    })?;
                }
                by_text.insert(*key, reading);
            }
            if let Some(output) = &mut output {
                output.flush().context(ErrorKind::Input, || "cannot keep the readings".into())?;
            }
            progress(by_text.len(), wanted.len());
        }
        Ok(Self { by_text, encoder_hash: encoder_hash.to_string() })
    }

    /// The reading of a text.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the text was not among those read.
    pub fn get(&self, text: &str) -> Result<&Reading> {
        let found = self.by_text.get(&key_of(text, &self.encoder_hash));
        found.ok_or_else(|| Error::internal(format!("a text was not read: {text:?}")))
    }
}

fn appending(file: &Path) -> Result<BufWriter<File>> {
    let named = || format!("cannot write {}", file.display());
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).context(ErrorKind::Input, named)?;
    }
    let output = OpenOptions::new().create(true).append(true).open(file);
    let output = output.context(ErrorKind::Input, named)?;
    // A record that a killed run left half written is cut off.
    let length = output.metadata().context(ErrorKind::Input, named)?.len();
    let whole = length - length % RECORD_SIZE as u64;
    output.set_len(whole).context(ErrorKind::Input, named)?;
    Ok(BufWriter::new(output))
}

fn write_record(output: &mut impl Write, key: &Key, reading: &Reading) -> std::io::Result<()> {
    let mut record = Vec::with_capacity(RECORD_SIZE);
    record.extend_from_slice(key);
    reading.parts().iter().for_each(|value| record.extend_from_slice(&value.to_le_bytes()));
    output.write_all(&record)
}

/// Adds the readings of the `wanted` texts that the file holds.
fn read_file(file: &Path, wanted: &HashSet<Key>, into: &mut HashMap<Key, Reading>) -> Result<()> {
    let named = || format!("cannot read {}", file.display());
    let mut input = BufReader::new(File::open(file).context(ErrorKind::Input, named)?);
    let mut record = vec![0; RECORD_SIZE];
    while input.read_exact(&mut record).is_ok() {
        let mut key = [0; KEY_SIZE];
        key.copy_from_slice(&record[..KEY_SIZE]);
        if wanted.contains(&key) {
            let values = record[KEY_SIZE..].chunks_exact(size_of::<f32>());
            let values = values.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            if let Some(reading) = Reading::of_parts(values) {
                into.insert(key, reading);
            }
        }
    }
    Ok(())
}

fn key_of(text: &str, encoder_hash: &str) -> Key {
    let mut hasher = Sha256::new();
    hasher.update(encoder_hash.as_bytes());
    hasher.update([0]);
    hasher.update(text.as_bytes());
    let mut key = [0; KEY_SIZE];
    key.copy_from_slice(&hasher.finalize()[..KEY_SIZE]);
    key
}
