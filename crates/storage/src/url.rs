use std::fmt;

use flitz_dataflow::{Error, Result};
use object_store::path::Path;

/// A bucket and a key (or the beginning of keys) in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectUrl {
    pub service: Service,
    pub bucket: String,
    pub key: Path,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    S3,
    Google,
}

impl ObjectUrl {
    /// None: `text` is no URL of an object store. Keys are taken as they stand, `%` too.
    pub fn parse(text: &str) -> Option<Result<ObjectUrl>> {
        let (scheme, rest) = text.split_once("://")?;
        let service = match scheme {
            "s3" | "s3a" | "s3p" => Service::S3,
            "gs" => Service::Google,
            _ => return None,
        };
        Some(ObjectUrl::of(service, text, rest))
    }

    fn of(service: Service, text: &str, rest: &str) -> Result<ObjectUrl> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(Error::invalid(format!("'{text}' names no bucket")));
        }
        // A key and secret written before the bucket are not to be repeated.
        if !bucket.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')) {
            return Err(Error::invalid("the bucket's name holds more than letters, digits, '-', '.' and '_'")
                .hint("credentials stand in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)"));
        }
        let key = Path::parse(key.trim_matches('/')).map_err(|e| Error::invalid(format!("'{text}': {e}")))?;
        Ok(ObjectUrl { service, bucket: bucket.to_owned(), key })
    }

    /// The key of what lies below, by its path from here, as it stands.
    pub fn below(&self, relative: &str) -> Result<Path, object_store::path::Error> {
        match self.key.as_ref() {
            "" => Path::parse(relative),
            key => Path::parse(format!("{key}/{relative}")),
        }
    }

    /// The URL of another key of the bucket.
    pub fn with_key(&self, key: Path) -> ObjectUrl {
        ObjectUrl { key, ..self.clone() }
    }

    /// `s3://bucket/`, whatever scheme it was written with.
    pub fn root(&self) -> String {
        let scheme = match self.service {
            Service::S3 => "s3",
            Service::Google => "gs",
        };
        format!("{scheme}://{}/", self.bucket)
    }
}

impl fmt::Display for ObjectUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.root(), self.key)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let texts = [
            "s3://b",
            "s3a://b/",
            "s3p://b/x/dt=2020%2F01/",
            "gs://b.c_d-1//x y",
            "s3:///x",
            "s3://key:secret@b/x",
            "s3://b/x//y",
        ];
        let shown = |text: &str| match ObjectUrl::parse(text) {
            Some(Ok(url)) => url.to_string(),
            Some(Err(e)) => e.to_string(),
            None => "none".to_owned(),
        };
        let shown: Vec<String> = texts.into_iter().chain(["/tmp/x", "hdfs://n/x"]).map(shown).collect();
        expect![[r#"
            s3://b/
            s3://b/
            s3://b/x/dt=2020%2F01
            gs://b.c_d-1/x y
            's3:///x' names no bucket
            the bucket's name holds more than letters, digits, '-', '.' and '_'; credentials stand in the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)
            's3://b/x//y': Path "x//y" contained empty path segment
            none
            none"#]]
        .assert_eq(&shown.join("\n"));
    }
}
