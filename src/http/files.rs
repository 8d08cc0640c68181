//! Files in: read piece by piece up to the limit, told by their bytes. Files out: to those who may see the conversation, in a form that
//! no browser runs.

use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::answer::{ErrorBody, Path, Refusal};
use super::judgements::bad_request;
use super::routes::{holder_of, visible};
use crate::chat::frames::MAX_MESSAGE_ID_BYTES;
use crate::error::Context;
use crate::files::{FileKind, name};
use crate::identity::Holder;
use crate::store::FileInfo;
use crate::store::files::{FileAdded, FileRoom, NewFile, agent_key};
use crate::widget::WidgetSettings;

const LONGEST_GIVEN_NAME: usize = 1000;
/// What is read of a file at a time on its way out.
const PIECE: usize = 64 * 1024;
/// A client that sends too much hears so if it stops after so many times the limit.
const READ_IN_VAIN: u64 = 4;
/// Nothing in a file may run, load or reach anything, wherever a browser shows it.
const SANDBOX: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// What somebody says who does not know the type.
const ANY_TYPE: [&str; 2] = ["application/octet-stream", "binary/octet-stream"];

/// A file, as it is told of.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileBody {
    /// For a message's `files`, and for `GET /v1/files/{id}`.
    pub id: String,
    /// Its name, cleaned.
    pub name: String,
    /// Its media type, as its bytes say.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
}

impl From<FileInfo> for FileBody {
    fn from(FileInfo { id, name, media_type, bytes }: FileInfo) -> Self {
        Self { id, name, media_type, bytes }
    }
}

/// What comes with a file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// Chosen by the client (a UUID is best); the same id is the same file.
    id: String,
    /// What the file is called.
    #[serde(default)]
    name: String,
}

/// Keeps a file for a message to take along; by the customer, or an agent. One that no message takes within a day is removed.
#[utoipa::path(post, path = "/v1/conversations/{id}/files",
    params(("id" = String, Path, description = "The conversation"), UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The bytes; their type in Content-Type"),
    security(("token" = [])),
    responses(
        (status = 200, body = FileBody),
        (status = 400, description = "No client's id, or the body ended early", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 403, description = "No files are taken", body = ErrorBody),
        (status = 404, description = "No such conversation, or somebody else's", body = ErrorBody),
        (status = 409, description = "The conversation is over, or full (`file_quota`)", body = ErrorBody),
        (status = 413, description = "Too large (`file_too_large`)", body = ErrorBody),
        (status = 415, description = "Not a kind that is taken, or not what it says (`file_type`)", body = ErrorBody),
        (status = 429, description = "Too many in a short time", body = ErrorBody),
        (status = 507, description = "There is no more room for files", body = ErrorBody),
    ))]
pub async fn upload(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    query: Result<Query<UploadQuery>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<FileBody>, Refusal> {
    let holder = holder_of(&state, &headers)?;
    visible(&state, &holder, &id).await?;
    let Query(query) = query.map_err(|problem| bad_request(problem.body_text()))?;
    if query.id.is_empty() || query.id.len() > MAX_MESSAGE_ID_BYTES {
        return Err(bad_request(format!("`id` must have 1 to {MAX_MESSAGE_ID_BYTES} bytes")));
    }
    if query.name.len() > LONGEST_GIVEN_NAME {
        return Err(bad_request(format!("`name` is longer than {LONGEST_GIVEN_NAME} bytes")));
    }
    let config = state.chat.config.now();
    let settings = &config.widget;
    if !settings.files {
        let message = "files are not taken here; the setting is widget.files";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "denied", message));
    }
    let uploader = match &holder {
        Holder::Owner(owner) => owner.key(),
        Holder::Agent(person) => agent_key(&person.name),
    };
    state.uploads.take(&uploader, Instant::now()).map_err(Refusal::rate_limited)?;
    let declared = declared_kind(&headers, settings)?;
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > settings.max_file_bytes.saturating_mul(READ_IN_VAIN)) {
        return Err(too_large(settings));
    }
    let store = &state.chat.store;
    let making = store.clone();
    let incoming = tokio::task::spawn_blocking(move || making.incoming_file()).await;
    let incoming = incoming.internal("a file was not made")??;
    let bytes = read_into(&incoming, body, settings).await?;
    let (incoming, kind) = told_by_content(incoming).await?;
    let kind = kind.filter(|kind| settings.takes(*kind)).ok_or_else(|| not_taken(settings))?;
    if let Some(declared) = declared.filter(|declared| *declared != kind) {
        let message = format!(
            "the file says that it is {}, but its bytes are those of {}",
            declared.media_type(),
            kind.media_type()
        );
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "file_type", message));
    }
    let masker = state.chat.masker();
    let file = NewFile {
        conversation: id,
        client_id: query.id,
        uploader,
        name: masker.clean(&name::clean(&query.name, kind)),
        media_type: kind.media_type(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
    };
    let most = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let room = FileRoom {
        of_conversation: most(settings.conversation_file_bytes),
        of_all: most(settings.all_file_bytes),
    };
    match store.add_file(file, incoming, room).await? {
        FileAdded::Stored(info) => {
            metrics::counter!("steward_files_total").increment(1);
            metrics::counter!("steward_file_bytes_total").increment(bytes);
            Ok(Json(info.into()))
        }
        FileAdded::Closed => {
            let message = "this conversation is over; please begin a new one";
            Err(Refusal::new(StatusCode::CONFLICT, "conflict", message))
        }
        FileAdded::ConversationFull(held) => {
            let message = format!(
                "this conversation holds {held} bytes of files; with this one there would be more than the {} that fit",
                settings.conversation_file_bytes
            );
            Err(Refusal::new(StatusCode::CONFLICT, "file_quota", message))
        }
        FileAdded::AllFull => {
            tracing::warn!(
                "there is no more room for files; widget.all_file_bytes says how much there is"
            );
            let message = "there is no more room for files; please describe in words what it shows";
            Err(Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "file_quota", message))
        }
    }
}

/// A file, for the customer whose conversation it is in, and for agents. Pictures may be shown, anything else is saved.
#[utoipa::path(get, path = "/v1/files/{id}",
    params(("id" = String, Path, description = "The file")),
    security(("token" = [])),
    responses(
        (status = 200, description = "The bytes", content_type = "application/octet-stream"),
        (status = 400, description = "Not the form of an id", body = ErrorBody),
        (status = 401, description = "No token, or not a good one", body = ErrorBody),
        (status = 404, description = "No such file, or in somebody else's conversation", body = ErrorBody),
    ))]
pub async fn file(
    State(state): State<Arc<AppState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let holder = holder_of(&state, &headers)?;
    let none = || Refusal::not_found("there is no such file");
    let store = &state.chat.store;
    let found =
        store.file(&id).await?.filter(|file| holder.may_see(&file.owner)).ok_or_else(none)?;
    // What a person is about to send is not the customer's yet.
    if let Holder::Owner(owner) = &holder
        && found.message_seq.is_none()
        && found.uploader != owner.key()
    {
        return Err(none());
    }
    visible(&state, &holder, &found.conversation).await.map_err(|_| none())?;
    let path = store.file_path(&found.info.id).ok_or_else(none)?;
    let body = read_from(path).await.ok_or_else(none)?;
    let kind = FileKind::of_media_type(&found.info.media_type);
    let shown = kind.is_some_and(FileKind::is_picture);
    let media_type = match kind {
        Some(FileKind::Txt) => "text/plain; charset=utf-8".to_string(),
        _ => found.info.media_type.clone(),
    };
    let head = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_LENGTH, found.info.bytes.to_string()),
        (header::CONTENT_DISPOSITION, disposition(shown, &found.info.name)),
        (header::CONTENT_SECURITY_POLICY, SANDBOX.to_string()),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin".to_string(),
        ),
    ];
    Ok((head, body).into_response())
}

/// What the client says that the file is; none if it does not say. Refused at once if such a kind is not taken.
fn declared_kind(
    headers: &HeaderMap,
    settings: &WidgetSettings,
) -> Result<Option<FileKind>, Refusal> {
    let Some(said) = headers.get(header::CONTENT_TYPE) else { return Ok(None) };
    let said = said.to_str().unwrap_or("?");
    let bare = said.split(';').next().unwrap_or("").trim();
    if ANY_TYPE.iter().any(|any| any.eq_ignore_ascii_case(bare)) {
        return Ok(None);
    }
    match FileKind::of_media_type(bare).filter(|kind| settings.takes(*kind)) {
        Some(kind) => Ok(Some(kind)),
        None => Err(not_taken(settings)),
    }
}

/// Writes the body into the file, up to the limit. Returns its size.
async fn read_into(
    incoming: &NamedTempFile,
    body: Body,
    settings: &WidgetSettings,
) -> Result<u64, Refusal> {
    let again = incoming.as_file().try_clone().internal("a file cannot be written")?;
    let mut file = tokio::fs::File::from_std(again);
    let mut pieces = body.into_data_stream();
    let most = settings.max_file_bytes;
    let mut read: u64 = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            bad_request("the file did not come whole, or came too slowly; send it again")
        })?;
        read = read.saturating_add(piece.len() as u64);
        if read > most.saturating_mul(READ_IN_VAIN) {
            break;
        }
        // Beyond the limit nothing is kept; it is read so that the client hears why.
        if read <= most {
            file.write_all(&piece).await.internal("a file cannot be written")?;
        }
    }
    if read > most {
        return Err(too_large(settings));
    }
    if read == 0 {
        return Err(bad_request("the file is empty"));
    }
    file.flush().await.internal("a file cannot be written")?;
    Ok(read)
}

async fn told_by_content(
    incoming: NamedTempFile,
) -> Result<(NamedTempFile, Option<FileKind>), Refusal> {
    let telling = move || {
        let file = std::fs::File::open(incoming.path())?;
        let kind = FileKind::of_content(std::io::BufReader::new(file))?;
        Ok::<_, std::io::Error>((incoming, kind))
    };
    let told = tokio::task::spawn_blocking(telling).await.internal("a file was not read")?;
    Ok(told.internal("a file cannot be read")?)
}

/// The bytes of the file, as they are read; none if they are not there.
async fn read_from(path: PathBuf) -> Option<Body> {
    let mut file = tokio::fs::File::open(path).await.ok()?;
    file.seek(SeekFrom::Start(0)).await.ok()?;
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut piece = vec![0; PIECE];
        let count = file.read(&mut piece).await?;
        piece.truncate(count);
        Ok::<_, std::io::Error>((count > 0).then(|| (Bytes::from(piece), file)))
    });
    Some(Body::from_stream(pieces))
}

/// `Content-Disposition` by RFC 6266: the name in ASCII, and in full.
fn disposition(shown: bool, name: &str) -> String {
    let how = if shown { "inline" } else { "attachment" };
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || " -_.()+,".contains(character);
    let ascii: String =
        name.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    let full: String = name
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

fn too_large(settings: &WidgetSettings) -> Refusal {
    let message =
        format!("the file is larger than the {} bytes that are taken", settings.max_file_bytes);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", message)
}

fn not_taken(settings: &WidgetSettings) -> Refusal {
    let names: Vec<&str> = settings.file_types.iter().map(|kind| kind.name()).collect();
    let message = format!("files of this kind are not taken; taken are {}", names.join(", "));
    Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "file_type", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        assert_eq!(
            disposition(true, "photo.png"),
            "inline; filename=\"photo.png\"; filename*=UTF-8''photo.png"
        );
        let hostile = disposition(false, "a\"; x=\"\r\nb€.pdf");
        assert_eq!(
            hostile,
            "attachment; filename=\"a__ x____b_.pdf\"; filename*=UTF-8''a%22%3B%20x%3D%22%0D%0Ab%E2%82%AC.pdf"
        );
    }
}
