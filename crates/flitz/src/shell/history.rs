//! What was typed, over all shells. A password in it is kept as a variable: `'password' = '${PASSWORD}'`, so that a
//! statement brought back says what it lacks and no file holds the secret.

use std::path::PathBuf;

use flitz_sql::lexer::{TokenKind, tokenize};
use flitz_sql::session::is_secret;
use reedline::{FileBackedHistory, History, HistoryItem, HistoryItemId, HistorySessionId, Result, SearchQuery};

const ENTRIES_MAX: usize = 10_000;

/// In `$XDG_STATE_HOME/flitz`; in memory alone where that can't be written.
pub fn open() -> Box<dyn History> {
    let file = path().and_then(|path| {
        create_private(&path).ok()?;
        FileBackedHistory::with_file(ENTRIES_MAX, path).ok()
    });
    let history = file.or_else(|| FileBackedHistory::new(ENTRIES_MAX).ok()).unwrap_or_default();
    Box::new(DiscreetHistory(history))
}

fn path() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(state.join("flitz").join(".shell-history"))
}

/// Others must not read it.
fn create_private(path: &std::path::Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// A history that learns no secrets.
struct DiscreetHistory(FileBackedHistory);

impl History for DiscreetHistory {
    fn save(&mut self, mut item: HistoryItem) -> Result<HistoryItem> {
        item.command_line = without_secrets(&item.command_line);
        self.0.save(item)
    }

    fn load(&self, id: HistoryItemId) -> Result<HistoryItem> {
        self.0.load(id)
    }

    fn count(&self, query: SearchQuery) -> Result<i64> {
        self.0.count(query)
    }

    fn search(&self, query: SearchQuery) -> Result<Vec<HistoryItem>> {
        self.0.search(query)
    }

    fn update(&mut self, id: HistoryItemId, updater: &dyn Fn(HistoryItem) -> HistoryItem) -> Result<()> {
        self.0.update(id, updater)
    }

    fn clear(&mut self) -> Result<()> {
        self.0.clear()
    }

    fn delete(&mut self, id: HistoryItemId) -> Result<()> {
        self.0.delete(id)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.0.sync()
    }

    fn session(&self) -> Option<HistorySessionId> {
        self.0.session()
    }
}

/// The text with variables in the place of secret values of `'key' = 'value'`.
fn without_secrets(text: &str) -> String {
    let tokens = tokenize(text).tokens;
    let mut result = String::new();
    let mut copied = 0;
    for pair in tokens.windows(3) {
        if let [key, equals, value] = pair
            && let (TokenKind::String(name), TokenKind::Symbol("="), TokenKind::String(secret)) =
                (&key.kind, &equals.kind, &value.kind)
            && is_secret(name, secret)
            && !secret.contains("${")
        {
            let variable: String =
                name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
            result.push_str(&text[copied..value.start as usize]);
            result.push_str(&format!("'${{{variable}}}'"));
            copied = value.end as usize;
        }
    }
    result + &text[copied..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_become_variables() {
        let typed =
            "CREATE TABLE t (a INT) WITH ('connector' = 'jdbc', 'password' = 'hunter2',\n 'url' = 'jdbc:x://u:p@h/db')";
        assert_eq!(
            without_secrets(typed),
            "CREATE TABLE t (a INT) WITH ('connector' = 'jdbc', 'password' = '${PASSWORD}',\n 'url' = '${URL}')"
        );
        let variable = "SET 's3.secret-key' = '${KEY}'; SELECT 'password' = 'x'";
        assert_eq!(without_secrets(variable), "SET 's3.secret-key' = '${KEY}'; SELECT 'password' = '${PASSWORD}'");
        assert_eq!(without_secrets("SELECT 'ü' = 'é'"), "SELECT 'ü' = 'é'");
    }

    #[test]
    fn what_was_saved_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let mut history = DiscreetHistory(FileBackedHistory::with_file(10, path.clone()).unwrap());
        history.save(HistoryItem::from_command_line("SET 'x.password' =\n'p'")).unwrap();
        history.sync().unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains("'p'"));
        let reopened = FileBackedHistory::with_file(10, path).unwrap();
        let query = SearchQuery::everything(reedline::SearchDirection::Forward, None);
        assert_eq!(reopened.search(query).unwrap()[0].command_line, "SET 'x.password' =\n'${X_PASSWORD}'");
    }
}
