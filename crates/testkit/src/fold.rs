use std::collections::BTreeMap;

/// The table that a changelog (as `row_texts` prints it) leaves behind: each row and how often it is there.
///
/// # Panics
/// If a row is taken out that is not there: such a changelog is wrong.
pub fn fold(changelog: &[String]) -> BTreeMap<String, u64> {
    let mut table: BTreeMap<String, u64> = BTreeMap::new();
    for change in changelog {
        let (kind, row) = change.split_at(2);
        match kind {
            "+I" | "+U" => *table.entry(row.to_owned()).or_default() += 1,
            _ => {
                let count = table.get_mut(row).unwrap_or_else(|| panic!("{change} takes out what is not there"));
                *count -= 1;
                if *count == 0 {
                    table.remove(row);
                }
            }
        }
    }
    table
}
