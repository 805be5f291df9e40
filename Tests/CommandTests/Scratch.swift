import Foundation

/// A folder of one test, gone with this value.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "switchboard-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // Nobody is left to tell, and the system empties the folder above in the end.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// - Returns: the file's path.
    func write(_ text: String, to name: String) throws -> String {
        try write(Array(text.utf8), to: name)
    }

    /// - Returns: the file's path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}
