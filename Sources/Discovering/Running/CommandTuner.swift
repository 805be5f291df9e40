package import Clustering
package import Core
internal import Foundation

/// Tunes vectors by a program, as a rule `deploy/train`, in a process of its own.
///
/// It is called as
///
///     PROGRAM tune --in TEXTS.jsonl --vectors GIVEN.f32 --out TUNED.f32 --seed N
///
/// `TEXTS.jsonl` has a JSON object a line with the text under `text`. `GIVEN.f32` has their vectors and `TUNED.f32`
/// gets the tuned ones, both as 32-bit floats, least significant byte first, row after row without a head; how many a
/// row has follows from the size. On stderr the program writes how far it is, a JSON object a line with `fraction`, 0
/// to 1; other lines are for people and stay in a file. It ends with 0 once all of `TUNED.f32` is written, and on
/// SIGTERM at once; in its environment `SWITCHBOARD_ENDS_WITH_PARENT=1` says that it should end with its parent too. Started
/// again with the same files it may go on where it was ended.
///
/// No encoder is named to it, so it begins with the published one, and `GIVEN.f32` says only who is near whom at first.
///
/// The files lie in a folder of the run, readable by this user alone, and are deleted once the vectors are there. The
/// program gets no more than `patience` from one word to the next.
package struct CommandTuner: VectorTuner {
    /// Installing torch is part of the first word.
    package static let usualPatience = Duration.seconds(1_800)
    /// What seeds the program takes: 1 to so many.
    private static let seeds: UInt64 = 999_999_999
    private static let betweenLooks = Duration.milliseconds(500)

    private let program: String
    private let folder: String
    private let patience: Duration

    /// - Parameters:
    ///   - program: path of the program.
    ///   - folder: of this run alone; made where it is not there.
    package init(program: String, folder: String, patience: Duration = CommandTuner.usualPatience) {
        self.program = program
        self.folder = folder
        self.patience = patience
    }

    package func tunes(_ encoder: ModelID) -> Bool { PublishedEncoder.ids.contains(encoder) }

    package func tune(
        texts: [UtteranceText],
        vectors: VectorTable,
        seed: UInt64,
        progress: @escaping @Sendable (Double) async -> Void,
    ) async throws -> VectorTable {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw SwitchboardError(.unavailable, "\(program) is no program: vectors cannot be tuned here")
        }
        let files = try TuningFiles(in: folder)
        try files.write(texts, vectors)
        let command = RunningCommand(
            program: program,
            arguments: [
                "tune", "--in", files.texts, "--vectors", files.given, "--out", files.tuned,
                "--seed", "\(1 + seed % Self.seeds)",
            ],
            output: files.words
        )
        let patience = patience
        let status = try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask { try await command.run() }
            group.addTask {
                try await Self.watch(files.words, patience: patience, progress: progress)
                return nil
            }
            defer { group.cancelAll() }
            // The watcher ends only with an error.
            while let status = try await group.next() {
                if let status { return status }
            }
            throw CancellationError()
        }
        try Task.checkCancellation()
        guard status == 0 else { throw failure(status, files) }
        guard let bytes = FileManager.default.contents(atPath: files.tuned),
            let table = RawVectors.table(Array(bytes), rows: texts.count)
        else {
            throw SwitchboardError(.internal, "\(program) ended well, and \(files.tuned) holds no vector for each text")
        }
        files.remove()
        return table
    }

    private func failure(_ status: Int32, _ files: TuningFiles) -> SwitchboardError {
        // As deploy/train documents them.
        switch status {
        case 69:
            SwitchboardError(
                .unavailable,
                "\(program) lacks something that only you can install" + Self.lastWords(in: files.words)
            )
        default:
            // Its last words may hold a caller's. A node deletes them with all that the run worked with.
            SwitchboardError(
                .internal,
                "\(program) tune ended with \(status); what it said is in \(files.words) or, where that went with its run, is "
                    + "said again when you start it by itself"
            )
        }
    }

    /// What the program said last, of what is for people: it has not read a text yet when it finds that something is missing.
    private static func lastWords(in path: String) -> String {
        let said = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        let line = said.split(whereSeparator: \.isNewline).last { !$0.hasPrefix("{") }
        return line.map { ": \(String($0).shortened(toBytes: 300))" } ?? ""
    }

    /// Tells how far the program says it is; never returns while the task goes on.
    private static func watch(
        _ path: String,
        patience: Duration,
        progress: @Sendable (Double) async -> Void,
    ) async throws {
        struct Word: Decodable {
            var fraction: Double
        }
        var read: UInt64 = 0
        var lastChange = ContinuousClock.now
        while true {
            try await Task.sleep(for: betweenLooks)
            guard let file = FileHandle(forReadingAtPath: path) else { continue }
            defer { try? file.close() }
            try file.seek(toOffset: read)
            let more = try file.readToEnd() ?? Data()
            // What follows the last line's end is not all there yet.
            if let end = more.lastIndex(of: UInt8(ascii: "\n")) {
                let lines = more[...end].split(separator: UInt8(ascii: "\n"))
                read += UInt64(more.distance(from: more.startIndex, to: end) + 1)
                lastChange = .now
                let words = lines.compactMap { try? JSONDecoder().decode(Word.self, from: Data($0)) }
                if let word = words.last { await progress(min(max(word.fraction, 0), 1)) }
            }
            guard ContinuousClock.now - lastChange < patience else {
                throw SwitchboardError(.deadlineExceeded, "tuning has said nothing for \(patience); see \(path)")
            }
        }
    }
}
