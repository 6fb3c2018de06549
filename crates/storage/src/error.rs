//! What users read when a store refuses: the server's own words, without the request around them.

use std::error::Error as StdError;
use std::io;

use flitz_dataflow::Error;

const CREDENTIALS: &str =
    "check the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or GOOGLE_SERVICE_ACCOUNT)";

/// "{doing} {place}: why", with what to do about it.
pub fn failed(doing: &str, place: &str, error: &object_store::Error) -> Error {
    let said = error.to_string();
    if said.contains("NoSuchBucket") {
        return Error::unavailable(format!("{doing} {place}: there is no such bucket"));
    }
    if let object_store::Error::NotFound { .. } = error {
        return Error::unavailable(format!("{doing} {place}: it is not there"));
    }
    let cause = answer(&said).unwrap_or_else(|| innermost(error));
    let unavailable = Error::unavailable(format!("{doing} {place}: {cause}"));
    let refused = ["401 ", "403 ", "redential", "ccess key", "AccessKey", "Signature"];
    let is_refused =
        matches!(error, object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. })
            || refused.iter().any(|word| said.contains(word));
    if is_refused {
        return unavailable.hint(CREDENTIALS);
    }
    match is_out_of_reach(error) {
        true => unavailable.hint("check the address (AWS_ENDPOINT or 's3.endpoint') and the network"),
        false => unavailable,
    }
}

/// `Code: message` of a server's answer in XML.
fn answer(said: &str) -> Option<String> {
    let element = |name: &str| {
        let (_, rest) = said.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(text, _)| text.to_owned())
    };
    let code = element("Code")?;
    Some(match element("Message").filter(|message| !message.is_empty()) {
        Some(message) => format!("{message} ({code})"),
        None => code,
    })
}

fn chain(error: &object_store::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |e: &&(dyn StdError + 'static)| (*e).source())
}

fn innermost(error: &object_store::Error) -> String {
    chain(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn is_out_of_reach(error: &object_store::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut};
    let kinds = [ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut];
    chain(error).any(|e| {
        e.downcast_ref::<io::Error>().is_some_and(|io| kinds.contains(&io.kind()))
            || e.to_string().contains("dns error")
            || e.to_string() == "operation timed out"
    })
}
