//! The grammar of expressions, as the parser reads it.

use super::{Doubt, OPERATORS, Scan, Scanner, continues_name, starts_name};

impl Scanner<'_> {
    /// An expression. `newlines` = line ends are white space here.
    pub(super) fn expression(&mut self, newlines: bool) -> Scan {
        self.descend()?;
        self.term(newlines)?;
        loop {
            let end = self.at;
            self.skip(newlines)?;
            if self.peek() == b'?' {
                self.at += 1;
                self.skip(newlines)?;
                self.expression(newlines)?;
                self.skip(newlines)?;
                self.expect(b':')?;
                self.skip(newlines)?;
                self.expression(newlines)?;
                break;
            }
            let length = self.operator()?;
            if length == 0 {
                self.at = end;
                break;
            }
            self.operators += 1;
            if self.operators > OPERATORS {
                return Err(Doubt);
            }
            self.at += length;
            self.skip(newlines)?;
            self.term(newlines)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// The length of the binary operator that stands here; 0 = none.
    fn operator(&self) -> Scan<usize> {
        let second = self.next(1);
        Ok(match self.peek() {
            b'=' if second == b'=' => 2,
            b'!' if second == b'=' => 2,
            b'&' if second == b'&' => 2,
            b'|' if second == b'|' => 2,
            b'!' | b'&' | b'|' => return Err(Doubt),
            b'<' if second == b'<' => return Err(Doubt),
            b'<' | b'>' if second == b'=' => 2,
            b'<' | b'>' | b'+' | b'-' | b'*' | b'%' => 1,
            b'/' if second != b'/' && second != b'*' => 1,
            _ => 0,
        })
    }

    /// A term with everything that is looked up in it.
    fn term(&mut self, newlines: bool) -> Scan {
        match self.peek() {
            b'"' => self.quoted()?,
            b'[' => self.array()?,
            b'{' => self.object()?,
            b'0'..=b'9' => self.number()?,
            b'<' => self.heredoc()?,
            b'-' | b'!' => {
                self.at += 1;
                self.skip_sp()?;
                self.descend()?;
                self.term(newlines)?;
                self.depth -= 1;
            }
            b'(' => {
                self.at += 1;
                self.skip_ws()?;
                self.expression(true)?;
                self.skip_ws()?;
                self.expect(b')')?;
            }
            byte if starts_name(byte) => self.named(newlines)?,
            _ => return Err(Doubt),
        }
        self.traversal(newlines)
    }

    /// A variable, a word, or the call of a function.
    fn named(&mut self, newlines: bool) -> Scan {
        self.name()?;
        let end = self.at;
        self.skip(newlines)?;
        match self.peek() {
            b'(' if self.crossed_line(end) => Err(Doubt),
            b'(' => self.arguments(),
            b':' if self.next(1) == b':' => Err(Doubt),
            _ => {
                self.at = end;
                Ok(())
            }
        }
    }

    fn crossed_line(&self, from: usize) -> bool {
        self.text[from..self.at].contains(&b'\n')
    }

    fn arguments(&mut self) -> Scan {
        self.at += 1;
        self.skip_ws()?;
        loop {
            if self.peek() == b')' {
                self.at += 1;
                return Ok(());
            }
            self.expression(true)?;
            self.skip_ws()?;
            match self.peek() {
                b',' => {
                    self.at += 1;
                    self.skip_ws()?;
                }
                b'.' if self.text[self.at..].starts_with(b"...") => {
                    self.at += 3;
                    self.skip_ws()?;
                    return self.expect(b')');
                }
                b')' => {}
                _ => return Err(Doubt),
            }
        }
    }

    /// `.name`, `.0`, `.*`, `[index]`, `[*]`, any number of them.
    fn traversal(&mut self, newlines: bool) -> Scan {
        loop {
            let end = self.at;
            self.skip(newlines)?;
            let (first, second) = (self.peek(), self.next(1));
            let goes_on = first == b'[' || (first == b'.' && second != b'.');
            if !goes_on {
                self.at = end;
                return Ok(());
            }
            if self.crossed_line(end) {
                return Err(Doubt);
            }
            self.at += 1;
            if first == b'[' {
                self.skip_ws()?;
                if self.peek() == b'*' {
                    self.at += 1;
                } else {
                    self.expression(true)?;
                }
                self.skip_ws()?;
                self.expect(b']')?;
                continue;
            }
            match self.peek() {
                b'*' => self.at += 1,
                b'0'..=b'9' => {
                    let start = self.at;
                    self.digits();
                    let length = self.at - start;
                    if length > 18 || (length > 1 && self.text[start] == b'0') {
                        return Err(Doubt);
                    }
                }
                _ => {
                    self.name()?;
                }
            }
        }
    }

    fn digits(&mut self) {
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Scan {
        let start = self.at;
        self.digits();
        if self.peek() == b'.' && self.next(1).is_ascii_digit() {
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            let exponent = self.at;
            self.digits();
            if !(1..=2).contains(&(self.at - exponent)) {
                return Err(Doubt);
            }
        }
        if self.at - start > 40 {
            return Err(Doubt);
        }
        Ok(())
    }

    /// A quoted template.
    fn quoted(&mut self) -> Scan {
        self.at += 1;
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => match self.next(1) {
                    b'n' | b'r' | b't' | b'\\' | b'"' => self.at += 2,
                    _ => return Err(Doubt),
                },
                b'$' | b'%' => self.marker()?,
                b'\n' => return Err(Doubt),
                0 if self.ended() => return Err(Doubt),
                _ => self.at += 1,
            }
        }
    }

    /// `$` or `%` in a template: itself, escaped, or the start of an interpolation.
    fn marker(&mut self) -> Scan {
        let sign = self.peek();
        if self.next(1) == sign && self.next(2) == b'{' {
            self.at += 3;
            return Ok(());
        }
        if self.next(1) != b'{' {
            self.at += 1;
            return Ok(());
        }
        if sign == b'%' {
            return Err(Doubt);
        }
        self.at += 2;
        if self.peek() == b'~' {
            self.at += 1;
        }
        self.skip_ws()?;
        self.expression(true)?;
        self.skip_ws()?;
        if self.peek() == b'~' {
            self.at += 1;
        }
        self.expect(b'}')
    }

    fn heredoc(&mut self) -> Scan {
        if self.next(1) != b'<' {
            return Err(Doubt);
        }
        self.at += 2;
        if self.peek() == b'-' {
            self.at += 1;
        }
        let start = self.name()?;
        let text = self.text;
        let delimiter = &text[start..self.at];
        if self.peek() == b'\r' {
            self.at += 1;
        }
        if self.peek() != b'\n' {
            return Err(Doubt);
        }
        // An empty one is read wrongly by the parser, and mended elsewhere.
        if self.ends_heredoc(delimiter)?.is_some() {
            return Err(Doubt);
        }
        self.at += 1;
        loop {
            match self.peek() {
                b'$' | b'%' => self.marker()?,
                b'\n' => match self.ends_heredoc(delimiter)? {
                    Some(end) => {
                        self.at = end;
                        return Ok(());
                    }
                    None => self.at += 1,
                },
                0 if self.ended() => return Err(Doubt),
                _ => self.at += 1,
            }
        }
    }

    /// Whether the line after this line end closes a heredoc; where it does.
    pub(super) fn closes(&self, delimiter: &[u8]) -> Scan<Option<usize>> {
        let mut at = self.at + 1;
        while matches!(self.text.get(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        if !self.text[at.min(self.text.len())..].starts_with(delimiter) {
            return Ok(None);
        }
        let end = at + delimiter.len();
        match self.text.get(end) {
            Some(byte) if !byte.is_ascii() => Err(Doubt),
            Some(byte) if continues_name(*byte) => Ok(None),
            _ => Ok(Some(end)),
        }
    }

    /// Whether a `for` expression begins behind the bracket (and white space).
    fn is_for(&self) -> Scan<bool> {
        if !self.text[self.at..].starts_with(b"for") {
            return Ok(false);
        }
        match self.next(3) {
            b' ' | b'\t' | b'#' | b'/' | b'\n' => Ok(true),
            byte if continues_name(byte) => Ok(false),
            _ => Err(Doubt),
        }
    }

    /// `for a, b in c :`.
    fn for_intro(&mut self) -> Scan {
        self.at += 3;
        self.skip_ws()?;
        self.name()?;
        self.skip_ws()?;
        if self.peek() == b',' {
            self.at += 1;
            self.skip_ws()?;
            self.name()?;
            self.skip_ws()?;
        }
        if !self.is_word(b"in") {
            return Err(Doubt);
        }
        self.at += 2;
        self.skip_ws()?;
        self.expression_of_for()?;
        self.skip_ws()?;
        self.expect(b':')?;
        self.skip_ws()
    }

    /// `if condition`, where there is one.
    fn for_condition(&mut self) -> Scan {
        if self.is_word(b"if") {
            self.at += 2;
            self.skip_ws()?;
            self.expression(true)?;
            self.skip_ws()?;
        }
        Ok(())
    }

    fn array(&mut self) -> Scan {
        self.at += 1;
        self.skip_ws()?;
        if self.is_for()? {
            self.for_intro()?;
            self.expression(true)?;
            self.skip_ws()?;
            self.for_condition()?;
            return self.expect(b']');
        }
        loop {
            if self.peek() == b']' {
                self.at += 1;
                return Ok(());
            }
            self.expression(true)?;
            self.skip_ws()?;
            match self.peek() {
                b',' => {
                    self.at += 1;
                    self.skip_ws()?;
                }
                b']' => {}
                _ => return Err(Doubt),
            }
        }
    }

    fn object(&mut self) -> Scan {
        self.at += 1;
        self.skip_ws()?;
        if self.is_for()? {
            self.for_intro()?;
            self.expression_of_for()?;
            self.skip_ws()?;
            self.expect(b'=')?;
            self.expect(b'>')?;
            self.skip_ws()?;
            self.expression_of_for()?;
            self.skip_ws()?;
            if self.text[self.at..].starts_with(b"...") {
                self.at += 3;
                self.skip_ws()?;
            }
            self.for_condition()?;
            return self.expect(b'}');
        }
        let names = self.names.len();
        let mut ends = Vec::new();
        // How many keys are neither a name nor plain text.
        let mut odd = 0;
        loop {
            if self.peek() == b'}' {
                break;
            }
            let start = self.at;
            self.expression(false)?;
            odd += usize::from(is_odd(&self.text[start..self.at]));
            self.names.push((start, self.at));
            self.skip_sp()?;
            if !matches!(self.peek(), b'=' | b':') {
                return Err(Doubt);
            }
            self.at += 1;
            self.skip_sp()?;
            self.expression(false)?;
            ends.push(self.at);
            self.skip_sp()?;
            match self.peek() {
                b'}' => break,
                b',' => {
                    self.at += 1;
                    if let Some(end) = ends.last_mut() {
                        *end = self.at;
                    }
                    self.skip_ws()?;
                }
                _ if self.ends_line() => {
                    self.skip_ws()?;
                    // Behind some values the parser reads on over the line end, and would take this for more of it.
                    let next = self.peek();
                    if !(next == b'}' || next == b'"' || starts_name(next)) {
                        return Err(Doubt);
                    }
                }
                _ => return Err(Doubt),
            }
        }
        // Two of them may be the same although they are written differently.
        if odd > 1 {
            return Err(Doubt);
        }
        self.shadowed(names, &ends);
        self.unique(names)?;
        self.at += 1;
        Ok(())
    }
}

/// Whether an object's key could be written in another way, and be the same.
fn is_odd(key: &[u8]) -> bool {
    let blank = key.iter().any(u8::is_ascii_whitespace);
    match key.strip_prefix(b"\"").and_then(|k| k.strip_suffix(b"\"")) {
        Some(text) => {
            let template = text.iter().any(|b| matches!(b, b'$' | b'%' | b'"'));
            text.iter().any(|b| matches!(b, b'\\' | b'\t')) || (template && blank)
        }
        None => blank || key.contains(&b'/') || key.first().is_some_and(u8::is_ascii_digit),
    }
}
