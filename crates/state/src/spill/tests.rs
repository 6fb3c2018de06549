use std::collections::BTreeMap;

use arrow::array::{Int64Array, StringArray};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

fn rows(hashes: &[u64]) -> RecordBatch {
    let numbers = Int64Array::from_iter_values(0..hashes.len() as i64);
    let texts = StringArray::from_iter((0..hashes.len()).map(|i| (i % 7 > 0).then(|| format!("{:x}", hashes[i]))));
    RecordBatch::try_from_iter_with_nullable([
        ("n", Arc::new(numbers) as ArrayRef, false),
        ("s", Arc::new(texts) as ArrayRef, true),
    ])
    .unwrap()
}

fn numbers(found: Option<Hashed>) -> Vec<i64> {
    let Some(found) = found else { return vec![] };
    assert_eq!(found.hashes.len(), found.rows.num_rows());
    assert!(found.hashes.is_sorted());
    found.rows.column(0).as_primitive::<arrow::datatypes::Int64Type>().values().to_vec()
}

/// Ranges and single hashes give what a map would, whatever the sizes of blocks and batches and however often a hash
/// occurs.
#[test]
fn what_was_written_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let scratch = Arc::new(Scratch::new(vec![folder.path().join("a"), folder.path().join("b")]).unwrap());
    let mut random = StdRng::seed_from_u64(7);
    for (count, spread, block_rows) in [(1, 10, 1), (1000, 30, 7), (5000, u64::MAX, 64), (3000, 1, 256), (4000, 500, 1)]
    {
        let mut hashes: Vec<u64> = (0..count).map(|_| random.random_range(0..spread)).collect();
        hashes.sort();
        let all = rows(&hashes);
        let mut expected: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
        hashes.iter().zip(0..).for_each(|(hash, i)| expected.entry(*hash).or_default().push(i));
        let mut writer = SpillWriter::new(&scratch, &all.schema(), Order::Hash, block_rows, Some(count));
        let mut from = 0;
        while from < count {
            let len = random.random_range(1..=count - from);
            writer.write(&hashes[from..from + len], &all.slice(from, len)).unwrap();
            from += len;
        }
        let spilled = writer.finish().unwrap();
        assert_eq!(spilled.num_rows(), count);
        for _ in 0..200 {
            let (a, b) = (random.random_range(0..=spread), random.random_range(0..=spread));
            let range = HashRange { first: a.min(b), last: a.max(b) };
            let within = expected.range(range.first..=range.last).flat_map(|(_, rows)| rows.clone());
            assert_eq!(numbers(spilled.read(range).unwrap()), within.collect::<Vec<_>>(), "{range:?}");

            let mut wanted: Vec<u64> = (0..random.random_range(0..20))
                .map(|_| match random.random_bool(0.5) {
                    true => random.random_range(0..spread),
                    false => hashes[random.random_range(0..count)],
                })
                .collect();
            wanted.sort();
            wanted.dedup();
            let known = wanted.iter().flat_map(|hash| expected.get(hash).cloned().unwrap_or_default());
            assert_eq!(numbers(spilled.find(&wanted).unwrap()), known.collect::<Vec<_>>());
        }
        let batches: Vec<RecordBatch> = spilled.batches(1000).collect::<Result<_>>().unwrap();
        assert_eq!(concat_batches(&all.schema(), &batches).unwrap(), all);
        assert!(scratch.held_bytes() > 0);
    }
    assert_eq!(scratch.held_bytes(), 0);
    assert!(scratch.written_bytes() > 0);
    // The files have no names.
    for folder in ["a", "b"].map(|name| folder.path().join(name)) {
        assert!(!folder.exists() || folder.read_dir().unwrap().next().is_none());
    }
}

#[test]
fn ranges_make_up_everything() {
    for n in [1, 2, 3, 7, 1000] {
        let ranges: Vec<HashRange> = (0..n).map(|i| HashRange::part(i, n)).collect();
        assert_eq!((ranges[0].first, ranges[n as usize - 1].last), (0, u64::MAX));
        assert!(ranges.windows(2).all(|pair| pair[0].last + 1 == pair[1].first));
    }
}

#[test]
fn the_filter_lets_few_through() {
    let mut random = StdRng::seed_from_u64(1);
    let mut filter = Filter::for_keys(10_000);
    let inside: Vec<u64> = (0..10_000).map(|_| random.random()).collect();
    inside.iter().for_each(|hash| filter.insert(*hash));
    assert!(inside.iter().all(|hash| filter.may_have(*hash)));
    let wrong = (0..10_000).filter(|_| filter.may_have(random.random())).count();
    assert!(wrong < 300, "{wrong}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let scratch = Arc::new(Scratch::new(vec![file.path().join("x")]).unwrap());
    let all = rows(&[1]);
    let mut writer = SpillWriter::new(&scratch, &all.schema(), Order::Arrival, 10, None);
    writer.write_next(&all).unwrap();
    let error = writer.finish().unwrap_err().to_string();
    assert!(error.contains("can't make room for state that is larger than memory"), "{error}");
    assert!(error.contains("set 'io.tmp.dirs' to a folder that can be written"), "{error}");
}
