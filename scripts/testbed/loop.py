"""The proof loop for one generation of the provider.

insecure estate applied → scanned → tfmend opens pull requests → merged → planned → applied → planned
again → scanned again → judged.
"""

import shutil
import time
from pathlib import Path

from . import emulator, judgement, proposals, scanner
from .repository import Repository
from .terraform import Root


def prove(generation, tools, tfmend, estate, folder, expected, log):
    """Run the loop for `generation` in `folder` (made anew); gives the judgement's report."""
    folder = Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.monotonic()

    def say(message):
        log(f"{generation} {time.monotonic() - started:5.0f} s  {message}")

    repository = Repository(estate, folder)
    with emulator.moto(tools["moto"], folder / "moto.log") as environment:
        root = Root(tools["terraform"], tools[f"provider-{generation}"], repository.clone, environment)
        root.init()
        root.apply()
        say("the insecure estate is applied")
        before = scanner.scan(tools["prowler"], environment, folder / "before")
        say(f"Prowler: {len(before.failing())} problems")
        proposed = proposals.open_and_merge(tfmend, repository, root.state, before.files, say)
        say(f"{len(proposed.merged)} pull requests merged in {proposed.rounds} rounds")
        not_formatted = root.fmt_check()
        root.init()  # a fix may bring a module or a provider requirement
        changes = root.plan(folder / "fix.tfplan")
        say(f"Terraform plans {len(changes)} changes")
        root.apply(folder / "fix.tfplan")
        say("the fixes are applied")
        second_plan = root.plan(folder / "second.tfplan")
        after = scanner.scan(tools["prowler"], environment, folder / "after")
        say(f"Prowler: {len(after.failing())} problems")
        state_text = root.state.read_text(encoding="utf-8")
    return judgement.judge(
        generation, before, after, proposed, changes, second_plan, not_formatted, state_text, expected
    )
