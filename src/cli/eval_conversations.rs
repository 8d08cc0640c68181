//! `steward eval conversations`: canned conversations run on the real agent.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use steward::config::Config;
use steward::eval::conversations::{self, CaseResult, ConversationFile};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::progress::TerminalNarrator;

#[derive(Args)]
pub struct ConversationsArguments {
    /// Files of conversations (.yaml, .yml) or directories of them.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Only conversations whose name holds this text.
    #[arg(long)]
    filter: Option<String>,
    /// Print the results as JSON.
    #[arg(long)]
    json: bool,
    /// Also write the results as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

pub fn run(arguments: &ConversationsArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    for path in &arguments.paths {
        files.extend(files_in(path)?);
    }
    let files = files
        .iter()
        .map(|path| Ok((path.display().to_string(), Arc::new(conversations::read(path)?))))
        .collect::<steward::Result<Vec<_>>>();
    let files = match files {
        Ok(files) if files.is_empty() => anyhow::bail!("there is no .yaml file in the paths given"),
        Ok(files) => files,
        Err(problem) => {
            eprintln!("error: {problem}");
            return Ok(ExitCode::from(2));
        }
    };
    let agent = steward::setup::agent_with_demo(config, &mut TerminalNarrator)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the async runtime")?;
    let at_once = std::thread::available_parallelism()
        .map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let mut results: Vec<CaseResult> = runtime.block_on(async {
        let permits = Arc::new(Semaphore::new(at_once));
        let mut running = JoinSet::new();
        for (name, file) in files {
            for place in 0..file.cases().len() {
                let (name, file, agent, permits) =
                    (name.clone(), file.clone(), agent.clone(), permits.clone());
                let skipped = arguments
                    .filter
                    .as_ref()
                    .is_some_and(|filter| !file.cases()[place].test_case.contains(filter.as_str()));
                if !skipped {
                    running.spawn(async move {
                        let _permit = permits.acquire().await;
                        file.run(&file.cases()[place], &name, &agent).await
                    });
                }
            }
        }
        let mut results = Vec::new();
        while let Some(finished) = running.join_next().await {
            results.push(finished.context("a conversation's task stopped")??);
        }
        anyhow::Ok(results)
    })?;
    results.sort_by(|left, right| (&left.file, &left.case).cmp(&(&right.file, &right.case)));
    if let Some(path) = &arguments.junit {
        std::fs::write(path, conversations::junit(&results))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let failed = results.iter().filter(|result| !result.failures.is_empty()).count();
    if arguments.json {
        let report = serde_json::json!({"conversations": results.len(), "failed": failed, "results": results});
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print_table(&results, failed);
    }
    let passed = failed == 0 && !results.is_empty();
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_table(results: &[CaseResult], failed: usize) {
    let mut files: Vec<&String> = results.iter().map(|result| &result.file).collect();
    files.dedup();
    for file in files {
        let of_file = || results.iter().filter(|result| result.file == *file);
        let passed = of_file().filter(|result| result.failures.is_empty()).count();
        println!("{file:<44} {passed:>3} of {:>3}", of_file().count());
        for result in of_file().filter(|result| !result.failures.is_empty()) {
            println!("  FAILED {}", result.case);
            for failure in &result.failures {
                println!("    {failure}");
            }
        }
    }
    println!("{:<44} {:>3} of {:>3}", "all", results.len() - failed, results.len());
}

/// The conversations of files and directories.
pub fn conversations_in(paths: &[PathBuf]) -> anyhow::Result<Vec<ConversationFile>> {
    let mut found = Vec::new();
    for path in paths {
        for file in files_in(path)? {
            found.push(conversations::read(&file)?);
        }
    }
    Ok(found)
}

fn files_in(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files: Vec<PathBuf> = std::fs::read_dir(path)
        .with_context(|| format!("cannot read {}", path.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
        })
        .collect();
    files.sort();
    Ok(files)
}
