//! Why a socket ends: the codes of close frames, and what they say.

use axum::extract::ws::close_code;

/// Close codes beyond those of RFC 6455; described in `docs/protocol.md`.
pub(super) mod close_codes {
    /// Too many frames in a row that could not be used.
    pub const TOO_MANY_FAULTS: u16 = 4400;
    /// The token was refused or has expired.
    pub const TOKEN: u16 = 4401;
    /// There is no such conversation for this customer.
    pub const UNKNOWN_CONVERSATION: u16 = 4404;
    /// No hello came, or no sign of life.
    pub const TIMEOUT: u16 = 4408;
    /// Too many new conversations.
    pub const RATE: u16 = 4429;
    /// The client reads too slowly.
    pub const SLOW_READER: u16 = 4410;
}

/// Why a socket ends.
pub(super) struct Close {
    pub code: u16,
    pub reason: &'static str,
}

impl Close {
    pub const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason }
    }
}

/// What a step of a socket gives, or why it ends there.
pub(super) type Ends<T> = std::result::Result<T, Close>;

pub(super) const GONE: Close = Close::new(close_code::NORMAL, "");
pub(super) const INTERNAL: Close = Close::new(close_code::ERROR, "a fault of the server");
pub(super) const GOING_AWAY: Close = Close::new(close_code::AWAY, "the server is stopping");

/// What a fault of the wire is called in a close frame.
pub(super) fn close_for(error: &axum::Error) -> Close {
    let text = error.to_string();
    if text.contains("too long") || text.contains("too large") {
        return Close::new(close_code::SIZE, "the frame is too large");
    }
    if text.contains("UTF-8") || text.contains("utf-8") {
        return Close::new(close_code::INVALID, "the text is not UTF-8");
    }
    Close::new(close_code::PROTOCOL, "not a well-formed frame")
}
