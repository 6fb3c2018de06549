//! A session with the server: TCP or TLS, the login, and the settings that the JDBC driver makes.
//!
//! TLS is rustls, which object stores bring along; the few lines between it and the client need no crate.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{future::Future, io};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres::{Client, NoTls, Socket};

use super::url::{Server, Trust};

const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// Why there is no session.
#[derive(Debug)]
pub enum ConnectError {
    Client(tokio_postgres::Error),
    /// In words.
    Other(String),
}

impl From<tokio_postgres::Error> for ConnectError {
    fn from(error: tokio_postgres::Error) -> ConnectError {
        ConnectError::Client(error)
    }
}

/// The connection is driven by a task of the current runtime.
pub async fn connect(server: &Server) -> Result<Client, ConnectError> {
    let login = async {
        if server.config.get_ssl_mode() == SslMode::Disable {
            let (client, connection) = server.config.connect(NoTls).await?;
            tokio::spawn(connection);
            return Ok::<_, ConnectError>(client);
        }
        let (client, connection) = server.config.connect(Tls { config: tls_config(server)? }).await?;
        tokio::spawn(connection);
        Ok(client)
    };
    let waited = server.login_timeout;
    let client = tokio::time::timeout(waited, login)
        .await
        .map_err(|_| ConnectError::Other(format!("no answer to the login within {} s", waited.as_secs())))??;
    client.batch_execute(&settings(server)).await?;
    Ok(client)
}

/// Asks the server to give up what the session is at: as far as it can be reached.
pub async fn cancel(server: &Server, client: &Client) {
    let token = client.cancel_token();
    let cancelled = async {
        match server.config.get_ssl_mode() {
            SslMode::Disable => drop(token.cancel_query(NoTls).await),
            _ => match tls_config(server) {
                Ok(config) => drop(token.cancel_query(Tls { config }).await),
                Err(error) => tracing::debug!(target: "flitz::jdbc", ?error, "no TLS to cancel with"),
            },
        }
    };
    // It is nobody's loss if it does not get there.
    let _ = tokio::time::timeout(CANCEL_TIMEOUT, cancelled).await;
}

/// The machine's time zone, as the JDBC driver sets it: it makes a TIMESTAMP a `timestamptz`. And plans that do not
/// depend on how many rows a flush has, where there is a choice.
fn settings(server: &Server) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut text = format!(
        "SET TimeZone = {}; SELECT set_config(name, 'force_generic_plan', false) FROM pg_settings \
         WHERE name = 'plan_cache_mode';",
        quoted(&machine_time_zone())
    );
    if let Some(path) = &server.search_path {
        text.push_str(&format!(" SELECT set_config('search_path', {}, false);", quoted(path)));
    }
    text
}

fn machine_time_zone() -> String {
    let known = |zone: &String| zone.parse::<chrono_tz::Tz>().is_ok();
    let variable = std::env::var("TZ").ok().filter(known);
    variable.or_else(|| iana_time_zone::get_timezone().ok().filter(known)).unwrap_or_else(|| "UTC".to_owned())
}

fn tls_config(server: &Server) -> Result<Arc<ClientConfig>, ConnectError> {
    let other = |e: &dyn std::fmt::Display| ConnectError::Other(format!("TLS: {e}"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut verifier = Verifier { provider: provider.clone(), trust: server.trust, anchors: vec![], strict: None };
    if server.trust != Trust::Any {
        verifier.anchors = authorities(server)?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(verifier.anchors.iter().cloned());
        let strict = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        verifier.strict = Some(strict.map_err(|e| other(&e))?);
    }
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|e| other(&e))?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(Arc::new(builder.with_no_client_auth()))
}

fn authorities(server: &Server) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".postgresql/root.crt")).filter(|f| f.exists());
    let found = match server.authorities.clone().or_else(home) {
        Some(file) => CertificateDer::pem_file_iter(&file)
            .and_then(Iterator::collect)
            .map_err(|e| ConnectError::Other(format!("sslrootcert {}: {e}", file.display())))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    match found.is_empty() {
        true => Err(ConnectError::Other("no certificate authority is known: name one with sslrootcert".to_owned())),
        false => Ok(found),
    }
}

/// Holds a certificate to what `sslmode` asks for.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Trust,
    anchors: Vec<CertificateDer<'static>>,
    /// Chain and name; None for [`Trust::Any`].
    strict: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(strict) = &self.strict else { return Ok(ServerCertVerified::assertion()) };
        // A server's own certificate may be named as its authority, which webpki alone would not have.
        if self.anchors.iter().any(|anchor| anchor == certificate) {
            if self.trust == Trust::AuthorityAndName {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match strict.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.trust == Trust::Authority => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[derive(Clone)]
struct Tls {
    config: Arc<ClientConfig>,
}

struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

struct Encrypted(tokio_rustls::client::TlsStream<Socket>);

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<Handshake, Self::Error> {
        Ok(Handshake { config: self.config.clone(), name: ServerName::try_from(host)?.to_owned() })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        let connector = tokio_rustls::TlsConnector::from(self.config);
        Box::pin(async move { connector.connect(self.name, socket).await.map(Encrypted) })
    }
}

impl TlsStream for Encrypted {
    /// Logins are not bound to the channel: `SCRAM-SHA-256` without `-PLUS`, which every server takes.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
