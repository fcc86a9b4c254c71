#!/usr/bin/env python3
"""What can be checked of the workflows without GitHub's runners: `python3 tests/ci/check_workflows.py` (needs PyYAML; shellcheck is used where it is installed).

Every file parses; every shell part passes `bash -n`; no text of an event is put into a shell part; every action of others is named by a full version; what
writes never runs what a pull request brings; and `.github/comment.sh` takes and refuses what it should, with a `gh` that only writes down what it is asked.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
MARKER = "<!-- bench-compare -->"
problems = []


def check(holds, problem):
    if not holds:
        problems.append(problem)


def bash(name, text):
    """Checks one shell part as the runners call it."""
    done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True)
    check(done.returncode == 0, f"{name}: {done.stderr.strip()}")
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", "--shell=bash", "-"], input="set -eo pipefail\n" + text, text=True, capture_output=True)
        check(done.returncode == 0, f"{name}: {done.stdout.strip()}")


def check_steps(file, steps):
    for step in steps:
        name = f"{file}: {step.get('name') or step.get('uses') or step.get('run')}"
        if "run" in step:
            check("${{" not in step["run"], f"{name}: an expression in a shell part; pass it by env")
            bash(name, step["run"])
        if "uses" in step and step["uses"] != "./":
            check(re.fullmatch(r"actions/[a-z-]+(/[a-z]+)?@v\d+\.\d+\.\d+", step["uses"]), f"{name}: not a full version of a well-known action")


def check_files():
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    check_steps("action.yml", action["runs"]["steps"])
    for step in action["runs"]["steps"]:
        check("run" not in step or step.get("shell") == "bash", f"action.yml: {step.get('name')}: a composite action must name its shell")
    inputs = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
    check(inputs == set(action["inputs"]), f"action.yml: inputs used and declared differ: {inputs ^ set(action['inputs'])}")
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        workflow = yaml.safe_load(path.read_text())
        triggers = workflow[True]  # YAML 1.1 reads `on` so.
        check("pull_request_target" not in triggers, f"{path.name}: pull_request_target gives strangers a token")
        check(set(workflow["permissions"]) <= {"contents"}, f"{path.name}: the default is more than reading")
        for job in workflow["jobs"].values():
            check_steps(path.name, job["steps"])
            writes = "write" in (job.get("permissions") or workflow["permissions"]).values()
            runs_theirs = any(step.get("uses") == "./" or "head.sha" in str(step.get("with", {}).get("ref")) for step in job["steps"])
            check(not (writes and ("workflow_run" not in triggers or runs_theirs)), f"{path.name}: a job that may write runs a pull request's code")


def comment(number, text, present=""):
    """Runs comment.sh with a `gh` that prints `present` when it lists comments; gives its code and the calls of gh."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "comment.md").write_text(text)
        gh = folder / "gh"
        gh.write_text(
            "#!/usr/bin/env python3\nimport json, sys\nprint(json.dumps(sys.argv[1:]), file=open(sys.argv[0] + '.log', 'a'))\n"
            f"if '--paginate' in sys.argv: print('{present}', end='')\n"
        )
        gh.chmod(0o755)
        environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "REPOSITORY": "o/r", "NUMBER": number, "FOOTER": "sha, url"}
        done = subprocess.run([ROOT / ".github/comment.sh", folder / "comment.md"], env=environment, text=True, capture_output=True)
        log = folder / "gh.log"
        return done.returncode, [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def check_comment():
    text = f"{MARKER}\n**Regressed**\n"
    code, calls = comment("7", text)
    check(code == 0 and calls[-1][calls[-1].index("POST") + 1] == "repos/o/r/issues/7/comments", f"comment.sh: a first comment is not posted: {calls}")
    code, calls = comment("7", text, present="31\\n32\\n")
    check(code == 0 and calls[-1][calls[-1].index("PATCH") + 1] == "repos/o/r/issues/comments/31", f"comment.sh: it is not written over: {calls}")
    for why, number, text in [
        ("another marker", "7", "# hello\n"),
        ("an empty file", "7", ""),
        ("too long a text", "7", f"{MARKER}\n" + "x" * 66000),
        ("no number", "7; rm", f"{MARKER}\n"),
        ("no number at all", "", f"{MARKER}\n"),
    ]:
        code, calls = comment(number, text)
        check(code == 2 and not calls, f"comment.sh: {why} is not refused: {code}, {calls}")


check_files()
bash("comment.sh", (ROOT / ".github/comment.sh").read_text())
bash("pull-requests.sh", (ROOT / "tests/ci/pull-requests.sh").read_text())
check_comment()
for problem in problems:
    print(problem)
print(f"{len(problems)} problems")
sys.exit(bool(problems))
