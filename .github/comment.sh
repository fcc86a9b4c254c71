#!/usr/bin/env bash
# Writes a comparison under a pull request, in one comment that is written over from then on.
#
#   comment.sh FILE      in the environment: GH_TOKEN, REPOSITORY (owner/name), NUMBER of the pull request, FOOTER (what was judged, and the run)
#
# FILE may come from a stranger: it must begin with the marker of `bench compare` and be as short as a comment may be.
set -euo pipefail

marker='<!-- bench-compare -->'
limit=65535
file=$1

[[ $NUMBER =~ ^[0-9]+$ ]] || { echo "\`$NUMBER\` is no number of a pull request" >&2; exit 2; }
[ "$(head -n 1 "$file")" = "$marker" ] || { echo "$file does not begin with $marker" >&2; exit 2; }

body=$(mktemp)
trap 'rm -f "$body"' EXIT
# Whose word this is, since the programs that were compared include the pull request's own.
{ cat "$file"; printf '\n<sub>Judged by the code of the pull request itself: %s</sub>\n' "$FOOTER"; } >"$body"
[ "$(wc -m <"$body")" -le "$limit" ] || { echo "$file is longer than a comment may be" >&2; exit 2; }

# Only a comment that this token could have written: anyone can put the marker into one of their own.
present=$(MARKER=$marker gh api --paginate "repos/$REPOSITORY/issues/$NUMBER/comments?per_page=100" \
    --jq '.[] | select((.body | startswith(env.MARKER)) and .user.type == "Bot") | .id' | head -n 1)
if [ -n "$present" ]; then
    gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$present" --field "body=@$body"
    echo "comment $present was written over"
else
    gh api --silent --method POST "repos/$REPOSITORY/issues/$NUMBER/comments" --field "body=@$body"
    echo "commented on $NUMBER"
fi
