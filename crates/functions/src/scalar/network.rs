//! Addresses and URLs.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::Int64Type;
use flitz_dataflow::Result;
use url::form_urlencoded;

use super::Output::Nullable;
use super::{Function, Param, Simple};
use crate::columnar::Args;

const STR: Param = Param::String;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("INET_ATON", &[STR], Nullable(Simple::BigInt), inet_aton),
    Function::new("INET_NTOA", &[Param::BigInt], Nullable(Simple::String), inet_ntoa),
    Function::new("URL_ENCODE", &[STR], Nullable(Simple::String), url_encode),
    Function::new("URL_DECODE", &[STR], Nullable(Simple::String), url_decode),
    Function::new("PARSE_URL", &[STR, STR, STR], Nullable(Simple::String), parse_url).optional(1),
];

/// One to four numbers below 256; of fewer than four the last one is the last byte.
fn inet_aton(args: &Args) -> Result<ArrayRef> {
    let text = args.strings(0);
    Ok(Arc::new(args.build::<Int64Type>(args.nulls(), |row| Ok(address_of(text.get(row))))?))
}

fn address_of(text: &str) -> Option<i64> {
    let byte = |part: &str| match part.bytes().all(|b| b.is_ascii_digit()) {
        true => part.parse::<u8>().ok().map(i64::from),
        false => None,
    };
    let bytes = text.split('.').map(byte).collect::<Option<Vec<i64>>>()?;
    let (last, first) = bytes.split_last().filter(|(_, first)| first.len() < 4)?;
    let high = first.iter().enumerate().map(|(i, byte)| byte << (24 - 8 * i)).sum::<i64>();
    Some(high | last)
}

fn inet_ntoa(args: &Args) -> Result<ArrayRef> {
    use std::fmt::Write;
    let numbers = args.primitives::<Int64Type>(0);
    args.build_strings(args.nulls(), |row, out| match u32::try_from(numbers.get(row)) {
        Ok(address) => {
            let [a, b, c, d] = address.to_be_bytes();
            let _ = write!(out, "{a}.{b}.{c}.{d}");
            Ok(true)
        }
        Err(_) => Ok(false),
    })
}

fn url_encode(args: &Args) -> Result<ArrayRef> {
    let text = args.strings(0);
    args.build_strings(args.nulls(), |row, out| {
        form_urlencoded::byte_serialize(text.get(row).as_bytes()).for_each(|piece| out.push_str(piece));
        Ok(true)
    })
}

/// Text with a bad escape gives NULL.
fn url_decode(args: &Args) -> Result<ArrayRef> {
    let text = args.strings(0);
    args.build_strings(args.nulls(), |row, out| {
        let mut bytes = Vec::with_capacity(text.get(row).len());
        let mut rest = text.get(row).as_bytes();
        while let Some((first, tail)) = rest.split_first() {
            rest = tail;
            match first {
                b'+' => bytes.push(b' '),
                b'%' => {
                    let digit = |b: &u8| char::from(*b).to_digit(16).map(|d| d as u8);
                    let [high, low, tail @ ..] = rest else { return Ok(false) };
                    let Some((high, low)) = digit(high).zip(digit(low)) else { return Ok(false) };
                    bytes.push(high << 4 | low);
                    rest = tail;
                }
                other => bytes.push(*other),
            }
        }
        out.push_str(&String::from_utf8_lossy(&bytes));
        Ok(true)
    })
}

fn parse_url(args: &Args) -> Result<ArrayRef> {
    let (text, parts) = (args.strings(0), args.strings(1));
    let keys = (args.len() == 3).then(|| args.strings(2));
    args.build_strings(args.nulls(), |row, out| {
        let Some(url) = Url::parse(text.get(row)) else { return Ok(false) };
        let part = parts.get(row);
        let found = match &keys {
            Some(_) if part != "QUERY" => None,
            Some(keys) => url.query.and_then(|q| {
                let key = keys.get(row);
                q.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
            }),
            None => url.part(part),
        };
        Ok(found.map(|f| out.push_str(f)).is_some())
    })
}

/// The pieces of a URL as they are written, as `java.net.URL` gives them.
struct Url<'a> {
    protocol: &'a str,
    authority: &'a str,
    /// Path and query.
    file: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    reference: Option<&'a str>,
}

/// What `java.net.URL` has a handler for.
const PROTOCOLS: &[&str] = &["http", "https", "ftp", "file", "jar", "mailto"];

impl<'a> Url<'a> {
    fn parse(text: &'a str) -> Option<Url<'a>> {
        let (protocol, rest) = text.trim().split_once(':')?;
        PROTOCOLS.iter().find(|p| protocol.eq_ignore_ascii_case(p))?;
        let (rest, reference) = match rest.split_once('#') {
            Some((rest, reference)) => (rest, Some(reference)),
            None => (rest, None),
        };
        let (authority, file) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len())),
            None => ("", rest),
        };
        let (path, query) = match file.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (file, None),
        };
        Some(Url { protocol, authority, file, path, query, reference })
    }

    fn part(&self, name: &str) -> Option<&'a str> {
        let user_info = self.authority.rsplit_once('@').map(|(user, _)| user);
        match name {
            "HOST" => {
                let host = self.authority.rsplit_once('@').map_or(self.authority, |(_, host)| host);
                let end = host.rfind(':').filter(|at| !host[*at..].contains(']')).unwrap_or(host.len());
                Some(&host[..end])
            }
            "PATH" => Some(self.path),
            "QUERY" => self.query,
            "REF" => self.reference,
            "PROTOCOL" => Some(self.protocol),
            "FILE" => Some(self.file),
            "AUTHORITY" => Some(self.authority),
            "USERINFO" => user_info,
            _ => None,
        }
    }
}
