//! What a file may be called. In: the name that a client gives, and what the file is. Out: one that can be shown and saved
//! anywhere.
//!
//! A name says nothing of where a file is kept (that is a random id). It is what a person reads and what a browser saves, so:
//! no path, no control or direction characters, one ending, which is that of what the file is, and none of the names that
//! Windows keeps for devices.

use unicode_normalization::UnicodeNormalization;

use super::FileKind;

const LONGEST: usize = 80;
const UNNAMED: &str = "file";

/// `given` as it may be shown and saved.
pub fn clean(given: &str, kind: FileKind) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or("");
    let visible: String = last.nfc().filter(|character| !is_hidden(*character)).collect();
    let stem = without_ending(visible.trim(), kind);
    let plain: String = stem
        .chars()
        .map(|character| {
            if character.is_alphanumeric() || " -_()+,".contains(character) {
                character
            } else {
                '_'
            }
        })
        .collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let joined: String = words.join(" ").chars().take(LONGEST).collect();
    let stem = joined.trim_matches(['_', ' ']);
    let stem = if stem.is_empty() || is_device(stem) { UNNAMED } else { stem };
    format!("{stem}.{}", kind.name())
}

/// The name without the ending that its kind has; any other ending stays, with its dot made harmless.
fn without_ending(name: &str, kind: FileKind) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending))
            if kind.endings().iter().any(|own| ending.eq_ignore_ascii_case(own)) =>
        {
            stem
        }
        _ => name,
    }
}

/// Control characters and those that are not seen: they turn the direction of writing or make two names look alike.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_device(stem: &str) -> bool {
    let upper = stem.to_uppercase();
    let numbered = |name: &str| {
        upper
            .strip_prefix(name)
            .is_some_and(|rest| rest.len() == 1 && rest.chars().all(|digit| digit.is_ascii_digit()))
    };
    ["CON", "PRN", "AUX", "NUL"].contains(&upper.as_str()) || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_keeps_its_words_and_nothing_else() {
        for (given, kind, expected) in [
            ("photo.png", FileKind::Png, "photo.png"),
            ("Foto vom Gerät (2).JPG", FileKind::Jpeg, "Foto vom Gerät (2).jpeg"),
            ("发票.pdf", FileKind::Pdf, "发票.pdf"),
            ("../../etc/passwd", FileKind::Txt, "passwd.txt"),
            ("C:\\Users\\jo\\bill.pdf", FileKind::Pdf, "bill.pdf"),
            ("invoice.pdf.exe", FileKind::Pdf, "invoice_pdf_exe.pdf"),
            ("page.html", FileKind::Txt, "page_html.txt"),
            ("annexe\u{202e}gpj.exe", FileKind::Jpeg, "annexegpj_exe.jpeg"),
            ("a\r\nSet-Cookie: x=1.png", FileKind::Png, "aSet-Cookie_ x_1.png"),
            ("\"; filename=\"evil.exe", FileKind::Png, "filename__evil_exe.png"),
            (".htaccess", FileKind::Txt, "htaccess.txt"),
            ("CON.txt", FileKind::Txt, "file.txt"),
            ("lpt1", FileKind::Txt, "file.txt"),
            ("", FileKind::Gif, "file.gif"),
            ("...", FileKind::Gif, "file.gif"),
            ("\0\0", FileKind::Webp, "file.webp"),
        ] {
            assert_eq!(clean(given, kind), expected, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn any_name_becomes_one_that_is_safe_everywhere(given in ".*") {
            let name = clean(&given, FileKind::Pdf);
            prop_assert!(name.chars().count() <= LONGEST + 4);
            prop_assert!(name.ends_with(".pdf") && name.matches('.').count() == 1);
            prop_assert!(!name.contains(['/', '\\', '"', '<', '>', ':', '\0', '\n', '\r', '%', ';', '\'']));
            prop_assert!(!name.chars().any(is_hidden));
            prop_assert_eq!(clean(&name, FileKind::Pdf), name);
        }
    }
}
