//! `steward import knowledge|accounts PATH…`: the company's articles and records, kept and indexed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use steward::config::Config;
use steward::retrieve::Index;
use steward::retrieve::ingest::{
    Format, ImportOptions, ImportReport, Rest, import_accounts, import_knowledge,
};

use super::progress::{TerminalNarrator, TerminalProgress};

#[derive(Args)]
pub struct ImportArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Articles: Markdown, HTML, or JSON lines {"id","title","text","url"?,"language"?,"audience"?}.
    Knowledge(Paths),
    /// Records: JSON lines {"kind","id","customer_id"?,"fields"} or CSV with the same columns.
    Accounts(AccountPaths),
}

#[derive(Args)]
struct Paths {
    /// Files and directories.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Import nothing if any line is bad.
    #[arg(long)]
    strict: bool,
    /// Make this all there is: remove the articles (or records) that are not in it. Imports nothing if any line is bad.
    #[arg(long)]
    replace: bool,
    /// With --replace: also if more than half of what is there goes.
    #[arg(long, requires = "replace")]
    yes: bool,
}

impl Paths {
    fn options(&self, format: Format) -> ImportOptions {
        let rest = match (self.replace, self.yes) {
            (false, _) => Rest::Kept,
            (true, false) => Rest::Removed,
            (true, true) => Rest::RemovedAll,
        };
        ImportOptions { format, strict: self.strict, rest, ..Default::default() }
    }
}

#[derive(Args)]
struct AccountPaths {
    #[command(flatten)]
    paths: Paths,
    /// The shape of the files, when it is another store's.
    #[arg(long)]
    format: Option<OtherFormat>,
}

#[derive(Clone, Copy, ValueEnum)]
enum OtherFormat {
    /// users.json, orders.json and products.json of tau-bench's retail store.
    TauRetail,
}

pub fn run(arguments: &ImportArguments, config: &Config) -> anyhow::Result<ExitCode> {
    steward::demo_data::end(&config.place.data_dir)?;
    let index = steward::setup::index_for(config, &mut TerminalNarrator)?;
    let encoder = steward::setup::encoder(config)?;
    let report = match &arguments.what {
        What::Knowledge(paths) => {
            let options = paths.options(Format::ByExtension);
            let mut progress = TerminalProgress::new("articles");
            import_knowledge(&index, &encoder, &paths.paths, &options, &mut progress)?
        }
        What::Accounts(AccountPaths { paths, format }) => {
            let format =
                format.map_or(Format::ByExtension, |OtherFormat::TauRetail| Format::TauRetail);
            let options = paths.options(format);
            let mut progress = TerminalProgress::new("records");
            import_accounts(&index, &encoder, &paths.paths, &options, &mut progress)?
        }
    };
    print_report(&report, &index)
}

fn print_report(report: &ImportReport, index: &Index) -> anyhow::Result<ExitCode> {
    for notice in &report.notices {
        eprintln!("note: {notice}");
    }
    for problem in &report.problems {
        eprintln!("error: {problem}");
    }
    let bad = report.problems.len();
    if report.refused {
        eprintln!(
            "nothing was imported: {bad} could not be read, and --strict and --replace ask for all"
        );
        return Ok(ExitCode::FAILURE);
    }
    if let Some((gone, of)) = report.too_many_to_remove {
        eprintln!(
            "nothing was imported: {gone} of the {of} that are there would be removed; say --yes as \
             well to do it"
        );
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "{} imported, {} unchanged, {bad} could not be read",
        report.imported, report.unchanged
    );
    if report.removed > 0 {
        println!("{} removed that were not among them", report.removed);
    }
    let statistics = index.statistics()?;
    println!(
        "the index holds {} articles in {} passages, {} public and {} account records",
        statistics.documents,
        statistics.passages,
        statistics.public_records,
        statistics.account_records
    );
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
