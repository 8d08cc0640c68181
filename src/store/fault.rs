//! Why the disk does not take what it is given, in words for the operator.

use std::sync::{Arc, Mutex, PoisonError};

use crate::Error;

/// What is wrong with the disk or the file. Each may pass, and then what was refused can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    /// No room.
    Full,
    /// Not writable.
    ReadOnly,
    /// Another program holds the file.
    Locked,
    /// Not a database any more.
    Damaged,
    /// The disk failed, or a limit on file sizes was reached.
    Failing,
}

impl DiskFault {
    /// The fault at the root of `error`, if it is one of the disk.
    pub fn of(error: &Error) -> Option<Self> {
        let mut cause: Option<&(dyn std::error::Error + 'static)> =
            std::error::Error::source(error);
        while let Some(at) = cause {
            if let Some(sqlx::Error::Database(database)) = at.downcast_ref() {
                let code: i32 = database.code()?.parse().ok()?;
                // The low byte is the primary result code (sqlite.org/rescode.html).
                return match code & 0xff {
                    13 => Some(Self::Full),
                    8 | 14 => Some(Self::ReadOnly),
                    5 | 6 => Some(Self::Locked),
                    11 | 26 => Some(Self::Damaged),
                    10 => Some(Self::Failing),
                    _ => None,
                };
            }
            cause = at.source();
        }
        None
    }

    /// What is wrong and what mends it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Full => "the disk is full; make room",
            Self::ReadOnly => "the data directory cannot be written; mend its permissions or mount",
            Self::Locked => "another program holds the conversations; stop it",
            Self::Damaged => "the conversations are damaged; stop and run `steward restore`",
            Self::Failing => "the disk refuses to write; see the system's log",
        }
    }
}

/// The fault that the last write met, shared by all who ask.
#[derive(Debug, Clone, Default)]
pub(super) struct LastWrite(Arc<Mutex<Option<DiskFault>>>);

impl LastWrite {
    /// Remembers how a write ended.
    pub fn ended(&self, error: Option<&Error>) {
        let fault = error.and_then(DiskFault::of);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if fault != *last {
            match fault {
                Some(fault) => tracing::error!("nothing can be stored: {}", fault.words()),
                None => tracing::info!("messages can be stored again"),
            }
        }
        *last = fault;
    }

    pub fn fault(&self) -> Option<DiskFault> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
