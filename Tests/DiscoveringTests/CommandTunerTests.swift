import Clustering
import Core
import Foundation
import Models
import Synchronization
import Testing

@testable import Discovering

@Suite struct CommandTunerTests {
    /// A folder with a program of these lines, gone after `body`.
    private static func with(_ lines: String, _ body: (CommandTuner, String) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "switchboard-tuner-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = folder + "/tune.sh"
        try Data(("#!/bin/bash\n" + lines + "\n").utf8).write(to: URL(fileURLWithPath: program))
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
        try await body(CommandTuner(program: program, folder: folder + "/run"), folder)
    }

    private static func texts(_ count: Int) throws -> [UtteranceText] {
        try (0..<count).map { try UtteranceText("text \"\($0)\"") }
    }

    /// Ends a tuning whose program has spoken, and waits for its end.
    private static func cancelOnceBegun(_ tuner: CommandTuner) async throws {
        let (began, continuation) = AsyncStream.makeStream(of: Void.self)
        let texts = try texts(3)
        let task = Task {
            try await tuner.tune(texts: texts, vectors: table, seed: 1) { _ in continuation.yield() }
        }
        for await _ in began { break }
        task.cancel()
        let result = await task.result
        #expect(throws: CancellationError.self) { _ = try result.get() }
    }

    private static let table = VectorTable(dimension: 2, rows: [[1, 0], [0, 1], [0.6, 0.8]])

    @Test func whatSetupInstallsIsTunedAndNothingElse() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let list = try String(contentsOf: root.appending(path: "deploy/models.sha256"), encoding: .utf8)
        let files = list.split(separator: "\n").filter { $0.contains("  all-MiniLM-L6-v2.") }
        let ids = try files.map { line -> ModelID in
            var hash = Hash256()
            hash.update(try #require(ModelID(hex: String(line.prefix(64)))).bytes)
            hash.update(EncoderModel.pooling.utf8)
            return try #require(ModelID(bytes: hash.digest()))
        }
        #expect(Set(ids) == PublishedEncoder.ids && ids.count == 2)
        let tuner = CommandTuner(program: "tune", folder: "run")
        #expect(ids.allSatisfy { tuner.tunes($0) })
        let other = try #require(ModelID(bytes: [UInt8](repeating: 7, count: ModelID.byteCount)))
        #expect(!tuner.tunes(other))
    }

    @Test(.timeLimit(.minutes(1))) func vectorsGoThroughTheProgram() async throws {
        // Keeps what it was given for the test, and answers the vectors it was given.
        let program = """
            [[ $1 == tune && $2 == --in && $4 == --vectors && $6 == --out && $8 == --seed ]] || exit 2
            [[ $SWITCHBOARD_ENDS_WITH_PARENT == 1 ]] || exit 2
            echo "starting" >&2
            cp "$3" "$(dirname "$0")/seen.jsonl"
            echo "$9" > "$(dirname "$0")/seen.seed"
            echo '{"fraction": 0.5, "seconds_left": 1}' >&2
            cp "$5" "$7"
            """
        try await Self.with(program) { tuner, folder in
            let tuned = try await tuner.tune(texts: try Self.texts(3), vectors: Self.table, seed: 41) { _ in }
            #expect(tuned.values == Self.table.values)
            let seen = try String(contentsOfFile: folder + "/seen.jsonl", encoding: .utf8)
            #expect(
                seen == #"{"text":"text \"0\""}"# + "\n" + #"{"text":"text \"1\""}"# + "\n"
                    + #"{"text":"text \"2\""}"# + "\n"
            )
            #expect(try String(contentsOfFile: folder + "/seen.seed", encoding: .utf8) == "42\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/run").isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(1))) func progressIsHandedOn() async throws {
        // Ends once the test has seen its word.
        let program = """
            echo 'a word for people' >&2
            echo '{"fraction": 0.25}' >&2
            until [[ -e "$(dirname "$0")/seen" ]]; do sleep 0.05; done
            cp "$5" "$7"
            """
        try await Self.with(program) { tuner, folder in
            let told = Mutex<[Double]>([])
            _ = try await tuner.tune(texts: try Self.texts(3), vectors: Self.table, seed: 1) { fraction in
                told.withLock { $0.append(fraction) }
                _ = FileManager.default.createFile(atPath: folder + "/seen", contents: nil)
            }
            #expect(told.withLock { $0 } == [0.25])
        }
    }

    @Test(.timeLimit(.minutes(1))) func aFailedProgramIsAnErrorWithWhereItsWordsAre() async throws {
        try await Self.with("echo broken >&2; exit 3") { tuner, folder in
            let error = await #expect(throws: SwitchboardError.self) {
                _ = try await tuner.tune(texts: try Self.texts(3), vectors: Self.table, seed: 1) { _ in }
            }
            #expect(error?.code == .internal)
            #expect(error?.message.contains("\(folder)/run/tuning.log") == true)
            let words = try String(contentsOfFile: folder + "/run/tuning.log", encoding: .utf8)
            #expect(words == "broken\n")
        }
    }

    @Test(.timeLimit(.minutes(1))) func missingPartsAreUnavailable() async throws {
        // The file with what it said goes with the run, so that the message says what is missing.
        let lines = #"echo "there is no torch" >&2; echo '{"fraction": 0}' >&2; exit 69"#
        try await Self.with(lines) { tuner, _ in
            let error = await #expect(throws: SwitchboardError.self) {
                _ = try await tuner.tune(texts: try Self.texts(3), vectors: Self.table, seed: 1) { _ in }
            }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("there is no torch") == true)
        }
        let missing = CommandTuner(program: "/nowhere/train", folder: "/nowhere")
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await missing.tune(texts: try Self.texts(3), vectors: Self.table, seed: 1) { _ in }
        }
        #expect(error?.code == .unavailable)
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["true", "printf 123 > \"$7\"", "head -c 16 \"$5\" > \"$7\""])
    func vectorsThatAreNotThereAreAnError(program: String) async throws {
        try await Self.with(program) { tuner, _ in
            let error = await #expect(throws: SwitchboardError.self) {
                _ = try await tuner.tune(texts: try Self.texts(3), vectors: Self.table, seed: 1) { _ in }
            }
            #expect(error?.code == .internal)
        }
    }

    @Test(.timeLimit(.minutes(1))) func theProgramEndsWithTheTask() async throws {
        let program = """
            echo $$ > "$(dirname "$0")/pid"
            echo '{"fraction": 0.1}' >&2
            exec sleep 600
            """
        try await Self.with(program) { tuner, folder in
            try await Self.cancelOnceBegun(tuner)
            let pid = try String(contentsOfFile: folder + "/pid", encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            // It was waited for, so the system knows it no more.
            #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)"))
        }
    }

    /// Programs that blocked SIGTERM, as the thread that started them, were killed only ten seconds later.
    @Test(.timeLimit(.minutes(1))) func theProgramHearsThatItIsToEnd() async throws {
        let program = """
            trap 'echo heard > "$(dirname "$0")/heard"; exit 1' TERM
            echo '{"fraction": 0.1}' >&2
            while true; do sleep 0.05; done
            """
        try await Self.with(program) { tuner, folder in
            try await Self.cancelOnceBegun(tuner)
            #expect(FileManager.default.fileExists(atPath: folder + "/heard"))
        }
    }
}
