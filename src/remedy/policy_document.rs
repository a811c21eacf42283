pub(crate) fn assess(_: &super::Subject<'_, '_>) -> super::Verdict {
    super::Verdict::Safe
}
pub(crate) fn fix(
    _: &super::Subject<'_, '_>,
    _: &crate::rules::PolicyStatement,
) -> Result<super::Draft, super::Refusal> {
    Err(super::Refusal::new(super::RefusalKind::Policy, "", ""))
}
