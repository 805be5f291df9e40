internal import Core
internal import Foundation

/// llama.cpp's own benchmark, which `deploy/setup --with llama-bench` installs.
struct LlamaBench: Sendable {
    /// The command that installs it.
    static let remedy = "deploy/setup --with llama-bench"

    let path: String

    /// Nil where it is not installed.
    init?(cachePath: String) {
        let folder = cachePath + "/deps"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let found = names.filter { $0.hasPrefix("llama.cpp-") }.sorted()
            .map { "\(folder)/\($0)/bin/llama-bench" }
            .last { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { return nil }
        path = found
    }

    /// Times of so many passes over one prompt of so many tokens, as an encoder, on one thread.
    func encode(model: String, tokens: Int, passes: Int) async throws -> LatencySamples {
        try await run(model: model, tokens: tokens, threads: 1, passes: passes, ["--embeddings", "1"])
    }

    /// Times of so many passes of a language model over one prompt of so many tokens, in one piece.
    func read(model: String, tokens: Int, threads: Int, passes: Int) async throws -> LatencySamples {
        try await run(model: model, tokens: tokens, threads: threads, passes: passes, [])
    }

    private func run(
        model: String,
        tokens: Int,
        threads: Int,
        passes: Int,
        _ options: [String],
    ) async throws -> LatencySamples {
        let output = try await WorkThread("bench-llama").run { [path] in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments =
                [
                    "--model", model, "--n-prompt", "\(tokens)", "--n-gen", "0", "--threads", "\(threads)",
                    "--batch-size", "\(tokens)", "--ubatch-size", "\(tokens)", "--repetitions", "\(passes)",
                    "--output", "json",
                ] + options
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw SwitchboardError(.internal, "\(path) ended with \(process.terminationStatus)")
            }
            return output
        }
        return try Self.samples(in: output)
    }

    /// - Parameter output: what `--output json` prints.
    static func samples(in output: Data) throws -> LatencySamples {
        struct Run: Decodable {
            let samplesNs: [UInt64]

            enum CodingKeys: String, CodingKey {
                case samplesNs = "samples_ns"
            }
        }
        guard let run = try JSONDecoder().decode([Run].self, from: output).first, !run.samplesNs.isEmpty else {
            throw SwitchboardError(.internal, "llama-bench has printed no run")
        }
        return LatencySamples(
            nanoseconds: run.samplesNs,
            seconds: run.samplesNs.reduce(0) { $0 + Double($1) / 1e9 }
        )
    }
}
