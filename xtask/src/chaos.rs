//! `cargo xtask chaos`: the real binary, a real broker, and `kill -9`.
//!
//! 1. A broker of its own starts; a generator sends orders at a steady pace, in simulated event time.
//! 2. Two jobs read them: order-analytics, and a pass-through. Both are killed at random moments and at
//!    every named failpoint, and started again by the same command.
//! 3. At the end two late-dated orders per partition push the watermark past every window.
//! 4. The topics are read with `read_committed` and compared with what the generator knows: every window
//!    once and right to the cent, every order id once, no transaction left open.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::services::Kafka;
use crate::{cluster, process, root};

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 1_000_000)]
    orders: u64,
    /// Orders per second; the stream must still flow at the last kill.
    #[arg(long, default_value_t = 6_000)]
    rate: u64,
    /// Kills at random moments.
    #[arg(long, default_value_t = 20)]
    kills: u32,
    /// Kills at each named failpoint.
    #[arg(long, default_value_t = 3)]
    failpoint_kills: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where checkpoints go: empty for a local folder, or `s3://flitz/…` with the AWS variables set.
    #[arg(long, default_value = "")]
    checkpoints: String,
    /// The pass-through writes to a broker of its own.
    #[arg(long)]
    two_brokers: bool,
    /// Stop and start the broker this often as well.
    #[arg(long, default_value_t = 0)]
    broker_restarts: u32,
    /// Freeze a process, start a second one, let the first go on.
    #[arg(long)]
    zombie: bool,
    /// Stop the jobs' broker for this many seconds once (longer than the transaction timeout of 60 s).
    #[arg(long, default_value_t = 0)]
    outage_s: u64,
}

const PARTITIONS: i32 = 3;
const FAILPOINTS: &[&str] = &["after-flush", "staged", "snapshot", "offsets-sent", "commit-sent", "commit-confirmed"];
/// Simulated event time between two orders.
const STEP_MILLIS: u64 = 20;
const USERS: u64 = 5_000;
/// 2026-01-01T00:00:00Z
const START_MILLIS: u64 = 1_767_225_600_000;

pub fn run(args: &Args) -> Result<()> {
    let flitz = process::release_binary("flitz")?;
    let home = tempfile::tempdir()?;
    let broker = Kafka::start_own(home.path().join("kafka"), 19_092)?;
    let second = args.two_brokers.then(|| Kafka::start_own(home.path().join("kafka2"), 19_192)).transpose()?;
    let sink = second.as_ref().unwrap_or(&broker).bootstrap();
    for (bootstrap, topic) in
        [(broker.bootstrap(), "orders"), (broker.bootstrap(), "analytics-results"), (sink.clone(), "copies")]
    {
        cluster::create_topic(&bootstrap, topic, PARTITIONS)?;
    }
    let result = attack(args, &flitz, home.path(), &broker, &sink);
    let cleaned = broker.clean().and_then(|()| second.map_or(Ok(()), |s| s.clean()));
    result.and(cleaned)
}

fn attack(args: &Args, flitz: &std::path::Path, home: &std::path::Path, broker: &Kafka, sink: &str) -> Result<()> {
    let bootstrap = broker.bootstrap();
    let job = |name: &'static str, files: Vec<PathBuf>| Job {
        name,
        flitz: flitz.to_owned(),
        files,
        state: home.join("state"),
        log: home.join(format!("{name}.log")),
        variables: vec![
            ("KAFKA_BOOTSTRAP_SERVERS".to_owned(), bootstrap.clone()),
            ("SINK_BOOTSTRAP_SERVERS".to_owned(), sink.to_owned()),
            ("CHECKPOINT_INTERVAL".to_owned(), "500 ms".to_owned()),
            ("CHECKPOINT_DIR".to_owned(), args.checkpoints.clone()),
        ],
        child: None,
        starts: 0,
    };
    let app = root().join("apps/order-analytics");
    let mut jobs = [
        job("order-analytics", vec![app.join("tables.sql"), app.join("pipeline.sql")]),
        job("pass-through", vec![root().join("benches/chaos/pass-through.sql")]),
    ];

    let sent = Arc::new(AtomicU64::new(0));
    let done = Arc::new(AtomicBool::new(false));
    let generator = {
        let (sent, done, bootstrap) = (sent.clone(), done.clone(), bootstrap.clone());
        let (orders, rate) = (args.orders, args.rate);
        thread::spawn(move || {
            let result = generate(&bootstrap, orders, rate, &sent);
            done.store(true, Ordering::SeqCst);
            result
        })
    };

    let mut random = StdRng::seed_from_u64(args.seed);
    let mut kills = 0;
    for job in &mut jobs {
        job.start(None)?;
    }
    for _ in 0..args.kills {
        thread::sleep(Duration::from_millis(random.random_range(300..4_000)));
        for job in &mut jobs {
            job.kill()?;
            job.start(None)?;
            kills += 1;
        }
    }
    for failpoint in FAILPOINTS {
        for round in 0..args.failpoint_kills {
            for job in &mut jobs {
                job.kill()?;
                job.start(Some(&format!("{failpoint}:{}", round + 1)))?;
            }
            for job in &mut jobs {
                job.await_end(Duration::from_secs(60)).with_context(|| format!("failpoint {failpoint}"))?;
                job.start(None)?;
                kills += 1;
            }
            thread::sleep(Duration::from_millis(random.random_range(100..700)));
        }
    }
    let flowing = !done.load(Ordering::SeqCst);
    println!("{kills} kills, the last after {} of {} orders", sent.load(Ordering::SeqCst), args.orders);
    for _ in 0..args.broker_restarts {
        broker.down()?;
        thread::sleep(Duration::from_millis(random.random_range(500..5_000)));
        broker.up()?;
        thread::sleep(Duration::from_secs(5));
    }
    if args.outage_s > 0 {
        broker.down()?;
        thread::sleep(Duration::from_secs(args.outage_s));
        broker.up()?;
        thread::sleep(Duration::from_secs(5));
    }
    if args.zombie {
        for job in &mut jobs {
            job.zombie()?;
        }
    }
    for job in &mut jobs {
        job.revive()?;
    }
    generator.join().map_err(|_| anyhow::anyhow!("the generator panicked"))??;

    let expected = expected(args.orders);
    await_results(&bootstrap, "analytics-results", expected.len() as u64, &mut jobs)?;
    await_results(sink, "copies", args.orders + SENTINELS, &mut jobs)?;
    for job in &mut jobs {
        job.stop()?;
    }
    verify_windows(&bootstrap, &expected)?;
    verify_copies(sink, args.orders)?;
    println!("every window once, every order once ({} windows, {} orders)", expected.len(), args.orders);
    if !flowing {
        bail!("the orders had all been sent before the last kill: lower --rate");
    }
    Ok(())
}

/// One job, started again and again by the same command.
struct Job {
    name: &'static str,
    flitz: PathBuf,
    files: Vec<PathBuf>,
    state: PathBuf,
    log: PathBuf,
    variables: Vec<(String, String)>,
    child: Option<Child>,
    starts: u32,
}

impl Job {
    fn spawn(&self, failpoint: Option<&str>) -> Result<Child> {
        let log = std::fs::File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.flitz);
        command.arg("run").args(&self.files).env("XDG_STATE_HOME", &self.state);
        command.envs(self.variables.iter().map(|(k, v)| (k, v)));
        if let Some(failpoint) = failpoint {
            command.env("FLITZ_FAILPOINT", failpoint);
        }
        Ok(command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?)
    }

    fn start(&mut self, failpoint: Option<&str>) -> Result<()> {
        self.child = Some(self.spawn(failpoint)?);
        self.starts += 1;
        Ok(())
    }

    fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            if let Some(status) = child.try_wait()? {
                bail!("{} had ended by itself with {status}:\n{}", self.name, self.log_tail());
            }
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Waits until the process has killed itself at its failpoint.
    fn await_end(&mut self, patience: Duration) -> Result<()> {
        use std::os::unix::process::ExitStatusExt;
        let deadline = Instant::now() + patience;
        let mut child = self.child.take().context("not started")?;
        loop {
            match child.try_wait()? {
                Some(status) if status.signal() == Some(libc::SIGKILL) => return Ok(()),
                Some(status) => bail!("{} ended with {status}, not by its failpoint:\n{}", self.name, self.log_tail()),
                None if Instant::now() > deadline => {
                    child.kill()?;
                    child.wait()?;
                    bail!("{} never came to its failpoint:\n{}", self.name, self.log_tail());
                }
                None => thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Starts the job again if it has ended (after an outage it may).
    fn revive(&mut self) -> Result<()> {
        let ended = match &mut self.child {
            Some(child) => child.try_wait()?.is_some(),
            None => true,
        };
        if ended {
            println!("{} had ended and is started again:\n{}", self.name, self.log_tail());
            self.start(None)?;
        }
        Ok(())
    }

    /// `kill -STOP`, a second process with a state folder of its own view, `kill -CONT`: one of them wins.
    fn zombie(&mut self) -> Result<()> {
        let first = self.child.take().context("not started")?;
        signal(&first, libc::SIGSTOP)?;
        let mut second = self.spawn(None)?;
        thread::sleep(Duration::from_secs(5));
        let refused = second.try_wait()?;
        signal(&first, libc::SIGCONT)?;
        match refused {
            // One state folder on one machine: the lock refuses the second.
            Some(status) if status.code() == Some(1) => self.child = Some(first),
            Some(status) => bail!("the second {} ended with {status}:\n{}", self.name, self.log_tail()),
            None => {
                let mut first = first;
                let deadline = Instant::now() + Duration::from_secs(60);
                while first.try_wait()?.is_none() {
                    if Instant::now() > deadline {
                        bail!("the frozen {} went on beside the second", self.name);
                    }
                    thread::sleep(Duration::from_millis(50));
                }
                self.child = Some(second);
            }
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        let mut child = self.child.take().context("not started")?;
        signal(&child, libc::SIGTERM)?;
        let status = child.wait()?;
        if !status.success() {
            bail!("{} ended with {status} on SIGTERM:\n{}", self.name, self.log_tail());
        }
        println!("{}: {} starts, stopped cleanly", self.name, self.starts);
        Ok(())
    }

    fn log_tail(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn signal(child: &Child, signal: libc::c_int) -> Result<()> {
    // SAFETY: the child has not been waited for, so the pid is its own.
    if unsafe { libc::kill(child.id() as libc::pid_t, signal) } != 0 {
        return Err(std::io::Error::last_os_error()).context("kill");
    }
    Ok(())
}

struct Order {
    id: String,
    user: u64,
    cents: u64,
    millis: u64,
}

/// Order number `i`, the same in every run. Up to 20 s out of order: within the watermark's 30 s.
fn order(i: u64) -> Order {
    let mix = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let jitter = (mix >> 40) % 20_000;
    Order {
        id: format!("{:08x}-{:04x}-4000-8000-{i:012x}", mix >> 32, mix & 0xffff),
        user: (mix >> 16) % USERS,
        cents: 100 + (mix >> 24) % 50_000,
        millis: START_MILLIS + 20_000 + i * STEP_MILLIS - jitter,
    }
}

/// Orders after the last one that push the watermark of every partition on.
const SENTINELS: u64 = PARTITIONS as u64;

fn generate(bootstrap: &str, orders: u64, rate: u64, sent: &AtomicU64) -> Result<()> {
    let start = Instant::now();
    cluster::fill(bootstrap, "orders", PARTITIONS, orders + SENTINELS, |i, out| {
        let due = Duration::from_secs_f64(i as f64 / rate as f64);
        if let Some(wait) = due.checked_sub(start.elapsed()).filter(|w| *w > Duration::from_millis(2)) {
            thread::sleep(wait);
        }
        let mut order = order(i);
        if i >= orders {
            order.millis = START_MILLIS + orders * STEP_MILLIS + 7_200_000;
        }
        write_order(&order, out);
        sent.store(i, Ordering::Relaxed);
    })
}

fn write_order(order: &Order, out: &mut Vec<u8>) {
    use std::io::Write;
    let (s, ms) = (order.millis / 1000, order.millis % 1000);
    let day = 1 + (s - START_MILLIS / 1000) / 86_400;
    let _ = write!(
        out,
        "{{\"order_id\":\"{}\",\"user_id\":\"user-{}\",\"total_amount\":{}.{:02},\"status\":\"pending\",\"items_count\":{},\
         \"event_type\":\"order.created\",\"created_at\":\"2026-01-{day:02}T{:02}:{:02}:{:02}.{ms:03}Z\"}}",
        order.id,
        order.user,
        order.cents / 100,
        order.cents % 100,
        order.cents % 7 + 1,
        s / 3600 % 24,
        s / 60 % 60,
        s % 60,
    );
}

#[derive(Default)]
struct Window {
    users: std::collections::HashSet<u64>,
    orders: u64,
    cents: u64,
}

/// By window start in milliseconds.
fn expected(orders: u64) -> BTreeMap<u64, Window> {
    let mut windows: BTreeMap<u64, Window> = BTreeMap::new();
    for order in (0..orders).map(order) {
        let window = windows.entry(order.millis / 60_000 * 60_000).or_default();
        window.users.insert(order.user);
        window.orders += 1;
        window.cents += order.cents;
    }
    windows
}

fn await_results(bootstrap: &str, topic: &str, rows: u64, jobs: &mut [Job]) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(240);
    loop {
        let found = cluster::read_committed(bootstrap, topic, |_| {})?;
        if found >= rows {
            return Ok(());
        }
        if Instant::now() > deadline {
            let tails: Vec<String> = jobs.iter().map(|j| format!("--- {}\n{}", j.name, j.log_tail())).collect();
            bail!("{topic}: {found} of {rows} rows after 240 s\n{}", tails.join("\n"));
        }
        for job in jobs.iter_mut() {
            job.revive()?;
        }
        thread::sleep(Duration::from_secs(2));
    }
}

fn verify_windows(bootstrap: &str, expected: &BTreeMap<u64, Window>) -> Result<()> {
    let mut found: HashMap<String, Vec<serde_json::Value>> = HashMap::new();
    let mut broken = 0;
    cluster::read_committed(bootstrap, "analytics-results", |value| {
        match serde_json::from_slice::<serde_json::Value>(value) {
            Ok(row) => found.entry(row["window_start"].as_str().unwrap_or_default().to_owned()).or_default().push(row),
            Err(_) => broken += 1,
        }
    })?;
    let mut faults = vec![];
    for (start, window) in expected {
        let s = start / 1000;
        let day = 1 + (s - START_MILLIS / 1000) / 86_400;
        let key = format!("2026-01-{day:02}T{:02}:{:02}:{:02}Z", s / 3600 % 24, s / 60 % 60, s % 60);
        let rows = found.remove(&key).unwrap_or_default();
        let [row] = rows.as_slice() else {
            faults.push(format!("{key}: {} times", rows.len()));
            continue;
        };
        let revenue = row["total_revenue"].as_f64().unwrap_or(f64::NAN);
        let right = row["total_orders"].as_u64() == Some(window.orders)
            && row["unique_users"].as_u64() == Some(window.users.len() as u64)
            && (revenue * 100.0).round() as u64 == window.cents;
        if !right {
            faults.push(format!(
                "{key}: expected {} orders, {} users, {} cents, found {row}",
                window.orders,
                window.users.len(),
                window.cents
            ));
        }
    }
    faults.extend(found.keys().map(|key| format!("{key}: not expected")));
    if broken > 0 || !faults.is_empty() {
        bail!("{} windows wrong, {broken} records unreadable: {:?}", faults.len(), &faults[..faults.len().min(5)]);
    }
    Ok(())
}

fn verify_copies(bootstrap: &str, orders: u64) -> Result<()> {
    let mut seen = vec![0u8; (orders + SENTINELS) as usize];
    let mut broken = 0;
    cluster::read_committed(bootstrap, "copies", |value| {
        let row: serde_json::Value = serde_json::from_slice(value).unwrap_or_default();
        let number = row["order_id"].as_str().and_then(|id| u64::from_str_radix(id.rsplit('-').next()?, 16).ok());
        match number.and_then(|n| seen.get_mut(n as usize)) {
            Some(count) => *count = count.saturating_add(1),
            None => broken += 1,
        }
    })?;
    let lost = seen.iter().filter(|&&c| c == 0).count();
    let doubled = seen.iter().filter(|&&c| c > 1).count();
    if lost + doubled + broken > 0 {
        bail!("of {orders} orders {lost} lost, {doubled} doubled, {broken} unreadable");
    }
    Ok(())
}
