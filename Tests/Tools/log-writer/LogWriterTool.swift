internal import Core
internal import Glibc
internal import UpdateStore

/// A program for the tests of the update log: it appends until it is killed and says which operations were
/// acknowledged, so that a test can look for them in what is left. It also measures appending.
///
///     log-writer append DIRECTORY RUN APPENDERS BATCHES PAIRS DIMENSIONS [USER]
///     log-writer check DIRECTORY
///     log-writer measure DIRECTORY APPENDERS BATCHES PAIRS DIMENSIONS
///
/// `append` writes a line `ack OPERATION FIRST LAST` for each receipt, by one system call. `USER` is a user id to become
/// first, for tests of permissions that run as root. `check` reads all of a log and writes `whole RECORDS` or what is
/// wrong.
@main
struct LogWriterTool {
    static func main() async {
        let arguments = CommandLine.arguments
        do {
            switch arguments.dropFirst().first {
            case "append" where arguments.count >= 8: try await append(arguments)
            case "check" where arguments.count == 3: try await check(arguments)
            case "measure" where arguments.count == 7: try await Measurement(arguments).run()
            default: throw SwitchboardError.invalid("usage: log-writer append|check|measure ...")
            }
        } catch {
            say("error \((error as? SwitchboardError).map { "\($0.code): \($0.message)" } ?? "\(error)")")
            exit(1)
        }
    }

    private static func append(_ arguments: [String]) async throws {
        let numbers = arguments[4...].compactMap { Int($0) }
        if numbers.count > 4, setuid(UInt32(numbers[4])) != 0 { throw SwitchboardError.invalid("cannot change user") }
        let (run, appenders, batches) = (arguments[3], numbers[0], numbers[1])
        let log = try UpdateLog(in: DataDirectory(arguments[2], minimumFreeBytes: 0))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for appender in 0..<appenders {
                group.addTask {
                    for index in 0..<batches {
                        let operation = "\(run)-\(appender)-\(index)"
                        let batch = try Samples.batch(
                            operation: operation,
                            pairs: numbers[2],
                            dimensions: numbers[3]
                        )
                        let receipt = try await log.append(batch)
                        let first = receipt.first?.number ?? 0
                        say("ack \(operation) \(first) \(receipt.position.sequence)")
                    }
                }
            }
            try await group.waitForAll()
        }
        try await log.close()
        say("done")
    }

    private static func check(_ arguments: [String]) async throws {
        let log = try UpdateLog(in: DataDirectory(arguments[2], minimumFreeBytes: 0))
        let check = try await log.check()
        say(check.fault ?? "whole \(check.records)")
        try await log.close()
    }

    /// A line on standard output by one write, so that it is whole or not there.
    static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}
