//! Which worker owns a key.

use arrow::array::{ArrayRef, RecordBatch};
use flitz_dataflow::Result;
use flitz_functions::hash_columns;

/// Hash of each row's key. Without columns all rows have the same key.
pub fn hash_keys(batch: &RecordBatch, columns: &[usize]) -> Result<Vec<u64>> {
    let columns: Vec<ArrayRef> = columns.iter().map(|&i| batch.column(i).clone()).collect();
    hash_columns(&columns, batch.num_rows())
}

/// Which of `parallelism` workers owns a key. It takes the middle bits of the hash: a hash table uses the low
/// and the topmost ones, which must stay evenly spread among the keys of one worker.
#[inline]
pub fn worker_of(hash: u64, parallelism: usize) -> usize {
    ((((hash >> 16) & 0xffff_ffff) * parallelism as u64) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::worker_of;

    #[test]
    fn every_worker_gets_its_share() {
        let mut shares = [0; 3];
        for i in 0..30_000_u64 {
            shares[worker_of(flitz_functions::hash_u64(i), 3)] += 1;
        }
        assert!(shares.iter().all(|share| (9_000..11_000).contains(share)), "{shares:?}");
    }
}
