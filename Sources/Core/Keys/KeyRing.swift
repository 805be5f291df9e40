internal import Synchronization

/// The keys as this process knows them now: set by whoever follows the log, read by whoever lets connections and calls
/// in.
///
/// Read and set on any thread, under a lock for a moment. Nothing is admitted before it was set for the first time.
package final class KeyRing: Sendable {
    /// What becomes of a client that asks to be let in.
    package enum Admission: Sendable, Equatable {
        case admitted(KeyAccess)
        case unknown
        case revoked(KeyName)
        /// The log is not followed, so that a revocation may be missing here.
        case uncertain
    }

    /// For so long after the log was last heard from new clients are let in.
    package static let patience = Duration.seconds(5)

    private struct State: Sendable {
        var register: KeyRegister?
        /// By the public half as libzmq hands it out with each message.
        var byUser: [String: KeyAccess] = [:]
        var lastHeard: ContinuousClock.Instant?
        var version: UInt64 = 0
    }

    private let isFirstHand: Bool
    private let state = Mutex(State())
    /// Another number each time the keys change.
    package let versions = CurrentValue<UInt64>(0)

    /// - Parameter isFirstHand: the log is in this process, so that nothing can cut this off from it.
    package init(isFirstHand: Bool) {
        self.isFirstHand = isFirstHand
    }

    package func set(_ register: KeyRegister) {
        let version = state.withLock { state in
            if state.register != register {
                state.register = register
                state.byUser = [:]
                for key in register.all {
                    if let access = KeyAccess(key) { state.byUser[key.publicKey.description] = access }
                }
                state.version += 1
            }
            return state.version
        }
        versions.set(version)
    }

    /// The log has just been heard from.
    package func heard(at now: ContinuousClock.Instant = .now) {
        state.withLock { $0.lastHeard = now }
    }

    /// What the sender of a message may do; nil where its key is not known or was revoked.
    ///
    /// - Parameter user: the public half in Z85.
    package func access(ofUser user: String) -> KeyAccess? {
        state.withLock { $0.byUser[user] }
    }

    /// Whose key it is or was; nil where it never was anybody's.
    ///
    /// - Parameter user: the public half in Z85.
    package func name(ofUser user: String) -> KeyName? {
        PublicKey(user).flatMap { name(of: $0) }
    }

    /// The same by the public half itself.
    package func name(of key: PublicKey) -> KeyName? {
        state.withLock { $0.register?[key]?.name }
    }

    package func admission(of key: PublicKey, at now: ContinuousClock.Instant = .now) -> Admission {
        state.withLock { state in
            guard let register = state.register else { return .uncertain }
            if !isFirstHand {
                guard let lastHeard = state.lastHeard, lastHeard.duration(to: now) <= Self.patience else {
                    return .uncertain
                }
            }
            guard let known = register[key] else { return .unknown }
            return KeyAccess(known).map { .admitted($0) } ?? .revoked(known.name)
        }
    }

    /// How long ago the log was heard from last, where that is too long for anybody new to be let in; nil where it is not,
    /// or no keys are known yet.
    package func silence(at now: ContinuousClock.Instant = .now) -> Duration? {
        state.withLock { state in
            guard !isFirstHand, state.register != nil, let lastHeard = state.lastHeard else { return nil }
            let silence = lastHeard.duration(to: now)
            return silence > Self.patience ? silence : nil
        }
    }

    /// How many keys are in use.
    package var liveCount: Int { state.withLock { $0.register?.liveCount ?? 0 } }
}
