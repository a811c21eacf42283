//! AWS: who we are, whether findings may be read, and the clock.

use super::Findings;
use crate::cli::args::DoctorArgs;

const AREA: &str = "aws";

/// The region of `--from security-hub[:REGION]`; an error when it is neither.
#[cfg(feature = "aws")]
fn region(from: Option<&str>) -> Result<Option<&str>, String> {
    match from {
        None => Ok(None),
        Some(source) => {
            let (name, region) = match source.split_once(':') {
                Some((name, region)) => (name, Some(region)),
                None => (source, None),
            };
            if ["security-hub", "security-hub-v2"].contains(&name) {
                Ok(region)
            } else {
                Err(format!(
                    "--from {source}: there is security-hub or security-hub:REGION"
                ))
            }
        }
    }
}

#[cfg(feature = "aws")]
pub(super) fn look(args: &DoctorArgs, env: &dyn Fn(&str) -> Option<String>, found: &mut Findings) {
    use crate::cloud::{CloudError, Session};

    let session = match region(args.from.as_deref())
        .and_then(|region| Session::open(region).map_err(|e| e.to_string()))
    {
        Ok(session) => session,
        Err(problem) => {
            found.fail(AREA, problem, "");
            return;
        }
    };
    let probe = session.probe();
    let needed = args.from.is_some();
    match &probe.caller {
        Ok(caller) => found.ok(
            AREA,
            format!("signed in as {} (account {})", caller.arn, caller.account),
        ),
        // Findings from files need nobody to be signed in.
        Err(e @ CloudError::NoCredentials { .. }) if !needed => found.warn(
            AREA,
            format!("Security Hub was not looked at: {e}"),
            "only `--from security-hub` needs it",
        ),
        Err(e) => found.fail(AREA, e.to_string(), ""),
    }
    if let Some(endpoint) = env("AWS_ENDPOINT_URL") {
        found.warn(
            AREA,
            format!("AWS_ENDPOINT_URL is set: {endpoint} is asked, not AWS"),
            "unset it, unless it is meant",
        );
    }
    if let Some(skew) = probe.skew {
        super::skew(AREA, skew, found);
    }
    match (&probe.findings, &probe.region) {
        (Some(Ok(())), Some(region)) => {
            found.ok(
                AREA,
                format!("Security Hub in {region} lets findings be read"),
            );
        }
        (Some(Err(e)), _) => {
            let next = match e.code() {
                Some("InvalidAccessException") => {
                    "Security Hub is not switched on there: name the region where it is (--from security-hub:REGION, AWS_REGION)"
                }
                _ => "",
            };
            found.fail(AREA, e.to_string(), next);
        }
        (None, None) if probe.caller.is_ok() => {
            let problem = "Security Hub was not looked at: no region is known";
            let next = "set AWS_REGION, or give --from security-hub:REGION";
            if needed {
                found.fail(AREA, problem, next);
            } else {
                found.warn(AREA, problem, next);
            }
        }
        _ => {}
    }
}

#[cfg(not(feature = "aws"))]
pub(super) fn look(args: &DoctorArgs, _: &dyn Fn(&str) -> Option<String>, found: &mut Findings) {
    let text = "this tfmend was built without AWS (feature `aws`)";
    if args.from.is_some() {
        found.fail(
            AREA,
            text,
            "build it with `--features aws`, or read findings from files",
        );
    } else {
        found.warn(AREA, text, "findings come from files");
    }
}

#[cfg(all(test, feature = "aws"))]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_part_of_the_source() {
        assert_eq!(region(None), Ok(None));
        assert_eq!(region(Some("security-hub")), Ok(None));
        assert_eq!(
            region(Some("security-hub:eu-west-1")),
            Ok(Some("eu-west-1"))
        );
        assert!(region(Some("s3:x")).is_err());
    }
}
