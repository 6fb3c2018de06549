//! The line editor: prompt, colours, when a statement is complete, keys.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use flitz_sql::lexer::{TokenKind, tokenize};
use flitz_sql::parser::is_complete;
use nu_ansi_term::{Color, Style};
use reedline::{
    ColumnarMenu, DefaultHinter, EditCommand, Emacs, Highlighter, KeyCode, KeyModifiers, MenuBuilder, PromptEditMode,
    PromptHistorySearch, PromptHistorySearchStatus, Reedline, ReedlineEvent, ReedlineMenu, StyledText,
    ValidationResult, Validator, default_emacs_keybindings,
};

use super::{completion, history};

const MENU: &str = "completion";

/// `leave` ends the reading from outside.
pub fn open(vocabulary: completion::Shared, leave: Arc<AtomicBool>) -> Reedline {
    let mut keys = default_emacs_keybindings();
    let complete = ReedlineEvent::UntilFound(vec![ReedlineEvent::Menu(MENU.to_owned()), ReedlineEvent::MenuNext]);
    keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, complete);
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, ReedlineEvent::Edit(vec![EditCommand::InsertNewline]));
    let menu = ColumnarMenu::default().with_name(MENU).with_columns(4).with_column_padding(2);
    Reedline::create()
        .with_history(history::open())
        .with_completer(Box::new(vocabulary))
        .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
        .with_quick_completions(true)
        .with_partial_completions(true)
        .with_edit_mode(Box::new(Emacs::new(keys)))
        .with_hinter(Box::new(DefaultHinter::default().with_style(Style::new().fg(Color::DarkGray))))
        .with_highlighter(Box::new(Colors))
        .with_validator(Box::new(Complete))
        .with_break_signal(leave)
        .use_bracketed_paste(true)
}

pub struct Prompt {
    pub in_statement_set: bool,
}

impl reedline::Prompt for Prompt {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed(if self.in_statement_set { "flitz (statement set)" } else { "flitz" })
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("    -> ")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failing = match search.status {
            PromptHistorySearchStatus::Passing => "",
            PromptHistorySearchStatus::Failing => "nothing ",
        };
        Cow::Owned(format!(" ({failing}found: {}) ", search.term))
    }
}

/// A statement ends with `;`. A client's own commands need none.
struct Complete;

impl Validator for Complete {
    fn validate(&self, text: &str) -> ValidationResult {
        let word = text.trim().to_lowercase();
        match is_complete(text) || ["quit", "exit", "help", "clear"].contains(&word.as_str()) {
            true => ValidationResult::Complete,
            false => ValidationResult::Incomplete,
        }
    }
}

struct Colors;

impl Highlighter for Colors {
    fn highlight(&self, text: &str, _: usize) -> StyledText {
        let tokenized = tokenize(text);
        let tokens = tokenized.tokens.iter().filter(|t| t.end > t.start).map(|t| (t.start, t.end, style(&t.kind)));
        let comments = tokenized.comments.iter().map(|(start, end)| (*start, *end, Color::DarkGray.normal()));
        let mut parts: Vec<(u32, u32, Style)> = tokens.chain(comments).collect();
        parts.sort_by_key(|(start, ..)| *start);
        let mut styled = StyledText::new();
        let mut drawn = 0;
        for (start, end, style) in parts {
            let (start, end) = ((start as usize).max(drawn), end as usize);
            if end <= start {
                continue;
            }
            styled.push((Style::new(), text[drawn..start].to_owned()));
            styled.push((style, text[start..end].to_owned()));
            drawn = end;
        }
        styled.push((Style::new(), text[drawn..].to_owned()));
        styled
    }
}

fn style(kind: &TokenKind) -> Style {
    match kind {
        TokenKind::Word(word) if completion::is_keyword(word) => Color::LightBlue.bold(),
        TokenKind::String(_) | TokenKind::Binary(_) => Color::Green.normal(),
        TokenKind::Integer(_) | TokenKind::Decimal(_) | TokenKind::Approximate(_) => Color::Cyan.normal(),
        TokenKind::HintStart | TokenKind::HintEnd => Color::Purple.normal(),
        TokenKind::Invalid(invalid) if invalid.unfinished => Color::Green.normal(),
        TokenKind::Invalid(_) => Color::LightRed.normal(),
        _ => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_change_no_text() {
        for text in ["SELECT 'a', 1.5 -- x\nFROM `ü` /* y */ WHERE a == 'open", "", "  ", "/*+ OPTIONS('a'='b') */ €"]
        {
            let styled = Colors.highlight(text, 0);
            assert_eq!(styled.buffer.iter().map(|(_, part)| part.as_str()).collect::<String>(), text);
        }
    }

    #[test]
    fn statements_wait_for_their_semicolon() {
        let complete = |text| matches!(Complete.validate(text), ValidationResult::Complete);
        assert!(complete("SELECT 1;") && complete("") && complete("quit") && complete("Exit;"));
        assert!(!complete("SELECT 1") && !complete("SELECT ';") && !complete("SELECT 1; SELECT"));
    }
}
