internal import CLlama
internal import Synchronization

/// llama.cpp as a whole: prepared once, before any model is loaded, and handed to whoever loads one.
///
/// Takes llama.cpp's log lines, which otherwise go to stderr. llama.cpp keeps one log destination a process: with
/// several backends alive, the one made last gets the lines. Any thread may call it.
///
/// Does not free llama.cpp's tables at the end: they are shared by every backend in the process, a few kilobytes, and
/// other models may still be in use.
package final class LlamaBackend: Sendable {
    private let journal: LlamaJournal

    /// As the library that this program is linked to says itself. Loads nothing.
    package static var version: String { String(cString: llama_version()) }

    /// - Parameter log: gets each line, on whatever thread llama.cpp works at that moment; must not call llama.cpp.
    package init(log: @escaping @Sendable (LlamaLogLevel, String) -> Void = { _, _ in }) {
        journal = LlamaJournal(log: log)
        // llama.cpp may log from any thread at any time and gives no way to learn that none still reads the pointer,
        // so the journal stays for the life of the process: some hundred bytes for each backend ever made.
        let pointer = Unmanaged.passRetained(journal).toOpaque()
        llama_log_set(
            { level, text, data in
                guard let text, let data else { return }
                Unmanaged<LlamaJournal>.fromOpaque(data).takeUnretainedValue().note(level, String(cString: text))
            },
            pointer,
        )
        llama_backend_init()
    }

    /// Runs `body` and says what llama.cpp complained about meanwhile, so that an error can carry the reason. Loads on
    /// other threads at the same time may mix in their complaints.
    func complaints<Value>(during body: () -> Value) -> (value: Value, complaints: [String]) {
        journal.forgetComplaints()
        let value = body()
        return (value, journal.complaints)
    }
}

/// How much a line of llama.cpp's log matters.
package enum LlamaLogLevel: Sendable, Comparable {
    case debug, info, warning, error
}

/// Where llama.cpp's C callback writes.
private final class LlamaJournal: Sendable {
    private static let maximumComplaints = 8
    private let log: @Sendable (LlamaLogLevel, String) -> Void
    private let recent = Mutex<[String]>([])

    init(log: @escaping @Sendable (LlamaLogLevel, String) -> Void) {
        self.log = log
    }

    var complaints: [String] { recent.withLock { $0 } }

    func forgetComplaints() {
        recent.withLock { $0.removeAll() }
    }

    func note(_ raw: ggml_log_level, _ text: String) {
        let line = String(text.drop(while: \.isNewline).reversed().drop(while: \.isWhitespace).reversed())
        // Progress dots and continuations say nothing by themselves.
        guard !line.isEmpty, raw != GGML_LOG_LEVEL_CONT, raw != GGML_LOG_LEVEL_NONE else { return }
        let level: LlamaLogLevel =
            switch raw {
            case GGML_LOG_LEVEL_ERROR: .error
            case GGML_LOG_LEVEL_WARN: .warning
            case GGML_LOG_LEVEL_INFO: .info
            default: .debug
            }
        if level == .error {
            recent.withLock { lines in
                if lines.count < Self.maximumComplaints { lines.append(line) }
            }
        }
        log(level, line)
    }
}
