//! Renders the chat template that a GGUF file carries.
//!
//! The template is a program that came with a model: it may be only so long, and take only so many steps and so much memory.

use std::collections::BTreeMap;

use minijinja::{Environment, ErrorKind as TemplateError, context};

use crate::error::Context;
use crate::{Error, ErrorKind, Result};

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptMessage {
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
    /// Its text.
    pub content: String,
}

/// Those of the models that are known here have up to ten thousand.
const LONGEST_SOURCE_BYTES: usize = 32 << 10;
/// The engine compiles `a + a + a …` by recursion: so deep can a template of that length be. Only what is used is taken.
const COMPILER_STACK_BYTES: usize = 256 << 20;
/// Steps, and 64 bytes of output each, that writing one prompt may take: four megabytes of prompt, more than any model here reads.
const FUEL: u64 = 65_536;

/// A chat template.
#[derive(Debug, Clone)]
pub struct ChatTemplate {
    environment: Environment<'static>,
}

impl ChatTemplate {
    /// From the template's source.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if it is not a template.
    pub fn new(source: &str) -> Result<Self> {
        if source.len() > LONGEST_SOURCE_BYTES {
            return Err(Error::setup(format!(
                "the model's chat template is longer than {} KiB",
                LONGEST_SOURCE_BYTES >> 10
            )));
        }
        let compile = || Self::compiled(source);
        std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(COMPILER_STACK_BYTES)
                .spawn_scoped(scope, compile)
                .internal("no thread for the model's chat template")?
                .join()
                .unwrap_or_else(|_| Err(Error::setup("the model's chat template cannot be read")))
        })
    }

    fn compiled(source: &str) -> Result<Self> {
        let mut environment = Environment::new();
        environment.add_function(
            "raise_exception",
            |message: String| -> std::result::Result<String, minijinja::Error> {
                Err(minijinja::Error::new(TemplateError::InvalidOperation, message))
            },
        );
        environment.set_fuel(Some(FUEL));
        environment.add_template_owned("chat", source.to_string()).map_err(|problem| {
            Error::setup(format!("the model's chat template cannot be read: {problem}"))
        })?;
        Ok(Self { environment })
    }

    /// The prompt for `messages`, open for the assistant's answer.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] if the template refuses the messages.
    pub fn render(&self, messages: &[PromptMessage], bos: &str, eos: &str) -> Result<String> {
        self.environment
            .get_template("chat")
            .and_then(|template| {
                template.render(context! { messages => as_value(messages), add_generation_prompt => true, bos_token => bos, eos_token => eos })
            })
            .context(ErrorKind::Setup, || "the model's chat template refuses the prompt".to_string())
    }
}

fn as_value(messages: &[PromptMessage]) -> Vec<BTreeMap<&'static str, String>> {
    messages
        .iter()
        .map(|message| {
            BTreeMap::from([
                ("role", message.role.to_string()),
                ("content", message.content.clone()),
            ])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_as_deep_as_it_is_long_is_compiled_or_refused() {
        for (head, link, tail) in [
            ("{{ a", "+a", "}}"),
            ("{{ a", ".a", "}}"),
            ("{{ a", "()", "}}"),
            ("{{ a", "|a", "}}"),
            ("{{ ", "-", "a }}"),
            ("{{ ", "not ", "a }}"),
            ("{% if a %}", "{% elif a %}", "{% endif %}"),
        ] {
            let links = (LONGEST_SOURCE_BYTES - head.len() - tail.len()) / link.len();
            let _ = ChatTemplate::new(&format!("{head}{}{tail}", link.repeat(links)));
        }
        assert!(ChatTemplate::new(&" ".repeat(LONGEST_SOURCE_BYTES + 1)).is_err());
    }

    #[test]
    fn a_template_that_never_ends_or_fills_the_memory_is_stopped() {
        for source in [
            "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}",
            "{% set ns = namespace(a='a') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
            "{{ 'a' * 9999999999 }}",
            "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        ] {
            let template = ChatTemplate::new(source).unwrap();
            assert!(template.render(&[], "", "").is_err(), "{source}");
        }
    }
}
