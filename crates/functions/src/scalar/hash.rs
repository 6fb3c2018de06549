//! Digests of text, as lower-case hexadecimal digits.

use std::fmt::Write;

use arrow::array::ArrayRef;
use arrow::datatypes::Int32Type;
use flitz_dataflow::Result;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::Output::{Nullable, Strict};
use super::{Function, Param, Simple};
use crate::columnar::Args;

const STR: &[Param] = &[Param::String];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("MD5", STR, Strict(Simple::Char(32)), digests::<Md5>),
    Function::new("SHA1", STR, Strict(Simple::Char(40)), digests::<Sha1>),
    Function::new("SHA224", STR, Strict(Simple::Char(56)), digests::<Sha224>),
    Function::new("SHA256", STR, Strict(Simple::Char(64)), digests::<Sha256>),
    Function::new("SHA384", STR, Strict(Simple::Char(96)), digests::<Sha384>),
    Function::new("SHA512", STR, Strict(Simple::Char(128)), digests::<Sha512>),
    Function::new("SHA2", &[Param::String, Param::Int], Nullable(Simple::Varchar(128)), sha2),
];

fn digests<D: Digest>(args: &Args) -> Result<ArrayRef> {
    let text = args.strings(0);
    args.build_strings(args.nulls(), |row, out| {
        write_digest::<D>(text.get(row), out);
        Ok(true)
    })
}

fn write_digest<D: Digest>(text: &str, out: &mut String) {
    for byte in D::digest(text.as_bytes()) {
        // Writing to a String does not fail.
        let _ = write!(out, "{byte:02x}");
    }
}

fn sha2(args: &Args) -> Result<ArrayRef> {
    let (text, bits) = (args.strings(0), args.primitives::<Int32Type>(1));
    args.build_strings(args.nulls(), |row, out| {
        let text = text.get(row);
        match bits.get(row) {
            224 => write_digest::<Sha224>(text, out),
            256 | 0 => write_digest::<Sha256>(text, out),
            384 => write_digest::<Sha384>(text, out),
            512 => write_digest::<Sha512>(text, out),
            other => {
                return Err(flitz_dataflow::Error::data(format!("SHA2 has no digest of {other} bits"))
                    .hint("use 224, 256, 384 or 512"));
            }
        }
        Ok(true)
    })
}
