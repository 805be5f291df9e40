import Core
import Testing

/// The rules of the log for keys.
@Suite struct KeyRegisterTests {
    private func key(
        _ name: String,
        _ number: UInt8,
        _ roles: Set<KeyRole>,
        in verticals: Set<Vertical> = [],
    ) throws -> KeySet {
        let half = try #require(PublicKey(bytes: [UInt8](repeating: number, count: 32)))
        return KeySet(name: try KeyName(name), publicKey: half, roles: roles, verticals: verticals)
    }

    private func add(_ key: KeySet, to register: inout KeyRegister) throws {
        let fact = try #require(try register.fact(for: .add(key)))
        register.apply(fact)
    }

    private func code(_ register: KeyRegister, _ command: KeyCommand) -> StatusCode? {
        do {
            _ = try register.fact(for: command)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func theFirstKeyIsAnAdmins() throws {
        var register = KeyRegister()
        #expect(code(register, .add(try key("web", 1, [.classify]))) == .failedPrecondition)
        try add(try key("root", 1, [.admin]), to: &register)
        try add(try key("web", 2, [.classify], in: [.default]), to: &register)
        #expect(register.liveCount == 2)
        #expect(register.all.map(\.name.text) == ["root", "web"])
    }

    @Test func nameAndPublicHalfAreOneKeysAlone() throws {
        var register = KeyRegister()
        try add(try key("root", 1, [.admin]), to: &register)
        #expect(code(register, .add(try key("root", 2, [.admin]))) == .alreadyExists)
        #expect(code(register, .add(try key("other", 1, [.admin]))) == .alreadyExists)
        #expect(try register.fact(for: .add(try key("root", 1, [.admin]))) == nil, "it is so already")
    }

    @Test func theLastAdminStays() throws {
        var register = KeyRegister()
        let root = try key("root", 1, [.admin])
        try add(root, to: &register)
        #expect(code(register, .revoke(root.name)) == .failedPrecondition)
        #expect(code(register, .add(try key("root", 1, [.publish]))) == .failedPrecondition)
        let second = try key("second", 2, [.admin, .classify])
        try add(second, to: &register)
        register.apply(try #require(try register.fact(for: .revoke(root.name))))
        #expect(code(register, .revoke(second.name)) == .failedPrecondition)
        #expect(register.liveCount == 1)
    }

    @Test func aRevokedKeyComesBackUnderNoName() throws {
        var register = KeyRegister()
        try add(try key("root", 1, [.admin]), to: &register)
        let web = try key("web", 2, [.classify])
        try add(web, to: &register)
        register.apply(try #require(try register.fact(for: .revoke(web.name))))
        #expect(try register.fact(for: .revoke(web.name)) == nil)
        #expect(code(register, .add(web)) == .failedPrecondition)
        #expect(code(register, .add(try key("web2", 2, [.classify]))) == .alreadyExists)
        #expect(code(register, .revoke(try KeyName("nobody"))) == .notFound)
        #expect(register[web.publicKey].flatMap { KeyAccess($0) } == nil)
    }

    @Test func whatIsWrongInItselfIsRefused() throws {
        let register = KeyRegister()
        #expect(code(register, .add(try key("root", 1, []))) == .invalidArgument)
        for role in [KeyRole.admin, .worker] {
            #expect(code(register, .add(try key("root", 1, [role], in: [.default]))) == .invalidArgument)
        }
        let many = Set(try (0...KeySet.maximumVerticals).map { try Vertical("v\($0)") })
        #expect(code(register, .add(try key("root", 1, [.classify], in: many))) == .invalidArgument)
        for name in ["", "a b", String(repeating: "a", count: 65), "ä"] {
            #expect(throws: SwitchboardError.self) { try KeyName(name) }
        }
    }

    @Test func theDigestIsThatOfTheKeysAndOfNothingElse() throws {
        var register = KeyRegister()
        var digest = StateDigest()
        for fact in [
            try key("root", 1, [.admin]), try key("web", 2, [.classify]), try key("web", 2, [.classify, .publish]),
            try key("web", 2, [.classify, .publish]).revoked,
        ] {
            if let old = register.apply(fact) { digest.remove(StateDigest.term(key: old)) }
            digest.add(StateDigest.term(key: fact))
            #expect(register.digest == digest)
        }
        #expect(KeyRegister(register.all) == register)
    }

    // MARK: The ring

    @Test func theRingAdmitsWhoIsKnownWhileTheLogIsHeard() throws {
        let (root, web) = (try key("root", 1, [.admin]), try key("web", 2, [.classify]))
        let ring = KeyRing(isFirstHand: false)
        let now = ContinuousClock.now
        #expect(ring.admission(of: root.publicKey, at: now) == .uncertain)
        ring.set(KeyRegister([root, web.revoked]))
        #expect(ring.admission(of: root.publicKey, at: now) == .uncertain, "it was not heard from")
        ring.heard(at: now)
        let access = try #require(KeyAccess(root))
        #expect(ring.admission(of: root.publicKey, at: now + .seconds(5)) == .admitted(access))
        #expect(ring.admission(of: root.publicKey, at: now + .seconds(6)) == .uncertain)
        #expect(ring.silence(at: now + .seconds(5)) == nil)
        #expect(ring.silence(at: now + .seconds(6)) == .seconds(6))
        #expect(ring.admission(of: web.publicKey, at: now) == .revoked(web.name))
        #expect(ring.admission(of: try key("x", 3, []).publicKey, at: now) == .unknown)
        // Who is in stays in, whatever is heard.
        #expect(ring.access(ofUser: root.publicKey.description) == access)
        #expect(ring.access(ofUser: web.publicKey.description) == nil)
        #expect(ring.name(ofUser: web.publicKey.description) == web.name)
        #expect(ring.access(ofUser: "") == nil)
    }

    @Test func aRingBesideItsLogIsNeverCutOff() throws {
        let root = try key("root", 1, [.admin])
        let ring = KeyRing(isFirstHand: true)
        ring.set(KeyRegister([root]))
        let later = ContinuousClock.now + .seconds(3_600)
        #expect(ring.admission(of: root.publicKey, at: later) == .admitted(try #require(KeyAccess(root))))
        #expect(ring.silence(at: later) == nil)
        let version = ring.versions.value
        ring.set(KeyRegister([root]))
        #expect(ring.versions.value == version, "nothing changed")
        ring.set(KeyRegister([root.revoked]))
        #expect(ring.versions.value > version)
    }
}
