"""The trimmed house: a crate of the repository's own files, with only what the pure stages need.

The adapters and their dependencies are left out, and the tests that are about these stages are compiled into the
one test binary of the library: one build and one link instead of eight.
"""

import re
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent

# The modules of src/ (with what they need), the test binaries that are about the stages, and the folders that the
# tests read.
MODULES = (
    "finding", "refusal", "rules", "policy", "terraform", "locate", "remedy", "pull_request", "outcome", "config",
)  # fmt: skip
TESTS = ("edit", "locate", "policy", "fixtures", "compose", "pull_request")
FOLDERS = ("testdata", "templates", "docs")


def put(file, text):
    """Write a file if its content is another one: an unchanged time keeps the build warm."""
    if not file.is_file() or file.read_bytes() != text:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)


def build(house, changed=(), more=""):
    """Bring the house up to date with the repository (also after a run that was killed half-way).

    `changed` are files that are other than the repository's: path → text. `more` is added to the crate's root.
    """
    wanted = {}
    for module in MODULES:
        for path in (REPOSITORY / "src" / f"{module}.rs", *(REPOSITORY / "src" / module).rglob("*")):
            if path.is_file():
                wanted[path.relative_to(REPOSITORY)] = path.read_bytes()
    for path in (REPOSITORY / "tests").rglob("*"):
        # Of the test binaries only those that are about the stages; what is in folders belongs to some of them.
        if path.is_file() and (path.parent.name != "tests" or path.stem in TESTS):
            wanted[path.relative_to(REPOSITORY)] = path.read_bytes()
    rust = b"".join(
        text for path, text in wanted.items() if path.suffix == ".rs" and path.parts[:2] != ("tests", "forge")
    ).decode("utf-8")
    wanted[Path("src/lib.rs")] = (library() + more).encode("utf-8")
    wanted[Path("Cargo.toml")] = manifest(rust).encode("utf-8")
    wanted.update({Path(path): text.encode("utf-8") for path, text in dict(changed).items()})
    for path, text in wanted.items():
        put(house / path, text)
    for top in ("src", "tests"):
        for path in (house / top).rglob("*"):
            if path.is_file() and path.relative_to(house) not in wanted:
                path.unlink()
    for folder in FOLDERS:
        link = house / folder
        if not link.is_symlink():
            link.symlink_to(REPOSITORY / folder)
    if not (house / "Cargo.lock").is_file():
        shutil.copy(REPOSITORY / "Cargo.lock", house / "Cargo.lock")


def library():
    """The root of the crate. The tests say `tfmend::`, which is here the crate itself."""
    lines = ["//! The pure stages and the tests about them.", "", "#[cfg(test)]", "extern crate self as tfmend;", ""]
    lines += [f"pub mod {module};" for module in MODULES]
    for test in TESTS:
        lines += ["", "#[cfg(test)]", f'#[path = "../tests/{test}.rs"]', f"mod tests_{test};"]
    return "\n".join(lines) + "\n"


def manifest(rust):
    """The repository's manifest with the dependencies that the files in the house name."""
    text = (REPOSITORY / "Cargo.toml").read_text(encoding="utf-8")
    version = re.search(r'^version = "(.*)"$', text, re.MULTILINE)[1]

    def section(name):
        body = re.search(rf"^\[{name}\]\n(.*?)(?=^\[|\Z)", text, re.MULTILINE | re.DOTALL)[1]
        lines = [line for line in body.splitlines() if re.match(r"[a-z0-9_-]+ =", line)]
        used = [line for line in lines if re.search(rf"\b{line.split(' =')[0].replace('-', '_')}(::|!)", rust)]
        # An optional dependency is one of a feature; the house has none, it takes what it needs.
        return [line.replace(", optional = true", "") for line in used]

    # hcl-rs is called hcl in the code.
    renamed = [line for line in re.findall(r"^hcl-rs = .*$", text, re.MULTILINE)]
    return "\n".join(
        [
            "[package]", 'name = "tfmend"', f'version = "{version}"', 'edition = "2024"', "publish = false",
            "autotests = false", "", "[workspace]", "", "[dependencies]", *section("dependencies"), *renamed, "",
            "[dev-dependencies]", *section("dev-dependencies"), "",
            # Debug information is most of what a test binary takes to link, and nobody debugs a mutant. The
            # dependencies are compiled once and run a thousand times.
            "[profile.dev]", "debug = 0", "incremental = true", "",
            '[profile.dev.package."*"]', "opt-level = 1", "", "[profile.dev.build-override]", "opt-level = 0", "",
        ]
    )  # fmt: skip
