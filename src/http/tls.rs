//! The server's certificate and key: read from PEM files, checked, and read again while the server runs.
//!
//! In: the paths of `[server.tls]`. Out: what the next handshake uses. A file that cannot be used any more leaves
//! the certificate that was in use.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{Error as RustlsError, ServerConfig};
use tokio_util::sync::CancellationToken;

use crate::config::TlsConfig;
use crate::error::Context;
use crate::file_stamp::{FileStamp, stamp_of};
use crate::{Error, ErrorKind, Result};

pub(super) mod listener;
mod validity;

pub use validity::Validity;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// A certificate that ends this soon is worth a word.
const RENEW_BEFORE: Duration = Duration::from_secs(7 * 86_400);

/// The certificate in use.
pub struct Certificates {
    settings: TlsConfig,
    in_use: ArcSwap<InUse>,
}

struct InUse {
    config: Arc<ServerConfig>,
    /// When each file was written, as it was read.
    written: [Option<FileStamp>; 2],
}

impl Certificates {
    /// Reads the files of `settings`; none if there are none.
    ///
    /// # Errors
    /// [`ErrorKind::Setup`] naming the file that is missing, is not PEM, or does not fit the other one.
    pub fn open(settings: &TlsConfig) -> Result<Option<Self>> {
        if !settings.is_on() {
            return Ok(None);
        }
        let in_use = ArcSwap::from_pointee(read(settings)?);
        Ok(Some(Self { settings: settings.clone(), in_use }))
    }

    /// What the next handshake uses.
    fn config(&self) -> Arc<ServerConfig> {
        self.in_use.load().config.clone()
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// As [`Certificates::open`]; the certificate stays then.
    pub fn reload(&self) -> Result<()> {
        self.in_use.store(Arc::new(read(&self.settings)?));
        Ok(())
    }

    /// Reads the files again whenever they change, until `stopping`. A failure is logged, once for each change.
    pub(super) async fn follow_files(self: Arc<Self>, stopping: CancellationToken) {
        let mut seen = self.in_use.load().written;
        while tokio::time::timeout(LOOK_EVERY, stopping.cancelled()).await.is_err() {
            let certificates = self.clone();
            let looked = tokio::task::spawn_blocking(move || {
                let written = certificates.settings.written();
                let is_new = written != seen && written != certificates.in_use.load().written;
                (written, is_new.then(|| certificates.reload()))
            });
            let Ok((written, outcome)) = looked.await else { continue };
            seen = written;
            match outcome {
                Some(Ok(())) => tracing::info!("the certificate was read again"),
                Some(Err(error)) => tracing::error!(
                    error = format!("{error:#}"),
                    "the new certificate cannot be used; the old one stays"
                ),
                None => {}
            }
        }
    }
}

impl TlsConfig {
    fn written(&self) -> [Option<FileStamp>; 2] {
        [&self.certificate, &self.key].map(|path| stamp_of(path.as_ref()))
    }
}

/// What is wrong with the time in which the certificate of `settings` is good, if something is.
///
/// # Errors
/// As [`Certificates::open`].
pub fn check(settings: &TlsConfig, now: Timestamp) -> Result<(Validity, Option<String>)> {
    let chain = read_chain(settings)?;
    server_config(settings, chain.clone())?;
    let validity = Validity::of(&chain[0])
        .ok_or_else(|| unusable(&settings.certificate, "it is not a certificate"))?;
    Ok((validity, validity.fault(now, RENEW_BEFORE)))
}

fn read(settings: &TlsConfig) -> Result<InUse> {
    let written = settings.written();
    let chain = read_chain(settings)?;
    if let Some(validity) = Validity::of(&chain[0]) {
        metrics::gauge!("steward_certificate_expires_seconds")
            .set(validity.not_after.as_second() as f64);
        if let Some(fault) = validity.fault(Timestamp::now(), RENEW_BEFORE) {
            tracing::warn!(certificate = settings.certificate, "the certificate {fault}");
        }
    }
    Ok(InUse { config: Arc::new(server_config(settings, chain)?), written })
}

fn read_chain(settings: &TlsConfig) -> Result<Vec<CertificateDer<'static>>> {
    let path = &settings.certificate;
    let pem = read_file("server.tls.certificate", path)?;
    let chain: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|error| unusable(path, "it is not PEM").with_source(error))?;
    if chain.is_empty() {
        return Err(unusable(path, "there is no certificate in it; it must be PEM"));
    }
    Ok(chain)
}

fn server_config(
    settings: &TlsConfig,
    chain: Vec<CertificateDer<'static>>,
) -> Result<ServerConfig> {
    let path = &settings.key;
    let key =
        PrivateKeyDer::from_pem_slice(&read_file("server.tls.key", path)?).map_err(|error| {
            unusable(path, "there is no private key in PEM in it").with_source(error)
        })?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .internal("TLS cannot be set up")?
        .with_no_client_auth()
        .with_single_cert(chain, key);
    let mut config = config.map_err(|error| match error {
        RustlsError::InconsistentKeys(_) => {
            let other = &settings.certificate;
            unusable(path, &format!("it is not the key of the certificate in {other}"))
        }
        error => unusable(&settings.certificate, "TLS does not take it").with_source(error),
    })?;
    // Sockets are opened over HTTP/1.1 alone.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn read_file(setting: &str, path: &str) -> Result<Vec<u8>> {
    if path.is_empty() {
        return Err(Error::setup(format!("{setting} is missing; name a PEM file, or neither")));
    }
    std::fs::read(Path::new(path))
        .context(ErrorKind::Setup, || format!("cannot read {path} (setting {setting})"))
}

fn unusable(path: &str, why: &str) -> Error {
    Error::setup(format!("{path} cannot be used for TLS: {why}"))
}
