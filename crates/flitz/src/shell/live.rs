//! A table that changes, drawn in place: keys scroll it, `q` and Ctrl-C end the query.

use std::io::{Write, stdout};
use std::time::{Duration, Instant};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, poll, read};
use crossterm::{execute, terminal};
use flitz_dataflow::{Error, Result};
use flitz_runtime::JobHandle;

use crate::progress;
use crate::results::TableDisplay;
use crate::shutdown;

const REDRAW: Duration = Duration::from_millis(100);
/// Lines of a drawing that are no rows: rules, names, the line below.
const FRAME_LINES: usize = 5;
/// Batches taken between two looks at the keyboard.
const BATCHES_AT_ONCE: usize = 64;

/// Until the query ends or somebody ends it.
pub fn watch(handle: JobHandle, table: TableDisplay) -> Result<()> {
    let screen = Screen::open()?;
    let mut view = View { table, first: 0, lines: 0 };
    let outcome = view.follow(&handle);
    drop(screen);
    view.draw_last()?;
    match outcome? {
        Followed::ToItsEnd => handle.wait()?.end.map_or(Ok(()), |end| end.report()),
        Followed::UntilAskedTwice => Ok(()),
    }
}

/// The terminal gives every key at once and echoes none, until this is dropped.
struct Screen;

impl Screen {
    fn open() -> Result<Screen> {
        terminal::enable_raw_mode().map_err(unusable)?;
        let screen = Screen;
        execute!(stdout(), Hide).map_err(unusable)?;
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // What can't be undone can't be told either.
        let _ = execute!(stdout(), Show);
        let _ = terminal::disable_raw_mode();
    }
}

struct View {
    table: TableDisplay,
    /// The first row that is drawn.
    first: usize,
    /// How many lines are drawn now.
    lines: usize,
}

enum Followed {
    ToItsEnd,
    /// Somebody did not want to wait for the rows in flight.
    UntilAskedTwice,
}

enum Key {
    End,
    Scroll(isize),
    None,
}

impl View {
    fn follow(&mut self, handle: &JobHandle) -> Result<Followed> {
        let rows = handle.rows();
        let mut drawn: Option<Instant> = None;
        let mut changed = true;
        let mut stopping = false;
        let mut rate = progress::Rate::default();
        loop {
            for _ in 0..BATCHES_AT_ONCE {
                match rows.try_recv() {
                    Ok(batch) => {
                        self.table.apply(&batch)?;
                        changed = true;
                    }
                    Err(e) if e.is_disconnected() => return Ok(Followed::ToItsEnd),
                    Err(_) => break,
                }
            }
            let end = match self.key()? {
                Key::End => true,
                Key::Scroll(by) => {
                    self.scroll(by);
                    drawn = None;
                    false
                }
                Key::None => shutdown::take_interrupt() || (shutdown::requested() && !stopping),
            };
            if end {
                if stopping {
                    return Ok(Followed::UntilAskedTwice);
                }
                stopping = true;
                handle.stop();
            }
            let due = drawn.is_none_or(|at| at.elapsed() >= REDRAW * if changed { 1 } else { 5 });
            if due {
                let status = handle.status();
                rate.update(&status);
                let line = format!("{}  q ends", progress::line(&status, rate.per_second()));
                self.draw(&line)?;
                drawn = Some(Instant::now());
                changed = false;
            }
        }
    }

    /// Waits for a key as long as nothing else is to be done.
    fn key(&self) -> Result<Key> {
        if !poll(Duration::from_millis(10)).map_err(unusable)? {
            return Ok(Key::None);
        }
        let page = room().0.saturating_sub(FRAME_LINES).max(1) as isize;
        let Event::Key(key) = read().map_err(unusable)? else { return Ok(Key::Scroll(0)) };
        if key.kind == KeyEventKind::Release {
            return Ok(Key::None);
        }
        Ok(match key.code {
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => Key::End,
            KeyCode::Char('q') | KeyCode::Esc => Key::End,
            KeyCode::Down => Key::Scroll(1),
            KeyCode::Up => Key::Scroll(-1),
            KeyCode::PageDown | KeyCode::Char(' ') => Key::Scroll(page),
            KeyCode::PageUp => Key::Scroll(-page),
            KeyCode::Home => Key::Scroll(isize::MIN / 2),
            KeyCode::End => Key::Scroll(isize::MAX / 2),
            _ => Key::None,
        })
    }

    fn scroll(&mut self, by: isize) {
        let shown = room().0.saturating_sub(FRAME_LINES);
        let last = self.table.rows.len().saturating_sub(shown);
        self.first = self.first.saturating_add_signed(by).min(last);
    }

    fn draw(&mut self, status: &str) -> Result<()> {
        let (lines, columns) = room();
        self.scroll(0);
        let shown = lines.saturating_sub(FRAME_LINES).max(1);
        let mut text = vec![];
        self.table.draw(&mut text, self.first, shown, columns).map_err(unusable)?;
        let drawn = shown.min(self.table.rows.len() - self.first);
        let summary = format!("{}  {status}", self.table.summary(drawn));
        text.extend(summary.chars().take(columns.saturating_sub(1)).collect::<String>().bytes());
        self.replace(&String::from_utf8_lossy(&text))
    }

    /// The last state stays on the screen, above what comes next.
    fn draw_last(&mut self) -> Result<()> {
        self.draw("")?;
        writeln!(stdout()).map_err(unusable)
    }

    /// Draws over what was drawn before.
    fn replace(&mut self, text: &str) -> Result<()> {
        let mut bytes = String::from("\r");
        if self.lines > 1 {
            bytes.push_str(&format!("\x1b[{}A", self.lines - 1));
        }
        self.lines = text.lines().count();
        let lines: Vec<String> = text.lines().map(|line| format!("{line}\x1b[K")).collect();
        bytes.push_str(&lines.join("\r\n"));
        bytes.push_str("\x1b[J");
        let mut out = stdout().lock();
        out.write_all(bytes.as_bytes()).and_then(|()| out.flush()).map_err(unusable)
    }
}

/// Lines and columns of the terminal.
fn room() -> (usize, usize) {
    terminal::size().map_or((24, 80), |(columns, lines)| (lines as usize, columns as usize))
}

fn unusable(e: std::io::Error) -> Error {
    Error::unavailable(format!("cannot draw on the terminal: {e}"))
}
