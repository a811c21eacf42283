//! What a replaced expression leaves of the expressions around it: a choice between equals chooses nothing.

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use crate::remedy::written;
use crate::terraform::{SourceFile, Span};

/// The span that goes when the expression at `span` becomes `text`: `x ? false : true` with `true` replaced by `false`
/// goes as a whole, and so do parentheses around it.
pub(super) fn whole(file: &SourceFile, span: &Span, text: &str) -> Span {
    let mut goes = span.clone();
    for expression in written::around(file, span) {
        let Some(own) = expression.span() else {
            break;
        };
        if own == goes {
            continue;
        }
        let vanishes = match expression {
            Expression::Parenthesis(_) => !text.contains('\n'),
            Expression::Conditional(choice) => {
                let (yes, no) = (choice.true_expr.span(), choice.false_expr.span());
                let other = match (yes, no) {
                    (Some(yes), Some(no)) if yes == goes => Some(no),
                    (Some(yes), Some(no)) if no == goes => Some(yes),
                    _ => None,
                };
                other.is_some_and(|other| bare(file.slice(other)) == text)
            }
            _ => false,
        };
        if !vanishes {
            break;
        }
        goes = own;
    }
    // Parentheses alone are the author's: they go only together with the choice that they held.
    let only_parentheses = written::at(file, &goes).is_some_and(|e| {
        let mut inner = e;
        while let Expression::Parenthesis(p) = inner {
            inner = p.inner();
        }
        inner.span().as_ref() == Some(span)
    });
    if only_parentheses { span.clone() } else { goes }
}

/// A text without the parentheses around it.
fn bare(text: &str) -> &str {
    let inner = text
        .strip_prefix('(')
        .and_then(|t| t.strip_suffix(')'))
        .filter(|t| !t.contains(['(', ')']));
    inner.map_or(text, |t| bare(t.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::RepoPath;

    /// What goes of `code` when the last `true` in it becomes `false`.
    fn goes(code: &str) -> String {
        let text = format!("a = {code}\n");
        let file = SourceFile::new(RepoPath::new("a.tf").unwrap(), text.clone().into_bytes());
        let start = text.rfind("true").unwrap();
        let span = whole(&file, &(start..start + 4), "false");
        file.slice(span).to_owned()
    }

    #[test]
    fn a_choice_between_equals_goes_as_a_whole() {
        assert_eq!(goes("x ? true : false"), "x ? true : false");
        assert_eq!(goes("x ? false : true"), "x ? false : true");
        assert_eq!(
            goes("x ? false : (y ? true : false)"),
            "x ? false : (y ? true : false)"
        );
        assert_eq!(goes("x ? (false) : true"), "x ? (false) : true");
    }

    #[test]
    fn what_still_chooses_stays() {
        assert_eq!(goes("x ? null : true"), "true");
        assert_eq!(goes("(true)"), "true");
        assert_eq!(goes("x ? y : (z ? true : false)"), "(z ? true : false)");
        assert_eq!(goes("try(x, true)"), "true");
        assert_eq!(goes("[x ? true : false]"), "x ? true : false");
    }
}
