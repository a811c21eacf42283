"""Real code to measure on: a copy, with states and findings invented for what stands in it."""

import json
import shutil
import subprocess


def prepare(enumerate_example, tree, folder, seed, limit=60):
    """Writes `repository/` and `findings.json` into a folder and gives the facts of the copy."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ignored = shutil.ignore_patterns(".git", "*.tfstate")
    shutil.copytree(tree, folder / "repository", symlinks=True, ignore=ignored)
    lines = folder / "findings.ndjson"
    command = [enumerate_example, "--limit", str(limit), "--seed", str(seed), folder / "repository", lines]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise SystemExit(f"{tree}: findings could not be invented: {made.stderr.strip()}")
    findings = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines() if line]
    asff = [finding for finding in findings if "SchemaVersion" in finding]
    (folder / "findings.json").write_text(json.dumps({"Findings": asff}), encoding="utf-8")
    files = [path for path in (folder / "repository").rglob("*.tf") if path.is_file()]
    return {
        "tf_files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "findings": len(asff),
        "commit": commit(tree),
    }


def commit(tree):
    done = subprocess.run(["git", "-C", tree, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
