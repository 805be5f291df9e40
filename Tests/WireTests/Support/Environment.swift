import Foundation

func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
}

/// A file below Tests/Fixtures/.
func fixture(_ path: String) throws -> String {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try String(contentsOf: tests.appending(path: "Fixtures/" + path), encoding: .utf8)
}

/// Memory that this process has in use, in bytes.
func residentBytes() throws -> Int {
    let statm = try String(contentsOfFile: "/proc/self/statm", encoding: .ascii)
    let pages = statm.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
}
