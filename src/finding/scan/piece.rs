//! What the cutter hands out: a piece of the input, what it looks like, and what is wrong with it.

/// Which telling keys a record has at its top, as a set of bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::finding) struct Shape(pub(in crate::finding) u32);

impl Shape {
    pub(in crate::finding) const ASFF: u32 = 1;
    pub(in crate::finding) const OCSF: u32 = 1 << 1;
    pub(in crate::finding) const SCC_PAIR: u32 = 1 << 2;
    pub(in crate::finding) const SCC_BARE: u32 = 1 << 3;
    pub(in crate::finding) const EVENT: u32 = 1 << 4;
    pub(in crate::finding) const SNS: u32 = 1 << 5;
    pub(in crate::finding) const LAMBDA_SNS: u32 = 1 << 6;
    pub(in crate::finding) const BODY: u32 = 1 << 7;
    pub(in crate::finding) const MESSAGE: u32 = 1 << 8;
    pub(in crate::finding) const DATA: u32 = 1 << 9;
    pub(in crate::finding) const PUBSUB_META: u32 = 1 << 10;

    pub(in crate::finding) fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    pub(super) fn note(&mut self, key: &[u8]) {
        self.0 |= match key {
            b"ProductArn" | b"GeneratorId" | b"AwsAccountId" | b"SchemaVersion" => Self::ASFF,
            b"class_uid" | b"finding_info" | b"category_uid" | b"class_name" => Self::OCSF,
            b"finding" => Self::SCC_PAIR,
            b"resourceName" | b"resource_name" => Self::SCC_BARE,
            b"detail" => Self::EVENT,
            b"Message" => Self::SNS,
            b"Sns" => Self::LAMBDA_SNS,
            b"Body" | b"body" => Self::BODY,
            b"message" => Self::MESSAGE,
            b"data" => Self::DATA,
            b"messageId" | b"message_id" | b"publishTime" | b"attributes" => Self::PUBSUB_META,
            _ => 0,
        };
    }
}

/// Keys whose list holds records of its own.
pub(super) fn is_container_key(key: &[u8]) -> bool {
    matches!(
        key,
        b"Findings"
            | b"findings"
            | b"listFindingsResults"
            | b"Messages"
            | b"Records"
            | b"receivedMessages"
    )
}

/// Why a piece cannot be a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::finding) enum Fault {
    /// Brackets, commas or quotes do not fit; serde says where.
    Broken,
    /// The input ends inside it.
    Truncated,
    /// The input ends inside the list around the records.
    ListNotClosed,
    /// More than [`RECORD_LIMIT`] bytes.
    TooLarge,
    /// More than [`DEPTH_LIMIT`] levels.
    TooDeep,
    /// Not JSON at all.
    Garbage,
    /// A closing bracket without its opening one.
    StrayBracket,
    /// UTF-16 text.
    Utf16,
    /// A compressed file.
    Compressed,
}

/// One cut piece.
#[derive(Debug, Clone, Copy)]
pub(in crate::finding) struct Cut<'b> {
    pub(in crate::finding) bytes: &'b [u8],
    pub(in crate::finding) shape: Shape,
    pub(in crate::finding) fault: Option<Fault>,
}
