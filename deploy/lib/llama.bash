# The part of deploy/setup that downloads and compiles llama.cpp. To be sourced after steps.bash.
#
# It uses, of deploy/setup: $here, $cache, $temporary, $log, $stage_count, the names of the downloads, $clang, $clangxx,
# $portable, and two folders that name version and CPU: $llama (the result) and $llama_build (ninja's).
# shellcheck shell=bash disable=SC2154

downloads_are_ready() {
    has_stamp "$cache/downloads/.stamp" "$(hash_of "$here/tools/sources.txt")" \
        && [[ -f $cache/downloads/$llama_archive && -f $cache/downloads/$encoder_wheel \
            && -f $cache/downloads/$scorer_wheel ]]
}

# Done when something is to be made of them: a cache whose downloads were deleted afterwards is still complete.
download_sources() {
    ! downloads_are_ready || return 0
    stage 3 "$stage_count" "downloads"
    local options=(--disable-pip-version-check --no-input --no-deps --require-hashes)
    # pip asks a source archive for its name and version; the back end for that is among the pinned Python tools.
    options+=(--no-binary=llama-cpp-python --no-build-isolation)
    options+=(--log "$log" --dest "$cache/downloads" --requirement "$here/tools/sources.txt")
    [[ -t 2 ]] || options+=(--quiet --progress-bar off)
    mkdir -p "$cache/downloads"
    PATH="$cache/venv/bin:$PATH" "$cache/venv/bin/python" -m pip download "${options[@]}" >&2 \
        || die 1 "the downloads failed; what arrived is kept, run deploy/setup again (details: $log)"
    put_stamp "$cache/downloads/.stamp" "$(hash_of "$here/tools/sources.txt")"
}

# Names, besides version and CPU, the place (llama.pc holds it) and this recipe. After a change of the recipe ninja
# finds what of the old build still holds.
llama_stamp() {
    printf '%s %s\n' "$llama" "$(hash_of "$here/lib/llama.bash" "$here/tools/requantise.c")"
}

llama_is_ready() {
    has_stamp "$llama/.stamp" "$(llama_stamp)"
}

# Unpacks the source, unless it is there. The archive's dates are kept, so a build that was begun goes on.
unpack_llama() {
    local source=$cache/build/llama.cpp-$llama_version
    if [[ ! -d $source ]]; then
        download_sources
        mkdir -p "$temporary/llama.cpp" "$cache/build"
        logged tar -xzf "$cache/downloads/$llama_archive" -C "$temporary/llama.cpp" --strip-components=3 \
            "llama_cpp_python-$llama_version/vendor/llama.cpp"
        mv "$temporary/llama.cpp" "$source"
    fi
    printf '%s\n' "$source"
}

# Prints how the build differs by where it is to run: static libraries for this CPU, or shared ones, since those of the
# CPU are then loaded at run time, from the folder that is compiled in.
llama_cpu_flags() {
    if $portable; then
        printf '%s\n' -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON \
            "-DGGML_BACKEND_DIR=$llama/lib"
    else
        printf '%s\n' -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON
    fi
}

# build_llama TARGET...: compiles them in the build folder of this CPU, which stays, so that a tool can join later.
build_llama() {
    local source cpu_flags
    source=$(unpack_llama)
    mapfile -t cpu_flags < <(llama_cpu_flags)
    # A folder of the user's above the cache may be a git repository; its commit is none of llama.cpp's.
    export GIT_CEILING_DIRECTORIES=$cache
    logged cmake -S "$source" -B "$llama_build" -G Ninja \
        -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_COMPILER="$clang" \
        -DCMAKE_CXX_COMPILER="$clangxx" \
        -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
        "${cpu_flags[@]}" \
        -DGGML_OPENMP=OFF \
        -DGGML_CCACHE=OFF \
        -DLLAMA_OPENSSL=OFF \
        -DLLAMA_BUILD_APP=OFF \
        -DLLAMA_BUILD_EXAMPLES=OFF \
        -DLLAMA_BUILD_SERVER=OFF \
        -DLLAMA_BUILD_TESTS=OFF \
        -DLLAMA_BUILD_TOOLS=ON
    local start
    start=$(log_size)
    printf '\n$ ninja %s\n' "$*" >>"$log"
    ninja -C "$llama_build" "$@" 2>&1 | show_progress || log_failure "$start" "failed: the compilation of llama.cpp"
}

# Only -L and -l: SwiftPM takes no other link flags from a .pc file. A library stands before those that it uses.
write_llama_pc() {
    local description='static libraries for the CPU they were built on' cpu=' -lggml-cpu'
    if $portable; then
        description='shared libraries for every CPU of this architecture'
        cpu=
    fi
    cat <<TEXT
prefix=$llama
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: llama
Description: llama.cpp, $description
Version: $llama_version
Cflags: -I\${includedir}
Libs: -L\${libdir} -lllama -lggml$cpu -lggml-base -lstdc++ -lpthread -ldl -lm
TEXT
}

install_llama() {
    ! llama_is_ready || return 0
    if $portable; then
        stage 4 "$stage_count" "llama.cpp for every CPU of this architecture: a quarter of an hour on two cores"
    else
        stage 4 "$stage_count" "llama.cpp for this CPU: some minutes"
    fi
    build_llama llama
    local source=$cache/build/llama.cpp-$llama_version target=$temporary/llama
    mkdir -p "$target/include" "$target/lib/pkgconfig" "$target/bin" "$cache/deps"
    cp "$source/include/llama.h" "$source"/ggml/include/{ggml,ggml-alloc,ggml-backend,ggml-cpu,ggml-opt,gguf}.h \
        "$target/include/"
    if $portable; then
        cp -P "$llama_build"/bin/lib{llama,ggml}*.so* "$target/lib/"
    else
        cp "$llama_build/src/libllama.a" "$llama_build"/ggml/src/libggml{,-base,-cpu}.a "$target/lib/"
    fi
    cp "$source/LICENSE" "$target/"
    write_llama_pc >"$target/lib/pkgconfig/llama.pc"
    build_requantise "$target"
    put_stamp "$target/.stamp" "$(llama_stamp)"
    rm -rf "$llama"
    mv "$target" "$llama"
    rm -rf "$source"
}

# Links the first program against the new libraries, with the flags that everyone else will use.
build_requantise() {
    local flags
    # Where the libraries will lie; static ones do not mind.
    local -r found_at=-Wl,-rpath,$llama/lib
    flags=$(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --define-variable=prefix="$1" --cflags --libs llama)
    # shellcheck disable=SC2086 # the flags are words
    logged "$clang" -O2 -Wall -Wextra -Werror -o "$1/bin/requantise" "$here/tools/requantise.c" $flags "$found_at"
}

# install_llama_tool NAME: a program of llama.cpp, into bin/ beside the libraries.
install_llama_tool() {
    [[ ! -x $llama/bin/$1 ]] || return 0
    stage 4 "$stage_count" "$1: some minutes"
    build_llama "$1"
    cp "$llama_build/bin/$1" "$temporary/$1"
    mv "$temporary/$1" "$llama/bin/$1"
    rm -rf "$cache/build/llama.cpp-$llama_version"
}
