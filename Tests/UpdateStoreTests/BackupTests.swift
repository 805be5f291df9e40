import Core
import Foundation
import GRDB
import Glibc
import Testing

@testable import UpdateStore

/// Copies of a data directory, and what is made of them.
@Suite(.timeLimit(.minutes(2))) struct BackupTests {
    private let folder: TemporaryFolder
    private var data: String { folder.path + "/data" }
    private var backup: String { folder.path + "/backup" }
    private var target: String { folder.path + "/restored" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open() throws -> (log: UpdateLog, feedback: FeedbackStore) {
        let directory = try DataDirectory(data)
        return (try UpdateLog(in: directory), try FeedbackStore(in: directory))
    }

    private func word(_ text: String) throws -> Feedback {
        Feedback(
            replyID: .random(),
            text: try UtteranceText(text),
            vertical: .default,
            answeredIntent: nil,
            verdict: .confirmed,
            source: .caller
        )
    }

    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    /// Of a process that has ended.
    private func goneProcess() throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        return process.processIdentifier
    }

    @Test func whatAKilledBackupLeftIsDeletedByTheNext() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("first", [try Samples.upsert("one", "a")]))
        let gone = try goneProcess()
        func make(_ name: String, holding names: [String]) throws -> String {
            let path = "\(folder.path)/\(name)"
            for name in names {
                try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
            }
            return path
        }
        let left = [
            try make("backup.part-\(gone)", holding: ["keys", "log.sqlite", "log.sqlite-journal"]),
            try make("earlier.part-\(gone)", holding: ["models"]),
            try make("backup.part-\(getpid())", holding: ["keys", "models"]),
        ]
        let kept = [
            try make("other.part-1", holding: ["keys"]),
            try make("other.part-\(getpid())", holding: ["keys"]),
            try make("film.part-\(gone)", holding: ["scenes"]),
            try make("film.part-two", holding: ["keys"]),
        ]
        #expect(BackupPart.abandoned(in: folder.path) == left.prefix(2).sorted())
        _ = try await DataBackup(of: data, to: backup).run()
        for path in left { #expect(!FileManager.default.fileExists(atPath: path), "\(path)") }
        for path in kept { #expect(FileManager.default.fileExists(atPath: path), "\(path)") }
        try await log.close()
        try await feedback.close()
    }

    @Test func aCopyMadeUnderLoadIsOneMomentAndWhole() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(
            Samples.batch("first", try (0..<50).map { try Samples.upsert("first \($0)", "x/\($0)") })
        )
        _ = try await feedback.add(try word("one"))
        try Data("GGUF".utf8).write(to: URL(fileURLWithPath: data + "/models/a.gguf"))
        let writing = Task {
            for index in 0..<60 {
                _ = try await log.append(
                    Samples.batch("w\(index)", try (0..<10).map { try Samples.upsert("w\(index) \($0)", "x") })
                )
            }
        }
        let manifest = try await DataBackup(of: data, to: backup + "/").run()
        try await writing.value

        #expect(manifest.isChecked)
        #expect(manifest.log == log.id.description)
        #expect(manifest.feedback == 1)
        // Whole operations alone.
        #expect(manifest.sequence >= 50 && manifest.sequence % 10 == 0)
        #expect(manifest.files.map(\.path) == ["log.sqlite", "feedback.sqlite", "models/a.gguf", "keys/purge.key"])
        for file in manifest.files { #expect(try mode("\(backup)/\(file.path)") == 0o600, "\(file.path)") }
        #expect(try mode(backup) == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["backup", "data"])
        try await log.close()
        try await feedback.close()

        let report = try await DataRestore(of: backup, to: target).run()
        #expect(report.head.sequence.number == manifest.sequence)
        #expect(report.head.log != log.id)
        let restored = try UpdateLog(in: DataDirectory(target))
        #expect(restored.id == report.head.log)
        #expect(restored.head.digest.sum.description == manifest.digest)
        #expect(try await restored.check().records == Int(manifest.sequence))
        // The receipt of then, with a position of now.
        let again = try await restored.append(
            Samples.batch("first", try (0..<50).map { try Samples.upsert("first \($0)", "x/\($0)") })
        )
        #expect(again.isRepeated)
        #expect(again.position == LogPosition(log: restored.id, sequence: LogSequence(50)))
        #expect(try await restored.append(Samples.batch("later", [try Samples.upsert("later", "x")])).added == 1)
        #expect(FileManager.default.contents(atPath: target + "/models/a.gguf") == Data("GGUF".utf8))
        try await restored.close()
    }

    @Test func aStoppedNodeIsCopiedToo() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        try await log.close()
        try await feedback.close()
        #expect(try await DataBackup(of: data, to: backup).run().sequence == 1)
        let again = try UpdateLog(in: DataDirectory(data))
        #expect(again.head.position.sequence == LogSequence(1))
    }

    /// The moment at which a backup is wanted most.
    @Test(arguments: [false, true])
    func aReadOnlyDiskIsBackedUpWithoutWritingToIt(isClosed: Bool) async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await feedback.add(try word("one"))
        if isClosed {
            try await log.close()
            try await feedback.close()
        }
        // As a node leaves it that was killed, or has ended.
        let files = FileManager.default
        let still = folder.path + "/still"
        try files.copyItem(atPath: data, toPath: still)
        for name in try files.contentsOfDirectory(atPath: still) where name.hasSuffix("-shm") {
            try files.removeItem(atPath: "\(still)/\(name)")
        }
        #expect((StoreFile.bytes(ofFile: still + "/log.sqlite-wal") > 0) == !isClosed)
        let before = try files.subpathsOfDirectory(atPath: still).sorted()

        let manifest = try await DataBackup(of: still, to: backup, isReadOnly: true).run()
        #expect(manifest.sequence == 1 && manifest.feedback == 1 && manifest.isChecked)
        #expect(try files.subpathsOfDirectory(atPath: still).sorted() == before)
        let names = try files.contentsOfDirectory(atPath: backup).sorted()
        #expect(names == ["feedback.sqlite", "keys", "log.sqlite", "manifest.json", "models"])
        #expect(try await DataRestore(of: backup, to: target).run().head.sequence == LogSequence(1))
        if !isClosed {
            try await log.close()
            try await feedback.close()
        }
    }

    @Test func aNodeOnADiskThatBecameReadOnlyIsBackedUpToo() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        #expect(try await DataBackup(of: data, to: backup, isReadOnly: true).run().sequence == 1)
        try await log.close()
        try await feedback.close()
    }

    @Test func noNodeRunsOnABackup() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        try await log.close()
        try await feedback.close()
        _ = try await DataBackup(of: data, to: backup).run()
        let before = try FileManager.default.contentsOfDirectory(atPath: backup).sorted()
        #expect { _ = try DataDirectory(backup) } throws: { error in
            let error = error as? SwitchboardError
            return error?.code == .failedPrecondition && error?.message.contains("switchboard restore") == true
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: backup).sorted() == before)
    }

    @Test func nothingIsWrittenOverAnything() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        try FileManager.default.createDirectory(atPath: backup, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(fileURLWithPath: backup + "/mine"))
        #expect(
            await SwitchboardError.code { _ = try await DataBackup(of: data, to: backup).run() } == .failedPrecondition
        )
        #expect(try FileManager.default.contentsOfDirectory(atPath: backup) == ["mine"])
        try FileManager.default.removeItem(atPath: backup + "/mine")
        _ = try await DataBackup(of: data, to: backup).run()
        // Another node's folder.
        #expect(
            await SwitchboardError.code { _ = try await DataRestore(of: backup, to: data).run() } == .failedPrecondition
        )
        try await log.close()
        try await feedback.close()
    }

    /// It would be a backup no more.
    @Test func nothingIsRestoredIntoTheBackupItself() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await DataBackup(of: data, to: backup).run()
        let before = try FileManager.default.subpathsOfDirectory(atPath: backup).sorted()
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: backup)
        for inside in [backup + "/in", backup + "/in/deep/", backup + "/models/in", link + "/in", link] {
            let error = await #expect(throws: SwitchboardError.self) {
                _ = try await DataRestore(of: backup, to: inside).run()
            }
            #expect(error?.code == .failedPrecondition, "\(inside)")
            #expect(error?.message.contains("lies in the backup") == true, "\(inside)")
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: backup).sorted() == before)
        // Of a like name and beside it.
        _ = try await DataRestore(of: backup, to: backup + "-restored").run()
        try await log.close()
        try await feedback.close()
    }

    @Test func aFolderWithoutLogIsNoDataDirectory() async throws {
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await DataBackup(of: data, to: backup).run()
        }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("--data") == true)
        #expect(!FileManager.default.fileExists(atPath: backup))
    }

    @Test func aDamagedLogMakesNoBackup() async throws {
        let (log, feedback) = try open()
        for index in 0..<4 {
            _ = try await log.append(Samples.batch("\(index)", [try Samples.upsert("text \(index)", "x")]))
        }
        try await log.close()
        try await feedback.close()
        let path = data + "/log.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[try #require(bytes.range(of: Data("text 2".utf8))).lowerBound] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(await SwitchboardError.code { _ = try await DataBackup(of: data, to: backup).run() } == .dataLoss)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["data"])
    }

    @Test(arguments: ["log.sqlite", "feedback.sqlite", "keys/purge.key", "manifest.json"])
    func aChangedBackupIsRefused(name: String) async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await DataBackup(of: data, to: backup).run()
        try await log.close()
        try await feedback.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: "\(backup)/\(name)"))
        bytes[bytes.count / 2] ^= 0x80
        try bytes.write(to: URL(fileURLWithPath: "\(backup)/\(name)"))
        #expect(await SwitchboardError.code { _ = try await DataRestore(of: backup, to: target).run() } == .dataLoss)
        // What was begun is no data directory.
        if FileManager.default.fileExists(atPath: target) {
            #expect { _ = try DataDirectory(target) } throws: { error in
                (error as? SwitchboardError)?.message.contains("restore") == true
            }
            #expect(
                await SwitchboardError.code { _ = try await DataRestore(of: backup, to: target).run() }
                    == .failedPrecondition
            )
        }
    }

    @Test func aManifestCannotWriteElsewhere() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await DataBackup(of: data, to: backup).run()
        try await log.close()
        try await feedback.close()
        let path = backup + "/manifest.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for place in ["../outside", "models/../../outside", "/etc/outside", "models/a/b", "runs/x", "models/.."] {
            try text.replacingOccurrences(of: "keys/purge.key", with: place)
                .write(toFile: path, atomically: true, encoding: .utf8)
            #expect(
                await SwitchboardError.code { _ = try await DataRestore(of: backup, to: target).run() } == .dataLoss
            )
        }
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func whatWasErasedSinceIsErasedAgain() async throws {
        let (log, feedback) = try open()
        func upsert(_ text: String, origin: String) throws -> LogCommand {
            .upsert(
                UpsertCommand(
                    vertical: .default,
                    text: try UtteranceText(text),
                    path: try IntentPath("x"),
                    vector: Samples.vector(text.utf8.count),
                    encoder: Samples.encoder,
                    origin: Array(origin.utf8)
                )
            )
        }
        func purge(_ selection: PurgeSelection) async throws {
            let rule = PurgeRule(selection)
            let found = try await log.findings(for: rule)
            _ = try await feedback.purge(rule.adding(found.exemplars))
            _ = try await log.purge(found.exemplars, as: selection)
        }
        func id(_ text: String) throws -> ExemplarID { ExemplarID(vertical: .default, text: try UtteranceText(text)) }
        _ = try await log.append(
            Samples.batch(
                "a",
                [
                    try upsert("early", origin: "ann"), try upsert("late", origin: "bob"),
                    try upsert("kept", origin: "eve"),
                ]
            )
        )
        _ = try await feedback.add(try word("late"))
        _ = try await feedback.add(try word("kept"))
        try await purge(.exemplars([try id("early")]))
        // Comes in again after it was erased, and is in the backup.
        _ = try await log.append(Samples.batch("b", [try upsert("early", origin: "ann")]))
        _ = try await DataBackup(of: data, to: backup).run()
        try await purge(.origin(Array("bob".utf8), in: nil))
        try await log.close()
        try await feedback.close()

        let report = try await DataRestore(of: backup, to: target, purges: data + "/purges.jsonl").run()
        #expect(report.purgedExemplars == 1)
        #expect(report.purgedFeedback == 1)
        let directory = try DataDirectory(target)
        let (restored, words) = (try UpdateLog(in: directory), try FeedbackStore(in: directory))
        let page = try await restored.export().page(after: .start)
        #expect(page.exemplars.map(\.text.value) == ["kept", "early"])
        #expect(try await words.list().map(\.feedback.text.value) == ["kept"])
        #expect(try await restored.check().fault == nil)
        #expect(try PurgeList(in: target).entries() == PurgeList(in: data).entries())
        try await restored.close()
        try await words.close()
    }

    @Test func thePoolAndTheRunsAreCopiedAndAPurgeReachesThem() async throws {
        let directory = try DataDirectory(data)
        let (log, feedback) = (try UpdateLog(in: directory), try FeedbackStore(in: directory))
        let pool = try PoolStore(in: directory)
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        func entry(_ text: String, origin: String) throws -> PoolEntry {
            PoolEntry(
                text: try UtteranceText(text),
                vertical: .default,
                origin: Array(origin.utf8),
                reason: .unknown,
                timeMicroseconds: UpdateLog.systemTime()
            )
        }
        _ = try await pool.add([try entry("anns words", origin: "ann"), try entry("kept", origin: "eve")])
        let run = data + "/runs/r1"
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
        try Data("members".utf8).write(to: URL(fileURLWithPath: run + "/proposals.json"))
        let reviews = try ReviewStore(in: directory)
        let manifest = try await DataBackup(of: data, to: backup).run()
        try await reviews.close()
        #expect(manifest.files.map(\.path).contains("pool.sqlite"))
        #expect(manifest.files.map(\.path).contains("runs/review.sqlite"))
        #expect(manifest.files.map(\.path).contains("runs/r1/proposals.json"))
        #expect(manifest.poolVersion == 1)
        let ann = PurgeSelection.origin(Array("ann".utf8), in: nil)
        _ = try await pool.purge(PurgeRule(ann), as: ann)
        try await log.close()
        try await feedback.close()
        try await pool.close()

        _ = try await DataRestore(of: backup, to: target).run()
        #expect(FileManager.default.contents(atPath: target + "/runs/r1/proposals.json") == Data("members".utf8))
        try await ReviewStore(in: DataDirectory(target)).close()
        let later = folder.path + "/later"
        let report = try await DataRestore(of: backup, to: later, purges: data + "/purges.jsonl").run()
        #expect(report.purgedCalls == 1)
        // What was erased may stand in them.
        #expect(!FileManager.default.fileExists(atPath: later + "/runs/r1"))
        let restored = try PoolStore(in: DataDirectory(later))
        #expect(try await restored.utterances().map(\.text.value) == ["kept"])
        try await restored.close()
    }

    @Test func aPoolsPurgeAfterABackupIsAppliedThoughTheBackupsClockWasAhead() async throws {
        let directory = try DataDirectory(data)
        let (log, feedback) = (try UpdateLog(in: directory), try FeedbackStore(in: directory))
        // The backup is of a day after all that is said and erased here.
        let day: Int64 = 24 * 3_600 * 1_000_000
        let pool = try PoolStore(in: directory, now: { UpdateLog.systemTime() - day })
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        func say(_ text: String, _ origin: String) async throws {
            let entry = PoolEntry(
                text: try UtteranceText(text),
                vertical: .default,
                origin: Array(origin.utf8),
                reason: .unknown,
                timeMicroseconds: UpdateLog.systemTime()
            )
            _ = try await pool.add([entry])
        }
        func erase(_ origin: String) async throws {
            let selection = PurgeSelection.origin(Array(origin.utf8), in: nil)
            _ = try await pool.purge(PurgeRule(selection), as: selection)
        }
        try await say("bobs words", "bob")
        try await erase("bob")
        // Said again after it was erased, and in the backup.
        try await say("bobs later words", "bob")
        try await say("anns words", "ann")
        let manifest = try await DataBackup(of: data, to: backup).run()
        // What the list names was erased from the pool's copy.
        #expect(manifest.files.map(\.path).filter { $0.hasPrefix("p") } == ["purges.jsonl", "pool.sqlite"])
        try await erase("ann")
        try await log.close()
        try await feedback.close()
        try await pool.close()

        let report = try await DataRestore(of: backup, to: target, purges: data + "/purges.jsonl").run()
        #expect(report.purgedCalls == 1 && report.unplacedPurges == 1)
        let restored = try PoolStore(in: DataDirectory(target))
        #expect(try await restored.utterances().map(\.text.value) == ["bobs later words"])
        try await restored.close()
    }

    @Test func whatWasErasedFromARestoredLogIsErasedAgainWhateverItsClockSaid() async throws {
        let (log, feedback) = try open()
        let (early, late) = (try UtteranceText("early"), try UtteranceText("late"))
        let earlyID = ExemplarID(vertical: .default, text: early)
        let lateID = ExemplarID(vertical: .default, text: late)
        _ = try await log.append(
            Samples.batch("a", [try Samples.upsert(early.value, "x"), try Samples.upsert(late.value, "x")])
        )
        _ = try await log.purge([earlyID], as: .exemplars([earlyID]))
        // Comes in again after it was erased, and is in the backup.
        _ = try await log.append(Samples.batch("b", [try Samples.upsert(early.value, "x")]))
        _ = try await DataBackup(of: data, to: backup).run()
        try await log.close()
        try await feedback.close()

        let second = folder.path + "/second"
        _ = try await DataRestore(of: backup, to: second, purges: data + "/purges.jsonl").run()
        // By the clock of then it is long before the backup.
        let other = try UpdateLog(in: DataDirectory(second), now: { 1 })
        _ = try await DataBackup(of: second, to: folder.path + "/other").run()
        _ = try await other.purge([lateID], as: .exemplars([lateID]))
        try await other.close()

        let report = try await DataRestore(of: backup, to: target, purges: second + "/purges.jsonl").run()
        #expect(report.purgedExemplars == 1 && report.unplacedPurges == 1)
        let restored = try UpdateLog(in: DataDirectory(target))
        #expect(try await restored.export().page(after: .start).exemplars.map(\.text) == [early])
        try await restored.close()
        // What the first log erased the second never held, so that what came in again stays.
        let third = folder.path + "/third"
        let again = try await DataRestore(of: folder.path + "/other", to: third, purges: data + "/purges.jsonl").run()
        #expect(again.purgedExemplars == 0 && again.unplacedPurges == 0)
    }

    /// A log of four records that begins with the third.
    private func trimmedLog() async throws -> UpdateLog {
        let log = try UpdateLog(in: DataDirectory(data))
        for index in 0..<4 {
            _ = try await log.append(Samples.batch("\(index)", [try Samples.upsert("text \(index)", "x")]))
        }
        try await log.trim(to: LogSequence(3))
        return log
    }

    /// What stands for a snapshot here: nothing in this module reads one.
    private func writeSnapshot(at sequence: UInt64) throws {
        try SnapshotFolder(data + "/snapshots").write(LogSequence(sequence)) { (emit) throws(SwitchboardError) in
            try withUnsafeBytes(of: sequence) { (bytes) throws(SwitchboardError) in try emit(bytes) }
        }
    }

    @Test func aTrimmedLogTakesItsSnapshotsAlong() async throws {
        let log = try await trimmedLog()
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await DataBackup(of: data, to: backup).run()
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("index snapshot") == true)
        #expect(!FileManager.default.fileExists(atPath: backup))
        // The log does not have what the first of them says.
        for sequence: UInt64 in [9, 2, 4] { try writeSnapshot(at: sequence) }
        let manifest = try await DataBackup(of: data, to: backup).run()
        try await log.close()
        let snapshots = manifest.files.map(\.path).filter { $0.hasPrefix("snapshots/") }
        #expect(snapshots == ["snapshots/4.snapshot", "snapshots/2.snapshot"])
        #expect(try mode("\(backup)/snapshots/4.snapshot") == 0o600)
        #expect(manifest.format == 2)

        let report = try await DataRestore(of: backup, to: target) { folder, restored in
            // It gets the log with its new id, and what was copied.
            #expect(restored.id != log.id)
            #expect(restored.first == LogSequence(3))
            #expect(folder.sequences() == [LogSequence(4), LogSequence(2)])
            folder.discard(LogSequence(2))
        }.run()
        #expect(!report.lacksSnapshot)
        #expect(try FileManager.default.contentsOfDirectory(atPath: target + "/snapshots") == ["4.snapshot"])
    }

    @Test func aTrimmedLogWithoutSnapshotIsRestoredAndSaidSo() async throws {
        let log = try await trimmedLog()
        try writeSnapshot(at: 4)
        _ = try await DataBackup(of: data, to: backup).run()
        try await log.close()
        let report = try await DataRestore(of: backup, to: target).run()
        #expect(report.lacksSnapshot)
        #expect(report.head.sequence == LogSequence(4))
    }

    @Test func aListWithoutItsKeyIsRefused() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        _ = try await DataBackup(of: data, to: backup).run()
        let id = ExemplarID(vertical: .default, text: try UtteranceText("one"))
        _ = try await log.purge([id], as: .exemplars([id]))
        try await log.close()
        try await feedback.close()
        let list = folder.path + "/elsewhere.jsonl"
        let other = PurgeKey(bytes: [UInt8](repeating: 3, count: 32))
        let position = LogPosition(log: log.id, sequence: LogSequence(2))
        try PurgeList(path: list).append(
            PurgeList.entries(of: .exemplars([id]), [id], key: other, at: position, timeMicroseconds: .max)
        )
        let error = await #expect(throws: SwitchboardError.self) {
            _ = try await DataRestore(of: backup, to: target, purges: list).run()
        }
        #expect(error?.message.contains("keys/purge.key") == true)
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test(arguments: ["feedback.sqlite", "models/a.gguf", "snapshots/1", "log.sqlite-wal", "purges.jsonl"])
    func aLostLogIsNotBegunAnew(sign: String) async throws {
        do { _ = try DataDirectory(data) }
        try Data("x".utf8).write(to: URL(fileURLWithPath: "\(data)/\(sign)"))
        let error = #expect(throws: SwitchboardError.self) { _ = try UpdateLog(in: DataDirectory(data)) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains(sign.split(separator: "/")[0]) == true)
        #expect(!FileManager.default.fileExists(atPath: data + "/log.sqlite"))
    }

    @Test func aLogThatWasCutToNothingIsNotBegunAnew() async throws {
        let (log, feedback) = try open()
        _ = try await log.append(Samples.batch("a", [try Samples.upsert("one", "x")]))
        try await log.close()
        try await feedback.close()
        #expect(truncate(data + "/log.sqlite", 0) == 0)
        #expect { _ = try UpdateLog(in: DataDirectory(data)) } throws: { error in
            (error as? SwitchboardError)?.message.contains("feedback.sqlite") == true
        }
    }
}
