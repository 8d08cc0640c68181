//! Writes tiny random GGUF models of each architecture, and computes their logits plainly in f64:
//! the reference that the forward passes are held against.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use half::f16;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub const HIDDEN: usize = 64;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const HEAD: usize = HIDDEN / HEADS;
const FEED_FORWARD: usize = 96;
const LAYERS: usize = 2;
const ROPE_BASE: f32 = 10_000.0;
const EPSILON: f32 = 1e-5;
pub const CONTEXT: u32 = 1024;
const CONTROL: [&str; 3] = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const TEMPLATE: &str = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// A model: its matrices by GGUF name, `[rows, columns]` or `[rows]`.
pub struct TinyModel {
    pub architecture: &'static str,
    pub pre_tokenizer: &'static str,
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

/// The byte-level alphabet, the control tokens first.
fn vocabulary() -> Vec<String> {
    let mut next = 255;
    let bytes = (0..=255_u8).map(|byte| {
        let code = match byte {
            b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => u32::from(byte),
            _ => {
                next += 1;
                next
            }
        };
        char::from_u32(code).expect("a character").to_string()
    });
    let merged = ["Ġt", "he"].map(String::from);
    CONTROL.iter().map(ToString::to_string).chain(bytes).chain(merged).collect()
}

impl TinyModel {
    pub fn random(architecture: &'static str, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut tensors = BTreeMap::new();
        let mut add = |name: String, shape: &[usize], around: f32, spread: f32| {
            let values = (0..shape.iter().product())
                .map(|_| around + spread * (random.random::<f32>() - 0.5))
                .collect();
            tensors.insert(name, (shape.to_vec(), values));
        };
        let rows = vocabulary().len();
        add("token_embd.weight".into(), &[rows, HIDDEN], 0.0, 2.0);
        add("output_norm.weight".into(), &[HIDDEN], 1.0, 0.5);
        for layer in 0..LAYERS {
            let key = |name: &str| format!("blk.{layer}.{name}");
            for (name, rows, columns) in [
                ("attn_q.weight", HIDDEN, HIDDEN),
                ("attn_k.weight", KV_HEADS * HEAD, HIDDEN),
                ("attn_v.weight", KV_HEADS * HEAD, HIDDEN),
                ("attn_output.weight", HIDDEN, HIDDEN),
                ("ffn_gate.weight", FEED_FORWARD, HIDDEN),
                ("ffn_up.weight", FEED_FORWARD, HIDDEN),
                ("ffn_down.weight", HIDDEN, FEED_FORWARD),
            ] {
                add(key(name), &[rows, columns], 0.0, 0.6);
            }
            add(key("attn_norm.weight"), &[HIDDEN], 1.0, 0.5);
            add(key("ffn_norm.weight"), &[HIDDEN], 1.0, 0.5);
            if architecture == "qwen2" {
                add(key("attn_q.bias"), &[HIDDEN], 0.0, 1.0);
                add(key("attn_k.bias"), &[KV_HEADS * HEAD], 0.0, 1.0);
                add(key("attn_v.bias"), &[KV_HEADS * HEAD], 0.0, 1.0);
            }
            if architecture == "qwen3" {
                add(key("attn_q_norm.weight"), &[HEAD], 1.0, 0.5);
                add(key("attn_k_norm.weight"), &[HEAD], 1.0, 0.5);
            }
        }
        let pre_tokenizer = if architecture == "llama" { "smollm" } else { "qwen2" };
        Self { architecture, pre_tokenizer, tensors }
    }

    /// Writes the file with its matrices in `format`.
    pub fn write(&self, path: &Path, format: GgmlDType) {
        let quantized: Vec<(&str, QTensor)> = self
            .tensors
            .iter()
            .map(|(name, (shape, values))| {
                let tensor =
                    Tensor::from_vec(values.clone(), shape.clone(), &Device::Cpu).expect("tensor");
                let format = if shape.len() == 2 { format } else { GgmlDType::F32 };
                (name.as_str(), QTensor::quantize(&tensor, format).expect("quantizes"))
            })
            .collect();
        let tensors: Vec<(&str, &QTensor)> =
            quantized.iter().map(|(name, tensor)| (*name, tensor)).collect();
        let metadata = self.metadata();
        let metadata: Vec<(&str, &Value)> =
            metadata.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let mut file = File::create(path).expect("a file");
        gguf_file::write(&mut file, &metadata, &tensors).expect("written");
    }

    fn metadata(&self) -> Vec<(String, Value)> {
        let text = |value: &str| Value::String(value.to_string());
        let tokens = vocabulary();
        let kinds: Vec<Value> = (0..tokens.len())
            .map(|id| Value::I32(if id < CONTROL.len() { 3 } else { 1 }))
            .collect();
        let own = |name: &str| format!("{}.{name}", self.architecture);
        vec![
            ("general.architecture".into(), text(self.architecture)),
            (own("block_count"), Value::U32(LAYERS as u32)),
            (own("context_length"), Value::U32(CONTEXT)),
            (own("embedding_length"), Value::U32(HIDDEN as u32)),
            (own("feed_forward_length"), Value::U32(FEED_FORWARD as u32)),
            (own("attention.head_count"), Value::U32(HEADS as u32)),
            (own("attention.head_count_kv"), Value::U32(KV_HEADS as u32)),
            (own("attention.key_length"), Value::U32(HEAD as u32)),
            (own("attention.layer_norm_rms_epsilon"), Value::F32(EPSILON)),
            (own("rope.dimension_count"), Value::U32(HEAD as u32)),
            (own("rope.freq_base"), Value::F32(ROPE_BASE)),
            ("tokenizer.ggml.model".into(), text("gpt2")),
            ("tokenizer.ggml.pre".into(), text(self.pre_tokenizer)),
            (
                "tokenizer.ggml.tokens".into(),
                Value::Array(tokens.iter().map(|t| text(t)).collect()),
            ),
            ("tokenizer.ggml.token_type".into(), Value::Array(kinds)),
            ("tokenizer.ggml.merges".into(), Value::Array(vec![text("Ġ t"), text("h e")])),
            ("tokenizer.ggml.bos_token_id".into(), Value::U32(1)),
            ("tokenizer.ggml.eos_token_id".into(), Value::U32(2)),
            ("tokenizer.chat_template".into(), text(TEMPLATE)),
        ]
    }
}

/// The logits after the last of `tokens`, from the definition: no cache, no kernels.
impl TinyModel {
    pub fn logits(&self, tokens: &[u32]) -> Vec<f64> {
        let embedding = self.matrix("token_embd.weight");
        let mut states: Vec<Vec<f64>> = tokens
            .iter()
            .map(|&token| embedding[token as usize * HIDDEN..][..HIDDEN].to_vec())
            .collect();
        for layer in 0..LAYERS {
            let key = |name: &str| format!("blk.{layer}.{name}");
            let normed: Vec<Vec<f64>> =
                states.iter().map(|state| self.norm(state, &key("attn_norm.weight"))).collect();
            let heads = |name: &str, rope: bool| -> Vec<Vec<f64>> {
                normed
                    .iter()
                    .enumerate()
                    .map(|(position, state)| {
                        let mut all = self.project(state, &key(&format!("{name}.weight")));
                        if let Some((_, bias)) = self.tensors.get(&key(&format!("{name}.bias"))) {
                            all.iter_mut().zip(bias).for_each(|(a, b)| *a += f64::from(*b));
                        }
                        for head in all.chunks_mut(HEAD).filter(|_| rope) {
                            let norm = key(&format!("{name}_norm.weight"));
                            if self.tensors.contains_key(&norm) {
                                head.copy_from_slice(&self.norm(head, &norm));
                            }
                            self.rotate(head, position);
                        }
                        all
                    })
                    .collect()
            };
            // Kept in f16, as llama.cpp keeps them.
            let kept = |mut all: Vec<Vec<f64>>| {
                let values = all.iter_mut().flatten();
                values.for_each(|value| *value = f16::from_f64(*value).to_f64());
                all
            };
            let queries = heads("attn_q", true);
            let (keys, values) = (kept(heads("attn_k", true)), kept(heads("attn_v", false)));
            for position in 0..tokens.len() {
                let mut mixed = vec![0.0; HIDDEN];
                for head in 0..HEADS {
                    let shared = head / (HEADS / KV_HEADS) * HEAD;
                    let query = &queries[position][head * HEAD..][..HEAD];
                    let scores: Vec<f64> = (0..=position)
                        .map(|past| {
                            dot(query, &keys[past][shared..][..HEAD]) / (HEAD as f64).sqrt()
                        })
                        .collect();
                    let highest = scores.iter().copied().fold(f64::MIN, f64::max);
                    let weights: Vec<f64> = scores.iter().map(|s| (s - highest).exp()).collect();
                    let total: f64 = weights.iter().sum();
                    for (past, weight) in weights.iter().enumerate() {
                        for place in 0..HEAD {
                            mixed[head * HEAD + place] +=
                                weight / total * values[past][shared + place];
                        }
                    }
                }
                let attended = self.project(&mixed, &key("attn_output.weight"));
                add(&mut states[position], &attended);
                let normed = self.norm(&states[position], &key("ffn_norm.weight"));
                let gate = self.project(&normed, &key("ffn_gate.weight"));
                let up = self.project(&normed, &key("ffn_up.weight"));
                let inner: Vec<f64> =
                    gate.iter().zip(&up).map(|(g, u)| g / (1.0 + (-g).exp()) * u).collect();
                let fed = self.project(&inner, &key("ffn_down.weight"));
                add(&mut states[position], &fed);
            }
        }
        let last = self.norm(states.last().expect("a token"), "output_norm.weight");
        self.project(&last, "token_embd.weight")
    }

    fn matrix(&self, name: &str) -> Vec<f64> {
        self.tensors[name].1.iter().map(|value| f64::from(*value)).collect()
    }

    fn project(&self, state: &[f64], name: &str) -> Vec<f64> {
        self.matrix(name).chunks(state.len()).map(|row| dot(row, state)).collect()
    }

    fn norm(&self, state: &[f64], name: &str) -> Vec<f64> {
        let mean = dot(state, state) / state.len() as f64;
        let scale = 1.0 / (mean + f64::from(EPSILON)).sqrt();
        state.iter().zip(self.matrix(name)).map(|(value, weight)| value * scale * weight).collect()
    }

    /// Llama's files hold their heads for rotation in neighbouring pairs, the others in halves.
    fn rotate(&self, head: &mut [f64], position: usize) {
        for pair in 0..HEAD / 2 {
            let frequency = f64::from(ROPE_BASE).powf(-2.0 * pair as f64 / HEAD as f64);
            let (sin, cos) = (position as f64 * frequency).sin_cos();
            let (left, right) = match self.architecture {
                "llama" => (2 * pair, 2 * pair + 1),
                _ => (pair, pair + HEAD / 2),
            };
            let (a, b) = (head[left], head[right]);
            head[left] = a * cos - b * sin;
            head[right] = a * sin + b * cos;
        }
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

fn add(left: &mut [f64], right: &[f64]) {
    left.iter_mut().zip(right).for_each(|(a, b)| *a += b);
}
