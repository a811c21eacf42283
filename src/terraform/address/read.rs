//! Reading addresses in Terraform's notation.

use std::str::FromStr;

use super::{Address, AddressError, BlockAddress, InstanceKey, ModuleStep};

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Reader { text, at: 0 }
            .address()
            .map_err(|problem| AddressError {
                text: text.to_owned(),
                problem,
            })
    }
}

impl FromStr for BlockAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address: Address = text.parse()?;
        if !address.is_unkeyed() {
            return Err(AddressError {
                text: text.to_owned(),
                problem: "the address of a block has no instance keys".to_owned(),
            });
        }
        Ok(address.block())
    }
}

/// Reads `module.a["k"].module.b`, the `module` attribute of a state's resource.
///
/// # Errors
/// The text is not a chain of module steps.
pub fn parse_modules(text: &str) -> Result<Vec<ModuleStep>, AddressError> {
    let mut reader = Reader { text, at: 0 };
    let mut steps = Vec::new();
    let outcome = loop {
        match reader.identifier() {
            Ok("module") => {}
            Ok(other) => break Err(format!("expected `module`, found `{other}`")),
            Err(problem) => break Err(problem),
        }
        match reader.module_step() {
            Ok(step) => steps.push(step),
            Err(problem) => break Err(problem),
        }
        if reader.rest().is_empty() {
            break Ok(steps);
        }
        if let Err(problem) = reader.expect('.') {
            break Err(problem);
        }
    };
    outcome.map_err(|problem| AddressError {
        text: text.to_owned(),
        problem,
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        if self.rest().starts_with(wanted) {
            self.at += wanted.len_utf8();
            return Ok(());
        }
        Err(format!("expected `{wanted}` at byte {}", self.at))
    }

    fn identifier(&mut self) -> Result<&'a str, String> {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        if end == 0 {
            return Err(format!("expected a name at byte {}", self.at));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn address(&mut self) -> Result<Address, String> {
        let mut modules = Vec::new();
        let mut word = self.identifier()?;
        while word == "module" {
            modules.push(self.module_step()?);
            self.expect('.')?;
            word = self.identifier()?;
        }
        let data = word == "data";
        if data {
            self.expect('.')?;
            word = self.identifier()?;
        }
        let kind = word.to_owned();
        self.expect('.')?;
        let name = self.identifier()?.to_owned();
        let key = self.key()?;
        if !self.rest().is_empty() {
            return Err(format!("unexpected text at byte {}", self.at));
        }
        Ok(Address {
            modules,
            data,
            kind,
            name,
            key,
        })
    }

    /// What follows the word `module`.
    fn module_step(&mut self) -> Result<ModuleStep, String> {
        self.expect('.')?;
        let name = self.identifier()?.to_owned();
        let key = self.key()?;
        Ok(ModuleStep { name, key })
    }

    fn key(&mut self) -> Result<Option<InstanceKey>, String> {
        if !self.rest().starts_with('[') {
            return Ok(None);
        }
        self.at += 1;
        let key = if self.rest().starts_with('"') {
            self.at += 1;
            InstanceKey::Name(self.quoted()?)
        } else {
            let rest = self.rest();
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let index = rest[..end]
                .parse()
                .map_err(|_| format!("expected a number or a quoted key at byte {}", self.at))?;
            self.at += end;
            InstanceKey::Index(index)
        };
        self.expect(']')?;
        Ok(Some(key))
    }

    /// Up to and with the closing quote.
    fn quoted(&mut self) -> Result<String, String> {
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let mut chars = rest.chars();
            let c = chars.next().ok_or("a quoted key is not closed")?;
            let next = chars.next();
            match (c, next) {
                ('"', _) => {
                    self.at += 1;
                    return Ok(out);
                }
                ('\\', Some(escape)) => {
                    self.at += 1 + escape.len_utf8();
                    out.push(match escape {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        '"' => '"',
                        '\\' => '\\',
                        'u' => self.code_point(4)?,
                        'U' => self.code_point(8)?,
                        other => return Err(format!("unknown escape `\\{other}`")),
                    });
                }
                ('$' | '%', Some(second)) if second == c && rest[2..].starts_with('{') => {
                    self.at += 3;
                    out.push(c);
                    out.push('{');
                }
                _ => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
            }
        }
    }

    fn code_point(&mut self, digits: usize) -> Result<char, String> {
        let code = self
            .rest()
            .get(..digits)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32)
            .ok_or_else(|| format!("expected {digits} hexadecimal digits at byte {}", self.at))?;
        self.at += digits;
        Ok(code)
    }
}
