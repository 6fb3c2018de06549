//! How much memory a job may take when `--memory` does not say: 60 % of what the process may have, by the machine or by
//! its cgroup, whichever is less. Read from Linux's files; elsewhere there is no limit.

use std::path::Path;

pub fn default_bytes() -> Option<u64> {
    available(Path::new("/")).map(|bytes| bytes / 10 * 6)
}

/// `root`: where `proc` and `sys` are.
fn available(root: &Path) -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).ok();
    let machine = read("proc/meminfo").and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.trim().strip_suffix("kB")?.trim();
        line.parse::<u64>().ok().map(|kib| kib * 1024)
    });
    let limits = read("proc/self/cgroup").unwrap_or_default();
    let limits = limits.lines().filter_map(|line| {
        // `0::/path` in version 2, `5:memory:/path` in version 1.
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        match controllers {
            "" => limit_of_group(&root.join("sys/fs/cgroup"), path, "memory.max"),
            _ if controllers.split(',').any(|c| c == "memory") => {
                limit_of_group(&root.join("sys/fs/cgroup/memory"), path, "memory.limit_in_bytes")
            }
            _ => None,
        }
    });
    limits.chain(machine).min()
}

/// The least limit of a group and those above it. Within a container the group's path may not be there: its files then lie
/// at the top.
fn limit_of_group(top: &Path, path: &str, file: &str) -> Option<u64> {
    let group = top.join(path.trim_start_matches('/'));
    let groups = group.ancestors().take_while(|folder| folder.starts_with(top));
    // `max` is no number: no limit.
    groups.filter_map(|folder| std::fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok()).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_limit_counts() {
        let check = |files: &[(&str, &str)], expected: Option<u64>| {
            let root = tempfile::tempdir().unwrap();
            for (path, text) in files {
                let path = root.path().join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            assert_eq!(available(root.path()), expected, "{files:?}");
        };
        let machine = ("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 1 kB\n");
        let group = ("proc/self/cgroup", "0::/system.slice/flitz.service\n");
        check(&[], None);
        check(&[machine], Some(1_024_000));
        check(&[machine, group, ("sys/fs/cgroup/system.slice/flitz.service/memory.max", "5000\n")], Some(5_000));
        check(
            &[
                machine,
                group,
                ("sys/fs/cgroup/system.slice/flitz.service/memory.max", "max\n"),
                ("sys/fs/cgroup/system.slice/memory.max", "7000\n"),
            ],
            Some(7_000),
        );
        // A container: the path is that of the host.
        check(&[machine, group, ("sys/fs/cgroup/memory.max", "600000\n")], Some(600_000));
        check(
            &[
                machine,
                ("proc/self/cgroup", "5:cpu:/a\n4:memory:/a\n"),
                ("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "400000"),
            ],
            Some(400_000),
        );
    }
}
