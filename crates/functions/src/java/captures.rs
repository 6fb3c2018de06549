//! Groups of a match, without the detours of a general engine.
//!
//! `Regex::captures` finds where the first match begins and ends, going through its bytes up to three times, and then
//! reads it once more for the groups. But most patterns that are written in SQL tell at each byte which group it is in
//! (they are "one-pass": `id=([0-9]+)` is, `(a*)(a*)` is not), and begin with a literal or at the beginning of the
//! text. For these:
//!
//! 1. Look for the literal, which is fast. A match begins nowhere else, so the first place where one begins is it.
//! 2. Run the [`Automaton`] from there: it gives the group that is wanted, or says that no match begins here.
//! 3. After some places in vain the general engine goes on, so that the time stays linear.
//!
//! Patterns are parsed and compiled to an NFA by `regex-automata`, which the crate `regex` is made of. It has an
//! automaton of this kind too, but that one writes down all groups again at each byte where the match could end, and
//! takes five times as long for `id=([^&]*)`.

use std::collections::HashMap;
use std::ops::Range;

use regex::Regex;
use regex_automata::nfa::thompson::{self, NFA, State};
use regex_automata::util::look::{LookMatcher, LookSet};
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;
use regex_automata::{MatchKind, Span};

const NFA_BYTES_MAX: usize = 1 << 20;

/// Entries of the automaton's table: a megabyte.
const TABLE_MAX: usize = 1 << 18;

const PLACES_MAX: usize = 8;

pub(crate) struct Captures {
    automaton: Automaton,
    /// None: at the beginning of the text.
    literal: Option<Prefilter>,
}

impl Captures {
    /// Of a pattern in the syntax of the crate `regex`; None if it is not of those.
    pub fn new(pattern: &str) -> Option<Captures> {
        let limits = thompson::Config::new().nfa_size_limit(Some(NFA_BYTES_MAX));
        let nfa = thompson::Compiler::new().configure(limits).build(pattern).ok()?;
        let literal = match nfa.is_always_start_anchored() {
            true => None,
            false => Some(Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, &syntax::parse(pattern).ok()?)?),
        };
        Some(Captures { automaton: Automaton::of(&nfa)?, literal })
    }

    /// Group `group` of the first match of `regex`, which is of the same pattern.
    pub fn find(&self, regex: &Regex, text: &str, group: usize) -> Option<Range<usize>> {
        let Ok(wanted) = u32::try_from(group) else { return None };
        let mut at = 0;
        for _ in 0..PLACES_MAX {
            if let Some(literal) = &self.literal {
                at = literal.find(text.as_bytes(), Span { start: at, end: text.len() })?.start;
            }
            match self.automaton.group_at(text.as_bytes(), at, wanted) {
                Some(group) => return group,
                None if self.literal.is_none() => return None,
                None => at += text[at..].chars().next().map_or(1, char::len_utf8),
            }
            if at > text.len() {
                return None;
            }
        }
        regex.captures_at(text, at)?.get(group).map(|found| found.range())
    }
}

/// A deterministic automaton whose transitions also say where groups begin and end.
///
/// A state stands for a state of the NFA and what is reached from it without a byte. It is made only if each byte
/// leads on by one way at most, and so does the end of the match; else the pattern is not one-pass.
///
/// ```text
///  ab(c*)   0 ──a──▶ 1 ──b──▶ 2 ──c, group begins──▶ 3 ──c──▶ 3
///                             ⦿ match, group begins and ends  ⦿ match, group ends
/// ```
struct Automaton {
    /// By state and class of byte.
    table: Vec<Transition>,
    /// By state: whether a match may end there, and what is to be done before.
    matches: Vec<Option<Action>>,
    /// By state: the only bytes that lead on from there, and where they end.
    literals: Vec<Option<(Box<[u8]>, u32)>>,
    actions: Vec<Action>,
    classes: [u8; 256],
    /// Of the length of a state's row in the table, which is a power of 2, at least 4.
    shift: u32,
    looks: LookMatcher,
}

/// State 0 is the one that leads nowhere.
#[derive(Clone, Copy, Default, PartialEq)]
struct Transition {
    /// Where its row begins in the table; the lowest bits say if a match may end there or only a literal leads on.
    row: u32,
    /// Its number shifted by one; the lowest bit is set if a match that may end before this byte is preferred.
    action: u32,
}

/// What is done at a position, before the next byte.
#[derive(Clone, Copy, Default, PartialEq)]
struct Action {
    /// What the pattern asks for there: `^`, `$`, `\b`.
    looks: LookSet,
    /// Bit 2n: group n begins, 2n + 1: it ends.
    slots: u64,
}

impl Automaton {
    const NOWHERE: u32 = 0;
    const MATCH: u32 = 1;
    const LITERAL: u32 = 2;
    const FLAGS: u32 = Automaton::MATCH | Automaton::LITERAL;

    fn of(nfa: &NFA) -> Option<Automaton> {
        nfa.look_set_any().available().ok()?;
        let mut classes = [0; 256];
        (0..=255u8).for_each(|byte| classes[usize::from(byte)] = nfa.byte_classes().get(byte));
        let width = usize::from(classes.iter().copied().max()?) + 1;
        let mut automaton = Automaton {
            table: vec![],
            matches: vec![None],
            literals: vec![],
            actions: vec![Action::default()],
            classes,
            shift: width.next_power_of_two().trailing_zeros().max(2),
            looks: nfa.look_matcher().clone(),
        };
        let mut numbers = HashMap::new();
        let mut open = vec![];
        automaton.row(nfa.start_anchored(), &mut numbers, &mut open)?;
        while let Some((id, row)) = open.pop() {
            automaton.build(nfa, id, row, &mut numbers, &mut open)?;
        }
        automaton.literals = (0..automaton.matches.len()).map(|state| automaton.literal_from(state)).collect();
        for at in 0..automaton.table.len() {
            automaton.table[at].row = automaton.flagged(automaton.table[at].row);
        }
        for at in 0..automaton.literals.len() {
            let flagged = automaton.literals[at].as_ref().map(|(_, row)| automaton.flagged(*row));
            automaton.literals[at].iter_mut().zip(flagged).for_each(|(literal, row)| literal.1 = row);
        }
        Some(automaton)
    }

    fn flagged(&self, row: u32) -> u32 {
        let state = (row >> self.shift) as usize;
        let is_match = if self.matches[state].is_some() { Automaton::MATCH } else { 0 };
        row | is_match | if self.literals[state].is_some() { Automaton::LITERAL } else { 0 }
    }

    /// The bytes from `state` on while there is one only and nothing is to be done, if they are some.
    fn literal_from(&self, mut state: usize) -> Option<(Box<[u8]>, u32)> {
        const LENGTH_MIN: usize = 4;
        const LENGTH_MAX: usize = 256;
        let mut bytes = vec![];
        while bytes.len() < LENGTH_MAX && self.matches[state].is_none() {
            let row = &self.table[state << self.shift..][..1 << self.shift];
            let mut leading = (0..=255u8).filter(|byte| row[usize::from(self.classes[usize::from(*byte)])].row != 0);
            let (Some(byte), None) = (leading.next(), leading.next()) else { break };
            let transition = row[usize::from(self.classes[usize::from(byte)])];
            if transition.action != 0 {
                break;
            }
            bytes.push(byte);
            state = (transition.row >> self.shift) as usize;
        }
        (bytes.len() >= LENGTH_MIN).then(|| (bytes.into(), (state as u32) << self.shift))
    }

    /// Where the row of an NFA state is; new ones get room in the table.
    fn row(&mut self, id: StateID, rows: &mut HashMap<StateID, u32>, open: &mut Vec<(StateID, u32)>) -> Option<u32> {
        if let Some(row) = rows.get(&id) {
            return Some(*row);
        }
        let row = u32::try_from(self.matches.len()).ok()? << self.shift;
        self.matches.push(None);
        self.table.resize(self.matches.len() << self.shift, Transition::default());
        rows.insert(id, row);
        open.push((id, row));
        (self.table.len() <= TABLE_MAX).then_some(row)
    }

    /// Fills the row of one state, whichever way is preferred first; None if there are two ways.
    fn build(
        &mut self,
        nfa: &NFA,
        id: StateID,
        row: u32,
        rows: &mut HashMap<StateID, u32>,
        open: &mut Vec<(StateID, u32)>,
    ) -> Option<()> {
        let mut seen = vec![];
        let mut ways = vec![(id, Action::default())];
        while let Some((id, action)) = ways.pop() {
            if seen.contains(&id) {
                return None;
            }
            seen.push(id);
            let mut lead = |first: u8, last: u8, next: StateID| {
                let to = self.row(next, rows, open)?;
                self.lead(row, first, last, to, action)
            };
            match nfa.state(id) {
                State::ByteRange { trans } => lead(trans.start, trans.end, trans.next)?,
                State::Sparse(sparse) => {
                    for trans in &sparse.transitions {
                        lead(trans.start, trans.end, trans.next)?;
                    }
                }
                State::Dense(dense) => {
                    for byte in 0..=255 {
                        if let Some(next) = dense.matches_byte(byte) {
                            lead(byte, byte, next)?;
                        }
                    }
                }
                State::Look { look, next } => {
                    ways.push((*next, Action { looks: action.looks.insert(*look), ..action }))
                }
                State::Union { alternates } => ways.extend(alternates.iter().rev().map(|id| (*id, action))),
                State::BinaryUnion { alt1, alt2 } => ways.extend([(*alt2, action), (*alt1, action)]),
                State::Capture { next, slot, .. } => {
                    let slot = 1u64.checked_shl(slot.as_u32())?;
                    ways.push((*next, Action { slots: action.slots | slot, ..action }));
                }
                State::Fail => {}
                State::Match { .. } => {
                    if self.matches[(row >> self.shift) as usize].replace(action).is_some() {
                        return None;
                    }
                }
            }
        }
        Some(())
    }

    /// Bytes `first` to `last` lead from one row to another; None if they lead elsewhere already.
    fn lead(&mut self, from: u32, first: u8, last: u8, to: u32, action: Action) -> Option<()> {
        let match_preferred = self.matches[(from >> self.shift) as usize].is_some();
        let known = self.actions.iter().position(|a| *a == action);
        let number = known.unwrap_or_else(|| {
            self.actions.push(action);
            self.actions.len() - 1
        });
        let transition = Transition { row: to, action: u32::try_from(number << 1).ok()? | u32::from(match_preferred) };
        for byte in first..=last {
            let entry = &mut self.table[from as usize + usize::from(self.classes[usize::from(byte)])];
            if entry.row != Automaton::NOWHERE && *entry != transition {
                return None;
            }
            *entry = transition;
        }
        Some(())
    }

    /// A group of the match that begins at `start`, which may have no part in it; None if no match begins there.
    fn group_at(&self, text: &[u8], start: usize, group: u32) -> Option<Option<Range<usize>>> {
        let begins = group.checked_mul(2).and_then(|bit| 1u64.checked_shl(bit)).unwrap_or_default();
        let ends = begins << 1;
        let bounds_after = |(from, to): (Option<usize>, Option<usize>), action: &Action, at: usize| {
            let from = if action.slots & begins != 0 { Some(at) } else { from };
            (from, if action.slots & ends != 0 { Some(at) } else { to })
        };
        let holds = |action: &Action, at| action.looks.is_empty() || self.looks.matches_set(action.looks, text, at);
        let next = |row: u32, byte: u8| {
            self.table[(row & !Automaton::FLAGS) as usize + usize::from(self.classes[usize::from(byte)])]
        };
        let mut bounds = (None, None);
        let mut found = None;
        let (mut row, mut at) = (self.flagged(1 << self.shift), start);
        loop {
            if row & Automaton::LITERAL != 0
                && let Some((bytes, to)) = &self.literals[(row >> self.shift) as usize]
            {
                if !text[at..].starts_with(bytes) {
                    break;
                }
                (row, at) = (*to, at + bytes.len());
            }
            let (mut ended, mut may_run) = (false, true);
            if row & Automaton::MATCH != 0
                && let Some(action) = &self.matches[(row >> self.shift) as usize]
            {
                ended = holds(action, at);
                may_run = action.looks.is_empty();
                if ended {
                    found = Some(bounds_after(bounds, action, at));
                }
            }
            let Some(byte) = text.get(at) else { break };
            let transition = next(row, *byte);
            if transition.row == Automaton::NOWHERE {
                break;
            }
            at += 1;
            if transition.action != 0 {
                if ended && transition.action & 1 != 0 {
                    break;
                }
                let action = &self.actions[(transition.action >> 1) as usize];
                if !holds(action, at - 1) {
                    break;
                }
                bounds = bounds_after(bounds, action, at - 1);
            } else if transition.row == row && may_run {
                // As in `[^&]*`: nothing happens until a byte leads elsewhere.
                at += text[at..].iter().take_while(|byte| next(row, **byte) == transition).count();
            }
            row = transition.row;
        }
        found.map(|(from, to)| from.zip(to).map(|(from, to)| from..to))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PATTERNS: &[(&str, bool)] = &[
        ("(&|^)channel_id=([^&]*)", true),
        (r"^(\w)-(b*)", true),
        (r"\Aab(c)?", true),
        (r"aa([bc])", true),
        (r"ab([^=]*?)=", true),
        (r"ab([^=]*)(=.)?", true),
        (r"a(b)?(a(c)|a?b)", false),
        (r"ab(?:$|(c))", true),
        (r"ab(?:(c)|$|(a))(=)?", true),
        (r"äba=(b)?channel_id=(a|channel)=c", true),
        (r"ab(?:channel)+(=|$)", true),
        (r"a((b)|(c))*", true),
        (r"(?:ab|ba)(?:(c)|(a))", true),
        (r"ab(c??)", true),
        (r"a\b(.?)", true),
        (r"ä(b|)", true),
        (r"(?i)ab(c)", true),
        (r"ab(?:(c)|a$)", true),
        (r"(a*)(a*)b", false),
        (r"[a-z]+=(.*)", false),
        (r"(b|c)*$", false),
        ("", false),
        ("()", false),
    ];

    #[test]
    fn who_takes_the_short_way() {
        for (pattern, expected) in PATTERNS {
            assert_eq!(Captures::new(pattern).is_some(), *expected, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn groups_are_those_of_the_general_engine(text in "([abc=&ä-]|ab|ba|&?channel_id=){0,24}", at in 0..PATTERNS.len()) {
            let pattern = PATTERNS[at].0;
            let regex = Regex::new(pattern).unwrap();
            let Some(captures) = Captures::new(pattern) else { return Ok(()) };
            for group in [0, 1, 2, 3, 4, 31, 32, 33, usize::MAX] {
                let expected = regex.captures(&text).and_then(|c| c.get(group)).map(|m| m.range());
                prop_assert_eq!(captures.find(&regex, &text, group), expected, "{} in {}", pattern, &text);
            }
        }
    }
}
