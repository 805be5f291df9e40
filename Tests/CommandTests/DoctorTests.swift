import Core
import Foundation
import Glibc
import Testing
import UpdateStore

@testable import Node
@testable import switchboard

/// What the doctor says of one thing after the other.
struct DoctorTests {
    @Test func aDirectoryThatIsNotThereYetIsFine() throws {
        let scratch = try Scratch()
        let checks = DataDirectoryChecks(path: scratch.path + "/a/b")
        #expect(checks.permission().state == .ok)
        #expect(checks.disk()?.state != nil)
        #expect(checks.lock().check == nil)
    }

    @Test func aFileInItsPlaceIsAProblemWithARemedy() throws {
        let scratch = try Scratch()
        let check = DataDirectoryChecks(path: try scratch.write("x", to: "data")).permission()
        #expect(check.state == .problem)
        #expect(check.remedy?.contains("--data") == true)
    }

    @Test func othersWhoCanLookInAreAWarning() throws {
        let scratch = try Scratch()
        chmod(scratch.path, 0o755)
        let check = DataDirectoryChecks(path: scratch.path).permission()
        #expect(check.state == .warning)
        #expect(check.remedy == "chmod 700 \(scratch.path)")
        chmod(scratch.path, 0o700)
        #expect(DataDirectoryChecks(path: scratch.path).permission().state == .ok)
    }

    @Test func namesTheProcessThatHoldsTheLock() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        var directory: DataDirectory? = try DataDirectory(path)
        let (check, holder) = DataDirectoryChecks(path: path).lock()
        #expect(holder == getpid())
        #expect(check?.detail.contains("process \(getpid()) (") == true)
        withExtendedLifetime(directory) {}
        directory = nil
        #expect(DataDirectoryChecks(path: path).lock().holder == nil)
    }

    @Test func looksAtAWholeLogAndLeavesItAsItWas() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        let epoch = try await Self.writeLog(in: path, records: 5)
        let before = try Self.contents(of: path)
        for _ in 0..<3 {
            let checks = await LogChecks(path: path).run()
            #expect(checks.map(\.state) == [.ok, .ok, .ok, .ok, .ok])
            #expect(checks[0].detail.contains("5 records"))
        }
        #expect(try Self.contents(of: path) == before)
        let log = try UpdateLog(in: try DataDirectory(path))
        #expect(log.head.position.sequence == LogSequence(5))
        #expect(log.epoch == epoch + 1)
        try await log.close()
    }

    @Test func anEncoderThatDidNotMakeTheLogIsAProblem() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        _ = try await Self.writeLog(in: path, records: 1)
        let encoder = try scratch.write("GGUF, and nothing behind it", to: "encoder.gguf")
        let checks = await LogChecks(path: path, encoder: encoder).run()
        let problem = try #require(checks.first { $0.state == .problem })
        #expect(problem.detail.contains("010101010101"))
        #expect(problem.remedy?.contains("--encoder") == true)
    }

    @Test func readsWhatANodeThatCrashedLeftAndLeavesItAsItWas() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        let copy = scratch.path + "/copy"
        _ = try await Self.writeLog(in: path, records: 5) {
            // As it lies on the disk while it is open.
            try FileManager.default.copyItem(atPath: path, toPath: copy)
        }
        let before = try Self.contents(of: copy)
        #expect(before["log.sqlite-wal"]?.isEmpty == false)
        let checks = await LogChecks(path: copy).run()
        #expect(checks.map(\.state) == [.ok, .ok, .ok, .ok, .ok])
        #expect(checks[0].detail.contains("5 records"))
        #expect(try Self.contents(of: copy) == before)
    }

    @Test func doesNotReadALogThatANodeHolds() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        _ = try await Self.writeLog(in: path, records: 1) {
            let checks = await LogChecks(path: path).run()
            #expect(checks[0].detail.contains("process \(getpid())"))
        }
    }

    @Test func aFlippedByteInTheLogIsNamedAndHowToMendIt() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        _ = try await Self.writeLog(in: path, records: 5)
        let file = path + "/log.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let place = try #require(bytes.range(of: Data("text number 3".utf8))).lowerBound
        bytes[place] ^= 0x20
        try bytes.write(to: URL(fileURLWithPath: file))
        let check = await LogChecks(path: path).run()[0]
        #expect(check.state == .problem)
        #expect(check.detail.contains("record 3"))
        #expect(check.remedy?.contains("restore") == true)
    }

    @Test func aLogThatIsGoneIsAProblemAndOneThatNeverWasIsNone() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        #expect(await LogChecks(path: path).run().allSatisfy { $0.state == .ok })
        _ = try await Self.writeLog(in: path, records: 1)
        try Data("x".utf8).write(to: URL(fileURLWithPath: path + "/feedback.sqlite"))
        try FileManager.default.removeItem(atPath: path + "/log.sqlite")
        let check = await LogChecks(path: path).run()[0]
        #expect(check.state == .problem)
        #expect(check.detail.contains("feedback.sqlite"))
        #expect(check.remedy?.contains("switchboard restore") == true)
    }

    @Test func whatAKilledBackupLeftIsAWarning() throws {
        let scratch = try Scratch()
        let checks = DataDirectoryChecks(path: scratch.path + "/data/")
        #expect(checks.abandonedBackups() == nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        let part = "\(scratch.path)/backup.part-\(process.processIdentifier)"
        try FileManager.default.createDirectory(atPath: part + "/keys", withIntermediateDirectories: true)
        let check = try #require(checks.abandonedBackups())
        #expect(check.state == .warning)
        #expect(check.detail.contains(part))
        #expect(check.remedy?.contains("rm -r \(part)") == true)
    }

    @Test func aTrimmedLogWithoutASnapshotIsAProblem() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        _ = try await Self.writeLog(in: path, records: 5)
        #expect(await LogChecks(path: path).run().allSatisfy { $0.name != "snapshots" })
        let log = try UpdateLog(in: try DataDirectory(path))
        try await log.trim(to: try await log.beginning(ifTrimmedBefore: LogSequence(3)))
        try await log.close()
        let none = try #require(await LogChecks(path: path).run().first { $0.name == "snapshots" })
        #expect(none.state == .problem)
        #expect(none.remedy?.contains("index export") == true)
        _ = try scratch.write("no snapshot", to: "data/snapshots/4.snapshot")
        let damaged = try #require(await LogChecks(path: path).run().first { $0.name == "snapshots" })
        #expect(damaged.state == .problem)
        #expect(damaged.detail.contains("4.snapshot"))
    }

    @Test func aBackupIsNoDataDirectory() async throws {
        let scratch = try Scratch()
        _ = try await Self.writeLog(in: scratch.path + "/data", records: 1)
        _ = try scratch.write("{}", to: "data/manifest.json")
        let check = await LogChecks(path: scratch.path + "/data").run()[0]
        #expect(check.state == .problem)
        #expect(check.detail.contains("switchboard restore"))
    }

    @Test func tracesOfAPurgeAreAWarning() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        _ = try await Self.writeLog(in: path, records: 1)
        _ = try scratch.write("", to: "data/log.sqlite-erasing")
        let check = try #require(await LogChecks(path: path).run().first { $0.state == .warning })
        #expect(check.detail.contains("log.sqlite"))
    }

    @Test func aLogOfAnotherProgramIsAProblem() async throws {
        let scratch = try Scratch()
        _ = try scratch.write("this is no database", to: "log.sqlite")
        #expect(await LogChecks(path: scratch.path).run()[0].state == .problem)
    }

    @Test func saysWhetherANodeRunsOnTheDataDirectory() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/data"
        let doctor = Doctor(NodeConfiguration(roles: [.updater], dataPath: path, addresses: .anyLocalPort))
        var checks: [DoctorCheck] = []
        let isRunningBefore = await doctor.run { checks.append($0) }
        #expect(!isRunningBefore)
        #expect(checks.contains { $0.name == "index port" })
        let directory = try DataDirectory(path)
        let isRunning = await doctor.run { _ in }
        #expect(isRunning)
        withExtendedLifetime(directory) {}
        withExtendedLifetime(scratch) {}
    }

    @Test func freeAndTakenPorts() async throws {
        let (descriptor, port) = try Self.listen()
        let ports = PortChecks(isNodeRunning: false, pair: nil)
        let taken = await ports.check("router port", "tcp://127.0.0.1:\(port)")
        #expect(taken.state == .problem)
        #expect(taken.detail.contains("another program"))
        let http = await ports.checkHTTP("127.0.0.1:\(port)")
        #expect(http.state == .problem)
        close(descriptor)
        #expect(await ports.check("router port", "tcp://127.0.0.1:\(port)").state == .ok)
        #expect(await ports.check("router port", "tcp://192.0.2.1:7700").detail.contains("no address of this machine"))
        #expect(await ports.check("router port", "tcp://*:0").state == .ok)
        #expect(await ports.check("router port", "ipc:///no/such/folder/socket").state == .problem)
    }

    @Test func processorsMemoryLibrariesAndClocks() {
        #expect(MachineChecks.processor(cpuinfo: "model name : X\nflags : fpu avx2 fma\n").state == .ok)
        #expect(MachineChecks.processor(cpuinfo: "model name : X\nflags : fpu sse2\n").state == .warning)
        #expect(MachineChecks.memory(meminfo: "MemTotal: 1 kB\nMemAvailable:  409600 kB\n").state == .warning)
        #expect(MachineChecks.memory(meminfo: "MemAvailable:  4096000 kB\n").state == .ok)
        #expect(LibraryChecks.zeroMQ(version: "4.3.4", hasCURVE: true).state == .ok)
        #expect(LibraryChecks.zeroMQ(version: "4.3.4", hasCURVE: false).state == .warning)
        #expect(LibraryChecks.zeroMQ(version: "4.2.5", hasCURVE: true).state == .problem)
        #expect(LibraryChecks.zeroMQ(version: "5.0.0", hasCURVE: true).state == .ok)
        #expect(MachineChecks.clock(now: Date(timeIntervalSince1970: 0)).state == .problem)
        let now = Date()
        #expect(MachineChecks.clock(now: now, newest: now.addingTimeInterval(3_600)).state == .warning)
        #expect(MachineChecks.clock(now: now, newest: now).state == .ok)
    }

    @Test func readsTheTableOfDigests() {
        let digest = String(repeating: "ab", count: 32)
        #expect(ModelChecks.digests("# words\n\(digest)  a.gguf\nnonsense\n") == ["a.gguf": digest])
    }

    @Test func wrongModelsAreNamedWithTheCommandThatInstallsThem() throws {
        let scratch = try Scratch()
        let model = try scratch.write("GGUF, but nothing behind it", to: "encoder.gguf")
        let configuration = NodeConfiguration(
            roles: [.retriever],
            dataPath: nil,
            models: ModelPaths(encoder: model)
        )
        var checks: [DoctorCheck] = []
        ModelChecks(configuration, table: nil).run(measuresSpeed: false) { checks.append($0) }
        #expect(checks.map(\.state) == [.problem])
        #expect(checks[0].remedy?.contains("deploy/setup") == true)
        let table = String(repeating: "ab", count: 32) + "  encoder.gguf\n"
        checks = []
        ModelChecks(configuration, table: table).run(measuresSpeed: false) { checks.append($0) }
        #expect(checks[0].detail.contains("not the file that belongs here"))
    }

    @Test func theNodeIsToBeStartedWithTheOptionsThatTheDoctorWasGiven() {
        func command(_ words: [String]) -> String { StartAdvice(arguments: ["/opt/switchboard"] + words).command }
        #expect(command(["doctor"]) == "switchboard node")
        #expect(
            command(["doctor", "--measure", "--roles", "retriever", "--connect", "tcp://h:7701#a(b", "--json"])
                == "switchboard node --roles retriever --connect 'tcp://h:7701#a(b'"
        )
        #expect(command(["doctor", "--name", "doctor"]) == "switchboard node --name doctor")
    }

    @Test func aWordsIndexAndAFileAreNotOfOneEncoder() throws {
        let scratch = try Scratch()
        let file = try scratch.write("GGUF, and nothing behind it", to: "encoder.gguf")
        let made = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        for encoder in [file, "words"] {
            let fit = EncoderFit(made: made, encoder: encoder, data: scratch.path)
            let check = try #require(fit.check("encoder of the index", whose: "the index's"))
            #expect(check.state == .problem)
            #expect(check.remedy?.contains("models/\(made).gguf") == true)
        }
        #expect(EncoderFit(made: made, encoder: "openai:http://h:1", data: nil).check("e", whose: "its") == nil)
        withExtendedLifetime(scratch) {}
    }

    @Test func aProbeThatCrashesOrCannotStartIsTold() async {
        let crash = await ModelProbe(executable: "/bin/sh", arguments: ["sh", "-c", "kill -ILL $$"]).run()
        #expect(crash.map(\.state) == [.problem])
        #expect(crash[0].detail.contains("an instruction that this CPU lacks"))
        let missing = await ModelProbe(executable: "/no/such/program", arguments: ["x"]).run()
        #expect(missing.map(\.state) == [.warning])
    }

    // MARK: Parts

    /// - Parameter body: runs while the log is open.
    /// - Returns: the log's epoch.
    private static func writeLog(
        in path: String,
        records: Int,
        _ body: () async throws -> Void = {},
    ) async throws -> UInt64 {
        let directory = try DataDirectory(path)
        let log = try UpdateLog(in: directory)
        let encoder = try #require(ModelID(bytes: [UInt8](repeating: 1, count: 32)))
        for number in 1...records {
            let upsert = UpsertCommand(
                vertical: .default,
                text: try UtteranceText("text number \(number)"),
                path: try IntentPath("a"),
                vector: [1, 0, 0, 0],
                encoder: encoder
            )
            _ = try await log.append(
                AppendBatch(operation: [UInt8(number)], source: "t", author: "t", commands: [.upsert(upsert)])
            )
        }
        try await body()
        try await log.close()
        return log.epoch
    }

    /// The bytes of each file of a folder, by their paths in it.
    private static func contents(of path: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            // A folder has no bytes.
            contents[name] = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
        }
        return contents
    }

    /// - Returns: a socket that listens, and its port.
    private static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && Glibc.listen(descriptor, 1) == 0
                    && getsockname(descriptor, address, &size) == 0
            }
        }
        try #require(isListening)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
