//! `'format' = 'json'`: one object per record.
//!
//! [`decode`] reads, [`encode`] writes; [`scan`] finds tokens, [`convert`] is for values that are not written
//! as their column would have them.

mod convert;
mod decode;
mod encode;
mod fault;
mod scan;
mod stream;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use flitz_dataflow::options::{OptionDef, Options};
use flitz_dataflow::{ChangelogMode, Error, Result};

pub use convert::push_base64;
use decode::{DecodeOptions, JsonDecoder};
pub use encode::timestamps_of;
use encode::{EncodeOptions, JsonEncoder, MapNullKey};

use super::parse::TimestampStandard;
use super::{Decoder, DecoderSpec, Encoder, EncoderSpec, FormatCapabilities, FormatFactory, Framing};

pub struct Json;

const OPTIONS: &[OptionDef] = &[
    OptionDef { key: "fail-on-missing-field", meaning: "a field that is absent is an error, not NULL" },
    OptionDef { key: "ignore-parse-errors", meaning: "unreadable fields become NULL, unreadable records are skipped" },
    OptionDef {
        key: "timestamp-format.standard",
        meaning: "SQL (2020-01-02 03:04:05) or ISO-8601 (2020-01-02T03:04:05)",
    },
    OptionDef { key: "map-null-key.mode", meaning: "FAIL, DROP or LITERAL for the NULL key of a map" },
    OptionDef { key: "map-null-key.literal", meaning: "what LITERAL writes" },
    OptionDef { key: "encode.decimal-as-plain-number", meaning: "decimals without exponent" },
    OptionDef { key: "encode.ignore-null-fields", meaning: "NULL fields are left out" },
    OptionDef { key: "decode.json-parser.enabled", meaning: "read token by token: a refused object ends its row" },
];

impl FormatFactory for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn options(&self) -> &'static [OptionDef] {
        OPTIONS
    }

    fn describe(&self, options: &Options) -> Result<FormatCapabilities> {
        decode_options(options)?;
        encode_options(options)?;
        Ok(FormatCapabilities { changelog: ChangelogMode::INSERT_ONLY, metadata: Vec::new(), framing: Framing::Lines })
    }

    fn decoder(&self, spec: &DecoderSpec) -> Result<Box<dyn Decoder>> {
        Ok(Box::new(JsonDecoder::new(spec, decode_options(spec.options)?)?))
    }

    fn encoder(&self, spec: &EncoderSpec) -> Result<Box<dyn Encoder>> {
        Ok(Box::new(JsonEncoder::new(spec.schema, encode_options(spec.options)?)?))
    }
}

fn decode_options(options: &Options) -> Result<DecodeOptions> {
    let ignore_parse_errors = options.bool("ignore-parse-errors", false)?;
    let fail_on_missing_field = options.bool("fail-on-missing-field", false)?;
    if ignore_parse_errors && fail_on_missing_field {
        return Err(Error::invalid("'fail-on-missing-field' and 'ignore-parse-errors' contradict each other")
            .option("fail-on-missing-field")
            .hint("set only one of them to true"));
    }
    let streaming = options.bool("decode.json-parser.enabled", true)?;
    Ok(DecodeOptions { ignore_parse_errors, fail_on_missing_field, streaming, timestamps: timestamps(options)? })
}

fn encode_options(options: &Options) -> Result<EncodeOptions> {
    let literal = options.get("map-null-key.literal").unwrap_or("null").to_owned();
    let modes = [("FAIL", 0), ("DROP", 1), ("LITERAL", 2)];
    Ok(EncodeOptions {
        timestamps: timestamps(options)?,
        map_null_key: match options.choice("map-null-key.mode", &modes, 0)? {
            0 => MapNullKey::Fail,
            1 => MapNullKey::Drop,
            _ => MapNullKey::Literal(literal),
        },
        decimal_as_plain_number: options.bool("encode.decimal-as-plain-number", false)?,
        ignore_null_fields: options.bool("encode.ignore-null-fields", false)?,
    })
}

fn timestamps(options: &Options) -> Result<TimestampStandard> {
    let standards = [("SQL", TimestampStandard::Sql), ("ISO-8601", TimestampStandard::Iso8601)];
    options.choice("timestamp-format.standard", &standards, TimestampStandard::Sql)
}
