/// What the holder of a live key may do.
///
/// Its checks say in their errors what the key may do, never what a caller wrote.
package struct KeyAccess: Sendable, Hashable {
    package let name: KeyName
    package let roles: Set<KeyRole>
    /// Those it is limited to; nil: none is closed to it.
    package let verticals: Set<Vertical>?

    package init(name: KeyName, roles: Set<KeyRole>, verticals: Set<Vertical>? = nil) {
        self.name = name
        self.roles = roles
        self.verticals = verticals
    }

    /// - Returns: nil for a key that was revoked.
    package init?(_ key: KeySet) {
        guard !key.isRevoked else { return nil }
        self.init(name: key.name, roles: key.roles, verticals: key.verticals.isEmpty ? nil : key.verticals)
    }

    package var isAdmin: Bool { roles.contains(.admin) }

    /// What is said of it in errors, such as `the key 'web' (classify in orders, returns)`.
    package var words: String {
        let work = roles.map(\.rawValue).sorted().joined(separator: ", ")
        guard let verticals else { return "the key '\(name)' (\(work))" }
        return "the key '\(name)' (\(work) in \(verticals.map(\.name).sorted().joined(separator: ", ")))"
    }

    // MARK: Calls

    /// - Throws: `.permissionDenied` where no role of the key may call the method, or a limit keeps it from it.
    package func check(_ method: String) throws(SwitchboardError) {
        guard !isAdmin, let allowed = KeyPermissions.roles(for: method) else { return }
        guard !roles.isDisjoint(with: allowed) else {
            let needed = (allowed.sorted() + [.admin]).map(\.rawValue).joined(separator: " or ")
            throw denied("may not call \(method), which takes the role \(needed)")
        }
        guard verticals == nil || KeyPermissions.verticalRule(of: method) != .refusesLimited else {
            throw denied("may not call \(method), which takes a key that is not limited to verticals")
        }
    }

    /// - Parameter isNamed: by the caller, who learns nothing then where the refusal names it too.
    /// - Throws: `.permissionDenied` where the vertical is closed to the key.
    package func check(_ vertical: Vertical, isNamed: Bool = true) throws(SwitchboardError) {
        guard let verticals, !verticals.contains(vertical) else { return }
        throw denied("may not use " + (isNamed ? "the vertical '\(vertical.name)'" : "another vertical"))
    }

    /// What a request means that names verticals, or none for all that may be seen.
    ///
    /// - Throws: `.permissionDenied` where one of those named is closed to the key.
    package func admitted(_ named: [Vertical]) throws(SwitchboardError) -> [Vertical] {
        for vertical in named { try check(vertical) }
        guard named.isEmpty, let verticals else { return named }
        return verticals.sorted()
    }

    // MARK: Batches

    /// - Throws: `.permissionDenied` for a command that is an admin's, in another vertical, or one of a worker that does
    ///   not say who decided it.
    package func check(_ batch: AppendBatch) throws(SwitchboardError) {
        guard !isAdmin else { return }
        // Before what a worker has to say of others, which would help nobody here.
        if let command = batch.commands.first(where: \.isAdministrative) {
            guard case .setKey = command else { throw denied("may not append policies, which takes the role admin") }
            throw denied("may not append keys: adding and revoking keys takes the role admin")
        }
        if !roles.contains(.publish), batch.author.isEmpty {
            throw denied("may append only what a person decided, and names that person as the author")
        }
        for command in batch.commands {
            if case .vertical(let vertical) = command.concern { try check(vertical) }
        }
    }

    /// Who the log says did what this key does: the key's name, or the person for whom a worker or an admin acts.
    ///
    /// - Throws: `.permissionDenied` where another name was given for a key that may name nobody else.
    package func author(_ given: String) throws(SwitchboardError) -> String {
        guard !given.isEmpty, given != name.text else { return name.text }
        guard isAdmin || roles.contains(.worker) else {
            throw denied(
                "may not name an author, which takes the role worker or admin; without one the log names the key"
            )
        }
        return given
    }

    // MARK: Feedback

    /// Who may speak as an analyst: that word stands above all others, and may change the index. A worker hands on what a
    /// gateway has looked at.
    ///
    /// - Throws: `.permissionDenied` for a word of an analyst by others.
    package func check(_ source: FeedbackSource) throws(SwitchboardError) {
        guard source == .analyst, !isAdmin, roles.isDisjoint(with: [.review, .worker]) else { return }
        throw denied(
            "may not speak as an analyst, which takes the role review or admin; the sources caller and agent are accepted"
        )
    }

    // MARK: What is in the log

    /// Whether the key may be told of an operation: one that touched what is closed to it says nothing.
    package func mayKnow(of verticals: some Sequence<Vertical>) -> Bool {
        guard let open = self.verticals else { return true }
        var touched = Set<Vertical>()
        for vertical in verticals { touched.insert(vertical) }
        return !touched.isEmpty && touched.isSubset(of: open)
    }

    /// - Throws: `.permissionDenied` for an operation whose undoing is an admin's, or that touched another vertical.
    package func check(
        undoing kinds: some Sequence<RecordKind>,
        in verticals: some Sequence<Vertical>,
    ) throws(SwitchboardError) {
        guard !isAdmin else { return }
        guard kinds.allSatisfy(\.isOfContents) else {
            throw denied("may not undo changes of policies, models and keys, which takes the role admin")
        }
        guard mayKnow(of: verticals) else { throw denied("may not undo what was changed in another vertical") }
    }

    private func denied(_ what: String) -> SwitchboardError {
        SwitchboardError(.permissionDenied, "\(words) \(what)")
    }
}

extension LogCommand {
    /// What permissions go by.
    package enum Concern: Sendable, Equatable {
        case vertical(Vertical)
        /// For admins alone.
        case administration
    }

    package var concern: Concern {
        switch self {
        case .upsert(let upsert): .vertical(upsert.vertical)
        case .remove(let remove): .vertical(remove.vertical)
        case .setIntent(let set): .vertical(set.vertical)
        case .rename(let rename): .vertical(rename.vertical)
        case .merge(let merge): .vertical(merge.vertical)
        case .setPolicy, .amendPolicy, .setKey: .administration
        }
    }

    /// Whether it is an act of administration, to be written down.
    package var isAdministrative: Bool { concern == .administration }
}
