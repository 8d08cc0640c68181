//! What happens, as it happens: server-sent events for an open desk. The stream ends with what it rests on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{AppendHeaders, IntoResponse};
use futures_util::stream;
use serde::Serialize;
use serde_json::json;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::super::AppState;
use super::super::answer::{ErrorBody, Refusal};
use super::super::credential::authenticated;
use super::super::judgements::agent_of;
use super::list::EntryBody;
use crate::chat::desk::hub::{DeskEvent, What};
use crate::chat::desk::presence::Present;
use crate::identity::Authenticated;

/// How often it is asked whether the session or the key is still good.
const STILL_HELD_EVERY: Duration = Duration::from_millis(500);
/// So that whoever is between keeps the connection, and a browser that has gone is noticed.
const PING_EVERY: Duration = Duration::from_secs(15);
/// Desks and sockets that one person may have open.
const MOST_OF_ONE: u32 = 64;

/// What an open desk is told.
struct Stream {
    state: Arc<AppState>,
    who: Authenticated,
    name: String,
    events: broadcast::Receiver<DeskEvent>,
    /// A second event that the last one gave.
    waiting: Option<Event>,
    ends: Instant,
    still_held: Interval,
    ping: Interval,
    _present: Present,
}

/// What happens in any conversation, as server-sent events; for agents. See docs/protocol.md.
#[utoipa::path(get, path = "/v1/desk/events",
    security(("token" = [])),
    responses(
        (status = 200, description = "Events until the session ends", content_type = "text/event-stream", body = String),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "Not an agent's token", body = ErrorBody),
        (status = 429, description = "Too many desks of this person are open", body = ErrorBody),
    ))]
pub async fn events(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refusal> {
    let (_, name) = agent_of(&state, &headers)?;
    let who = authenticated(&state, &headers)?;
    if state.chat.presence.count_of(&name) >= MOST_OF_ONE {
        let message = "you have too many desks open; close some";
        return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message));
    }
    let events = state.chat.hub.subscribe();
    let team = state.chat.team_members().await?;
    let every = |period| {
        let mut interval = tokio::time::interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        interval
    };
    let stream = Stream {
        ends: Instant::now() + who.expires_in,
        who,
        events,
        waiting: Some(event("team", &json!({ "members": team }))),
        still_held: every(STILL_HELD_EVERY),
        ping: every(PING_EVERY),
        _present: state.chat.presence.enter(&name),
        name,
        state,
    };
    let events = stream::unfold(stream, async move |mut stream| {
        stream.next().await.map(|event| (Ok::<_, Infallible>(event), stream))
    });
    // A proxy that gathers answers would hold events back.
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((AppendHeaders(headers), Sse::new(events)))
}

impl Stream {
    /// The next event; `None` once the stream has to end.
    async fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.waiting.take() {
            return Some(event);
        }
        loop {
            tokio::select! {
                () = self.state.stopping.cancelled() => return None,
                () = tokio::time::sleep_until(self.ends) => return None,
                _ = self.still_held.tick() => {
                    if !self.state.chat.tokens.still_holds(&self.who, false) {
                        return None;
                    }
                }
                _ = self.ping.tick() => return Some(event("ping", &json!({}))),
                told = self.events.recv() => {
                    // Nothing is told to somebody whose session has just ended.
                    if !self.state.chat.tokens.still_holds(&self.who, false) {
                        return None;
                    }
                    match told {
                        Ok(told) => if let Some(event) = self.written(told) { return Some(event) },
                        Err(RecvError::Lagged(_)) => {
                            return Some(event("changed", &json!({ "what": What::Conversations })));
                        }
                        Err(RecvError::Closed) => return None,
                    }
                }
            }
        }
    }

    /// What this person is told of it, if anything.
    fn written(&mut self, told: DeskEvent) -> Option<Event> {
        Some(match told {
            DeskEvent::Conversation(changed) => {
                let unread = changed.unread.get(&self.name.to_lowercase()).copied().unwrap_or(0);
                let body = EntryBody::of(&self.state.chat, changed.entry.clone(), unread);
                event("conversation", &body)
            }
            DeskEvent::Removed(conversation) => {
                event("removed", &json!({ "conversation": &*conversation }))
            }
            DeskEvent::Presence(present) => event("presence", &*present),
            DeskEvent::Note(note) => {
                if !note.is_for(&self.name) {
                    return None;
                }
                if note.mentions.iter().any(|name| name.eq_ignore_ascii_case(&self.name)) {
                    self.waiting = Some(event("mention", &*note));
                }
                event("note", &*note)
            }
            DeskEvent::Team(members) => event("team", &json!({ "members": &*members })),
            DeskEvent::Changed(what) => event("changed", &json!({ "what": what })),
        })
    }
}

fn event(name: &'static str, data: &impl Serialize) -> Event {
    // Everything that is sent is a plain structure, which is always JSON.
    Event::default().event(name).json_data(data).unwrap_or_default()
}
