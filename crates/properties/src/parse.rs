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

/// Statements of the compatibility page with words of one another in the place of their own.
#[test]
fn mixed_statements_hold() {
    const STATEMENTS: &str = include_str!("../../../tests/compatibility/forms.sql");
    const OWN: &str =
        "CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS f(`a b` INT NOT NULL, c ARRAY<STRING>) RETURNS ROW<x INT>
        LANGUAGE SQL AS 'CAST(ROW(`a b`) AS ROW<x INT>)';
        ALTER FUNCTION a.f() RETURNS STRING AS 'COALESCE(''it''''s'', E''x'')' LANGUAGE SQL; ";
    let words: Vec<&str> = STATEMENTS.split_inclusive([' ', '(', ',']).chain(OWN.split_inclusive([' ', '('])).collect();
    check(OWN.as_bytes());
    let (statements, errors) = parse_script(0, OWN);
    assert_eq!((statements.len(), errors), (2, vec![]));
    let mut seed = 1u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) as usize % below
    };
    for _ in 0..3000 {
        let start = random(words.len());
        let mut text: Vec<&str> = words[start..].iter().copied().take(5 + random(25)).collect();
        for _ in 0..random(4) {
            let place = random(text.len());
            text[place] = words[random(words.len())];
        }
        check(text.concat().as_bytes());
    }
}
