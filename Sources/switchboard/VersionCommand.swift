import ArgumentParser
import Core
import Messaging
import Models

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Says which version this is and what it is built on."
    )

    @Flag(help: "One JSON object.")
    var json = false

    private struct Report: Encodable {
        let version: String
        let zeromq: String
        let curve: Bool
        let llama: String

        enum CodingKeys: String, CodingKey {
            case version, zeromq, curve
            case llama = "llama_cpp"
        }
    }

    func run() async throws {
        let report = Report(
            version: Version.current,
            zeromq: MessagingContext.version,
            curve: MessagingContext.hasCURVE,
            llama: LlamaBackend.version
        )
        if json {
            Terminal.line(try JSONLine.encode(report))
        } else {
            let libraries = "libzmq \(report.zeromq)\(report.curve ? ", CURVE" : ""), llama.cpp \(report.llama)"
            Terminal.line("switchboard \(report.version) (\(libraries))")
        }
    }
}
