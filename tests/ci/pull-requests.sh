#!/usr/bin/env bash
# Three pull requests in a fresh clone, each judged by the documented command: one that hurts RAML, one that changes nothing, one that changes only what is
# drawn by chance. Ends with 0 if every exit code is the expected one. Nothing of this repository is changed.
#
#   tests/ci/pull-requests.sh [FOLDER [NAME...]]
#
# FOLDER (kept, and gone on with) is where the clone is made; a temporary folder otherwise. NAMEs are hurts, changes-nothing and draws-anew, which are
# taken without them, and loses-a-sign.
# LIBTORCH and CARGO_TARGET_DIR are respected: with a target folder that has the third-party crates only the workspace is compiled, twice and two parts more.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if [ $# -gt 0 ]; then
    folder=$1
    mkdir -p "$folder"
else
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
fi
clone=$folder/clone
if [ ! -d "$clone" ]; then
    git clone --quiet --no-local "$repository" "$clone"
    git -C "$clone" tag before-any-pull-request
fi
cd "$clone"
git config user.name "A contributor"
git config user.email contributor@example.org
git config commit.gpgsign false
base=$(git rev-parse before-any-pull-request)

# Two datasets: one whose rows scatter little over seeds, one whose rows scatter much.
design='--suite robustness --dataset cremad-votes?train=1000,openmoji?train=500 --method concat,raml --seeds 5 --quiet'
failures=0

# pull_request NAME FILE OLD NEW: a branch with one commit that replaces OLD, which must be there exactly once, by NEW.
pull_request() {
    git switch --quiet --force-create "$1" "$base"
    python3 - "$2" "$3" "$4" <<'PYTHON'
import sys
path, old, new = sys.argv[1:]
text = open(path).read()
assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
open(path, "w").write(text.replace(old, new))
PYTHON
    git commit --quiet --all --message "$1"
}

# expect CODE WORDS [FLAGS]: the documented command on what is checked out; WORDS must be in the verdict.
expect() {
    local expected=$1 words=$2 flags=${3:-} code=0
    local branch log
    branch=$(git branch --show-current)
    log=$folder/$branch${flags:+-proof}.txt
    SECONDS=0
    cargo xtask compare "$base" --run "$design" --compare "$flags" >"$log" 2>"$log.err" </dev/null || code=$?
    echo "== $branch${flags:+, $flags}: exit code $code (expected $expected), $((SECONDS / 60)) min $((SECONDS % 60)) s"
    cat "$log"
    if [ "$code" != "$expected" ]; then
        tail -n 30 "$log.err"
        failures=$((failures + 1))
    elif ! grep -qiE "$words" target/compare/result/compare.md; then
        echo "the verdict does not have: $words"
        failures=$((failures + 1))
    fi
}

hurts() {
    # Eq. 4's weights are normalised over features instead of modalities, at prediction: training goes another way and does not notice.
    pull_request hurts methods/src/raml/equations.rs 'scores.softmax(MODALITIES, None::<Kind>)' 'scores.softmax(-1, None::<Kind>)'
    expect 1 'regressed'
}

changes-nothing() {
    pull_request changes-nothing methods/src/raml/products.rs 'let weighted = &precision * mu;
        Self { precision, weighted }' '// Means count by how sure they are.
        let by_precision = &precision * mu;
        Self { precision, weighted: by_precision }'
    expect 0 'identical in every bit'
}

draws-anew() {
    # As normal as before, other draws.
    pull_request draws-anew methods/src/raml/mod.rs 'let rho = gaussians.mu.randn_like();' 'let rho = gaussians.mu.randn_like().neg();'
    expect 0 'cannot tell'
    expect 4 'cannot tell' --require-proof
}

loses-a-sign() {
    # The least certain modality weighs most, at prediction. It sounds as bad as the first one, and is no regression on these data.
    pull_request loses-a-sign methods/src/raml/equations.rs 'log_sigma * -2.0' 'log_sigma * 2.0'
    expect 0 'improved'
}

for name in "${@:2}"; do
    case $name in
    hurts | changes-nothing | draws-anew | loses-a-sign) ;;
    *) echo "no pull request is named $name: hurts, changes-nothing, draws-anew, loses-a-sign" >&2 && exit 2 ;;
    esac
done
names=("${@:2}")
[ ${#names[@]} -gt 0 ] || names=(hurts changes-nothing draws-anew)
for name in "${names[@]}"; do "$name"; done

echo "$failures verdicts not as expected"
[ "$failures" = 0 ]
