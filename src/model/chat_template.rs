//! Renders the chat template that a GGUF file carries.

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
        let mut environment = Environment::new();
        environment.add_function(
            "raise_exception",
            |message: String| -> std::result::Result<String, minijinja::Error> {
                Err(minijinja::Error::new(TemplateError::InvalidOperation, message))
            },
        );
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
