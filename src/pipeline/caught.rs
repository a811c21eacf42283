//! A panic of one stage is the failure of one finding (invariant 12).

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a stage for one finding; when it panics, the message.
pub(super) fn caught<T>(stage: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(stage)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or(panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message")
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_is_the_failure_of_one_stage_and_keeps_its_message() {
        assert_eq!(caught(|| 1), Ok(1));
        let empty: &[u8] = &[];
        let text = caught(|| empty[std::hint::black_box(3)]).unwrap_err();
        assert!(text.contains("out of bounds"), "{text}");
        assert_eq!(caught(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
    }
}
