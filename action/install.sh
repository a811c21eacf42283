#!/usr/bin/env bash
# Installs the tfmend that the action runs, and says where it is (output `binary`).
#
#   TFMEND_BINARY         a binary that is there already: nothing is installed
#   INPUT_VERSION         a release (`0.1.0`), `source`, or empty for the version of this action
#   INPUT_SHA256          what the archive must have; else the release's SHA256SUMS says it
#   TFMEND_RELEASES       where releases are, when it is not GitHub: a mirror inside the company
set -euo pipefail

fail() {
    # Workflow commands take %, CR and LF escaped.
    local text=${1//'%'/'%25'}
    text=${text//$'\r'/'%0D'}
    text=${text//$'\n'/'%0A'}
    printf '::error title=tfmend::%s\n' "$text"
    exit 1
}

say_binary() {
    [[ -x $1 ]] || fail "$1 is not an executable file"
    [[ $1 != *$'\n'* ]] || fail "a path with a line break cannot be passed on"
    printf 'binary=%s\n' "$1" >>"$GITHUB_OUTPUT"
}

download() { # URL FILE
    local schemes='=https'
    # A mirror that was named on purpose may be on plain HTTP or a share inside the company; the checksum still counts.
    [[ -n ${TFMEND_RELEASES:-} ]] && schemes='=https,http,file'
    curl --fail --silent --show-error --location --retry 3 --proto "$schemes" --output "$2" -- "$1"
}

if [[ -n ${TFMEND_BINARY:-} ]]; then
    say_binary "$TFMEND_BINARY"
    exit 0
fi

version=${INPUT_VERSION:-}
if [[ -z $version ]]; then
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
fi
version=${version#v}
folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/tfmend.XXXXXX")

if [[ $version == source ]]; then
    command -v cargo >/dev/null || fail 'version "source" needs Rust on the runner: https://rustup.rs'
    printf '::group::building tfmend from source\n'
    # From the action's own directory: a cargo configuration of the checkout is not ours to obey.
    (cd "$GITHUB_ACTION_PATH" && cargo install --locked --path . --root "$folder")
    printf '::endgroup::\n'
    say_binary "$folder/bin/tfmend"
    exit 0
fi

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?$ ]] || fail "version \"$version\" is not like 0.1.0"
repository=${ACTION_REPOSITORY:-}
if [[ -z ${TFMEND_RELEASES:-} && ! $repository =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]]; then
    fail 'an action that is used from a local directory has no releases: use version "source", or set TFMEND_BINARY'
fi
case "$(uname -s) $(uname -m)" in
"Linux x86_64") target=x86_64-unknown-linux-musl ;;
"Linux aarch64" | "Linux arm64") target=aarch64-unknown-linux-musl ;;
*) fail "there is no release for $(uname -s) $(uname -m): use version \"source\"" ;;
esac
archive=tfmend-$version-$target.tar.gz

cd "$folder"
if [[ -n ${TFMEND_RELEASES:-} ]]; then
    for file in "$archive" SHA256SUMS; do
        download "${TFMEND_RELEASES%/}/v$version/$file" "$file" || fail "$file of release $version cannot be had from the mirror"
    done
elif command -v gh >/dev/null; then
    # gh signs in, so that releases of private repositories can be had as well, where the token may read them.
    export GH_ENTERPRISE_TOKEN=${GH_TOKEN:-}
    server=${GITHUB_SERVER_URL:-https://github.com}
    gh release download "v$version" --repo "${server#https://}/$repository" --pattern "$archive" --pattern SHA256SUMS ||
        fail "release v$version of $repository cannot be downloaded"
else
    for file in "$archive" SHA256SUMS; do
        download "${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download/v$version/$file" "$file" ||
            fail "$file of release v$version of $repository cannot be downloaded"
    done
fi

expected=${INPUT_SHA256:-}
if [[ -z $expected ]]; then
    expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1; exit }' SHA256SUMS)
fi
[[ $expected =~ ^[0-9a-fA-F]{64}$ ]] || fail "there is no SHA-256 for $archive"
found=$(sha256sum "$archive" | cut -d ' ' -f 1)
[[ ${expected,,} == "$found" ]] || fail "$archive has the SHA-256 $found, expected ${expected,,}: not used"

if [[ ${INPUT_VERIFY_ATTESTATION:-false} == true ]]; then
    command -v gh >/dev/null || fail 'verify-attestation needs gh on the runner'
    gh attestation verify "$archive" --repo "$repository" || fail "$archive has no attestation of $repository"
fi

tar --extract --gzip --file "$archive" --no-same-owner tfmend
say_binary "$folder/tfmend"
