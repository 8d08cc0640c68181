//! A trained head on disk: one safetensors file, with a description of the head in its metadata.
//!
//! The description says the kind of head, its labels and calibration, and what it was trained on, so
//! that a file can be told from another years later. Weights are f32, `[classes, features]`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::softmax::SoftmaxRegression;
use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// The key of the metadata that holds the description.
const DESCRIPTION: &str = "steward_head";
/// Version of the features and the layout; another one cannot be used.
const VERSION: u32 = 1;

/// What every head says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// `intents`, `emotion`, `satisfaction` or `escalation`.
    pub kind: String,
    /// Of the features and the layout.
    pub version: u32,
    /// SHA-256 of the encoder's weights, first 16 hex digits: readings of another encoder mean nothing.
    pub encoder: String,
    /// What it was trained on: file names with the SHA-256 of their content, first 16 hex digits.
    pub data: BTreeMap<String, String>,
    /// What only this kind has: labels, calibration.
    pub settings: serde_json::Value,
}

impl Description {
    /// The description of a new head.
    pub fn new(kind: &str, encoder: &str, data: BTreeMap<String, String>) -> Self {
        let settings = serde_json::Value::Null;
        Self { kind: kind.into(), version: VERSION, encoder: encoder.into(), data, settings }
    }
}

/// A file in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadFile {
    /// What it is.
    pub description: Description,
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl HeadFile {
    /// A file without tensors; `settings` become part of its description.
    ///
    /// # Errors
    /// If the settings cannot be written as JSON.
    pub fn new(mut description: Description, settings: &impl Serialize) -> Result<Self> {
        description.settings =
            serde_json::to_value(settings).internal("a head's settings cannot be written")?;
        Ok(Self { description, tensors: BTreeMap::new() })
    }

    /// Adds the weights and biases of a regression under `name`.
    #[must_use]
    pub fn with(mut self, name: &str, regression: &SoftmaxRegression) -> Self {
        let shape = vec![regression.classes(), regression.features()];
        let (weights, biases) = regression.clone().into_parts();
        self.tensors.insert(format!("{name}.biases"), (vec![biases.len()], biases));
        self.tensors.insert(format!("{name}.weights"), (shape, weights));
        self
    }

    /// Adds a matrix of `columns`.
    #[must_use]
    pub fn with_rows(mut self, name: &str, rows: &[f32], columns: usize) -> Self {
        let shape = vec![rows.len() / columns.max(1), columns];
        self.tensors.insert(name.to_string(), (shape, rows.to_vec()));
        self
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it cannot be read or is no head of `kind`.
    pub fn read(path: &Path, kind: &str) -> Result<Self> {
        let bytes = std::fs::read(path)
            .context(ErrorKind::Setup, || format!("cannot read the head {}", path.display()))?;
        Self::parse(&bytes, kind).map_err(|problem| {
            Error::setup(format!("{} cannot be used as a head: {problem}", path.display()))
        })
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if they are no head of `kind`.
    pub fn parse(bytes: &[u8], kind: &str) -> Result<Self> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)
            .context(ErrorKind::Input, || "it is no safetensors file".into())?;
        let text = metadata.metadata().as_ref().and_then(|all| all.get(DESCRIPTION));
        let text = text.ok_or_else(|| Error::input("its metadata describe no head"))?;
        let description: Description = serde_json::from_str(text)
            .context(ErrorKind::Input, || "its description is not in the right form".into())?;
        if description.kind != kind {
            let found = &description.kind;
            return Err(Error::input(format!("it is a head of kind `{found}`, not `{kind}`")));
        }
        if description.version != VERSION {
            return Err(Error::input(format!(
                "its version is {}, this Steward uses {VERSION}; train it again",
                description.version
            )));
        }
        let file = SafeTensors::deserialize(bytes)
            .context(ErrorKind::Input, || "it is no safetensors file".into())?;
        let mut tensors = BTreeMap::new();
        for (name, tensor) in file.tensors() {
            if tensor.dtype() != Dtype::F32 {
                return Err(Error::input(format!("tensor `{name}` is not f32")));
            }
            let values: Vec<f32> = tensor
                .data()
                .chunks_exact(size_of::<f32>())
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect();
            if values.iter().any(|value| !value.is_finite()) {
                return Err(Error::input(format!(
                    "tensor `{name}` holds values that are no numbers"
                )));
            }
            tensors.insert(name, (tensor.shape().to_vec(), values));
        }
        Ok(Self { description, tensors })
    }

    /// Writes the file, all of it or nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let named = || format!("cannot write {}", path.display());
        let parent = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).context(ErrorKind::Input, named)?;
        let partial = path.with_extension("partial");
        std::fs::write(&partial, self.to_bytes()?).context(ErrorKind::Input, named)?;
        std::fs::rename(&partial, path).context(ErrorKind::Input, named)
    }

    fn to_bytes(&self) -> Result<Vec<u8>> {
        let description =
            serde_json::to_string(&self.description).internal("a head cannot be described")?;
        let bytes: BTreeMap<&String, Vec<u8>> = self
            .tensors
            .iter()
            .map(|(name, (_, values))| {
                (name, values.iter().flat_map(|v| v.to_le_bytes()).collect())
            })
            .collect();
        let views = self.tensors.iter().map(|(name, (shape, _))| {
            let view = TensorView::new(Dtype::F32, shape.clone(), &bytes[name]);
            Ok((name.clone(), view.internal("a head's tensor has a wrong shape")?))
        });
        let views: Vec<(String, TensorView<'_>)> = views.collect::<Result<_>>()?;
        let metadata = HashMap::from([(DESCRIPTION.to_string(), description)]);
        safetensors::serialize(views, Some(metadata)).internal("a head cannot be serialised")
    }

    /// SHA-256 of its content.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn hash(&self) -> Result<[u8; 32]> {
        Ok(Sha256::digest(self.to_bytes()?).into())
    }

    /// What only this kind of head has.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if the settings are not in the form of `T`.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(self.description.settings.clone())
            .context(ErrorKind::Input, || "the head's settings are not in the right form".into())
    }

    /// The regression under `name`.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if it is not there.
    pub fn regression(&self, name: &str) -> Result<SoftmaxRegression> {
        let weights = self.rows(&format!("{name}.weights"))?;
        SoftmaxRegression::from_parts(weights, self.rows(&format!("{name}.biases"))?)
    }

    /// The values of a tensor, row by row.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] if it is not there.
    pub fn rows(&self, name: &str) -> Result<Vec<f32>> {
        let tensor = self.tensors.get(name);
        let missing = || Error::input(format!("the head has no tensor `{name}`"));
        tensor.map(|(_, values)| values.clone()).ok_or_else(missing)
    }
}

/// Refuses a regression that was trained for something else.
pub(super) fn check_shape(
    what: &str,
    regression: &SoftmaxRegression,
    classes: usize,
    features: usize,
) -> Result<()> {
    if (regression.classes(), regression.features()) == (classes, features) {
        return Ok(());
    }
    Err(Error::input(format!(
        "the head of {what} has {} classes of {} features where {classes} of {features} are needed; \
         train it again with this version",
        regression.classes(),
        regression.features()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> HeadFile {
        let regression =
            SoftmaxRegression::from_parts(vec![1.0, 2.0, -3.5, 0.25], vec![0.5, -0.5]).unwrap();
        let data = BTreeMap::from([("a.csv".to_string(), "00ff".to_string())]);
        let description = Description::new("emotion", "abcd", data);
        HeadFile::new(description, &vec!["calm", "angry"])
            .unwrap()
            .with("regression", &regression)
            .with_rows("means", &[1.0, 0.0, 0.0, 1.0], 2)
    }

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/head.safetensors");
        file().write(&path).unwrap();
        let read = HeadFile::read(&path, "emotion").unwrap();
        assert_eq!(read, file());
        assert_eq!(read.settings::<Vec<String>>().unwrap(), ["calm", "angry"]);
        assert_eq!(read.regression("regression").unwrap().logits(&[1.0, 1.0]), [3.5, -3.75]);
    }

    #[test]
    fn what_is_no_such_head_is_refused_by_name() {
        let bytes = file().to_bytes().unwrap();
        let said = HeadFile::parse(&bytes, "intents").unwrap_err().to_string();
        assert!(said.contains("`emotion`") && said.contains("`intents`"), "{said}");
        for cut in [0, 7, 9, bytes.len() / 2, bytes.len() - 1] {
            assert!(HeadFile::parse(&bytes[..cut], "emotion").is_err(), "{cut} bytes");
        }
        assert!(file().regression("reasons").unwrap_err().to_string().contains("reasons"));
    }
}
