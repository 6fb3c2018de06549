//! `ssl.*`: whom we trust and which certificate we show. PEM directly, PKCS12 key stores by librdkafka, JKS
//! trust stores (whose certificates are not encrypted) by ourselves.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flitz_dataflow::options::Options;
use flitz_dataflow::{Error, Result};
use rdkafka::ClientConfig;

use super::properties::option_of;

pub fn configure(properties: &Options, config: &mut ClientConfig) -> Result<()> {
    let protocol = properties.get("security.protocol").unwrap_or("PLAINTEXT").trim();
    if !protocol.to_ascii_uppercase().ends_with("SSL") {
        return Ok(());
    }
    match properties.get("ssl.endpoint.identification.algorithm").map(str::trim) {
        None | Some("https") => config.set("ssl.endpoint.identification.algorithm", "https"),
        Some("") => config.set("ssl.endpoint.identification.algorithm", "none"),
        Some(other) => {
            let key = "ssl.endpoint.identification.algorithm";
            return Err(
                Error::invalid(format!("'{key}' must be 'https' or '', found '{other}'")).option(option_of(key))
            );
        }
    };
    trust(properties, config)?;
    identity(properties, config)
}

fn trust(properties: &Options, config: &mut ClientConfig) -> Result<()> {
    if let Some(pem) = properties.get("ssl.truststore.certificates") {
        config.set("ssl.ca.pem", pem);
        return Ok(());
    }
    let Some(location) = properties.get("ssl.truststore.location") else { return Ok(()) };
    let key = "ssl.truststore.location";
    let bytes = read(location, key)?;
    match store_type(properties, "ssl.truststore.type", &bytes)? {
        StoreType::Pem => config.set("ssl.ca.location", location),
        StoreType::Jks => config.set("ssl.ca.pem", jks_certificates(&bytes).map_err(|e| e.option(option_of(key)))?),
        StoreType::Pkcs12 => {
            return Err(Error::unsupported("PKCS12 trust stores").option(option_of(key)).hint(
                "convert it once: openssl pkcs12 -in truststore.p12 -nokeys -out ca.pem, and use 'ssl.truststore.type' = 'PEM'",
            ));
        }
    };
    Ok(())
}

fn identity(properties: &Options, config: &mut ClientConfig) -> Result<()> {
    if let Some(password) = properties.get("ssl.key.password") {
        config.set("ssl.key.password", password);
    }
    match (properties.get("ssl.keystore.key"), properties.get("ssl.keystore.certificate.chain")) {
        (Some(key), Some(chain)) => {
            config.set("ssl.key.pem", key);
            config.set("ssl.certificate.pem", chain);
            return Ok(());
        }
        (None, None) => {}
        _ => {
            let text = "'ssl.keystore.key' and 'ssl.keystore.certificate.chain' belong together";
            return Err(Error::invalid(text).option(option_of("ssl.keystore.key")));
        }
    }
    let Some(location) = properties.get("ssl.keystore.location") else { return Ok(()) };
    let key = "ssl.keystore.location";
    let bytes = read(location, key)?;
    match store_type(properties, "ssl.keystore.type", &bytes)? {
        StoreType::Pem => {
            // One file with key and chain; each of librdkafka's readers takes its own part of it.
            config.set("ssl.certificate.location", location);
            config.set("ssl.key.location", location);
        }
        StoreType::Pkcs12 => {
            config.set("ssl.keystore.location", location);
            if let Some(password) = properties.get("ssl.keystore.password") {
                config.set("ssl.keystore.password", password);
            }
        }
        StoreType::Jks => {
            return Err(Error::unsupported("JKS key stores").option(option_of(key)).hint(
                "convert it once: keytool -importkeystore -srckeystore keystore.jks -destkeystore keystore.p12 -deststoretype PKCS12",
            ));
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum StoreType {
    Pem,
    Jks,
    Pkcs12,
}

/// Java's default is JKS, and its JKS reader takes PKCS12 too: so the content decides between these two.
fn store_type(properties: &Options, key: &str, bytes: &[u8]) -> Result<StoreType> {
    let jks = bytes.starts_with(&JKS_MAGIC);
    match properties.get(key).unwrap_or("JKS").trim().to_ascii_uppercase().as_str() {
        "PEM" => Ok(StoreType::Pem),
        "JKS" | "PKCS12" if jks => Ok(StoreType::Jks),
        "JKS" | "PKCS12" if bytes.starts_with(b"-----BEGIN") => Err(Error::invalid("this is a PEM file")
            .option(option_of(key))
            .hint(format!("set 'properties.{key}' = 'PEM'"))),
        "JKS" | "PKCS12" => Ok(StoreType::Pkcs12),
        other => Err(Error::unsupported(format!("stores of type '{other}'")).option(option_of(key))),
    }
}

fn read(location: &str, key: &str) -> Result<Vec<u8>> {
    std::fs::read(Path::new(location))
        .map_err(|e| Error::invalid(format!("{location} can't be read: {e}")).option(option_of(key)))
}

const JKS_MAGIC: [u8; 4] = [0xfe, 0xed, 0xfe, 0xed];

/// The certificates of a JKS file, as PEM. Layout (big endian): magic, version, count, then per entry: tag (1 key,
/// 2 certificate), alias, date; a certificate is its type's name, a length and DER; strings have two length bytes.
fn jks_certificates(bytes: &[u8]) -> Result<String> {
    let mut at = Reader { bytes, at: 4 };
    let mut pem = String::new();
    let (version, count) = (at.u32()?, at.u32()?);
    for _ in 0..count {
        let tag = at.u32()?;
        at.string()?;
        at.take(8)?;
        let certificates = match tag {
            1 => {
                let key = at.u32()? as usize;
                at.take(key)?;
                at.u32()?
            }
            2 => 1,
            other => return Err(Error::invalid(format!("the JKS file has an entry of unknown kind {other}"))),
        };
        for _ in 0..certificates {
            if version == 2 {
                at.string()?;
            }
            let length = at.u32()? as usize;
            let der = at.take(length)?;
            // The chain of a private key is no statement of trust.
            if tag == 2 {
                pem.push_str("-----BEGIN CERTIFICATE-----\n");
                let text = BASE64_STANDARD.encode(der);
                for line in text.as_bytes().chunks(64) {
                    pem.extend(line.iter().map(|b| char::from(*b)));
                    pem.push('\n');
                }
                pem.push_str("-----END CERTIFICATE-----\n");
            }
        }
    }
    match pem.is_empty() {
        true => Err(Error::invalid("the trust store holds no certificate")),
        false => Ok(pem),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(n).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or_else(|| Error::invalid("the JKS file is cut off"))?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32> {
        let b = self.take(4)?;
        Ok(u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }

    fn string(&mut self) -> Result<()> {
        let b = self.take(2)?;
        self.take(usize::from(u16::from_be_bytes([b[0], b[1]]))).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_of_a_jks_file_become_pem() {
        let mut jks = JKS_MAGIC.to_vec();
        jks.extend([0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]);
        jks.extend([0, 2, b'c', b'a']);
        jks.extend([0; 8]);
        jks.extend([0, 5]);
        jks.extend(b"X.509");
        jks.extend([0, 0, 0, 3, 1, 2, 3]);
        assert_eq!(jks_certificates(&jks).unwrap(), "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n");
        assert!(jks_certificates(&jks[..30]).is_err());
    }
}
