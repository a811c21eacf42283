"""Many mutants in one build: every function with mutants becomes a `match` over the number of a mutant.

    fn f(x: u8) -> bool { x < 3 }

with the mutants 7 (`<` becomes `<=`) and 8 (`true` for the body) becomes

    fn f(x: u8) -> bool { match crate::mutant::number(7) { 7 => { x <= 3 } 8 => { true } _ => { x < 3 } } }

What a mutant changes is cargo-mutants' word for word; only the build is shared. A mutant that the compiler does not
take is found by the place of the error and taken out again.
"""

import bisect
import hashlib
import re
from dataclasses import dataclass, field

# The switch itself. A first run without a mutant notes which test comes through which function; only those tests can
# see a mutant of it. After the first panic there is nothing more to learn: the process ends with the code of a
# failed test and says which test it was (past libtest, which would keep what a test prints).
SWITCH = """
#[allow(warnings)]
pub mod mutant {
    use std::cell::RefCell;
    use std::collections::HashSet;
    use std::fs::File;
    use std::io::Write;
    use std::sync::{LazyLock, Mutex};

    static NUMBER: LazyLock<u32> = LazyLock::new(|| {
        let number = std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
        if number != 0 {
            std::panic::set_hook(Box::new(|_| {
                let _ = writeln!(std::io::stderr(), "caught-by: {}", test());
                std::process::exit(101)
            }));
        }
        number
    });

    static REACHED: LazyLock<Option<Mutex<File>>> = LazyLock::new(|| {
        let file = std::env::var_os("MUTANT_REACHED")?;
        Some(Mutex::new(File::options().create(true).append(true).open(file).unwrap()))
    });

    thread_local! {
        // libtest gives every test its own thread.
        static SEEN: RefCell<HashSet<u32>> = RefCell::default();
    }

    fn test() -> String {
        std::thread::current().name().unwrap_or("?").to_owned()
    }

    pub fn number(function: u32) -> u32 {
        if let Some(reached) = &*REACHED {
            if SEEN.with_borrow_mut(|seen| seen.insert(function)) {
                writeln!(reached.lock().unwrap(), "{function} {}", test()).unwrap();
            }
        }
        *NUMBER
    }
}
"""

TOKEN = re.compile(
    r"""
      (?P<line>//[^\n]*)
    | (?P<block>/\*)
    | (?P<raw>\b(?:b|c)?r(?P<hashes>\#*)")
    | (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<char>'(?:[^'\\\n]|\\(?:[^u]|u\{[0-9a-fA-F_]+\}|x[0-9a-fA-F]{2}))')
    | (?P<brace>[{}])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Mutant:
    """One mutant as cargo-mutants lists it, with offsets (characters) into its file."""

    name: str
    file: str
    function: tuple
    start: int
    end: int
    replacement: str
    key: str
    # A function that returns `impl Trait` has one type for all its arms, which two copies of a closure do not have.
    alone: bool
    number: int = 0
    function_number: int = 0

    @property
    def module(self):
        """The name of its module, which the names of the tests about it have, too."""
        parts = self.file.removesuffix(".rs").split("/")
        return parts[2] if parts[1] == "terraform" else parts[1]


@dataclass
class Switched:
    """A file with its switches."""

    text: str = ""
    # (first line, last line, mutant or None for the original's arm, the function's mutants)
    regions: list = field(default_factory=list)


def offsets(text):
    """The offset of every line's first character."""
    found = [0]
    for match in re.finditer("\n", text):
        found.append(match.end())
    return found


def read(listed, sources):
    """cargo-mutants' list (JSON) as mutants; `sources` has the text of each file."""
    starts = {name: offsets(text) for name, text in sources.items()}

    def place(name, at):
        return starts[name][at["line"] - 1] + at["column"] - 1

    mutants = []
    for one in listed:
        name, function = one["file"], one["function"]["span"]
        text = sources[name]
        first, last = place(name, function["start"]), place(name, function["end"])
        start, end = place(name, one["span"]["start"]), place(name, one["span"]["end"])
        # The same change in the same function is the same mutant, wherever in the file the function stands now.
        what = [name, one["function"]["function_name"], text[first:last], str(start - first), str(end - first)]
        key = hashlib.sha256("\0".join([*what, one["replacement"]]).encode("utf-8")).hexdigest()[:24]
        alone = "impl " in (one["function"]["return_type"] or "")
        mutants.append(Mutant(one["name"], name, (first, last), start, end, one["replacement"], key, alone))
    for number, mutant in enumerate(mutants, 1):
        mutant.number = number
    return mutants


def body(text, first, last):
    """The braces of the body of the function that stands at text[first:last]: the last pair that is in no other."""
    at, depth, opened, found = first, 0, None, None
    while match := TOKEN.search(text, at, last):
        at = match.end()
        if match["block"]:
            nested = 1
            while nested and (mark := re.compile(r"/\*|\*/").search(text, at)):
                nested += 1 if mark[0] == "/*" else -1
                at = mark.end()
        elif match["raw"]:
            at = text.index('"' + match["hashes"], at) + 1 + len(match["hashes"])
        elif match["brace"] == "{":
            if depth == 0:
                opened = match.start()
            depth += 1
        elif match["brace"]:
            depth -= 1
            if depth == 0:
                found = (opened, match.start())
    return found


def switch(text, mutants):
    """The text with a switch in every function that has mutants."""
    spans = sorted({m.function for m in mutants})
    outer = [s for s in spans if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)]
    result, pieces, line = Switched(), [], 1

    def add(piece):
        nonlocal line
        pieces.append(piece)
        line += piece.count("\n")

    at = 0
    for first, last in outer:
        inside = [m for m in mutants if first <= m.start and m.end <= last]
        opened, closed = body(text, first, last)
        # A change of the signature (there is none today) could not be switched.
        inside = [m for m in inside if opened < m.start and m.end <= closed]
        add(text[at : opened + 1])
        # The function is known by the number of its first mutant.
        add(f"\nmatch crate::mutant::number({min((m.number for m in inside), default=0)}) {{\n")
        for mutant in inside:
            mutant.function_number = min(m.number for m in inside)
            add(f"{mutant.number} => {{\n")
            begun = line
            add(text[opened + 1 : mutant.start] + mutant.replacement + text[mutant.end : closed] + "\n")
            result.regions.append((begun, line, mutant, inside))
            add("}\n")
        add("_ => {\n")
        begun = line
        add(text[opened + 1 : closed] + "\n")
        result.regions.append((begun, line, None, inside))
        add("}\n}\n")
        at = closed
    add(text[at:])
    result.text = "".join(pieces)
    return result


def blamed(switched, line):
    """The mutants that an error in this line takes out; none when it is outside every switch."""
    starts = [region[0] for region in switched.regions]
    at = bisect.bisect_right(starts, line) - 1
    if at < 0:
        return [], False
    _, last, mutant, inside = switched.regions[at]
    if line > last:
        return [], False
    # An error in the original's arm means that the arms do not go together (`impl Trait`): none can be switched.
    return ([mutant], True) if mutant else (inside, False)
