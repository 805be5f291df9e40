/// The words that a command was started with, as the bytes that they are.
///
/// `CommandLine.arguments` repairs what is no UTF-8, and then something else would be classified than what was said.
enum RawArguments {
    static let advice = "is it Latin-1? iconv -f LATIN1 -t UTF-8 makes UTF-8 of it"

    /// - Throws: of usage, naming the first argument that is not valid UTF-8.
    static func requireUTF8() throws(CommandFailure) {
        try requireUTF8(ofProcess())
    }

    /// - Parameter arguments: without the command's own name.
    static func requireUTF8(_ arguments: [[UInt8]]) throws(CommandFailure) {
        for (place, bytes) in arguments.enumerated() where String(validating: bytes, as: UTF8.self) == nil {
            throw CommandFailure(
                "argument \(place + 1), '\(String(decoding: bytes, as: UTF8.self))', is not valid UTF-8; \(advice)",
                exitCode: CommandFailure.usage
            )
        }
    }

    private static func ofProcess() -> [[UInt8]] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { place -> [UInt8]? in
            guard let word = CommandLine.unsafeArgv[place] else { return nil }
            var bytes: [UInt8] = []
            var next = word
            while next.pointee != 0 {
                bytes.append(UInt8(bitPattern: next.pointee))
                next += 1
            }
            return bytes
        }
    }
}
