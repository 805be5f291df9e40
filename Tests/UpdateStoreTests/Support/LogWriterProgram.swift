import Foundation
import Synchronization
import Testing

/// The program `log-writer`, which appends in a process of its own.
final class LogWriterProgram: Sendable {
    /// A line `ack OPERATION FIRST LAST` of its output.
    struct Acknowledgement: Sendable, Hashable {
        let operation: String
        let first: UInt64
        let last: UInt64

        init?(_ line: some StringProtocol) {
            let parts = line.split(separator: " ")
            guard parts.count == 4, parts[0] == "ack", let first = UInt64(parts[2]), let last = UInt64(parts[3]) else {
                return nil
            }
            (operation, self.first, self.last) = (String(parts[1]), first, last)
        }
    }

    /// SwiftPM puts it beside the program that runs the tests.
    static var path: String {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let folder = URL(fileURLWithPath: own).deletingLastPathComponent()
            let path = folder.appendingPathComponent("log-writer").path
            try #require(
                FileManager.default.isExecutableFile(atPath: path),
                "there is no \(path); build it with `swift build --build-tests`"
            )
            return path
        }
    }

    /// Runs it (through another program, if one is named) until it ends, or until it has written so many lines: then it
    /// is killed without warning.
    ///
    /// - Returns: the lines it wrote, and its exit status or the signal that ended it.
    static func run(
        _ arguments: [String],
        through wrapper: [String] = [],
        killedAfterLines limit: Int = .max,
    ) async throws -> (lines: [String], status: Int32) {
        let command = wrapper + [try path] + arguments
        return try await withCheckedThrowingContinuation { continuation in
            // Reading a pipe blocks, so it does so on a thread of its own.
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking(command, limit) })
            }
        }
    }

    private static func runBlocking(_ command: [String], _ limit: Int) throws -> (lines: [String], status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var output = Data()
        var lines = 0
        while true {
            let part = pipe.fileHandleForReading.availableData
            if part.isEmpty { break }
            output += part
            lines += part.count { $0 == UInt8(ascii: "\n") }
            if lines >= limit, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self)
        // What follows the last newline was cut off by the kill.
        let whole = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        return (whole.map(String.init), process.terminationStatus)
    }
}
