import ArgumentParser
import Core

/// What a key is to be for.
struct KeyRights: ParsableArguments {
    @Option(
        name: .customLong("role"),
        help: "classify, publish, review, worker or admin; may be repeated."
    )
    var roles: [String] = []

    @Option(
        name: .customLong("vertical"),
        help: "Limits the key to this vertical; may be repeated. Not for worker and admin. Default: all."
    )
    var verticals: [String] = []

    /// - Throws: of usage, with what is accepted.
    func checkedRoles() throws(CommandFailure) -> Set<KeyRole> {
        do {
            var checked: Set<KeyRole> = []
            for role in roles { checked.insert(try KeyRole(named: role)) }
            return checked
        } catch {
            throw CommandFailure(error)
        }
    }

    /// - Throws: of usage, with what is accepted.
    func checkedVerticals() throws(CommandFailure) -> Set<Vertical> {
        do {
            var checked: Set<Vertical> = []
            for vertical in verticals { checked.insert(try Vertical(vertical)) }
            return checked
        } catch {
            throw CommandFailure(error)
        }
    }
}
