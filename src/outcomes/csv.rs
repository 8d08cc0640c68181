//! Tables that a spreadsheet opens without running anything.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a line end is taken for a formula by spreadsheets, wherever it came from; an
//! apostrophe before it makes it a text (OWASP, "CSV Injection"). Quotation marks are those of RFC 4180.

/// The table as CSV: a head, and rows of as many cells. Lines end with CRLF.
pub fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = line(head.iter().map(|cell| (*cell).to_string()));
    for row in rows {
        text += &line(row);
    }
    text
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|text| cell(&text)).collect();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    // A number is one, also below zero.
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite) && !text.starts_with('+');
    let safe = if is_formula && !is_number { format!("'{text}") } else { text.to_string() };
    if safe.contains([',', '"', '\r', '\n', ';', '\'']) || safe.starts_with(' ') {
        return format!("\"{}\"", safe.replace('"', "\"\""));
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_that_a_spreadsheet_would_run_comes_out() {
        for (text, expected) in [
            ("plain", "plain"),
            ("-12.5", "-12.5"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("+1+cmd|' /C calc'!A0", "\"'+1+cmd|' /C calc'!A0\""),
            ("  =1+1", "\"'  =1+1\""),
            ("\t=1", "\"'\t=1\""),
            ("＝1", "\"'＝1\""),
        ] {
            assert_eq!(cell(text), expected);
        }
        assert_eq!(table(&["a", "b"], [vec!["1".into(), "x\ny".into()]]), "a,b\r\n1,\"x\ny\"\r\n");
    }

    proptest! {
        #[test]
        fn what_is_read_back_is_what_was_written_and_begins_no_formula(text in ".{0,30}") {
            let written = table(&["a"], [vec![text.clone()]]);
            let mut reader = ::csv::ReaderBuilder::new().from_reader(written.as_bytes());
            if let Some(row) = reader.records().next() {
                let row = row.unwrap();
                let read = row.get(0).unwrap();
                let marked = format!("'{text}");
                prop_assert!(read == text || read == marked);
                let begins = read.trim_start().starts_with(['=', '+', '@']) || read.starts_with(['\t', '\r']);
                prop_assert!(!begins, "{read}");
            } else {
                prop_assert!(text.is_empty());
            }
        }
    }
}
