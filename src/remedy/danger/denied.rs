//! What a change makes the cloud refuse the next time it is applied.

use crate::remedy::subject::Subject;
use crate::remedy::{Draft, exposure};

/// The type that makes S3 refuse public ACLs.
const BLOCK: &str = "aws_s3_bucket_public_access_block";

/// The sentence for the reviewer when an ACL stays in the code that S3 no longer takes.
pub(super) fn acl(subject: &Subject<'_, '_>, draft: &Draft) -> Option<String> {
    let blocks = draft.paths.iter().any(|path| path == BLOCK) || draft.block.starts_with(BLOCK);
    let acl = blocks.then(|| exposure::open_acl(subject)).flatten()?;
    let (file, line) = acl.place;
    Some(format!(
        "`acl` of `{}` stays `{}` ({file}:{line}): nobody is let in by it any more, and S3 refuses it when it is applied \
         anew. Set it to `private`, or take it out.",
        acl.holder, acl.value
    ))
}
