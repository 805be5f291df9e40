import Dispatch
import Foundation
import Node

/// Looks at the models in a process of its own, since llama.cpp built for another CPU ends the process that loads it.
struct ModelProbe {
    private let executable: String
    private let arguments: [String]

    /// - Parameter arguments: of this process, its name first; the other process gets the same, and a hidden flag.
    init(executable: String = ProgramFile.path, arguments: [String] = CommandLine.arguments) {
        self.executable = executable
        self.arguments = Array(arguments.dropFirst()) + ["--only-models"]
    }

    func run() async -> [DoctorCheck] {
        await withCheckedContinuation { continuation in
            // Waits for the other process, which a thread of Swift's own pool must not.
            DispatchQueue.global().async { continuation.resume(returning: runBlocking()) }
        }
    }

    private func runBlocking() -> [DoctorCheck] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            return [
                .warning(
                    "models",
                    "they could not be looked at: \(executable) does not start: \(error.localizedDescription)",
                    remedy: "call doctor by the program's full path"
                )
            ]
        }
        let data = (try? output.fileHandleForReading.readToEnd()) ?? Data()
        process.waitUntilExit()
        var checks = data.split(separator: UInt8(ascii: "\n")).compactMap { line in
            try? JSONDecoder().decode(DoctorCheck.self, from: Data(line))
        }
        if let check = Self.explained(process) { checks.append(check) }
        return checks
    }

    private static func explained(_ process: Process) -> DoctorCheck? {
        switch (process.terminationReason, process.terminationStatus) {
        case (.exit, 0): nil
        case (.exit, let status):
            .problem(
                "llama.cpp",
                "looking at the models ended with exit code \(status)",
                remedy: "run deploy/setup, which builds llama.cpp and installs the models"
            )
        case (.uncaughtSignal, let signal):
            .problem(
                "llama.cpp",
                "it crashed on the models (signal \(signal)\(signal == SIGILL ? ", an instruction that this CPU lacks" : ""))",
                remedy:
                    "run deploy/setup on this machine, so that llama.cpp is built for its CPU, then build Switchboard anew"
            )
        @unknown default: nil
        }
    }
}

/// The file of this program.
enum ProgramFile {
    /// The system's link, followed here, since in another process it means another program.
    static var path: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    }
}

/// The table of the models' digests, where the program runs from a clone.
enum ModelTable {
    /// - Returns: the contents of `deploy/models.sha256` in the working folder, or in one above the program; nil where
    ///   there is none.
    static func find() -> String? {
        var folders = [FileManager.default.currentDirectoryPath]
        var folder = ProgramFile.path
        while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
            folder = String(folder[..<slash])
            folders.append(folder)
        }
        return folders.lazy.compactMap { try? String(contentsOfFile: $0 + "/deploy/models.sha256", encoding: .utf8) }
            .first
    }
}
