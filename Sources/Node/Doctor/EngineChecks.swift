internal import Core
internal import Logging
internal import RemoteEngines

/// Asks the model servers that a node would ask, each for ten seconds at most.
struct EngineChecks {
    private let models: ModelPaths
    private let roles: Set<NodeRole>
    private let quiet = Logger(label: "switchboard") { _ in SwiftLogNoOpLogHandler() }

    init(_ configuration: NodeConfiguration) {
        models = configuration.models
        roles = configuration.roles
    }

    /// - Returns: nothing where no server is named. The configuration has been validated, so that addresses can be read.
    func run() async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        if roles.contains(.retriever), let address = try? EngineAddress.named(models.encoder) {
            checks.append(await checkEncoder(address))
        }
        if roles.contains(.scorer), let address = try? EngineAddress.named(models.scorer) {
            checks.append(await checkScorer(address))
        }
        return checks
    }

    private func checkEncoder(_ address: EngineAddress) async -> DoctorCheck {
        let encoder = RemoteEncoder(address, key: models.engineKey, logger: quiet)
        let check: DoctorCheck
        do throws(SwitchboardError) {
            let found = try await encoder.connect(within: .zero)
            check = .ok(
                "encoder",
                "\(address) serves \(found.model), id \(found.id.short), \(found.dimension) numbers a vector"
            )
        } catch {
            check = .problem("encoder", error.message, remedy: "start that server, or name a file (--encoder FILE)")
        }
        await encoder.close()
        return check
    }

    private func checkScorer(_ address: EngineAddress) async -> DoctorCheck {
        let scorer = RemoteScorer(address, key: models.engineKey, logger: quiet)
        let check: DoctorCheck
        do throws(SwitchboardError) {
            let model = try await scorer.probe()
            check = .ok("language model", "\(address) serves \(model), and gives log-probabilities of the prompt")
        } catch {
            check = .warning(
                "language model",
                "\(error.message); until it answers, answers are decided by retrieval alone",
                remedy: "start a server that gives log-probabilities of the prompt, or name a file (--scorer FILE)"
            )
        }
        await scorer.close()
        return check
    }
}
