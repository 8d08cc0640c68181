//! From tokens to text: the bytes of each token, and text that grows by whole characters.

use tokenizers::Tokenizer;

/// The bytes that each token of a byte-level vocabulary stands for.
pub struct TokenBytes {
    bytes: Vec<Box<[u8]>>,
}

impl TokenBytes {
    /// Reads the vocabulary. Special tokens stand for no text.
    pub fn of(tokenizer: &Tokenizer) -> Self {
        let byte_of = byte_level_alphabet();
        let special = tokenizer.get_added_tokens_decoder();
        let size = tokenizer.get_vocab_size(true) as u32;
        let bytes = (0..size)
            .map(|id| match (special.get(&id), tokenizer.id_to_token(id)) {
                (Some(token), _) if token.special => Box::default(),
                (Some(token), _) => token.content.as_bytes().into(),
                (None, Some(token)) => token
                    .chars()
                    .flat_map(|character| match byte_of.get(&character) {
                        Some(byte) => vec![*byte],
                        None => character.to_string().into_bytes(),
                    })
                    .collect(),
                (None, None) => Box::default(),
            })
            .collect();
        Self { bytes }
    }

    /// The bytes of `token`; none for a special token or one outside the vocabulary.
    pub fn of_token(&self, token: u32) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], |bytes| bytes)
    }
}

/// GPT-2's alphabet of 256 printable characters, one for each byte (its `bytes_to_unicode`).
fn byte_level_alphabet() -> std::collections::HashMap<char, u8> {
    let is_printable = |byte: u8| matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
    let mut next = 256;
    (0..=255_u8)
        .filter_map(|byte| {
            let code = if is_printable(byte) {
                u32::from(byte)
            } else {
                next += 1;
                next - 1
            };
            char::from_u32(code).map(|character| (character, byte))
        })
        .collect()
}

/// Text that is written token by token. The bytes of a character that is not whole yet wait.
#[derive(Debug, Clone, Default)]
pub struct WrittenText {
    text: String,
    waiting: Vec<u8>,
}

impl WrittenText {
    /// The whole characters so far.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Adds the bytes of a token.
    pub fn push(&mut self, bytes: &[u8]) {
        let (piece, waiting) = self.decoded_with(bytes);
        self.text.push_str(&piece);
        self.waiting = waiting;
    }

    /// Cuts the text to its first `length` bytes, which must end a character.
    pub fn truncate(&mut self, length: usize) {
        if self.text.is_char_boundary(length) {
            self.text.truncate(length);
            self.waiting.clear();
        }
    }

    /// The characters that `bytes` would add.
    pub fn piece(&self, bytes: &[u8]) -> String {
        self.decoded_with(bytes).0
    }

    /// Bytes that can never become a character are U+FFFD.
    fn decoded_with(&self, bytes: &[u8]) -> (String, Vec<u8>) {
        let joined = [self.waiting.as_slice(), bytes].concat();
        let mut rest = joined.as_slice();
        let mut piece = String::new();
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(valid) => {
                    piece.push_str(valid);
                    return (piece, Vec::new());
                }
                Err(error) => error,
            };
            let (valid, invalid) = rest.split_at(error.valid_up_to());
            piece.push_str(&String::from_utf8_lossy(valid));
            match error.error_len() {
                Some(length) => {
                    piece.push(char::REPLACEMENT_CHARACTER);
                    rest = &invalid[length..];
                }
                None => return (piece, invalid.to_vec()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_comes_only_when_it_is_whole() {
        let mut written = WrittenText::default();
        let bytes = "né 👍".as_bytes();
        let mut seen = Vec::new();
        for byte in bytes {
            written.push(&[*byte]);
            seen.push(written.as_str().to_string());
        }
        assert_eq!(seen, ["n", "n", "né", "né ", "né ", "né ", "né ", "né 👍"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut written = WrittenText::default();
        written.push(&[b'a', 0xC3]);
        assert_eq!(written.piece(b"b"), "\u{FFFD}b");
        assert_eq!(written.as_str(), "a");
    }

    #[test]
    fn every_byte_has_a_character_of_its_own() {
        let alphabet = byte_level_alphabet();
        assert_eq!(alphabet.len(), 256);
        assert_eq!(alphabet.get(&'Ġ'), Some(&b' '));
        assert_eq!(alphabet.get(&'Ċ'), Some(&b'\n'));
    }
}
