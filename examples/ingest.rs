//! How fast findings are read: `cargo run --release --example ingest [COUNT]` makes that many Security Hub findings
//! (3 KB each), reads them and prints time and peak memory.

use std::io::{self, Read};
use std::time::Instant;

use tfmend::finding::{self, Record};

/// Makes the text of a page with `count` findings, one at a time.
struct Page {
    count: usize,
    next: usize,
    pending: Vec<u8>,
    at: usize,
}

impl Read for Page {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.pending.len() {
            if self.next > self.count {
                return Ok(0);
            }
            self.pending.clear();
            self.at = 0;
            if self.next == 0 {
                self.pending.extend_from_slice(b"{\"Findings\": [");
            }
            if self.next == self.count {
                self.pending.extend_from_slice(b"]}");
            } else {
                self.pending.extend_from_slice(record(self.next).as_bytes());
            }
            self.next += 1;
        }
        let take = buffer.len().min(self.pending.len() - self.at);
        buffer[..take].copy_from_slice(&self.pending[self.at..self.at + take]);
        self.at += take;
        Ok(take)
    }
}

fn record(number: usize) -> String {
    let comma = if number == 0 { "" } else { "," };
    let status = if number.is_multiple_of(3) {
        "PASSED"
    } else {
        "FAILED"
    };
    let filler = "NIST.800-53.r5 AC-3(7)\",\"NIST.800-53.r5 SC-7(11)\",\"".repeat(26);
    format!(
        r#"{comma}{{"SchemaVersion":"2018-10-08","Id":"arn:aws:securityhub:eu-west-1:111122223333:security-control/S3.8/finding/{number:036}","ProductArn":"arn:aws:securityhub:eu-west-1::product/aws/securityhub","ProductName":"Security Hub","CompanyName":"AWS","Region":"eu-west-1","GeneratorId":"security-control/S3.8","AwsAccountId":"111122223333","Types":["Software and Configuration Checks/Industry and Regulatory Standards"],"FirstObservedAt":"2026-02-01T08:00:00.000Z","LastObservedAt":"2026-03-01T08:00:00.000Z","CreatedAt":"2026-02-01T08:00:00.000Z","UpdatedAt":"2026-03-01T08:00:00.000Z","Severity":{{"Label":"HIGH","Normalized":70,"Original":"HIGH"}},"Title":"S3 general purpose buckets should block public access","Description":"This control checks whether an Amazon S3 general purpose bucket blocks public access at the bucket level.","Remediation":{{"Recommendation":{{"Text":"For information on how to correct this issue, consult the documentation.","Url":"https://docs.aws.amazon.com/console/securityhub/S3.8/remediation"}}}},"ProductFields":{{"RelatedAWSResources:0/name":"securityhub-s3-bucket-level-public-access-prohibited-0a1b2c3d","RelatedAWSResources:0/type":"AWS::Config::ConfigRule","aws/securityhub/ProductName":"Security Hub"}},"Resources":[{{"Type":"AwsS3Bucket","Id":"arn:aws:s3:::acme-logs-{number}","Partition":"aws","Region":"eu-west-1","Tags":{{"team":"platform"}},"Details":{{"AwsS3Bucket":{{"OwnerId":"0a1b2c3d","Name":"acme-logs-{number}"}}}}}}],"Compliance":{{"Status":"{status}","SecurityControlId":"S3.8","RelatedRequirements":["{filler}x"]}},"Workflow":{{"Status":"NEW"}},"RecordState":"ACTIVE"}}"#
    )
}

/// Processor time of this process so far, seconds (user and system, all threads).
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    // A file is read as users have it; without one the page is made on the fly.
    let keep = std::env::var_os("KEEP").is_some();
    let path = std::env::temp_dir().join(format!("tfmend-ingest-{}.json", std::process::id()));
    let mut page = Page {
        count,
        next: 0,
        pending: Vec::new(),
        at: 0,
    };
    io::copy(&mut page, &mut std::fs::File::create(&path)?)?;
    let now = "2026-03-02T00:00:00Z".parse()?;
    let processor = processor_seconds();
    let start = Instant::now();
    let mut kept = Vec::new();
    let mut sink = |record: Record| {
        if keep {
            kept.push(record);
        }
    };
    let tally = finding::read(
        std::fs::File::open(&path)?,
        "generated",
        None,
        now,
        &mut sink,
    )?;
    let seconds = start.elapsed().as_secs_f64();
    let processor = processor_seconds()
        .zip(processor)
        .map_or(0.0, |(end, start)| end - start);
    std::fs::remove_file(&path)?;
    println!(
        "{} findings ({} invalid), {:.1} MB in {seconds:.2} s (processor {processor:.2} s), peak {} MiB{}",
        tally.records,
        tally.invalid,
        tally.bytes as f64 / 1e6,
        peak_kib().unwrap_or_default() / 1024,
        if keep { ", all kept in memory" } else { "" },
    );
    Ok(())
}
