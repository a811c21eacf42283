//! Which control an ASFF record names.
//!
//! Before Security Hub consolidated its control ids, each standard had its own: CIS 1.2.0 rule 4.1 is today's
//! EC2.13. Records of that time (and of accounts that never switched) carry only those.

use super::{Control, ControlCatalogue};

/// Where a record may say it.
pub(super) struct Hints<'a> {
    pub(super) security_control: &'a str,
    pub(super) generator: &'a str,
    pub(super) standard: &'a str,
    pub(super) control: &'a str,
    pub(super) config_rule: &'a str,
}

/// Every control that the record names, the most telling one first.
pub(super) fn controls(hints: &Hints<'_>) -> Vec<Control> {
    let mut found = Vec::new();
    let mut add = |catalogue, code: &str| {
        let control = Control {
            catalogue,
            code: code.to_owned(),
        };
        if !code.is_empty() && !found.contains(&control) {
            found.push(control);
        }
    };
    let generator = hints.generator.trim();
    if let Some(check) = generator.strip_prefix("prowler-") {
        add(ControlCatalogue::Prowler, check);
    } else if let Some(check) = generator.strip_prefix("prowler/") {
        add(ControlCatalogue::Prowler, check);
    }
    if is_code(hints.security_control.trim()) {
        add(ControlCatalogue::SecurityHub, hints.security_control.trim());
    }
    if let Some(code) = from_generator(generator) {
        add(ControlCatalogue::SecurityHub, code);
    }
    let standard = format!("{}/{}", hints.standard, hints.control);
    if let Some(code) = from_generator(&standard) {
        add(ControlCatalogue::SecurityHub, code);
    }
    let rule = config_rule(hints.config_rule.trim());
    add(ControlCatalogue::AwsConfig, rule);
    found
}

/// `S3.8`, `CloudTrail.4`: a service and a number.
fn is_code(text: &str) -> bool {
    text.split_once('.').is_some_and(|(service, number)| {
        service.starts_with(|c: char| c.is_ascii_alphabetic())
            && service.bytes().all(|b| b.is_ascii_alphanumeric())
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Reads `security-control/S3.8`, `aws-foundational-security-best-practices/v/1.0.0/S3.8`,
/// `arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1`,
/// `cis-aws-foundations-benchmark/v/1.4.0/1.14`, `pci-dss/v/3.2.1/PCI.S3.1`, `nist-800-53/v/5.0.0/S3.8`.
pub(super) fn from_generator(generator: &str) -> Option<&str> {
    let code = generator.rsplit('/').next()?.trim();
    if let Some(legacy) = code.strip_prefix("PCI.") {
        return lookup(PCI, legacy);
    }
    if generator.contains("cis-aws-foundations-benchmark") {
        let version = generator.split_once("/v/")?.1.split('/').next()?;
        let code = code.strip_prefix("CIS.").unwrap_or(code);
        return match version {
            "1.2.0" => lookup(CIS_1_2, code),
            "1.4.0" => lookup(CIS_1_4, code),
            _ if is_code(code) => Some(code),
            _ => None,
        };
    }
    let known = [
        "security-control/",
        "aws-foundational-security-best-practices/",
        "nist-800-53/",
        "nist-800-171/",
        "pci-dss/",
        "service-managed-aws-control-tower/",
        "aws-resource-tagging-standard/",
    ];
    // A standard that is not listed yet still ends with a consolidated id after `/v/<version>/`.
    (is_code(code) && (known.iter().any(|k| generator.contains(k)) || generator.contains("/v/")))
        .then_some(code)
}

/// `securityhub-s3-bucket-level-public-access-prohibited-0a1b2c3d` → the managed rule's name.
fn config_rule(name: &str) -> &str {
    let Some(name) = name.strip_prefix("securityhub-") else {
        return name;
    };
    match name.rsplit_once('-') {
        Some((rule, suffix))
            if suffix.len() >= 6
                && suffix.len() <= 8
                && suffix.bytes().all(|b| b.is_ascii_alphanumeric())
                && suffix.bytes().any(|b| b.is_ascii_digit()) =>
        {
            rule
        }
        _ => name,
    }
}

fn lookup(table: &'static [(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(old, _)| *old == code)
        .map(|(_, new)| *new)
}

/// CIS AWS Foundations Benchmark 1.2.0, by AWS's own consolidation of control ids.
const CIS_1_2: &[(&str, &str)] = &[
    ("1.1", "CloudWatch.1"),
    ("1.2", "IAM.5"),
    ("1.3", "IAM.8"),
    ("1.4", "IAM.3"),
    ("1.5", "IAM.11"),
    ("1.6", "IAM.12"),
    ("1.7", "IAM.13"),
    ("1.8", "IAM.14"),
    ("1.9", "IAM.15"),
    ("1.10", "IAM.16"),
    ("1.11", "IAM.17"),
    ("1.12", "IAM.4"),
    ("1.13", "IAM.9"),
    ("1.14", "IAM.6"),
    ("1.16", "IAM.2"),
    ("1.20", "IAM.18"),
    ("1.22", "IAM.1"),
    ("2.1", "CloudTrail.1"),
    ("2.2", "CloudTrail.4"),
    ("2.3", "CloudTrail.6"),
    ("2.4", "CloudTrail.5"),
    ("2.5", "Config.1"),
    ("2.6", "CloudTrail.7"),
    ("2.7", "CloudTrail.2"),
    ("2.8", "KMS.4"),
    ("2.9", "EC2.6"),
    ("3.1", "CloudWatch.2"),
    ("3.2", "CloudWatch.3"),
    ("3.3", "CloudWatch.1"),
    ("3.4", "CloudWatch.4"),
    ("3.5", "CloudWatch.5"),
    ("3.6", "CloudWatch.6"),
    ("3.7", "CloudWatch.7"),
    ("3.8", "CloudWatch.8"),
    ("3.9", "CloudWatch.9"),
    ("3.10", "CloudWatch.10"),
    ("3.11", "CloudWatch.11"),
    ("3.12", "CloudWatch.12"),
    ("3.13", "CloudWatch.13"),
    ("3.14", "CloudWatch.14"),
    ("4.1", "EC2.13"),
    ("4.2", "EC2.14"),
    ("4.3", "EC2.2"),
];

/// CIS AWS Foundations Benchmark 1.4.0.
const CIS_1_4: &[(&str, &str)] = &[
    ("1.4", "IAM.4"),
    ("1.5", "IAM.9"),
    ("1.6", "IAM.6"),
    ("1.7", "CloudWatch.1"),
    ("1.8", "IAM.15"),
    ("1.9", "IAM.16"),
    ("1.10", "IAM.5"),
    ("1.12", "IAM.22"),
    ("1.14", "IAM.3"),
    ("1.16", "IAM.1"),
    ("1.17", "IAM.18"),
    ("2.1.1", "S3.4"),
    ("2.1.2", "S3.5"),
    ("2.1.3", "S3.20"),
    ("2.1.5.1", "S3.1"),
    ("2.1.5.2", "S3.8"),
    ("2.2.1", "EC2.7"),
    ("2.3.1", "RDS.3"),
    ("3.1", "CloudTrail.1"),
    ("3.2", "CloudTrail.4"),
    ("3.3", "CloudTrail.6"),
    ("3.4", "CloudTrail.5"),
    ("3.5", "Config.1"),
    ("3.6", "CloudTrail.7"),
    ("3.7", "CloudTrail.2"),
    ("3.8", "KMS.4"),
    ("3.9", "EC2.6"),
    ("4.3", "CloudWatch.1"),
    ("4.4", "CloudWatch.4"),
    ("4.5", "CloudWatch.5"),
    ("4.6", "CloudWatch.6"),
    ("4.7", "CloudWatch.7"),
    ("4.8", "CloudWatch.8"),
    ("4.9", "CloudWatch.9"),
    ("4.10", "CloudWatch.10"),
    ("4.11", "CloudWatch.11"),
    ("4.12", "CloudWatch.12"),
    ("4.13", "CloudWatch.13"),
    ("4.14", "CloudWatch.14"),
    ("5.1", "EC2.21"),
    ("5.3", "EC2.2"),
];

/// PCI DSS 3.2.1, without its prefix `PCI.`.
const PCI: &[(&str, &str)] = &[
    ("AutoScaling.1", "AutoScaling.1"),
    ("CloudTrail.1", "CloudTrail.2"),
    ("CloudTrail.2", "CloudTrail.3"),
    ("CloudTrail.3", "CloudTrail.4"),
    ("CloudTrail.4", "CloudTrail.5"),
    ("CodeBuild.1", "CodeBuild.1"),
    ("CodeBuild.2", "CodeBuild.2"),
    ("Config.1", "Config.1"),
    ("CW.1", "CloudWatch.1"),
    ("DMS.1", "DMS.1"),
    ("EC2.1", "EC2.1"),
    ("EC2.2", "EC2.2"),
    ("EC2.4", "EC2.12"),
    ("EC2.5", "EC2.13"),
    ("EC2.6", "EC2.6"),
    ("ELBv2.1", "ELB.1"),
    ("ES.1", "ES.2"),
    ("ES.2", "ES.1"),
    ("GuardDuty.1", "GuardDuty.1"),
    ("IAM.1", "IAM.4"),
    ("IAM.2", "IAM.2"),
    ("IAM.3", "IAM.1"),
    ("IAM.4", "IAM.6"),
    ("IAM.5", "IAM.9"),
    ("IAM.6", "IAM.19"),
    ("IAM.7", "IAM.8"),
    ("IAM.8", "IAM.10"),
    ("KMS.1", "KMS.4"),
    ("Lambda.1", "Lambda.1"),
    ("Lambda.2", "Lambda.3"),
    ("RDS.1", "RDS.1"),
    ("RDS.2", "RDS.2"),
    ("Redshift.1", "Redshift.1"),
    ("S3.1", "S3.3"),
    ("S3.2", "S3.2"),
    ("S3.3", "S3.7"),
    ("S3.4", "S3.4"),
    ("S3.5", "S3.5"),
    ("S3.6", "S3.1"),
    ("SageMaker.1", "SageMaker.1"),
    ("SSM.1", "SSM.2"),
    ("SSM.2", "SSM.3"),
    ("SSM.3", "SSM.1"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_of_every_age() {
        for (generator, code) in [
            ("security-control/S3.8", Some("S3.8")),
            (
                "aws-foundational-security-best-practices/v/1.0.0/EC2.19",
                Some("EC2.19"),
            ),
            (
                "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0/rule/4.1",
                Some("EC2.13"),
            ),
            ("cis-aws-foundations-benchmark/v/1.4.0/1.14", Some("IAM.3")),
            ("cis-aws-foundations-benchmark/v/1.4.0/1.99", None),
            ("cis-aws-foundations-benchmark/v/3.0.0/1.14", None),
            ("pci-dss/v/3.2.1/PCI.S3.1", Some("S3.3")),
            ("pci-dss/v/4.0.1/S3.8", Some("S3.8")),
            ("nist-800-53/v/5.0.0/KMS.4", Some("KMS.4")),
            (
                "arn:aws:guardduty:eu-west-1:111122223333:detector/abc",
                None,
            ),
            ("my-scanner/check.12", None),
            ("", None),
        ] {
            assert_eq!(from_generator(generator), code, "{generator}");
        }
    }

    #[test]
    fn hints_are_joined_without_repetition() {
        let found = controls(&Hints {
            security_control: "S3.8",
            generator: "aws-foundational-security-best-practices/v/1.0.0/S3.8",
            standard: "arn:aws:securityhub:::standards/aws-foundational-security-best-practices/v/1.0.0",
            control: "S3.8",
            config_rule: "securityhub-s3-bucket-level-public-access-prohibited-0a1b2c3d",
        });
        let codes: Vec<_> = found
            .iter()
            .map(|c| (c.catalogue, c.code.as_str()))
            .collect();
        assert_eq!(
            codes,
            [
                (ControlCatalogue::SecurityHub, "S3.8"),
                (
                    ControlCatalogue::AwsConfig,
                    "s3-bucket-level-public-access-prohibited"
                ),
            ]
        );
    }

    #[test]
    fn config_rule_names_keep_what_is_theirs() {
        assert_eq!(
            config_rule("securityhub-restricted-ssh-1a2b3c4d"),
            "restricted-ssh"
        );
        assert_eq!(
            config_rule("securityhub-iam-user-unused-credentials-check"),
            "iam-user-unused-credentials-check"
        );
        assert_eq!(config_rule("restricted-ssh"), "restricted-ssh");
    }
}
