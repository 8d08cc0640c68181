//! Connections: accepted, served, and ended when a client takes too long.
//!
//! `axum::serve` waits for ever for the rest of a request. Here a client that sends its head or its body too slowly
//! loses the connection, so that a few machines cannot hold every one of them (slowloris). A body that keeps coming, as a file does, is
//! waited for longer.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use futures_util::{StreamExt, stream};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Bytes a second that buy a body more time.
const LEAST_PER_SECOND: u32 = 8 * 1024;

/// Serves `router` on `listener` until `stopping`; returns when the last request has been answered. Chat sockets are not
/// waited for. `patience` is how long a head may take, and a body.
pub async fn serve(
    mut listener: impl Listener<Addr = SocketAddr>,
    router: Router,
    patience: Duration,
    stopping: CancellationToken,
) {
    let open = TaskTracker::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        open.spawn(connection(stream, peer, router.clone(), patience, stopping.clone()));
    }
    drop(listener);
    open.close();
    open.wait().await;
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    router: Router,
    patience: Duration,
    stopping: CancellationToken,
) {
    let inner = TowerToHyperService::new(router);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(|body| within(patience, Body::new(body)));
        request.extensions_mut().insert(ConnectInfo(peer));
        inner.call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut served = std::pin::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stopping.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The body, or an error if it is not there whole in time: `patience`, and longer for a body that comes with
/// [`LEAST_PER_SECOND`] or more.
fn within(patience: Duration, body: Body) -> Body {
    if body.is_end_stream() {
        return body;
    }
    let first = (body.into_data_stream(), Instant::now() + patience);
    Body::from_stream(stream::try_unfold(first, |(mut pieces, deadline)| async move {
        match timeout_at(deadline, pieces.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(piece))) => {
                let earned =
                    Duration::from_secs_f64(piece.len() as f64 / f64::from(LEAST_PER_SECOND));
                Ok(Some((piece, (pieces, deadline + earned))))
            }
            Ok(Some(Err(error))) => Err(io::Error::other(error)),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly")),
        }
    }))
}
