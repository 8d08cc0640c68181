//! The error type that crosses module boundaries.
//!
//! Errors are sorted by whose fault they are, so that one table maps them to HTTP statuses, socket
//! codes and exit codes. The message speaks to the person who can mend it: what was expected, what
//! was found, where, and what to do.

use std::fmt;
use std::time::Duration;

/// Whose fault an error is, and so what an outer layer does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller sent something that cannot be used. Mending the input mends it.
    Input,
    /// The thing asked for does not exist, or is not this caller's to see.
    NotFound,
    /// The caller's identity is missing, expired or not sufficient.
    Denied,
    /// Too much is asked at once; the same request may succeed later.
    Busy,
    /// The work was cancelled because nobody waits for it any more.
    Cancelled,
    /// A setting or a file of the installation is wrong; the operator can mend it.
    Setup,
    /// A fault of Steward itself or of the machine.
    Internal,
}

/// An error with its kind and a message for the person who can mend it.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    retry_after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The library's result type.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, source: None }
    }

    /// The caller's input is at fault.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// The installation is at fault: a setting, a model file, a directory.
    pub fn setup(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Setup, message)
    }

    /// Steward or the machine is at fault.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// Too much is asked at once; `retry_after` is how long what is there already takes.
    pub fn busy(message: impl Into<String>, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(ErrorKind::Busy, message) }
    }

    /// Keeps the error that caused this one.
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whose fault it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// After how long the same request may succeed, if that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The message alone, without the chain of causes: safe to show to the caller for
    /// [`ErrorKind::Input`], [`ErrorKind::NotFound`], [`ErrorKind::Denied`] and [`ErrorKind::Busy`].
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(source) = &self.source {
            write!(formatter, ": {source}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Adds what was being done to an error of another crate.
pub trait Context<T> {
    /// Turns the error into one of `kind` that says `message`, keeping the cause.
    fn context(self, kind: ErrorKind, message: impl FnOnce() -> String) -> Result<T>;

    /// As [`Context::context`], with [`ErrorKind::Internal`].
    fn internal(self, message: &str) -> Result<T>;
}

impl<T, E> Context<T> for std::result::Result<T, E>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn context(self, kind: ErrorKind, message: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::new(kind, message()).with_source(source))
    }

    fn internal(self, message: &str) -> Result<T> {
        self.context(ErrorKind::Internal, || message.to_string())
    }
}
