//! The kinds of files that are taken, told by their first bytes.
//!
//! Six kinds, none of which a browser runs: no HTML, no SVG, no archives. A text must be UTF-8 throughout, without control
//! characters, and must not begin as a page or a drawing would.

use std::io::{self, Read};

use serde::{Deserialize, Serialize};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A GIF picture.
    Gif,
    /// A WebP picture.
    Webp,
    /// A PDF document.
    Pdf,
    /// Plain text in UTF-8.
    Txt,
}

/// Bytes at the beginning of a file that tell what it is.
const HEAD: usize = 24;
/// Beginnings of pages, drawings and scripts, in lower case; see the WHATWG's MIME Sniffing, section 7.1.
const MARKUP: [&str; 12] = [
    "<!doctype",
    "<html",
    "<head",
    "<body",
    "<script",
    "<iframe",
    "<svg",
    "<?xml",
    "<!--",
    "<img",
    "<style",
    "#!",
];
/// So much of a text's beginning is looked at for markup.
const LOOKED_AT: usize = 1024;

impl FileKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Png, Self::Jpeg, Self::Gif, Self::Webp, Self::Pdf, Self::Txt];

    /// Its name in the settings, which is what its files' names end in.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Gif => "gif",
            Self::Webp => "webp",
            Self::Pdf => "pdf",
            Self::Txt => "txt",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Txt => "text/plain",
        }
    }

    /// What the names of such files end in.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Png => &["png"],
            Self::Jpeg => &["jpeg", "jpg"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Pdf => &["pdf"],
            Self::Txt => &["txt"],
        }
    }

    /// True for pictures, which a page may show.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of this media type; parameters such as `charset` are not looked at.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let bare = media_type.split(';').next().unwrap_or("").trim();
        Self::ALL.into_iter().find(|kind| kind.media_type().eq_ignore_ascii_case(bare))
    }

    /// What the bytes of `file` say that it is. Reads all of it if it may be a text.
    ///
    /// # Errors
    /// Those of reading.
    pub fn of_content(mut file: impl Read) -> io::Result<Option<Self>> {
        let mut head = Vec::with_capacity(HEAD);
        (&mut file).take(HEAD as u64).read_to_end(&mut head)?;
        if let Some(kind) = of_head(&head) {
            return Ok(Some(kind));
        }
        let is_text = is_text(head.chain(file))?;
        Ok(is_text.then_some(Self::Txt))
    }
}

fn of_head(head: &[u8]) -> Option<FileKind> {
    let at =
        |place: usize, bytes: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(bytes));
    if at(0, b"\x89PNG\r\n\x1a\n") && at(12, b"IHDR") {
        return Some(FileKind::Png);
    }
    if at(0, b"\xff\xd8\xff") {
        return Some(FileKind::Jpeg);
    }
    if at(0, b"GIF87a") || at(0, b"GIF89a") {
        return Some(FileKind::Gif);
    }
    if at(0, b"RIFF") && at(8, b"WEBPVP8") {
        return Some(FileKind::Webp);
    }
    at(0, b"%PDF-").then_some(FileKind::Pdf)
}

/// True if all of it is UTF-8 that can be shown, and does not begin as markup would.
fn is_text(mut file: impl Read) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let mut begun: Vec<u8> = Vec::new();
    // Bytes of a character that the next piece goes on with.
    let mut rest: Vec<u8> = Vec::new();
    let mut is_looked_at = false;
    loop {
        let count = match file.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if count == 0 {
            break;
        }
        rest.extend_from_slice(&buffer[..count]);
        if !is_looked_at {
            begun.extend_from_slice(&buffer[..count.min(LOOKED_AT)]);
            is_looked_at = begun.len() >= LOOKED_AT;
        }
        let whole = match std::str::from_utf8(&rest) {
            Ok(text) => text.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        let text = std::str::from_utf8(&rest[..whole]).unwrap_or_default();
        if text
            .chars()
            .any(|character| character.is_control() && !"\t\n\r\u{c}".contains(character))
        {
            return Ok(false);
        }
        rest.drain(..whole);
    }
    Ok(rest.is_empty() && !begun.is_empty() && !begins_as_markup(&begun))
}

fn begins_as_markup(begun: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&begun[..begun.len().min(LOOKED_AT)]).to_lowercase();
    let text = text.trim_start_matches('\u{feff}').trim_start();
    MARKUP.iter().any(|beginning| text.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(bytes: &[u8]) -> Option<FileKind> {
        FileKind::of_content(bytes).unwrap()
    }

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"), Some(FileKind::Png));
        assert_eq!(kind(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some(FileKind::Jpeg));
        assert_eq!(kind(b"GIF89a\x01\0\x01\0"), Some(FileKind::Gif));
        assert_eq!(kind(b"RIFF\x24\0\0\0WEBPVP8 "), Some(FileKind::Webp));
        assert_eq!(kind(b"%PDF-1.7\n"), Some(FileKind::Pdf));
        assert_eq!(kind("Grüße,\r\n\tJo".as_bytes()), Some(FileKind::Txt));
    }

    #[test]
    fn what_a_browser_or_a_shell_would_run_is_nothing_that_is_taken() {
        for hostile in [
            &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..],
            b"  \n\t<!DOCTYPE html><script>alert(1)</script>",
            b"\xef\xbb\xbf<html>",
            b"<?xml version='1.0'?><svg/>",
            b"#!/bin/sh\nrm -rf /",
            b"MZ\x90\0\x03",
            b"\x7fELF\x02",
            b"PK\x03\x04zip",
            b"text with a \0 in it",
            b"text with an escape \x1b[2J",
            b"\x89PNG\r\n\x1a\n but no picture",
            b"RIFF\x24\0\0\0WAVEfmt ",
            b"caf\xe9 in Latin-1",
            b"",
        ] {
            assert_eq!(kind(hostile), None, "{:?}", String::from_utf8_lossy(hostile));
        }
        let mut late = "a".repeat(20_000).into_bytes();
        assert_eq!(kind(&late), Some(FileKind::Txt));
        late.push(0xff);
        assert_eq!(kind(&late), None, "a text is one to its end");
    }

    #[test]
    fn a_character_on_the_border_of_two_pieces_is_whole() {
        let text = format!("{}ü and more", "a".repeat(8191));
        assert_eq!(kind(text.as_bytes()), Some(FileKind::Txt));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..9000)) {
            let _ = kind(&bytes);
        }

        #[test]
        fn every_plain_text_is_a_text(text in "[a-zA-Zäöü中文 .,!?\n]{1,400}") {
            prop_assert_eq!(kind(text.as_bytes()), Some(FileKind::Txt));
        }
    }
}
