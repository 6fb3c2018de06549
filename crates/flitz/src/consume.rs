//! `flitz consume TOPIC`: records as lines, for people and pipes.

use std::io::{BufWriter, Write};
use std::time::Duration;

use flitz_connectors::kafka;
use flitz_connectors::kafka::broker::{
    Assignment, Broker, Consumer, OffsetQuery, Polled, RecordBuffer, TopicPartition, TopicSelection, Wanted,
};
use flitz_dataflow::connector::Wake;
use flitz_dataflow::{Error, Result};

use crate::cli::ConsumeArgs;
use crate::script::Failure;
use crate::{app, shutdown};

/// Records per poll.
const BATCH: usize = 4096;

pub fn run(args: &ConsumeArgs) -> Result<(), Failure> {
    shutdown::listen();
    let broker = kafka::open_broker(&args.bootstrap_servers, &app::client_properties())?;
    let start = if args.latest { OffsetQuery::Latest } else { OffsetQuery::Earliest };
    let mut tail = Tail::open(&*broker, &args.topic, &start, args.until_end)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut count = 0;
    while !shutdown::requested() && args.max_messages.is_none_or(|max| count < max) {
        let Some(partition) = tail.poll()? else {
            out.flush().map_err(unwritable)?;
            if tail.is_at_end() {
                break;
            }
            tail.wait();
            continue;
        };
        for i in 0..tail.records.len() {
            if args.max_messages.is_some_and(|max| count >= max) {
                break;
            }
            count += 1;
            write_record(&mut out, &tail.records, i, args.details.then_some(partition)).map_err(unwritable)?;
        }
    }
    out.flush().map_err(unwritable)?;
    Ok(())
}

fn write_record(out: &mut impl Write, records: &RecordBuffer, i: usize, partition: Option<i32>) -> std::io::Result<()> {
    if let Some(partition) = partition {
        let time = chrono::DateTime::from_timestamp_millis(records.timestamps[i])
            .map_or_else(|| "-".to_owned(), |t| t.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
        let key = String::from_utf8_lossy(records.keys.get(i).unwrap_or(b"-"));
        write!(out, "{partition}\t{}\t{time}\t{key}\t", records.offsets[i])?;
    }
    out.write_all(records.values.get(i).unwrap_or(b"(null)"))?;
    out.write_all(b"\n")
}

fn unwritable(e: std::io::Error) -> Error {
    Error::unavailable(format!("cannot write to standard output: {e}"))
}

/// All partitions of one topic, read as they grow.
pub struct Tail {
    consumer: Box<dyn Consumer>,
    partitions: Vec<TopicPartition>,
    open: usize,
    /// What the last `poll` found.
    pub records: RecordBuffer,
    woken: std::sync::mpsc::Receiver<()>,
}

impl Tail {
    /// `until_end`: only what is there now.
    pub fn open(broker: &dyn Broker, topic: &str, start: &OffsetQuery, until_end: bool) -> Result<Tail> {
        let partitions = broker.partitions(&TopicSelection::Names(vec![topic.to_owned()]))?;
        let starts = broker.offsets(&partitions, start)?;
        let ends = broker.offsets(&partitions, &OffsetQuery::Latest)?;
        Tail::between(broker, partitions, &starts, &ends, until_end)
    }

    /// The last record of every partition.
    pub fn last_records(broker: &dyn Broker, topic: &str) -> Result<Tail> {
        let partitions = broker.partitions(&TopicSelection::Names(vec![topic.to_owned()]))?;
        let first = broker.offsets(&partitions, &OffsetQuery::Earliest)?;
        let ends = broker.offsets(&partitions, &OffsetQuery::Latest)?;
        let last = |(first, end): (&Option<i64>, &Option<i64>)| Some((*end)?.saturating_sub(1).max((*first)?));
        let starts: Vec<Option<i64>> = first.iter().zip(&ends).map(last).collect();
        Tail::between(broker, partitions, &starts, &ends, true)
    }

    fn between(
        broker: &dyn Broker,
        partitions: Vec<TopicPartition>,
        starts: &[Option<i64>],
        ends: &[Option<i64>],
        until_end: bool,
    ) -> Result<Tail> {
        let (wake, woken) = std::sync::mpsc::sync_channel(1);
        let wake = Wake(std::sync::Arc::new(move || {
            // A full channel says the same already.
            let _ = wake.try_send(());
        }));
        let wanted = Wanted { keys: true, ..Wanted::default() };
        let mut consumer = broker.consumer(wanted, wake)?;
        let assignments = partitions.iter().zip(starts.iter().zip(ends)).map(|(partition, (start, end))| Assignment {
            partition: partition.clone(),
            start: start.or(*end).unwrap_or(0),
            end: if until_end { Some(end.unwrap_or(0)) } else { None },
        });
        consumer.assign(assignments.collect())?;
        let open = partitions.len();
        Ok(Tail { consumer, partitions, open, records: RecordBuffer::default(), woken })
    }

    /// New records of one partition into `self.records`; None: nothing now.
    pub fn poll(&mut self) -> Result<Option<i32>> {
        loop {
            match self.consumer.poll(BATCH, &mut self.records)? {
                Polled::Records(slot) => return Ok(Some(self.partitions[slot].partition)),
                Polled::End(_) => self.open -= 1,
                Polled::Nothing => return Ok(None),
            }
        }
    }

    /// Whether everything up to the end asked for has been read.
    pub fn is_at_end(&self) -> bool {
        self.open == 0
    }

    /// Until there may be more, or a moment has passed.
    pub fn wait(&self) {
        let _ = self.woken.recv_timeout(Duration::from_millis(100));
    }
}
