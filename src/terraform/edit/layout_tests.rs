use super::*;

/// The tokens with their text.
fn told(text: &str) -> Vec<(Kind, &str)> {
    tokens(text)
        .iter()
        .map(|t| (t.kind, &text[t.start..t.end]))
        .collect()
}

/// The kinds of the tokens, one letter each.
fn shape(text: &str) -> String {
    tokens(text)
        .iter()
        .map(|t| match t.kind {
            Kind::Word => 'w',
            Kind::Open => '(',
            Kind::Close => ')',
            Kind::Equal => '=',
            Kind::Comma => ',',
            Kind::Newline => 'n',
            Kind::LineComment => '#',
            Kind::BlockComment => '*',
            Kind::HeredocOpen => '<',
            Kind::HeredocClose => '>',
        })
        .collect()
}

/// The texts of the tokens, with a bar between them.
fn cut(text: &str) -> String {
    let pieces: Vec<&str> = tokens(text).iter().map(|t| &text[t.start..t.end]).collect();
    pieces.join("|")
}

#[test]
fn code_is_cut_into_words_signs_and_line_ends() {
    assert_eq!(
        told("a = [1, b-c.d_2]\n"),
        [
            (Kind::Word, "a"),
            (Kind::Equal, "="),
            (Kind::Open, "["),
            (Kind::Word, "1"),
            (Kind::Comma, ","),
            (Kind::Word, "b-c.d_2"),
            (Kind::Close, "]"),
            (Kind::Newline, "\n"),
        ]
    );
    assert_eq!(cut("grün=1\r\n\t x"), "grün|=|1|\r\n|x");
    assert_eq!(shape("grün=1\r\n\t x"), "w=wnw");
    // A carriage return alone ends no line.
    assert_eq!(shape("a\rb"), "www");
    assert_eq!(shape("f(a)"), "w(w)");
    assert_eq!(told(""), []);
}

#[test]
fn only_a_single_equal_sign_is_one() {
    for sign in ["==", "=>", "<=", ">=", "!="] {
        let text = format!("a{sign}b");
        assert_eq!(
            told(&text),
            [(Kind::Word, "a"), (Kind::Word, sign), (Kind::Word, "b")],
            "{sign}"
        );
    }
    for sign in ["<", ">", "!", "*", "/", "?", ":", "&"] {
        let text = format!("a{sign}b");
        assert_eq!(cut(&text), format!("a|{sign}|b"));
        assert_eq!(shape(&text), "www", "{sign}");
    }
    assert_eq!(shape("a=b"), "w=w");
}

#[test]
fn comments_reach_to_the_end_of_the_line_or_to_their_own() {
    assert_eq!(
        told("a # b = c\nd"),
        [
            (Kind::Word, "a"),
            (Kind::LineComment, "# b = c\n"),
            (Kind::Word, "d")
        ]
    );
    assert_eq!(cut("a // b\nc"), "a|// b\n|c");
    assert_eq!(shape("a // b\nc"), "w#w");
    assert_eq!(cut("a # b"), "a|# b");
    assert_eq!(cut("a /* b\n = */ c"), "a|/* b\n = */|c");
    assert_eq!(shape("a /* b\n = */ c"), "w*w");
    assert_eq!(cut("/**/ c"), "/**/|c");
    assert_eq!(cut("a /*/ b */ c"), "a|/*/ b */|c");
    // One that is never closed takes the rest.
    assert_eq!(cut("a /* b"), "a|/* b");
}

#[test]
fn a_quoted_text_is_words_around_its_interpolations() {
    assert_eq!(cut(r#"a = "x = y" # c"#), r##"a|=|"|x = y|"|# c"##);
    assert_eq!(cut(r#""""#), r#""|""#);
    assert_eq!(cut(r#""a${b}c""#), r#""|a|${|b|}|c|""#);
    assert_eq!(shape(r#""a${b}c""#), "ww(w)ww");
    assert_eq!(cut(r#""${a}${b}""#), r#""|${|a|}|${|b|}|""#);
    assert_eq!(
        cut(r#""%{ if a }b%{ endif }""#),
        r#""|%{|if|a|}|b|%{|endif|}|""#
    );
    // Braces and quotes inside of an interpolation are its own.
    assert_eq!(
        cut(r#""${ {a = "}"}["a"] }" # c"#),
        r##""|${|{|a|=|"|}|"|}|[|"|a|"|]|}|"|# c"##
    );
    assert_eq!(shape(r#""${ {a = 1} }""#), "w((w=w))w");
}

#[test]
fn escapes_end_no_text_and_start_no_interpolation() {
    assert_eq!(cut(r#""a\"b" = "#), r#""|a\"b|"|="#);
    assert_eq!(cut(r#""a\\" = "#), r#""|a\\|"|="#);
    assert_eq!(cut(r#""$${a}" = "#), r#""|$${a}|"|="#);
    assert_eq!(cut(r#""%%{a}" = "#), r#""|%%{a}|"|="#);
    assert_eq!(cut(r#""$a %b $" = "#), r#""|$a %b $|"|="#);
    // A percent sign before an interpolation escapes nothing, nor the other way round.
    assert_eq!(cut(r#""%${a}""#), r#""|%|${|a|}|""#);
    assert_eq!(cut(r#""$%{a}""#), r#""|$|%{|a|}|""#);
    // One that is never closed ends with its line, so that the rest still has lines.
    assert_eq!(shape("a = \"b\nc = 1\n"), "w=wwnw=wn");
    assert_eq!(shape("a = \"\nc = 1\n"), "w=wnw=wn");
    assert_eq!(cut("\"a\\"), "\"|a\\");
}

#[test]
fn a_brace_that_closes_nothing_leaves_the_lexer_where_it_is() {
    assert_eq!(shape("}} a = 1\n"), "))w=wn");
    assert_eq!(shape("{{}}} \"a\""), "(()))www");
}

#[test]
fn a_heredoc_ends_at_its_marker_alone_on_a_line() {
    let text = "a = <<EOF\nb = ${c} EOF\n EOF2\n${d}EOF\n  EOF\ne = 1\n";
    assert_eq!(
        told(text),
        [
            (Kind::Word, "a"),
            (Kind::Equal, "="),
            (Kind::HeredocOpen, "<<EOF\n"),
            (Kind::Word, "b = "),
            (Kind::Open, "${"),
            (Kind::Word, "c"),
            (Kind::Close, "}"),
            (Kind::Word, " EOF\n"),
            (Kind::Word, " EOF2\n"),
            (Kind::Open, "${"),
            (Kind::Word, "d"),
            (Kind::Close, "}"),
            (Kind::Word, "EOF\n"),
            (Kind::HeredocClose, "  EOF"),
            (Kind::Newline, "\n"),
            (Kind::Word, "e"),
            (Kind::Equal, "="),
            (Kind::Word, "1"),
            (Kind::Newline, "\n"),
        ]
    );
    assert_eq!(
        cut("<<-E_1-x\r\n\tb\r\n\tE_1-x\r\n"),
        "<<-E_1-x\r\n|\tb\r\n|\tE_1-x|\r\n"
    );
    assert_eq!(shape("<<-E_1-x\r\n\tb\r\n\tE_1-x\r\n"), "<w>n");
    assert_eq!(shape("<<EOF\nEOF\nx"), "<>nw");
    assert_eq!(cut("<<EOF\nb\nEOF"), "<<EOF\n|b\n|EOF");
    // One that is never closed takes the rest.
    assert_eq!(shape("<<EOF\nb = 1\n"), "<w");
    assert_eq!(cut("<<EOF"), "<<EOF");
}

#[test]
fn two_signs_without_a_marker_open_no_heredoc() {
    assert_eq!(cut("a << b\n"), "a|<<|b|\n");
    assert_eq!(cut("a <<\nb"), "a|<<|\n|b");
    assert_eq!(cut("a <<-\nb"), "a|<<|-|\n|b");
    assert_eq!(shape("<<a.b\nc\n"), "wwnwn");
}

/// The cells of each line: what stands before and behind `=` (whole, loose), and the comment.
fn cells(text: &str) -> Vec<String> {
    lines(text)
        .iter()
        .map(|line| {
            let gap = |cell: Option<(usize, usize)>| {
                cell.map_or_else(String::new, |(from, to)| {
                    format!(
                        "{}[{}]{}",
                        &text[line.span.start..from],
                        to - from,
                        &text[to..=to]
                    )
                })
            };
            let first = line.first.map_or("-", |f| &text[f..=f]);
            format!(
                "{first} {};{};{}",
                gap(line.assign),
                gap(line.loose),
                gap(line.comment)
            )
        })
        .collect()
}

#[test]
fn a_line_has_one_cell_and_perhaps_a_comment() {
    assert_eq!(
        cells("a  = 1 # c\n\n  b = [\n    1,  // d\n  ]\n= 2\n# e = f\ng = h == 1\n"),
        [
            "a a[2]=;;a  = 1[1]#",
            "- ;;",
            "b ;  b[1]=;",
            "1 ;;    1,[2]/",
            "] ;;",
            // What has nothing before it is no cell.
            "= ;;",
            "# ;;",
            "g g[1]=;;",
        ]
    );
    // The brackets before the sign do not count, those behind it do.
    assert_eq!(cells("a(b) = c(d)"), ["a a(b)[1]=;;"]);
    assert_eq!(cells("} else = {\n}"), ["} ;} else[1]=;", "} ;;"]);
    assert_eq!(cells("a { b = 1 }"), ["a ;a { b[1]=;"]);
    // A comment alone on its line is no trailing one, and one in the middle ends nothing.
    assert_eq!(cells("/* x */ # y\n"), ["/ ;;/* x */[1]#"]);
    assert_eq!(cells("a = 1 /* x */"), ["a a[1]=;;"]);
}

#[test]
fn a_heredoc_and_what_stands_before_it_are_one_line() {
    let text = "a = <<EOF\n  b = 1\nEOF\nc = 2\n";
    let spans: Vec<&str> = lines(text).iter().map(|l| &text[l.span.clone()]).collect();
    assert_eq!(spans, ["a = <<EOF\n  b = 1\nEOF\n", "c = 2\n"]);
    assert_eq!(cells(text)[0], "a a[1]=;;");
    let last = "a\nb";
    let spans: Vec<&str> = lines(last).iter().map(|l| &last[l.span.clone()]).collect();
    assert_eq!(spans, ["a\n", "b"]);
    assert_eq!(lines("").len(), 0);
    // A block comment over several lines ends none of them.
    assert_eq!(lines("a /* b\n */ c\nd\n").len(), 2);
}

#[test]
fn new_text_is_indented_by_what_is_open() {
    assert_eq!(
        settle_new("a {\nb = [\n1,\n2,\n]\n\nc {\n}\n}\n", "  "),
        "a {\n    b = [\n      1,\n      2,\n    ]\n\n    c {\n    }\n  }\n"
    );
    // Brackets that open together count as one step, and close together.
    assert_eq!(
        settle_new("a = [{\nb = 1\n}, {\nc = 1\n}]\n", ""),
        "a = [{\n  b = 1\n  }, {\n  c = 1\n}]\n"
    );
    assert_eq!(
        settle_new("a = f([{\nb = 1\n}\n])\nc = 1\n", ""),
        "a = f([{\n  b = 1\n  }\n])\nc = 1\n"
    );
    assert_eq!(
        settle_new("a = [\n[\n1\n]]\nb = 1\n", ""),
        "a = [\n  [\n    1\n]]\nb = 1\n"
    );
    // More closed than ever opened.
    assert_eq!(settle_new("}\n}\na\n", "  "), "}\n  }\n  a\n");
}

#[test]
fn new_text_is_aligned_and_heredocs_stay() {
    assert_eq!(
        settle_new("a = 1 # x\nlong = 22 # y\n", "  "),
        "a    = 1  # x\n  long = 22 # y\n"
    );
    assert_eq!(
        settle_new("a {\nb = <<EOF\n{ [\n  EOF\nlonger = 1\n}", "  "),
        "a {\n    b      = <<EOF\n{ [\n  EOF\n    longer = 1\n  }"
    );
}
