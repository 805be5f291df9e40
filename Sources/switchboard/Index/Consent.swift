import ArgumentParser
import Foundation

/// `--dry-run` and `--yes` of a command that changes much: it shows what would change, and asks a person.
struct Consent: ParsableArguments {
    @Flag(name: .customLong("dry-run"), help: "Say what would change, and change nothing.")
    var dryRun = false

    @Flag(help: "Do not ask; for scripts.")
    var yes = false

    func validate() throws {
        guard !(dryRun && yes) else { throw ValidationError("it is either --dry-run or --yes") }
    }

    /// Asks whether to go on with what was shown.
    ///
    /// - Throws: `CommandFailure` where nobody is there to be asked, or the answer is no.
    func ask() throws {
        guard isatty(STDIN_FILENO) == 1 else {
            throw CommandFailure(
                "nothing was changed: there is nobody to ask. Say --yes to do it, or --dry-run to see what would change",
                exitCode: CommandFailure.usage
            )
        }
        Terminal.note("go on? [y/N]")
        let answer = (readLine() ?? "").trimmingCharacters(in: .whitespaces).lowercased()
        guard ["y", "yes"].contains(answer) else { throw CommandFailure("nothing was changed") }
    }
}
