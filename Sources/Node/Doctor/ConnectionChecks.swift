internal import Calls
internal import Core
internal import Messaging
internal import Synchronization
internal import Wire

/// Dials the nodes elsewhere that a node would connect to: whether somebody is there, lets it in, and is whom it looks
/// for.
///
/// Asks for nothing that changes anything there: it opens the streams that the node would open, and ends them before
/// their first message. Takes a few seconds a node at most.
struct ConnectionChecks {
    private static let time = Duration.seconds(2)

    let configuration: NodeConfiguration
    /// The node's own; nil: it has none, or this user may not read it.
    let pair: KeyPair?

    /// - Returns: nothing where no node elsewhere is named that this one would speak to.
    func run() async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        for address in configuration.gateways { checks.append(await checkGateway(address)) }
        let followers: Set<NodeRole> = [.gateway, .retriever, .clusterer]
        guard let updater = configuration.updater, !configuration.roles.contains(.updater),
            !configuration.roles.isDisjoint(with: followers)
        else { return checks }
        checks += await checkUpdater(updater)
        return checks
    }

    // MARK: Gateways

    private struct GatewayFindings {
        var attaching: SwitchboardError?
        var isIndex = false
        var isTurnedAway = false
    }

    private func checkGateway(_ address: String) async -> DoctorCheck {
        let other = Other(name: "gateway", option: "--connect", address: address)
        if let fault = keyFault(other) { return fault }
        let (found, refusal) = await dial(address) { channel in
            var found = GatewayFindings()
            found.attaching = await Self.end(of: Methods.attach, at: channel)
            if found.attaching?.code == .unimplemented {
                found.isIndex = await Self.isServed(Methods.follow, at: channel)
            }
            found.isTurnedAway = await channel.isTurnedAway
            return found
        }
        switch found.attaching?.code {
        // It has waited for the hello that did not come.
        case .invalidArgument, nil: return .ok(other.name, "\(other.place): its worker port lets this node in")
        case .unimplemented:
            return .problem(
                other.name,
                "\(other.place) is \(found.isIndex ? "an updater's index port" : "a router port"), and no worker port",
                remedy: "name the gateway's worker port, usually that of its router + 1: --connect tcp://host:7701"
            )
        default:
            return failure(other, found.attaching, refusal, isTurnedAway: found.isTurnedAway)
        }
    }

    // MARK: The updater

    private struct UpdaterFindings {
        var following: SwitchboardError?
        var isWorkerPort = false
        var isTurnedAway = false
        /// Why it appends nothing; nil: it does.
        var trouble: String?
        /// Of its index; nil: it has none yet, or does not tell.
        var encoder: ModelID?
    }

    private func checkUpdater(_ address: String) async -> [DoctorCheck] {
        let other = Other(name: "updater", option: "--updater", address: address)
        if let fault = keyFault(other) { return [fault] }
        let (found, refusal) = await dial(address) { channel in
            var found = UpdaterFindings()
            found.following = await Self.end(of: Methods.follow, at: channel)
            switch found.following?.code {
            case .invalidArgument, nil:
                let health = try? await channel.call(Methods.healthCheck, HealthRequest(), within: Self.time)
                if let health, health.status != .serving { found.trouble = health.reason }
                found.encoder = try? await channel.call(Methods.stats, StatsRequest(), within: Self.time).encoder
            case .unimplemented: found.isWorkerPort = await Self.isServed(Methods.attach, at: channel)
            default: break
            }
            found.isTurnedAway = await channel.isTurnedAway
            return found
        }
        switch found.following?.code {
        case .invalidArgument, nil: return [standing(other, found)] + encoderCheck(found.encoder)
        case .unimplemented:
            return [
                .problem(
                    other.name,
                    "\(other.place) is a gateway's \(found.isWorkerPort ? "worker" : "router") port, and no index port",
                    remedy: "name the updater's index port, usually that of its router + 2: --updater tcp://host:7702"
                )
            ]
        default: return [failure(other, found.following, refusal, isTurnedAway: found.isTurnedAway)]
        }
    }

    private func standing(_ other: Other, _ found: UpdaterFindings) -> DoctorCheck {
        guard let trouble = found.trouble else {
            return .ok(other.name, "\(other.place): its index port lets this node in")
        }
        return .warning(
            other.name,
            "\(other.place): it lets this node in, and appends nothing: \(trouble)",
            remedy: "see what the message names, on that machine; answers go on from what there is"
        )
    }

    private func encoderCheck(_ made: ModelID?) -> [DoctorCheck] {
        guard configuration.roles.contains(.retriever), let made, let encoder = configuration.models.encoder else {
            return []
        }
        let fit = EncoderFit(made: made, encoder: encoder, data: configuration.dataPath)
        return fit.check("encoder of the index", whose: "the index's").map { [$0] } ?? []
    }

    // MARK: What went wrong

    /// A node elsewhere, as the configuration names it.
    private struct Other {
        let name: String
        let option: String
        let place: String
        let key: PublicKey?

        init(name: String, option: String, address: String) {
            self.name = name
            self.option = option
            let keyed = try? KeyedAddress(address)
            place = keyed?.place ?? address
            key = keyed?.key
        }
    }

    /// What keeps the node from starting.
    private func keyFault(_ other: Other) -> DoctorCheck? {
        guard other.key != nil, pair == nil else { return nil }
        return .problem(
            other.name,
            "\(other.place) is named with its key, and this node has no pair of its own that can be read",
            remedy:
                "switchboard keys generate --out FILE; let an admin add its public half (switchboard keys add NAME --role "
                + "worker --public-key KEY), and name it with --key FILE"
        )
    }

    /// - Parameter refusal: what the handshake ended with; nil: it was not refused.
    private func failure(
        _ other: Other,
        _ error: SwitchboardError?,
        _ refusal: String?,
        isTurnedAway: Bool,
    ) -> DoctorCheck {
        let lettingIn =
            "let an admin add this node's key: switchboard keys add NAME --role worker --public-key "
            + (pair.map { "'\($0.publicKey)'" } ?? "KEY")
        switch error?.code {
        case .permissionDenied, .unauthenticated:
            return .problem(other.name, "\(other.place): \(error?.message ?? "refused")", remedy: lettingIn)
        case .unavailable where refusal != nil:
            // What comes behind it are words for whoever called.
            let reason = refusal?.split(separator: ";").first.map(String.init) ?? "it refused the handshake"
            let keyed = "name it as it prints itself at its start: \(other.option) '\(other.place)#ITS-KEY'"
            guard other.key != nil else { return .problem(other.name, "\(other.place): \(reason)", remedy: keyed) }
            let remedy =
                if reason.hasPrefix("it uses no keys") {
                    "leave the '#' and what is behind it out: \(other.option) \(other.place)"
                } else if isTurnedAway {
                    lettingIn
                } else {
                    "\(lettingIn); or \(keyed)"
                }
            return .problem(other.name, "\(other.place): \(reason)", remedy: remedy)
        default:
            return .warning(
                other.name,
                error?.message ?? "\(other.place) does not answer",
                remedy:
                    "start it, or correct \(other.option); this node starts without it, and tries until it is there"
            )
        }
    }

    // MARK: Dialling

    /// What the handshake was refused with, told on the connection's thread.
    private final class Refusal: Sendable {
        private let told = Mutex<String?>(nil)

        var words: String? { told.withLock { $0 } }

        func note(_ reason: String) { told.withLock { $0 = reason } }
    }

    /// Connects for as long as somebody looks, and no longer.
    private func dial<Found: Sendable>(
        _ address: String,
        _ look: @Sendable (CallChannel) async -> Found,
    ) async -> (found: Found, refusal: String?) {
        let loop = PollLoop(name: "sb-doctor")
        let context = MessagingContext()
        let refusal = Refusal()
        var options = CallChannel.Options()
        options.connectTime = .seconds(1)
        let channel = CallChannel(
            address: address,
            keys: pair,
            loop: loop,
            context: context,
            options: options,
            refused: { _, reason in refusal.note(reason) }
        )
        let found = await look(channel)
        await channel.close()
        loop.stop()
        context.close()
        return (found, refusal.words)
    }

    /// Opens a stream whose server waits for a message that says who comes, and ends it without one.
    ///
    /// - Returns: what the server ended it with: INVALID_ARGUMENT where it serves this method to this node.
    private static func end<Request, Response>(
        of method: Method<Request, Response>,
        at channel: CallChannel,
    ) async -> SwitchboardError? {
        do throws(SwitchboardError) {
            let stream = try await channel.open(method, within: time)
            await stream.finish()
            while try await stream.next() != nil {}
            return nil
        } catch {
            return error
        }
    }

    /// Whether the method is there, if not for this node.
    private static func isServed<Request, Response>(
        _ method: Method<Request, Response>,
        at channel: CallChannel,
    ) async -> Bool {
        let ending = await end(of: method, at: channel)
        switch ending?.code {
        case .invalidArgument, .permissionDenied, nil: return true
        default: return false
        }
    }
}
