//! Digits of other scripts as 0 to 9, so that every recogniser reads them.

use std::borrow::Cow;
use std::ops::Range;

/// Text with digits folded, and where each piece of it stood.
pub struct Folded<'a> {
    /// The text that the recognisers read.
    pub text: Cow<'a, str>,
    /// Where a folded digit ends in `text`, and how many bytes longer the text was up to there.
    shifts: Vec<(usize, usize)>,
}

/// The zero of each row of ten digits: Arabic-Indic, its eastern form, Devanagari, full width.
const ZEROS: [char; 4] = ['٠', '۰', '०', '０'];

/// Folds `text`; borrows it if there is nothing to fold.
pub fn fold(text: &str) -> Folded<'_> {
    if text.chars().all(|character| value(character).is_none()) {
        return Folded { text: Cow::Borrowed(text), shifts: Vec::new() };
    }
    let mut folded = String::with_capacity(text.len());
    let mut shifts = Vec::new();
    let mut longer = 0;
    for character in text.chars() {
        match value(character) {
            Some(digit) => {
                folded.push(char::from(b'0' + digit));
                longer += character.len_utf8() - 1;
                shifts.push((folded.len(), longer));
            }
            None => folded.push(character),
        }
    }
    Folded { text: Cow::Owned(folded), shifts }
}

impl Folded<'_> {
    /// Where `range` of the folded text stands in the text as it was written.
    pub fn written(&self, range: &Range<usize>) -> Range<usize> {
        self.place(range.start)..self.place(range.end)
    }

    fn place(&self, at: usize) -> usize {
        let before = self.shifts.partition_point(|(end, _)| *end <= at);
        at + before.checked_sub(1).map_or(0, |last| self.shifts[last].1)
    }
}

fn value(character: char) -> Option<u8> {
    if character.is_ascii() {
        return None;
    }
    ZEROS.iter().find_map(|zero| {
        let distance = u32::from(character).checked_sub(u32::from(*zero))?;
        u8::try_from(distance).ok().filter(|digit| *digit < 10)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_folded_text_is_found_again_in_the_written_one() {
        let text = "号 ６２a٣é9";
        let folded = fold(text);
        assert_eq!(folded.text, "号 62a3é9");
        let digits = folded.text.find("62").unwrap();
        assert_eq!(&text[folded.written(&(digits..digits + 2))], "６２");
        let three = folded.text.find('3').unwrap();
        assert_eq!(&text[folded.written(&(three..three + 1))], "٣");
        assert_eq!(folded.written(&(0..folded.text.len())), 0..text.len());
        assert!(fold("plain 123 é").shifts.is_empty());
    }
}
