//! Values of type BITMAP: sets of 32-bit integers in the portable form of Roaring bitmaps, which is also what Flink
//! writes. In columns they are these bytes.

use std::fmt::Write;

pub use roaring::RoaringBitmap;

use crate::{Error, Result};

/// First two bytes of a bitmap with run containers.
const RUNS: [u8; 2] = 12347_u16.to_le_bytes();

/// Text gets cut beyond this in Java, so we refuse to write it.
const TEXT_MAX: usize = 0x80000;

/// The set that `bytes` hold. Equal sets have equal bytes as long as none has run containers, which nothing here makes.
pub fn read_bitmap(bytes: &[u8]) -> Result<RoaringBitmap> {
    if bytes.starts_with(&RUNS) {
        return Err(Error::unsupported("a bitmap with run containers"));
    }
    let mut rest = bytes;
    match RoaringBitmap::deserialize_from(&mut rest) {
        Ok(bitmap) => Ok(bitmap),
        Err(e) => Err(Error::data(format!("these bytes are no bitmap: {e}"))),
    }
}

pub fn write_bitmap(bitmap: &RoaringBitmap, out: &mut Vec<u8>) -> Result<()> {
    bitmap.serialize_into(out).map_err(|e| Error::internal(format!("a bitmap that can't be written: {e}")))
}

/// `{1,2,3}`, as unsigned numbers.
pub fn write_bitmap_text(bytes: &[u8], out: &mut String) -> Result<()> {
    let start = out.len();
    out.push('{');
    for (i, value) in read_bitmap(bytes)?.iter().enumerate() {
        // Writing to a String does not fail.
        let _ = write!(out, "{}{value}", if i == 0 { "" } else { "," });
        if out.len() - start > TEXT_MAX {
            return Err(Error::unsupported("a bitmap of this size as text").hint("use BITMAP_TO_ARRAY"));
        }
    }
    out.push('}');
    Ok(())
}
