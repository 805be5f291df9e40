# Shell functions with which deploy/setup runs programs and remembers what is done. To be sourced after env.bash.
#
# They use $log, the file that gets every program's output.
# shellcheck shell=bash disable=SC2154

# logged COMMAND...: runs it with its output in the log; when it fails, shows the end of that and ends the script.
logged() {
    local start
    start=$(log_size)
    printf '\n$ %s\n' "$*" >>"$log"
    "$@" >>"$log" 2>&1 || log_failure "$start" "failed: $1"
}

log_size() {
    stat -c %s "$log"
}

# log_failure START WORDS...: shows the end of what the log got after its first START bytes, and ends the script.
log_failure() {
    tail -c "+$(($1 + 1))" "$log" | tail -n 20 >&2
    shift
    die 1 "$* (all its words are in $log)"
}

# Shows ninja's lines as one that moves on, or as a line for each tenth of the work where nobody watches; logs them all.
show_progress() {
    local terminal=0
    [[ ! -t 2 ]] || terminal=1
    awk -v log_file="$log" -v terminal="$terminal" '
        { print >> log_file }
        match($0, /^\[[0-9]+\/[0-9]+\]/) {
            split(substr($0, 2, RLENGTH - 2), count, "/")
            if (terminal) {
                printf "\r\033[K      %s", substr($0, 1, 100) > "/dev/stderr"
            } else if (int(10 * count[1] / count[2]) > tenth) {
                tenth = int(10 * count[1] / count[2])
                printf "      %d of %d\n", count[1], count[2] > "/dev/stderr"
            }
        }
        END { if (terminal && NR > 0) printf "\n" > "/dev/stderr" }'
}

# has_stamp FILE TEXT / put_stamp FILE TEXT: whether FILE says TEXT; makes it say so.
has_stamp() {
    [[ -f $1 && $(<"$1") == "$2" ]]
}

put_stamp() {
    printf '%s\n' "$2" >"$1.new"
    mv "$1.new" "$1"
}
