//! `steward eval …`: Steward's answers held against what is known to be right.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use steward::config::Config;
use steward::eval::{answers, leaks, questions};
use steward::retrieve::Record;
use steward::retrieve::ingest::{Format, records_in};

#[derive(Args)]
pub struct EvalArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Ask generated questions about an account set, whose answers are known.
    Answers(AnswersArguments),
    /// Run canned conversations.
    Conversations(super::eval_conversations::ConversationsArguments),
    /// Tell how dialogues of STAR ended, cross-validated.
    Escalation(super::eval_escalation::EvalEscalationArguments),
    /// Train intent heads on public sets and test them.
    Intents(super::eval_intents::EvalIntentsArguments),
    /// Judge labelled conversations that nothing was trained on.
    Judgements(super::eval_judgements::EvalJudgementsArguments),
    /// Mask labelled messages: what is found, missed, and taken for something that it is not.
    Privacy(super::eval_privacy::EvalPrivacyArguments),
    /// Phrase evidence with the generator, beside its own words, a template, and the generator without its adapter.
    Replies(super::eval_replies::EvalRepliesArguments),
    /// Search for the right article over labelled dialogues.
    Retrieval(super::eval_retrieval::EvalRetrievalArguments),
    /// Suggest replies to people over canned conversations.
    Suggestions(super::eval_suggestions::EvalSuggestionsArguments),
    /// Judge sentences that were labelled by hand: supported by their evidence, contradicted, or absent from it.
    Support(super::eval_support::EvalSupportArguments),
    /// Rate satisfaction on the public sets, cross-validated by dialogue.
    Satisfaction(super::eval_satisfaction::EvalSatisfactionArguments),
}

#[derive(Args)]
struct AnswersArguments {
    /// Kinds of question, such as tests/answers/retail.toml.
    questions: PathBuf,
    /// The records, as they were imported.
    #[arg(long, required = true)]
    records: Vec<PathBuf>,
    /// Questions to ask.
    #[arg(long, default_value_t = 1000)]
    count: usize,
    /// Attempts to reach another customer's data.
    #[arg(long, default_value_t = 500)]
    attempts: usize,
    /// Seed of the questions.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
    /// Print what was answered wrongly.
    #[arg(long)]
    wrong: bool,
    /// Print this many of the right answers, to read them as a customer would.
    #[arg(long, default_value_t = 0)]
    right: usize,
}

pub fn run(arguments: &EvalArguments, config: &Config) -> anyhow::Result<ExitCode> {
    match &arguments.what {
        What::Answers(arguments) => answers(arguments, config),
        What::Conversations(arguments) => super::eval_conversations::run(arguments, config),
        What::Escalation(arguments) => super::eval_escalation::run(arguments, config),
        What::Intents(arguments) => super::eval_intents::run(arguments, config),
        What::Judgements(arguments) => super::eval_judgements::run(arguments, config),
        What::Privacy(arguments) => super::eval_privacy::run(arguments),
        What::Replies(arguments) => super::eval_replies::run(arguments, config),
        What::Retrieval(arguments) => super::eval_retrieval::run(arguments, config),
        What::Suggestions(arguments) => super::eval_suggestions::run(arguments, config),
        What::Support(arguments) => super::eval_support::run(arguments, config),
        What::Satisfaction(arguments) => super::eval_satisfaction::run(arguments, config),
    }
}

/// Shares below this fail the evaluation.
const RIGHT_FROM: f64 = 0.95;

/// The kinds of question in `file`, and the records that they are about, in the format that it names.
pub fn questions_over(
    file: &Path,
    records: &[PathBuf],
) -> anyhow::Result<(questions::QuestionFile, Vec<Record>)> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read the questions {}", file.display()))?;
    let kinds = questions::QuestionFile::parse(&text)?;
    let format = match kinds.format.as_str() {
        "tau-retail" => Format::TauRetail,
        "records" => Format::ByExtension,
        other => anyhow::bail!(
            "unknown format `{other}` in {}: expected `records` or `tau-retail`",
            file.display()
        ),
    };
    Ok((kinds, records_in(records, format)?))
}

fn answers(arguments: &AnswersArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let (file, records) = questions_over(&arguments.questions, &arguments.records)?;
    let agent = steward::setup::agent(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let at_once = std::thread::available_parallelism()
        .map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    let asked = questions::generate(&file, &records, arguments.count, arguments.seed);
    let (answered, leaked) = runtime.block_on(async {
        let answered = answers::ask_all(&agent, asked, at_once).await?;
        let leaked =
            leaks::attempt_all(&agent, &records, arguments.attempts, arguments.seed, at_once)
                .await?;
        Ok::<_, steward::Error>((answered, leaked))
    })?;
    let passed = answered.questions > 0
        && answered.right as f64 >= RIGHT_FROM * answered.questions as f64
        && answered.ungrounded_literals == 0
        && leaked.leaks.is_empty();
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string_pretty(
                &serde_json::json!({"answers": answered, "leaks": leaked, "passed": passed})
            )?
        );
    } else {
        print_report(&answered, &leaked);
        let shown_right = answered.rightly.iter().take(arguments.right);
        let shown_wrong = answered.wrong.iter().filter(|_| arguments.wrong);
        shown_right.chain(shown_wrong).for_each(print_answered);
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_report(answered: &answers::AnswerReport, leaked: &leaks::LeakReport) {
    let share = |right: usize, all: usize| 100.0 * right as f64 / all.max(1) as f64;
    println!("{:<24} {:>6} {:>6} {:>7}", "", "right", "asked", "share");
    for (name, part) in answered.by_kind.iter().chain(&answered.by_reference) {
        println!(
            "{name:<24} {:>6} {:>6} {:>6.1}%",
            part.right,
            part.all,
            share(part.right, part.all)
        );
    }
    println!(
        "{:<24} {:>6} {:>6} {:>6.1}%",
        "all",
        answered.right,
        answered.questions,
        share(answered.right, answered.questions)
    );
    println!("literals without evidence: {}", answered.ungrounded_literals);
    println!(
        "another customer's data shown: {} of {} attempts",
        leaked.leaks.len(),
        leaked.attempts
    );
    for leak in &leaked.leaks {
        println!("LEAK {:?}\n  -> {:?} shows {:?}", leak.question, leak.reply, leak.shown);
    }
}

fn print_answered(answered: &answers::Answered) {
    println!(
        "\n[{} {} {}] {}{}",
        answered.kind,
        answered.reference,
        answered.customer,
        answered.before.as_ref().map_or(String::new(), |before| format!("({before}) ")),
        answered.question
    );
    println!("  expected {}", serde_json::to_string(&answered.expected).unwrap_or_default());
    println!("  reply    {}", answered.reply);
    if !answered.ungrounded.is_empty() {
        println!("  without evidence: {:?}", answered.ungrounded);
    }
}
