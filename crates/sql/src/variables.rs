//! `${VAR}` and `${VAR:-default}` in the values of options.
//!
//! Only the string literals of WITH, SET and OPTIONS hints are substituted, when they are evaluated: so a `${` in any
//! other string is left alone, and a value can't change the shape of a statement. `$${` stands for `${`.
//!
//! An option whose variables come to an empty text (`'properties.ssl.truststore.location' = '${CA:-}'`) is as good
//! as not written: so one file serves installations that need it and others that don't.

use flitz_dataflow::{Error, Result, Span};

/// Replaces all variables of `text`, which stands at `span`. A variable that is not set (`lookup` gives None) and has
/// no default is an error that names it. Values are not substituted again; a default may hold variables itself.
pub fn substitute(text: &str, span: Span, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String> {
    substitute_within(text, span, lookup, 0)
}

/// The value of an option; None: its variables came to nothing, and it is left out.
pub fn option_value(text: &str, span: Span, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<String>> {
    let value = substitute(text, span, lookup)?;
    Ok(Some(value).filter(|value| text.is_empty() || !value.is_empty()))
}

/// How deep defaults may hold further variables.
const NESTING_MAX: usize = 10;

fn substitute_within(text: &str, span: Span, lookup: &dyn Fn(&str) -> Option<String>, depth: usize) -> Result<String> {
    if depth > NESTING_MAX {
        return Err(Error::invalid(format!("variables are nested deeper than {NESTING_MAX} levels")).at(span));
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            result.push_str(&rest[..at - 1]);
            result.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        result.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let Some(end) = closing_brace(inner) else {
            let error = Error::invalid("`${` without `}`").at(span);
            return Err(error.hint("write `$${` for the two characters themselves"));
        };
        let (name, default) = match inner[..end].split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (&inner[..end], None),
        };
        if !is_variable_name(name) {
            let error = Error::invalid(format!("`{name}` is not the name of a variable")).at(span);
            return Err(error.hint("write ${NAME} or ${NAME:-default}"));
        }
        // As in the shell, `:-` stands in for an empty value too.
        match (lookup(name), default) {
            (Some(value), None) => result.push_str(&value),
            (Some(value), Some(_)) if !value.is_empty() => result.push_str(&value),
            (_, Some(default)) => result.push_str(&substitute_within(default, span, lookup, depth + 1)?),
            (None, None) => {
                let error = Error::invalid(format!("the variable {name} is not set")).at(span);
                return Err(error.hint(format!("set it in the environment, or write ${{{name}:-default}}")));
            }
        }
        rest = &inner[end + 1..];
    }
    result.push_str(rest);
    Ok(result)
}

/// Where the `}` is that closes the variable, past those of variables within its default.
fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 0;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '{' if previous == '$' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
        previous = c;
    }
    None
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let lookup = |name: &str| match name {
            "HOST" => Some("db".to_owned()),
            "EMPTY" => Some(String::new()),
            "RAW" => Some("${HOST}".to_owned()),
            _ => None,
        };
        let result = substitute(text, Span::default(), &lookup).unwrap_or_else(|e| format!("error: {e}"));
        assert_eq!(result, expected, "{text}");
    }

    #[test]
    fn values_defaults_and_errors() {
        check("plain $5 {x}", "plain $5 {x}");
        check("jdbc://${HOST}:${PORT:-5432}/x", "jdbc://db:5432/x");
        check("${EMPTY}|${EMPTY:-e}|${NONE:-}", "|e|");
        check("${NONE:-${HOST}:${PORT:-1}}", "db:1");
        check("${RAW}", "${HOST}");
        check("$${HOST}", "${HOST}");
        check("${PASS}", "error: the variable PASS is not set; set it in the environment, or write ${PASS:-default}");
        check("a ${HOST", "error: `${` without `}`; write `$${` for the two characters themselves");
        check("${a b}", "error: `a b` is not the name of a variable; write ${NAME} or ${NAME:-default}");
    }
}
