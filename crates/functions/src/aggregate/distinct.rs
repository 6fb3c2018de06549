use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, ListArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field};
use flitz_dataflow::{Error, Result};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::GroupsAccumulator;
use super::hash::hash_u64;
use super::key_interner::KeyInterner;
use super::rows::{all_groups, column_of, for_each_row, natives};
use super::sequence::flatten;

/// `agg(DISTINCT args)`: hands each value of a group to `inner` once. Exact.
///
/// Values are numbered once for all groups; who has which value stands in one hash table of pairs
/// `(set, value number)`, 12 bytes each, so that a small group costs no allocation of its own. A group's set
/// has a number apart from the group's: emptying a group gives it a new set, and the old one's pairs are swept
/// out when they are half of all.
pub struct Distinct {
    inner: Box<dyn GroupsAccumulator>,
    /// COUNT needs to know that a value is new, not which.
    inner_counts: bool,
    types: Vec<DataType>,
    values: KeyInterner,
    members: HashTable<Member>,
    /// A row with NULL counts for nothing.
    skips_nulls: bool,
    /// Pairs in the order they came, for an `inner` whose result depends on it. May name pairs that are gone.
    arrivals: Option<Vec<(u32, u32)>>,
    retractable: bool,
    /// Set of each group.
    sets: Vec<u32>,
    /// Group of each set, `NOBODY` if abandoned.
    owners: Vec<u32>,
    /// Pairs per set.
    sizes: Vec<u32>,
    abandoned: usize,
    numbers: Vec<u32>,
}

/// What the inner aggregate makes of the values it is given.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// COUNT: nothing but how many.
    pub count_only: bool,
    /// Its result depends on their order.
    pub order: bool,
    /// NULL is a value to it.
    pub nulls: bool,
}

#[derive(Clone, Copy)]
struct Member {
    set: u32,
    value: u32,
    /// Rows that hold the value; stays 1 if none is ever retracted.
    rows: u32,
}

const NOBODY: u32 = u32::MAX;

fn hash_member(set: u32, value: u32) -> u64 {
    hash_u64(u64::from(set) << 32 | u64::from(value))
}

impl Distinct {
    pub fn new(
        inner: Box<dyn GroupsAccumulator>,
        types: Vec<DataType>,
        needs: Needs,
        retractable: bool,
    ) -> Result<Distinct> {
        Ok(Distinct {
            inner,
            inner_counts: needs.count_only,
            skips_nulls: !needs.nulls,
            values: KeyInterner::new(types.clone())?,
            types,
            members: HashTable::new(),
            arrivals: needs.order.then(Vec::new),
            retractable,
            sets: vec![],
            owners: vec![],
            sizes: vec![],
            abandoned: 0,
            numbers: vec![],
        })
    }

    /// Counts row i of `columns` `rows[i]` times for `groups[i]`; `retracts` takes it out.
    fn apply(
        &mut self,
        groups: &[u32],
        columns: &[ArrayRef],
        rows: impl Fn(usize) -> u32,
        retracts: impl Fn(usize) -> bool,
    ) -> Result<()> {
        let mut numbers = std::mem::take(&mut self.numbers);
        self.values.intern(columns, groups.len(), &mut numbers)?;
        // Rows that change a set, and whether by leaving it.
        let mut changes: Vec<u32> = vec![];
        let mut leaves: Vec<bool> = vec![];
        for (row, (&group, &value)) in groups.iter().zip(&numbers).enumerate() {
            let set = self.sets[group as usize];
            let same = |m: &Member| m.set == set && m.value == value;
            match self.members.entry(hash_member(set, value), same, |m| hash_member(m.set, m.value)) {
                Entry::Occupied(mut found) => {
                    if retracts(row) {
                        let left = found.get().rows.saturating_sub(rows(row));
                        found.get_mut().rows = left;
                        if left == 0 {
                            found.remove();
                            self.sizes[set as usize] -= 1;
                            changes.push(row as u32);
                            leaves.push(true);
                        }
                    } else if self.retractable {
                        let more = found.get().rows.checked_add(rows(row)).ok_or_else(too_many)?;
                        found.get_mut().rows = more;
                    }
                }
                // What was never there can't be taken out; Flink logs and goes on too.
                Entry::Vacant(_) if retracts(row) => {}
                Entry::Vacant(place) => {
                    place.insert(Member { set, value, rows: rows(row) });
                    self.sizes[set as usize] += 1;
                    if let Some(arrivals) = &mut self.arrivals {
                        arrivals.push((set, value));
                    }
                    changes.push(row as u32);
                    leaves.push(false);
                }
            }
        }
        self.numbers = numbers;
        let changed_groups: Vec<u32> = changes.iter().map(|row| groups[*row as usize]).collect();
        let args = if self.inner_counts { vec![] } else { take_rows(columns, &changes)? };
        let retract = leaves.contains(&true).then(|| BooleanArray::from(leaves));
        self.inner.update(&changed_groups, &args, None, retract.as_ref())
    }

    /// Members of each of `groups`, all together: offsets per group, value numbers and row counts.
    fn members_of(&self, groups: &[u32]) -> (OffsetBuffer<i32>, Vec<u32>, Vec<i32>) {
        let mut position_of_set = vec![NOBODY; self.owners.len()];
        for (position, group) in groups.iter().enumerate() {
            position_of_set[self.sets[*group as usize] as usize] = position as u32;
        }
        let mut ends: Vec<usize> = Vec::with_capacity(groups.len());
        let mut total = 0;
        for group in groups {
            ends.push(total);
            total += self.sizes[self.sets[*group as usize] as usize] as usize;
        }
        let (mut values, mut rows) = (vec![0; total], vec![0; total]);
        let mut place = |member: &Member| {
            let position = position_of_set[member.set as usize];
            if position != NOBODY {
                let end = &mut ends[position as usize];
                (values[*end], rows[*end]) = (member.value, member.rows as i32);
                *end += 1;
            }
        };
        match &self.arrivals {
            None => self.members.iter().for_each(&mut place),
            Some(arrivals) => {
                // A value that left and came back stands twice: its last arrival counts.
                let mut live = self.members.clone();
                let mut in_reverse: Vec<Member> = vec![];
                for &(set, value) in arrivals.iter().rev() {
                    let same = |m: &Member| m.set == set && m.value == value;
                    if let Ok(found) = live.find_entry(hash_member(set, value), same) {
                        in_reverse.push(found.remove().0);
                    }
                }
                in_reverse.iter().rev().for_each(&mut place);
            }
        }
        let offsets = std::iter::once(0).chain(ends.into_iter().map(|end| end as i32)).collect::<Vec<i32>>();
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), values, rows)
    }

    fn new_set(&mut self, group: u32) -> u32 {
        self.owners.push(group);
        self.sizes.push(0);
        (self.owners.len() - 1) as u32
    }

    /// Forgets abandoned sets and values that nobody has, numbering both anew.
    fn sweep(&mut self) -> Result<()> {
        let groups = all_groups(self.sets.len());
        let (offsets, numbers, rows) = self.members_of(&groups);
        let columns = self.values.keys(&numbers)?;
        self.values = KeyInterner::new(self.types.clone())?;
        let mut renumbered = vec![];
        self.values.intern(&columns, numbers.len(), &mut renumbered)?;
        self.members = HashTable::with_capacity(numbers.len());
        let mut arrivals = self.arrivals.as_ref().map(|_| Vec::with_capacity(numbers.len()));
        for &group in &groups {
            for at in offsets[group as usize] as usize..offsets[group as usize + 1] as usize {
                let member = Member { set: group, value: renumbered[at], rows: rows[at] as u32 };
                self.members
                    .insert_unique(hash_member(member.set, member.value), member, |m| hash_member(m.set, m.value));
                if let Some(arrivals) = &mut arrivals {
                    arrivals.push((member.set, member.value));
                }
            }
        }
        self.sizes = offsets.lengths().map(|size| size as u32).collect();
        self.arrivals = arrivals;
        self.sets.clone_from(&groups);
        self.owners = groups;
        self.abandoned = 0;
        Ok(())
    }
}

impl GroupsAccumulator for Distinct {
    fn resize(&mut self, len: usize) {
        for group in self.sets.len()..len {
            let set = self.new_set(group as u32);
            self.sets.push(set);
        }
        self.inner.resize(len);
    }

    fn update(
        &mut self,
        groups: &[u32],
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        retract: Option<&BooleanArray>,
    ) -> Result<()> {
        let union = |nulls: Option<NullBuffer>, arg: &ArrayRef| NullBuffer::union(nulls.as_ref(), arg.nulls());
        let nulls = if self.skips_nulls { args.iter().fold(None, union) } else { None };
        let nulls = nulls.filter(|n| n.null_count() > 0);
        if nulls.is_none() && filter.is_none() {
            return match retract {
                None => self.apply(groups, args, |_| 1, |_| false),
                Some(retract) => self.apply(groups, args, |_| 1, |row| retract.value(row)),
            };
        }
        let (mut rows, mut leaves) = (vec![], vec![]);
        for_each_row(groups.len(), nulls.as_ref(), filter, retract, |row, retracts| {
            rows.push(row as u32);
            leaves.push(retracts);
        });
        let groups: Vec<u32> = rows.iter().map(|row| groups[*row as usize]).collect();
        self.apply(&groups, &take_rows(args, &rows)?, |_| 1, |row| leaves[row])
    }

    fn state_types(&self) -> Vec<DataType> {
        let mut types: Vec<DataType> = self.types.iter().map(|t| list_type(t.clone())).collect();
        if self.retractable {
            types.push(list_type(DataType::Int32));
        }
        types
    }

    fn state(&self, groups: &[u32]) -> Result<Vec<ArrayRef>> {
        let (offsets, numbers, rows) = self.members_of(groups);
        let mut columns = self.values.keys(&numbers)?;
        if self.retractable {
            columns.push(column_of(&DataType::Int32, rows, None)?);
        }
        columns
            .into_iter()
            .map(|values| {
                let item = Arc::new(Field::new("item", values.data_type().clone(), true));
                Ok(Arc::new(ListArray::try_new(item, offsets.clone(), values, None)?) as ArrayRef)
            })
            .collect()
    }

    fn take_state(&mut self) -> Result<Vec<ArrayRef>> {
        let state = self.state(&all_groups(self.sets.len()))?;
        self.inner.take_state()?;
        self.values = KeyInterner::new(self.types.clone())?;
        self.members = HashTable::new();
        self.arrivals = self.arrivals.as_ref().map(|_| vec![]);
        (self.sets, self.owners, self.sizes, self.abandoned) = (vec![], vec![], vec![], 0);
        Ok(state)
    }

    fn merge(&mut self, groups: &[u32], state: &[ArrayRef]) -> Result<()> {
        if groups.is_empty() {
            return Ok(());
        }
        let (owners, mut columns) = flatten(groups, state);
        if self.retractable {
            let rows = columns.pop().map(|rows| natives::<i32>(&rows)).transpose()?.unwrap_or_default();
            self.apply(&owners, &columns, |i| rows[i] as u32, |_| false)
        } else {
            self.apply(&owners, &columns, |_| 1, |_| false)
        }
    }

    fn evaluate(&self, groups: &[u32]) -> Result<ArrayRef> {
        self.inner.evaluate(groups)
    }

    fn clear(&mut self, groups: &[u32]) {
        self.inner.clear(groups);
        for &group in groups {
            let old = self.sets[group as usize];
            if self.sizes[old as usize] > 0 {
                self.abandoned += self.sizes[old as usize] as usize;
                self.owners[old as usize] = NOBODY;
                self.sets[group as usize] = self.new_set(group);
            }
        }
        if self.abandoned > 1024 && self.abandoned > self.members.len() / 2 {
            // It can only fail on types that `new` has accepted already.
            let _ = self.sweep();
        }
    }

    fn bytes(&self) -> usize {
        self.inner.bytes()
            + self.values.bytes()
            + self.members.capacity() * (size_of::<Member>() + 1)
            + self.arrivals.as_ref().map_or(0, |a| a.capacity() * 8)
            + (self.sets.capacity() + self.owners.capacity() + self.sizes.capacity()) * 4
    }
}

pub fn list_type(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

fn take_rows(columns: &[ArrayRef], rows: &[u32]) -> Result<Vec<ArrayRef>> {
    if columns.first().is_some_and(|column| column.len() == rows.len()) {
        return Ok(columns.to_vec());
    }
    let indices = UInt32Array::from(rows.to_vec());
    columns.iter().map(|column| Ok(take(column, &indices, None)?)).collect()
}

fn too_many() -> Error {
    Error::data("more than 4294967295 rows of one group hold the same value of a DISTINCT aggregate")
}
