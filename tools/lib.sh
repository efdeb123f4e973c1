# What the scripts of this directory share. Sourced by bash; sets root and out, and the environment of dotnet.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
out=$root/artifacts
program=$(realpath --relative-to="$root" "$0")

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# The SDK wants libicu, which a bare machine has not; nothing here depends on a culture.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# Servers of an earlier build that stay in memory are worth less here than a quiet machine.
export MSBUILDDISABLENODEREUSE=1

say() { echo "$program: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "needs root for: $*"
    fi
}

# Takes pairs PROGRAM=PACKAGE and installs the packages of the programs that are missing.
install_missing() {
    local pair missing=()
    for pair in "$@"; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "installing Debian packages: ${missing[*]}"
    as_root apt-get -qq update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# Finds the .NET SDK in PATH or in the directory that Microsoft's install script uses.
find_dotnet() {
    command -v dotnet >/dev/null || PATH=$PATH:${DOTNET_ROOT:-$HOME/.dotnet}
    command -v dotnet >/dev/null ||
        fail 'the .NET 10 SDK is missing; https://learn.microsoft.com/dotnet/core/install/linux-debian says how to install it'
    DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")
    export DOTNET_ROOT
}

check_sdk() {
    dotnet --list-sdks | grep -q '^10\.' ||
        fail "there is no .NET 10 SDK in $DOTNET_ROOT (found: $(dotnet --list-sdks | cut -d ' ' -f 1 | paste -sd ' '))"
}

# Whether a source is newer than the last build of $1. A file that is gone shows by the time of its directory.
is_stale() {
    local stamp=$out/.built-$1 sources=()
    shift
    [ -e "$stamp" ] || return 0
    local path
    for path in "$@" Directory.Build.props Directory.Packages.props global.json .editorconfig; do
        sources+=("$root/$path")
    done
    [ -n "$(find "${sources[@]}" -newer "$stamp" -print -quit)" ]
}

# build NAME "VERB PROJECT OPTION..." SOURCE...: has dotnet build or publish it, unless none of the SOURCEs changed since the last time.
build() {
    local name=$1 stamp=$out/.built-$1 log=$out/build-$1.log what started
    read -ra what <<<"$2"
    shift 2
    find_dotnet
    is_stale "$name" "$@" || return 0

    mkdir -p "$out"
    local lock
    exec {lock}>"$out/.build-lock"
    flock "$lock"
    if is_stale "$name" "$@"; then
        check_sdk
        say "building ${what[1]} (log: ${log#"$root"/})"
        started=$SECONDS
        # What changes while it builds is newer than the stamp.
        touch "$stamp.new"
        # A compiler server that stays after the build is not to keep the lock.
        (exec {lock}>&- && cd "$root" && dotnet "${what[@]}" -c Release --nologo -v minimal) >"$log" 2>&1 || {
            grep -E 'error|warning' "$log" | sort -u | head -n 20 >&2 || tail -n 20 "$log" >&2
            fail "the build failed"
        }
        mv "$stamp.new" "$stamp"
        say "built in $((SECONDS - started)) s"
    fi
    exec {lock}>&-
}

# Published with native code, so that little is compiled when it is called for the first time, as in a black-out.
build_emulator() {
    emulator=$out/emulator/emulator
    [ -x "$emulator" ] || rm -f "$out/.built-emulator"
    build emulator "publish src/Emulator.Host --use-current-runtime --self-contained false -p:PublishReadyToRun=true -o artifacts/emulator" src
}

build_everything() { build everything 'build Emulator.sln' src tests Emulator.sln; }
