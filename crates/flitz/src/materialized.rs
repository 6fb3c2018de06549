//! The table that a changelog makes, in the order in which its rows first came.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use flitz_dataflow::RowKind;

/// The texts of a row; None is NULL.
pub type Row = Vec<Option<String>>;

/// A bag of rows with places. `-U` leaves its place to the `+U` that follows, so that an updated row stays where
/// it was.
pub struct Materialized {
    rows: Vec<Option<Arc<Row>>>,
    /// Where equal rows are; the last one goes first, as in Flink's client.
    places: HashMap<Arc<Row>, Vec<usize>>,
    /// Places left by `-U`.
    vacated: VecDeque<usize>,
    /// Places that hold a row.
    filled: usize,
    /// With more rows than this the oldest go.
    rows_max: usize,
}

impl Materialized {
    pub fn new(rows_max: usize) -> Materialized {
        Materialized { rows: vec![], places: HashMap::new(), vacated: VecDeque::new(), filled: 0, rows_max }
    }

    pub fn len(&self) -> usize {
        self.filled
    }

    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().flatten().map(|row| &**row)
    }

    pub fn apply(&mut self, kind: RowKind, row: Row) {
        match kind {
            RowKind::Insert => self.put(row, None),
            RowKind::UpdateAfter => {
                let place = self.vacated.pop_front();
                self.put(row, place);
            }
            RowKind::UpdateBefore => {
                if let Some(place) = self.take(&row) {
                    self.vacated.push_back(place);
                }
            }
            RowKind::Delete => drop(self.take(&row)),
        }
        self.compact();
    }

    fn put(&mut self, row: Row, place: Option<usize>) {
        let row = Arc::new(row);
        let place = place.unwrap_or_else(|| {
            self.rows.push(None);
            self.rows.len() - 1
        });
        self.places.entry(row.clone()).or_default().push(place);
        self.rows[place] = Some(row);
        self.filled += 1;
        if self.filled > self.rows_max
            && let Some(oldest) = self.rows.iter().flatten().next().cloned()
        {
            self.take_first(&oldest);
        }
    }

    /// None if the row is not there any more: it was too old.
    fn take(&mut self, row: &Row) -> Option<usize> {
        let places = self.places.get_mut(row)?;
        let place = places.pop()?;
        if places.is_empty() {
            self.places.remove(row);
        }
        self.rows[place] = None;
        self.filled -= 1;
        Some(place)
    }

    fn take_first(&mut self, row: &Row) {
        if let Some(places) = self.places.get_mut(row) {
            // `take` takes the last.
            places.reverse();
            self.take(row);
            if let Some(places) = self.places.get_mut(row) {
                places.reverse();
            }
        }
    }

    /// Closes gaps once they are the most of it.
    fn compact(&mut self) {
        if !self.vacated.is_empty() || self.rows.len() < 2 * self.filled + 64 {
            return;
        }
        self.rows.retain(Option::is_some);
        self.places.clear();
        for (place, row) in self.rows.iter().flatten().enumerate() {
            self.places.entry(row.clone()).or_default().push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows_max: usize, changes: &[(RowKind, &str)]) -> String {
        let mut table = Materialized::new(rows_max);
        for (kind, text) in changes {
            table.apply(*kind, vec![Some((*text).to_owned())]);
        }
        assert_eq!(table.len(), table.iter().count());
        table.iter().map(|row| row[0].clone().unwrap()).collect::<Vec<_>>().join(" ")
    }

    use RowKind::{Delete, Insert, UpdateAfter, UpdateBefore};

    #[test]
    fn an_updated_row_stays_where_it_was() {
        let changes = [(Insert, "a1"), (Insert, "b1"), (UpdateBefore, "a1"), (UpdateAfter, "a2"), (Insert, "c1")];
        assert_eq!(table(100, &changes), "a2 b1 c1");
    }

    #[test]
    fn of_equal_rows_the_last_goes_first() {
        let changes = [(Insert, "x"), (Insert, "y"), (Insert, "x"), (Delete, "x")];
        assert_eq!(table(100, &changes), "x y");
    }

    #[test]
    fn an_update_may_become_a_deletion() {
        let changes = [(Insert, "a"), (Insert, "b"), (UpdateBefore, "a"), (UpdateAfter, "c"), (Delete, "c")];
        assert_eq!(table(100, &changes), "b");
    }

    #[test]
    fn the_oldest_make_room() {
        let changes = [(Insert, "x"), (Insert, "x"), (Insert, "y"), (Insert, "z"), (Delete, "gone")];
        assert_eq!(table(3, &changes), "x y z");
    }

    #[test]
    fn gaps_close() {
        let mut table = Materialized::new(1000);
        for i in 0..500 {
            table.apply(Insert, vec![Some(i.to_string())]);
        }
        for i in 0..499 {
            table.apply(Delete, vec![Some(i.to_string())]);
        }
        assert!(table.rows.len() < 200);
        table.apply(Delete, vec![Some("499".to_owned())]);
        assert_eq!(table.len(), 0);
    }
}
