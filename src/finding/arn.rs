//! Amazon Resource Names, taken apart.

/// The parts of `arn:partition:service:region:account:resource`, borrowed from the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: &'a str,
    /// `s3`, `ec2`, `iam`, …
    pub service: &'a str,
    /// Empty for global services.
    pub region: &'a str,
    /// Empty where the name is globally unique (buckets) or AWS owns it (`aws`).
    pub account: &'a str,
    /// Everything after the fifth colon: `role/path/name`, `db:name`, `name`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes `text` apart; `None` when it is no ARN.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let arn = Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (!arn.partition.is_empty() && !arn.service.is_empty() && !arn.resource.is_empty())
            .then_some(arn)
    }

    /// The account, when it is a real one (twelve digits).
    #[must_use]
    pub fn account_id(&self) -> Option<&'a str> {
        is_account_id(self.account).then_some(self.account)
    }

    /// The name or id at the end: what follows the type, without a path (`role/a/b` → `b`, `db:x` → `x`).
    #[must_use]
    pub fn leaf(&self) -> &'a str {
        let after_type = match self.resource.find([':', '/']) {
            Some(at) => &self.resource[at + 1..],
            None => self.resource,
        };
        match self.service {
            // A log group's or a parameter's name contains slashes.
            "logs" | "ssm" | "secretsmanager" | "ecr" => after_type.trim_end_matches(":*"),
            _ => after_type.rsplit('/').next().unwrap_or(after_type),
        }
    }
}

/// Is this an AWS account id?
#[must_use]
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn parts() {
        let arn = Arn::parse("arn:aws:iam::111122223333:role/service/deploy").unwrap();
        assert_eq!((arn.service, arn.region), ("iam", ""));
        assert_eq!(arn.account_id(), Some("111122223333"));
        assert_eq!(arn.leaf(), "deploy");
        let db = Arn::parse("arn:aws-cn:rds:cn-north-1:111122223333:db:orders").unwrap();
        assert_eq!((db.partition, db.leaf()), ("aws-cn", "orders"));
        let group = Arn::parse("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x:*").unwrap();
        assert_eq!(group.leaf(), "/aws/x");
    }

    #[test]
    fn not_an_arn() {
        for text in [
            "",
            "arn:",
            "arn:aws:s3",
            "sg-123",
            "arn:aws:s3:::",
            "urn:aws:s3:::x",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
