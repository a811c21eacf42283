#!/usr/bin/env bash
# Runs tfmend with the action's inputs. They come as environment variables and stay data: each becomes one argument,
# whatever is in it.
set -euo pipefail

arguments=()

# An option with one value, when there is one.
one() { # OPTION VALUE
    if [[ -n $2 ]]; then
        arguments+=("$1=$2")
    fi
}

# An option for each line that is not empty.
each() { # OPTION LINES
    local line
    while IFS= read -r line || [[ -n $line ]]; do
        line=${line%$'\r'}
        one "$1" "$line"
    done <<<"$2"
}

notice() { # LEVEL TEXT
    local text=${2//'%'/'%25'}
    text=${text//$'\r'/'%0D'}
    printf '::%s title=tfmend::%s\n' "$1" "${text//$'\n'/'%0A'}"
}

case ${INPUT_MODE:-plan} in
plan | pr) verb=${INPUT_MODE:-plan} ;;
*)
    notice error "mode \"${INPUT_MODE}\" is neither plan nor pr"
    exit 2
    ;;
esac

each --from "${INPUT_FROM:-}"
each --filter "${INPUT_FILTER:-}"
each --findings "${INPUT_FINDINGS:-}"
each --finding-id "${INPUT_FINDING_IDS:-}"
each --state "${INPUT_STATE:-}"
each --root "${INPUT_ROOT:-}"
one --repo "${INPUT_PATH:-.}"
one --config "${INPUT_CONFIG:-}"
one --profile "${INPUT_PROFILE:-}"
one --min-confidence "${INPUT_MIN_CONFIDENCE:-}"
one --fail-on "${INPUT_FAIL_ON:-}"
one --journal "${INPUT_JOURNAL:-}"
if [[ -n ${INPUT_SARIF_FILE:-} ]]; then
    arguments+=("--also=sarif=$INPUT_SARIF_FILE")
fi
if [[ -n ${INPUT_JSON_FILE:-} ]]; then
    arguments+=("--also=json=$INPUT_JSON_FILE")
fi
if [[ $verb == pr ]]; then
    arguments+=("--github=$GITHUB_REPOSITORY")
    if [[ ${INPUT_ACKNOWLEDGE:-false} == true ]]; then
        arguments+=(--acknowledge)
    fi
fi
# The ids of findings that an event brings are in the event's file; nothing of it becomes part of a command.
if [[ ${GITHUB_EVENT_NAME:-} == repository_dispatch && -n ${INPUT_FROM:-} ]]; then
    arguments+=("--event=$GITHUB_EVENT_PATH")
fi
annotations=$(mktemp "${RUNNER_TEMP:-/tmp}/tfmend-annotations.XXXXXX")
arguments+=("--also=github=$annotations" --github-step --color=never)

# While tfmend prints, the runner takes no commands from the log: its lines quote findings and code.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
code=0
"$TFMEND_BINARY" "$verb" "${arguments[@]}" || code=$?
printf '\n::%s::\n' "$token"
cat "$annotations"
rm -f "$annotations"

if [[ $code -eq 3 && -n ${INPUT_FROM:-} && -z ${INPUT_FINDINGS:-} ]]; then
    notice notice "no findings; nothing to do"
    code=0
fi
case $code in
0 | 11) ;;
*) printf '\n**tfmend ended with code %s**; the log of this step says why.\n' "$code" >>"${GITHUB_STEP_SUMMARY:-/dev/null}" ;;
esac
exit "$code"
