//! Any text.

use flitz_sql::diagnostics::Sources;
use flitz_sql::parser::{is_complete, parse_data_type, parse_expression, parse_script, parse_statement};

pub fn check(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let mut sources = Sources::new();
    let file = sources.add("fuzz.sql", text);
    let (statements, errors) = parse_script(file, text);
    for statement in &statements {
        let printed = statement.to_string();
        match parse_statement(0, &printed) {
            Ok(again) => {
                assert_eq!(tree(&again), tree(statement), "printed as {printed}");
                assert_eq!(again.to_string(), printed);
            }
            Err(e) => panic!("{e}: printed as {printed}"),
        }
    }
    for error in &errors {
        sources.render(error);
    }
    is_complete(text);
    if let Ok(expr) = parse_expression(0, text) {
        let printed = expr.to_string();
        match parse_expression(0, &printed) {
            Ok(again) => assert_eq!(tree(&again), tree(&expr), "printed as {printed}"),
            Err(e) => panic!("{e}: printed as {printed}"),
        }
    }
    if let Ok(data_type) = parse_data_type(0, text) {
        let printed = data_type.to_string();
        match parse_data_type(0, &printed) {
            Ok(again) => assert_eq!(tree(&again), tree(&data_type), "printed as {printed}"),
            Err(e) => panic!("{e}: printed as {printed}"),
        }
    }
}

/// The tree as text, without its spans.
fn tree(ast: &impl std::fmt::Debug) -> String {
    let text = format!("{ast:?}");
    let mut bare = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span { file: ") {
        bare.push_str(&rest[..at]);
        let after = &rest[at..];
        rest = match after.find('}') {
            Some(end) => &after[end + 1..],
            None => "",
        };
    }
    bare.push_str(rest);
    bare
}
