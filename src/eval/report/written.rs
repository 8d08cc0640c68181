//! The files of a report: `report.json`, `report.md`, `confusion.csv`, `reliability.svg`.

use std::fmt::Write as _;
use std::path::Path;

use super::Report;
use super::reliability::diagram;
use crate::error::Context;
use crate::{ErrorKind, Result};

/// More classes than this are listed in `confusion.csv` alone.
const MOST_SHOWN: usize = 12;

impl Report {
    /// Writes the files into `directory`.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if one cannot be written.
    pub fn write(&self, directory: &Path) -> Result<()> {
        let cannot = || format!("cannot write the report into {}", directory.display());
        std::fs::create_dir_all(directory).context(ErrorKind::Setup, cannot)?;
        let put = |name: &str, text: String| {
            std::fs::write(directory.join(name), text).context(ErrorKind::Setup, cannot)
        };
        let json = serde_json::to_string_pretty(self).internal("a report cannot be written")?;
        put("report.json", json + "\n")?;
        put("report.md", self.to_markdown())?;
        put("confusion.csv", self.confusion_csv())?;
        match &self.event {
            Some(event) => put("reliability.svg", diagram(event)),
            None => Ok(()),
        }
    }

    fn to_markdown(&self) -> String {
        let mut text = format!(
            "# {}\n\n{} messages, each judged by a head that was trained without its conversation.\n\n\
             Accuracy {:.3}, macro F1 {:.3}, unweighted average recall {:.3}, Cohen's kappa {:.3}.\n",
            self.title,
            self.messages,
            self.accuracy,
            self.macro_f1,
            self.unweighted_average_recall,
            self.kappa
        );
        if let Some(event) = &self.event {
            let _ = write!(
                text,
                "\n## {}\n\nShare {:.3}, AUC {:.3}, average precision {:.3}, expected calibration error {:.3}, \
                 Brier score {:.3}. From {:.2} on: precision {:.3}, recall {:.3}.\n\n\
                 ![Reliability](reliability.svg)\n",
                event.event,
                event.share,
                event.auc,
                event.average_precision,
                event.calibration_error,
                event.brier,
                event.threshold,
                event.precision,
                event.recall
            );
        }
        text.push_str("\n## Classes\n\n| class | messages | precision | recall | F1 |\n|---|---|---|---|---|\n");
        for class in &self.classes {
            let _ = writeln!(
                text,
                "| {} | {} | {:.3} | {:.3} | {:.3} |",
                class.class, class.messages, class.precision, class.recall, class.f1
            );
        }
        if self.classes.len() <= MOST_SHOWN {
            text.push_str("\nRight class by row, said class by column:\n\n");
            let names: Vec<&str> = self.classes.iter().map(|class| class.class.as_str()).collect();
            let _ = writeln!(text, "| | {} |", names.join(" | "));
            let _ = writeln!(text, "|---{}|", "|---".repeat(names.len()));
            for (name, row) in names.iter().zip(&self.confusion) {
                let row: Vec<String> = row.iter().map(usize::to_string).collect();
                let _ = writeln!(text, "| {name} | {} |", row.join(" | "));
            }
        }
        let figure = if self.event.is_some() { "AUC" } else { "accuracy" };
        let _ = write!(
            text,
            "\n## By how a message is written\n\n`excess` is the mean probability less the share in which \
             it was so. A slice is marked where the whole's {figure} is above its 95 % interval.\n\n\
             | messages that are | count | {figure} | 95 % interval | excess | |\n|---|---|---|---|---|---|\n"
        );
        for slice in &self.slices {
            let _ = writeln!(
                text,
                "| {} | {} | {:.3} | {:.3} to {:.3} | {:+.3} | {} |",
                slice.name,
                slice.messages,
                slice.figure,
                slice.interval[0],
                slice.interval[1],
                slice.excess,
                if slice.is_worse { "worse" } else { "" }
            );
        }
        text
    }

    fn confusion_csv(&self) -> String {
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let names: Vec<String> = self.classes.iter().map(|class| quoted(&class.class)).collect();
        let mut text = format!("right\\said,{}\n", names.join(","));
        for (name, row) in names.iter().zip(&self.confusion) {
            let row: Vec<String> = row.iter().map(usize::to_string).collect();
            let _ = writeln!(text, "{name},{}", row.join(","));
        }
        text
    }
}
